//! A new exercise: all its files and its place in the lists, so that it compiles; what is left to say is marked `TODO`.

use std::{collections::BTreeMap, path::Path};

use crate::{
    course::{Course, read},
    release::put,
};

/// What an exercise is to be.
#[derive(Clone, Debug)]
pub struct New {
    /// `lab2.9`.
    pub id: String,
    /// The name of its files: `e9_hinge`.
    pub stem: String,
    /// The functions that it asks for: `hinge_cost(z: &[f64], y: &[f64]) -> f64`.
    pub functions: Vec<String>,
    /// The exercises whose functions it uses.
    pub needs: Vec<String>,
}

/// The files that are left to fill in.
pub const BY_HAND: [&str; 4] = [
    "exercises/ID.toml",
    "src/exercises/STEM.rs",
    "src/questions/STEM.rs",
    "tests/mutants.rs",
];

/// Adds an exercise to its lab; the files to fill in.
///
/// # Errors
/// When the name is taken or not one, a function is not understood, or a list is not as it is expected; nothing was written.
pub fn add(root: &Path, new: &New) -> Result<Vec<String>, String> {
    let course = Course::read(root).map_err(|problems| problems.join("\n"))?;
    let New { id, stem, .. } = new;
    let lab = id.split('.').next().unwrap_or(id);
    let folder = (course.labs.iter())
        .find(|known| known.name == lab)
        .ok_or_else(|| format!("there is no lab `{lab}` for `{id}`"))?;
    let number = id.strip_prefix(&format!("{lab}."));
    if !number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
        return Err(format!("`{id}` is not an id such as {lab}.9"));
    }
    if folder.exercises.iter().any(|exercise| exercise.id == *id) {
        return Err(format!("{id} exists already"));
    }
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if !is_name(stem) {
        return Err(format!(
            "`{stem}` is not a name for a file such as e9_hinge"
        ));
    }
    let functions: Vec<Function> = (new.functions.iter())
        .map(|text| Function::parse(text))
        .collect::<Result<_, _>>()?;
    let at = format!("labs/{lab}");
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut edit = |path: &str, change: &dyn Fn(&str) -> Option<String>| -> Result<(), String> {
        let path = format!("{at}/{path}");
        let text = read(&root.join(&path))?;
        let changed = change(&text);
        let changed =
            changed.ok_or_else(|| format!("{path}: the list in it is not as expected"))?;
        files.insert(path, changed);
        Ok(())
    };

    for list in ["src/exercises/mod.rs", "src/questions/mod.rs"] {
        edit(list, &|text| {
            let text = after_last(text, "mod e", &format!("mod {stem};\n"))?;
            after_last(&text, "pub use e", &format!("pub use {stem}::*;\n"))
        })?;
    }
    let asked = |bind: &dyn Fn(&Function) -> String| -> String {
        functions
            .iter()
            .map(|f| format!("q::{}({}), ", f.name, bind(f)))
            .collect()
    };
    let elsewhere = asked(&|f| {
        let nothing = vec!["_"; f.arguments.len()];
        format!("|{}| elsewhere()", nothing.join(", "))
    });
    edit("src/lib.rs", &|text| {
        let end = text.rfind("\n}")?;
        let (before, after) = text.split_at(end);
        Some(format!(
            "{before}\n        .exercise(exercise_files!(\"{id}\"), vec![{elsewhere}]){after}"
        ))
    })?;
    let reference = asked(&|f| format!("exercises::{}", f.name));
    edit("tests/mutants.rs", &|text| {
        let list = text.find("fn reference()")?;
        let end = list + text[list..].find("\n    ]\n")?;
        let (before, after) = text.split_at(end);
        let comma = if before.ends_with(',') { "" } else { "," };
        Some(format!("{before}{comma}\n        {reference}{after}"))
    })?;
    edit("programs/Cargo.toml", &|text| {
        Some(format!(
            "{}\n\n[[bin]]\nname = \"{stem}\"\npath = \"{stem}.rs\"\ntest = false\n",
            text.trim_end()
        ))
    })?;

    let mut needed = String::new();
    for other in &new.needs {
        let (_, exercise) = course.exercise(other)?;
        let stem = exercise
            .file
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        let names: Vec<_> = exercise
            .questions
            .iter()
            .map(|asked| &*asked.name)
            .collect();
        needed += &format!("    {stem}: {};\n", names.join(", "));
    }
    let names: Vec<_> = functions.iter().map(|f| &*f.name).collect();
    let new_files = [
        (
            format!("exercises/{id}.toml"),
            declaration(id, stem, &names),
        ),
        (format!("src/exercises/{stem}.rs"), exercise(id, &functions)),
        (format!("src/questions/{stem}.rs"), questions(&functions)),
        (
            format!("programs/{stem}.rs"),
            program(id, lab, stem, &names.join(", "), &needed),
        ),
        (format!("snapshots/{id}.snap"), String::new()),
        (format!("snapshots/{id}.sealed.snap"), String::new()),
    ];
    for (path, text) in new_files {
        let path = format!("{at}/{path}");
        if root.join(&path).exists() {
            return Err(format!("{path} exists already"));
        }
        files.insert(path, text);
    }
    for (path, text) in &files {
        put(&root.join(path), text.as_bytes())?;
    }
    let by_hand =
        BY_HAND.map(|path| format!("{at}/{}", path.replace("ID", id).replace("STEM", stem)));
    Ok(by_hand.to_vec())
}

/// `text` with a line after the last that begins so.
fn after_last(text: &str, begin: &str, line: &str) -> Option<String> {
    let last = text.rfind(&format!("\n{begin}"))? + 1;
    let end = last + text[last..].find('\n')? + 1;
    Some(format!("{}{line}{}", &text[..end], &text[end..]))
}

/// A function as it is written: `hinge_cost(z: &[f64], y: &[f64]) -> f64`.
struct Function {
    name: String,
    /// Names and types.
    arguments: Vec<(String, String)>,
    result: String,
}

/// How an argument of a type is read from the record of inputs called `i`.
const ARGUMENTS: [(&str, &str); 8] = [
    ("f64", "i.get(\"NAME\").number()"),
    ("usize", "i.get(\"NAME\").count()"),
    ("bool", "i.get(\"NAME\").flag()"),
    ("&[f64]", "&i.get(\"NAME\").numbers()"),
    ("&[usize]", "&i.get(\"NAME\").counts()"),
    ("&[Vec<f64>]", "&i.get(\"NAME\").rows()"),
    ("&Matrix", "&matrix(&i.get(\"NAME\").rows())"),
    ("&Vector", "&vector(&i.get(\"NAME\").numbers())"),
];

/// How a result of a type becomes a value.
const RESULTS: [(&str, &str); 9] = [
    ("f64", "CALL.into()"),
    ("usize", "CALL.into()"),
    ("bool", "CALL.into()"),
    ("Vec<f64>", "CALL.into()"),
    ("Vec<usize>", "CALL.into()"),
    ("Vec<Vec<f64>>", "CALL.into()"),
    ("Vec<Vec<usize>>", "CALL.into()"),
    ("Matrix", "rows(&CALL).into()"),
    ("Vector", "CALL.as_vec().into()"),
];

impl Function {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a function such as `mean(x: &[f64]) -> f64`");
        let (name, rest) = text
            .trim()
            .trim_start_matches("fn ")
            .split_once('(')
            .ok_or_else(wrong)?;
        let (inside, result) = rest.rsplit_once(") ->").ok_or_else(wrong)?;
        let mut arguments = Vec::new();
        for argument in inside.split(',').map(str::trim).filter(|a| !a.is_empty()) {
            let (name, kind) = argument.split_once(':').ok_or_else(wrong)?;
            arguments.push((name.trim().to_owned(), kind.trim().to_owned()));
        }
        let function = Self {
            name: name.trim().to_owned(),
            arguments,
            result: result.trim().to_owned(),
        };
        let known = |kind: &str, table: &[(&str, &str)]| {
            if table.iter().any(|(known, _)| *known == kind) {
                return Ok(());
            }
            let all: Vec<_> = table.iter().map(|(known, _)| *known).collect();
            Err(format!(
                "`{kind}` in `{text}`: only {} are written by themselves; name one and change it in the files",
                all.join(", ")
            ))
        };
        for (_, kind) in &function.arguments {
            known(kind, &ARGUMENTS)?;
        }
        known(&function.result, &RESULTS)?;
        Ok(function)
    }

    fn signature(&self) -> String {
        let arguments: Vec<_> = self
            .arguments
            .iter()
            .map(|(name, kind)| format!("{name}: {kind}"))
            .collect();
        format!(
            "fn {}({}) -> {}",
            self.name,
            arguments.join(", "),
            self.result
        )
    }
}

fn mentions(functions: &[Function], kind: &str) -> bool {
    let of =
        |f: &Function| f.arguments.iter().any(|(_, k)| k.contains(kind)) || f.result.contains(kind);
    functions.iter().any(of)
}

/// The types of `given` in signatures, as a `use`.
fn given(functions: &[Function], more: &[&str]) -> String {
    let mut names: Vec<&str> = more.to_vec();
    names.extend(
        ["Matrix", "Vector"]
            .into_iter()
            .filter(|kind| mentions(functions, kind)),
    );
    names.sort_unstable();
    match names.is_empty() {
        true => String::new(),
        false => format!("use crate::given::{{{}}};\n\n", names.join(", ")),
    }
}

fn exercise(id: &str, functions: &[Function]) -> String {
    let stubs: String = (functions.iter())
        .map(|f| {
            let signature = f.signature();
            format!("\n/// es: TODO\n/// en: TODO\npub {signature} {{\n    // BEGIN SOLUTION {id}\n    todo!(\"{id}\")\n    // END SOLUTION\n}}\n")
        })
        .collect();
    let given = given(functions, &[]);
    match given.is_empty() {
        true => format!("//! {id}\n{stubs}"),
        false => format!("//! {id}\n\n{}{stubs}", given.trim_end().to_owned() + "\n"),
    }
}

fn questions(functions: &[Function]) -> String {
    let mut helpers = Vec::new();
    for (helper, kind) in [("matrix", "&Matrix"), ("vector", "&Vector")] {
        let takes = |f: &Function| f.arguments.iter().any(|(_, k)| k == kind);
        if functions.iter().any(takes) {
            helpers.push(helper);
        }
    }
    if functions.iter().any(|f| f.result == "Matrix") {
        helpers.push("rows");
    }
    let mut text = format!(
        "use gradus_exercise::{{Question, record}};\n\n{}",
        given(functions, &helpers)
    );
    for f in functions {
        let kinds: Vec<_> = f.arguments.iter().map(|(_, kind)| &**kind).collect();
        let reads: Vec<_> = (f.arguments.iter())
            .map(|(name, kind)| {
                let how = ARGUMENTS.iter().find(|(known, _)| known == kind);
                how.map_or(String::new(), |(_, how)| how.replace("NAME", name))
            })
            .collect();
        let call = format!("f({})", reads.join(", "));
        let body = RESULTS.iter().find(|(known, _)| *known == f.result);
        let body = body.map_or(call.clone(), |(_, how)| how.replace("CALL", &call));
        text += &format!(
            "/// `{signature}`\npub fn {name}(f: impl Fn({kinds}) -> {result} + Send + 'static) -> Question {{\n    fn ask(f: Box<dyn Fn({kinds}) -> {result} + Send>) -> Question {{\n        Question::new(\"{name}\", move |i| {body})\n        // TODO: public inputs, where others come from, what must hold\n        .case(record! {{}})\n    }}\n    ask(Box::new(f))\n}}\n",
            signature = f.signature(),
            name = f.name,
            kinds = kinds.join(", "),
            result = f.result,
        );
    }
    text
}

fn declaration(id: &str, stem: &str, names: &[&str]) -> String {
    let asked: String = (names.iter())
        .map(|name| format!("\n[[questions]]\nname = \"{name}\"\npoints = 0 # TODO\n"))
        .collect();
    format!(
        r#"id = "{id}"
file = "src/exercises/{stem}.rs"
points = 0 # TODO
title = {{ es = "TODO", en = "TODO" }}

[statement]
es = """
TODO
"""
en = """
TODO
"""

[tolerance]
rtol = 1e-4
atol = 1e-9
why.es = "TODO"
why.en = "TODO"

[[hints]]
es = "TODO"
en = "TODO"

[[hints]]
es = "TODO"
en = "TODO"
{asked}
# Three usual mistakes at least, each under its function:
# [[questions.mistakes]]
# name = "sum"
# es = "TODO"
# en = "TODO"
"#
    )
}

/// The exercise as a program.
fn program(id: &str, lab: &str, stem: &str, names: &str, needed: &str) -> String {
    format!(
        "//! es: {id} como programa propio. Aquí no hay nada que editar.\n//! en: {id} as a program of its own. Nothing to edit here.\n\ngradus_exercise::program! {{\n    {lab}, {stem}: {names};\n{needed}}}\n"
    )
}
