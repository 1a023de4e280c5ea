//! es: lab2.3 como programa propio. Aquí no hay nada que editar.
//! en: lab2.3 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e3_monitors: saturated_share, dead_units;
}
