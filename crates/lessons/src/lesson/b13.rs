//! Lesson 13: reading a paper and putting it to the test.

use super::exercise::{Exercise, choice, exercise, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("13.1", number(2.5_f64.sqrt()))
            .mistake(
                number(2.0_f64.sqrt()),
                "Has dividido entre n = 5; para estimar la desviación a partir de una muestra se divide entre n - 1.",
                "You divided by n = 5; to estimate the deviation from a sample one divides by n - 1.",
            )
            .mistake(
                number(2.5),
                "Esa es la varianza; falta la raíz cuadrada.",
                "That is the variance; the square root is missing.",
            )
            .mistake(number(93.0), "Esa es la media.", "That is the mean.")
            .hint(
                "Media 93; las diferencias son -1, 1, 0, 2 y -2. Suma sus cuadrados y divide entre 4.",
                "The mean is 93; the differences are -1, 1, 0, 2 and -2. Add their squares and divide by 4.",
            )
            .why("√(10/4), unos 1.58 puntos.", "√(10/4), about 1.58 points."),
        exercise("13.2", choice("c"))
            .mistake(
                choice("a"),
                "La media de las cinco diferencias es +0.3, pero su intervalo va de −1.0 a +1.6.",
                "The mean of the five differences is +0.3, but its interval goes from −1.0 to +1.6.",
            )
            .mistake(
                choice("b"),
                "Tres de cinco es lo que sale a cara o cruz una de cada tres veces.",
                "Three of five is what tossing a coin gives one time in three.",
            )
            .hint(
                "La media de las diferencias es 0.3 y su desviación, 1.02. El intervalo es 0.3 ± 2.78 · 1.02/√5.",
                "The mean of the differences is 0.3 and their deviation 1.02. The interval is 0.3 ± 2.78 · 1.02/√5.",
            )
            .why(
                "El intervalo, de −1.0 a +1.6, contiene el 0: harían falta más semillas.",
                "The interval, from −1.0 to +1.6, contains 0: more seeds would be needed.",
            ),
        exercise("13.3", number(83.0))
            .mistake(
                number(87.0),
                "Ese es el mejor test: lo has elegido mirando los datos de test.",
                "That is the best test accuracy: you chose it by looking at the test data.",
            )
            .mistake(
                number(86.0),
                "Esa es la accuracy de validación; se elige con ella, pero se informa la de test.",
                "That is the validation accuracy; one chooses by it, but reports that on test.",
            )
            .hint("¿En qué época es máxima la validación?", "In which epoch is the validation accuracy largest?")
            .why("La segunda época, por validación; su test es 83.", "The second epoch, by validation; its test accuracy is 83."),
        exercise("13.4", choice("d"))
            .mistake(
                choice("a"),
                "Elegir la época es elegir: se hace con validación.",
                "To choose the epoch is to choose: that is what validation is for.",
            )
            .mistake(
                choice("b"),
                "La learning rate se elige con validación.",
                "The learning rate is chosen by validation.",
            )
            .mistake(
                choice("c"),
                "Si después vuelves a intentarlo, el test ya ha servido para elegir.",
                "If you then try again, the test data have served to choose.",
            )
            .hint("El test se mira una vez, al final. ¿Para qué?", "The test data are looked at once, at the end. What for?")
            .why(
                "Solo para informar: nada de lo que hagas después puede depender de ese número.",
                "Only to report: nothing that you do afterwards may depend on that number.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("13.A", choice("c"))
            .mistake(
                choice("a"),
                "En sus parientes la función crece. Aquí z y tanh z cambian de signo a la vez: f(-2) = f(2).",
                "Its relatives grow. Here z and tanh z change sign together: f(-2) = f(2).",
            )
            .mistake(
                choice("b"),
                "Solo es 0 en z = 0, en el fondo de la curva.",
                "It is 0 at z = 0 only, at the bottom of the curve.",
            )
            .why(
                "f(-2) = f(2): es simétrica, así que a la izquierda baja.",
                "f(-2) = f(2): it is symmetric, so it goes down on the left.",
            ),
        exercise("13.B", choice("c"))
            .mistake(
                choice("a"),
                "Sus medias son algo mayores, pero la diferencia cambia de signo según la semilla.",
                "Their means are a little higher, but the difference changes sign with the seed.",
            )
            .mistake(
                choice("b"),
                "En una red de una capa, y con su η, sigmoid no se distingue de ReLU.",
                "In a network of one layer, and with its own η, sigmoid is no different from ReLU.",
            )
            .why(
                "Las siete medias caben en 0.9 puntos, y todos los intervalos contienen el 0.",
                "The seven means lie within 0.9 points, and all intervals contain 0.",
            ),
        exercise("13.C", choice("c"))
            .mistake(
                choice("a"),
                "Cada función tiene su η: una igual para todas favorece a aquella para la que es buena.",
                "Each function has its own η: one for all favours the one it is good for.",
            )
            .mistake(
                choice("b"),
                "0.01 está cerca de lo que le viene bien a ReLU; las demás piden más.",
                "0.01 is near what suits ReLU; the others ask for more.",
            )
            .why(
                "La diferencia entre ReLU y ELU pasa de unos 33 puntos a unos 6 con la η de cada una.",
                "The difference of ReLU and ELU goes from some 33 points to some 6 with the η of each.",
            ),
        exercise("13.D", choice("b"))
            .mistake(
                choice("a"),
                "Las diferencias son más pequeñas que lo que cambia una semilla.",
                "The differences are smaller than what a seed changes.",
            )
            .mistake(
                choice("c"),
                "Ni siquiera: en las cuatro columnas hay al menos tres ganadoras distintas.",
                "Not even that: in all four columns there are at least three different winners.",
            )
            .why(
                "Con una sola semilla, casi cualquiera puede salir ganadora.",
                "With a single seed nearly any of them can come out as the winner.",
            ),
        exercise("13.E", choice("b"))
            .mistake(
                choice("a"),
                "El máximo se queda con la más afortunada de 25 épocas.",
                "The maximum keeps the luckiest of 25 epochs.",
            )
            .mistake(
                choice("c"),
                "Tanto no: la época que elige la validación ya es de las buenas.",
                "Not so much: the epoch that validation chooses is one of the good ones.",
            )
            .why(
                "De 0.7 a 1.75 puntos: lo mismo que separa a muchas activaciones.",
                "From 0.7 to 1.75 points: as much as separates many activations.",
            ),
        exercise("13.F", choice("a"))
            .mistake(
                choice("b"),
                "Las medias están tan juntas que un punto regalado mueve a alguna en casi todas.",
                "The means are so close that a point given away moves one in nearly every column.",
            )
            .mistake(
                choice("c"),
                "No a todas lo mismo: basta una fracción de punto para que dos vecinas cambien de puesto.",
                "Not all the same: a fraction of a point is enough for two neighbours to change places.",
            )
            .why("El regalo no es igual para todas.", "The present is not the same for all."),
        exercise("13.G", choice("c"))
            .mistake(
                choice("a"),
                "La mayoría se parece mucho a ReLU, y sus diferencias caben en lo que cambia una semilla.",
                "Most are much like ReLU, and their differences fit into what a seed changes.",
            )
            .mistake(
                choice("b"),
                "Alguna sí: PDELU, entre 0.9 y 3.2 puntos.",
                "Some are: PDELU, by 0.9 to 3.2 points.",
            )
            .why(
                "PDELU y, por los pelos, CELU; con ocho comparaciones, una podría ser casualidad.",
                "PDELU and, by a hair, CELU; among eight comparisons, one may be chance.",
            ),
    ]
}
