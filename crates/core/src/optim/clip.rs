use crate::error::{Result, positive};

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
        match self {
            Clip::Value(limit) => {
                for g in gradients.iter_mut().flat_map(|g| g.iter_mut()) {
                    *g = g.clamp(-limit.abs(), limit.abs());
                }
            }
            Clip::Norm(limit) => {
                let squares = gradients.iter().flat_map(|g| g.iter());
                let norm = squares
                    .map(|&g| f64::from(g) * f64::from(g))
                    .sum::<f64>()
                    .sqrt();
                if norm > f64::from(limit) {
                    let factor = (f64::from(limit) / norm) as f32;
                    for g in gradients.iter_mut().flat_map(|g| g.iter_mut()) {
                        *g *= factor;
                    }
                }
            }
        }
    }
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
