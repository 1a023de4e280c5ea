//! What an instructor wants to know of a class: how it went, what was hard, what went wrong most, and what to look at.

use std::{collections::BTreeMap, fmt::Write as _};

use gradus_exercise::{Language, State, Text};

use super::{
    file_name,
    page::{bar, decimal, name, page, safe},
    plot,
};
use crate::{gradebook::Standing, similar};

/// What the page is about.
#[derive(Clone, Copy, Debug)]
pub struct Overview<'a> {
    /// The lab.
    pub lab: &'a str,
    /// The class, by the students' ids.
    pub standings: &'a [Standing],
    /// The fingerprints of what was handed out.
    pub given: &'a [u64],
    /// Where the students' pages are, as a link from here.
    pub pages: &'a str,
}

/// The page of a class.
pub fn class(overview: &Overview<'_>, langs: &[Language]) -> String {
    let prints: Vec<&[u64]> = overview
        .standings
        .iter()
        .map(|one| one.prints.as_slice())
        .collect();
    let pairs = similar::pairs(&prints, overview.given);
    page(&safe(overview.lab), langs, |lang| {
        let mut out = head(overview, lang);
        out += &exercises(overview, lang);
        out += &mistakes(overview, lang);
        out += &alike(overview, &pairs, lang);
        out += &students(overview, lang);
        out
    })
}

fn head(overview: &Overview<'_>, lang: Language) -> String {
    let standings = overview.standings;
    let mut out = format!(
        "<h1>{}: {}</h1>\n",
        safe(overview.lab),
        lang.pick("la clase", "the class")
    );
    let mut totals: Vec<u32> = standings.iter().map(Standing::total).collect();
    totals.sort_unstable();
    let n = totals.len();
    let mean = totals.iter().map(|total| f64::from(*total)).sum::<f64>() / n.max(1) as f64;
    let median = match n {
        0 => 0.0,
        n => (f64::from(totals[(n - 1) / 2]) + f64::from(totals[n / 2])) / 2.0,
    };
    let _ = writeln!(
        out,
        "<p>{}</p>",
        match lang {
            Language::Es => format!(
                "{n} entregas; media {} y mediana {} puntos",
                decimal(mean, lang),
                decimal(median, lang)
            ),
            Language::En => format!(
                "{n} submissions; mean {}, median {} points",
                decimal(mean, lang),
                decimal(median, lang)
            ),
        }
    );
    let mut by: BTreeMap<String, usize> = BTreeMap::new();
    for one in standings {
        *by.entry(format!("{}, sandbox {}", one.identity.toolchain, one.level))
            .or_default() += 1;
    }
    for (by, count) in &by {
        let _ = writeln!(out, "<p class=\"soft\">{}: {count}</p>", safe(by));
    }
    if by.len() > 1 {
        let words = lang.pick(
            "No todas las entregas se han corregido con el mismo compilador y el mismo aislamiento: vuelve a corregir la clase.",
            "Not all were marked with the same compiler and the same sandbox: grade the class again.",
        );
        let _ = writeln!(out, "<p class=\"note\">{words}</p>");
    }
    let shares: Vec<f64> = (standings.iter())
        .map(|one| f64::from(one.total()) / f64::from(one.out_of().max(1)))
        .collect();
    let _ = writeln!(
        out,
        "<h2>{}</h2>\n{}",
        lang.pick("Distribución", "Distribution"),
        plot::distribution(&shares, lang)
    );
    out
}

/// How a class did in an exercise.
#[derive(Default)]
struct Did<'a> {
    title: Option<&'a Text>,
    earned: u32,
    points: u32,
    solved: usize,
    wrong: usize,
    uncompiled: usize,
    open: usize,
}

fn exercises(overview: &Overview<'_>, lang: Language) -> String {
    let mut all: BTreeMap<(usize, &str), Did<'_>> = BTreeMap::new();
    for outcome in overview.standings.iter().flat_map(|one| &one.exercises) {
        let did = all.entry((outcome.id.len(), &outcome.id)).or_default();
        did.title = Some(&outcome.title);
        did.earned += outcome.earned();
        did.points += outcome.points;
        let is_open = outcome
            .verdicts
            .iter()
            .all(|it| matches!(it.state, State::NotDone(_)));
        match () {
            () if outcome.uncompiled.is_some() => did.uncompiled += 1,
            () if outcome.earned() == outcome.points => did.solved += 1,
            () if is_open => did.open += 1,
            () => did.wrong += 1,
        }
    }
    // The hardest first; of equal ones the first.
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, did)| u64::from(did.earned) * 10_000 / u64::from(did.points.max(1)));
    let head = lang.pick(
        [
            "Ejercicio",
            "Puntos",
            "Resuelto",
            "Mal o en parte",
            "No compila",
            "Sin hacer",
        ],
        [
            "Exercise",
            "Points",
            "Solved",
            "Wrong or in part",
            "Does not compile",
            "Not done",
        ],
    );
    let mut out = format!(
        "<h2>{}</h2>\n<table><tr><th>{}</th><th>{}</th>",
        lang.pick(
            "Ejercicios, del más difícil al más fácil",
            "Exercises, the hardest first"
        ),
        head[0],
        head[1]
    );
    for word in &head[2..] {
        let _ = write!(out, "<th class=\"n\">{word}</th>");
    }
    out += "</tr>";
    for ((_, id), did) in all {
        let percent = 100.0 * f64::from(did.earned) / f64::from(did.points.max(1));
        let _ = write!(
            out,
            "<tr><td>{} {}</td><td class=\"share\">{} {percent:.0}&nbsp;%</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            safe(id),
            did.title
                .map_or_else(String::new, |title| safe(title.get(lang))),
            bar(did.earned, did.points),
            did.solved,
            did.wrong,
            did.uncompiled,
            did.open
        );
    }
    out + "</table>\n"
}

fn mistakes(overview: &Overview<'_>, lang: Language) -> String {
    let mut all: BTreeMap<(&str, &str, &str), (usize, &Text)> = BTreeMap::new();
    for outcome in overview.standings.iter().flat_map(|one| &one.exercises) {
        for verdict in &outcome.verdicts {
            if let State::Wrong(complaint) = &verdict.state
                && let Some((mistake, says)) = &complaint.mistake
            {
                let key = (
                    outcome.id.as_str(),
                    verdict.question.as_str(),
                    mistake.as_str(),
                );
                all.entry(key).or_insert((0, says)).0 += 1;
            }
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let mut out = format!(
        "<h2>{}</h2>\n",
        lang.pick("Los errores más frecuentes", "The commonest mistakes")
    );
    if all.is_empty() {
        return out
            + &format!(
                "<p class=\"soft\">{}</p>\n",
                lang.pick("No se ha reconocido ninguno.", "None was recognised.")
            );
    }
    out += "<table>";
    for ((id, question, _), (count, says)) in all.iter().take(15) {
        let _ = write!(
            out,
            "<tr><td class=\"n\">{count}×</td><td>{} <code>{}</code></td><td>{}</td></tr>",
            safe(id),
            name(question),
            safe(says.get(lang))
        );
    }
    out + "</table>\n"
}

fn alike(overview: &Overview<'_>, pairs: &[similar::Pair], lang: Language) -> String {
    let mut out = format!(
        "<h2>{}</h2>\n",
        lang.pick("Entregas parecidas", "Similar submissions")
    );
    let words = lang.pick(
        "Pueden merecer una mirada; no prueban nada: un ejercicio corto tiene pocas soluciones. No cuentan los nombres, los \
         comentarios, lo que se entregó hecho ni lo que escribe más de una quinta parte de la clase.",
        "They may be worth a look, and prove nothing: a short exercise has few solutions. Names, comments, what was handed out and \
         what more than a fifth of the class writes do not count.",
    );
    let _ = writeln!(out, "<p class=\"soft\">{words}</p>");
    if pairs.is_empty() {
        return out + &format!("<p>{}</p>\n", lang.pick("Ninguna.", "None."));
    }
    out += "<table>";
    let who = |at: usize| {
        overview
            .standings
            .get(at)
            .map_or_else(String::new, |one| name(&one.student.name))
    };
    for pair in pairs.iter().take(30) {
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{:.0}&nbsp;%</td><td class=\"n soft\">{} {}</td></tr>",
            who(pair.first),
            who(pair.second),
            100.0 * pair.share,
            pair.common,
            lang.pick("trozos", "fragments")
        );
    }
    if pairs.len() > 30 {
        let _ = write!(
            out,
            "<tr><td colspan=\"4\">… +{}</td></tr>",
            pairs.len() - 30
        );
    }
    out + "</table>\n"
}

fn students(overview: &Overview<'_>, lang: Language) -> String {
    let head = lang.pick(
        ["Estudiante", "Puntos", "Avisos"],
        ["Student", "Points", "Remarks"],
    );
    let mut out = format!(
        "<h2>{}</h2>\n<table><tr><th>{}</th><th></th><th class=\"n\">{}</th><th>{}</th></tr>",
        lang.pick("Estudiantes", "Students"),
        head[0],
        head[1],
        head[2]
    );
    for one in overview.standings {
        let mut notes: Vec<String> = Vec::new();
        if one.late.days > 0 {
            notes.push(safe(one.late.says().get(lang)));
        }
        notes.extend(
            one.adjustments
                .iter()
                .map(|it| format!("{} {:+}: {}", safe(&it.exercise), it.points, safe(&it.why))),
        );
        notes.extend(one.remarks.iter().map(|remark| safe(remark.get(lang))));
        let _ = write!(
            out,
            "<tr><td><a href=\"{}/{}\">{}</a></td><td>{}</td><td class=\"n\">{} / {}</td><td class=\"soft\">{}</td></tr>",
            overview.pages,
            file_name(&one.student.id),
            name(&one.student.name),
            bar(one.total(), one.out_of()),
            one.total(),
            one.out_of(),
            notes.join("<br>")
        );
    }
    out + "</table>\n"
}
