//! What is seen while `fit` runs: Keras's lines, growing in place on a terminal.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::time::{Duration, Instant};

use super::history::Epoch;

/// Twenty pictures a second are enough for eyes, and cost nothing.
const REFRESH: Duration = Duration::from_millis(50);
const BAR: usize = 30;

pub(crate) struct Progress {
    epochs: usize,
    steps: usize,
    quiet: bool,
    in_place: bool,
    started: Instant,
    drawn: Instant,
}

impl Progress {
    pub(crate) fn new(epochs: usize, steps: usize, quiet: bool) -> Progress {
        let now = Instant::now();
        Progress {
            epochs,
            steps,
            quiet,
            in_place: !quiet && std::io::stdout().is_terminal(),
            started: now,
            drawn: now,
        }
    }

    pub(crate) fn start(&mut self, epoch: usize) {
        self.started = Instant::now();
        self.drawn = self.started;
        if !self.quiet {
            println!("Epoch {epoch}/{}", self.epochs);
        }
    }

    pub(crate) fn step(&mut self, done: usize, loss: f64, right: usize, seen: usize) {
        if !self.in_place || done == self.steps || self.drawn.elapsed() < REFRESH {
            return;
        }
        self.drawn = Instant::now();
        let mut line = bar(done, self.steps);
        let left = self.started.elapsed().as_secs_f64() / done as f64 * (self.steps - done) as f64;
        let _ = write!(line, " - ETA: {left:.0}s - loss: {loss:.4}");
        if right > 0 {
            let _ = write!(line, " - accuracy: {:.4}", right as f64 / seen as f64);
        }
        print!("\r{line}\x1b[K");
        let _ = std::io::stdout().flush();
    }

    pub(crate) fn finish(&mut self, epoch: &Epoch) {
        if self.quiet {
            return;
        }
        let start = if self.in_place { "\r" } else { "" };
        let end = if self.in_place { "\x1b[K" } else { "" };
        println!("{start}{}{end}", epoch_line(epoch, self.steps));
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
