//! Arrays in files: NumPy's `.npy` and `.npz`, and safetensors.

mod archive;
mod npy;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::{Dataset, Shape, Targets};
use crate::error::{Error, Result};
use archive::Format;
use gradus_text::say;

/// An array of numbers: its sizes, and the numbers with the last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    values: Vec<f32>,
    kind: Kind,
}

/// What the numbers were in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Float,
    /// Whole numbers: labels of classes.
    Whole,
    /// Whole numbers of one byte: labels, or the brightness of pixels.
    Byte,
}

impl Array {
    /// An array of numbers, the last axis fastest.
    ///
    /// # Errors
    /// When there are more or fewer numbers than the shape says.
    pub fn new(shape: impl Into<Shape>, values: Vec<f32>) -> Result<Array> {
        let shape = shape.into();
        if shape.features() != values.len() {
            return Err(Error::shape(
                ("el array", "array"),
                format!("{shape} = {}", shape.features()),
                values.len(),
            ));
        }
        Ok(Array {
            shape: shape.sizes().to_vec(),
            values,
            kind: Kind::Float,
        })
    }

    /// Its sizes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Its numbers, the last axis fastest.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Read a `.npy` file.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or holds something other than real numbers.
    pub fn read(path: impl AsRef<Path>) -> Result<Array> {
        let path = path.as_ref();
        let open = || {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = open().map_err(|error| Error::io(path, error))?;
        npy::read(path, &mut BufReader::new(file), length, length)
    }

    /// Read all arrays of a `.npz` or `.safetensors` file, by name.
    ///
    /// # Errors
    /// As [`Array::read`].
    pub fn read_all(path: impl AsRef<Path>) -> Result<BTreeMap<String, Array>> {
        archive::read(path.as_ref())
    }

    /// Write a `.npy` file: float32, or int64 and uint8 for an array that was read as whole numbers.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        crate::files::write(path.as_ref(), &npy::file(self))
    }

    /// Write arrays under names into one file, `.npz` or `.safetensors` by its name; the types as [`Array::save`].
    ///
    /// ```
    /// use gradus::prelude::*;
    /// # let path = std::env::temp_dir().join(format!("gradus-doc-{}.npz", std::process::id()));
    /// let (train, test) = Dataset::digits().split(0.8, 0)?;
    /// let ((x_train, y_train), (x_test, y_test)) = (train.arrays(), test.arrays());
    /// let arrays = [("x_train", &x_train), ("y_train", &y_train), ("x_test", &x_test), ("y_test", &y_test)];
    /// Array::save_all(&path, arrays)?;
    /// assert_eq!(Dataset::npz(&path)?, (train, test));
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the name of the file ends in something else, two arrays have one name, or the file cannot be written.
    pub fn save_all<'a>(
        path: impl AsRef<Path>,
        arrays: impl IntoIterator<Item = (impl Into<String>, &'a Array)>,
    ) -> Result<()> {
        let path = path.as_ref();
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let format = match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("npz") => Format::Npz,
            Some("safetensors") => Format::Safetensors,
            _ => {
                return Err(Error::misuse((
                    format!(
                        "{}: el nombre tiene que acabar en .npz o .safetensors",
                        path.display()
                    ),
                    format!(
                        "{}: the name must end in .npz or .safetensors",
                        path.display()
                    ),
                )));
            }
        };
        let mut all = BTreeMap::new();
        for (name, array) in arrays {
            let name = name.into();
            if all.insert(name.clone(), array).is_some() {
                return Err(Error::misuse((
                    format!("dos arrays se llaman {name:?}"),
                    format!("two arrays are called {name:?}"),
                )));
            }
        }
        archive::write(path, format, &all)
    }
}

impl Dataset {
    /// A data set from an array with one example per row and one of labels or target values, both `.npy`. Whole numbers in `y`
    /// are classes, others values to predict.
    ///
    /// # Errors
    /// When a file cannot be read or is damaged, or the two do not fit each other.
    pub fn npy(x: impl AsRef<Path>, y: impl AsRef<Path>) -> Result<Dataset> {
        let (x, y) = (x.as_ref(), y.as_ref());
        Dataset::of_arrays(Array::read(x)?, &Array::read(y)?)
    }

    /// `(train, test)` from a `.npz` or `.safetensors` file with `x_train`, `y_train`, `x_test` and `y_test`, such as Keras's
    /// `mnist.npz`.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged, has no arrays of these names, or they do not fit each other.
    pub fn npz(path: impl AsRef<Path>) -> Result<(Dataset, Dataset)> {
        let path = path.as_ref();
        let mut all = Array::read_all(path)?;
        let names = all.keys().cloned().collect::<Vec<_>>().join(", ");
        let mut get = |name: &str| {
            all.remove(name).ok_or_else(|| {
                Error::damaged(
                    path,
                    (
                        format!("no tiene {name}; tiene {names}. Escribe `let all = Array::read_all(…)?;` y `Dataset::from_arrays(&all[\"x\"], &all[\"y\"])?`"),
                        format!("it has no {name}; it has {names}. Write `let all = Array::read_all(…)?;` and `Dataset::from_arrays(&all[\"x\"], &all[\"y\"])?`"),
                    ),
                )
            })
        };
        let train = Dataset::of_arrays(get("x_train")?, &get("y_train")?)?;
        let test = Dataset::of_arrays(get("x_test")?, &get("y_test")?)?;
        let classes = train.classes().max(test.classes());
        let same = |data: Dataset| match data.classes() {
            0 => Ok(data),
            _ => data.with_classes(classes),
        };
        Ok((same(train)?.named("train"), same(test)?.named("test")))
    }

    /// A data set from an array `(n, …)` of examples and one of labels `(n,)` or target values `(n, dim)`. Whole numbers in `y`
    /// are classes. Images `(n, height, width)` or `(n, height, width, channels)` of one byte per pixel are scaled to `[0, 1]`.
    ///
    /// # Errors
    /// When the two do not fit each other, or a number is NaN or infinite.
    pub fn from_arrays(x: &Array, y: &Array) -> Result<Dataset> {
        Dataset::of_arrays(x.clone(), y)
    }

    fn of_arrays(x: Array, y: &Array) -> Result<Dataset> {
        let Some((&n, sizes)) = x.shape.split_first() else {
            return Err(Error::shape(
                ("los ejemplos", "examples"),
                (
                    "un array con un ejemplo por fila",
                    "an array with one example per row",
                ),
                say("un solo número", "a single number"),
            ));
        };
        if y.shape.first() != Some(&n) {
            return Err(Error::shape(
                ("los objetivos", "targets"),
                (
                    format!("{n} filas, como los ejemplos"),
                    format!("{n} rows, as many as examples"),
                ),
                format!("{:?}", y.shape),
            ));
        }
        let shape = match *sizes {
            [] => Shape::from(1),
            [height, width] if x.kind == Kind::Byte => Shape::from([height, width, 1]),
            ref sizes => Shape::from(sizes),
        };
        let pixels = x.kind == Kind::Byte && x.shape.len() > 2;
        let mut features = x.values;
        if pixels {
            features.iter_mut().for_each(|value| *value /= 255.0);
        }
        let dim: usize = y.shape[1..].iter().product();
        if y.kind == Kind::Float || dim != 1 {
            return Dataset::regression(features, shape, y.values.clone(), dim);
        }
        if let Some(label) = y.values.iter().find(|&&label| !(0.0..1e6).contains(&label)) {
            return Err(Error::range(
                ("una clase", "a class"),
                f64::from(*label),
                ("un número entero desde 0", "a whole number from 0"),
            ));
        }
        let labels: Vec<usize> = y.values.iter().map(|&label| label as usize).collect();
        let classes = labels.iter().max().map_or(0, |largest| largest + 1);
        Dataset::classification(features, shape, labels, classes)
    }

    /// Write the data as `.npz` with the arrays `x` (float32) and `y` (int64 for classes, else float32).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn to_npz(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_as(path.as_ref(), Format::Npz)
    }

    /// Write the data as safetensors with the tensors `x` (F32) and `y` (I64 for classes, else F32).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn to_safetensors(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_as(path.as_ref(), Format::Safetensors)
    }

    fn save_as(&self, path: &Path, format: Format) -> Result<()> {
        let (x, y) = self.arrays();
        let all = BTreeMap::from([("x".to_owned(), &x), ("y".to_owned(), &y)]);
        archive::write(path, format, &all)
    }

    /// The features and the targets as arrays.
    pub fn arrays(&self) -> (Array, Array) {
        let n = self.len();
        let x = Array {
            shape: [&[n], self.shape().sizes()].concat(),
            values: self.features().to_vec(),
            kind: Kind::Float,
        };
        let y = match self.targets() {
            Targets::Classes { labels, .. } => Array {
                shape: vec![n],
                values: labels.iter().map(|&label| label as f32).collect(),
                kind: Kind::Whole,
            },
            Targets::Values { values, dim } => Array {
                shape: vec![n, *dim],
                values: values.clone(),
                kind: Kind::Float,
            },
        };
        (x, y)
    }
}
