//! Compiling the exercises of a lab: a program each, so that one that does not compile costs no other.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant, SystemTime},
};

use gradus_hints::{Advice, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{Exercise, Language, Text, judge::Submitted, program::plain_paths};

/// Longer than compiling takes where the dependencies are built; a constant that is computed without end is stopped by it.
const TIME_LIMIT: Duration = Duration::from_secs(180);

/// Another limit, in seconds, for tests of this one.
const OTHER_LIMIT: &str = "GRADUS_COMPILE_SECONDS";

fn time_limit() -> Duration {
    let other = std::env::var(OTHER_LIMIT).ok();
    let seconds = other.and_then(|seconds| seconds.parse().ok());
    seconds.map_or(TIME_LIMIT, Duration::from_secs)
}

/// Where the programs of a lab are.
pub struct Programs {
    /// The folder of the lab.
    lab: PathBuf,
    /// The folder of the workspace.
    root: PathBuf,
    target: PathBuf,
    /// The folder in it where the profile's programs are: `release`.
    built: PathBuf,
    profile: String,
}

/// What became of the program of an exercise.
#[derive(Clone, Debug)]
pub(crate) enum Compiled {
    /// It can be started.
    Program(PathBuf),
    /// It cannot.
    Not(Uncompiled),
    /// It cannot because of this other exercise, on which it builds.
    WaitsFor(String),
}

/// Why an exercise does not compile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uncompiled {
    /// Where: `labs/lab1/src/exercises/e3_gradients.rs:12`.
    pub place: String,
    /// The line that stands there.
    pub line: String,
    /// What is wrong, in one line.
    pub message: Text,
    /// What a beginner should know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// All that the compiler says.
    pub said: String,
}

impl Programs {
    /// Those of the lab in this folder, built like the test program that asks.
    ///
    /// # Errors
    /// When the test program does not lie where cargo puts it.
    pub fn of(lab: &Path) -> Result<Self, String> {
        let problem = |e: std::io::Error| format!("{}: {e}", lab.display());
        let lab = lab.canonicalize().map_err(problem)?;
        let root = (lab.ancestors().skip(1))
            .find(|at| at.join("Cargo.toml").is_file())
            .ok_or_else(|| format!("{} is in no workspace", lab.display()))?
            .to_owned();
        let this = std::env::current_exe().map_err(problem)?;
        // target/release/deps/exercises-0123456789abcdef
        let mut up = this.ancestors().skip(2);
        let (Some(built), Some(target)) = (up.next(), up.next()) else {
            return Err(format!("{} is not where cargo puts tests", this.display()));
        };
        let profile = match built.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        Ok(Self {
            profile: profile.to_owned(),
            target: target.to_owned(),
            built: built.to_owned(),
            lab,
            root,
        })
    }

    /// What a program that was compiled elsewhere, in a copy of the workspace at `root`, does not compile for: an exercise of `lab`,
    /// by the errors that the compiler reports in JSON.
    pub fn why_not(
        lab: &Path,
        root: &Path,
        exercise: &Exercise,
        all: &[&Exercise],
        errors: &[Json],
    ) -> Submitted {
        let programs = Self {
            lab: lab.to_owned(),
            root: root.to_owned(),
            target: PathBuf::new(),
            built: PathBuf::new(),
            profile: String::new(),
        };
        let name = lab.file_name().unwrap_or_default().to_string_lossy();
        match programs.explain(&name, exercise, all, errors) {
            Compiled::WaitsFor(other) => Submitted::WaitsFor(other),
            Compiled::Not(why) => Submitted::Uncompiled(why),
            Compiled::Program(_) => Submitted::NotDone,
        }
    }

    /// What an exercise of `lab` is told whose compilation was ended by the clock.
    pub fn endless_in(lab: &str, exercise: &Exercise, seconds: u64) -> Submitted {
        Submitted::Uncompiled(endless(lab, exercise, seconds))
    }

    /// Builds the programs of these exercises.
    ///
    /// # Errors
    /// When cargo cannot be started, or stops over something that is no exercise's fault: what it said.
    pub(crate) fn build(
        &self,
        exercises: &[&Exercise],
        all: &[&Exercise],
    ) -> Result<Vec<Compiled>, String> {
        let name = self.lab.file_name().unwrap_or_default().to_string_lossy();
        self.notice_older_files(&name);
        let cargo = |of: &[&Exercise]| {
            let mut command =
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            command
                .current_dir(&self.root)
                .args(["build", "--quiet", "--keep-going", "--message-format=json"])
                .args(["--profile", &self.profile, "--target-dir"])
                .arg(&self.target)
                .args(["--package", &format!("{name}-programs")]);
            for exercise in of {
                command.args(["--bin", stem(exercise)]);
            }
            command
        };
        let (messages, said, in_time) = run(cargo(exercises), time_limit())?;
        let mut known = Known::default();
        known.learn(messages);
        if !in_time {
            // Cargo runs a compiler per processor: one without end kept others from their turn. Now each has one.
            let rest: Vec<&Exercise> = (exercises.iter().copied())
                .filter(|exercise| !known.has(stem(exercise)))
                .collect();
            let mut command = cargo(&rest);
            command.args(["--jobs", &(rest.len() + 1).to_string()]);
            known.learn(run(command, time_limit() / 3)?.0);
        }
        let mut compiled = Vec::new();
        for exercise in exercises {
            let one = match (
                known.programs.get(stem(exercise)),
                known.errors.get(stem(exercise)),
            ) {
                (Some(program), _) => match self.taken_from_elsewhere(exercise) {
                    None => Compiled::Program(program.clone()),
                    Some(uncompiled) => Compiled::Not(uncompiled),
                },
                (None, Some(errors)) => self.explain(&name, exercise, all, errors),
                (None, None) if !in_time => {
                    Compiled::Not(endless(&name, exercise, time_limit().as_secs()))
                }
                (None, None) => return Err(said),
            };
            compiled.push(one);
        }
        Ok(compiled)
    }

    /// The first error, as far as it is about a file of the student's.
    fn explain(
        &self,
        lab: &str,
        exercise: &Exercise,
        all: &[&Exercise],
        errors: &[Json],
    ) -> Compiled {
        let path = |exercise: &Exercise| format!("labs/{lab}/{}", exercise.file);
        let own = path(exercise);
        let text = |value: &Json| plain_paths(value.as_str().unwrap_or_default());
        // The first line of the file that an error is about; in the widest sense, too.
        let line_in = |error: &Json, file: &str, widely: bool| {
            let spans = error["spans"].as_array().into_iter().flatten();
            let here = spans.filter(|span| {
                (widely || span["is_primary"] == true)
                    && text(&span["file_name"]).replace('\\', "/") == file
            });
            here.min_by_key(|span| span["line_start"].as_u64()).cloned()
        };
        let said: String = errors
            .iter()
            .map(|error| text(&error["rendered"]))
            .collect();
        for widely in [false, true] {
            for error in errors {
                let Some(span) = line_in(error, &own, widely) else {
                    continue;
                };
                let line = span["line_start"].as_u64().unwrap_or(1);
                let source = fs::read_to_string(self.root.join(&own)).unwrap_or_default();
                let line_of = usize::try_from(line).unwrap_or(1).saturating_sub(1);
                let source = source.lines().nth(line_of).unwrap_or_default().trim();
                let label = text(&span["label"]);
                let message = text(&error["message"]);
                let message = match label.is_empty() || message.contains(&label) {
                    true => message,
                    false => format!("{message}: {label}"),
                };
                let message = match self.another_signature(exercise, error) {
                    Some(asked) if widely => Text::new(
                        format!("otros argumentos u otro resultado que los pedidos: {asked}"),
                        format!("other arguments or another result than asked for: {asked}"),
                    ),
                    _ => Text::new(&message, &message),
                };
                return Compiled::Not(Uncompiled {
                    place: format!("{own}:{line}"),
                    line: source.to_owned(),
                    message,
                    hint: self
                        .known_elsewhere(exercise, all, error)
                        .or_else(|| hint(error, source)),
                    said,
                });
            }
            let others = all.iter().filter(|other| other.id != exercise.id);
            let to_blame = others.copied().find(|other| {
                errors
                    .iter()
                    .any(|error| line_in(error, &path(other), widely).is_some())
            });
            if let Some(other) = to_blame {
                return Compiled::WaitsFor(other.id.clone());
            }
        }
        // Where the programs bind functions and questions: one is missing.
        let message = errors
            .first()
            .map(|error| text(&error["message"]))
            .unwrap_or_default();
        let missing = missing(&message);
        if let Some(function) = &missing {
            let asks = |other: &&&Exercise| other.questions.iter().any(|q| q.name == *function);
            if let Some(other) = all
                .iter()
                .find(asks)
                .filter(|other| other.id != exercise.id)
            {
                return Compiled::WaitsFor(other.id.clone());
            }
        }
        Compiled::Not(Uncompiled {
            place: own,
            message: match missing {
                Some(function) => Text::new(
                    format!(
                        "falta la función `{function}`: ¿sigue ahí, con ese nombre y con `pub`?"
                    ),
                    format!(
                        "the function `{function}` is missing: is it still there, by that name and with `pub`?"
                    ),
                ),
                None => Text::new(&message, &message),
            },
            said,
            ..Uncompiled::default()
        })
    }

    /// A name that is not known here is another exercise's, or among what is given.
    fn known_elsewhere(
        &self,
        exercise: &Exercise,
        all: &[&Exercise],
        error: &Json,
    ) -> Option<Text> {
        if !matches!(error["code"]["code"].as_str(), Some("E0425" | "E0432")) {
            return None;
        }
        let message = error["message"].as_str()?;
        let name = message.split('`').nth(1)?.rsplit("::").next()?;
        let asks = |other: &&&Exercise| other.questions.iter().any(|asked| asked.name == name);
        let other = all.iter().find(asks).filter(|one| one.id != exercise.id);
        if let Some(other) = other {
            let (own, other) = (&exercise.id, &other.id);
            return Some(Text::new(
                format!(
                    "`{name}` es de {other}, y {own} se compila sin ese fichero: escribe aquí lo que necesites."
                ),
                format!(
                    "`{name}` belongs to {other}, and {own} is compiled without that file: write what you need here."
                ),
            ));
        }
        let given = fs::read_to_string(self.lab.join("src/given.rs")).ok()?;
        given.contains(&format!("pub fn {name}")).then(|| {
            Text::new(
                format!(
                    "`{name}` está en `given`: impórtala arriba con `use crate::given::{name};`."
                ),
                format!(
                    "`{name}` is in `given`: import it at the top with `use crate::given::{name};`."
                ),
            )
        })
    }

    /// Where functions and questions are bound: what the function in question should look like, as its question says.
    fn another_signature(&self, exercise: &Exercise, error: &Json) -> Option<String> {
        let mut spans = error["spans"].as_array()?.iter();
        let span = spans.find(|span| span["is_primary"] == true)?;
        let text: Vec<char> = span["text"][0]["text"].as_str()?.chars().collect();
        let column = |key: &str| usize::try_from(span[key].as_u64()?).ok()?.checked_sub(1);
        let bound: String = text
            .get(column("column_start")?..column("column_end")?)?
            .iter()
            .collect();
        let asked = exercise
            .questions
            .iter()
            .find(|asked| asked.name == bound)?;
        let questions = self
            .lab
            .join(format!("src/questions/{}.rs", stem(exercise)));
        let questions = fs::read_to_string(questions).ok()?;
        let begin = format!("/// `fn {}(", asked.name);
        let line = questions.lines().find(|line| line.starts_with(&begin))?;
        Some(line.trim_start_matches("/// ").to_owned())
    }

    /// An exercise is solved with what is in its file: neither with the library's sources nor with the lab's other files.
    fn taken_from_elsewhere(&self, exercise: &Exercise) -> Option<Uncompiled> {
        let listed = self.compiled_from(stem(exercise))?;
        let listed = listed.lines().next()?;
        let (_, files) = listed.split_once(": ")?;
        let allowed = [self.lab.join("src"), self.lab.join("programs")];
        // A space within a name stands behind a backslash.
        let files = files.replace("\\ ", "\0");
        let foreign = files
            .split_whitespace()
            .map(|file| self.root.join(file.replace('\0', " ")))
            .find(|file| {
                let file = file.canonicalize().unwrap_or_else(|_| file.clone());
                !allowed.iter().any(|folder| file.starts_with(folder))
            })?;
        let shown = foreign
            .strip_prefix(&self.root)
            .unwrap_or(&foreign)
            .display();
        let name = self.lab.file_name().unwrap_or_default().to_string_lossy();
        Some(Uncompiled {
            place: format!("labs/{name}/{}", exercise.file),
            message: Text::new(
                format!("trae {shown}: un ejercicio se resuelve con lo que hay en su fichero"),
                format!("it brings in {shown}: an exercise is solved with what is in its own file"),
            ),
            ..Uncompiled::default()
        })
    }

    /// What the compiler notes beside a program: the files that it was made of, from the workspace's folder on. Cargo's own list
    /// would not do: it is left as it was when another program does not compile.
    fn compiled_from(&self, program: &str) -> Option<String> {
        let begin = format!("{program}-");
        let notes = fs::read_dir(self.built.join("deps")).ok()?.flatten();
        let notes = notes.filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&begin) && name.ends_with(".d")
        });
        // Another compiler, or other features, have left theirs; and so has `cargo check` or `cargo clippy`, which makes no program.
        let notes = notes.filter_map(|entry| {
            let time = entry.metadata().ok()?.modified().ok()?;
            Some((time, fs::read_to_string(entry.path()).ok()?))
        });
        let of_programs = notes.filter(|(_, text)| !text.contains(".rmeta:"));
        let newest = of_programs.max_by_key(|(time, _)| *time)?;
        Some(newest.1)
    }

    /// Cargo goes by the times of files, which a copy or an archive may set back: where a file says something else than at
    /// the last build without being younger, the programs are built anew.
    fn notice_older_files(&self, lab: &str) {
        #[derive(Serialize, Deserialize, PartialEq, Clone)]
        struct Seen {
            time: Duration,
            says: String,
        }
        let record = self.built.join(format!(".gradus-{lab}.json"));
        let before: BTreeMap<PathBuf, Seen> = fs::read(&record)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let mut now = BTreeMap::new();
        for entry in fs::read_dir(self.lab.join("src/exercises"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let time = entry.metadata().and_then(|about| about.modified());
            if let (Ok(time), Ok(says)) = (time, fs::read_to_string(entry.path())) {
                let time = time
                    .duration_since(SystemTime::UNIX_EPOCH)
                    .unwrap_or_default();
                now.insert(entry.path(), Seen { time, says });
            }
        }
        let set_back = now.iter().any(|(path, seen)| {
            (before.get(path)).is_some_and(|old| old.says != seen.says && seen.time <= old.time)
        });
        if set_back {
            for entry in fs::read_dir(self.lab.join("programs"))
                .into_iter()
                .flatten()
                .flatten()
            {
                if let Ok(file) = fs::OpenOptions::new().append(true).open(entry.path()) {
                    let _ = file.set_modified(SystemTime::now());
                }
            }
        }
        if now != before
            && let Ok(bytes) = serde_json::to_vec(&now)
        {
            // Without the record only files with old times go unnoticed.
            let _ = fs::write(record, bytes);
        }
    }
}

/// What cargo has said about the programs.
#[derive(Default)]
struct Known {
    programs: BTreeMap<String, PathBuf>,
    errors: BTreeMap<String, Vec<Json>>,
}

impl Known {
    fn has(&self, program: &str) -> bool {
        self.programs.contains_key(program) || self.errors.contains_key(program)
    }

    fn learn(&mut self, messages: Vec<Json>) {
        for message in messages {
            let target = message["target"]["name"].as_str().unwrap_or_default();
            match message["reason"].as_str() {
                Some("compiler-artifact") => {
                    if let Some(program) = message["executable"].as_str() {
                        self.programs.insert(target.to_owned(), program.into());
                    }
                }
                Some("compiler-message") if message["message"]["level"] == "error" => {
                    let of = self.errors.entry(target.to_owned()).or_default();
                    of.push(message["message"].clone());
                }
                _ => (),
            }
        }
    }
}

fn endless(lab: &str, exercise: &Exercise, seconds: u64) -> Uncompiled {
    Uncompiled {
        place: format!("labs/{lab}/{}", exercise.file),
        message: Text::new(
            format!(
                "lleva más de {seconds} s compilando: ¿hay una constante que no acaba de calcularse?"
            ),
            format!(
                "it has been compiling for more than {seconds} s: is there a constant that is computed without end?"
            ),
        ),
        ..Uncompiled::default()
    }
}

/// `src/exercises/e3_gradients.rs` has the program `e3_gradients`.
fn stem(exercise: &Exercise) -> &str {
    let name = exercise.file.rsplit(['/', '\\']).next().unwrap_or_default();
    name.strip_suffix(".rs").unwrap_or(name)
}

/// What a beginner should know about an error about this line.
fn hint(error: &Json, line: &str) -> Option<Text> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let advice = error["children"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|child| {
            let spans = child["spans"].as_array().into_iter().flatten();
            let proposed = spans.filter_map(|span| span["suggested_replacement"].as_str());
            Advice {
                level: text(&child["level"]),
                text: text(&child["message"]),
                lines: proposed.map(|line| line.trim().to_owned()).collect(),
            }
        });
    // What stands under the marks: `expected f64, found i32`, the main one's first.
    let mut marks: Vec<&Json> = error["spans"].as_array().into_iter().flatten().collect();
    marks.sort_by_key(|span| span["is_primary"] != true);
    let marked = (marks.into_iter())
        .filter_map(|span| span["label"].as_str())
        .map(|label| Advice {
            level: "label".to_owned(),
            text: label.to_owned(),
            lines: Vec::new(),
        });
    let problem = Problem {
        code: error["code"]["code"].as_str().map(str::to_owned),
        message: text(&error["message"]),
        advice: advice.chain(marked).collect(),
    };
    let of = |language| gradus_hints::hint_in_file(&problem, line, language);
    Some(Text::new(of(Language::Es)?, of(Language::En)?))
}

/// The function that the compiler means when the programs do not find it.
fn missing(message: &str) -> Option<String> {
    let rest = message.strip_prefix("unresolved import `")?;
    Some(rest.split('`').next()?.rsplit("::").next()?.to_owned())
}

/// Runs cargo for as long as this; its messages, what it said beside them, and whether it ended in time.
fn run(mut command: Command, limit: Duration) -> Result<(Vec<Json>, String, bool), String> {
    let problem = |e: std::io::Error| format!("cargo cannot be started: {e}");
    crate::system::apart(&mut command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(problem)?;
    let (send, lines) = channel();
    for (is_message, pipe) in [
        (
            true,
            child
                .stdout
                .take()
                .map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>),
        ),
        (
            false,
            child
                .stderr
                .take()
                .map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>),
        ),
    ] {
        let send = send.clone();
        thread::spawn(move || {
            let Some(pipe) = pipe else { return };
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if send.send((is_message, line)).is_err() {
                    return;
                }
            }
        });
    }
    drop(send);
    let deadline = Instant::now() + limit;
    let (mut messages, mut said, mut in_time) = (Vec::new(), String::new(), true);
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((true, line)) => messages.extend(serde_json::from_str::<Json>(&line)),
            Ok((false, line)) => said = said + &line + "\n",
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                in_time = false;
                crate::system::kill(child.id());
                break;
            }
        }
    }
    child.wait().map_err(problem)?;
    Ok((messages, said, in_time))
}
