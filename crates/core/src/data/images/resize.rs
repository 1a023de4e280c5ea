//! Other sizes for pictures, with the numbers that Pillow's `resize((width, height), Image.BILINEAR)` gives.
//!
//! A pixel of the result is a weighted mean of the pixels under it: the weight falls linearly, from 1 at its centre to 0 one pixel
//! of the *larger* of the two grids away (the triangle filter). So every pixel of a large picture counts in a small one; taking
//! the four nearest, as Keras's `tf.image.resize` does unasked, would drop most of them. Columns first, then rows; the weights
//! are whole numbers of 22 bits behind the point, and the columns are rounded to grey levels in between, as in Pillow.

use super::decode::Pixels;

/// Bits behind the point of a weight: 255 times all of them stays below 2³¹.
const BITS: u32 = 22;

/// What the pixels are worth that one pixel of the result is made of.
struct Weights {
    first: usize,
    weights: Vec<i32>,
}

/// `height` rows of `width` pixels; nothing where memory does not hold what comes between.
pub(super) fn resize(picture: &Pixels, height: usize, width: usize) -> Option<Vec<u8>> {
    let channels = picture.channels;
    let stride = picture.width * channels;
    let room = |height: usize| {
        let bytes = height.checked_mul(width)?.checked_mul(channels)?;
        let mut room = Vec::new();
        room.try_reserve_exact(bytes).ok()?;
        Some(room)
    };
    let (mut narrow, mut out) = (room(picture.height)?, room(height)?);
    let across = weights(picture.width, width);
    for row in picture.bytes.chunks_exact(stride) {
        for w in &across {
            for c in 0..channels {
                let pixels = row[w.first * channels + c..].iter().step_by(channels);
                narrow.push(w.mean(pixels));
            }
        }
    }
    let stride = width * channels;
    for w in weights(picture.height, height) {
        for at in 0..stride {
            let pixels = narrow[w.first * stride + at..].iter().step_by(stride);
            out.push(w.mean(pixels));
        }
    }
    Some(out)
}

impl Weights {
    fn mean<'a>(&self, pixels: impl Iterator<Item = &'a u8>) -> u8 {
        let products = self.weights.iter().zip(pixels);
        let sum = products.fold(1 << (BITS - 1), |sum, (w, x)| sum + w * i32::from(*x));
        (sum >> BITS).clamp(0, 255) as u8
    }
}

/// The weights of each of `to` pixels that `from` become.
fn weights(from: usize, to: usize) -> Vec<Weights> {
    let scale = from as f64 / to as f64;
    // One pixel of the larger grid.
    let reach = scale.max(1.0);
    let of = |i: usize| {
        let centre = (i as f64 + 0.5) * scale;
        let first = (centre - reach + 0.5).max(0.0) as usize;
        let end = ((centre + reach + 0.5) as usize).min(from);
        let each = (first..end).map(|x| {
            let distance = (x as f64 - centre + 0.5) / reach;
            (1.0 - distance.abs()).max(0.0)
        });
        let sum: f64 = each.clone().sum();
        let whole = |w: f64| (w / sum * f64::from(1 << BITS) + 0.5) as i32;
        Weights {
            first,
            weights: each.map(whole).collect(),
        }
    };
    (0..to).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, bytes: &[u8]) -> Pixels {
        Pixels {
            width,
            height: bytes.len() / width,
            channels: 1,
            bytes: bytes.to_vec(),
            transparent: false,
        }
    }

    #[test]
    fn the_same_size_is_the_same_picture_and_a_large_one_counts_whole() {
        let picture = grey(3, &[0, 50, 255, 7, 8, 9]);
        assert_eq!(resize(&picture, 2, 3).unwrap(), picture.bytes);
        // Of 1,000 pixels one is white: no sample of four would see it.
        let mut line = vec![0; 1000];
        line[500] = 255;
        let small = resize(&grey(1000, &line), 1, 2).unwrap();
        assert!(small.iter().all(|&x| x <= 1), "{small:?}");
        let stripes: Vec<u8> = (0..1000).map(|i| 255 * (i % 2) as u8).collect();
        let small = resize(&grey(1000, &stripes), 1, 10).unwrap();
        assert!(small.iter().all(|x| (127..=128).contains(x)), "{small:?}");
    }
}
