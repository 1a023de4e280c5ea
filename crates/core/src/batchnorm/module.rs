//! Batch normalisation as a module of dfdx.

use dfdx::nn::{
    BuildOnDevice, Module, ModuleMut, ModuleVisitor, ScalarOptions, TensorCollection, TensorOptions,
};
use dfdx::shapes::{Const, Dim, Dtype, Rank1};
use dfdx::tensor::{AsArray, Cpu, CpuError, NoneTape, OwnedTape, Storage, Tensor};
use dfdx::tensor_ops::Device;

use super::{BatchNorm, RunningStatistics, batch_norm, normalised};
use crate::error::Result;

/// Batch normalisation as a layer of dfdx's networks, with Keras's convention when dfdx builds it. Shapes: `(n, UNITS)`.
///
/// As with dfdx's own `BatchNorm1D`, the types keep the two modes apart: `forward_mut` of an input on a tape trains ([`batch_norm`];
/// the running statistics follow the batch), `forward` of one without a tape tests. dfdx's own is PyTorch's convention.
///
/// ```
/// use gradus::batchnorm::{BatchNorm, BatchNormModule};
/// use gradus::dfdx::prelude::*;
/// let dev = Cpu::default();
/// let mut net = dev.build_module::<(Linear<3, 8>, BatchNormModule<8>, ReLU, Linear<8, 1>), f32>();
/// net.1.follow(BatchNorm::pytorch())?; // instead of Keras's convention
/// let x: Tensor<Rank2<16, 3>, f32, _> = dev.sample_normal();
/// let trained = net.forward_mut(x.leaky_trace()); // by the mean and variance of these 16
/// let tested = net.forward(x); // by the running ones
/// assert_ne!(trained.array(), tested.array());
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// `try_forward_mut` gives [`CpuError::WrongNumElements`] for a batch of one example: it has no variance.
#[derive(Clone, Debug)]
pub struct BatchNormModule<const UNITS: usize, E: Dtype = f32, D: Storage<E> = Cpu> {
    /// The scale `γ`, learned; 1 at first.
    pub gamma: Tensor<Rank1<UNITS>, E, D>,
    /// The shift `β`, learned; 0 at first.
    pub beta: Tensor<Rank1<UNITS>, E, D>,
    /// The running mean; 0 at first.
    pub running_mean: Tensor<Rank1<UNITS>, E, D>,
    /// The running variance; 1 at first.
    pub running_variance: Tensor<Rank1<UNITS>, E, D>,
    // One number each: those are what a visitor of dfdx can be shown.
    keep: f32,
    epsilon: f32,
    unbiased: u8,
}

impl<const UNITS: usize, E: Dtype, D: Storage<E>> BatchNormModule<UNITS, E, D> {
    /// The convention that it follows.
    pub fn convention(&self) -> BatchNorm {
        BatchNorm {
            keep: self.keep,
            epsilon: self.epsilon,
            unbiased: self.unbiased != 0,
        }
    }

    /// Follow another convention from now on.
    ///
    /// # Errors
    /// When a number of it is out of range.
    pub fn follow(&mut self, convention: BatchNorm) -> Result<()> {
        convention.check()?;
        self.keep = convention.keep;
        self.epsilon = convention.epsilon;
        self.unbiased = u8::from(convention.unbiased);
        Ok(())
    }
}

/// Training.
impl<const UNITS: usize, B: Dim> ModuleMut<Tensor<(B, Const<UNITS>), f32, Cpu, OwnedTape<f32, Cpu>>>
    for BatchNormModule<UNITS>
{
    type Output = Tensor<(B, Const<UNITS>), f32, Cpu, OwnedTape<f32, Cpu>>;
    type Error = CpuError;

    fn try_forward_mut(
        &mut self,
        x: Tensor<(B, Const<UNITS>), f32, Cpu, OwnedTape<f32, Cpu>>,
    ) -> Result<Self::Output, CpuError> {
        let (gamma, beta) = (self.gamma.retaped(), self.beta.retaped());
        // Of what can go wrong, the types leave only the batch of one example.
        let (a, batch) =
            batch_norm(x, gamma, beta, self.epsilon).map_err(|_| CpuError::WrongNumElements)?;
        let mut running = RunningStatistics {
            mean: self.running_mean.array().to_vec(),
            variance: self.running_variance.array().to_vec(),
        };
        running
            .follow(&batch, self.convention())
            .map_err(|_| CpuError::WrongNumElements)?;
        self.running_mean.copy_from(&running.mean);
        self.running_variance.copy_from(&running.variance);
        Ok(a)
    }
}

/// Test.
impl<const UNITS: usize, B: Dim> Module<Tensor<(B, Const<UNITS>), f32, Cpu, NoneTape>>
    for BatchNormModule<UNITS>
{
    type Output = Tensor<(B, Const<UNITS>), f32, Cpu, NoneTape>;
    type Error = CpuError;

    fn try_forward(
        &self,
        x: Tensor<(B, Const<UNITS>), f32, Cpu, NoneTape>,
    ) -> Result<Self::Output, CpuError> {
        let (mean, variance) = (self.running_mean.clone(), self.running_variance.clone());
        let learned = (self.gamma.clone(), self.beta.clone());
        Ok(normalised(x, mean, variance, learned, self.epsilon))
    }
}

impl<const UNITS: usize> BuildOnDevice<Cpu, f32> for BatchNormModule<UNITS> {
    type Built = BatchNormModule<UNITS>;
}

impl<const UNITS: usize, E: Dtype, D: Device<E>> TensorCollection<E, D>
    for BatchNormModule<UNITS, E, D>
{
    type To<E2: Dtype, D2: Device<E2>> = BatchNormModule<UNITS, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        let keras = BatchNorm::keras();
        let (ones, zeros) = (TensorOptions::reset_to_ones, TensorOptions::reset_to_zeros);
        let (keep, epsilon) = (keras.keep, keras.epsilon);
        visitor.visit_fields(
            (
                (
                    Self::tensor("gamma", |s| &s.gamma, |s| &mut s.gamma, ones()),
                    Self::tensor("beta", |s| &s.beta, |s| &mut s.beta, zeros()),
                    Self::tensor(
                        "running_mean",
                        |s| &s.running_mean,
                        |s| &mut s.running_mean,
                        TensorOptions::detached(|t| t.try_fill_with_zeros()),
                    ),
                    Self::tensor(
                        "running_variance",
                        |s| &s.running_variance,
                        |s| &mut s.running_variance,
                        TensorOptions::detached(|t| t.try_fill_with_ones()),
                    ),
                ),
                Self::scalar(
                    "keep",
                    |s| &s.keep,
                    |s| &mut s.keep,
                    ScalarOptions::from_default(keep),
                ),
                Self::scalar(
                    "epsilon",
                    |s| &s.epsilon,
                    |s| &mut s.epsilon,
                    ScalarOptions::from_default(epsilon),
                ),
                Self::scalar(
                    "unbiased",
                    |s| &s.unbiased,
                    |s| &mut s.unbiased,
                    ScalarOptions::from_default(u8::from(keras.unbiased)),
                ),
            ),
            |((gamma, beta, running_mean, running_variance), keep, epsilon, unbiased)| {
                BatchNormModule {
                    gamma,
                    beta,
                    running_mean,
                    running_variance,
                    keep,
                    epsilon,
                    unbiased,
                }
            },
        )
    }
}
