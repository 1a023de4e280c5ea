//! Programs of students as each system starts and ends them: with a group of their own, and limits where a shell can set them.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// A command for a program that gets no more than this of the machine: address space in KiB, processor time in seconds, no
/// memory dumps. A limit that the system does not know is left out; on Windows there are none.
pub(crate) fn limited(program: &Path) -> Command {
    if cfg!(unix) {
        // The shell is replaced by the program.
        const LIMITED: &str =
            "{ ulimit -c 0; ulimit -v 4194304; ulimit -t 300; } 2>/dev/null; exec \"$0\"";
        let mut command = Command::new("/bin/sh");
        command.args(["-c", LIMITED]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Gives a program, with all that it starts, a group of its own. Windows knows a process by its parent, see [`kill`].
pub(crate) fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Ends a process with the others of its group, or on Windows with those below it.
pub(crate) fn kill(group: u32) {
    if group == 0 {
        return;
    }
    let mut command;
    if cfg!(unix) {
        command = Command::new("/bin/sh");
        command.args(["-c", &format!("kill -s KILL -- -{group}")]);
    } else {
        command = Command::new("taskkill");
        command.args(["/F", "/T", "/PID", &group.to_string()]);
    }
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // A group that is gone already is what is wanted.
    let _ = quiet.status();
}
