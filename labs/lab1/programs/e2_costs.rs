//! es: lab1.2 como programa propio. Aquí no hay nada que editar.
//! en: lab1.2 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e2_costs: quadratic_cost, binary_cross_entropy, softmax, cross_entropy;
}
