//! es: lab1.6 como programa propio. Aquí no hay nada que editar.
//! en: lab1.6 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e6_forward: forward;
}
