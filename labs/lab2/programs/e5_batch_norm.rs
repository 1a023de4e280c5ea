//! es: lab2.5 como programa propio. Aquí no hay nada que editar.
//! en: lab2.5 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e5_batch_norm: batch_norm_train, batch_norm_test, batch_norm_backward;
}
