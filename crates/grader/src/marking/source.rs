//! One program for several exercises: a compiler that is started once is done sooner than one that is started eight times.
//!
//! It is put together from the lab's own programs, which name the questions and the files they are made of.

use std::collections::BTreeSet;

/// What the program of one exercise says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its text.
    pub(super) text: String,
    /// The exercises' modules that it brings in, such as `e1_sigmoid`.
    pub(super) modules: BTreeSet<String>,
    /// What the exercises see of each other, as `e1_sigmoid::sigmoid`.
    shared: BTreeSet<String>,
    /// The questions, each bound to its function.
    questions: Vec<String>,
}

impl Program {
    /// Reads a program of `labs/*/programs`, one use of `gradus_exercise::program!`.
    ///
    /// # Errors
    /// When it does not look like one.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, String> {
        let problem =
            || format!("{path}: a lab's program is `program! {{ lab, file: functions; … }}`");
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.starts_with("//"));
        let plain = lines.collect::<Vec<_>>().join(" ");
        let (_, rest) = plain.split_once("program! {").ok_or_else(problem)?;
        let (inside, _) = rest.rsplit_once('}').ok_or_else(problem)?;
        let mut parts = inside
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let (_, own) = (parts.next())
            .and_then(|own| own.split_once(','))
            .ok_or_else(problem)?;
        let (file, asked) = own.split_once(':').ok_or_else(problem)?;
        let file = file.trim();
        let mut modules = BTreeSet::from([file.to_owned()]);
        let mut shared = BTreeSet::new();
        for part in parts {
            let (other, used) = part.split_once(':').ok_or_else(problem)?;
            modules.insert(other.trim().to_owned());
            shared.extend(names(used).map(|name| format!("{}::{name}", other.trim())));
        }
        let whole = |function: &str| {
            let end = format!("::{function}");
            let other = shared.iter().find(|one| one.ends_with(&end));
            let own = || format!("{file}::{function}");
            format!("exercises::{}", other.cloned().unwrap_or_else(own))
        };
        let mut questions = Vec::new();
        let mut rest = asked.trim();
        while !rest.is_empty() {
            let end = rest.find([',', '(']).unwrap_or(rest.len());
            let name = rest[..end].trim();
            let (functions, after) = match rest[end..].strip_prefix('(') {
                Some(inner) => inner.split_once(')').ok_or_else(problem)?,
                None => (name, &rest[end..]),
            };
            let functions: Vec<String> = names(functions).map(whole).collect();
            questions.push(format!("questions::{name}({})", functions.join(", ")));
            rest = after.trim_start_matches([',', ' ']);
        }
        Ok(Self {
            text: text.to_owned(),
            modules,
            shared,
            questions,
        })
    }
}

/// The names of a list with commas.
fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// The program that answers the questions of all these.
pub(super) fn joined(lab: &str, programs: &[&Program]) -> String {
    let modules: BTreeSet<&String> = programs.iter().flat_map(|p| &p.modules).collect();
    let shared: BTreeSet<&String> = programs.iter().flat_map(|p| &p.shared).collect();
    let lines = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>().join("\n");
    format!(
        "#[allow(unused_imports)]\nuse {lab}::{{given, questions}};\n\
         #[allow(dead_code, unused_imports)]\n#[path = \"../src/exercises\"]\nmod exercises {{\n{}\n{}\n}}\n\
         fn main() -> std::process::ExitCode {{\ngradus_exercise::program::main(vec![\n{}\n])\n}}\n",
        lines(&mut modules.iter().map(|module| format!("pub mod {module};"))),
        lines(&mut shared.iter().map(|one| format!("pub use {one};"))),
        lines(
            &mut programs
                .iter()
                .flat_map(|p| &p.questions)
                .map(|one| format!("{one},"))
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_joined() {
        let one = "//! en: One.\n\ngradus_exercise::program! {\n    lab9, e1: f, g;\n}\n";
        let two =
            "gradus_exercise::program! {\n    lab9, e2: h, all(h, f);\n    e1:\n        f, g;\n}\n";
        let one = Program::parse("e1.rs", one).expect("it is a program");
        let two = Program::parse("e2.rs", two).expect("it is a program");
        assert_eq!(two.modules, ["e1".to_owned(), "e2".to_owned()].into());
        let all = joined("lab9", &[&one, &two]);
        for line in [
            "use lab9::{given, questions};",
            "pub mod e1;\npub mod e2;\npub use e1::f;\npub use e1::g;\n}",
            "questions::f(exercises::e1::f),\nquestions::g(exercises::e1::g),\nquestions::h(exercises::e2::h),\n\
             questions::all(exercises::e2::h, exercises::e1::f),\n",
        ] {
            assert!(all.contains(line), "{line} is not in\n{all}");
        }
    }

    #[test]
    fn what_is_no_program_is_said_so() {
        for text in [
            "",
            "fn main() {}",
            "program! { lab9 }",
            "program! { lab9, e1 }",
            "program! { lab9, e1: f(g; }",
        ] {
            assert!(Program::parse("e1.rs", text).is_err(), "{text}");
        }
    }
}
