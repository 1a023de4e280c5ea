//! es: Los ficheros que hay que editar.
//! en: The files to edit.

mod e1_dense;
mod e2_activations;
mod e3_monitors;
mod e4_init;
mod e5_batch_norm;
mod e6_optimizers;
mod e7_regularization;
mod e8_capstone;

pub use e1_dense::*;
pub use e2_activations::*;
pub use e3_monitors::*;
pub use e4_init::*;
pub use e5_batch_norm::*;
pub use e6_optimizers::*;
pub use e7_regularization::*;
pub use e8_capstone::*;
