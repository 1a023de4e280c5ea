//! The proof that a lab notices wrong answers. For instructors: `tests/mutants.rs` of a lab says which functions are wrong, and
//! [`prove!`](crate::prove) makes the tests.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

#[doc(hidden)]
pub use insta;

use crate::{
    Lab, Outcome, Question, Report, State, Value,
    assess::{self, DRAWN_FROM, Known},
    changes::{Changed, changes},
    explain::{Case, Near, explain},
    lab::Entry,
    quietly::quietly,
    sealed::{RECOGNISED_BY, Sealed, WAYS, way_of},
    snapshot,
};

/// Wrong functions, each with its name.
pub type Mutants = Vec<(&'static str, Question)>;

/// The tests that a lab notices wrong answers:
///
/// - `named`: a mutant for each usual mistake, or several for the ways to make it, which must be called by its name;
/// - `refused`: plausible wrong answers, which must get no points;
/// - `explained`: what students get wrong, each with the name that the explanation must have, or `""` for none.
#[macro_export]
macro_rules! prove {
    (
        $lab:expr, reference: $reference:expr, named: $named:expr, refused: $refused:expr,
        explained: $explained:expr $(,)?
    ) => {
        fn lab_with_its_reference() -> $crate::Lab {
            $crate::proof::bound($lab, $reference)
        }

        fn write_down(snapshots: $crate::proof::Snapshots) {
            for (name, text, near_enough) in snapshots {
                use $crate::proof::insta;
                insta::with_settings!({
                    comparator => near_enough,
                    snapshot_path => "../snapshots",
                    prepend_module_to_snapshot => false,
                    omit_expression => true,
                }, {
                    insta::assert_snapshot!(name, text);
                });
            }
        }

        #[test]
        fn the_answers_are_those_of_the_reference() {
            write_down($crate::proof::answers_of(lab_with_its_reference()));
        }

        #[test]
        fn every_usual_mistake_is_called_by_its_name() {
            let (problems, sealed) =
                $crate::proof::usual_mistakes(lab_with_its_reference(), $named);
            write_down(sealed);
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }

        #[test]
        fn wrong_functions_get_no_point() {
            let problems = $crate::proof::refused(lab_with_its_reference(), $refused);
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }

        #[test]
        fn impostors_get_no_point() {
            let problems = $crate::proof::impostors(lab_with_its_reference());
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }

        #[test]
        fn explanations_are_true() {
            let problems = $crate::proof::explained(lab_with_its_reference(), $explained);
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }

        /// 10,000 draws of each function: `DRAWS=10000 cargo test --release -p lab1 --test mutants the_reference`
        #[test]
        fn the_reference_agrees_with_itself() {
            let draws = std::env::var("DRAWS").ok().and_then(|n| n.parse().ok());
            let problems = $crate::proof::reference(lab_with_its_reference(), draws.unwrap_or(200));
            assert!(problems.is_empty(), "{}", problems.join("\n"));
        }
    };
}

/// What [`Lab::check`] says of one function, tried in this process and not in a copy of it: a copy could wait for ever for what
/// another test held when it was made.
pub fn tried(lab: &Lab, question: Question) -> Report {
    match lab.entry_of(question.name) {
        Some(entry) => entry.try_here(question),
        None => Report(Outcome::default()),
    }
}

/// What the function answers to these inputs, where a panic reads as the word `panic`.
fn answers(question: &Question, inputs: &[Value]) -> Vec<Value> {
    inputs.iter().map(|input| answer(question, input)).collect()
}

fn answer(question: &Question, input: &Value) -> Value {
    let asked = quietly(|| question.ask(input));
    asked.unwrap_or_else(|_| "panic".into())
}

/// What the function answers to a changed input, looked at as the answer to the input itself.
fn answer_to_changed(question: &Question, input: &Value, changed: &Value) -> Value {
    let asked = quietly(|| question.seen(input, question.answer(changed)));
    asked.unwrap_or_else(|_| "panic".into())
}

/// The inputs that tell mistakes apart.
fn telling(question: &Question, drawn: &[Value]) -> Vec<Value> {
    let drawn = drawn.iter().take(RECOGNISED_BY);
    question.cases().iter().chain(drawn).cloned().collect()
}

fn is_measured(entry: &Entry, name: &str) -> bool {
    let asked = entry.exercise.questions.iter().find(|q| q.name == name);
    asked.is_some_and(|q| q.tolerance.is_bounds())
}

fn near(entry: &Entry, name: &str) -> Near {
    let asked = entry.exercise.questions.iter().find(|q| q.name == name);
    asked.map_or(
        Near {
            rtol: 0.0,
            atol: 0.0,
        },
        |q| Near {
            rtol: q.tolerance.rtol,
            atol: q.tolerance.atol,
        },
    )
}

/// Snapshots to be written down: name, text, and when two of them are the same.
pub type Snapshots = Vec<(String, String, Box<dyn insta::Comparator>)>;

/// The lab with its questions bound to the reference.
pub fn bound(mut lab: Lab, reference: Vec<Question>) -> Lab {
    for question in reference {
        let name = question.name;
        let place = (lab
            .entries
            .iter_mut()
            .flat_map(|entry| &mut entry.questions))
        .find(|asked| asked.name == name);
        match place {
            Some(place) => *place = question,
            None => lab
                .problems
                .push(format!("{name}: no exercise asks for it")),
        }
    }
    lab
}

/// The right answers to the public inputs, a table per exercise.
pub fn answers_of(lab: Lab) -> Snapshots {
    let table = |entry: &Entry| -> String {
        (entry.questions.iter())
            .map(|q| snapshot::lines(q.name, q.cases(), &answers(q, q.cases())))
            .collect()
    };
    (lab.entries.into_iter())
        .map(|entry| {
            let comparator = Box::new(snapshot::NearEnough(entry.exercise.clone()));
            (entry.exercise.id.clone(), table(&entry), comparator as _)
        })
        .collect()
}

/// Each mutant must be called by its own mistake's name, every mistake must have one or more, each exercise at least three. With what
/// is to be sealed: the reference's answers to drawn inputs, the mutants', and the reference's to changed inputs.
pub fn usual_mistakes(lab: Lab, mutants: Mutants) -> (Vec<String>, Snapshots) {
    let mut problems = lab.problems().to_vec();
    let mut of: BTreeMap<String, Mutants> = BTreeMap::new();
    for (mistake, mutant) in mutants {
        let declared = lab.entry_of(mutant.name).is_some_and(|e| {
            (e.exercise.questions.iter())
                .any(|q| q.name == mutant.name && q.mistakes.iter().any(|m| m.name == mistake))
        });
        if declared {
            of.entry(mutant.name.to_owned())
                .or_default()
                .push((mistake, mutant));
        } else {
            let name = mutant.name;
            problems.push(format!(
                "{name}/{mistake}: no exercise declares this mistake"
            ));
        }
    }
    let mut to_seal = Snapshots::new();
    for entry in lab.entries {
        let (id, exercise) = (entry.exercise.id.clone(), entry.exercise.clone());
        let count: usize = exercise.questions.iter().map(|q| q.mistakes.len()).sum();
        if count < 3 {
            problems.push(format!("{id}: {count} mistakes declared, three are wanted"));
        }
        let mut known = Known {
            answers: entry.known.answers.clone(),
            sealed: Sealed::default(),
        };
        let empty = Mutants::new();
        for question in &entry.questions {
            seal(
                &mut known.sealed,
                &entry,
                question,
                of.get(question.name).unwrap_or(&empty),
            );
        }
        let text = known.sealed.text();
        // As it is read back.
        known.sealed = Sealed::parse(&text);
        let comparator = Box::new(snapshot::SealedNearEnough(exercise.clone()));
        to_seal.push((format!("{id}.sealed"), text, comparator));
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for question in &entry.questions {
            for (mistake, mutant) in of.remove(question.name).unwrap_or_default() {
                let label = format!("{}/{mistake}", question.name);
                let (verdict, _) = assess::assess(&exercise, mutant, &known);
                if verdict.mistake() != Some(mistake) {
                    problems.push(format!(
                        "{label}: recognised as {:?}: {:?}",
                        verdict.mistake(),
                        verdict.state
                    ));
                }
                let ways = seen.entry(label.clone()).or_default();
                *ways += 1;
                if *ways == WAYS + 1 {
                    problems.push(format!("{label}: more than {WAYS} mutants"));
                }
            }
        }
        for asked in &exercise.questions {
            for mistake in &asked.mistakes {
                let label = format!("{}/{}", asked.name, mistake.name);
                if !seen.contains_key(&label) {
                    problems.push(format!("{label}: declared in {id}, but no mutant makes it"));
                }
            }
        }
    }
    (problems, to_seal)
}

/// Seals what is to be known of one function.
fn seal(sealed: &mut Sealed, entry: &Entry, question: &Question, mutants: &Mutants) {
    let name = question.name;
    let drawn = question.drawn(DRAWN_FROM);
    let right = answers(question, &drawn);
    if !drawn.is_empty() {
        sealed.keep_answers(name, &drawn, &right);
    }
    let telling = telling(question, &drawn);
    let coarse =
        (entry.exercise.questions.iter()).any(|q| q.name == name && q.tolerance.is_coarse());
    let keep = |sealed: &mut Sealed, mark: char, mistake: &str, given: &[Value]| match coarse {
        true => sealed.keep_answers(&format!("{name}={mark}{mistake}"), &telling, given),
        false => sealed.keep_mistake(&format!("{name}{mark}{mistake}"), given),
    };
    let usual: Vec<Vec<Value>> = mutants.iter().map(|(_, m)| answers(m, &telling)).collect();
    let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
    for ((mistake, _), given) in mutants.iter().zip(&usual) {
        let way = ways.entry(mistake).or_default();
        keep(sealed, '/', &way_of(mistake, *way), given);
        *way += 1;
    }
    if is_measured(entry, name) {
        return;
    }
    let near = near(entry, name);
    let right = answers(question, &telling);
    let mut kept: Vec<(String, Vec<Value>)> = Vec::new();
    for change in changes(question.cases(), &drawn) {
        let given: Option<Vec<Value>> = (telling.iter())
            .map(|input| Some(answer_to_changed(question, input, &change.of(input)?)))
            .collect();
        let Some(given) = given else { continue };
        let same = |others: &[Value]| {
            (given.iter().zip(others)).all(|(a, b)| a.difference(b, near.rtol, near.atol).is_none())
        };
        // What changes nothing, what a usual mistake does, and what can be seen in the answers alone.
        let known = |others: &Vec<Value>| same(others);
        if same(&right) || usual.iter().any(known) || kept.iter().any(|(_, o)| known(o)) {
            continue;
        }
        let cases: Vec<Case> = (telling.iter().zip(&right).zip(&given))
            .map(|((input, expected), got)| Case {
                input: input.clone(),
                expected: expected.clone(),
                got: got.clone(),
            })
            .collect();
        if explain(&cases, near, &question.asking).is_none() {
            kept.push((change.name, given));
        }
    }
    for (change, given) in kept {
        keep(sealed, '~', &change, &given);
    }
}

/// Answers that are not those of the reference would refuse everything.
fn stale(lab: &Lab) -> Vec<String> {
    let mut problems = Vec::new();
    for entry in &lab.entries {
        for question in &entry.questions {
            let (name, near) = (question.name, near(entry, question.name));
            let drawn = question.drawn(DRAWN_FROM);
            let sealed = match drawn.is_empty() {
                true => Some(Vec::new()),
                false => entry.known.sealed.answers(name, &drawn),
            };
            let same = sealed.is_some_and(|sealed| {
                (sealed.iter().zip(answers(question, &drawn)))
                    .all(|(a, b)| b.difference(a, near.rtol, near.atol).is_none())
            });
            let public = entry.known.answers.answers(name).len() == question.cases().len();
            if !same || !public {
                problems.push(format!(
                    "{name}: sealed anew? INSTA_UPDATE=always cargo test"
                ));
            }
        }
    }
    problems
}

/// Wrong functions must get no points.
pub fn refused(lab: Lab, mutants: Mutants) -> Vec<String> {
    let mut problems = stale(&lab);
    for (what, mutant) in mutants {
        let name = mutant.name;
        let Some(entry) = lab.entry_of(name) else {
            problems.push(format!("{name}: {what}: no such question"));
            continue;
        };
        let (verdict, _) = assess::assess(&entry.exercise, mutant, &entry.known);
        if !matches!(verdict.state, State::Wrong(_)) {
            problems.push(format!("{name}: {what}: {:?}", verdict.state));
        }
    }
    problems
}

/// What students get wrong must be refused, and explained by the name beside it or, for `""`, not at all.
pub fn explained(lab: Lab, mutants: Mutants) -> Vec<String> {
    let (mut problems, mut named) = (stale(&lab), 0);
    let count = mutants.len();
    for (k, (expected, mutant)) in mutants.into_iter().enumerate() {
        let name = mutant.name;
        let Some(entry) = lab.entry_of(name) else {
            problems.push(format!("{name}: {expected}: no such question"));
            continue;
        };
        let (verdict, _) = assess::assess(&entry.exercise, mutant, &entry.known);
        let got = verdict.mistake().unwrap_or("").to_owned();
        named += usize::from(!got.is_empty());
        if !matches!(verdict.state, State::Wrong(_)) {
            problems.push(format!("{name}: {expected}: {:?}", verdict.state));
        } else if got != expected {
            problems.push(format!("{name}, mutant {k}: `{got}`, not `{expected}`"));
        }
    }
    println!("{count} mistakes, {named} with a name");
    problems
}

/// Impostors, made from the reference for any function, must get no points: who answers the same whatever the input, who returns
/// what was given, and the reference on an input that was changed (a hyperparameter frozen or ignored, two swapped, a count off by
/// one, lists cut short, large numbers cut off) — also when it knows all public answers by heart.
pub fn impostors(lab: Lab) -> Vec<String> {
    let mut undetected = stale(&lab);
    for entry in &lab.entries {
        let measured = |question: &&Question| !is_measured(entry, question.name);
        for question in entry.questions.iter().filter(measured) {
            undetected.extend(impostors_of(entry, question));
        }
    }
    undetected
}

fn impostors_of(entry: &Entry, question: &Question) -> Vec<String> {
    let name = question.name;
    let near = near(entry, name);
    let drawn = question.drawn(DRAWN_FROM);
    let right = answers(question, &drawn);
    let given: BTreeMap<String, Value> = (question.cases().iter())
        .map(|input| (input.to_json().to_string(), question.answer(input)))
        .collect();
    let mut undetected = Vec::new();
    let mut try_one = |label: String, impostor: Question| {
        let (verdict, _) = assess::assess(&entry.exercise, impostor, &entry.known);
        if verdict.earned() > 0 {
            undetected.push(format!("{name}: {label}"));
        }
    };
    for (k, constant) in given.values().enumerate() {
        let constant = constant.clone();
        let label = format!("always the answer to public input {k}");
        try_one(label, question.asked_to(move |_| constant.clone()));
    }
    // Without drawn inputs the public ones are all there is.
    let table = given.clone();
    let by_heart = question.asked_to(move |input| {
        let known = table.get(&input.to_json().to_string());
        known.cloned().unwrap_or_else(|| 0.0.into())
    });
    if !drawn.is_empty() {
        try_one(
            "a table of the public inputs, 0 elsewhere".to_owned(),
            by_heart,
        );
    }
    if let Some(Value::Record(fields)) = question.cases().first() {
        for (field, _) in fields {
            let place = field.clone();
            let label = format!("returns `{field}`");
            try_one(
                label,
                question.asked_to(move |input| input.get(&place).clone()),
            );
        }
    }
    // Told by the drawn answers alone, which is what is left to whoever knows the public ones.
    let fresh = question.drawn(DRAWN_FROM + 1000);
    let mut kinds: Vec<(String, Changed)> = Vec::new();
    for change in changes(question.cases(), &drawn) {
        kinds.push((change.name.clone(), Box::new(move |input| change.of(input))));
    }
    for limit in [2.0, 5.0, 100.0] {
        kinds.push((
            format!("numbers beyond {limit} cut off"),
            Box::new(move |input| Some(input.map(&|x| x.clamp(-limit, limit)))),
        ));
    }
    for (label, change) in kinds {
        if drawn.is_empty() {
            break;
        }
        let differs = |inputs: &[Value], right: &[Value]| {
            (inputs.iter().zip(right)).any(|(input, right)| {
                let Some(changed) = change(input) else {
                    return false;
                };
                let got = answer_to_changed(question, input, &changed);
                got.difference(right, near.rtol, near.atol).is_some()
            })
        };
        // A change that never matters makes no impostor.
        if !differs(&drawn, &right) && differs(&fresh, &answers(question, &fresh)) {
            undetected.push(format!("{name}: public answers by heart, else {label}"));
        }
    }
    undetected
}

/// The reference must hold for `draws` inputs of each function that nobody has drawn before: it stops with no panic, gives the
/// same answer twice, and has all properties.
pub fn reference(lab: Lab, draws: usize) -> Vec<String> {
    let mut problems = Vec::new();
    for entry in &lab.entries {
        for question in entry
            .questions
            .iter()
            .filter(|q| !is_measured(entry, q.name))
        {
            let near = near(entry, question.name);
            let mut tried = 0;
            for seed in 0.. {
                let inputs = question.drawn(0x5eed + seed);
                if inputs.is_empty() || tried >= draws {
                    break;
                }
                for input in inputs.iter().take(draws - tried) {
                    tried += 1;
                    let (one, two) = (answer(question, input), answer(question, input));
                    if one.word() == "panic" || one.difference(&two, 0.0, 0.0).is_some() {
                        problems.push(format!("{}: {one}, {two}: {input}", question.name));
                    }
                    // What is random must look alike for every seed.
                    if let Value::Number(seed) = input.get("seed") {
                        let other = answer(question, &input.with("seed", (seed + 1.0).into()));
                        if let Some(d) = other.difference(&one, near.rtol, near.atol) {
                            problems.push(format!("{}: {d:?}: {input}", question.name));
                        }
                    }
                    for property in &question.asking.properties {
                        let holds = catch_unwind(AssertUnwindSafe(|| {
                            (property.holds)(&*question.call, input)
                        }));
                        if !matches!(holds, Ok(Ok(()))) {
                            problems
                                .push(format!("{}: {}: {input}", question.name, property.says.en));
                        }
                    }
                }
            }
        }
    }
    problems
}
