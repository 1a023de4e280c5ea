//! Pooling: one number for the numbers under a window, channel by channel. The windows touch and stay on the image.

use super::rows::{LANES, lanes};
use super::window::Window;
use super::{Pool, Tape, Value};
use crate::kernels::{keep_if, team, vectorized};

/// Whether `x` is larger than the largest so far. NaN is, for good: a training that has failed must show it.
#[inline(always)]
pub(crate) fn exceeds(x: f32, largest: f32) -> bool {
    // Both comparisons always: a branch between them would keep the loops out of vector instructions.
    (x > largest) | x.is_nan()
}

/// `a = max x` under the window of each place, and the number of the pixel that it was: the first of equals. Shapes, of one
/// example: `x`: `image`, `a`, `which`: `places · channels`.
pub(crate) fn largest(window: &Window, x: &[f32], a: &mut [f32], which: &mut [f32]) {
    if window.input.2 >= LANES {
        vectorized!(largest_by::<LANES>(window, x, a, which));
    } else {
        largest_by::<1>(window, x, a, which);
    }
}

#[inline(always)]
fn largest_by<const L: usize>(window: &Window, x: &[f32], a: &mut [f32], which: &mut [f32]) {
    window.each_place(
        #[inline(always)]
        |place, first| {
            for c in lanes::<L>(window.input.2) {
                let (mut best, mut best_number) = ([f32::NEG_INFINITY; L], [0.0; L]);
                window.each_pixel(
                    #[inline(always)]
                    |number, pixel| {
                        let x = &x[first + pixel + c..][..L];
                        for i in 0..L {
                            let larger = exceeds(x[i], best[i]);
                            best_number[i] = if larger {
                                number as f32
                            } else {
                                best_number[i]
                            };
                            best[i] = if larger { x[i] } else { best[i] };
                        }
                    },
                );
                a[place + c..][..L].copy_from_slice(&best);
                which[place + c..][..L].copy_from_slice(&best_number);
            }
        },
    );
}

/// The transpose of [`largest`]: each number goes to the pixel that was the largest, the others get 0.
pub(crate) fn to_largest(window: &Window, delta: &[f32], which: &[f32], dx: &mut [f32]) {
    if window.leaves_a_border() {
        dx.fill(0.0);
    }
    if window.input.2 >= LANES {
        vectorized!(to_largest_by::<LANES>(window, delta, which, dx));
    } else {
        to_largest_by::<1>(window, delta, which, dx);
    }
}

#[inline(always)]
fn to_largest_by<const L: usize>(window: &Window, delta: &[f32], which: &[f32], dx: &mut [f32]) {
    window.each_place(
        #[inline(always)]
        |place, first| {
            for c in lanes::<L>(window.input.2) {
                let array = |from: &[f32]| -> [f32; L] {
                    from[place + c..][..L].try_into().expect("as long")
                };
                let (delta, which) = (array(delta), array(which));
                window.each_pixel(
                    #[inline(always)]
                    |number, pixel| {
                        let mut here = [0.0; L];
                        for i in 0..L {
                            here[i] = keep_if(which[i] == number as f32, delta[i]);
                        }
                        dx[first + pixel + c..][..L].copy_from_slice(&here);
                    },
                );
            }
        },
    );
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
    team::for_each_of(n * image, &mut examples, |_, ((a, which), x)| {
        largest(&window, x, a, which);
    });
    let a = Value::new(data, n, out, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let pool = pool.clone();
        tape.push(move |delta, _| {
            let mut dx = pool.take(n * image);
            let outputs = delta.chunks(out).zip(which.chunks(out));
            let mut examples: Vec<_> = dx.chunks_mut(image).zip(outputs).collect();
            team::for_each_of(n * image, &mut examples, |_, (dx, (delta, which))| {
                to_largest(&window, delta, which, dx);
            });
            Some(dx)
        });
    }
    a
}

/// `a`: the mean of `x` under the window of each place.
fn mean(window: &Window, x: &[f32], a: &mut [f32]) {
    if window.input.2 >= LANES {
        vectorized!(mean_by::<LANES>(window, x, a));
    } else {
        mean_by::<1>(window, x, a);
    }
}

#[inline(always)]
fn mean_by<const L: usize>(window: &Window, x: &[f32], a: &mut [f32]) {
    let share = share(window);
    window.each_place(
        #[inline(always)]
        |place, first| {
            for c in lanes::<L>(window.input.2) {
                let mut sum = [0.0; L];
                window.each_pixel(
                    #[inline(always)]
                    |_, pixel| {
                        let x = &x[first + pixel + c..][..L];
                        for i in 0..L {
                            sum[i] += x[i] * share;
                        }
                    },
                );
                a[place + c..][..L].copy_from_slice(&sum);
            }
        },
    );
}

/// The transpose of [`mean`]: each pixel gets its share.
fn shares(window: &Window, delta: &[f32], dx: &mut [f32]) {
    if window.leaves_a_border() {
        dx.fill(0.0);
    }
    if window.input.2 >= LANES {
        vectorized!(shares_by::<LANES>(window, delta, dx));
    } else {
        shares_by::<1>(window, delta, dx);
    }
}

#[inline(always)]
fn shares_by<const L: usize>(window: &Window, delta: &[f32], dx: &mut [f32]) {
    let share = share(window);
    window.each_place(
        #[inline(always)]
        |place, first| {
            for c in lanes::<L>(window.input.2) {
                let mut own: [f32; L] = delta[place + c..][..L].try_into().expect("as long");
                own.iter_mut().for_each(|delta| *delta *= share);
                window.each_pixel(
                    #[inline(always)]
                    |_, pixel| dx[first + pixel + c..][..L].copy_from_slice(&own),
                );
            }
        },
    );
}

/// What a pixel has of the mean.
fn share(window: &Window) -> f32 {
    1.0 / (window.size.0 * window.size.1) as f32
}

/// The mean under the window. Shapes: `x`: `(n, image)`, `a`: `(n, places · channels)`. Backward: each gets its share.
pub(crate) fn average_pooling(
    x: &Value,
    window: Window,
    pool: &Pool,
    tape: Option<&mut Tape>,
) -> Value {
    let (image, out) = (window.image(), window.positions() * window.input.2);
    let n = x.rows;
    let mut data = pool.take(n * out);
    let mut examples: Vec<_> = data.chunks_mut(out).zip(x.data.chunks(image)).collect();
    team::for_each_of(n * image, &mut examples, |_, (a, x)| mean(&window, x, a));
    let a = Value::new(data, n, out, x.needs_gradient);
    if let (Some(tape), true) = (tape, x.needs_gradient) {
        let pool = pool.clone();
        tape.push(move |delta, _| {
            let mut dx = pool.take(n * image);
            let mut examples: Vec<_> = dx.chunks_mut(image).zip(delta.chunks(out)).collect();
            team::for_each_of(n * image, &mut examples, |_, (dx, delta)| {
                shares(&window, delta, dx);
            });
            Some(dx)
        });
    }
    a
}
