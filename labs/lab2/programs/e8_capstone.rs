//! es: lab2.8 como programa propio. Aquí no hay nada que editar.
//! en: lab2.8 as a program of its own. Nothing to edit here.

gradus_exercise::program! {
    lab2, e8_capstone: train, blocks(train), ablation(train, ablation);
    e1_dense: dense_backward;
    e2_activations:
        leaky_relu, leaky_relu_prime, maxout, maxout_prime, relu, relu_prime, tanh, tanh_prime;
    e3_monitors: dead_units, saturated_share;
    e4_init: has_twins, he, normal, xavier, zeros;
    e5_batch_norm: batch_norm_backward, batch_norm_test, batch_norm_train;
    e6_optimizers: adadelta, adagrad, adam, inverse_time_decay, momentum, nesterov, rmsprop;
    e7_regularization: dropout, early_stopping, l1, l2;
}
