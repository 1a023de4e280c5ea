//! The digits inside the library.

use super::Dataset;
use gradus_text::say;
use std::sync::OnceLock;

/// 65 bytes a row: 64 pixels from 0 to 16 and the digit. Source and licence: `data/README.md`.
static DIGITS: &[u8] = include_bytes!("../../data/digits.bin");

impl Dataset {
    /// 1797 handwritten digits, images of 8x8 pixels scaled to `[0, 1]`: the test set of *Optical Recognition of
    /// Handwritten Digits*, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998
    /// (<https://doi.org/10.24432/C50P49>), CC BY 4.0.
    pub fn digits() -> Dataset {
        static DATASET: OnceLock<Dataset> = OnceLock::new();
        DATASET
            .get_or_init(|| {
                let rows = DIGITS.chunks_exact(65);
                let pixels = rows.clone().flat_map(|row| &row[..64]);
                let features = pixels.map(|&pixel| f32::from(pixel) / 16.0).collect();
                let labels = rows.map(|row| usize::from(row[64])).collect();
                Dataset::classification(features, [8, 8, 1], labels, 10)
                    .expect("the digits inside the library are whole")
                    .named(say("dígitos", "digits"))
            })
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_whole() {
        let digits = Dataset::digits();
        assert_eq!(digits.len(), 1797);
        assert_eq!(digits.features().len(), 1797 * 64);
        // Counted with NumPy in the CSV file that the bytes were made from.
        let mut counts = [0; 10];
        for &label in digits.labels() {
            counts[label] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        let sum: f64 = digits.features().iter().map(|&x| f64::from(x) * 16.0).sum();
        assert_eq!(sum, 561_718.0);
    }
}
