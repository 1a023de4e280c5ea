//! Other processes: running compilers, ending what runs the cells.
#![allow(unsafe_code)] // kill, prctl

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

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

/// The calling thread, and those that it starts, take what the others leave of the processor.
pub(crate) fn give_way() {
    // SAFETY: a plain system call; on Linux 0 is the calling thread alone.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 15);
    }
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

/// Whether the main thread of a process waits to read standard input.
pub(crate) fn waits_for_input(id: u32) -> bool {
    // The number of the system call `read`, and its first argument.
    let reads_0 = format!("{} 0x0 ", libc::SYS_read);
    std::fs::read_to_string(format!("/proc/{id}/syscall"))
        .is_ok_and(|call| call.starts_with(&reads_0))
}
