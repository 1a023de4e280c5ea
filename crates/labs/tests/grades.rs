//! What an instructor types for a class, as far as nothing has to be marked.

use std::path::Path;
use std::process::{Command, Output};

fn labs(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gradus-labs"));
    command.args(arguments).current_dir(root);
    for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"] {
        command.env_remove(name);
    }
    command.output().expect("gradus-labs runs")
}

fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    text.concat()
}

#[test]
fn what_cannot_be_graded_is_said_before_anything_is_built() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (class, out, empty) = (path("class"), path("out"), path("empty"));
    std::fs::create_dir_all(path("class/Ana")).expect("a folder");
    std::fs::create_dir_all(&empty).expect("a folder");
    std::fs::create_dir_all(&out).expect("a folder");
    std::fs::write(path("out/gradebook.sqlite"), "not a gradebook".repeat(99)).expect("a file");
    std::fs::write(path("file"), "").expect("a file");
    let none = path("none");
    let file = format!("{}/grades", path("file"));
    for (arguments, says) in [
        (vec!["grade"], "required"),
        (
            vec!["grade", &class, "--lab", "lab9"],
            "there is no lab `lab9`; there are lab1, lab2",
        ),
        (vec!["grade", &none, "--lab", "lab2"], "No such file"),
        (
            vec!["grade", &empty, "--lab", "lab2"],
            "there are no submissions",
        ),
        (
            vec!["grade", &class, "--lab", "lab2", "--due", "soon"],
            "`soon` is no time",
        ),
        (
            vec!["grade", &class, "--lab", "lab2", "--cap", "3"],
            "--due",
        ),
        (
            vec!["grade", &class, "--lab", "lab2", "--require", "much"],
            "none, standard, full",
        ),
        (
            vec!["grade", &class, "--lab", "lab2", "--out", &out],
            "the gradebook is damaged",
        ),
        (
            vec!["grade", &class, "--lab", "lab2", "--out", &file],
            "cannot be made",
        ),
        (vec!["grade", "run", &none], "plan.json"),
        (vec!["grades", "--from", &none], "there is no gradebook"),
        (vec!["grades", "--csv", "--json"], "cannot be used with"),
        (
            vec![
                "grades", "adjust", "Ana", "lab2.1", "+2", "--from", &none, "--why", "x",
            ],
            "there is no gradebook",
        ),
    ] {
        let output = labs(&arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains(says),
            "{arguments:?}: {}",
            said(&output)
        );
    }
}

#[test]
fn a_plan_is_cut_into_shards_and_becomes_the_job_of_an_engine() {
    let folder = tempfile::tempdir().expect("a folder");
    let (class, plan, out) = (
        folder.path().join("class"),
        folder.path().join("plan"),
        folder.path().join("out"),
    );
    for student in ["Ana", "Bo", "Cy"] {
        std::fs::create_dir_all(class.join(student)).expect("a folder");
        std::fs::write(class.join(student).join("e1_dense.rs"), student).expect("a file");
    }
    let (class, plan, out) = (
        class.display().to_string(),
        plan.display().to_string(),
        out.display().to_string(),
    );
    let planned = labs(&[
        "grade", "plan", &class, "--lab", "lab2", "--shards", "2", "--out", &plan,
    ]);
    assert!(planned.status.success(), "{}", said(&planned));
    for (shard, says) in [
        ("3/2", "1/2 to 2/2"),
        ("1/3", "1/2 to 2/2"),
        ("x", "no shard"),
    ] {
        let output = labs(&["grade", "run", &plan, "--shard", shard]);
        assert!(said(&output).contains(says), "{}", said(&output));
    }
    let merged = labs(&["grade", "merge", &plan, "--out", &out]);
    assert_eq!(merged.status.code(), Some(1));
    assert!(
        said(&merged).contains("3 of 3 have no mark yet"),
        "{}",
        said(&merged)
    );
    for (engine, says) in [
        ("slurm", "--array=0-1\n"),
        ("kubernetes", "completions: 2\n"),
        ("actions", "shard: [1, 2]\n"),
    ] {
        let job = said(&labs(&["grade", "emit", engine, &plan]));
        assert!(job.contains(says) && job.contains(&plan), "{job}");
        assert!(!job.contains('@') || engine == "actions", "{job}");
    }
}
