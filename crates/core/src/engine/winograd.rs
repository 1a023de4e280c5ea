//! Convolution with 3x3 kernels by Winograd's minimal filtering: a tile of 4x4 outputs costs 36 products per pair of channel
//! and filter instead of 144.
//!
//! A polynomial product is a product of values at points; a convolution of a tile with a kernel is the transpose of one. With
//! the points 0, -1, 1, 1/2, -2 and ∞, `Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A` for a tile `d` of 6x6 inputs, a kernel `g` and a tile
//! `Y` of 4x4 outputs. Over channels and filters the 36 element-wise products become 36 matrix products. The gradients are the
//! transposes of the same three steps. S. Winograd, 1980; A. Lavin, S. Gray, 2016, <https://arxiv.org/abs/1509.09308>. The
//! points are those with the smallest rounding errors in B. Barabasz et al., 2020, <https://arxiv.org/abs/1803.10986>.

use std::ops::{Add, Mul, Sub};

use super::rows::lanes;
use super::window::Window;
use super::{Buffer, Pool};
use crate::kernels::{LINE, Layout::*, Threads, matmul, team, vectorized};

/// Inputs along a tile, and the points.
const TILE: usize = 6;
/// Outputs along a tile.
const OUT: usize = 4;
/// One matrix product for each.
const PLANES: usize = TILE * TILE;
/// Channels that are transformed together.
const LANES: usize = 8;
/// About how many bytes of transformed tiles are worked on at once: they should stay in the last cache.
const AT_ONCE: usize = 12 << 20;

/// Neighbouring channels.
#[derive(Clone, Copy, Debug)]
struct Lane([f32; LANES]);

const ZERO: Lane = Lane([0.0; LANES]);

impl Add for Lane {
    type Output = Lane;
    #[inline(always)]
    fn add(mut self, other: Lane) -> Lane {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a += b;
        }
        self
    }
}

impl Sub for Lane {
    type Output = Lane;
    #[inline(always)]
    fn sub(mut self, other: Lane) -> Lane {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a -= b;
        }
        self
    }
}

impl Mul<f32> for Lane {
    type Output = Lane;
    #[inline(always)]
    fn mul(mut self, factor: f32) -> Lane {
        for a in &mut self.0 {
            *a *= factor;
        }
        self
    }
}

/// `Bᵀ d`.
#[inline(always)]
fn input([d0, d1, d2, d3, d4, d5]: [Lane; TILE]) -> [Lane; TILE] {
    let (odd, even) = (d3 - d1, d4 - d2);
    [
        d0 - d2 * 2.0 + d4 + odd * 1.5,
        d1 - d2 * 2.5 + d3 * 0.5 + d4,
        d2 * 0.5 - d1 + d3 * 2.5 + d4,
        odd * 2.0 + even,
        even - odd * 0.5,
        d1 - d2 * 1.5 - d3 * 2.0 + d4 * 1.5 + d5,
    ]
}

/// `B v`.
#[inline(always)]
fn input_transposed([v0, v1, v2, v3, v4, v5]: [Lane; TILE]) -> [Lane; TILE] {
    [
        v0,
        v1 - v2 - v0 * 1.5 - v3 * 2.0 + v4 * 0.5 + v5,
        v2 * 0.5 - v0 * 2.0 - v1 * 2.5 - v3 - v4 - v5 * 1.5,
        v0 * 1.5 + v1 * 0.5 + v2 * 2.5 + v3 * 2.0 - v4 * 0.5 - v5 * 2.0,
        v0 + v1 + v2 + v3 + v4 + v5 * 1.5,
        v5,
    ]
}

/// `G g`.
#[inline(always)]
fn kernel([g0, g1, g2]: [Lane; 3]) -> [Lane; TILE] {
    let even = g0 + g2;
    [
        g0,
        (g1 - even) * (1.0 / 3.0),
        (g1 + even) * (1.0 / 3.0),
        (g0 * 4.0 + g1 * 2.0 + g2) * (-4.0 / 15.0),
        (g0 - g1 * 2.0 + g2 * 4.0) * (1.0 / 15.0),
        g2,
    ]
}

/// `Gᵀ u`.
#[inline(always)]
fn kernel_transposed([u0, u1, u2, u3, u4, u5]: [Lane; TILE]) -> [Lane; 3] {
    let even = (u2 - u1) * (1.0 / 3.0);
    [
        u0 + even + (u4 - u3 * 16.0) * (1.0 / 15.0),
        (u1 + u2) * (1.0 / 3.0) - (u3 * 4.0 + u4) * (2.0 / 15.0),
        even + (u4 - u3) * (4.0 / 15.0) + u5,
    ]
}

/// `Aᵀ m`.
#[inline(always)]
fn output([m0, m1, m2, m3, m4, m5]: [Lane; TILE]) -> [Lane; OUT] {
    let (sum, difference) = (m1 + m2, m2 - m1);
    [
        m0 + sum + m3 + m4,
        difference + m3 * 0.5 - m4 * 2.0,
        sum + m3 * 0.25 + m4 * 4.0,
        difference + m3 * 0.125 - m4 * 8.0 + m5,
    ]
}

/// `A y`.
#[inline(always)]
fn output_transposed([y0, y1, y2, y3]: [Lane; OUT]) -> [Lane; TILE] {
    let (even, odd) = (y0 + y2, y1 + y3);
    [
        y0,
        even - odd,
        even + odd,
        y0 + y1 * 0.5 + y2 * 0.25 + y3 * 0.125,
        y0 - y1 * 2.0 + y2 * 4.0 - y3 * 8.0,
        y3,
    ]
}

/// `f` on each column, then on each row: `F x Fᵀ`, where `f` is the product with `F`.
#[inline(always)]
fn both_ways<const I: usize, const O: usize>(
    f: impl Fn([Lane; I]) -> [Lane; O],
    x: &[[Lane; I]; I],
) -> [[Lane; O]; O] {
    let mut half = [[ZERO; I]; O];
    for j in 0..I {
        let mut column = [ZERO; I];
        for (lane, row) in column.iter_mut().zip(x) {
            *lane = row[j];
        }
        for (half, lane) in half.iter_mut().zip(f(column)) {
            half[j] = lane;
        }
    }
    let mut all = [[ZERO; O]; O];
    for (all, half) in all.iter_mut().zip(&half) {
        *all = f(*half);
    }
    all
}

#[inline(always)]
fn load(from: &[f32], at: usize) -> Lane {
    Lane(from[at..at + LANES].try_into().expect("as long as a lane"))
}

/// How a convolution is cut into tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiles {
    window: Window,
    filters: usize,
    /// Tiles down and across an image.
    count: (usize, usize),
    /// How many examples are worked on at once.
    group: usize,
}

/// From plane to plane of `len` numbers: an odd number of lines, or what is at one place of all planes would fall into the same
/// few lines of the cache and drive each other out.
fn stride(len: usize) -> usize {
    (len.div_ceil(LINE) | 1) * LINE
}

/// A kernel at the points: `(planes, channels, filters)`.
#[derive(Debug)]
pub(crate) struct Kernel(Buffer);

/// All images of a batch at the points, where they are few enough to be worked on at once.
#[derive(Debug)]
pub(crate) struct Transformed(Buffer);

impl Tiles {
    /// For kernels of 3x3 that stand on every pixel, where it is the faster way: with few channels the transforms take longer
    /// than the products that they spare. The last lane of channels and of filters does again what the one before has done, and
    /// with much of that the products by patches win, too.
    pub(crate) fn new(window: Window, filters: usize) -> Option<Tiles> {
        const FEWEST: usize = 24;
        let fills =
            |count: usize| count >= FEWEST && 4 * count.next_multiple_of(LANES) <= 5 * count;
        let pays =
            window.size == (3, 3) && window.stride == 1 && fills(window.input.2) && fills(filters);
        let tiles = pays.then(|| Tiles::of(window, filters));
        // Nor may much of the tiles lie outside.
        tiles.filter(|tiles| 4 * window.positions() >= 3 * OUT * OUT * tiles.per_image())
    }

    fn of(window: Window, filters: usize) -> Tiles {
        let count = (window.places.0.div_ceil(OUT), window.places.1.div_ceil(OUT));
        let numbers = PLANES * count.0 * count.1 * (window.input.2 + filters);
        Tiles {
            window,
            filters,
            count,
            group: (AT_ONCE / (numbers * size_of::<f32>())).max(1),
        }
    }

    fn channels(&self) -> usize {
        self.window.input.2
    }

    fn per_image(&self) -> usize {
        self.count.0 * self.count.1
    }

    /// `U = G g Gᵀ` for each channel and filter.
    pub(crate) fn kernel(&self, g: &[f32], pool: &Pool) -> Kernel {
        let (channels, filters) = (self.channels(), self.filters);
        let plane = channels * filters;
        let stride = stride(plane);
        let mut u = pool.take(PLANES * stride);
        vectorized!({
            for at in lanes::<LANES>(plane) {
                let g = collect::<3>(g, plane, at);
                for (i, u_row) in both_ways(kernel, &g).iter().enumerate() {
                    for (j, lane) in u_row.iter().enumerate() {
                        let at = (i * TILE + j) * stride + at;
                        u[at..at + LANES].copy_from_slice(&lane.0);
                    }
                }
            }
        });
        Kernel(u)
    }

    /// The transpose of [`Tiles::kernel`]: `∂C/∂g = Gᵀ (∂C/∂U) G`.
    fn kernel_gradient(&self, du: &[f32], dg: &mut [f32]) {
        let plane = self.channels() * self.filters;
        vectorized!({
            for at in lanes::<LANES>(plane) {
                let du = collect::<TILE>(du, stride(plane), at);
                for (i, row) in both_ways(kernel_transposed, &du).iter().enumerate() {
                    for (j, lane) in row.iter().enumerate() {
                        let at = (i * 3 + j) * plane + at;
                        dg[at..at + LANES].copy_from_slice(&lane.0);
                    }
                }
            }
        });
    }

    /// Call `visit(number of the tile, where its pixels are)` for each tile of side `N` of an image of `height` x `width`,
    /// with the first pixel of the first tile at minus `padding`. A pixel outside of the image is nowhere.
    #[inline(always)]
    fn tiles<const N: usize>(
        &self,
        (height, width): (usize, usize),
        padding: (usize, usize),
        mut visit: impl FnMut(usize, &[[Option<usize>; N]; N]),
    ) {
        let inside = |from: usize, i: usize, padding: usize, side: usize| {
            (from * OUT + i)
                .checked_sub(padding)
                .filter(|at| *at < side)
        };
        for down in 0..self.count.0 {
            for across in 0..self.count.1 {
                let mut pixels = [[None; N]; N];
                for (i, line) in pixels.iter_mut().enumerate() {
                    let Some(y) = inside(down, i, padding.0, height) else {
                        continue;
                    };
                    for (j, pixel) in line.iter_mut().enumerate() {
                        *pixel = inside(across, j, padding.1, width).map(|x| y * width + x);
                    }
                }
                visit(down * self.count.1 + across, &pixels);
            }
        }
    }

    /// `V = Bᵀ d B` for each tile of an image.
    fn input(&self, x: &[f32], v: &mut [&mut [f32]; PLANES]) {
        let (height, width, channels) = self.window.input;
        vectorized!({
            self.tiles::<TILE>(
                (height, width),
                self.window.padding,
                #[inline(always)]
                |tile, pixels| {
                    for c in lanes::<LANES>(channels) {
                        let d = gather(x, pixels, channels, c);
                        spread(&both_ways(input, &d), v, tile * channels + c);
                    }
                },
            );
        });
    }

    /// The transpose of [`Tiles::input`], added to `dx`; `dv` is of a group, `example` the number in it.
    fn input_gradient(&self, dv: &[f32], example: usize, dx: &mut [f32]) {
        let (height, width, channels) = self.window.input;
        let plane = dv.len() / PLANES;
        let start = example * self.per_image() * channels;
        vectorized!({
            self.tiles::<TILE>(
                (height, width),
                self.window.padding,
                #[inline(always)]
                |tile, pixels| {
                    for (lane, c) in lanes::<LANES>(channels).enumerate() {
                        let dv = collect(dv, plane, start + tile * channels + c);
                        let mut d = both_ways(input_transposed, &dv);
                        if c < lane * LANES {
                            // The lane before has added these.
                            for d in d.as_flattened_mut() {
                                d.0[..lane * LANES - c].fill(0.0);
                            }
                        }
                        for (pixels, d) in pixels.iter().zip(&d) {
                            for (pixel, d) in pixels.iter().zip(d) {
                                if let Some(pixel) = pixel {
                                    let at = pixel * channels + c;
                                    for (dx, d) in dx[at..at + LANES].iter_mut().zip(d.0) {
                                        *dx += d;
                                    }
                                }
                            }
                        }
                    }
                },
            );
        });
    }

    /// `Y = Aᵀ M A` for each tile of an example of a group.
    fn output(&self, m: &[f32], example: usize, z: &mut [f32]) {
        let filters = self.filters;
        let plane = m.len() / PLANES;
        let start = example * self.per_image() * filters;
        vectorized!({
            self.tiles::<OUT>(
                self.window.places,
                (0, 0),
                #[inline(always)]
                |tile, pixels| {
                    for k in lanes::<LANES>(filters) {
                        let m = collect(m, plane, start + tile * filters + k);
                        let y = both_ways(output, &m);
                        for (pixels, y) in pixels.iter().zip(&y) {
                            for (pixel, y) in pixels.iter().zip(y) {
                                if let Some(pixel) = pixel {
                                    let at = pixel * filters + k;
                                    z[at..at + LANES].copy_from_slice(&y.0);
                                }
                            }
                        }
                    }
                },
            );
        });
    }

    /// The transpose of [`Tiles::output`]: `∂C/∂M = A (∂C/∂Y) Aᵀ`.
    fn output_gradient(&self, dz: &[f32], dm: &mut [&mut [f32]; PLANES]) {
        let filters = self.filters;
        vectorized!({
            self.tiles::<OUT>(
                self.window.places,
                (0, 0),
                #[inline(always)]
                |tile, pixels| {
                    for k in lanes::<LANES>(filters) {
                        let dy = gather(dz, pixels, filters, k);
                        spread(&both_ways(output_transposed, &dy), dm, tile * filters + k);
                    }
                },
            );
        });
    }

    /// The convolution of the images `x`: `finish(item, output)` is called for the item of each example, and calls `output` with
    /// where it wants the example's result. What comes back spares [`Tiles::backward`] the transforms of `x`.
    pub(crate) fn forward<T: Send>(
        &self,
        x: &[f32],
        kernel: &Kernel,
        items: &mut [T],
        pool: &Pool,
        finish: impl Fn(&mut T, &dyn Fn(&mut [f32])) + Sync,
    ) -> Option<Transformed> {
        let group = self.group;
        let is_one = items.len() <= group;
        let images = x.chunks(group * self.window.image());
        for (items, x) in items.chunks_mut(group).zip(images) {
            let tiles = items.len() * self.per_image();
            let shape @ (_, channels, filters) = (tiles, self.channels(), self.filters);
            let mut v = pool.take(PLANES * stride(tiles * channels));
            let mut m = pool.take(PLANES * stride(tiles * filters));
            let images = x.chunks(self.window.image());
            let parts = self.by_example(&mut v, channels);
            let mut images: Vec<_> = images.zip(parts).collect();
            team::for_each(&mut images, |_, (x, v)| self.input(x, v));
            drop(images);
            let factors = planes(&v, tiles * channels).zip(planes(&kernel.0, channels * filters));
            let mut products: Vec<_> = planes_mut(&mut m, tiles * filters).zip(factors).collect();
            team::for_each(&mut products, |_, (m, (v, u))| {
                matmul(m, (v, Plain), (u, Plain), shape, false, Threads::One);
            });
            drop(products);
            team::for_each(items, |i, item| finish(item, &|z| self.output(&m, i, z)));
            if is_one {
                return Some(Transformed(v));
            }
        }
        None
    }

    /// The gradients: of the kernel into `dg`, of each image into what `dx(item)` gives, where it gives something.
    /// `delta(item, visit)` is called for each example and calls `visit` with the gradient of the example's output.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn backward<T: Send>(
        &self,
        x: &[f32],
        mut transformed: Option<Transformed>,
        kernel: &Kernel,
        dg: &mut [f32],
        items: &mut [T],
        pool: &Pool,
        delta: impl Fn(&mut T, &mut dyn FnMut(&[f32])) + Sync,
        dx: impl Fn(&mut T) -> Option<&mut [f32]> + Sync,
    ) {
        let group = self.group;
        let (channels, filters) = (self.channels(), self.filters);
        let mut du = pool.zeros(PLANES * stride(channels * filters));
        let images = x.chunks(group * self.window.image());
        for (items, x) in items.chunks_mut(group).zip(images) {
            let tiles = items.len() * self.per_image();
            let is_new = transformed.is_none();
            let mut v = match transformed.take() {
                Some(Transformed(v)) => v,
                None => pool.take(PLANES * stride(tiles * channels)),
            };
            let mut dm = pool.take(PLANES * stride(tiles * filters));
            let images = x.chunks(self.window.image()).zip(items.iter_mut());
            let parts = self.by_example(&mut v, channels);
            let parts = parts.zip(self.by_example(&mut dm, filters));
            let mut images: Vec<_> = images.zip(parts).collect();
            team::for_each(&mut images, |_, ((x, item), (v, dm))| {
                if is_new {
                    self.input(x, v);
                }
                delta(item, &mut |dz| self.output_gradient(dz, dm));
            });
            drop(images);
            let wanted = items.first_mut().is_some_and(|item| dx(item).is_some());
            let factors = planes(&dm, tiles * filters).zip(planes(&kernel.0, channels * filters));
            let mut products: Vec<_> = planes_mut(&mut du, channels * filters)
                .zip(planes_mut(&mut v, tiles * channels))
                .zip(factors)
                .collect();
            team::for_each(&mut products, |_, ((du, v), (dm, u))| {
                let shape = (channels, tiles, filters);
                matmul(du, (v, Transposed), (dm, Plain), shape, true, Threads::One);
                if wanted {
                    let shape = (tiles, filters, channels);
                    matmul(v, (dm, Plain), (u, Transposed), shape, false, Threads::One);
                }
            });
            drop(products);
            team::for_each(items, |i, item| {
                if let Some(dx) = dx(item) {
                    dx.fill(0.0);
                    self.input_gradient(&v, i, dx);
                }
            });
        }
        self.kernel_gradient(&du, dg);
    }

    /// For each example of a group its part of each plane.
    fn by_example<'a>(
        &self,
        planes: &'a mut [f32],
        channels: usize,
    ) -> impl Iterator<Item = [&'a mut [f32]; PLANES]> + use<'a> {
        let part = self.per_image() * channels;
        let stride = planes.len() / PLANES;
        let mut planes: Vec<_> = planes
            .chunks_mut(stride)
            .map(|plane| plane.chunks_exact_mut(part))
            .collect();
        (0..stride / part).map(move |_| {
            std::array::from_fn(|i| planes[i].next().expect("a part for each example"))
        })
    }
}

/// The planes, each of `len` numbers.
fn planes(all: &[f32], len: usize) -> impl Iterator<Item = &[f32]> {
    all.chunks(stride(len)).map(move |plane| &plane[..len])
}

fn planes_mut(all: &mut [f32], len: usize) -> impl Iterator<Item = &mut [f32]> {
    all.chunks_mut(stride(len))
        .map(move |plane| &mut plane[..len])
}

/// The pixels of a tile, `LANES` channels from `c`.
#[inline(always)]
fn gather<const N: usize>(
    x: &[f32],
    pixels: &[[Option<usize>; N]; N],
    channels: usize,
    c: usize,
) -> [[Lane; N]; N] {
    let mut tile = [[ZERO; N]; N];
    for (tile, pixels) in tile.iter_mut().zip(pixels) {
        for (lane, pixel) in tile.iter_mut().zip(pixels) {
            if let Some(pixel) = pixel {
                *lane = load(x, pixel * channels + c);
            }
        }
    }
    tile
}

/// A square of `N` x `N` out of as many planes.
#[inline(always)]
fn collect<const N: usize>(planes: &[f32], plane: usize, at: usize) -> [[Lane; N]; N] {
    let mut tile = [[ZERO; N]; N];
    for (i, lane) in tile.as_flattened_mut().iter_mut().enumerate() {
        *lane = load(planes, i * plane + at);
    }
    tile
}

/// A tile at the points, into the planes.
#[inline(always)]
fn spread(tile: &[[Lane; TILE]; TILE], planes: &mut [&mut [f32]; PLANES], at: usize) {
    for (lane, plane) in tile.iter().flatten().zip(planes) {
        plane[at..at + LANES].copy_from_slice(&lane.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(len: usize, salt: usize) -> Vec<f32> {
        (0..len)
            .map(|i| ((i * 7919 + salt * 104_729) % 2003) as f32 / 1000.0 - 1.0)
            .collect()
    }

    fn agree(name: &str, ours: &[f32], expected: &[f64]) -> Result<(), TestCaseError> {
        let largest = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        for (a, b) in ours.iter().zip(expected) {
            let off = (f64::from(*a) - b).abs();
            prop_assert!(off <= 1e-5 * largest, "{name}: {a} and {b} of {largest}");
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Values and gradients are those of the sums that define a convolution, for sizes that tiles do not divide.
        #[test]
        fn tiles_convolve(
            n in 1..6_usize, height in 3..11_usize, width in 3..11_usize, channels in LANES..21_usize, filters in LANES..21_usize,
            padding in 0..2_usize, group in 1..6_usize, keep: bool, salt in 0..100_usize,
        ) {
            let places = (height + 2 * padding - 2, width + 2 * padding - 2);
            let window = Window {
                input: (height, width, channels), size: (3, 3), stride: 1, padding: (padding, padding), places,
            };
            let (image, out) = (window.image(), places.0 * places.1 * filters);
            let (x, k, dz) = (
                numbers(n * image, salt), numbers(9 * channels * filters, salt + 1), numbers(n * out, salt + 2),
            );
            let mut z = vec![0.0_f64; n * out];
            let mut dk = vec![0.0_f64; k.len()];
            let mut dx = vec![0.0_f64; n * image];
            for example in 0..n {
                for y in 0..places.0 {
                    for across in 0..places.1 {
                        for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
                            let (line, column) = (y + i, across + j);
                            if line < padding || column < padding || line - padding >= height || column - padding >= width {
                                continue;
                            }
                            let pixel = (line - padding) * width + column - padding;
                            for c in 0..channels {
                                let at = example * image + pixel * channels + c;
                                for f in 0..filters {
                                    let to = example * out + (y * places.1 + across) * filters + f;
                                    let weight = ((i * 3 + j) * channels + c) * filters + f;
                                    z[to] += f64::from(x[at]) * f64::from(k[weight]);
                                    dk[weight] += f64::from(x[at]) * f64::from(dz[to]);
                                    dx[at] += f64::from(dz[to]) * f64::from(k[weight]);
                                }
                            }
                        }
                    }
                }
            }
            let pool = Pool::default();
            // Of a real batch some megabytes are a group.
            let tiles = Tiles { group, ..Tiles::of(window, filters) };
            let kernel = tiles.kernel(&k, &pool);
            let mut ours = vec![0.0; n * out];
            let mut items: Vec<&mut [f32]> = ours.chunks_mut(out).collect();
            let kept = tiles.forward(&x, &kernel, &mut items, &pool, |item, output| output(item));
            agree("z", &ours, &z)?;
            prop_assert_eq!(kept.is_some(), n <= group);
            let (mut our_dk, mut our_dx) = (vec![0.0; k.len()], vec![0.0; n * image]);
            let mut items: Vec<(&[f32], &mut [f32])> = dz.chunks(out).zip(our_dx.chunks_mut(image)).collect();
            tiles.backward(
                &x, kept.filter(|_| keep), &kernel, &mut our_dk, &mut items, &pool,
                |item, visit| visit(item.0), |item| Some(&mut *item.1),
            );
            agree("dk", &our_dk, &dk)?;
            agree("dx", &our_dx, &dx)?;
        }
    }
}
