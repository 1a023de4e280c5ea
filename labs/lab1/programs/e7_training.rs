//! es: lab1.7 como programa propio. Aquí no hay nada que editar.
//! en: lab1.7 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e7_training: train, train_digits(train);
    e5_batches: mini_batches;
    e6_forward: forward;
}
