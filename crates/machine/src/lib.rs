//! What this machine has for a training: the files of data sets, vector instructions, memory. The library uses them, and the
//! command and the kernel, which do without the library, ask for them.

mod memory;

use std::path::PathBuf;

pub use memory::memory_left;

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

/// Four files in the IDX format: images and labels to train, images and labels to test.
const IDX: &[&str] = &[
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
];

/// The files of CIFAR-10 in its binary version; the last one is for testing.
pub const CIFAR_10: &[&str] = &[
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

/// The data sets that live in files, and where each was found.
pub fn catalogue() -> Vec<DatasetFiles> {
    vec![mnist(), fashion_mnist(), cifar10()]
}

/// MNIST.
pub fn mnist() -> DatasetFiles {
    locate(
        "mnist",
        "60,000 + 10,000 handwritten digits, 28x28 (Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0)",
        IDX,
    )
}

/// Fashion-MNIST.
pub fn fashion_mnist() -> DatasetFiles {
    locate(
        "fashion-mnist",
        "60,000 + 10,000 articles of clothing, 28x28 (Zalando SE; MIT)",
        IDX,
    )
}

/// CIFAR-10; the last file is for testing.
pub fn cifar10() -> DatasetFiles {
    locate(
        "cifar-10",
        "50,000 + 10,000 photographs, 32x32 in colour, binary version (A. Krizhevsky)",
        CIFAR_10,
    )
}

/// The folders where the data set `name` is looked for, in order: `$GRADUS_DATA/name`, `gradus/name` in the user's cache
/// folder, `/usr/share/datasets/name`. None where `GRADUS_DATA` is set and empty: as on a machine that has no data.
pub fn folders(name: &str) -> Vec<PathBuf> {
    let named = std::env::var_os("GRADUS_DATA").map(PathBuf::from);
    if named
        .as_ref()
        .is_some_and(|folder| folder.as_os_str().is_empty())
    {
        return Vec::new();
    }
    let cache = dirs::cache_dir().map(|cache| cache.join("gradus"));
    let system = PathBuf::from("/usr/share/datasets");
    let folders = named.into_iter().chain(cache).chain([system]);
    folders.map(|folder| folder.join(name)).collect()
}

fn locate(name: &'static str, about: &'static str, files: &'static [&'static str]) -> DatasetFiles {
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

/// The vector instructions that a training uses on this processor: `avx512`, `avx2`, `neon` or `scalar` (none), fewer where the
/// environment variable `GRADUS_SIMD` says so. The library asks the same of `pulp`; a test holds the two together.
pub fn vector_instructions() -> &'static str {
    let best = widest();
    match std::env::var("GRADUS_SIMD").as_deref().map(str::trim) {
        Ok("scalar") => "scalar",
        Ok("avx2") if best == "avx512" => "avx2",
        _ => best,
    }
}

#[cfg(target_arch = "x86_64")]
fn widest() -> &'static str {
    macro_rules! has {
        ($($feature:tt)+) => { $(std::arch::is_x86_feature_detected!($feature))&&+ };
    }
    let avx2 =
        has!("sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "bmi1" "bmi2" "fma" "lzcnt");
    let avx512 = has!("avx512f" "avx512bw" "avx512cd" "avx512dq" "avx512vl");
    match (avx2, avx512) {
        (true, true) => "avx512",
        (true, false) => "avx2",
        (false, _) => "scalar",
    }
}

#[cfg(target_arch = "aarch64")]
fn widest() -> &'static str {
    "neon"
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn widest() -> &'static str {
    "scalar"
}
