//! The list of activations. Each has a file beside this one with its formulas; to add one, write the file and name it here.

mod elu;
mod gelu;
mod gelu_tanh;
mod leaky_relu;
mod linear;
mod mish;
mod relu;
mod selu;
mod sigmoid;
mod softplus;
mod swish;
mod tanh;

use dfdx::nn::{
    BuildOnDevice, Module, ModuleVisitor, NonMutableModule, ScalarOptions, TensorCollection,
    ZeroSizedModule,
};
use dfdx::shapes::{Dtype, Shape};
use dfdx::tensor::{Cpu, CpuError, Tape, Tensor};
use dfdx::tensor_ops::Device;
use serde::{Deserialize, Serialize};

use super::Function;
use super::formula::{Formula, forward, functions, module, number};
use crate::registry::Custom;

functions! { $
    /// `f(z) = z`: no activation.
    #[default]
    Linear,
    /// `σ(z) = 1 / (1 + e^-z)`, in (0, 1).
    Sigmoid,
    /// `tanh(z) = (e^z - e^-z) / (e^z + e^-z)`, in (-1, 1), centred at 0.
    Tanh,
    /// `max(0, z)`.
    Relu,
    /// `z` where `z > 0`, else `slope · z`. The usual slope is 0.01 (Maas et al., 2013); Keras's default is 0.3.
    LeakyRelu { slope = 0.01 },
    /// `z` where `z > 0`, else `α (e^z - 1)`: the mean of its outputs is nearer to 0; `α` is 1 in the paper. D.-A. Clevert
    /// et al., 2016, <https://arxiv.org/abs/1511.07289>.
    Elu { alpha = 1.0 },
    /// ELU with `α = 1.6733`, times 1.0507: mean 0 and variance 1 keep themselves from layer to layer, with weights of
    /// variance `1 / n_in`. G. Klambauer et al., 2017, <https://arxiv.org/abs/1706.02515>.
    Selu,
    /// `ln(1 + e^z)`: ReLU with a round corner; its derivative is `σ(z)`. C. Dugas et al., 2000,
    /// <https://papers.nips.cc/paper/1920>.
    Softplus,
    /// `z σ(z)`, also called SiLU. P. Ramachandran et al., 2017, <https://arxiv.org/abs/1710.05941>.
    Swish,
    /// `z tanh(ln(1 + e^z))`. D. Misra, 2019, <https://arxiv.org/abs/1908.08681>.
    Mish,
    /// `z Φ(z)`, where `Φ` is the normal distribution function. D. Hendrycks, K. Gimpel, 2016,
    /// <https://arxiv.org/abs/1606.08415>.
    Gelu,
    /// `½ z (1 + tanh(√(2/π) (z + 0.044715 z³)))`: the same paper's approximation of GELU.
    GeluTanh,
}
