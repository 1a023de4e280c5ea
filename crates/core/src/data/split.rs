//! Dividing a data set: at random, class by class, by groups, in time, in folds.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Dataset;
use crate::error::{Error, Result};

impl Dataset {
    /// Shuffle with `seed`, then cut: the first `fraction` of the examples, and the rest. The usual names of the two
    /// parts are *train* and *test*.
    ///
    /// # Errors
    /// When either part would be empty.
    pub fn split(&self, fraction: f64, seed: u64) -> Result<(Dataset, Dataset)> {
        let cut = self.check_fraction(fraction)?;
        let mut rows: Vec<usize> = (0..self.len()).collect();
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let (first, rest) = rows.split_at(cut);
        Ok((self.select(first)?, self.select(rest)?))
    }

    /// Shuffle with `seed`, then cut in three: train, validation, test. The test part is what the two fractions leave.
    ///
    /// # Errors
    /// When a part would be empty.
    pub fn split_three(
        &self,
        train: f64,
        validation: f64,
        seed: u64,
    ) -> Result<(Dataset, Dataset, Dataset)> {
        let (first, test) = self.split(train + validation, seed)?;
        let (train, validation) = first.split(train / (train + validation), seed)?;
        Ok((train, validation, test))
    }

    /// As [`Dataset::split`], class by class: both parts have the same share of each class, as far as whole examples allow.
    ///
    /// # Errors
    /// When the data have no classes, or a part would be empty.
    pub fn split_stratified(&self, fraction: f64, seed: u64) -> Result<(Dataset, Dataset)> {
        self.need_classes("split_stratified")?;
        self.check_fraction(fraction)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        // What rounding takes from one class the next one gives back.
        let mut owed = 0.0;
        for mut rows in self.rows_by_class() {
            rows.shuffle(&mut rng);
            let wanted = rows.len() as f64 * fraction + owed;
            let cut = (wanted.round().max(0.0) as usize).min(rows.len());
            owed = wanted - cut as f64;
            first.extend_from_slice(&rows[..cut]);
            rest.extend_from_slice(&rows[cut..]);
        }
        first.shuffle(&mut rng);
        rest.shuffle(&mut rng);
        Ok((self.select(&first)?, self.select(&rest)?))
    }

    /// As [`Dataset::split`], group by group: all examples of a group are on one side. The groups are those of
    /// [`super::Table::group`] or [`Dataset::with_groups`]. The first part gets about `fraction` of the examples.
    ///
    /// # Errors
    /// When there are no groups, only one, or a part would be empty.
    pub fn split_by_group(&self, fraction: f64, seed: u64) -> Result<(Dataset, Dataset)> {
        self.check_fraction(fraction)?;
        let Some(groups) = &self.groups else {
            return Err(Error::misuse((
                "split_by_group necesita grupos; escribe `.group(\"columna\")` al leer la tabla, o `data.with_groups(…)?`",
                "split_by_group needs groups; write `.group(\"column\")` where the table is read, or `data.with_groups(…)?`",
            )));
        };
        let count = groups.iter().max().map_or(0, |&last| last as usize + 1);
        let mut rows = vec![Vec::new(); count];
        for (row, &group) in groups.iter().enumerate() {
            rows[group as usize].push(row);
        }
        rows.retain(|rows| !rows.is_empty());
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let wanted = (self.len() as f64 * fraction).round() as usize;
        let (mut first, mut rest): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for group in rows {
            // Into the first part as long as that brings it closer to what is wanted.
            let with = first.len() + group.len();
            let closer = with.abs_diff(wanted) <= first.len().abs_diff(wanted);
            if closer {
                first.extend(group)
            } else {
                rest.extend(group)
            }
        }
        if first.is_empty() || rest.is_empty() {
            return Err(Error::misuse((
                "los grupos son demasiado grandes: una de las partes quedaría vacía; prueba otra semilla o fracción",
                "the groups are too large: one of the parts would be empty; try another seed or fraction",
            )));
        }
        Ok((self.select(&first)?, self.select(&rest)?))
    }

    /// The first `fraction` of the examples as they stand, and the rest: past and future, where the examples are in order of
    /// time (see [`super::Table::sort_by`]).
    ///
    /// # Errors
    /// When a part would be empty.
    pub fn split_in_order(&self, fraction: f64) -> Result<(Dataset, Dataset)> {
        let cut = self.check_fraction(fraction)?;
        let rows: Vec<usize> = (0..self.len()).collect();
        Ok((self.select(&rows[..cut])?, self.select(&rows[cut..])?))
    }

    /// Divide into `k` folds and return, for each, `(train, validation)`: all but the fold, and the fold. Each example is in one
    /// fold; classes are spread evenly, and groups stay together.
    ///
    /// # Errors
    /// When `k` is below 2, or there are fewer examples or groups than folds.
    pub fn folds(&self, k: usize, seed: u64) -> Result<Vec<(Dataset, Dataset)>> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut units: Vec<Vec<usize>> = match (&self.groups, self.classes()) {
            (Some(groups), _) => {
                let count = groups.iter().max().map_or(0, |&last| last as usize + 1);
                let mut rows = vec![Vec::new(); count];
                for (row, &group) in groups.iter().enumerate() {
                    rows[group as usize].push(row);
                }
                rows.retain(|rows| !rows.is_empty());
                rows.shuffle(&mut rng);
                // The largest first: the others fill up what they leave.
                rows.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
                rows
            }
            (None, 0) => (0..self.len()).map(|row| vec![row]).collect(),
            (None, _) => {
                let mut classes = self.rows_by_class();
                classes.iter_mut().for_each(|rows| rows.shuffle(&mut rng));
                classes.into_iter().flatten().map(|row| vec![row]).collect()
            }
        };
        if self.groups.is_none() && self.classes() == 0 {
            units.shuffle(&mut rng);
        }
        if k < 2 || k > units.len() {
            return Err(Error::range(
                ("el número de partes", "the number of folds"),
                k as f64,
                (
                    format!("de 2 a {}", units.len()),
                    format!("2 to {}", units.len()),
                ),
            ));
        }
        let mut fold_of = vec![0; self.len()];
        let mut sizes = vec![0; k];
        for (i, unit) in units.iter().enumerate() {
            let smallest = (0..k).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
            let fold = if self.groups.is_some() {
                smallest
            } else {
                i % k
            };
            sizes[fold] += unit.len();
            unit.iter().for_each(|&row| fold_of[row] = fold);
        }
        let of = |fold: usize| -> Result<(Dataset, Dataset)> {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                (0..self.len()).partition(|&row| fold_of[row] == fold);
            Ok((self.select(&outside)?, self.select(&inside)?))
        };
        (0..k).map(of).collect()
    }

    /// The weight of each class that makes all count alike: `n / (classes · n_class)`, 0 for a class that does not occur.
    ///
    /// # Errors
    /// When the data have no classes.
    pub fn class_weights(&self) -> Result<Vec<f32>> {
        self.need_classes("class_weights")?;
        let rows = self.rows_by_class();
        let share = self.len() as f64 / rows.iter().filter(|rows| !rows.is_empty()).count() as f64;
        let weights = rows.iter().map(|rows| match rows.len() {
            0 => 0.0,
            n => (share / n as f64) as f32,
        });
        Ok(weights.collect())
    }

    /// The same examples, those of rare classes several times, so that all classes come equally often: what class weights do to
    /// the cost, done to the data. Only for training data: after the split.
    ///
    /// # Errors
    /// When the data have no classes.
    pub fn balanced(&self, seed: u64) -> Result<Dataset> {
        self.need_classes("balanced")?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut classes = self.rows_by_class();
        let most = classes.iter().map(Vec::len).max().unwrap_or(0);
        let mut all = Vec::new();
        for rows in classes.iter_mut().filter(|rows| !rows.is_empty()) {
            rows.shuffle(&mut rng);
            all.extend(rows.iter().cycle().take(most));
        }
        all.shuffle(&mut rng);
        self.select(&all)
    }

    fn need_classes(&self, what: &str) -> Result<()> {
        if self.classes() == 0 {
            return Err(Error::misuse((
                format!("{what} necesita clases, pero {self:?} tiene valores objetivo"),
                format!("{what} needs classes, but {self:?} has target values"),
            )));
        }
        Ok(())
    }

    fn rows_by_class(&self) -> Vec<Vec<usize>> {
        let mut rows = vec![Vec::new(); self.classes()];
        for (row, &label) in self.labels().iter().enumerate() {
            rows[label].push(row);
        }
        rows
    }

    /// How many examples the first part gets.
    fn check_fraction(&self, fraction: f64) -> Result<usize> {
        let cut = (self.len() as f64 * fraction).round();
        if !(fraction > 0.0 && fraction < 1.0) || cut < 1.0 || cut >= self.len() as f64 {
            return Err(Error::range(
                ("la fracción de una partición", "the fraction of a split"),
                fraction,
                (
                    format!(
                        "un número entre 0 y 1 que deje al menos uno de los {} ejemplos en cada parte",
                        self.len()
                    ),
                    format!(
                        "between 0 and 1 so that both parts of {} examples have at least one",
                        self.len()
                    ),
                ),
            ));
        }
        Ok(cut as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_keeps_every_example_once_and_depends_on_the_seed_alone() {
        let data =
            Dataset::regression((0..10).map(|i| i as f32).collect(), 1, vec![0.0; 10], 1).unwrap();
        let (a, b) = data.split(0.7, 1).unwrap();
        let mut all: Vec<f32> = [a.features(), b.features()].concat();
        assert_eq!((a.len(), b.len()), (7, 3));
        assert_eq!(data.split(0.7, 1).unwrap(), (a.clone(), b));
        assert_ne!(data.split(0.7, 2).unwrap().0, a);
        all.sort_by(f32::total_cmp);
        assert_eq!(all, data.features());
    }

    fn labelled() -> Dataset {
        let labels: Vec<usize> = (0..100)
            .map(|i| usize::from(i >= 80) + usize::from(i >= 95))
            .collect();
        Dataset::classification((0..100).map(|i| i as f32).collect(), 1, labels, 3).unwrap()
    }

    #[test]
    fn a_stratified_split_keeps_the_share_of_each_class() {
        let count = |data: &Dataset| {
            let mut counts = [0; 3];
            data.labels().iter().for_each(|&l| counts[l] += 1);
            counts
        };
        for seed in 0..5 {
            let (train, test) = labelled().split_stratified(0.8, seed).unwrap();
            assert_eq!((count(&train), count(&test)), ([64, 12, 4], [16, 3, 1]));
        }
        let line = Dataset::linear(10, 1.0, 0.5, 0.1, 4).unwrap();
        assert!(line.split_stratified(0.8, 0).is_err() && line.class_weights().is_err());
    }

    #[test]
    fn groups_stay_on_one_side_and_the_past_before_the_future() {
        let data = labelled().with_groups((0..100).map(|i| i % 7)).unwrap();
        for seed in 0..5 {
            let (train, test) = data.split_by_group(0.7, seed).unwrap();
            let groups = |data: &Dataset| {
                data.features()
                    .iter()
                    .map(|x| *x as u32 % 7)
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert!(groups(&train).is_disjoint(&groups(&test)));
            assert!(train.len().abs_diff(70) <= 15, "{}", train.len());
        }
        let (past, future) = data.split_in_order(0.6).unwrap();
        assert_eq!((past.features()[59], future.features()[0]), (59.0, 60.0));
        let error = labelled().split_by_group(0.5, 0).unwrap_err().to_string();
        assert!(error.contains(".group("), "{error}");
    }

    #[test]
    fn folds_show_each_example_once_and_keep_classes_and_groups() {
        let folds = labelled().folds(5, 3).unwrap();
        let mut all: Vec<f32> = folds
            .iter()
            .flat_map(|(_, v)| v.features().to_vec())
            .collect();
        all.sort_by(f32::total_cmp);
        assert_eq!(all, labelled().features());
        for (train, fold) in &folds {
            assert_eq!((train.len(), fold.len()), (80, 20));
            assert_eq!(fold.labels().iter().filter(|&&l| l == 2).count(), 1);
        }
        let grouped = labelled()
            .with_groups((0..100).map(|i| i % 7))
            .unwrap()
            .folds(3, 0)
            .unwrap();
        for (train, fold) in &grouped {
            let of = |data: &Dataset, g: u32| data.features().iter().any(|x| *x as u32 % 7 == g);
            assert!((0..7).all(|g| of(train, g) != of(fold, g)));
        }
        assert!(labelled().folds(1, 0).is_err() && labelled().folds(101, 0).is_err());
    }

    #[test]
    fn weights_and_repetition_make_rare_classes_count_alike() {
        // sklearn.utils.class_weight.compute_class_weight("balanced", ...): 100 / (3 * [80, 15, 5])
        let weights = labelled().class_weights().unwrap();
        for (weight, expected) in weights.iter().zip([0.416_666_67, 2.222_222_3, 6.666_666_5]) {
            assert!((weight - expected).abs() < 1e-6, "{weights:?}");
        }
        let even = labelled().balanced(1).unwrap();
        let count = |class| even.labels().iter().filter(|&&l| l == class).count();
        assert_eq!([count(0), count(1), count(2)], [80, 80, 80]);
    }
}
