//! An activation of somebody's own.

use super::Activation;
use super::formula::Formula;
use crate::registry::{Custom, part};

/// An activation and its derivative.
pub struct Function {
    value: Box<dyn Fn(f32) -> f32 + Send + Sync>,
    derivative: Box<dyn Fn(f32) -> f32 + Send + Sync>,
}

part!(Function);

impl Activation {
    /// An activation of one's own, from its value `f(z)` and its derivative `f'(z)`, for one number.
    /// [`Sequential::check_gradients`](crate::model::Sequential::check_gradients) tells whether they belong together.
    pub fn custom(
        name: impl Into<String>,
        value: impl Fn(f32) -> f32 + Send + Sync + 'static,
        derivative: impl Fn(f32) -> f32 + Send + Sync + 'static,
    ) -> Activation {
        let (value, derivative) = (Box::new(value), Box::new(derivative));
        Activation::Custom(Custom::new(name, Function { value, derivative }))
    }
}

impl Formula for &'static Function {
    fn name(self) -> &'static str {
        "custom"
    }

    fn value(self, z: f32) -> f32 {
        (self.value)(z)
    }

    fn slope(self, z: f32, _a: f32) -> f32 {
        (self.derivative)(z)
    }
}
