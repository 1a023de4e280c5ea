//! Ending other processes: the one that runs the cells, and compilers.
#![allow(unsafe_code)] // kill(2)

use std::collections::HashMap;
use std::path::Path;

/// Ends every process of the group that `leader` made for itself.
pub(crate) fn kill_group(leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        // SAFETY: a plain system call. When `leader` has no group yet, there is none to end.
        unsafe { libc::kill(-leader, libc::SIGKILL) };
    }
}

/// Ends the descendants of this process that work in `folder`, and theirs: cargo and rustc.
pub(crate) fn kill_those_in(folder: &Path) {
    let parents = parents();
    let me = i32::try_from(std::process::id()).unwrap_or(0);
    let works_there =
        |id: i32| std::fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|cwd| cwd == folder);
    for &id in parents.keys() {
        let mut ancestry = std::iter::successors(Some(id), |id| parents.get(id).copied())
            .take_while(|&id| id > 1 && id != me);
        let is_descendant = std::iter::successors(Some(id), |id| parents.get(id).copied())
            .take(64)
            .any(|id| id == me);
        if id != me && is_descendant && ancestry.any(works_there) {
            // SAFETY: a plain system call on a process that this one started.
            unsafe { libc::kill(id, libc::SIGKILL) };
        }
    }
}

/// Whether the main thread of a process waits to read standard input.
pub(crate) fn waits_for_input(id: u32) -> bool {
    // The number of the system call `read`, and its first argument.
    let reads_0 = format!("{} 0x0 ", libc::SYS_read);
    std::fs::read_to_string(format!("/proc/{id}/syscall"))
        .is_ok_and(|call| call.starts_with(&reads_0))
}

/// The parent of every process that can be seen.
fn parents() -> HashMap<i32, i32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return HashMap::new();
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name stands in parentheses and may hold anything.
            let parent = stat
                .rsplit_once(')')?
                .1
                .split_whitespace()
                .nth(1)?
                .parse()
                .ok()?;
            Some((id, parent))
        })
        .collect()
}
