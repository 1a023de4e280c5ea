//! An exercise in a process of its own: what stops that process for good costs no other exercise.

use std::{
    fs, io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
};

use serde::{Deserialize, Serialize};

use crate::{Complaint, Exercise, Outcome, State, Text, Verdict};

/// What the process of an exercise writes down as it goes, a line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Note {
    /// It begins to try this question.
    Trying(String),
    /// What became of it.
    Verdict(Verdict),
}

/// Tries `exercise` in another process of this program, and keeps the verdicts that it reached; its standard output is ours.
/// Whether it ended well, too: all right, or something wrong.
///
/// # Errors
/// When no process can be started.
pub(crate) fn assess(exercise: &Exercise, start: Outcome) -> io::Result<(Outcome, bool)> {
    let notes = tempfile::NamedTempFile::new()?;
    let output = Command::new(std::env::current_exe()?)
        .args(["--exact", &exercise.id, "--notes"])
        .arg(notes.path())
        .stdin(Stdio::null())
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let mut outcome = start;
    let mut trying = None;
    let notes = fs::read_to_string(notes.path())?;
    let notes = notes
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    for note in notes {
        match note {
            Note::Trying(question) => trying = Some(question),
            Note::Verdict(verdict) => {
                trying = None;
                outcome.verdicts.push(verdict);
            }
        }
    }
    let done = outcome.verdicts.len() == exercise.questions.len();
    for asked in &exercise.questions {
        if outcome.verdicts.iter().any(|v| v.question == asked.name) {
            continue;
        }
        let says = match trying.as_deref() == Some(&asked.name) {
            true => ending(output.status, &said),
            false => Text::new(
                "no se ha llegado a probar: el programa terminó antes",
                "not tried: the program ended before",
            ),
        };
        outcome.verdicts.push(Verdict {
            question: asked.name.clone(),
            points: asked.points,
            state: State::Wrong(Box::new(Complaint {
                says: Some(says),
                ..Complaint::default()
            })),
        });
    }
    if done {
        eprint!("{said}");
    }
    Ok((
        outcome,
        done && matches!(output.status.code(), Some(0 | 101)),
    ))
}

/// Writes a note into the file at `path`; the process ends where that cannot be done, and with it the exercise.
pub(crate) fn write(path: &Path, note: &Note) {
    use std::io::Write as _;
    let line = serde_json::to_string(note).unwrap_or_default() + "\n";
    let file = fs::OpenOptions::new().append(true).open(path);
    if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
        eprintln!("{}: {error}", path.display());
        std::process::exit(2);
    }
}

/// What made a process end in the middle of a question.
fn ending(status: ExitStatus, said: &str) -> Text {
    if said.contains("has overflowed its stack") {
        return Text::new(
            "la pila se ha desbordado: ¿una función se llama a sí misma sin fin?",
            "the stack has overflowed: does a function call itself without end?",
        );
    }
    if let Some(line) = said
        .lines()
        .find(|line| line.contains("memory allocation of"))
    {
        return Text::new(
            format!("no hay tanta memoria: {line}"),
            format!("there is not so much memory: {line}"),
        );
    }
    Text::new(
        format!("el programa ha terminado en mitad de la llamada ({status})"),
        format!("the program ended in the middle of the call ({status})"),
    )
}
