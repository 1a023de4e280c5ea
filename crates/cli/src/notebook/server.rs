//! The process of JupyterLab.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use gradus_kernel::Stop;
use gradus_text::Language;

use super::lab::Lab;
use super::{Course, Room};

/// Longer than it takes on a slow disk.
const START: Duration = Duration::from_secs(90);
const END: Duration = Duration::from_secs(8);
const TICK: Duration = Duration::from_millis(50);

pub(super) struct Server {
    child: Child,
    port: u16,
    token: String,
    first: String,
    log: PathBuf,
    lang: Language,
}

/// The port that was asked for, or the first free one.
pub(super) fn port(asked: Option<u16>, lang: Language) -> Result<u16, String> {
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    match asked {
        Some(port) if is_free(&port) => Ok(port),
        Some(port) => Err(match lang {
            Language::Es => format!("el puerto {port} está ocupado: di otro con --port, o ninguno"),
            Language::En => format!("port {port} is busy: say another one with --port, or none"),
        }),
        None => (8888..9000).find(is_free).ok_or_else(|| {
            lang.pick(
                "no hay ningún puerto libre de 8888 a 8999: di otro con --port",
                "no port from 8888 to 8999 is free: say another one with --port",
            )
            .to_owned()
        }),
    }
}

/// Lets a program of Jupyter's read and write in this room alone.
pub(super) fn environment(command: &mut Command, room: &Room) {
    command
        .env("JUPYTER_PATH", room.at("share/jupyter"))
        .env("JUPYTER_CONFIG_DIR", room.at("config"))
        .env("JUPYTER_DATA_DIR", room.at("data"))
        .env("JUPYTER_RUNTIME_DIR", room.at("runtime"))
        .env("IPYTHONDIR", room.at("ipython"))
        // Jupyter's language servers ask npm where it is, which writes a log.
        .env("npm_config_cache", room.at("npm"))
        .env_remove("JUPYTERLAB_SETTINGS_DIR")
        .env_remove("JUPYTERLAB_WORKSPACES_DIR");
}

impl Server {
    /// Starts it and waits until it answers.
    pub(super) fn start(
        room: &Room,
        lab: &Lab,
        course: &Course,
        port: u16,
        browser: bool,
    ) -> Result<Server, String> {
        let log = room.at("server.log");
        let open = || File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, errors) = open().map_err(|error| format!("{}: {error}", log.display()))?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(|error| error.to_string())?;
        let token: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut command = Command::new(&lab.program);
        environment(&mut command, room);
        command
            // Not among the arguments, which everybody on the machine can read.
            .env("JUPYTER_TOKEN", &token)
            .env("GRADUS_LANG", room.lang.pick("es", "en"))
            .args([
                "--ServerApp.ip=127.0.0.1",
                "--ServerApp.port_retries=0",
                "--ServerApp.allow_root=True",
            ])
            .arg(format!("--ServerApp.port={port}"))
            .arg(format!("--ServerApp.root_dir={}", course.root.display()))
            .arg(format!("--LabApp.default_url=/lab/tree/{}", course.first))
            .arg(format!(
                "--ServerApp.open_browser={}",
                if browser { "True" } else { "False" }
            ))
            .current_dir(&course.root)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            // Ctrl-C is for us, who end it in good order.
            .process_group(0);
        let child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", lab.program.display()))?;
        let mut server = Server {
            child,
            port,
            token,
            first: course.first.clone(),
            log,
            lang: room.lang,
        };
        let begin = Instant::now();
        while !server.answers() {
            if !server.is_running() || begin.elapsed() > START {
                return Err(server.failure());
            }
            thread::sleep(TICK);
        }
        Ok(server)
    }

    /// Where the browser goes.
    pub(super) fn address(&self) -> String {
        format!(
            "http://127.0.0.1:{}/lab/tree/{}?token={}",
            self.port, self.first, self.token
        )
    }

    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Until it ends or `stop` is asked for.
    pub(super) fn wait(mut self, stop: &Stop) -> Result<(), String> {
        while !stop.is_asked() {
            if let Ok(Some(status)) = self.child.try_wait() {
                // `Shut Down` in its menu.
                return if status.success() {
                    Ok(())
                } else {
                    Err(self.failure())
                };
            }
            thread::sleep(TICK);
        }
        self.end();
        Ok(())
    }

    /// Ends it with its kernels.
    fn end(&mut self) {
        let _ = self.ask("POST", "/api/shutdown");
        let begin = Instant::now();
        while self.is_running() && begin.elapsed() < END {
            thread::sleep(TICK);
        }
        if self.is_running() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }

    fn answers(&self) -> bool {
        self.ask("GET", "/api")
            .is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    fn ask(&self, method: &str, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: token {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.port, self.token
        )
        .ok()?;
        let mut answer = String::new();
        // What came before a silence is enough.
        let _ = stream.read_to_string(&mut answer);
        Some(answer)
    }

    fn failure(&mut self) -> String {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        let what = self.lang.pick(
            "JupyterLab no ha arrancado; esto es lo último que dijo",
            "JupyterLab did not start; this is the last it said",
        );
        format!("{what} ({}):\n{last}", self.log.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_running() {
            self.end();
        }
    }
}
