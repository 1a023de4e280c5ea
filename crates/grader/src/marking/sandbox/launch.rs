//! The launcher: two processes of it, one that watches the clock and one that gives up its rights and becomes the command.

use std::{
    io,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Command, exit},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sched::{CloneFlags, unshare},
    sys::{
        prctl,
        signal::{SigHandler, Signal},
        wait::WaitStatus,
    },
    unistd::{self, ForkResult, Gid, Uid},
};

use super::{ASKED, Spec, rights, room};

/// The status when the sandbox could not be set up.
const FAILED: i32 = 125;
/// Added to the number of the signal that ended the second process of a namespace.
const SIGNALLED: i32 = 190;
/// Before the specification, in the arguments of the inner process.
const INNER: &str = "inner";

pub(super) fn launch(text: &str) -> ! {
    let inner = text.strip_prefix(INNER);
    let done = match serde_json::from_str(inner.unwrap_or(text)) {
        Err(e) => Err(io::Error::other(format!("the specification: {e}"))),
        Ok(spec) if inner.is_some() => become_the_command(&spec),
        Ok(spec) => watch(&spec, text),
    };
    match done {
        Ok(status) => exit(status),
        Err(e) => {
            eprintln!("gradus-sandbox: {e}");
            exit(FAILED);
        }
    }
}

/// Starts the inner process and ends it when its time is over. Ends as it did.
fn watch(spec: &Spec, text: &str) -> io::Result<i32> {
    close_others();
    if let Some(user) = spec.user {
        let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
        unistd::setgroups(&[]).map_err(told("the groups"))?;
        unistd::setresgid(gid, gid, gid).map_err(told("the group"))?;
        unistd::setresuid(uid, uid, uid).map_err(told("the user"))?;
        // Its files in /proc are root's otherwise, and the namespace of users is set up there.
        prctl::set_dumpable(true).map_err(told("to be seen by itself"))?;
    }
    // Raised, so that a machine that runs out of memory ends this first. Where that is refused, it is one more process.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let mut launcher = Path::new("/proc/self/exe");
    if spec.namespaces {
        let (uid, gid) = (unistd::geteuid(), unistd::getegid());
        unshare(
            CloneFlags::CLONE_NEWUSER
                | CloneFlags::CLONE_NEWNS
                | CloneFlags::CLONE_NEWPID
                | CloneFlags::CLONE_NEWNET
                | CloneFlags::CLONE_NEWIPC
                | CloneFlags::CLONE_NEWUTS,
        )
        .map_err(told("namespaces"))?;
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))?;
        std::fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
        launcher = Path::new(room::LAUNCHER);
        room::enter(spec).map_err(|e| io::Error::other(format!("mounts: {e}")))?;
    }
    let begun = Instant::now();
    let mut inner = Command::new(launcher)
        .args([ASKED, &format!("{INNER}{text}")])
        .env_clear()
        .spawn()?;
    let wall = Duration::from_secs(spec.wall);
    let mut pause = Duration::from_micros(200);
    let status = loop {
        if let Some(status) = inner.try_wait()? {
            break status;
        }
        if begun.elapsed() > wall {
            end_session(inner.id());
            inner.kill()?;
            inner.wait()?;
            break std::process::ExitStatus::from_raw(Signal::SIGXCPU as i32);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    };
    end_session(inner.id());
    let code = status.code().unwrap_or(FAILED);
    let of_the_second = Some(code - SIGNALLED).filter(|number| spec.namespaces && *number > 0);
    match status.signal().or(of_the_second) {
        None => Ok(code),
        Some(number) => {
            // As it ended, so that whoever started this sees why.
            if let Ok(signal) = Signal::try_from(number) {
                rights::no_core()?;
                end_by(signal);
            }
            Ok(128 + number)
        }
    }
}

/// Ends what the command has left behind in its session.
fn end_session(leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        let group = unistd::Pid::from_raw(leader);
        // None is left, as a rule.
        let _ = nix::sys::signal::killpg(group, Signal::SIGKILL);
    }
}

#[allow(unsafe_code)] // the runtime has a handler of its own for some
fn end_by(signal: Signal) {
    // SAFETY: the handler becomes the system's own.
    let _ = unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) };
    let _ = nix::sys::signal::raise(signal);
}

/// The first process of a namespace does not get most signals, not even its own: it stays, and the command is the second.
#[allow(unsafe_code)] // a fork
fn wait_for_the_second() -> io::Result<()> {
    // SAFETY: this process has one thread.
    let forked = unsafe { unistd::fork() }.map_err(told("a second process"))?;
    let ForkResult::Parent { child } = forked else {
        return Ok(());
    };
    loop {
        // With the second the others end: this is their first process.
        match nix::sys::wait::wait() {
            Ok(WaitStatus::Exited(pid, status)) if pid == child => exit(status),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => {
                exit(SIGNALLED + signal as i32)
            }
            Ok(_) => {}
            Err(e) => return Err(told("the second process")(e)),
        }
    }
}

fn become_the_command(spec: &Spec) -> io::Result<i32> {
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(told("to end with the launcher"))?;
    if spec.namespaces {
        wait_for_the_second()?;
    }
    unistd::setsid().map_err(told("a session"))?;
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(told("to end with the launcher"))?;
    std::env::set_current_dir(&spec.folder)
        .map_err(|e| io::Error::other(format!("{}: {e}", spec.folder.display())))?;
    let (program, arguments) = spec
        .command
        .split_first()
        .ok_or_else(|| io::Error::other("no command"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(spec.environment.iter().map(|(name, value)| (name, value)));
    rights::limit(spec)?;
    rights::see_files(spec).map_err(|e| io::Error::other(format!("Landlock: {e}")))?;
    rights::call_the_system(spec.forks).map_err(|e| io::Error::other(format!("seccomp: {e}")))?;
    Err(io::Error::other(format!("{program}: {}", command.exec())))
}

/// No descriptor but the three goes on to the command, whoever opened it.
#[allow(unsafe_code)] // a system call
fn close_others() {
    const CLOSE_ON_EXEC: u32 = 4;
    // SAFETY: it only marks descriptors to be closed by the next exec. A kernel without it is one without Landlock too.
    unsafe { libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, CLOSE_ON_EXEC) };
}

pub(super) fn told(what: &'static str) -> impl Fn(nix::Error) -> io::Error {
    move |e| io::Error::other(format!("{what}: {e}"))
}
