//! CIFAR-10 from its binary version.
//!
//! Six files of 10,000 records: one byte for the class, then 1024 bytes each of red, green and blue, row after row
//! (A. Krizhevsky, 2009, <https://www.cs.toronto.edu/~kriz/cifar.html>).

use std::path::Path;

use super::Dataset;
use crate::error::{Error, Result};

const PIXELS: usize = 32 * 32;
const RECORD: usize = 1 + 3 * PIXELS;

impl Dataset {
    /// CIFAR-10, `(train, test)`: 50,000 and 10,000 photographs of 32x32 pixels in three colours, in the classes airplane,
    /// automobile, bird, cat, deer, dog, frog, horse, ship, truck.
    ///
    /// # Errors
    /// When the files of the binary version are not in any of [`super::folders`] for `cifar-10`, or are damaged.
    pub fn cifar10() -> Result<(Dataset, Dataset)> {
        let set = gradus_machine::cifar10();
        let (test, train) = set.files.split_last().expect("there are six files");
        let folder = super::idx::folder(set)?;
        let paths: Vec<_> = train.iter().map(|file| folder.join(file)).collect();
        Ok((
            Dataset::from_cifar10(&paths)?.named("cifar-10 (train)"),
            Dataset::from_cifar10(&[folder.join(test)])?.named("cifar-10 (test)"),
        ))
    }

    /// Images from files in the binary version of CIFAR-10, one after the other, channels last, in `[0, 1]`.
    ///
    /// # Errors
    /// When there is no file, one cannot be read, or one is not whole records with classes from 0 to 9.
    pub fn from_cifar10(paths: &[impl AsRef<Path>]) -> Result<Dataset> {
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        for path in paths {
            let path = path.as_ref();
            let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
            if bytes.is_empty() || !bytes.len().is_multiple_of(RECORD) {
                return Err(Error::damaged(
                    path,
                    (
                        format!("{} bytes no son registros enteros de {RECORD}", bytes.len()),
                        format!("{} bytes are not whole records of {RECORD}", bytes.len()),
                    ),
                ));
            }
            features.reserve_exact(bytes.len() / RECORD * 3 * PIXELS);
            for record in bytes.chunks_exact(RECORD) {
                if record[0] > 9 {
                    let reason = (
                        format!("la clase {} no está entre 0 y 9", record[0]),
                        format!("class {} is not one of 0 to 9", record[0]),
                    );
                    return Err(Error::damaged(path, reason));
                }
                labels.push(usize::from(record[0]));
                let (red, rest) = record[1..].split_at(PIXELS);
                let (green, blue) = rest.split_at(PIXELS);
                for ((r, g), b) in red.iter().zip(green).zip(blue) {
                    features.extend([r, g, b].map(|&value| f32::from(value) / 255.0));
                }
            }
        }
        Dataset::classification(features, [32, 32, 3], labels, 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_classes_come_out_as_they_went_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data_batch_1.bin");
        let mut bytes = vec![7];
        bytes.extend([255; PIXELS]);
        bytes.extend([0; PIXELS]);
        bytes.extend((0..PIXELS).map(|i| u8::from(i == 33) * 51));
        std::fs::write(&path, [bytes.clone(), bytes].concat()).unwrap();
        let data = Dataset::from_cifar10(&[&path, &path]).unwrap();
        assert_eq!(
            (data.len(), data.labels()[3], data.shape().sizes()),
            (4, 7, &[32, 32, 3][..])
        );
        assert_eq!(data.example(1).unwrap()[33 * 3..34 * 3], [1.0, 0.0, 0.2]);
        for bad in [vec![], vec![0; RECORD - 1], vec![10; RECORD]] {
            std::fs::write(&path, bad).unwrap();
            assert!(Dataset::from_cifar10(&[&path]).is_err());
        }
        let none: [&Path; 0] = [];
        assert!(Dataset::from_cifar10(&none).is_err());
    }
}
