//! es: lab1.1 como programa propio. Aquí no hay nada que editar.
//! en: lab1.1 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e1_sigmoid: sigmoid, sigmoid_prime;
}
