//! One program for several exercises: a compiler that is started once is done sooner than one that is started eight times.
//!
//! It is put together from the lab's own programs, which bind functions and questions and name the files they are made of.

use std::collections::{BTreeMap, BTreeSet};

/// What the program of one exercise says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its text.
    pub(super) text: String,
    /// The exercises' modules that it brings in, such as `e1_sigmoid`.
    pub(super) modules: BTreeSet<String>,
    /// What the exercises see of each other: `pub use e1_sigmoid::{…};`.
    shared: Vec<String>,
    /// Which functions it takes from them: `use exercises::…;`.
    functions: Vec<String>,
    /// The questions, each bound to its function.
    questions: String,
}

impl Program {
    /// Reads a program of `labs/*/programs`.
    ///
    /// # Errors
    /// When it does not look like one.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, String> {
        let missing = |what: &str| format!("{path}: a lab's program has {what}");
        let (head, rest) = text
            .split_once("mod exercises {")
            .ok_or_else(|| missing("`mod exercises { … }`"))?;
        let (modules, rest) = rest
            .split_once("\n}\n")
            .ok_or_else(|| missing("`mod exercises { … }`"))?;
        let (_, rest) = rest
            .split_once("program::main(vec![")
            .ok_or_else(|| missing("`program::main(vec![…])`"))?;
        let (questions, _) = rest
            .rsplit_once("])")
            .ok_or_else(|| missing("`program::main(vec![…])`"))?;
        let statements = |text: &str| -> Vec<String> {
            let lines = text.lines().map(str::trim);
            let lines = lines.filter(|line| !line.starts_with("//") && !line.starts_with("#["));
            let text = lines.collect::<Vec<_>>().join(" ");
            let one = text.split(';').map(str::trim);
            one.filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let (modules, shared): (Vec<String>, Vec<String>) = statements(modules)
            .into_iter()
            .partition(|one| one.starts_with("mod ") || one.starts_with("pub mod "));
        let name = |one: String| one.rsplit(' ').next().unwrap_or_default().to_owned();
        let functions = statements(head)
            .into_iter()
            .filter(|one| one.starts_with("use exercises::"));
        Ok(Self {
            text: text.to_owned(),
            modules: modules.into_iter().map(name).collect(),
            shared,
            functions: functions.collect(),
            questions: questions.trim().trim_end_matches(',').to_owned(),
        })
    }
}

/// The program that answers the questions of all these.
pub(super) fn joined(lab: &str, programs: &[&Program]) -> String {
    let modules: BTreeSet<&String> = programs.iter().flat_map(|p| &p.modules).collect();
    let shared: BTreeSet<String> = programs
        .iter()
        .flat_map(|p| p.shared.iter().flat_map(|one| single(one)))
        .collect();
    // By its name: two programs may take the same function by different ways.
    let mut functions: BTreeMap<String, String> = BTreeMap::new();
    for one in programs.iter().flat_map(|p| &p.functions) {
        for one in single(one) {
            let name = one.rsplit("::").next().unwrap_or_default().to_owned();
            functions.entry(name).or_insert(one);
        }
    }
    let lines = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>().join("\n");
    format!(
        "{}\n#[allow(unused_imports)]\nuse {lab}::given;\nuse {lab}::questions as q;\n\
         #[allow(dead_code, unused_imports)]\n#[path = \"../src/exercises\"]\nmod exercises {{\n{}\n{}\n}}\n\
         fn main() -> std::process::ExitCode {{\ngradus_exercise::program::main(vec![{}])\n}}\n",
        lines(&mut functions.values().map(|one| format!("{one};"))),
        lines(&mut modules.iter().map(|module| format!("pub mod {module};"))),
        lines(&mut shared.iter().map(|one| format!("{one};"))),
        lines(&mut programs.iter().map(|p| format!("{},", p.questions))),
    )
}

/// `use a::{b, c::d}` as `use a::b` and `use a::c::d`, so that what two programs bring in is brought in once.
fn single(one: &str) -> Vec<String> {
    let Some((path, names)) = one.split_once('{') else {
        return vec![one.to_owned()];
    };
    let names = names.trim_end_matches('}').split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(|name| format!("{path}{name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_joined() {
        let one = "//! One.\n\nuse exercises::e1::{\n    f, g,\n};\nuse lab9::questions as q;\n\n#[path = \"../src/exercises\"]\nmod exercises {\n    pub mod e1;\n}\n\nfn main() -> std::process::ExitCode {\n    gradus_exercise::program::main(vec![q::f(f), q::g(g)])\n}\n";
        let two = "use exercises::{e2::h, f};\nuse lab9::questions as q;\nmod exercises {\n    mod e1;\n    pub mod e2;\n    pub use e1::{f, g};\n}\n\nfn main() -> std::process::ExitCode {\n    gradus_exercise::program::main(vec![\n        q::h(h, f),\n    ])\n}\n";
        let one = Program::parse("e1.rs", one).expect("it is a program");
        let two = Program::parse("e2.rs", two).expect("it is a program");
        assert_eq!(two.modules, ["e1".to_owned(), "e2".to_owned()].into());
        let all = joined("lab9", &[&one, &two]);
        for line in [
            "use exercises::e1::f;\nuse exercises::e1::g;\nuse exercises::e2::h;",
            "pub mod e1;\npub mod e2;\npub use e1::f;\npub use e1::g;",
            "vec![q::f(f), q::g(g),\nq::h(h, f),])",
        ] {
            assert!(all.contains(line), "{line} is not in\n{all}");
        }
    }
}
