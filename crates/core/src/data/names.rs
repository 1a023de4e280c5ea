//! What a data set knows of where it comes from: names of features and classes, groups, what was done to it.

use std::collections::HashMap;
use std::sync::Arc;

use super::table::Plan;
use super::{Dataset, Preparation, Shape, Targets};
use crate::error::{Error, ErrorKind, Result};
use gradus_text::say;

/// Names and origin; shared by all parts of a data set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Info {
    pub(super) features: Vec<String>,
    pub(super) classes: Vec<String>,
    pub(super) targets: Vec<String>,
    pub(super) plan: Option<Arc<Plan>>,
    pub(super) report: String,
}

impl Dataset {
    /// The names of the features; empty where none are known.
    pub fn feature_names(&self) -> &[String] {
        &self.info.features
    }

    /// The names of the classes, in the order of their numbers; empty where none are known.
    pub fn class_names(&self) -> &[String] {
        &self.info.classes
    }

    /// The names of the columns to predict; empty where none are known.
    pub fn target_names(&self) -> &[String] {
        &self.info.targets
    }

    /// What was found when the data were read, in words; empty for data that were made.
    pub fn report(&self) -> &str {
        &self.info.report
    }

    /// Name the classes, in the order of their numbers. More names than classes so far: classes that do not occur here.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let data = Dataset::classification(vec![1.0, 2.0], 1, vec![0, 1], 2)?;
    /// let data = data.with_class_names(["cat", "dog", "horse"])?;
    /// assert_eq!(data.classes(), 3);
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the data have no classes, or more than there are names.
    pub fn with_class_names(
        mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Dataset> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self = self.with_classes(names.len())?;
        Arc::make_mut(&mut self.info).classes = names;
        Ok(self)
    }

    /// The same data with so many classes: also those that do not occur in them.
    ///
    /// # Errors
    /// When the data have no classes, or a label that is not below `count`.
    pub fn with_classes(mut self, count: usize) -> Result<Dataset> {
        let Targets::Classes { labels, classes } = &mut self.targets else {
            return Err(Error::misuse((
                "estos datos tienen valores objetivo, no clases",
                "these data have target values, not classes",
            )));
        };
        if let Some((row, &label)) = labels.iter().enumerate().find(|&(_, &l)| l >= count) {
            let classes = count;
            return Err(ErrorKind::Label {
                row,
                label,
                classes,
            }
            .into());
        }
        *classes = count;
        if self.info.classes.len() != count {
            Arc::make_mut(&mut self.info).classes.clear();
        }
        Ok(self)
    }

    /// Name the features.
    ///
    /// # Errors
    /// When there are more or fewer names than features.
    pub fn with_feature_names(
        mut self,
        names: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Dataset> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.len() != self.shape.features() {
            return Err(Error::shape(
                ("los nombres de las características", "feature names"),
                self.shape.features().to_string(),
                names.len(),
            ));
        }
        Arc::make_mut(&mut self.info).features = names;
        Ok(self)
    }

    /// Say which examples belong together, one word or number for each: those of one patient, one house.
    /// [`Dataset::split_by_group`] keeps them on one side.
    ///
    /// # Errors
    /// When there is not one for each example.
    pub fn with_groups(
        mut self,
        groups: impl IntoIterator<Item = impl ToString>,
    ) -> Result<Dataset> {
        let mut numbers = HashMap::new();
        let groups: Vec<u32> = groups
            .into_iter()
            .map(|group| {
                let next = numbers.len() as u32;
                *numbers.entry(group.to_string()).or_insert(next)
            })
            .collect();
        if groups.len() != self.len() {
            return Err(Error::shape(
                ("los grupos", "groups"),
                self.len().to_string(),
                groups.len(),
            ));
        }
        self.groups = Some(Arc::new(groups));
        Ok(self)
    }

    /// The name of a class: its number where it has no other.
    pub fn class_name(&self, class: usize) -> String {
        let name = self.info.classes.get(class);
        name.map_or_else(|| class.to_string(), String::clone)
    }

    pub(crate) fn feature_name(&self, feature: usize) -> String {
        let name = self.info.features.get(feature);
        name.map_or_else(|| format!("x{feature}"), String::clone)
    }

    /// What was done to the features; see [`Dataset::prepare`].
    pub fn preparation(&self) -> Option<&Preparation> {
        self.prepared.as_deref()
    }

    pub(crate) fn prepared(&self) -> Option<&Arc<Preparation>> {
        self.prepared.as_ref()
    }

    /// How many numbers are missing in each feature.
    pub fn missing(&self) -> Vec<usize> {
        let mut counts = vec![0; self.shape.features()];
        if self.holes {
            for row in self.features.chunks_exact(counts.len()) {
                for (count, x) in counts.iter_mut().zip(row) {
                    *count += usize::from(x.is_nan());
                }
            }
        }
        counts
    }

    /// Refuse data with holes, which no network can take.
    pub(crate) fn check_whole(&self) -> Result<()> {
        let missing = self.missing();
        let Some(feature) = missing.iter().position(|&count| count > 0) else {
            return Ok(());
        };
        let (count, name) = (missing[feature], self.feature_name(feature));
        Err(Error::misuse((
            format!(
                "faltan {count} valores de «{name}»; rellénalos con lo que dicen los datos de entrenamiento: `let prep = \
                 train.prepare().fill(Missing::Median);` y `prep.apply(&train)?`, `prep.apply(&test)?`"
            ),
            format!(
                "{count} values of `{name}` are missing; fill them with what the training data say: `let prep = \
                 train.prepare().fill(Missing::Median);` and `prep.apply(&train)?`, `prep.apply(&test)?`"
            ),
        )))
    }

    /// The features are those of `other`, before or after a preparation.
    pub(crate) fn prepared_like(mut self, other: &Dataset) -> Dataset {
        self.prepared = other.prepared.clone();
        self
    }

    pub(super) fn plan(&self) -> Option<Arc<Plan>> {
        self.info.plan.clone()
    }

    /// The same examples with other features.
    pub(super) fn reshaped(
        &self,
        features: Vec<f32>,
        shape: Shape,
        names: Vec<String>,
    ) -> Result<Dataset> {
        let data = Dataset::with_holes(features, shape, self.targets.clone(), self.len())?;
        let mut info = (*self.info).clone();
        info.features = names;
        Ok(Dataset {
            name: self.name.clone(),
            info: Arc::new(info),
            groups: self.groups.clone(),
            ..data
        })
    }

    pub(super) fn with_info(mut self, info: Info) -> Dataset {
        self.info = Arc::new(info);
        self
    }

    /// Features among which NaN stands for a missing number.
    pub(super) fn with_holes(
        features: Vec<f32>,
        shape: impl Into<Shape>,
        targets: Targets,
        n: usize,
    ) -> Result<Dataset> {
        if let Some(&value) = features.iter().find(|x| x.is_infinite()) {
            let what = say("una característica", "a feature").to_owned();
            let value = f64::from(value);
            return Err(ErrorKind::NotFinite { what, value }.into());
        }
        let holes = features.iter().any(|x| x.is_nan());
        let mut data = Dataset::counted(features, shape.into(), targets, n)?;
        data.holes = holes;
        Ok(data)
    }
}
