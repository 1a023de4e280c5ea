//! The list of rules. Each has a file beside this one; to add one, write the file and name it here.

mod adadelta;
mod adagrad;
mod adam;
mod adam_w;
mod momentum;
mod nag;
mod rms_prop;
mod sgd;

use super::Optimizer;

/// The rules, each with its file and one of it with the usual hyperparameters.
macro_rules! rules {
    ($($file:ident::$rule:ident = $usual:expr;)*) => {
        $(pub use $file::$rule;)*

        pub(super) fn all() -> Vec<Box<dyn Optimizer>> {
            vec![$(Box::new($usual)),*]
        }
    };
}

rules! {
    sgd::Sgd = Sgd::new(0.01);
    momentum::Momentum = Momentum::new(0.01);
    nag::Nag = Nag::new(0.01);
    adagrad::Adagrad = Adagrad::new(0.01);
    rms_prop::RmsProp = RmsProp::new(0.001);
    adadelta::Adadelta = Adadelta::default();
    adam::Adam = Adam::default();
    adam_w::AdamW = AdamW::new(0.001);
}
