//! A cell from its text to its end: what it says to the kernel is done, the rest is compiled, again where the compiler's answer
//! asks for that, and run.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cells::compile::{self, Compiled};
use crate::cells::diagnostic::{self, Loss};
use crate::cells::items::DefinitionKind;
use crate::cells::kit::Kit;
use crate::cells::map::Map;
use crate::cells::parse::{self, Cell};
use crate::cells::revise::{self, Attempt};
use crate::cells::source::{self, Choices};
use crate::cells::text;
use crate::cells::types::{self, Use};
use crate::commands::{self, Refused};
use crate::failure::{self, Failure, FailureKind};
use crate::output::{Output, Times};
use crate::problem::{Mark, Problem};
use crate::run::{Overtaken, Watch};
use crate::{Session, changes, stale};

/// A compiled cell.
pub(crate) struct Program {
    pub(crate) library: PathBuf,
    /// The types of its new variables.
    pub(crate) types: Vec<(String, String)>,
    /// What it uses of those of earlier cells.
    pub(crate) uses: Vec<(String, Use)>,
    /// What tells types that only the libraries can write.
    pub(crate) told_by: Option<Arc<str>>,
    pub(crate) cell: Cell,
    /// What had to be done differently for it to compile.
    pub(crate) choices: Choices,
}

/// Programs whose places can still be looked up: a thread that an earlier cell started may panic later.
const REMEMBERED: usize = 100;

impl Session {
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

    /// Runs a cell again with what its controls are set to, as JSON: a list of values for each `interact`. Where nothing has changed but
    /// these, nothing is compiled and nothing loaded. `None` when that run was overtaken and has ended before its time.
    pub(crate) fn execute_again(
        &mut self,
        code: &str,
        number: Option<usize>,
        values: String,
        overtaken: Overtaken,
        show: &mut dyn FnMut(Output),
    ) -> Option<Result<(), Failure>> {
        let mut watch = Watch::until_overtaken(self.stop.clone(), overtaken);
        let code = &text::tidy(code);
        self.cells.push(number, code);
        self.controls = Some(values);
        let result = self.attempt(code, &mut watch, show);
        self.controls = None;
        // It is the same cell, which `:export` and `:stale` know.
        self.makes = None;
        self.asked.clear();
        let is_lost = |failure: &Failure| {
            matches!(
                failure.kind,
                FailureKind::Died | FailureKind::Interrupted | FailureKind::Internal
            )
        };
        let speaks = !watch.is_overtaken || result.as_ref().is_err_and(is_lost);
        speaks.then_some(result)
    }

    /// Notes what a run of a cell did, and says when it used what is left of a text that is gone.
    fn note_run(&mut self, code: &str, makes: BTreeSet<String>, show: &mut dyn FnMut(Output)) {
        let mut libraries = std::mem::take(&mut self.asked);
        libraries.retain(|(name, what)| self.dependencies.get(name) == Some(what));
        let run = stale::Run {
            place: self.cells.last(),
            code,
            makes,
            libraries,
            facts: self.facts.take(),
        };
        let left = self.history.note(run, &self.scope);
        if let Some(text) = commands::leftovers(&left, self) {
            show(Output::Stderr(text));
        }
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

    pub(crate) fn attempt(
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
        self.asked = commands::asked(&cell, &self.folder);
        let is_noted = has_code || !self.asked.is_empty();
        self.makes = is_noted.then(|| stale::makes(&cell, &self.asked));
        let mut level = self.level.clone();
        let refused = self.obey(&cell, &mut level, watch, show)?;
        let mut outcome = Ok(());
        if has_code {
            outcome = self.run_code(&cell, &cell.code, &level, watch, show);
        } else if refused.is_empty() {
            self.facts = Some(stale::Facts::default());
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
                let name = compile::file_name(&source.text);
                self.maps.retain(|(known, _)| *known != name);
                self.maps.push((name, source.map.clone()));
                if self.maps.len() > REMEMBERED {
                    self.maps.remove(0);
                }
                let (compiler, kit) = (&mut self.compiler, self.kit.as_ref());
                let stop = || watch.wants_an_end();
                let outcome = match self.controls {
                    Some(_) => compiler.compile_to_keep(&source, kit, level, &stop),
                    None => compiler.compile(&source, kit, level, &stop),
                };
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
                        let text = changes::changes(&lost, &ended, &attempt.outdated, &self.cells);
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
