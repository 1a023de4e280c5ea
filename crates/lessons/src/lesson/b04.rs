//! Lesson 04.

use super::exercise::{Exercise, choice, exercise};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("04.A", choice("b"))
            .mistake(choice("a"), "Quien responde sin mirar también acierta a veces: hay diez respuestas posibles.", "Who answers without looking is right at times, too: there are ten possible answers.")
            .mistake(choice("c"), "La mitad sería con dos clases; aquí hay diez.", "Half would be so with two classes; here there are ten.")
            .why("Con pesos al azar la respuesta no tiene que ver con el dígito: se acierta más o menos uno de cada diez.", "With random weights the answer has nothing to do with the digit: about one in ten is right."),
        exercise("04.B", choice("c"))
            .mistake(choice("a"), "La primera época ya son 144 pasos, pero con pesos al azar no bastan.", "The first epoch is 144 steps already, but from random weights they are not enough.")
            .mistake(choice("b"), "Cada época son 144 pasos, no uno: diez épocas serían 1440.", "An epoch is 144 steps and not one: ten epochs would be 1440.")
            .why("En cada época hay 144 mini-batches, así que en la tercera la red ya ha dado más de 280 pasos.", "Each epoch has 144 mini-batches, so in the third the network has already taken more than 280 steps."),
        exercise("04.C", choice("a"))
            .mistake(choice("b"), "Se parecen al girarlos, pero ningún píxel gira: para la red son dos dibujos muy distintos.", "They look alike when turned, but no pixel turns: to the network they are two very different drawings.")
            .mistake(choice("c"), "El 0 está vacío justo donde el 1 tiene la tinta: pocos pares son tan distintos.", "The 0 is empty just where the 1 has its ink: few pairs differ so much.")
            .why("Se confunde lo que comparte tinta: un 8 estrecho llena en 8 x 8 las mismas columnas que un 1.", "What shares ink gets confused: on 8 x 8 a narrow 8 fills the same columns as a 1."),
        exercise("04.D", choice("c"))
            .mistake(choice("a"), "El gradiente es más exacto, pero se usa 15 veces en lugar de 2160.", "The gradient is more exact, but it is used 15 times instead of 2160.")
            .mistake(choice("b"), "Ve los mismos ejemplos, pero da 144 veces menos pasos.", "It sees the same examples, but takes 144 times fewer steps.")
            .why("Con un solo batch por época hay un paso por época: 15 pasos en total.", "With a single batch an epoch has one step: 15 steps in all."),
        exercise("04.E", choice("b"))
            .mistake(choice("a"), "Un paso cien veces mayor no es lo mismo que cien pasos: el gradiente solo vale cerca de donde se midió.", "A step a hundred times as long is not a hundred steps: the gradient holds only near where it was measured.")
            .mistake(choice("c"), "El coste de esta red no es un cuenco: una vez lejos, puede no haber pendiente que la traiga de vuelta.", "The cost of this network is no bowl: once far away there may be no slope that brings it back.")
            .why("El paso se pasa de largo y la red acaba sin distinguir los dígitos.", "The step goes too far and the network ends up unable to tell the digits apart."),
        exercise("04.F", choice("a"))
            .mistake(choice("b"), "A partir de 37 el resultado ya es 1 para un `f64`, y eso es correcto: aún hay curva.", "From 37 on the result is 1 to an `f64`, and that is right: there still is a curve.")
            .mistake(choice("c"), "Hacia la izquierda e^z se hace 0, y 0 entre 1 es 0: ahí no pasa nada.", "To the left e^z becomes 0, and 0 over 1 is 0: nothing goes wrong there.")
            .why("e^z deja de caber en un `f64` poco antes de z = 710, e infinito entre infinito es NaN.", "e^z stops fitting into an `f64` shortly before z = 710, and infinity over infinity is NaN."),
    ]
}
