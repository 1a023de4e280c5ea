//! How values show themselves: rich in a notebook, text in a terminal.
//!
//! In a notebook the last expression of a cell is shown. evcxr calls its `evcxr_display` method, which prints one block per
//! MIME type between `EVCXR_BEGIN_CONTENT` and `EVCXR_END_CONTENT` lines; the front end takes the richest it can draw.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::html::{escape, preformatted};

/// A value with a rich form for notebooks.
pub trait Show {
    /// Its forms as `(MIME type, content)`, the richest first. One of them is `text/plain`.
    fn forms(&self) -> Vec<(&'static str, String)>;

    /// Show it here: in a notebook under evcxr all forms, elsewhere the text.
    fn evcxr_display(&self) {
        show_forms(&self.forms());
    }
}

/// A text is shown as it is, without quotes.
///
/// ```
/// use gradus_text::display::Show;
/// assert_eq!("w = 1\n".to_owned().forms(), [("text/plain", "w = 1\n".to_owned())]);
/// ```
impl Show for String {
    fn forms(&self) -> Vec<(&'static str, String)> {
        vec![("text/plain", self.clone())]
    }
}

/// A result is shown as what it holds, an error as its text.
///
/// ```
/// use gradus_text::display::Show;
/// let read = |text: &str| text.parse::<u32>().map(|n| format!("n = {n}"));
/// assert_eq!(read("7").forms(), [("text/plain", "n = 7".to_owned())]);
/// assert!(read("seven").forms()[1].1.contains("invalid digit"));
/// ```
impl<T: Show, E: fmt::Display> Show for Result<T, E> {
    fn forms(&self) -> Vec<(&'static str, String)> {
        match self {
            Ok(value) => value.forms(),
            Err(error) => {
                let text = error.to_string();
                let html = format!(
                    "<pre role=\"alert\" style=\"color:#c0392b\">{}</pre>",
                    escape(&text)
                );
                vec![("text/html", html), ("text/plain", text)]
            }
        }
    }

    fn evcxr_display(&self) {
        match self {
            Ok(value) => value.evcxr_display(),
            Err(_) => show_forms(&self.forms()),
        }
    }
}

/// Show a value in the middle of a cell, or print its text where there is no notebook.
pub fn show(value: &impl Show) {
    value.evcxr_display();
}

/// Show a value under a name, in the place of the one that this cell last showed under it. Only the Gradus kernel changes what was
/// shown; elsewhere every value comes below the one before.
///
/// ```
/// use gradus::display;
/// use gradus::prelude::*;
/// let mut losses = vec![1.0];
/// for _ in 0..5 {
///     losses.push(losses[losses.len() - 1] * 0.5);
///     display::update("loss", &plot::curves("The loss halves", "step", "loss", [("loss", &losses)]));
/// }
/// ```
pub fn update(name: &str, value: &impl Show) {
    update_named(name, value.forms());
}

/// Show how far a loop is: a bar that grows in place in the Gradus kernel and on a terminal; elsewhere ten lines at most.
///
/// ```
/// for step in 1..=200 {
///     // ... one step of the work ...
///     gradus::display::progress(step, 200);
/// }
/// ```
pub fn progress(done: usize, total: usize) {
    const WIDTH: usize = 30;
    let part = |of: usize| (done.min(total) * of).checked_div(total).unwrap_or(of);
    let bar = format!("{:<WIDTH$}", "=".repeat(part(WIDTH)));
    let line = format!("[{bar}] {done}/{total}");
    let is_last = done >= total;
    if front() == Front::Gradus {
        update_named("gradus progress", vec![("text/plain", line)]);
        if is_last {
            // The next loop gets a bar of its own.
            LIVE.with_borrow_mut(|live| live.remove("gradus progress"));
        }
    } else if std::io::stdout().is_terminal() {
        print_whole(&format!("\r{line}{}", if is_last { "\n" } else { "" }));
    } else if is_last || (done.saturating_sub(1) * 10).checked_div(total) != Some(part(10)) {
        print_whole(&format!("{line}\n"));
    }
}

/// The bytes of a number, where there is one.
type Count = Option<[u8; 4]>;

thread_local! {
    /// What was shown under a name, and in which cell.
    static LIVE: RefCell<HashMap<String, (Count, Live)>> = RefCell::default();
}

fn update_named(name: &str, forms: Vec<(&'static str, String)>) {
    if front() != Front::Gradus {
        return show_forms(&forms);
    }
    LIVE.with_borrow_mut(|all| {
        let cell = running_cell();
        let (shown_in, live) = all.entry(name.to_owned()).or_default();
        if *shown_in != cell {
            (*shown_in, *live) = (cell, Live::new());
        }
        live.update_forms(forms);
    });
}

/// Which cell runs: the Gradus kernel counts them in a file beside the one of `GRADUS_INTERRUPT`, behind four other bytes.
fn running_cell() -> Count {
    let beside = PathBuf::from(std::env::var_os("GRADUS_INTERRUPT")?);
    let said = std::fs::read(beside.with_extension("place")).ok()?;
    said.get(4..8)?.try_into().ok()
}

/// What follows in this cell depends on controls, which are described here; gives what the user has set them to, in their order, or
/// nothing when they are new. Only the Gradus kernel has controls.
#[doc(hidden)] // for `gradus::interact`
pub fn controls(described: &[serde_json::Value]) -> Vec<serde_json::Value> {
    thread_local! {
        /// The last cell with controls, and how often it has come here.
        static LAST: Cell<(Count, usize)> = const { Cell::new((None, 0)) };
    }
    if front() != Front::Gradus {
        return Vec::new();
    }
    report("controls", &described.into());
    let cell = running_cell();
    let at = match LAST.get() {
        (last, count) if last == cell => count,
        _ => 0,
    };
    LAST.set((cell, at + 1));
    let set = std::env::var("GRADUS_CONTROLS").unwrap_or_default();
    let mut set: Vec<Vec<serde_json::Value>> = serde_json::from_str(&set).unwrap_or_default();
    if at < set.len() {
        set.swap_remove(at)
    } else {
        Vec::new()
    }
}

/// Remove what the cell has shown so far: at once, or, with `wait`, when the next thing comes. Only in the Gradus kernel.
pub fn clear(wait: bool) {
    if front() == Front::Gradus {
        report("clear", &serde_json::json!({ "wait": wait }));
    }
}

/// Something shown that changes while the cell runs. In the Gradus kernel it changes in place; elsewhere [`Live::update`]
/// does nothing until [`Live::finish`], which shows the last value.
///
/// ```
/// use gradus::display::Live;
/// use gradus::prelude::*;
/// let mut losses = vec![1.0];
/// let mut live = Live::new();
/// for _ in 0..5 {
///     losses.push(losses[losses.len() - 1] * 0.5);
///     live.update(&plot::curves("The loss halves", "step", "loss", [("loss", &losses)]));
/// }
/// live.finish();
/// ```
#[derive(Debug, Default)]
pub struct Live {
    id: Option<String>,
    last: Option<Vec<(&'static str, String)>>,
}

impl Live {
    /// Nothing is shown yet.
    pub fn new() -> Live {
        Live::default()
    }

    /// Show this value in the place of the one before.
    pub fn update(&mut self, value: &impl Show) {
        self.update_forms(value.forms());
    }

    #[doc(hidden)] // for progress bars of more than one form
    pub fn update_forms(&mut self, forms: Vec<(&'static str, String)>) {
        if front() != Front::Gradus {
            self.last = Some(forms);
            return;
        }
        let update = self.id.is_some();
        let id = self.id.get_or_insert_with(|| {
            static NEXT: AtomicU64 = AtomicU64::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            // Another copy of the library in this process counts for itself.
            format!(
                "gradus-{}-{:p}-{number}",
                std::process::id(),
                &raw const NEXT
            )
        });
        let data = bundle(&forms);
        report(
            "display",
            &serde_json::json!({ "data": data, "id": id, "update": update }),
        );
    }

    /// Nothing changes any more: outside of the Gradus kernel the last value is shown now.
    pub fn finish(self) {
        if let Some(forms) = self.last {
            show_forms(&forms);
        }
    }
}

/// Who reads what this process prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The Gradus kernel, which takes our own reports.
    Gradus,
    /// evcxr without it, which takes its blocks.
    Evcxr,
    /// A terminal or a file.
    Text,
}

/// Who reads what this process prints.
pub fn front() -> Front {
    static FRONT: OnceLock<Front> = OnceLock::new();
    *FRONT.get_or_init(|| {
        // GRADUS_INTERRUPT is what the Gradus kernel leaves in the environment of its cells.
        let set = |name| std::env::var_os(name).is_some();
        match (set("GRADUS_INTERRUPT"), set("EVCXR_IS_RUNTIME")) {
            (true, _) => Front::Gradus,
            (false, true) => Front::Evcxr,
            (false, false) => Front::Text,
        }
    })
}

/// Whether this process runs the cells of a notebook.
pub fn in_notebook() -> bool {
    front() != Front::Text
}

/// The forms of a text whose columns stand under each other.
pub fn aligned(text: String) -> Vec<(&'static str, String)> {
    vec![("text/html", preformatted(&text)), ("text/plain", text)]
}

fn bundle(forms: &[(&'static str, String)]) -> serde_json::Map<String, serde_json::Value> {
    let entries = forms
        .iter()
        .map(|(mime, text)| ((*mime).to_owned(), text.as_str().into()));
    entries.collect()
}

/// A report to the Gradus kernel: U+001E, the word `gradus`, one JSON object, a line end.
fn report(kind: &str, content: &serde_json::Value) {
    print_whole(&format!(
        "\u{1e}gradus {}\n",
        serde_json::json!({ kind: content })
    ));
}

fn show_forms(forms: &[(&'static str, String)]) {
    match front() {
        Front::Gradus => report("display", &serde_json::json!({ "data": bundle(forms) })),
        Front::Evcxr => {
            let mut out = String::new();
            for (mime, content) in forms {
                let _ = writeln!(
                    out,
                    "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT"
                );
            }
            print_whole(&out);
        }
        Front::Text => {
            if let Some((_, text)) = forms.iter().find(|(mime, _)| *mime == "text/plain") {
                print_whole(&format!("{text}\n"));
            }
        }
    }
}

fn print_whole(text: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe is no reason to end a student's program.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
