//! Standardisation: inputs with mean 0 and variance 1, what batch normalisation later does inside the network.

use serde::{Deserialize, Serialize};

use super::Dataset;
use crate::error::{Error, Result};

/// Mean and standard deviation of each feature, measured on the training data *only* and applied to all: what a network
/// knows of the test data must not include even their mean.
///
/// ```
/// use gradus::prelude::*;
/// let (train, test) = Dataset::digits().split(0.8, 0)?;
/// let standard = Standardisation::fit(&train);
/// let (train, test) = (standard.apply(&train)?, standard.apply(&test)?);
/// # assert!(train.features().iter().sum::<f32>().abs() < 1.0);
/// # assert_eq!(test.len(), 359);
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardisation {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Standardisation {
    /// Measure each feature. One that never changes keeps its scale.
    pub fn fit(train: &Dataset) -> Standardisation {
        let width = train.shape().features();
        let column = |j: usize| train.features().iter().skip(j).step_by(width).copied();
        Standardisation::of((0..width).map(|j| mean_and_std(column(j))))
    }

    /// Measure all features together: one mean and one standard deviation, as is usual for images.
    pub fn fit_all(train: &Dataset) -> Standardisation {
        let all = mean_and_std(train.features().iter().copied());
        Standardisation::of((0..train.shape().features()).map(|_| all))
    }

    fn of(measured: impl Iterator<Item = (f64, f64)>) -> Standardisation {
        let (mean, std) = measured
            .map(|(mean, std)| (mean as f32, std as f32))
            .unzip();
        Standardisation { mean, std }
    }

    /// `(x - mean) / std`, feature by feature.
    ///
    /// # Errors
    /// When the data have another number of features than those measured.
    pub fn apply(&self, data: &Dataset) -> Result<Dataset> {
        let width = data.shape().features();
        if width != self.mean.len() {
            return Err(Error::shape(
                ("la estandarización", "standardisation"),
                (
                    format!("{} características en cada ejemplo", self.mean.len()),
                    format!("{} features per example", self.mean.len()),
                ),
                width,
            ));
        }
        let features = data
            .features()
            .iter()
            .enumerate()
            .map(|(i, x)| (x - self.mean[i % width]) / self.std[i % width])
            .collect();
        data.with_features(features)
    }
}

/// Mean and standard deviation of numbers; 1 in the place of the deviation of a constant.
pub(super) fn mean_and_std(values: impl Iterator<Item = f32> + Clone) -> (f64, f64) {
    let (mut n, mut sum) = (0.0_f64, 0.0_f64);
    for x in values.clone() {
        n += 1.0;
        sum += f64::from(x);
    }
    let n = n.max(1.0);
    let mean = sum / n;
    let mut largest = 0.0_f64;
    let squares = values.map(|x| {
        largest = largest.max(f64::from(x).abs());
        (f64::from(x) - mean).powi(2)
    });
    let std = (squares.sum::<f64>() / n).sqrt();
    // What rounding leaves of a constant is seen beside its size: features of size 1e-12 have deviations of that size. Below
    // the smallest normal `f32` there is nothing to divide by.
    let is_constant = std <= 1e-7 * largest || (std as f32) < f32::MIN_POSITIVE;
    (mean, if is_constant { 1.0 } else { std })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_training_data_get_mean_0_and_variance_1() {
        let x = vec![1.0, 5.0, 7.0, 3.0, 5.0, 1.0, 5.0, 5.0, 4.0];
        let train = Dataset::classification(x, 3, vec![0; 3], 1).unwrap();
        let standard = Standardisation::fit(&train).apply(&train).unwrap();
        for j in [0, 2] {
            let column: Vec<f32> = standard
                .features()
                .iter()
                .skip(j)
                .step_by(3)
                .copied()
                .collect();
            let mean = column.iter().sum::<f32>() / 3.0;
            let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 3.0;
            assert!(
                mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-6,
                "{column:?}"
            );
        }
        // The constant feature is centred and otherwise left alone.
        assert!(
            standard
                .features()
                .iter()
                .skip(1)
                .step_by(3)
                .all(|x| *x == 0.0)
        );
        // The size does not matter: neither 1e-12 nor 1e12 is rounding.
        for size in [1e-12, 1e12] {
            let x: Vec<f32> = [1.0, 2.0, 3.0].map(|x| x * size).to_vec();
            let tiny = Dataset::classification(x, 1, vec![0; 3], 1).unwrap();
            let x = Standardisation::fit(&tiny).apply(&tiny).unwrap();
            let root = 1.5_f32.sqrt();
            assert!(
                (x.features()[0] + root).abs() < 1e-5,
                "{size}: {:?}",
                x.features()
            );
        }
        let same = Dataset::classification(vec![0.1; 3], 1, vec![0; 3], 1).unwrap();
        let x = Standardisation::fit(&same).apply(&same).unwrap();
        assert!(x.features().iter().all(|x| x.abs() < 1e-7));
        let other = Dataset::classification(vec![0.0; 4], 4, vec![0], 1).unwrap();
        assert!(Standardisation::fit(&train).apply(&other).is_err());
    }
}
