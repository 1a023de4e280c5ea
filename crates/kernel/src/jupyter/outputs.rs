//! What a cell shows, on its way to the front ends: not more than they can draw.
//!
//! After something has left, what comes next waits for a moment. Meanwhile text joins the text of its stream, an update
//! takes the place of an older one, and what a `clear` removes does not leave at all.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bundle;
use super::place::Place;
use super::server::{Outlets, Request};
use super::widgets::Widgets;
use crate::{Bundle, Control, Failure, Language, Output};

/// A stream sends at most some 30 messages a second, and so does what is updated.
const PAUSE: Duration = Duration::from_millis(33);
/// Jupyter's server drops what comes faster than so many bytes a second.
const PACE: u32 = 1_000_000;
/// What comes after a silence waits only so long, for company.
const GATHER: Duration = Duration::from_millis(5);
/// Nobody wants to wait longer than this.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// So often in a second the order between the two streams counts more than few messages.
const TURNS: usize = 10;
/// No front end can show more text of one cell than this,
const TEXT_LIMIT: usize = 8 << 20;
/// nor more displays,
const DISPLAYS: usize = 1000;
const DISPLAY_BYTES: usize = 64 << 20;
/// of which so many may come at once, and so many every second.
const BURST: f64 = 100.0;
const DISPLAYS_A_SECOND: f64 = 30.0;
/// What a run that a control has asked for shows before it ends is seen only after this: a short one has one picture.
const LIVE_AFTER: Duration = Duration::from_millis(250);

pub(super) struct Outputs {
    outlets: Outlets,
    cause: Request,
    count: i64,
    /// Publish results, not only text and displays.
    results: bool,
    waiting: Vec<Waiting>,
    /// Not before may anything leave.
    due: Instant,
    /// Changes of stream in the second that began then.
    turns: (usize, Instant),
    /// How many displays may come now, as of then.
    credit: (f64, Instant),
    /// What is there to see: bytes of text, displays, and bytes of displays.
    text: usize,
    displays: usize,
    display_bytes: usize,
    dropped_text: usize,
    dropped_displays: usize,
    /// Displays that were dropped: nothing can be updated there.
    dropped_ids: HashSet<String>,
    has_progress: bool,
    /// The controls that the cell has shown.
    pub(super) widgets: Vec<Widgets>,
    /// It runs again, for these controls.
    again: Option<VecDeque<String>>,
    /// Where the rest of its outputs is shown, under its name.
    place: Option<(String, Place)>,
    /// That has been shown once; it has changed since; and it may be shown before the end.
    place_is_shown: bool,
    place_has_changed: bool,
    place_from: Instant,
    /// The value of the cell as text, for the history.
    pub(super) value: Option<String>,
}

const DISPLAY: &str = "display_data";
const UPDATE: &str = "update_display_data";

enum Waiting {
    Text {
        stream: &'static str,
        text: String,
    },
    Shown {
        kind: &'static str,
        data: Bundle,
        id: Option<String>,
    },
    Clear {
        wait: bool,
    },
    Result(Bundle),
}

impl Outputs {
    pub(super) fn new(outlets: &Outlets, cause: &Request, count: i64, results: bool) -> Outputs {
        let now = Instant::now();
        Outputs {
            outlets: outlets.clone(),
            cause: cause.clone(),
            count,
            results,
            waiting: Vec::new(),
            due: now,
            turns: (0, now),
            credit: (BURST, now),
            text: 0,
            displays: 0,
            display_bytes: 0,
            dropped_text: 0,
            dropped_displays: 0,
            dropped_ids: HashSet::new(),
            has_progress: false,
            widgets: Vec::new(),
            again: None,
            place: None,
            place_is_shown: false,
            place_has_changed: false,
            place_from: now,
            value: None,
        }
    }

    /// Those of a cell that runs again for its controls: from these on they go where the former ones are, and what comes before stays
    /// as it is.
    pub(super) fn again(
        outlets: &Outlets,
        cause: &Request,
        count: i64,
        places: VecDeque<String>,
    ) -> Outputs {
        let mut outputs = Outputs::new(outlets, cause, count, true);
        outputs.again = Some(places);
        outputs.place_from += LIVE_AFTER;
        outputs
    }

    /// From here on everything is shown in one place.
    fn open_place(&mut self, controls: Vec<Control>) {
        self.place_has_changed |= self.place.is_some();
        self.settle_place();
        if let Some(places) = &mut self.again {
            if let Some(id) = places.pop_front() {
                // Until something comes, the former outputs stay.
                self.place = Some((id, Place::default()));
                self.place_is_shown = true;
            }
            return;
        }
        let id = format!("gradus-{}-{}", self.cause.id(), self.widgets.len());
        let widgets = Widgets::new(id, controls);
        for (comm, state) in widgets.models() {
            self.outlets.open_comm(&self.cause, &comm, state);
        }
        self.waiting.push(Waiting::Shown {
            kind: DISPLAY,
            data: widgets.view(),
            id: None,
        });
        self.place = Some((widgets.place(), Place::default()));
        (self.place_is_shown, self.place_has_changed) = (false, true);
        self.widgets.push(widgets);
    }

    /// Why the cell failed, in the place of its result; false where it has no such place.
    pub(super) fn push_failure(&mut self, failure: &Failure) -> bool {
        if self.again.is_some() && self.place.is_none() {
            // It has not come to its controls.
            self.open_place(Vec::new());
        }
        let Some((_, place)) = &mut self.place else {
            return false;
        };
        place.push_failure(failure);
        self.place_has_changed = true;
        true
    }

    /// Whether a named thing is in the place.
    fn is_placed(&self, id: &str) -> bool {
        let place = self.place.as_ref();
        place.is_some_and(|(_, place)| place.has(id))
    }

    /// What is in the place now is sent with the next outputs.
    fn settle_place(&mut self) {
        let changed = std::mem::take(&mut self.place_has_changed);
        let Some((id, place)) = self.place.as_ref().filter(|_| changed) else {
            return;
        };
        let kind = match std::mem::replace(&mut self.place_is_shown, true) {
            true => UPDATE,
            false => DISPLAY,
        };
        self.waiting.push(Waiting::Shown {
            kind,
            data: place.bundle(),
            id: Some(id.clone()),
        });
    }

    pub(super) fn push(&mut self, output: Output) {
        if self.waiting.is_empty() && !self.place_has_changed {
            self.due = self.due.max(Instant::now() + GATHER);
        }
        if let Output::Result(data) = &output {
            let text = data.get("text/plain").and_then(Value::as_str);
            self.value = text.map(str::to_owned);
        }
        match output {
            Output::Controls(controls) if self.results => self.open_place(controls),
            Output::Quiet | Output::Controls(_) => (),
            Output::Progress(_) if self.again.is_some() => (),
            Output::Progress(words) => self.progress(&words),
            Output::Shared {
                data,
                id,
                update: true,
            } if !self.is_placed(&id) => self.update(data, id),
            output if self.place.is_some() => {
                if let Some((_, place)) = &mut self.place {
                    place.push(output);
                    self.place_has_changed = true;
                }
            }
            // It is there from the first run.
            _ if self.again.is_some() => (),
            Output::Stdout(text) => self.push_text("stdout", &text),
            Output::Stderr(text) => self.push_text("stderr", &text),
            Output::Display(data) => self.display(data, None),
            Output::Shared { data, id, .. } => self.display(data, Some(id)),
            Output::Clear { wait } => self.clear(wait),
            Output::Result(data) => {
                if self.results {
                    self.make_room();
                    self.waiting.push(Waiting::Result(data));
                }
            }
        }
        if Instant::now() >= self.due && !self.outlets.are_crowded() {
            self.flush();
        }
    }

    /// A line that is not the cell's own.
    pub(super) fn push_note(&mut self, line: &str) {
        let data = bundle(json!({
            "text/plain": line,
            "text/html": format!("<small style=\"opacity:0.6\">{line}</small>"),
        }));
        self.waiting.push(Waiting::Shown {
            kind: DISPLAY,
            data,
            id: None,
        });
        self.flush();
    }

    /// The cell has ended.
    pub(super) fn finish(&mut self) {
        let spanish = Language::current() == Language::Es;
        let mut notes = String::new();
        if self.dropped_text > 0 {
            #[allow(clippy::cast_precision_loss)] // shown with one digit
            let megabytes = std::mem::take(&mut self.dropped_text) as f64 / 1e6;
            notes += &match spanish {
                true => format!("\n[se escribieron {megabytes:.1} MB más, que no se muestran]\n"),
                false => format!("\n[{megabytes:.1} MB more were printed, but not shown]\n"),
            };
        }
        if self.dropped_displays > 0 {
            let count = std::mem::take(&mut self.dropped_displays);
            notes += &match spanish {
                true => format!("\n[hay {count} salidas más, demasiadas para mostrarlas]\n"),
                false => format!("\n[{count} more outputs are not shown: there are too many]\n"),
            };
        }
        if !notes.is_empty() {
            self.waiting.push(Waiting::Text {
                stream: "stderr",
                text: notes,
            });
        }
        self.place_from = Instant::now();
        self.flush();
    }

    /// The cell has ended again: what it showed before goes, even if nothing has come.
    pub(super) fn finish_again(&mut self) {
        self.place_has_changed |= self.place.is_some();
        self.finish();
    }

    /// One line that changes: what the kernel does before the cell can run.
    fn progress(&mut self, words: &str) {
        let text = match Language::current() {
            Language::Es => format!("Preparando las bibliotecas (solo la primera vez): {words}"),
            Language::En => format!("Building the libraries (only the first time): {words}"),
        };
        let data = bundle(json!({"text/plain": text}));
        let id = format!("gradus-progress-{}", self.count);
        if std::mem::replace(&mut self.has_progress, true) {
            self.update(data, id);
        } else {
            self.display(data, Some(id));
        }
    }

    fn push_text(&mut self, stream: &'static str, text: &str) {
        let room = TEXT_LIMIT.saturating_sub(self.text);
        let cut = text.floor_char_boundary(room);
        self.dropped_text += text.len() - cut;
        let text = &text[..cut];
        if text.is_empty() {
            return;
        }
        self.text += text.len();
        self.make_room();
        // Both streams may have text after the last thing that is no text.
        let mut last = None;
        for (turns_back, waiting) in self.waiting.iter_mut().rev().enumerate() {
            match waiting {
                Waiting::Text { stream: its, text } if *its == stream => {
                    last = Some((turns_back, text));
                    break;
                }
                Waiting::Text { .. } => (),
                _ => break,
            }
        }
        if self.turns.1.elapsed() >= Duration::from_secs(1) {
            self.turns = (0, Instant::now());
        }
        match last {
            Some((turns_back, waiting)) if turns_back == 0 || self.turns.0 >= TURNS => {
                waiting.push_str(text);
            }
            _ => {
                self.turns.0 += usize::from(last.is_some());
                self.waiting.push(Waiting::Text {
                    stream,
                    text: text.to_owned(),
                });
            }
        }
    }

    fn display(&mut self, data: Bundle, id: Option<String>) {
        self.make_room();
        let (credit, at) = self.credit;
        let credit = (credit + DISPLAYS_A_SECOND * at.elapsed().as_secs_f64()).min(BURST);
        let bytes = size(&data);
        let fits = self.displays < DISPLAYS && self.display_bytes + bytes <= DISPLAY_BYTES;
        if credit < 1.0 || !fits {
            self.dropped_displays += 1;
            self.dropped_ids.extend(id);
            return;
        }
        self.credit = (credit - 1.0, Instant::now());
        self.displays += 1;
        self.display_bytes += bytes;
        self.waiting.push(Waiting::Shown {
            kind: DISPLAY,
            data,
            id,
        });
    }

    fn update(&mut self, data: Bundle, id: String) {
        if self.dropped_ids.contains(&id) {
            return;
        }
        self.make_room();
        let older = self.waiting.iter_mut().find_map(|waiting| match waiting {
            Waiting::Shown {
                kind: UPDATE,
                data,
                id: Some(its),
            } if *its == id => Some(data),
            _ => None,
        });
        if let Some(older) = older {
            *older = data;
        } else if self.waiting.len() < DISPLAYS {
            self.waiting.push(Waiting::Shown {
                kind: UPDATE,
                data,
                id: Some(id),
            });
        }
    }

    fn clear(&mut self, wait: bool) {
        if let Some(Waiting::Clear { .. }) = self.waiting.last() {
            self.waiting.pop();
        }
        if !wait {
            self.forget(self.waiting.len());
        }
        self.waiting.push(Waiting::Clear { wait });
    }

    /// Something comes: what was to be removed then is not there any more.
    fn make_room(&mut self) {
        if let Some(Waiting::Clear { wait: true }) = self.waiting.last() {
            self.forget(self.waiting.len() - 1);
        }
    }

    fn forget(&mut self, count: usize) {
        for waiting in self.waiting.drain(..count) {
            if let Waiting::Shown { kind: DISPLAY, .. } = waiting {
                self.credit.0 += 1.0;
            }
        }
        (self.text, self.displays, self.display_bytes) = (0, 0, 0);
    }

    fn flush(&mut self) {
        if Instant::now() >= self.place_from {
            self.settle_place();
        }
        if self.waiting.is_empty() {
            return;
        }
        let mut bytes = 0;
        for waiting in self.waiting.drain(..) {
            let (kind, content) = match waiting {
                Waiting::Text { stream, text } => ("stream", json!({"name": stream, "text": text})),
                Waiting::Shown { kind, data, id } => {
                    bytes += size(&data);
                    let transient = id.map_or(json!({}), |id| json!({"display_id": id}));
                    let content = json!({"data": data, "metadata": {}, "transient": transient});
                    (kind, content)
                }
                Waiting::Clear { wait } => ("clear_output", json!({"wait": wait})),
                Waiting::Result(data) => (
                    "execute_result",
                    json!({"execution_count": self.count, "data": data, "metadata": {}}),
                ),
            };
            self.outlets.publish(&self.cause, kind, content);
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let pause = Duration::from_secs(1) * bytes / PACE;
        self.due = Instant::now() + pause.clamp(PAUSE, LONGEST_PAUSE);
    }
}

fn size(data: &Bundle) -> usize {
    let sizes = data.values().map(|form| match form {
        Value::String(text) => text.len(),
        other => other.to_string().len(),
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jupyter_protocol::messaging::JupyterMessage;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    fn outputs() -> (Outputs, UnboundedReceiver<JupyterMessage>) {
        let (shell, _) = unbounded_channel();
        let (stdin, _) = unbounded_channel();
        let (iopub, published) = unbounded_channel();
        let outlets = Outlets::new(shell, stdin, iopub);
        let cause = Request::of("execute_request", json!({}));
        (Outputs::new(&outlets, &cause, 1, true), published)
    }

    fn said(messages: &mut UnboundedReceiver<JupyterMessage>) -> Vec<(String, Value)> {
        std::iter::from_fn(|| messages.try_recv().ok())
            .map(|message| {
                let content = serde_json::to_value(&message.content).unwrap();
                (message.header.msg_type, content)
            })
            .collect()
    }

    fn shown(text: &str) -> Output {
        Output::Display(bundle(json!({"text/plain": text})))
    }

    #[test]
    fn outputs_wait_for_front_ends_that_do_not_keep_up() {
        let (mut outputs, mut published) = outputs();
        while !outputs.outlets.are_crowded() {
            outputs.outlets.status(&outputs.cause, "busy");
        }
        let before = published.len();
        for i in 0..100 {
            outputs.push(Output::Stdout(format!("{i}\n")));
            outputs.push(Output::Shared {
                data: bundle(json!({"text/plain": i})),
                id: "a".to_owned(),
                update: true,
            });
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(published.len(), before);
        outputs.finish();
        let said = said(&mut published).split_off(before);
        let updates: Vec<_> = said.iter().filter(|(kind, _)| kind == UPDATE).collect();
        assert_eq!(updates.len(), 1, "{said:?}");
        assert_eq!(updates[0].1["data"]["text/plain"], 99);
    }

    #[test]
    fn what_is_cleared_does_not_leave() {
        let (mut outputs, mut published) = outputs();
        outputs.push(shown("a"));
        outputs.push(Output::Clear { wait: true });
        outputs.push(shown("b"));
        outputs.push(Output::Clear { wait: true });
        outputs.finish();
        let kinds = |said: Vec<(String, Value)>| -> Vec<String> {
            said.into_iter()
                .map(|(kind, content)| format!("{kind} {}", content["data"]["text/plain"]))
                .collect()
        };
        assert_eq!(
            kinds(said(&mut published)),
            [
                "clear_output null",
                "display_data \"b\"",
                "clear_output null"
            ],
            "what is to go when the next thing comes stays when none does"
        );
        outputs.push(shown("c"));
        outputs.push(Output::Clear { wait: false });
        outputs.finish();
        assert_eq!(kinds(said(&mut published)), ["clear_output null"]);
    }

    #[test]
    fn few_changes_of_stream_keep_their_order() {
        let (mut outputs, mut published) = outputs();
        for i in 0..3 {
            outputs.push(Output::Stdout(format!("o{i}")));
            outputs.push(Output::Stderr(format!("e{i}")));
        }
        outputs.finish();
        let texts: Vec<_> = said(&mut published)
            .into_iter()
            .map(|(_, content)| content["text"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(texts, ["o0", "e0", "o1", "e1", "o2", "e2"]);
    }
}
