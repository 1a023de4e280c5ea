//! `gradus grade`: marks a class.

use std::fs::{self, File, TryLockError};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use gradus_grader::Course;
use gradus_grader::feedback;
use gradus_grader::gradebook::{Gradebook, Late};
use gradus_grader::grading::{self, Class, Done, Fate, Summary};
use gradus_grader::marking::{Grader, Level, Options};
use gradus_grader::moment;
use gradus_grader::submissions::{self, Allowed, Found, Limits};

use crate::release::Languages;
use crate::{course, refuse, share};

/// What was asked for.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  gradus grade submissions --lab lab2           a folder, zip or tar.gz each
  gradus grade list.csv --lab lab2 --out 2026   columns student,path,handed_in
  gradus grade submissions --lab lab2 --due '2026-11-20 23:59' --per-day 10 --cap 50
  gradus grades                                 the table; --csv, --moodle, ...

In the folder of --out: gradebook.sqlite, LAB.html about the class, feedback/LAB/ with a page for each student. A second run marks \
what changed; one that was stopped, by Ctrl-C or by force, goes on where it was. Lateness may also stand in a file late.toml \
beside the submissions: due, per_day, grace, cap.

Exit status: 0 all are marked, whatever the points; 1 some could not be marked; 2 wrong use or unreadable input; 130 stopped.")]
pub struct Args {
    #[command(subcommand)]
    command: Option<share::Command>,
    #[command(flatten)]
    class: ClassArgs,
}

/// A class that this machine marks alone.
#[derive(Debug, clap::Args)]
pub struct ClassArgs {
    /// A folder with something for each student, an export of Moodle or Gradescope, or a CSV list
    #[arg(required = true)]
    submissions: Option<PathBuf>,
    /// The lab, such as lab2
    #[arg(long, required = true)]
    lab: Option<String>,
    /// Draw all inputs from this; otherwise from a number that is drawn once and kept in the gradebook
    #[arg(long)]
    seed: Option<u64>,
    /// How many submissions at once; as many as there are processors when left out
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Where gradebook and pages are
    #[arg(long, value_name = "DIR", default_value = "grades")]
    out: PathBuf,
    /// Only what was handed in since then: 2026-11-20, '2026-11-20 18:00', 2026-11-20T18:00:00+01:00
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// The least that the sandbox must reach: full, standard or none
    #[arg(long, value_name = "LEVEL", default_value = "standard")]
    require: Level,
    /// The languages of the pages
    #[arg(long, value_enum, default_value = "both")]
    lang: Languages,
    #[command(flatten)]
    late: LateArgs,
}

/// What late submissions lose.
#[derive(Debug, Default, clap::Args)]
pub struct LateArgs {
    /// When it had to be handed in
    #[arg(long, value_name = "TIME")]
    due: Option<String>,
    /// Percent of the points earned that each day costs that has begun
    #[arg(long, value_name = "PERCENT", requires = "due", default_value_t = 0)]
    per_day: u32,
    /// So late is not late: 30m, 2h, 1d
    #[arg(long, value_name = "SPAN", requires = "due", default_value = "0m")]
    grace: String,
    /// The most that lateness costs
    #[arg(long, value_name = "PERCENT", requires = "due", default_value_t = 100)]
    cap: u32,
}

impl LateArgs {
    /// The flags, or else the file beside the submissions; nothing where there is neither.
    pub(crate) fn read(&self, submissions: &Path) -> Result<Option<Late>, String> {
        if let Some(due) = &self.due {
            return Late::new(Some(due), self.per_day, &self.grace, self.cap).map(Some);
        }
        let folder = match submissions.is_dir() {
            true => submissions,
            false => submissions.parent().unwrap_or(Path::new("")),
        };
        let path = folder.join("late.toml");
        match fs::read_to_string(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(format!("{}: {e}", path.display())),
            Ok(text) => {
                (Late::parse(&text).map(Some)).map_err(|e| format!("{}:{e}", path.display()))
            }
        }
    }
}

/// Marks.
pub fn run(args: &Args) -> ExitCode {
    let course = match course() {
        Ok(course) => course,
        Err(problems) => return refuse(&problems),
    };
    let graded = match &args.command {
        Some(command) => share::run(&course, command),
        None => grade(&course, &args.class).map(|summary| status(&summary)),
    };
    graded.unwrap_or_else(|problem| refuse(&[problem]))
}

pub(crate) fn status(summary: &Summary) -> ExitCode {
    match summary.is_stopped {
        true => ExitCode::from(130),
        false => ExitCode::from(u8::from(!summary.failed.is_empty())),
    }
}

fn grade(course: &Course, args: &ClassArgs) -> Result<Summary, String> {
    // Both are there: only a subcommand does without them.
    let (Some(lab), Some(submissions)) = (args.lab.as_deref(), args.submissions.as_deref()) else {
        return Err("which submissions? `grade SUBMISSIONS --lab LAB`".to_owned());
    };
    // What is quick to refuse comes before what takes long.
    let allowed = Allowed::of(course, lab)?;
    let found = submissions::find(submissions)?;
    let since = (args.since.as_deref())
        .map(|since| moment::parse(since, false))
        .transpose()?;
    let late = args.late.read(submissions)?;
    let _lock = lock(&args.out)?;
    let mut gradebook = Gradebook::open(&args.out.join("gradebook.sqlite"))?;
    let jobs = jobs(args.jobs);
    let grader = prepare(course, lab, args.require, jobs)?;
    let seed = gradebook.seed(lab, args.seed)?;
    if let Some(late) = &late {
        gradebook.set_late(lab, late)?;
    }
    announce(lab, found.submissions.len(), &grader);
    ignored(&found);
    let stop = stopping()?;
    let exercises = course.labs.iter().find(|it| it.name == lab);
    let class = Class {
        lab,
        exercises: exercises.map_or(&[], |lab| &lab.exercises),
        allowed: &allowed,
        limits: Limits::default(),
        seed,
        jobs,
        since,
        stop,
    };
    let mut progress = Progress::new(found.submissions.len());
    let summary = grading::run(
        &class,
        &found.submissions,
        &mut gradebook,
        &grader,
        &mut |done| {
            progress.tell(done);
        },
    );
    progress.end();
    let summary = summary?;
    feedback::write(&args.out, course, lab, &gradebook, &args.lang.all())?;
    gradebook.close()?;
    tell(&summary, &args.out, lab);
    Ok(summary)
}

/// A gradebook has one grader at a time.
pub(crate) fn lock(out: &Path) -> Result<File, String> {
    fs::create_dir_all(out).map_err(|e| {
        format!(
            "{}: the folder for the grades cannot be made: {e}",
            out.display()
        )
    })?;
    let path = out.join(".lock");
    let problem = |e: std::io::Error| {
        format!(
            "{}: the folder for the grades cannot be written: {e}; --out names another",
            out.display()
        )
    };
    let file = File::create(&path).map_err(problem)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(format!(
            "{}: another `grade` is at work here; wait for it, or name another folder with --out",
            out.display()
        )),
        Err(TryLockError::Error(e)) => Err(problem(e)),
    }
}

pub(crate) fn jobs(wanted: Option<usize>) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    wanted.filter(|jobs| *jobs > 0).unwrap_or(processors)
}

/// Builds what marking needs, and says what is being done.
pub(crate) fn prepare(
    course: &Course,
    lab: &str,
    level: Level,
    jobs: usize,
) -> Result<Grader, String> {
    let options = Options {
        level: Some(level),
        jobs,
    };
    let on_terminal = std::io::stderr().is_terminal();
    let grader = Grader::prepare(course, lab, &options, &mut |doing| match on_terminal {
        true => eprint!("\r\x1b[K{doing}"),
        false => eprintln!("{doing}"),
    });
    if on_terminal {
        eprint!("\r\x1b[K");
    }
    grader
}

pub(crate) fn announce(lab: &str, count: usize, grader: &Grader) {
    say(&format!(
        "{lab}: {count} submissions; sandbox: {}; {}",
        grader.level(),
        grader.identity().toolchain
    ));
}

/// What lies among the submissions and is nobody's.
pub(crate) fn ignored(found: &Found) {
    if !found.ignored.is_empty() {
        let names: Vec<_> = found
            .ignored
            .iter()
            .take(5)
            .map(|name| plain(name))
            .collect();
        let more = found.ignored.len().saturating_sub(5);
        let more = if more > 0 {
            format!(", … +{more}")
        } else {
            String::new()
        };
        say(&format!(
            "of nobody, passed over: {}{more}",
            names.join(", ")
        ));
    }
}

/// What Ctrl-C sets. The second time it ends the program, which loses no more than what is being marked.
pub(crate) fn stopping() -> Result<&'static AtomicBool, String> {
    static STOP: AtomicBool = AtomicBool::new(false);
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        eprintln!("\nwhat is being marked is marked to its end; Ctrl-C again leaves at once, and nothing is lost either way");
    })
    .map_err(|e| format!("Ctrl-C cannot be heeded: {e}"))?;
    Ok(&STOP)
}

/// How far it is: one line that changes on a terminal, elsewhere a line for each submission that was marked.
pub(crate) struct Progress {
    all: usize,
    done: usize,
    marked: usize,
    begun: Instant,
    on_terminal: bool,
}

impl Progress {
    pub(crate) fn new(all: usize) -> Self {
        Self {
            all,
            done: 0,
            marked: 0,
            begun: Instant::now(),
            on_terminal: std::io::stderr().is_terminal(),
        }
    }

    pub(crate) fn tell(&mut self, done: &Done) {
        self.done += 1;
        let said = match &done.fate {
            Fate::Marked { earned, points, .. } => {
                self.marked += 1;
                format!("{earned}/{points}")
            }
            Fate::Kept if self.on_terminal => "as before".to_owned(),
            Fate::Kept | Fate::Earlier => return,
            Fate::Failed(why) => format!("could not be marked: {}", plain(why)),
        };
        let (all, done, name) = (self.all, self.done, plain(&done.name));
        let left = self.left();
        if !self.on_terminal {
            eprintln!("{done}/{all} {name}: {said}{left}");
            return;
        }
        const WIDTH: usize = 24;
        let full = (WIDTH * done).checked_div(all).unwrap_or(WIDTH);
        let bar: String = (0..WIDTH)
            .map(|k| if k < full { '█' } else { '░' })
            .collect();
        let name: String = name.chars().take(24).collect();
        let said: String = said.chars().take(40).collect();
        eprint!("\r\x1b[K{bar} {done}/{all} {name}: {said}{left}");
    }

    /// By what the marked ones took so far.
    fn left(&self) -> String {
        let left = self.all.saturating_sub(self.done);
        if self.marked < 2 || left == 0 {
            return String::new();
        }
        let seconds = self.begun.elapsed().as_secs_f64() / self.marked as f64 * left as f64;
        match seconds.round() as u64 {
            few @ ..90 => format!(" · about {few} s left"),
            many => format!(" · about {} min left", many.div_ceil(60)),
        }
    }

    pub(crate) fn end(&self) {
        if self.on_terminal {
            eprint!("\r\x1b[K");
        }
    }
}

fn tell(summary: &Summary, out: &Path, lab: &str) {
    count(summary);
    say(&format!(
        "the class: {}; the pages to hand out: {}",
        out.join(format!("{lab}.html")).display(),
        out.join("feedback").join(lab).display()
    ));
}

/// What came of it, in numbers, and what is left to do.
pub(crate) fn count(summary: &Summary) {
    let mut parts = vec![format!("{} marked", summary.marked)];
    if summary.kept > 0 {
        parts.push(format!("{} as before", summary.kept));
    }
    if summary.earlier > 0 {
        parts.push(format!("{} from before --since", summary.earlier));
    }
    if !summary.failed.is_empty() {
        parts.push(format!("{} could not be marked", summary.failed.len()));
    }
    say(&parts.join(", "));
    for (name, why) in summary.failed.iter().take(10) {
        say(&format!("    {}: {}", plain(name), plain(why)));
    }
    if !summary.failed.is_empty() {
        say("the same command tries those again");
    }
    if summary.is_stopped {
        say("stopped: the same command goes on from here");
    }
}

/// A line for whoever reads; somebody who reads no more is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A text from outside on a terminal: nothing in it moves the cursor.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
