//! As many compilers at once as there are processors, among all the kernels of a user.
//!
//! Thirty that compile together all end after the time that all take. In turns, half of them have ended after half of it, and of
//! those who run the same cell of the same lesson only the first ones compile: the others find it done when it is their turn.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// When no turn has begun for so long, those who have theirs compile something large: nobody waits for that.
const STUCK: Duration = Duration::from_secs(1);
/// Nobody waits longer in any case.
const PATIENCE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(5);

/// A turn, until it is dropped.
pub(super) struct Turn {
    pub(super) has_waited: bool,
    _held: Option<File>,
}

/// Waits for a turn, but not for ever, and not where none can be had.
pub(super) fn wait(cache: &Path, stop: &dyn Fn() -> bool) -> Turn {
    let begin = Instant::now();
    let folder = cache.join("turns");
    let mut has_waited = false;
    let held = loop {
        match take(&folder) {
            Ok(Some(held)) => break Some(held),
            Ok(None) if !stop() && begin.elapsed() < PATIENCE && !is_stuck(&folder) => {
                has_waited = true;
                thread::sleep(TICK);
            }
            // It is no matter of right or wrong.
            Ok(None) | Err(_) => break None,
        }
    };
    Turn {
        has_waited,
        _held: held,
    }
}

fn take(folder: &Path) -> io::Result<Option<File>> {
    for place in 0..places() {
        let place = folder.join(place.to_string());
        let open = || File::options().create(true).append(true).open(&place);
        let file = open().or_else(|_| fs::create_dir_all(folder).and_then(|()| open()))?;
        match file.try_lock() {
            Ok(()) => {
                file.set_modified(SystemTime::now())?;
                return Ok(Some(file));
            }
            Err(fs::TryLockError::WouldBlock) => (),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

fn is_stuck(folder: &Path) -> bool {
    let began = (0..places()).filter_map(|place| {
        let about = fs::metadata(folder.join(place.to_string())).ok()?;
        about.modified().ok()
    });
    let last = began.max().and_then(|last| last.elapsed().ok());
    last.is_some_and(|last| last >= STUCK)
}

fn places() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_turns_as_processors_and_no_waiting_for_ever() {
        let cache = tempfile::tempdir().unwrap();
        let never = || false;
        let turns: Vec<_> = (0..places()).map(|_| wait(cache.path(), &never)).collect();
        assert!(turns.iter().all(|turn| !turn.has_waited));
        // Nobody gives up a turn: this one goes on without.
        let without = wait(cache.path(), &never);
        assert!(without.has_waited && without._held.is_none());
        drop(turns);
        let next = wait(cache.path(), &never);
        assert!(!next.has_waited && next._held.is_some());
        // Somebody who is interrupted does not wait.
        let _others: Vec<_> = (1..places()).map(|_| wait(cache.path(), &never)).collect();
        assert!(!wait(cache.path(), &|| true).has_waited);
    }
}
