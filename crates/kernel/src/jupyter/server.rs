//! The sockets of a kernel.
//!
//! An async task per socket moves messages; none of them ever waits for a cell. Requests that need
//! the session go to one thread in the order in which they came (`requests.rs`); what must be
//! answered at once is answered here: `kernel_info`, the heartbeat, everything on the control channel.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use jupyter_protocol::ConnectionInfo;
use jupyter_protocol::messaging::{Header, JupyterMessage, JupyterMessageContent, UnknownMessage};
use jupyter_zmq_client::{
    Connection, RawMessage, SubscriptionEvent, create_kernel_control_connection,
    create_kernel_heartbeat_connection, create_kernel_iopub_xpub_connection,
    create_kernel_shell_connection, create_kernel_stdin_connection,
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zeromq::{SocketRecv, SocketSend};

use super::parent;
use super::requests::{self, Control};
use super::widgets;
use crate::{Error, toolchain};

/// The version of the protocol that is spoken.
pub(super) const PROTOCOL: &str = "5.4";

/// A request as it came, with what a reply needs.
#[derive(Clone, Debug)]
pub(super) struct Request {
    identities: Vec<bytes::Bytes>,
    header: Header,
    pub(super) metadata: Value,
    pub(super) content: Value,
    pub(super) received: Instant,
    /// The front end has heard already that it is dealt with.
    pub(super) is_told: bool,
}

impl Request {
    pub(super) fn kind(&self) -> &str {
        &self.header.msg_type
    }

    #[cfg(test)]
    pub(super) fn of(kind: &str, content: Value) -> Request {
        Request {
            identities: Vec::new(),
            header: new_message(kind, json!({})).header,
            metadata: json!({}),
            content,
            received: Instant::now(),
            is_told: false,
        }
    }

    /// Its id, which no other request has.
    pub(super) fn id(&self) -> &str {
        &self.header.msg_id
    }

    /// A message that this request is the cause of.
    pub(super) fn message(&self, kind: &str, content: Value) -> JupyterMessage {
        let mut message = new_message(kind, content);
        message.zmq_identities = self.identities.clone();
        message.header.session.clone_from(&self.header.session);
        message.parent_header = Some(self.header.clone());
        message
    }
}

fn new_message(kind: &str, content: Value) -> JupyterMessage {
    let content = JupyterMessageContent::UnknownMessage(UnknownMessage {
        msg_type: kind.to_owned(),
        content,
    });
    let mut message = JupyterMessage::new(content, None);
    message.header.version = PROTOCOL.to_owned();
    message.header.username = "gradus".to_owned();
    message
}

/// Where messages leave, from any thread.
#[derive(Clone)]
pub(super) struct Outlets {
    pub(super) shell: UnboundedSender<JupyterMessage>,
    pub(super) stdin: UnboundedSender<JupyterMessage>,
    iopub: UnboundedSender<JupyterMessage>,
    /// How many messages wait to be published.
    queued: Arc<AtomicUsize>,
}

/// So many messages may wait before it is said that it is crowded.
const CROWD: usize = 64;

impl Outlets {
    pub(super) fn new(
        shell: UnboundedSender<JupyterMessage>,
        stdin: UnboundedSender<JupyterMessage>,
        iopub: UnboundedSender<JupyterMessage>,
    ) -> Outlets {
        let queued = Arc::default();
        Outlets {
            shell,
            stdin,
            iopub,
            queued,
        }
    }

    /// Whether the front ends do not keep up: what a cell shows should wait. What they must know does not.
    pub(super) fn are_crowded(&self) -> bool {
        self.queued.load(Ordering::Relaxed) >= CROWD
    }

    /// Publishes to all front ends.
    pub(super) fn publish(&self, cause: &Request, kind: &str, content: Value) {
        let mut message = cause.message(kind, content);
        message.zmq_identities = vec![kind.to_owned().into()];
        self.queue(message);
    }

    /// Tells all front ends of a new widget.
    pub(super) fn open_comm(&self, cause: &Request, comm: &str, state: Value) {
        let content = json!({
            "comm_id": comm,
            "target_name": widgets::TARGET,
            "data": {"state": state, "buffer_paths": []},
        });
        let mut message = cause.message("comm_open", content);
        message.metadata = json!({"version": widgets::VERSION});
        message.zmq_identities = vec!["comm_open".into()];
        self.queue(message);
    }

    fn queue(&self, message: JupyterMessage) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        let _ = self.iopub.send(message);
    }

    pub(super) fn status(&self, cause: &Request, state: &str) {
        self.publish(cause, "status", json!({"execution_state": state}));
    }
}

/// Serves the front ends that know `connection_file` until one of them shuts the kernel down.
///
/// # Errors
/// When the file is missing or wrong, or a port is taken.
pub fn serve(connection_file: &Path) -> Result<(), Error> {
    let text = std::fs::read_to_string(connection_file)
        .map_err(|error| Error::io("cannot read the connection file", connection_file, error))?;
    let connection: ConnectionInfo = serde_json::from_str(&text).map_err(|error| {
        let file = connection_file.display();
        Error::new(format!("the connection file {file} is wrong: {error}"))
    })?;
    if connection.signature_scheme != "hmac-sha256" && !connection.key.is_empty() {
        return Err(Error::new(format!(
            "the connection file asks for the signature scheme {}, only hmac-sha256 is known",
            connection.signature_scheme
        )));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("cannot start: {error}")))?;
    let result = runtime.block_on(serve_async(&connection));
    runtime.shutdown_background();
    result
}

async fn serve_async(info: &ConnectionInfo) -> Result<(), Error> {
    let session = format!("gradus-{}", std::process::id());
    let taken = |name: &'static str, port: u16| {
        move |error: jupyter_zmq_client::RuntimeError| {
            Error::new(format!("cannot listen on port {port} for {name}: {error}"))
        }
    };
    let heartbeat = create_kernel_heartbeat_connection(info)
        .await
        .map_err(taken("the heartbeat", info.hb_port))?;
    let shell = create_kernel_shell_connection(info, &session)
        .await
        .map_err(taken("shell", info.shell_port))?;
    let control = create_kernel_control_connection(info, &session)
        .await
        .map_err(taken("control", info.control_port))?;
    let stdin = create_kernel_stdin_connection(info, &session)
        .await
        .map_err(taken("stdin", info.stdin_port))?;
    let iopub = create_kernel_iopub_xpub_connection(info, &session)
        .await
        .map_err(taken("iopub", info.iopub_port))?;

    let (shell_out, shell_messages) = unbounded_channel();
    let (control_out, control_messages) = unbounded_channel();
    let (stdin_out, stdin_messages) = unbounded_channel();
    let (iopub_out, iopub_messages) = unbounded_channel();
    let outlets = Outlets::new(shell_out, stdin_out, iopub_out);
    outlets.queue(new_message(
        "status",
        json!({"execution_state": "starting"}),
    ));

    let (shell_send, shell_recv) = shell.split();
    let (control_send, control_recv) = control.split();
    let (stdin_send, stdin_recv) = stdin.split();
    let (requests_in, requests_out) = crossbeam_channel::unbounded();
    let (answers_in, answers) = crossbeam_channel::unbounded();
    let (ended, mut end) = unbounded_channel();
    let control_of_session = Control::default();
    parent::watch(control_of_session.clone());
    std::thread::Builder::new()
        .name("gradus-requests".to_owned())
        .spawn({
            let (outlets, control) = (outlets.clone(), control_of_session.clone());
            move || {
                requests::serve(&requests_out, &answers, &outlets, &control);
                let _ = ended.send(());
            }
        })
        .map_err(|error| Error::new(format!("cannot start a thread: {error}")))?;

    tokio::spawn(beat(heartbeat.socket));
    tokio::spawn(send_all(shell_send, shell_messages, |_| ()));
    tokio::spawn(send_all(control_send, control_messages, |_| ()));
    tokio::spawn(send_all(stdin_send, stdin_messages, {
        // Nobody is there to answer: an answer without a value is the end of the input.
        let answers_in = answers_in.clone();
        move |question| {
            let _ = answers_in.send(Request {
                identities: Vec::new(),
                header: question,
                metadata: Value::Null,
                content: Value::Null,
                received: Instant::now(),
                is_told: false,
            });
        }
    }));
    let iopub = tokio::spawn(publish_all(iopub, iopub_messages, outlets.queued.clone()));
    tokio::spawn(receive_all(stdin_recv, move |answer| {
        let _ = answers_in.send(answer);
    }));
    tokio::spawn(receive_all(shell_recv, {
        let (outlets, control) = (outlets.clone(), control_of_session.clone());
        move |mut request| match request.kind() {
            "kernel_info_request" => answer_kernel_info(&request, &outlets, &outlets.shell),
            "comm_msg" => {
                control.note_change(&mut request, &outlets);
                let _ = requests_in.send(request);
            }
            _ => {
                let _ = requests_in.send(request);
            }
        }
    }));
    tokio::spawn(receive_all(control_recv, {
        let (outlets, control) = (outlets.clone(), control_of_session.clone());
        move |request| answer_control(&request, &outlets, &control_out, &control)
    }));
    tokio::spawn({
        let control = control_of_session.clone();
        async move {
            use tokio::signal::unix::{SignalKind, signal};
            let Ok(mut interrupts) = signal(SignalKind::interrupt()) else {
                return;
            };
            while interrupts.recv().await.is_some() {
                control.interrupt();
            }
        }
    });
    tokio::spawn({
        let control = control_of_session.clone();
        async move {
            use tokio::signal::unix::{SignalKind, signal};
            let Ok(mut terms) = signal(SignalKind::terminate()) else {
                return;
            };
            terms.recv().await;
            control.shut_down();
        }
    });

    end.recv().await;
    // What is on its way still goes out.
    drop(outlets);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(200), iopub).await;
    Ok(())
}

fn answer_kernel_info(request: &Request, outlets: &Outlets, out: &UnboundedSender<JupyterMessage>) {
    outlets.status(request, "busy");
    let _ = out.send(request.message("kernel_info_reply", kernel_info()));
    outlets.status(request, "idle");
}

fn answer_control(
    request: &Request,
    outlets: &Outlets,
    out: &UnboundedSender<JupyterMessage>,
    control: &Control,
) {
    outlets.status(request, "busy");
    let kind = request.kind();
    let content = match kind {
        "kernel_info_request" => kernel_info(),
        "interrupt_request" => {
            control.interrupt();
            json!({"status": "ok"})
        }
        "shutdown_request" => {
            let restart = request.content["restart"].as_bool().unwrap_or(false);
            let content = json!({"status": "ok", "restart": restart});
            outlets.publish(request, "shutdown_reply", content.clone());
            content
        }
        other => requests::not_known(other),
    };
    let _ = out.send(request.message(&requests::reply_kind(kind), content));
    outlets.status(request, "idle");
    if kind == "shutdown_request" {
        control.shut_down();
    }
}

fn kernel_info() -> Value {
    json!({
        "status": "ok",
        "protocol_version": PROTOCOL,
        "implementation": "gradus",
        "implementation_version": env!("CARGO_PKG_VERSION"),
        "language_info": {
            "name": "rust",
            "version": toolchain::rust_release(),
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygments_lexer": "rust",
            "codemirror_mode": "rust",
        },
        "banner": "Gradus: training neural networks, step by step, in Rust",
        "debugger": false,
        "supported_features": [],
        "help_links": [
            {"text": "The Rust book", "url": "https://doc.rust-lang.org/book/"},
            {"text": "El libro de Rust", "url": "https://book.rustlang-es.org/"},
            {"text": "evcxr, the stock kernel", "url": "https://github.com/evcxr/evcxr"},
        ],
    })
}

async fn beat(mut socket: zeromq::RepSocket) {
    while let Ok(message) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

async fn send_all<S: SocketSend>(
    mut connection: Connection<S>,
    mut messages: UnboundedReceiver<JupyterMessage>,
    failed: impl Fn(Header),
) {
    while let Some(message) = messages.recv().await {
        let header = message.header.clone();
        connection.session_id.clone_from(&header.session);
        // A front end that has gone away is no reason to stop.
        if let Err(error) = connection.send(message).await {
            eprintln!("gradus: a message could not be sent: {error}");
            failed(header);
        }
    }
}

async fn publish_all(
    mut connection: Connection<zeromq::XPubSocket>,
    mut messages: UnboundedReceiver<JupyterMessage>,
    queued: Arc<AtomicUsize>,
) {
    loop {
        tokio::select! {
            message = messages.recv() => {
                let Some(message) = message else { return };
                connection.session_id.clone_from(&message.header.session);
                if let Err(error) = connection.send(message).await {
                    eprintln!("gradus: a message could not be published: {error}");
                }
                queued.fetch_sub(1, Ordering::Relaxed);
            }
            event = connection.recv_subscription() => match event {
                Ok(SubscriptionEvent::Subscribe(topic)) => {
                    let mut welcome = new_message("iopub_welcome", json!({"subscription": topic}));
                    welcome.zmq_identities = vec![topic.into()];
                    if let Err(error) = connection.send(welcome).await {
                        eprintln!("gradus: a front end could not be welcomed: {error}");
                    }
                }
                Ok(SubscriptionEvent::Unsubscribe(_)) => (),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
    }
}

async fn receive_all<S: SocketRecv>(mut connection: Connection<S>, handle: impl Fn(Request)) {
    let mut failures = 0;
    loop {
        let message = match connection.socket.recv().await {
            Ok(message) => message,
            Err(error) => {
                // A client that speaks nonsense breaks its own connection only.
                failures += 1;
                if failures > 1000 {
                    eprintln!("gradus: no message can be received any more: {error}");
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                continue;
            }
        };
        failures = 0;
        match read(message, &connection) {
            Ok(request) => handle(request),
            Err(problem) => eprintln!("gradus: a message was dropped: {problem}"),
        }
    }
}

fn read<S>(message: zeromq::ZmqMessage, connection: &Connection<S>) -> Result<Request, String> {
    let raw =
        RawMessage::from_multipart(message, &connection.mac).map_err(|error| error.to_string())?;
    let parse = |part: usize| serde_json::from_slice::<Value>(&raw.jparts[part]);
    let header = parse(0)
        .and_then(serde_json::from_value)
        .map_err(|error| error.to_string())?;
    let metadata = parse(2).unwrap_or_default();
    let content = parse(3).map_err(|error| error.to_string())?;
    Ok(Request {
        identities: raw.zmq_identities,
        header,
        metadata,
        content,
        received: Instant::now(),
        is_told: false,
    })
}
