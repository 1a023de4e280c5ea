//! Layers that look at images through a window: convolution and pooling.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::dense::draw;
use super::{Built, Forward, Kind, at_least_one, outputs, zeros};
use crate::activation::Activation;
use crate::data::Shape;
use crate::engine::conv::{Tail, conv};
use crate::engine::pooling::{average_pooling, max_pooling};
use crate::engine::window::Window;
use crate::engine::{Param, Tape, Value};
use crate::error::{Error, Result};
use crate::init::Init;
use crate::regularization::Regularizer;

/// What happens at the border of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Padding {
    /// The window stays on the image: the output is smaller. Keras's default.
    #[default]
    Valid,
    /// Zeros around the image: with stride 1 the output is as large as the input.
    Same,
}

/// `filters` windows of `size` x `size` over the image, and an activation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Conv2d {
    pub(crate) filters: usize,
    pub(crate) size: usize,
    pub(crate) stride: usize,
    pub(crate) padding: Padding,
    pub(crate) activation: Activation,
    pub(crate) init: Init,
    pub(crate) regularizer: Regularizer,
}

impl Kind for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        let filters = (
            "el número de filtros de una convolución",
            "the filters of a convolution",
        );
        at_least_one(filters, self.filters)?;
        let window = place("conv2d", input, self.size, self.stride, self.padding)?;
        let each = window.patch().max(window.positions());
        outputs(filters, self.filters, each)?;
        let (down, across) = window.places;
        let params = vec![
            zeros("weight", window.patch(), self.filters),
            zeros("bias", 1, self.filters),
        ];
        Ok(Built {
            window: Some(window),
            ..Built::new([down, across, self.filters], params)
        })
    }

    fn activation_mut(&mut self) -> Option<&mut Activation> {
        Some(&mut self.activation)
    }

    fn init_mut(&mut self) -> Option<&mut Init> {
        Some(&mut self.init)
    }

    fn regularizer_mut(&mut self) -> Option<&mut Regularizer> {
        Some(&mut self.regularizer)
    }

    fn sample(&self, params: &mut [Param], rng: &mut ChaCha8Rng) {
        // As in Keras: every place of the window counts as inputs and outputs.
        draw(params, self.init, self.size * self.size * self.filters, rng);
    }

    fn weight_uses(&self, built: &Built) -> usize {
        built
            .window
            .map_or(0, |window| window.places.0 * window.places.1)
    }

    /// Where the activation's slope follows from its value, which is what the pooling passes on.
    fn can_pool(&self) -> bool {
        !self.activation.needs_input()
    }

    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        let ([weight, bias], Some(window)) = (&built.params[..], built.window) else {
            return with.x.clone();
        };
        let tail = Tail {
            f: self.activation,
            pooling: with.pooling,
        };
        conv(with.x, weight, bias, window, tail, with.pool, tape)
    }
}

/// The largest of each `size` x `size` pixels, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MaxPool2d(pub(crate) usize);

impl Kind for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        pooled(input, self.0)
    }

    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        match built.window {
            Some(window) => max_pooling(with.x, window, with.pool, tape),
            None => with.x.clone(),
        }
    }
}

/// The mean of each `size` x `size` pixels, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AveragePool2d(pub(crate) usize);

impl Kind for AveragePool2d {
    fn name(&self) -> &'static str {
        "average_pool2d"
    }

    fn build(&self, input: &Shape) -> Result<Built> {
        pooled(input, self.0)
    }

    fn forward(&self, built: &Built, with: Forward, tape: Option<&mut Tape>) -> Value {
        match built.window {
            Some(window) => average_pooling(with.x, window, with.pool, tape),
            None => with.x.clone(),
        }
    }
}

fn pooled(input: &Shape, size: usize) -> Result<Built> {
    let window = place("pooling", input, size, size, Padding::Valid)?;
    fits("pooling", window)?;
    let (down, across) = window.places;
    Ok(Built {
        window: Some(window),
        ..Built::new([down, across, window.input.2], Vec::new())
    })
}

/// An error where the window is larger than the image.
pub(super) fn fits(op: &str, window: Window) -> Result<()> {
    if window.positions() > 0 {
        return Ok(());
    }
    let ((height, width, _), (size, _)) = (window.input, window.size);
    Err(Error::shape(
        op,
        (
            format!("una imagen de al menos {size}x{size} píxeles"),
            format!("an image of at least {size}x{size} pixels"),
        ),
        format!("{height}x{width}"),
    ))
}

/// Where a window stands: nowhere, where it is larger than the image and has no border to stand on.
fn place(op: &str, input: &Shape, size: usize, stride: usize, padding: Padding) -> Result<Window> {
    at_least_one(
        (format!("la ventana de {op}"), format!("the window of {op}")),
        size,
    )?;
    at_least_one(
        (
            format!("el paso (stride) de {op}"),
            format!("the stride of {op}"),
        ),
        stride,
    )?;
    let Some((height, width, channels)) = input.image() else {
        return Err(Error::shape(
            op,
            (
                "una entrada de alto x ancho x canales",
                "an input of height x width x channels",
            ),
            input,
        ));
    };
    let along = |side: usize| match padding {
        Padding::Valid if side < size => (0, 0),
        Padding::Valid => ((side - size) / stride + 1, 0),
        Padding::Same => {
            let places = side.div_ceil(stride);
            let padding = ((places - 1) * stride + size).saturating_sub(side);
            (places, padding / 2)
        }
    };
    let (down, above) = along(height);
    let (across, left) = along(width);
    Ok(Window {
        input: (height, width, channels),
        size: (size, size),
        stride,
        padding: (above, left),
        places: (down, across),
    })
}
