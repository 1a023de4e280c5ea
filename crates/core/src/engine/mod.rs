//! The engine under [`crate::model`]: few fused operations, each with its way back, on buffers and a tape of our own. Of dfdx it
//! has nothing but the layers and costs that somebody wrote in dfdx's operations.
//!
//! The readable formulas stand in the topic modules, on dfdx's tensors and tape; the tests hold the two equal.

pub(crate) mod activate;
pub(crate) mod batchnorm;
pub(crate) mod buffer;
pub(crate) mod conv;
pub(crate) mod custom;
pub(crate) mod dense;
pub(crate) mod dropout;
pub(crate) mod loss;
pub(crate) mod maxout;
pub(crate) mod pooling;
pub(crate) mod prelu;
pub(crate) mod rows;
pub(crate) mod tape;
pub(crate) mod value;
pub(crate) mod window;
pub(crate) mod winograd;

pub(crate) use buffer::{Buffer, Pool};
pub(crate) use tape::Tape;
pub(crate) use value::{Gradient, Param, Value};
