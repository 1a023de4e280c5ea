//! Linux: its files of processes (`/proc`), its numbers of calls, its registers.

use std::ffi::{c_int, c_void};
use std::fs::{self, File};
use std::io::PipeReader;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::{Call, Security};

/// What `poll` is asked for, to hear that the other end of a socket writes no more.
pub(super) const END_OF_STREAM: libc::c_short = libc::POLLRDHUP;

/// Where Jupyter looks for what a user has installed.
pub(crate) fn jupyter_data() -> Option<PathBuf> {
    dirs::data_dir().map(|data| data.join("jupyter"))
}

/// Whether the loader can be told what to load before anything else.
pub(crate) const LOADS_FIRST: bool = true;

/// How the names of the libraries begin that may be in the middle of giving out memory, or hold a lock.
pub(crate) const OWN_LIBRARIES: &[&[u8]] = &[b"libc.", b"libc-", b"ld-", b"ld.", b"libgcc"];

/// The arguments for the linker that give a shared object its name.
pub(crate) fn naming(name: &str) -> [String; 2] {
    ["-soname".to_owned(), name.to_owned()]
}

/// What this process's children start, and who started it has ended, becomes a child of this process, also in a group or
/// session of its own.
pub(crate) fn adopt_orphans() {
    // SAFETY: a plain system call.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
}

/// When memory runs out, this process is the one to end. May be called between fork and exec.
pub(crate) fn end_first() {
    // SAFETY: plain system calls; the text has four bytes.
    unsafe {
        let file = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY);
        if file >= 0 {
            let _ = libc::write(file, c"1000".as_ptr().cast(), 4);
            libc::close(file);
        }
    }
}

/// What this machine has to run a program apart from everything else.
pub(crate) fn security() -> Option<Security> {
    const VERSION: libc::c_ulong = 1;
    // SAFETY: with this flag and no attributes the call only asks for the version.
    let version =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0usize, 0usize, VERSION) };
    // The type of the answer has 32 bits on some machines.
    #[allow(clippy::useless_conversion)]
    let version = i64::from(version);
    let modules = fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    Some(Security {
        landlock: (version > 0).then_some(version),
        lists_modules: !modules.is_empty(),
    })
}

/// The time in hundredths of a second, as the ages of processes are told: since the machine was started.
pub(crate) fn now() -> u64 {
    let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let digits = text.split(' ').next().unwrap_or_default().replace('.', "");
    digits.parse().unwrap_or(0)
}

/// Every process of this machine that can be seen, with its parent.
pub(crate) fn parents() -> Vec<(i32, i32)> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let parent = field(entry.path().join("stat").to_str()?, 1)?;
        Some((id, parent))
    })
    .collect()
}

/// When a process was started, see [`now`].
pub(crate) fn started(id: i32) -> Option<u64> {
    field(&format!("/proc/{id}/stat"), 19)
}

/// The numbers of the threads of this process.
pub(crate) fn threads() -> Vec<i32> {
    let threads = fs::read_dir("/proc/self/task");
    let threads = threads.into_iter().flatten().flatten();
    threads
        .filter_map(|thread| thread.file_name().to_str()?.parse().ok())
        .collect()
}

/// When a thread of this process was started, see [`now`].
pub(crate) fn thread_started(id: i32) -> Option<u64> {
    field(&format!("/proc/self/task/{id}/stat"), 19)
}

/// A field of a file on a process, counted from the one behind the name.
fn field<T: std::str::FromStr>(stat: &str, at: usize) -> Option<T> {
    let stat = fs::read_to_string(stat).ok()?;
    // The name may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(at)?.parse().ok()
}

/// What a thread of this process waits for; `None` for anything else, and where that cannot be seen.
pub(crate) fn call_of(thread: i32) -> Option<Call> {
    const SLEEPS: &[libc::c_long] = &[
        #[cfg(target_arch = "x86_64")]
        libc::SYS_pause,
        libc::SYS_nanosleep,
        libc::SYS_clock_nanosleep,
    ];
    const WAITS: &[libc::c_long] = &[
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait,
        libc::SYS_ppoll,
        libc::SYS_epoll_pwait,
        libc::SYS_futex,
    ];
    let call = fs::read_to_string(format!("/proc/self/task/{thread}/syscall")).ok()?;
    let number = call.split(' ').next()?.parse().ok()?;
    let is = |call, numbers: &[_]| numbers.contains(&number).then_some(call);
    is(Call::Sleep, SLEEPS).or(is(Call::Wait, WAITS))
}

/// Whether a thread of a process waits to read from `pipe`; `None` where that cannot be seen.
pub(crate) fn waits_to_read(id: i32, pipe: &PipeReader) -> Option<bool> {
    let file = |id: &str, descriptor: i32| {
        let file = fs::metadata(format!("/proc/{id}/fd/{descriptor}")).ok()?;
        Some((file.dev(), file.ino()))
    };
    let wanted = file("self", pipe.as_raw_fd())?;
    let reads = |call: &str| {
        // The number of the system call, and its arguments.
        let mut words = call.split(' ');
        let number = words.next()?.parse().ok()?;
        let descriptor = i32::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok()?;
        ([libc::SYS_read, libc::SYS_readv, libc::SYS_splice].contains(&number)
            && file(&id.to_string(), descriptor) == Some(wanted))
        .then_some(())
    };
    let mut seen = None;
    for thread in fs::read_dir(format!("/proc/{id}/task")).ok()?.flatten() {
        if let Ok(call) = fs::read_to_string(thread.path().join("syscall")) {
            seen = Some(seen == Some(true) || reads(&call).is_some());
        }
    }
    seen
}

/// Another end to write to a pipe, when all others are closed.
pub(crate) fn open_again(pipe: &PipeReader) -> Option<File> {
    let path = format!("/proc/self/fd/{}", pipe.as_raw_fd());
    File::options().write(true).open(path).ok()
}

/// A thread of this process, which lives as long as the process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread(i32);

impl Thread {
    /// The one that calls.
    pub(crate) fn this() -> Thread {
        // SAFETY: a plain system call.
        Thread(unsafe { libc::gettid() })
    }

    /// Its number among [`threads`].
    pub(crate) fn number(self) -> i32 {
        self.0
    }

    pub(crate) fn signal(self, signal: c_int) {
        // SAFETY: a plain system call.
        unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), self.0, signal) };
    }
}

/// Where a signal found its thread: the address of the next instruction, and whether the system was just told to end a call.
///
/// # Safety
/// The context is the one that the handler was given.
#[cfg(target_arch = "x86_64")]
pub(crate) unsafe fn interrupted_at(context: *mut c_void) -> Option<(usize, bool)> {
    // SAFETY: the caller's promise; the two bytes before the address are code that just ran.
    let (at, result, before) = unsafe {
        let registers = &(*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // an address
        let at = registers[libc::REG_RIP as usize] as usize;
        let before = std::ptr::read_unaligned((at - 2) as *const [u8; 2]);
        (at, registers[libc::REG_RAX as usize], before)
    };
    let is_call = before == [0x0f, 0x05]; // syscall
    Some((at, is_call && result == -i64::from(libc::EINTR)))
}

/// The same for this processor.
///
/// # Safety
/// The context is the one that the handler was given.
#[cfg(target_arch = "aarch64")]
pub(crate) unsafe fn interrupted_at(context: *mut c_void) -> Option<(usize, bool)> {
    // SAFETY: as above; an instruction has four bytes.
    let (at, result, before) = unsafe {
        let registers = &(*context.cast::<libc::ucontext_t>()).uc_mcontext;
        let at = registers.pc as usize;
        let before = std::ptr::read_unaligned((at - 4) as *const u32);
        (at, registers.regs[0].cast_signed(), before)
    };
    let is_call = before == 0xd400_0001; // svc #0
    Some((at, is_call && result == -i64::from(libc::EINTR)))
}

/// The registers of other processors are not known here: a cell that looks at nothing is stopped by restarting the kernel.
///
/// # Safety
/// None is needed.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) unsafe fn interrupted_at(_: *mut c_void) -> Option<(usize, bool)> {
    None
}
