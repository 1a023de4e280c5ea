//! Convolution, bias, activation and max pooling in one operation, as products of matrices.
//!
//! The numbers under the kernel at each place become the rows of a matrix (*im2col*), one example at a time, so that they stay
//! in the cache; the kernel is a matrix `(kernel height · kernel width · channels, filters)`. Where the kernel is 3x3 and the
//! channels are many, Winograd's way takes a quarter of the products. What comes out goes through bias, activation and
//! pooling while it is still in the cache.

use std::sync::Arc;

use super::activate::{add_bias, keep_input, times_derivative};
use super::pooling::{largest, to_largest};
use super::rows::add_rows;
use super::window::Window;
use super::winograd::Tiles;
use super::{Buffer, Gradient, Param, Pool, Tape, Value};
use crate::activation::Activation;
use crate::kernels::{Layout::*, Threads, matmul, nanoseconds, team};

/// The examples of a batch are worked on in this many lanes, whatever the number of threads: so sums have one order.
const LANES: usize = 8;

/// What follows the products.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail {
    pub(crate) f: Activation,
    /// Max pooling after the activation, which must be monotone: [`Activation::needs_input`] says no.
    pub(crate) pooling: Option<Window>,
}

/// What one example of a forward pass writes.
struct Output<'a> {
    a: &'a mut [f32],
    z: Option<&'a mut [f32]>,
    which: Option<&'a mut [f32]>,
}

/// What one example of a backward pass reads and writes.
struct Delta<'a> {
    delta: &'a mut [f32],
    a: &'a [f32],
    z: Option<&'a [f32]>,
    which: Option<&'a [f32]>,
    db: &'a mut [f32],
    dx: Option<&'a mut [f32]>,
}

impl Tail {
    /// Numbers of one example that come out, of a convolution with these many.
    fn len(&self, convolved: usize) -> usize {
        self.pooling
            .map_or(convolved, |window| window.positions() * window.input.2)
    }

    /// `convolve` one example and do the rest: with pooling, the largest first, because `f` keeps the order.
    fn forward(
        &self,
        output: &mut Output<'_>,
        bias: &[f32],
        convolved: usize,
        pool: &Pool,
        convolve: impl FnOnce(&mut [f32]),
    ) {
        match (&self.pooling, &mut output.which) {
            (Some(window), Some(which)) => {
                let mut z = pool.take(convolved);
                convolve(&mut z);
                largest(window, &z, output.a, which);
            }
            _ => convolve(output.a),
        }
        add_bias(output.a, bias, self.f, output.z.as_deref_mut());
    }

    /// Back from the output of one example to what came out of the convolution, which `visit` gets.
    fn backward(
        &self,
        item: &mut Delta<'_>,
        convolved: usize,
        pool: &Pool,
        visit: impl FnOnce(&[f32]),
    ) {
        times_derivative(item.delta, item.a, item.z, self.f);
        item.db.fill(0.0);
        add_rows(item.delta, item.db);
        match (&self.pooling, item.which) {
            (Some(window), Some(which)) => {
                let mut dz = pool.take(convolved);
                to_largest(window, item.delta, which, &mut dz);
                visit(&dz);
            }
            _ => visit(item.delta),
        }
    }
}

/// `a = f(x * K + b)`, then the largest under the pooling's windows. Shapes: `x`: `(n, image)`, `K`: `(patch, filters)`, `b`:
/// `(1, filters)`, `a`: `(n, places · filters)`.
///
/// Backward, with `δ = ∂C/∂a ⊙ f'(z)` and `P` the patches: `∂C/∂K = Pᵀ δ`, `∂C/∂b = Σ δ`, and `δ Kᵀ` added back to where the
/// patches came from is `∂C/∂x`.
pub(crate) fn conv(
    x: &Value,
    kernel: &Param,
    bias: &Param,
    window: Window,
    tail: Tail,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let (n, filters) = (x.rows, kernel.columns);
    let image = window.image();
    let convolved = window.positions() * filters;
    let out = tail.len(convolved);
    let mut a = pool.take(n * out);
    let mut z = keep_input(tail.f, n * out, pool, tape.is_some());
    let mut which = tail.pooling.map(|_| pool.take(n * out));
    let mut zs = parts_mut(&mut z, out);
    let mut whichs = parts_mut(&mut which, out);
    let mut outputs: Vec<Output<'_>> = a
        .chunks_exact_mut(out)
        .map(|a| Output {
            a,
            z: zs.next(),
            which: whichs.next(),
        })
        .collect();
    let tiles = Tiles::new(window, filters).map(|tiles| (tiles, tiles.kernel(&kernel.data, pool)));
    let transformed = match &tiles {
        Some((tiles, kernel)) => {
            tiles.forward(&x.data, kernel, &mut outputs, pool, |output, convolve| {
                tail.forward(output, &bias.data, convolved, pool, convolve);
            })
        }
        None => {
            let lane = n.div_ceil(LANES);
            let images = x.data.chunks(lane * image);
            let mut lanes: Vec<_> = outputs.chunks_mut(lane).zip(images).collect();
            team::for_each_of(
                by_patches_nanoseconds(n, &window, filters),
                &mut lanes,
                |_, (outputs, x)| {
                    let mut patches = pool.take(window.positions() * window.patch());
                    for (output, x) in outputs.iter_mut().zip(x.chunks_exact(image)) {
                        tail.forward(output, &bias.data, convolved, pool, |z| {
                            let patches = window.patches_in(x, &mut patches);
                            let shape = (window.positions(), window.patch(), filters);
                            let patches = (patches, window.layout());
                            let kernel = (&kernel.data[..], Plain);
                            matmul(z, patches, kernel, shape, false, Threads::One);
                        });
                    }
                },
            );
            None
        }
    };
    drop((outputs, zs, whichs));
    let a = Value::new(a, n, out, true);

    if let Some(tape) = tape {
        let (x, kernel_data, pool) = (x.clone(), Arc::clone(&kernel.data), pool.clone());
        let a_data = Arc::clone(&a.data);
        tape.push(move |mut delta, grads| {
            let mut db = pool.take(n * filters);
            let mut dx = x.needs_gradient.then(|| pool.take(n * image));
            let mut dk = pool.take(kernel_data.len());
            let (mut zs, mut whichs) = (parts(&z, out), parts(&which, out));
            let mut dxs = parts_mut(&mut dx, image);
            let mut items: Vec<Delta<'_>> = delta
                .chunks_exact_mut(out)
                .zip(a_data.chunks_exact(out))
                .zip(db.chunks_exact_mut(filters))
                .map(|((delta, a), db)| Delta {
                    delta,
                    a,
                    z: zs.next(),
                    which: whichs.next(),
                    db,
                    dx: dxs.next(),
                })
                .collect();
            match &tiles {
                Some((tiles, kernel)) => tiles.backward(
                    &x.data,
                    transformed,
                    kernel,
                    &mut dk,
                    &mut items,
                    &pool,
                    |item, visit| tail.backward(item, convolved, &pool, visit),
                    |item| item.dx.as_deref_mut(),
                ),
                None => {
                    let backward = |item: &mut Delta<'_>, visit: &mut dyn FnMut(&[f32])| {
                        tail.backward(item, convolved, &pool, visit);
                    };
                    by_patches(
                        window,
                        &x.data,
                        &kernel_data,
                        &mut dk,
                        &mut items,
                        &pool,
                        backward,
                    );
                }
            }
            drop((items, dxs));
            let mut total = pool.zeros(filters);
            add_rows(&db, &mut total);
            grads.push(Gradient::Whole(total));
            grads.push(Gradient::Whole(dk));
            dx
        });
    }
    a
}

/// About how long one core takes for a convolution of so many examples by the matrix of patches.
fn by_patches_nanoseconds(examples: usize, window: &Window, filters: usize) -> usize {
    let numbers = examples * window.positions() * window.patch();
    numbers + nanoseconds(numbers * filters)
}

/// The gradients by the matrix of patches: of the kernel into `dk`, of each image into its `dx`.
fn by_patches(
    window: Window,
    x: &[f32],
    kernel: &[f32],
    dk: &mut [f32],
    items: &mut [Delta<'_>],
    pool: &Pool,
    backward: impl Fn(&mut Delta<'_>, &mut dyn FnMut(&[f32])) + Sync,
) {
    let (image, patch, positions) = (window.image(), window.patch(), window.positions());
    let filters = kernel.len() / patch;
    let lane = items.len().div_ceil(LANES);
    let mut of_lanes = pool.zeros(items.len().div_ceil(lane) * kernel.len());
    let (layout, transposed) = match window.layout() {
        Plain => (Plain, Transposed),
        Transposed => (Transposed, Plain),
    };
    let mut turned = pool.take(kernel.len());
    if layout == Plain && items.iter().any(|item| item.dx.is_some()) {
        // Once for all examples.
        transpose(kernel, filters, &mut turned);
    }
    let nanoseconds = by_patches_nanoseconds(items.len(), &window, filters);
    let images = x.chunks(lane * image);
    let gradients = of_lanes.chunks_mut(kernel.len());
    let mut lanes: Vec<_> = items.chunks_mut(lane).zip(images).zip(gradients).collect();
    team::for_each_of(2 * nanoseconds, &mut lanes, |_, ((items, x), dk)| {
        let mut patches = pool.take(positions * patch);
        for (item, x) in items.iter_mut().zip(x.chunks_exact(image)) {
            let mut dx = item.dx.take();
            backward(item, &mut |delta| {
                let under = window.patches_in(x, &mut patches);
                let shape = (patch, positions, filters);
                let delta = (delta, Plain);
                matmul(dk, (under, transposed), delta, shape, true, Threads::One);
                if let Some(dx) = &mut dx {
                    // δ Kᵀ, stored as the patches are.
                    let (a, b, shape) = match layout {
                        Plain => (delta, (&turned[..], Plain), (positions, filters, patch)),
                        Transposed => (
                            (kernel, Plain),
                            (delta.0, Transposed),
                            (patch, filters, positions),
                        ),
                    };
                    if window.is_pixel() {
                        matmul(dx, a, b, shape, false, Threads::One);
                    } else {
                        matmul(&mut patches, a, b, shape, false, Threads::One);
                        dx.fill(0.0);
                        window.add_patches(&patches, dx);
                    }
                }
            });
        }
    });
    dk.fill(0.0);
    add_rows(&of_lanes, dk);
}

/// The columns of a matrix as rows.
fn transpose(x: &[f32], columns: usize, turned: &mut [f32]) {
    let rows = x.len() / columns;
    for (j, to) in turned.chunks_exact_mut(rows).enumerate() {
        for (to, from) in to.iter_mut().zip(x[j..].iter().step_by(columns)) {
            *to = *from;
        }
    }
}

/// The parts of `len` numbers of a buffer, none where there is no buffer.
fn parts(buffer: &Option<Buffer>, len: usize) -> impl Iterator<Item = &[f32]> {
    buffer
        .iter()
        .flat_map(move |buffer| buffer.chunks_exact(len))
}

fn parts_mut(buffer: &mut Option<Buffer>, len: usize) -> impl Iterator<Item = &mut [f32]> {
    buffer
        .iter_mut()
        .flat_map(move |buffer| buffer.chunks_exact_mut(len))
}
