//! The process between the session and the one that runs the cells.
//!
//! It does nothing but wait. When one of the two ends, however it dies, it ends everything that the cells started, tells
//! the session how theirs ended, and removes the session's folder when nobody else can.
#![allow(unsafe_code)] // fork, waitpid, kill, poll, prctl

use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::{folders, processes};

/// How long it tries to end what the cells started; what another user owns stays.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes the calling process two: the new one returns and will run the cells, with a group of its own; the old one
/// watches it and the other end of `control`, and never returns.
///
/// Must be called while the process has one thread.
pub(crate) fn watch_over(control: &UnixStream, session_folder: &Path) -> std::io::Result<()> {
    // SAFETY: plain system calls. There is only this thread, so the new process is as whole as the old one.
    let cells = unsafe {
        // What the cells start, and who started it has ended, becomes our child, also in a group or session of its own.
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
        libc::fork()
    };
    if cells == -1 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: a plain system call. Both make the group, so that it is there whoever comes first.
    unsafe { libc::setpgid(cells, cells) };
    if cells == 0 {
        return Ok(());
    }
    let descriptor = control.as_raw_fd();
    std::thread::spawn(move || {
        wait_for_the_end_of(descriptor);
        kill(cells);
    });
    let status = wait_for(cells);
    end_all_below(cells);
    let _ = (&*control).write_all(&status.to_ne_bytes());
    folders::remove_left_behind(session_folder);
    std::process::exit(0);
}

/// Waits until nobody writes to a socket any more.
fn wait_for_the_end_of(descriptor: i32) {
    #[cfg(target_os = "linux")]
    const END: libc::c_short = libc::POLLRDHUP;
    #[cfg(not(target_os = "linux"))]
    const END: libc::c_short = 0; // that the other end is closed is always told
    let mut socket = libc::pollfd {
        fd: descriptor,
        events: END,
        revents: 0,
    };
    // SAFETY: one descriptor, as the number says. A signal may interrupt the call.
    while unsafe { libc::poll(&raw mut socket, 1, -1) } != 1 {}
}

/// Waits until process `wanted` has ended, and buries others that end before.
fn wait_for(wanted: i32) -> i32 {
    loop {
        let mut status = 0;
        // SAFETY: the call writes to `status` only.
        let ended = unsafe { libc::waitpid(-1, &raw mut status, 0) };
        if ended == wanted {
            return status;
        }
    }
}

/// Ends the group, and all children and their children, until none is left.
fn end_all_below(group: i32) {
    let begin = Instant::now();
    kill(-group);
    while begin.elapsed() < PATIENCE {
        for id in processes::descendants(std::process::id()) {
            kill(id);
        }
        // SAFETY: a plain system call without a place for the status.
        while match unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } {
            -1 => return,
            ended => ended != 0,
        } {}
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn kill(id: i32) {
    // SAFETY: a plain system call.
    unsafe { libc::kill(id, libc::SIGKILL) };
}
