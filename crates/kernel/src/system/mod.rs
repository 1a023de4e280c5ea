//! What the operating system does: the only place of this crate that asks it in its own words.
//!
//! Here stands what Linux and macOS have in common; `linux.rs` and `macos.rs` have the same functions, and say where one of
//! them cannot do what the other does. Elsewhere the crate does not compile, see `build.rs`.
#![allow(unsafe_code)] // system calls

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

use std::ffi::{CStr, c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

#[cfg(target_os = "linux")]
use linux as own;
#[cfg(target_os = "macos")]
use macos as own;

pub(crate) use own::{
    LOADS_FIRST, OWN_LIBRARIES, Thread, adopt_orphans, call_of, end_first, interrupted_at,
    jupyter_data, naming, now, open_again, parents, security, started, thread_started, threads,
    waits_to_read,
};

/// What a thread waits for, as far as that matters to whoever wants to stop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Time to pass: it can be ended at any moment.
    Sleep,
    /// Another thread, or something to do.
    Wait,
}

/// What Linux has to run a stranger's program apart from everything else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Security {
    /// The version of Landlock's interface, where it is on.
    pub(crate) landlock: Option<i64>,
    /// The kernel says which modules it has.
    pub(crate) lists_modules: bool,
}

/// Whether a socket can be read at once, or has ended.
pub(crate) fn is_readable(socket: &UnixStream) -> bool {
    let mut wait = [waiting(Some(socket), libc::POLLIN)];
    poll(&mut wait, 0) == 1
}

/// Waits until at least one of two sockets can be read, or has ended; tells which.
pub(crate) fn wait_readable(sockets: [Option<&UnixStream>; 2]) -> [bool; 2] {
    let mut waits = sockets.map(|socket| waiting(socket, libc::POLLIN));
    // A signal may interrupt the call.
    while poll(&mut waits, -1) < 1 {}
    waits.map(|wait| wait.revents != 0)
}

/// Waits until nobody writes to a socket any more.
pub(crate) fn wait_for_the_end_of(socket: &UnixStream) {
    let mut wait = [waiting(Some(socket), own::END_OF_STREAM)];
    while poll(&mut wait, -1) != 1 {}
}

fn waiting(socket: Option<&UnixStream>, events: libc::c_short) -> libc::pollfd {
    libc::pollfd {
        // A negative number is nobody's.
        fd: socket.map_or(-1, AsRawFd::as_raw_fd),
        events,
        revents: 0,
    }
}

fn poll<const N: usize>(waits: &mut [libc::pollfd; N], patience: c_int) -> c_int {
    // SAFETY: as many descriptors as the number says.
    unsafe { libc::poll(waits.as_mut_ptr(), N as libc::nfds_t, patience) }
}

/// Ctrl-C's.
pub(crate) const INTERRUPT: c_int = libc::SIGINT;
/// The end at once.
pub(crate) const KILL: c_int = libc::SIGKILL;

/// Sends a signal to a process, or with the minus sign to a group; 0 goes to the group of this process.
pub(crate) fn signal(id: i32, signal: c_int) {
    // SAFETY: a plain system call. Nobody hears it when there is no such process any more.
    unsafe { libc::kill(id, signal) };
}

/// Ends every process of the group that `leader` made for itself.
pub(crate) fn kill_group(leader: u32) {
    // When `leader` has no group yet, there is none to end.
    if let Ok(leader) = i32::try_from(leader) {
        signal(-leader, KILL);
    }
}

/// A signal that is nobody else's: by default it does nothing.
pub(crate) const ATTENTION: c_int = libc::SIGURG;

/// What is called for a signal: its number, what is said about it, and where it found its thread.
pub(crate) type Handler = extern "C-unwind" fn(c_int, *mut c_void, *mut c_void);

/// Has a handler called for [`ATTENTION`], also while it runs, since it may never return; no call of the system that was
/// interrupted is begun again.
///
/// # Safety
/// The handler does nothing that must not be done at any place of the program.
pub(crate) unsafe fn on_attention(handler: Handler) {
    // SAFETY: the handler has the signature that SA_SIGINFO asks for.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        libc::sigaction(ATTENTION, &raw const action, std::ptr::null_mut());
    }
}

/// A moment's sleep that a handler may take.
pub(crate) fn rest() {
    // SAFETY: a plain system call.
    unsafe { libc::usleep(2000) };
}

/// The file that the code at an address was loaded from; the libraries of this process stay loaded.
pub(crate) fn file_of(at: usize) -> Option<&'static [u8]> {
    // SAFETY: the call fills `found`, whose name stays as long as the library.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        let is_found = libc::dladdr(at as *const c_void, &raw mut found) != 0;
        (is_found && !found.dli_fname.is_null()).then(|| CStr::from_ptr(found.dli_fname).to_bytes())
    }
}

/// Whether a process with this number exists; one that has ended does until its parent has asked for it.
pub(crate) fn exists(id: i32) -> bool {
    // SAFETY: signal 0 only asks.
    let asked = unsafe { libc::kill(id, 0) };
    // Whoever may not send one hears that there is somebody.
    asked == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

/// The number of the user that this process acts for.
pub(crate) fn user() -> u32 {
    // SAFETY: a plain system call.
    unsafe { libc::geteuid() }
}

/// Ends this process, and runs nothing that the end of a process usually runs.
pub(crate) fn exit_at_once() -> ! {
    // SAFETY: a plain system call.
    unsafe { libc::_exit(0) }
}

/// Makes the calling process two, the new one with a group of its own: its number for the old one, nothing for the new one.
///
/// # Safety
/// The process has one thread.
pub(crate) unsafe fn split() -> io::Result<Option<i32>> {
    // SAFETY: there is only this thread, so the new process is as whole as the old one.
    let new = unsafe { libc::fork() };
    if new == -1 {
        return Err(io::Error::last_os_error());
    }
    // Both make the group, so that it is there whoever comes first.
    // SAFETY: a plain system call.
    unsafe { libc::setpgid(new, new) };
    Ok((new != 0).then_some(new))
}

/// Waits until a child has ended, and buries others that end before; its status.
pub(crate) fn wait_for(wanted: i32) -> i32 {
    loop {
        let mut status = 0;
        // SAFETY: the call writes to `status` only.
        if unsafe { libc::waitpid(-1, &raw mut status, 0) } == wanted {
            return status;
        }
    }
}

/// Buries the children that have ended; whether there are others.
pub(crate) fn bury() -> bool {
    loop {
        // SAFETY: a plain system call without a place for the status.
        match unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } {
            -1 => return false,
            0 => return true,
            _ => (),
        }
    }
}

/// Makes a process that takes what the others leave of the processor, and that ends first when memory runs out.
pub(crate) fn gives_way(command: &mut Command) {
    // SAFETY: plain system calls, allowed between fork and exec.
    unsafe {
        command.pre_exec(|| {
            // 0 is the calling process, on Linux the calling thread, of which there is one.
            libc::setpriority(libc::PRIO_PROCESS, 0, 15);
            end_first();
            Ok(())
        });
    }
}

/// Lets the next program that `command` starts inherit a descriptor.
pub(crate) fn inherit(command: &mut Command, descriptor: RawFd) {
    // SAFETY: a plain system call, allowed between fork and exec.
    unsafe {
        command.pre_exec(move || match libc::fcntl(descriptor, libc::F_SETFD, 0) {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
}

/// A descriptor for the same as a standard stream of this process.
pub(crate) fn duplicate(stream: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the new descriptor is ours alone.
    unsafe {
        match libc::fcntl(stream, libc::F_DUPFD_CLOEXEC, 3) {
            -1 => Err(io::Error::last_os_error()),
            new => Ok(OwnedFd::from_raw_fd(new)),
        }
    }
}

/// Puts what `by` stands for in the place of a standard stream, which nobody owns.
pub(crate) fn replace(stream: RawFd, by: OwnedFd) -> io::Result<()> {
    // SAFETY: plain numbers; `by` is open.
    match unsafe { libc::dup2(by.as_raw_fd(), stream) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
