//! Penalties on the weights of any dfdx model.

use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut, ViewTensorRef,
};
use dfdx::shapes::Shape;
use dfdx::tensor::{AsArray, Cpu, CpuError, NoneTape, Tensor, Trace, ZerosTensor};

use super::{Regularizer, soft_threshold};
use crate::error::{Error, Result};
use crate::tensor::{Scalar, Tape, device};

impl Regularizer {
    /// What it adds to the cost of a dfdx model, `l1 Σ|w| + l2 Σw²` over its weights, on a tape: add it to the cost of the
    /// examples, and `backward` goes through both. Weights are the trained tensors with two axes or more; biases have no penalty.
    ///
    /// With [`Regularizer::exact_zeros`], L1 counts in the cost but sends no gradient: [`Regularizer::shrink`] takes it.
    ///
    /// ```
    /// use gradus::dfdx::prelude::*;
    /// use gradus::optim::{ForDfdx, Sgd};
    /// use gradus::regularization::l2_over_2n;
    /// let dev = Cpu::default();
    /// let mut model = dev.build_module::<Linear<3, 1>, f32>();
    /// let (x, y): (Tensor<Rank2<8, 3>, f32, _>, Tensor<Rank2<8, 1>, f32, _>) = (dev.sample_normal(), dev.sample_normal());
    /// let mut rule = ForDfdx::new(Sgd::new(0.1))?;
    /// for _ in 0..10 {
    ///     let cost = (model.forward(x.leaky_trace()) - y.clone()).square().mean();
    ///     let cost = cost + l2_over_2n(0.1, 8).cost_of(&model)?; // C₀ + λ/2n Σw²
    ///     rule.minimise(&mut model, cost)?;
    /// }
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a factor is negative, NaN or infinite.
    pub fn cost_of<M: TensorCollection<f32, Cpu>>(&self, model: &M) -> Result<Scalar<Tape>> {
        self.check()?;
        let zero: Scalar = device().zeros();
        let mut sum = Sum {
            rule: *self,
            // Something on the tape, so that a model without weights gives a cost of 0 that can go backward.
            cost: zero.leaky_trace() * 1.0,
        };
        walked(M::iter_tensors(&mut RecursiveWalker {
            m: model,
            f: &mut sum,
        }))?;
        Ok(sum.cost)
    }

    /// After a step with learning rate `η`: [`soft_threshold`] by `η l1` on every weight of a dfdx model, where
    /// [`Regularizer::exact_zeros`] asks for it; else nothing.
    ///
    /// # Errors
    /// When a factor is negative, NaN or infinite.
    pub fn shrink<M: TensorCollection<f32, Cpu>>(
        &self,
        model: &mut M,
        learning_rate: f32,
    ) -> Result<()> {
        self.check()?;
        if !self.exact_zeros {
            return Ok(());
        }
        walked(M::iter_tensors(&mut RecursiveWalker {
            m: model,
            f: &mut Shrink(learning_rate * self.l1),
        }))
    }
}

fn walked<T>(result: Result<T, CpuError>) -> Result<()> {
    result
        .map(|_| ())
        .map_err(|error| Error::misuse(error.to_string()))
}

fn is_weight<S: Shape>(options: &TensorOptions<S, f32, Cpu>) -> bool {
    options.do_gradient_update && S::NUM_DIMS >= 2
}

struct Sum {
    rule: Regularizer,
    cost: Scalar<Tape>,
}

impl TensorVisitor<f32, Cpu> for Sum {
    type Viewer = ViewTensorRef;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        w: &Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        if !is_weight(&options) {
            return Ok(None);
        }
        let mut on_the_tape = self.rule;
        let mut constant = 0.0;
        if self.rule.exact_zeros {
            on_the_tape.l1 = 0.0;
            let l1 = Regularizer {
                l2: 0.0,
                ..self.rule
            };
            constant = l1.cost(w.retaped::<NoneTape>()).array();
        }
        let before = std::mem::replace(&mut self.cost, device().zeros().retaped());
        self.cost = before + on_the_tape.cost(w.retaped::<Tape>()) + constant;
        Ok(None)
    }
}

struct Shrink(f32);

impl TensorVisitor<f32, Cpu> for Shrink {
    type Viewer = ViewTensorMut;
    type Err = CpuError;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        w: &mut Tensor<S, f32, Cpu>,
    ) -> Result<Option<Tensor<S, f32, Cpu>>, CpuError> {
        if is_weight(&options) {
            let mut numbers = w.as_vec();
            soft_threshold(&mut numbers, self.0);
            w.copy_from(&numbers);
        }
        Ok(None)
    }
}
