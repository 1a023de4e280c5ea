//! Other programs: compilers and the like, which end when this process does.

use std::io::{Read, Write};
use std::ops::{Deref, DerefMut};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

use crate::system;

/// A program in a group of its own: when this process ends, however it does, so does every process of the group. Until it is
/// dropped: by then somebody has waited for it.
#[derive(Debug)]
pub(crate) struct Tied(Child);

impl Tied {
    pub(crate) fn start(command: &mut Command) -> std::io::Result<Tied> {
        let child = command.process_group(0).spawn()?;
        tell_watcher("began", child.id());
        Ok(Tied(child))
    }

    /// Ends every process of the group.
    pub(crate) fn kill(&mut self) {
        system::kill_group(self.0.id());
        let _ = self.0.kill();
    }
}

impl Deref for Tied {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Tied {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Tied {
    fn drop(&mut self) {
        tell_watcher("ended", self.0.id());
    }
}

/// Hears which groups there are, and ends those that are left when it hears no more. A shell can do this on every system; a
/// program cannot ask for a signal at the end of its parent on every one.
const WATCHER: &str = r#"
groups=
while read -r what group; do
    case $what in
    began) groups="$groups $group " ;;
    ended) groups="${groups%%" $group "*}${groups#*" $group "}" ;;
    esac
done
for group in $groups; do
    kill -s KILL -- "-$group"
done
"#;

/// How the watcher of this process hears.
static TO_WATCHER: Mutex<Option<ChildStdin>> = Mutex::new(None);

fn tell_watcher(what: &str, group: u32) {
    let mut to = TO_WATCHER.lock().unwrap_or_else(PoisonError::into_inner);
    if to.is_none() && what == "began" {
        *to = watcher().ok();
    }
    let said = to.as_mut().map(|to| writeln!(to, "{what} {group}"));
    // Somebody has ended it: the next program gets another one.
    if said.is_some_and(|said| said.is_err()) {
        *to = None;
    }
}

fn watcher() -> std::io::Result<ChildStdin> {
    let child = Command::new("/bin/sh")
        .args(["-c", WATCHER, "gradus-watcher"])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Away from the signals of a terminal, and of Jupyter.
        .process_group(0)
        .spawn()?;
    child
        .stdin
        .ok_or_else(|| std::io::ErrorKind::BrokenPipe.into())
}

/// Runs a compiler to its end, or, when `stop` says so, to an earlier one: then there is no output.
pub(crate) fn run(
    mut command: Command,
    stop: &dyn Fn() -> bool,
) -> std::io::Result<Option<Output>> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = Tied::start(&mut command)?;
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
                child.kill();
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

/// The processes that `id` started, those that they started, and so on.
pub(crate) fn descendants(id: u32) -> Vec<i32> {
    let parents = system::parents();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        let mut sleep = Command::new("sleep");
        sleep.arg("600").process_group(0).spawn().unwrap()
    }

    #[test]
    fn the_watcher_ends_the_groups_that_are_left_when_it_hears_no_more() {
        let [mut left, mut between, mut over] = [(); 3].map(|()| sleeper());
        let mut to = watcher().unwrap();
        for group in [&over, &left, &between] {
            writeln!(to, "began {}", group.id()).unwrap();
        }
        writeln!(to, "ended {}", over.id()).unwrap();
        drop(to);
        for ended in [&mut left, &mut between] {
            use std::os::unix::process::ExitStatusExt;
            assert_eq!(ended.wait().unwrap().signal(), Some(system::KILL));
        }
        assert!(over.try_wait().unwrap().is_none());
        over.kill().unwrap();
        over.wait().unwrap();
    }
}
