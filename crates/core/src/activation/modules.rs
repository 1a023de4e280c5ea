//! Activations as modules of dfdx, for its typed networks: `(Linear<64, 32>, modules::Swish, Linear<32, 10>)`.
//!
//! Each calls [`Activation::apply`]. dfdx has some of its own (`Sigmoid`, `Tanh`, `ReLU`, `FastGeLU`, `LeakyReLU`, `PReLU1D`); its
//! `AccurateGeLU` has a wrong gradient in dfdx 0.13, with `1/√π` where the density of the normal distribution has `1/√2π`.

use dfdx::nn::{
    BuildOnDevice, Module, ModuleVisitor, NonMutableModule, TensorCollection, TensorOptions,
};
use dfdx::shapes::{Const, Dim, Dtype, Rank1, Shape};
use dfdx::tensor::{Cpu, CpuError, Merge, Storage, Tape, Tensor};
use dfdx::tensor_ops::Device;

use super::{maxout, prelu};

pub use super::functions::*;

/// A value of [`Activation`] is a module, too, for networks that are put together by hand. (In a tuple that dfdx builds, the type
/// has to say which one it is: there stand the modules below.)
impl<S: Shape, T: Tape<f32, Cpu>> Module<Tensor<S, f32, Cpu, T>> for Activation {
    type Output = Tensor<S, f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, z: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        Ok(self.apply(z))
    }
}

impl NonMutableModule for Activation {}

/// [`prelu`] as a module that learns a slope for each unit, from 0.25. Shapes: `z`, `a`: `(n, UNITS)`.
#[derive(Clone, Debug)]
pub struct Prelu<const UNITS: usize, E: Dtype = f32, D: Storage<E> = Cpu> {
    /// The slopes `s`.
    pub slope: Tensor<Rank1<UNITS>, E, D>,
}

impl<const UNITS: usize> BuildOnDevice<Cpu, f32> for Prelu<UNITS> {
    type Built = Prelu<UNITS>;
}

impl<const UNITS: usize, E: Dtype, D: Device<E>> TensorCollection<E, D> for Prelu<UNITS, E, D> {
    type To<E2: Dtype, D2: Device<E2>> = Prelu<UNITS, E2, D2>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            Self::tensor(
                "slope",
                |s| &s.slope,
                |s| &mut s.slope,
                TensorOptions::reset_with(|slope| {
                    slope.copy_from(&[E::from_f32(0.25).unwrap_or_default(); UNITS]);
                    Ok(())
                }),
            ),
            |slope| Prelu { slope },
        )
    }
}

impl<const UNITS: usize> NonMutableModule for Prelu<UNITS> {}

impl<const UNITS: usize, B: Dim, T: Tape<f32, Cpu> + Merge<T>>
    Module<Tensor<(B, Const<UNITS>), f32, Cpu, T>> for Prelu<UNITS>
{
    type Output = Tensor<(B, Const<UNITS>), f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(
        &self,
        z: Tensor<(B, Const<UNITS>), f32, Cpu, T>,
    ) -> Result<Self::Output, CpuError> {
        prelu(z, self.slope.retaped::<T>()).map_err(|_| CpuError::WrongNumElements)
    }
}

/// [`maxout`] as a module: unit by unit the larger output of two modules, as a rule two linear ones.
///
/// ```
/// use gradus::activation::modules::Maxout;
/// use gradus::dfdx::prelude::*;
/// let dev = Cpu::default();
/// let layer = dev.build_module::<Maxout<Linear<2, 3>>, f32>();
/// let x: Tensor<Rank2<4, 2>, f32, _> = dev.sample_normal();
/// let a = layer.forward(x.clone());
/// assert_eq!(a.array(), layer.first.forward(x.clone()).maximum(layer.second.forward(x)).array());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Maxout<L> {
    /// The first of the two.
    pub first: L,
    /// The second of the two.
    pub second: L,
}

impl<L: BuildOnDevice<D, E>, D: Device<E>, E: Dtype> BuildOnDevice<D, E> for Maxout<L> {
    type Built = Maxout<L::Built>;
}

impl<L: TensorCollection<E, D>, E: Dtype, D: Device<E>> TensorCollection<E, D> for Maxout<L> {
    type To<E2: Dtype, D2: Device<E2>> = Maxout<L::To<E2, D2>>;

    fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
        visitor: &mut V,
    ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
        visitor.visit_fields(
            (
                Self::module("first", |s| &s.first, |s| &mut s.first),
                Self::module("second", |s| &s.second, |s| &mut s.second),
            ),
            |(first, second)| Maxout { first, second },
        )
    }
}

impl<L> NonMutableModule for Maxout<L> {}

impl<L, S: Shape, O: Shape, T: Tape<f32, Cpu> + Merge<T>> Module<Tensor<S, f32, Cpu, T>>
    for Maxout<L>
where
    L: Module<Tensor<S, f32, Cpu, T>, Output = Tensor<O, f32, Cpu, T>, Error = CpuError>,
{
    type Output = Tensor<O, f32, Cpu, T>;
    type Error = CpuError;

    fn try_forward(&self, x: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
        let first = self.first.try_forward(x.retaped::<T>())?;
        let second = self.second.try_forward(x)?;
        maxout(first, second).map_err(|_| CpuError::WrongNumElements)
    }
}
