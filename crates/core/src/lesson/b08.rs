//! Lesson 08: initialisation.

use super::exercise::{Exercise, choice, count, exercise, function, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("08.1", number(0.0625))
            .mistake(
                number(2.0 / (512.0 + 256.0)),
                "Esa es la varianza de Xavier, 2/(n_in + n_out). He solo mira las entradas, y se pide la desviación típica.",
                "That is Xavier's variance, 2/(n_in + n_out). He looks at the inputs only, and the standard deviation is asked for.",
            )
            .mistake(
                number(2.0 / 512.0),
                "Esa es la varianza; la desviación típica es su raíz cuadrada.",
                "That is the variance; the standard deviation is its square root.",
            )
            .mistake(
                number(0.051_031),
                "Esa es la de Xavier. Con ReLU se usa He: solo cuentan las entradas.",
                "That is Xavier's. With ReLU one uses He: only the inputs count.",
            )
            .mistake(
                number(0.088_388),
                "Has dividido por las neuronas de la capa. En He, n es el número de entradas de cada neurona.",
                "You divided by the neurons of the layer. In He, n is the number of inputs of a neuron.",
            )
            .hint("La varianza de He es 2/n. ¿Qué es n aquí?", "He's variance is 2/n. What is n here?")
            .hint("n = 512, las entradas de cada neurona; falta la raíz cuadrada.", "n = 512, the inputs of each neuron; the square root is still missing.")
            .why("√(2/512) = 1/16.", "√(2/512) = 1/16."),
    ]
}
