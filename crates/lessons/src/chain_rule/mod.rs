//! Block 6: exercises on the chain rule, made from a seed, with worked solutions and answers that are checked.
//!
//! ```text
//! h(x) = f(g(x))   ⇒   h'(x) = f'(g(x)) · g'(x)
//! ```
//!
//! Eight [`Level`]s: a composition of two functions; sums and products around one; the gradient of a two-layer neuron, which is
//! backpropagation by hand; a value that feeds two outputs; a 2-2-1 network; ReLU; softmax with cross-entropy; a batch in matrices.
//! The same level and seed give the same exercise, in Spanish or in English. [`Exercise::check`] judges the answer,
//! [`Exercise::check_steps`] every step on the way, and [`worksheet`] prints one of each with its key.

mod formula;
mod judge;
mod networks;
mod problem;
mod steps;
mod wording;
mod worksheet;

use std::fmt;

use gradus_text::display::Show;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) use formula::number;
pub use gradus_text::Language;
pub use judge::StepsVerdict;
use problem::Problem;
pub use problem::Slip;
pub use worksheet::{Worksheet, worksheet};

/// An answer this close to the right one is right, relative to it: one rounded to three significant figures is.
pub(crate) const TOLERANCE: f64 = 0.006;

/// What an exercise is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `h(x) = f(g(x))`.
    Composition,
    /// `h(x) = p(x) · f(g(x)) + q(x)`.
    SumsAndProducts,
    /// `C = ½ (σ(w₂ σ(w₁ x + b₁) + b₂) - y)²`, with respect to one of its parameters.
    Neuron,
    /// One neuron that feeds two outputs.
    FanOut,
    /// A 2-2-1 network with sigmoids.
    TwoTwoOne,
    /// A 1-2-1 network with ReLU, with respect to its input.
    Relu,
    /// Three neurons with softmax and cross-entropy.
    Softmax,
    /// A linear neuron and three examples, as matrices.
    Batch,
}

impl Level {
    /// All levels, the easiest first.
    pub const ALL: [Level; 8] = [
        Level::Composition,
        Level::SumsAndProducts,
        Level::Neuron,
        Level::FanOut,
        Level::TwoTwoOne,
        Level::Relu,
        Level::Softmax,
        Level::Batch,
    ];
}

/// An exercise with its solution.
///
/// ```
/// use gradus::prelude::*;
/// let exercise = Exercise::new(Level::Composition, 7, Es);
/// println!("{exercise}");
/// assert!(exercise.check(exercise.answer()).is_right());
/// let verdict = exercise.check(-exercise.answer());
/// assert!(verdict.to_string().contains("signo"));
/// ```
#[derive(Clone, Debug)]
pub struct Exercise {
    problem: Problem,
    language: Language,
    answer: f64,
    slips: Vec<(f64, Slip)>,
}

/// Text with formulas in LaTeX between `$` signs, which notebooks typeset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markdown(pub(crate) String);

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    right: bool,
    slip: Option<Slip>,
    message: String,
}

impl Exercise {
    /// The exercise that `seed` makes.
    pub fn new(level: Level, seed: u64, language: Language) -> Exercise {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let problem = Problem::draw(level, &mut rng);
            let answer = problem.answer();
            // An answer that can be read, and no mistake that leads to it all the same.
            let slips = problem.slips();
            let distinct = |a: f64| (a - answer).abs() > 5.0 * TOLERANCE * answer.abs();
            if (problem.smallest()..=100.0).contains(&answer.abs())
                && slips.iter().all(|(a, _)| a.is_finite() && distinct(*a))
            {
                return Exercise {
                    problem,
                    language,
                    answer,
                    slips,
                };
            }
        }
    }

    /// What is asked.
    pub fn statement(&self) -> Markdown {
        Markdown(self.problem.statement(self.language))
    }

    /// The way to the answer, step by step.
    pub fn solution(&self) -> Markdown {
        let steps = self.problem.steps(self.language);
        let steps = steps.iter().enumerate();
        let lines: Vec<String> = steps.map(|(i, s)| format!("{}. {s}", i + 1)).collect();
        Markdown(lines.join("\n"))
    }

    /// The right answer.
    pub fn answer(&self) -> f64 {
        self.answer
    }

    /// Check an answer, however it was computed: right to three significant figures is right. A usual mistake is named.
    pub fn check(&self, answer: f64) -> Verdict {
        let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * b.abs();
        let found = self.slips.iter().find(|(a, _)| close(answer, *a));
        let es = self.language == Language::Es;
        let (right, slip, message) = if close(answer, self.answer) {
            let words = if es { "Correcto" } else { "Right" };
            let value = number(self.answer);
            (true, None, format!("{words}: {value}"))
        } else if !answer.is_finite() {
            (false, None, not_finite(self.language).to_owned())
        } else if let Some(&(_, slip)) = found {
            (false, Some(slip), slip.hint(self.language).to_owned())
        } else {
            let words = if es {
                "No es correcto. Escribe cada derivada local por separado y multiplícalas; después compara con `solution()`."
            } else {
                "Not right. Write each local derivative by itself and multiply them; then compare with `solution()`."
            };
            (false, None, words.to_owned())
        };
        Verdict {
            right,
            slip,
            message,
        }
    }
}

pub(crate) fn not_finite(language: Language) -> &'static str {
    language.pick(
        "La respuesta tiene que ser un número finito.",
        "The answer must be a finite number.",
    )
}

impl Verdict {
    /// Whether the answer is right.
    pub fn is_right(&self) -> bool {
        self.right
    }

    /// The usual mistake that leads to this answer.
    pub fn slip(&self) -> Option<Slip> {
        self.slip
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Markdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The statement.
impl fmt::Display for Exercise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement().fmt(f)
    }
}

impl Show for Markdown {
    fn forms(&self) -> Vec<(&'static str, String)> {
        vec![
            ("text/markdown", self.to_string()),
            ("text/plain", self.to_string()),
        ]
    }
}

impl Show for Exercise {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.statement().forms()
    }
}

impl Show for Verdict {
    fn forms(&self) -> Vec<(&'static str, String)> {
        vec![("text/plain", self.to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEVELS: [Level; 8] = Level::ALL;

    /// The number at the end of the last step of the solution.
    fn shown(exercise: &Exercise) -> f64 {
        let solution = exercise.solution().to_string();
        let last = solution.rsplit(['=', '≈']).next().unwrap();
        let last = last.rsplit("\\approx").next().unwrap();
        let digits = last.trim_matches(|c: char| !c.is_ascii_digit() && c != '-');
        digits
            .parse()
            .unwrap_or_else(|_| panic!("{last:?} in {solution}"))
    }

    proptest! {
        #[test]
        fn answers_are_the_measured_slopes(seed: u64) {
            for level in LEVELS {
                let exercise = Exercise::new(level, seed, Language::Es);
                let at = |h: f64| exercise.problem.moved(h);
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                prop_assert!((slope - exercise.answer).abs() < 1e-6 * (1.0 + slope.abs()), "{exercise}: {slope}");
            }
        }

        #[test]
        fn the_checker_accepts_three_figures_and_names_each_mistake(seed: u64) {
            for level in LEVELS {
                for language in [Language::Es, Language::En] {
                    let exercise = Exercise::new(level, seed, language);
                    let a = exercise.answer;
                    let rounded: f64 = format!("{a:.2e}").parse().unwrap();
                    prop_assert!(exercise.check(rounded).is_right(), "{rounded} for {a}");
                    prop_assert!(exercise.check(shown(&exercise)).is_right(), "{}", exercise.solution());
                    prop_assert!(!exercise.check(a * 1.02).is_right());
                    for &(wrong, slip) in &exercise.slips {
                        let verdict = exercise.check(wrong);
                        prop_assert!(!verdict.is_right());
                        // Two mistakes may lead to the same number: then one of them is named.
                        let same = |s: &(f64, Slip)| (s.0 - wrong).abs() <= 2.0 * TOLERANCE * wrong.abs();
                        prop_assert!(verdict.slip() == Some(slip) || exercise.slips.iter().filter(|s| same(s)).count() > 1);
                    }
                    prop_assert_eq!(exercise.check(-a).slip(), Some(Slip::Sign));
                }
            }
        }

        #[test]
        fn no_answer_makes_it_panic(seed: u64, answer: f64) {
            for level in LEVELS {
                let exercise = Exercise::new(level, seed, Language::En);
                for answer in [answer, f64::NAN, f64::INFINITY, 0.0] {
                    prop_assert!(!exercise.check(answer).to_string().is_empty());
                }
                prop_assert!(!exercise.check(f64::NAN).is_right());
            }
        }
    }

    #[test]
    fn the_same_seed_is_the_same_exercise_and_others_differ() {
        for level in LEVELS {
            let text = |seed| Exercise::new(level, seed, Language::Es).statement().0;
            assert_eq!(text(3), text(3));
            let mut all: Vec<String> = (0..50).map(text).collect();
            all.sort();
            all.dedup();
            assert!(all.len() > 45, "{level:?}: {} of 50", all.len());
        }
    }

    #[test]
    fn a_sigmoid_derived_from_z_is_recognised() {
        let hints: Vec<String> = (0..40)
            .map(|seed| Exercise::new(Level::Neuron, seed, Language::Es))
            .flat_map(|e| {
                let slips = e.slips.clone();
                slips
                    .into_iter()
                    .filter(|s| s.1 == Slip::SigmoidOfZ)
                    .map(move |(wrong, _)| e.check(wrong).to_string())
            })
            .filter(|hint| hint.contains("a(1 - a)"))
            .collect();
        assert!(hints.len() > 30, "{}", hints.len());
    }
}
