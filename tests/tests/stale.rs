//! `:stale` names the cells that a run of everything, top to bottom, would give other results, and no others.
//!
//! `GRADUS_ORDERS=50 cargo test --release -p gradus-tests --test stale -- --nocapture` tries fifty orders; `GRADUS_SEED`
//! takes others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gradus_tests::client::{Cell, Kernel};
use gradus_tests::without_colours;
use serde_json::json;

/// The cells of a notebook; `K` is a number that edits change. Where there are two texts, edits choose between them, too.
type Cells = [&'static [&'static str]; 10];

/// Variables: made, changed, moved on.
const VARIABLES: Cells = [
    &[
        "// how everything is mixed\nfn mix(a: u64, b: u64) -> u64 {\n    (a ^ K).wrapping_mul(0x5851_f42d_4c95_7f2d).rotate_left(29) ^ b.wrapping_mul(0x1405_7b7e_f767_814f)\n}",
    ],
    &[
        "let a = mix(1, K);\na",
        "let other = mix(2, K);\nlet a = mix(other, 3);\n(a, other)",
    ],
    &["const C: u64 = K;\nfn scale(x: u64) -> u64 { mix(x, C) }"],
    &[
        "let b = scale(a);\nlet unused = K;\n(b, unused)",
        "let b = scale(a ^ K);\nb",
    ],
    &["let mut v = vec![a, K];\nv.clone()"],
    &[
        "v.push(mix(b, K));\nlet pushed = v.len();\n(pushed, v.clone())",
        "{ let last = v.last_mut().unwrap(); *last = mix(*last, K); }\nlet pushed = v.len();\n(pushed, v.clone())",
        "let r = &mut v;\nr.insert(1, K);\nlet pushed = r.len();\n(pushed, v.clone())",
    ],
    &[
        "let (c, d) = (mix(v.iter().fold(1, |s, x| mix(s, *x)), K), mix(b, 7));\n(c, d)",
        "let c = mix(v.iter().fold(2, |s, x| mix(s, *x)), K);\nlet d = c ^ b;\n(c, d)",
        "let c = K;\nlet d = v.iter().fold(0, |s, x| mix(s, *x));\n(c, d)",
    ],
    &[
        "struct P { x: u64 }\nimpl P { fn twice(&self) -> u64 { mix(self.x, K) } fn never(&self) -> u64 { K } }",
    ],
    &[
        "let p = P { x: mix(c, K) };\nlet e = p.twice();\n(p.x, e)",
        "let a = mix(a, K);\nlet p = P { x: a };\nlet e = p.twice();\n(a, p.x, e)",
    ],
    &[
        "let total = mix(d, v.iter().fold(K, |s, x| mix(s, *x)));\nlet sum = mix(e, a);\n(total, sum)",
        "let total = { let a = mix(e, K); let d = 3; mix(a, d) };\nlet sum = 2;\n(total, sum)",
    ],
];

/// Definitions that are reached without their names: by a macro, a trait of foreign types, a glob, in a closure.
const DEFINITIONS: Cells = [
    &[
        "fn mix(a: u64, b: u64) -> u64 {\n    (a ^ K).wrapping_mul(0x5851_f42d_4c95_7f2d).rotate_left(29) ^ b\n}",
    ],
    &[
        "macro_rules! twist { ($x:expr) => { mix($x, K) } }\nmacro_rules! make { ($name:ident, $of:expr) => { struct $name; impl $name { fn get() -> u64 { mix($of, K) } } } }",
    ],
    &[
        "trait Tell { fn tell(&self) -> u64; }\nimpl Tell for u64 { fn tell(&self) -> u64 { twist!(*self ^ K) } }\nimpl Tell for &str { fn tell(&self) -> u64 { mix(self.len() as u64, K) } }",
    ],
    &[
        "enum Size { Small, Large(u64) }\nimpl Size { fn bits(&self) -> u64 { match self { Size::Small => K, Size::Large(n) => mix(*n, K) } } }\nuse Size::*;",
    ],
    &["mod shapes { pub fn area(n: u64) -> u64 { n.rotate_left(11) ^ K } }\nuse shapes::*;"],
    &[
        "let f = move |x: u64| twist!(x ^ K);\nf(1)",
        "let base = mix(3, K);\nlet f = move |x: u64| x.rotate_left(3) ^ base;\nf(1)",
    ],
    &["(7u64.tell(), K)", "(\"seven\".tell(), area(K))"],
    &[
        "make!(Gadget, K);",
        "static LIMIT: u64 = K;\nstruct Gadget;\nimpl Gadget { fn get() -> u64 { mix(LIMIT, 1) } }",
    ],
    &[
        "let sizes = vec![Small, Large(K)];\nsizes.iter().map(|size| size.bits()).collect::<Vec<_>>()",
    ],
    &[
        "let end = f(Gadget::get() ^ K);\n(end, sizes.len())",
        "let end = mix(area(f(2)), K);\nend",
    ],
];

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 8).unwrap() % most
    }
}

/// A notebook in a front end.
struct Notebook {
    cells: &'static Cells,
    kernel: Kernel,
    texts: Vec<String>,
    /// Those that the kernel has not heard of come last, as many as this says.
    deleted: Vec<String>,
    to_tell: usize,
    /// Of each cell's last run: its number, and what it showed unless it failed.
    runs: Vec<Option<(u64, Option<String>)>>,
    log: String,
    number: usize,
}

fn shown(cell: &Cell) -> Option<String> {
    cell.is_ok()
        .then(|| cell.value().unwrap_or_default().to_owned())
}

impl Notebook {
    fn write(&self, random: &mut Random, cell: usize) -> String {
        let texts = self.cells[cell];
        let text = texts[random.below(texts.len())];
        text.replace('K', &format!("{}u64", 100 + self.number))
    }

    fn edit(&mut self, random: &mut Random, cell: usize) {
        self.number += 1;
        self.texts[cell] = self.write(random, cell);
        self.log += &format!("edit {cell}: {:?}\n", self.texts[cell]);
    }

    fn save(&self, file: &Path) {
        let cells = self.texts.iter().enumerate();
        let cells = cells.filter(|(index, _)| !self.is_deleted(*index));
        let cells = cells.map(|(index, text)| {
            json!({"cell_type": "code", "id": format!("c{index}"), "source": text, "metadata": {}, "outputs": []})
        });
        let notebook = json!({"cells": cells.collect::<Vec<_>>(), "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
        std::fs::write(file, notebook.to_string()).unwrap();
    }

    fn is_deleted(&self, cell: usize) -> bool {
        self.deleted.contains(&format!("c{cell}"))
    }

    fn delete(&mut self, cell: usize) {
        self.log += &format!("delete {cell}\n");
        self.deleted.push(format!("c{cell}"));
        self.to_tell += 1;
        self.runs[cell] = None;
    }

    fn run(&mut self, cell: usize) {
        let first = self.deleted.len() - std::mem::take(&mut self.to_tell);
        let deleted: Vec<&str> = self.deleted[first..].iter().map(String::as_str).collect();
        let done = self
            .kernel
            .run_cell(&format!("c{cell}"), &self.texts[cell], &deleted);
        let number = done.reply["execution_count"].as_u64().unwrap();
        self.log += &format!(
            "run {cell} as [{number}]: {:?} {}\n",
            shown(&done),
            done.error().1
        );
        self.runs[cell] = Some((number, shown(&done)));
        assert!(number < 300, "some cell always fails\n{}", self.log);
    }

    /// What `:stale` says of the cells, by their numbers.
    fn stale(&mut self) -> BTreeMap<u64, String> {
        let said = self.kernel.run(":stale");
        assert!(said.is_ok(), "{:?}", said.error());
        let rows = said.value().unwrap_or_default().lines();
        rows.filter_map(|row| {
            let number = row.strip_prefix("cell ")?.split_whitespace().next()?;
            Some((number.parse().ok()?, row.to_owned()))
        })
        .collect()
    }
}

#[test]
fn what_is_out_of_date_is_what_a_run_of_everything_changes() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
    };
    let orders = number("GRADUS_ORDERS").unwrap_or(4);
    let seed = number("GRADUS_SEED").unwrap_or(0);
    let mut fresh = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    let (mut stale, mut current) = (0, 0);
    for order in seed..seed + orders {
        let mut random = Random(order);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notebook.ipynb");
        // Without the file the first run tells the order of the cells.
        let has_file = order % 4 < 2;
        let cells = [&VARIABLES, &DEFINITIONS][usize::from(order % 2 == 1)];
        let kernel = Kernel::start_with(|command| {
            command.env("GRADUS_LANG", "en");
            if has_file {
                command.env("JPY_SESSION_NAME", &file);
            }
        });
        let mut notebook = Notebook {
            cells,
            kernel,
            texts: vec![String::new(); cells.len()],
            deleted: Vec::new(),
            to_tell: 0,
            runs: vec![None; cells.len()],
            log: String::new(),
            number: 0,
        };
        for cell in 0..cells.len() {
            notebook.edit(&mut random, cell);
        }
        if has_file {
            notebook.save(&file);
            // In any order in which each of them runs.
            while let Some(cell) = {
                let ran = |run: &Option<(u64, Option<String>)>| {
                    run.as_ref().is_some_and(|(_, shown)| shown.is_some())
                };
                let open: Vec<usize> = (0..cells.len())
                    .filter(|cell| !ran(&notebook.runs[*cell]))
                    .collect();
                (!open.is_empty()).then(|| open[random.below(open.len())])
            } {
                notebook.run(cell);
            }
        } else {
            for cell in 0..cells.len() {
                notebook.run(cell);
            }
        }
        for _ in 0..6 + random.below(10) {
            let cell = random.below(cells.len());
            if notebook.is_deleted(cell) {
                continue;
            }
            let what = random.below(12);
            if what == 11 && notebook.deleted.len() < 2 {
                notebook.delete(cell);
                if has_file {
                    notebook.save(&file);
                }
                notebook.run(
                    (0..cells.len())
                        .find(|other| !notebook.is_deleted(*other))
                        .unwrap(),
                );
                continue;
            }
            if what < 4 {
                notebook.edit(&mut random, cell);
            }
            if has_file && what < 4 {
                notebook.save(&file);
            }
            // Sometimes the edit is not run.
            if !has_file || what != 0 {
                notebook.run(cell);
            }
        }
        let found = notebook.stale();
        assert!(fresh.run(":clear").is_ok());
        for cell in (0..cells.len()).filter(|cell| !notebook.is_deleted(*cell)) {
            let expected = shown(&fresh.run(&notebook.texts[cell]));
            let Some((number, Some(shown))) = notebook.runs[cell].clone() else {
                continue;
            };
            let is_stale = expected.as_ref() != Some(&shown);
            let named = found.get(&number);
            *(if is_stale { &mut stale } else { &mut current }) += 1;
            if is_stale == named.is_some() {
                continue;
            }
            // What a cell made may have been replaced by another cell since, or gone.
            let replaced = named.is_some_and(|row| row.contains("its `"));
            // A definition shows nothing.
            let is_edited = |row: &String| row.contains("its text has changed");
            let defines = named.is_some_and(is_edited) && shown.is_empty();
            assert!(
                replaced || defines,
                "order {order}: cell {cell} shows {shown:?}, a run of everything {expected:?}; `:stale` says {named:?}\n{}\n{found:?}",
                notebook.log
            );
        }
    }
    println!("{orders} orders: {stale} results out of date, {current} not");
    assert!(stale > 0 && current > 0);
}

fn started(language: &str) -> Kernel {
    Kernel::start_with(|command| {
        command.env("GRADUS_LANG", language);
    })
}

fn numbers(cell: &Cell) -> BTreeSet<&str> {
    let rows = cell.value().unwrap_or_default().lines();
    rows.filter_map(|row| row.strip_prefix("cell ")?.split_whitespace().next())
        .collect()
}

#[test]
fn results_of_a_text_that_is_gone_are_told_once() {
    let mut kernel = started("en");
    assert!(kernel.run_cell("a", "let x = 1;\nlet y = 2;", &[]).is_ok());
    assert!(kernel.run_cell("b", "y + 1", &[]).is_ok());
    let same = kernel.run(":stale");
    assert!(same.stream("stdout").contains("nothing is out of date"));
    // The cell does not make `y` any more.
    assert!(kernel.run_cell("a", "let x = 1;", &[]).is_ok());
    let cell = kernel.run_cell("b", "y + 1", &[]);
    let said = without_colours(&cell.stream("stderr"));
    assert!(
        said.starts_with(
            "`y` comes from an earlier text of cell 4 that is not in the notebook any more"
        ),
        "{said}"
    );
    assert_eq!(cell.value(), Some("3"));
    assert_eq!(
        kernel.run_cell("b", "y + 1", &[]).stream("stderr"),
        "",
        "once"
    );
    let listed = kernel.run(":stale");
    assert_eq!(
        numbers(&listed),
        BTreeSet::from(["6"]),
        "{:?}",
        listed.value()
    );
    let text = listed.value().unwrap_or_default();
    assert!(
        text.contains("used `y`, which no cell makes any more"),
        "{text}"
    );
    // A deleted cell takes its results out of the notebook.
    assert!(kernel.run_cell("c", "let z = 5;", &[]).is_ok());
    let cell = kernel.run_cell("d", "z", &["c"]);
    let said = without_colours(&cell.stream("stderr"));
    assert!(said.starts_with("`z` comes from"), "{said}");
    // And it can be switched off.
    assert!(kernel.run(":stale off").is_ok());
    assert!(kernel.run_cell("e", "let w = 5;", &[]).is_ok());
    assert_eq!(kernel.run_cell("f", "w", &["e"]).stream("stderr"), "");
}

#[test]
fn a_training_that_ran_twice_is_named() {
    let mut kernel = started("es");
    assert!(
        kernel
            .run_cell("net", "let mut net = vec![0.5];", &[])
            .is_ok()
    );
    assert!(
        kernel
            .run_cell("fit", "net.iter_mut().for_each(|w| *w += 0.25);", &[])
            .is_ok()
    );
    assert!(kernel.run_cell("see", "net[0]", &[]).is_ok());
    assert!(
        kernel
            .run(":stale")
            .stream("stdout")
            .contains("nada está desfasado")
    );
    assert!(
        kernel
            .run_cell("fit", "net.iter_mut().for_each(|w| *w += 0.25);", &[])
            .is_ok()
    );
    let said = kernel.run(":stale");
    let said = said.value().unwrap_or_default();
    assert!(
        said.contains(
            "ha cambiado `net` más de una vez; antes hay que ejecutar la celda 1, que la crea"
        ),
        "{said}"
    );
    assert!(!said.contains("net[0]"), "it ran before that: {said}");
    assert!(kernel.run_cell("see", "net[0]", &[]).is_ok());
    let said = kernel.run(":stale");
    let said = said.value().unwrap_or_default();
    assert!(
        said.contains("usó `net` de la celda 5, que está desfasada"),
        "{said}"
    );
    // Without ids a cell is known by its text, or by what it makes.
    let mut kernel = started("en");
    for code in ["let n = 2;", "let m = n * 2;\nm", "let n = 3;"] {
        assert!(kernel.run(code).is_ok());
    }
    let listed = kernel.run(":stale");
    assert_eq!(
        numbers(&listed),
        BTreeSet::from(["2"]),
        "{:?}",
        listed.value()
    );
    assert!(kernel.run("let m = n * 2;\nm").is_ok());
    assert!(
        kernel
            .run(":stale")
            .stream("stdout")
            .contains("nothing is out of date")
    );
    // A process that starts anew has none of the results.
    assert!(kernel.run(":restart").is_ok());
    let listed = kernel.run(":stale");
    assert_eq!(numbers(&listed).len(), 2, "{:?}", listed.value());
}

#[test]
fn a_library_that_is_another_one_now_is_named_and_a_prelude_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for (name, number) in [("one", 1), ("two", 2)] {
        let package = folder.path().join(name);
        std::fs::create_dir_all(package.join("src")).unwrap();
        let manifest =
            "[package]\nname = \"the-number\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
        std::fs::write(package.join("Cargo.toml"), manifest).unwrap();
        let code = format!("pub fn get() -> i32 {{ {number} }}\n");
        std::fs::write(package.join("src/lib.rs"), code).unwrap();
    }
    std::fs::write(folder.path().join("prelude.rs"), "fn ten() -> i32 { 10 }\n").unwrap();
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
        command.env("EVCXR_CONFIG_DIR", folder.path());
    });
    let dep = |name: &str| {
        let path = folder.path().join(name);
        format!(
            ":dep the-number = {{ path = {:?} }}",
            path.display().to_string()
        )
    };
    assert!(kernel.run_cell("dep", &dep("one"), &[]).is_ok());
    let cell = kernel.run_cell("use", "the_number::get() + ten()", &[]);
    assert_eq!(cell.value(), Some("11"), "{:?}", cell.error());
    let said = kernel.run(":stale");
    let said = said.stream("stdout");
    assert!(said.contains("nothing is out of date"), "{said}");
    assert!(kernel.run_cell("dep", &dep("two"), &[]).is_ok());
    let listed = kernel.run(":stale");
    let said = listed.value().unwrap_or_default();
    assert!(
        said.contains("it used `the-number`, which cell 4 defines otherwise now"),
        "{said}"
    );
    let cell = kernel.run_cell("use", "the_number::get() + ten()", &["dep"]);
    assert_eq!(cell.value(), Some("12"));
    let listed = kernel.run(":stale");
    let said = listed.value().unwrap_or_default();
    assert!(
        said.contains("it used `the-number`, which no cell defines any more"),
        "{said}"
    );
}
