//! The list of attacks, what they look for, and what is left of them.

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use gradus_exercise::{Language, report};
use gradus_grader::{
    Course,
    marking::{Grader, Level, Options, launch_if_asked},
};

const FILE: &str = "src/exercises/e5_batches.rs";
const SEED: u64 = 20_261_127;

pub fn main() -> ExitCode {
    launch_if_asked();
    let wanted: Vec<String> = (std::env::args().skip(1))
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let most: Level = std::env::var("GRADUS_SANDBOX")
        .map_or(Ok(Level::Full), |level| level.parse())
        .expect("a level");
    let root = Course::find(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the course");
    let course = Course::read(&root).expect("its exercises");
    let options = Options::default();
    let grader = Grader::prepare_at_most(most, &course, "lab1", &options, &mut |what| {
        eprintln!("{what}");
    });
    let grader = match grader {
        Ok(grader) => grader,
        // A machine without Landlock marks nothing, and says so.
        Err(problem) if problem.contains("the sandbox reaches only") => {
            eprintln!("SKIPPED: {problem}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => panic!("{problem}"),
    };
    eprintln!("level {}", grader.level());
    let mut failures = system_calls(&grader);
    failures += attacks(&grader, &root, &wanted);
    failures += whole_submissions(&grader, &root);
    drop(grader);
    failures += left_behind();
    match failures {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(101),
    }
}

/// What attacks look for, and what must be as it was afterwards.
struct Outside {
    folder: tempfile::TempDir,
    tcp: TcpListener,
    unix: UnixListener,
}

impl Outside {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let probe = folder.path().join("probe");
        fs::create_dir(&probe).expect("a folder");
        fs::write(folder.path().join("canary"), "the answers").expect("a file");
        let open = |path: &Path| {
            let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
            fs::set_permissions(path, everybody).expect("open to all");
        };
        for path in [folder.path(), &probe, &folder.path().join("canary")] {
            open(path);
        }
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let unix = UnixListener::bind(folder.path().join("socket")).expect("a socket");
        open(&folder.path().join("socket"));
        tcp.set_nonblocking(true).expect("not to wait");
        unix.set_nonblocking(true).expect("not to wait");
        Self { folder, tcp, unix }
    }

    fn fill(&self, code: &str, root: &Path) -> String {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let port = self.tcp.local_addr().expect("a port").port();
        code.replace("@CANARY", &at("canary"))
            .replace("@PROBE", &at("probe"))
            .replace("@SOCKET", &at("socket"))
            .replace("@PORT", &port.to_string())
            .replace("@PID", &std::process::id().to_string())
            .replace("@COURSE", &root.display().to_string())
    }

    /// What is not as it was.
    fn touched(&self) -> Vec<String> {
        let mut touched = Vec::new();
        let canary = fs::read_to_string(self.folder.path().join("canary"));
        if canary.as_deref().ok() != Some("the answers") {
            touched.push("the instructor's file was changed".to_owned());
        }
        for entry in fs::read_dir(self.folder.path().join("probe"))
            .into_iter()
            .flatten()
        {
            touched.push(format!("{:?} was left", entry.expect("an entry").path()));
        }
        if self.tcp.accept().is_ok() {
            touched.push("somebody connected to the port".to_owned());
        }
        if self.unix.accept().is_ok() {
            touched.push("somebody connected to the socket".to_owned());
        }
        touched
    }
}

struct Attack {
    name: String,
    earns: u32,
    code: String,
}

/// The blocks of the list.
fn listed(text: &str) -> Vec<Attack> {
    const RIGHT: &str = "fn right(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {\n    let mut order: Vec<usize> = (0..n).collect();\n    rng.shuffle(&mut order);\n    order.chunks(batch).map(<[usize]>::to_vec).collect()\n}\n";
    let parts = text.split("\n### ").skip(1);
    parts
        .map(|part| {
            let (head, rest) = part.split_once('\n').expect("a name");
            let (name, earns) = head.rsplit_once(": ").expect("a name and what it earns");
            let (_, rest) = rest.split_once("```rust").expect("a block");
            let (kind, rest) = rest.split_once('\n').expect("a block");
            let (code, _) = rest.split_once("\n```").expect("an end");
            let code = match kind.trim() {
                "body" => format!(
                    "use gradus_exercise::Random;\n{RIGHT}pub fn mini_batches(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {{\n{code}\n}}\n"
                ),
                _ => format!("{code}\n"),
            };
            Attack {
                name: name.to_owned(),
                earns: earns.parse().expect("points"),
                code,
            }
        })
        .collect()
}

fn attacks(grader: &Grader, root: &Path, wanted: &[String]) -> usize {
    let all = listed(include_str!("attacks.md"));
    assert!(all.len() >= 40, "only {} attacks are listed", all.len());
    let outside = Outside::new();
    let next = AtomicUsize::new(0);
    let failures = AtomicUsize::new(0);
    let times = Mutex::new(Vec::new());
    let one = || {
        while let Some(attack) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !wanted.is_empty() && !wanted.iter().any(|word| attack.name.contains(word)) {
                continue;
            }
            let begun = Instant::now();
            let files = BTreeMap::from([(FILE.to_owned(), outside.fill(&attack.code, root))]);
            let mark = grader.mark(&files, SEED).expect("a mark");
            let outcome = &mark.exercises[4];
            let fails = mark.earned() != attack.earns || mark.exercises.len() != 7;
            let said = report::text(outcome, Language::En, false);
            let said = said.trim_end();
            let seconds = begun.elapsed().as_secs_f64();
            let how = if fails { "FAILED" } else { "ok" };
            println!("{how:>6} {seconds:5.1} s  {}\n{said}", attack.name);
            failures.fetch_add(usize::from(fails), Ordering::Relaxed);
            times.lock().expect("no panic").push(seconds);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(one);
        scope.spawn(one);
    });
    // Long enough for what was to come later.
    std::thread::sleep(Duration::from_secs(3));
    for touched in outside.touched() {
        println!("FAILED: {touched}");
        failures.fetch_add(1, Ordering::Relaxed);
    }
    let times = times.into_inner().expect("no panic");
    println!("{} attacks", times.len());
    failures.into_inner()
}

/// The solution earns all, what was handed out nothing, after all attacks.
fn whole_submissions(grader: &Grader, root: &Path) -> usize {
    let read = |file: &str| fs::read_to_string(root.join("labs/lab1").join(file)).expect("a file");
    let solution: BTreeMap<String, String> = (grader.exercises().iter())
        .map(|exercise| (exercise.file.clone(), read(&exercise.file)))
        .collect();
    let mut broken = solution.clone();
    broken.insert(
        "src/exercises/e5_batches.rs".to_owned(),
        "pub fn mini_batches() { nothing }".to_owned(),
    );
    broken.remove("src/exercises/e6_forward.rs");
    broken.insert("Cargo.toml".to_owned(), "[package]".to_owned());
    broken.insert("--help".to_owned(), "a file like an option".to_owned());
    broken.insert("../../../crates/text/src/lib.rs".to_owned(), String::new());
    let mut failures = 0;
    // lab1.7 needs both.
    for (name, files, earns) in [
        ("the solution", &solution, 100),
        ("what was handed out", &BTreeMap::new(), 0),
        ("two exercises missing", &broken, 100 - 15 - 15 - 15),
    ] {
        for seed in [SEED, 1] {
            let mark = grader.mark(files, seed).expect("a mark");
            if mark.earned() != earns || mark.points() != 100 {
                println!("FAILED: {name} earns {} and not {earns}", mark.earned());
                for outcome in &mark.exercises {
                    println!("{}", report::text(outcome, Language::En, false).trim_end());
                }
                failures += 1;
            }
        }
    }
    failures
}

/// A program with unsafe code can do none of what is refused.
fn system_calls(grader: &Grader) -> usize {
    if !cfg!(target_arch = "x86_64") {
        return 0;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("system_calls");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/marking/system_calls.rs");
    let compiled = Command::new("rustc")
        .args(["--edition=2024", "-o"])
        .arg(&program)
        .arg(source)
        .status()
        .expect("rustc");
    assert!(compiled.success());
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), everybody).expect("open to all");
    let arguments = [std::process::id().to_string()];
    let mut command = grader
        .confine(&program, &arguments)
        .expect("a command for it");
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    if said == "all was tried\n" {
        return 0;
    }
    println!(
        "FAILED: system calls that should be refused:\n{said}{}{}",
        String::from_utf8_lossy(&output.stderr),
        output.status
    );
    1
}

/// No process and no file is left.
fn left_behind() -> usize {
    let mut failures = 0;
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let program: PathBuf = fs::read_link(process.path().join("exe")).unwrap_or_default();
        let ours = program.to_string_lossy().contains("/gradus-marking-");
        if ours && is_below_here(&program) {
            println!("FAILED: {:?} still runs: {program:?}", process.path());
            failures += 1;
        }
    }
    failures
}

/// Other graders may run on this machine.
fn is_below_here(program: &Path) -> bool {
    let folder = program.ancestors().find(|at| {
        at.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("gradus-marking-"))
    });
    // Ours is gone.
    folder.is_some_and(|folder| !folder.exists())
}
