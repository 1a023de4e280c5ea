//! The requests that need the session, one after the other.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use serde_json::{Map, Value, json};

use super::code::{self, Completeness};
use super::history::History;
use super::outputs::Outputs;
use super::server::{Outlets, Request};
use super::widgets::{self, Widgets};
use crate::analysis::patience;
use crate::{Ask, Failure, FailureKind, Options, Output, Session, Stop, warm};

/// Jupyter puts the notebook's file here.
const NOTEBOOK: &str = "JPY_SESSION_NAME";

/// What other threads may ask of the one that serves.
#[derive(Clone, Default)]
pub(super) struct Control {
    stop: Stop,
    busy: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    /// What front ends have said on comms since somebody looked.
    changes: Arc<Mutex<Vec<Value>>>,
    /// What is busy is a cell that runs again for its controls.
    follows: Arc<AtomicBool>,
}

impl Control {
    /// Stops the running cell; nothing happens when none runs.
    pub(super) fn interrupt(&self) {
        if self.busy.load(Ordering::SeqCst) {
            self.stop.stop();
        }
    }

    /// Ends the kernel, whatever it does.
    pub(super) fn shut_down(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.stop.stop();
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Before a cell: an interrupt from before it means nothing.
    fn begin(&self) {
        self.stop.reset();
        self.busy.store(true, Ordering::SeqCst);
        if self.has_ended() {
            self.stop.stop();
        }
    }

    fn end(&self) {
        self.follows.store(false, Ordering::SeqCst);
        self.busy.store(false, Ordering::SeqCst);
    }

    /// Notes what somebody does to a control. A front end sends nothing more of a control until it has heard that this was dealt with;
    /// so that what is newer is known, it hears that at once, but for a change that waits for the end of a cell.
    pub(super) fn note_change(&self, request: &mut Request, outlets: &Outlets) {
        let method = request.content["data"]["method"].as_str();
        if !matches!(method, Some("update" | "custom")) {
            return;
        }
        self.changes().push(request.content.clone());
        let follows = self.follows.load(Ordering::SeqCst);
        if follows || !self.busy.load(Ordering::SeqCst) {
            request.is_told = true;
            outlets.status(request, "busy");
            outlets.status(request, "idle");
            if follows {
                outlets.status(request, "busy");
            }
        }
    }

    fn changes(&self) -> MutexGuard<'_, Vec<Value>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is news of one of these.
    fn overtaken(&self, widgets: Vec<Widgets>) -> Box<dyn Fn() -> bool> {
        let control = self.clone();
        Box::new(move || {
            let changes = control.changes();
            let mut comms = changes
                .iter()
                .filter_map(|change| change["comm_id"].as_str());
            comms.any(|comm| widgets.iter().any(|widgets| widgets.own(comm)))
        })
    }
}

/// What a request of a kind is answered with.
pub(super) fn reply_kind(request: &str) -> String {
    match request.strip_suffix("_request") {
        Some(name) => format!("{name}_reply"),
        None => format!("{request}_reply"),
    }
}

/// The answer to a request that nobody here knows.
pub(super) fn not_known(kind: &str) -> Value {
    json!({
        "status": "error",
        "ename": "NotSupported",
        "evalue": format!("this kernel does not know {kind}"),
        "traceback": [],
    })
}

/// Starts the session and answers requests until the kernel is shut down.
pub(super) fn serve(
    requests: &Receiver<Request>,
    answers: &Receiver<Request>,
    outlets: &Outlets,
    control: &Control,
) {
    let mut server = Server {
        session: Session::start(Options::default(), control.stop.clone())
            .map_err(|error| error.to_string()),
        history: History::default(),
        count: 0,
        failed_at: None,
        outputs: None,
        live: Vec::new(),
        answers: answers.clone(),
        requests: requests.clone(),
        outlets,
        control,
    };
    if let Ok(session) = &mut server.session {
        if let Some(file) = std::env::var_os(NOTEBOOK).map(PathBuf::from) {
            build_ahead(&file);
            session.set_notebook(file);
        }
        if requests.is_empty() {
            session.warm_up();
        }
    }
    while !control.has_ended() {
        match requests.recv_timeout(Duration::from_millis(50)) {
            Ok(request) => server.handle(&request),
            Err(RecvTimeoutError::Timeout) => server.pass_on(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Builds the library of the course in the background, if the notebook asks for it and it is not built yet: whoever reads the
/// first lines does not wait for it afterwards. It ends with the kernel.
fn build_ahead(notebook: &Path) {
    let is_asked_for =
        std::fs::read_to_string(notebook).is_ok_and(|text| text.contains("\":dep gradus = { path"));
    let folder = std::env::current_dir().ok();
    let library = folder.and_then(|folder| warm::library(&folder));
    if let Some(library) = library.filter(|_| is_asked_for) {
        // What goes wrong the first cell says.
        std::thread::spawn(move || warm::warm(&library, &Stop::default(), &mut |_| ()).map(|_| ()));
    }
}

/// A cell with controls, and its request.
struct Live {
    cause: Request,
    code: String,
    number: Option<usize>,
    count: i64,
    widgets: Vec<Widgets>,
    /// A run for them was overtaken.
    is_due: bool,
}

impl Live {
    fn has(&self, comm: &str) -> bool {
        self.widgets.iter().any(|widgets| widgets.own(comm))
    }

    /// Whether it is the cell of a notebook that this request runs, or has deleted.
    fn is_replaced_by(&self, request: &Request) -> bool {
        let id = |request: &Request| request.metadata["cellId"].as_str().map(str::to_owned);
        let deleted = request.metadata["deletedCells"].as_array();
        match (id(&self.cause), id(request)) {
            (Some(its), Some(id)) => {
                its == id || deleted.into_iter().flatten().any(|deleted| *deleted == its)
            }
            _ => request.content["code"] == self.code,
        }
    }
}

struct Server<'a> {
    /// Or why there is none.
    session: Result<Session, String>,
    history: History,
    count: i64,
    /// When a cell failed last: cells that had come before that are not run.
    failed_at: Option<Instant>,
    /// Those of the last cell: its threads may still have something to say.
    outputs: Option<Outputs>,
    /// The cells whose controls can be used.
    live: Vec<Live>,
    answers: Receiver<Request>,
    /// Those that wait for this one to be answered.
    requests: Receiver<Request>,
    outlets: &'a Outlets,
    control: &'a Control,
}

impl Server<'_> {
    fn handle(&mut self, request: &Request) {
        self.handle_by(request, Server::answer);
    }

    fn handle_by(
        &mut self,
        request: &Request,
        answer: impl FnOnce(&mut Self, &Request) -> Option<Value>,
    ) {
        if !request.is_told {
            self.outlets.status(request, "busy");
        }
        // Whatever happens inside, there is an answer.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| answer(self, request)));
        let content = result.unwrap_or_else(|_| {
            self.control.end();
            if let Ok(session) = &mut self.session {
                session.set_ask(None);
            }
            let words = "the kernel failed inside; the session goes on";
            let failure = Failure::new(FailureKind::Internal, words);
            Some(match request.kind() {
                "execute_request" => self.failed(request, &failure, false),
                _ => error(&failure),
            })
        });
        if let Some(content) = content {
            self.reply(request, content);
        }
        if !request.is_told {
            self.outlets.status(request, "idle");
        }
    }

    /// Passes on what threads of the last cell say after its end.
    fn pass_on(&mut self) {
        if let (Ok(session), Some(outputs)) = (&mut self.session, &mut self.outputs) {
            session.pass_on(&mut |output| outputs.push(output));
        }
    }

    fn reply(&self, request: &Request, content: Value) {
        let _ = self
            .outlets
            .shell
            .send(request.message(&reply_kind(request.kind()), content));
    }

    /// The content of the reply; some messages have none.
    fn answer(&mut self, request: &Request) -> Option<Value> {
        let content = &request.content;
        let reply = match request.kind() {
            "execute_request" if self.failed_at.is_some_and(|at| request.received < at) => {
                json!({"status": "aborted", "execution_count": self.count})
            }
            "execute_request" => self.execute(request),
            "complete_request" => self.complete(content),
            "inspect_request" => self.inspect(content),
            "is_complete_request" => {
                match code::completeness(content["code"].as_str().unwrap_or_default()) {
                    Completeness::Complete => json!({"status": "complete"}),
                    Completeness::Incomplete(spaces) => {
                        json!({"status": "incomplete", "indent": " ".repeat(spaces)})
                    }
                    Completeness::Invalid => json!({"status": "invalid"}),
                }
            }
            "history_request" => self.history.answer(content),
            "comm_info_request" => {
                json!({"status": "ok", "comms": self.comms(&content["target_name"])})
            }
            "comm_open" => {
                // There are no targets: the protocol wants it closed at once.
                let id = json!({"comm_id": content["comm_id"], "data": {}});
                self.outlets.publish(request, "comm_close", id);
                return None;
            }
            "comm_msg" => {
                self.tell_state(request);
                self.follow();
                return None;
            }
            "comm_close" => {
                let comm = content["comm_id"].as_str().unwrap_or_default();
                self.close(request, |live| live.has(comm));
                return None;
            }
            other => not_known(other),
        };
        Some(reply)
    }

    fn execute(&mut self, request: &Request) -> Value {
        let content = &request.content;
        let code = content["code"].as_str().unwrap_or_default();
        let silent = content["silent"].as_bool().unwrap_or(false);
        let store = !silent && content["store_history"].as_bool().unwrap_or(true);
        let is_empty = code.trim().is_empty();
        if !silent {
            if store && !is_empty {
                self.count += 1;
                self.history.add(self.count, code);
            }
            let input = json!({"code": code, "execution_count": self.count});
            self.outlets.publish(request, "execute_input", input);
        }
        if let Some(mut earlier) = self.outputs.take() {
            earlier.finish();
        }
        if !silent {
            self.close(request, |live| live.is_replaced_by(request));
        }
        let mut outputs = Outputs::new(self.outlets, request, self.count, !silent);
        let outcome = if is_empty {
            Ok(())
        } else {
            let may_ask = content["allow_stdin"].as_bool().unwrap_or(true);
            let ask = may_ask.then(|| asker(request, self.outlets, &self.answers, self.control));
            let number = usize::try_from(self.count).ok().filter(|_| store);
            if let Ok(session) = &mut self.session {
                // JupyterLab says which cell it is, and which were deleted.
                let metadata = &request.metadata;
                let id = metadata["cellId"].as_str().map(str::to_owned);
                let deleted = metadata["deletedCells"].as_array().into_iter().flatten();
                let deleted = deleted.filter_map(|id| id.as_str().map(str::to_owned));
                session.expect_cell(id, deleted.collect());
            }
            let mut show = |output| outputs.push(output);
            run(
                &mut self.session,
                self.control,
                code,
                number,
                ask,
                &mut show,
            )
        };
        let is_shown = outcome
            .as_ref()
            .is_err_and(|failure| outputs.push_failure(failure));
        outputs.finish();
        if !outputs.widgets.is_empty() {
            self.live.push(Live {
                cause: request.clone(),
                code: code.to_owned(),
                number: usize::try_from(self.count).ok().filter(|_| store),
                count: self.count,
                widgets: std::mem::take(&mut outputs.widgets),
                is_due: false,
            });
        }
        if let (Ok(session), false, false) = (&self.session, silent, is_empty)
            && let Some(line) = session.time_line()
        {
            outputs.push_note(&line);
        }
        if let Some(value) = outputs.value.take()
            && store
        {
            self.history.set_output(&value);
        }
        self.outputs = Some(outputs);
        match outcome {
            Ok(()) => {
                let expressions = self.expressions(&content["user_expressions"]);
                json!({
                    "status": "ok",
                    "execution_count": self.count,
                    "user_expressions": expressions,
                    "payload": [],
                })
            }
            Err(failure) => self.failed(request, &failure, is_shown),
        }
    }

    /// Gives the reply that says why a cell failed, and publishes that, unless it is shown already.
    fn failed(&mut self, request: &Request, failure: &Failure, is_shown: bool) -> Value {
        let mut content = error(failure);
        content["html"] = json!(failure.html());
        if !is_shown {
            self.outlets.publish(request, "error", content.clone());
        }
        if request.content["stop_on_error"].as_bool().unwrap_or(true) {
            self.failed_at = Some(Instant::now());
        }
        content["status"] = json!("error");
        content["execution_count"] = json!(self.count);
        content["user_expressions"] = json!({});
        content["payload"] = json!([]);
        content
    }

    /// The comms of this target, or of all.
    fn comms(&self, target: &Value) -> Map<String, Value> {
        let all = self.live.iter().flat_map(|live| &live.widgets);
        let all = all.flat_map(Widgets::models);
        let all = all.filter(|_| {
            target
                .as_str()
                .is_none_or(|target| target == widgets::TARGET)
        });
        all.map(|(comm, _)| (comm, json!({"target_name": widgets::TARGET})))
            .collect()
    }

    /// Tells a front end that has just come what a widget is like.
    fn tell_state(&self, request: &Request) {
        let content = &request.content;
        if content["data"]["method"] != "request_state" {
            return;
        }
        let all = self.live.iter().flat_map(|live| &live.widgets);
        let mut models = all.flat_map(Widgets::models);
        if let Some((comm, state)) = models.find(|(comm, _)| content["comm_id"] == *comm) {
            let data = json!({"method": "update", "state": state, "buffer_paths": []});
            let content = json!({"comm_id": comm, "data": data});
            self.outlets.publish(request, "comm_msg", content);
        }
    }

    /// Takes the controls of some cells away.
    fn close(&mut self, cause: &Request, is_meant: impl Fn(&Live) -> bool) {
        for live in self.live.extract_if(.., |live| is_meant(live)) {
            for (comm, _) in live.widgets.iter().flat_map(Widgets::models) {
                let content = json!({"comm_id": comm, "data": {}});
                self.outlets.publish(cause, "comm_close", content);
            }
        }
    }

    /// Runs the cells again whose controls have changed, each once.
    fn follow(&mut self) {
        let changes = std::mem::take(&mut *self.control.changes());
        let mut changed = BTreeSet::new();
        for change in &changes {
            let comm = change["comm_id"].as_str().unwrap_or_default();
            for (at, live) in self.live.iter_mut().enumerate() {
                for widgets in &mut live.widgets {
                    if widgets.take(comm, &change["data"]) {
                        changed.insert(at);
                    }
                }
            }
        }
        let due = self.live.iter_mut().enumerate();
        changed.extend(due.filter_map(|(at, live)| std::mem::take(&mut live.is_due).then_some(at)));
        for at in changed {
            self.run_again(at);
        }
    }

    fn run_again(&mut self, at: usize) {
        let (Ok(session), Some(live)) = (&mut self.session, self.live.get_mut(at)) else {
            return;
        };
        if let Some(mut earlier) = self.outputs.take() {
            earlier.finish();
        }
        let places = live.widgets.iter().map(Widgets::place).collect();
        let mut outputs = Outputs::again(self.outlets, &live.cause, live.count, places);
        let values: Value = live.widgets.iter().map(Widgets::values).collect();
        let overtaken = self.control.overtaken(live.widgets.clone());
        self.outlets.status(&live.cause, "busy");
        self.control.begin();
        self.control.follows.store(true, Ordering::SeqCst);
        let result = session.execute_again(
            &live.code,
            live.number,
            values.to_string(),
            overtaken,
            &mut |output| outputs.push(output),
        );
        self.control.end();
        live.is_due = result.is_none();
        if let Some(result) = result {
            if let Err(failure) = result {
                outputs.push_failure(&failure);
            }
            outputs.finish_again();
            self.outputs = Some(outputs);
        }
        self.outlets.status(&live.cause, "idle");
    }

    /// Evaluates `user_expressions`: a value for each name.
    fn expressions(&mut self, wanted: &Value) -> Map<String, Value> {
        let mut values = Map::new();
        for (name, code) in wanted.as_object().into_iter().flatten() {
            let mut value = None;
            let code = code.as_str().unwrap_or_default();
            let mut show = |output| {
                if let Output::Result(bundle) = output {
                    value = Some(bundle);
                }
            };
            let (session, control) = (&mut self.session, self.control);
            let outcome = run(session, control, code, None, None, &mut show);
            let content = match outcome {
                Ok(()) => {
                    json!({"status": "ok", "data": value.unwrap_or_default(), "metadata": {}})
                }
                Err(failure) => error(&failure),
            };
            values.insert(name.clone(), content);
        }
        values
    }

    fn complete(&mut self, content: &Value) -> Value {
        let code = content["code"].as_str().unwrap_or_default();
        let at = code::byte_offset(code, cursor(content, code));
        let found = match &mut self.session {
            Ok(session) => session.complete(code, at, &|| patience(!self.requests.is_empty())),
            Err(_) => crate::Completions::default(),
        };
        // Nothing found, or nothing sensible: nothing is replaced.
        let range = if found.matches.is_empty() || found.range.start > at {
            at..at
        } else {
            found.range
        };
        let (start, end) = (
            code::character_offset(code, range.start),
            code::character_offset(code, range.end.max(range.start)),
        );
        let types: Vec<Value> = found
            .matches
            .iter()
            .map(|found| {
                json!({"text": found.code, "type": found.kind, "signature": found.label, "start": start, "end": end})
            })
            .collect();
        json!({
            "status": "ok",
            "matches": found.matches.iter().map(|found| &found.code).collect::<Vec<_>>(),
            "cursor_start": start,
            "cursor_end": end,
            "metadata": {"_jupyter_types_experimental": types},
        })
    }

    fn inspect(&mut self, content: &Value) -> Value {
        let code = content["code"].as_str().unwrap_or_default();
        let at = code::byte_offset(code, cursor(content, code));
        let found = match (&mut self.session, code::end_of_name(code, at)) {
            (Ok(session), Some(end)) => {
                session.inspect(code, end, &|| patience(!self.requests.is_empty()))
            }
            _ => None,
        };
        match found {
            Some((text, html)) => {
                json!({
                    "status": "ok",
                    "found": true,
                    "data": {"text/plain": text, "text/html": html},
                    "metadata": {},
                })
            }
            None => json!({"status": "ok", "found": false, "data": {}, "metadata": {}}),
        }
    }
}

fn error(failure: &Failure) -> Value {
    json!({
        "status": "error",
        "ename": failure.kind.name(),
        "evalue": failure.message,
        "traceback": failure.traceback,
    })
}

/// The cursor, in code points; without one, the end.
fn cursor(content: &Value, code: &str) -> usize {
    let position = content["cursor_pos"]
        .as_u64()
        .and_then(|at| usize::try_from(at).ok());
    position.unwrap_or_else(|| code.chars().count())
}

fn run(
    session: &mut Result<Session, String>,
    control: &Control,
    code: &str,
    number: Option<usize>,
    ask: Option<Ask>,
    show: &mut dyn FnMut(Output),
) -> Result<(), Failure> {
    match session {
        Ok(session) => {
            session.set_ask(ask);
            control.begin();
            let result = session.execute(code, number, None, show);
            control.end();
            session.set_ask(None);
            result
        }
        Err(problem) => Err(Failure::new(FailureKind::Internal, problem.as_str())),
    }
}

/// Asks the front end that sent `request`.
fn asker(
    request: &Request,
    outlets: &Outlets,
    answers: &Receiver<Request>,
    control: &Control,
) -> Ask {
    let (request, outlets) = (request.clone(), outlets.clone());
    let (answers, control) = (answers.clone(), control.clone());
    Box::new(move |prompt, password| {
        // An answer to an earlier question is none to this one.
        while answers.try_recv().is_ok() {}
        let question = json!({"prompt": prompt, "password": password});
        outlets
            .stdin
            .send(request.message("input_request", question))
            .ok()?;
        loop {
            match answers.recv_timeout(Duration::from_millis(50)) {
                Ok(answer) => return answer.content["value"].as_str().map(str::to_owned),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if control.stop.is_asked() => return None,
                Err(RecvTimeoutError::Timeout) => (),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jupyter_protocol::messaging::JupyterMessage;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    fn said(messages: &mut UnboundedReceiver<JupyterMessage>) -> Vec<(String, Value)> {
        std::iter::from_fn(|| messages.try_recv().ok())
            .map(|message| {
                let content = serde_json::to_value(&message.content).unwrap();
                (message.header.msg_type, content)
            })
            .collect()
    }

    #[test]
    fn a_panic_inside_is_an_error_for_the_front_end_and_the_next_request_is_answered() {
        let (shell, mut replies) = unbounded_channel();
        let (stdin, _questions) = unbounded_channel();
        let (iopub, mut published) = unbounded_channel();
        let outlets = Outlets::new(shell, stdin, iopub);
        let control = Control::default();
        let mut server = Server {
            session: Err("none is needed".to_owned()),
            history: History::default(),
            count: 3,
            failed_at: None,
            outputs: None,
            live: Vec::new(),
            answers: crossbeam_channel::never(),
            requests: crossbeam_channel::never(),
            outlets: &outlets,
            control: &control,
        };
        let cell = Request::of("execute_request", json!({"code": "x"}));
        server.handle_by(&cell, |server, _| {
            server.control.begin();
            panic!("inside")
        });
        let published_now = said(&mut published);
        let kinds: Vec<&str> = published_now
            .iter()
            .map(|(kind, _)| kind.as_str())
            .collect();
        assert_eq!(kinds, ["status", "error", "status"]);
        assert_eq!(published_now[1].1["ename"], "InternalError");
        assert_eq!(published_now[2].1["execution_state"], "idle");
        let replied = said(&mut replies);
        assert_eq!(replied.len(), 1);
        assert_eq!(replied[0].0, "execute_reply");
        assert_eq!(replied[0].1["status"], "error");
        assert_eq!(replied[0].1["execution_count"], 3);
        // Nothing runs any more, so an interrupt means nothing.
        control.interrupt();
        assert!(!control.stop.is_asked());

        server.handle(&Request::of("is_complete_request", json!({"code": "x"})));
        assert_eq!(said(&mut replies)[0].1["status"], "complete");
    }
}
