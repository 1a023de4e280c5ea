//! What a cell shows, on its way to the front ends: not more messages than they can draw.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::{Outlets, Request};
use crate::{Language, Output};

/// Text waits this long for more, so that a stream sends at most some 30 messages a second.
const PAUSE: Duration = Duration::from_millis(33);
/// No front end can show more text of one cell than this.
const LIMIT: usize = 8 << 20;

pub(super) struct Outputs<'a> {
    outlets: &'a Outlets,
    cause: &'a Request,
    count: i64,
    /// Publish results, not only text and displays.
    results: bool,
    stream: &'static str,
    text: String,
    sent_at: Option<Instant>,
    sent: usize,
    dropped: usize,
    progress_id: Option<String>,
    /// The value of the cell as text, for the history.
    pub(super) value: Option<String>,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(
        outlets: &'a Outlets,
        cause: &'a Request,
        count: i64,
        results: bool,
    ) -> Outputs<'a> {
        Outputs {
            outlets,
            cause,
            count,
            results,
            stream: "stdout",
            text: String::new(),
            sent_at: None,
            sent: 0,
            dropped: 0,
            progress_id: None,
            value: None,
        }
    }

    pub(super) fn push(&mut self, output: Output) {
        match output {
            Output::Stdout(text) => self.push_text("stdout", &text),
            Output::Stderr(text) => self.push_text("stderr", &text),
            Output::Quiet => self.flush_if_due(),
            Output::Display(bundle) => {
                self.publish(
                    "display_data",
                    json!({"data": bundle, "metadata": {}, "transient": {}}),
                );
            }
            Output::Shared { data, id, update } => {
                let kind = if update {
                    "update_display_data"
                } else {
                    "display_data"
                };
                self.publish(
                    kind,
                    json!({"data": data, "metadata": {}, "transient": {"display_id": id}}),
                );
            }
            Output::Progress(words) => self.progress(&words),
            Output::Clear { wait } => self.publish("clear_output", json!({"wait": wait})),
            Output::Result(bundle) => {
                self.value = bundle
                    .get("text/plain")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                if self.results {
                    self.publish(
                        "execute_result",
                        json!({"execution_count": self.count, "data": bundle, "metadata": {}}),
                    );
                }
            }
        }
    }

    fn publish(&mut self, kind: &str, content: Value) {
        self.flush();
        self.outlets.publish(self.cause, kind, content);
    }

    /// A line that is not the cell's own.
    pub(super) fn push_note(&mut self, line: &str) {
        let data = json!({
            "text/plain": line,
            "text/html": format!("<small style=\"opacity:0.6\">{line}</small>"),
        });
        self.publish(
            "display_data",
            json!({"data": data, "metadata": {}, "transient": {}}),
        );
    }

    /// One line that changes: what the kernel does before the cell can run.
    fn progress(&mut self, words: &str) {
        let first = self.progress_id.is_none();
        let id = self
            .progress_id
            .get_or_insert_with(|| format!("gradus-progress-{}", self.count))
            .clone();
        let text = match Language::current() {
            Language::Es => format!("Preparando las bibliotecas (solo la primera vez): {words}"),
            Language::En => format!("Building the libraries (only the first time): {words}"),
        };
        let kind = if first {
            "display_data"
        } else {
            "update_display_data"
        };
        let data = json!({"text/plain": text});
        self.publish(
            kind,
            json!({"data": data, "metadata": {}, "transient": {"display_id": id}}),
        );
    }

    fn push_text(&mut self, stream: &'static str, text: &str) {
        if stream != self.stream {
            self.flush();
            self.stream = stream;
        }
        let room = LIMIT.saturating_sub(self.sent + self.text.len());
        if text.len() <= room {
            self.text.push_str(text);
        } else {
            let cut = text.floor_char_boundary(room);
            self.text.push_str(&text[..cut]);
            self.dropped += text.len() - cut;
        }
        self.flush_if_due();
    }

    fn flush_if_due(&mut self) {
        if self.sent_at.is_none_or(|at| at.elapsed() >= PAUSE) {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.sent += self.text.len();
            self.sent_at = Some(Instant::now());
            let text = std::mem::take(&mut self.text);
            self.outlets.publish(
                self.cause,
                "stream",
                json!({"name": self.stream, "text": text}),
            );
        }
    }

    /// The cell has ended.
    pub(super) fn finish(&mut self) {
        self.flush();
        if self.dropped > 0 {
            #[allow(clippy::cast_precision_loss)] // shown with one digit
            let megabytes = self.dropped as f64 / 1e6;
            let note = format!("\n[{megabytes:.1} MB more were printed, but not shown]\n");
            self.outlets.publish(
                self.cause,
                "stream",
                json!({"name": "stderr", "text": note}),
            );
        }
    }
}
