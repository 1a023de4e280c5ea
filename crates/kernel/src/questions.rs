//! Questions about code that is not run: how a name goes on, what stands here.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::Session;
use crate::analysis::Package;
use crate::cells::kit::{self, Dependencies};
use crate::cells::parse;
use crate::commands::{self, short_type};
use crate::names::{Completions, Documentation, Match, Names, Spot};
use crate::output::Output;
use crate::run::Watch;

impl Session {
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
        let spot = self.spot(code, at);
        let package = self.package();
        let toolchain = &self.compiler.toolchain;
        let asked = self.analysis.ask_names(toolchain, &package, &spot);
        let known = self.names().complete(&spot);
        let has_other = !known.matches.is_empty();
        let found = asked.and_then(|asked| {
            let names = self.analysis.names(&asked, &spot, has_other, patience)?;
            Some(names).filter(|names| !names.matches.is_empty())
        });
        let Some(mut found) = found else {
            return known;
        };
        // The session's own names go before those of libraries.
        let own = Names::own(&spot);
        let is_own = |one: &Match| {
            let name = one.code.trim_end_matches(['(', ')', '!']);
            own.contains(name)
        };
        found.matches.sort_by_key(|one| !is_own(one));
        found
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
        let spot = self.spot(code, at);
        let package = self.package();
        let toolchain = &self.compiler.toolchain;
        let asked = self.analysis.ask_documentation(toolchain, &package, &spot);
        let known = self.names().document(&spot);
        let found = asked.and_then(|asked| {
            self.analysis
                .documentation(&asked, known.is_some(), patience)
        });
        found.or(known)
    }

    fn spot(&self, code: &str, at: usize) -> Spot {
        let (items, variables) = commands::prelude(self);
        // Its commands are nothing for a compiler; all positions stay.
        let parsed = parse::parse(code).code;
        let code = if parsed.len() == code.len() {
            parsed
        } else {
            code.to_owned()
        };
        let at = code.floor_char_boundary(at);
        Spot {
            items,
            variables,
            code,
            at,
        }
    }

    /// The names of the libraries, read in when they are wanted first.
    fn names(&mut self) -> &Names {
        let id = self.kit.as_ref().map_or("", |kit| kit.id.as_str());
        if self.names.0 != id {
            let sources = self.kit.as_ref().map(|kit| kit.sources.clone());
            self.names = (id.to_owned(), Names::new(sources.unwrap_or_default()));
        }
        &self.names.1
    }

    /// A package with the libraries of the session as dependencies.
    fn package(&self) -> Package {
        if let Some(kit) = &self.kit
            && let Some(room) = kit.folder.parent()
        {
            return Package {
                folder: room.to_owned(),
                id: kit.id.clone(),
            };
        }
        let folder = self.cache.join("analysis");
        if !folder.exists() {
            // Where it cannot be written, there are no answers.
            let _ = write_empty_package(&folder);
        }
        Package {
            folder,
            id: String::new(),
        }
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
}

/// One without libraries, whole from the moment that it is there: other kernels may want it, too.
fn write_empty_package(folder: &Path) -> std::io::Result<()> {
    let parent = folder.parent().unwrap_or(folder);
    let new = tempfile::tempdir_in(parent)?;
    fs::write(new.path().join("lib.rs"), "")?;
    let manifest = kit::manifest(&Dependencies::new());
    fs::write(new.path().join("Cargo.toml"), manifest)?;
    fs::rename(new.path(), folder)
}
