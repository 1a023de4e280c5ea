//! Data sets in plain CSV files: one example per row, numbers only, the class or the target values last. What these files do
//! not say, [`Dataset::csv`] finds out.

use std::path::Path;

use super::{Dataset, Targets};
use crate::error::{Error, Result};

/// The names under which [`Dataset::to_csv`] writes several target values.
const TARGET: &str = "target_";

impl Dataset {
    /// Read a CSV file with features first and the class, a whole number from 0, last. A first row of names is skipped.
    /// For other tables there is [`Dataset::csv`].
    ///
    /// # Errors
    /// When the file cannot be read, a row is shorter or longer than the first, a field is no number, a class is not a
    /// whole number from 0, no example is of class 0, or a column looks like row numbers: with the line.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Dataset> {
        let path = path.as_ref();
        let table = read(path)?;
        let more = &table.names;
        if more.iter().filter(|name| name.starts_with(TARGET)).count() > 1 {
            return Err(Error::damaged(
                path,
                (
                    "tiene varios valores objetivo; escribe `Dataset::regression_from_csv(…)?`",
                    "it has several target values; write `Dataset::regression_from_csv(…)?`",
                ),
            ));
        }
        let (features, width, last) = table.cut(1);
        let labels = last
            .iter()
            .enumerate()
            .map(|(row, &value)| {
                if value >= 0.0 && value.fract() == 0.0 && value < 1e6 {
                    Ok(value as usize)
                } else {
                    Err(Error::damaged(
                        path,
                        (
                            format!(
                                "ejemplo {row}: la clase {value} no es un número entero desde 0; escribe `Dataset::csv(…).read()?`, \
                                 que lee cualquier clase, o `Dataset::regression_from_csv(…)?`"
                            ),
                            format!(
                                "example {row}: the class {value} is not a whole number from 0; write `Dataset::csv(…).read()?`, \
                                 which reads any class, or `Dataset::regression_from_csv(…)?`"
                            ),
                        ),
                    ))
                }
            })
            .collect::<Result<Vec<_>>>()?;
        if !labels.contains(&0) {
            return Err(Error::damaged(
                path,
                (
                    format!(
                        "ningún ejemplo es de la clase 0; si las clases empiezan en 1, escribe `Dataset::csv(…).target({width})\
                         .classification().read()?`"
                    ),
                    format!(
                        "no example is of class 0; if the classes begin with 1, write `Dataset::csv(…).target({width})\
                         .classification().read()?`"
                    ),
                ),
            ));
        }
        let classes = labels.iter().max().map_or(0, |largest| largest + 1);
        Ok(Dataset::classification(features, width, labels, classes)?.named(stem(path)))
    }

    /// Read a CSV file with features first and the target value last; several of them if [`Dataset::to_csv`] wrote them. A
    /// first row of names is skipped.
    ///
    /// # Errors
    /// As [`Dataset::from_csv`], but for the classes.
    pub fn regression_from_csv(path: impl AsRef<Path>) -> Result<Dataset> {
        let path = path.as_ref();
        let table = read(path)?;
        let names = table.names.iter().rev();
        let dim = names.take_while(|name| name.starts_with(TARGET)).count();
        let dim = dim.clamp(1, table.width - 1);
        let (features, width, last) = table.cut(dim);
        Ok(Dataset::regression(features, width, last, dim)?.named(stem(path)))
    }

    /// Write the data as CSV: a line of names, then the features and the class or the target values of each example.
    /// [`Dataset::from_csv`] and [`Dataset::regression_from_csv`] read numbers back; names of classes, and holes,
    /// [`Dataset::csv`] does.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn to_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |fields: &[String]| {
            writer
                .write_record(fields)
                .map_err(|error| csv_error(path, error))
        };
        let width = self.shape().features();
        let mut names: Vec<String> = (0..width).map(|j| self.feature_name(j)).collect();
        match (&self.targets, self.target_names()) {
            (Targets::Classes { .. }, [name]) => names.push(name.clone()),
            (Targets::Classes { .. }, _) => names.push("class".to_owned()),
            (Targets::Values { dim: 1, .. }, [name]) => names.push(name.clone()),
            (Targets::Values { dim: 1, .. }, _) => names.push("target".to_owned()),
            (Targets::Values { dim, .. }, _) => {
                names.extend((0..*dim).map(|j| format!("{TARGET}{j}")))
            }
        }
        write(&names)?;
        for (i, row) in self.features().chunks_exact(width).enumerate() {
            let mut fields: Vec<String> = row.iter().map(f32::to_string).collect();
            match &self.targets {
                Targets::Classes { labels, .. } => fields.push(self.class_name(labels[i])),
                Targets::Values { values, dim } => {
                    fields.extend(values[i * dim..(i + 1) * dim].iter().map(f32::to_string));
                }
            }
            write(&fields)?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| Error::io(path, error.into_error()))?;
        crate::files::write(path, &bytes)
    }
}

/// The numbers of a file, row after row.
struct Numbers {
    names: Vec<String>,
    width: usize,
    values: Vec<f32>,
}

impl Numbers {
    /// The features, how many there are, and the last `dim` numbers of each row.
    fn cut(&self, dim: usize) -> (Vec<f32>, usize, Vec<f32>) {
        let width = self.width - dim;
        let rows = self.values.chunks_exact(self.width);
        let features = rows
            .clone()
            .flat_map(|row| &row[..width])
            .copied()
            .collect();
        (
            features,
            width,
            rows.flat_map(|row| &row[width..]).copied().collect(),
        )
    }
}

fn read(path: &Path) -> Result<Numbers> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|error| csv_error(path, error))?;
    let mut table = Numbers {
        names: Vec::new(),
        width: 0,
        values: Vec::new(),
    };
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|error| csv_error(path, error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |spanish: String, english: String| {
            Error::damaged(
                path,
                (
                    format!(
                        "línea {line}: {spanish}; `Dataset::csv(…).read()?` lee más clases de tablas"
                    ),
                    format!(
                        "line {line}: {english}; `Dataset::csv(…).read()?` reads more kinds of tables"
                    ),
                ),
            )
        };
        if record.len() < 2 {
            let field = record.get(0).unwrap_or_default();
            return Err(
                match field.find([';', '\t', '|']).map(|at| field.as_bytes()[at]) {
                    Some(b';') => wrong(
                        "los campos están separados por punto y coma".into(),
                        "the fields are separated by semicolons".into(),
                    ),
                    Some(b'\t') => wrong(
                        "los campos están separados por tabuladores".into(),
                        "the fields are separated by tabs".into(),
                    ),
                    Some(_) => wrong(
                        "los campos están separados por «|»".into(),
                        "the fields are separated by “|”".into(),
                    ),
                    None => wrong(
                        format!(
                            "una fila necesita una característica y un objetivo, y tiene {}",
                            record.len()
                        ),
                        format!("a row needs a feature and a target, got {}", record.len()),
                    ),
                },
            );
        }
        let is_text = |field: &str| field.parse::<f32>().is_err();
        let has_names =
            record.iter().all(is_text) || record.iter().next_back().is_some_and(is_text);
        if i == 0 && has_names {
            table.names = record.iter().map(str::to_owned).collect();
            continue;
        }
        table.width = record.len();
        for field in &record {
            let number = field
                .parse::<f32>()
                .ok()
                .filter(|number| number.is_finite());
            table.values.push(number.ok_or_else(|| {
                wrong(
                    format!("{field:?} no es un número"),
                    format!("{field:?} is not a number"),
                )
            })?);
        }
    }
    if table.values.is_empty() {
        return Err(Error::damaged(
            path,
            ("no tiene ningún ejemplo", "it has no example"),
        ));
    }
    table.check_columns(path)?;
    Ok(table)
}

impl Numbers {
    /// Refuse a column that is no feature: the class in another place than the last, the numbers of the rows.
    fn check_columns(&self, path: &Path) -> Result<()> {
        let lower: Vec<String> = self.names.iter().map(|name| name.to_lowercase()).collect();
        let is_target = |name: &str| {
            matches!(
                name,
                "class" | "label" | "labels" | "target" | "species" | "clase" | "etiqueta"
            )
        };
        let elsewhere = lower.iter().position(|name| is_target(name));
        if let (Some(at), false) = (elsewhere, lower.last().is_some_and(|name| is_target(name))) {
            let name = &self.names[at];
            return Err(Error::damaged(
                path,
                (
                    format!(
                        "la columna {name:?} parece el objetivo y no es la última; escribe `Dataset::csv(…).target({name:?}).read()?`"
                    ),
                    format!(
                        "the column {name:?} looks like the target and is not the last; write `Dataset::csv(…).target({name:?}).read()?`"
                    ),
                ),
            ));
        }
        let column = |j: usize| self.values.iter().skip(j).step_by(self.width);
        let rows = self.values.len() / self.width;
        for j in 0..self.width - 1 {
            let name = lower.get(j).map_or("", String::as_str);
            let named = !lower.is_empty()
                && matches!(name, "" | "id" | "index" | "row" | "unnamed: 0" | "rowid");
            let from = *column(j).next().unwrap_or(&f32::NAN);
            let counts = (from == 0.0 || from == 1.0)
                && column(j).enumerate().all(|(i, &x)| x == from + i as f32);
            if counts && (named || rows >= 10) {
                let name = self.names.get(j).filter(|name| !name.is_empty());
                let name = name.map_or(j.to_string(), |name| format!("{name:?}"));
                return Err(Error::damaged(
                    path,
                    (
                        format!(
                            "la columna {name} cuenta las filas; escribe `Dataset::csv(…).skip([{name}]).read()?`"
                        ),
                        format!(
                            "column {name} counts the rows; write `Dataset::csv(…).skip([{name}]).read()?`"
                        ),
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn csv_error(path: &Path, error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Error::io(path, error),
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = pos.map_or(0, |pos| pos.line());
            let reason = (
                format!("línea {line}: se esperaban {expected_len} campos y hay {len}"),
                format!("line {line}: expected {expected_len} fields, got {len}"),
            );
            Error::damaged(path, reason)
        }
        csv::ErrorKind::Utf8 { .. } => Error::damaged(path, ("no es texto", "it is not text")),
        _ => Error::damaged(path, ("no es CSV", "it is not CSV")),
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or("data".to_owned(), |stem| {
        stem.to_string_lossy().into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("moons.csv");
        let moons = Dataset::moons(20, 0.1, 4).unwrap();
        moons.to_csv(&path).unwrap();
        assert_eq!(Dataset::from_csv(&path).unwrap(), moons);
        let line = Dataset::linear(10, 1.0, 0.5, 0.1, 4).unwrap();
        let path = folder.path().join("linear.csv");
        line.to_csv(&path).unwrap();
        assert_eq!(Dataset::regression_from_csv(&path).unwrap(), line);
        let two = Dataset::regression(vec![1.5, 2.0, 3.0, 4.0], 2, vec![0.1, 0.2, 0.3, 0.4], 2);
        let two = two.unwrap();
        two.to_csv(&path).unwrap();
        assert_eq!(Dataset::regression_from_csv(&path).unwrap(), two);
        assert_eq!(
            Dataset::csv(&path).quiet().regression().read().unwrap(),
            two
        );
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bad.csv");
        for (text, expected) in [
            ("a,b,c\n1,2,0\n3,x,1\n", "line 3: \"x\" is not a number"),
            ("1,2,0\n3,1\n", "line 2: expected 3 fields, got 2"),
            (
                "1,2,0.5\n",
                "example 0: the class 0.5 is not a whole number from 0",
            ),
            ("1,2,-1\n", "the class -1 is not a whole number"),
            ("1\n", "line 1: a row needs a feature and a target, got 1"),
            ("", "it has no example"),
            ("x,y\n", "it has no example"),
            ("1,NaN,0\n", "line 1: \"NaN\" is not a number"),
            ("1,2,1\n3,4,3\n", "no example is of class 0"),
            ("label,p0,p1\n5,0,1\n0,2,3\n", ".target(\"label\")"),
            (",a,class\n0,2,0\n1,2,1\n", ".skip([0])"),
            ("a,b,species\n1,2,setosa\n", "\"setosa\" is not a number"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Dataset::from_csv(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
        std::fs::write(&path, [0xff, 0xfe, b',', b'1', b'\n']).unwrap();
        assert!(Dataset::from_csv(&path).is_err());
        assert!(Dataset::from_csv(folder.path().join("none.csv")).is_err());
    }
}
