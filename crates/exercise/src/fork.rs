//! A copy of this process that calls a function: what `check!` tries in a notebook may overflow the stack, exit or take all the
//! memory, and costs neither the kernel nor a variable.
#![allow(unsafe_code)] // fork

use std::process::{ChildStderr, ChildStdin, ChildStdout};

#[cfg(not(unix))]
pub(crate) use elsewhere::{Fork, fork, leave};
#[cfg(unix)]
pub(crate) use unix::{Fork, fork, leave};

/// Whether the system can copy a process.
pub(crate) const IS_POSSIBLE: bool = cfg!(unix);

/// The other ends of a copy's standard input, output and error.
pub(crate) struct Pipes {
    pub(crate) requests: ChildStdin,
    pub(crate) answers: ChildStdout,
    pub(crate) errors: ChildStderr,
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{self, File},
        io::{self, Write as _},
        os::{
            fd::{AsRawFd as _, OwnedFd},
            unix::process::ExitStatusExt as _,
        },
        panic::{AssertUnwindSafe, catch_unwind},
        process::ExitStatus,
    };

    use super::Pipes;

    /// Seconds of processor time. A call is given up long before; this ends a copy that nobody waits for any more.
    const SECONDS: u64 = 120;
    /// Bytes of address space beside those that the process has already.
    const MEMORY: u64 = 4 << 30;

    /// The copy, as this process sees it.
    pub(crate) struct Fork {
        id: libc::pid_t,
        ended: Option<ExitStatus>,
    }

    /// Makes a copy with a group of its own, in which `serve` runs with standard input, and nothing after it.
    pub(crate) fn fork(serve: impl FnOnce(File)) -> io::Result<(Fork, Pipes)> {
        let (asked, requests) = io::pipe()?;
        let (answers, told) = io::pipe()?;
        let (errors, said) = io::pipe()?;
        let (pipes, ends) = (
            Pipes {
                requests: OwnedFd::from(requests).into(),
                answers: OwnedFd::from(answers).into(),
                errors: OwnedFd::from(errors).into(),
            },
            [asked.into(), told.into(), said.into()],
        );
        // Held while the process splits, so that no thread that the copy does not have holds them there.
        let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
        // Or the copy would write it once more.
        let _ = out.flush();
        let _ = err.flush();
        // SAFETY: the copy has this thread alone. What it does then needs no lock of another one but the allocator's, which the
        // system's library puts right in a copy.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                drop((pipes, out, err));
                // Nothing of what this process was in the middle of may go on in the copy.
                let _ = catch_unwind(AssertUnwindSafe(|| serve(settle(ends))));
                leave()
            }
            id => {
                // SAFETY: two numbers. The copy does the same: whoever is first.
                unsafe { libc::setpgid(id, id) };
                Ok((Fork { id, ended: None }, pipes))
            }
        }
    }

    /// Ends the copy without what a program does at its end: that is for the process it was made from.
    pub(crate) fn leave() -> ! {
        // SAFETY: does not come back.
        unsafe { libc::_exit(0) }
    }

    /// What the copy does first; its standard input.
    fn settle(ends: [OwnedFd; 3]) -> File {
        let set = |what, most: u64| {
            let limit = libc::rlimit {
                rlim_cur: most as libc::rlim_t,
                rlim_max: most as libc::rlim_t,
            };
            // SAFETY: reads a structure. Where there is no such limit there is none.
            unsafe { libc::setrlimit(what, &limit) };
        };
        // SAFETY: numbers of open files.
        unsafe {
            libc::setpgid(0, 0);
            for (number, end) in (0..).zip(&ends) {
                libc::dup2(end.as_raw_fd(), number);
            }
        }
        set(libc::RLIMIT_CORE, 0);
        set(libc::RLIMIT_CPU, SECONDS);
        let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages: Option<u64> = pages.split(' ').next().and_then(|count| count.parse().ok());
        if let Some(pages) = pages {
            // SAFETY: asks for a number.
            let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            set(libc::RLIMIT_AS, pages * page as u64 + MEMORY);
        }
        let [asked, ..] = ends;
        File::from(asked)
    }

    impl Fork {
        pub(crate) fn id(&self) -> u32 {
            self.id as u32
        }

        pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
            self.gather(libc::WNOHANG)
        }

        pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
            loop {
                if let Some(status) = self.gather(0)? {
                    return Ok(status);
                }
            }
        }

        fn gather(&mut self, how: libc::c_int) -> io::Result<Option<ExitStatus>> {
            if self.ended.is_some() {
                return Ok(self.ended);
            }
            let mut status = 0;
            // SAFETY: writes to `status`.
            match unsafe { libc::waitpid(self.id, &mut status, how) } {
                -1 => match io::Error::last_os_error() {
                    e if e.kind() == io::ErrorKind::Interrupted => Ok(None),
                    e => Err(e),
                },
                0 => Ok(None),
                _ => {
                    self.ended = Some(ExitStatus::from_raw(status));
                    Ok(self.ended)
                }
            }
        }
    }
}

/// Never made.
#[cfg(not(unix))]
mod elsewhere {
    use std::{fs::File, io, process::ExitStatus};

    use super::Pipes;

    pub(crate) enum Fork {}

    pub(crate) fn fork(_: impl FnOnce(File)) -> io::Result<(Fork, Pipes)> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn leave() -> ! {
        std::process::exit(0)
    }

    impl Fork {
        pub(crate) fn id(&self) -> u32 {
            match *self {}
        }

        pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
            match *self {}
        }

        pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
            match *self {}
        }
    }
}
