//! What a check shows: a line per exercise, the points, and at the end, where the eye is, what to do now. It fits 80x24.

use std::fmt::Write;

use gradus_exercise::{Outcome, State, Verdict, report};
use gradus_grader::{Course, LabFolder};
use gradus_text::Language;

/// What is shown beside the outcomes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Show {
    /// All that the compiler says, and every wrong function.
    pub full: bool,
    /// What the exercise asks for.
    pub statement: bool,
}

/// The screen of a lab.
pub(crate) fn lab(
    course: &Course,
    lab: &LabFolder,
    outcomes: &[Outcome],
    show: Show,
    lang: Language,
) -> String {
    let mut out = String::new();
    for outcome in outcomes {
        out += &line(outcome, lang);
    }
    let earned: u32 = outcomes.iter().map(Outcome::earned).sum();
    let points: u32 = outcomes.iter().map(|o| o.points).sum();
    const WIDTH: u32 = 40;
    let full = (WIDTH * earned).checked_div(points).unwrap_or(0);
    let bar: String = (0..WIDTH)
        .map(|i| if i < full { '█' } else { '░' })
        .collect();
    let _ = writeln!(out, "\n{} {bar} {earned}/{points}", lab.name);
    let Some(now) = next(outcomes) else {
        return out;
    };
    let _ = writeln!(
        out,
        "\n{}: {} {}  labs/{}/{}",
        lang.pick("Ahora", "Now"),
        now.id,
        now.title.get(lang),
        lab.name,
        now.file
    );
    if show.statement
        && let Ok((_, exercise)) = course.exercise(&now.id)
    {
        let _ = writeln!(out, "\n{}", exercise.statement.get(lang).trim_end());
    }
    let command = command();
    if !show.statement {
        let statement = lang.pick("Enunciado", "Statement");
        let _ = write!(
            out,
            "{statement}: {command} check {} --statement   ",
            now.id
        );
    }
    let hint = lang.pick("Pista", "Hint");
    let _ = writeln!(out, "{hint}: {command} hint {}", now.id);
    let begun = |v: &Verdict| !matches!(&v.state, State::NotDone(id) if *id == now.id);
    if now.verdicts.iter().any(begun) {
        out.push('\n');
        out += &detail(now, show, lang);
    }
    out
}

/// The exercise to do now: one that was begun, or else the first that is not solved.
pub(crate) fn next(outcomes: &[Outcome]) -> Option<&Outcome> {
    let open = || outcomes.iter().filter(|o| o.earned() < o.points);
    let wrong = |o: &&Outcome| {
        o.verdicts
            .iter()
            .any(|v| matches!(v.state, State::Wrong(_)))
    };
    open().find(wrong).or_else(|| open().next())
}

fn line(outcome: &Outcome, lang: Language) -> String {
    let (earned, points) = (outcome.earned(), outcome.points);
    let is_begun = |v: &Verdict| !matches!(v.state, State::NotDone(_));
    let (sign, words) = if earned == points {
        ("✓", String::new())
    } else if outcome.uncompiled.is_some() {
        (
            "✗",
            lang.pick("no compila, ", "does not compile, ").to_owned(),
        )
    } else if outcome.verdicts.iter().any(is_begun) {
        ("✗", String::new())
    } else if let Some(other) = waits_for(outcome) {
        ("·", format!("{} {other}, ", lang.pick("antes", "first")))
    } else {
        ("·", lang.pick("sin hacer, ", "not done yet, ").to_owned())
    };
    let title = outcome.title.get(lang);
    format!("{sign} {}  {title}: {words}{earned}/{points}\n", outcome.id)
}

/// The exercise that has to be solved first.
fn waits_for(outcome: &Outcome) -> Option<&str> {
    outcome.verdicts.iter().find_map(|v| match &v.state {
        State::NotDone(id) if *id != outcome.id => Some(id.as_str()),
        _ => None,
    })
}

/// What is wrong: the first wrong function in full, the others by name.
fn detail(outcome: &Outcome, show: Show, lang: Language) -> String {
    if show.full || outcome.uncompiled.is_some() {
        return report::text(outcome, lang, show.full);
    }
    let mut first = true;
    let (mut others, mut out) = (Vec::new(), String::new());
    for verdict in &outcome.verdicts {
        match &verdict.state {
            State::Wrong(_) if first => {
                first = false;
                out = report::verdict(outcome, verdict, lang);
            }
            State::Right => others.push(format!("✓ {}", verdict.question)),
            State::NotDone(id) if *id == outcome.id => {
                others.push(format!("· {}", verdict.question));
            }
            State::NotDone(id) => {
                let needs = lang.pick("antes", "first");
                others.push(format!("· {} ({needs} {id})", verdict.question));
            }
            State::Wrong(_) => others.push(format!("✗ {}", verdict.question)),
        }
    }
    for remark in &outcome.remarks {
        let _ = writeln!(out, "    ! {}", remark.get(lang));
    }
    match others.is_empty() {
        true => out,
        false => format!("    {}\n{out}", others.join("  ")),
    }
}

/// What the user has typed to get here.
fn command() -> &'static str {
    let program = std::env::current_exe();
    let is_ours = program.is_ok_and(|program| program.file_stem() == Some("gradus-labs".as_ref()));
    if is_ours { "cargo labs" } else { "gradus" }
}
