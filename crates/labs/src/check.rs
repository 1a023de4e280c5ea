//! `gradus check`: the exercises as a progress screen, once or after every save.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use gradus_exercise::Outcome;
use gradus_grader::check::{self, Checked};
use gradus_grader::handed::HandedOut;
use gradus_grader::watch::Watch;
use gradus_grader::{Course, LabFolder};
use gradus_text::Language;

use crate::screen::{self, Show};
use crate::{LanguageArg, course, language, refuse};

/// What was asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status: 0 all that was asked for is solved, 1 something is not, 2 wrong use.")]
pub struct Args {
    /// A lab or an exercise, such as lab1 or lab1.3; all labs when left out
    what: Option<String>,
    /// Check again each time a file of the labs is saved, and go on to the next exercise, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Show what the exercise asks for, too
    #[arg(long)]
    statement: bool,
    /// Show all that is wrong, and all that the compiler says
    #[arg(long)]
    full: bool,
    /// One JSON document with all outcomes, for other programs
    #[arg(long, conflicts_with = "watch")]
    json: bool,
    /// The language, when not that of GRADUS_LANG or the locale
    #[arg(long, value_enum)]
    lang: Option<LanguageArg>,
}

/// Tries what was asked for and shows what came of it.
pub fn run(args: &Args) -> ExitCode {
    let course = match course() {
        Ok(course) => course,
        Err(problems) => return refuse(&problems),
    };
    let (labs, only) = match wanted(&course, args.what.as_deref()) {
        Ok(wanted) => wanted,
        Err(problem) => return refuse(&[problem]),
    };
    let check = Check {
        course: &course,
        lang: language(args.lang),
        show: Show {
            full: args.full,
            statement: args.statement,
        },
    };
    if args.json {
        return check.json(&labs, only);
    }
    if args.watch {
        check.watch(&labs, only);
    }
    let mut solved = true;
    for lab in labs {
        match check.once(lab, only) {
            Err(problem) => return refuse(&[problem]),
            Ok(tried) => solved &= tried.is_solved(),
        }
    }
    ExitCode::from(u8::from(!solved))
}

struct Check<'a> {
    course: &'a Course,
    lang: Language,
    show: Show,
}

/// What came of trying a lab.
enum Tried {
    Ran(Vec<Outcome>),
    Broken(String),
}

impl Tried {
    fn is_solved(&self) -> bool {
        match self {
            Self::Ran(outcomes) => outcomes.iter().all(|o| o.earned() == o.points),
            Self::Broken(_) => false,
        }
    }
}

impl Check<'_> {
    /// Tries a lab and shows what came of it.
    fn once(&self, lab: &LabFolder, only: Option<&str>) -> Result<Tried, String> {
        let tried = self.try_out(lab, only)?;
        match &tried {
            Tried::Broken(said) => self.broken(said),
            Tried::Ran(outcomes) => {
                print!(
                    "{}",
                    screen::lab(self.course, lab, outcomes, self.show, self.lang)
                );
            }
        }
        self.warn_of_altered(lab);
        Ok(tried)
    }

    fn try_out(&self, lab: &LabFolder, only: Option<&str>) -> Result<Tried, String> {
        let doing = self
            .lang
            .pick("compilando y probando", "building and trying");
        progress(&format!("{doing} {}", only.unwrap_or(&lab.name)));
        let checked = check::run(&self.course.root, &lab.name, only, |outcome| {
            progress(&outcome.id);
        });
        progress("");
        Ok(match checked? {
            Checked::Ran(outcomes) => Tried::Ran(outcomes),
            Checked::Broken(said) => Tried::Broken(said),
        })
    }

    fn broken(&self, said: &str) {
        let words = self
            .lang
            .pick("No se ha podido probar:", "It could not be tried:");
        println!("{words}\n\n{}", said.trim_end());
    }

    /// With other files than those handed out the points here mean nothing.
    fn warn_of_altered(&self, lab: &LabFolder) {
        let altered = self.altered(lab);
        if altered.is_empty() {
            return;
        }
        println!(
            "\n{}",
            self.lang.pick(
                "Estos ficheros del curso no son como se entregaron, así que estos puntos no dicen nada:",
                "These files of the course are not as they were handed out, so these points say nothing:"
            )
        );
        for path in altered.iter().take(5) {
            println!("    {path}");
        }
        if altered.len() > 5 {
            println!("    … +{}", altered.len() - 5);
        }
    }

    fn altered(&self, lab: &LabFolder) -> Vec<String> {
        let root = &self.course.root;
        HandedOut::read(root).map_or_else(Vec::new, |list| list.altered(root, &lab.name))
    }

    fn json(&self, labs: &[&LabFolder], only: Option<&str>) -> ExitCode {
        let (mut all, mut solved) = (Vec::new(), true);
        for lab in labs {
            let (outcomes, said) = match self.try_out(lab, only) {
                Err(problem) => return refuse(&[problem]),
                Ok(Tried::Ran(outcomes)) => (outcomes, None),
                Ok(Tried::Broken(said)) => (Vec::new(), Some(said)),
            };
            let earned: u32 = outcomes.iter().map(Outcome::earned).sum();
            let points: u32 = outcomes.iter().map(|o| o.points).sum();
            solved &= said.is_none() && earned == points;
            all.push(serde_json::json!({
                "lab": lab.name, "earned": earned, "points": points, "exercises": outcomes,
                "altered": self.altered(lab), "problem": said,
            }));
        }
        println!("{}", serde_json::Value::Array(all));
        ExitCode::from(u8::from(!solved))
    }

    /// Until Ctrl-C: what was saved is tried; where its points change, the whole lab, and the screen goes on to the next exercise.
    fn watch(&self, labs: &[&LabFolder], only: Option<&str>) -> ! {
        let mut watch = Watch::new(&self.course.root);
        let mut known: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
        let mut shown: Option<&LabFolder> = None;
        // What to try: a lab, and an exercise of it or all.
        let mut tasks: Vec<(&LabFolder, Option<String>)> = labs
            .iter()
            .map(|lab| (*lab, only.map(str::to_owned)))
            .collect();
        loop {
            let mut trouble = None;
            while let Some((lab, one)) = tasks.pop() {
                match self.try_out(lab, one.as_deref()) {
                    Err(problem) => trouble = Some(problem),
                    Ok(Tried::Broken(said)) => trouble = Some(said),
                    Ok(Tried::Ran(outcomes)) => {
                        let solved = outcomes.iter().all(|o| o.earned() == o.points);
                        let all = known.entry(&lab.name).or_default();
                        let mut is_other = false;
                        for outcome in outcomes {
                            match all.iter_mut().find(|old| old.id == outcome.id) {
                                Some(old) => {
                                    is_other |= old.earned() != outcome.earned();
                                    *old = outcome;
                                }
                                None => all.push(outcome),
                            }
                        }
                        // Others may build on it, whether it is right now or not any more.
                        if (solved || is_other) && one.is_some() && only.is_none() {
                            tasks.push((lab, None));
                        }
                    }
                }
                shown = Some(lab);
            }
            // The lab of the last save; the next one when that is solved.
            let is_open = |lab: &LabFolder| {
                known
                    .get(&*lab.name)
                    .is_some_and(|all| screen::next(all).is_some())
            };
            let lab = shown.filter(|lab| is_open(lab));
            let lab = lab
                .or_else(|| labs.iter().copied().find(|lab| is_open(lab)))
                .or(shown);
            clear();
            if let Some(said) = trouble {
                self.broken(&said);
            } else if let Some(lab) = lab
                && let Some(outcomes) = known.get(&*lab.name)
            {
                print!(
                    "{}",
                    screen::lab(self.course, lab, outcomes, self.show, self.lang)
                );
                self.warn_of_altered(lab);
            }
            println!(
                "{}",
                self.lang.pick(
                    "(esperando a que guardes un fichero; Ctrl-C para salir)",
                    "(waiting for you to save a file; Ctrl-C to leave)"
                )
            );
            while tasks.is_empty() {
                let saved = watch.wait();
                tasks = labs
                    .iter()
                    .filter_map(|lab| Some((*lab, only_saved(lab, &saved, only)?)))
                    .collect();
            }
        }
    }
}

/// Of a lab, what the saved files ask to be tried again: nothing, one exercise, or all.
fn only_saved(
    lab: &LabFolder,
    saved: &BTreeSet<PathBuf>,
    only: Option<&str>,
) -> Option<Option<String>> {
    let of_lab: Vec<_> = saved
        .iter()
        .filter_map(|path| path.strip_prefix(&lab.name).ok())
        .collect();
    let first = of_lab.first()?;
    if let Some(only) = only {
        return Some(Some(only.to_owned()));
    }
    let exercise = lab
        .exercises
        .iter()
        .find(|exercise| first.ends_with(&exercise.file));
    Some(match exercise {
        Some(exercise) if of_lab.len() == 1 => Some(exercise.id.clone()),
        _ => None,
    })
}

/// The labs that `what` names, and the one exercise when it names one.
fn wanted<'a>(
    course: &'a Course,
    what: Option<&'a str>,
) -> Result<(Vec<&'a LabFolder>, Option<&'a str>), String> {
    match what {
        None => Ok((course.labs.iter().collect(), None)),
        Some(id) if id.contains('.') => course.exercise(id).map(|(lab, _)| (vec![lab], Some(id))),
        Some(name) => match course.labs.iter().find(|lab| lab.name == name) {
            Some(lab) => Ok((vec![lab], None)),
            None => {
                let names: Vec<_> = course.labs.iter().map(|lab| lab.name.as_str()).collect();
                let names = names.join(", ");
                Err(match Language::current() {
                    Language::Es => format!("no hay ningún laboratorio `{name}`; los hay: {names}"),
                    Language::En => format!("there is no lab `{name}`; there are {names}"),
                })
            }
        },
    }
}

/// What is being done, in one line that the next one takes the place of; nothing where nobody sees it.
fn progress(doing: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{doing}");
    }
}

/// Empties the screen, when there is one.
fn clear() {
    if std::io::stdout().is_terminal() {
        print!("\x1b[2J\x1b[H");
    }
}
