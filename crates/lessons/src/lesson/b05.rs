//! Lesson 05: backpropagation.

use super::exercise::{Exercise, choice, exercise, function, list, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("05.1", list([-3.0, 3.0]))
            .mistake(
                list([-3.0, 2.0]),
                "`y` se usa dos veces: en el producto y en la suma. Los dos gradientes se suman.",
                "`y` is used twice: in the product and in the sum. Both gradients add up.",
            )
            .mistake(
                list([2.0, -3.0]),
                "El producto intercambia: a x le toca el valor de y.",
                "The product swaps: x gets the value of y.",
            )
            .hint("El producto da y a x, y x a y. ¿Qué añade la suma?", "The product gives y to x, and x to y. What does the sum add?")
            .why("∂f/∂x = y, ∂f/∂y = x + 1 es todo.", "∂f/∂x = y, ∂f/∂y = x + 1, that is all."),
        exercise("05.2", number(1.179_672))
            .mistake(
                number(6.0),
                "Falta la derivada local de la sigmoid, a (1 - a).",
                "The local derivative of the sigmoid, a (1 - a), is missing.",
            )
            .mistake(
                number(0.393_224),
                "Hasta z está bien; falta la derivada local de z respecto a w, que es x.",
                "Up to z it is right; the local derivative of z by w, which is x, is missing.",
            )
            .mistake(
                number(4.386_351),
                "La derivada de la sigmoid no es a, sino a (1 - a).",
                "The derivative of the sigmoid is not a, but a (1 - a).",
            )
            .mistake(
                number(0.589_836),
                "Falta el gradiente de arriba, 2.",
                "The upstream gradient, 2, is missing.",
            )
            .hint("Son tres factores: el de arriba, a (1 - a) y x.", "There are three factors: the upstream one, a (1 - a), and x.")
            .why("2 · 0.1966 · 3 es el producto.", "2 · 0.1966 · 3 is the product."),
        exercise("05.3", list([128.0, 10.0]))
            .mistake(
                list([64.0, 10.0]),
                "Esa es la forma de δ, con una fila por ejemplo.",
                "That is the shape of δ, with one row per example.",
            )
            .mistake(
                list([10.0, 128.0]),
                "Es la traspuesta: en el curso, W tiene una fila por entrada.",
                "That is the transpose: in this course W has one row per input.",
            )
            .mistake(
                list([64.0, 128.0]),
                "Esa es la forma de la entrada de la capa.",
                "That is the shape of the layer's input.",
            )
            .hint("El gradiente de un parámetro tiene la forma del parámetro.", "The gradient of a parameter has the shape of the parameter.")
            .why("Aᵀ δ: (128 x 64)(64 x 10), como W.", "Aᵀ δ: (128 x 64)(64 x 10), the same as W."),
        exercise(
            "05.4",
            function(|v| {
                let a = (v[0] * v[1] + v[2]).tanh();
                let dz = (a - v[3]) * (1.0 - a * a);
                vec![dz * v[1], dz]
            }),
        )
        .case(&[0.5, 2.0, -0.3, 1.0])
        .case(&[-1.0, 0.7, 0.2, 0.0])
        .case(&[0.1, -3.0, 0.0, -1.0])
        .mistake(
            function(|v| {
                let a = (v[0] * v[1] + v[2]).tanh();
                vec![(a - v[3]) * v[1], a - v[3]]
            }),
            "Falta atravesar la tanh: su derivada local es 1 - a².",
            "You still have to go through the tanh: its local derivative is 1 - a².",
        )
        .mistake(
            function(|v| {
                let a = (v[0] * v[1] + v[2]).tanh();
                let dz = (a - v[3]) * a * (1.0 - a);
                vec![dz * v[1], dz]
            }),
            "Has usado la derivada de la sigmoid; la de tanh es 1 - a².",
            "You used the derivative of the sigmoid; that of tanh is 1 - a².",
        )
        .mistake(
            function(|v| {
                let a = (v[0] * v[1] + v[2]).tanh();
                let dz = (a - v[3]) * (1.0 - a * a);
                vec![dz, dz * v[1]]
            }),
            "Están al revés: primero respecto a w.",
            "They are swapped: by w first.",
        )
        .hint("Hacia delante: z, a. Hacia atrás: a - y, por 1 - a², por x.", "Forward: z, a. Backward: a - y, times 1 - a², times x.")
        .why(
            "Has hecho backpropagation en una neurona.",
            "You have done backpropagation through a neuron.",
        ),
        exercise("05.5", choice("b"))
            .mistake(
                choice("a"),
                "Si la fórmula estuviera mal, fallaría en muchas componentes.",
                "If the formula were wrong, many components would fail.",
            )
            .mistake(
                choice("c"),
                "Entonces el error sería de redondeo y afectaría a todas.",
                "Then the error would be rounding, and all would suffer from it.",
            )
            .hint("¿En qué punto no tiene derivada ReLU?", "At which point does ReLU have no derivative?")
            .why(
                "Al mover w en ±h, una z ha cruzado el 0: la pendiente medida mezcla los dos lados.",
                "Moving w by ±h made a z cross 0: the measured slope mixes both sides.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
