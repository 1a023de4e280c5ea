//! Grades for other programs.

use gradus_exercise::{Language, report};
use serde_json::{Value, json};

use super::Standing;
use crate::moment;

/// One line per student, by their ids; the exercises, what lateness and adjustments changed, the total.
///
/// # Errors
/// When it cannot be written.
pub fn csv(standings: &[Standing]) -> Result<String, String> {
    let mut header: Vec<String> = ["student", "name", "email"].map(str::to_owned).into();
    let exercises: Vec<&str> = (standings.first().into_iter())
        .flat_map(|first| first.exercises.iter().map(|outcome| outcome.id.as_str()))
        .collect();
    header.extend(exercises.iter().map(|id| (*id).to_owned()));
    header.extend(
        [
            "earned",
            "days_late",
            "late",
            "adjusted",
            "total",
            "out_of",
            "handed_in",
            "sandbox",
        ]
        .map(str::to_owned),
    );
    let rows = standings.iter().map(|one| {
        let mut row = vec![
            plain(&one.student.id),
            plain(&one.student.name),
            plain(&one.student.email),
        ];
        // An exercise that was added later has no points yet.
        row.extend(exercises.iter().map(|id| {
            let outcome = one.exercises.iter().find(|outcome| outcome.id == *id);
            outcome.map_or_else(String::new, |outcome| outcome.earned().to_string())
        }));
        let lost = i64::from(one.late.points);
        row.extend([
            one.earned().to_string(),
            one.late.days.to_string(),
            (-lost).to_string(),
            one.adjusted().to_string(),
            one.total().to_string(),
            one.out_of().to_string(),
            one.handed_in.map(moment::exact).unwrap_or_default(),
            one.level.to_string(),
        ]);
        row
    });
    written(std::iter::once(header).chain(rows))
}

/// What Moodle's `Upload grading worksheet` takes.
///
/// # Errors
/// When it cannot be written.
pub fn moodle(standings: &[Standing], lang: Language) -> Result<String, String> {
    let header = [
        "Identifier",
        "Full name",
        "Email address",
        "Grade",
        "Maximum Grade",
        "Feedback comments",
    ];
    let header = header.map(str::to_owned).to_vec();
    let rows = standings.iter().map(|one| {
        let student = &one.student;
        let identifier = match student.moodle.as_str() {
            "" => String::new(),
            number => format!("Participant {number}"),
        };
        vec![
            identifier,
            plain(&student.name),
            plain(&student.email),
            one.total().to_string(),
            one.out_of().to_string(),
            plain(&in_short(one, lang)),
        ]
    });
    written(std::iter::once(header).chain(rows))
}

/// One line: the points of each exercise, and what changed them.
fn in_short(one: &Standing, lang: Language) -> String {
    let mut parts: Vec<String> = (one.exercises.iter())
        .map(|outcome| format!("{} {}/{}", outcome.id, outcome.earned(), outcome.points))
        .collect();
    if one.late.days > 0 {
        parts.push(one.late.says().get(lang).to_owned());
    }
    for it in &one.adjustments {
        parts.push(format!("{} {:+}: {}", it.exercise, it.points, it.why));
    }
    parts.join("; ")
}

/// The `results.json` of Gradescope for one student.
pub fn gradescope(one: &Standing, lang: Language) -> Value {
    let mut tests: Vec<Value> = (one.exercises.iter())
        .map(|outcome| {
            let is_solved = outcome.earned() == outcome.points;
            json!({
                "number": outcome.id, "name": format!("{} {}", outcome.id, outcome.title.get(lang)),
                "score": outcome.earned(), "max_score": outcome.points,
                "status": if is_solved { "passed" } else { "failed" },
                "output": report::text(outcome, lang, false), "output_format": "text",
                "visibility": "visible",
            })
        })
        .collect();
    if one.late.days > 0 {
        tests.push(json!({
            "name": one.late.says().get(lang), "score": -i64::from(one.late.points), "max_score": 0,
            "visibility": "visible",
        }));
    }
    for it in &one.adjustments {
        tests.push(json!({
            "name": format!("{}: {}", it.exercise, it.why), "score": it.points, "max_score": 0,
            "visibility": "visible",
        }));
    }
    let remarks: Vec<_> = one.remarks.iter().map(|remark| remark.get(lang)).collect();
    json!({
        "score": one.total(), "output": remarks.join("\n"), "output_format": "text",
        "visibility": "visible", "tests": tests,
        "extra_data": { "student": one.student.id, "content": one.content, "sandbox": one.level,
            "toolchain": one.identity.toolchain, "material": one.identity.material },
    })
}

/// All that is known, but the seed of the inputs as a text: JavaScript has no such numbers.
pub fn json(lab: &str, standings: &[Standing]) -> Value {
    let all = standings.iter().map(|one| {
        let mut value = json!(one);
        value["earned"] = json!(one.earned());
        value["total"] = json!(one.total());
        value["out_of"] = json!(one.out_of());
        value["seed"] = json!(one.seed.to_string());
        value["handed_in"] = json!(one.handed_in.map(moment::exact));
        value
    });
    json!({ "lab": lab, "students": all.collect::<Vec<_>>() })
}

fn written(rows: impl Iterator<Item = Vec<String>>) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|e| e.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

/// A text that no spreadsheet takes for a formula: students choose their names of files.
fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
