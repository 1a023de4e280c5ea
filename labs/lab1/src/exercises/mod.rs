//! es: Los ficheros que hay que editar.
//! en: The files to edit.

mod e1_sigmoid;
mod e2_costs;
mod e3_gradients;
mod e4_descent;
mod e5_batches;
mod e6_forward;
mod e7_training;

pub use e1_sigmoid::*;
pub use e2_costs::*;
pub use e3_gradients::*;
pub use e4_descent::*;
pub use e5_batches::*;
pub use e6_forward::*;
pub use e7_training::*;
