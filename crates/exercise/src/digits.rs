use crate::{Random, random};

/// One byte per pixel (0..16), 64 pixels and the label: the library's file, embedded once more so that a lab need not call the library.
/// UCI optical digits test set, E. Alpaydin and C. Kaynak, CC BY 4.0.
static BYTES: &[u8] = include_bytes!("../../core/data/digits.bin");
const PIXELS: usize = 64;

/// Handwritten digits: 1797 images of 8x8 pixels, with their labels.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    /// One image per row: 64 pixels from 0 (background) to 1 (ink).
    pub x: Vec<Vec<f64>>,
    /// Which digit it is: 0..9.
    pub labels: Vec<usize>,
}

impl Digits {
    /// All of them.
    ///
    /// # Panics
    /// In a function that is to be trained with a part: the rest is what it is tried with.
    pub fn all() -> Self {
        assert!(
            !random::is_watched(),
            "`Digits::all()` has the images that you are tried with: train with `train`"
        );
        let mut all = Self::default();
        for row in BYTES.chunks_exact(PIXELS + 1) {
            let (pixels, label) = row.split_at(PIXELS);
            all.x
                .push(pixels.iter().map(|p| f64::from(*p) / 16.0).collect());
            all.labels.push(usize::from(label[0]));
        }
        all
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Two parts drawn at random: `share` of them to train with, the rest held out.
    pub fn split(&self, share: f64, rng: &mut Random) -> (Self, Self) {
        let mut order: Vec<usize> = (0..self.len()).collect();
        rng.shuffle(&mut order);
        let (train, held_out) =
            order.split_at((self.len() as f64 * share.clamp(0.0, 1.0)) as usize);
        (self.pick(train), self.pick(held_out))
    }

    /// The images with these numbers, in this order.
    pub fn pick(&self, indices: &[usize]) -> Self {
        Self {
            x: indices.iter().map(|i| self.x[*i].clone()).collect(),
            labels: indices.iter().map(|i| self.labels[*i]).collect(),
        }
    }

    /// The place of the largest of these scores, if all are numbers.
    pub fn answer(scores: &[f64]) -> Option<usize> {
        let best = (0..scores.len()).max_by(|i, j| scores[*i].total_cmp(&scores[*j]));
        best.filter(|_| scores.iter().all(|score| score.is_finite()))
    }

    /// The share of right answers when `scores` has one row per image and the largest score wins.
    pub fn accuracy(&self, scores: &[Vec<f64>]) -> f64 {
        let right = scores
            .iter()
            .zip(&self.labels)
            .filter(|(row, label)| Self::answer(row) == Some(**label))
            .count();
        right as f64 / self.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_split_are_the_whole() {
        let all = Digits::all();
        assert_eq!(all.len(), 1797);
        assert!(all.labels.iter().all(|label| *label < 10));
        let (train, held_out) = all.split(0.8, &mut Random::new(0));
        assert_eq!((train.len(), held_out.len()), (1437, 360));
        let sum = |d: &Digits| d.x.iter().flatten().sum::<f64>();
        assert!((sum(&train) + sum(&held_out) - sum(&all)).abs() < 1e-6);
    }

    #[test]
    fn accuracy_counts_the_largest_score() {
        let digits = Digits {
            x: vec![vec![]; 3],
            labels: vec![0, 1, 1],
        };
        let scores = [vec![2.0, 1.0], vec![0.0, 1.0], vec![f64::NAN, 1.0]];
        assert!((digits.accuracy(&scores) - 2.0 / 3.0).abs() < 1e-12);
    }
}
