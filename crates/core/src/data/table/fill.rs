//! The second reading of a table: its numbers, as the plan says.

use std::collections::{BTreeMap, HashMap};

use super::Missing;
use super::columns::{Kind, Plan, Target, yes_or_no};
use super::layout::is_missing;
use super::profile::{Body, Row, Texts};
use crate::error::{Error, Result};
use crate::kernels::{team, with_room};

/// The numbers of a table.
pub(super) struct Filled {
    /// Example after example.
    pub(super) features: Vec<f32>,
    /// The class or the target values of each example.
    pub(super) targets: Vec<f32>,
    /// What stands in the columns that are kept aside, for each example.
    pub(super) aside: Vec<Vec<String>>,
    /// How many examples there are, and how many rows were left out.
    pub(super) kept: usize,
    pub(super) dropped: usize,
    /// Values of one-hot columns that the plan does not know, and how often they came.
    pub(super) unknown: BTreeMap<String, usize>,
}

struct Part<'a> {
    features: &'a mut [f32],
    targets: &'a mut [f32],
    aside: Vec<Vec<String>>,
    unknown: BTreeMap<String, usize>,
    result: Result<()>,
}

/// Read the rows; `rows` says how many each part has.
pub(super) fn fill(
    body: &Body,
    plan: &mut Plan,
    aside: &[usize],
    rows: &[usize],
) -> Result<Filled> {
    let width: usize = plan
        .features
        .iter()
        .map(super::columns::Feature::width)
        .sum();
    let dim = plan.target.places().len();
    let all: usize = rows.iter().sum();
    let (mut features, mut targets) = (with_room(all * width), with_room(all * dim));
    features.resize(all * width, 0.0);
    targets.resize(all * dim, 0.0);
    let mut parts = Vec::new();
    let (mut x, mut y) = (&mut features[..], &mut targets[..]);
    for &rows in rows {
        let (part_x, rest_x) = x.split_at_mut(rows * width);
        let (part_y, rest_y) = y.split_at_mut(rows * dim);
        (x, y) = (rest_x, rest_y);
        parts.push(Part {
            features: part_x,
            targets: part_y,
            aside: vec![Vec::new(); aside.len()],
            unknown: BTreeMap::new(),
            result: Ok(()),
        });
    }
    let reader = RowReader::new(body, plan);
    team::for_each(&mut parts, |i, part| {
        let Part {
            features,
            targets,
            aside: kept,
            unknown,
            result,
        } = part;
        let mut x = features.chunks_exact_mut(width);
        let mut y = targets.chunks_exact_mut(dim);
        *result = body.rows(i, |line, row| {
            let (Some(x), Some(y)) = (x.next(), y.next()) else {
                return Ok(());
            };
            for (&place, kept) in aside.iter().zip(kept.iter_mut()) {
                kept.push(String::from_utf8_lossy(row.get(place)).into_owned());
            }
            reader.row(|| body.line(i, line), row, x, y, unknown)
        });
    });
    let mut out_aside = vec![Vec::new(); aside.len()];
    let mut unknown = BTreeMap::new();
    for part in parts {
        part.result?;
        for (all, more) in out_aside.iter_mut().zip(part.aside) {
            all.extend(more);
        }
        for (value, count) in part.unknown {
            *unknown.entry(value).or_insert(0) += count;
        }
    }
    let mut filled = Filled {
        features,
        targets,
        aside: out_aside,
        kept: all,
        dropped: 0,
        unknown,
    };
    filled.drop_rows(plan, width, dim);
    filled.fill_holes(plan, width);
    if filled.targets.is_empty() {
        return Err(Error::damaged(
            body.path,
            (
                "no queda ningún ejemplo sin valores que falten",
                "no example is left without missing values",
            ),
        ));
    }
    Ok(filled)
}

impl Filled {
    /// Leave out rows without a target and, if the plan says so, rows with a hole.
    fn drop_rows(&mut self, plan: &Plan, width: usize, dim: usize) {
        let all = self.targets.len() / dim;
        let holes = plan.missing == Missing::Drop;
        let mut to = 0;
        for row in 0..all {
            let y = row * dim..(row + 1) * dim;
            let x = row * width..(row + 1) * width;
            let hole = self.targets[y.clone()].iter().any(|y| y.is_nan())
                || (holes && self.features[x.clone()].iter().any(|x| x.is_nan()));
            if hole {
                continue;
            }
            if to != row {
                self.targets.copy_within(y, to * dim);
                self.features.copy_within(x, to * width);
                for column in &mut self.aside {
                    column.swap(to, row);
                }
            }
            to += 1;
        }
        (self.kept, self.dropped) = (to, all - to);
        self.targets.truncate(to * dim);
        self.features.truncate(to * width);
        for column in &mut self.aside {
            column.truncate(to);
        }
    }

    /// Put what the plan says, or what it is measured to be, in the place of missing numbers.
    fn fill_holes(&mut self, plan: &mut Plan, width: usize) {
        let mut at = 0;
        for feature in &mut plan.features {
            let column = || self.features.iter().skip(at).step_by(width).copied();
            let measured = match plan.missing {
                Missing::Mean => mean(column()),
                Missing::Median => median(column()),
                _ => None,
            };
            if feature.width() == 1 && !matches!(feature.kind, Kind::OneHot(_)) {
                feature.fill = feature.fill.or(measured);
                if let Some(fill) = feature.fill {
                    let column = self.features.iter_mut().skip(at).step_by(width);
                    column.filter(|x| x.is_nan()).for_each(|x| *x = fill);
                }
            }
            at += feature.width();
        }
    }
}

/// The mean of what is there.
pub(crate) fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (mut sum, mut n) = (0.0_f64, 0_usize);
    for value in values.filter(|value| !value.is_nan()) {
        sum += f64::from(value);
        n += 1;
    }
    (n > 0).then(|| (sum / n as f64) as f32)
}

/// The median of what is there: of an even number of values the mean of the two in the middle.
pub(crate) fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.filter(|value| !value.is_nan()).collect();
    if values.is_empty() {
        return None;
    }
    let half = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, middle, _) = values.select_nth_unstable_by(half, f32::total_cmp);
    let middle = f64::from(*middle);
    let below = below
        .iter()
        .copied()
        .max_by(f32::total_cmp)
        .filter(|_| even);
    Some(below.map_or(middle, |below| (f64::from(below) + middle) / 2.0) as f32)
}

/// Reads rows as a plan says.
struct RowReader<'a> {
    body: &'a Body<'a>,
    plan: &'a Plan,
    /// For each one-hot feature, where its levels are.
    levels: Vec<Texts<&'a [u8]>>,
    classes: Texts<&'a [u8]>,
    /// The classes that are numbers, by their value: `1.0` is the class `1`.
    numbers: HashMap<u64, usize>,
}

impl<'a> RowReader<'a> {
    fn new(body: &'a Body<'a>, plan: &'a Plan) -> RowReader<'a> {
        let places = |names: &'a [String]| {
            names
                .iter()
                .enumerate()
                .map(|(i, name)| (name.as_bytes(), i))
                .collect()
        };
        let levels = plan.features.iter().map(|feature| match &feature.kind {
            Kind::OneHot(levels) => places(levels),
            _ => Texts::default(),
        });
        let names: &[String] = match &plan.target {
            Target::Classes { classes, .. } => classes,
            Target::Values { .. } => &[],
        };
        let value = |name: &String| body.layout.numbers.read(name.as_bytes());
        let numbers = names
            .iter()
            .enumerate()
            .filter_map(|(i, name)| Some((value(name)?.to_bits(), i)));
        RowReader {
            body,
            plan,
            levels: levels.collect(),
            classes: places(names),
            numbers: numbers.collect(),
        }
    }

    fn row(
        &self,
        line: impl Fn() -> u64,
        row: &Row,
        mut x: &mut [f32],
        y: &mut [f32],
        unknown: &mut BTreeMap<String, usize>,
    ) -> Result<()> {
        let layout = self.body.layout;
        let field = |place: usize| row.get(place);
        let not_number = |place: usize, name: &str| {
            let (line, text) = (line(), String::from_utf8_lossy(field(place)).into_owned());
            Error::damaged(
                self.body.path,
                (
                    format!("línea {line}: {text:?} en «{name}» no es un número"),
                    format!("line {line}: {text:?} in `{name}` is not a number"),
                ),
            )
        };
        for (feature, levels) in self.plan.features.iter().zip(&self.levels) {
            let (own, rest) = x.split_at_mut(feature.width());
            x = rest;
            let text = field(feature.place);
            let missing = is_missing(text, &layout.missing_words);
            match &feature.kind {
                Kind::OneHot(_) => {
                    let text = if missing { &[][..] } else { text };
                    match levels.get(text) {
                        Some(&level) => own[level] = 1.0,
                        None if missing && self.plan.missing == Missing::Drop => own[0] = f32::NAN,
                        None => {
                            let text = String::from_utf8_lossy(text);
                            let value = format!("{}={text}", feature.name);
                            *unknown.entry(value).or_insert(0) += 1;
                        }
                    }
                }
                _ if missing => own[0] = f32::NAN,
                Kind::YesNo => match std::str::from_utf8(text).ok().and_then(yes_or_no) {
                    Some(yes) => own[0] = f32::from(u8::from(yes)),
                    None => return Err(not_number(feature.place, &feature.name)),
                },
                Kind::Number => match layout.numbers.read(text) {
                    Some(number) if number.abs() <= f64::from(f32::MAX) => own[0] = number as f32,
                    _ => return Err(not_number(feature.place, &feature.name)),
                },
            }
        }
        match &self.plan.target {
            Target::Values { names, places } => {
                for ((y, &place), name) in y.iter_mut().zip(places).zip(names) {
                    let text = field(place);
                    *y = match layout.numbers.read(text) {
                        _ if is_missing(text, &layout.missing_words) => f32::NAN,
                        Some(number) if number.abs() <= f64::from(f32::MAX) => number as f32,
                        _ => return Err(not_number(place, name)),
                    };
                }
            }
            Target::Classes { place, name, .. } => {
                let text = field(*place);
                let by_name = self.classes.get(text);
                let by_value = || self.numbers.get(&layout.numbers.read(text)?.to_bits());
                y[0] = match by_name.or_else(by_value) {
                    _ if is_missing(text, &layout.missing_words) => f32::NAN,
                    Some(&class) => class as f32,
                    None => {
                        let (line, text) = (line(), String::from_utf8_lossy(text));
                        let known: Vec<&str> = self
                            .plan
                            .classes()
                            .iter()
                            .take(20)
                            .map(String::as_str)
                            .collect();
                        let known = known.join(", ");
                        return Err(Error::damaged(
                            self.body.path,
                            (
                                format!(
                                    "línea {line}: la clase {text:?} de «{name}» no es ninguna de {known}"
                                ),
                                format!(
                                    "line {line}: class {text:?} of `{name}` is none of {known}"
                                ),
                            ),
                        ));
                    }
                };
            }
        }
        Ok(())
    }
}
