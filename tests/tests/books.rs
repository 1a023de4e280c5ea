//! The programs of whole books print in cells what they print under rustc.
//!
//! `GRADUS_BOOKS=book/listings:rust-by-example/src cargo test --release --workspace --test books -- --ignored --nocapture`
//! takes every `.rs` file with an `fn main` in these folders, and every block of Rust with one in their `.md` files; with
//! `GRADUS_ONLY=ch04` those whose names contain that. What rustc does not compile without other crates, and what has not ended
//! after ten seconds, is counted and left out.
//!
//! Each program runs in two forms: (a) as a cell, with `main()` in the next one; (b) the body of `main` as a cell, after one
//! with the rest. What form b is compared with leaves by `exit` at the end of `main`, since the variables of a cell do not end
//! there. What a program prints may be
//! - anything that it prints under rustc in one of some runs, where only addresses (`0x…`) and the path of the program are not compared;
//! - if those runs differ: the same characters in another order (threads, hashes), or, where not even these agree, anything
//!   as long (random numbers, times).
//!
//! A program that panics has to do so in a cell, and one that ends well has to do that, too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use gradus_tests::{Desk, gradus, joined, without_colours};

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program of a book.
struct Program {
    name: String,
    code: String,
    /// The files that it may name.
    folder: Option<PathBuf>,
}

/// How a run of a program went.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ended {
    printed: String,
    /// As the process says it, if it does.
    code: Option<i32>,
}

/// A form of a program: its cells, and what rustc's program does.
struct Form {
    name: String,
    cells: Vec<String>,
    folder: Option<PathBuf>,
    binary: PathBuf,
    runs: BTreeSet<Ended>,
}

/// What can be said of a program before the kernel has seen it.
enum Tried {
    NotCompiled,
    DoesNotEnd,
    NotCut,
    Forms(Vec<Form>),
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The blocks of Rust in a text, each with its line, without what hides lines from readers.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let start = line.trim_start();
        match &mut block {
            None if start.starts_with("```rust") => block = Some((index + 1, String::new())),
            None => (),
            Some(_) if start.starts_with("```") => blocks.extend(block.take()),
            Some((_, code)) => {
                let shown = match line {
                    "#" => "",
                    line => line.strip_prefix("# ").unwrap_or(line),
                };
                code.push_str(shown);
                code.push('\n');
            }
        }
    }
    blocks
}

fn programs(folder: &Path) -> Vec<Program> {
    let mut files = Vec::new();
    files_below(folder, &mut files);
    let mut programs = Vec::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        match file.extension().and_then(|end| end.to_str()) {
            Some("rs") => programs.push(Program {
                name,
                code: text,
                folder: file.parent().map(Path::to_owned),
            }),
            Some("md") => programs.extend(blocks(&text).into_iter().map(|(line, code)| Program {
                name: format!("{name}:{line}"),
                code,
                folder: None,
            })),
            _ => (),
        }
    }
    programs.retain(|program| program.code.lines().any(is_main));
    programs
}

fn is_main(line: &str) -> bool {
    line.starts_with("fn main()") || line.starts_with("pub fn main()")
}

/// What stands outside of `main`, and its body. The programs are formatted, so `main` ends with the first brace at the
/// beginning of a line (a comment may stand behind it).
fn cut(code: &str) -> Option<(String, String, String)> {
    let lines: Vec<&str> = code.lines().collect();
    let first = lines.iter().position(|line| is_main(line))?;
    if lines[first].ends_with('}') {
        let (head, body) = lines[first].split_once('{')?;
        let mut rest = lines.clone();
        rest.remove(first);
        let body = body.strip_suffix('}')?;
        return Some((rest.join("\n"), format!("{head}{{"), body.to_owned()));
    }
    let opens = first + lines[first..].iter().position(|line| line.ends_with('{'))?;
    let ends = opens
        + lines[opens..]
            .iter()
            .position(|line| line.starts_with('}'))?;
    let mut begin = first;
    while begin > 0 && lines[begin - 1].starts_with("#[") {
        begin -= 1;
    }
    let rest = [&lines[..begin], &lines[ends + 1..]].concat();
    Some((
        rest.join("\n"),
        lines[begin..=opens].join("\n"),
        lines[opens + 1..ends].join("\n"),
    ))
}

/// The program of form b: its variables do not end, because it exits before.
fn without_end(rest: &str, head: &str, body: &str) -> String {
    let body = body.trim_end();
    let body = body.strip_suffix("Ok(())").unwrap_or(body);
    format!("{rest}\n{head}\n{body}\n; std::process::exit(0)\n}}\n")
}

fn copied(from: &Path, to: &Path) {
    let mut files = Vec::new();
    files_below(from, &mut files);
    for file in files {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, target).unwrap();
    }
}

/// Compiles a program in a folder of its own.
fn compiled(code: &str, folder: Option<&Path>, to: &Path) -> Option<PathBuf> {
    std::fs::create_dir_all(to).unwrap();
    if let Some(folder) = folder {
        copied(folder, to);
    }
    std::fs::write(to.join("program.rs"), code).unwrap();
    let compiled = |edition: &str| {
        let mut rustc = Command::new("rustc");
        rustc
            .current_dir(to)
            .args(["--cap-lints=allow", "program.rs", edition]);
        rustc.output().unwrap().status.success()
    };
    (compiled("--edition=2024") || compiled("--edition=2021")).then(|| to.join("program"))
}

/// Runs a program, or tells that it does not end. One at a time: a server would end because another has its port.
fn ended(binary: &Path) -> Option<Ended> {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let printed = folder.path().join("printed");
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    let mut process = Command::new(binary)
        .current_dir(&work)
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&printed).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            let printed = std::fs::read(&printed).unwrap();
            return Some(Ended {
                printed: comparable(&String::from_utf8_lossy(&printed), binary),
                code: status.code(),
            });
        }
        if Instant::now() > until || printed.metadata().is_ok_and(|file| file.len() > 1 << 20) {
            process.kill().unwrap();
            process.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The text without addresses, and without the path of the program, which is its first argument.
fn comparable(text: &str, binary: &Path) -> String {
    let text = text.replace(&binary.display().to_string(), "PROGRAM");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("0x") {
        let digits = after.trim_start_matches(|sign: char| sign.is_ascii_hexdigit());
        let is_long = after.len() - digits.len() > 8;
        plain.push_str(before);
        plain.push_str("0x");
        rest = if is_long { digits } else { after };
    }
    plain + rest
}

fn tried(program: &Program, folder: &Path) -> Tried {
    let beside = program.folder.as_deref();
    let Some(whole) = compiled(&program.code, beside, &folder.join("a")) else {
        return Tried::NotCompiled;
    };
    let some_runs =
        |binary: &Path| -> Option<BTreeSet<Ended>> { (0..3).map(|_| ended(binary)).collect() };
    let Some(runs) = some_runs(&whole) else {
        return Tried::DoesNotEnd;
    };
    let form = |letter, cells, binary, runs| Form {
        name: format!("{} ({letter})", program.name),
        cells,
        folder: program.folder.clone(),
        binary,
        runs,
    };
    let cells = vec![program.code.clone(), "main()".to_owned()];
    let mut forms = vec![form('a', cells, whole, runs)];
    let Some((rest, head, body)) = cut(&program.code) else {
        return Tried::NotCut;
    };
    let code = without_end(&rest, &head, &body);
    let Some(binary) = compiled(&code, beside, &folder.join("b")) else {
        return Tried::NotCut;
    };
    let Some(runs) = some_runs(&binary) else {
        return Tried::DoesNotEnd;
    };
    forms.push(form('b', vec![rest, body], binary, runs));
    Tried::Forms(forms)
}

/// Does `work` on all of `items` with as many threads as there are processors.
fn at_once<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(index, item);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Whether a failed cell, by the name of its error, or none is what the end of rustc's program asks for.
fn ends_right(code: Option<i32>, failure: Option<&str>) -> bool {
    match (code, failure) {
        (Some(0), None) | (Some(101), Some("Panic")) => true,
        // A `main` that returns an error, which is a value here, or that leaves the process.
        (Some(0 | 101), _) => false,
        (_, None) => true,
        (_, Some(name)) => ["Error", "ProcessDied"].contains(&name),
    }
}

/// Whether the cells printed what rustc's program prints and ended as it does; runs that again where it seems not.
fn is_right(form: &mut Form, printed: &str, failure: Option<&str>) -> bool {
    let ended_so = |run: &&Ended| ends_right(run.code, failure);
    for _ in 0..20 {
        let mut fits = form.runs.iter().filter(ended_so);
        if fits.any(|run| run.printed == printed) {
            return true;
        }
        form.runs.extend(ended(&form.binary));
    }
    let sorted = |text: &str| {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters
    };
    let kinds: BTreeSet<Vec<char>> = form.runs.iter().map(|run| sorted(&run.printed)).collect();
    let mut fits = form.runs.iter().filter(ended_so);
    fits.any(|run| match (form.runs.len(), kinds.len()) {
        (1, _) => false,
        (_, 1) => sorted(&run.printed) == sorted(printed),
        _ => run.printed.lines().count() == printed.lines().count(),
    })
}

#[test]
#[ignore = "needs the books, and a quarter of an hour; see above"]
fn programs_of_books_print_what_they_print_under_rustc() {
    let folders = std::env::var("GRADUS_BOOKS").expect("GRADUS_BOOKS names folders; see above");
    let only = std::env::var("GRADUS_ONLY").unwrap_or_default();
    let mut all: Vec<Program> = folders
        .split(':')
        .flat_map(|folder| programs(Path::new(folder)))
        .collect();
    all.retain(|program| program.name.contains(&only));
    assert!(!all.is_empty(), "no programs in {folders}");
    let desk = Desk::default();
    let tries = at_once(&all, |index, program| {
        tried(program, &desk.path().join(format!("rustc{index}")))
    });
    let count = |is: fn(&Tried) -> bool| tries.iter().filter(|one| is(one)).count();
    println!(
        "{} programs: {} that rustc alone does not compile, {} that do not end, {} that cannot be cut",
        all.len(),
        count(|one| matches!(one, Tried::NotCompiled)),
        count(|one| matches!(one, Tried::DoesNotEnd)),
        count(|one| matches!(one, Tried::NotCut)),
    );
    for (program, tried) in all.iter().zip(&tries) {
        if matches!(tried, Tried::NotCut) {
            println!("cannot be cut: {}", program.name);
        }
    }
    let mut forms: Vec<Form> = tries
        .into_iter()
        .flat_map(|tried| match tried {
            Tried::Forms(forms) => forms,
            _ => Vec::new(),
        })
        .collect();
    let mut names = Vec::new();
    for (index, form) in forms.iter().enumerate() {
        let folder = desk.path().join(format!("cells{index}"));
        std::fs::create_dir(&folder).unwrap();
        if let Some(beside) = &form.folder {
            copied(beside, &folder);
        }
        let name = format!("cells{index}/n{index}.ipynb");
        let cells: Vec<&str> = form.cells.iter().map(String::as_str).collect();
        desk.notebook(&name, &cells);
        names.push(name);
    }
    let mut args: Vec<&str> = names.iter().map(String::as_str).collect();
    args.extend(["--keep-going", "--timeout", "20"]);
    let begin = Instant::now();
    let log = std::fs::File::create(desk.path().join("log")).unwrap();
    let mut run = desk.run_command(&args);
    run.env("GRADUS_LANG", "en").stdin(Stdio::null());
    let _ = run.stdout(log.try_clone().unwrap()).stderr(log).status();
    let seconds = begin.elapsed().as_secs();
    let mut wrong = 0;
    let total = forms.len();
    for (index, form) in forms.iter_mut().enumerate() {
        let executed = desk.executed(&format!("n{index}.ipynb"));
        let printed: String = (1..=2)
            .map(|number| executed.stream(number, "stdout"))
            .collect();
        let printed = comparable(&printed, &gradus());
        let mut outputs = (1..=2).flat_map(|number| executed.outputs(number));
        let error = outputs.find(|output| output["output_type"] == "error");
        let failure = error.as_ref().and_then(|error| error["ename"].as_str());
        if is_right(form, &printed, failure) {
            continue;
        }
        wrong += 1;
        let Ended {
            printed: expected,
            code,
        } = form.runs.first().expect("it ran");
        println!(
            "\n{}: {printed:?}\n  instead of {expected:?}, code {code:?}",
            form.name
        );
        if let Some(error) = error {
            println!("  {}", without_colours(&joined(&error["traceback"])));
        }
    }
    println!("\n{total} forms in {seconds} s, {wrong} wrong");
    assert_eq!(wrong, 0);
}
