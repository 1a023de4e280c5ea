//! es: lab1.7 como programa propio. Aquí no hay nada que editar.
//! en: lab1.7 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab1, e7_training: train, train_digits(train);
    e1_sigmoid: sigmoid, sigmoid_prime;
    e2_costs: binary_cross_entropy, cross_entropy, quadratic_cost, softmax;
    e3_gradients: binary_cross_entropy_gradient, cross_entropy_gradient, quadratic_gradient;
    e4_descent: gradient_descent;
    e5_batches: mini_batches;
    e6_forward: forward;
}
