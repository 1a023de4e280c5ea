//! Lesson 03: stochastic gradient descent.

use super::exercise::{Exercise, choice, count, exercise, function, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("03.1", count(391))
            .mistake(
                count(390),
                "Quedan 80 ejemplos sin ver: forman un último paso más pequeño.",
                "80 examples would remain unseen: they make a last, smaller step.",
            )
            .mistake(
                number(390.625),
                "Los pasos son enteros: redondea hacia arriba.",
                "Steps are whole: round up.",
            )
            .hint("Divide y redondea hacia arriba.", "Divide and round up.")
            .why("⌈50000 / 128⌉: 390 batches completos y uno de 80.", "⌈50000 / 128⌉: 390 full batches and one of 80."),
        exercise("03.2", count(18_760))
            .mistake(count(938), "Esos son los de una época.", "Those are the steps of one epoch.")
            .mistake(
                count(18_750),
                "Cada época redondea hacia arriba: 938 pasos, no 937.5.",
                "Each epoch rounds up: 938 steps, not 937.5.",
            )
            .mistake(
                count(18_740),
                "Falta el último batch de cada época, el de 32.",
                "The last batch of each epoch, that of 32, is missing.",
            )
            .hint("Pasos por época, por épocas.", "Steps per epoch, times epochs.")
            .why("938 · 20 pasos.", "938 · 20 steps."),
        exercise("03.3", count(4))
            .mistake(
                count(16),
                "El tamaño se multiplica por 16, pero el ruido va con la raíz.",
                "The size grows by a factor of 16, but the noise goes with the root.",
            )
            .mistake(
                number(0.25),
                "Se pregunta por cuánto se *divide*.",
                "The question is by what it is *divided*.",
            )
            .hint("El ruido va con 1/√m.", "The noise goes with 1/√m.")
            .why("√(256/16) = 4, por 16 veces más trabajo.", "√(256/16) = 4, for 16 times the work."),
        exercise("03.4", function(|x| vec![x[0] - x[2] * (x[0] - x[1])]))
            .case(&[0.0, 1.0, 0.5])
            .case(&[2.0, -1.0, 0.1])
            .case(&[1.0, 1.0, 0.3])
            .case(&[-1.0, 3.0, 1.0])
            .mistake(
                function(|x| vec![x[0] + x[2] * (x[0] - x[1])]),
                "El signo: hay que ir *en contra* del gradiente w - x.",
                "The sign: go *against* the gradient w - x.",
            )
            .mistake(
                function(|x| vec![x[0] - x[2] * x[1]]),
                "El gradiente de (w - x)²/2 respecto a w es w - x, no x.",
                "The gradient of (w - x)²/2 by w is w - x, not x.",
            )
            .mistake(
                function(|x| vec![x[0]]),
                "Esa función no da ningún paso: devuelve el mismo w.",
                "That function takes no step: it returns the same w.",
            )
            .hint("El coste de un ejemplo es (w - x)²/2. Deriva respecto a w.", "The cost of an example is (w - x)²/2. Take the derivative by w.")
            .why(
                "Es lo mismo que (1 - η) w + η x: una media que olvida poco a poco.",
                "It is the same as (1 - η) w + η x: a mean that slowly forgets.",
            ),
        exercise("03.5", choice("b"))
            .mistake(
                choice("a"),
                "Puede pasar, pero no hace falta: ocurre también si los dos conjuntos son igual de difíciles.",
                "It may happen, but it is not needed: this occurs even when both sets are equally hard.",
            )
            .mistake(
                choice("c"),
                "Con sobreajuste es al revés: `val_loss` es la mayor.",
                "With overfitting it is the other way round: `val_loss` is the larger one.",
            )
            .hint("¿Con qué pesos se ha medido cada una?", "With which weights was each of them measured?")
            .why(
                "`loss` promedia toda la época, también sus primeros pasos; `val_loss` se mide al final.",
                "`loss` averages the whole epoch, its first steps included; `val_loss` is measured at its end.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
