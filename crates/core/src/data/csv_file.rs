//! Data sets in CSV files: one example per row, numbers only, the class or the target value last.

use std::path::Path;

use super::{Dataset, Targets};
use crate::error::{Error, Result};

impl Dataset {
    /// Read a CSV file with features first and the class, a whole number from 0, last. A first row of names is skipped.
    ///
    /// # Errors
    /// When the file cannot be read, a row is shorter or longer than the first, a field is no number, or a class is not a
    /// whole number from 0: with the line.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Dataset> {
        let path = path.as_ref();
        let (features, width, last) = read(path)?;
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
                                "ejemplo {row}: la clase {value} no es un número entero desde 0"
                            ),
                            format!(
                                "example {row}: the class {value} is not a whole number from 0"
                            ),
                        ),
                    ))
                }
            })
            .collect::<Result<Vec<_>>>()?;
        let classes = labels.iter().max().map_or(0, |largest| largest + 1);
        Ok(Dataset::classification(features, width, labels, classes)?.named(stem(path)))
    }

    /// Read a CSV file with features first and one target value last. A first row of names is skipped.
    ///
    /// # Errors
    /// As [`Dataset::from_csv`], but for the classes.
    pub fn regression_from_csv(path: impl AsRef<Path>) -> Result<Dataset> {
        let path = path.as_ref();
        let (features, width, last) = read(path)?;
        Ok(Dataset::regression(features, width, last, 1)?.named(stem(path)))
    }

    /// Write the data as CSV: the features, then the class or the target values. [`Dataset::from_csv`] reads it back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn to_csv(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let rows = self.features().chunks_exact(self.shape().features());
        for (i, row) in rows.enumerate() {
            let mut fields: Vec<String> = row.iter().map(f32::to_string).collect();
            match &self.targets {
                Targets::Classes { labels, .. } => fields.push(labels[i].to_string()),
                Targets::Values { values, dim } => {
                    fields.extend(values[i * dim..(i + 1) * dim].iter().map(f32::to_string));
                }
            }
            writer
                .write_record(&fields)
                .map_err(|error| csv_error(path, error))?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| Error::io(path, error.into_error()))?;
        crate::files::write(path, &bytes)
    }
}

fn read(path: &Path) -> Result<(Vec<f32>, usize, Vec<f32>)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|error| csv_error(path, error))?;
    let (mut features, mut last, mut width) = (Vec::new(), Vec::new(), 0);
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|error| csv_error(path, error))?;
        if i == 0 && record.iter().all(|field| field.parse::<f32>().is_err()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Vec::with_capacity(record.len());
        for field in &record {
            row.push(field.parse::<f32>().map_err(|_| {
                Error::damaged(
                    path,
                    (
                        format!("línea {line}: {field:?} no es un número"),
                        format!("line {line}: {field:?} is not a number"),
                    ),
                )
            })?);
        }
        if row.len() < 2 {
            let reason = (
                format!(
                    "línea {line}: una fila necesita una característica y un objetivo, y tiene {}",
                    row.len()
                ),
                format!(
                    "line {line}: a row needs a feature and a target, got {}",
                    row.len()
                ),
            );
            return Err(Error::damaged(path, reason));
        }
        last.extend(row.pop());
        width = row.len();
        features.extend(row);
    }
    if last.is_empty() {
        return Err(Error::damaged(
            path,
            ("no tiene ningún ejemplo", "it has no example"),
        ));
    }
    Ok((features, width, last))
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
            ("1,NaN,0\n", "a feature is NaN"),
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
