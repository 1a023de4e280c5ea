//! Stopping the running cell from inside of its process, so that the process lives and with it the variables.
//!
//! In this order: programs that the cell started get the signal that Ctrl-C sends; loops of the cell see a flag; a sleep is
//! unwound. What does none of this is frozen: its thread stays in a signal handler for good, and the cells get a new thread.
//! The handler only says yes where the thread holds nothing that others need, as far as can be seen from its place.
#![allow(unsafe_code)] // signals, the unwinder

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::cell_runtime::Runtime;
use crate::processes;
use crate::system::{self, ATTENTION, Call, Thread};

/// A cell may need a moment to see the flag.
const BEFORE_FREEZING: Duration = Duration::from_millis(400);
/// A loop of a library may look less often, and it keeps more.
const BEFORE_FREEZING_A_LIBRARY: Duration = Duration::from_millis(2000);
/// Places that may hold something, such as the standard library's.
const BEFORE_FREEZING_ANYWHERE: Duration = Duration::from_millis(1500);
const BEFORE_ASKING_AGAIN: Duration = Duration::from_millis(150);
const BEFORE_KILLING_PROGRAMS: Duration = Duration::from_millis(500);

/// What the handler should do.
const NOTHING: u8 = 0;
const UNWIND: u8 = 1;
const FREEZE: u8 = 2;
static WANTED: AtomicU8 = AtomicU8::new(NOTHING);
/// Where freezing is allowed: see [`Place`].
static PATIENCE: AtomicU8 = AtomicU8::new(0);
/// Whether the code of a cell is being run.
pub(crate) static IN_CELL: AtomicBool = AtomicBool::new(false);
static FROZEN: AtomicBool = AtomicBool::new(false);
/// The frozen thread should go on, and be frozen elsewhere.
static THAWED: AtomicBool = AtomicBool::new(false);
/// The function of the runtime that unwinds.
static UNWINDER: AtomicUsize = AtomicUsize::new(0);

/// The cell that is to be stopped.
pub(crate) struct Stopping<'a> {
    runtime: &'a Runtime,
    /// The one that runs it.
    thread: Thread,
    since: Instant,
    /// When the cell began, see [`system::now`].
    began: u64,
    killed: bool,
    /// Nothing may be lost: only what sees the flag, or sleeps, ends.
    asks: bool,
}

impl<'a> Stopping<'a> {
    pub(crate) fn new(runtime: &'a Runtime, thread: Thread, began: u64) -> Stopping<'a> {
        install(runtime);
        let stopping = Stopping {
            runtime,
            thread,
            since: Instant::now(),
            began,
            killed: false,
            asks: false,
        };
        if !stopping.others_may_look() {
            (runtime.stop)();
        }
        stopping.signal_programs(system::INTERRUPT);
        stopping
    }

    /// One that uses no force.
    pub(crate) fn asking(runtime: &'a Runtime, thread: Thread, began: u64) -> Stopping<'a> {
        Stopping {
            asks: true,
            ..Stopping::new(runtime, thread, began)
        }
    }

    pub(crate) fn asks(&self) -> bool {
        self.asks
    }

    /// Called again and again until the cell has ended; true when its thread is frozen.
    pub(crate) fn try_again(&mut self) -> bool {
        let waited = self.since.elapsed();
        if !self.asks && !self.killed && waited >= BEFORE_KILLING_PROGRAMS {
            self.killed = true;
            self.signal_programs(system::KILL);
        }
        let wanted = if waited >= BEFORE_FREEZING && !self.asks {
            FREEZE
        } else if self.is_in(Call::Sleep) {
            UNWIND
        } else {
            if waited >= BEFORE_ASKING_AGAIN && self.is_in(Call::Wait) && !self.others_may_look() {
                // It was told, and waits for threads that were not.
                (self.runtime.stop)();
            }
            return false;
        };
        let patience = if waited >= BEFORE_FREEZING_A_LIBRARY {
            Place::Library
        } else if waited >= BEFORE_FREEZING_ANYWHERE {
            Place::Other
        } else {
            Place::Cell
        };
        PATIENCE.store(patience as u8, Ordering::SeqCst);
        WANTED.store(wanted, Ordering::SeqCst);
        self.thread.signal(ATTENTION);
        std::thread::sleep(Duration::from_millis(5));
        WANTED.store(NOTHING, Ordering::SeqCst);
        if !FROZEN.swap(false, Ordering::SeqCst) {
            return false;
        }
        let others_go_on = self.others_go_on();
        THAWED.store(!others_go_on, Ordering::SeqCst);
        others_go_on
    }

    /// Whether the thread waits for the system in this way.
    fn is_in(&self, call: Call) -> bool {
        system::call_of(self.thread.number()) == Some(call)
    }

    /// Whether a thread that an earlier cell started may be running: it should go on, but would take the wish to stop for
    /// its own.
    fn others_may_look(&self) -> bool {
        system::threads()
            .into_iter()
            .filter(|id| !self.runtime.threads.contains(id) && *id != self.thread.number())
            .filter(|id| system::thread_started(*id).is_some_and(|at| at < self.began))
            .any(|id| system::call_of(id) != Some(Call::Wait))
    }

    /// The frozen thread does not hold standard output, without which nothing would be heard any more.
    fn others_go_on(&self) -> bool {
        let before = (self.runtime.flushes)();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(200) {
            if (self.runtime.flushes)() >= before + 2 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// To the programs that this cell started.
    fn signal_programs(&self, signal: c_int) {
        for id in processes::descendants(std::process::id()) {
            if system::started(id).is_some_and(|started| started >= self.began) {
                system::signal(id, signal);
            }
        }
    }
}

/// What the code at an address belongs to, the safest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Place {
    Cell,
    /// Neither the cell's nor a library's of the notebook, nor one that holds locks of the process.
    Other,
    /// Code of the notebook's libraries is being run.
    Library,
    Never,
}

fn install(runtime: &Runtime) {
    UNWINDER.store(runtime.unwind as usize, Ordering::SeqCst);
    // SAFETY: the handler does only what is said there.
    unsafe { system::on_attention(handle) };
}

extern "C-unwind" fn handle(_: c_int, _: *mut c_void, context: *mut c_void) {
    let wanted = WANTED.swap(NOTHING, Ordering::SeqCst);
    // SAFETY: the system's context.
    let Some((at, is_in_call)) = (unsafe { system::interrupted_at(context) }) else {
        return;
    };
    if !IN_CELL.load(Ordering::SeqCst) {
        return;
    }
    if wanted == UNWIND && is_in_call && unwind::is_possible_from(at) {
        // SAFETY: `install` stored this function.
        let unwind: extern "C-unwind" fn() =
            unsafe { std::mem::transmute(UNWINDER.load(Ordering::SeqCst)) };
        unwind();
    } else if wanted == FREEZE {
        // Whoever waits for the system holds as little as the cell itself.
        let here = if is_in_call { Place::Cell } else { place(at) };
        let whole = here.max(unwind::libraries_below(at));
        if whole as u8 <= PATIENCE.load(Ordering::SeqCst) {
            FROZEN.store(true, Ordering::SeqCst);
            while !THAWED.swap(false, Ordering::SeqCst) {
                system::rest();
            }
        }
    }
}

fn place(at: usize) -> Place {
    let Some(name) = system::file_of(at) else {
        return Place::Never;
    };
    let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let starts = |words: &[&[u8]]| words.iter().any(|word| name.starts_with(word));
    if starts(&[b"cell-"]) {
        Place::Cell
    } else if starts(&[b"libgradus_shared"]) {
        Place::Library
    } else if starts(&[b"libgradus_cell"]) || starts(system::OWN_LIBRARIES) {
        // They may be in the middle of giving out memory, or of a variable.
        Place::Never
    } else {
        Place::Other
    }
}

/// Reading the stack.
mod unwind {
    use super::{Place, c_int, c_void, place};

    #[repr(C)]
    struct Context(c_void);

    unsafe extern "C" {
        fn _Unwind_Backtrace(
            look: extern "C" fn(*mut Context, *mut c_void) -> c_int,
            data: *mut c_void,
        ) -> c_int;
        fn _Unwind_GetIPInfo(context: *mut Context, before: *mut c_int) -> usize;
        fn _Unwind_GetLanguageSpecificData(context: *mut Context) -> *const u8;
        fn _Unwind_GetRegionStart(context: *mut Context) -> usize;
    }

    const GO_ON: c_int = 0;
    const ENOUGH: c_int = 5;

    struct Walk {
        from: usize,
        reached: bool,
        possible: bool,
        libraries: Place,
    }

    fn walk(from: usize) -> Walk {
        let mut walk = Walk {
            from,
            reached: false,
            possible: false,
            libraries: Place::Cell,
        };
        // SAFETY: `look` gets the place of `walk`, which lives longer than the call.
        unsafe { _Unwind_Backtrace(look, (&raw mut walk).cast()) };
        walk
    }

    /// Whether every function from the one at `from` down to the next that catches can be unwound: a compiler leaves out
    /// the calls that it takes for unable to, and Rust aborts there.
    pub(super) fn is_possible_from(from: usize) -> bool {
        walk(from).possible
    }

    /// Whether code of a library of the notebook waits for the function at `from`.
    pub(super) fn libraries_below(from: usize) -> Place {
        walk(from).libraries
    }

    extern "C" fn look(context: *mut Context, walk: *mut c_void) -> c_int {
        // SAFETY: see `walk`; the unwinder's functions are called as it wants, in its callback.
        unsafe {
            let walk = &mut *walk.cast::<Walk>();
            let mut before = 0;
            let at = _Unwind_GetIPInfo(context, &raw mut before);
            // The first ones are those of the handler.
            walk.reached |= at == walk.from;
            if !walk.reached {
                return GO_ON;
            }
            let at = if before == 0 { at.wrapping_sub(1) } else { at };
            if place(at) == Place::Library {
                walk.libraries = Place::Library;
            }
            let table = _Unwind_GetLanguageSpecificData(context);
            if table.is_null() {
                return GO_ON;
            }
            match Table(table).call(at.wrapping_sub(_Unwind_GetRegionStart(context))) {
                Call::Passes => GO_ON,
                Call::Aborts => ENOUGH,
                Call::Catches => {
                    walk.possible = true;
                    ENOUGH
                }
            }
        }
    }

    enum Call {
        /// With or without something to clean up.
        Passes,
        Aborts,
        Catches,
    }

    /// What a compiler notes about the calls in a function, as in the Itanium C++ ABI (exception handling, level II).
    struct Table(*const u8);

    impl Table {
        /// # Safety
        /// The address must be that of such a table, as far as it is read.
        unsafe fn call(mut self, at: usize) -> Call {
            const OMITTED: u8 = 0xff;
            const ULEB128: u8 = 0x01;
            // SAFETY: see above.
            unsafe {
                if self.byte() != OMITTED {
                    // Landing pads relative to somewhere else: no compiler of ours does this.
                    return Call::Aborts;
                }
                if self.byte() != OMITTED {
                    self.number();
                }
                if self.byte() != ULEB128 {
                    return Call::Aborts;
                }
                let length = self.number();
                let actions = self.0.add(length);
                while self.0 < actions {
                    let (start, length) = (self.number(), self.number());
                    let (pad, action) = (self.number(), self.number());
                    if at < start {
                        break;
                    }
                    if at < start + length {
                        let catches = pad != 0 && action != 0 && {
                            let kind = Table(actions.add(action - 1)).number();
                            // Zero is only cleaning up; with the sign bit of its seven it would be a filter.
                            kind != 0 && kind & 0x40 == 0
                        };
                        return if catches { Call::Catches } else { Call::Passes };
                    }
                }
                Call::Aborts
            }
        }

        unsafe fn byte(&mut self) -> u8 {
            // SAFETY: see `call`.
            unsafe {
                let byte = *self.0;
                self.0 = self.0.add(1);
                byte
            }
        }

        unsafe fn number(&mut self) -> usize {
            let (mut number, mut shift) = (0, 0);
            loop {
                // SAFETY: see `call`.
                let byte = unsafe { self.byte() };
                number |= usize::from(byte & 0x7f) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    return number;
                }
            }
        }
    }
}
