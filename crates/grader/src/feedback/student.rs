//! What a student gets: the points, and for every function that is wrong what shows it and where to look.

use std::fmt::Write as _;

use gradus_exercise::{Complaint, Exercise, Language, Outcome, State, Uncompiled, Verdict};

use super::{
    page::{bar, name, page, safe},
    plot,
};
use crate::{gradebook::Standing, moment};

/// More lines than these of what was printed or said by the compiler are left out.
const LINES: usize = 40;

/// The page of a student. `exercises` are those of the lab, for the hints.
pub fn student(
    lab: &str,
    standing: &Standing,
    exercises: &[Exercise],
    langs: &[Language],
) -> String {
    let title = format!("{} · {}", safe(lab), safe(&standing.student.name));
    page(&title, langs, |lang| body(lab, standing, exercises, lang))
}

fn body(lab: &str, one: &Standing, exercises: &[Exercise], lang: Language) -> String {
    let mut out = format!("<h1>{}: {}</h1>\n", safe(lab), name(&one.student.name));
    let points = lang.pick("puntos", "points");
    let _ = writeln!(
        out,
        "<p class=\"total\">{} <small>/ {} {points}</small></p>",
        one.total(),
        one.out_of()
    );
    if let Some(at) = one.handed_in {
        let words = lang.pick("Entregado", "Handed in");
        let _ = writeln!(
            out,
            "<p class=\"soft\">{words}: {}</p>",
            safe(&moment::shown(at))
        );
    }
    out += &changes(one, lang);
    if !one.remarks.is_empty() {
        let words = lang.pick("Sobre lo que entregaste", "About what you handed in");
        let _ = write!(out, "<div class=\"note\"><strong>{words}</strong><ul>");
        for remark in &one.remarks {
            let _ = write!(out, "<li>{}</li>", safe(remark.get(lang)));
        }
        out += "</ul></div>\n";
    }
    out += &table(one, lang);
    for outcome in &one.exercises {
        let declared = exercises.iter().find(|exercise| exercise.id == outcome.id);
        out += &exercise(outcome, declared, lang);
    }
    out
}

/// From what the exercises earned to what counts, where that is not the same.
fn changes(one: &Standing, lang: Language) -> String {
    if one.late.days == 0 && one.adjustments.is_empty() {
        return String::new();
    }
    let mut out = "<table>".to_owned();
    let mut row = |what: &str, points: String| {
        let _ = write!(out, "<tr><td>{what}</td><td class=\"n\">{points}</td></tr>");
    };
    row(
        lang.pick("Ejercicios", "Exercises"),
        one.earned().to_string(),
    );
    if one.late.days > 0 {
        let (days, percent) = (one.late.days, one.late.percent);
        let what = match lang {
            Language::Es => format!(
                "Entrega con retraso de {days} {} (−{percent} %)",
                if days == 1 { "día" } else { "días" }
            ),
            Language::En => format!(
                "Handed in {days} {} late (−{percent}%)",
                if days == 1 { "day" } else { "days" }
            ),
        };
        row(&what, format!("−{}", one.late.points));
    }
    for it in &one.adjustments {
        row(
            &format!("{}: {}", safe(&it.exercise), safe(&it.why)),
            signed(it.points),
        );
    }
    row(
        &format!("<strong>{}</strong>", lang.pick("Total", "Total")),
        format!("<strong>{}</strong>", one.total()),
    );
    out + "</table>\n"
}

fn signed(points: i32) -> String {
    format!("{points:+}").replace('-', "−")
}

fn table(one: &Standing, lang: Language) -> String {
    let head = lang.pick(("Ejercicio", "Puntos"), ("Exercise", "Points"));
    let mut out = format!(
        "<h2>{}</h2>\n<table><tr><th>{}</th><th></th><th class=\"n\">{}</th></tr>",
        lang.pick("Resumen", "Summary"),
        head.0,
        head.1
    );
    for outcome in &one.exercises {
        let (earned, points) = (outcome.earned(), outcome.points);
        let _ = write!(
            out,
            "<tr><td><a href=\"#{code}-{id}\">{id}</a> {}</td><td>{}</td><td class=\"n\">{earned} / {points}</td></tr>",
            safe(outcome.title.get(lang)),
            bar(earned, points),
            code = lang.code(),
            id = safe(&outcome.id),
        );
    }
    out + "</table>\n"
}

fn exercise(outcome: &Outcome, declared: Option<&Exercise>, lang: Language) -> String {
    let (earned, points) = (outcome.earned(), outcome.points);
    let (class, sign) = match earned {
        all if all == points => ("right", "✓"),
        _ if outcome
            .verdicts
            .iter()
            .all(|it| matches!(it.state, State::NotDone(_)))
            && outcome.uncompiled.is_none() =>
        {
            ("open", "·")
        }
        _ => ("wrong", "✗"),
    };
    let id = safe(&outcome.id);
    let mut out = format!(
        "<section class=\"exercise\" id=\"{}-{id}\"><header><h3><span class=\"{class}\">{sign}</span> {id} {}</h3><span>{earned} / {points}</span></header>\n",
        lang.code(),
        safe(outcome.title.get(lang)),
    );
    match &outcome.uncompiled {
        Some(why) => out += &uncompiled(why, lang),
        None => outcome
            .verdicts
            .iter()
            .for_each(|it| out += &verdict(outcome, it, lang)),
    }
    for remark in &outcome.remarks {
        let _ = writeln!(out, "<p>{}</p>", safe(remark.get(lang)));
    }
    if let Some(gallery) = &outcome.gallery {
        out += &gallery.html(lang);
    }
    if earned < points
        && let Some(declared) = declared
    {
        for (k, hint) in (1..).zip(&declared.hints) {
            let word = lang.pick("Pista", "Hint");
            let _ = writeln!(
                out,
                "<details><summary>{word} {k}</summary><p>{}</p></details>",
                safe(hint.get(lang))
            );
        }
    }
    out + "</section>\n"
}

fn uncompiled(why: &Uncompiled, lang: Language) -> String {
    let words = lang.pick(
        "No compila, así que no se ha podido probar.",
        "It does not compile, so it could not be tried.",
    );
    let mut out = format!(
        "<p class=\"wrong\">{words}</p><p><code>{}</code></p>",
        safe(&why.place)
    );
    if !why.line.is_empty() {
        let _ = write!(out, "<pre>{}</pre>", safe(&why.line));
    }
    let _ = write!(out, "<p>{}</p>", safe(why.message.get(lang)));
    if let Some(hint) = &why.hint {
        let _ = write!(out, "<p>{}</p>", safe(hint.get(lang)));
    }
    if !why.said.trim().is_empty() {
        let all = lang.pick(
            "Todo lo que dice el compilador",
            "All that the compiler says",
        );
        let _ = write!(
            out,
            "<details><summary>{all}</summary><pre>{}</pre></details>",
            safe(&first_lines(&why.said))
        );
    }
    out + "\n"
}

fn verdict(outcome: &Outcome, verdict: &Verdict, lang: Language) -> String {
    let question = name(&verdict.question);
    let points = format!(
        "<span class=\"soft\">{} / {}</span>",
        verdict.earned(),
        verdict.points
    );
    match &verdict.state {
        State::Right => {
            format!("<p><span class=\"right\">✓</span> <code>{question}</code> {points}</p>\n")
        }
        State::NotDone(id) => {
            let words = match *id == outcome.id {
                true => lang.pick("sin hacer", "not done yet").to_owned(),
                false => format!(
                    "{} {}",
                    lang.pick("antes hay que hacer", "first solve"),
                    safe(id)
                ),
            };
            format!("<p class=\"open\">· <code>{question}</code> {words} {points}</p>\n")
        }
        State::Wrong(complaint) => {
            let mut out =
                format!("<p><span class=\"wrong\">✗</span> <code>{question}</code> {points}</p>\n");
            out += &details(complaint, lang);
            if let Some(printed) = outcome.printed.get(&verdict.question) {
                let words = lang.pick("Lo que escribió tu código", "What your code printed");
                let _ = writeln!(
                    out,
                    "<details><summary>{words}</summary><pre>{}</pre></details>",
                    safe(&first_lines(printed))
                );
            }
            out
        }
    }
}

fn details(complaint: &Complaint, lang: Language) -> String {
    let mut out = "<dl>".to_owned();
    let mut row = |label: &str, class: &str, text: &str| {
        let _ = write!(out, "<dt>{label}</dt><dd class=\"{class}\">{text}</dd>");
    };
    let code = |text: &str| format!("<code>{}</code>", safe(text));
    if let Some((_, says)) = &complaint.mistake {
        row(
            lang.pick("probable", "likely"),
            "likely",
            &safe(says.get(lang)),
        );
    }
    if let Some(says) = &complaint.says {
        row(lang.pick("problema", "problem"), "", &safe(says.get(lang)));
    }
    if let Some(input) = &complaint.input {
        row(lang.pick("entrada", "input"), "", &code(input.get(lang)));
    }
    let place = complaint
        .place
        .as_ref()
        .map_or_else(String::new, |place| format!("{} = ", place.get(lang)));
    for (label, value) in [
        (lang.pick("esperado", "expected"), &complaint.expected),
        (lang.pick("obtenido", "got"), &complaint.got),
    ] {
        if let Some(value) = value {
            row(label, "", &code(&format!("{place}{}", value.get(lang))));
        }
    }
    out += "</dl>\n";
    if let (Some(expected), Some(got)) = (&complaint.expected, &complaint.got)
        && let Some(figure) = plot::two_lists(&expected.en, &got.en, lang)
    {
        out += &figure;
    }
    out
}

fn first_lines(text: &str) -> String {
    let mut lines: Vec<String> = (text.trim_end().lines().take(LINES))
        .map(|line| line.chars().take(300).collect())
        .collect();
    let more = text.trim_end().lines().count().saturating_sub(LINES);
    if more > 0 {
        lines.push(format!("… +{more}"));
    }
    lines.join("\n")
}
