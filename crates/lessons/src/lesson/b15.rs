//! Lesson 15: bringing one's own data.

use super::exercise::{Exercise, choice, count, exercise};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("15.1", count(240))
            .mistake(
                count(60),
                "Entonces el test se estandariza consigo mismo: la red vería datos medidos de otra manera que en el entrenamiento.",
                "Then the test data are standardised by themselves: the network would see data measured otherwise than in training.",
            )
            .mistake(
                count(300),
                "Si se mide en todos, el entrenamiento sabe algo del test.",
                "If it is measured on all, the training knows something of the test data.",
            )
            .hint(
                "¿En qué parte se mide todo lo que se mide?",
                "On which part is everything measured that is measured?",
            )
            .why(
                "Se mide en los 300 - 60 = 240 de entrenamiento y se aplica a todos.",
                "It is measured on the 300 - 60 = 240 of training and applied to all.",
            ),
        exercise("15.2", count(7))
            .mistake(
                count(5),
                "Eso sería un número por color: ¿está el azul más lejos del rojo que el verde?",
                "That would be one number for the colour: is blue further from red than green is?",
            )
            .mistake(
                count(3),
                "Faltan las cuatro columnas de números.",
                "The four columns of numbers are missing.",
            )
            .hint(
                "One-hot: una entrada por valor.",
                "One-hot: an input for each value.",
            )
            .why("4 + 3: una entrada por color.", "4 + 3: an input for each colour."),
        exercise("15.3", choice("c"))
            .mistake(
                choice("a"),
                "Casi todos los pacientes quedarían en las dos partes, y la red puede reconocer al paciente en lugar de la enfermedad.",
                "Nearly every patient would be in both parts, and the network can recognise the patient instead of the illness.",
            )
            .mistake(
                choice("b"),
                "La proporción de clases estaría bien, pero el mismo paciente seguiría en las dos partes.",
                "The share of the classes would be right, but the same patient would still be in both parts.",
            )
            .hint(
                "La red se usará con pacientes nuevos. ¿Lo son los del test?",
                "The network will be used on new patients. Are those of the test data new?",
            )
            .why(
                "`split_by_group`: el test tiene que ser tan nuevo para la red como lo serán los datos de verdad.",
                "`split_by_group`: the test data must be as new to the network as the real data will be.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("15.A", choice("b"))
            .mistake(choice("a"), "El separador y la coma decimal se ven en el archivo: solo hay una lectura que cuadra.", "The separator and the decimal comma can be seen in the file: only one reading fits.")
            .mistake(choice("c"), "Una columna con palabras que no son números se reconoce sola.", "A column with words that are no numbers is recognised without help.")
            .why("Quitar la fila o rellenar el hueco cambia los datos: lo tiene que decidir quien los conoce.", "To drop the row or to fill the gap changes the data: who knows them must decide."),
        exercise("15.B", choice("a"))
            .mistake(choice("b"), "Los Gentoo pesan más y tienen aletas más largas: se separan muy bien.", "Gentoos are heavier and have longer flippers: they are easily told apart.")
            .mistake(choice("c"), "Solo los dos pingüinos sin medidas se confunden así; con medidas, ninguno.", "Only the two penguins without measurements are confused like that; with measurements, none.")
            .why("Adelie y Chinstrap se parecen en masa, aletas y grosor del pico; solo las separa bien la longitud del pico.", "Adelie and Chinstrap are alike in mass, flippers and depth of the bill; only the bill's length tells them apart well."),
        exercise("15.C", choice("b"))
            .mistake(choice("a"), "La media de todos apenas difiere de la del entrenamiento: es poco lo que se cuela.", "The mean of all hardly differs from that of training: what leaks is little.")
            .mistake(choice("c"), "Saber más del test no hace acertar menos.", "To know more about the test data does not make it worse.")
            .why("Esta fuga cambia el acierto menos de un punto. Otras lo cambian mucho más, y desde fuera no se distinguen.", "This leak changes the accuracy by less than one point. Others change it far more, and from outside they look the same."),
        exercise("15.D", choice("c"))
            .mistake(choice("a"), "Los pesos podrían compensarlo, pero en estas 20 épocas no lo hacen.", "The weights could make up for it, but in these 20 epochs they do not.")
            .mistake(choice("b"), "Con características de décimas y de miles a la vez, se pierden muchos más.", "With features of tenths and of thousands at once, far more are lost.")
            .why("Con características de escalas tan distintas, en 20 épocas la red aprende mucho menos.", "With features on scales that differ so much, the network learns far less in 20 epochs."),
    ]
}
