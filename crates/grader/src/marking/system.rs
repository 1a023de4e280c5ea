//! Who may read what, and who this is: in the words of Unix. Elsewhere everybody may and nobody is root.

use std::{fs, io, path::Path};

/// Everybody reads and executes.
pub(super) const RUN_BY_ALL: u32 = 0o755;
/// Others may go through the folder, but not see what is in it.
pub(super) const PASSED_BY_ALL: u32 = 0o711;

/// Sets the permissions of a file or folder.
pub(super) fn permit(path: &Path, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(path, permissions)
    }
    #[cfg(not(unix))]
    {
        let _ = (path, mode);
        Ok(())
    }
}

/// Whether every user may read this file.
pub(super) fn all_may_read(path: &Path) -> io::Result<bool> {
    Ok(mode(path)? & 0o004 != 0)
}

/// Whether every user gets to this place.
pub(super) fn all_reach(path: &Path) -> bool {
    path.ancestors()
        .all(|at| mode(at).is_ok_and(|mode| mode & 0o001 != 0))
}

fn mode(path: &Path) -> io::Result<u32> {
    let about = fs::metadata(path)?;
    #[cfg(unix)]
    return Ok(std::os::unix::fs::PermissionsExt::mode(
        &about.permissions(),
    ));
    #[cfg(not(unix))]
    {
        let _ = about;
        Ok(0o777)
    }
}

/// Makes a user and the group of the same number the owners.
pub(super) fn give(path: &Path, user: u32) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::chown(path, Some(user), Some(user));
    #[cfg(not(unix))]
    {
        let _ = (path, user);
        Ok(())
    }
}

pub(super) fn is_root() -> bool {
    #[cfg(target_os = "linux")]
    return nix::unistd::geteuid().is_root();
    #[cfg(not(target_os = "linux"))]
    false
}
