//! es: lab1.5 como programa propio. Aquí no hay nada que editar.
//! en: lab1.5 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e5_batches: mini_batches;
}
