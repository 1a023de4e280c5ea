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
    Vec::new()
}
