//! Pooling: one number for the numbers under a window, channel by channel. The windows touch and stay on the image.

use dfdx::prelude::{CpuError, Tape as _};

use super::kernels::{team, vectorized};
use super::window::Window;
use super::{Pool, Value};
use crate::tensor::Tape;

/// `a = max x` under the window of each place, and the number of the pixel that it was: the first of equals. Shapes, of one
/// example: `x`: `image`, `a`, `which`: `places · channels`.
pub(crate) fn largest(window: &Window, x: &[f32], a: &mut [f32], which: &mut [f32]) {
    let channels = window.input.2;
    vectorized!({
        a.fill(f32::NEG_INFINITY);
        which.fill(0.0);
        window.pixels(
            #[inline(always)]
            |place, pixel, number| {
                let a = &mut a[place..place + channels];
                let which = &mut which[place..place + channels];
                for ((a, which), x) in a.iter_mut().zip(which).zip(&x[pixel..pixel + channels]) {
                    let larger = *x > *a;
                    *which = if larger { number as f32 } else { *which };
                    *a = if larger { *x } else { *a };
                }
            },
        );
    });
}

/// The transpose of [`largest`]: each number goes to the pixel that was the largest, the others get 0.
pub(crate) fn to_largest(window: &Window, delta: &[f32], which: &[f32], dx: &mut [f32]) {
    let channels = window.input.2;
    vectorized!({
        dx.fill(0.0); // also the border that no window reaches
        window.pixels(
            #[inline(always)]
            |place, pixel, number| {
                let from = delta[place..place + channels]
                    .iter()
                    .zip(&which[place..place + channels]);
                for (dx, (delta, which)) in dx[pixel..pixel + channels].iter_mut().zip(from) {
                    *dx = if *which == number as f32 { *delta } else { 0.0 };
                }
            },
        );
    });
}

/// Max pooling. Shapes: `x`: `(n, image)`, `a`: `(n, places · channels)`. Backward: the gradient goes to the largest, the
/// first of equals.
pub(crate) fn max_pooling(
    x: &Value,
    window: Window,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let (image, out) = (window.image(), window.positions() * window.input.2);
    let n = x.rows;
    let mut data = pool.take(n * out);
    let mut which = pool.take(n * out);
    let outputs = data.chunks_mut(out).zip(which.chunks_mut(out));
    let mut examples: Vec<_> = outputs.zip(x.data.chunks(image)).collect();
    team::for_each(&mut examples, |_, ((a, which), x)| {
        largest(&window, x, a, which);
    });
    let a = Value::new(data, n, out, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let (x_node, a_node, pool) = (x.node.clone(), a.node.clone(), pool.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let delta = a_node.take_gradient(grads, n * out, &pool)?;
            let mut dx = pool.take(n * image);
            let outputs = delta.chunks(out).zip(which.chunks(out));
            let mut examples: Vec<_> = dx.chunks_mut(image).zip(outputs).collect();
            team::for_each(&mut examples, |_, (dx, (delta, which))| {
                to_largest(&window, delta, which, dx);
            });
            x_node.put_gradient(grads, dx)
        });
    }
    a
}

/// The mean under the window. Shapes: `x`: `(n, image)`, `a`: `(n, places · channels)`. Backward: each gets its share.
pub(crate) fn average_pooling(
    x: &Value,
    window: Window,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let channels = window.input.2;
    let (image, out) = (window.image(), window.positions() * channels);
    let n = x.rows;
    let share = 1.0 / (window.size.0 * window.size.1) as f32;
    let mut data = pool.take(n * out);
    let mut examples: Vec<_> = data.chunks_mut(out).zip(x.data.chunks(image)).collect();
    team::for_each(&mut examples, |_, (a, x)| {
        vectorized!({
            a.fill(0.0);
            window.pixels(
                #[inline(always)]
                |place, pixel, _| {
                    let a = &mut a[place..place + channels];
                    for (a, x) in a.iter_mut().zip(&x[pixel..pixel + channels]) {
                        *a += x * share;
                    }
                },
            );
        });
    });
    let a = Value::new(data, n, out, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let (x_node, a_node, pool) = (x.node.clone(), a.node.clone(), pool.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let delta = a_node.take_gradient(grads, n * out, &pool)?;
            let mut dx = pool.take(n * image);
            let mut examples: Vec<_> = dx.chunks_mut(image).zip(delta.chunks(out)).collect();
            team::for_each(&mut examples, |_, (dx, delta)| {
                vectorized!({
                    dx.fill(0.0); // the border that no window reaches
                    window.pixels(
                        #[inline(always)]
                        |place, pixel, _| {
                            let dx = &mut dx[pixel..pixel + channels];
                            for (dx, delta) in dx.iter_mut().zip(&delta[place..place + channels]) {
                                *dx = delta * share;
                            }
                        },
                    );
                });
            });
            x_node.put_gradient(grads, dx)
        });
    }
    a
}
