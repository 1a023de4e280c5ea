//! Preparation without leaks: what is measured on the training data alone and done to all.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::table::fill::{mean, median};
use super::{Dataset, Missing, Place, Shape};
use crate::error::{Error, Result};
use gradus_text::say;

/// What is done to the features before a network sees them: holes filled, numbers standardised or scaled, codes made one-hot.
/// Made by [`Dataset::prepare`] from the training data; [`Preparation::apply`] does the same to the others.
///
/// A network that learns from prepared data keeps their preparation, saves it with its weights, and applies it by itself to
/// data that are not prepared yet.
///
/// ```
/// use gradus::prelude::*;
/// let (train, test) = Dataset::digits().split(0.8, 0)?;
/// let prep = train.prepare().standardise();
/// let mut net = Sequential::input(64).dense(10);
/// net.fit(&prep.apply(&train)?, CrossEntropy, Adam::new(1e-2), Fit::epochs(2).quiet())?;
/// // `test` as it came: the network prepares it as it did the training data.
/// assert_eq!(net.evaluate(&test, CrossEntropy)?, net.evaluate(&prep.apply(&test)?, CrossEntropy)?);
/// # Ok::<(), gradus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Preparation {
    steps: Vec<Step>,
    /// The training data as the steps so far leave them: what the next step measures.
    train: Option<Dataset>,
    mistake: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Step {
    /// A value for the holes of each feature.
    Fill(Vec<f32>),
    /// `(x - offset) / scale`, feature by feature.
    Scale { offset: Vec<f32>, scale: Vec<f32> },
    /// In the place of one feature as many as it has values.
    OneHot { feature: usize, values: Vec<f32> },
}

/// Two preparations are the same when they do the same.
impl PartialEq for Preparation {
    fn eq(&self, other: &Preparation) -> bool {
        self.steps == other.steps
    }
}

impl Serialize for Preparation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.steps.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Preparation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Preparation, D::Error> {
        Ok(Preparation {
            steps: Vec::deserialize(deserializer)?,
            train: None,
            mistake: None,
        })
    }
}

impl Dataset {
    /// Begin a preparation that is measured on these data: call it on the training part, never on the whole.
    pub fn prepare(&self) -> Preparation {
        let mistake = self.prepared.is_some().then(|| {
            say(
                "estos datos ya están preparados; llama a `prepare()` sobre los datos sin preparar",
                "these data are prepared already; call `prepare()` on those that are not",
            )
            .to_owned()
        });
        Preparation {
            steps: Vec::new(),
            train: Some(self.clone()),
            mistake,
        }
    }
}

impl Preparation {
    /// Fill holes with the [`Missing::Mean`] or [`Missing::Median`] of each feature.
    pub fn fill(self, rule: Missing) -> Preparation {
        let measure: fn(std::vec::IntoIter<f32>) -> Option<f32> = match rule {
            Missing::Mean => mean,
            Missing::Median => median,
            _ => {
                return self.note(say(
                    "fill necesita `Missing::Mean` o `Missing::Median`",
                    "fill needs `Missing::Mean` or `Missing::Median`",
                ));
            }
        };
        self.step(|train| {
            let values: Option<Vec<f32>> = columns(train).map(|x| measure(x.into_iter())).collect();
            values.map(Step::Fill).ok_or_else(|| {
                Error::misuse((
                    "una característica no tiene ningún valor en los datos de entrenamiento",
                    "a feature has no value in the training data",
                ))
            })
        })
    }

    /// Give each feature mean 0 and variance 1. One that is constant, or only 0 and 1 (one-hot, yes or no), stays as it is.
    pub fn standardise(self) -> Preparation {
        self.step(|train| {
            train.check_whole()?;
            let (mut offset, mut scale) = (Vec::new(), Vec::new());
            for x in columns(train) {
                let (centre, std) = if x.iter().all(|x| *x == 0.0 || *x == 1.0) {
                    (0.0, 1.0)
                } else {
                    super::standardise::mean_and_std(x.iter().copied())
                };
                offset.push(centre as f32);
                scale.push(std as f32);
            }
            Ok(Step::Scale { offset, scale })
        })
    }

    /// Bring each feature to `[0, 1]`, from the smallest to the largest of the training data. One that is constant becomes 0.
    pub fn scale(self) -> Preparation {
        self.step(|train| {
            train.check_whole()?;
            let (mut offset, mut scale) = (Vec::new(), Vec::new());
            for x in columns(train) {
                let low = x.iter().copied().fold(f32::INFINITY, f32::min);
                let high = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                offset.push(low);
                scale.push(if high > low { high - low } else { 1.0 });
            }
            Ok(Step::Scale { offset, scale })
        })
    }

    /// Make a feature of codes, such as 1, 2, 3, one-hot: a feature for each value of the training data. Other values are 0 in
    /// all of them.
    pub fn one_hot(self, feature: impl Into<Place>) -> Preparation {
        let place = feature.into();
        self.step(|train| {
            train.check_whole()?;
            let width = train.shape().features();
            let at = match &place {
                Place::Name(name) => train.feature_names().iter().position(|own| own == name),
                Place::Position(at) if *at < 0 => width.checked_sub(at.unsigned_abs() as usize),
                Place::Position(at) => Some(*at as usize).filter(|&at| at < width),
            };
            let feature = at.ok_or_else(|| {
                let names = train.feature_names().join(", ");
                Error::misuse((
                    format!("no hay ninguna característica {place}; las que hay son: {names}"),
                    format!("there is no feature {place}; there are: {names}"),
                ))
            })?;
            let mut values: Vec<f32> = columns(train).nth(feature).unwrap_or_default();
            values.sort_by(f32::total_cmp);
            values.dedup();
            if values.len() > 100 {
                let n = values.len();
                return Err(Error::misuse((
                    format!("{place} tiene {n} valores distintos: demasiados para one-hot"),
                    format!("{place} has {n} different values: too many for one-hot"),
                )));
            }
            Ok(Step::OneHot { feature, values })
        })
    }

    fn step(mut self, measure: impl FnOnce(&Dataset) -> Result<Step>) -> Preparation {
        if self.mistake.is_some() {
            return self;
        }
        let Some(train) = &self.train else {
            return self.note(say(
                "a una preparación cargada no se le pueden añadir pasos: no tiene los datos",
                "a preparation that was loaded takes no further steps: it has no data",
            ));
        };
        match measure(train).and_then(|step| Ok((run(&step, train)?, step))) {
            Ok((train, step)) => {
                self.train = Some(train);
                self.steps.push(step);
                self
            }
            Err(error) => self.note(&error.to_string()),
        }
    }

    fn note(mut self, mistake: &str) -> Preparation {
        self.mistake.get_or_insert_with(|| mistake.to_owned());
        self
    }

    /// Do to `data` what was measured on the training data. Data to which it was done already stay as they are.
    ///
    /// # Errors
    /// When a step could not be measured, the data have other features than the training data, or they were prepared otherwise.
    pub fn apply(&self, data: &Dataset) -> Result<Dataset> {
        if let Some(mistake) = &self.mistake {
            return Err(Error::misuse(mistake.clone()));
        }
        match data.prepared() {
            Some(same) if **same == *self => return Ok(data.clone()),
            Some(_) => {
                return Err(Error::misuse((
                    "estos datos ya están preparados de otra manera; da los datos sin preparar",
                    "these data were prepared in another way; give those that are not prepared",
                )));
            }
            None => {}
        }
        let mut prepared = data.clone();
        for step in &self.steps {
            prepared = run(step, &prepared)?;
        }
        let kept = Preparation {
            steps: self.steps.clone(),
            train: None,
            mistake: None,
        };
        prepared.prepared = Some(Arc::new(kept));
        Ok(prepared)
    }
}

/// The features, one column after the other.
fn columns(data: &Dataset) -> impl Iterator<Item = Vec<f32>> + '_ {
    let width = data.shape().features();
    (0..width).map(move |j| {
        data.features()
            .iter()
            .skip(j)
            .step_by(width)
            .copied()
            .collect()
    })
}

fn run(step: &Step, data: &Dataset) -> Result<Dataset> {
    let width = data.shape().features();
    let check = |expected: usize| {
        if width == expected {
            return Ok(());
        }
        Err(Error::shape(
            ("la preparación", "preparation"),
            (
                format!("{expected} características en cada ejemplo"),
                format!("{expected} features per example"),
            ),
            width,
        ))
    };
    match step {
        Step::Fill(values) => {
            check(values.len())?;
            let mut features = data.features().to_vec();
            for row in features.chunks_exact_mut(width) {
                for (x, value) in row.iter_mut().zip(values) {
                    if x.is_nan() {
                        *x = *value;
                    }
                }
            }
            data.with_features(features)
        }
        Step::Scale { offset, scale } => {
            check(offset.len().min(scale.len()))?;
            data.check_whole()?;
            let mut features = data.features().to_vec();
            for row in features.chunks_exact_mut(width) {
                for ((x, offset), scale) in row.iter_mut().zip(offset).zip(scale) {
                    *x = (*x - offset) / scale;
                }
            }
            data.with_features(features)
        }
        Step::OneHot { feature, values } => {
            check(width.max(feature.saturating_add(1)))?;
            data.check_whole()?;
            let wide = width - 1 + values.len();
            let mut features = Vec::with_capacity(data.len() * wide);
            for row in data.features().chunks_exact(width) {
                features.extend_from_slice(&row[..*feature]);
                features.extend(
                    values
                        .iter()
                        .map(|value| f32::from(u8::from(row[*feature] == *value))),
                );
                features.extend_from_slice(&row[feature + 1..]);
            }
            let mut names = data.feature_names().to_vec();
            if names.len() == width {
                let each = values
                    .iter()
                    .map(|value| format!("{}={value}", names[*feature]));
                let each: Vec<String> = each.collect();
                names.splice(*feature..=*feature, each);
            }
            data.reshaped(features, Shape::from(wide), names)
        }
    }
}
