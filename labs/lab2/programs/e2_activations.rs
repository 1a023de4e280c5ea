//! es: lab2.2 como programa propio. Aquí no hay nada que editar.
//! en: lab2.2 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e2_activations:
        tanh, tanh_prime, relu, relu_prime, leaky_relu, leaky_relu_prime, maxout, maxout_prime;
}
