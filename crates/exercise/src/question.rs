//! The part of an exercise that is code: how to call a function, on what, and what must hold of it.

use std::sync::Arc;

use proptest::strategy::{Just, SBoxedStrategy, Strategy};

use crate::{Text, Value, record};

/// Calls one function with a record of inputs. The function may be the lab's, a notebook's, a mutant or one in another process.
pub type Call = dyn Fn(&Value) -> Value + Send;

/// What a property says when it does not hold; see [`near`] and [`ensure`].
#[derive(Clone, Debug)]
pub struct Broken {
    /// What it should have been.
    pub expected: String,
    /// What it was.
    pub got: String,
}

type Holds = dyn Fn(&Call, &Value) -> Result<(), Broken> + Send + Sync;

/// A statement that must hold for every input.
#[derive(Clone)]
pub(crate) struct Property {
    pub(crate) says: Text,
    pub(crate) mistake: Option<&'static str>,
    pub(crate) holds: Arc<Holds>,
}

/// A function to write, with all that is needed to try it.
///
/// The same question tries the lab's own function in `cargo test`, a notebook's in `check!`, and the mutants that
/// prove that it notices mistakes.
pub struct Question {
    pub(crate) name: &'static str,
    pub(crate) call: Box<Call>,
    pub(crate) cases: Vec<Value>,
    pub(crate) inputs: SBoxedStrategy<Value>,
    pub(crate) properties: Vec<Property>,
}

impl Question {
    /// A question about the function `name`, called by `call`.
    pub fn new(name: &'static str, call: impl Fn(&Value) -> Value + Send + 'static) -> Self {
        Self {
            name,
            call: Box::new(call),
            cases: Vec::new(),
            inputs: Just(record! {}).sboxed(),
            properties: Vec::new(),
        }
    }

    /// Adds a public input; its answer stands in the lab's snapshot.
    pub fn case(mut self, input: Value) -> Self {
        self.cases.push(input);
        self
    }

    /// Where other inputs come from: those of the properties and those of the mark.
    pub fn inputs(mut self, inputs: impl Strategy<Value = Value> + Send + Sync + 'static) -> Self {
        self.inputs = inputs.sboxed();
        self
    }

    /// Adds a statement that must hold for all [`inputs`](Self::inputs).
    pub fn property(
        mut self,
        es: &str,
        en: &str,
        holds: impl Fn(&Call, &Value) -> Result<(), Broken> + Send + Sync + 'static,
    ) -> Self {
        self.properties.push(Property {
            says: Text::new(es, en),
            mistake: None,
            holds: Arc::new(holds),
        });
        self
    }

    /// When the property added last does not hold, it is this mistake.
    pub fn names_mistake(mut self, mistake: &'static str) -> Self {
        if let Some(property) = self.properties.last_mut() {
            property.mistake = Some(mistake);
        }
        self
    }

    /// The name of the function.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Calls the function once. A panic of the function goes through.
    pub fn answer(&self, input: &Value) -> Value {
        (self.call)(input)
    }

    /// Where inputs come from, for whoever draws them from a seed of their own.
    pub fn strategy(&self) -> &SBoxedStrategy<Value> {
        &self.inputs
    }

    /// The public inputs.
    pub fn cases(&self) -> &[Value] {
        &self.cases
    }

    /// The same question asked to another function, such as an impostor that always answers the same.
    pub fn asked_to(&self, call: impl Fn(&Value) -> Value + Send + 'static) -> Self {
        Self {
            name: self.name,
            call: Box::new(call),
            cases: self.cases.clone(),
            inputs: self.inputs.clone(),
            properties: self.properties.clone(),
        }
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
            expected: difference.expected.to_string(),
            got: difference.got.to_string(),
        }),
    }
}

/// Holds when `condition` does; else `got` is what was seen instead of `expected`.
pub fn ensure(
    condition: bool,
    expected: impl ToString,
    got: impl Into<Value>,
) -> Result<(), Broken> {
    if condition {
        Ok(())
    } else {
        Err(Broken {
            expected: expected.to_string(),
            got: got.into().to_string(),
        })
    }
}
