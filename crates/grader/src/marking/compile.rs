//! Compiling a submission: all its exercises in one program, and those that do not compile by themselves, to say why.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    io::Read as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use gradus_exercise::{Exercise, Programs, Text, Uncompiled, judge::Submitted};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{
    confined::Confined,
    layer::{Layer, stem},
    sandbox::Spec,
    source, system,
};

/// Seconds of processor time that the compiler gets: several times what the solution of a lab takes.
const CPU: u64 = 10;
/// By the clock, on a machine that is busy with others.
const WALL: u64 = 60;
const MEMORY: u64 = 4 << 30;
/// The programs have some megabytes.
const FILE_SIZE: u64 = 256 << 20;
/// What the compiler says beyond this is not read.
const SAID: u64 = 4 << 20;
/// What is kept of it for a person.
const KEPT: usize = 16 << 10;
/// How often the rest is tried together, before each is tried by itself.
const ROUNDS: usize = 4;

/// One submission on disk: what is compiled, and where to. Nobody else's, and gone afterwards.
pub(super) struct Workshop<'a> {
    folder: TempDir,
    layer: &'a Layer,
    confined: &'a Confined,
    user: Option<u32>,
    lab: &'a Path,
    name: String,
    count: usize,
}

/// What the compiler did.
enum Compiled {
    Program(PathBuf),
    Errors(Vec<Json>),
    /// It used up its time.
    Endless,
    /// It ended otherwise.
    Ended(String),
}

impl<'a> Workshop<'a> {
    /// Writes the files down. `lab` is the folder of the lab in the course.
    pub(super) fn new(
        layer: &'a Layer,
        confined: &'a Confined,
        lab: &'a Path,
        files: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let problem = |e: io::Error| format!("a folder for a submission: {e}");
        let folder = tempfile::Builder::new()
            .prefix("submission-")
            .tempdir_in(layer.folder())
            .map_err(problem)?;
        let user = confined.another_user();
        let name = lab
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let programs = folder.path().join("labs").join(&name).join("programs");
        let exercises = programs.with_file_name("src").join("exercises");
        let out = folder.path().join("out");
        for folder in [&programs, &exercises, &out, &folder.path().join("empty")] {
            fs::create_dir_all(folder).map_err(problem)?;
        }
        for (file, text) in files {
            // Only names that the course knows come here.
            fs::write(exercises.join(format!("{}.rs", stem(file))), text).map_err(problem)?;
        }
        for (name, program) in &layer.programs {
            fs::write(programs.join(format!("{name}.rs")), &program.text).map_err(problem)?;
        }
        if let Some(user) = user {
            system::permit(folder.path(), system::PASSED_BY_ALL).map_err(problem)?;
            system::give(&out, user).map_err(problem)?;
        }
        Ok(Self {
            folder,
            layer,
            confined,
            user,
            lab,
            name,
            count: 0,
        })
    }

    /// What becomes of these exercises.
    pub(super) fn compile(
        &mut self,
        wanted: &[&Exercise],
        all: &[&Exercise],
    ) -> Result<BTreeMap<String, Submitted>, String> {
        let mut done = BTreeMap::new();
        let mut together: Vec<&Exercise> = wanted.to_vec();
        let mut alone: Vec<&Exercise> = Vec::new();
        for round in 0.. {
            if together.len() < 2 || round == ROUNDS {
                alone.append(&mut together);
                break;
            }
            let programs: Vec<_> = (together.iter())
                .filter_map(|exercise| self.layer.programs.get(stem(&exercise.file)))
                .collect();
            let text = source::joined(&self.name, &programs);
            let path = format!("labs/{}/programs/all.rs", self.name);
            fs::write(self.folder.path().join(&path), text).map_err(|e| format!("{path}: {e}"))?;
            match self.run(&path)? {
                Compiled::Program(program) => {
                    for exercise in together.drain(..) {
                        done.insert(exercise.id.clone(), self.command(&program)?);
                    }
                    break;
                }
                Compiled::Errors(errors) => {
                    let wrong = to_blame(&errors, all);
                    let is_wrong = |exercise: &&Exercise| match &wrong {
                        Some(files) => (self.layer.programs)
                            .get(stem(&exercise.file))
                            .is_none_or(|program| !program.modules.is_disjoint(files)),
                        None => true,
                    };
                    let (out, rest): (Vec<_>, Vec<_>) = together.into_iter().partition(is_wrong);
                    alone.extend(out);
                    together = rest;
                }
                Compiled::Endless | Compiled::Ended(_) => alone.append(&mut together),
            }
        }
        for exercise in alone {
            let path = format!("labs/{}/programs/{}.rs", self.name, stem(&exercise.file));
            let submitted = match self.run(&path)? {
                Compiled::Program(program) => self.command(&program)?,
                Compiled::Errors(errors) => {
                    let why =
                        Programs::why_not(self.lab, self.folder.path(), exercise, all, &errors);
                    shortened(why)
                }
                Compiled::Endless => Programs::endless_in(&self.name, exercise, CPU),
                Compiled::Ended(how) => Submitted::Uncompiled(Uncompiled {
                    place: format!("labs/{}/{}", self.name, exercise.file),
                    message: Text::new(
                        format!(
                            "el compilador se ha detenido sin terminar ({how}): ¿una constante o un tipo demasiado grandes?"
                        ),
                        format!(
                            "the compiler has stopped before the end ({how}): is a constant or a type too large?"
                        ),
                    ),
                    ..Uncompiled::default()
                }),
            };
            done.insert(exercise.id.clone(), submitted);
        }
        Ok(done)
    }

    /// Compiles without being told why not: for the solution. Where the program is.
    pub(super) fn compile_solution(&mut self, to: &Path) -> Result<(), String> {
        let programs: Vec<_> = self.layer.programs.values().collect();
        let path = format!("labs/{}/programs/all.rs", self.name);
        let text = source::joined(&self.name, &programs);
        fs::write(self.folder.path().join(&path), text).map_err(|e| format!("{path}: {e}"))?;
        match self.run(&path)? {
            Compiled::Program(program) => fs::copy(program, to)
                .map(|_| ())
                .map_err(|e| format!("{}: {e}", to.display())),
            Compiled::Errors(errors) => Err(format!(
                "the solution does not compile:\n{}",
                errors
                    .iter()
                    .filter_map(|error| error["rendered"].as_str())
                    .collect::<String>()
            )),
            Compiled::Endless => Err("the solution takes too long to compile".to_owned()),
            Compiled::Ended(how) => Err(format!("the solution does not compile: {how}")),
        }
    }

    fn run(&mut self, path: &str) -> Result<Compiled, String> {
        self.count += 1;
        let root = self.folder.path();
        let out = root.join("out");
        let program = out.join(format!("program-{}", self.count));
        let library = self.layer.sysroot.join("lib");
        let rustc = self.layer.rustc.to_string_lossy().into_owned();
        let mut command = vec![rustc, path.to_owned()];
        command.extend(self.layer.flags.iter().cloned());
        command.extend(
            [
                "--crate-name=exercises",
                "--error-format=json",
                // Warnings are nobody's business here. Not with `--cap-lints`, which would weaken the next ones.
                "-Awarnings",
                // Nothing that an exercise asks for needs them, and no attribute of a file allows them.
                "-Funsafe_code",
                "-Flong_running_const_eval",
            ]
            .map(str::to_owned),
        );
        command.push("-o".to_owned());
        command.push(program.to_string_lossy().into_owned());
        let spec = Spec {
            readable: [
                &self.layer.sysroot,
                &self.layer.libraries,
                &root.join("labs"),
            ]
            .into_iter()
            .cloned()
            .chain(SYSTEM.iter().map(PathBuf::from))
            .collect(),
            writable: vec![out.clone(), "/dev/null".into()],
            folder: root.to_owned(),
            forks: true,
            cpu: CPU.to_string(),
            wall: WALL,
            memory: MEMORY,
            file_size: FILE_SIZE,
            environment: vec![
                ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
                // Where it cannot find out by itself where it is.
                (
                    "LD_LIBRARY_PATH".to_owned(),
                    library.to_string_lossy().into_owned(),
                ),
                ("TMPDIR".to_owned(), out.to_string_lossy().into_owned()),
            ],
            command,
            ..self.confined.spec(self.user)
        };
        let mut child = self
            .confined
            .start(&spec)?
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("the compiler cannot be started: {e}"))?;
        let mut said = Vec::new();
        if let Some(mut errors) = child.stderr.take() {
            let read = (&mut errors).take(SAID).read_to_end(&mut said);
            read.map_err(|e| format!("the compiler: {e}"))?;
            // The rest is read, so that it comes to an end.
            let _ = io::copy(&mut errors, &mut io::sink());
        }
        let status = child.wait().map_err(|e| format!("the compiler: {e}"))?;
        let is_file = fs::symlink_metadata(&program).is_ok_and(|about| about.is_file());
        if status.success() && is_file {
            return Ok(Compiled::Program(program));
        }
        let said = String::from_utf8_lossy(&said);
        let messages = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Json>(line).ok());
        let errors: Vec<Json> = messages
            .filter(|message| message["level"] == "error")
            .collect();
        if !errors.is_empty() {
            return Ok(Compiled::Errors(errors));
        }
        if status.to_string().contains("SIGXCPU") {
            return Ok(Compiled::Endless);
        }
        if let Some(line) = said
            .lines()
            .find(|line| line.starts_with("gradus-sandbox:"))
        {
            return Err(line.to_owned());
        }
        let line = said.lines().find(|line| !line.trim().is_empty());
        let line = line.map(|line| line.chars().take(200).collect::<String>());
        Ok(Compiled::Ended(match line {
            Some(line) => format!("{status}: {line}"),
            None => status.to_string(),
        }))
    }

    /// How a program is run, for the judge to put the time in.
    fn command(&self, program: &Path) -> Result<Submitted, String> {
        let empty = self.folder.path().join("empty");
        let spec = self.confined.program(program, &empty, self.user);
        self.confined.words(&spec).map(Submitted::Command)
    }
}

/// What a compiler and a linker read of the system.
const SYSTEM: &[&str] = &[
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/alternatives",
];

/// The modules that the errors are about; nothing when there is one that is about none.
fn to_blame(errors: &[Json], all: &[&Exercise]) -> Option<BTreeSet<String>> {
    let mut wrong = BTreeSet::new();
    for error in errors {
        let spans = error["spans"].as_array().map_or(&[][..], Vec::as_slice);
        // `aborting due to 2 previous errors` has no place.
        if spans.is_empty() && error["code"].is_null() {
            continue;
        }
        let files = spans.iter().filter_map(|span| span["file_name"].as_str());
        let message = error["message"].as_str().unwrap_or_default();
        let named: BTreeSet<String> = (all.iter())
            .map(|exercise| stem(&exercise.file))
            .filter(|stem| {
                files
                    .clone()
                    .any(|file| file.ends_with(&format!("/{stem}.rs")))
                    || message.contains(&format!("::{stem}"))
            })
            .map(str::to_owned)
            .collect();
        if named.is_empty() {
            return None;
        }
        wrong.extend(named);
    }
    (!wrong.is_empty()).then_some(wrong)
}

fn shortened(submitted: Submitted) -> Submitted {
    let cut = |text: &mut String| {
        let mut end = KEPT.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    };
    match submitted {
        Submitted::Uncompiled(mut why) => {
            cut(&mut why.said);
            cut(&mut why.line);
            Submitted::Uncompiled(why)
        }
        other => other,
    }
}
