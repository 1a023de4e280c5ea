//! What an activation says of itself, and what the library makes of it.

use dfdx::prelude::*;

use crate::kernels::vectorized;
use crate::tensor::device;

/// An activation function: its name, its value and its derivative, here for training, on dfdx's tensors for reading.
///
/// Value and slope are finite for every finite `z`, and keep their relative precision where a straightforward formula would
/// subtract equal numbers: `1 - σ(z)` is written `σ(-z)`, `e^z - 1` is `exp_m1`. They are made of the exponential and its kin in
/// [`crate::kernels::elementary`], which are the same bits everywhere, and have no branches, so that the compiler can work on
/// many numbers at once. The tests hold them equal to the tensors' formula and its gradient from the tape.
pub(crate) trait Formula: Copy + Send + Sync + 'static {
    /// Its usual name.
    fn name(self) -> &'static str;

    /// `f(z)`.
    fn value(self, z: f32) -> f32;

    /// `f'(z)`, where `a = f(z)` is known already. At a kink the left one, as in PyTorch and Keras.
    fn slope(self, z: f32, a: f32) -> f32;

    /// Whether the slope has to know `z`. Where it says no, `a` stands for `z` too, so that `z` need not be kept: the slope follows
    /// from `a`, or from a sign that `z` and `a` share.
    fn needs_input(self) -> bool {
        true
    }

    /// `∂C/∂z = ∂C/∂a · f'(z)`.
    #[inline(always)]
    fn back(self, delta: f32, z: f32, a: f32) -> f32 {
        delta * self.slope(z, a)
    }

    /// The formula in dfdx's operations; without one, value and slope from above become an operation.
    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        pointwise(self, z)
    }
}

/// `min(0, z)`. At 0 its derivative is 1 and that of ReLU 0: at a kink the left one counts, as in PyTorch and Keras.
pub(crate) fn negative<S: Shape, T: Tape<f32, Cpu>>(
    z: Tensor<S, f32, Cpu, T>,
) -> Tensor<S, f32, Cpu, T> {
    z.clamp(f32::NEG_INFINITY, 0.0)
}

/// `a = f(z)` element by element as an operation of our own on dfdx's tape. Backward: `∂C/∂z = ∂C/∂a ⊙ f'(z)`.
pub(crate) fn pointwise<S: Shape, T: Tape<f32, Cpu>>(
    f: impl Formula,
    z: Tensor<S, f32, Cpu, T>,
) -> Tensor<S, f32, Cpu, T> {
    // A broadcast or permuted tensor keeps its numbers, and its gradient, in another order: they are laid out first.
    let shape = *z.shape();
    let (z, mut tape) = z.contiguous().split_tape();
    let numbers = z.as_vec();
    let values = vectorized!(numbers.iter().map(|&z| f.value(z)).collect());
    let a = device().tensor_from_vec(values, shape);
    let (z, a_ghost) = (z.ghost(), a.ghost());
    tape.add_backward_op(move |grads| {
        let da = grads.get_or_alloc_mut(&a_ghost)?.clone();
        let dz = grads.get_or_alloc_mut(&z)?;
        vectorized!(
            for ((dz, da), z) in dz.iter_mut().zip(da.iter()).zip(numbers) {
                *dz += da * f.slope(z, f.value(z));
            }
        );
        Ok(())
    });
    a.put_tape(tape)
}

/// The activations, from one list of them: the values of [`Activation`](super::Activation), and for each a module of dfdx.
///
/// Each entry is the text of the documentation, the name, and for one with a parameter its name and usual value. The `$` in front
/// is for the macro that this one defines.
macro_rules! functions {
    ($dollar:tt $($(#[$about:meta])* $name:ident $({ $parameter:ident = $usual:literal })?,)*) => {
        /// An activation function `a = f(z)`, applied to each element.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Activation {
            $($(#[$about])* $name $((number!($parameter)))?,)*
            /// One of one's own, made by [`Activation::custom`].
            Custom(Custom<Function>),
        }

        impl Activation {
            /// One of each, those with a parameter at its usual value.
            pub const ALL: [Activation; [$(stringify!($name)),*].len()] =
                [$(Activation::$name $(($usual))?),*];

            /// Its parameter, for those that have one.
            pub(crate) fn parameter(self) -> Option<f32> {
                match self {
                    $(Activation::$name $(($parameter))? => [$($parameter)?].first().copied(),)*
                    Activation::Custom(_) => None,
                }
            }
        }

        $(module!($name $({ $parameter = $usual })?);)*

        /// Do something with the [`Formula`] of an activation: `with_formula!(activation, f => f.value(z))`. What is done is
        /// compiled for each function by itself, so that a loop has no branch inside and becomes vector instructions.
        macro_rules! with_formula {
            ($dollar activation:expr, $dollar f:ident => $dollar body:expr) => {
                match $dollar activation {
                    $($crate::activation::Activation::$name $(($parameter))? => {
                        let $dollar f = $crate::activation::modules::$name $({ $parameter })?;
                        $dollar body
                    })*
                    $crate::activation::Activation::Custom(f) => {
                        let $dollar f = f.part();
                        $dollar body
                    }
                }
            };
        }
        pub(crate) use with_formula;
    };
}

/// The type of a parameter.
macro_rules! number {
    ($parameter:ident) => {
        f32
    };
}

/// One activation as a module of dfdx.
macro_rules! module {
    ($name:ident) => {
        #[doc = concat!("[`Activation::", stringify!($name), "`] as a module.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name;

        impl ZeroSizedModule for $name {}

        forward!($name);
    };
    ($name:ident { $parameter:ident = $usual:literal }) => {
        #[doc = concat!("[`Activation::", stringify!($name), "`] as a module. dfdx builds it with the usual parameter; write another into")]
        #[doc = concat!("the network: `net.1.", stringify!($parameter), " = 0.2`.")]
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            #[doc = concat!("The parameter of the function, ", stringify!($usual), " at first.")]
            pub $parameter: f32,
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $parameter: $usual }
            }
        }

        impl<E: Dtype, D: Device<E>> BuildOnDevice<D, E> for $name {
            type Built = $name;
        }

        impl<E: Dtype, D: Device<E>> TensorCollection<E, D> for $name {
            type To<E2: Dtype, D2: Device<E2>> = $name;

            fn iter_tensors<V: ModuleVisitor<Self, E, D>>(
                visitor: &mut V,
            ) -> Result<Option<Self::To<V::E2, V::D2>>, V::Err> {
                visitor.visit_fields(
                    <Self as TensorCollection<E, D>>::scalar(
                        stringify!($parameter),
                        |s| &s.$parameter,
                        |s| &mut s.$parameter,
                        ScalarOptions::from_default($usual),
                    ),
                    |$parameter| $name { $parameter },
                )
            }
        }

        forward!($name);
    };
}

/// What a module computes.
macro_rules! forward {
    ($name:ident) => {
        impl NonMutableModule for $name {}

        impl<S: Shape, T: Tape<f32, Cpu>> Module<Tensor<S, f32, Cpu, T>> for $name {
            type Output = Tensor<S, f32, Cpu, T>;
            type Error = CpuError;

            fn try_forward(&self, z: Tensor<S, f32, Cpu, T>) -> Result<Self::Output, CpuError> {
                Ok(self.tensor(z))
            }
        }
    };
}

pub(super) use {forward, functions, module, number};
