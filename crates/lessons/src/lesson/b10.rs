//! Lesson 10: optimisers.

use super::exercise::{Exercise, choice, exercise, function, list, near, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        // C = w²/2, so g = w; w = 2, v = 0, η = 0.1, μ = 0.9.
        exercise("10.1", list([1.8, 1.44]))
            .mistake(
                list([1.8, 1.62]),
                "Eso es SGD. En el segundo paso la velocidad conserva 0.9 de la del primero.",
                "That is SGD. In the second step the velocity keeps 0.9 of the first one.",
            )
            .mistake(
                list([1.8, 1.42]),
                "Falta el rozamiento: la velocidad anterior se multiplica por 0.9.",
                "The friction is missing: the old velocity is multiplied by 0.9.",
            )
            .mistake(
                list([2.2, 2.6]),
                "Has subido en vez de bajar: el gradiente se resta.",
                "You went up instead of down: the gradient is subtracted.",
            )
            .hint(
                "Con v = 0, el primer paso es el de SGD.",
                "With v = 0 the first step is that of SGD.",
            )
            .hint(
                "v₁ = -0.2 y w₁ = 1.8. Ahora v₂ = 0.9 · v₁ - 0.1 · w₁.",
                "v₁ = -0.2 and w₁ = 1.8. Now v₂ = 0.9 · v₁ - 0.1 · w₁.",
            )
            .why(
                "v₁ = -0.2, v₂ = -0.36: cada paso es más largo que el anterior.",
                "v₁ = -0.2, v₂ = -0.36: each step is longer than the one before.",
            ),
        exercise("10.2", function(|x| vec![x[0] / (x[1].sqrt() + 1e-8)]))
            .case(&[0.3, 4.0])
            .case(&[-2.0, 0.25])
            .case(&[5.0, 1.0])
            .mistake(
                function(|x| vec![x[0] / (x[1] + 1e-8)]),
                "Falta la raíz: s es un cuadrado, y un paso no.",
                "The root is missing: s is a square, and a step is not.",
            )
            .mistake(
                function(|x| vec![x[0] * (x[1].sqrt() + 1e-8)]),
                "Así, a mayor gradiente, mayor paso. Hay que dividir.",
                "This way the larger the gradient, the larger the step. Divide.",
            )
            .hint(
                "Mira la columna «paso» de la tabla.",
                "Look at the column “step” of the table.",
            )
            .why(
                "Al dividir por √s, las unidades del gradiente se cancelan.",
                "Dividing by √s cancels the units of the gradient.",
            ),
        exercise("10.3", number(0.05))
            .mistake(
                number(0.1 * (-1.0_f64).exp()),
                "Ese es el decaimiento exponencial.",
                "That is exponential decay.",
            )
            .mistake(
                number(0.0),
                "Así se apagaría del todo. En 1/t se divide, no se resta.",
                "That would switch it off. With 1/t one divides, nothing is subtracted.",
            )
            .hint("η / (1 + decay · t).", "η / (1 + decay · t), nothing more.")
            .why(
                "0.1 / (1 + 0.01 · 100) = 0.1 / 2.",
                "0.1 / (1 + 0.01 · 100) = 0.1 / 2.",
            ),
        exercise("10.4", near(0.001, 2e-5))
            .mistake(
                near(0.5, 0.01),
                "Ese es el paso de SGD, η · g. Adam divide por el tamaño del gradiente.",
                "That is SGD's step, η · g. Adam divides by the size of the gradient.",
            )
            .hint(
                "En el primer paso, m̂ = g y v̂ = g².",
                "In the first step m̂ = g and v̂ = g².",
            )
            .hint("g / √(g²) vale 1 o -1.", "g / √(g²) is 1 or -1.")
            .why(
                "El paso mide η, valga lo que valga g.",
                "The step is η, whatever g is.",
            ),
        exercise("10.5", choice("c"))
            .mistake(
                choice("a"),
                "Con una learning rate baja el coste baja despacio, pero sigue bajando.",
                "With a low learning rate the cost goes down slowly, but it keeps going down.",
            )
            .mistake(
                choice("b"),
                "Con una buena llegaría más abajo.",
                "With a good one it would get lower.",
            )
            .mistake(
                choice("d"),
                "Con una muy alta el coste sube.",
                "With a very high one the cost goes up.",
            )
            .hint(
                "Compara con las cuatro curvas de la figura.",
                "Compare it with the four curves of the figure.",
            )
            .why(
                "Los pasos son tan largos que salta por encima del fondo una y otra vez.",
                "The steps are so long that it jumps across the bottom again and again.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
