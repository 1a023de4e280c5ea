//! es: lab2.4 como programa propio. Aquí no hay nada que editar.
//! en: lab2.4 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e4_init: zeros, normal, xavier, he, has_twins;
}
