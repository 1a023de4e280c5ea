//! Initialisers for any dfdx model.

use dfdx::nn::tensor_collection::{
    RecursiveWalker, TensorCollection, TensorOptions, TensorVisitor, ViewTensorMut, ViewTensorName,
};
use dfdx::shapes::{HasShape, Shape};
use dfdx::tensor::{Cpu, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Init;
use crate::error::{Error, Result};

impl Init {
    /// Start a dfdx model anew: its weights by this initialiser, its biases at 0, and everything else (the scale of a batch
    /// normalisation, its running statistics, a learned slope) as its module says.
    ///
    /// A weight is a tensor with two axes or more. As in dfdx's `Linear`, whose weight is `(n_out, n_in)`, the first axis counts
    /// outputs and the second inputs; further ones are places of a window and count for both. A bias is a tensor with one axis
    /// that is called `bias` or `beta`.
    ///
    /// Each weight has a stream of random numbers of its own: a dfdx model gets the weights that a
    /// [`Sequential`](crate::model::Sequential) of dense layers alone gets from the same seed.
    ///
    /// ```
    /// use gradus::dfdx::prelude::*;
    /// use gradus::init::Init;
    /// let mut model = Cpu::default().build_module::<(Linear<64, 32>, ReLU, Linear<32, 10>), f32>();
    /// Init::He.fill(&mut model, 7)?;
    /// let variance = model.0.weight.clone().square().mean::<Rank0, _>().array();
    /// assert!((variance - 2.0 / 64.0).abs() < 0.003); // 2 / n_in
    /// assert_eq!(model.0.bias.array(), [0.0; 32]);
    /// # Ok::<(), gradus::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the parameter of the initialiser is out of range.
    pub fn fill<M: TensorCollection<f32, Cpu>>(self, model: &mut M, seed: u64) -> Result<()> {
        self.check()?;
        M::iter_tensors(&mut RecursiveWalker {
            m: (model, String::new()),
            f: &mut Fill {
                init: self,
                seed,
                weights: 0,
            },
        })?;
        Ok(())
    }
}

struct Fill {
    init: Init,
    seed: u64,
    weights: u64,
}

impl TensorVisitor<f32, Cpu> for Fill {
    type Viewer = (ViewTensorMut, ViewTensorName);
    type Err = Error;
    type E2 = f32;
    type D2 = Cpu;

    fn visit<S: Shape>(
        &mut self,
        options: TensorOptions<S, f32, Cpu>,
        (tensor, name): (&mut Tensor<S, f32, Cpu>, String),
    ) -> Result<Option<Tensor<S, f32, Cpu>>> {
        let shape = tensor.shape().concrete();
        let sizes: Vec<usize> = shape.into_iter().collect();
        let is_bias = ["bias", "beta"].contains(&name.rsplit('.').next().unwrap_or_default());
        match sizes[..] {
            [n_out, n_in, ref window @ ..] => {
                let places: usize = window.iter().product();
                let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
                rng.set_stream(self.weights);
                self.weights += 1;
                let (rows, count) = (n_in * places, n_out * n_in * places);
                let weights = self.init.sample(count, rows, n_out * places, &mut rng);
                // The sample has a row for each input, dfdx one for each output.
                let turned = (0..count).map(|i| weights[i % rows * n_out + i / rows]);
                tensor.copy_from(&turned.collect::<Vec<f32>>());
            }
            [n] if is_bias => tensor.copy_from(&vec![0.0; n]),
            _ => (options.reset)(tensor).map_err(|error| Error::misuse(error.to_string()))?,
        }
        Ok(None)
    }
}
