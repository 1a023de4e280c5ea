//! `gradus data fetch` against a server that cuts off, falls silent, redirects and lies.
//!
//! The files are those of MNIST in `GRADUS_DATA`; without it these tests say that they do nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder with the real files.
fn mnist() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("GRADUS_DATA")?).join("mnist");
    folder
        .join("train-images-idx3-ubyte.gz")
        .is_file()
        .then_some(folder)
}

/// Starts the server; gives its address. It ends with the test's process.
fn server(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            std::thread::spawn(move || drop(answer(stream, &folder)));
        }
    });
    address
}

/// Answers one request: the first part of its path says how badly.
fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let mut start = 0;
    for line in lines {
        let line = line?;
        let range = line
            .strip_prefix("Range: bytes=")
            .and_then(|range| range.strip_suffix('-'));
        start = range.and_then(|start| start.parse().ok()).unwrap_or(start);
        if line.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let (way, name) = path[1..].split_once('/').unwrap_or_default();
    let mut content = std::fs::read(folder.join(name)).unwrap_or_default();
    let head = |status: &str, length: usize, more: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
    };
    let total = content.len();
    let partial = |start: usize| {
        let range = format!("Content-Range: bytes {start}-{}/{total}\r\n", total - 1);
        match start {
            0 => head("200 OK", total, ""),
            _ => head("206 Partial Content", total - start, &range),
        }
    };
    match way {
        "good" => {
            stream.write_all(partial(start).as_bytes())?;
            stream.write_all(&content[start..])
        }
        // Half of what is left, however often it is asked.
        "cut" => {
            let rest = &content[start..];
            stream.write_all(partial(start).as_bytes())?;
            stream.write_all(&rest[..rest.len().div_ceil(2)])
        }
        // Cut at first, and then no more ranges.
        "stubborn" if start == 0 && !content.is_empty() && !is_asked_again(name) => {
            stream.write_all(partial(0).as_bytes())?;
            stream.write_all(&content[..total / 2])
        }
        "stubborn" => {
            stream.write_all(head("200 OK", total, "").as_bytes())?;
            stream.write_all(&content)
        }
        "silent" => {
            stream.write_all(partial(0).as_bytes())?;
            stream.write_all(&content[..total / 3])?;
            stream.flush()?;
            // Until the client gives up.
            stream.read(&mut [0; 16]).map(drop)
        }
        // No more than half, unless it is asked for the rest.
        "slow" if start == 0 && name.starts_with("train-images") => {
            stream.write_all(partial(0).as_bytes())?;
            stream.write_all(&content[..total / 2])?;
            stream.flush()?;
            stream.read(&mut [0; 16]).map(drop)
        }
        "slow" => {
            stream.write_all(partial(start).as_bytes())?;
            stream.write_all(&content[start..])
        }
        "moved" => {
            let location = format!("Location: /good/{name}\r\n");
            stream.write_all(head("302 Found", 0, &location).as_bytes())
        }
        "round" => {
            let location = format!("Location: /round/{name}\r\n");
            stream.write_all(head("302 Found", 0, &location).as_bytes())
        }
        // A file, but another one.
        "lies" => {
            let other = std::fs::read(folder.join("t10k-labels-idx1-ubyte.gz"))?;
            stream.write_all(head("200 OK", other.len(), "").as_bytes())?;
            stream.write_all(&other)
        }
        "damaged" => {
            let middle = total / 2;
            content[middle] ^= 1;
            stream.write_all(head("200 OK", total, "").as_bytes())?;
            stream.write_all(&content)
        }
        _ => stream.write_all(head("404 Not Found", 0, "").as_bytes()),
    }
}

/// Whether this file was asked for before.
fn is_asked_again(name: &str) -> bool {
    static ASKED: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    let mut asked = ASKED.lock().unwrap();
    let is_again = asked.iter().any(|one| one == name);
    asked.push(name.to_owned());
    is_again
}

fn fetch(to: &Path, from: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus"));
    command.args(["data", "fetch", "mnist", "--patience", "1"]);
    for place in from {
        command.args(["--from", place]);
    }
    let command = command.env("GRADUS_DATA", to).env("GRADUS_LANG", "en");
    command.output().unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder.join("mnist")).unwrap().flatten();
    let mut names: Vec<_> = files
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_data_set_comes_through_whatever_the_server_does() {
    let Some(mnist) = mnist() else {
        eprintln!("GRADUS_DATA has no mnist: skipped");
        return;
    };
    let server = server(mnist.clone());
    let at = |way: &str| format!("{server}/{way}");
    for way in ["good", "cut", "stubborn", "moved"] {
        let to = tempfile::tempdir().unwrap();
        let output = fetch(to.path(), &[&at(way)]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{way}: {said}");
        // Nothing else is left, and what is there is what the server has.
        assert_eq!(files(to.path()).len(), 4, "{way}: {:?}", files(to.path()));
        for name in files(to.path()) {
            let bytes = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
            assert!(
                bytes(&to.path().join("mnist")) == bytes(&mnist),
                "{way}: {name}"
            );
        }
    }
    // One place after the other, each with its reason.
    let to = tempfile::tempdir().unwrap();
    let bad = ["missing", "silent", "lies", "damaged", "round"].map(at);
    let places: Vec<&str> = bad.iter().map(String::as_str).collect();
    let output = fetch(to.path(), &places);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in [
        "404",
        "SHA-256",
        "is damaged",
        "redirects",
        "could not be had",
        "--from FOLDER",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(
        files(to.path()).iter().all(|name| name.ends_with(".part")),
        "{:?}",
        files(to.path())
    );
    let good = at("good");
    assert!(
        fetch(to.path(), &[places[0], places[2], &good])
            .status
            .success()
    );
    // A second time there is nothing to do, wherever from.
    assert!(fetch(to.path(), &["http://127.0.0.1:9"]).status.success());
    // A file that was damaged since comes again.
    let labels = to.path().join("mnist/t10k-labels-idx1-ubyte.gz");
    std::fs::write(&labels, b"no").unwrap();
    assert_eq!(
        fetch(to.path(), &["http://127.0.0.1:9"]).status.code(),
        Some(1)
    );
    assert!(fetch(to.path(), &[&good]).status.success());
    assert!(std::fs::read(&labels).unwrap().len() > 1000);
}

#[test]
#[cfg(unix)]
fn a_download_that_is_interrupted_goes_on_where_it_was() {
    let Some(mnist) = mnist() else {
        eprintln!("GRADUS_DATA has no mnist: skipped");
        return;
    };
    let place = format!("{}/slow", server(mnist.clone()));
    let to = tempfile::tempdir().unwrap();
    let fetch = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradus"));
        command
            .args([
                "data",
                "fetch",
                "mnist",
                "--patience",
                "60",
                "--from",
                &place,
            ])
            .env("GRADUS_DATA", to.path())
            .env("GRADUS_LANG", "en");
        command.stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let length = || {
        let parts = std::fs::read_dir(to.path().join("mnist"));
        let parts = parts.into_iter().flatten().flatten();
        parts
            .map(|part| part.metadata().unwrap().len())
            .sum::<u64>()
    };
    let images = mnist.join("train-images-idx3-ubyte.gz");
    // The last of it may be on its way still.
    let nearly_half = std::fs::metadata(images).unwrap().len() * 2 / 5;
    let child = fetch();
    let begin = std::time::Instant::now();
    while length() < nearly_half {
        assert!(begin.elapsed().as_secs() < 60, "{} bytes", length());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said, "mnist: stopped; the same command goes on from here\n");
    assert!(length() >= nearly_half, "{} bytes", length());
    // It would wait again if it asked for the beginning.
    let output = fetch().wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    for name in files(to.path()) {
        let bytes = |folder: &Path| std::fs::read(folder.join(&name)).unwrap();
        assert!(bytes(&to.path().join("mnist")) == bytes(&mnist), "{name}");
    }
}

#[test]
fn without_curl_or_a_folder_it_says_once_what_to_do() {
    let to = tempfile::tempdir().unwrap();
    let fetch = |data: &Path, path: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
            .args(["data", "fetch", "mnist"])
            .env("GRADUS_DATA", data)
            .env("GRADUS_LANG", "en")
            .env("PATH", path)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = fetch(to.path(), "/nowhere");
    assert_eq!(said.matches("curl").count(), 1, "{said}");
    assert!(said.contains("`--from FOLDER`"), "{said}");
    let said = fetch(Path::new(""), "");
    assert_eq!(
        said,
        "mnist: GRADUS_DATA is set and empty, which means that there are no data sets: unset it, or set it to a folder\n"
    );
}

#[test]
fn files_of_this_machine_are_checked_and_copied() {
    let Some(mnist) = mnist() else {
        eprintln!("GRADUS_DATA has no mnist: skipped");
        return;
    };
    let to = tempfile::tempdir().unwrap();
    let output = fetch(to.path(), &[mnist.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let listed = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(["data", "list"])
        .env("GRADUS_DATA", to.path())
        .output()
        .unwrap();
    let here = to.path().join("mnist");
    assert!(String::from_utf8_lossy(&listed.stdout).contains(here.to_str().unwrap()));
}

#[test]
fn a_place_that_is_none_is_named() {
    let to = tempfile::tempdir().unwrap();
    let output = fetch(to.path(), &["nowhere"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("nowhere is neither a folder nor an address"),
        "{said}"
    );
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(["data", "fetch", "imagenet"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("fashion-mnist"));
}
