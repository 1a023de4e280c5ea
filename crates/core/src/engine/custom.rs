//! A layer of somebody's own, in dfdx's operations, inside of the engine.

use dfdx::prelude::{Backward, HasShape, Rank0, SumTo, TensorFromVec, Trace};

use super::{Gradient, Param, Pool, Tape, Value};
use crate::custom::CustomLayer;
use crate::registry::Custom;
use crate::tensor::{Matrix, device, gradient_of};

/// `a = f(x, w)` with a tape of its own. Backward: the gradient of `Σ a ⊙ ∂C/∂a`, with `∂C/∂a` a constant.
pub(crate) fn custom(
    x: &Value,
    params: &[Param],
    layer: Custom<CustomLayer>,
    columns: usize,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let tensor = |numbers: &[f32], rows: usize, columns: usize| -> Matrix {
        device().tensor_from_vec(numbers.to_vec(), (rows, columns))
    };
    let n = x.rows;
    let input = tensor(&x.data, n, x.columns);
    let w = params.iter().map(|p| tensor(&p.data, p.rows, p.columns));
    let w: Vec<Matrix> = w.collect();
    let output = layer
        .forward(input.leaky_trace(), &w)
        .unwrap_or_else(|error| panic!("{}: {error}", layer.name()));
    assert_eq!(
        *output.shape(),
        (n, columns),
        "the output of {}",
        layer.name()
    );
    let mut data = pool.take(n * columns);
    data.copy_from_slice(&output.as_vec());
    let a = Value::new(data, n, columns, true);

    if let Some(tape) = tape {
        let (needs_gradient, pool) = (x.needs_gradient, pool.clone());
        tape.push(move |delta, grads| {
            let delta = device().tensor_from_vec(delta.to_vec(), (n, columns));
            let mut own = (output * delta).sum::<Rank0, _>().backward();
            for w in w.iter().rev() {
                grads.push(Gradient::Whole(pool.wrap(gradient_of(&mut own, w))));
            }
            needs_gradient.then(|| pool.wrap(gradient_of(&mut own, &input)))
        });
    }
    a
}
