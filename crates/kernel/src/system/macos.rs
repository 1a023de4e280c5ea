//! macOS: the list of processes by `libproc`, its registers, and what it does not tell.
//!
//! Nobody tells what a thread of a process waits for. So a cell that sleeps is not ended but left, with a new thread for the
//! cells, and that a cell waits for a line of input is not seen: the front end is not asked for one.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::PipeReader;
use std::mem::{MaybeUninit, size_of};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Call, Security};

/// What `poll` is asked for, to hear that the other end of a socket writes no more: that is told in any case.
pub(super) const END_OF_STREAM: libc::c_short = 0;

/// Where Jupyter looks for what a user has installed.
pub(crate) fn jupyter_data() -> Option<PathBuf> {
    dirs::home_dir().map(|home| home.join("Library/Jupyter"))
}

/// The loader would take the cells' runtime first, but does not put its `write` before the system's.
pub(crate) const LOADS_FIRST: bool = false;

/// How the names of the libraries begin that may be in the middle of giving out memory, or hold a lock.
pub(crate) const OWN_LIBRARIES: &[&[u8]] = &[
    b"libsystem_",
    b"libdyld",
    b"dyld",
    b"libunwind",
    b"libc++",
    b"libobjc",
];

/// The arguments for the linker that give a shared object its name.
pub(crate) fn naming(name: &str) -> [String; 2] {
    ["-install_name".to_owned(), format!("@rpath/{name}")]
}

/// No process can adopt here: what leaves the group of the cells, and who started it has ended, lives on.
pub(crate) fn adopt_orphans() {}

/// The system chooses by itself.
pub(crate) fn end_first() {}

/// What is asked there is Linux's.
pub(crate) fn security() -> Option<Security> {
    None
}

/// The time in hundredths of a second, as the ages of processes are told: since 1970.
pub(crate) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| {
        now.as_secs() * 100 + u64::from(now.subsec_millis() / 10)
    })
}

/// Every process of this machine that can be seen, with its parent.
pub(crate) fn parents() -> Vec<(i32, i32)> {
    // SAFETY: without a buffer the call only tells how many there are.
    let count = unsafe { libc::proc_listallpids(std::ptr::null_mut(), 0) };
    // Others may begin before the second call.
    let mut ids = vec![0_i32; usize::try_from(count).unwrap_or(0) + 64];
    let bytes = c_int::try_from(ids.len() * size_of::<i32>()).unwrap_or(c_int::MAX);
    // SAFETY: the buffer has so many bytes.
    let count = unsafe { libc::proc_listallpids(ids.as_mut_ptr().cast(), bytes) };
    ids.truncate(usize::try_from(count).unwrap_or(0));
    ids.into_iter()
        .filter_map(|id| Some((id, i32::try_from(process(id)?.pbi_ppid).ok()?)))
        .collect()
}

/// When a process was started, see [`now`].
pub(crate) fn started(id: i32) -> Option<u64> {
    process(id).map(|its| its.pbi_start_tvsec * 100 + its.pbi_start_tvusec / 10_000)
}

fn process(id: i32) -> Option<libc::proc_bsdinfo> {
    let mut info = MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = c_int::try_from(size_of::<libc::proc_bsdinfo>()).ok()?;
    let place = info.as_mut_ptr().cast();
    // SAFETY: the place has so many bytes; when the call has filled all of them, the value is whole.
    unsafe {
        let filled = libc::proc_pidinfo(id, libc::PROC_PIDTBSDINFO, 0, place, size);
        (filled == size).then(|| info.assume_init())
    }
}

/// The threads are not told apart.
pub(crate) fn threads() -> Vec<i32> {
    Vec::new()
}

/// See [`threads`].
pub(crate) fn thread_started(_: i32) -> Option<u64> {
    None
}

/// Nobody tells.
pub(crate) fn call_of(_: i32) -> Option<Call> {
    None
}

/// Nobody tells.
pub(crate) fn waits_to_read(_: i32, _: &PipeReader) -> Option<bool> {
    None
}

/// A pipe without an end to write to stays so: after an end of the input there is none for later cells.
pub(crate) fn open_again(_: &PipeReader) -> Option<File> {
    None
}

/// A thread of this process, which lives as long as the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread(libc::pthread_t);

impl Thread {
    /// The one that calls.
    pub(crate) fn this() -> Thread {
        // SAFETY: the call has no conditions.
        Thread(unsafe { libc::pthread_self() })
    }

    /// See [`threads`].
    pub(crate) fn number(self) -> i32 {
        0
    }

    pub(crate) fn signal(self, signal: c_int) {
        // SAFETY: the thread lives.
        unsafe { libc::pthread_kill(self.0, signal) };
    }
}

/// `ucontext_t` of the system's headers, as far as `uc_mcontext`.
#[repr(C)]
struct Context {
    on_stack: c_int,
    mask: u32,
    stack: libc::stack_t,
    link: *mut c_void,
    size: usize,
    machine: *const Machine,
}

/// `mcontext_t`: what the exception was, then the registers.
#[repr(C)]
struct Machine {
    exception: [u64; 2],
    registers: Registers,
}

/// `x86_thread_state64_t`.
#[cfg(target_arch = "x86_64")]
#[repr(C)]
struct Registers {
    rax: u64,
    rbx_to_r15: [u64; 15],
    rip: u64,
    rflags: u64,
}

/// `arm_thread_state64_t`.
#[cfg(target_arch = "aarch64")]
#[repr(C)]
struct Registers {
    x: [u64; 29],
    fp_lr_sp: [u64; 3],
    pc: u64,
    cpsr: u32,
}

/// Where a signal found its thread: the address of the next instruction, and whether the system was just told to end a call.
///
/// # Safety
/// The context is the one that the handler was given.
pub(crate) unsafe fn interrupted_at(context: *mut c_void) -> Option<(usize, bool)> {
    // SAFETY: the caller's promise.
    let registers = unsafe { &(*(*context.cast::<Context>()).machine).registers };
    let error = u64::from(libc::EINTR.unsigned_abs());
    // A call that fails sets the carry flag, and answers with the number of the error.
    #[cfg(target_arch = "x86_64")]
    let (at, failed, is_call) = {
        let at = usize::try_from(registers.rip).ok()?;
        // SAFETY: the two bytes before the address are code that just ran.
        let before = unsafe { std::ptr::read_unaligned((at - 2) as *const [u8; 2]) };
        let failed = registers.rflags & 1 != 0 && registers.rax == error;
        (at, failed, before == [0x0f, 0x05]) // syscall
    };
    #[cfg(target_arch = "aarch64")]
    let (at, failed, is_call) = {
        let at = usize::try_from(registers.pc).ok()?;
        // SAFETY: as above; an instruction has four bytes.
        let before = unsafe { std::ptr::read_unaligned((at - 4) as *const u32) };
        let failed = registers.cpsr & (1 << 29) != 0 && registers.x[0] == error;
        (at, failed, before == 0xd400_1001) // svc #0x80
    };
    Some((at, failed && is_call))
}
