//! Where each data set can be had, and how its files are known again.

/// A data set that can be fetched.
pub struct Source {
    /// Its name, which is that of its folder.
    pub name: &'static str,
    /// Addresses that have the files under their names, the first to be tried first.
    pub mirrors: &'static [&'static str],
    /// The package of Debian and Ubuntu that brings it.
    pub package: Option<&'static str>,
    /// What is downloaded.
    pub downloads: &'static [Download],
}

/// A file at a mirror.
pub struct Download {
    /// Its name there.
    pub name: &'static str,
    /// About how many bytes come over the line.
    pub size: u64,
    /// SHA-256 of what is checked: see [`Contents`].
    pub sha256: &'static str,
    pub contents: Contents,
}

/// What a downloaded file is.
pub enum Contents {
    /// One file of the data set, kept as it comes. Checked is what it holds once decompressed, so many bytes: the wrappers differ
    /// from mirror to mirror.
    Gzip(u64),
    /// A `tar.gz` with files of the data set in it, each of so many bytes. Checked is the archive.
    Archive(&'static [&'static str], u64),
}

const fn gzip(name: &'static str, size: u64, length: u64, sha256: &'static str) -> Download {
    let contents = Contents::Gzip(length);
    Download {
        name,
        size,
        sha256,
        contents,
    }
}

/// The sets of `gradus data fetch`.
pub const SOURCES: &[Source] = &[
    Source {
        name: "mnist",
        mirrors: &[
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist",
            "http://yann.lecun.com/exdb/mnist",
        ],
        package: None,
        downloads: &[
            gzip(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                47_040_016,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            gzip(
                "train-labels-idx1-ubyte.gz",
                28_881,
                60_008,
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            gzip(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                7_840_016,
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            gzip(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                10_008,
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ],
    },
    Source {
        name: "fashion-mnist",
        mirrors: &[
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ],
        package: Some("dataset-fashion-mnist"),
        downloads: &[
            gzip(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                47_040_016,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            gzip(
                "train-labels-idx1-ubyte.gz",
                29_515,
                60_008,
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            gzip(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                7_840_016,
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            gzip(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                10_008,
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ],
    },
    Source {
        name: "cifar-10",
        mirrors: &["https://www.cs.toronto.edu/~kriz"],
        package: None,
        downloads: &[Download {
            name: "cifar-10-binary.tar.gz",
            size: 170_052_171,
            sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            contents: Contents::Archive(gradus_machine::CIFAR_10, 30_730_000),
        }],
    },
];
