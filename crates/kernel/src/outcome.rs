//! Running a compiled cell: what is there after it, and how it failed.

use std::path::Path;
use std::time::Instant;

use crate::cells::diagnostic::Loss;
use crate::cells::native;
use crate::cells::parse::NewVariable;
use crate::cells::scope::Making;
use crate::cells::source::Choices;
use crate::cells::types::{self, Use};
use crate::execute::Program;
use crate::failure::{self, Failure, FailureKind};
use crate::output::Output;
use crate::problem::Mark;
use crate::run::{Ended, Watch};
use crate::session::{byte_in_cell, line_of, place};
use crate::stale::Facts;
use crate::wire::{Outcome, PanicReport, ReturnedError};
use crate::{Language, Session, changes, hints, run};

/// Where a cell finds what its controls are set to.
const CONTROLS: &str = "GRADUS_CONTROLS";

impl Session {
    /// Runs a compiled cell and notes which variables there are after it.
    pub(crate) fn run(
        &mut self,
        program: &Program,
        watch: &mut Watch,
        show: &mut dyn FnMut(Output),
    ) -> Result<(), Failure> {
        let began = Instant::now();
        let cell = &program.cell;
        let ends_with_value = cell.value.is_some();
        if let Some(values) = &self.controls {
            self.process.set_environment(CONTROLS, values);
        }
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
        if self.controls.is_some() {
            self.process.set_environment(CONTROLS, "");
        } else {
            let _ = std::fs::remove_file(&program.library);
        }
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
        if succeeded && let Some(text) = changes::not_kept(&program.choices.unkept) {
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
                .push(changes::lost_on_the_way(&outcome.missing));
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
            let (colour, reset) = (crate::colour::CYAN, crate::colour::RESET);
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
