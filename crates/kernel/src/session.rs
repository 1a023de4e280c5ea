//! One student's conversation with the compiler: code goes in, outputs come as they are made.
//!
//! The thread that calls [`Session::execute`] (`execute.rs`) does it all: it compiles the cell, hands it to the process that
//! runs cells, and hears what that process prints (`outcome.rs`); it alone decides what is shown, when the cell is over, when it
//! is stopped. Questions about code (`questions.rs`) go to a program of their own (`analysis.rs`).

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::analysis::Analysis;
use crate::cell_process::CellProcess;
use crate::cells::compile::{self, Compiled, Compiler};
use crate::cells::diagnostic::Losses;
use crate::cells::format::Format;
use crate::cells::kit::{self, Dependencies, Kit};
use crate::cells::map::Map;
use crate::cells::parse;
use crate::cells::scope::Scope;
use crate::cells::source::{self, Choices};
use crate::config::{self, TimeLine};
use crate::folders::{WorkDir, cache_dir, nearest_cargo_lock};
use crate::names::Names;
use crate::output::{Ask, Output, Stop, Times};
use crate::run::Watch;
use crate::stale::{Facts, Front, History};
use crate::toolchain::Toolchain;
use crate::transcript::Cells;
use crate::{Error, Language};

/// How a session starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder that the cells see as current, and that `:dep x = { path = ... }` starts from; the current one by default.
    pub folder: Option<PathBuf>,
    /// Decides about the versions of dependencies, so that nothing newer is fetched. By default the
    /// nearest one above the folder.
    pub cargo_lock: Option<PathBuf>,
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
    pub(crate) process: CellProcess,
    /// It has ended, or runs a cell that nobody follows any more.
    pub(crate) process_is_lost: bool,
    pub(crate) analysis: Analysis,
    /// What the libraries of a kit, by its id, offer.
    pub(crate) names: (String, Names),
    pub(crate) ask: Option<Ask>,
    pub(crate) stop: Stop,
    /// What cells made that is not there any more.
    pub(crate) losses: Losses,
    /// Macros that were seen to make items, or not to.
    pub(crate) make_items: HashMap<String, bool>,
    pub(crate) cells: Cells,
    /// What their runs did, for `:stale`.
    pub(crate) history: History,
    /// What the run of the newest did.
    pub(crate) facts: Option<Facts>,
    /// The names that the newest makes by its text, if it has code or brings libraries.
    pub(crate) makes: Option<BTreeSet<String>>,
    /// The libraries that it asks for.
    pub(crate) asked: Vec<(String, String)>,
    /// Those that ran to their end, for `:export`.
    pub(crate) done: Vec<usize>,
    /// Where the parts of the last programs came from, by the names of their files.
    pub(crate) maps: Vec<(String, Map)>,
    /// While a cell runs again: what its controls are set to.
    pub(crate) controls: Option<String>,
    /// The optimisation level of cells.
    pub(crate) level: String,
    pub(crate) times: Times,
    pub(crate) time_line: TimeLine,
    pub(crate) switches: Switches,
    /// What rustc said of the last cell that did not compile.
    pub(crate) last_errors: Vec<Value>,
    /// The files that a session starts with were read.
    pub(crate) is_configured: bool,
    pub(crate) interrupt_file: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) cargo_lock: Option<PathBuf>,
    pub(crate) cache: PathBuf,
    // Dropped last: the folder must stay ours until nothing runs in it.
    pub(crate) work: WorkDir,
}

/// What `:commands` have changed in a session, besides its libraries.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    pub(crate) format: Format,
    pub(crate) is_offline: bool,
    /// For the cells.
    pub(crate) environment: Vec<(String, String)>,
}

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
        let compiler = Compiler::new(toolchain, &cache, work.path.clone())?;
        let interrupt_file = work.path.join("interrupt");
        let process = CellProcess::start(&folder, &compiler.runtime, &interrupt_file)?;
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
            analysis: Analysis::new(),
            names: Default::default(),
            ask: None,
            stop,
            losses: Losses::new(),
            make_items: HashMap::new(),
            cells: Cells::default(),
            history: History::default(),
            facts: None,
            makes: None,
            asked: Vec::new(),
            done: Vec::new(),
            maps: Vec::new(),
            controls: None,
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
            work,
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

    /// What the front end calls the cell that comes next, and which cells are not in its notebook any more. With this a
    /// cell that is edited, or run again, is told from a new one.
    pub fn expect_cell(&mut self, id: Option<String>, deleted: Vec<String>) {
        self.history.expect(Front { id, deleted });
    }

    /// The file of the notebook, which tells the order of its cells.
    pub fn set_notebook(&mut self, file: PathBuf) {
        self.history.file = Some(file);
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

    /// How long a cell took, in a line, if it is to be said.
    pub fn time_line(&self) -> Option<String> {
        let times = self.times;
        let long = (times.compile + times.run).as_secs_f64() >= 2.0;
        let wanted = match self.time_line {
            TimeLine::On => true,
            TimeLine::Auto => long,
            TimeLine::Off => false,
        };
        let (compile, run) = (times.compile.as_secs_f64(), times.run.as_secs_f64());
        wanted.then(|| match Language::current() {
            Language::Es => format!("compilar {compile:.2} s · ejecutar {run:.2} s"),
            Language::En => format!("compile {compile:.2} s · run {run:.2} s"),
        })
    }

    /// What is wrong with a program that uses the session's libraries, and the line.
    pub(crate) fn check(&self, program: &Path) -> Result<Option<(String, u64)>, Error> {
        self.compiler.check(program, self.kit.as_ref())
    }

    /// Forgets all variables and definitions, but not the libraries.
    pub(crate) fn clear(&mut self) -> Result<(), Error> {
        self.scope = Scope::in_folder(&self.folder, &self.work.path);
        self.done.clear();
        self.history.clear();
        self.restart_process()
    }

    /// Starts another process: the variables are lost, the definitions are not.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.scope.variables.clear();
        self.restart_process()
    }

    pub(crate) fn restart_process(&mut self) -> Result<(), Error> {
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
        &self.work.path
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
}

/// The cell that a line of a program came from, and where in it that begins.
pub(crate) fn byte_in_cell(
    maps: &[(String, Map)],
    file: &str,
    line: usize,
) -> Option<(usize, usize)> {
    let (_, map) = maps.iter().rev().find(|(name, _)| name == file)?;
    map.line_in_cell(line)
}

/// The name of the cell and the line of it that a line of a program came from.
pub(crate) fn place(
    maps: &[(String, Map)],
    cells: &Cells,
    file: &str,
    line: usize,
) -> Option<(String, usize)> {
    let (cell, at) = byte_in_cell(maps, file, line)?;
    Some((cells.name(cell), line_of(cells.code(cell), at)))
}

/// The line of a text in which a byte stands.
pub(crate) fn line_of(code: &str, at: usize) -> usize {
    code[..code.floor_char_boundary(at)].matches('\n').count() + 1
}
