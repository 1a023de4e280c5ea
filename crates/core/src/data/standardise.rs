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
        let n = train.len() as f64;
        let mut mean = vec![0.0_f64; width];
        for row in train.features().chunks_exact(width) {
            for (mean, &x) in mean.iter_mut().zip(row) {
                *mean += f64::from(x) / n;
            }
        }
        let mut variance = vec![0.0_f64; width];
        for row in train.features().chunks_exact(width) {
            for ((variance, mean), &x) in variance.iter_mut().zip(&mean).zip(row) {
                *variance += (f64::from(x) - mean).powi(2) / n;
            }
        }
        Standardisation::of(mean, variance.into_iter().map(f64::sqrt).collect())
    }

    /// Measure all features together: one mean and one standard deviation, as is usual for images.
    pub fn fit_all(train: &Dataset) -> Standardisation {
        let n = train.features().len() as f64;
        let mean = train.features().iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let squares = train
            .features()
            .iter()
            .map(|&x| (f64::from(x) - mean).powi(2));
        let std = (squares.sum::<f64>() / n).sqrt();
        let width = train.shape().features();
        Standardisation::of(vec![mean; width], vec![std; width])
    }

    fn of(mean: Vec<f64>, std: Vec<f64>) -> Standardisation {
        // A tenth of a millionth is what rounding leaves of a constant.
        let std = std
            .into_iter()
            .map(|std| if std > 1e-7 { std as f32 } else { 1.0 });
        Standardisation {
            std: std.collect(),
            mean: mean.into_iter().map(|mean| mean as f32).collect(),
        }
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
                    format!("{} características por ejemplo", self.mean.len()),
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
        let other = Dataset::classification(vec![0.0; 4], 4, vec![0], 1).unwrap();
        assert!(Standardisation::fit(&train).apply(&other).is_err());
    }
}
