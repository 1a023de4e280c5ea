//! How far the gradient of a mini-batch is from the gradient of all examples.

use std::fmt;

use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;

use crate::cost::Cost;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::figure::pictured;
use crate::figure::{Chart, Figure};
use crate::interrupt::Watch;
use crate::model::Sequential;
use gradus_text::display::Show;
use gradus_text::say;

/// The noise of the gradient by batch size. Made by [`gradient_noise`].
#[derive(Clone, Debug, PartialEq)]
pub struct GradientNoise {
    /// The batch sizes `m`.
    pub sizes: Vec<usize>,
    /// For each size the root of the mean of `‖g_m - g‖²`, with `g_m` the gradient of a batch and `g` that of all examples.
    pub noise: Vec<f64>,
    /// `‖g‖`.
    pub norm: f64,
    /// How many examples there are.
    pub examples: usize,
}

/// Measure how far the gradients of `draws` random batches of each size lie from the gradient of all examples.
///
/// The gradient of a batch is a mean over `m` examples drawn without repetition out of `n`, as in training, so theory asks for
/// `σ/√m · √((n - m)/(n - 1))`: four times the examples for half the noise, and none with all of them.
///
/// ```
/// use gradus::prelude::*;
/// let net = Sequential::input(64).dense(10);
/// let noise = gradient_noise(&net, &Dataset::digits().take(500)?, CrossEntropy, &[1, 4, 16, 64], 40, 0)?;
/// assert!(noise.noise[0] > 5.0 * noise.noise[3]);
/// noise.plot().svg()?;
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When there is no size or no draw, a size is 0 or larger than the data set, or the data do not fit the network.
pub fn gradient_noise(
    net: &Sequential,
    data: &Dataset,
    cost: Cost,
    sizes: &[usize],
    draws: usize,
    seed: u64,
) -> Result<GradientNoise> {
    if sizes.is_empty() {
        return Err(Error::empty((
            "la lista de tamaños de batch",
            "the list of batch sizes",
        )));
    }
    if draws == 0 {
        return Err(Error::range(
            ("el número de sorteos", "the number of draws"),
            0.0,
            ("al menos 1", "at least 1"),
        ));
    }
    if let Some(&size) = sizes.iter().find(|m| !(1..=data.len()).contains(m)) {
        let expected = (
            format!("un número entre 1 y {}, el número de ejemplos", data.len()),
            format!("between 1 and {}, the number of examples", data.len()),
        );
        return Err(Error::range(
            ("un tamaño de batch", "a batch size"),
            size as f64,
            expected,
        ));
    }
    let gradient = |data: &Dataset| -> Result<Vec<f64>> {
        let (_, gradients) = net.gradients(data, cost)?;
        let all = gradients.iter().flat_map(|g| g.value.as_vec());
        Ok(all.map(f64::from).collect())
    };
    let whole = gradient(data)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = Vec::with_capacity(sizes.len());
    let mut watch = Watch::new();
    for &size in sizes {
        let mut squares = 0.0;
        for done in 0..draws {
            watch.check(("el sorteo de batches", "the drawing of batches"), done)?;
            let rows = sample(&mut rng, data.len(), size).into_vec();
            let batch = gradient(&data.select(&rows)?)?;
            let distance = batch.iter().zip(&whole).map(|(b, w)| (b - w).powi(2));
            squares += distance.sum::<f64>();
        }
        noise.push((squares / draws as f64).sqrt());
    }
    Ok(GradientNoise {
        sizes: sizes.to_vec(),
        noise,
        norm: whole.iter().map(|g| g * g).sum::<f64>().sqrt(),
        examples: data.len(),
    })
}

impl GradientNoise {
    /// What theory expects for batches of `m`: `σ/√m · √((n - m)/(n - 1))`, with the `σ` that fits the measured noise best.
    pub fn expected(&self, m: usize) -> f64 {
        let n = self.examples as f64;
        let shape = |m: usize| {
            let m = m as f64;
            ((n - m).max(0.0) / (n - 1.0).max(1.0) / m).sqrt()
        };
        // Least squares through the origin, of relative errors: every size counts the same.
        let measured = self.sizes.iter().zip(&self.noise);
        let ratios: Vec<f64> = measured
            .filter(|(m, _)| shape(**m) > 0.0)
            .map(|(m, noise)| noise / shape(*m))
            .collect();
        if ratios.is_empty() {
            return 0.0;
        }
        shape(m) * ratios.iter().sum::<f64>() / ratios.len() as f64
    }

    /// Noise by batch size, with the law and the length of the gradient itself.
    pub fn plot(&self) -> Figure {
        let sizes = || self.sizes.iter().map(|&m| m as f64);
        Chart::new((
            "Con batches cuatro veces mayores, la mitad de ruido",
            "Four times the batch, half the noise",
        ))
        .x_label(("tamaño del batch m", "batch size m"))
        .y_label("‖g_m - g‖")
        .log_x()
        .log_y()
        .points(
            ("medido", "measured"),
            sizes().zip(self.noise.iter().copied()),
        )
        .line(
            "σ/√m",
            self.sizes.iter().map(|&m| (m as f64, self.expected(m))),
        )
        .line(
            ("longitud del gradiente g", "length of the gradient g"),
            sizes().map(|m| (m, self.norm)),
        )
        .into()
    }
}

impl fmt::Display for GradientNoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "‖g‖ = {:.4} {} {} {}\n{:>10}  {:>10}  {:>10}",
            self.norm,
            say("con", "over"),
            self.examples,
            say("ejemplos", "examples"),
            say("batch m", "batch size"),
            "‖g_m - g‖",
            say("esperado", "expected")
        )?;
        for (&m, noise) in self.sizes.iter().zip(&self.noise) {
            write!(f, "\n{m:>10}  {noise:>10.4}  {:>10.4}", self.expected(m))?;
        }
        Ok(())
    }
}

impl Show for GradientNoise {
    fn forms(&self) -> Vec<(&'static str, String)> {
        pictured(Some(self.plot()), self.to_string())
    }
}
