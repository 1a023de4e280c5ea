//! es: lab1.4 como programa propio. Aquí no hay nada que editar.
//! en: lab1.4 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e4_descent: gradient_descent;
}
