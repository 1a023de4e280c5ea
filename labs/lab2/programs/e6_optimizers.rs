//! es: lab2.6 como programa propio. Aquí no hay nada que editar.
//! en: lab2.6 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e6_optimizers: momentum, nesterov, adagrad, rmsprop, adadelta, adam, inverse_time_decay;
}
