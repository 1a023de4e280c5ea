//! A compiled cell while it runs: what it shows, what it asks, when it must end.

use std::path::Path;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use serde_json::Value;

use crate::cell_process::{CellProcess, Event, Source};
use crate::failure::{self, Failure, FailureKind, How};
use crate::wire::{Bundle, Item, Outcome, PanicReport, Report};
use crate::{Ask, Language, Output, Stop, wire};

/// A display that arrives this shortly before the end of a cell is its result.
const RESULT_DELAY: Duration = Duration::from_millis(80);
const TICK: Duration = Duration::from_millis(20);
/// The last line of standard output, while it has no end, may be a prompt: so long it is not shown.
const MAY_BE_PROMPT: Duration = Duration::from_millis(120);
const LONGEST_PROMPT: usize = 4 << 10;
/// How long an interrupted cell, and the process that runs it, may take to end it.
const GRACE: Duration = Duration::from_secs(4);
/// A run that is overtaken sooner may end: while somebody drags a slider, something is to be seen.
const MAY_BE_OVERTAKEN: Duration = Duration::from_millis(300);
/// Nobody reads more of one value or message than this.
const TEXT_LIMIT: usize = 1 << 20;
/// And no front end draws a form of a thing that is longer than this.
const FORM_LIMIT: usize = 32 << 20;
/// So many late outputs are passed on before somebody else's turn comes.
const LATE: usize = 1000;

/// How the run of a cell ended.
pub(crate) enum Ended {
    Outcome(Outcome),
    /// The process is gone; how.
    Died(String),
}

/// The name of the cell and the line of it that a line of a program came from.
pub(crate) type Places<'a> = &'a dyn Fn(&str, usize) -> Option<(String, usize)>;

/// Watches a cell, from its compilation to its end.
pub(crate) struct Watch {
    stop: Stop,
    deadline: Option<Instant>,
    /// Why it must end, and since when.
    stopped: Option<(FailureKind, Instant)>,
    killed: bool,
    panic: Option<PanicReport>,
    outcome: Option<Outcome>,
    ended: [bool; 2],
    gone: [bool; 2],
    /// Blocks of one thing to show that may still get company.
    bundle: Bundle,
    bundle_is_whole: bool,
    bundle_since: Option<Instant>,
    /// The last line of standard output, which is not shown yet, and since when.
    held: String,
    held_since: Option<Instant>,
    /// How often in a row the cell was seen to wait for input.
    waits: u32,
    began: Instant,
    /// Whether its result is not wanted any more.
    overtaken: Option<Overtaken>,
    pub(crate) is_overtaken: bool,
}

pub(crate) type Overtaken = Box<dyn Fn() -> bool>;

impl Watch {
    pub(crate) fn new(stop: Stop, deadline: Option<Instant>) -> Watch {
        Watch {
            stop,
            deadline,
            stopped: None,
            killed: false,
            panic: None,
            outcome: None,
            ended: [false; 2],
            gone: [false; 2],
            bundle: Bundle::new(),
            bundle_is_whole: false,
            bundle_since: None,
            held: String::new(),
            held_since: None,
            waits: 0,
            began: Instant::now(),
            overtaken: None,
            is_overtaken: false,
        }
    }

    /// For a cell that is asked to end once its result is not wanted any more.
    pub(crate) fn until_overtaken(stop: Stop, overtaken: Overtaken) -> Watch {
        Watch {
            overtaken: Some(overtaken),
            ..Watch::new(stop, None)
        }
    }

    /// For another cell, with the same end.
    pub(crate) fn again(&self) -> Watch {
        Watch::new(self.stop.clone(), self.deadline)
    }

    fn reason_to_end(&self) -> Option<FailureKind> {
        if self.stop.is_asked() {
            Some(FailureKind::Interrupted)
        } else {
            self.deadline
                .filter(|deadline| Instant::now() >= *deadline)
                .map(|_| FailureKind::Timeout)
        }
    }

    /// Whether the user wants it to end; time does not matter.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.stop.is_asked()
    }

    /// It had to wait for something that is not of its own.
    pub(crate) fn wait_longer(&mut self, time: Duration) {
        self.deadline = self.deadline.map(|deadline| deadline + time);
    }

    pub(crate) fn wants_an_end(&self) -> bool {
        self.reason_to_end().is_some()
    }

    pub(crate) fn stopped_while_compiling(&self) -> Failure {
        let kind = self.reason_to_end().unwrap_or(FailureKind::Interrupted);
        failure::stopped(kind, How::WhileCompiling)
    }

    /// Something else than a cell or a compiler was stopped: no variables are lost with it.
    pub(crate) fn stopped_beside(&self) -> Failure {
        let kind = self.reason_to_end().unwrap_or(FailureKind::Interrupted);
        failure::stopped(kind, How::ByItself)
    }

    pub(crate) fn stopped_by_killing(&self, lost: &[String]) -> Option<Failure> {
        let (kind, _) = self.stopped.filter(|_| self.killed)?;
        Some(failure::stopped(kind, How::Killed(lost)))
    }

    /// It was asked to end, and did.
    pub(crate) fn stopped_by_itself(&self) -> Option<Failure> {
        let (kind, _) = self.stopped?;
        Some(failure::stopped(kind, How::ByItself))
    }

    /// It was asked to end, did not, and was left where it was.
    pub(crate) fn stopped_by_leaving(&self, lost: &[String]) -> Failure {
        let kind = self
            .stopped
            .map_or(FailureKind::Interrupted, |(kind, _)| kind);
        failure::stopped(kind, How::Left(lost))
    }

    pub(crate) fn take_panic(&mut self) -> Option<PanicReport> {
        self.panic.take()
    }

    /// Handles what comes from the process until the cell is over.
    pub(crate) fn until_the_end(
        &mut self,
        process: &mut CellProcess,
        interrupt_file: &Path,
        ends_with_value: bool,
        mut ask: Option<&mut Ask>,
        places: Places,
        show: &mut dyn FnMut(Output),
    ) -> Ended {
        loop {
            match process.next(TICK) {
                Ok(event) => self.handle(event, process, &mut ask, places, show),
                Err(RecvTimeoutError::Timeout) => {
                    show(Output::Quiet);
                    if process.has_ended() {
                        // A descendant that cannot be ended may hold its streams for ever.
                        self.gone = [true; 2];
                    } else {
                        self.look_for_reading(process, &mut ask, show);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => self.gone = [true; 2],
            }
            if self
                .bundle_since
                .is_some_and(|since| since.elapsed() > RESULT_DELAY)
            {
                self.flush_bundle(false, show);
            }
            if self
                .held_since
                .is_some_and(|since| since.elapsed() > MAY_BE_PROMPT)
            {
                self.show_held(show);
            }
            if self.gone == [true; 2] {
                self.flush_bundle(false, show);
                let status = process
                    .wait()
                    .map_or_else(|error| error.to_string(), |status| status.to_string());
                return Ended::Died(status);
            }
            if self.ended == [true; 2] {
                let outcome = self.outcome.take().unwrap_or_default();
                if let Some(panic) = self.panic.take_if(|_| !outcome.panicked) {
                    // Somebody caught it, so it is a message, not the end.
                    show(describe(&panic, places));
                }
                self.flush_bundle(
                    ends_with_value && !outcome.panicked && self.stopped.is_none(),
                    show,
                );
                return Ended::Outcome(outcome);
            }
            self.end_if_wanted(process, interrupt_file);
        }
    }

    /// Handles what threads of earlier cells say while no cell runs.
    pub(crate) fn pass_on(
        mut self,
        process: &mut CellProcess,
        places: Places,
        show: &mut dyn FnMut(Output),
    ) {
        for _ in 0..LATE {
            match process.next(Duration::ZERO) {
                Ok(event) => self.handle(event, process, &mut None, places, show),
                Err(_) => break,
            }
        }
        self.flush_bundle(false, show);
        show(Output::Quiet);
    }

    fn end_if_wanted(&mut self, process: &mut CellProcess, interrupt_file: &Path) {
        if self.stopped.is_none()
            && let Some(kind) = self.reason_to_end()
        {
            self.stopped = Some((kind, Instant::now()));
            if kind == FailureKind::Interrupted {
                // When it cannot be written, the cell does not end by itself.
                let _ = std::fs::write(interrupt_file, "");
                process.interrupt();
                // Nor does one that waits for a line.
                process.answer(None);
            }
        }
        if self.stopped.is_none()
            && !self.is_overtaken
            && self.began.elapsed() >= MAY_BE_OVERTAKEN
            && self.overtaken.as_ref().is_some_and(|is_so| is_so())
        {
            self.is_overtaken = true;
            let _ = std::fs::write(interrupt_file, "");
            process.ask_to_end();
        }
        if let Some((kind, since)) = self.stopped
            && !self.killed
            && (kind == FailureKind::Timeout || since.elapsed() >= GRACE)
        {
            self.killed = true;
            process.kill();
        }
    }

    fn handle(
        &mut self,
        (source, item): Event,
        process: &mut CellProcess,
        ask: &mut Option<&mut Ask>,
        places: Places,
        show: &mut dyn FnMut(Output),
    ) {
        let stream = usize::from(source == Source::Err);
        let Some(item) = item else {
            self.gone[stream] = true;
            return;
        };
        match item {
            Item::Text(text) => {
                if source == Source::Out {
                    self.show_bundle(false, show);
                    self.hold(text, ask.is_some(), show);
                } else {
                    self.show_held(show);
                    show(Output::Stderr(text));
                }
            }
            Item::Content { mime, text } => {
                self.show_held(show);
                if self.bundle_is_whole || self.bundle.contains_key(&mime) {
                    self.flush_bundle(false, show);
                }
                // Plain text is the last resort of a front end, and the last form of a thing.
                self.bundle_is_whole = mime == "text/plain";
                let form = wire::form(&mime, text);
                self.bundle.insert(mime, form);
                self.bundle_since = Some(Instant::now());
            }
            Item::Prompt { text, password } => {
                self.show_held(show);
                answer(process, ask, &text, password);
            }
            Item::Report(Report::Display {
                mut data,
                id,
                update,
            }) => {
                for (mime, form) in &mut data {
                    if let Value::String(text) = form {
                        *form = wire::form(mime, std::mem::take(text));
                    }
                }
                shorten_forms(&mut data);
                self.flush_bundle(false, show);
                match id {
                    Some(id) => show(Output::Shared { data, id, update }),
                    None => {
                        self.bundle = data;
                        self.bundle_is_whole = true;
                        self.bundle_since = Some(Instant::now());
                    }
                }
            }
            Item::Report(Report::Clear { wait }) => {
                self.flush_bundle(false, show);
                show(Output::Clear { wait });
            }
            Item::Report(Report::Controls(controls)) => {
                self.flush_bundle(false, show);
                show(Output::Controls(controls));
            }
            Item::Report(Report::Panic(mut panic)) => {
                shorten(&mut panic.message);
                let said = if panic.in_cell {
                    self.panic.replace(panic)
                } else {
                    Some(panic)
                };
                if let Some(panic) = said {
                    show(describe(&panic, places));
                }
            }
            Item::Report(Report::Outcome(mut outcome)) => {
                if let Some(error) = &mut outcome.error {
                    error.chain.iter_mut().for_each(shorten);
                }
                self.outcome = Some(outcome);
            }
            // Only when both are there has everything that the cell printed arrived.
            Item::Report(Report::End) => self.ended[stream] = true,
            // That is for the one who reads the streams.
            Item::Report(Report::Turn) => (),
        }
    }

    /// A cell that reads standard input says nothing; that it waits can only be seen from outside.
    fn look_for_reading(
        &mut self,
        process: &mut CellProcess,
        ask: &mut Option<&mut Ask>,
        show: &mut dyn FnMut(Output),
    ) {
        match process.waits_for_input() {
            Some(true) => self.waits += 1,
            Some(false) => self.waits = 0,
            // Nobody would notice that it waits, and nobody would answer.
            None if ask.is_none() => process.answer(None),
            None => (),
        }
        if self.waits >= 3 {
            self.waits = 0;
            self.held_since = None;
            let prompt = std::mem::take(&mut self.held);
            if ask.is_none() && !prompt.is_empty() {
                show(Output::Stdout(prompt));
                return process.answer(None);
            }
            answer(process, ask, &prompt, false);
        }
    }

    /// Shows text but for what may become the prompt of a question, which the front end shows with it.
    fn hold(&mut self, text: String, may_ask: bool, show: &mut dyn FnMut(Output)) {
        let mut text = std::mem::take(&mut self.held) + &text;
        let end = text.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        if may_ask && text.len() - end <= LONGEST_PROMPT {
            self.held = text.split_off(end);
            self.held_since = match self.held.is_empty() {
                true => None,
                false => self
                    .held_since
                    .filter(|_| end == 0)
                    .or_else(|| Some(Instant::now())),
            };
        }
        if !text.is_empty() {
            show(Output::Stdout(text));
        }
    }

    fn show_held(&mut self, show: &mut dyn FnMut(Output)) {
        self.held_since = None;
        if !self.held.is_empty() {
            show(Output::Stdout(std::mem::take(&mut self.held)));
        }
    }

    /// Shows what waits.
    fn flush_bundle(&mut self, is_result: bool, show: &mut dyn FnMut(Output)) {
        self.show_held(show);
        self.show_bundle(is_result, show);
    }

    fn show_bundle(&mut self, is_result: bool, show: &mut dyn FnMut(Output)) {
        self.bundle_since = None;
        self.bundle_is_whole = false;
        let mut bundle = std::mem::take(&mut self.bundle);
        shorten_forms(&mut bundle);
        // A cell that ends with a loop or a call without a value shows nothing.
        let unit = bundle.len() == 1 && bundle.get("text/plain").is_some_and(|text| text == "()");
        if bundle.is_empty() || (unit && is_result) {
            return;
        }
        show(if is_result {
            Output::Result(bundle)
        } else {
            Output::Display(bundle)
        });
    }
}

fn answer(process: &mut CellProcess, ask: &mut Option<&mut Ask>, prompt: &str, password: bool) {
    let line = ask.as_mut().and_then(|ask| ask(prompt, password));
    process.answer(line.as_deref());
}

/// A panic that does not end the cell.
fn describe(panic: &PanicReport, places: Places) -> Output {
    let language = Language::current();
    let who = match (panic.in_cell, panic.thread.as_str()) {
        (true, _) => language.pick("la celda", "the cell").to_owned(),
        (false, "?") => language.pick("un hilo", "a thread").to_owned(),
        (false, name) => format!("{} `{name}`", language.pick("el hilo", "the thread")),
    };
    let (place, at) = match places(&panic.file, panic.line) {
        Some((cell, line)) => (cell, line),
        None => (panic.file.clone(), panic.line),
    };
    let (did, line) = language.pick(("ha acabado en un panic", "línea"), ("panicked", "line"));
    let message = &panic.message;
    Output::Stderr(format!("{who} {did} ({place}, {line} {at}): {message}\n"))
}

/// The places that `dbg!` names, `[cell-….rs:8:1]`, as places in cells.
pub(crate) fn with_names(text: &str, places: Places) -> String {
    let word = Language::current().pick("línea", "line");
    let mut parts = text.split("[cell-");
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let place = part.split_once(']').and_then(|(place, rest)| {
            let mut words = place.split(':');
            let file = format!("cell-{}", words.next()?);
            let (cell, line) = places(&file, words.next()?.parse().ok()?)?;
            Some((format!("[{cell}, {word} {line}]"), rest))
        });
        match place {
            Some((place, rest)) => named += &(place + rest),
            None => named += &format!("[cell-{part}"),
        }
    }
    named
}

/// Cuts a text that is too long to be of use.
fn shorten(text: &mut String) {
    if text.len() > TEXT_LIMIT {
        let cut = text.floor_char_boundary(TEXT_LIMIT);
        #[allow(clippy::cast_precision_loss)] // shown with one digit
        let megabytes = (text.len() - cut) as f64 / 1e6;
        text.truncate(cut);
        *text += &match Language::current() {
            Language::Es => format!("… [y {megabytes:.1} MB más]"),
            Language::En => format!("… [and {megabytes:.1} MB more]"),
        };
    }
}

fn shorten_forms(forms: &mut Bundle) {
    if let Some(Value::String(text)) = forms.get_mut("text/plain") {
        shorten(text);
    }
    // Half a picture is none; the text remains.
    forms.retain(|_, form| match form {
        Value::String(form) => form.len() <= FORM_LIMIT,
        form => form.to_string().len() <= FORM_LIMIT,
    });
}
