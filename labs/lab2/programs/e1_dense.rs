//! es: lab2.1 como programa propio. Aquí no hay nada que editar.
//! en: lab2.1 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e1_dense: dense_backward;
}
