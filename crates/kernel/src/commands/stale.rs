//! `:stale`: which cells would have other results if the whole notebook were run again.

use super::{in_language, say, table};
use crate::stale::{Leftover, Stale, Why};
use crate::transcript::Cells;
use crate::{Language, Output, Session};

/// Lists what is out of date, with the reason, or switches the line about what is left of texts that are gone.
pub(super) fn execute(
    session: &mut Session,
    rest: &str,
    show: &mut dyn FnMut(Output),
) -> Result<(), String> {
    match rest {
        "" => (),
        "on" | "off" => {
            session.history.is_quiet = rest == "off";
            return Ok(());
        }
        _ => {
            let words = in_language(
                "escribe `:stale`, `:stale on` o `:stale off`",
                "write `:stale`, `:stale on` or `:stale off`",
            );
            return Err(words.to_owned());
        }
    }
    let (found, never) = session.history.stale();
    if found.is_empty() {
        let words = in_language(
            "nada está desfasado: ejecutarlo todo de nuevo daría lo mismo",
            "nothing is out of date: running everything again would give the same",
        );
        say(words, show);
    } else {
        let rows = found.iter().map(|one| match one {
            Stale::Cell(place, why) => vec![
                session.cells.name(*place),
                first_line(session.cells.code(*place)),
                reason(why, &session.cells),
            ],
            Stale::Variable(name) => vec![
                String::new(),
                format!("`{name}`"),
                in_language(
                    "ninguna celda del cuaderno la crea ya",
                    "no cell of the notebook makes it any more",
                )
                .to_owned(),
            ],
        });
        let head = [
            in_language("qué", "what"),
            in_language("código", "code"),
            in_language("por qué", "why"),
        ];
        show(table(&head, rows.collect()));
    }
    if never > 0 {
        let words = match Language::current() {
            Language::Es => format!("celdas del cuaderno aún sin ejecutar: {never}"),
            Language::En => format!("cells of the notebook that were not run yet: {never}"),
        };
        say(&words, show);
    }
    Ok(())
}

/// The start of a cell, to know it by.
fn first_line(code: &str) -> String {
    const LONGEST: usize = 40;
    let lines = code.lines().map(str::trim);
    let line = lines
        .filter(|line| !line.is_empty())
        .find(|line| !line.starts_with("//"))
        .unwrap_or_default();
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("{start}…")
}

fn reason(why: &Why, cells: &Cells) -> String {
    let cell = |place: &usize| cells.name(*place);
    match (Language::current(), why) {
        (Language::Es, why) => match why {
            Why::Edited => "su texto ha cambiado desde que se ejecutó".to_owned(),
            Why::Twice(name, None) => format!("ha cambiado `{name}` más de una vez"),
            Why::Twice(name, Some(maker)) => {
                let maker = cell(maker);
                format!(
                    "ha cambiado `{name}` más de una vez; antes hay que ejecutar la {maker}, que la crea"
                )
            }
            Why::Made(name, by) => {
                format!(
                    "usó `{name}` antes de que la {} la creara o cambiara",
                    cell(by)
                )
            }
            Why::Failed(name, by) => format!("usó `{name}`, y la {} ha fallado después", cell(by)),
            Why::After(name, by) => format!("usó `{name}` de la {}, que está desfasada", cell(by)),
            Why::Below(name, by) => format!(
                "usa `{name}`, que solo se crea más abajo, en la {}",
                cell(by)
            ),
            Why::Moved(name, by) => format!("usa `{name}`, y la {} se la lleva", cell(by)),
            Why::Nowhere(name) => format!("usó `{name}`, que ninguna celda crea ya"),
            Why::Defined(name, Some(by)) => format!(
                "usó `{name}`, que ahora se define de otra forma en la {}",
                cell(by)
            ),
            Why::Defined(name, None) => format!("usó `{name}`, que ninguna celda define ya"),
            Why::Replaced(name, by) => format!("la {} ha sustituido su `{name}`", cell(by)),
            Why::Lost(name) => format!("su `{name}` ya no está"),
        },
        (Language::En, why) => match why {
            Why::Edited => "its text has changed since it was run".to_owned(),
            Why::Twice(name, None) => format!("it has changed `{name}` more than once"),
            Why::Twice(name, Some(maker)) => {
                format!(
                    "it has changed `{name}` more than once; {}, which makes it, has to run first",
                    cell(maker)
                )
            }
            Why::Made(name, by) => {
                format!("it used `{name}` before {} made or changed it", cell(by))
            }
            Why::Failed(name, by) => format!("it used `{name}`, and {} has failed since", cell(by)),
            Why::After(name, by) => {
                format!("it used `{name}` of {}, which is out of date", cell(by))
            }
            Why::Below(name, by) => {
                format!("it uses `{name}`, which only {} below makes", cell(by))
            }
            Why::Moved(name, by) => format!("it uses `{name}`, and {} moves it away", cell(by)),
            Why::Nowhere(name) => format!("it used `{name}`, which no cell makes any more"),
            Why::Defined(name, Some(by)) => {
                format!("it used `{name}`, which {} defines otherwise now", cell(by))
            }
            Why::Defined(name, None) => format!("it used `{name}`, which no cell defines any more"),
            Why::Replaced(name, by) => format!("its `{name}` was replaced by {}", cell(by)),
            Why::Lost(name) => format!("its `{name}` is not there any more"),
        },
    }
}

/// A dim line about results that a cell used and whose code is not in the notebook any more.
pub(crate) fn leftovers(left: &[Leftover], session: &Session) -> Option<String> {
    if left.is_empty() {
        return None;
    }
    let cells = &session.cells;
    let lines = left.iter().map(|(name, place)| {
        let of = cells.name(session.history.now(*place));
        match Language::current() {
            Language::Es => format!(
                "`{name}` viene de un texto anterior de la {of} que ya no está en el cuaderno; `:stale` dice qué más"
            ),
            Language::En => format!(
                "`{name}` comes from an earlier text of {of} that is not in the notebook any more; `:stale` says what else"
            ),
        }
    });
    let lines: Vec<String> = lines.collect();
    Some(format!("\u{1b}[2m{}\u{1b}[0m\n", lines.join("\n")))
}
