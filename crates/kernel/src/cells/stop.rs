
// How a running cell is stopped. The loops of cells look at a flag, and a sleep is ended by a signal: both unwind, so every
// variable comes back. A cell that does neither is left where it is, for good, and the next ones run in a new thread: then
// only what that cell was changing is lost. The process' other half, `interrupts.rs`, decides which.

use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::ptr;
use std::sync::atomic::AtomicU64;
use std::sync::LazyLock;

/// Belongs to the thread that runs the cells.
struct OfTheCells<T>(RefCell<T>);

// SAFETY: one thread runs cells; the next one does so when that one never goes on.
unsafe impl<T> Send for OfTheCells<T> {}
unsafe impl<T> Sync for OfTheCells<T> {}

impl<T> OfTheCells<T> {
    const fn new(value: T) -> OfTheCells<T> {
        OfTheCells(RefCell::new(value))
    }

    fn with_borrow<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.0.borrow())
    }

    fn with_borrow_mut<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.0.borrow_mut())
    }
}

/// What the running cell has taken, and what is left of it if the cell never gives it back.
static LEFT: OfTheCells<Vec<(String, Left)>> = OfTheCells::new(Vec::new());

enum Left {
    Nothing,
    /// Its value from before the cell.
    Copy(Box<dyn Any>),
    /// The cell only reads it. It is here, and this is how to take it.
    There(*const (), unsafe fn(*const ()) -> Box<dyn Any>),
}

/// Takes a variable of an earlier cell, of which a copy is kept.
pub fn take_copy<T: Copy + 'static>(name: &str) -> T {
    match take_out(name).downcast::<T>() {
        Ok(value) => {
            let copy = *value;
            leaves(name, Left::Copy(value));
            copy
        }
        Err(_) => not_there(name),
    }
}

/// The cell does not change or move this variable.
pub fn lend<T: 'static>(name: &str, value: &T) {
    unsafe fn fetch<T: 'static>(place: *const ()) -> Box<dyn Any> {
        // SAFETY: called at most once, by `gradus_runtime_give_up`, when the place holds a `T` that nobody uses any more.
        Box::new(unsafe { ptr::read(place.cast::<T>()) })
    }
    leaves(name, Left::There(ptr::from_ref(value).cast(), fetch::<T>));
}

#[inline(never)]
fn leaves(name: &str, left: Left) {
    LEFT.with_borrow_mut(|left_of| {
        if let Some(one) = left_of.iter_mut().find(|(other, _)| other == name) {
            one.1 = left;
        }
    });
}

static STOP: AtomicBool = AtomicBool::new(false);

/// Ends the cell if somebody wants that. Stands in its loops.
#[inline(always)]
pub fn poll() {
    if STOP.load(Ordering::Relaxed) {
        stop_here();
    }
}

/// What unwinds a stopped cell.
struct Stopped;

/// Never returns: that is what makes [`poll`] cheap, since the compiler need not think of what might have changed behind it.
#[cold]
#[inline(never)]
fn stop_here() -> ! {
    if std::thread::panicking() {
        // Nothing can unwind twice. The thread stays here, and is given up.
        loop {
            std::thread::park();
        }
    }
    if CELL_THREAD.lock().is_ok_and(|id| *id == Some(std::thread::current().id())) {
        // The ends of its variables may have loops, too.
        STOP.store(false, Ordering::Relaxed);
    }
    std::panic::resume_unwind(Box::new(Stopped));
}

/// Called before each cell.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_begin() {
    STOP.store(false, Ordering::Relaxed);
}

/// Somebody wants the cell to end: every thread that looks ends.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_stop() {
    STOP.store(true, Ordering::Relaxed);
}

/// Unwinds the calling thread, which is where that can be done, unless it is unwinding already.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn gradus_runtime_unwind() {
    if !std::thread::panicking() {
        stop_here();
    }
}

/// How often standard output was flushed: while that goes on, nobody holds it.
static FLUSHES: AtomicU64 = AtomicU64::new(0);

#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_flushes() -> u64 {
    FLUSHES.load(Ordering::Relaxed)
}

/// The thread that runs the cell will never go on: saves what it took, and reports the end of the cell.
#[unsafe(no_mangle)]
pub extern "C" fn gradus_runtime_give_up() {
    let mut lost = Vec::new();
    for (name, left) in LEFT.with_borrow_mut(std::mem::take) {
        let value = match left {
            Left::Nothing => {
                lost.push(name);
                continue;
            }
            Left::Copy(value) => value,
            // SAFETY: the variable lies in the stack of the thread that never goes on, and was not moved from there.
            Left::There(place, fetch) => unsafe { fetch(place) },
        };
        VARIABLES.with_borrow_mut(|variables| variables.insert(name, value));
    }
    let mut report = String::from("\u{1e}gradus {\"outcome\":{\"panicked\":true,\"given_up\":true,\"missing\":[");
    for (index, name) in lost.iter().enumerate() {
        report.push_str(if index == 0 { "" } else { "," });
        push_json_string(&mut report, name);
    }
    report.push_str("]}}\n");
    // Past the buffer, of which the thread may hold a part.
    // SAFETY: standard output stays open.
    let mut out = ManuallyDrop::new(unsafe { File::from_raw_fd(1) });
    let _ = out.write_all(report.as_bytes());
}
