//! Lesson 11: regularisation.

use super::exercise::{Exercise, exercise, function, list, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("11.1", number(0.013_125))
            .mistake(
                number(26.25),
                "Esa es la de Keras, λ·Σw², con el mismo número λ. La de las diapositivas divide por 2n.",
                "That is Keras's, λ·Σw², with the same number λ. The slides' divides by 2n.",
            )
            .mistake(
                number(0.026_25),
                "Has dividido por n; en L2 se divide por 2n.",
                "You divided by n; L2 divides by 2n.",
            )
            .mistake(
                number(0.008_75),
                "Has sumado los valores absolutos: eso es L1. En L2 se suman los cuadrados.",
                "You added the absolute values: that is L1. L2 adds the squares.",
            )
            .hint("¿Cuánto suman los cuadrados de los tres pesos?", "What do the squares of the three weights add up to?")
            .hint("Σw² = 5.25. Falta el factor λ/2n.", "Σw² = 5.25. The factor λ/2n is still missing.")
            .why("5/2000 · 5.25 = 0.013125.", "5/2000 · 5.25 = 0.013125."),
        exercise("11.2", list([-0.004, -0.001]))
            .mistake(
                list([-0.002, -0.001]),
                "La derivada de w² es 2w: al paso de L2 le falta el 2.",
                "The derivative of w² is 2w: the 2 is missing in L2's step.",
            )
            .mistake(
                list([-0.004, -0.002]),
                "La derivada de |w| es el signo de w, no w: en L1 el tirón no depende del tamaño.",
                "The derivative of |w| is the sign of w, not w: L1's pull does not depend on the size.",
            )
            .mistake(
                list([-0.001, -0.004]),
                "Los has puesto al revés: primero L2 y después L1.",
                "You have them the other way round: L2 first, then L1.",
            )
            .mistake(
                list([0.004, 0.001]),
                "El paso va en contra del gradiente: los pesos tienen que encoger.",
                "The step goes against the gradient: the weights must shrink.",
            )
            .hint(
                "w ← w - η·∂C/∂w, y aquí solo queda el gradiente de la penalización.",
                "w ← w - η·∂C/∂w, and here only the gradient of the penalty is left.",
            )
            .hint("En L2 el gradiente es 2λw; en L1, λ·signo(w).", "L2's gradient is 2λw; L1's is λ·sign(w).")
            .why(
                "-0.1·2·0.01·2 = -0.004 y -0.1·0.01 = -0.001.",
                "-0.1·2·0.01·2 = -0.004 and -0.1·0.01 = -0.001.",
            ),
        exercise("11.3", list([1.25, 0.0, 3.75, 5.0]))
            .mistake(
                list([1.0, 0.0, 3.0, 4.0]),
                "Falta el factor de las que quedan: sin él, la media de la capa baja al entrenar y no cuadra con la de test.",
                "The factor of those that remain is missing: without it the mean of the layer is lower in training than at test time.",
            )
            .mistake(
                list([5.0, 0.0, 15.0, 20.0]),
                "Has dividido por p; se divide por la probabilidad de quedar, 1 - p.",
                "You divided by p; divide by the probability to stay, 1 - p.",
            )
            .mistake(
                list([0.8, 0.0, 2.4, 3.2]),
                "Has multiplicado por 1 - p. Al entrenar se divide; multiplicar sería lo que haría falta en test si no dividiéramos.",
                "You multiplied by 1 - p. Training divides; multiplying is what test time would need if training did not divide.",
            )
            .hint("Las que quedan se dividen por 1 - p.", "Those that stay are divided by 1 - p.")
            .why(
                "1/(1 - 0.2) = 1.25. En test no se hace nada.",
                "1/(1 - 0.2) = 1.25. At test time nothing is done.",
            ),
        exercise("11.4", list([8.0, 5.0]))
            .mistake(
                list([8.0, 8.0]),
                "Se para ahí, pero se recuperan los pesos de la mejor época, no los de la última.",
                "It stops there, but the weights of the best epoch come back, not those of the last.",
            )
            .mistake(
                list([5.0, 5.0]),
                "En la época 5 todavía no se sabe que es la mejor: hay que esperar la paciencia.",
                "In epoch 5 nobody knows yet that it is the best: patience must run out first.",
            )
            .mistake(
                list([6.0, 3.0]),
                "Al mejorar en la época 5 la espera empieza de nuevo desde cero.",
                "The improvement in epoch 5 starts the waiting again from zero.",
            )
            .mistake(
                list([4.0, 3.0]),
                "Una época peor no basta: la paciencia es 3.",
                "One worse epoch is not enough: the patience is 3.",
            )
            .mistake(
                list([5.0, 8.0]),
                "Los has puesto al revés: primero la última época y después la mejor.",
                "You have them the other way round: the last epoch first, then the best.",
            )
            .hint(
                "¿Cuál es el mínimo de la lista? ¿Y cuántas épocas seguidas sin mejorarlo hacen falta?",
                "What is the lowest of the list? And how many epochs in a row without beating it does it take?",
            )
            .why(
                "La mejor es la 5 (0.58); la 6, la 7 y la 8 no la mejoran.",
                "The best is epoch 5 (0.58); 6, 7 and 8 do not beat it.",
            ),
        exercise("11.5", function(|x| vec![x[0] - x[1] * x[2] * x[0].signum()]))
            .case(&[2.0, 0.1, 0.01])
            .case(&[-2.0, 0.1, 0.01])
            .case(&[0.5, 0.2, 0.3])
            .case(&[-0.01, 1.0, 0.5])
            .mistake(
                function(|x| vec![x[0] - 2.0 * x[1] * x[2] * x[0]]),
                "Ese es el paso de L2: tira en proporción al peso. El de L1 tira siempre igual.",
                "That is L2's step: it pulls in proportion to the weight. L1 always pulls with the same force.",
            )
            .mistake(
                function(|x| vec![x[0] - x[1] * x[2]]),
                "Con los pesos negativos te alejas del 0: falta el signo.",
                "With negative weights you move away from 0: the sign is missing.",
            )
            .mistake(
                function(|x| vec![x[0] + x[1] * x[2] * x[0].signum()]),
                "El paso va en contra del gradiente: hay que restar.",
                "The step goes against the gradient: subtract it.",
            )
            .mistake(
                function(|x| vec![x[0]]),
                "El peso no se ha movido.",
                "The weight did not move.",
            )
            .hint("El gradiente de λ|w| es λ·signo(w).", "The gradient of λ|w| is λ·sign(w).")
            .hint("El signo de un `f64` es `w.signum()`.", "The sign of an `f64` is `w.signum()`.")
            .why(
                "w ← w - ηλ·signo(w): el mismo tirón para un peso grande que para uno pequeño.",
                "w ← w - ηλ·sign(w): the same pull for a large weight as for a small one.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
