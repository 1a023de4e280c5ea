//! es: lab2.7 como programa propio. Aquí no hay nada que editar.
//! en: lab2.7 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e7_regularization: l2, l1, dropout, early_stopping;
}
