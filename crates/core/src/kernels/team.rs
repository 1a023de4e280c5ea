//! The threads that share the work of a training step.
//!
//! A step has dozens of parallel parts, some of them 20 microseconds long. Threads of a general pool fall asleep between such
//! parts, and waking one costs more than the part itself; these keep looking for work for a moment before they sleep.

use std::any::Any;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// How long a thread without work looks for some before it sleeps.
const AWAKE: Duration = Duration::from_micros(300);

/// Work of fewer nanoseconds is not shared.
const WORTH_SHARING: usize = 20_000;

/// Call `work(number, item)` for every item, on all cores: the thread that calls begins with the first, the others with the
/// last, so that with the same cuts a part of the numbers stays in the cache of one core from operation to operation. Who
/// takes those in the middle is left to chance, so an item must not depend on another; then the result does not depend on
/// the number of threads.
///
/// A call inside of `work`, or while another thread has the team, works alone.
///
/// # Panics
/// When `work` panics, with its payload, after the others have finished theirs.
pub(crate) fn for_each<T: Send>(items: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
    struct Start<T>(*mut T);
    // SAFETY: it is used by `Start::item` alone, which gives each item to one thread; T may go to another thread.
    unsafe impl<T: Send> Sync for Start<T> {}
    impl<T> Start<T> {
        /// # Safety
        /// `i` is inside of the slice, and nobody else has asked for it.
        #[allow(clippy::mut_from_ref)]
        unsafe fn item(&self, i: usize) -> &mut T {
            // SAFETY: the caller's promise.
            unsafe { &mut *self.0.add(i) }
        }
    }
    let start = Start(items.as_mut_ptr());
    // SAFETY: `Team::run` calls with each number below the length once, and returns when all calls have.
    run(items.len(), &|i| work(i, unsafe { start.item(i) }));
}

/// [`for_each`] for work of about so many nanoseconds of one core, one for each number where a loop goes over numbers: the thread
/// that calls does short work alone. Until another thread has come, and has fetched what lies in this one's cache, it would be
/// over.
pub(crate) fn for_each_of<T: Send>(
    nanoseconds: usize,
    items: &mut [T],
    work: impl Fn(usize, &mut T) + Sync,
) {
    if nanoseconds < WORTH_SHARING {
        return items
            .iter_mut()
            .enumerate()
            .for_each(|(i, item)| work(i, item));
    }
    for_each(items, work);
}

/// How many threads share the work: all cores that the system gives this process, or `GRADUS_THREADS`.
pub(crate) fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| {
        let asked = std::env::var("GRADUS_THREADS").ok();
        let asked = asked.and_then(|n| n.parse().ok()).filter(|n| *n > 0);
        asked.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    })
}

/// Call `work` once with each number below `tasks`.
fn run(tasks: usize, work: &(dyn Fn(usize) + Sync)) {
    static TEAM: OnceLock<Option<&'static Team>> = OnceLock::new();
    let team = if tasks > 1 {
        *TEAM.get_or_init(Team::start)
    } else {
        None
    };
    let free = team.and_then(|team| match team.leading.try_lock() {
        Ok(leading) => Some((team, leading)),
        // The part that panicked is over.
        Err(TryLockError::Poisoned(leading)) => Some((team, leading.into_inner())),
        Err(TryLockError::WouldBlock) => None,
    });
    match free {
        Some((team, _leading)) => team.lead(tasks, work),
        None => (0..tasks).for_each(work),
    }
}

/// What is shared between the thread that leads a part and those that help.
struct Team {
    /// Held by the thread whose part this is.
    leading: Mutex<()>,
    /// Number of the part (high 32 bits), whether it is open to helpers (bit 31), how many are in it (the rest).
    state: AtomicU64,
    /// The part: written only while nobody is in it and it is not open.
    work: UnsafeCell<Option<Work>>,
    /// How many numbers have been taken from the front (low 32 bits) and from the back (high 32 bits).
    taken: AtomicU64,
    /// What a helper panicked with.
    panicked: Mutex<Option<Box<dyn Any + Send>>>,
    /// How many sleep, and what wakes them.
    sleeping: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
}

#[derive(Clone, Copy)]
struct Work {
    tasks: usize,
    call: *const (dyn Fn(usize) + Sync),
}

// SAFETY: `work` is the only field that is not Sync by itself. It is written by the thread that holds `leading`, while the
// state says that it is not open and nobody is in; helpers read it after they have entered by a compare-and-exchange that
// succeeds only while it is open. The exchange (acquire) follows the opening (release), so the write is seen.
unsafe impl Sync for Team {}

/// Where a thread takes its numbers from.
#[derive(Clone, Copy)]
enum End {
    Front,
    Back,
}

const OPEN: u64 = 1 << 31;
const INSIDE: u64 = OPEN - 1;
const PART: u64 = 1 << 32;

impl Team {
    /// The helpers, one less than there are threads; none where there is one core or a thread cannot be had.
    fn start() -> Option<&'static Team> {
        let helpers = threads() - 1;
        let team: &'static Team = Box::leak(Box::new(Team {
            leading: Mutex::new(()),
            state: AtomicU64::new(0),
            work: UnsafeCell::new(None),
            taken: AtomicU64::new(0),
            panicked: Mutex::new(None),
            sleeping: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        }));
        let started = (0..helpers)
            .filter(|_| {
                let thread = std::thread::Builder::new().name("gradus".to_owned());
                thread.spawn(|| team.help()).is_ok()
            })
            .count();
        (started > 0).then_some(team)
    }

    fn lead(&self, tasks: usize, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes. `work` is called by this thread and by helpers inside of the part, and this
        // function ends, also by a panic, only after the part is closed and the last helper has left.
        let call = unsafe {
            std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const (dyn Fn(usize) + Sync)>(
                work,
            )
        };
        // SAFETY: the part before is closed and empty, and `leading` keeps other writers out.
        unsafe { *self.work.get() = Some(Work { tasks, call }) };
        self.taken.store(0, Ordering::Relaxed);
        let part = (self.state.load(Ordering::Relaxed) & !INSIDE).wrapping_add(PART) | OPEN;
        self.state.store(part, Ordering::SeqCst);
        if self.sleeping.load(Ordering::SeqCst) > 0 {
            let _sleep = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_all();
        }
        let mine = catch_unwind(AssertUnwindSafe(|| self.take(End::Front, tasks, work)));
        self.state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut patience = 0_u32;
        while self.state.load(Ordering::Acquire) & INSIDE != 0 {
            pause(&mut patience);
        }
        let theirs = self
            .panicked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(payload) = mine.err().or(theirs) {
            resume_unwind(payload);
        }
    }

    /// Work on one number after the other, from one end.
    fn take(&self, end: End, tasks: usize, work: &(dyn Fn(usize) + Sync)) {
        loop {
            let taken = match end {
                End::Front => self.taken.fetch_add(1, Ordering::Relaxed),
                End::Back => self.taken.fetch_add(1 << 32, Ordering::Relaxed),
            };
            let (front, back) = (
                (taken & u64::from(u32::MAX)) as usize,
                (taken >> 32) as usize,
            );
            if front + back >= tasks {
                return;
            }
            match end {
                End::Front => work(front),
                End::Back => work(tasks - 1 - back),
            }
        }
    }

    /// What a helper does for ever.
    fn help(&self) {
        let mut last = 0;
        loop {
            let state = self.wait(last);
            let (entry, relaxed) = (Ordering::AcqRel, Ordering::Relaxed);
            let entered = self
                .state
                .compare_exchange(state, state + 1, entry, relaxed);
            if entered.is_err() {
                continue; // somebody else came or went, or the part is over
            }
            last = state & !(PART - 1);
            // SAFETY: this thread is inside, so the part is not written and what it calls is alive until it has left.
            let panic = unsafe {
                (*self.work.get()).and_then(|work| {
                    let call = &*work.call;
                    catch_unwind(AssertUnwindSafe(|| self.take(End::Back, work.tasks, call))).err()
                })
            };
            if panic.is_some() {
                *self.panicked.lock().unwrap_or_else(PoisonError::into_inner) = panic;
            }
            self.state.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// The state once a part other than `last` is open.
    fn wait(&self, last: u64) -> u64 {
        let ready = |state: u64| state & OPEN != 0 && state & !(PART - 1) != last;
        let mut since = None;
        let mut patience = 0_u32;
        loop {
            let state = self.state.load(Ordering::SeqCst);
            if ready(state) {
                return state;
            }
            pause(&mut patience);
            if patience.is_multiple_of(64)
                && since.get_or_insert_with(Instant::now).elapsed() >= AWAKE
            {
                let mut sleep = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
                self.sleeping.fetch_add(1, Ordering::SeqCst);
                while !ready(self.state.load(Ordering::SeqCst)) {
                    sleep = self
                        .wake
                        .wait(sleep)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                self.sleeping.fetch_sub(1, Ordering::SeqCst);
                since = None;
            }
        }
    }
}

/// Wait a moment; after many moments let other threads of the machine have the core.
fn pause(patience: &mut u32) {
    *patience = patience.wrapping_add(1);
    if patience.is_multiple_of(1024) {
        std::thread::yield_now();
    } else {
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        for round in 0..2000 {
            let mut items = vec![0_usize; round % 37];
            for_each(&mut items, |i, item| *item += i + 1);
            assert!(items.iter().enumerate().all(|(i, item)| *item == i + 1));
        }
    }

    #[test]
    fn a_part_inside_of_a_part_works_alone() {
        let mut rows = vec![vec![0; 5]; 7];
        for_each(&mut rows, |i, row| {
            for_each(row, |j, cell| *cell = 10 * i + j)
        });
        assert_eq!(rows[6], [60, 61, 62, 63, 64]);
    }

    #[test]
    fn two_threads_can_ask_at_once() {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let mut items = [1; 16];
                        for_each(&mut items, |_, item| *item *= 2);
                        assert_eq!(items, [2; 16]);
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_comes_back_and_the_team_goes_on() {
        for _ in 0..50 {
            let panicked = catch_unwind(|| {
                for_each(&mut [0; 8], |i, _| assert!(i != 3, "three"));
            });
            assert!(panicked.is_err());
            let mut items = [0; 8];
            for_each(&mut items, |_, item| *item = 1);
            assert_eq!(items, [1; 8]);
        }
    }

    #[test]
    fn sleepers_wake_up() {
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(3));
            let mut items = [0; 4];
            for_each(&mut items, |i, item| *item = i);
            assert_eq!(items, [0, 1, 2, 3]);
        }
    }
}
