use dfdx::prelude::*;

use super::{Elu, Selu};
use crate::activation::formula::Formula;

/// The two numbers of the paper: with them, mean 0 and variance 1 are a fixed point.
const SCALE: f32 = 1.050_701;
const ELU: Elu = Elu { alpha: 1.673_263_2 };

impl Formula for Selu {
    fn name(self) -> &'static str {
        "SELU"
    }

    fn needs_input(self) -> bool {
        false
    }

    #[inline(always)]
    fn value(self, z: f32) -> f32 {
        let a = SCALE * ELU.value(z);
        // The scale times the largest numbers of f32 is infinite: stop at the largest.
        if a > f32::MAX { f32::MAX } else { a }
    }

    /// The slope of ELU, times the scale.
    #[inline(always)]
    fn slope(self, z: f32, a: f32) -> f32 {
        SCALE * ELU.slope(z, a / SCALE)
    }

    fn tensor<S: Shape, T: Tape<f32, Cpu>>(
        self,
        z: Tensor<S, f32, Cpu, T>,
    ) -> Tensor<S, f32, Cpu, T> {
        ELU.tensor(z) * SCALE
    }
}
