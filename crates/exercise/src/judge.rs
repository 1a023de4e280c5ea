//! Judging submissions for a mark: a request on each line of standard input, an outcome on each line of standard output.
//!
//! Whoever asks has compiled the exercises and says how their programs are started: in a sandbox. The solution's own program is
//! asked for the right answers to inputs that are drawn from the request's seed. The programs of a submission hold three pipes to
//! this process and nothing else; what it reports goes where they cannot write.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Lab, Outcome, Question, State, Uncompiled, Value, Verdict,
    assess::secret_inputs,
    quietly::{Stop, quietly},
    remote::{Remote, Start},
};

/// The processor time of a function, in seconds; right ones need a hundredth of it.
const SECONDS: u64 = 5;
/// The same where a network is trained.
const TRAINING_SECONDS: u64 = 60;
/// The same after another function of the exercise has used up its own.
const TIRED_SECONDS: u64 = 1;

/// One exercise of a submission.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Which one: `lab1.3`.
    pub exercise: String,
    /// What inputs are drawn from.
    pub seed: u64,
    /// What has become of it so far.
    pub submitted: Submitted,
}

/// What has become of an exercise before it is tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Submitted {
    /// The command that starts its program. `{cpu}` in an argument stands for the seconds of processor time that it may use.
    Command(Vec<String>),
    /// It does not compile.
    Uncompiled(Uncompiled),
    /// It builds on this other exercise, which does not compile.
    WaitsFor(String),
    /// It is as it was handed out, or missing.
    NotDone,
}

/// What is answered to a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// What came of the exercise.
    Outcome(Box<Outcome>),
    /// It cannot be judged, and this is no fault of the submission.
    Failed(String),
}

/// Answers requests until there are no more. `solution` is the program that answers all of the lab's questions right.
pub(crate) fn main(lab: &Lab, solution: &Path) -> ExitCode {
    let mut judge = Judge {
        lab,
        solution: solution.to_owned(),
        seed: 0,
        secrets: BTreeMap::new(),
    };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let judged = match serde_json::from_str(&line) {
            Ok(request) => judge.judge(&request),
            Err(e) => Judged::Failed(format!("this is no request: {e}")),
        };
        let mut out = std::io::stdout();
        let written = serde_json::to_string(&judged)
            .map_err(std::io::Error::other)
            .and_then(|line| writeln!(out, "{line}"))
            .and_then(|()| out.flush());
        if written.is_err() {
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

struct Judge<'a> {
    lab: &'a Lab,
    solution: PathBuf,
    seed: u64,
    /// The secret inputs of `seed` and the answers to them, by question.
    secrets: BTreeMap<String, Vec<(Value, Option<Value>)>>,
}

impl Judge<'_> {
    fn judge(&mut self, request: &Request) -> Judged {
        let mut entries = self.lab.entries.iter();
        let Some(at) = entries.position(|entry| entry.exercise.id == request.exercise) else {
            return Judged::Failed(format!("there is no exercise `{}`", request.exercise));
        };
        let judged = match &request.submitted {
            Submitted::Uncompiled(why) => Ok(self.lab.uncompiled(at, why.clone())),
            Submitted::WaitsFor(other) => Ok(self.lab.waiting(at, other)),
            Submitted::NotDone => Ok(self.lab.waiting(at, &request.exercise)),
            Submitted::Command(command) => self.run(at, request.seed, command),
        };
        match judged {
            Ok(outcome) => Judged::Outcome(Box::new(outcome)),
            Err(problem) => Judged::Failed(problem),
        }
    }

    fn run(&mut self, at: usize, seed: u64, command: &[String]) -> Result<Outcome, String> {
        let lab = self.lab;
        let Some(entry) = lab.entries.get(at) else {
            return Ok(Outcome::default());
        };
        let mut outcome = entry.outcome();
        let mut tired = false;
        for question in &entry.questions {
            let mut all = entry.exercise.questions.iter();
            let Some(asked) = all.find(|asked| asked.name == question.name) else {
                continue;
            };
            let seconds = match asked.tolerance.is_bounds() {
                _ if tired => TIRED_SECONDS,
                true => TRAINING_SECONDS,
                false => SECONDS,
            };
            // Who sleeps uses no processor; and the machine may be busy.
            let limit = Duration::from_secs(4 * seconds + if tired { 2 } else { 10 });
            let command = (command.iter())
                .map(|word| word.replace("{cpu}", &seconds.to_string()))
                .collect();
            let secret = crate::lab::Terms {
                seed,
                cases: self.cases(asked, question, seed)?,
                limit,
            };
            let begun = Instant::now();
            entry.try_question(question, &Start::As(command), Some(secret), &mut outcome);
            let wrong = |verdict: &Verdict| matches!(verdict.state, State::Wrong(_));
            tired |= outcome.verdicts.last().is_some_and(wrong)
                && begun.elapsed() > Duration::from_secs(seconds);
        }
        Ok(outcome)
    }

    /// The secret inputs, with what the solution answers; the solution is asked once for a seed.
    fn cases(
        &mut self,
        asked: &Asked,
        question: &Question,
        seed: u64,
    ) -> Result<Vec<(Value, Option<Value>)>, String> {
        if self.seed != seed {
            self.seed = seed;
            self.secrets.clear();
        }
        if let Some(known) = self.secrets.get(&asked.name) {
            return Ok(known.clone());
        }
        let inputs = secret_inputs(asked, question, seed);
        let solution = Remote::new(Start::Limited(self.solution.clone()), question.name);
        let answers = |input: Value| match asked.tolerance.is_bounds() {
            true => Ok((input, None)),
            false => match quietly(|| question.seen(&input, solution.call(&input))) {
                Ok(answer) => Ok((input, Some(answer))),
                Err(stop) => Err(format!(
                    "the solution of `{}` does not answer {input}: {}",
                    asked.name,
                    match stop {
                        Stop::NotDone(id) => format!("{id} is not done"),
                        Stop::Panic(message) => message,
                        Stop::Ended(complaint) =>
                            complaint.says.map(|says| says.en).unwrap_or_default(),
                    }
                )),
            },
        };
        let cases: Vec<_> = inputs.into_iter().map(answers).collect::<Result<_, _>>()?;
        let _ = solution.finish();
        self.secrets.insert(asked.name.clone(), cases.clone());
        Ok(cases)
    }
}
