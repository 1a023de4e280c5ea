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
            .why("√(2/512) = 1/16.", "√(2/512) equals 1/16."),
        exercise("08.2", function(|n| vec![2.0 / (n[0] + n[1])]))
            .case(&[100.0, 100.0])
            .case(&[400.0, 100.0])
            .case(&[3.0, 7.0])
            .mistake(
                function(|n| vec![1.0 / (n[0] + n[1])]),
                "Falta el 2: el valor está entre 1/n_in y 1/n_out, no en la mitad de eso.",
                "The 2 is missing: the value lies between 1/n_in and 1/n_out, not at half of that.",
            )
            .mistake(
                function(|n| vec![(2.0 / (n[0] + n[1])).sqrt()]),
                "Esa es la desviación típica; se pide la varianza, su cuadrado.",
                "That is the standard deviation; the variance is asked for, its square.",
            )
            .mistake(
                function(|n| vec![2.0 / n[0]]),
                "Esa es la de He, que solo mira las entradas.",
                "That is He's, which looks at the inputs only.",
            )
            .hint("Hacia delante hace falta 1/n_in, hacia atrás 1/n_out.", "Forward needs 1/n_in, backward 1/n_out.")
            .hint("Es la inversa de la media de n_in y n_out.", "It is the inverse of the mean of n_in and n_out.")
            .why("Con n_in = n_out = n es justo 1/n.", "With n_in = n_out = n it is exactly 1/n."),
        exercise("08.3", number(0.25_f64.powi(5)))
            .mistake(number(0.25), "Esa es la varianza tras la primera capa; quedan cuatro.", "That is the variance after the first layer; four more follow.")
            .mistake(number(0.05_f64.powi(10)), "Has olvidado que cada neurona suma 100 entradas.", "You forgot that each neuron adds up 100 inputs.")
            .mistake(number(5.0_f64.powi(5)), "Has usado la desviación típica; en la fórmula va la varianza, 0.05².", "You used the standard deviation; the formula has the variance, 0.05².")
            .hint("Cada capa multiplica la varianza por n · Var(w).", "Each layer multiplies the variance by n · Var(w).")
            .hint("n · Var(w) = 100 · 0.05² = 0.25, y hay cinco capas.", "n · Var(w) = 100 · 0.05² = 0.25, and there are five layers.")
            .why("0.25⁵ ≈ 0.00098: en cinco capas casi no queda señal.", "0.25⁵ ≈ 0.00098: five layers leave almost no signal."),
        exercise("08.4", count(1))
            .mistake(count(32), "¿Qué diferencia habría entre dos de ellas? Reciben el mismo gradiente en cada paso.", "What would make two of them differ? They receive the same gradient at each step.")
            .mistake(count(0), "Las neuronas siguen ahí: calculan, pero todas lo mismo.", "The neurons are still there: they compute, but all the same.")
            .hint("Mira la fila Constant(0.5) de la tabla del principio.", "Look at the row Constant(0.5) of the table at the beginning.")
            .why("Son 32 copias de una sola neurona, se entrene lo que se entrene.", "They are 32 copies of one neuron, however long it trains."),
        exercise("08.5", choice("c"))
            .mistake(choice("a"), "Con todo a 0, las salidas de las capas ocultas son exactamente 0.", "With everything at 0 the hidden layers put out exactly 0.")
            .mistake(choice("b"), "Con pesos tan pequeños las salidas se amontonan en 0.", "With weights as small as these the outputs pile up at 0.")
            .mistake(choice("d"), "Xavier reparte las salidas entre -1 y 1 sin amontonarlas en los extremos.", "Xavier spreads the outputs between -1 and 1 without piling them up at the ends.")
            .hint("¿Dónde se satura tanh?", "Where does tanh saturate?")
            .why("Pesos grandes, z grande, tanh saturada.", "Large weights, large z, saturated tanh."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
