//! Tables as people have them: CSV files with names, texts, holes, and whatever separates their fields.
//!
//! ```
//! use gradus::prelude::*;
//! # let folder = std::env::temp_dir().join(format!("gradus-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let path = folder.join("flowers.csv");
//! # std::fs::write(&path, "petal;colour;species\n1,4;white;setosa\n4,7;blue;virginica\n1,3;white;setosa\n5,1;blue;virginica\n").unwrap();
//! // petal;colour;species
//! // 1,4;white;setosa
//! // 4,7;blue;virginica ...
//! let flowers = Dataset::csv(&path).read()?;
//! assert_eq!(flowers.feature_names(), ["petal", "colour=blue", "colour=white"]);
//! assert_eq!(flowers.class_names(), ["setosa", "virginica"]);
//! # std::fs::remove_dir_all(folder).unwrap();
//! # Ok::<(), gradus::Error>(())
//! ```
//!
//! What is not said is found out and told; what is not clear is refused, with the line to write. Two readings: the first sees
//! what stands in the columns, the second takes the numbers; so the memory is that of the file and of the numbers.

mod columns;
pub(super) mod fill;
mod layout;
mod profile;
mod text;
mod words;

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Dataset;
use super::names::Info;
use crate::error::{Error, Result};
use columns::{Decider, Target};
use gradus_text::say;
use layout::Told;
use profile::Body;

pub(crate) use columns::Plan;

/// What to do where a value is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The mean of the column. Of the whole file: the test examples count in it.
    Mean,
    /// The median of the column. Of the whole file: the test examples count in it.
    Median,
    /// Leave the row out.
    Drop,
    /// Leave the hole: [`Dataset::prepare`] fills it, with what the training part says alone.
    Keep,
    /// Refuse the file, and tell where: what happens where nothing is said.
    Refuse,
}

/// A column: its name, or its position from 0; -1 is the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The name in the first line.
    Name(String),
    /// The position; negative ones count from the end.
    Position(i64),
}

impl From<&str> for Place {
    fn from(name: &str) -> Place {
        Place::Name(name.to_owned())
    }
}

impl From<String> for Place {
    fn from(name: String) -> Place {
        Place::Name(name)
    }
}

impl From<&String> for Place {
    fn from(name: &String) -> Place {
        Place::Name(name.clone())
    }
}

impl From<i32> for Place {
    fn from(position: i32) -> Place {
        Place::Position(position.into())
    }
}

impl From<usize> for Place {
    fn from(position: usize) -> Place {
        Place::Position(i64::try_from(position).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Name(name) => write!(f, "{name:?}"),
            Place::Position(at) => write!(f, "{at}"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    Classes,
    Regression,
}

/// A table to read: made by [`Dataset::csv`], read by [`Table::read`]. What the methods in between do not say is found out.
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    told: Told,
    targets: Vec<Place>,
    features: Option<Vec<Place>>,
    skip: Vec<Place>,
    text: Vec<Place>,
    group: Option<Place>,
    sort: Option<Place>,
    wish: Option<Wish>,
    classes: Option<Vec<String>>,
    missing: Option<Missing>,
    like: Option<Arc<Plan>>,
    quiet: bool,
    mistake: Option<String>,
}

impl Dataset {
    /// A table in a text file, to be read by [`Table::read`]: `Dataset::csv("iris.csv").target("species").read()?`.
    pub fn csv(path: impl AsRef<Path>) -> Table {
        Table {
            path: path.as_ref().to_owned(),
            told: Told::default(),
            targets: Vec::new(),
            features: None,
            skip: Vec::new(),
            text: Vec::new(),
            group: None,
            sort: None,
            wish: None,
            classes: None,
            missing: None,
            like: None,
            quiet: false,
            mistake: None,
        }
    }
}

fn all(places: impl IntoIterator<Item = impl Into<Place>>) -> Vec<Place> {
    places.into_iter().map(Into::into).collect()
}

impl Table {
    /// The column to predict, by name or position. Texts and few whole numbers are classes, other numbers values.
    pub fn target(mut self, column: impl Into<Place>) -> Table {
        self.targets = vec![column.into()];
        self
    }

    /// Several columns of numbers to predict at once.
    pub fn targets(mut self, columns: impl IntoIterator<Item = impl Into<Place>>) -> Table {
        self.targets = all(columns);
        self
    }

    /// Only these columns are features.
    pub fn features(mut self, columns: impl IntoIterator<Item = impl Into<Place>>) -> Table {
        self.features = Some(all(columns));
        self
    }

    /// These columns are no features.
    pub fn skip(mut self, columns: impl IntoIterator<Item = impl Into<Place>>) -> Table {
        self.skip = all(columns);
        self
    }

    /// These columns are texts, whatever stands in them: codes, numbers that only name something.
    pub fn text(mut self, columns: impl IntoIterator<Item = impl Into<Place>>) -> Table {
        self.text = all(columns);
        self
    }

    /// The target is a number to predict, not a class.
    pub fn regression(mut self) -> Table {
        self.wish = Some(Wish::Regression);
        self
    }

    /// The target is a class, even where it is a number with many values.
    pub fn classification(mut self) -> Table {
        self.wish = Some(Wish::Classes);
        self
    }

    /// The classes in order, also those that do not occur in this file.
    pub fn classes(mut self, names: impl IntoIterator<Item = impl ToString>) -> Table {
        self.classes = Some(names.into_iter().map(|name| name.to_string()).collect());
        self.classification()
    }

    /// What separates the fields: `','`, `';'`, `'\t'`, `'|'`; `' '` stands for any number of spaces.
    pub fn separator(mut self, separator: char) -> Table {
        self.told.separator = self.byte("separator", separator);
        self
    }

    /// Numbers are written with a decimal comma: `3,14`.
    pub fn decimal_comma(mut self) -> Table {
        self.told.decimal_comma = true;
        self
    }

    /// Digits are grouped: with `','` `1,234.5` is 1234.5, with `'.'` and a decimal comma `1.234,5` is; `' '` stands for any
    /// single space.
    pub fn thousands(mut self, mark: char) -> Table {
        self.told.thousands = self.byte("thousands", mark);
        self.told.decimal_comma |= mark == '.';
        self
    }

    /// Whether the first line holds the names of the columns.
    pub fn header(mut self, names: bool) -> Table {
        self.told.header = Some(names);
        self
    }

    /// Begin behind so many lines: titles above the table.
    pub fn skip_lines(mut self, lines: usize) -> Table {
        self.told.skip_lines = lines;
        self
    }

    /// Further words that say that a value is missing. An empty field, `NA`, `N/A`, `NaN`, `null`, `None`, `?` and `-` do.
    pub fn missing_words(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Table {
        self.told.missing_words = words.into_iter().map(Into::into).collect();
        self
    }

    /// What to do where a value is missing.
    pub fn missing(mut self, rule: Missing) -> Table {
        self.missing = Some(rule);
        self
    }

    /// The column that says which examples belong together, such as those of one patient: no feature, but
    /// [`Dataset::split_by_group`] keeps them on one side.
    pub fn group(mut self, column: impl Into<Place>) -> Table {
        self.group = Some(column.into());
        self
    }

    /// Sort the examples by this column, a number or a date such as `2026-11-25`: no feature, but
    /// [`Dataset::split_in_order`] then divides past and future.
    pub fn sort_by(mut self, column: impl Into<Place>) -> Table {
        self.sort = Some(column.into());
        self
    }

    /// Read the same columns in the same way as those of `train`, which another table was read to: the same classes, the same
    /// one-hot columns, the same values for holes.
    pub fn like(mut self, train: &Dataset) -> Table {
        self.like = train.plan();
        if self.like.is_none() {
            let text = say(
                "`.like(&train)` necesita datos leídos con `Dataset::csv`",
                "`.like(&train)` needs data that `Dataset::csv` read",
            );
            self.mistake = Some(text.to_owned());
        }
        self
    }

    /// Do not tell what was found.
    pub fn quiet(mut self) -> Table {
        self.quiet = true;
        self
    }

    fn byte(&mut self, what: &str, mark: char) -> Option<u8> {
        if mark.is_ascii() && !mark.is_ascii_alphanumeric() && !"\"\n\r.-+".contains(mark)
            || (what == "thousands" && mark == '.')
        {
            return Some(mark as u8);
        }
        self.mistake = Some(say(
            format!("`.{what}({mark:?})` no es posible; prueba ',', ';' o '\\t'"),
            format!("`.{what}({mark:?})` is not possible; try ',', ';' or '\\t'"),
        ));
        None
    }

    /// Read the table, and tell what was found.
    ///
    /// # Errors
    /// When the file cannot be read, a row is longer or shorter than the others, a column that was named is not there, or
    /// something is not clear: the error then has the line to write.
    pub fn read(&self) -> Result<Dataset> {
        let (data, report) = self.read_with_report()?;
        if !self.quiet {
            // A closed pipe is no reason to end a student's program.
            let _ = writeln!(std::io::stdout(), "{report}");
        }
        Ok(data)
    }

    fn read_with_report(&self) -> Result<(Dataset, String)> {
        if let Some(mistake) = &self.mistake {
            return Err(Error::misuse(mistake.clone()));
        }
        let path = &*self.path;
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        let (text, encoding) = text::decode(path, &bytes)?;
        let mut told = self.told.clone();
        let mut text: &str = &text;
        // What Excel writes above a table to tell the separator.
        if let Some(rest) = text.strip_prefix("sep=")
            && let Some(mark) = rest.chars().next().filter(char::is_ascii)
        {
            told.separator = told.separator.or(Some(mark as u8));
            told.skip_lines = told.skip_lines.max(1);
        }
        for _ in 0..told.skip_lines {
            text = text.split_once('\n').map_or("", |(_, rest)| rest);
        }
        let layout = layout::find(path, text, &told)?;
        let spaced;
        if layout.separator == b' ' {
            spaced = layout::one_space(text);
            text = &spaced;
        } else if layout::is_loose(text, layout.separator) {
            spaced = layout::tight(text, layout.separator);
            text = &spaced;
        }
        let body = Body::new(path, text, &layout, told.skip_lines as u64);
        let (rows, columns) = body.profile()?;
        let mut decider = Decider {
            table: self,
            body: &body,
            rows: rows.iter().sum(),
            columns: &columns,
            notes: Vec::new(),
        };
        if decider.rows == 0 {
            return Err(Error::damaged(
                path,
                ("no tiene ningún ejemplo", "it has no example"),
            ));
        }
        let mut plan = match &self.like {
            Some(plan) => decider.like(plan)?,
            None => decider.plan()?,
        };
        let aside: Vec<Place> = self.group.iter().chain(&self.sort).cloned().collect();
        let aside = decider.places(&aside)?;
        let notes = std::mem::take(&mut decider.notes);
        let mut filled = fill::fill(&body, &mut plan, &aside, &rows)?;
        let width = columns.len();
        let first = words::first_line(path, &layout, encoding, rows.iter().sum(), width);
        let (features, targets) = (
            std::mem::take(&mut filled.features),
            std::mem::take(&mut filled.targets),
        );
        let shape: usize = plan.features.iter().map(columns::Feature::width).sum();
        let data = match &plan.target {
            Target::Classes { classes, .. } => {
                let labels: Vec<usize> = targets.iter().map(|&class| class as usize).collect();
                let targets = crate::data::Targets::Classes {
                    labels,
                    classes: classes.len(),
                };
                let n = filled.kept;
                Dataset::with_holes(features, shape, targets, n)?
            }
            Target::Values { places, .. } => {
                let targets = crate::data::Targets::Values {
                    values: targets,
                    dim: places.len(),
                };
                Dataset::with_holes(features, shape, targets, filled.kept)?
            }
        };
        let report = words::report(first, &plan, &data, &notes, &filled);
        let names = plan
            .features
            .iter()
            .flat_map(columns::Feature::names)
            .collect();
        let (classes, targets) = match &plan.target {
            Target::Classes { name, classes, .. } => (classes.clone(), vec![name.clone()]),
            Target::Values { names, .. } => (Vec::new(), names.clone()),
        };
        let stem = path
            .file_stem()
            .map_or("data".into(), |stem| stem.to_string_lossy().into_owned());
        let mut data = data.named(stem).with_info(Info {
            features: names,
            classes,
            targets,
            plan: Some(Arc::new(plan)),
            report: report.clone(),
        });
        let mut aside = std::mem::take(&mut filled.aside).into_iter();
        if self.group.is_some() {
            data = data.with_groups(aside.next().unwrap_or_default())?;
        }
        if let (Some(keys), Some(column)) = (aside.next(), &self.sort) {
            data = data.select(&order(path, column, &keys)?)?;
        }
        Ok((data, report))
    }
}

/// The rows in the order of their keys: numbers, or dates that begin with the year.
fn order(path: &Path, column: &Place, keys: &[String]) -> Result<Vec<usize>> {
    let numbers: Option<Vec<f64>> = keys
        .iter()
        .map(|key| key.parse().ok().filter(|x: &f64| x.is_finite()))
        .collect();
    let mut rows: Vec<usize> = (0..keys.len()).collect();
    if let Some(numbers) = numbers {
        rows.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
        return Ok(rows);
    }
    let is_date = |key: &String| {
        let b = key.as_bytes();
        b.len() >= 10 && b[..4].iter().all(u8::is_ascii_digit) && b[4] == b'-' && b[7] == b'-'
    };
    if let Some(other) = keys.iter().find(|key| !is_date(key)) {
        return Err(Error::damaged(
            path,
            (
                format!(
                    "{column} no se puede ordenar: {other:?} no es un número ni una fecha como 2026-11-25"
                ),
                format!(
                    "{column} cannot be put in order: {other:?} is neither a number nor a date such as 2026-11-25"
                ),
            ),
        ));
    }
    rows.sort_by(|&a, &b| keys[a].cmp(&keys[b]));
    Ok(rows)
}
