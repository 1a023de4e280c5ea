//! MNIST and Fashion-MNIST from gzip IDX files.
//!
//! The IDX format: two zero bytes, the type (8: unsigned byte), the number of dimensions, each size as a big-endian
//! `u32`, then the elements, last dimension fastest (Y. LeCun, <http://yann.lecun.com/exdb/mnist/>).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::Dataset;
use crate::error::{Error, Result};
use crate::kernels::with_room;
use gradus_machine::DatasetFiles;
use gradus_text::say;

/// The folder that has the files.
pub(super) fn folder(set: DatasetFiles) -> Result<PathBuf> {
    set.found.ok_or_else(|| {
        crate::ErrorKind::MissingData {
            name: set.name.to_owned(),
            file: set.files[0].to_owned(),
            searched: set.searched,
        }
        .into()
    })
}

impl Dataset {
    /// MNIST, `(train, test)`: 60,000 and 10,000 handwritten digits of 28x28 pixels in `[0, 1]`. Y. LeCun, C. Cortes,
    /// C. Burges; CC BY-SA 3.0.
    ///
    /// # Errors
    /// When the files are not in any of [`super::folders`], or are damaged.
    pub fn mnist() -> Result<(Dataset, Dataset)> {
        load(gradus_machine::mnist())
    }

    /// Fashion-MNIST, `(train, test)`: 60,000 and 10,000 articles of clothing of 28x28 pixels in `[0, 1]`, in the classes
    /// T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot. H. Xiao, K. Rasul, R. Vollgraf,
    /// Zalando SE, 2017 (<https://arxiv.org/abs/1708.07747>); MIT.
    ///
    /// # Errors
    /// When the files are not in any of [`super::folders`], or are damaged.
    pub fn fashion_mnist() -> Result<(Dataset, Dataset)> {
        load(gradus_machine::fashion_mnist())
    }

    /// Labelled images from a pair of gzip IDX files, pixels scaled to `[0, 1]`, ten classes.
    ///
    /// # Errors
    /// When a file cannot be read, is not gzip IDX, is cut short, or the two do not fit each other.
    pub fn from_idx(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Dataset> {
        let (images, labels) = (images.as_ref(), labels.as_ref());
        let (sizes, pixels) = read(images, 3)?;
        let (count, classes) = read(labels, 1)?;
        if sizes[0] != count[0] {
            return Err(Error::damaged(
                labels,
                (
                    format!("{} etiquetas para {} imágenes", count[0], sizes[0]),
                    format!("{} labels for {} images", count[0], sizes[0]),
                ),
            ));
        }
        let mut features = with_room(pixels.len());
        features.extend(pixels.into_iter().map(|p| f32::from(p) / 255.0));
        Dataset::classification(
            features,
            [sizes[1], sizes[2], 1],
            classes.into_iter().map(usize::from).collect(),
            10,
        )
    }
}

fn load(set: DatasetFiles) -> Result<(Dataset, Dataset)> {
    let (name, files) = (set.name, set.files);
    let folder = folder(set)?;
    let part = |images: &str, labels: &str, part: &str| {
        Dataset::from_idx(folder.join(images), folder.join(labels))
            .map(|data| data.named(format!("{name} ({part})")))
    };
    Ok((
        part(files[0], files[1], "train")?,
        part(files[2], files[3], "test")?,
    ))
}

fn read(path: &Path, dimensions: usize) -> Result<(Vec<usize>, Vec<u8>)> {
    let file = File::open(path).map_err(|error| Error::io(path, error))?;
    let mut source = GzDecoder::new(file);
    // No more is unpacked than the header promises, and one byte to see that there is more.
    let mut take = |count: usize| {
        let mut bytes = Vec::new();
        let read = source.by_ref().take(count as u64).read_to_end(&mut bytes);
        read.map_err(|error| {
            Error::damaged(
                path,
                (
                    format!("no es un archivo gzip entero ({error})"),
                    format!("not a whole gzip file ({error})"),
                ),
            )
        })?;
        Ok::<_, Error>(bytes)
    };
    let length = 4 + 4 * dimensions;
    let header = take(length)?;
    if header.len() < length || header[..3] != [0, 0, 8] || usize::from(header[3]) != dimensions {
        return Err(Error::damaged(
            path,
            (
                format!("no es un archivo IDX de bytes sin signo en {dimensions} dimensiones"),
                format!("not an IDX file of unsigned bytes in {dimensions} dimensions"),
            ),
        ));
    }
    let sizes: Vec<usize> = header[4..]
        .chunks_exact(4)
        .map(|size| u32::from_be_bytes([size[0], size[1], size[2], size[3]]) as usize)
        .collect();
    let expected = sizes.iter().try_fold(1_usize, |n, &s| n.checked_mul(s));
    let bytes = take(expected.map_or(1, |n| n.saturating_add(1)))?;
    if expected != Some(bytes.len()) {
        let promised = expected.map_or(say("demasiados", "too many").to_owned(), |n| n.to_string());
        let found = match expected {
            Some(n) if bytes.len() > n => say("más", "more").to_owned(),
            _ => bytes.len().to_string(),
        };
        return Err(Error::damaged(
            path,
            (
                format!("su cabecera promete {promised} bytes de datos y tiene {found}"),
                format!("its header promises {promised} bytes of data, it has {found}"),
            ),
        ));
    }
    Ok((sizes, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(path: &Path, bytes: &[u8]) {
        let mut file = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
        file.write_all(bytes).unwrap();
        file.finish().unwrap();
    }

    fn idx(sizes: &[u32], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(data);
        bytes
    }

    #[test]
    fn reads_what_was_written_and_refuses_damage() {
        let folder = tempfile::tempdir().unwrap();
        let (images, labels) = (folder.path().join("i.gz"), folder.path().join("l.gz"));
        gzip(&images, &idx(&[2, 1, 2], &[0, 255, 51, 0]));
        gzip(&labels, &idx(&[2], &[3, 9]));
        let data = Dataset::from_idx(&images, &labels).unwrap();
        assert_eq!(data.features(), [0.0, 1.0, 0.2, 0.0]);
        assert_eq!(
            (data.labels(), data.shape().sizes()),
            (&[3, 9][..], &[1, 2, 1][..])
        );

        for (bytes, expected) in [
            (
                idx(&[2, 1, 2], &[0, 255, 51]),
                "its header promises 4 bytes of data, it has 3",
            ),
            (idx(&[3, 1, 1], &[0, 1, 2]), "2 labels for 3 images"),
            (idx(&[u32::MAX; 3], &[]), "too many"),
            (vec![0, 0], "not an IDX file"),
            (idx(&[4], &[0; 4]), "not an IDX file"),
        ] {
            gzip(&images, &bytes);
            let error = Dataset::from_idx(&images, &labels).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        std::fs::write(&images, b"plain").unwrap();
        let error = Dataset::from_idx(&images, &labels).unwrap_err().to_string();
        assert!(error.contains("not a whole gzip file"), "{error}");
        let error = Dataset::from_idx(folder.path().join("none"), &labels).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    }

    #[test]
    fn a_missing_set_says_where_it_was_looked_for() {
        let mut set = gradus_machine::mnist();
        set.name = "no-such-set";
        set.found = None;
        set.searched = gradus_machine::folders(set.name);
        let error = load(set).unwrap_err().to_string();
        assert!(
            error.contains("/usr/share/datasets/no-such-set")
                && error.contains("gradus data fetch no-such-set"),
            "{error}"
        );
    }
}
