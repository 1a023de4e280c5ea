//! Data sets: examples with their labels or target values.
//!
//! [`Dataset::digits`] is inside the library and works offline on a fresh machine. [`Dataset::mnist`] and
//! [`Dataset::fashion_mnist`] are read from gzip IDX files found on disk (see [`folders`]).
//!
//! One's own: [`Dataset::csv`] reads tables, [`Dataset::images`] pictures in a folder for each class, [`Dataset::npy`] and
//! [`Dataset::npz`] arrays. [`Dataset::describe`] is the first look at any of them, [`Dataset::prepare`] makes them ready.

mod arrays;
mod cifar;
mod csv_file;
pub(crate) mod describe;
mod digits;
mod idx;
mod images;
mod names;
mod prepare;
mod split;
mod standardise;
mod synthetic;
mod table;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::kernels::{prefetch, team};
use crate::tensor::{Matrix, matrix};
use gradus_text::{Text, say};

pub use arrays::Array;
pub use describe::Description;
pub use gradus_machine::{DatasetFiles, catalogue, folders};
pub use images::Images;
pub use prepare::Preparation;
pub use standardise::Standardisation;
pub use table::{Missing, Place, Table};

use names::Info;

/// The shape of one example, or of a layer's output, without the batch: `[64]`, or `[height, width, channels]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape(Vec<usize>);

impl Shape {
    /// The sizes of its dimensions.
    pub fn sizes(&self) -> &[usize] {
        &self.0
    }

    /// How many numbers one example has: the product of the sizes.
    pub fn features(&self) -> usize {
        self.0.iter().fold(1, |all, &size| all.saturating_mul(size))
    }

    /// Height, width and channels, when this is the shape of an image.
    pub fn image(&self) -> Option<(usize, usize, usize)> {
        match self.0[..] {
            [height, width, channels] => Some((height, width, channels)),
            _ => None,
        }
    }
}

impl From<usize> for Shape {
    fn from(features: usize) -> Shape {
        Shape(vec![features])
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(sizes: [usize; N]) -> Shape {
        Shape(sizes.to_vec())
    }
}

impl From<&[usize]> for Shape {
    fn from(sizes: &[usize]) -> Shape {
        Shape(sizes.to_vec())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, size) in self.0.iter().enumerate() {
            write!(f, "{}{size}", if i == 0 { "" } else { "x" })?;
        }
        Ok(())
    }
}

/// What a network should answer for each example.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One class per example.
    Classes {
        /// The class of each example, `0..classes`.
        labels: Vec<usize>,
        /// How many classes there are.
        classes: usize,
    },
    /// `dim` numbers per example, row after row.
    Values {
        /// The numbers, shape `(n, dim)`.
        values: Vec<f32>,
        /// How many numbers each example has.
        dim: usize,
    },
}

impl Targets {
    /// Those of the examples in `rows`.
    pub(crate) fn slice(&self, rows: std::ops::Range<usize>) -> Targets {
        match self {
            Targets::Classes { labels, classes } => Targets::Classes {
                labels: labels[rows].to_vec(),
                classes: *classes,
            },
            Targets::Values { values, dim } => Targets::Values {
                values: values[rows.start * dim..rows.end * dim].to_vec(),
                dim: *dim,
            },
        }
    }
}

/// Examples and what a network should answer for them. Cloning is cheap: the features are shared.
#[derive(Clone)]
pub struct Dataset {
    name: String,
    features: Arc<Vec<f32>>,
    shape: Shape,
    targets: Targets,
    info: Arc<Info>,
    groups: Option<Arc<Vec<u32>>>,
    /// What was done to the features.
    prepared: Option<Arc<Preparation>>,
    /// Whether a NaN may stand for a missing feature.
    holes: bool,
}

impl Dataset {
    /// A data set for classification. `features` holds one example after the other, each of `shape`.
    ///
    /// # Errors
    /// When there is no example, the counts do not fit, a label is not below `classes`, or a feature is NaN or infinite.
    pub fn classification(
        features: Vec<f32>,
        shape: impl Into<Shape>,
        labels: Vec<usize>,
        classes: usize,
    ) -> Result<Dataset> {
        if let Some((row, &label)) = labels.iter().enumerate().find(|&(_, &l)| l >= classes) {
            return Err(ErrorKind::Label {
                row,
                label,
                classes,
            }
            .into());
        }
        let n = labels.len();
        let targets = Targets::Classes { labels, classes };
        Dataset::checked(features, shape.into(), targets, n)
    }

    /// A data set for regression: `dim` target values per example, row after row.
    ///
    /// # Errors
    /// When there is no example, the counts do not fit, or a number is NaN or infinite.
    pub fn regression(
        features: Vec<f32>,
        shape: impl Into<Shape>,
        values: Vec<f32>,
        dim: usize,
    ) -> Result<Dataset> {
        if dim == 0 {
            return Err(Error::empty(("un valor objetivo", "a target")));
        }
        if !values.len().is_multiple_of(dim) {
            return Err(Error::shape(
                ("los valores objetivo", "targets"),
                (
                    format!("un múltiplo de {dim} valores"),
                    format!("a multiple of {dim} values"),
                ),
                values.len(),
            ));
        }
        all_finite(("un valor objetivo", "a target"), &values)?;
        let n = values.len() / dim;
        Dataset::checked(features, shape.into(), Targets::Values { values, dim }, n)
    }

    fn checked(features: Vec<f32>, shape: Shape, targets: Targets, n: usize) -> Result<Dataset> {
        let data = Dataset::counted(features, shape, targets, n)?;
        all_finite(("una característica", "a feature"), &data.features)?;
        Ok(data)
    }

    fn counted(features: Vec<f32>, shape: Shape, targets: Targets, n: usize) -> Result<Dataset> {
        if n == 0 {
            return Err(Error::empty(("el conjunto de datos", "the data set")));
        }
        if shape.features() == 0 {
            return Err(Error::empty((
                "la forma de un ejemplo",
                "the shape of an example",
            )));
        }
        if n.checked_mul(shape.features()) != Some(features.len()) {
            return Err(Error::shape(
                ("el conjunto de datos", "data set"),
                (
                    format!("{n} ejemplos de {shape} características"),
                    format!("{n} examples of {shape} features"),
                ),
                say(
                    format!("{} números", features.len()),
                    format!("{} numbers", features.len()),
                ),
            ));
        }
        Ok(Dataset {
            name: "data".to_owned(),
            features: Arc::new(features),
            shape,
            targets,
            info: Arc::default(),
            groups: None,
            prepared: None,
            holes: false,
        })
    }

    /// The same data under a name to show.
    pub fn named(mut self, name: impl Into<Text>) -> Dataset {
        self.name = name.into().into_current();
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many examples it has, at least one.
    #[allow(clippy::len_without_is_empty)] // A data set is never empty.
    pub fn len(&self) -> usize {
        self.features.len() / self.shape.features()
    }

    /// The shape of one example.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// All features, example after example.
    pub fn features(&self) -> &[f32] {
        &self.features
    }

    /// The features as a matrix with one example per row.
    pub fn x(&self) -> Matrix {
        matrix(self.features.to_vec(), self.len(), self.shape.features())
            .expect("a data set holds len() rows of features, never none")
    }

    /// The features of example `i`, or `None` past the end.
    pub fn example(&self, i: usize) -> Option<&[f32]> {
        self.features.chunks_exact(self.shape.features()).nth(i)
    }

    /// What a network should answer.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The class of each example; empty for regression.
    pub fn labels(&self) -> &[usize] {
        match &self.targets {
            Targets::Classes { labels, .. } => labels,
            Targets::Values { .. } => &[],
        }
    }

    /// How many classes there are; 0 for regression.
    pub fn classes(&self) -> usize {
        match self.targets {
            Targets::Classes { classes, .. } => classes,
            Targets::Values { .. } => 0,
        }
    }

    /// How many numbers a network must put out: the classes, or the target values per example.
    pub fn outputs(&self) -> usize {
        match self.targets {
            Targets::Classes { classes, .. } => classes,
            Targets::Values { dim, .. } => dim,
        }
    }

    /// The examples at `rows`, in that order.
    ///
    /// # Errors
    /// When `rows` is empty or names an example past the end.
    pub fn select(&self, rows: &[usize]) -> Result<Dataset> {
        if rows.is_empty() {
            return Err(Error::empty(("la selección", "the selection")));
        }
        if let Some(&row) = rows.iter().find(|&&row| row >= self.len()) {
            return Err(Error::range(
                ("la fila", "row"),
                row as f64,
                (
                    format!("menor que {}, el número de ejemplos", self.len()),
                    format!("below {}, the number of examples", self.len()),
                ),
            ));
        }
        let size = self.shape.features();
        let mut features = Vec::with_capacity(rows.len() * size);
        for &row in rows {
            features.extend_from_slice(&self.features[row * size..(row + 1) * size]);
        }
        let targets = match &self.targets {
            Targets::Classes { labels, classes } => Targets::Classes {
                labels: rows.iter().map(|&row| labels[row]).collect(),
                classes: *classes,
            },
            Targets::Values { values, dim } => Targets::Values {
                values: rows
                    .iter()
                    .flat_map(|&row| &values[row * dim..(row + 1) * dim])
                    .copied()
                    .collect(),
                dim: *dim,
            },
        };
        Ok(Dataset {
            name: self.name.clone(),
            features: Arc::new(features),
            shape: self.shape.clone(),
            targets,
            info: self.info.clone(),
            groups: self
                .groups
                .as_ref()
                .map(|groups| Arc::new(rows.iter().map(|&row| groups[row]).collect::<Vec<_>>())),
            prepared: self.prepared.clone(),
            holes: self.holes,
        })
    }

    /// The first `n` examples, or all when there are fewer.
    ///
    /// # Errors
    /// When `n` is 0.
    pub fn take(&self, n: usize) -> Result<Dataset> {
        if n >= self.len() {
            return Ok(self.clone()); // shares the numbers
        }
        self.select(&(0..n).collect::<Vec<_>>())
    }

    /// The targets as a matrix, one example per row: a 1 in the column of the class, or the target values.
    pub fn one_hot(&self) -> Matrix {
        let mut y = vec![0.0; self.len() * self.outputs()];
        match &self.targets {
            Targets::Classes { labels, classes } => {
                for (row, &label) in labels.iter().enumerate() {
                    y[row * classes + label] = 1.0;
                }
            }
            Targets::Values { values, .. } => y.copy_from_slice(values),
        }
        matrix(y, self.len(), self.outputs()).expect("a data set has examples and targets")
    }

    /// The same targets with other features of the same shape.
    pub(crate) fn with_features(&self, features: Vec<f32>) -> Result<Dataset> {
        let data = Dataset::checked(
            features,
            self.shape.clone(),
            self.targets.clone(),
            self.len(),
        )?;
        Ok(Dataset {
            name: self.name.clone(),
            info: self.info.clone(),
            groups: self.groups.clone(),
            ..data
        })
    }

    /// Copy the examples at `rows` into `features`, which has their size, and their targets into `targets`.
    pub(crate) fn gather(&self, rows: &[usize], features: &mut [f32], targets: &mut Targets) {
        let size = self.shape.features();
        // The rows lie all over the memory: waiting for them is what takes the time, so the cores wait at once, and for
        // several rows at once.
        const AHEAD: usize = 2;
        let rows_at_once = rows.len().div_ceil(4).max(1);
        let parts = features.chunks_mut(rows_at_once * size);
        let mut parts: Vec<_> = parts.zip(rows.chunks(rows_at_once)).collect();
        let nanoseconds = rows.len() * (100 + size / 16);
        team::for_each_of(nanoseconds, &mut parts, |_, (features, rows)| {
            let row = |i: usize| &self.features[rows[i] * size..(rows[i] + 1) * size];
            for (i, to) in features.chunks_exact_mut(size).enumerate() {
                if i + AHEAD < rows.len() {
                    prefetch(row(i + AHEAD));
                }
                to.copy_from_slice(row(i));
            }
        });
        match (&self.targets, targets) {
            (Targets::Classes { labels, .. }, Targets::Classes { labels: to, .. }) => {
                to.clear();
                to.extend(rows.iter().map(|&row| labels[row]));
            }
            (Targets::Values { values, dim }, Targets::Values { values: to, .. }) => {
                to.clear();
                for &row in rows {
                    to.extend_from_slice(&values[row * dim..(row + 1) * dim]);
                }
            }
            (own, other) => *other = own.clone(),
        }
    }
}

// The name is for showing: data sets are equal when their numbers are.
impl PartialEq for Dataset {
    fn eq(&self, other: &Dataset) -> bool {
        self.shape == other.shape
            && self.features == other.features
            && self.targets == other.targets
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} {} {}, {}",
            self.name,
            self.len(),
            say("ejemplos de", "examples of"),
            self.shape,
            match &self.targets {
                Targets::Classes { classes, .. } => {
                    let names = match self.class_names() {
                        [] => String::new(),
                        names if names.len() > 12 => format!(" ({}, …)", names[..12].join(", ")),
                        names => format!(" ({})", names.join(", ")),
                    };
                    format!("{classes} {}{names}", say("clases", "classes"))
                }
                Targets::Values { dim, .. } =>
                    format!("{dim} {}", say("valores objetivo", "target values")),
            }
        )
    }
}

fn all_finite(what: impl Into<Text>, values: &[f32]) -> Result<()> {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(&value) => Err(ErrorKind::NotFinite {
            what: what.into().into_current(),
            value: f64::from(value),
        }
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_all_shares_the_numbers() {
        let data = Dataset::regression(vec![1.0, 2.0], 1, vec![0.0; 2], 1).unwrap();
        for n in [2, 3] {
            let all = data.take(n).unwrap();
            assert_eq!(
                (&all, all.features().as_ptr()),
                (&data, data.features().as_ptr())
            );
        }
        assert_eq!(data.take(1).unwrap().features(), [1.0]);
        assert!(data.take(0).is_err());
    }

    #[test]
    fn bad_data_is_refused_with_the_value() {
        let label = Dataset::classification(vec![0.0; 4], 2, vec![0, 3], 3).unwrap_err();
        assert_eq!(
            label.to_string(),
            "example 1 has label 3, but the 3 classes are 0 to 2"
        );
        for (features, labels) in [(vec![], vec![]), (vec![0.0; 3], vec![0, 1])] {
            assert!(Dataset::classification(features, 2, labels, 2).is_err());
        }
        let nan = Dataset::classification(vec![f32::NAN, 0.0], 2, vec![0], 1).unwrap_err();
        assert!(matches!(nan.kind(), ErrorKind::NotFinite { .. }), "{nan}");
        let data = Dataset::classification(vec![0.0; 4], 2, vec![0, 1], 2).unwrap();
        for fraction in [0.0, 1.0, -1.0, f64::NAN, 0.1] {
            assert!(data.split(fraction, 0).is_err(), "{fraction}");
        }
        assert!(data.select(&[2]).is_err() && data.select(&[]).is_err());
    }
}
