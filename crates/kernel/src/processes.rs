//! Other processes: running compilers, ending what runs the cells.
#![allow(unsafe_code)] // kill, prctl, poll

use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

/// Whether a socket can be read at once, or has ended.
pub(crate) fn is_readable(socket: &UnixStream) -> bool {
    let mut wait = libc::pollfd {
        fd: socket.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one descriptor, as the number says.
    unsafe { libc::poll(&raw mut wait, 1, 0) == 1 }
}

/// Waits until at least one of two sockets can be read, or has ended; tells which.
pub(crate) fn wait_readable(sockets: [Option<&UnixStream>; 2]) -> [bool; 2] {
    let mut waits = sockets.map(|socket| libc::pollfd {
        // A negative number is nobody's.
        fd: socket.map_or(-1, AsRawFd::as_raw_fd),
        events: libc::POLLIN,
        revents: 0,
    });
    // SAFETY: two descriptors, as the number says. A signal may interrupt the call.
    while unsafe { libc::poll(waits.as_mut_ptr(), 2, -1) } < 1 {}
    waits.map(|wait| wait.revents != 0)
}

/// Ends every process of the group that `leader` made for itself.
pub(crate) fn kill_group(leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        // SAFETY: a plain system call. When `leader` has no group yet, there is none to end.
        unsafe { libc::kill(-leader, libc::SIGKILL) };
    }
}

/// Makes a process that ends when the one that starts it does, with a group of its own.
pub(crate) fn tied_to_us(command: &mut Command) {
    command.process_group(0);
    // SAFETY: a plain system call, allowed between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
}

/// The version of Landlock's interface, where the kernel of this machine has it.
pub(crate) fn landlock_version() -> Option<i64> {
    #[cfg(target_os = "linux")]
    {
        const VERSION: libc::c_ulong = 1;
        // SAFETY: with this flag and no attributes the call only asks for the version.
        let version =
            unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0usize, 0usize, VERSION) };
        (version > 0).then_some(version)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Makes a process that takes what the others leave of the processor, and that ends first when memory runs out.
pub(crate) fn gives_way(command: &mut Command) {
    // SAFETY: plain system calls, allowed between fork and exec; on Linux 0 is the calling process.
    unsafe {
        command.pre_exec(|| {
            #[cfg(target_os = "linux")]
            libc::setpriority(libc::PRIO_PROCESS, 0, 15);
            let file = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY);
            if file >= 0 {
                let _ = libc::write(file, c"1000".as_ptr().cast(), 4);
                libc::close(file);
            }
            Ok(())
        });
    }
}

/// The memory that this machine can still give, in KiB; where it does not tell, nobody knows.
pub(crate) fn memory_left() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs a compiler to its end, or, when `stop` says so, to an earlier one: then there is no output.
pub(crate) fn run(
    mut command: Command,
    stop: &dyn Fn() -> bool,
) -> std::io::Result<Option<Output>> {
    tied_to_us(&mut command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (done_in, done) = crossbeam_channel::bounded(1);
    if let Some(mut stderr) = child.stderr.take() {
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = stderr.read_to_end(&mut said);
            let _ = done_in.send(said);
        });
    }
    let mut stopped = false;
    let stderr = loop {
        match done.recv_timeout(Duration::from_millis(20)) {
            Ok(said) => break said,
            Err(RecvTimeoutError::Disconnected) => break Vec::new(),
            Err(RecvTimeoutError::Timeout) if stop() => {
                stopped = true;
                kill_group(child.id());
                let _ = child.kill();
            }
            Err(RecvTimeoutError::Timeout) => (),
        }
    };
    let status = child.wait()?;
    Ok((!stopped).then_some(Output {
        status,
        stdout: Vec::new(),
        stderr,
    }))
}

/// The processes that `id` started, those that they started, and so on. Empty where /proc does not tell.
pub(crate) fn descendants(id: u32) -> Vec<i32> {
    let parents: Vec<(i32, i32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name before may hold anything.
            let (_, rest) = stat.rsplit_once(") ")?;
            Some((id, rest.split(' ').nth(1)?.parse().ok()?))
        })
        .collect();
    let mut found = Vec::new();
    let mut of = i32::try_from(id).ok();
    let mut next = 0;
    while let Some(parent) = of {
        let children = parents.iter().filter(|(_, its)| *its == parent);
        found.extend(children.map(|(id, _)| *id));
        of = found.get(next).copied();
        next += 1;
    }
    found
}

/// The numbers of the threads of this process.
pub(crate) fn threads() -> Vec<i32> {
    let threads = std::fs::read_dir("/proc/self/task");
    let threads = threads.into_iter().flatten().flatten();
    threads
        .filter_map(|thread| thread.file_name().to_str()?.parse().ok())
        .collect()
}

/// When a process was started, in hundredths of a second since the machine was.
pub(crate) fn started(id: i32) -> Option<u64> {
    start_in(&format!("/proc/{id}/stat"))
}

/// The same of a thread of this process.
pub(crate) fn thread_started(id: i32) -> Option<u64> {
    start_in(&format!("/proc/self/task/{id}/stat"))
}

fn start_in(stat: &str) -> Option<u64> {
    let stat = std::fs::read_to_string(stat).ok()?;
    // The name before may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(19)?.parse().ok()
}

/// Whether a thread of a process waits to read from `pipe`; `None` where that cannot be seen.
#[cfg(target_os = "linux")]
pub(crate) fn waits_to_read(id: i32, pipe: &std::io::PipeReader) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    let file = |id: &str, descriptor: i32| {
        let file = std::fs::metadata(format!("/proc/{id}/fd/{descriptor}")).ok()?;
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
    for thread in std::fs::read_dir(format!("/proc/{id}/task"))
        .ok()?
        .flatten()
    {
        if let Ok(call) = std::fs::read_to_string(thread.path().join("syscall")) {
            seen = Some(seen == Some(true) || reads(&call).is_some());
        }
    }
    seen
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
pub(crate) fn waits_to_read(_: i32, _: &std::io::PipeReader) -> Option<bool> {
    None
}
