//! es: lab1.3 como programa propio. Aquí no hay nada que editar.
//! en: lab1.3 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e3_gradients: quadratic_gradient, binary_cross_entropy_gradient, cross_entropy_gradient;
    e1_sigmoid: sigmoid, sigmoid_prime;
    e2_costs: softmax;
}
