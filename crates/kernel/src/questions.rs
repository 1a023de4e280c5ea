//! Questions about code that is not run: how a name goes on, what stands here.

use std::time::Duration;

use crate::Session;
use crate::analysis::{Completions, Documentation};
use crate::commands::{self, short_type};
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
}
