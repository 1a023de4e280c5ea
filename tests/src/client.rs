//! A Jupyter front end without Python: it starts the kernel as Jupyter does and talks to it over its sockets.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jupyter_protocol::messaging::{JupyterMessage, JupyterMessageContent, UnknownMessage};
use jupyter_protocol::{ConnectionInfo, Transport};
use jupyter_zmq_client::{
    ClientControlConnection, ClientIoPubConnection, ClientShellConnection, ClientStdinConnection,
    create_client_control_connection, create_client_heartbeat_connection,
    create_client_iopub_connection, create_client_shell_connection_with_identity,
    create_client_stdin_connection_with_identity, peek_ports, peer_identity_for_session,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running kernel and the connections to it.
pub struct Kernel {
    runtime: Runtime,
    process: Child,
    shell: ClientShellConnection,
    iopub: ClientIoPubConnection,
    control: ClientControlConnection,
    stdin: ClientStdinConnection,
    /// Replies that came before somebody asked for them.
    replies: Vec<JupyterMessage>,
    info: ConnectionInfo,
    folder: tempfile::TempDir,
}

/// What a cell did.
#[derive(Debug, Default)]
pub struct Cell {
    /// The content of the reply.
    pub reply: Value,
    /// Type, content and time since the request of everything that was published.
    pub outputs: Vec<(String, Value, Duration)>,
}

impl Cell {
    /// The text of a stream.
    pub fn stream(&self, name: &str) -> String {
        let of_stream = self
            .outputs
            .iter()
            .filter(|(kind, content, _)| kind == "stream" && content["name"] == name);
        of_stream
            .filter_map(|(_, content, _)| content["text"].as_str())
            .collect()
    }

    /// The value as text.
    pub fn value(&self) -> Option<&str> {
        let result = self
            .outputs
            .iter()
            .find(|(kind, _, _)| kind == "execute_result");
        result.and_then(|(_, content, _)| content["data"]["text/plain"].as_str())
    }

    /// Whether the reply says `ok`.
    pub fn is_ok(&self) -> bool {
        self.reply["status"] == "ok"
    }

    /// How many messages of a kind there are.
    pub fn count(&self, kind: &str) -> usize {
        self.of_kind(kind).count()
    }

    /// The contents of the messages of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let outputs = self.outputs.iter().filter(move |(its, _, _)| its == kind);
        outputs.map(|(_, content, _)| content)
    }

    /// Name and message of the error in the reply.
    pub fn error(&self) -> (&str, &str) {
        let text = |key: &str| self.reply[key].as_str().unwrap_or_default();
        (text("ename"), text("evalue"))
    }
}

/// A connection for a kernel on ports that nobody uses now.
fn free_ports(runtime: &Runtime) -> ConnectionInfo {
    let ports = runtime
        .block_on(peek_ports([127, 0, 0, 1].into(), 5))
        .expect("free ports");
    ConnectionInfo {
        ip: "127.0.0.1".to_owned(),
        transport: Transport::TCP,
        shell_port: ports[0],
        iopub_port: ports[1],
        stdin_port: ports[2],
        control_port: ports[3],
        hb_port: ports[4],
        key: "a key for tests".to_owned(),
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: None,
    }
}

/// Whether a kernel that was started listens; it does not at once, and not where it has ended.
async fn listens(info: &ConnectionInfo, process: &mut Child) -> bool {
    let until = Instant::now() + PATIENCE;
    while tokio::net::TcpStream::connect(("127.0.0.1", info.iopub_port))
        .await
        .is_err()
    {
        if process.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
        assert!(Instant::now() < until, "the kernel does not listen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

impl Kernel {
    /// Starts a kernel.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn start() -> Kernel {
        Kernel::start_with(|_| ())
    }

    /// Starts a kernel, after `prepare` has changed how.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn start_with(prepare: impl FnOnce(&mut Command)) -> Kernel {
        let runtime = Runtime::new().expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("connection.json");
        let mut command = Command::new(crate::gradus());
        command
            .args(["kernel", "start"])
            .arg(&file)
            .current_dir(folder.path())
            // Its own program for completion, which ends soon after it.
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("GRADUS_ANALYSIS_ALONE", "1")
            .stdin(Stdio::null());
        prepare(&mut command);
        // Between the look for free ports and their use somebody else may take one: then the kernel ends at once.
        let (info, process) = (0..3)
            .find_map(|_| {
                let info = free_ports(&runtime);
                std::fs::write(&file, serde_json::to_string(&info).expect("JSON"))
                    .expect("the folder can be written");
                let mut process = command.spawn().expect("the kernel starts");
                let listens = runtime.block_on(listens(&info, &mut process));
                listens.then_some((info, process))
            })
            .expect("the kernel listens");
        let session = "tests";
        let (shell, iopub, control, stdin) = runtime.block_on(async {
            let identity = peer_identity_for_session(session).expect("an identity");
            let shell =
                create_client_shell_connection_with_identity(&info, session, identity.clone())
                    .await
                    .expect("shell");
            let stdin = create_client_stdin_connection_with_identity(&info, session, identity)
                .await
                .expect("stdin");
            let mut iopub = create_client_iopub_connection(&info, "", session)
                .await
                .expect("iopub");
            let control = create_client_control_connection(&info, session)
                .await
                .expect("control");
            let welcome = timeout(PATIENCE, iopub.read())
                .await
                .expect("a welcome")
                .expect("a message");
            assert_eq!(welcome.header.msg_type, "iopub_welcome");
            (shell, iopub, control, stdin)
        });
        Kernel {
            runtime,
            process,
            shell,
            iopub,
            control,
            stdin,
            replies: Vec::new(),
            info,
            folder,
        }
    }

    /// The folder that its cells see as current.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a request on the shell channel and does not wait; gives its id.
    pub fn send(&mut self, kind: &str, content: Value) -> String {
        let message = message(kind, content);
        let id = message.header.msg_id.clone();
        self.runtime
            .block_on(self.shell.send(message))
            .expect("sent");
        id
    }

    /// Sends a cell and does not wait.
    pub fn send_cell(&mut self, code: &str) -> String {
        let content = json!({"code": code, "silent": false, "store_history": true, "allow_stdin": false, "stop_on_error": true});
        self.send("execute_request", content)
    }

    /// The content of the reply to a request of the shell channel.
    pub fn ask(&mut self, kind: &str, content: Value) -> Value {
        let id = self.send(kind, content);
        self.reply(&id)
    }

    /// Sends a request on the control channel, and gives the content of the reply.
    pub fn command(&mut self, kind: &str, content: Value) -> Value {
        self.runtime.block_on(async {
            self.control
                .send(message(kind, content))
                .await
                .expect("sent");
            let reply = timeout(PATIENCE, self.control.read())
                .await
                .expect("in time")
                .expect("a reply");
            serde_json::to_value(&reply.content).expect("JSON")
        })
    }

    fn reply(&mut self, id: &str) -> Value {
        self.runtime.block_on(async {
            loop {
                let reply = match self.replies.pop() {
                    Some(reply) => reply,
                    None => timeout(PATIENCE, self.shell.read())
                        .await
                        .expect("in time")
                        .expect("a reply"),
                };
                if reply
                    .parent_header
                    .as_ref()
                    .is_some_and(|parent| parent.msg_id == id)
                {
                    return serde_json::to_value(&reply.content).expect("JSON");
                }
            }
        })
    }

    /// Runs a cell to its end.
    pub fn run(&mut self, code: &str) -> Cell {
        let id = self.send_cell(code);
        self.finish(&id, |_, _, _| ())
    }

    /// Runs the cell that has this id in its notebook, as JupyterLab says it.
    pub fn run_cell(&mut self, id: &str, code: &str, deleted: &[&str]) -> Cell {
        let content = json!({"code": code, "silent": false, "store_history": true, "allow_stdin": false, "stop_on_error": true});
        let mut message = message("execute_request", content);
        message.metadata = json!({"cellId": id, "deletedCells": deleted});
        let id = message.header.msg_id.clone();
        self.runtime
            .block_on(self.shell.send(message))
            .expect("sent");
        self.finish(&id, |_, _, _| ())
    }

    /// Runs a cell with these settings of the request.
    pub fn run_with(&mut self, content: Value) -> Cell {
        let id = self.send("execute_request", content);
        self.finish(&id, |_, _, _| ())
    }

    /// Runs a cell that asks; `answer` gets each prompt. Without an answer the user interrupts.
    pub fn run_answering(
        &mut self,
        code: &str,
        mut answer: impl FnMut(&str) -> Option<String>,
    ) -> Cell {
        let id = self.send(
            "execute_request",
            json!({"code": code, "allow_stdin": true}),
        );
        loop {
            let question = self.runtime.block_on(async {
                tokio::select! {
                    question = self.stdin.read() => Some(question.expect("a question")),
                    reply = self.shell.read() => {
                        self.replies.push(reply.expect("a reply"));
                        None
                    }
                    () = tokio::time::sleep(PATIENCE) => panic!("neither a question nor a reply"),
                }
            });
            let Some(question) = question else { break };
            assert_eq!(question.header.msg_type, "input_request");
            let content = serde_json::to_value(&question.content).expect("JSON");
            match answer(content["prompt"].as_str().unwrap_or_default()) {
                Some(line) => self
                    .runtime
                    .block_on(self.stdin.send(message(
                        "input_reply",
                        json!({"value": line, "status": "ok"}),
                    )))
                    .expect("sent"),
                None => self.interrupt(),
            }
        }
        self.finish(&id, |_, _, _| ())
    }

    /// Type and content of the next thing that is published, for whatever request; `None` when nothing comes.
    pub fn next_published(&mut self, patience: Duration) -> Option<(String, Value)> {
        let message = self
            .runtime
            .block_on(async { timeout(patience, self.iopub.read()).await });
        let message = message.ok()?.expect("a message");
        let content = serde_json::to_value(&message.content).expect("JSON");
        Some((message.header.msg_type, content))
    }

    /// Whether the heart beats.
    pub fn is_beating(&self) -> bool {
        self.runtime.block_on(async {
            let mut heart = create_client_heartbeat_connection(&self.info)
                .await
                .expect("a connection");
            matches!(
                timeout(PATIENCE, heart.single_heartbeat()).await,
                Ok(Ok(()))
            )
        })
    }

    /// Whether a request that is signed with another key is answered within a second.
    pub fn answers_to_another_key(&self) -> bool {
        let info = ConnectionInfo {
            key: "another key".to_owned(),
            ..self.info.clone()
        };
        self.runtime.block_on(async {
            let identity = peer_identity_for_session("stranger").expect("an identity");
            let mut shell = create_client_shell_connection_with_identity(&info, "x", identity)
                .await
                .expect("shell");
            let request = message("kernel_info_request", json!({}));
            shell.send(request).await.expect("sent");
            timeout(Duration::from_secs(1), shell.read()).await.is_ok()
        })
    }

    /// Waits for the end of a cell that was sent; `see` gets everything when it comes.
    pub fn finish(
        &mut self,
        id: &str,
        mut see: impl FnMut(&mut ClientControlConnection, &str, &Value),
    ) -> Cell {
        let begin = Instant::now();
        let mut cell = Cell::default();
        loop {
            let message = self
                .runtime
                .block_on(async { timeout(PATIENCE, self.iopub.read()).await });
            let message = message.expect("in time").expect("a message");
            if message
                .parent_header
                .as_ref()
                .is_none_or(|parent| parent.msg_id != id)
            {
                continue;
            }
            let kind = message.header.msg_type.clone();
            let content = serde_json::to_value(&message.content).expect("JSON");
            let idle = kind == "status" && content["execution_state"] == "idle";
            see(&mut self.control, &kind, &content);
            cell.outputs.push((kind, content, begin.elapsed()));
            if idle {
                break;
            }
        }
        cell.reply = self.reply(id);
        cell
    }

    /// Interrupts, as the stop button does.
    pub fn interrupt(&mut self) {
        let reply = self.command("interrupt_request", json!({}));
        assert_eq!(reply["status"], "ok");
    }
}

fn message(kind: &str, content: Value) -> JupyterMessage {
    let content = JupyterMessageContent::UnknownMessage(UnknownMessage {
        msg_type: kind.to_owned(),
        content,
    });
    JupyterMessage::new(content, None).with_session("tests")
}

impl Drop for Kernel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
