//! What is said of variables and definitions that are not there any more.

use std::collections::BTreeMap;

use crate::Language;
use crate::cells::diagnostic;
use crate::cells::source::Why;
use crate::transcript::Cells;

/// What the definitions of a cell change for earlier ones: variables that end, definitions that end with their type, and
/// such as do not fit any more, with their cells.
pub(crate) fn changes(
    variables: &[String],
    ended: &[(String, usize)],
    outdated: &[(String, usize)],
    cells: &Cells,
) -> String {
    let mut text = String::new();
    let language = Language::current();
    let list = |names: &[(String, usize)]| {
        let of = language.pick("de la", "of");
        let names = names
            .iter()
            .map(|(name, cell)| format!("`{name}` ({of} {})", cells.name(*cell)));
        names.collect::<Vec<_>>().join(", ")
    };
    if !variables.is_empty() {
        text += language.pick(
            "Se pierden, porque su tipo se ha definido de nuevo: ",
            "Lost, because their type was defined anew: ",
        );
        text += &format!("{}\n", variables.join(", "));
    }
    if !ended.is_empty() {
        text += language.pick(
            "Terminan con el tipo que se ha definido de nuevo: ",
            "Ended with the type that was defined anew: ",
        );
        text += &format!("{}\n", list(ended));
    }
    if !outdated.is_empty() {
        text += language.pick(
            "Ya no encajan con lo que se define aquí: ",
            "These do not fit what is defined here any more: ",
        );
        text += &format!("{}\n", list(outdated));
        text += language.pick(
            "Adáptalos y ejecuta otra vez sus celdas.\n",
            "Adapt them and run their cells again.\n",
        );
    }
    text
}

/// Variables that a failed cell was moving.
pub(crate) fn lost_on_the_way(names: &[String]) -> String {
    let names = names.join(", ");
    match Language::current() {
        Language::Es => format!("Se han perdido, porque la celda los estaba moviendo: {names}"),
        Language::En => format!("Lost, because the cell was moving them: {names}"),
    }
}

/// What a cell has made and cannot keep.
pub(crate) fn not_kept(names: &BTreeMap<String, Why>) -> Option<String> {
    let said = |(name, why): (&String, &Why)| diagnostic::lasted(name, *why);
    let lines: Vec<String> = names.iter().map(said).collect();
    (!lines.is_empty()).then(|| format!("\u{1b}[2m{}\u{1b}[0m\n", lines.join("\n")))
}
