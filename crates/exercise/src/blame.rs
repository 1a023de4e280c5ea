//! An exercise that is wrong because another is: the functions that its file takes from others.

use crate::{Exercise, Outcome, State, Text};

/// Remarks on a wrong outcome which functions of other exercises its file uses that are not right either, or were not tried.
pub(crate) fn blame(outcome: &mut Outcome, source: &str, all: &[&Exercise], before: &[Outcome]) {
    let wrong = |state: &State| matches!(state, State::Wrong(_));
    if outcome.uncompiled.is_some() || !outcome.verdicts.iter().any(|v| wrong(&v.state)) {
        return;
    }
    let used = imported(source);
    for other in all.iter().filter(|other| other.id != outcome.id) {
        let tried = before.iter().find(|tried| tried.id == other.id);
        let suspect = |name: &&str| match tried {
            None => true,
            Some(tried) => (tried.verdicts.iter())
                .any(|v| v.question == *name && !matches!(v.state, State::Right)),
        };
        let suspects: Vec<String> = (other.questions.iter())
            .map(|asked| &*asked.name)
            .filter(|name| used.contains(name))
            .filter(suspect)
            .map(|name| format!("`{name}`"))
            .collect();
        if suspects.is_empty() {
            continue;
        }
        let (names, id) = (suspects.join(", "), &other.id);
        outcome.remarks.push(match tried {
            Some(_) => Text::new(
                format!("usa {names}, de {id}, que aún no está bien: empieza por {id}"),
                format!("it uses {names} of {id}, which is not right yet: start with {id}"),
            ),
            None => Text::new(
                format!("usa {names}, de {id}: mira antes si {id} está bien"),
                format!("it uses {names} of {id}: see first whether {id} is right"),
            ),
        });
    }
}

/// The names in `use super::{…};`.
fn imported(source: &str) -> Vec<&str> {
    let uses = source
        .split(';')
        .filter_map(|statement| statement.rsplit_once("use super::"));
    uses.flat_map(|(_, names)| names.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

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
        let source = "//! use super::relu\n\nuse super::{\n    sigmoid,\n};\nuse crate::softmax;\n";
        let remarks = |own: State, before: &[Outcome]| {
            let mut one = outcome("lab9.3", "gradient", own);
            blame(&mut one, source, &all, before);
            one.remarks.into_iter().map(|r| r.en).collect::<Vec<_>>()
        };
        assert_eq!(
            remarks(wrong(), &[outcome("lab9.1", "sigmoid", wrong())]),
            ["it uses `sigmoid` of lab9.1, which is not right yet: start with lab9.1"]
        );
        let right = [outcome("lab9.1", "sigmoid", State::Right)];
        assert_eq!(remarks(wrong(), &right), [""; 0]);
        assert_eq!(remarks(State::Right, &[]), [""; 0]);
        assert_eq!(
            remarks(wrong(), &[]),
            ["it uses `sigmoid` of lab9.1: see first whether lab9.1 is right"]
        );
    }
}
