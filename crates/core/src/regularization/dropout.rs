//! Dropout as a module of dfdx.

use dfdx::nn::{BuildOnDevice, Module, ModuleMut, ModuleVisitor, ScalarOptions, TensorCollection};
use dfdx::shapes::{Dtype, HasShape, Shape};
use dfdx::tensor::{Cpu, CpuError, NoneTape, OwnedTape, Tensor, TensorFromVec};
use dfdx::tensor_ops::Device;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::mask;
use crate::error::{Result, fraction};

/// Inverted dropout as a layer of dfdx's networks: `forward_mut` of an input on a tape drops units and makes the others larger by
/// `1 / (1 - p)`, `forward` of one without a tape changes nothing.
///
/// dfdx's own `Dropout` does the same by the generator of the device; this one has a seed of its own, and the same seed drops the
/// same units on every machine.
///
/// ```
/// use gradus::dfdx::prelude::*;
/// use gradus::regularization::DropoutModule;
/// let dev = Cpu::default();
/// let mut net = dev.build_module::<(Linear<4, 8>, DropoutModule, Linear<8, 1>), f32>();
/// net.1 = DropoutModule::new(0.25, 7)?; // dfdx builds it with p = 0.5 and seed 0
/// let x: Tensor<Rank2<16, 4>, f32, _> = dev.sample_normal();
/// assert_eq!(net.forward(x.clone()).array(), net.forward(x).array()); // a trained network drops nothing
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DropoutModule {
    p: f32,
    seed: u64,
    batches: u64,
}

impl DropoutModule {
    /// With this probability and seed.
    ///
    /// # Errors
    /// When `p` is not in `[0, 1)`.
    pub fn new(p: f32, seed: u64) -> Result<DropoutModule> {
        fraction(
            ("la probabilidad de dropout", "the probability of dropout"),
            p,
        )?;
        Ok(DropoutModule {
            p,
            seed,
            batches: 0,
        })
    }

    /// The probability that a unit falls out.
    pub fn p(&self) -> f32 {
        self.p
    }
}

impl Default for DropoutModule {
    /// With `p = 0.5` and seed 0.
    fn default() -> DropoutModule {
        DropoutModule {
            p: 0.5,
            seed: 0,
            batches: 0,
        }
    }
}

/// Training.
impl<S: Shape> ModuleMut<Tensor<S, f32, Cpu, OwnedTape<f32, Cpu>>> for DropoutModule {
    type Output = Tensor<S, f32, Cpu, OwnedTape<f32, Cpu>>;
    type Error = CpuError;

    fn try_forward_mut(
        &mut self,
        x: Tensor<S, f32, Cpu, OwnedTape<f32, Cpu>>,
    ) -> Result<Self::Output, CpuError> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.batches);
        self.batches += 1;
        let mask = mask(x.shape().num_elements(), self.p, &mut rng);
        let mask = x.device().try_tensor_from_vec(mask, *x.shape())?;
        Ok(x * mask)
    }
}

/// Test.
impl<S: Shape> Module<Tensor<S, f32, Cpu, NoneTape>> for DropoutModule {
    type Output = Tensor<S, f32, Cpu, NoneTape>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<S, f32, Cpu, NoneTape>) -> Result<Self::Output, CpuError> {
        Ok(x)
    }
}

impl<E: Dtype, D: Device<E>> BuildOnDevice<D, E> for DropoutModule {
    type Built = DropoutModule;
}

impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for DropoutModule {
    type To<E2: Dtype, D2: Device<E2>> = DropoutModule;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                <Self as TensorCollection<E, D>>::scalar(
                    "p",
                    |s| &s.p,
                    |s| &mut s.p,
                    ScalarOptions::from_default(0.5),
                ),
                <Self as TensorCollection<E, D>>::scalar(
                    "seed",
                    |s| &s.seed,
                    |s| &mut s.seed,
                    ScalarOptions::from_default(0),
                ),
                <Self as TensorCollection<E, D>>::scalar(
                    "batches",
                    |s| &s.batches,
                    |s| &mut s.batches,
                    ScalarOptions::from_default(0),
                ),
            ),
            |(p, seed, batches)| DropoutModule { p, seed, batches },
        )
    }
}
