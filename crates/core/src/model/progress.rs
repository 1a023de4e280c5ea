//! What is seen while `fit` runs: Keras's lines, growing in place on a terminal, with the curves in a notebook.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use crate::history::{Epoch, History};
use gradus_text::display::{self, Front, Live};

/// Twenty pictures a second are enough for eyes.
const REFRESH: Duration = Duration::from_millis(50);
/// At most one part in so many of the time goes into pictures.
const SHARE: u32 = 100;
const BAR: usize = 30;

/// More lines than this are not read while they pass.
const LINES: usize = 12;

pub(crate) struct Progress {
    epochs: usize,
    steps: usize,
    mode: Mode,
    started: Instant,
    /// When the next picture may come.
    next: Instant,
}

enum Mode {
    Quiet,
    /// Two lines per epoch, as Keras prints them into a file.
    Lines,
    /// The last line grows in place.
    Terminal,
    /// In a notebook of the Gradus kernel the whole picture changes in place: the last lines, and the curves so far.
    Notebook(Picture),
}

impl Progress {
    pub(crate) fn new(epochs: usize, steps: usize, quiet: bool) -> Progress {
        let now = Instant::now();
        let mode = if quiet {
            Mode::Quiet
        } else if display::front() == Front::Gradus {
            Mode::Notebook(Picture::default())
        } else if std::io::stdout().is_terminal() {
            Mode::Terminal
        } else {
            Mode::Lines
        };
        Progress {
            epochs,
            steps,
            mode,
            started: now,
            next: now + REFRESH,
        }
    }

    pub(crate) fn start(&mut self, epoch: usize) {
        self.started = Instant::now();
        let line = format!("Epoch {epoch}/{}", self.epochs);
        match &mut self.mode {
            Mode::Quiet => {}
            Mode::Lines | Mode::Terminal => println!("{line}"),
            Mode::Notebook(picture) => picture.lines.push(line),
        }
    }

    pub(crate) fn step(&mut self, done: usize, loss: f64, right: usize, seen: usize) {
        let shown = matches!(self.mode, Mode::Terminal | Mode::Notebook(_));
        if !shown || done == self.steps || Instant::now() < self.next {
            return;
        }
        let drawing = Instant::now();
        let mut line = bar(done, self.steps);
        let left = self.started.elapsed().as_secs_f64() / done as f64 * (self.steps - done) as f64;
        let _ = write!(line, " - ETA: {left:.0}s - loss: {loss:.4}");
        if right > 0 {
            let _ = write!(line, " - accuracy: {:.4}", right as f64 / seen as f64);
        }
        match &mut self.mode {
            Mode::Notebook(picture) => picture.draw(Some(&line)),
            _ => {
                print!("\r{line}\x1b[K");
                let _ = std::io::stdout().flush();
            }
        }
        self.next = after(drawing);
    }

    pub(crate) fn finish(&mut self, history: &History) {
        let epoch = history.last();
        let line = epoch_line(epoch, self.steps);
        match &mut self.mode {
            Mode::Quiet => {}
            Mode::Lines => println!("{line}"),
            Mode::Terminal => println!("\r{line}\x1b[K"),
            Mode::Notebook(picture) => {
                picture.lines.push(line);
                picture.history = Some(history.clone());
                picture.curves = None;
                picture.pending = true;
                let drawing = Instant::now();
                if drawing >= self.next {
                    picture.draw(None);
                    self.next = after(drawing);
                }
            }
        }
    }
}

/// When the next picture may come, if the drawing of this one began then.
fn after(drawing: Instant) -> Instant {
    drawing + REFRESH.max(SHARE * drawing.elapsed())
}

/// What a notebook shows: the last lines, and under them the curves once there are two epochs.
#[derive(Default)]
struct Picture {
    live: Live,
    lines: Vec<String>,
    history: Option<History>,
    /// The curves of this history, once they are drawn.
    curves: Option<String>,
    /// Whether something has come since it was drawn.
    pending: bool,
}

impl Picture {
    fn draw(&mut self, growing: Option<&str>) {
        let last = &self.lines[self.lines.len().saturating_sub(LINES)..];
        let mut text: Vec<&str> = last.iter().map(String::as_str).collect();
        text.extend(growing);
        let text = text.join("\n");
        let history = &self.history;
        let curves = self.curves.get_or_insert_with(|| {
            let history = history.as_ref().filter(|h| h.epochs().len() > 1);
            let curves = history.and_then(|history| history.plot().svg().ok());
            curves.unwrap_or_default()
        });
        let html = gradus_text::html::preformatted(&text) + curves;
        self.live
            .update_forms(vec![("text/html", html), ("text/plain", text)]);
        self.pending = false;
    }
}

// However a training ends, its last picture has all lines.
impl Drop for Picture {
    fn drop(&mut self) {
        if self.pending {
            self.draw(None);
        }
    }
}

fn bar(done: usize, steps: usize) -> String {
    let filled = BAR * done / steps.max(1);
    let width = steps.to_string().len();
    let mut bar = "=".repeat(filled);
    if done < steps {
        bar.truncate(filled.saturating_sub(1));
        if filled > 0 {
            bar.push('>');
        }
    }
    format!("{done:>width$}/{steps} [{bar:.<BAR$}]")
}

/// `938/938 [====] - 4s 5ms/step - loss: 1.7984 - accuracy: 0.5721 - val_loss: 1.5722 - val_accuracy: 0.6243`
fn epoch_line(epoch: &Epoch, steps: usize) -> String {
    let seconds = epoch.duration.as_secs_f64();
    let step = seconds / steps as f64;
    let step = if step < 1e-3 {
        format!("{:.0}us", step * 1e6)
    } else {
        format!("{:.0}ms", step * 1e3)
    };
    let mut line = format!("{} - {seconds:.0}s {step}/step", bar(steps, steps));
    for (name, value) in [
        ("loss", Some(epoch.loss)),
        ("accuracy", epoch.accuracy),
        ("val_loss", epoch.val_loss),
        ("val_accuracy", epoch.val_accuracy),
    ] {
        if let Some(value) = value {
            let _ = write!(line, " - {name}: {value:.4}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Evaluation;

    #[test]
    fn lines_are_keras_lines() {
        let evaluation = |loss, accuracy| Evaluation {
            loss,
            accuracy: Some(accuracy),
        };
        let epoch = Epoch::new(
            2,
            evaluation(1.7984, 0.5721),
            Some(evaluation(1.5722, 0.6243)),
            Duration::from_millis(4400),
        );
        assert_eq!(
            epoch_line(&epoch, 938),
            "938/938 [==============================] - 4s 5ms/step - loss: 1.7984 - accuracy: 0.5721 \
             - val_loss: 1.5722 - val_accuracy: 0.6243"
        );
        assert_eq!(bar(469, 938), "469/938 [==============>...............]");
    }
}
