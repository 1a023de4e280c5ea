//! Writing files whole or not at all.

use std::path::Path;

use crate::error::{Error, Result};

/// Write under another name first and rename: a reader never sees half a file, and a full disk spoils nothing.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| {
            let _ = std::fs::remove_file(&part);
            Error::io(path, error)
        })
}
