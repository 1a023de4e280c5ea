//! An exercise that is wrong because another is: the functions that its file takes from others.

use std::collections::HashSet;

use crate::{Exercise, Outcome, State, Text, Verdict};

/// The exercises whose functions a file uses, with the functions.
pub(crate) fn used<'a>(
    source: &str,
    own: &str,
    all: &'a [&Exercise],
) -> Vec<(&'a Exercise, Vec<&'a str>)> {
    let (uses, rest): (Vec<&str>, Vec<&str>) =
        (source.split_inclusive(';')).partition(|statement| statement.contains("use super::"));
    let words = |texts: &[&str]| -> HashSet<String> {
        let code = texts.iter().flat_map(|text| text.lines());
        let code = code.filter(|line| !line.trim_start().starts_with("//"));
        code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
            .map(str::to_owned)
            .collect()
    };
    let rest: Vec<&str> = (rest.into_iter())
        .filter(|statement| !statement.trim_start().starts_with("use "))
        .collect();
    let (imported, written) = (words(&uses), words(&rest));
    let functions = |other: &&'a Exercise| {
        let names = other.questions.iter().map(|asked| &*asked.name);
        names
            .filter(|name| imported.contains(*name) && written.contains(*name))
            .collect::<Vec<_>>()
    };
    (all.iter().copied())
        .filter(|other| other.id != own)
        .map(|other| (other, functions(&other)))
        .filter(|(_, functions)| !functions.is_empty())
        .collect()
}

/// Whether a wrong answer may come from other exercises.
pub(crate) fn is_open(outcome: &Outcome) -> bool {
    let wrong = |verdict: &Verdict| matches!(verdict.state, State::Wrong(_));
    outcome.uncompiled.is_none() && outcome.verdicts.iter().any(wrong)
}

/// Remarks which functions of other exercises are used and not right yet.
pub(crate) fn blame<'a>(
    outcome: &mut Outcome,
    used: &[(&Exercise, Vec<&str>)],
    tried: impl Iterator<Item = &'a Outcome> + Clone,
) {
    for (other, functions) in used {
        let Some(tried) = tried.clone().find(|tried| tried.id == other.id) else {
            continue;
        };
        let suspects: Vec<String> = (tried.verdicts.iter())
            .filter(|verdict| !matches!(verdict.state, State::Right))
            .filter(|verdict| functions.contains(&&*verdict.question))
            .map(|verdict| format!("`{}`", verdict.question))
            .collect();
        if suspects.is_empty() {
            continue;
        }
        let (names, id) = (suspects.join(", "), &other.id);
        outcome.remarks.push(Text::new(
            format!("usa {names}, de {id}, que aún no está bien: empieza por {id}"),
            format!("it uses {names} of {id}, which is not right yet: start with {id}"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercise(id: &str, function: &str) -> Exercise {
        let text = format!(
            r#"
id = "{id}"
file = "src/exercises/{function}.rs"
points = 1
title = {{ es = "a", en = "a" }}
statement = {{ es = "a", en = "a" }}
hints = [{{ es = "a", en = "a" }}, {{ es = "b", en = "b" }}]
tolerance = {{ why = {{ es = "a", en = "a" }} }}
questions = [{{ name = "{function}", points = 1 }}]
"#
        );
        Exercise::parse("1.toml", &text).expect("it is complete")
    }

    fn outcome(id: &str, question: &str, state: State) -> Outcome {
        Outcome {
            id: id.to_owned(),
            verdicts: vec![Verdict {
                question: question.to_owned(),
                points: 1,
                state,
            }],
            ..Outcome::default()
        }
    }

    #[test]
    fn the_exercise_that_another_builds_on_comes_first() {
        let wrong = || State::Wrong(Box::default());
        let exercises = [
            exercise("lab9.1", "sigmoid"),
            exercise("lab9.2", "softmax"),
            exercise("lab9.3", "gradient"),
        ];
        let all: Vec<&Exercise> = exercises.iter().collect();
        let source = "//! use super::relu\n\nuse super::{\n    sigmoid, softmax,\n};\nuse crate::softmax;\nfn f() { sigmoid() }\n";
        let used = used(source, "lab9.3", &all);
        let (exercises, functions): (Vec<_>, Vec<_>) = used.iter().cloned().unzip();
        assert_eq!(exercises[0].id, "lab9.1");
        assert_eq!(functions, [["sigmoid"]]);
        let remarks = |tried: &[Outcome]| {
            let mut one = outcome("lab9.3", "gradient", wrong());
            assert!(is_open(&one));
            blame(&mut one, &used, tried.iter());
            one.remarks.into_iter().map(|r| r.en).collect::<Vec<_>>()
        };
        assert_eq!(
            remarks(&[outcome("lab9.1", "sigmoid", wrong())]),
            ["it uses `sigmoid` of lab9.1, which is not right yet: start with lab9.1"]
        );
        assert_eq!(
            remarks(&[outcome("lab9.1", "sigmoid", State::Right)]),
            [""; 0]
        );
        assert_eq!(remarks(&[]), [""; 0]);
        assert!(!is_open(&outcome("lab9.3", "gradient", State::Right)));
    }
}
