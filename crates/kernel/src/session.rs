//! One student's conversation with the compiler: code goes in, outputs come as they are made.
//!
//! The thread that calls [`Session::execute`] does it all: it compiles the cell, hands it to the process that runs cells,
//! and hears what that process prints; it alone decides what is shown, when the cell is over, when it is stopped.
//! Questions about code go to a thread of their own (`analysis.rs`).

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::analysis::{Analysis, Completions, Documentation};
use crate::cell_process::CellProcess;
use crate::cells::Cells;
use crate::cells::compile::{self, Compiled, Compiler, Toolchain};
use crate::cells::diagnostic::{self, Loss, Losses};
use crate::cells::items::DefinitionKind;
use crate::cells::kit::{self, Dependencies, Kit};
use crate::cells::map::Map;
use crate::cells::native;
use crate::cells::parse::{self, Cell, NewVariable};
use crate::cells::revise::{self, Attempt};
use crate::cells::scope::{Making, Scope};
use crate::cells::source::{self, Choices};
use crate::cells::text;
use crate::cells::types::{self, Use};
use crate::commands::{Refused, Switches, TimeLine, short_type};
use crate::failure::{self, Failure, FailureKind, Mark, Problem};
use crate::folders::{WorkDir, cache_dir};
use crate::libraries::nearest_cargo_lock;
use crate::run::{Ended, Watch};
use crate::stale::{Facts, Front, History};
use crate::wire::{Bundle, Outcome, PanicReport, ReturnedError};
use crate::{Error, Language, commands, config, hints, run, stale, tools};

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
    /// Files of libraries were edited, and that could not be followed: it was said, and is not tried again.
    pub(crate) edits_left: Option<String>,
    /// Looking for edits takes too long here.
    pub(crate) no_edits: bool,
    /// The `Cargo.lock` that the kit was made from.
    pub(crate) kit_lock: Option<String>,
    /// The kit before this cell, and its lock, where the cell has brought another.
    pub(crate) kit_before: Option<(Option<Kit>, Option<String>)>,
    pub(crate) compiler: Compiler,
    process: CellProcess,
    /// It has ended, or runs a cell that nobody follows any more.
    process_is_lost: bool,
    analysis: Analysis,
    /// The dependencies that the analysis was told to read in.
    prepared: Dependencies,
    ask: Option<Ask>,
    stop: Stop,
    /// What cells made that is not there any more.
    losses: Losses,
    /// Macros that were seen to make items, or not to.
    make_items: HashMap<String, bool>,
    pub(crate) cells: Cells,
    /// What their runs did, for `:stale`.
    pub(crate) history: History,
    /// What the run of the newest did.
    facts: Option<Facts>,
    /// The names that the newest makes by its text, if it has code.
    makes: Option<BTreeSet<String>>,
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
    /// What it uses of those of earlier cells.
    uses: Vec<(String, Use)>,
    /// What tells types that only the libraries can write.
    told_by: Option<Arc<str>>,
    cell: Cell,
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
            scope: Scope::in_folder(&folder, &work.path),
            dependencies: Dependencies::new(),
            kit: None,
            edits_left: None,
            no_edits: false,
            kit_lock: None,
            kit_before: None,
            compiler,
            process,
            process_is_lost: false,
            analysis,
            prepared: Dependencies::new(),
            ask: None,
            stop,
            losses: Losses::new(),
            make_items: HashMap::new(),
            cells: Cells::default(),
            history: History::default(),
            facts: None,
            makes: None,
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
            self.load_config(&watch, show);
        }
        let code = &text::tidy(code);
        self.cells.push(number, code);
        self.times = Times::default();
        self.facts = None;
        let result = self.attempt(code, &mut watch, show);
        if let Some(makes) = self.makes.take().filter(|_| number.is_some()) {
            self.note_run(code, makes, show);
        }
        if self.times.compile.is_zero() {
            self.times.compile = began.elapsed();
        }
        if result.is_ok() {
            self.done.push(self.cells.last());
        }
        result
    }

    /// What the front end calls the cell that comes next, and which cells are not in its notebook any more. With this a
    /// cell that is edited, or run again, is told from a new one.
    pub fn expect_cell(&mut self, id: Option<String>, deleted: Vec<String>) {
        self.history.expect(Front { id, deleted });
    }

    /// The file of the notebook, which tells the order of its cells.
    pub fn set_notebook(&mut self, file: PathBuf) {
        self.history.file = Some(file);
    }

    /// Notes what a run of a cell did, and says when it used what is left of a text that is gone.
    fn note_run(&mut self, code: &str, makes: BTreeSet<String>, show: &mut dyn FnMut(Output)) {
        let run = stale::Run {
            place: self.cells.last(),
            code,
            makes,
            facts: self.facts.take(),
        };
        let left = self.history.note(run, &self.scope);
        if let Some(text) = commands::leftovers(&left, self) {
            show(Output::Stderr(text));
        }
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

    /// What can stand at byte `at` of `code`, which is not run. The `patience` is asked for while the answer is awaited.
    pub fn complete(
        &mut self,
        code: &str,
        at: usize,
        patience: &dyn Fn() -> Duration,
    ) -> Completions {
        if let Some(names) = commands::completions(code, at) {
            return names;
        }
        let prelude = commands::prelude(self);
        self.analysis
            .complete(&self.dependencies, prelude, code, at, patience)
    }

    /// What stands before byte `at` of `code`: the type and value of a variable, or the documentation.
    pub fn inspect(
        &mut self,
        code: &str,
        at: usize,
        patience: &dyn Fn() -> Duration,
    ) -> Option<Documentation> {
        if let Some(variable) = self.look_at_variable(code, at) {
            return Some(variable);
        }
        let prelude = commands::prelude(self);
        self.analysis
            .document(&self.dependencies, prelude, code, at, patience)
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
        let html = gradus_text::html::preformatted(&text);
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
        self.scope = Scope::in_folder(&self.folder, &self._work.path);
        self.done.clear();
        self.history.clear();
        self.restart_process()
    }

    /// Starts another process: the variables are lost, the definitions are not.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.scope.variables.clear();
        self.restart_process()
    }

    fn restart_process(&mut self) -> Result<(), Error> {
        self.process_is_lost = true;
        self.history.lose_variables();
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
    pub(crate) fn load_config(&mut self, watch: &Watch, show: &mut dyn FnMut(Output)) {
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
            // A cell of its own.
            let mut watch = watch.again();
            if let Err(failure) = self.attempt(&code, &mut watch, show) {
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
                let value = types.find(|noted| noted.number == cell.variables.len());
                Ok(value.map_or_else(|| "()".to_owned(), |noted| noted.type_name))
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
        self.kit_before = None;
        let cell = parse::parse_with(code, &|name| self.scope.knows(name));
        let has_code = !(cell.definitions.is_empty() && cell.statements.is_empty());
        let has_code = has_code || cell.value.is_some();
        self.makes = has_code.then(|| stale::makes(&cell));
        let mut level = self.level.clone();
        let refused = self.obey(&cell, &mut level, watch, show)?;
        let mut outcome = Ok(());
        if has_code {
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
        } else {
            self.follow_edits(watch, show)?;
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
        let began = Instant::now();
        let before = self.scope.clone();
        let program = self.compile(cell, code, level, watch, show)?;
        self.times.compile = began.elapsed();
        let result = self.run(&program, watch, show);
        if matches!(&result, Err(failure) if failure.kind == FailureKind::NotLoaded) {
            // What it defines may be what cannot be loaded, or the library that it names.
            self.scope = before;
            self.forget_new_libraries();
        }
        result
    }

    /// Compiles a cell, again where the compiler's answer says that it must be done differently.
    fn compile(
        &mut self,
        cell: &Cell,
        code: &str,
        level: &str,
        watch: &Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<Program, Failure> {
        let number = self.cells.last();
        for definition in &cell.definitions {
            if definition.kind == DefinitionKind::Macro {
                self.make_items.remove(definition.title());
            }
        }
        // A call of an unknown macro is an item, if the compiler takes it for one.
        let mut refused: HashMap<usize, String> = HashMap::new();
        // What was wrong before something else was tried, which may be worse.
        let mut first: Option<(Vec<Value>, Failure)> = None;
        'cell: loop {
            let mut cell = cell.clone();
            let mut tried = Vec::new();
            for call in cell.calls.clone() {
                let start = call.definition.range.start;
                let known = self.make_items.get(&call.macro_name);
                if known != Some(&false) && !refused.contains_key(&start) {
                    cell.make_item(&call);
                    tried.push(call);
                }
            }
            let mut scope = self.scope.clone();
            let ended = scope.define(&cell, code, number);
            let lost = scope.drop_redefined();
            let mut attempt = Attempt::new(scope, cell, number);
            attempt.choices.format.clone_from(&self.switches.format);
            attempt.choices.executor = self.kit.as_ref().and_then(Kit::executor);
            attempt.choices.shows = self.kit.as_ref().is_some_and(|kit| kit.shows);
            loop {
                let source = source::write(
                    &attempt.scope,
                    &attempt.cell,
                    code,
                    number,
                    &attempt.choices,
                );
                self.maps
                    .push((compile::file_name(&source.text), source.map.clone()));
                if self.maps.len() > REMEMBERED {
                    self.maps.remove(0);
                }
                let outcome = self
                    .compiler
                    .compile(&source, self.kit.as_ref(), level, &|| watch.wants_an_end());
                match outcome
                    .map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?
                {
                    Compiled::Done(built) => {
                        if attempt.learn(&built.types, &source, self.kit.as_ref()) {
                            continue;
                        }
                        self.only_useless(&attempt)?;
                        let tried = tried.into_iter().map(|call| (call.macro_name, true));
                        let refused = refused.into_values().map(|name| (name, false));
                        self.make_items.extend(refused.chain(tried));
                        let text = commands::changes(&lost, &ended, &attempt.outdated, &self.cells);
                        if !text.is_empty() {
                            show(Output::Stderr(text));
                        }
                        for (name, of) in &attempt.outdated {
                            self.losses.insert(name.clone(), (*of, Loss::Outdated));
                        }
                        let types = source.named(built.types);
                        let is_of_library =
                            |(_, name): &(String, String)| types::is_of_library(name);
                        let told_by = types
                            .iter()
                            .any(is_of_library)
                            .then(|| attempt.scope.told_by(&attempt.cell));
                        self.scope = attempt.scope;
                        return Ok(Program {
                            library: built.library,
                            types,
                            told_by: told_by.flatten(),
                            uses: built.uses,
                            cell: attempt.cell,
                            choices: attempt.choices,
                        });
                    }
                    Compiled::Stopped => return Err(watch.stopped_while_compiling()),
                    Compiled::Errors(errors) => {
                        if attempt.make_room(&errors, &source) {
                            continue;
                        }
                        let at = |start: &usize| {
                            let call = tried
                                .iter()
                                .find(|call| call.definition.range.contains(start));
                            call.cloned()
                        };
                        let own = revise::own_errors(&errors, &source);
                        if !attempt.scope.has_plain_macros && source::is_about_tags(&errors) {
                            attempt.scope.has_plain_macros = true;
                            continue;
                        }
                        // What is no item is a mistake without a number.
                        let about_form = errors.iter().filter(|error| error["code"].is_null());
                        let about_form: Vec<Value> = about_form.cloned().collect();
                        let places = diagnostic::places(&about_form, &source.map, number);
                        if let Some(call) = places.iter().find_map(at) {
                            first.get_or_insert_with(|| {
                                let failure = self.refuse(&own, &source.map, &attempt);
                                (own, failure)
                            });
                            refused.insert(call.definition.range.start, call.macro_name);
                            continue 'cell;
                        }
                        if !attempt.choices.is_async && diagnostic::is_about_waiting(&errors) {
                            attempt.choices.is_async = true;
                            continue;
                        }
                        if attempt.revise(&errors, &source) {
                            continue;
                        }
                        let failure = self.refuse(&own, &source.map, &attempt);
                        if attempt.scope.makes_statics() {
                            attempt.scope.has_plain_macros = true;
                            first.get_or_insert((own, failure));
                            continue;
                        }
                        let is_worse =
                            |first: &mut (Vec<Value>, Failure)| own.len() > first.0.len();
                        let (errors, failure) = first.take_if(is_worse).unwrap_or((own, failure));
                        self.last_errors = errors;
                        return Err(failure);
                    }
                }
            }
        }
    }

    /// A cell that makes nothing but what cannot be kept would leave nothing.
    fn only_useless(&self, attempt: &Attempt) -> Result<(), Failure> {
        let cell = &attempt.cell;
        let why = |name: &str| attempt.choices.unkept.get(name).copied();
        let whys = cell.variables.iter().map(|variable| {
            let why = why(&variable.name)?;
            Some((&variable.name, why))
        });
        let Some(whys) = whys.collect::<Option<Vec<_>>>() else {
            return Ok(());
        };
        if whys.is_empty() || !cell.only_makes_variables {
            return Ok(());
        }
        let problems = whys.into_iter().map(|(name, why)| {
            let problem = Problem {
                message: diagnostic::not_kept(name, why),
                cell: attempt.number,
                own_words: true,
                ..Problem::default()
            };
            diagnostic::at_declaration(problem, name, &self.cells)
        });
        let problems: Vec<_> = problems.collect();
        Err(failure::from_compiler(&problems, &self.cells))
    }

    /// What is wrong with a cell.
    fn refuse(&self, errors: &[serde_json::Value], map: &Map, attempt: &Attempt) -> Failure {
        let mut problems = diagnostic::problems(errors, map, &self.cells, attempt.number);
        let mut losses = self.losses.clone();
        for (name, cell) in &attempt.outdated {
            losses.insert(name.clone(), (*cell, Loss::Outdated));
        }
        for problem in &mut problems {
            diagnostic::explain_loss(problem, &losses, &self.cells);
            diagnostic::explain_not_seen(problem, &|name| {
                attempt.scope.variables.contains_key(name)
                    || attempt
                        .cell
                        .variables
                        .iter()
                        .any(|variable| variable.name == name)
            });
        }
        failure::from_compiler(&problems, &self.cells)
    }

    /// Runs a compiled cell and notes which variables there are after it.
    fn run(
        &mut self,
        program: &Program,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let cell = &program.cell;
        let ends_with_value = cell.value.is_some();
        self.process.load(&program.library);
        self.process_is_lost = true;
        let places = |file: &str, line| place(&self.maps, &self.cells, file, line);
        let mut last_words = String::new();
        let mut listen = |mut output: Output| {
            if let Output::Stderr(text) = &mut output {
                *text = text.replace(failure::BACKTRACE_NOTE, "");
                if text.contains("[cell-") {
                    *text = run::with_names(text, &places);
                }
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
        if let Some(reason) = &outcome.not_loaded {
            let symbol = reason.rsplit_once("undefined symbol: ");
            let libraries = self
                .kit
                .iter()
                .zip(symbol)
                .flat_map(|(kit, (_, symbol))| native::callers(&kit.folder, symbol.trim()));
            return Err(failure::not_loaded(reason, &libraries.collect::<Vec<_>>()));
        }
        let succeeded = !outcome.panicked && outcome.error.is_none();
        let here = self.cells.last();
        self.facts = Some(self.facts_of(program, &outcome, succeeded));
        for (name, number) in &program.choices.numbers {
            if let Some(variable) = self.scope.variables.get_mut(name) {
                (variable.type_name, variable.is_number) = ((*number).to_owned(), false);
            }
        }
        for name in outcome.kept.keys() {
            if let Some(variable) = self.scope.emptied.remove(name) {
                self.losses.remove(name);
                self.scope.variables.insert(name.clone(), variable);
            }
        }
        for name in &outcome.missing {
            self.scope.empty(name);
            let choices = &program.choices;
            let is_moved =
                succeeded || choices.gone.contains(name) || choices.followed.contains_key(name);
            let loss = if is_moved { Loss::Moved } else { Loss::Stopped };
            self.losses.insert(name.clone(), (here, loss));
        }
        for variable in &cell.variables {
            let name = &variable.name;
            let kept = outcome.kept.get(name).copied();
            let type_name = program.types.iter().find(|(other, _)| other == name);
            if let (Some(is_copy), Some((_, type_name))) = (kept, type_name) {
                let written = types::written(type_name);
                let mut olds = self.scope.variables.values();
                let private = olds.find(|old| old.is_private && old.type_name == written);
                let private = private.and_then(|old| old.made_by.clone());
                self.scope.keep(name, written, variable.is_mut, is_copy);
                if let Some(kept) = self.scope.variables.get_mut(name) {
                    kept.is_number = variable.is_number;
                    kept.is_private = private.is_some();
                    kept.made_by = private.or_else(|| {
                        let code = program.told_by.clone()?;
                        let name = name.clone();
                        Some(Making { code, name })
                    });
                }
                self.losses.remove(name);
            } else if self.scope.variables.contains_key(name) {
                // The cell was left before, and the old one of this name lives.
            } else if succeeded && ends_in_cell(variable, &program.choices) {
                if let Some((_, type_name)) = type_name
                    && variable.is_mut
                    && types::can_be_written(type_name)
                    && !program.choices.unkept.contains_key(name)
                {
                    self.scope
                        .keep(name, types::written(type_name), true, false);
                    self.scope.empty(name);
                }
                let why = program.choices.unkept.get(name).copied();
                let loss = why.map_or(Loss::Moved, Loss::NotKept);
                self.losses.insert(name.clone(), (here, loss));
            } else {
                self.losses.insert(name.clone(), (here, Loss::Stopped));
            }
        }
        let mut unknown = outcome.kept.keys().filter(|name| {
            cell.makes(name) && program.types.iter().all(|(other, _)| other != *name)
        });
        if let Some(name) = unknown.next() {
            return Err(self.not_understood(name));
        }
        if succeeded && let Some(text) = commands::not_kept(&program.choices.unkept) {
            show(Output::Stderr(text));
        }
        if outcome.given_up {
            return Err(watch.stopped_by_leaving(&outcome.missing));
        }
        let mut failure = match outcome.error {
            _ if watch.stopped_by_itself().is_some() => watch.stopped_by_itself(),
            _ if outcome.panicked => Some(self.panicked(watch.take_panic())),
            Some(error) => Some(self.error_returned(&error)),
            None => None,
        };
        if let Some(failure) = &mut failure
            && !outcome.missing.is_empty()
        {
            failure
                .traceback
                .push(commands::lost_on_the_way(&outcome.missing));
        }
        failure.map_or(Ok(()), Err)
    }

    /// What a cell did, by what its compiler and its end tell.
    fn facts_of(&self, program: &Program, outcome: &Outcome, succeeded: bool) -> Facts {
        let mut facts = Facts::read(&program.cell, &program.cell.code);
        let old = |name: &String| self.scope.variables.get(name);
        let uses = program.uses.iter().map(|(name, how)| {
            let changes = match how {
                // Where it is moved, a note is made instead.
                Use::Reads if !program.choices.follows(name) => false,
                Use::Changes => true,
                Use::Reads | Use::Takes => old(name).is_some_and(|old| old.is_mut),
            };
            (name.clone(), changes)
        });
        let uses = uses.collect();
        for (name, _) in &program.uses {
            facts.has_type(name, old(name).map_or("", |old| &old.type_name));
        }
        for (name, type_name) in &program.types {
            facts.has_type(name, type_name);
        }
        let ends = succeeded && !outcome.given_up;
        let kept = outcome.kept.keys().cloned();
        facts.ran(uses, kept, outcome.missing.iter().cloned(), !ends);
        facts
    }

    /// The compiler has not noted the type of a variable, or not in a form that is known.
    fn not_understood(&self, name: &str) -> Failure {
        let version = self.rust_version();
        let text = match Language::current() {
            Language::Es => format!(
                "gradus no entiende lo que {version} dice del tipo de `{name}`, y no puede conservarla; `gradus doctor` dice \
                 qué hacer"
            ),
            Language::En => format!(
                "gradus does not understand what {version} says of the type of `{name}`, and cannot keep it; `gradus doctor` \
                 says what to do"
            ),
        };
        Failure::new(FailureKind::Internal, text)
    }

    fn panicked(&self, panic: Option<PanicReport>) -> Failure {
        let language = Language::current();
        let Some(panic) = panic else {
            let words = language.pick("la celda ha entrado en pánico", "the cell panicked");
            return Failure::new(FailureKind::Panic, words);
        };
        let mut failure = Failure::new(FailureKind::Panic, panic.message.trim_end());
        // A panic inside a library, or in a function of another cell, is told by the statement that called it.
        let at = byte_in_cell(&self.maps, &panic.file, panic.line);
        if let Some((cell, at)) = at {
            failure.traceback.extend(self.show_place(cell, at));
        } else if let Ok(module) = Path::new(&panic.file).strip_prefix(&self.folder) {
            let name = module.display().to_string();
            failure
                .traceback
                .push(failure::arrow(&name, Some(panic.line)));
        }
        if at.is_none_or(|(cell, _)| cell != self.cells.last()) {
            failure.traceback.extend(self.place_of_statement());
        }
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

/// Whether a new variable may not be there at the end of its cell. Any other one that is not kept was not reached.
fn ends_in_cell(variable: &NewVariable, choices: &Choices) -> bool {
    let name = &variable.name;
    variable.copied_before.is_some()
        || choices.given.contains(name)
        || choices.unkept.contains_key(name)
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
