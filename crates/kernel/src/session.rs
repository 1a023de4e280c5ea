//! One student's conversation with the compiler: code goes in, outputs come as they are made.
//!
//! The thread that calls [`Session::execute`] does it all: it compiles the cell, hands it to the process that runs cells,
//! and hears what that process prints; it alone decides what is shown, when the cell is over, when it is stopped.
//! Questions about code go to a thread of their own (`analysis.rs`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::analysis::{Analysis, Completions, Documentation};
use crate::cell_process::CellProcess;
use crate::cells::Cells;
use crate::cells::compile::{self, Compiled, Compiler, Toolchain};
use crate::cells::diagnostic;
use crate::cells::kit::{self, Dependencies, Kit};
use crate::cells::parse::{self, Cell};
use crate::cells::scope::Scope;
use crate::cells::source::{self, Choices, Map, can_be_written};
use crate::cells::text;
use crate::commands::{Refused, Switches, TimeLine, short_type};
use crate::failure::{self, Failure, FailureKind, Mark, Problem};
use crate::folders::{WorkDir, cache_dir};
use crate::libraries::nearest_cargo_lock;
use crate::run::{Ended, Watch};
use crate::wire::{Bundle, PanicReport, ReturnedError};
use crate::{Error, Language, commands, config, hints, tools};

/// How a session starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that the cells see as current, and that `:dep x = { path = ... }` starts from; the current one by default.
    pub folder: Option<PathBuf>,
    /// Decides about the versions of dependencies, so that nothing newer is fetched. By default the
    /// nearest one above the folder.
    pub cargo_lock: Option<PathBuf>,
}

/// Something that a cell shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Text on standard output.
    Stdout(String),
    /// Text on standard error.
    Stderr(String),
    /// Something to look at, in one or more forms.
    Display(Bundle),
    /// The value of the cell's last expression.
    Result(Bundle),
    /// Something to look at that can be changed later, or such a change.
    Shared {
        /// Its forms.
        data: Bundle,
        /// Its name for later changes.
        id: String,
        /// Replaces what was shown under this name.
        update: bool,
    },
    /// What the cell has shown so far goes away.
    Clear {
        /// Not before the next thing comes.
        wait: bool,
    },
    /// What the kernel is doing for the cell that takes long, such as building a library. Not part of its outputs.
    Progress(String),
    /// Nothing came for a moment: the time to pass on what was held back.
    Quiet,
}

/// Asks the user for a line: gets the prompt, and whether the answer must not be shown. `None` is the end of input.
pub type Ask = Box<dyn FnMut(&str, bool) -> Option<String> + Send>;

/// How long a cell took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// Until there was something to run.
    pub compile: Duration,
    /// From then on.
    pub run: Duration,
}

/// The variables and definitions of the cells so far, and the process that runs them.
pub struct Session {
    pub(crate) scope: Scope,
    pub(crate) dependencies: Dependencies,
    pub(crate) kit: Option<Kit>,
    /// The `Cargo.lock` that the kit was made from.
    pub(crate) kit_lock: Option<String>,
    pub(crate) compiler: Compiler,
    process: CellProcess,
    /// It has ended, or runs a cell that nobody follows any more.
    process_is_lost: bool,
    analysis: Analysis,
    /// The dependencies that the analysis was told to read in.
    prepared: Dependencies,
    ask: Option<Ask>,
    stop: Stop,
    /// Variables that a cell gave away, and which.
    given_away: HashMap<String, usize>,
    pub(crate) cells: Cells,
    /// Those that ran to their end, for `:export`.
    pub(crate) done: Vec<usize>,
    /// Where the parts of the last programs came from, by the names of their files.
    maps: Vec<(String, Map)>,
    /// The optimisation level of cells.
    pub(crate) level: String,
    times: Times,
    pub(crate) time_line: TimeLine,
    pub(crate) switches: Switches,
    /// What rustc said of the last cell that did not compile.
    pub(crate) last_errors: Vec<Value>,
    /// The files that a session starts with were read.
    is_configured: bool,
    interrupt_file: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) cargo_lock: Option<PathBuf>,
    pub(crate) cache: PathBuf,
    // Dropped last: the folder must stay ours until nothing runs in it.
    _work: WorkDir,
}

/// A compiled cell.
struct Program {
    library: PathBuf,
    /// The types of its new variables.
    types: Vec<(String, String)>,
    /// What had to be done differently for it to compile.
    choices: Choices,
}

/// Stops what the session is doing, from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the running cell, or the next one, to end.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Forgets what was asked.
    pub(crate) fn reset(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Programs whose places can still be looked up: a thread that an earlier cell started may panic later.
const REMEMBERED: usize = 100;

impl Session {
    /// Finds the compiler and starts the process for the cells: some tenths of a second.
    ///
    /// # Errors
    /// When there is no working compiler, or no folder can be written.
    pub fn start(options: Options, stop: Stop) -> Result<Session, Error> {
        let settings = config::read()?;
        let folder = match &options.folder {
            Some(folder) => std::path::absolute(folder)
                .map_err(|error| Error::io("cannot find", folder, error))?,
            None => std::env::current_dir()
                .map_err(|error| Error::new(format!("no current folder: {error}")))?,
        };
        Language::prefer(&folder, settings.language);
        let cargo_lock = options
            .cargo_lock
            .clone()
            .or_else(|| nearest_cargo_lock(&folder));
        let toolchain = Toolchain::find()?;
        let cache = cache_dir(&toolchain.version)?;
        let work = WorkDir::take(&cache)?;
        tools::install(&work.path.join("bin"), &toolchain)?;
        let compiler = Compiler::new(toolchain, &cache, work.path.clone())?;
        let interrupt_file = work.path.join("interrupt");
        let process = CellProcess::start(&folder, &compiler.runtime, &interrupt_file)?;
        let analysis = Analysis::new(work.path.join("analysis"));
        Ok(Session {
            scope: Scope::default(),
            dependencies: Dependencies::new(),
            kit: None,
            kit_lock: None,
            compiler,
            process,
            process_is_lost: false,
            analysis,
            prepared: Dependencies::new(),
            ask: None,
            stop,
            given_away: HashMap::new(),
            cells: Cells::default(),
            done: Vec::new(),
            maps: Vec::new(),
            level: settings.opt.to_string(),
            times: Times::default(),
            time_line: settings.time,
            switches: Switches::default(),
            last_errors: Vec::new(),
            is_configured: false,
            interrupt_file,
            folder,
            cargo_lock,
            cache,
            _work: work,
        })
    }

    /// Compiles nothing of importance, so that the first cell does not wait for the disk.
    pub fn warm_up(&mut self) {
        let kit = kit::last_used(&self.cache);
        let prelude = if kit.is_some() {
            "use gradus::prelude::*;\n"
        } else {
            ""
        };
        let code = format!("{prelude}let warm = {};\nwarm", std::process::id());
        let mut scope = Scope::default();
        let cell = parse::parse(&code);
        scope.define(&cell, &code, 1);
        let source = source::write(&scope, &cell, &code, 1, &Choices::default());
        // Whatever comes of it: the cells will tell.
        let _ = self
            .compiler
            .compile_afresh(&source, kit.as_ref(), &self.level, &|| false);
        compile::tidy(&self.cache);
    }

    /// Compiles and runs one cell, which has this number if it has one; `show` gets what it shows, as it comes. After
    /// `limit` the cell is ended, whatever it does.
    ///
    /// # Errors
    /// When the cell does not compile, fails while it runs, or is stopped.
    pub fn execute(
        &mut self,
        code: &str,
        number: Option<usize>,
        limit: Option<Duration>,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let mut watch = Watch::new(self.stop.clone(), limit.map(|limit| began + limit));
        if !std::mem::replace(&mut self.is_configured, true) {
            self.load_config(&mut watch, show);
        }
        let code = &text::tidy(code);
        self.cells.push(number, code);
        self.times = Times::default();
        let result = self.attempt(code, &mut watch, show);
        if self.times.compile.is_zero() {
            self.times.compile = began.elapsed();
        }
        if result.is_ok() {
            self.done.push(self.cells.last());
        }
        result
    }

    /// Who answers when a cell reads standard input; without one it finds the end of it.
    pub fn set_ask(&mut self, ask: Option<Ask>) {
        self.ask = ask;
    }

    /// Names and types of the variables.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.scope
            .variables
            .iter()
            .map(|(name, variable)| (name.as_str(), variable.type_name.as_str()))
    }

    /// How long the last cell took.
    pub fn times(&self) -> Times {
        self.times
    }

    /// Questions about code are likely: what answers them should know the libraries.
    pub fn expect_questions(&mut self) {
        if self.kit.is_some() && self.prepared != self.dependencies {
            self.prepared = self.dependencies.clone();
            self.analysis.prepare(&self.dependencies);
        }
    }

    /// What can stand at byte `at` of `code`, which is not run. When somebody `waits` for it to be answered, there is
    /// little time.
    pub fn complete(&mut self, code: &str, at: usize, waits: &dyn Fn() -> bool) -> Completions {
        let prelude = commands::prelude(self);
        self.analysis
            .complete(&self.dependencies, prelude, code, at, waits)
    }

    /// What stands before byte `at` of `code`: the type and value of a variable, or the documentation.
    pub fn inspect(
        &mut self,
        code: &str,
        at: usize,
        waits: &dyn Fn() -> bool,
    ) -> Option<Documentation> {
        if let Some(variable) = self.look_at_variable(code, at) {
            return Some(variable);
        }
        let prelude = commands::prelude(self);
        self.analysis
            .document(&self.dependencies, prelude, code, at, waits)
    }

    fn look_at_variable(&mut self, code: &str, at: usize) -> Option<Documentation> {
        let name = commands::variable_at(code, at)?;
        let variable = self.scope.variables.get(name)?;
        let mutable = if variable.is_mut { "mut " } else { "" };
        let head = format!("let {mutable}{name}: {}", short_type(&variable.type_name));
        let said = commands::description(name, &variable.type_name).map_or(String::new(), |code| {
            // Looking is no cell: it leaves no number and no time.
            let times = self.times;
            self.cells.push(None, &code);
            let mut said = String::new();
            let mut watch = Watch::new(self.stop.clone(), None);
            let looked = self.attempt(&code, &mut watch, &mut |output| match output {
                Output::Stdout(text) => said.push_str(&text),
                Output::Result(bundle) => {
                    said.push_str(
                        bundle
                            .get("text/plain")
                            .and_then(|text| text.as_str())
                            .unwrap_or_default(),
                    );
                }
                _ => (),
            });
            self.cells.pop();
            self.times = times;
            if looked.is_err() { String::new() } else { said }
        });
        let said: String = said.chars().take(2000).collect();
        let text = format!("{head}\n\n{said}").trim_end().to_owned();
        let html = format!("<pre>{}</pre>", failure::escape(&text));
        Some((text, html))
    }

    /// A line about how long the last cell took, if that is to be said.
    pub fn time_line(&self) -> Option<String> {
        commands::time_line(self)
    }

    /// What is wrong with a program that uses the session's libraries, and the line.
    pub(crate) fn check(&self, program: &Path) -> Result<Option<(String, u64)>, Error> {
        self.compiler.check(program, self.kit.as_ref())
    }

    /// Forgets all variables and definitions, but not the libraries.
    pub(crate) fn clear(&mut self) -> Result<(), Error> {
        self.scope = Scope::default();
        self.done.clear();
        self.restart_process()
    }

    /// Starts another process: the variables are lost, the definitions are not.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.scope.variables.clear();
        self.restart_process()
    }

    fn restart_process(&mut self) -> Result<(), Error> {
        self.process_is_lost = true;
        self.process =
            CellProcess::start(&self.folder, &self.compiler.runtime, &self.interrupt_file)?;
        for (name, value) in &self.switches.environment {
            self.process.set_environment(name, value);
        }
        self.process_is_lost = false;
        Ok(())
    }

    /// Sets an environment variable of the process for the cells, now and whenever it starts again.
    pub(crate) fn set_environment(&mut self, (name, value): (String, String)) {
        self.process.set_environment(&name, &value);
        self.switches
            .environment
            .retain(|(known, _)| *known != name);
        self.switches.environment.push((name, value));
    }

    /// Executes what evcxr would read when it starts; what fails is said.
    pub(crate) fn load_config(&mut self, watch: &mut Watch, show: &mut dyn FnMut(Output)) {
        let mut say = |file: &Path, problem: &str| {
            show(Output::Stderr(format!("{}: {problem}\n", file.display())));
        };
        let startup = match commands::startup::read(&self.folder) {
            Ok(startup) => startup,
            Err(problem) => return say(Path::new("evcxr"), &problem),
        };
        if let Some(opt) = startup.opt {
            self.level = opt;
        }
        self.switches.is_offline |= startup.is_offline;
        for (file, code) in startup.cells {
            let code = text::tidy(&code);
            self.cells.push(None, &code);
            if let Err(failure) = self.attempt(&code, watch, show) {
                show(Output::Stderr(format!(
                    "{}: {}\n",
                    file.display(),
                    failure.plain()
                )));
            }
        }
    }

    /// The type of an expression, which is compiled but not run.
    pub(crate) fn type_of(&mut self, expression: &str, watch: &Watch) -> Result<String, String> {
        let cell = parse::parse(expression);
        let choices = Choices {
            plain: true,
            ..Choices::default()
        };
        let number = self.cells.last();
        let source = source::write(&self.scope, &cell, expression, number, &choices);
        let stop = || watch.wants_an_end();
        let compiled = self
            .compiler
            .compile_afresh(&source, self.kit.as_ref(), "0", &stop);
        match compiled.map_err(|error| error.to_string())? {
            Compiled::Done(built) => {
                let _ = std::fs::remove_file(&built.library);
                let mut types = built.types.into_iter();
                let value = types.find(|(index, _)| *index == cell.variables.len());
                Ok(value.map_or_else(|| "()".to_owned(), |(_, type_name)| type_name))
            }
            Compiled::Errors(errors) => {
                let messages = errors.iter().filter_map(|error| error["message"].as_str());
                Err(messages.collect::<Vec<_>>().join("\n"))
            }
            Compiled::Stopped => Err(watch.stopped_while_compiling().message),
        }
    }

    /// What rustc says about an error code.
    pub(crate) fn explain(&self, code: &str) -> Result<String, String> {
        self.compiler
            .toolchain
            .explain(code)
            .map_err(|error| error.to_string())
    }

    /// Where cells are compiled.
    pub(crate) fn compile_folder(&self) -> &Path {
        &self._work.path
    }

    /// The first line of `rustc -vV`.
    pub(crate) fn rust_version(&self) -> &str {
        let version = &self.compiler.toolchain.version;
        version.lines().next().unwrap_or_default()
    }

    /// Passes on what threads of earlier cells say while no cell runs.
    pub(crate) fn pass_on(&mut self, show: &mut dyn FnMut(Output)) {
        let places = |file: &str, line| place(&self.maps, &self.cells, file, line);
        Watch::new(self.stop.clone(), None).pass_on(&mut self.process, &places, show);
    }

    fn attempt(
        &mut self,
        code: &str,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        if self.process_is_lost {
            self.scope.variables.clear();
            self.restart_process()
                .map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
        }
        let cell = parse::parse_with(code, &|name| self.scope.knows(name));
        let mut level = self.level.clone();
        let refused = self.obey(&cell, &mut level, watch, show)?;
        let mut outcome = Ok(());
        if !(cell.definitions.is_empty() && cell.statements.is_empty() && cell.value.is_none()) {
            outcome = self.run_code(&cell, &cell.code, &level, watch, show);
        }
        match outcome {
            // What a command lacks is the cause, and what follows from it is not.
            Err(failure) if refused.is_empty() || failure.kind != FailureKind::Compile => {
                Err(failure)
            }
            _ if refused.is_empty() => Ok(()),
            _ => Err(failure::from_compiler(&refused, &self.cells)),
        }
    }

    /// Does what the lines for the kernel say; gives those that cannot be done.
    fn obey(
        &mut self,
        cell: &Cell,
        level: &mut String,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<Vec<Problem>, Failure> {
        let number = self.cells.last();
        let is_alone = cell.statements.is_empty() && cell.value.is_none();
        let mut refused = Vec::new();
        for (line, command) in &cell.commands {
            match commands::execute(self, command, is_alone, level, watch, show) {
                Ok(()) => (),
                Err(Refused::Because(why)) => {
                    refused.push(command_problem(why, number, *line, command));
                }
                Err(Refused::Stopped(failure)) => return Err(failure),
            }
        }
        let items = cell
            .definitions
            .iter()
            .map(|item| &cell.code[item.range.clone()]);
        let mut asks = cell
            .commands
            .iter()
            .any(|(_, line)| line.starts_with(":dep"));
        for item in items {
            if let Some(name) = commands::extern_crate(item, &self.dependencies) {
                self.dependencies.insert(name, "\"*\"".to_owned());
                asks = true;
            }
        }
        if asks || !cell.commands.is_empty() {
            self.build_libraries(watch, show)?;
        }
        Ok(refused)
    }

    /// Compiles and runs what is for the compiler.
    fn run_code(
        &mut self,
        cell: &Cell,
        code: &str,
        level: &str,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let number = self.cells.last();
        if let Some(problem) = text::look_alikes(code, number) {
            return Err(failure::from_compiler(&[problem], &self.cells));
        }
        if let Some(torn) = &cell.torn {
            let problem = diagnostic::torn(torn, code, number);
            return Err(failure::from_compiler(&[problem], &self.cells));
        }
        let mut scope = self.scope.clone();
        scope.define(cell, code, number);
        let lost = scope.drop_redefined();
        if !lost.is_empty() {
            show(Output::Stderr(commands::lost_by_redefinition(&lost)));
        }
        let began = Instant::now();
        let program = self.compile(&scope, cell, code, level, watch)?;
        for variable in &cell.variables {
            let unnamed = program
                .types
                .iter()
                .find(|(name, type_name)| *name == variable.name && !can_be_written(type_name));
            if let Some((name, _)) = unnamed {
                let problem = Problem {
                    message: diagnostic::cannot_be_named(name),
                    cell: number,
                    own_words: true,
                    ..Problem::default()
                };
                return Err(failure::from_compiler(
                    &[diagnostic::at_declaration(problem, name, &self.cells)],
                    &self.cells,
                ));
            }
        }
        self.times.compile = began.elapsed();
        self.scope = scope;
        self.run(&program, cell, watch, show)
    }

    /// Compiles a cell, again where the compiler's answer says that it must be done differently.
    fn compile(
        &mut self,
        scope: &Scope,
        cell: &Cell,
        code: &str,
        level: &str,
        watch: &Watch,
    ) -> Result<Program, Failure> {
        let number = self.cells.last();
        let mut choices = Choices {
            format: self.switches.format.clone(),
            ..Choices::default()
        };
        // Whether the compiler was asked if the cell is right when nothing of it is kept.
        let mut was_plain = false;
        loop {
            let source = source::write(scope, cell, code, number, &choices);
            self.maps
                .push((compile::file_name(&source.text), source.map.clone()));
            if self.maps.len() > REMEMBERED {
                self.maps.remove(0);
            }
            let outcome = self
                .compiler
                .compile(&source, self.kit.as_ref(), level, &|| watch.wants_an_end());
            let errors = match outcome
                .map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?
            {
                Compiled::Done(built) => {
                    let types = built.types.iter().filter_map(|(index, name)| {
                        Some((source.variables.get(*index)?.0.clone(), name.clone()))
                    });
                    if choices.plain {
                        // It is. With its types it may compile; else it wants to keep what cannot be kept.
                        choices.plain = false;
                        choices.learn(&built.types, &source.variables);
                        continue;
                    }
                    let types: Vec<(String, String)> = types.collect();
                    let functions = types
                        .iter()
                        .filter_map(|(name, of)| Some((name.clone(), function_pointer(of)?)));
                    let before = choices.functions.len();
                    choices.functions.extend(functions);
                    if choices.functions.len() > before {
                        continue;
                    }
                    return Ok(Program {
                        library: built.library,
                        types,
                        choices,
                    });
                }
                Compiled::Stopped => return Err(watch.stopped_while_compiling()),
                Compiled::Errors(errors) => errors,
            };
            if !choices.no_copies && diagnostic::is_about_copies(&errors, &source) {
                choices.no_copies = true;
                continue;
            }
            if let Some(names) = diagnostic::gone(&errors, &source.map)
                && !names.is_subset(&choices.gone)
            {
                choices.gone.extend(names);
                continue;
            }
            if !was_plain && diagnostic::is_about_keeping(&errors, &source.map) {
                (was_plain, choices.plain) = (true, true);
                continue;
            }
            self.last_errors.clone_from(&errors);
            let mut problems = diagnostic::problems(&errors, &source.map, &self.cells, number);
            for problem in &mut problems {
                diagnostic::explain_given_away(problem, &self.given_away, &self.cells);
                diagnostic::explain_not_seen(problem, &|name| {
                    scope.variables.contains_key(name)
                        || cell.variables.iter().any(|variable| variable.name == name)
                });
            }
            return Err(failure::from_compiler(&problems, &self.cells));
        }
    }

    /// Runs a compiled cell and notes which variables there are after it.
    fn run(
        &mut self,
        program: &Program,
        cell: &Cell,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let ends_with_value = cell.value.is_some();
        self.process.load(&program.library);
        self.process_is_lost = true;
        let places = |file: &str, line| place(&self.maps, &self.cells, file, line);
        let mut last_words = String::new();
        let mut listen = |mut output: Output| {
            if let Output::Stderr(text) = &mut output {
                *text = text.replace(failure::BACKTRACE_NOTE, "");
                last_words.push_str(text);
                let cut = last_words.len().saturating_sub(2000);
                last_words.drain(..last_words.ceil_char_boundary(cut));
            }
            show(output);
        };
        let ended = watch.until_the_end(
            &mut self.process,
            &self.interrupt_file,
            ends_with_value,
            self.ask.as_mut(),
            &places,
            &mut listen,
        );
        self.times.run = began.elapsed();
        let _ = std::fs::remove_file(&program.library);
        let _ = std::fs::remove_file(&self.interrupt_file);
        let outcome = match ended {
            Ended::Outcome(outcome) => {
                self.process_is_lost = false;
                outcome
            }
            Ended::Died(status) => {
                let place = self.place_of_statement();
                let lost: Vec<String> = std::mem::take(&mut self.scope.variables)
                    .into_keys()
                    .collect();
                self.restart_process()
                    .map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
                return Err(watch.stopped_by_killing(&lost).unwrap_or_else(|| {
                    let panic = watch.take_panic().map(|panic| panic.message);
                    let mut failure = failure::died(&status, &last_words, panic.as_deref(), &lost);
                    failure.traceback.extend(place);
                    failure
                }));
            }
        };
        let succeeded = !outcome.panicked && outcome.error.is_none();
        for name in &cell.names {
            let moved = cell.moved.contains(name) || program.choices.gone.contains(name);
            let replaced =
                succeeded && cell.variables.iter().any(|variable| variable.name == *name);
            if self
                .scope
                .variables
                .get(name)
                .is_some_and(|variable| replaced || (moved && !variable.is_copy))
            {
                self.scope.variables.remove(name);
                self.given_away.insert(name.clone(), self.cells.last());
            }
        }
        if succeeded {
            let made = cell.variables.iter().map(|variable| variable.name.clone());
            self.given_away
                .extend(made.map(|name| (name, self.cells.last())));
        }
        for (name, is_copy) in &outcome.kept {
            let type_name = program
                .types
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, type_name)| type_name.clone());
            let variable = cell
                .variables
                .iter()
                .find(|variable| variable.name == *name);
            if let (Some(type_name), Some(variable)) = (type_name, variable) {
                self.scope.keep(name, type_name, variable.is_mut, *is_copy);
                self.given_away.remove(name);
            }
        }
        if let Some(failure) = watch.stopped_by_itself() {
            return Err(failure);
        }
        match outcome.error {
            _ if outcome.panicked => Err(self.panicked(watch.take_panic())),
            Some(error) => Err(self.error_returned(&error)),
            None => Ok(()),
        }
    }

    fn panicked(&self, panic: Option<PanicReport>) -> Failure {
        let language = Language::current();
        let Some(panic) = panic else {
            let words = language.pick("la celda ha entrado en pánico", "the cell panicked");
            return Failure::new(FailureKind::Panic, words);
        };
        let mut failure = Failure::new(FailureKind::Panic, panic.message.trim_end());
        // A panic inside a library is told by the statement that called it.
        let place = self
            .place(&panic.file, panic.line)
            .unwrap_or_else(|| self.place_of_statement());
        failure.traceback.extend(place);
        if let Some(hint) = hints::for_panic(&panic.message, language) {
            failure.traceback.push(hints::line(hint, language));
        }
        failure
    }

    fn error_returned(&self, error: &ReturnedError) -> Failure {
        let language = Language::current();
        let words = language.pick("un `?` ha devuelto un error", "a `?` returned an error");
        let message = error.chain.first().map_or(words, String::as_str);
        let mut failure = Failure::new(FailureKind::ErrorReturned, message);
        let caused_by = language.pick("causado por", "caused by");
        for cause in error.chain.iter().skip(1) {
            let (colour, reset) = (failure::CYAN, failure::RESET);
            failure
                .traceback
                .push(format!("{colour}{caused_by}{reset}: {cause}"));
        }
        let place = self.place(&error.file, error.line);
        failure.traceback.extend(place.unwrap_or_default());
        failure
    }

    /// Lines that show a place of a program as one of its cell.
    fn place(&self, file: &str, line: usize) -> Option<Vec<String>> {
        let (cell, at) = byte_in_cell(&self.maps, file, line)?;
        Some(self.show_place(cell, at))
    }

    /// Lines that show the statement of the newest cell that ran last.
    fn place_of_statement(&self) -> Vec<String> {
        let noted = std::fs::read(self.interrupt_file.with_extension("place"));
        let byte = noted.ok().and_then(|bytes| bytes.get(..4)?.try_into().ok());
        let byte = usize::try_from(byte.map_or(0, u32::from_le_bytes)).unwrap_or(0);
        self.show_place(self.cells.last(), byte)
    }

    fn show_place(&self, cell: usize, at: usize) -> Vec<String> {
        let code = self.cells.code(cell);
        let line = line_of(code, at);
        let text = code.lines().nth(line - 1).unwrap_or_default();
        let start = 1 + text.chars().take_while(|c| c.is_whitespace()).count();
        let mark = Mark {
            line,
            start,
            end: text.trim_end().chars().count() + 1,
            label: String::new(),
            primary: true,
        };
        let mut lines = vec![failure::arrow(&self.cells.name(cell), Some(line))];
        lines.extend(failure::snippet(code, vec![mark]));
        lines
    }
}

/// The cell that a line of a program came from, and where in it that begins.
fn byte_in_cell(maps: &[(String, Map)], file: &str, line: usize) -> Option<(usize, usize)> {
    let (_, map) = maps.iter().rev().find(|(name, _)| name == file)?;
    map.line_in_cell(line)
}

/// The name of the cell and the line of it that a line of a program came from.
fn place(
    maps: &[(String, Map)],
    cells: &Cells,
    file: &str,
    line: usize,
) -> Option<(String, usize)> {
    let (cell, at) = byte_in_cell(maps, file, line)?;
    Some((cells.name(cell), line_of(cells.code(cell), at)))
}

/// The line of a text in which a byte stands.
fn line_of(code: &str, at: usize) -> usize {
    code[..code.floor_char_boundary(at)].matches('\n').count() + 1
}

/// The type of pointers to a function, of which the compiler says `fn(f64) -> f64 {sigmoid}`.
fn function_pointer(type_name: &str) -> Option<String> {
    let is_function = type_name.starts_with("fn(") || type_name.starts_with("for<");
    let (pointer, name) = type_name.strip_suffix('}')?.rsplit_once(" {")?;
    (is_function && !name.contains('{')).then(|| pointer.to_owned())
}

fn command_problem(message: String, cell: usize, line: usize, command: &str) -> Problem {
    let mark = Mark {
        line,
        start: 1,
        end: command.chars().count() + 1,
        label: String::new(),
        primary: true,
    };
    Problem {
        message,
        cell,
        marks: vec![mark],
        own_words: true,
        ..Problem::default()
    }
}
