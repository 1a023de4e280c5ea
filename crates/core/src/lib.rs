//! Training neural networks, one technique per module, on [dfdx](https://docs.rs/dfdx).
//!
//! Each topic file says the formula first and then the simplest code that does it; under [`model`] an engine of fused
//! operations on dfdx's tape makes training fast. Start with [`model`] to train something, or with the block you read.
//!
//! | block | module | to try | test that shows it |
//! |---|---|---|---|
//! | 1 cost functions | [`cost`] | [`cost::binary_cross_entropy`], [`cost::binary_cross_entropy_with_logits`] | `cost::tests` |
//! | 2 gradient descent | [`descent`] | [`descent::gradient_descent`], [`descent::race`] | `tests/descent.rs` |
//! | 3 stochastic gradient descent | [`sgd`] |
//! | 5 backpropagation | [`backprop`] | [`backprop::Expr::backward`], [`backprop::gradient_check`], [`Sequential::check_gradients`](model::Sequential::check_gradients) | `tests/backprop.rs` |
//! | 7 activations | [`activation`] | [`Activation`], [`activation::maxout`], [`Sequential::activations`](model::Sequential::activations) | `tests/activations.rs` |
//! | 8 initialisation | [`init`] | [`init::Init`], [`init::SymmetryReport`], [`init::signal_flow`] | `tests/initialisation.rs` |
//! | 9 batch normalisation | [`batchnorm`] | [`batchnorm::batch_norm`], [`batchnorm::batch_norm_gradient`], [`batchnorm::RunningStatistics`] | `tests/batchnorm.rs` |
//! | 10 optimisers | [`optim`] |
//! | 11 regularisation | [`regularization`] | [`regularization::Regularizer`], [`regularization::dropout_mask`], [`regularization::EarlyStopping`] | `tests/regularization.rs` |
//! | Keras's loop | [`model`] |
//! | data | [`data`] |
//! | seeing | [`plot`], [`display`] |

pub mod activation;
pub mod backprop;
pub mod batchnorm;
pub mod cost;
pub mod data;
pub mod descent;
pub mod display;
mod engine;
pub mod error;
mod files;
pub mod init;
pub mod model;
pub mod optim;
pub mod plot;
pub mod regularization;
pub mod sgd;
pub mod tensor;

pub use activation::Activation;
pub use dfdx;
pub use error::{Error, ErrorKind, Result};

/// Everything a notebook needs: `use gradus::prelude::*;`.
pub mod prelude {
    pub use crate::{activation, batchnorm, init, regularization};

    pub use crate::activation::Activation::{
        self, Elu, Gelu, GeluTanh, LeakyRelu, Linear, Mish, Relu, Selu, Sigmoid, Softplus, Swish,
        Tanh,
    };
    pub use crate::backprop::{Agreement, Expr, GradientCheck, Graph, gradient_check};
    pub use crate::batchnorm::BatchNorm;
    pub use crate::cost;
    pub use crate::cost::Cost::{self, BinaryCrossEntropy, CrossEntropy, Quadratic};
    pub use crate::data::{Dataset, Standardisation, Targets};
    pub use crate::descent::{Landscape, Outcome, Trajectory, descend, gradient_descent, race};
    pub use crate::display::Show;
    pub use crate::error::{Error, Result};
    pub use crate::init::Init::{
        self, Constant, He, HeUniform, Normal, Orthogonal, Uniform, Xavier, XavierUniform, Zeros,
    };
    pub use crate::init::{SignalFlow, SymmetryReport, plot_flows, signal_flow};
    pub use crate::model::{
        ActivationReport, Callback, Checkpoint, Epoch, Evaluation, Fit, History, Next, Padding,
        Recorder, Sequential,
    };
    pub use crate::optim::{
        Adadelta, Adagrad, Adam, AdamW, Clip, Momentum, Nag, Optimizer, RmsProp, Schedule, Sgd,
    };
    pub use crate::plot::{self, Figure};
    pub use crate::regularization::{EarlyStopping, Monitor, Regularizer, l1, l2};
    pub use crate::tensor::{Matrix, Vector, matrix, vector};
}
