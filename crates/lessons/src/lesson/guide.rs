//! The teacher's guide, `notebooks/guide`: its answers come from the banks, its minutes and slides from the notebooks.
//!
//! What is made stands between `<!-- made: … -->` and `<!-- end -->`; all else is written by hand. After a change to a bank or a
//! notebook, `GRADUS_GUIDE=write cargo test --release -p gradus-lessons guide` writes the guide anew; without the variable the
//! tests compare.

mod made;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use gradus_text::Language;
use serde_json::Value;

use made::{Lesson, MADE, filled, lessons};

/// The guide of a language, beside its lessons.
struct Guide {
    language: Language,
    file: PathBuf,
    text: String,
    /// The same with its made parts as they must be.
    made: String,
    lessons: BTreeMap<String, Lesson>,
}

/// Both, written anew where that is asked for; none in a student's release.
static GUIDES: LazyLock<Vec<Guide>> = LazyLock::new(|| {
    let root = root();
    if root.join(".gradus/handed-out.json").exists() {
        eprintln!("skipped: a release has no guide");
        return Vec::new();
    }
    let guide = |language: Language| {
        let name = language.pick("es.md", "en.md");
        let file = root.join("notebooks/guide").join(name);
        let (mut text, lessons) = (read(&file), lessons(&root, language));
        let made = filled(&text, &lessons, language);
        if env::var_os("GRADUS_GUIDE").is_some_and(|to| to == "write") {
            fs::write(&file, &made).expect("to write the guide");
            text = made.clone();
        }
        Guide {
            language,
            file,
            text,
            made,
            lessons,
        }
    };
    [Language::Es, Language::En].map(guide).into()
});

/// The folder of the course.
fn root() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder
        .ancestors()
        .nth(2)
        .expect("crates/lessons")
        .to_owned()
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
}

fn joined(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn slide_list() -> Vec<Value> {
    let list = read(&root().join("notebooks/guide/slides.json"));
    serde_json::from_str(&list).unwrap_or_else(|error| panic!("slides.json: {error}"))
}

/// What is written by hand in the section of each lesson.
fn by_teachers(guide: &str) -> BTreeMap<String, String> {
    let mut sections = BTreeMap::new();
    for section in guide.split("\n## ").skip(1) {
        let Some((before, _)) = section.split_once(MADE) else {
            continue;
        };
        let number = before.split('.').next().unwrap_or_default();
        if let Ok(number) = number.parse::<usize>() {
            sections.insert(format!("{number:02}"), before.to_owned());
        }
    }
    sections
}

/// What stands between backquotes and looks like the name of an exercise or a prediction.
fn names(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_name = |part: &&str| {
        let bytes = part.as_bytes();
        bytes.len() == 4 && bytes[..2].iter().all(u8::is_ascii_digit) && bytes[2] == b'.'
    };
    quoted.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn the_guide_says_what_the_banks_and_the_notebooks_say() {
    for guide in &*GUIDES {
        let mut pairs = guide.text.lines().zip(guide.made.lines());
        if let Some((old, new)) = pairs.find(|(old, new)| old != new) {
            let how = "GRADUS_GUIDE=write cargo test --release -p gradus-lessons guide";
            panic!(
                "{}\n- {old}\n+ {new}\nwrite it anew: {how}",
                guide.file.display()
            );
        }
        assert_eq!(guide.text.lines().count(), guide.made.lines().count());
    }
}

#[test]
fn the_guide_has_every_lesson_prediction_and_exercise() {
    let ids = super::ids().into_iter();
    let all: BTreeSet<&str> = ids.chain(super::prediction_ids()).collect();
    for guide in &*GUIDES {
        for id in &all {
            let entry = format!("\n- **{id}** ");
            assert_eq!(guide.text.matches(&entry).count(), 1, "{id}");
        }
        let sections = by_teachers(&guide.text);
        let numbers = |keys: Vec<&String>| keys.into_iter().cloned().collect::<Vec<_>>();
        let [written, there] =
            [sections.keys().collect(), guide.lessons.keys().collect()].map(numbers);
        assert_eq!(
            written,
            there,
            "{}: a page for each lesson",
            guide.file.display()
        );
        let titles = [
            guide.language.pick("Objetivos", "Aims"),
            guide.language.pick("Ideas equivocadas", "Misconceptions"),
        ];
        for (number, section) in &sections {
            let title = &guide.lessons[number].title;
            assert!(
                section.starts_with(&format!("{title}\n")),
                "{number}: {title}"
            );
            let parts: Vec<&str> = section.split("\n### ").skip(1).collect();
            assert!(parts.len() >= 2, "{number}: aims and misconceptions");
            for (part, title) in parts.iter().zip(titles) {
                let of = format!("{number} {title}");
                assert!(part.starts_with(title), "{of}");
                let listed: Vec<&str> = part.split("\n- ").skip(1).collect();
                assert!(
                    (3..=5).contains(&listed.len()),
                    "{of}: {} lines",
                    listed.len()
                );
                for line in listed.iter().filter(|_| title == titles[1]) {
                    assert!(!names(line).is_empty(), "{of}: what catches it? {line}");
                }
            }
        }
        for name in names(&guide.text) {
            assert!(all.contains(name.as_str()), "{name} is in no bank");
        }
    }
}

/// What a lesson's page says in figures stands in the lesson.
#[test]
fn the_numbers_of_a_page_stand_in_its_lesson() {
    for guide in &*GUIDES {
        let mut seen = 0;
        for (number, section) in by_teachers(&guide.text) {
            let cells = guide.lessons[&number].cells.iter();
            let said: String = cells
                .map(|cell| cell.text.clone() + &cell.outputs)
                .collect();
            let prose: String = section.split('`').step_by(2).collect();
            for word in prose.split(|c: char| !c.is_ascii_digit() && c != '.') {
                let figure = word.trim_matches('.');
                if figure.len() > 1 {
                    assert!(
                        said.contains(figure),
                        "{number}: {figure} is not in the lesson"
                    );
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "{seen} numbers");
    }
}

/// The unit has 63 slides: its cover, and those of the blocks 7 to 11, which are counted from 1 in each.
#[test]
fn every_slide_of_the_unit_has_its_cells() {
    if GUIDES.is_empty() {
        return;
    }
    let blocks = [(7, 19), (8, 8), (9, 7), (10, 12), (11, 16)];
    let mut expected = vec!["1".to_owned()];
    for (block, slides) in blocks {
        expected.extend((1..=slides).map(|slide| format!("{block}.{slide}")));
    }
    let list = slide_list();
    let found: Vec<String> = list.iter().map(|slide| joined(&slide["slide"])).collect();
    assert_eq!(found, expected);
    for slide in &list {
        let cells = slide["cells"].as_array().map_or(0, Vec::len);
        let said = [&slide["es"], &slide["en"]].map(|text| joined(text).len());
        assert!(
            cells > 0 && said.iter().all(|length| *length > 0),
            "{slide}"
        );
    }
}
