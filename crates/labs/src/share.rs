//! `gradus grade plan`, `run`, `merge`, `emit`: a class on several machines.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use gradus_grader::gradebook::Gradebook;
use gradus_grader::grading::Class;
use gradus_grader::marking::Level;
use gradus_grader::shards::{Merged, Plan};
use gradus_grader::submissions::{self, Allowed, Limits};
use gradus_grader::{Course, feedback};

use crate::grade::{
    LateArgs, Progress, announce, count, ignored, jobs, lock, prepare, say, status, stopping,
};
use crate::release::Languages;

/// What was asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// For several machines: write down who is to be marked from what, cut into shards
    Plan {
        /// A folder with something for each student, an export of Moodle or Gradescope, or a CSV list
        submissions: PathBuf,
        /// The lab, such as lab2
        #[arg(long)]
        lab: String,
        /// How many parts
        #[arg(long, value_name = "N")]
        shards: usize,
        /// Draw all inputs from this; otherwise from a new number
        #[arg(long)]
        seed: Option<u64>,
        /// The folder for plan and marks, which all machines see
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        late: LateArgs,
    },
    /// Mark one shard of a plan; again, and what has a mark already is left alone
    #[command(after_help = "\
Without --shard, the number is that of the task: SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, from 0.

Exit status: 0 all of it is marked, whatever the points; 1 some could not be marked; 2 wrong use; 130 stopped.")]
    Run {
        /// The folder of the plan
        plan: PathBuf,
        /// The shard, counted from 1, and how many there are: 3/8
        #[arg(long, value_name = "K/N")]
        shard: Option<String>,
        /// How many submissions at once; as many as there are processors when left out
        #[arg(long, value_name = "N")]
        jobs: Option<usize>,
        /// The least that the sandbox must reach: full, standard or none
        #[arg(long, value_name = "LEVEL", default_value = "standard")]
        require: Level,
    },
    /// Bring the marks of all shards into the gradebook
    Merge {
        /// The folder of the plan
        plan: PathBuf,
        /// Where gradebook and pages are
        #[arg(long, value_name = "DIR", default_value = "grades")]
        out: PathBuf,
        /// The languages of the pages
        #[arg(long, value_enum, default_value = "both")]
        lang: Languages,
    },
    /// Write the job that runs all shards of a plan, for an engine that is there already
    Emit {
        /// Which engine
        engine: Engine,
        /// The folder of the plan, as the machines see it
        plan: PathBuf,
    },
}

/// What runs jobs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Engine {
    /// An array job.
    Slurm,
    /// An Indexed Job.
    Kubernetes,
    /// A workflow of GitHub Actions.
    Actions,
}

/// Does it.
pub(crate) fn run(course: &Course, command: &Command) -> Result<ExitCode, String> {
    match command {
        Command::Plan {
            submissions,
            lab,
            shards,
            seed,
            out,
            late,
        } => {
            let allowed = Allowed::of(course, lab)?;
            let found = submissions::find(submissions)?;
            ignored(&found);
            let late = late.read(submissions)?;
            let seed = match seed {
                Some(seed) => *seed,
                None => gradus_grader::grading::new_seed()?,
            };
            let plan = Plan::make(out, lab, seed, *shards, late, found.submissions, &allowed)?;
            say(&format!(
                "{}: {} submissions in {shards} shards",
                out.display(),
                plan.submissions.len()
            ));
            Ok(ExitCode::SUCCESS)
        }
        Command::Run {
            plan,
            shard,
            jobs: wanted,
            require,
        } => shard_of(course, plan, shard.as_deref(), *wanted, *require),
        Command::Merge { plan, out, lang } => merge(course, plan, out, *lang),
        Command::Emit { engine, plan } => {
            let read = Plan::read(plan)?;
            print!("{}", emit(*engine, plan, &read, &course.root));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn shard_of(
    course: &Course,
    folder: &Path,
    shard: Option<&str>,
    wanted: Option<usize>,
    require: Level,
) -> Result<ExitCode, String> {
    let plan = Plan::read(folder)?;
    let shard = which(shard, plan.shards)?;
    let lab = plan.lab.as_str();
    let allowed = Allowed::of(course, lab)?;
    let jobs = jobs(wanted);
    let grader = prepare(course, lab, require, jobs)?;
    let exercises = course.labs.iter().find(|it| it.name == lab);
    let class = Class {
        lab,
        exercises: exercises.map_or(&[], |lab| &lab.exercises),
        allowed: &allowed,
        limits: Limits::default(),
        seed: plan.seed,
        jobs,
        since: None,
        stop: stopping()?,
    };
    let all = (plan.submissions.len() + plan.shards - 1 - shard) / plan.shards;
    announce(lab, all, &grader);
    let mut progress = Progress::new(all);
    let summary = plan.run(folder, shard, &class, &grader, &mut |done| {
        progress.tell(done)
    });
    progress.end();
    let summary = summary?;
    count(&summary);
    Ok(status(&summary))
}

/// Which shard, from 0: as said, or the number of the task.
fn which(said: Option<&str>, shards: usize) -> Result<usize, String> {
    let Some(said) = said else {
        let number = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok());
        let number = number
            .ok_or_else(|| format!("which shard? --shard 1/{shards} to {shards}/{shards}"))?;
        return number
            .parse()
            .map_err(|_| format!("`{number}` is no number of a task"));
    };
    let parts = said.split_once('/');
    let parts = parts.and_then(|(k, n)| Some((k.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match parts {
        Some((k, n)) if n == shards && (1..=n).contains(&k) => Ok(k - 1),
        _ => Err(format!(
            "`{said}` is no shard of this plan; there are 1/{shards} to {shards}/{shards}"
        )),
    }
}

fn merge(course: &Course, folder: &Path, out: &Path, lang: Languages) -> Result<ExitCode, String> {
    let plan = Plan::read(folder)?;
    let _lock = lock(out)?;
    let mut gradebook = Gradebook::open(&out.join("gradebook.sqlite"))?;
    let merged = plan.merge(folder, &mut gradebook)?;
    let shown = out.display();
    let status = match merged {
        Merged::All(marks) => {
            feedback::write(out, course, &plan.lab, &gradebook, &lang.all())?;
            say(&format!("{shown}: {marks} marks in the gradebook"));
            ExitCode::SUCCESS
        }
        Merged::Missing { count, shards } => {
            let shards: Vec<_> = shards.iter().map(usize::to_string).collect();
            say(&format!(
                "{count} of {} have no mark yet, so nothing was merged; run again the shards {} of {}",
                plan.submissions.len(),
                shards.join(", "),
                plan.shards
            ));
            ExitCode::FAILURE
        }
    };
    gradebook.close()?;
    Ok(status)
}

/// The text of the job.
fn emit(engine: Engine, folder: &Path, plan: &Plan, course: &Path) -> String {
    let text = match engine {
        Engine::Slurm => include_str!("share/slurm.sh"),
        Engine::Kubernetes => include_str!("share/kubernetes.yaml"),
        Engine::Actions => include_str!("share/actions.yaml"),
    };
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let shards: Vec<String> = (1..=plan.shards).map(|shard| shard.to_string()).collect();
    text.replace("@LAB@", &plan.lab)
        .replace("@LAST@", &(plan.shards - 1).to_string())
        .replace("@COUNT@", &plan.shards.to_string())
        .replace("@SHARDS@", &shards.join(", "))
        .replace("@PLAN@", &folder.display().to_string())
        .replace("@COURSE@", &course.display().to_string())
}
