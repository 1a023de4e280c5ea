//! The program as a kernel talks to it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    number: u64,
}

impl Program {
    fn start(folder: &Path) -> Program {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gradus-analysis"))
            .arg(folder)
            .env("CARGO_NET_OFFLINE", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Program {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            number: 0,
        }
    }

    fn ask(&mut self, what: &str, items: &str, code: &str) -> Value {
        self.number += 1;
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{}", question(self.number, what, items, code)).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["number"], self.number, "{answer}");
        answer
    }

    fn codes(&mut self, items: &str, code: &str) -> Vec<String> {
        let answer = self.ask("completion", items, code);
        let matches = answer["matches"].as_array().unwrap().iter();
        matches
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn question(number: u64, what: &str, items: &str, code: &str) -> Value {
    json!({"number": number, "items": items, "code": code, "at": code.len(), "what": what})
}

fn package(folder: &Path, name: &str, dependencies: &str, file: &str, text: &str) {
    let file = folder.join(file);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = {:?}\n\n[workspace]\n\n\
         [dependencies]\n{dependencies}\n",
        file.display().to_string()
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(file, text).unwrap();
}

#[test]
fn it_knows_what_a_cell_may_use_and_ends_with_its_input() {
    let desk = tempfile::tempdir().unwrap();
    let library = "/// A net.\npub struct Net { pub seed: u64, weights: f64 }\n\
         impl Net {\n/// Train it.\npub fn fit(&mut self, epochs: usize) -> f64 { self.forward() + epochs as f64 }\n\
         pub fn finish(self) {}\n#[doc(hidden)] pub fn secret(&self) {}\nfn forward(&self) -> f64 { self.weights }\n\
         pub(crate) fn first(&self) {} }\npub fn make() -> Net { Net { seed: 1, weights: 0.0 } }\n";
    package(
        &desk.path().join("library"),
        "library",
        "",
        "src/lib.rs",
        library,
    );
    let session = desk.path().join("session");
    package(
        &session,
        "session",
        "library = { path = \"../library\" }",
        "lib.rs",
        "",
    );
    let mut program = Program::start(&session);
    let net = "let mut net = library::make();\nnet.";
    // What is private is not offered, and nothing is made up between parentheses.
    assert_eq!(program.codes("", &format!("{net}f")), ["finish()", "fit("]);
    let all = program.codes("", net);
    for wanted in ["seed", "fit(", "finish()"] {
        assert!(all.iter().any(|code| code == wanted), "{all:?}");
    }
    for unwanted in ["weights", "forward", "first", "secret"] {
        assert!(
            !all.iter().any(|code| code.starts_with(unwanted)),
            "{all:?}"
        );
    }
    // Definitions of the session, a path, the standard library.
    let items = "mod bar { pub struct Baz {} impl Baz { pub fn one() {} fn two() {} } }";
    assert_eq!(program.codes(items, "use bar::"), ["Baz"]);
    let found = program.codes(items, "bar::Baz::");
    assert!(
        found.contains(&"one()".to_owned()) && !found.contains(&"two()".to_owned()),
        "{found:?}"
    );
    let answer = program.ask(
        "documentation",
        "",
        "let mut net = library::make();\nnet.fit",
    );
    let text = answer["text"].as_str().unwrap_or_default();
    assert!(
        text.contains("epochs: usize") && text.contains("Train it."),
        "{answer}"
    );
    assert!(
        answer["html"]
            .as_str()
            .unwrap_or_default()
            .contains("<p>Train it.</p>"),
        "{answer}"
    );
    assert_eq!(program.codes("", "let x = )]} nonsense."), [""; 0]);
    let answer = program.ask("documentation", "", "nobody_knows_this");
    assert!(answer["text"].is_null(), "{answer}");
    drop(program.input.take());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn a_package_that_cannot_be_read_is_said() {
    let desk = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gradus-analysis"))
        .arg(desk.path())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It would end with its input.
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&desk.path().display().to_string()), "{said}");
}

#[cfg(unix)]
mod shared {
    use std::os::unix::net::UnixStream;
    use std::time::{Duration, Instant};

    use super::*;

    /// A kernel that has connected.
    struct Kernel {
        input: UnixStream,
        output: BufReader<UnixStream>,
    }

    impl Kernel {
        fn connect(socket: &Path) -> Kernel {
            let begin = Instant::now();
            loop {
                if let Ok(input) = UnixStream::connect(socket) {
                    let output = BufReader::new(input.try_clone().unwrap());
                    return Kernel { input, output };
                }
                assert!(begin.elapsed() < Duration::from_secs(60), "no socket");
                std::thread::sleep(Duration::from_millis(10));
            }
        }

        fn send(&mut self, number: u64, code: &str) {
            let question = question(number, "completion", "", code);
            writeln!(self.input, "{question}").unwrap();
        }

        fn answer(&mut self) -> Value {
            let mut line = String::new();
            self.output.read_line(&mut line).unwrap();
            serde_json::from_str(&line).unwrap()
        }
    }

    fn program(folder: &Path, socket: &Path) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_gradus-analysis"));
        program
            .args([folder, socket])
            .env("CARGO_NET_OFFLINE", "true")
            .env("GRADUS_ANALYSIS_ALONE", "1");
        program
    }

    fn start(folder: &Path, socket: &Path) -> Child {
        program(folder, socket).spawn().unwrap()
    }

    /// A toolchain whose sources of the standard library are missing until rustup, which takes a second, has brought them.
    fn bare_toolchain(desk: &Path) {
        use std::os::unix::fs::PermissionsExt;

        let said = Command::new("rustc").args(["--print", "sysroot"]).output();
        let real = String::from_utf8(said.unwrap().stdout).unwrap();
        let real = Path::new(real.trim()).join("lib/rustlib/src/rust/library");
        std::fs::create_dir_all(desk.join("sysroot/lib/rustlib/src/rust")).unwrap();
        std::fs::create_dir_all(desk.join("cargo/bin")).unwrap();
        let script = |name: &str, text: String| {
            let path = desk.join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        };
        let desk = desk.display();
        script(
            "rustc",
            format!("[ \"$1\" = --print ] && exec echo {desk}/sysroot\nexec rustc \"$@\""),
        );
        script(
            "cargo/bin/rustup",
            format!(
                "cd {desk}/sysroot/lib/rustlib/src/rust && mkdir library && touch {desk}/begun && sleep 1 && \
                 cp -R {}/. library",
                real.display()
            ),
        );
    }

    #[test]
    fn who_starts_while_the_standard_library_arrives_waits_for_it() {
        let desk = tempfile::tempdir().unwrap();
        let session = desk.path().join("session");
        package(&session, "session", "", "lib.rs", "");
        bare_toolchain(desk.path());
        let begin = |name: &str| {
            let socket = desk.path().join(name);
            let child = program(&session, &socket)
                .env("RUSTC", desk.path().join("rustc"))
                .env("CARGO_HOME", desk.path().join("cargo"))
                .spawn()
                .unwrap();
            (child, Kernel::connect(&socket))
        };
        let first = begin("first");
        while !desk.path().join("begun").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        for (mut child, mut kernel) in [begin("second"), first] {
            kernel.send(1, "String::new().is_em");
            let answer = kernel.answer();
            let _ = child.kill();
            let _ = child.wait();
            assert_eq!(answer["matches"][0]["code"], "is_empty()", "{answer}");
        }
    }

    #[test]
    fn kernels_take_turns_and_it_ends_after_the_last_has_left() {
        let desk = tempfile::tempdir().unwrap();
        let session = desk.path().join("session");
        package(&session, "session", "", "lib.rs", "");
        let socket = desk.path().join("socket");
        let mut program = start(&session, &socket);
        let mut first = Kernel::connect(&socket);
        // Two cannot serve one socket; the second one leaves it to the first.
        assert!(start(&session, &socket).wait().unwrap().success());

        // Somebody who asks all the time gets the last answer, and others get theirs.
        let mut busy = Kernel::connect(&socket);
        for number in 1..=300 {
            busy.send(number, "let a = ");
        }
        first.send(1, "String::new().is_em");
        let answer = first.answer();
        assert_eq!(answer["matches"][0]["code"], "is_empty()", "{answer}");
        let mut answers = 0;
        while busy.answer()["number"] != 300 {
            answers += 1;
        }
        assert!(answers < 299, "{answers}");

        // What takes long is given up for the others: this takes a minute.
        let many = "let v = vec![1].iter().map(|x| x + 1).collect::<Vec<_>>();\n".repeat(20_000);
        busy.send(301, &format!("{many}v."));
        std::thread::sleep(Duration::from_millis(200));
        first.send(2, "String::new().is_em");
        let answer = busy.answer();
        assert!(answer["number"] == 301 && answer["matches"].is_null());
        assert_eq!(first.answer()["matches"][0]["code"], "is_empty()");

        // Somebody who does not read is left alone.
        let mut deaf = Kernel::connect(&socket);
        let mut sent = 0;
        while sent < 2000
            && writeln!(
                deaf.input,
                "{}",
                question(sent, "completion", "", "let a = ")
            )
            .is_ok()
        {
            std::thread::sleep(Duration::from_millis(5));
            sent += 1;
        }
        assert!(sent < 2000);
        first.send(3, "String::new().is_em");
        assert_eq!(first.answer()["matches"][0]["code"], "is_empty()");

        drop((first, busy, deaf));
        assert!(program.wait().unwrap().success());
        assert!(!socket.exists());
    }
}
