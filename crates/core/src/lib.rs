//! Training neural networks, one technique per module, on [dfdx](https://docs.rs/dfdx).
//!
//! Each topic file says the formula first and then the simplest code that does it: on dfdx's tensors, with the gradient from its
//! tape, where there is a gradient to find; as a loop over numbers where there is none (the rules of [`optim`], the numbers of
//! [`init`]). All of it goes into dfdx's own networks: the column *in dfdx* says how, and `examples/dfdx_program.rs` is a program
//! made of it. Under [`model`] an engine of our own, fused operations and their way back, makes training fast, and the tests hold
//! the two equal. Start with [`model`] to train something, or with the block you read.
//!
//! | block | module | to try | in dfdx | test that shows it |
//! |---|---|---|---|---|
//! | 1 cost functions | [`cost`] | [`cost::binary_cross_entropy`], [`cost::binary_cross_entropy_with_logits`] | all of them, on its tape | `tests/costs.rs` |
//! | 2 gradient descent | [`descent`] | [`descent::gradient_descent`], [`descent::race`] | [`descent::descend_model`], [`descent::Landscape::expression`] | `tests/descent.rs`, `tests/dfdx.rs` |
//! | 3 stochastic gradient descent | [`sgd`] | [`sgd::stochastic_gradient_descent`], [`model::gradient_noise`] | [`sgd::train_model`] | `tests/sgd.rs`, `tests/dfdx.rs` |
//! | 5 backpropagation | [`backprop`] | [`backprop::Expr::backward`], [`backprop::gradient_check`], [`Sequential::check_gradients`](model::Sequential::check_gradients) | [`backprop::Graph::tape_gradients`] | `tests/backprop.rs` |
//! | 6 chain-rule exercises | [`chain_rule`] | [`chain_rule::Exercise`], [`chain_rule::worksheet`] | | `chain_rule::tests` |
//! | 7 activations | [`activation`] | [`Activation`], [`activation::maxout`], [`Sequential::activations`](model::Sequential::activations) | [`Activation::apply`], [`activation::modules`] | `tests/activations.rs`, `tests/dfdx.rs` |
//! | 8 initialisation | [`init`] | [`init::Init`], [`model::SymmetryReport`], [`init::signal_flow`] | [`init::Init::fill`] | `tests/initialisation.rs`, `tests/dfdx.rs` |
//! | 9 batch normalisation | [`batchnorm`] | [`batchnorm::batch_norm`], [`batchnorm::batch_norm_gradient`], [`batchnorm::RunningStatistics`] | [`batchnorm::BatchNormModule`] | `tests/batchnorm.rs`, `tests/dfdx.rs` |
//! | 10 optimisers | [`optim`] | [`optim::Momentum`], [`optim::Adam`], [`optim::Schedule`], [`optim::Clip`] | [`optim::ForDfdx`] | `tests/optimizers.rs`, `tests/descent.rs`, `tests/dfdx.rs` |
//! | 11 regularisation | [`regularization`] | [`regularization::Regularizer`], [`regularization::dropout_mask`], [`regularization::EarlyStopping`] | [`Regularizer::cost_of`](regularization::Regularizer::cost_of), [`regularization::DropoutModule`], [`EarlyStopping::keeping`](regularization::EarlyStopping::keeping) | `tests/regularization.rs`, `tests/dfdx.rs` |
//! | Keras's loop | [`model`] | [`model::Sequential`], [`model::Fit`], [`Sequential::sanity_check`](model::Sequential::sanity_check), [`Sequential::profile`](model::Sequential::profile), [`model::keras`] | [`Sequential::copy_into`](model::Sequential::copy_into), [`Sequential::copy_from`](model::Sequential::copy_from) | `tests/network.rs`, `tests/layers.rs`, `tests/sanity.rs`, `tests/save.rs`, `tests/dfdx.rs` |
//! | parts of one's own | [`custom`] | [`Activation::custom`], [`cost::Cost::custom`], [`custom::CustomLayer`], [`init::Init::custom`], [`optim::Schedule::custom`] | costs and layers are written in its operations | `tests/custom.rs` |
//! | data | [`data`] | [`data::Dataset`], [`data::Table`], [`data::Images`], [`data::Array`], [`data::Preparation`] | | `tests/tables.rs`, `tests/files.rs`, `tests/images.rs`, `tests/arrays.rs`, `tests/damaged.rs` |
//! | did it help, or was it chance? | [`evidence`] | [`evidence::compare`], [`evidence::sweep`], [`evidence::Difference`] | | `tests/evidence.rs` |
//! | exercises of the lessons | [`lesson`] | [`lesson::check`], [`lesson::check_fn`], [`lesson::hint`], [`lesson::predict`], [`lesson::reveal`] | | `lesson::tests` |
//! | seeing | [`plot`], [`display`], [`mod@interact`] | [`plot::Figure`], [`plot::Chart`], [`plot::playground`](plot::playground()), [`display::show`], [`interact()`](interact::interact) | | `tests/figures.rs`, `tests/labs.rs`; `tests/trainer.rs`: the pages compute what the library does |
//!
//! # The same numbers everywhere
//!
//! Training, evaluation and prediction, [`init::signal_flow`] and the made data sets give the same bits on every processor, with any
//! number of threads (`tests/bits.rs`): every sum has one order, products are chains of fused multiply-adds, and the exponential
//! and its kin are the library's own. `GRADUS_SIMD=scalar`, `avx2` or `avx512` lowers what is used of the processor,
//! `GRADUS_THREADS` the threads; neither changes a result. A processor without fused multiply-adds gets the same bits, slowly.
//!
//! What works on dfdx's tensors with dfdx's own operations (the readable forms of the costs, [`backprop`]'s comparison with the
//! tape, a lesson's `matmul`) may differ in the last digit of `f32` from processor to processor: dfdx's sums have an order that
//! depends on the sizes of the caches, and its exponential is the system's. So may draws from the normal distribution where the
//! system's logarithm rounds otherwise in the last digit of `f64`: one number in about a billion.
//!
//! # What the slides claim, and the test that shows it
//!
//! | block | claim | test |
//! |---|---|---|
//! | 2 | η can be too small, right or divergent | `descent::a_learning_rate_can_be_too_small_right_or_divergent` |
//! | 3 | each example once per epoch | `sgd::every_example_comes_exactly_once_per_epoch` |
//! | 3 | small batches are noisy | `sgd::the_noise_of_the_gradient_falls_like_one_over_the_root_of_the_batch_size` |
//! | 5 | backpropagation computes the gradient | `backprop::networks_of_every_kind_pass`, `network::forward_cost_and_gradients_equal_pytorch` |
//! | 7 | saturated units kill the gradient | `activations::twenty_sigmoid_layers_kill_the_gradient_and_relu_with_he_does_not` |
//! | 7 | positive inputs give gradients of one sign | `activations::positive_inputs_give_the_weights_of_a_neuron_gradients_of_one_sign` |
//! | 7 | a large step kills ReLUs for good | `activations::a_large_step_kills_relus_for_good_and_a_smaller_rate_kills_fewer` |
//! | 7 | maxout with w₁ = 0, b₁ = 0 is ReLU | `activations::maxout_with_a_zero_piece_is_relu_and_sends_the_gradient_to_the_larger` |
//! | 8 | equal weights stay equal | `initialisation::equal_weights_keep_neurons_identical_after_100_steps_and_random_ones_do_not` |
//! | 8 | small weights make the signal vanish | `initialisation::small_weights_make_the_signal_vanish_with_depth` |
//! | 8 | large weights saturate | `initialisation::large_weights_saturate_tanh` |
//! | 8 | Xavier and He keep the variance | `initialisation::xavier_and_he_keep_both_variances_within_a_factor_of_two_over_ten_layers` |
//! | 9 | batch normalisation allows larger learning rates | `batchnorm::it_trains_with_ten_times_the_learning_rate_that_the_plain_network_survives` |
//! | 9 | it depends less on the initialisation | `batchnorm::it_trains_from_a_bad_initialisation` |
//! | 10 | SGD zig-zags, momentum does not | `descent::sgd_zig_zags_in_a_long_valley_and_momentum_does_not_need_to` |
//! | 10 | local minima | `descent::sgd_stays_in_the_local_minimum_that_momentum_leaves` |
//! | 10 | saddle points | `descent::adaptive_methods_leave_the_saddle_first` |
//! | 10 | decay ends lower than a constant large rate | `sgd::a_decaying_learning_rate_ends_lower_than_a_constant_large_one` |
//! | 11 | L2 shrinks weights | `regularization::l2_shrinks_the_weights_and_more_of_it_shrinks_them_more` |
//! | 11 | L1 makes them sparse | `regularization::l1_makes_exact_zeros_where_the_step_may_land_on_them_and_near_zeros_as_keras_takes_it` |
//! | 11 | dropout narrows the gap to the test data, and is off at test time | `regularization::dropout_narrows_the_gap_between_training_and_test`, `regularization::at_test_time_dropout_is_off_and_the_answer_is_always_the_same` |
//! | 11 | early stopping keeps the best epoch | `regularization::early_stopping_ends_the_overfitting_and_returns_the_weights_of_the_best_epoch` |

// The floors of the crate, from the ground up: a module uses those of its own floor and of the floors above it in this list,
// never the other way round (`tests/tests/floors.rs` of the workspace).

// Ground: errors, files, live controls, the way out of a long loop, tensors.
pub mod error;
mod files;
mod format;
pub mod interact;
pub mod interrupt;
mod registry;
pub mod tensor;

// Loops over numbers, on all cores and with vector instructions.
mod kernels;
#[doc(hidden)]
pub mod measure;

// Data, and what is told of them.
mod confusion;
pub mod data;

// Topics that draw nothing.
pub mod activation;
pub mod backprop;
pub mod batchnorm;
pub mod cost;
pub mod optim;
pub mod sgd;

// Figures.
mod figure;

// What a training recorded, and topics with figures of their own.
pub mod descent;
pub mod evidence;
mod history;
pub mod init;
pub mod regularization;

// Networks: the parts that somebody makes, fused operations, layers and their training.
pub mod custom;
mod engine;
pub mod model;

// Networks, seen.
mod view;

pub use activation::Activation;
pub use dfdx;
pub use error::{Error, ErrorKind, Result};
pub use gradus_lessons::{chain_rule, lesson};
pub use gradus_text::{Language, Text, display, say};
pub use kernels::simd::vector_instructions;

/// Figures with plotters: drawn as SVG or PNG without system fonts or C libraries, with a text that says the same.
///
/// A [`Figure`](plot::Figure) holds the data of its panels; it is drawn when it is shown or saved. Colours are those of M. Okabe
/// and K. Ito, which colour-blind readers tell apart, and charts turn dark where their page is.
pub mod plot {
    pub use crate::descent::{OptimiserLab, optimiser_lab};
    pub use crate::figure::*;
    pub use crate::history::compare;
    pub use crate::view::*;
}

/// Everything a notebook needs: `use gradus::prelude::*;`.
pub mod prelude {
    pub use crate::{activation, batchnorm, init, regularization};
    // dfdx's operations as methods of tensors, without dfdx's names: some of them are ours, too.
    pub use dfdx::prelude::{
        AsArray as _, Axis, BroadcastTo as _, HasShape as _, LogSumExpTo as _, MaxTo as _,
        MeanTo as _, MinTo as _, PermuteTo as _, ReshapeTo as _, SumTo as _, TryMatMul as _,
    };

    pub use crate::activation::Activation::{self, *};
    pub use crate::backprop::{Agreement, Expr, GradientCheck, Graph, gradient_check};
    pub use crate::batchnorm::BatchNorm;
    pub use crate::cost;
    pub use crate::cost::Cost::{self, BinaryCrossEntropy, CrossEntropy, Quadratic};
    pub use crate::custom::CustomLayer;
    pub use crate::data::{Array, Dataset, Missing, Preparation, Standardisation, Targets};
    pub use crate::descent::{Landscape, Outcome, Trajectory, descend, gradient_descent, race};
    pub use crate::error::{Error, ErrorKind, Result};
    pub use crate::evidence::{self, Score};
    pub use crate::init::Init::{
        self, Constant, He, HeUniform, Normal, Orthogonal, Uniform, Xavier, XavierUniform, Zeros,
    };
    pub use crate::init::{SignalFlow, plot_flows, signal_flow};
    pub use crate::interact::{button, checkbox, interact, select, slider};
    pub use crate::model::{
        ActivationReport, Callback, Checkpoint, ConfusionMatrix, Epoch, Evaluation, Fit,
        GradientNoise, History, LearningRates, Next, Padding, Profile, Recorder, SanityCheck,
        Sequential, SymmetryReport, gradient_noise,
    };
    pub use crate::optim::rules::*;
    pub use crate::optim::{Clip, Optimizer, Schedule};
    pub use crate::plot::{self, Figure};
    pub use crate::regularization::{EarlyStopping, Monitor, Regularizer, Sparsity, l1, l2};
    pub use crate::sgd::{self, Batches};
    pub use crate::tensor::{
        Matrix, Vector, add_row, column_sums, matrix, product, transpose, vector,
    };
    pub use crate::vector_instructions;
    pub use gradus_lessons::chain_rule::{
        Exercise,
        Language::{self, En, Es},
        Level, Verdict, worksheet,
    };
    pub use gradus_lessons::lesson::{
        check, check_fn, check_fn2, check_fn3, check_list_fn, hint, predict, predictions, reveal,
    };
    pub use gradus_text::display::{Show, show};
    pub use gradus_text::say;
}
