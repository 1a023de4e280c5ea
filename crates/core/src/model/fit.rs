//! The training loop.

use std::sync::Arc;
use std::time::Instant;

use super::callback::{Callback, Next};
use super::layer::Layer;
use super::progress::Progress;
use super::{Evaluation, Sequential};
use crate::cost::{Cost, one_for_each_class};
use crate::data::Dataset;
use crate::engine::loss::backward;
use crate::engine::{Gradient, Pool, Tape, Value};
use crate::error::{Error, ErrorKind, Result, non_negative};
use crate::history::{Epoch, History};
use crate::interrupt;
use crate::kernels::{Numbers, team};
use crate::optim::{Clip, Optimizer, PartClip, Schedule, sum_of_squares};
use crate::regularization::{Best, EarlyStopping, Monitor, Verdict, soft_threshold};
use crate::sgd::Batches;

/// How [`Sequential::fit`] goes through the data.
pub struct Fit<'a> {
    epochs: usize,
    batch: usize,
    seed: u64,
    validation: Option<Dataset>,
    quiet: bool,
    schedule: Schedule,
    clip: Option<Clip>,
    class_weights: Option<Vec<f32>>,
    early_stopping: Option<EarlyStopping>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
}

impl<'a> Fit<'a> {
    /// Go through the data this many times. Batches of 32, Keras's default; seed 0; no validation.
    pub fn epochs(epochs: usize) -> Fit<'a> {
        Fit {
            epochs,
            batch: 32,
            seed: 0,
            validation: None,
            quiet: false,
            schedule: Schedule::constant(),
            clip: None,
            class_weights: None,
            early_stopping: None,
            callbacks: Vec::new(),
        }
    }

    /// Take this many examples for one step.
    pub fn batch(mut self, size: usize) -> Fit<'a> {
        self.batch = size;
        self
    }

    /// Start the generator that shuffles from this seed.
    pub fn seed(mut self, seed: u64) -> Fit<'a> {
        self.seed = seed;
        self
    }

    /// Evaluate on this data set after each epoch.
    pub fn validate(mut self, data: &Dataset) -> Fit<'a> {
        self.validation = Some(data.clone());
        self
    }

    /// Multiply the learning rate by this schedule.
    pub fn schedule(mut self, schedule: Schedule) -> Fit<'a> {
        self.schedule = schedule;
        self
    }

    /// Clip the gradients before the optimiser sees them.
    pub fn clip(mut self, clip: Clip) -> Fit<'a> {
        self.clip = Some(clip);
        self
    }

    /// Let each example count as its class says, one weight for each class: with those of [`Dataset::class_weights`] the rare
    /// ones count as much as the frequent.
    ///
    /// `C = 1/n Σ_x w_y C_x`, the convention of Keras's `class_weight`. PyTorch's `CrossEntropyLoss(weight=w)` divides by the
    /// batch's `Σ w_y` instead of `n`. The cost of training is the weighted one; the accuracy, and what [`Fit::validate`] and
    /// [`Sequential::evaluate`] tell, count every example once, as in Keras.
    ///
    /// ```
    /// use gradus::prelude::*;
    /// let data = Dataset::classification(vec![0.0, 0.2, 0.9, 1.0], 1, vec![0, 0, 0, 1], 2)?;
    /// let weights = data.class_weights()?;
    /// assert_eq!(weights, [4.0 / 6.0, 2.0]); // n / (classes · n_class)
    /// let mut net = Sequential::input(1).dense(2);
    /// net.fit(&data, CrossEntropy, Adam::new(0.1), Fit::epochs(5).class_weights(weights).quiet())?;
    /// # Ok::<(), gradus::Error>(())
    /// ```
    pub fn class_weights(mut self, weights: impl Into<Vec<f32>>) -> Fit<'a> {
        self.class_weights = Some(weights.into());
        self
    }

    /// Call this after each epoch: by value, or by `&mut` to look at it afterwards.
    pub fn callback(mut self, callback: impl Callback + 'a) -> Fit<'a> {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Stop when the validation cost has stopped improving, and keep the weights of the best epoch.
    pub fn early_stopping(mut self, rule: EarlyStopping) -> Fit<'a> {
        self.early_stopping = Some(rule);
        self.callback(Stopper {
            monitor: rule.monitor,
            best: Some(rule.keeping()),
        })
    }

    /// Show no progress.
    pub fn quiet(mut self) -> Fit<'a> {
        self.quiet = true;
        self
    }
}

impl Sequential {
    /// Train: for each epoch, for each mini-batch, forward, backward, one step of the optimiser. Shows what Keras shows.
    ///
    /// The optimiser starts afresh with each call. The history has the mean cost and accuracy *during* each epoch, as in
    /// Keras; for numbers at its end use [`Fit::validate`].
    ///
    /// # Errors
    /// When the data do not fit the network, a hyperparameter is out of range, or the cost stops being a finite number
    /// (the parameters are then what the last step made of them), or somebody interrupts it. What was recorded until then is
    /// in [`Sequential::history`].
    pub fn fit(
        &mut self,
        data: &Dataset,
        cost: Cost,
        optimizer: impl Into<Box<dyn Optimizer>>,
        fit: Fit<'_>,
    ) -> Result<History> {
        self.fit_inner(data, cost, &*optimizer.into(), fit)
    }

    // Apart from `fit` so that a notebook cell does not compile it again.
    fn fit_inner(
        &mut self,
        data: &Dataset,
        cost: Cost,
        optimizer: &dyn Optimizer,
        mut fit: Fit<'_>,
    ) -> Result<History> {
        optimizer.check()?;
        fit.schedule.check()?;
        if let Some(clip) = fit.clip {
            clip.check()?;
        }
        if let Some(rule) = fit.early_stopping {
            rule.check()?;
        }
        if fit.epochs == 0 {
            return Err(Error::range(
                ("el número de épocas", "the number of epochs"),
                0.0,
                ("al menos 1", "at least 1"),
            ));
        }
        // It keeps how its data were prepared, and what their classes are called.
        if let Some(preparation) = data.prepared() {
            self.prepared = Some(preparation.clone());
        }
        let data = &self.ready(data)?;
        self.classes = data.class_names().to_vec();
        self.check(data, cost)?;
        self.check_outputs(data, cost)?;
        self.cost = Some(cost);
        if let Some(weights) = &fit.class_weights {
            check_class_weights(weights, data)?;
            if let Cost::Custom(custom) = cost {
                return Err(Error::misuse((
                    format!(
                        "{} es un coste tuyo: pon los pesos de las clases dentro de él",
                        custom.name()
                    ),
                    format!(
                        "{} is a cost of your own: put the weights of the classes into it",
                        custom.name()
                    ),
                )));
            }
        }
        if let Some(validation) = &mut fit.validation {
            *validation = self.ready(validation)?;
            self.check(validation, cost)?;
        }
        let mut batches = Batches::new(data.len(), fit.batch, fit.seed)?;
        let last_batch = data.len() - (batches.steps() - 1) * fit.batch;
        let layer = self
            .layers
            .iter()
            .find(|layer| layer.needs_several_examples());
        if let (Some(layer), true) = (layer, fit.batch == 1 || last_batch == 1) {
            return Err(Error::misuse((
                format!(
                    "{} no puede calcular la varianza de un batch de un solo ejemplo, y con {} ejemplos en batches de {} sale alguno así; \
                 elige otro tamaño de batch",
                    layer.name(),
                    data.len(),
                    fit.batch
                ),
                format!(
                    "{} has no variance to learn from in a batch of one example: {} examples in batches of {} leave one; \
                 choose another batch size",
                    layer.name(),
                    data.len(),
                    fit.batch
                ),
            )));
        }
        let mut progress = Progress::new(fit.epochs, batches.steps(), fit.quiet);
        self.history = History::new();
        let mut watch = interrupt::Watch::new();
        let mut slots: Vec<Vec<Numbers>> = self
            .params()
            .map(|param| {
                (0..optimizer.slots())
                    .map(|_| Numbers::zeros(param.len()))
                    .collect()
            })
            .collect();
        let mut targets = data.targets().slice(0..0);
        let width = self.input.features();
        let mut t = 0;

        for epoch in 1..=fit.epochs {
            let started = Instant::now();
            progress.start(epoch);
            let (mut loss, mut right, mut seen) = (0.0, 0, 0);
            for (step, rows) in batches.epoch().enumerate() {
                let eta = (f64::from(optimizer.learning_rate()) * fit.schedule.factor(t)) as f32;
                let mut input = self.pool.take(rows.len() * width);
                data.gather(rows, &mut input, &mut targets);
                let mut tape = Tape::default();
                let input = Value::new(input, rows.len(), width, false);
                let outputs = self.train_forward(input, fit.seed, t, &mut tape);
                let weights = fit.class_weights.as_deref();
                let (batch, gradients) =
                    backward(cost, &outputs, &targets, weights, &self.pool, tape);
                drop(outputs);
                if !batch.cost.is_finite() {
                    return Err(ErrorKind::Diverged {
                        epoch,
                        step: step + 1,
                        learning_rate: eta,
                    }
                    .into());
                }
                t += 1;
                let penalty = self.update(t, eta, optimizer, fit.clip, gradients, &mut slots);
                loss += (batch.cost + penalty) * rows.len() as f64;
                right += batch.right;
                seen += rows.len();
                if watch.requested() {
                    let steps = step + 1;
                    return Err(ErrorKind::Interrupted { epoch, steps }.into());
                }
                progress.step(
                    step + 1,
                    loss / seen as f64,
                    data.classes().min(1) * right,
                    seen,
                );
            }
            let validation = match &fit.validation {
                Some(validation) => Some(self.evaluate(validation, cost)?),
                None => None,
            };
            let accuracy = |right: usize| (data.classes() > 0).then(|| right as f64 / seen as f64);
            let train = Evaluation {
                loss: loss / seen as f64,
                accuracy: accuracy(right),
            };
            let record = Epoch::new(epoch, train, validation, started.elapsed());
            self.history.push(record);
            progress.finish(&self.history);
            let mut next = Next::Continue;
            for callback in &mut fit.callbacks {
                if callback.after_epoch(self, &record)? == Next::Stop {
                    next = Next::Stop;
                }
            }
            if next == Next::Stop {
                break;
            }
        }
        for callback in &mut fit.callbacks {
            callback.after_training(self)?;
        }
        Ok(self.history.clone())
    }

    /// One step of every parameter; what the regularisers added to the cost before it.
    pub(super) fn update(
        &mut self,
        t: u64,
        eta: f32,
        optimizer: &dyn Optimizer,
        clip: Option<Clip>,
        mut gradients: Vec<Gradient>,
        slots: &mut [Vec<Numbers>],
    ) -> f64 {
        let Sequential { layers, pool, .. } = self;
        let mut penalty = 0.0;
        // The norm is of the whole cost's gradient: everything has to be there before the first step, the penalties' part, too.
        let mut multiplied_out = false;
        let clip = clip.map_or(PartClip::Keep, |clip| {
            clip.of(|| {
                multiplied_out = true;
                multiply_out(layers, &mut gradients, pool)
            })
        });
        let mut work = gradients.into_iter().zip(slots);
        for layer in layers.iter_mut() {
            let rule = layer.regularizer();
            for (param, (mut gradient, slots)) in layer.params_mut().iter_mut().zip(&mut work) {
                let rule = rule.filter(|_| param.is_weight());
                // The tape is gone, so nobody else holds the parameter and it changes in place.
                let w = Arc::<Numbers>::make_mut(&mut param.data);
                penalty += in_parts(w, &mut gradient, slots, pool, |w, g, slots| {
                    let penalty = match rule {
                        Some(rule) if multiplied_out => rule.penalty(w),
                        Some(rule) => rule.add_gradient(w, g),
                        None => 0.0,
                    };
                    clip.apply(g);
                    optimizer.step(t, eta, w, g, slots);
                    if let Some(rule) = rule.filter(|rule| rule.exact_zeros) {
                        soft_threshold(w, eta * rule.l1);
                    }
                    penalty
                });
            }
        }
        penalty
    }
}

/// One weight for each class, none negative, and some example that counts.
fn check_class_weights(weights: &[f32], data: &Dataset) -> Result<()> {
    if data.classes() == 0 {
        return Err(Error::misuse((
            "los pesos de las clases necesitan clases, y estos datos tienen valores objetivo",
            "class weights need classes, and these data have target values",
        )));
    }
    one_for_each_class(weights, data.classes())?;
    for weight in weights {
        non_negative(("el peso de una clase", "the weight of a class"), *weight)?;
    }
    if data.labels().iter().all(|&label| weights[label] == 0.0) {
        return Err(Error::range(
            ("el peso de una clase", "the weight of a class"),
            0.0,
            (
                "mayor que 0 en alguna clase que tenga ejemplos",
                "above 0 for some class that has examples",
            ),
        ));
    }
    Ok(())
}

/// Make every gradient number by number, with the penalties' part in it; the sum of all their squares.
fn multiply_out(layers: &mut [Layer], gradients: &mut [Gradient], pool: &Pool) -> f64 {
    let mut gradients = gradients.iter_mut();
    let mut squares = 0.0;
    for layer in layers {
        let rule = layer.regularizer();
        for (param, gradient) in layer.params_mut().iter_mut().zip(&mut gradients) {
            let rule = rule.filter(|_| param.is_weight());
            let mut whole = [pool.take(param.len()).into_numbers()];
            let w = Arc::<Numbers>::make_mut(&mut param.data);
            squares += in_parts(w, gradient, &mut whole, pool, |w, g, whole| {
                if let Some(rule) = rule {
                    rule.add_gradient(w, g);
                }
                whole[0].copy_from_slice(g);
                sum_of_squares(g)
            });
            let [whole] = whole;
            *gradient = Gradient::Whole(pool.wrap(whole));
        }
    }
    squares
}

/// Call `step` on parts of a parameter, its gradient and its slots, on all cores where there are several; the sum of what it
/// returns, in the order of the parts. A gradient that is still a product is multiplied out part by part, and so never goes
/// through the memory.
fn in_parts(
    w: &mut [f32],
    gradient: &mut Gradient,
    slots: &mut [Numbers],
    pool: &Pool,
    step: impl Fn(&mut [f32], &mut [f32], &mut [&mut [f32]]) -> f64 + Sync,
) -> f64 {
    let (len, piece) = (gradient.part_len(), gradient.piece_len());
    if w.len() <= piece {
        let mut slots: Vec<&mut [f32]> = slots.iter_mut().map(|slot| &mut slot[..]).collect();
        return match gradient {
            Gradient::Whole(g) => step(w, g, &mut slots),
            product => {
                let mut g = pool.take(w.len());
                product.write_part(0, &mut g);
                step(w, &mut g, &mut slots)
            }
        };
    }
    let nanoseconds = gradient.update_nanoseconds(w.len());
    let mut slots: Vec<_> = slots.iter_mut().map(|slot| slot.chunks_mut(len)).collect();
    let parts = w.chunks_mut(len).map(|w| {
        let slots: Vec<&mut [f32]> = slots.iter_mut().filter_map(Iterator::next).collect();
        (w, slots, 0.0)
    });
    let mut parts: Vec<_> = parts.collect();
    team::for_each_of(nanoseconds, &mut parts, |i, (w, slots, penalty)| {
        let mut g = pool.take(piece.min(w.len()));
        for (j, w) in w.chunks_mut(piece).enumerate() {
            let g = &mut g[..w.len()];
            gradient.write_part(i * len + j * piece, g);
            let from = j * piece;
            let slots = slots.iter_mut().map(|slot| &mut slot[from..from + w.len()]);
            *penalty += step(w, g, &mut slots.collect::<Vec<_>>());
        }
    });
    parts.iter().map(|(.., penalty)| penalty).sum()
}

/// Early stopping as a callback.
struct Stopper {
    monitor: Monitor,
    best: Option<Best<Sequential>>,
}

impl Callback for Stopper {
    fn after_epoch(&mut self, net: &Sequential, epoch: &Epoch) -> Result<Next> {
        let value = self.monitor.value(epoch)?;
        let verdict = self
            .best
            .as_mut()
            .map(|best| best.see(epoch.epoch, value, net));
        Ok(match verdict {
            Some(Verdict::Stop) => Next::Stop,
            _ => Next::Continue,
        })
    }

    fn after_training(&mut self, net: &mut Sequential) -> Result<()> {
        if let Some(best) = self.best.take() {
            let history = std::mem::replace(&mut net.history, History::new());
            *net = best.restore(net.clone());
            net.history = history;
        }
        Ok(())
    }
}
