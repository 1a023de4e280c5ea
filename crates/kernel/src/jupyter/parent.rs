//! The front end that started the kernel: when it is gone, however it ended, the kernel ends too.

use std::os::unix::process::parent_id;
use std::time::Duration;

use super::requests::Control;
use crate::system;

/// Jupyter puts its own process here.
const PARENT: &str = "JPY_PARENT_PID";
const TICK: Duration = Duration::from_millis(500);
/// How long the session may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends the kernel when the process that Jupyter named is gone. Without one, or with one that is not seen from here,
/// nobody is watched: a kernel that was started by hand outlives the terminal.
pub(super) fn watch(control: Control) {
    let named = std::env::var(PARENT).ok();
    let Some(parent) = named.and_then(|id| id.trim().parse::<i32>().ok()) else {
        return;
    };
    if parent <= 1 || !system::exists(parent) {
        return;
    }
    let is_child = move || i32::try_from(parent_id()) == Ok(parent);
    let was_child = is_child();
    let watcher = move || {
        // A process that has ended keeps its number until somebody asks for it; its children have another parent at once.
        while system::exists(parent) && (is_child() || !was_child) {
            std::thread::sleep(TICK);
        }
        control.shut_down();
        std::thread::sleep(PATIENCE);
        // What is left belongs to the guardian.
        std::process::exit(1);
    };
    let thread = std::thread::Builder::new().name("gradus-parent".to_owned());
    if let Err(error) = thread.spawn(watcher) {
        eprintln!("gradus: the front end is not watched: {error}");
    }
}
