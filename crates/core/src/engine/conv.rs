//! Convolution, bias and activation in one operation, as a product of matrices.
//!
//! Images are channels-last, as in Keras: `(height, width, channels)`. The patches under the kernel at each place become the
//! rows of a matrix (*im2col*), one example at a time, so that they stay in the cache; the kernel is a matrix
//! `(kernel height · kernel width · channels, filters)`.

use std::sync::Arc;

use dfdx::prelude::{CpuError, Tape as _};
use rayon::prelude::*;

use super::activate::{add_bias, keep_input, times_derivative};
use super::dense::add_rows;
use super::kernels::{Layout::*, Threads, matmul, vectorized};
use super::{Param, Pool, Value};
use crate::activation::Activation;
use crate::tensor::Tape;

/// The examples of a batch are worked on in this many lanes, whatever the number of threads: so sums have one order.
const LANES: usize = 8;

/// Where a window stands on an image: sizes, stride and padding of a convolution or a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Height, width and channels of the image.
    pub(crate) input: (usize, usize, usize),
    /// Height and width of the window.
    pub(crate) size: (usize, usize),
    /// The step from one place to the next, in both directions.
    pub(crate) stride: usize,
    /// Zeros above and on the left.
    pub(crate) padding: (usize, usize),
    /// How many places there are, down and across.
    pub(crate) places: (usize, usize),
}

impl Window {
    /// Numbers of one example.
    fn image(&self) -> usize {
        self.input.0 * self.input.1 * self.input.2
    }

    /// Numbers under the window.
    fn patch(&self) -> usize {
        self.size.0 * self.size.1 * self.input.2
    }

    fn positions(&self) -> usize {
        self.places.0 * self.places.1
    }

    /// Call `visit(row of the patch matrix, column, start in the image, length)` for each run of numbers of the image that
    /// lies under the window, line by line of the window.
    #[inline]
    fn runs(&self, mut visit: impl FnMut(usize, usize, usize, usize)) {
        let (height, width, channels) = self.input;
        for (place, (y, x)) in (0..self.places.0)
            .flat_map(|y| (0..self.places.1).map(move |x| (y, x)))
            .enumerate()
        {
            // The columns of the window that lie on the image.
            let left = self.padding.1.saturating_sub(x * self.stride);
            let right = self.size.1.min(width + self.padding.1 - x * self.stride);
            let from_x = x * self.stride + left - self.padding.1;
            for line in 0..self.size.0 {
                let from_y = y * self.stride + line;
                if from_y < self.padding.0 || from_y - self.padding.0 >= height || left >= right {
                    continue;
                }
                visit(
                    place,
                    (line * self.size.1 + left) * channels,
                    ((from_y - self.padding.0) * width + from_x) * channels,
                    (right - left) * channels,
                );
            }
        }
    }

    fn patches(&self, image: &[f32], patches: &mut [f32]) {
        if self.padding != (0, 0) || self.cut() {
            patches.fill(0.0);
        }
        let row = self.patch();
        self.runs(|place, column, start, len| {
            let at = place * row + column;
            patches[at..at + len].copy_from_slice(&image[start..start + len]);
        });
    }

    /// Whether a window can stand over the right or lower border.
    fn cut(&self) -> bool {
        (self.places.0 - 1) * self.stride + self.size.0 > self.input.0 + self.padding.0
            || (self.places.1 - 1) * self.stride + self.size.1 > self.input.1 + self.padding.1
    }

    /// The transpose of [`Window::patches`]: add each number of the patches where it came from.
    fn add_patches(&self, patches: &[f32], image: &mut [f32]) {
        let row = self.patch();
        self.runs(|place, column, start, len| {
            let at = place * row + column;
            for (image, patch) in image[start..start + len]
                .iter_mut()
                .zip(&patches[at..at + len])
            {
                *image += patch;
            }
        });
    }
}

/// `a = f(x * K + b)`. Shapes: `x`: `(n, image)`, `K`: `(patch, filters)`, `b`: `(1, filters)`, `a`: `(n, places · filters)`.
///
/// Backward, with `δ = ∂C/∂a ⊙ f'(z)` and `P` the patches: `∂C/∂K = Pᵀ δ`, `∂C/∂b = Σ δ`, and `δ Kᵀ` added back to where the
/// patches came from is `∂C/∂x`.
pub(crate) fn conv(
    x: &Value,
    kernel: &Param,
    bias: &Param,
    window: Window,
    f: Activation,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let (n, filters) = (x.rows, kernel.columns);
    let (patch, positions, image) = (window.patch(), window.positions(), window.image());
    let out = positions * filters;
    let lane = n.div_ceil(LANES);
    let mut a = pool.take(n * out);
    let mut z = keep_input(f, n * out, pool, tape.is_some());
    let mut kept: Vec<Option<&mut [f32]>> = match &mut z {
        Some(z) => z.chunks_mut(lane * out).map(Some).collect(),
        None => (0..LANES).map(|_| None).collect(),
    };
    a.par_chunks_mut(lane * out)
        .zip(x.data.par_chunks(lane * image))
        .zip(&mut kept)
        .for_each(|((a, x), z)| {
            let mut patches = pool.take(positions * patch);
            for (i, (a, x)) in a
                .chunks_exact_mut(out)
                .zip(x.chunks_exact(image))
                .enumerate()
            {
                window.patches(x, &mut patches);
                let shape = (positions, patch, filters);
                matmul(
                    a,
                    (&patches, Plain),
                    (&kernel.data, Plain),
                    shape,
                    false,
                    Threads::One,
                );
                let z = z.as_mut().map(|z| &mut z[i * out..(i + 1) * out]);
                add_bias(a, &bias.data, f, z);
            }
        });
    drop(kept);
    let a = Value::new(a, n, out, true);

    if let Some(tape) = tape {
        let (x, kernel_data, pool) = (x.clone(), Arc::clone(&kernel.data), pool.clone());
        let (kernel_node, bias_node) = (kernel.node.clone(), bias.node.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, n * out, &pool)?;
            times_derivative(&mut delta, &a_data, z.as_ref(), f);
            let lanes = n.div_ceil(lane);
            let mut dk = pool.zeros(lanes * patch * filters);
            let mut db = pool.zeros(lanes * filters);
            let mut dx = x.needs_gradient.then(|| pool.zeros(n * image));
            let mut dx_lanes: Vec<Option<&mut [f32]>> = match &mut dx {
                Some(dx) => dx.chunks_mut(lane * image).map(Some).collect(),
                None => (0..lanes).map(|_| None).collect(),
            };
            delta
                .par_chunks(lane * out)
                .zip(x.data.par_chunks(lane * image))
                .zip(dk.par_chunks_mut(patch * filters))
                .zip(db.par_chunks_mut(filters))
                .zip(dx_lanes.par_iter_mut())
                .for_each(|((((delta, x), dk), db), dx)| {
                    let mut patches = pool.take(positions * patch);
                    add_rows(delta, db);
                    for (i, (delta, x)) in delta
                        .chunks_exact(out)
                        .zip(x.chunks_exact(image))
                        .enumerate()
                    {
                        window.patches(x, &mut patches);
                        let shape = (patch, positions, filters);
                        matmul(
                            dk,
                            (&patches, Transposed),
                            (delta, Plain),
                            shape,
                            true,
                            Threads::One,
                        );
                        if let Some(dx) = dx {
                            let shape = (positions, filters, patch);
                            let kernel = (&kernel_data[..], Transposed);
                            matmul(
                                &mut patches,
                                (delta, Plain),
                                kernel,
                                shape,
                                false,
                                Threads::One,
                            );
                            window.add_patches(&patches, &mut dx[i * image..(i + 1) * image]);
                        }
                    }
                });
            drop(dx_lanes);
            let mut total = pool.zeros(patch * filters);
            add_rows(&dk, &mut total);
            kernel_node.put_gradient(grads, total)?;
            let mut total = pool.zeros(filters);
            add_rows(&db, &mut total);
            bias_node.put_gradient(grads, total)?;
            match dx {
                Some(dx) => x.node.put_gradient(grads, dx),
                None => Ok(()),
            }
        });
    }
    a
}

/// What pooling keeps of the numbers under its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// The largest; its gradient goes to the first of equals.
    Max,
    /// Their mean, over those that lie on the image.
    Average,
}

/// Pooling, channel by channel. The windows touch and stay on the image. Shapes: `x`: `(n, image)`, `a`:
/// `(n, places · channels)`.
pub(crate) fn pooling(
    x: &Value,
    window: Window,
    kind: Pooling,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let channels = window.input.2;
    let (image, out) = (window.image(), window.positions() * channels);
    let n = x.rows;
    let share = 1.0 / (window.size.0 * window.size.1) as f32;
    let mut data = pool.take(n * out);
    data.par_chunks_mut(out)
        .zip(x.data.par_chunks(image))
        .for_each(|(a, x)| {
            vectorized(|| {
                a.fill(match kind {
                    Pooling::Max => f32::NEG_INFINITY,
                    Pooling::Average => 0.0,
                });
                window.pixels(|place, pixel| {
                    let a = &mut a[place..place + channels];
                    let x = &x[pixel..pixel + channels];
                    match kind {
                        Pooling::Max => a.iter_mut().zip(x).for_each(|(a, x)| *a = a.max(*x)),
                        Pooling::Average => a.iter_mut().zip(x).for_each(|(a, x)| *a += x * share),
                    }
                });
            });
        });
    let a = Value::new(data, n, out, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let (x, pool) = (x.clone(), pool.clone());
        let (a_data, a_node) = (Arc::clone(&a.data), a.node.clone());
        tape.add_backward_op(move |grads| -> Result<(), CpuError> {
            let mut delta = a_node.take_gradient(grads, n * out, &pool)?;
            let mut dx = pool.take(n * image);
            dx.par_chunks_mut(image)
                .zip(delta.par_chunks_mut(out))
                .zip(x.data.par_chunks(image).zip(a_data.par_chunks(out)))
                .for_each(|((dx, delta), (x, a))| {
                    vectorized(|| {
                        dx.fill(0.0); // the border that no window reaches
                        window.pixels(|place, pixel| {
                            let delta = &mut delta[place..place + channels];
                            let dx = &mut dx[pixel..pixel + channels];
                            let (a, x) = (&a[place..place + channels], &x[pixel..pixel + channels]);
                            for j in 0..channels {
                                match kind {
                                    Pooling::Max => {
                                        // Given away once: none is left for its equals.
                                        let given = if x[j] == a[j] { delta[j] } else { 0.0 };
                                        dx[j] = given;
                                        delta[j] -= given;
                                    }
                                    Pooling::Average => dx[j] = delta[j] * share,
                                }
                            }
                        });
                    });
                });
            x.node.put_gradient(grads, dx)
        });
    }
    a
}

impl Window {
    /// Call `visit(start of the place in the output, start of the pixel in the image)` for each pixel under each place of a
    /// window that stays on the image.
    #[inline(always)]
    fn pixels(&self, mut visit: impl FnMut(usize, usize)) {
        let (_, width, channels) = self.input;
        for y in 0..self.places.0 {
            for line in y * self.stride..y * self.stride + self.size.0 {
                for x in 0..self.places.1 {
                    let place = (y * self.places.1 + x) * channels;
                    for column in x * self.stride..x * self.stride + self.size.1 {
                        visit(place, (line * width + column) * channels);
                    }
                }
            }
        }
    }
}
