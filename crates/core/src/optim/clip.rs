use crate::error::{Result, positive};
use crate::kernels::vectorized;

/// Gradient clipping: what to do with a gradient that is too large, before the optimiser sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clip {
    /// Cut each component to `[-c, c]`. Changes the direction.
    Value(f32),
    /// Where the norm of all gradients together is greater than `c`, scale them to it. Keeps the direction. R. Pascanu,
    /// T. Mikolov, Y. Bengio, 2013, <https://arxiv.org/abs/1211.5063>; PyTorch's `clip_grad_norm_`.
    Norm(f32),
}

impl Clip {
    pub(crate) fn check(self) -> Result<()> {
        let (Clip::Value(limit) | Clip::Norm(limit)) = self;
        positive(
            ("el límite del gradiente", "the limit of the gradient"),
            limit,
        )
    }

    /// Clip the gradients of all parameters.
    pub fn apply(self, gradients: &mut [&mut [f32]]) {
        let squares = || gradients.iter().map(|g| sum_of_squares(g)).sum();
        let part = self.of(squares);
        gradients.iter_mut().for_each(|g| part.apply(g));
    }

    /// What to do with each part of the gradients; only the norm asks for the sum of their squares.
    pub(crate) fn of(self, squares: impl FnOnce() -> f64) -> PartClip {
        match self {
            Clip::Value(limit) => PartClip::Cut(limit.abs()),
            Clip::Norm(limit) => {
                let norm = squares().sqrt();
                match norm > f64::from(limit) {
                    true => PartClip::Scale((f64::from(limit) / norm) as f32),
                    false => PartClip::Keep,
                }
            }
        }
    }
}

/// [`Clip`] for a part of the gradients: nothing in it depends on the others any more.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PartClip {
    Keep,
    Cut(f32),
    Scale(f32),
}

impl PartClip {
    pub(crate) fn apply(self, g: &mut [f32]) {
        match self {
            PartClip::Keep => {}
            PartClip::Cut(limit) => vectorized!(for g in g {
                *g = g.clamp(-limit, limit);
            }),
            PartClip::Scale(factor) => vectorized!(for g in g {
                *g *= factor;
            }),
        }
    }
}

/// `Σ g²`, in eight sums that are added at the end.
pub(crate) fn sum_of_squares(g: &[f32]) -> f64 {
    let sums = vectorized!({
        let mut sums = [0.0_f64; 8];
        let (lanes, rest) = g.as_chunks::<8>();
        for g in lanes.iter().map(|lane| &lane[..]).chain([rest]) {
            for (sum, &g) in sums.iter_mut().zip(g) {
                *sum += f64::from(g) * f64::from(g);
            }
        }
        sums
    });
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_is_of_all_gradients_together() {
        let (mut a, mut b) = ([3.0, 0.0], [4.0]);
        Clip::Norm(1.0).apply(&mut [&mut a, &mut b]);
        assert!((a[0] - 0.6).abs() < 1e-6 && (b[0] - 0.8).abs() < 1e-6);
        Clip::Norm(2.0).apply(&mut [&mut a, &mut b]);
        assert!((a[0] - 0.6).abs() < 1e-6, "a small gradient stays");
        Clip::Value(0.7).apply(&mut [&mut a, &mut b]);
        assert!((a[0] - 0.6).abs() < 1e-6 && b[0] == 0.7);
    }
}
