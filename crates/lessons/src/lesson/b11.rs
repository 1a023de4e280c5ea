//! Lesson 11: regularisation.

use super::exercise::{Exercise, choice, exercise, function, list, near, number};

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
        exercise("11.6", choice("b"))
            .mistake(
                choice("a"),
                "El test ha decidido: ya no dice cómo irá con datos nuevos.",
                "The test data have decided: they no longer say how it will do on new data.",
            )
            .mistake(
                choice("c"),
                "p depende de la red y de los datos; por eso se mira en los de validación.",
                "p depends on the network and the data; that is why one looks at the validation data.",
            )
            .mistake(
                choice("d"),
                "Esa elegiría siempre la p más pequeña, la que mejor memoriza.",
                "That would always choose the smallest p, the one that memorises best.",
            )
            .hint("¿Quién ha decidido, y quién informa?", "Who has decided, and who reports?")
            .why(
                "La validación decide, el test informa una vez; y se amplía la rejilla si el mejor está en su borde.",
                "Validation decides, the test data report once; and the grid is widened if the best is at its edge.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("11.A", choice("c"))
            .mistake(
                choice("a"),
                "Así sería si la red tuviera que quedarse con lo general; nada se lo pide.",
                "It would be like that if the network had to keep to what is general; nothing asks it to.",
            )
            .mistake(
                choice("b"),
                "Una recta no acierta los cuarenta, y con más de cuatro mil parámetros no hace falta conformarse.",
                "A straight line does not get all forty right, and with four thousand parameters there is no need to make do.",
            )
            .why(
                "Acierta los cuarenta, ruido incluido, doblando la frontera alrededor de puntos sueltos.",
                "It gets all forty right, noise included, by bending the boundary around single points.",
            ),
        exercise("11.B", choice("b"))
            .mistake(
                choice("a"),
                "Para eso tendría que aprender algo que valga también fuera; las etiquetas falsas no valen.",
                "For that it would have to learn what holds elsewhere, too; wrong labels do not.",
            )
            .mistake(
                choice("c"),
                "El entrenamiento sigue: la red cambia, y lo que aprende ya solo vale para estos ejemplos.",
                "Training goes on: the network changes, and what it learns now holds for these examples only.",
            )
            .why(
                "Toca fondo en la época 28, con 0.62, y acaba en 0.71.",
                "It reaches its bottom in epoch 28, at 0.62, and ends at 0.71.",
            ),
        exercise("11.C", choice("b"))
            .mistake(
                choice("a"),
                "Sin gradiente de los datos, sí; pero la penalización tiene el suyo, 2λw.",
                "Without a gradient of the data, yes; but the penalty has its own, 2λw.",
            )
            .mistake(
                choice("c"),
                "Eso hace L1. La fuerza de L2 es proporcional al peso.",
                "That is what L1 does. L2's force is proportional to the weight.",
            )
            .why(
                "Cada paso multiplica por 1 - 2ηλ: todos acaban en 0.1347 de lo que eran.",
                "Each step multiplies by 1 - 2ηλ: all end at 0.1347 of what they were.",
            ),
        exercise("11.D", choice("a"))
            .mistake(
                choice("b"),
                "Eso es SGD o AdamW: Adam divide el gradiente por su tamaño, y la proporción se pierde.",
                "That is SGD or AdamW: Adam divides the gradient by its size, and the proportion is lost.",
            )
            .mistake(
                choice("c"),
                "Al revés: Adam divide el gradiente por su tamaño, así que a los grandes les quita una parte menor.",
                "The other way round: Adam divides the gradient by its size, so the large ones lose a smaller part.",
            )
            .why(
                "El paso de Adam mide como mucho alrededor de η para todos: en mil pasos basta para borrar los pequeños.",
                "Adam's step is about η at most for all: in a thousand steps that is enough to wipe out the small ones.",
            ),
        exercise("11.E", choice("b"))
            .mistake(
                choice("a"),
                "Sin penalización memoriza el ruido: 0.83 en los nuevos.",
                "Without a penalty it memorises the noise: 0.83 on the new ones.",
            )
            .mistake(
                choice("c"),
                "Es demasiada: casi una recta, 0.81 en los nuevos. Subajuste.",
                "That is too much: almost a straight line, 0.81 on the new ones. Underfitting.",
            )
            .why(
                "0.88 en los nuevos con estos cuarenta puntos, a cambio de fallar tres de los vistos.",
                "0.88 on the new ones with these forty points, at the price of three of the seen.",
            ),
        exercise("11.F", choice("c"))
            .mistake(
                choice("a"),
                "Sin regularizar, los pesos se quedan con la anchura con la que empezaron.",
                "Without regularisation the weights keep the width they started with.",
            )
            .mistake(
                choice("b"),
                "L2 los hace pequeños, pero cerca de 0 deja de tirar: pocos llegan tan abajo.",
                "L2 makes them small, but near 0 it stops pulling: few get so low.",
            )
            .why(
                "55 % con L1, 2.5 % con L2 y 0.4 % sin regularizar.",
                "55 % with L1, 2.5 % with L2 and 0.4 % without regularisation.",
            ),
        exercise("11.G", choice("a"))
            .mistake(
                choice("b"),
                "El paso de gradiente salta de un lado al otro del 0: estar cerca no es estar en él.",
                "The gradient step jumps from one side of 0 to the other: being near is not being there.",
            )
            .mistake(
                choice("c"),
                "El segundo paso corta en 0 cuando se pasaría, y ahí se queda el peso.",
                "The second step cuts at 0 where it would overshoot, and there the weight stays.",
            )
            .why(
                "Ninguno con el gradiente; 2251 con el paso que no se pasa.",
                "None with the gradient; 2251 with the step that does not overshoot.",
            ),
        exercise("11.H", choice("c"))
            .mistake(
                choice("a"),
                "A una subred le falta la mitad de las neuronas: acierta unos ocho puntos menos.",
                "A subnetwork lacks half of the neurons: it gets some eight points less right.",
            )
            .mistake(
                choice("b"),
                "La red entera ya se comporta como esa media, con un solo cálculo.",
                "The whole network behaves like that mean already, with a single computation.",
            )
            .why(
                "Con diez redes, la media de cien subredes y la red entera no se distinguen.",
                "With ten networks, the mean of a hundred subnetworks cannot be told from the whole network.",
            ),
        exercise("11.I", near(38.0, 0.5))
            .mistake(
                near(28.0, 0.5),
                "En la 28 aún no se sabe que es el fondo: hay que esperar la paciencia.",
                "In epoch 28 nobody knows yet that it is the bottom: patience must run out.",
            )
            .mistake(
                near(100.0, 0.5),
                "Esas son todas: para antes.",
                "Those are all of them: it stops before.",
            )
            .why(
                "28 + 10: diez épocas seguidas sin bajar del fondo.",
                "28 + 10: ten epochs in a row not below the bottom.",
            ),
        exercise("11.J", choice("a"))
            .mistake(
                choice("b"),
                "Con dropout no se ajusta mejor: al entrenar falta cada vez la mitad de la red, y cuesta más acertar los puntos vistos.",
                "Dropout does not fit better: half of the network is missing each time, and the seen points are harder to get right.",
            )
            .mistake(
                choice("c"),
                "En los puntos vistos, sí. En los de validación es al revés: la red memoriza menos el ruido.",
                "On the seen points, yes. On the validation data it is the other way round: the network memorises less of the noise.",
            )
            .why(
                "Entrenamiento, de 0.07 a 0.19; validación, de 0.54 a 0.40: la distancia entre las dos se reduce a menos de la mitad.",
                "Training, from 0.07 to 0.19; validation, from 0.54 to 0.40: the gap between them shrinks to less than half.",
            ),
        exercise("11.K", choice("b"))
            .mistake(
                choice("a"),
                "Las mejoras no se suman: con L2 añadida, dropout acierta menos.",
                "Gains do not add up: with L2 added, dropout gets less right.",
            )
            .mistake(
                choice("c"),
                "Cada una mejora con las diez semillas, y los intervalos dejan fuera el 0.",
                "Each one improves with all ten seeds, and the intervals leave 0 out.",
            )
            .why(
                "Dropout, 8.0 puntos más que nada; L2 con dropout, 1.3 menos que dropout solo.",
                "Dropout, 8.0 points more than none; L2 with dropout, 1.3 less than dropout alone.",
            ),
    ]
}
