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
use gradus_text::say;

/// A data set that lives in files: where it may be, and where it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatasetFiles {
    /// The name of the data set and of its folder.
    pub name: &'static str,
    /// One line about it: what, who, licence.
    pub about: &'static str,
    /// The files it needs.
    pub files: &'static [&'static str],
    /// The folder that has all of them, if any.
    pub found: Option<PathBuf>,
    /// The folders that were searched, in order.
    pub searched: Vec<PathBuf>,
}

const FILES: &[&str] = &[
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];
const MNIST: (&str, &str) = (
    "mnist",
    "60,000 + 10,000 handwritten digits, 28x28 (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0)",
);
const FASHION_MNIST: (&str, &str) = (
    "fashion-mnist",
    "60,000 + 10,000 articles of clothing, 28x28 (Zalando SE; MIT)",
);

/// The folders where the data set `name` is looked for, in order: `$GRADUS_DATA/name`, `gradus/name` in the user's cache
/// folder, `/usr/share/datasets/name`.
pub fn folders(name: &str) -> Vec<PathBuf> {
    std::env::var_os("GRADUS_DATA")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .into_iter()
        .chain(dirs::cache_dir().map(|cache| cache.join("gradus")))
        .chain([PathBuf::from("/usr/share/datasets")])
        .map(|folder| folder.join(name))
        .collect()
}

/// The data sets that live in files, and where each was found.
pub fn catalogue() -> Vec<DatasetFiles> {
    vec![
        locate(MNIST, FILES),
        locate(FASHION_MNIST, FILES),
        cifar_files(),
    ]
}

pub(super) fn cifar_files() -> DatasetFiles {
    const CIFAR_10: (&str, &str) = (
        "cifar-10",
        "50,000 + 10,000 photographs, 32x32 in colour, binary version (A. Krizhevsky)",
    );
    locate(CIFAR_10, super::cifar::FILES)
}

fn locate(
    (name, about): (&'static str, &'static str),
    files: &'static [&'static str],
) -> DatasetFiles {
    let searched = folders(name);
    DatasetFiles {
        name,
        about,
        files,
        found: searched
            .iter()
            .find(|folder| files.iter().all(|file| folder.join(file).is_file()))
            .cloned(),
        searched,
    }
}

impl Dataset {
    /// MNIST, `(train, test)`: 60,000 and 10,000 handwritten digits of 28x28 pixels in `[0, 1]`. Y. LeCun, C. Cortes,
    /// C. Burges; CC BY-SA 3.0.
    ///
    /// # Errors
    /// When the files are not in any of [`folders`], or are damaged.
    pub fn mnist() -> Result<(Dataset, Dataset)> {
        load(MNIST)
    }

    /// Fashion-MNIST, `(train, test)`: 60,000 and 10,000 articles of clothing of 28x28 pixels in `[0, 1]`, in the classes
    /// T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot. H. Xiao, K. Rasul, R. Vollgraf,
    /// Zalando SE, 2017 (<https://arxiv.org/abs/1708.07747>); MIT.
    ///
    /// # Errors
    /// When the files are not in any of [`folders`], or are damaged.
    pub fn fashion_mnist() -> Result<(Dataset, Dataset)> {
        load(FASHION_MNIST)
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

fn load(set: (&'static str, &'static str)) -> Result<(Dataset, Dataset)> {
    let name = set.0;
    let folder = locate(set, FILES).folder()?;
    let part = |images: &str, labels: &str, part: &str| {
        Dataset::from_idx(folder.join(images), folder.join(labels))
            .map(|data| data.named(format!("{name} ({part})")))
    };
    Ok((
        part(FILES[0], FILES[1], "train")?,
        part(FILES[2], FILES[3], "test")?,
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
        let error = load(("no-such-set", "")).unwrap_err().to_string();
        assert!(
            error.contains("GRADUS_DATA") && error.contains("no-such-set"),
            "{error}"
        );
    }
}
