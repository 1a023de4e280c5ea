//! The process between the session and the one that runs the cells.
//!
//! It does nothing but wait. When one of the two ends, however it dies, it ends everything that the cells started, tells
//! the session how theirs ended, and removes the session's folder when nobody else can.
#![allow(unsafe_code)] // fork

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::{folders, processes, system};

/// How long it tries to end what the cells started; what another user owns stays.
const PATIENCE: Duration = Duration::from_secs(1);

/// Makes the calling process two: the new one returns and will run the cells, with a group of its own; the old one
/// watches it and the other end of `control`, and never returns.
///
/// Must be called while the process has one thread.
pub(crate) fn watch_over(control: &UnixStream, session_folder: &Path) -> std::io::Result<()> {
    system::adopt_orphans();
    let other_end = control.try_clone()?;
    // SAFETY: there is one thread.
    let Some(cells) = (unsafe { system::split()? }) else {
        return Ok(());
    };
    std::thread::spawn(move || {
        system::wait_for_the_end_of(&other_end);
        system::signal(cells, system::KILL);
    });
    let status = system::wait_for(cells);
    end_all_below(cells);
    let _ = (&*control).write_all(&status.to_ne_bytes());
    folders::remove_left_behind(session_folder);
    std::process::exit(0);
}

/// Ends the group, and all children and their children, until none is left.
fn end_all_below(group: i32) {
    let begin = Instant::now();
    system::signal(-group, system::KILL);
    while begin.elapsed() < PATIENCE {
        for id in processes::descendants(std::process::id()) {
            system::signal(id, system::KILL);
        }
        if !system::bury() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
