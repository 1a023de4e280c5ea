//! How commands of submissions are started here, at the level that this machine reaches.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    Level,
    layer::put,
    sandbox::{Spec, probe},
    system,
};

/// The users whose rights submissions run with when the grader is root: of no login and no service.
const FIRST_USER: u32 = 65_200;
const USERS: u32 = 300;
/// Address space of a submission's program.
const MEMORY: u64 = 2 << 30;

/// What the dynamic loader reads.
const LOADER: &[&str] = &[
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
];

/// The way.
#[derive(Debug)]
pub(super) struct Confined {
    pub(super) level: Level,
    /// Why it is not a higher one.
    pub(super) lacks: String,
    launcher: PathBuf,
    /// Where sandboxes mount their roots: an empty folder.
    room: PathBuf,
    root: bool,
    users: AtomicU32,
}

impl Confined {
    /// Finds out what is reached, of `most` at most, in a folder of the grader's own.
    ///
    /// # Errors
    /// When that is less than `least`; why.
    pub(super) fn find(folder: &Path, least: Level, most: Level) -> Result<Self, String> {
        // One that stays as it is when this program is built anew, where other users can get to it.
        let launcher = folder.join("launcher");
        let this = std::env::current_exe().map_err(|e| format!("this program: {e}"))?;
        put(&this, &launcher, true)?;
        let room = folder.join("room");
        let outside = folder.join("outside");
        for made in [&room, &outside] {
            fs::create_dir_all(made).map_err(|e| format!("{}: {e}", made.display()))?;
        }
        let file = outside.join("nobody-reads-this");
        fs::write(&file, "").map_err(|e| format!("{}: {e}", file.display()))?;
        let mut confined = Self {
            level: Level::Full,
            lacks: String::new(),
            launcher,
            room,
            root: system::is_root(),
            users: AtomicU32::new(std::process::id()),
        };
        let base = Spec {
            readable: (LOADER.iter().map(PathBuf::from))
                .chain(["/bin".into(), "/usr/bin".into()])
                .collect(),
            folder: outside,
            forks: false,
            wall: 10,
            ..confined.spec(confined.another_user())
        };
        let (reached, why) = match most {
            Level::None => (Level::None, "no sandbox was asked for".to_owned()),
            _ => probe(&base, &confined.launcher, most),
        };
        if reached < least {
            return Err(format!(
                "the sandbox reaches only the level {reached}, and {least} is required:\n{}",
                why.trim_end()
            ));
        }
        confined.level = reached;
        confined.lacks = why;
        Ok(confined)
    }

    /// The user for one more submission.
    pub(super) fn another_user(&self) -> Option<u32> {
        let next = self.users.fetch_add(1, Ordering::Relaxed);
        self.root.then_some(FIRST_USER + next % USERS)
    }

    /// What all commands have in common.
    pub(super) fn spec(&self, user: Option<u32>) -> Spec {
        Spec {
            namespaces: self.level == Level::Full,
            room: self.room.clone(),
            user,
            readable: Vec::new(),
            writable: Vec::new(),
            folder: PathBuf::from("/"),
            forks: false,
            cpu: "5".to_owned(),
            wall: 60,
            memory: MEMORY,
            file_size: 0,
            environment: Vec::new(),
            command: Vec::new(),
        }
    }

    /// How a submission's program is run, for the judge to put the time in.
    pub(super) fn program(&self, program: &Path, folder: &Path, user: Option<u32>) -> Spec {
        Spec {
            readable: [program.to_owned()]
                .into_iter()
                .chain(LOADER.iter().map(PathBuf::from))
                .collect(),
            folder: folder.to_owned(),
            cpu: "{cpu}".to_owned(),
            wall: 600, // the judge has its own clock
            environment: vec![("RAYON_NUM_THREADS".to_owned(), "1".to_owned())],
            command: vec![program.to_string_lossy().into_owned()],
            ..self.spec(user)
        }
    }

    /// The words that start a command.
    pub(super) fn words(&self, spec: &Spec) -> Result<Vec<String>, String> {
        match self.level {
            Level::None => Ok(spec.command.clone()),
            _ => spec.words(&self.launcher),
        }
    }

    /// The same as a command.
    pub(super) fn start(&self, spec: &Spec) -> Result<Command, String> {
        let words = self.words(spec)?;
        let (program, arguments) = words.split_first().ok_or("no command")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .current_dir(&spec.folder);
        if self.level == Level::None {
            command.envs(spec.environment.iter().cloned());
        }
        Ok(command)
    }
}
