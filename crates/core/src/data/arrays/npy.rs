//! One array in NumPy's format: `\x93NUMPY`, two bytes of version, the length of a header, the header as a Python dictionary with
//! type, order and shape, then the numbers (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

use std::io::Read;
use std::path::Path;

use super::{Array, Kind};
use crate::error::{Error, Result};

/// Headers of real files have a hundred bytes.
const MOST_HEADER: usize = 1 << 16;
/// So many bytes are read at once.
const PART: usize = 1 << 16;

/// Read an array from `source`, which says that it has `length` bytes: memory is taken at once for those that are `sure`, and for
/// others when they come.
pub(super) fn read(path: &Path, source: &mut dyn Read, length: u64, sure: u64) -> Result<Array> {
    let damaged = |spanish: &str, english: &str| Error::damaged(path, (spanish, english));
    let mut take = |count: usize| {
        let mut bytes = Vec::new();
        let read = Read::take(&mut *source, count as u64).read_to_end(&mut bytes);
        read.map_err(|error| Error::damaged(path, error.to_string()))?;
        Ok::<_, Error>(bytes)
    };
    let start = take(8)?;
    if !start.starts_with(b"\x93NUMPY") {
        return Err(damaged(
            "no es un array de NumPy (.npy)",
            "it is no NumPy array (.npy)",
        ));
    }
    let count = match start.get(6) {
        Some(1) => 2,
        Some(2 | 3) => 4,
        _ => return Err(cut(path)),
    };
    let bytes = take(count)?;
    let header_length = bytes.iter().rev().fold(0, |n, &b| n << 8 | usize::from(b));
    if bytes.len() < count || header_length > MOST_HEADER {
        return Err(cut(path));
    }
    let header = take(header_length)?;
    if header.len() < header_length {
        return Err(cut(path));
    }
    let header = std::str::from_utf8(&header)
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
    let number = Number::of(path, type_name)?;
    let wrong_count = || {
        damaged(
            "no tiene tantos números como dice su forma",
            "it has not as many numbers as its shape says",
        )
    };
    let bytes = count.and_then(|count| count.checked_mul(number.size));
    let bytes = bytes
        .filter(|&bytes| bytes as u64 <= length)
        .ok_or_else(wrong_count)?;
    let mut values = Vec::with_capacity(bytes.min(sure as usize) / number.size);
    let mut left = bytes;
    while left > 0 {
        let part = take(left.min(PART))?;
        if part.len() < left.min(PART) {
            return Err(wrong_count());
        }
        left -= part.len();
        (number.read)(&part, &mut values);
    }
    if !take(1)?.is_empty() {
        return Err(wrong_count());
    }
    number.check(path, &values)?;
    let values = if fortran && shape.len() > 1 {
        last_axis_fastest(&shape, &values)
    } else {
        values
    };
    Ok(Array {
        shape,
        values,
        kind: number.kind,
    })
}

/// A file with an array.
pub(super) fn file(array: &Array) -> Vec<u8> {
    let sizes: Vec<String> = array.shape.iter().map(|size| format!("{size},")).collect();
    let name = match array.kind {
        Kind::Float => "<f4",
        Kind::Whole => "<i8",
        Kind::Byte => "|u1",
    };
    let mut header = format!(
        "{{'descr': '{name}', 'fortran_order': False, 'shape': ({})}}",
        sizes.join(" ")
    );
    // The numbers begin at a multiple of 64 bytes.
    let pad = 64 - (10 + header.len() + 1) % 64;
    header.extend(std::iter::repeat_n(' ', pad));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(content(array));
    bytes
}

/// The numbers of an array in its type, the last byte the highest.
pub(super) fn content(array: &Array) -> Vec<u8> {
    let values = array.values.iter();
    match array.kind {
        Kind::Float => values.flat_map(|x| x.to_le_bytes()).collect(),
        Kind::Whole => values.flat_map(|&x| (x as i64).to_le_bytes()).collect(),
        Kind::Byte => values.map(|&x| x as u8).collect(),
    }
}

/// A type of number in a file.
pub(super) struct Number {
    /// Its bytes.
    pub(super) size: usize,
    pub(super) kind: Kind,
    /// Adds those of some bytes.
    pub(super) read: fn(&[u8], &mut Vec<f32>),
}

impl Number {
    /// The type with this name of NumPy's.
    pub(super) fn of(path: &Path, name: &str) -> Result<Number> {
        let (order, code) = name.split_at_checked(1).unwrap_or_default();
        macro_rules! number {
            ($number:ty, $kind:expr) => {{
                const SIZE: usize = size_of::<$number>();
                fn big(bytes: &[u8], to: &mut Vec<f32>) {
                    let all = bytes.as_chunks::<SIZE>().0.iter();
                    to.extend(all.map(|own| <$number>::from_be_bytes(*own) as f32));
                }
                fn little(bytes: &[u8], to: &mut Vec<f32>) {
                    let all = bytes.as_chunks::<SIZE>().0.iter();
                    to.extend(all.map(|own| <$number>::from_le_bytes(*own) as f32));
                }
                Number {
                    size: SIZE,
                    kind: $kind,
                    read: if order == ">" { big } else { little },
                }
            }};
        }
        Ok(match code {
            _ if !matches!(order, "<" | ">" | "|" | "=") => return Err(unknown_type(path, name)),
            "f4" => number!(f32, Kind::Float),
            "f8" => number!(f64, Kind::Float),
            "u1" | "b1" => number!(u8, Kind::Byte),
            "i1" => number!(i8, Kind::Whole),
            "i2" => number!(i16, Kind::Whole),
            "u2" => number!(u16, Kind::Whole),
            "i4" => number!(i32, Kind::Whole),
            "u4" => number!(u32, Kind::Whole),
            "i8" => number!(i64, Kind::Whole),
            "u8" => number!(u64, Kind::Whole),
            _ => return Err(unknown_type(path, name)),
        })
    }

    /// Refuse whole numbers that 32 bits would round.
    pub(super) fn check(&self, path: &Path, values: &[f32]) -> Result<()> {
        if self.kind == Kind::Whole && values.iter().any(|x| x.abs() > 16_777_216.0) {
            return Err(Error::damaged(
                path,
                (
                    "tiene números enteros de más de siete cifras, que no caben en 32 bits sin redondeo; guárdalo como float32",
                    "it has whole numbers of more than seven digits, which do not fit 32 bits unrounded; save it as float32",
                ),
            ));
        }
        Ok(())
    }
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

fn cut(path: &Path) -> Error {
    Error::damaged(path, ("el array está cortado", "the array is cut short"))
}

pub(super) fn unknown_type(path: &Path, name: &str) -> Error {
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
