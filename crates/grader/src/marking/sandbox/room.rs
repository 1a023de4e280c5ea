//! The mounts of a sandbox at level `full`: a root in memory with what may be read and written, and nothing else.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use nix::{
    mount::{MntFlags, MsFlags, mount, umount2},
    sys::statvfs::{FsFlags, statvfs},
    unistd::pivot_root,
};

use super::Spec;

/// Where the launcher is in there.
pub(super) const LAUNCHER: &str = "/.launcher";

/// Moves this process into it. Needs a namespace of users and of mounts.
pub(super) fn enter(spec: &Spec) -> io::Result<()> {
    let room = &spec.room;
    let none = None::<&str>;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, private, none)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        room,
        Some("tmpfs"),
        flags,
        Some("size=1m,mode=755"),
    )?;
    let within = |path: &Path| room.join(path.strip_prefix("/").unwrap_or(path));

    for path in &spec.readable {
        bind(path, &within(path), true)?;
    }
    for path in &spec.writable {
        bind(path, &within(path), false)?;
    }
    if spec.forks {
        // A linker asks there for its own place. What it says of others is closed by Landlock.
        fs::create_dir(within(Path::new("/proc")))?;
        let all = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount(Some("/proc"), &within(Path::new("/proc")), none, all, none)?;
    }
    if !within(&spec.folder).exists() {
        fs::create_dir_all(within(&spec.folder))?;
    }
    let launcher = within(Path::new(LAUNCHER));
    fs::write(&launcher, "")?;
    bind_as_it_is(&std::env::current_exe()?, &launcher)?;
    read_only(&launcher)?;

    let old = room.join(".old");
    fs::create_dir(&old)?;
    pivot_root(room, &old)?;
    std::env::set_current_dir("/")?;
    umount2("/.old", MntFlags::MNT_DETACH)?;
    fs::remove_dir("/.old")?;
    let locked = flags | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    mount(none, "/", none, locked, none)?;
    Ok(())
}

fn bind(path: &Path, to: &Path, to_read: bool) -> io::Result<()> {
    let told = |e: io::Error| io::Error::other(format!("{}: {e}", path.display()));
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        // What a machine does not have need not be there.
        Err(_) if to_read => return Ok(()),
        Err(e) => return Err(told(e)),
    };
    if to.exists() {
        // It is within something that is there already.
        if to_read {
            return Ok(());
        }
    } else if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(told)?;
    }
    if about.is_symlink() {
        // `/lib` is `usr/lib`.
        let target: PathBuf = fs::read_link(path).map_err(told)?;
        return symlink(target, to).map_err(told);
    }
    if !to.exists() {
        if about.is_dir() {
            fs::create_dir(to).map_err(told)?;
        } else {
            fs::write(to, "").map_err(told)?;
        }
    }
    bind_as_it_is(path, to).map_err(told)?;
    if to_read {
        read_only(to).map_err(told)?;
    }
    Ok(())
}

fn bind_as_it_is(path: &Path, to: &Path) -> io::Result<()> {
    let none = None::<&str>;
    Ok(mount(Some(path), to, none, MsFlags::MS_BIND, none)?)
}

fn read_only(path: &Path) -> io::Result<()> {
    let none = None::<&str>;
    // What is set on the file system it comes from may not be taken away.
    let set = statvfs(path)?.flags();
    let mut flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
    for (on, flag) in [
        (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ] {
        if set.contains(on) {
            flags |= flag;
        }
    }
    Ok(mount(none, path, none, flags, none)?)
}
