//! Random programs, cut at random into cells, end as rustc's whole program does: with the same values, and without the same
//! variables.
//!
//! `GRADUS_PROGRAMS=1000 cargo test --release --workspace --test programs -- --nocapture` tries a thousand;
//! `GRADUS_SEED` takes others.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;

use gradus_tests::client::Kernel;
use gradus_tests::without_colours;
use serde_json::Value;

const DEFINITIONS: &str = "\
#[derive(Debug)]
struct P { s: String, n: i64 }
fn grow(mut s: String, i: i64) -> String { s.push_str(&i.to_string()); s }
fn more(mut v: Vec<i64>) -> Vec<i64> { v.push(v.len() as i64); v }
";

const VARIABLES: [(&str, &str); 5] = [
    ("a", "let mut a = String::from(\"a\");"),
    ("b", "let mut b = vec![1i64, 2];"),
    ("n", "let mut n = 3i64;"),
    ("o", "let mut o = Some(Box::new(4i64));"),
    ("p", "let mut p = P { s: String::from(\"p\"), n: 5 };"),
];

/// What programs are made of; `R` is a small number. The compiler decides which of them fit together.
const STATEMENTS: [&str; 46] = [
    "a.push_str(\"x\");",
    "drop(a);",
    "a = String::from(\"zR\");",
    "{ let old = a; a = old + \"y\"; }",
    "if n > R { drop(a); }",
    "if n > R { a = format!(\"{a}{n}\"); }",
    "if n > R { a = grow(a, R); } else { a = a + \"?\"; }",
    "for i in 0..R { a = grow(a, i); }",
    "{ let a = a.clone(); drop(a); }",
    "a = loop { break grow(a, R); };",
    "(a, n) = (format!(\"{n}\"), n + 1);",
    "let a = a.len(); n += a as i64;",
    "let c = a;",
    "let f = move || a.len();",
    "let f = |x: i64| x + n; n = f(R);",
    "let g = |x: i64| x * 2; n = g(n) % 7;",
    "std::thread::spawn(move || drop(a)).join().unwrap();",
    "n += std::thread::spawn(move || b.len() as i64).join().unwrap();",
    "b.push(n);",
    "b = more(b);",
    "drop(b);",
    "b = vec![R];",
    "match n % 3 { 0 => { b = more(b); } 1 => drop(b), _ => () }",
    "while n < R { n += 1; b = more(b); }",
    "b = { let mut w = b; w.push(n); w };",
    "b.iter_mut().for_each(|x| *x += n);",
    "let r = &b; n += r.len() as i64;",
    "let r = &mut b; r.push(R);",
    "for x in b { n += x; }",
    "n += b.into_iter().sum::<i64>();",
    "n = if a.is_empty() { drop(b); 0 } else { n + 1 };",
    "let [x, y] = [a, String::from(\"yR\")]; a = x + &y;",
    "n += R;",
    "let n = n + 1;",
    "let mut n = n % 5;",
    "o = o.map(|x| Box::new(*x + 1));",
    "n += *o.unwrap();",
    "o = Some(Box::new(n));",
    "if let Some(x) = o { n += *x; }",
    "if let Some(x) = &o { n += **x; }",
    "let Some(x) = o.take() else { panic!() }; o = Some(Box::new(*x + R));",
    "let s = p.s; p.s = s + \"!\";",
    "drop(p.s);",
    "let P { s, n: m } = p; n += m; a = s;",
    "p = P { s: String::from(\"q\"), n };",
    "p = P { s: p.s, n: p.n + n }; n = p.n % 9;",
];

/// Numbers by chance, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % end as u64).unwrap()
    }
}

struct Program {
    lines: Vec<String>,
    /// What the variables are at the end, without those that were moved.
    ends: HashMap<&'static str, String>,
}

fn draw(dice: &mut Dice) -> Program {
    let mut lines: Vec<String> = VARIABLES
        .iter()
        .map(|(_, line)| (*line).to_owned())
        .collect();
    for _ in 0..4 + dice.below(8) {
        let statement = STATEMENTS[dice.below(STATEMENTS.len())];
        lines.push(statement.replace('R', &dice.below(5).to_string()));
    }
    Program {
        lines,
        ends: HashMap::new(),
    }
}

/// One source of all programs, each in a function of its own; and for each line of it the program and the line in that.
fn source(programs: &[Program], shown: &[BTreeSet<usize>]) -> (String, Vec<(usize, usize)>) {
    let mut text = format!("#![allow(warnings)]\n{DEFINITIONS}");
    let mut lines = vec![(usize::MAX, 0); text.lines().count()];
    for (index, program) in programs.iter().enumerate() {
        text.push_str(&format!("fn program_{index}() {{\n"));
        lines.push((usize::MAX, 0));
        for (number, line) in program.lines.iter().enumerate() {
            text.push_str(&format!("{line}\n"));
            lines.push((index, number));
        }
        for variable in &shown[index] {
            let (name, _) = VARIABLES[*variable];
            text.push_str(&format!("println!(\"{index} {name} {{{name}:?}}\");\n"));
            lines.push((index, program.lines.len() + variable));
        }
        text.push_str("}\n");
        lines.push((usize::MAX, 0));
    }
    text.push_str("fn main() {\n");
    for index in 0..programs.len() {
        text.push_str(&format!("program_{index}();\n"));
    }
    text.push_str("}\n");
    (text, lines)
}

/// Takes out what the compiler refuses, and notes what is there in the end.
fn run_whole(programs: &mut [Program], folder: &Path) {
    let all: BTreeSet<usize> = (0..VARIABLES.len()).collect();
    let mut shown = vec![all; programs.len()];
    loop {
        let (text, lines) = source(programs, &shown);
        std::fs::write(folder.join("whole.rs"), text).unwrap();
        let output = Command::new("rustc")
            .current_dir(folder)
            .args(["--edition=2024", "--error-format=json", "whole.rs"])
            .output()
            .unwrap();
        if output.status.success() {
            break;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let errors = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let spans = errors
            .filter(|error| error["level"] == "error")
            .flat_map(|error| {
                let spans = error["spans"].as_array().cloned().unwrap_or_default();
                spans.into_iter().filter(|span| span["is_primary"] == true)
            });
        let mut refused: Vec<(usize, usize)> = spans
            .filter_map(|mut span| {
                while span["file_name"] != "whole.rs" {
                    span = span["expansion"]["span"].take();
                }
                let line = span["line_start"].as_u64()?;
                lines.get(usize::try_from(line).ok()? - 1).copied()
            })
            .filter(|(program, _)| *program != usize::MAX)
            .collect();
        assert!(!refused.is_empty(), "{said}");
        refused.sort_unstable();
        refused.dedup();
        // What moves is wrong before what is moved, so only the first of each program goes.
        let mut last = usize::MAX;
        for (program, line) in refused {
            if line >= programs[program].lines.len() {
                if last != program {
                    shown[program].remove(&(line - programs[program].lines.len()));
                }
            } else if last != program {
                programs[program].lines.remove(line);
                last = program;
            }
        }
    }
    let output = Command::new(folder.join("whole")).output().unwrap();
    assert!(output.status.success());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut parts = line.splitn(3, ' ');
        let index: usize = parts.next().unwrap().parse().unwrap();
        let name = parts.next().unwrap();
        let (name, _) = VARIABLES.iter().find(|(known, _)| *known == name).unwrap();
        let value = parts.next().unwrap().to_owned();
        programs[index].ends.insert(name, value);
    }
}

#[test]
fn programs_cut_into_cells_end_as_whole_ones() {
    let number = |name: &str, default: u64| {
        let set = std::env::var(name).ok();
        set.map_or(default, |set| set.parse().expect("a number"))
    };
    let count = number("GRADUS_PROGRAMS", 8);
    let mut dice = Dice(number("GRADUS_SEED", 0x5eed_1234) | 1);
    let folder = tempfile::tempdir().unwrap();
    let mut programs: Vec<Program> = (0..count).map(|_| draw(&mut dice)).collect();
    run_whole(&mut programs, folder.path());
    let mut kernel = Kernel::start_with(|command| {
        command.env("GRADUS_LANG", "en");
    });
    assert!(kernel.run(DEFINITIONS).is_ok());
    let mut wrong = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        let mut cells: Vec<String> = Vec::new();
        for line in &program.lines {
            match cells.last_mut() {
                Some(cell) if dice.below(3) > 0 => cell.push_str(&format!("\n{line}")),
                _ => cells.push(line.clone()),
            }
        }
        let mut ends = HashMap::new();
        let mut said = String::new();
        for code in &cells {
            let cell = kernel.run(code);
            // It makes nothing but what no other cell needs.
            let reply = cell.reply.to_string();
            let makes_nothing =
                reply.contains("cannot pass from cell to cell") || reply.contains("cannot be kept");
            if !cell.is_ok() && !makes_nothing {
                said.push_str(&without_colours(&cell.reply.to_string()));
            }
        }
        for (name, _) in VARIABLES {
            let cell = kernel.run(&format!("println!(\"{{{name}:?}}\");"));
            if cell.is_ok() {
                ends.insert(name, cell.stream("stdout").trim_end().to_owned());
            }
        }
        if ends != program.ends || !said.is_empty() {
            let cells = cells.join("\n---\n");
            let expected = &program.ends;
            let text =
                format!("program {index}: {ends:?} instead of {expected:?}\n{cells}\n{said}");
            eprintln!("{text}");
            wrong.push(text);
        }
        if (index + 1) % 50 == 0 {
            eprintln!("{} of {count}, {} wrong", index + 1, wrong.len());
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}
