//! The gradebook and the run of a class, with a marker that only counts: what is tried is who is marked, when, and what is kept.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use gradus_exercise::{Complaint, Language, Outcome, State, Text, Verdict};

use super::{Gradebook, Late, csv, gradescope, json, moodle};
use crate::{
    Course,
    grading::{self, Class, Done, Fate, Marker, Summary},
    marking::{Identity, Level, Mark},
    shards::{Merged, Plan},
    submissions::{Allowed, Limits, find},
};

/// One point for each letter of the first file, up to ten.
struct Counter {
    identity: Identity,
    level: Level,
    asked: AtomicUsize,
    fails: bool,
}

impl Counter {
    fn new(toolchain: &str) -> Self {
        Self {
            identity: Identity {
                toolchain: toolchain.to_owned(),
                material: "m".to_owned(),
            },
            level: Level::Standard,
            asked: AtomicUsize::new(0),
            fails: false,
        }
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

impl Marker for Counter {
    fn mark(&self, files: &BTreeMap<String, String>, seed: u64) -> Result<Mark, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.fails {
            return Err("no room".to_owned());
        }
        let letters = files.values().next().map_or(0, String::len);
        let mut complaint = Complaint::default();
        complaint.mistake = Some(("short".to_owned(), Text::new("corto", "short")));
        let verdict = |points, right| Verdict {
            question: format!("q{points}"),
            points,
            state: match right {
                true => State::Right,
                false => State::Wrong(Box::new(complaint.clone())),
            },
        };
        let outcome = Outcome {
            id: "lab2.1".to_owned(),
            title: Text::new("Capa", "Layer"),
            file: "src/exercises/e1_dense.rs".to_owned(),
            points: 10,
            verdicts: vec![verdict(4, letters >= 4), verdict(6, letters >= 6)],
            ..Outcome::default()
        };
        Ok(Mark {
            exercises: vec![outcome],
            seed,
            level: self.level,
            identity: self.identity.clone(),
            seconds: 0.5,
        })
    }

    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn level(&self) -> Level {
        self.level
    }
}

struct Here {
    course: Course,
    folder: tempfile::TempDir,
}

impl Here {
    fn new(students: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = tempfile::tempdir().unwrap();
        let here = Self {
            course: Course::read(&root).unwrap(),
            folder,
        };
        students
            .iter()
            .for_each(|(id, text)| here.hand_in(id, text));
        here
    }

    fn hand_in(&self, id: &str, text: &str) {
        let folder = self.folder.path().join("class").join(id);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("e1_dense.rs"), text).unwrap();
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("gradebook.sqlite")
    }

    fn book(&self) -> Gradebook {
        Gradebook::open(&self.path()).unwrap()
    }

    fn run(
        &self,
        marker: &Counter,
        jobs: usize,
        stop: &AtomicBool,
        each: &mut dyn FnMut(&Done),
    ) -> Result<Summary, String> {
        let allowed = Allowed::of(&self.course, "lab2").unwrap();
        let mut gradebook = self.book();
        let seed = gradebook.seed("lab2", None).unwrap();
        let lab = self
            .course
            .labs
            .iter()
            .find(|lab| lab.name == "lab2")
            .unwrap();
        let class = Class {
            lab: "lab2",
            exercises: &lab.exercises,
            allowed: &allowed,
            limits: Limits::default(),
            seed,
            jobs,
            since: None,
            stop,
        };
        let found = find(&self.folder.path().join("class")).unwrap();
        let summary = grading::run(&class, &found.submissions, &mut gradebook, marker, each)?;
        gradebook.close().unwrap();
        Ok(summary)
    }

    fn all(&self, marker: &Counter) -> Summary {
        self.run(marker, 2, &AtomicBool::new(false), &mut |_| ())
            .unwrap()
    }

    fn csv(&self) -> String {
        csv(&self.book().standings("lab2", None).unwrap()).unwrap()
    }
}

const CLASS: [(&str, &str); 4] = [
    ("ana", "1234"),
    ("bo", "12"),
    ("=cmd()", "123456"),
    ("José Núñez", ""),
];

#[test]
fn only_what_changed_is_marked_again_and_what_was_adjusted_stays() {
    let here = Here::new(&CLASS);
    let marker = Counter::new("rustc 1");
    assert_eq!(here.all(&marker).marked, 4);
    assert_eq!(marker.asked(), 4);
    assert_eq!(here.all(&marker).kept, 4);
    assert_eq!(marker.asked(), 0);
    here.book()
        .adjust("bo", "lab2.1", 3, "showed it at the blackboard")
        .unwrap();
    here.hand_in("bo", "1234");
    assert_eq!(
        here.all(&marker),
        Summary {
            marked: 1,
            kept: 3,
            ..Summary::default()
        }
    );
    let bo = |here: &Here| {
        let mut standings = here.book().standings("lab2", Some("bo")).unwrap();
        (
            standings[0].earned(),
            standings[0].total(),
            standings.remove(0).adjustments,
        )
    };
    assert_eq!((bo(&here).0, bo(&here).1), (4, 7));
    // What was handed in before is known.
    here.hand_in("bo", "12");
    assert_eq!(here.all(&marker).kept, 4);
    assert_eq!((bo(&here).0, bo(&here).1), (0, 3));
    assert_eq!(marker.asked(), 1);
    // Another compiler, a higher level of the sandbox: all are marked again. A lower one: none is.
    let mut other = Counter::new("rustc 2");
    assert_eq!(here.all(&other).marked, 4);
    other.level = Level::Full;
    assert_eq!(here.all(&other).marked, 4);
    other.level = Level::Standard;
    assert_eq!(here.all(&other).kept, 4);
    assert_eq!(bo(&here).2[0].why, "showed it at the blackboard");
    let nobody = here.book().adjust("b", "lab2.1", 3, "").unwrap_err();
    assert!(nobody.contains("did you mean bo?"), "{nobody}");
    let nothing = here.book().adjust("bo", "lab2.9", 3, "").unwrap_err();
    assert!(nothing.contains("there are lab2.1"), "{nothing}");
}

#[test]
fn neither_order_nor_jobs_nor_stops_matter() {
    let many: Vec<(String, String)> = (0..40)
        .map(|n| (format!("s{n}"), "1".repeat(n % 9)))
        .collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    let (one, two) = (Here::new(&many), Here::new(&many));
    let marker = Counter::new("rustc");
    for here in [&one, &two] {
        here.book().seed("lab2", Some(7)).unwrap();
    }
    one.run(&marker, 1, &AtomicBool::new(false), &mut |_| ())
        .unwrap();
    assert_eq!(marker.asked(), 40);
    let (mut runs, mut marked) = (0, 0);
    loop {
        let (stop, mut seen) = (AtomicBool::new(false), 0);
        let summary = two.run(&marker, 3, &stop, &mut |done| {
            seen += usize::from(matches!(done.fate, Fate::Marked { .. }));
            stop.fetch_or(seen == 7, Ordering::SeqCst);
        });
        let summary = summary.unwrap();
        (runs, marked) = (runs + 1, marked + summary.marked);
        if !summary.is_stopped {
            break;
        }
    }
    assert!((3..=6).contains(&runs), "{runs}");
    // Nothing twice.
    assert_eq!((marked, marker.asked()), (40, 40));
    // But for when the files were written.
    let without_times = |text: String| {
        let rows = text.lines().map(|row| {
            row.split(',')
                .filter(|cell| !cell.contains("T"))
                .collect::<Vec<_>>()
                .join(",")
        });
        rows.collect::<Vec<_>>()
    };
    assert_eq!(without_times(one.csv()), without_times(two.csv()));
    let seeds = |here: &Here| {
        here.book()
            .standings("lab2", None)
            .unwrap()
            .iter()
            .map(|it| it.seed)
            .collect::<Vec<_>>()
    };
    assert_eq!(seeds(&one), seeds(&two));
}

#[test]
fn a_class_in_shards_is_graded_as_by_one_machine() {
    let many: Vec<(String, String)> = (0..23)
        .map(|n| (format!("s{n}"), "1".repeat(n % 9)))
        .collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    let here = Here::new(&many);
    let marker = Counter::new("rustc");
    here.book().seed("lab2", Some(7)).unwrap();
    here.all(&marker);
    let (whole, asked) = (here.csv(), marker.asked());
    let (plan_folder, class) = (
        here.folder.path().join("plan"),
        here.folder.path().join("class"),
    );
    let allowed = Allowed::of(&here.course, "lab2").unwrap();
    let found = find(&class).unwrap().submissions;
    Plan::make(&plan_folder, "lab2", 7, 4, None, found, &allowed).unwrap();
    let plan = Plan::read(&plan_folder).unwrap();
    let lab = here
        .course
        .labs
        .iter()
        .find(|lab| lab.name == "lab2")
        .unwrap();
    let stop = AtomicBool::new(false);
    let settings = Class {
        lab: "lab2",
        exercises: &lab.exercises,
        allowed: &allowed,
        limits: Limits::default(),
        seed: plan.seed,
        jobs: 2,
        since: None,
        stop: &stop,
    };
    let run = |shard| {
        plan.run(&plan_folder, shard, &settings, &marker, &mut |_| ())
            .unwrap()
    };
    let merge = || {
        let mut book = Gradebook::open(&here.folder.path().join("merged.sqlite")).unwrap();
        let merged = plan.merge(&plan_folder, &mut book).unwrap();
        (merged, csv(&book.standings("lab2", None).unwrap()).unwrap())
    };
    // The third is missing, and one of the first was left half.
    [3, 0, 1].into_iter().for_each(|shard| drop(run(shard)));
    let first = crate::course::sorted(&plan_folder.join("marks"))
        .unwrap()
        .remove(0);
    let half = fs::read(&first).unwrap();
    fs::write(&first, &half[..half.len() / 2]).unwrap();
    assert!(
        matches!(merge().0, Merged::Missing { count: 7, shards } if shards.contains(&3) && shards.len() == 2)
    );
    let again = [0, 1, 3].map(run);
    assert_eq!(again.iter().map(|it| it.marked).sum::<usize>(), 1);
    assert_eq!(run(2).marked, 6);
    assert_eq!(merge(), (Merged::All(23), whole.clone()));
    // A second time nothing changes.
    assert_eq!((run(2).kept, merge().1), (6, whole));
    assert_eq!(marker.asked(), asked + 1);
    // What has changed since is not marked in the place of what was planned.
    fs::remove_dir_all(plan_folder.join("marks")).unwrap();
    here.hand_in("s0", "changed");
    assert!(run(0).failed[0].1.contains("plan again"));
    assert!(
        plan.run(&plan_folder, 4, &settings, &marker, &mut |_| ())
            .is_err()
    );
}

#[test]
fn lateness_is_reckoned_when_grades_are_read() {
    let here = Here::new(&CLASS);
    let marker = Counter::new("rustc");
    here.all(&marker);
    let mut book = here.book();
    let handed_in = book.standings("lab2", Some("ana")).unwrap()[0]
        .handed_in
        .unwrap();
    let late = Late {
        due: Some(handed_in - 60),
        per_day: 50,
        cap: 100,
        grace: 0,
    };
    book.set_late("lab2", &late).unwrap();
    let ana = book.standings("lab2", Some("ana")).unwrap().remove(0);
    assert_eq!((ana.earned(), ana.late.points, ana.total()), (4, 2, 2));
    assert_eq!(marker.asked(), 4);
}

#[test]
fn grades_leave_in_the_forms_of_others() {
    let here = Here::new(&CLASS);
    here.all(&Counter::new("rustc"));
    here.book()
        .adjust("ana", "lab2.1", -1, "a \"quoted\", reason")
        .unwrap();
    let standings = here.book().standings("lab2", None).unwrap();
    let table = csv(&standings).unwrap();
    let mut lines = table.lines();
    assert_eq!(
        lines.next(),
        Some(
            "student,name,email,lab2.1,earned,days_late,late,adjusted,total,out_of,handed_in,sandbox"
        )
    );
    // No formula for a spreadsheet.
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("'=cmd(),'=cmd(),,10,10,0,0,0,10,10,20"),
        "{table}"
    );
    assert!(table.contains("\nana,ana,,4,4,0,0,-1,3,10,"), "{table}");
    let sheet = moodle(&standings, Language::Es).unwrap();
    assert!(
        sheet.contains("\"lab2.1 4/10; lab2.1 -1: a \"\"quoted\"\", reason\""),
        "{sheet}"
    );
    let ana = standings.iter().find(|it| it.student.id == "ana").unwrap();
    let results = gradescope(ana, Language::En);
    assert_eq!(
        (&results["score"], &results["tests"][0]["max_score"]),
        (&3.into(), &10.into())
    );
    let output = results["tests"][0]["output"].as_str().unwrap();
    assert!(
        output.contains("likely") && output.contains("short"),
        "{output}"
    );
    let all = json("lab2", &standings);
    assert_eq!(all["students"].as_array().unwrap().len(), 4);
    assert!(all["students"][0]["seed"].is_string());
}

#[test]
fn nothing_is_left_of_a_student_who_is_forgotten() {
    let here = Here::new(&CLASS);
    let marker = Counter::new("rustc");
    here.all(&marker);
    let mut book = here.book();
    let name = "José Núñez";
    book.adjust(name, "lab2.1", 1, "came late to class")
        .unwrap();
    let problem = book.forget("josé").unwrap_err();
    assert!(problem.ends_with("did you mean José Núñez?"), "{problem}");
    assert_eq!(book.labs_of(name).unwrap(), ["lab2"]);
    let others = |book: &Gradebook| {
        let mut all = book.standings("lab2", None).unwrap();
        all.retain(|one| one.student.id != name);
        csv(&all).unwrap()
    };
    let before = others(&book);
    book.forget(name).unwrap();
    assert_eq!(others(&book), before);
    assert!(book.labs_of(name).is_err() && book.forget(name).is_err());
    book.close().unwrap();
    // Neither in a table nor in what the file keeps of rows that were deleted.
    for file in fs::read_dir(here.folder.path()).unwrap().flatten() {
        if file.path().is_file() {
            let bytes = fs::read(file.path()).unwrap();
            for text in [name, "came late"] {
                let found = bytes.windows(text.len()).any(|at| at == text.as_bytes());
                assert!(!found, "{text} in {:?}", file.file_name());
            }
        }
    }
    // Handed in still, so the next run marks it anew.
    let again = here.all(&marker);
    assert_eq!((again.marked, again.kept), (1, 3));
}

#[test]
fn a_machine_that_fails_changes_nothing_and_is_tried_again() {
    let here = Here::new(&CLASS);
    let mut marker = Counter::new("rustc");
    here.all(&marker);
    let before = here.csv();
    here.hand_in("ana", "123456");
    marker.fails = true;
    let summary = here.all(&marker);
    assert_eq!(summary.failed, [("ana".to_owned(), "no room".to_owned())]);
    assert_eq!(here.csv(), before);
    marker.fails = false;
    assert_eq!(here.all(&marker).marked, 1);
    (0..9).for_each(|n| here.hand_in(&format!("n{n}"), "1"));
    marker.fails = true;
    let problem = here
        .run(&marker, 1, &AtomicBool::new(false), &mut |_| ())
        .unwrap_err();
    assert!(problem.contains("5 submissions in a row"), "{problem}");
}

#[test]
fn a_damaged_gradebook_is_left_as_it_is() {
    let here = Here::new(&CLASS);
    here.all(&Counter::new("rustc"));
    let whole = fs::read(here.path()).unwrap();
    let mut torn = whole.clone();
    let middle = torn.len() / 2;
    torn[middle..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    let mut other = whole.clone();
    other[68..72].copy_from_slice(b"none");
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&9_i32.to_be_bytes());
    for (bytes, says) in [
        (
            b"not SQLite at all, but long enough to be read".repeat(9),
            "damaged",
        ),
        (torn, "damaged"),
        (whole[..whole.len() / 3].to_vec(), "damaged"),
        (Vec::new(), "no gradebook"),
        (other, "no gradebook"),
        (newer, "of version 9"),
    ] {
        fs::write(here.path(), &bytes).unwrap();
        let problem = Gradebook::open(&here.path()).unwrap_err();
        assert!(problem.contains(says), "{problem}");
        assert_eq!(fs::read(here.path()).unwrap(), bytes, "{problem}");
    }
    fs::write(here.path(), &whole).unwrap();
    assert_eq!(here.book().standings("lab2", None).unwrap().len(), 4);
    let nowhere = Gradebook::existing(&here.folder.path().join("none")).unwrap_err();
    assert!(nowhere.contains("there is no gradebook"), "{nowhere}");
}

#[cfg(unix)]
#[test]
fn a_gradebook_is_read_where_nothing_can_be_written() {
    let here = Here::new(&CLASS);
    here.all(&Counter::new("rustc"));
    let expected = here.csv();
    let read = |path: &Path| {
        let book = Gradebook::to_read(path)?;
        csv(&book.standings("lab2", None)?)
    };
    // What SQLite wants to have beside the file cannot be made, also by root.
    let odd = here.folder.path().join("100 % of #1? ñ");
    let path = odd.join("gradebook.sqlite");
    fs::create_dir(&odd).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", odd.join("gradebook.sqlite-shm")).unwrap();
    fs::copy(here.path(), &path).unwrap();
    assert!(Gradebook::existing(&path).is_err());
    assert_eq!(read(&path).unwrap(), expected);
    // Where the last marks are still in the log, an older state must not pass for the whole.
    fs::write(odd.join("gradebook.sqlite-wal"), "the last marks").unwrap();
    assert!(read(&path).is_err());
}
