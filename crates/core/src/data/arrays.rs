//! Arrays in files: NumPy's `.npy` and `.npz`, and safetensors.
//!
//! The format of `.npy`: `\x93NUMPY`, two bytes of version, the length of a header, the header as a Python dictionary with type,
//! order and shape, then the numbers (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>). `.npz` is a zip
//! of them.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors};

use super::{Dataset, Shape, Targets};
use crate::error::{Error, Result};
use crate::language::say;

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
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        parse(path, &bytes)
    }

    /// Read all arrays of a `.npz` or `.safetensors` file, by name.
    ///
    /// # Errors
    /// As [`Array::read`].
    pub fn read_all(path: impl AsRef<Path>) -> Result<BTreeMap<String, Array>> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        if bytes.starts_with(b"PK") {
            return read_npz(path, &bytes);
        }
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| {
            Error::damaged(
                path,
                (
                    format!("no es un archivo .npz ni safetensors: {error}"),
                    format!("neither an .npz nor a safetensors file: {error}"),
                ),
            )
        })?;
        let mut all = BTreeMap::new();
        for (name, tensor) in tensors.tensors() {
            let type_name = match tensor.dtype() {
                Dtype::F32 => "<f4",
                Dtype::F64 => "<f8",
                Dtype::U8 => "|u1",
                Dtype::I8 => "|i1",
                Dtype::BOOL => "|b1",
                Dtype::I16 => "<i2",
                Dtype::U16 => "<u2",
                Dtype::I32 => "<i4",
                Dtype::U32 => "<u4",
                Dtype::I64 => "<i8",
                Dtype::U64 => "<u8",
                other => return Err(unknown_type(path, &format!("{other:?}"))),
            };
            let (values, kind) = numbers(path, type_name, tensor.data())?;
            let shape = tensor.shape().to_vec();
            all.insert(
                name,
                Array {
                    shape,
                    values,
                    kind,
                },
            );
        }
        Ok(all)
    }

    /// Write a `.npy` file of 32-bit numbers.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        crate::files::write(path.as_ref(), &self.npy())
    }

    fn npy(&self) -> Vec<u8> {
        let sizes: Vec<String> = self.shape.iter().map(|size| format!("{size},")).collect();
        let (name, size) = match self.kind {
            Kind::Float => ("<f4", 4),
            Kind::Whole => ("<i8", 8),
            Kind::Byte => ("|u1", 1),
        };
        let mut header = format!(
            "{{'descr': '{name}', 'fortran_order': False, 'shape': ({}), }}",
            sizes.join(" ")
        );
        // The numbers begin at a multiple of 64 bytes.
        let pad = 64 - (10 + header.len() + 1) % 64;
        header.extend(std::iter::repeat_n(' ', pad));
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.reserve(self.values.len() * size);
        for &x in &self.values {
            match self.kind {
                Kind::Float => bytes.extend(x.to_le_bytes()),
                Kind::Whole => bytes.extend((x as i64).to_le_bytes()),
                Kind::Byte => bytes.push(x as u8),
            }
        }
        bytes
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
        Dataset::from_arrays(&Array::read(x)?, &Array::read(y)?)
    }

    /// `(train, test)` from a `.npz` or `.safetensors` file with `x_train`, `y_train`, `x_test` and `y_test`, such as Keras's
    /// `mnist.npz`.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged, has no arrays of these names, or they do not fit each other.
    pub fn npz(path: impl AsRef<Path>) -> Result<(Dataset, Dataset)> {
        let path = path.as_ref();
        let all = Array::read_all(path)?;
        let get = |name: &str| {
            all.get(name).ok_or_else(|| {
                let names: Vec<&str> = all.keys().map(String::as_str).collect();
                let names = names.join(", ");
                Error::damaged(
                    path,
                    (
                        format!("no tiene {name}; tiene {names}. Escribe `let all = Array::read_all(…)?;` y `Dataset::from_arrays(&all[\"x\"], &all[\"y\"])?`"),
                        format!("it has no {name}; it has {names}. Write `let all = Array::read_all(…)?;` and `Dataset::from_arrays(&all[\"x\"], &all[\"y\"])?`"),
                    ),
                )
            })
        };
        let train = Dataset::from_arrays(get("x_train")?, get("y_train")?)?;
        let test = Dataset::from_arrays(get("x_test")?, get("y_test")?)?;
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
        let n = x.shape.first().copied().unwrap_or(0);
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
        let shape = match x.shape[1..] {
            [] => Shape::from(1),
            [height, width] if x.kind == Kind::Byte => Shape::from([height, width, 1]),
            ref sizes => Shape::from(sizes),
        };
        let pixels = x.kind == Kind::Byte && x.shape.len() > 2;
        let features = match pixels {
            true => x.values.iter().map(|value| value / 255.0).collect(),
            false => x.values.clone(),
        };
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
        let path = path.as_ref();
        let (x, y) = self.arrays();
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        let mut add = |name: &str, array: &Array| -> std::io::Result<()> {
            writer
                .start_file(name, options)
                .map_err(std::io::Error::other)?;
            writer.write_all(&array.npy())
        };
        add("x.npy", &x)
            .and_then(|()| add("y.npy", &y))
            .map_err(|error| Error::io(path, error))?;
        let bytes = writer
            .finish()
            .map_err(|error| Error::io(path, std::io::Error::other(error)))?;
        crate::files::write(path, &bytes.into_inner())
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

fn read_npz(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, Array>> {
    let damaged = |error: &dyn std::fmt::Display| {
        Error::damaged(
            path,
            (
                format!("el .npz está dañado: {error}"),
                format!("the .npz is damaged: {error}"),
            ),
        )
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let mut all = BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).map_err(|e| damaged(&e))?;
        let name = file.name().map_err(|e| damaged(&e))?.into_owned();
        // What it says of its size is not believed: no more is taken than it has.
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(|e| damaged(&e))?;
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        all.insert(name, parse(path, &content)?);
    }
    Ok(all)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Array> {
    let damaged = |spanish: &str, english: &str| Error::damaged(path, (spanish, english));
    let cut = || damaged("el array está cortado", "the array is cut short");
    let Some(rest) = bytes.strip_prefix(b"\x93NUMPY") else {
        return Err(damaged(
            "no es un array de NumPy (.npy)",
            "it is no NumPy array (.npy)",
        ));
    };
    let (length, start) = match *rest {
        [1, _, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 4_usize),
        [2 | 3, _, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 6),
        _ => return Err(cut()),
    };
    let header = rest
        .get(start..start.saturating_add(length))
        .ok_or_else(cut)?;
    let data = &rest[start + length..];
    let header = std::str::from_utf8(header)
        .map_err(|_| damaged("su cabecera no es texto", "its header is no text"))?;
    let after = |key: &str| {
        let (_, rest) = header.split_once(key)?;
        Some(rest.trim_start_matches(['\'', '"', ':', ' ']))
    };
    let type_name = after("descr")
        .and_then(|text| text.split(['\'', '"']).next())
        .unwrap_or_default();
    let fortran = after("fortran_order").is_some_and(|text| text.starts_with("True"));
    let sizes = after("shape").and_then(|text| text.strip_prefix('(')?.split(')').next());
    let sizes = sizes.ok_or_else(|| {
        damaged(
            "su cabecera no dice la forma",
            "its header does not tell the shape",
        )
    })?;
    let sizes = sizes
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    let shape: Option<Vec<usize>> = sizes
        .map(|size| size.trim_end_matches('L').parse().ok())
        .collect();
    let shape =
        shape.ok_or_else(|| damaged("su forma no son números", "its shape is not numbers"))?;
    let count = shape
        .iter()
        .try_fold(1_usize, |all, &size| all.checked_mul(size));
    let (values, kind) = numbers(path, type_name, data)?;
    if count != Some(values.len()) {
        return Err(damaged(
            "no tiene tantos números como dice su forma",
            "it has not as many numbers as its shape says",
        ));
    }
    let values = if fortran && shape.len() > 1 {
        last_axis_fastest(&shape, &values)
    } else {
        values
    };
    Ok(Array {
        shape,
        values,
        kind,
    })
}

/// From the first axis fastest to the last axis fastest.
fn last_axis_fastest(shape: &[usize], values: &[f32]) -> Vec<f32> {
    let mut steps = vec![1; shape.len()];
    for axis in 1..shape.len() {
        steps[axis] = steps[axis - 1] * shape[axis - 1];
    }
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    let mut out = Vec::with_capacity(values.len());
    for _ in values {
        out.push(values[at]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= steps[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

/// The numbers that `bytes` are of the type with this name of NumPy's.
fn numbers(path: &Path, type_name: &str, bytes: &[u8]) -> Result<(Vec<f32>, Kind)> {
    let (order, code) = type_name.split_at_checked(1).unwrap_or_default();
    if !matches!(order, "<" | ">" | "|" | "=") {
        return Err(unknown_type(path, type_name));
    }
    let big = order == ">";
    macro_rules! read {
        ($number:ty) => {{
            const SIZE: usize = size_of::<$number>();
            if !bytes.len().is_multiple_of(SIZE) {
                return Err(Error::damaged(
                    path,
                    ("el array está cortado", "the array is cut short"),
                ));
            }
            let number = |chunk: &[u8]| {
                let mut own = [0; SIZE];
                own.copy_from_slice(chunk);
                if big {
                    <$number>::from_be_bytes(own)
                } else {
                    <$number>::from_le_bytes(own)
                }
            };
            bytes
                .chunks_exact(SIZE)
                .map(|chunk| number(chunk) as f32)
                .collect::<Vec<f32>>()
        }};
    }
    let (values, kind) = match code {
        "f4" => (read!(f32), Kind::Float),
        "f8" => (read!(f64), Kind::Float),
        "u1" | "b1" => (read!(u8), Kind::Byte),
        "i1" => (read!(i8), Kind::Whole),
        "i2" => (read!(i16), Kind::Whole),
        "u2" => (read!(u16), Kind::Whole),
        "i4" => (read!(i32), Kind::Whole),
        "u4" => (read!(u32), Kind::Whole),
        "i8" => (read!(i64), Kind::Whole),
        "u8" => (read!(u64), Kind::Whole),
        _ => return Err(unknown_type(path, type_name)),
    };
    if kind == Kind::Whole && values.iter().any(|x| x.abs() > 16_777_216.0) {
        return Err(Error::damaged(
            path,
            say(
                "tiene números enteros de más de siete cifras, que no caben en 32 bits sin redondeo; guárdalo como float32",
                "it has whole numbers of more than seven digits, which do not fit 32 bits unrounded; save it as float32",
            ),
        ));
    }
    Ok((values, kind))
}

fn unknown_type(path: &Path, name: &str) -> Error {
    Error::damaged(
        path,
        (
            format!(
                "tiene números de tipo {name:?}, que no se leen; en Python: `np.save(\"x.npy\", x.astype(\"float32\"))`"
            ),
            format!(
                "it has numbers of type {name:?}, which are not read; in Python: `np.save(\"x.npy\", x.astype(\"float32\"))`"
            ),
        ),
    )
}
