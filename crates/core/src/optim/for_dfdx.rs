//! Every rule as an optimiser of dfdx, for any of its models.

use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut,
};
use dfdx::optim::{Optimizer as _, OptimizerUpdateError, Sgd, SgdConfig, UnusedTensors};
use dfdx::shapes::Shape;
use dfdx::tensor::{AsArray, Cpu, CpuError, Gradients, Tensor};
use dfdx::tensor_ops::Backward;

use super::{Clip, Optimizer, Schedule};
use crate::error::{Error, ErrorKind, Result};
use crate::tensor::{Scalar, Tape};
use gradus_text::say;

/// A rule of this module, with its schedule and its clipping, as a [`dfdx::optim::Optimizer`] for any dfdx model: a tuple of
/// `nn` modules, a single tensor, or whatever else is a [`TensorCollection`] of `f32` on the CPU.
///
/// What the rule remembers of each tensor stands in dfdx's [`Gradients`], by the tensor's id: a clone of the model has the same
/// ids. Only tensors that dfdx trains are changed, so the running statistics of a batch normalisation stay.
///
/// ```
/// use gradus::dfdx::{optim::Optimizer as _, prelude::*};
/// use gradus::optim::{Adam, Clip, ForDfdx, Schedule};
///
/// let dev = Cpu::default();
/// let mut model = dev.build_module::<(Linear<2, 8>, Tanh, Linear<8, 1>), f32>();
/// let mut rule = ForDfdx::new(Adam::new(0.05))?.schedule(Schedule::cosine(100))?.clip(Clip::Norm(1.0))?;
/// let x: Tensor<Rank2<4, 2>, f32, _> = dev.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
/// let y: Tensor<Rank2<4, 1>, f32, _> = dev.tensor([[0.0], [1.0], [1.0], [0.0]]); // XOR
/// for _ in 0..100 {
///     let cost = (model.forward(x.leaky_trace()) - y.clone()).square().mean();
///     rule.update(&mut model, &cost.backward()).expect("the cost depends on every parameter");
/// }
/// assert!((model.forward(x) - y).abs().array().iter().all(|[difference]| *difference < 0.1));
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// dfdx has three of these rules itself, with the same steps: its `Sgd` is [`Sgd`](super::Sgd), [`Momentum`](super::Momentum)
/// (`Classic`) and [`Nag`](super::Nag) (`Nesterov`), with the learning rate outside of the velocity, which only a schedule can
/// tell; its `Adam` with `Decoupled` weight decay is [`AdamW`](super::AdamW). Its `RMSprop` has `ε` under the root and starts the
/// mean of squares at 1 instead of 0, so its first steps are shorter.
#[derive(Debug)]
pub struct ForDfdx {
    rule: Box<dyn Optimizer>,
    schedule: Schedule,
    clip: Option<Clip>,
    steps: u64,
    slots: Vec<Gradients<f32, Cpu>>,
    // Kept from step to step: fresh memory takes longer than the arithmetic.
    gradients: Vec<Vec<f32>>,
    numbers: Vec<f32>,
}

impl ForDfdx {
    /// A rule with its own learning rate, always the same, and no clipping.
    ///
    /// # Errors
    /// When a hyperparameter of the rule is out of range.
    pub fn new(rule: impl Into<Box<dyn Optimizer>>) -> Result<ForDfdx> {
        let rule = rule.into();
        rule.check()?;
        let slots = (0..rule.slots()).map(|_| Gradients::leaky()).collect();
        Ok(ForDfdx {
            rule,
            schedule: Schedule::constant(),
            clip: None,
            steps: 0,
            slots,
            gradients: Vec::new(),
            numbers: Vec::new(),
        })
    }

    /// Multiply the learning rate of each step by this schedule's factor.
    ///
    /// # Errors
    /// When a number of the schedule is out of range.
    pub fn schedule(mut self, schedule: Schedule) -> Result<ForDfdx> {
        schedule.check()?;
        self.schedule = schedule;
        Ok(self)
    }

    /// Clip the gradients of all tensors together before the rule sees them.
    ///
    /// # Errors
    /// When the limit is not a finite number greater than 0.
    pub fn clip(mut self, clip: Clip) -> Result<ForDfdx> {
        clip.check()?;
        self.clip = Some(clip);
        Ok(self)
    }

    /// The learning rate `η` of the next step.
    pub fn learning_rate(&self) -> f32 {
        (f64::from(self.rule.learning_rate()) * self.schedule.factor(self.steps)) as f32
    }

    /// How many steps were done.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// One step of training: the gradient of `cost` from its tape, and the rule's step down. Gives the cost before it.
    ///
    /// # Errors
    /// When the cost is NaN or infinite (nothing is changed then), or does not depend on some parameter of the model (the others
    /// have done their step then).
    pub fn minimise<M: TensorCollection<f32, Cpu>>(
        &mut self,
        model: &mut M,
        cost: Scalar<Tape>,
    ) -> Result<f32> {
        let value = cost.array();
        if !value.is_finite() {
            return Err(ErrorKind::NotFinite {
                what: say("el coste", "the cost").to_owned(),
                value: f64::from(value),
            }
            .into());
        }
        self.update(model, &cost.backward())
            .map_err(|error| match error {
                OptimizerUpdateError::UnusedParams(unused) => {
                    let count = unused.ids.len();
                    Error::misuse((
                        format!(
                            "el coste no depende de {count} de los tensores del modelo; calcúlalo con todo el modelo, con la \
                             entrada en la cinta (`x.leaky_trace()`)"
                        ),
                        format!(
                            "the cost does not depend on {count} of the model's tensors; compute it with the whole model, the \
                             input being on the tape (`x.leaky_trace()`)"
                        ),
                    ))
                }
                OptimizerUpdateError::DeviceError(error) => Error::misuse(error.to_string()),
            })?;
        Ok(value)
    }
}

impl<M: TensorCollection<f32, Cpu>> dfdx::optim::Optimizer<M, Cpu, f32> for ForDfdx {
    /// One step on every tensor that has a gradient; an error names the others at the end, as with dfdx's own optimisers.
    fn update(
        &mut self,
        model: &mut M,
        gradients: &Gradients<f32, Cpu>,
    ) -> Result<(), OptimizerUpdateError<CpuError>> {
        let mut read = Read {
            from: gradients,
            gradients: &mut self.gradients,
            numbers: &mut self.numbers,
            there: Vec::new(),
            unused: UnusedTensors::default(),
        };
        walk(model, &mut read)?;
        let Read { there, unused, .. } = read;
        if let Some(clip) = self.clip {
            let all = self.gradients.iter_mut().zip(&there);
            let found = all.filter_map(|(g, there)| there.then_some(g.as_mut_slice()));
            clip.apply(&mut found.collect::<Vec<_>>());
        }
        let eta = self.learning_rate();
        self.steps += 1;
        let mut step = Step {
            optimizer: self,
            eta,
            there,
            next: 0,
        };
        walk(model, &mut step)?;
        unused.into()
    }
}

/// Go through the tensors of a model.
fn walk<M, V>(model: &mut M, visitor: &mut V) -> Result<(), OptimizerUpdateError<CpuError>>
where
    M: TensorCollection<f32, Cpu>,
    V: TensorVisitor<f32, Cpu, Viewer = ViewTensorMut, Err = CpuError, E2 = f32, D2 = Cpu>,
{
    let walked = M::iter_tensors(&mut RecursiveWalker {
        m: model,
        f: visitor,
    });
    walked.map_err(OptimizerUpdateError::DeviceError)?;
    Ok(())
}

/// Collects the gradient of each tensor that is trained: all of them, because the clipping of the norm looks at all.
struct Read<'a> {
    from: &'a Gradients<f32, Cpu>,
    gradients: &'a mut Vec<Vec<f32>>,
    numbers: &'a mut Vec<f32>,
    /// Which of them have one.
    there: Vec<bool>,
    unused: UnusedTensors,
}

impl TensorVisitor<f32, Cpu> for Read<'_> {
    type Viewer = ViewTensorMut;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        w: &mut Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        if !options.do_gradient_update {
            return Ok(None);
        }
        let Read {
            gradients, numbers, ..
        } = self;
        let at = self.there.len();
        if at == gradients.len() {
            gradients.push(Vec::new());
        }
        let (g, len) = (&mut gradients[at], stored(w)?);
        numbers.resize(len, 0.0);
        w.copy_into(numbers);
        // `Gradients::get` panics where there is none, and only dfdx's own optimisers can ask first. So its SGD does it: from 0,
        // with η = 1, one step ends at -g. Then the tensor gets its numbers back.
        g.clear();
        g.resize(len, 0.0);
        w.copy_from(g);
        let mut sgd = Sgd::new(&(), ONE_TO_ONE);
        let mut step = (&mut sgd, self.from, UnusedTensors::default());
        let stepped = step.visit(options, w);
        let there = step.2.is_empty();
        w.copy_into(g);
        w.copy_from(numbers);
        stepped?;
        g.iter_mut().for_each(|g| *g = -*g);
        self.there.push(there);
        if !there {
            self.unused.add(w);
        }
        Ok(None)
    }
}

const ONE_TO_ONE: SgdConfig = SgdConfig {
    lr: 1.0,
    momentum: None,
    weight_decay: None,
};

/// Does the step of each tensor that has a gradient.
struct Step<'a> {
    optimizer: &'a mut ForDfdx,
    eta: f32,
    there: Vec<bool>,
    next: usize,
}

impl TensorVisitor<f32, Cpu> for Step<'_> {
    type Viewer = ViewTensorMut;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        w: &mut Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        if !options.do_gradient_update {
            return Ok(None);
        }
        let at = self.next;
        self.next += 1;
        if self.there[at] {
            let ForDfdx {
                rule,
                slots,
                steps,
                gradients,
                numbers,
                ..
            } = &mut *self.optimizer;
            let mut memory = Vec::with_capacity(slots.len());
            for slot in slots {
                memory.push(slot.get_or_alloc_mut(w)?.as_mut_slice());
            }
            let g = &mut gradients[at];
            numbers.resize(g.len(), 0.0);
            w.copy_into(numbers);
            rule.step(*steps, self.eta, numbers, g, &mut memory);
            w.copy_from(numbers);
        }
        Ok(None)
    }
}

/// How many numbers a tensor stores: fewer than its shape says where it is a broadcast one.
fn stored<S: Shape>(w: &Tensor<S, f32, Cpu>) -> Result<usize, CpuError> {
    Ok(Gradients::leaky().get_or_alloc_mut(w)?.len())
}
