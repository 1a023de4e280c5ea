//! What the examples that measure this crate reach of its inside. Not part of its interface: it may change at any time.

use crate::kernels::peak;
use crate::kernels::{Layout, Threads, matmul};

/// The product of the engine, `c = a · b`, on all threads. Shapes: `a`: `(m, k)`, `b`: `(k, n)`, `c`: `(m, n)`, row after row; an
/// operand that is `transposed` is stored as `(k, m)` or `(n, k)`.
///
/// # Panics
/// When a slice is not as long as its shape says.
pub fn product(
    c: &mut [f32],
    a: &[f32],
    b: &[f32],
    shape: (usize, usize, usize),
    transposed: (bool, bool),
) {
    let layout = |transposed| match transposed {
        true => Layout::Transposed,
        false => Layout::Plain,
    };
    let (a, b) = ((a, layout(transposed.0)), (b, layout(transposed.1)));
    matmul(c, a, b, shape, false, Threads::All);
}

/// Floating-point operations a second that this machine does at most in registers, with the threads and vector instructions
/// that training uses.
pub fn peak_operations_per_second() -> f64 {
    peak::operations_per_second()
}
