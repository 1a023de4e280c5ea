//! The part of an exercise that is code: how to call a function, on what, and what must hold of it.

use std::sync::Arc;

#[cfg(test)]
use crate::record;
use crate::{Gallery, Random, Text, Value, value::Words};

/// Calls one function with a record of inputs. The function may be the lab's, a notebook's, a mutant or one in another process.
pub type Call = dyn Fn(&Value) -> Value + Send;

/// What a property says when it does not hold; see [`near`] and [`ensure`].
#[derive(Clone, Debug)]
pub struct Broken {
    /// What it should have been.
    pub expected: Text,
    /// What it was.
    pub got: Text,
}

type Holds = dyn Fn(&Call, &Value) -> Result<(), Broken> + Send + Sync;
type Draw = dyn Fn(&mut Random) -> Value + Send + Sync;
type View = dyn Fn(&Value, &Value) -> Value + Send + Sync;
type Show = dyn Fn(&Value, &Value) -> Gallery + Send + Sync;

/// A statement that must hold for every input.
#[derive(Clone)]
pub(crate) struct Property {
    pub(crate) says: Text,
    pub(crate) holds: Arc<Holds>,
}

/// All of a question but the function that answers.
#[derive(Clone)]
pub(crate) struct Asking {
    pub(crate) cases: Vec<Value>,
    inputs: Option<Arc<Draw>>,
    draws: usize,
    view: Option<Arc<View>>,
    gallery: Option<Arc<Show>>,
    pub(crate) properties: Vec<Property>,
    pub(crate) words: Vec<(&'static str, Text)>,
    axes: Vec<(&'static str, Vec<Text>)>,
}

/// A function to write, with all that is needed to try it.
///
/// The same question tries the lab's own function in `cargo test`, a notebook's in `check!`, and the mutants that
/// prove that it notices mistakes.
pub struct Question {
    pub(crate) name: &'static str,
    pub(crate) call: Box<Call>,
    pub(crate) asking: Asking,
}

impl Question {
    /// A question about the function `name`, called by `call`.
    pub fn new(name: &'static str, call: impl Fn(&Value) -> Value + Send + 'static) -> Self {
        Self {
            name,
            call: Box::new(call),
            asking: Asking {
                cases: Vec::new(),
                inputs: None,
                draws: 64,
                view: None,
                gallery: None,
                properties: Vec::new(),
                words: Vec::new(),
                axes: Vec::new(),
            },
        }
    }

    /// Adds a public input; its answer stands in the lab's snapshot.
    pub fn case(mut self, input: Value) -> Self {
        self.asking.cases.push(input);
        self
    }

    /// Where other inputs come from: those whose answers are sealed, those of the properties and those of the mark.
    /// The numbers should be round, so that the input that a student is shown is the one that was tried: see [`draw`](crate::draw).
    pub fn inputs(mut self, draw: impl Fn(&mut Random) -> Value + Send + Sync + 'static) -> Self {
        self.asking.inputs = Some(Arc::new(draw));
        self
    }

    /// How many drawn inputs are tried; 64 unless said here.
    pub fn draws(mut self, draws: usize) -> Self {
        self.asking.draws = draws;
        self
    }

    /// What is looked at of an answer, where the answer itself is free: `view` makes the sizes and the statistics of random numbers
    /// from the input and what the function gave. It runs where the answer is judged, not where the function runs.
    pub fn view(mut self, view: impl Fn(&Value, &Value) -> Value + Send + Sync + 'static) -> Self {
        self.asking.view = Some(Arc::new(view));
        self
    }

    /// What a student is shown of the first answer, right or wrong: pictures of a trained network.
    pub fn gallery(
        mut self,
        show: impl Fn(&Value, &Value) -> Gallery + Send + Sync + 'static,
    ) -> Self {
        self.asking.gallery = Some(Arc::new(show));
        self
    }

    /// Adds a statement that must hold for all [`inputs`](Self::inputs), of what the function gave and not of its view.
    pub fn property(
        mut self,
        es: &str,
        en: &str,
        holds: impl Fn(&Call, &Value) -> Result<(), Broken> + Send + Sync + 'static,
    ) -> Self {
        self.asking.properties.push(Property {
            says: Text::new(es, en),
            holds: Arc::new(holds),
        });
        self
    }

    /// How a field or a word of the inputs and answers is called for people, where its name does not say it.
    pub fn word(mut self, name: &'static str, es: &str, en: &str) -> Self {
        self.asking.words.push((name, Text::new(es, en)));
        self
    }

    /// What the places of a list count: of the field `field`, or of the answer itself when that is empty.
    pub fn axes(mut self, field: &'static str, axes: &[(&str, &str)]) -> Self {
        let axes = axes.iter().map(|(es, en)| Text::new(*es, *en)).collect();
        self.asking.axes.push((field, axes));
        self
    }

    /// The name of the function.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Calls the function once: what it gave, for [`seen`](Self::seen). A panic of the function goes through.
    pub fn answer(&self, input: &Value) -> Value {
        (self.call)(input)
    }

    /// What is looked at of what the function gave for `input`.
    pub fn seen(&self, input: &Value, given: Value) -> Value {
        match &self.asking.view {
            Some(view) => view(input, &given),
            None => given,
        }
    }

    /// What is looked at of the answer to `input`.
    pub(crate) fn ask(&self, input: &Value) -> Value {
        self.seen(input, self.answer(input))
    }

    /// The public inputs.
    pub fn cases(&self) -> &[Value] {
        &self.asking.cases
    }

    /// The first inputs that come of `seed`: as many as are tried, none where a question has only its public ones.
    pub fn drawn(&self, seed: u64) -> Vec<Value> {
        match &self.asking.inputs {
            None => Vec::new(),
            Some(draw) => (0..self.asking.draws as u64)
                .map(|k| {
                    draw(&mut Random::new(
                        seed.wrapping_mul(1_000_003).wrapping_add(k),
                    ))
                })
                .collect(),
        }
    }

    /// The same question asked to another function, such as an impostor that always answers the same, or one in another process.
    pub fn asked_to(&self, call: impl Fn(&Value) -> Value + Send + 'static) -> Self {
        Self {
            name: self.name,
            call: Box::new(call),
            asking: self.asking.clone(),
        }
    }
}

impl Asking {
    pub(crate) fn is_viewed(&self) -> bool {
        self.view.is_some()
    }

    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// The pictures of what the function gave for `input`, if this question has any.
    pub(crate) fn shown(&self, input: &Value, given: &Value) -> Option<Gallery> {
        self.gallery.as_ref().map(|show| show(input, given))
    }

    /// What the places of the list `field` count, at this depth.
    pub(crate) fn axis(&self, field: &str, depth: usize) -> Option<&Text> {
        let (_, axes) = self.axes.iter().find(|(name, _)| *name == field)?;
        axes.get(depth)
    }

    /// A place such as `dw[1][0]` with what its numbers count: `dw[1][0] (neurona 1, entrada 0)`.
    pub(crate) fn place(&self, place: &str) -> Text {
        let (field, indices) = place.split_at(place.find('[').unwrap_or(place.len()));
        let indices: Vec<&str> = (indices.split(['[', ']']))
            .filter(|index| !index.is_empty())
            .collect();
        let axes = self.axes.iter().find(|(name, _)| *name == field);
        let axes = axes.map_or(&[][..], |(_, axes)| axes);
        crate::both(|lang| {
            let word = |part: &str| match self.words.iter().find(|(name, _)| *name == part) {
                Some((_, text)) => text.get(lang).to_owned(),
                None => part.to_owned(),
            };
            // Of a record in a record each name is a word of its own.
            let called: Vec<String> = field.split('.').map(word).collect();
            let called = called.join(", ");
            let counted: Vec<_> = (axes.iter().zip(&indices))
                .map(|(axis, index)| format!("{} {index}", axis.get(lang)))
                .collect();
            let path = format!("{called}{}", &place[field.len()..]);
            match counted.is_empty() {
                true => path,
                false => format!("{path} ({})", counted.join(", ")),
            }
        })
    }
}

/// The function of a question that is asked to another process: to be called there, never here.
pub fn elsewhere() -> ! {
    panic!("this question is bound to no function")
}

/// Holds when `got` is within 10⁻⁶ of `expected`, relative to it where it is large.
pub fn near(got: impl Into<Value>, expected: impl Into<Value>) -> Result<(), Broken> {
    within(got, expected, 1e-6, 1e-6)
}

/// Holds when |got - expected| <= atol + rtol·|expected|, number by number.
pub fn within(
    got: impl Into<Value>,
    expected: impl Into<Value>,
    rtol: f64,
    atol: f64,
) -> Result<(), Broken> {
    let (got, expected) = (got.into(), expected.into());
    match got.difference(&expected, rtol, atol) {
        None => Ok(()),
        Some(difference) => Err(Broken {
            expected: in_words(&difference.expected),
            got: in_words(&difference.got),
        }),
    }
}

/// Holds when `condition` does; else `got` is what was seen instead of `expected`. Words stand in both languages, as a pair.
pub fn ensure(
    condition: bool,
    expected: impl Into<Text>,
    got: impl Into<Value>,
) -> Result<(), Broken> {
    if condition {
        Ok(())
    } else {
        Err(Broken {
            expected: expected.into(),
            got: in_words(&got.into()),
        })
    }
}

fn in_words(value: &Value) -> Text {
    crate::both(|lang| value.shown(&[], lang))
}

/// A question about twice a number, for tests.
#[cfg(test)]
pub(crate) fn double(f: impl Fn(f64) -> f64 + Send + 'static) -> Question {
    Question::new("double", move |i| f(i.get("x").number()).into())
        .case(record! { x: 1.0 })
        .case(record! { x: 3.0 })
        .inputs(|rng| record! { x: crate::draw::between(rng, -10.0, 10.0) })
        .property("impar", "odd", |f, i| {
            near(f(&record! { x: -i.get("x").number() }), -f(i).number())
        })
}
