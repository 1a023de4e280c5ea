//! What of the system is missing when a library with code of C in it cannot be built.

use super::Language;

/// Libraries by the names that pkg-config knows them by, and the packages of Debian and Ubuntu that they are built with.
const BY_PKG_CONFIG: [(&str, &str); 44] = [
    ("openssl", "libssl-dev"),
    ("libssl", "libssl-dev"),
    ("libcrypto", "libssl-dev"),
    ("sqlite3", "libsqlite3-dev"),
    ("fontconfig", "libfontconfig1-dev"),
    ("freetype2", "libfreetype-dev"),
    ("zlib", "zlib1g-dev"),
    ("libzstd", "libzstd-dev"),
    ("liblzma", "liblzma-dev"),
    ("bzip2", "libbz2-dev"),
    ("libbrotlidec", "libbrotli-dev"),
    ("alsa", "libasound2-dev"),
    ("jack", "libjack-jackd2-dev"),
    ("libpulse", "libpulse-dev"),
    ("opus", "libopus-dev"),
    ("libudev", "libudev-dev"),
    ("libusb-1.0", "libusb-1.0-0-dev"),
    ("dbus-1", "libdbus-1-dev"),
    ("x11", "libx11-dev"),
    ("xcb", "libxcb1-dev"),
    ("xkbcommon", "libxkbcommon-dev"),
    ("wayland-client", "libwayland-dev"),
    ("gtk+-3.0", "libgtk-3-dev"),
    ("gtk4", "libgtk-4-dev"),
    ("glib-2.0", "libglib2.0-dev"),
    ("cairo", "libcairo2-dev"),
    ("pango", "libpango1.0-dev"),
    ("sdl2", "libsdl2-dev"),
    ("libpq", "libpq-dev"),
    ("mysqlclient", "default-libmysqlclient-dev"),
    ("libcurl", "libcurl4-openssl-dev"),
    ("libxml-2.0", "libxml2-dev"),
    ("libgit2", "libgit2-dev"),
    ("libssh2", "libssh2-1-dev"),
    ("libsodium", "libsodium-dev"),
    ("libpng", "libpng-dev"),
    ("libjpeg", "libjpeg-dev"),
    ("hdf5", "libhdf5-dev"),
    ("opencv4", "libopencv-dev"),
    ("openblas", "libopenblas-dev"),
    ("lapack", "liblapack-dev"),
    ("fftw3", "libfftw3-dev"),
    ("gsl", "libgsl-dev"),
    ("libavutil", "libavutil-dev"),
];

/// Words of build scripts and compilers about programs, and the packages that bring these.
const BY_WORDS: [(&[&str], &str); 10] = [
    (
        &["is `cmake` not installed", "failed to spawn `cmake`"],
        "cmake",
    ),
    (
        &[
            "Unable to find libclang",
            "couldn't find any valid shared libraries matching: ['libclang",
        ],
        "libclang-dev",
    ),
    (
        &["Could not find `protoc`", "failed to invoke protoc"],
        "protobuf-compiler",
    ),
    (
        &[
            "pkg-config command could not be found",
            "Could not run `pkg-config",
            "Could not run `PKG_CONFIG",
        ],
        "pkg-config",
    ),
    (
        &[
            "Could not find directory of OpenSSL installation",
            "openssl/ssl.h: No such file",
        ],
        "libssl-dev",
    ),
    (&["zlib.h: No such file"], "zlib1g-dev"),
    (&["sqlite3.h: No such file"], "libsqlite3-dev"),
    (&["nasm: not found", "failed to execute nasm"], "nasm"),
    (
        &["failed to find tool \"c++\"", "failed to find tool \"g++\""],
        "g++",
    ),
    (
        &[
            "failed to find tool \"cc\"",
            "failed to find tool \"gcc\"",
            "linker `cc` not found",
        ],
        "build-essential",
    ),
];

/// The package of the system that is usually missing where a build says this.
pub(crate) fn for_build(said: &str) -> Option<String> {
    let package = package(said)?;
    Some(match Language::current() {
        Language::Es => format!(
            "falta algo del sistema, que casi siempre es el paquete `{package}`: en Debian y Ubuntu, `sudo apt install {package}`; \
             después, ejecuta la celda otra vez"
        ),
        Language::En => format!(
            "something of the system is missing, nearly always the package `{package}`: on Debian and Ubuntu, \
             `sudo apt install {package}`; then run the cell again"
        ),
    })
}

fn package(said: &str) -> Option<&'static str> {
    let words = BY_WORDS
        .iter()
        .find(|(all, _)| all.iter().any(|words| said.contains(words)));
    if let Some((_, package)) = words {
        return Some(package);
    }
    let name = library(said)?;
    let known = BY_PKG_CONFIG.iter().find(|(known, _)| *known == name);
    known.map(|(_, package)| *package)
}

/// The library that pkg-config was asked for and does not know.
fn library(said: &str) -> Option<&str> {
    let between = |before: &str, after: &str| {
        let (_, rest) = said.split_once(before)?;
        Some(rest.split_once(after)?.0)
    };
    // The crate pkg-config, pkg-config itself, and the linker.
    between("The system library `", "` required by")
        .or_else(|| between("Package ", " was not found in the pkg-config search path"))
        .or_else(|| between("Package '", "' not found"))
        .or_else(|| {
            match between("unable to find library -l", "\n")
                .or_else(|| between("cannot find -l", ":"))?
            {
                "z" => Some("zlib"),
                "ssl" | "crypto" => Some("openssl"),
                "pq" => Some("libpq"),
                other => Some(other),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_by_what_builds_say() {
        for (said, package_name) in [
            (
                "--- stderr\nThe system library `openssl` required by crate `openssl-sys` was not found.\nThe file `openssl.pc` needs",
                Some("libssl-dev"),
            ),
            (
                "Package fontconfig was not found in the pkg-config search path.",
                Some("libfontconfig1-dev"),
            ),
            (
                "thread 'main' panicked: is `cmake` not installed?",
                Some("cmake"),
            ),
            (
                "Unable to find libclang: \"couldn't find\"",
                Some("libclang-dev"),
            ),
            (
                "rust-lld: error: unable to find library -lsqlite3\n",
                Some("libsqlite3-dev"),
            ),
            ("error[E0432]: unresolved import `x`", None),
        ] {
            assert_eq!(package(said), package_name, "{said}");
        }
    }
}
