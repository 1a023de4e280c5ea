//! Lesson 00: how this works.

use super::exercise::{Exercise, choice, count, exercise, function};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("00.1", count(338_350))
            .mistake(
                count(328_350),
                "Falta el último: `1..100` no incluye el 100; `1..=100`, sí.",
                "The last one is missing: `1..100` does not include 100; `1..=100` does.",
            )
            .mistake(
                count(5050),
                "Has sumado los números, no sus cuadrados.",
                "You added the numbers, not their squares.",
            )
            .hint(
                "Empieza por `(1..=100).map(|i| ...).sum::<i32>()`",
                "Start from `(1..=100).map(|i| ...).sum::<i32>()`",
            )
            .why("`(1..=100).map(|i| i * i).sum::<i32>()` lo calcula.", "`(1..=100).map(|i| i * i).sum::<i32>()` computes it."),
        exercise("00.2", function(|z| vec![z[0].max(0.0)]))
            .case(&[-2.0])
            .case(&[0.0])
            .case(&[3.5])
            .mistake(
                function(|z| vec![z[0]]),
                "Esa función devuelve z sin cambiarla. Falta el caso z < 0.",
                "That function returns z unchanged. The case z < 0 is missing.",
            )
            .mistake(
                function(|z| vec![z[0].abs()]),
                "Ese es el valor absoluto: para z < 0 tiene que dar 0.",
                "That is the absolute value: for z < 0 it must give 0.",
            )
            .mistake(
                function(|z| vec![z[0].min(0.0)]),
                "Al revés: te has quedado con la parte negativa.",
                "The other way round: you kept the negative part.",
            )
            .hint(
                "Los números tienen el método `max`, y `if` también da un valor: `if z > 0.0 { ... } else { ... }`.",
                "Numbers have the method `max`, and `if` gives a value too: `if z > 0.0 { ... } else { ... }`.",
            )
            .why("Es ReLU, la unidad más usada: bloque 7.", "It is ReLU, the unit that is used most: block 7."),
        exercise("00.3", function(|xs| xs.iter().map(|x| 2.0 * x).collect()))
            .case(&[1.0, 2.0, 3.0])
            .case(&[-0.5])
            .case(&[0.0, 10.0])
            .mistake(
                function(|xs| xs.to_vec()),
                "La lista sale como entró: falta multiplicar cada número.",
                "The list comes out as it went in: each number must still be multiplied.",
            )
            .hint(
                "Recorre la lista con `xs.iter()`, transforma con `.map(|x| ...)` y júntalo con `.collect()`.",
                "Go through the list with `xs.iter()`, transform with `.map(|x| ...)` and gather with `.collect()`.",
            )
            .why("Casi todo lo que se hace con listas en el curso tiene esa forma.", "Almost everything that the course does with lists has this form."),
        exercise("00.4", choice("b"))
            .mistake(
                choice("a"),
                "El error seguiría: `net` se ha mudado, y repetir la línea no la devuelve.",
                "The error would remain: `net` has moved, and repeating the line does not bring it back.",
            )
            .mistake(
                choice("c"),
                "`mut` permite cambiar un valor, pero no tener dos dueños.",
                "`mut` allows a value to change, but not to have two owners.",
            )
            .hint("¿Cuál de las tres deja a `net` con su dueño?", "Which of the three leaves `net` with its owner?")
            .why("`clone` hace una copia; `net` sigue siendo tuya.", "`clone` makes a copy; `net` remains yours."),
        exercise("00.5", count(2410))
            .mistake(
                count(2368),
                "Has contado los pesos; cada neurona tiene además un sesgo (*bias*).",
                "You counted the weights; each neuron has a bias too.",
            )
            .hint(
                "Pregúntaselo a la red: `Sequential::input(64).dense(32).dense(10).parameter_count()`",
                "Ask the network: `Sequential::input(64).dense(32).dense(10).parameter_count()`",
            )
            .why("64 · 32 + 32 + 32 · 10 + 10: pesos y sesgos.", "64 · 32 + 32 + 32 · 10 + 10: weights and biases."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
