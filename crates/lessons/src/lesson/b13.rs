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
                "Las medias difieren en 0.3, y cada una se mueve más de 1.5 de una semilla a otra.",
                "The means differ by 0.3, and each moves by more than 1.5 from one seed to the next.",
            )
            .mistake(
                choice("b"),
                "Menos desviación no es más acierto, y con cinco semillas la desviación tampoco se conoce bien.",
                "Less deviation is not more accuracy, and five seeds do not tell the deviation well either.",
            )
            .hint("Compara la diferencia de las medias con las desviaciones.", "Compare the difference of the means with the deviations.")
            .why(
                "Harían falta más semillas, o aceptar que dan lo mismo.",
                "More seeds would be needed, or the insight that it does not matter.",
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
    Vec::new()
}
