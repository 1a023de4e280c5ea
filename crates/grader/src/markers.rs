//! The marks in a source that say what a student does not get.
//!
//! ```text
//! // BEGIN SOLUTION lab1.3            replaced by todo!("lab1.3")
//! // BEGIN SOLUTION lab1.3 stub: 0.0  replaced by 0.0; by nothing when nothing follows `stub:`
//! // END SOLUTION
//! // BEGIN HIDDEN                     dropped
//! // END HIDDEN
//! ```

/// A source with its marks taken apart.
#[derive(Debug, Default)]
pub struct Marked {
    /// The text for students: stubs for solutions, nothing hidden, no marks.
    pub stubbed: String,
    /// The solutions.
    pub solutions: Vec<Solution>,
    /// The hidden lines, with their line numbers.
    pub hidden: Vec<(usize, String)>,
}

/// One marked solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The exercise it belongs to.
    pub id: String,
    /// The line of its first mark.
    pub line: usize,
    /// The last line before it that declares something, such as `pub fn sigmoid(z: f64) -> f64 {`.
    pub of: String,
    /// The code between the marks.
    pub code: String,
}

enum Open {
    Nothing,
    Solution(Solution),
    Hidden(usize),
}

/// Takes `text` apart; `file` is for the messages.
///
/// # Errors
/// Every mark that is unclosed, nested, unknown or not opened, as `file:line: message`.
pub fn parse(file: &str, text: &str) -> Result<Marked, Vec<String>> {
    let mut marked = Marked::default();
    let mut problems = Vec::new();
    let mut open = Open::Nothing;
    let mut of = String::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let mut wrong = |message: &str| problems.push(format!("{file}:{number}: {message}"));
        let trimmed = line.trim();
        let mark = trimmed
            .strip_prefix("//")
            .map(str::trim)
            .filter(|rest| rest.starts_with("BEGIN ") || rest.starts_with("END "));
        let Some(mark) = mark else {
            match &mut open {
                Open::Nothing => {
                    marked.stubbed += line;
                    marked.stubbed.push('\n');
                    if trimmed.starts_with("pub ") || trimmed.starts_with("fn ") {
                        trimmed.clone_into(&mut of);
                    }
                }
                Open::Solution(solution) => {
                    solution.code += line;
                    solution.code.push('\n');
                }
                Open::Hidden(_) => marked.hidden.push((number, line.to_owned())),
            }
            continue;
        };
        let mut words = mark.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("BEGIN"), Some(what @ ("SOLUTION" | "HIDDEN")), rest) => {
                match &open {
                    Open::Nothing => {}
                    Open::Solution(Solution { line, .. }) | Open::Hidden(line) => {
                        wrong(&format!("BEGIN inside the block that line {line} opens"));
                        continue;
                    }
                }
                if what == "HIDDEN" {
                    open = Open::Hidden(number);
                    continue;
                }
                let (id, stub) = match rest.map(|rest| rest.split_once("stub:")) {
                    None => {
                        wrong("BEGIN SOLUTION does not say of which exercise");
                        ("", None)
                    }
                    Some(None) => (rest.unwrap_or_default().trim(), None),
                    Some(Some((id, stub))) => (id.trim(), Some(stub.trim())),
                };
                let indent = &line[..line.len() - line.trim_start().len()];
                match stub {
                    None => marked.stubbed += &format!("{indent}todo!(\"{id}\")\n"),
                    Some("") => {}
                    Some(stub) => marked.stubbed += &format!("{indent}{stub}\n"),
                }
                open = Open::Solution(Solution {
                    id: id.to_owned(),
                    line: number,
                    of: of.clone(),
                    code: String::new(),
                });
            }
            (Some("END"), Some(what @ ("SOLUTION" | "HIDDEN")), None) => {
                match (std::mem::replace(&mut open, Open::Nothing), what) {
                    (Open::Solution(solution), "SOLUTION") => marked.solutions.push(solution),
                    (Open::Hidden(_), "HIDDEN") => {}
                    (Open::Nothing, _) => wrong(&format!("END {what} without a BEGIN")),
                    (Open::Solution(Solution { line, .. }) | Open::Hidden(line), _) => wrong(
                        &format!("END {what} closes another kind of block, opened in line {line}"),
                    ),
                }
            }
            _ => wrong(&format!(
                "unknown mark `{mark}`; there are BEGIN SOLUTION <exercise>, END SOLUTION, BEGIN HIDDEN, END HIDDEN"
            )),
        }
    }
    if let Open::Solution(Solution { line, .. }) | Open::Hidden(line) = open {
        problems.push(format!("{file}:{line}: the block is not closed"));
    }
    if problems.is_empty() {
        // A helper that vanished leaves empty lines behind.
        while marked.stubbed.ends_with("\n\n") {
            marked.stubbed.pop();
        }
        Ok(marked)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
pub fn one() -> u32 {
    // BEGIN SOLUTION lab9.1
    let two = 2;
    two - 1
    // END SOLUTION
}

pub fn zero() -> u32 {
    // BEGIN SOLUTION lab9.1 stub: 7
    0
    // END SOLUTION
}
// BEGIN HIDDEN
check();
// END HIDDEN

// BEGIN SOLUTION lab9.1 stub:
fn helper() {}
// END SOLUTION
";

    #[test]
    fn solutions_become_stubs() {
        let marked = parse("a.rs", SOURCE).expect("the marks are right");
        assert_eq!(
            marked.stubbed,
            "pub fn one() -> u32 {\n    todo!(\"lab9.1\")\n}\n\npub fn zero() -> u32 {\n    7\n}\n"
        );
        assert_eq!(marked.solutions.len(), 3);
        assert_eq!(marked.solutions[0].code, "    let two = 2;\n    two - 1\n");
        assert_eq!(marked.solutions[0].of, "pub fn one() -> u32 {");
        assert_eq!(marked.hidden, [(14, "check();".to_owned())]);
    }

    #[test]
    fn wrong_marks_are_named_with_their_line() {
        let problems = |from: &str, to: &str| {
            parse("a.rs", &SOURCE.replacen(from, to, 1)).expect_err("a mark is wrong")
        };
        assert_eq!(
            problems("    // END SOLUTION\n", ""),
            ["a.rs:8: BEGIN inside the block that line 2 opens",]
        );
        assert_eq!(
            problems("// BEGIN HIDDEN\n", ""),
            ["a.rs:14: END HIDDEN without a BEGIN"]
        );
        assert_eq!(
            problems("fn helper() {}\n// END SOLUTION\n", ""),
            ["a.rs:17: the block is not closed"]
        );
        assert!(problems("BEGIN SOLUTION lab9.1\n", "BEGIN SOLUTION\n")[0].starts_with("a.rs:2: "));
        assert!(problems("BEGIN SOLUTION", "BEGIN SOLUTOIN")[0].starts_with("a.rs:2: unknown"));
        assert!(problems("// END HIDDEN", "// END SOLUTION")[0].contains("another kind"));
    }
}
