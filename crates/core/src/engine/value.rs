//! What flows through the engine, and what it learns.

use std::sync::Arc;

use super::buffer::{Buffer, Pool};
use crate::kernels::{
    Layout::*, MULTIPLICATIONS, Numbers, Threads, matmul, nanoseconds, transposed_rows,
};

/// A batch on its way through the layers: `rows` examples of `columns` numbers.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) data: Arc<Buffer>,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
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
            needs_gradient,
        }
    }
}

/// The gradient of a dense layer's weights, `xᵀ δ`, not multiplied out: who needs a part of it makes that part, and has it in
/// the cache.
#[derive(Debug)]
pub(crate) struct Product {
    /// What went into the layer, `(n, n_in)`.
    pub(crate) x: Arc<Buffer>,
    /// The gradient with respect to `x W`, `(n, n_out)`.
    pub(crate) delta: Buffer,
    /// `(n_in, n, n_out)`.
    pub(crate) shape: (usize, usize, usize),
}

impl Product {
    /// Its sums are over few examples.
    fn is_short(&self) -> bool {
        self.shape.1 <= 32
    }
}

/// The gradient of a parameter.
#[derive(Debug)]
pub(crate) enum Gradient {
    /// Number by number.
    Whole(Buffer),
    /// As the product it is.
    Product(Product),
}

impl Gradient {
    /// About how long one core takes to multiply it out and to take a step with it; 0 where the examples are few and the weights
    /// fit into its cache: forward and backward are its work then, and another core would have to fetch them, step by step.
    pub(crate) fn update_nanoseconds(&self, weights: usize) -> usize {
        const FEW: usize = 16;
        const FIT: usize = 100_000;
        match self {
            Gradient::Whole(_) => weights,
            Gradient::Product(Product { shape, .. }) if shape.1 <= FEW && weights <= FIT => 0,
            Gradient::Product(Product { shape, .. }) => weights + nanoseconds(weights * shape.1),
        }
    }

    /// How long the parts should be in which an optimiser takes it: they fit into a core's cache together with the same parts of
    /// the parameter and its slots, and one after the other they keep all cores busy.
    pub(crate) fn part_len(&self) -> usize {
        const PART: usize = 24 * 1024;
        match self {
            Gradient::Whole(_) => PART,
            Gradient::Product(Product { shape, .. }) => {
                let (n_in, n, n_out) = *shape;
                let parts = (n_in * n_out)
                    .div_ceil(PART)
                    .max((n_in * n * n_out).div_ceil(MULTIPLICATIONS).min(4));
                let parts = if parts > 1 {
                    parts.next_multiple_of(2)
                } else {
                    1
                };
                // The micro-kernels of the product make 6 rows at a time.
                n_in.div_ceil(parts).next_multiple_of(6) * n_out
            }
        }
    }

    /// How many numbers of a part to make before the optimiser takes them: a short product is over so soon that what it makes
    /// should not even leave the first cache.
    pub(crate) fn piece_len(&self) -> usize {
        const PIECE: usize = 4 * 1024;
        match self {
            Gradient::Product(product) if product.is_short() => {
                let columns = product.shape.2;
                let rows = (PIECE / columns).max(1);
                rows.next_multiple_of(6) * columns
            }
            _ => self.part_len(),
        }
    }

    /// Write the part that starts at this number: of a product, whole rows.
    pub(crate) fn write_part(&self, start: usize, part: &mut [f32]) {
        match self {
            Gradient::Whole(gradient) => part.copy_from_slice(&gradient[start..start + part.len()]),
            Gradient::Product(Product { x, delta, shape }) => {
                transposed_rows(part, start / shape.2, x, delta, *shape);
            }
        }
    }

    /// Number by number, whatever it was.
    pub(crate) fn whole(self, pool: &Pool) -> Buffer {
        match self {
            Gradient::Whole(gradient) => gradient,
            Gradient::Product(Product { x, delta, shape }) => {
                let mut gradient = pool.take(shape.0 * shape.2);
                let (x, delta) = ((&x[..], Transposed), (&delta[..], Plain));
                matmul(&mut gradient, x, delta, shape, false, Threads::All);
                gradient
            }
        }
    }
}

/// A parameter: a matrix that an optimiser changes in place. A bias is a matrix of one row.
#[derive(Clone, Debug)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) data: Arc<Numbers>,
}

impl Param {
    pub(crate) fn new(name: &'static str, rows: usize, columns: usize, data: Vec<f32>) -> Param {
        debug_assert_eq!(data.len(), rows * columns);
        Param {
            name,
            rows,
            columns,
            data: Arc::new(data.into()),
        }
    }

    /// Become these numbers.
    pub(crate) fn set(&mut self, numbers: Vec<f32>) {
        debug_assert_eq!(numbers.len(), self.len());
        self.data = Arc::new(numbers.into());
    }

    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether a regulariser acts on it: on weights, not on biases nor on what batch normalisation learns.
    pub(crate) fn is_weight(&self) -> bool {
        self.name == "weight"
    }
}
