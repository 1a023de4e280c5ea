use std::{
    collections::BTreeSet,
    fs,
    io::{Cursor, Write as _},
    path::Path,
    process::Command,
};

use flate2::{Compression, write::GzEncoder};
use tar::{EntryType, Header};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::{Allowed, Limits, Student, Submission, find, paths::Place, read};
use crate::Course;

fn course(folder: &Path) -> Course {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for lab in ["lab1", "lab2"] {
        let to = folder.join("labs").join(lab);
        fs::create_dir_all(to.join("exercises")).unwrap();
        fs::write(to.join("Cargo.toml"), "").unwrap();
        for file in crate::course::sorted(&root.join("labs").join(lab).join("exercises")).unwrap() {
            fs::copy(&file, to.join("exercises").join(file.file_name().unwrap())).unwrap();
        }
    }
    Course::read(folder).unwrap()
}

struct Class {
    folder: TempDir,
    allowed: Allowed,
}

impl Class {
    fn new() -> Self {
        let here = tempfile::tempdir().unwrap();
        let allowed = Allowed::of(&course(here.path()), "lab2").unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            allowed,
        }
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self, id: &str) -> super::Taken {
        let found = find(self.folder.path()).unwrap();
        let wanted = found.submissions.iter().find(|it| it.student.id == id);
        let ids: Vec<_> = found.submissions.iter().map(|it| &it.student.id).collect();
        let submission = wanted.unwrap_or_else(|| panic!("{id} is not among {ids:?}"));
        read(submission, &self.allowed, &Limits::default())
    }

    /// What was said in English.
    fn said(&self, id: &str) -> String {
        let taken = self.read(id);
        let said: Vec<_> = taken.remarks.iter().map(|it| it.en.clone()).collect();
        said.join("\n")
    }
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tarred(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, kind, bytes) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // As it is: the crate refuses to write what leaves its folder.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

const DENSE: &str = "src/exercises/e1_dense.rs";

#[test]
fn only_the_exercises_of_the_lab_are_taken_wherever_they_stand() {
    let class = Class::new();
    let place = |path: &str| match class.allowed.place(path) {
        Place::Exercise { file, rank } => format!("{file} {rank}"),
        other => format!("{other:?}"),
    };
    for (path, is) in [
        (
            "work/labs/lab2/src/exercises/e1_dense.rs",
            "src/exercises/e1_dense.rs 0",
        ),
        (
            "lab2\\src\\exercises\\e1_dense.rs",
            "src/exercises/e1_dense.rs 1",
        ),
        ("./src/exercises/e1_dense.rs", "src/exercises/e1_dense.rs 2"),
        ("e1_dense.rs", "src/exercises/e1_dense.rs 4"),
        ("labs/lab1/src/exercises/e1_dense.rs", "Other"),
        (
            ".gradus/released/labs/lab2/src/exercises/e1_dense.rs",
            "Other",
        ),
        ("target/e1_dense.rs", "Other"),
        ("src/exercises/mod.rs", "Other"),
        ("build.rs", "Other"),
        ("--help.rs", "Other"),
        ("e1_dense.rs/x", "Other"),
        ("", "Outside"),
        ("/labs/lab2/src/exercises/e1_dense.rs", "Outside"),
        ("C:\\e1_dense.rs", "Outside"),
        ("../e1_dense.rs", "Outside"),
        ("a/../../e1_dense.rs", "Outside"),
    ] {
        assert_eq!(place(path), is, "{path}");
    }
}

#[test]
fn folders_archives_and_platforms_are_understood() {
    let class = Class::new();
    class.write(
        "José Núñez Ortega/labs/lab2/src/exercises/e1_dense.rs",
        "folder",
    );
    // The same name as macOS writes it, with the accents apart.
    class.write(
        "Zoe\u{301} Lo\u{301}pez.zip",
        zipped(&[("x/src/exercises/e1_dense.rs", b"zip")]),
    );
    class.write(
        "li.tar.gz",
        tarred(&[("./e1_dense.rs", EntryType::Regular, b"tar")]),
    );
    class.write("Ana García_123_assignsubmission_file_e1_dense.rs", "loose");
    class.write(
        "Ana García_123_assignsubmission_file_e3_monitors.rs",
        "loose",
    );
    class.write(
        "Bo_124_assignsubmission_file/work.zip",
        zipped(&[("labs/lab2/src/exercises/e1_dense.rs", b"zip in a folder")]),
    );
    class.write("notes.txt", "");
    class.write("late.toml", "");
    let found = find(class.folder.path()).unwrap();
    let ids: Vec<_> = found
        .submissions
        .iter()
        .map(|it| it.student.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "Ana García_123",
            "Bo_124",
            "José Núñez Ortega",
            "Zoé López",
            "li"
        ]
    );
    assert_eq!(found.ignored, ["notes.txt"]);
    assert_eq!(found.submissions[0].student.moodle, "123");
    for (id, text) in [
        ("José Núñez Ortega", "folder"),
        ("Zoé López", "zip"),
        ("li", "tar"),
        ("Ana García_123", "loose"),
        ("Bo_124", "zip in a folder"),
    ] {
        let taken = class.read(id);
        assert_eq!(
            taken.files.get(DENSE).map(String::as_str),
            Some(text),
            "{id}"
        );
        assert_eq!(taken.remarks, [], "{id}");
        assert!(taken.handed_in.is_some(), "{id}");
    }
    assert_eq!(class.read("Ana García_123").files.len(), 2);
}

#[test]
fn an_export_of_gradescope_says_who_and_when() {
    let class = Class::new();
    class.write("submission_7/e1_dense.rs", "x");
    class.write(
        "submission_metadata.yml",
        "---\nsubmission_7:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: '11'\n    :email: ada@example.org\n  - :name: Bo\n    :sid: ''\n    :email: bo@example.org\n  :created_at: 2026-11-21 23:00:00.133010000 Z\n  :score: 1\n  :results:\n    :tests:\n    - :name: x\n",
    );
    let found = find(class.folder.path()).unwrap().submissions;
    let ada = Student {
        id: "11".to_owned(),
        name: "Ada Lovelace".to_owned(),
        email: "ada@example.org".to_owned(),
        moodle: String::new(),
    };
    assert_eq!(
        (&found[0].student, found[0].handed_in),
        (&ada, Some(1_795_302_000))
    );
    assert_eq!(found[1].student.id, "Bo");
}

#[test]
fn a_list_names_students_paths_and_times() {
    let class = Class::new();
    class.write("files/a/e1_dense.rs", "x");
    class.write("list.csv", "\u{feff}Student;Path;Handed_in\n\"Pérez, Eva\";files/a;2026-11-21T23:00Z\nnobody;files/none;\n");
    let list = class.folder.path().join("list.csv");
    let found = find(&list).unwrap().submissions;
    assert_eq!(found[0].student.id, "Pérez, Eva");
    assert_eq!(found[0].handed_in, Some(1_795_302_000));
    let none = read(&found[1], &class.allowed, &Limits::default());
    assert!(
        none.remarks[0].en.contains("cannot be read"),
        "{:?}",
        none.remarks
    );
    for (text, says) in [
        ("who,where\n", "no column `student`"),
        ("student,path\na,b\na,c\n", ":3: a is there twice"),
        ("student,path\na,\n", ":2: a student or a path is missing"),
        (
            "student,path,handed_in\na,b,yesterday\n",
            "`yesterday` is no time",
        ),
    ] {
        class.write("list.csv", text);
        let problem = find(&list).unwrap_err();
        assert!(problem.contains(says), "{problem}");
    }
}

#[test]
fn what_is_hostile_is_refused_with_a_reason_and_the_rest_is_taken() {
    let class = Class::new();
    class.write(
        "slip.zip",
        zipped(&[
            ("../../e1_dense.rs", b"out"),
            ("/etc/e1_dense.rs", b"out"),
            ("e3_monitors.rs", b"in"),
        ]),
    );
    let taken = class.read("slip");
    assert_eq!(
        taken.files.keys().collect::<Vec<_>>(),
        ["src/exercises/e3_monitors.rs"]
    );
    assert_eq!(taken.remarks.len(), 2, "{:?}", taken.remarks);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("e1_dense.rs", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    class.write("link.zip", zip.finish().unwrap().into_inner());
    assert!(
        class.said("link").contains("links are not followed"),
        "{}",
        class.said("link")
    );
    class.write(
        "devices.tar.gz",
        tarred(&[
            ("e1_dense.rs", EntryType::Symlink, b""),
            ("e2_activations.rs", EntryType::Char, b""),
            ("e3_monitors.rs", EntryType::Fifo, b""),
            ("../e4_init.rs", EntryType::Regular, b"x"),
            ("e5_batch_norm.rs", EntryType::Regular, b"fine"),
        ]),
    );
    let (taken, said) = (class.read("devices"), class.said("devices"));
    assert_eq!(taken.files.len(), 1, "{said}");
    assert_eq!(said.matches("links are not followed").count(), 1, "{said}");
    assert_eq!(said.matches("not a regular file").count(), 2, "{said}");
    assert_eq!(said.matches("leaves its folder").count(), 1, "{said}");
    class.write("bytes/e1_dense.rs", [0xff, 0xfe, 0]);
    assert!(class.said("bytes").contains("not text in UTF-8"));
    class.write("large/e1_dense.rs", vec![b' '; 300 << 10]);
    assert!(class.said("large").contains("more than 256 KiB"));
    class.write("broken.zip", b"PK\x03\x04 and no more");
    assert!(
        class.said("broken").contains("damaged"),
        "{}",
        class.said("broken")
    );
    class.write("empty/readme.md", "");
    assert!(class.said("empty").contains("no file of the lab"));
}

#[cfg(not(windows))]
#[test]
fn links_and_pipes_in_folders_are_not_opened() {
    let class = Class::new();
    let folder = class.folder.path().join("li");
    fs::create_dir(&folder).unwrap();
    let link = |to: &str, at: &Path| {
        let made = Command::new("ln").arg("-s").arg(to).arg(at).status();
        assert!(made.unwrap().success());
    };
    link("/etc/passwd", &folder.join("e1_dense.rs"));
    link("/", &folder.join("src"));
    let made = Command::new("mkfifo")
        .arg(folder.join("e3_monitors.rs"))
        .status();
    assert!(made.unwrap().success());
    let said = class.said("li");
    assert_eq!(said.matches("links are not followed").count(), 2, "{said}");
    assert!(said.contains("not a regular file"), "{said}");
    assert!(class.read("li").files.is_empty());
    link("/", &class.folder.path().join("root.zip"));
    assert!(class.said("root").contains("links are not followed"));
}

#[test]
fn bombs_end_early() {
    let class = Class::new();
    // A million names of one byte each would need 46 bytes of directory each: too long to be read.
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..60_000 {
        zip.start_file(n.to_string(), SimpleFileOptions::default())
            .unwrap();
    }
    class.write("many.zip", zip.finish().unwrap().into_inner());
    assert!(
        class.said("many").contains("more than 50000"),
        "{}",
        class.said("many")
    );
    // Ten gigabytes of zeros are 10 MB; here a part of it is enough to see that it stops.
    let limits = Limits {
        unpacked: 4 << 20,
        ..Limits::default()
    };
    let zeros = vec![0; 8 << 20];
    class.write(
        "zeros.tar.gz",
        tarred(&[
            ("big", EntryType::Regular, &zeros),
            ("e1_dense.rs", EntryType::Regular, b"x"),
        ]),
    );
    class.write(
        "name.tar.gz",
        tarred(&[("././@LongLink", EntryType::GNULongName, &zeros)]),
    );
    class.write(
        "inner.zip",
        zipped(&[("e1_dense.rs", &zeros), ("other", &zeros)]),
    );
    let found = find(class.folder.path()).unwrap().submissions;
    let said = |id: &str| {
        let one = found.iter().find(|it| it.student.id == id).unwrap();
        let taken = read(one, &class.allowed, &limits);
        assert!(taken.files.is_empty());
        taken.remarks[0].en.clone()
    };
    assert!(
        said("zeros").contains("more than 4 MiB"),
        "{}",
        said("zeros")
    );
    assert!(
        said("name").contains("a name without end"),
        "{}",
        said("name")
    );
    assert!(
        said("inner").contains("more than 256 KiB"),
        "{}",
        said("inner")
    );
    let folder = class.folder.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let limits = Limits {
        entries: 10,
        ..limits
    };
    (0..20).for_each(|n| fs::write(folder.join(n.to_string()), "").unwrap());
    let one = Submission {
        student: Student::default(),
        sources: vec![folder],
        handed_in: None,
    };
    let taken = read(&one, &class.allowed, &limits);
    assert!(taken.remarks[0].en.contains("more than 10 files"));
}

#[test]
fn of_two_files_with_one_name_the_surest_counts_and_the_hash_is_of_what_counts() {
    let class = Class::new();
    class.write("a/e1_dense.rs", "flat");
    class.write("a/labs/lab2/src/exercises/e1_dense.rs", "in its place");
    class.write("b/e1_dense.rs", "in its place");
    let (a, b) = (class.read("a"), class.read("b"));
    assert_eq!(a.files[DENSE], "in its place");
    assert!(
        a.remarks[0].en.contains("that one counts: labs/lab2"),
        "{:?}",
        a.remarks
    );
    assert_eq!(a.hash(), b.hash());
    assert_eq!(b.remarks, []);
    let others: BTreeSet<_> = ["x", "y"]
        .map(|text| {
            class.write("b/e1_dense.rs", text);
            class.read("b").hash()
        })
        .into();
    assert!(others.len() == 2 && !others.contains(&a.hash()));
}
