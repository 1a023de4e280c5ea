//! Small data sets made on the spot: two features, so that a plane shows all of them.

use std::f64::consts::{PI, TAU};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Dataset;
use crate::error::{Error, Result};
use crate::interrupt::Watch;
use gradus_text::Text;

struct Plane {
    rng: ChaCha8Rng,
    noise: f64,
    features: Vec<f32>,
    labels: Vec<usize>,
    watch: Watch,
}

impl Plane {
    fn new(n: usize, noise: f32, seed: u64) -> Result<Plane> {
        if n == 0 {
            return Err(Error::empty(("el conjunto de datos", "the data set")));
        }
        crate::error::non_negative(("el ruido", "the noise"), noise)?;
        Ok(Plane {
            rng: ChaCha8Rng::seed_from_u64(seed),
            noise: f64::from(noise),
            features: Vec::with_capacity(2 * n),
            labels: Vec::with_capacity(n),
            watch: Watch::new(),
        })
    }

    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.rng)
    }

    fn push(&mut self, x: f64, y: f64, label: usize) -> Result<()> {
        self.watch.check(
            ("la creación de puntos", "the making of points"),
            self.labels.len(),
        )?;
        for value in [x, y] {
            let value = value + self.noise * self.normal();
            self.features.push(value as f32);
        }
        self.labels.push(label);
        Ok(())
    }

    fn finish(self, name: impl Into<Text>, classes: usize) -> Result<Dataset> {
        Ok(Dataset::classification(self.features, 2, self.labels, classes)?.named(name))
    }
}

impl Dataset {
    /// Two half circles, one in the other's opening. `noise` is the standard deviation added to each coordinate.
    ///
    /// # Errors
    /// When `n` is 0 or `noise` is negative or not finite; so for all made data sets.
    pub fn moons(n: usize, noise: f32, seed: u64) -> Result<Dataset> {
        let mut plane = Plane::new(n, noise, seed)?;
        for i in 0..n {
            let t = PI * plane.rng.r#gen::<f64>();
            match i % 2 {
                0 => plane.push(libm::cos(t), libm::sin(t), 0)?,
                _ => plane.push(1.0 - libm::cos(t), 0.5 - libm::sin(t), 1)?,
            }
        }
        plane.finish(("lunas", "moons"), 2)
    }

    /// Two circles around 0, of radius 1 and 0.5.
    ///
    /// # Errors
    /// As [`Dataset::moons`].
    pub fn circles(n: usize, noise: f32, seed: u64) -> Result<Dataset> {
        let mut plane = Plane::new(n, noise, seed)?;
        for i in 0..n {
            let t = TAU * plane.rng.r#gen::<f64>();
            let radius = [1.0, 0.5][i % 2];
            plane.push(radius * libm::cos(t), radius * libm::sin(t), i % 2)?;
        }
        plane.finish(("círculos", "circles"), 2)
    }

    /// One arm of a spiral per class, all turning around 0.
    ///
    /// # Errors
    /// As [`Dataset::moons`], and when there is no class.
    pub fn spirals(n: usize, classes: usize, noise: f32, seed: u64) -> Result<Dataset> {
        let mut plane = Plane::new(n, noise, seed)?;
        classes_exist(classes)?;
        for i in 0..n {
            let class = i % classes;
            let t = plane.rng.r#gen::<f64>();
            let angle = TAU * class as f64 / classes as f64 + 1.5 * PI * t;
            plane.push(t * libm::cos(angle), t * libm::sin(angle), class)?;
        }
        plane.finish(("espirales", "spirals"), classes)
    }

    /// A cloud per class, with standard deviation `noise` around centres on a circle of radius 3.
    ///
    /// # Errors
    /// As [`Dataset::moons`], and when there is no class.
    pub fn blobs(n: usize, classes: usize, noise: f32, seed: u64) -> Result<Dataset> {
        let mut plane = Plane::new(n, noise, seed)?;
        classes_exist(classes)?;
        for i in 0..n {
            let angle = TAU * (i % classes) as f64 / classes as f64;
            plane.push(3.0 * libm::cos(angle), 3.0 * libm::sin(angle), i % classes)?;
        }
        plane.finish(("nubes", "blobs"), classes)
    }

    /// The four corners of a square; the class is 1 where exactly one coordinate is positive. No line separates it.
    ///
    /// # Errors
    /// As [`Dataset::moons`].
    pub fn xor(n: usize, noise: f32, seed: u64) -> Result<Dataset> {
        let mut plane = Plane::new(n, noise, seed)?;
        for i in 0..n {
            let (x, y) = (i & 1, (i >> 1) & 1);
            plane.push(2.0 * x as f64 - 1.0, 2.0 * y as f64 - 1.0, x ^ y)?;
        }
        plane.finish("xor", 2)
    }

    /// A straight line with noise on `y`: `y = slope · x + intercept`, `x` uniform in `[-1, 1)`.
    ///
    /// # Errors
    /// As [`Dataset::moons`], and when the line is not finite.
    pub fn linear(n: usize, slope: f32, intercept: f32, noise: f32, seed: u64) -> Result<Dataset> {
        let mut plane = Plane::new(n, noise, seed)?;
        let (mut x, mut y) = (Vec::with_capacity(n), Vec::with_capacity(n));
        for done in 0..n {
            plane
                .watch
                .check(("la creación de puntos", "the making of points"), done)?;
            let at = plane.rng.gen_range(-1.0..1.0_f32);
            x.push(at);
            y.push(slope * at + intercept + noise * plane.normal() as f32);
        }
        Ok(Dataset::regression(x, 1, y, 1)?.named(("lineal", "linear")))
    }
}

fn classes_exist(classes: usize) -> Result<()> {
    if classes == 0 {
        return Err(Error::range(
            ("el número de clases", "the number of classes"),
            0.0,
            ("al menos 1", "at least 1"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_the_points_lie_where_they_should() {
        let radius = |data: &Dataset, i: usize| {
            let p = data.example(i).unwrap();
            (p[0] * p[0] + p[1] * p[1]).sqrt()
        };
        let circles = Dataset::circles(50, 0.0, 1).unwrap();
        for i in 0..50 {
            let expected = [1.0, 0.5][circles.labels()[i]];
            assert!((radius(&circles, i) - expected).abs() < 1e-6);
        }
        let xor = Dataset::xor(8, 0.0, 1).unwrap();
        for i in 0..8 {
            let p = xor.example(i).unwrap();
            assert_eq!(xor.labels()[i] == 1, (p[0] > 0.0) != (p[1] > 0.0));
        }
        let line = Dataset::linear(20, 2.0, -1.0, 0.0, 3).unwrap();
        let super::super::Targets::Values { values, .. } = line.targets() else {
            panic!("linear is a regression");
        };
        for (x, y) in line.features().iter().zip(values) {
            assert!((2.0 * x - 1.0 - y).abs() < 1e-6);
        }
    }

    #[test]
    fn the_seed_alone_decides() {
        let make: [fn(u64) -> Result<Dataset>; 5] = [
            |seed| Dataset::moons(30, 0.1, seed),
            |seed| Dataset::circles(30, 0.1, seed),
            |seed| Dataset::spirals(30, 3, 0.1, seed),
            |seed| Dataset::blobs(30, 3, 0.1, seed),
            |seed| Dataset::xor(30, 0.1, seed),
        ];
        for make in make {
            assert_eq!(make(1).unwrap(), make(1).unwrap());
            assert_ne!(make(1).unwrap(), make(2).unwrap());
        }
        for noise in [-0.1, f32::NAN, f32::INFINITY] {
            assert!(Dataset::moons(10, noise, 0).is_err());
        }
        assert!(Dataset::spirals(10, 0, 0.1, 0).is_err() && Dataset::blobs(0, 2, 0.1, 0).is_err());
        assert!(Dataset::linear(10, f32::NAN, 0.0, 0.0, 0).is_err());
    }
}
