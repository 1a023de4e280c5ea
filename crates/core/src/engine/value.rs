//! What flows through the engine, and what it learns.

use std::sync::Arc;

use dfdx::prelude::*;

use super::buffer::{Buffer, Pool};
use crate::tensor::{Grads, Vector, device};

/// The id under which dfdx's tape and gradients know a value.
#[derive(Clone, Debug)]
pub(crate) struct Node(Vector);

impl Node {
    pub(crate) fn new() -> Node {
        Node(device().zeros_like(&(1,)))
    }

    /// Take the gradient that the operations after this value left, or zeros where they left none.
    pub(crate) fn take_gradient(
        &self,
        grads: &mut Grads,
        len: usize,
        pool: &Pool,
    ) -> Result<Buffer, CpuError> {
        let gradient = std::mem::take(&mut **grads.get_or_alloc_mut(&self.0)?);
        Ok(if gradient.len() == len {
            pool.wrap(gradient)
        } else {
            pool.zeros(len)
        })
    }

    /// Leave the gradient of this value for the operation that made it.
    pub(crate) fn put_gradient(&self, grads: &mut Grads, gradient: Buffer) -> Result<(), CpuError> {
        **grads.get_or_alloc_mut(&self.0)? = gradient.into_vec();
        Ok(())
    }
}

/// A batch on its way through the layers: `rows` examples of `columns` numbers.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) data: Arc<Buffer>,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) node: Node,
    /// Whether anything before it learns: the gradient of the input itself is nobody's business.
    pub(crate) needs_gradient: bool,
}

impl Value {
    pub(crate) fn new(data: Buffer, rows: usize, columns: usize, needs_gradient: bool) -> Value {
        debug_assert_eq!(data.len(), rows * columns);
        Value {
            data: Arc::new(data),
            rows,
            columns,
            node: Node::new(),
            needs_gradient,
        }
    }
}

/// A parameter: a matrix that an optimiser changes in place. A bias is a matrix of one row.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) data: Arc<Vec<f32>>,
    pub(crate) node: Node,
}

impl Param {
    pub(crate) fn new(name: &'static str, rows: usize, columns: usize, data: Vec<f32>) -> Param {
        debug_assert_eq!(data.len(), rows * columns);
        Param {
            name,
            rows,
            columns,
            data: Arc::new(data),
            node: Node::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether a regulariser acts on it: on weights, not on biases nor on what batch normalisation learns.
    pub(crate) fn is_weight(&self) -> bool {
        self.name == "weight"
    }
}

// A clone learns on its own, so it needs an id of its own.
impl Clone for Param {
    fn clone(&self) -> Param {
        Param {
            name: self.name,
            rows: self.rows,
            columns: self.columns,
            data: Arc::clone(&self.data),
            node: Node::new(),
        }
    }
}
