//! What a student sees: one line per exercise, what is wrong with the wrong ones, the points.

use std::fmt::{self, Write};

use gradus_text::html::escape;

use crate::{Complaint, Language, Outcome, State, Uncompiled, Verdict};

/// What came of a check in a notebook: a green or red table there, plain text elsewhere.
#[derive(Clone, Debug)]
pub struct Report(pub(crate) Outcome);

impl Report {
    /// What came of the exercise.
    pub fn outcome(&self) -> &Outcome {
        &self.0
    }

    /// Shows the report in a notebook. The kernel calls this for the last expression of a cell.
    pub fn evcxr_display(&self) {
        let lang = Language::current();
        println!(
            "EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT",
            html(&self.0, lang)
        );
        println!(
            "EVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT",
            text(&self.0, lang, false)
        );
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.0, Language::current(), false).trim_end())
    }
}

/// The lines of one exercise: one calm line when it is right or not begun, else what is wrong; all that the compiler says where
/// that is asked for.
pub fn text(outcome: &Outcome, lang: Language, full: bool) -> String {
    let title = outcome.title.get(lang);
    let id = &outcome.id;
    let (earned, points) = (outcome.earned(), outcome.points);
    let mut out = String::new();
    if let Some(why) = &outcome.uncompiled {
        let words = lang.pick("no compila", "does not compile");
        let _ = writeln!(out, "✗ {id}  {title}: {words}, 0/{points}");
        out += &uncompiled(why, id, lang, full);
        return out;
    }
    let not_done = |v: &Verdict| matches!(v.state, State::NotDone(_));
    if outcome.verdicts.iter().all(|v| v.earned() == v.points) {
        let right = lang.pick("bien", "right");
        let _ = writeln!(out, "✓ {id}  {title}: {right}, {earned}/{points}");
    } else if outcome.verdicts.iter().all(not_done) && !needs_another(outcome) {
        let (text, unit) = lang.pick(("sin hacer", "puntos"), ("not done yet", "points"));
        let _ = writeln!(out, "· {id}  {title}: {text}, {points} {unit}");
    } else {
        let _ = writeln!(out, "✗ {id}  {title}: {earned}/{points}");
        for verdict in &outcome.verdicts {
            out += &self::verdict(outcome, verdict, lang);
        }
    }
    for remark in &outcome.remarks {
        let _ = writeln!(out, "    ! {}", remark.get(lang));
    }
    if let Some(gallery) = &outcome.gallery {
        out += &gallery.text(lang);
    }
    out
}

/// The student's line, what is wrong with it, and how to see the rest.
fn uncompiled(why: &Uncompiled, id: &str, lang: Language, full: bool) -> String {
    let mut out = format!("    {}\n", why.place);
    if !why.line.is_empty() {
        let _ = writeln!(out, "        {}", why.line);
    }
    let _ = writeln!(out, "    {}", why.message.get(lang));
    if let Some(hint) = &why.hint {
        let _ = writeln!(
            out,
            "    {}: {}",
            lang.pick("pista", "hint"),
            hint.get(lang)
        );
    }
    if full && !why.said.is_empty() {
        let _ = writeln!(out, "\n{}", why.said.trim_end());
    } else if !why.said.is_empty() {
        let all = lang.pick(
            "todo lo que dice el compilador",
            "all that the compiler says",
        );
        let _ = writeln!(out, "    ({all}: cargo labs check {id} --full)");
    }
    out
}

fn needs_another(outcome: &Outcome) -> bool {
    let other = |v: &Verdict| matches!(&v.state, State::NotDone(id) if *id != outcome.id);
    outcome.verdicts.iter().any(other)
}

/// The lines of one function of an exercise.
pub fn verdict(outcome: &Outcome, verdict: &Verdict, lang: Language) -> String {
    let name = &verdict.question;
    match &verdict.state {
        State::Right => format!("    ✓ {name}\n"),
        State::NotDone(id) if *id == outcome.id => {
            format!("    · {name}: {}\n", lang.pick("sin hacer", "not done yet"))
        }
        State::NotDone(id) => {
            let needs = lang.pick("antes hay que hacer", "first solve");
            format!("    · {name}: {needs} {id}\n")
        }
        State::Wrong(complaint) => {
            let mut out = format!("    ✗ {name}\n");
            for (label, line) in rows(complaint, lang) {
                let _ = writeln!(out, "        {label:<9} {line}");
            }
            if let Some(printed) = outcome.printed.get(name) {
                out += &printed_text(printed, lang);
            }
            out
        }
    }
}

/// What the wrong call printed, some lines of it.
fn printed_text(printed: &str, lang: Language) -> String {
    const SHOWN: usize = 8;
    let mut out = String::new();
    let mut label = lang.pick("imprime", "prints");
    for line in printed.lines().take(SHOWN) {
        let short: String = line.chars().take(100).collect();
        let _ = writeln!(out, "        {label:<9} {short}");
        label = "";
    }
    let more = printed.lines().count().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "        {:<9} … +{more}", "");
    }
    out
}

/// The details of a complaint, as pairs of a label and a text.
fn rows(complaint: &Complaint, lang: Language) -> Vec<(&'static str, String)> {
    let place = match &complaint.place {
        Some(place) => format!("{} = ", place.get(lang)),
        None => String::new(),
    };
    let mut rows = Vec::new();
    if let Some(says) = &complaint.says {
        rows.push((lang.pick("problema", "problem"), says.get(lang).to_owned()));
    }
    if let Some(input) = &complaint.input {
        rows.push((lang.pick("entrada", "input"), input.get(lang).to_owned()));
    }
    if let Some(expected) = &complaint.expected {
        rows.push((
            lang.pick("esperado", "expected"),
            format!("{place}{}", expected.get(lang)),
        ));
    }
    if let Some(got) = &complaint.got {
        rows.push((
            lang.pick("obtenido", "got"),
            format!("{place}{}", got.get(lang)),
        ));
    }
    if let Some((_, text)) = &complaint.mistake {
        rows.push((lang.pick("probable", "likely"), text.get(lang).to_owned()));
    }
    rows
}

/// The table at the end: points per exercise, and what to do next.
pub fn table(lab: &str, outcomes: &[Outcome], lang: Language) -> String {
    let width = (outcomes.iter())
        .map(|o| o.title.get(lang).chars().count())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for outcome in outcomes {
        let _ = writeln!(
            out,
            "  {}  {:<width$}  {:>3} / {:>3}",
            outcome.id,
            outcome.title.get(lang),
            outcome.earned(),
            outcome.points
        );
    }
    let earned: u32 = outcomes.iter().map(Outcome::earned).sum();
    let points: u32 = outcomes.iter().map(|o| o.points).sum();
    // As wide as an id: `lab1.3`.
    let id = lab.len() + 2;
    let _ = writeln!(
        out,
        "  {lab:<id$}  {:<width$}  {earned:>3} / {points:>3}",
        lang.pick("total", "total")
    );
    if let Some(next) = outcomes.iter().find(|o| o.earned() < o.points) {
        let what = lang.pick("siguiente", "next");
        let _ = writeln!(
            out,
            "  {what}: {} {} (labs/{lab}/{})",
            next.id,
            next.title.get(lang),
            next.file
        );
    }
    out
}

/// The same as [`text`] for a page: a table in green, red or grey, with signs for those who do not see the colours.
fn html(outcome: &Outcome, lang: Language) -> String {
    let mut out = format!(
        "<table style=\"border-collapse:collapse;text-align:left\"><caption style=\"text-align:left;font-weight:bold\">{} {}</caption>",
        escape(&outcome.id),
        escape(outcome.title.get(lang))
    );
    for verdict in &outcome.verdicts {
        let (colour, sign, word) = match &verdict.state {
            State::Right => ("#1a7f37", "✓", lang.pick("bien", "right").to_owned()),
            State::NotDone(id) if *id == outcome.id => (
                "#6e7781",
                "·",
                lang.pick("sin hacer", "not done yet").to_owned(),
            ),
            State::NotDone(id) => (
                "#6e7781",
                "·",
                format!("{} {id}", lang.pick("antes hay que hacer", "first solve")),
            ),
            State::Wrong(_) => ("#cf222e", "✗", lang.pick("mal", "wrong").to_owned()),
        };
        let _ = write!(
            out,
            "<tr style=\"border-left:4px solid {colour}\"><th style=\"text-align:left\">{sign} {}</th><td style=\"text-align:left\">{}, {}/{}</td></tr>",
            escape(&verdict.question),
            escape(&word),
            verdict.earned(),
            verdict.points
        );
        if let State::Wrong(complaint) = &verdict.state {
            for (label, line) in rows(complaint, lang) {
                let _ = write!(
                    out,
                    "<tr style=\"border-left:4px solid {colour}\"><td>{label}</td><td style=\"text-align:left\"><code>{}</code></td></tr>",
                    escape(&line)
                );
            }
        }
    }
    out += "</table>";
    if let Some(gallery) = &outcome.gallery {
        out += &gallery.html(lang);
    }
    out
}
