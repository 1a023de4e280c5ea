//! Which class a network takes for which.

use super::Sequential;
use crate::confusion::ConfusionMatrix;
use crate::data::Dataset;
use crate::error::{Error, Result};

impl Sequential {
    /// Count, for each class of a data set, what the network answers.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let net = Sequential::input(64).dense(10);
    /// let matrix = net.confusion(&Dataset::digits())?;
    /// let row: usize = matrix.counts()[3].iter().sum();
    /// assert_eq!(row, Dataset::digits().labels().iter().filter(|&&label| label == 3).count());
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the data have no classes or do not fit the network.
    pub fn confusion(&self, data: &Dataset) -> Result<ConfusionMatrix> {
        if data.classes() == 0 {
            return Err(Error::misuse((
                format!(
                    "una matriz de confusión necesita clases, pero {data:?} tiene valores objetivo"
                ),
                format!("a confusion matrix needs classes, but {data:?} has target values"),
            )));
        }
        let answers = self.predict_classes(data)?;
        let size = data.classes().max(self.output().features());
        let mut counts = vec![vec![0; size]; size];
        for (&label, answer) in data.labels().iter().zip(answers) {
            counts[label][answer] += 1;
        }
        let known = match data.class_names() {
            [] => &self.classes[..],
            names => names,
        };
        let name = |class: usize| known.get(class).cloned();
        let names = (0..size).map(|class| name(class).unwrap_or_else(|| class.to_string()));
        let names = names.collect();
        Ok(ConfusionMatrix { counts, names })
    }
}
