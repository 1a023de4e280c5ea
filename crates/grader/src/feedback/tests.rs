use gradus_exercise::{Complaint, Exercise, Language, Outcome, State, Text, Uncompiled, Verdict};

use super::{Overview, class, file_name, student};
use crate::{
    gradebook::{Adjustment, LateBy, Standing},
    marking::{Identity, Level},
    submissions::Student,
};

const SCRIPT: &str = "<script>alert(\"1\")</script><img src=x onerror='x'>\u{202e}";

/// Everything that comes from a student says something that a browser must not believe.
fn hostile() -> Standing {
    let text = || Text::new(SCRIPT, SCRIPT);
    let mut complaint = Complaint::default();
    complaint.says = Some(text());
    complaint.input = Some(text());
    complaint.expected = Some(Text::new("[1, 2, 3]", "[1, 2, 3]"));
    complaint.got = Some(Text::new("[1, 2, 4]", "[1, 2, 4]"));
    complaint.mistake = Some(("name".to_owned(), text()));
    let wrong = Verdict {
        question: "dense_backward".to_owned(),
        points: 10,
        state: State::Wrong(Box::new(complaint)),
    };
    let outcome = |n: u32, verdict: &Verdict| Outcome {
        id: format!("lab2.{n}"),
        title: Text::new("Capa", "Layer"),
        points: 10,
        verdicts: vec![verdict.clone()],
        ..Outcome::default()
    };
    let mut first = outcome(1, &wrong);
    first
        .printed
        .insert("dense_backward".to_owned(), SCRIPT.to_owned());
    let mut second = outcome(
        2,
        &Verdict {
            state: State::NotDone("lab2.2".to_owned()),
            ..wrong.clone()
        },
    );
    second.uncompiled = Some(Uncompiled {
        place: SCRIPT.to_owned(),
        line: SCRIPT.to_owned(),
        message: text(),
        hint: Some(text()),
        said: SCRIPT.to_owned(),
    });
    let third = outcome(
        3,
        &Verdict {
            state: State::Right,
            ..wrong.clone()
        },
    );
    let fourth = outcome(
        4,
        &Verdict {
            state: State::NotDone("lab2.1".to_owned()),
            ..wrong
        },
    );
    Standing {
        student: Student {
            id: format!("../../{SCRIPT}"),
            name: SCRIPT.to_owned(),
            ..Student::default()
        },
        handed_in: Some(1_795_302_000),
        remarks: vec![text()],
        exercises: vec![first, second, third, fourth],
        late: LateBy {
            days: 2,
            percent: 20,
            points: 2,
        },
        adjustments: vec![Adjustment {
            exercise: "lab2.1".to_owned(),
            points: -1,
            why: SCRIPT.to_owned(),
        }],
        level: Level::Full,
        identity: Identity::default(),
        seed: 1,
        content: String::new(),
        prints: (0..40).collect(),
    }
}

fn declared() -> Exercise {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../labs/lab2/exercises/lab2.1.toml"
    );
    Exercise::parse(path, &std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn what_a_student_hands_in_never_becomes_part_of_a_page() {
    let one = hostile();
    let mut other = hostile();
    other.student.id = "b".to_owned();
    let page = student("lab2", &one, &[declared()], &[Language::Es, Language::En]);
    let standings = [one, other];
    let all = class(
        &Overview {
            lab: "lab2",
            standings: &standings,
            given: &[],
            pages: "feedback",
        },
        &[Language::Es, Language::En],
    );
    for page in [&page, &all] {
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
        assert!(page.contains("&lt;script&gt;"));
    }
    assert!(all.contains("href=\"feedback/script-alert-1-script-img-src-x-onerror-x-"));
    assert!(!file_name(SCRIPT).contains(['/', '<', '"']));
}

#[test]
fn a_student_sees_points_the_example_the_mistake_and_hints_in_both_languages() {
    let one = hostile();
    let page = student("lab2", &one, &[declared()], &[Language::Es, Language::En]);
    let only = student("lab2", &one, &[declared()], &[Language::Es]);
    for text in [
        "7 <small>/ 40 puntos",
        "esperado",
        "Pista 1",
        "Fíjate en las formas",
        "No compila",
        "antes hay que hacer lab2.1",
        "2 días",
        "<svg",
    ] {
        assert!(page.contains(text) && only.contains(text), "{text}");
    }
    for text in [
        "7 <small>/ 40 points",
        ">expected<",
        "Hint 1",
        "Look at the shapes",
        "2 days late",
    ] {
        assert!(page.contains(text) && !only.contains(text), "{text}");
    }
    // Nothing is fetched, nothing runs.
    for text in [
        "http:", "https:", "url(", "<script", "<img", "<link", "@import",
    ] {
        assert!(!page.contains(text), "{text}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_class_sees_what_was_hard_and_what_is_worth_a_look() {
    let mut standings = vec![hostile(), hostile(), hostile()];
    standings[2].student.id = "other".to_owned();
    standings[2].prints = (100..140).collect();
    let page = class(
        &Overview {
            lab: "lab2",
            standings: &standings,
            given: &[0, 1],
            pages: "feedback",
        },
        &[Language::En],
    );
    assert!(page.contains("3 submissions; mean 7.0, median 7.0 points"));
    assert!(
        page.contains("38 fragments"),
        "what was handed out does not count"
    );
    assert_eq!(page.matches(" fragments").count(), 1);
    assert!(page.contains("3×") && page.contains("Does not compile"));
}
