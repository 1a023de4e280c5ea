//! The notebooks exist in Spanish and in English: the same code, the same structure, and outputs to read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gradus_tests::joined;
use serde_json::Value;

/// The largest notebook that is committed.
const LARGEST: u64 = 2 << 20;

/// Code without what may differ from language to language: what its texts and comments say, and where its lines break.
fn without_words(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                kept.push('"');
                while let Some(c) = rest.next() {
                    match c {
                        '\\' => drop(rest.next()),
                        // What is put into a text is code.
                        '{' => kept.push('{'),
                        '"' => break,
                        _ => (),
                    }
                }
                kept.push('"');
            }
            '/' if rest.peek() == Some(&'/') => {
                for c in rest.by_ref() {
                    if c == '\n' {
                        break;
                    }
                }
            }
            c if c.is_whitespace() => (),
            // rustfmt ends a broken list with a comma.
            ')' | ']' | '}' if kept.ends_with(',') => {
                kept.pop();
                kept.push(c);
            }
            c => kept.push(c),
        }
    }
    kept
}

/// A notebook and where it is.
struct Lesson {
    path: PathBuf,
    cells: Vec<Value>,
}

impl Lesson {
    fn source(cell: &Value) -> String {
        joined(&cell["source"])
    }

    fn code(&self) -> impl Iterator<Item = &Value> {
        self.cells.iter().filter(|cell| cell["cell_type"] == "code")
    }

    /// The depth of each heading, cell by cell.
    fn headings(&self) -> Vec<Vec<usize>> {
        let depth = |line: &str| {
            let depth = line.len() - line.trim_start_matches('#').len();
            ((1..=6).contains(&depth) && line[depth..].starts_with(' ')).then_some(depth)
        };
        let cells = self
            .cells
            .iter()
            .filter(|cell| cell["cell_type"] == "markdown");
        cells
            .map(|cell| {
                let text = Lesson::source(cell);
                let mut fenced = false;
                let mut lines = Vec::new();
                for line in text.lines() {
                    fenced ^= line.starts_with("```");
                    lines.extend(depth(line).filter(|_| !fenced));
                }
                lines
            })
            .collect()
    }

    fn prose(&self) -> impl Iterator<Item = String> {
        let markdown = |cell: &&Value| cell["cell_type"] == "markdown";
        self.cells.iter().filter(markdown).map(Lesson::source)
    }

    /// The exercises that its text states, in order: `**02.1**` at the beginning of a line.
    fn stated(&self) -> Vec<String> {
        let label = |line: &str| {
            let label = line.strip_prefix("**")?.split("**").next()?;
            let (lesson, number) = label.split_once('.')?;
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            (digits(lesson) && digits(number)).then(|| label.to_owned())
        };
        let labels = |text: String| text.lines().filter_map(label).collect::<Vec<_>>();
        self.prose().flat_map(labels).collect()
    }

    /// How many predictions each cell of its text asks for.
    fn predictions(&self, word: &str) -> Vec<usize> {
        let asked = format!("**{word}.**");
        self.prose()
            .map(|text| text.matches(&asked).count())
            .collect()
    }

    /// The text under a heading that begins with `title`, to the next heading of its depth or less; a line in bold is a heading
    /// of the greatest depth.
    fn section(&self, title: &str) -> Option<String> {
        let text = self.prose().collect::<Vec<_>>().join("\n");
        let start = text.find(&format!("\n{title}"))? + 1;
        let body = text[start..].split_once('\n')?.1;
        let end = body.find("\n## ").unwrap_or(body.len());
        Some(body[..end].to_owned())
    }

    /// The exercises that its code checks, such as `02.1`.
    fn exercises(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for cell in self.code() {
            let text = Lesson::source(cell);
            for part in text.split("check").skip(1) {
                let call = part.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
                let id = call
                    .strip_prefix("(\"")
                    .and_then(|rest| rest.split('"').next());
                found.extend(id.map(str::to_owned));
            }
        }
        found
    }
}

/// The notebooks of a language, by the number that their file name starts with.
fn lessons(language: &str) -> BTreeMap<String, Lesson> {
    let folder = gradus_tests::root().join("notebooks").join(language);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.flatten().map(|entry| entry.path());
    let lessons: BTreeMap<String, Lesson> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ipynb")
        })
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let number = name.split('-').next().unwrap_or_default().to_owned();
            let text = std::fs::read_to_string(&path).expect("a file that can be read");
            let notebook: Value =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let cells = notebook["cells"].as_array().expect("cells").clone();
            (number, Lesson { path, cells })
        })
        .collect();
    let found = lessons.len();
    assert!(found >= 14, "{found} lessons in {}", folder.display());
    lessons
}

#[test]
fn both_languages_have_the_same_structure_and_code() {
    let (spanish, english) = (lessons("es"), lessons("en"));
    let numbers = |lessons: &BTreeMap<String, Lesson>| lessons.keys().cloned().collect::<Vec<_>>();
    assert_eq!(numbers(&spanish), numbers(&english), "the same lessons");
    for (number, es) in &spanish {
        let en = &english[number];
        let kinds = |lesson: &Lesson| {
            lesson
                .cells
                .iter()
                .map(|cell| cell["cell_type"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(es),
            kinds(en),
            "lesson {number}: the same kinds of cells"
        );
        for (index, (es, en)) in es.code().zip(en.code()).enumerate() {
            let cell = index + 1;
            assert_eq!(
                without_words(&Lesson::source(es)),
                without_words(&Lesson::source(en)),
                "lesson {number}, code cell {cell}"
            );
            let claims =
                |cell: &Value| without_words(&joined(&cell["metadata"]["gradus"]["check"]));
            assert_eq!(
                claims(es),
                claims(en),
                "lesson {number}, code cell {cell}: what is held against it"
            );
            assert_eq!(
                es["metadata"]["tags"], en["metadata"]["tags"],
                "lesson {number}, code cell {cell}"
            );
        }
        assert_eq!(
            es.headings(),
            en.headings(),
            "lesson {number}: the same headings"
        );
        assert_eq!(
            es.stated(),
            en.stated(),
            "lesson {number}: the same exercises in the text"
        );
        assert_eq!(
            es.predictions("Predice"),
            en.predictions("Predict"),
            "lesson {number}: as many predictions in each cell of text"
        );
    }
}

/// The notebooks that introduce the labs have their exercises in `labs/`.
const LABS: [&str; 2] = ["04", "12"];

#[test]
fn every_lesson_has_aims_predictions_exercises_a_summary_and_sources() {
    let words = [
        (
            "es",
            [
                "**Qué vas a aprender**",
                "Predice",
                "## Resumen",
                "## Para saber más",
            ],
        ),
        (
            "en",
            [
                "**What you will learn**",
                "Predict",
                "## Summary",
                "## Further reading",
            ],
        ),
    ];
    for (language, [aims, predict, summary, sources]) in words {
        for (number, lesson) in &lessons(language) {
            let lesson_is = format!("{language}/{number}");
            let listed = |part: Option<String>| {
                let items = part.iter().flat_map(|text| text.lines());
                items
                    .filter(|line| line.trim_start().starts_with("- "))
                    .count()
            };
            let first = lesson.prose().next().unwrap_or_default();
            let aims = first.split_once(aims).map(|(_, rest)| rest.to_owned());
            assert!(listed(aims) >= 3, "{lesson_is}: what one will learn");
            let asked: usize = lesson.predictions(predict).iter().sum();
            assert!(asked >= 3, "{lesson_is}: {asked} predictions");
            assert!(
                listed(lesson.section(summary)) >= 3,
                "{lesson_is}: {summary}"
            );
            let linked = lesson.section(sources).unwrap_or_default();
            assert!(linked.matches("://").count() >= 2, "{lesson_is}: {sources}");
            let stated: BTreeSet<String> = lesson.stated().into_iter().collect();
            assert_eq!(
                stated,
                lesson.exercises(),
                "{lesson_is}: stated and checked"
            );
            assert_eq!(
                stated.is_empty(),
                LABS.contains(&number.as_str()),
                "{lesson_is}"
            );
        }
    }
}

/// Lesson 0 names the cells whose output grows while they run, which the stock kernel shows only at the end.
#[test]
fn the_trainings_that_print_while_they_run_are_those_lesson_0_names() {
    let mut live = Vec::new();
    for (number, lesson) in &lessons("es") {
        let trains = |text: &String| text.contains(".fit(") && text.contains("Fit::");
        let loud = |text: &String| trains(text) && !text.contains(".quiet()");
        live.extend(
            lesson
                .code()
                .map(Lesson::source)
                .filter(loud)
                .map(|_| number.clone()),
        );
    }
    assert_eq!(live, ["00", "03", "07"]);
}

#[test]
fn the_index_of_each_language_has_every_lesson_in_order() {
    for language in ["es", "en"] {
        let lessons = lessons(language);
        let folder = lessons.values().next().unwrap().path.parent().unwrap();
        let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let linked: Vec<&str> = index
            .split("](")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(')')?.0))
            .filter(|file| file.ends_with(".ipynb"))
            .collect();
        let mut files: Vec<String> = lessons
            .values()
            .map(|lesson| {
                lesson
                    .path
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        files.sort();
        assert_eq!(linked, files, "{language}");
    }
}

#[test]
fn every_exercise_of_the_bank_is_asked_and_every_asked_one_is_in_the_bank() {
    let mut bank: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for id in gradus::lesson::ids() {
        let lesson = id.split('.').next().unwrap_or_default();
        bank.entry(lesson).or_default().insert(id.to_owned());
    }
    for (number, lesson) in &lessons("es") {
        let asked = lesson.exercises();
        assert_eq!(
            asked,
            bank.remove(number.as_str()).unwrap_or_default(),
            "lesson {number}"
        );
    }
    assert!(bank.is_empty(), "exercises of no lesson: {bank:?}");
}

#[test]
fn cells_speak_one_language_and_claims_stand_beside_them() {
    for (number, lesson) in lessons("en").iter().chain(&lessons("es")) {
        for (index, cell) in lesson.code().enumerate() {
            let (code, cell) = (Lesson::source(cell), index + 1);
            let calls = |name: &str| {
                let mut found = code.match_indices(name);
                found
                    .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            };
            assert!(
                !calls("say("),
                "lesson {number}, code cell {cell}: two languages"
            );
            // A student who changes a number is not to be stopped by what the lesson says about its own.
            assert!(
                !calls("assert"),
                "lesson {number}, code cell {cell}: into `gradus.check`"
            );
            let (lines, longest) = (
                code.lines().count(),
                code.lines().map(|line| line.chars().count()).max(),
            );
            assert!(
                lines <= 15,
                "lesson {number}, code cell {cell}: {lines} lines"
            );
            assert!(
                longest <= Some(100),
                "lesson {number}, code cell {cell}: a line of {longest:?}"
            );
        }
    }
}

/// What stands in the code of the first cell from `at` on that calls this with a name.
fn named(code: &str, call: &str) -> Option<String> {
    let rest = &code[code.find(call)? + call.len()..];
    Some(rest.split('"').next()?.to_owned())
}

#[test]
fn a_prediction_is_asked_for_then_made_and_the_next_cell_shows_its_result() {
    let bank: BTreeSet<String> = gradus::lesson::prediction_ids()
        .iter()
        .map(|&id| id.to_owned())
        .collect();
    for (lessons, word) in [(lessons("es"), "Predice"), (lessons("en"), "Predict")] {
        let mut made = BTreeSet::new();
        for (number, lesson) in &lessons {
            for (index, cell) in lesson.cells.iter().enumerate() {
                let code = Lesson::source(cell);
                let is_code = cell["cell_type"] == "code";
                let Some(id) = named(&code, "predict(\"").filter(|_| is_code) else {
                    continue;
                };
                let asked = Lesson::source(&lesson.cells[index - 1]);
                assert!(
                    asked.contains(&format!("**{word}.**")),
                    "{id}: asked for above"
                );
                let answer = format!("predict(\"{id}\", \"?\")");
                assert!(code.trim_start().starts_with(&answer), "{id}: {code}");
                assert!(id.starts_with(number.as_str()), "{id} in lesson {number}");
                let after = lesson.cells[index + 1..].iter().map(Lesson::source);
                let shown = after
                    .take(3)
                    .any(|code| code.contains(&format!("reveal(\"{id}\"")));
                assert!(shown, "{id}: shown in one of the next cells");
                assert!(made.insert(id.clone()), "{id} twice");
            }
        }
        assert_eq!(made, bank);
    }
}

#[test]
fn the_prelude_holds_what_lessons_use() {
    // Beside it a lesson names dfdx and what goes into its networks, each from its topic.
    let beside = [
        "prelude",
        "dfdx",
        "batchnorm",
        "activation::modules",
        "optim::ForDfdx",
        "sgd::train_model",
    ];
    for (number, lesson) in lessons("en").iter().chain(&lessons("es")) {
        for cell in lesson.code() {
            let code = Lesson::source(cell);
            for (at, _) in code.match_indices("gradus::") {
                let path = &code[at + "gradus::".len()..];
                let is_allowed = beside.iter().any(|name| path.starts_with(name));
                assert!(is_allowed, "lesson {number}: gradus::{path:.40}");
            }
        }
    }
}

#[test]
fn committed_notebooks_have_outputs_and_are_small() {
    for (language, lessons) in [("es", lessons("es")), ("en", lessons("en"))] {
        for (number, lesson) in &lessons {
            let size = std::fs::metadata(&lesson.path).expect("a file").len();
            assert!(size <= LARGEST, "{language}/{number}: {size} bytes");
            let outputs = lesson
                .code()
                .flat_map(|cell| cell["outputs"].as_array().cloned().unwrap_or_default());
            let outputs: Vec<Value> = outputs.collect();
            assert!(
                !outputs.is_empty(),
                "{language}/{number}: run `gradus run --in-place`"
            );
            let failed = outputs
                .iter()
                .filter(|output| output["output_type"] == "error");
            assert_eq!(failed.count(), 0, "{language}/{number}: a cell failed");
        }
    }
}

/// The prose of a notebook as it is read: without code, formulas and what is quoted with its address.
fn words(text: &str) -> String {
    let mut kept = String::new();
    // Whoever is quoted with an address has words of their own.
    for line in text.lines().filter(|line| !line.contains("://")) {
        // What stands between these is not prose.
        let mut inside = false;
        for part in line.split_inclusive(['`', '$']) {
            if !inside {
                kept += part;
            }
            inside ^= part.ends_with(['`', '$']);
        }
        kept.push('\n');
    }
    kept.to_lowercase()
}

#[test]
fn the_glossary_s_words_are_used_and_no_others_for_the_same() {
    let glossary =
        std::fs::read_to_string(gradus_tests::root().join("notebooks/glossary.md")).unwrap();
    let rows: Vec<Vec<&str>> = glossary
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(
        rows.len() > 20 && rows.iter().all(|row| row.len() == 5),
        "{rows:?}"
    );
    for (lessons, column, mark) in [(lessons("es"), 0, "(no: "), (lessons("en"), 1, "(not: ")] {
        let avoided = rows.iter().filter_map(|row| row[column].split_once(mark));
        let avoided: Vec<&str> = avoided
            .flat_map(|(_, rest)| rest.trim_end_matches(')').split(", "))
            .collect();
        assert!(avoided.len() >= 4, "{avoided:?}");
        for (number, lesson) in &lessons {
            for (cell, text) in lesson.prose().enumerate() {
                let text = words(&text);
                for word in &avoided {
                    let found = text.match_indices(word).any(|(at, _)| {
                        let letter = |c: char| c.is_alphanumeric() || c == '-';
                        !text[..at].ends_with(letter)
                            && !text[at + word.len()..].starts_with(letter)
                    });
                    assert!(
                        !found,
                        "lesson {number}, text {cell}: `{word}`, see notebooks/glossary.md"
                    );
                }
            }
        }
    }
}
