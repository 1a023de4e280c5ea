//! The judges: processes of the lab's tests, one for each submission that is marked at the same time.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, PoisonError},
};

use gradus_exercise::{
    Outcome,
    judge::{Judged, Request},
};

/// More than any outcome has.
const LONGEST: u64 = 64 << 20;

/// Those that are idle, and how more are started.
#[derive(Debug)]
pub(super) struct Judges {
    program: PathBuf,
    solution: PathBuf,
    log: PathBuf,
    idle: Mutex<Vec<Judge>>,
}

#[derive(Debug)]
struct Judge {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Judges {
    pub(super) fn new(program: &Path, solution: &Path, log: &Path) -> Self {
        Self {
            program: program.to_owned(),
            solution: solution.to_owned(),
            log: log.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// Has one judge it. A judge that ends over it is replaced, once.
    pub(super) fn judge(&self, request: &Request) -> Result<Outcome, String> {
        let line = serde_json::to_string(request).map_err(|e| e.to_string())? + "\n";
        let mut last = String::new();
        for _ in 0..2 {
            let idle = self.lock().pop();
            let mut judge = match idle {
                Some(judge) => judge,
                None => self.start()?,
            };
            match judge.ask(&line) {
                Ok(Judged::Outcome(outcome)) => {
                    self.lock().push(judge);
                    return Ok(*outcome);
                }
                Ok(Judged::Failed(problem)) => return Err(problem),
                Err(problem) => last = problem,
            }
        }
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let said: Vec<&str> = log.lines().rev().take(5).collect();
        let said: Vec<&str> = said.into_iter().rev().collect();
        Err(format!(
            "the judge of {} ended: {last}\n{}",
            request.exercise,
            said.join("\n")
        ))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Judge>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> Result<Judge, String> {
        let problem = |e: std::io::Error| format!("the judge cannot be started: {e}");
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(problem)?;
        let mut child = Command::new(&self.program)
            .arg("--judge")
            .arg(&self.solution)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(problem)?;
        let requests = child.stdin.take();
        let answers = child.stdout.take().map(BufReader::new);
        match answers {
            Some(answers) => Ok(Judge {
                child,
                requests,
                answers,
            }),
            None => Err("the judge has no output".to_owned()),
        }
    }
}

impl Judge {
    fn ask(&mut self, line: &str) -> Result<Judged, String> {
        let told = |e: std::io::Error| e.to_string();
        let requests = self.requests.as_mut().ok_or("it has no input")?;
        requests.write_all(line.as_bytes()).map_err(told)?;
        let mut answer = Vec::new();
        let mut some = (&mut self.answers).take(LONGEST);
        some.read_until(b'\n', &mut answer).map_err(told)?;
        serde_json::from_slice(&answer).map_err(|e| e.to_string())
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        // It ends with its input. One that is in the middle of something does not see that.
        drop(self.requests.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
