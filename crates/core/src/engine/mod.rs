//! The engine under [`crate::model`]: few fused operations on dfdx's own tape.
//!
//! The readable formulas are in the topic modules; the tests hold the two equal. A value of the engine is a buffer of its
//! own plus a one-element dfdx tensor, its *node*: the tape orders the backward operations and hands gradients from one to
//! the next under the node's id, while the numbers stay in buffers that are used again step after step.

pub(crate) mod activate;
pub(crate) mod batchnorm;
pub(crate) mod buffer;
pub(crate) mod conv;
pub(crate) mod custom;
pub(crate) mod dense;
pub(crate) mod dropout;
pub(crate) mod elementary;
pub(crate) mod kernels;
pub(crate) mod loss;
pub(crate) mod maxout;
pub(crate) mod peak;
pub(crate) mod pooling;
pub(crate) mod prelu;
pub(crate) mod tensors;
pub(crate) mod value;
pub(crate) mod window;
pub(crate) mod winograd;

pub(crate) use buffer::{Buffer, Pool};
pub(crate) use value::{Gradient, Param, Value};
