//! Lesson 07: activations.

use super::exercise::{Exercise, choice, count, exercise, function, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("07.1", number(0.09))
            .mistake(
                number(0.205_5),
                "Has tomado 0.9 por z. Es a = σ(z), y la derivada se escribe directamente con a.",
                "You took 0.9 for z. It is a = σ(z), and the derivative is written with a itself.",
            )
            .mistake(
                number(0.1),
                "Eso es 1 - a; falta multiplicar por a.",
                "That is 1 - a; the factor a is missing.",
            )
            .mistake(
                number(0.25),
                "1/4 es la derivada más grande que puede tener, con a = 0.5.",
                "1/4 is the largest derivative it can have, at a = 0.5.",
            )
            .hint("σ'(z) = σ(z)·(1 - σ(z)), y σ(z) ya lo conoces.", "σ'(z) = σ(z)·(1 - σ(z)), and σ(z) is given.")
            .why(
                "0.9 · 0.1 = 0.09: no hace falta conocer z.",
                "0.9 · 0.1 = 0.09: there is no need to know z.",
            ),
        exercise("07.2", number(0.25_f64.powi(10)))
            .mistake(
                number(2.5),
                "Las derivadas de las capas se multiplican, no se suman.",
                "The derivatives of the layers are multiplied, not added.",
            )
            .mistake(
                number(0.25),
                "Ese es el factor de una sola capa.",
                "That is the factor of a single layer.",
            )
            .hint(
                "Cada capa multiplica por σ'(0) = 1/4, y hay diez.",
                "Each layer multiplies by σ'(0) = 1/4, and there are ten.",
            )
            .why(
                "(1/4)¹⁰ ≈ 9.5·10⁻⁷: en el mejor de los casos queda una millonésima.",
                "(1/4)¹⁰ ≈ 9.5·10⁻⁷: at best, a millionth is left.",
            ),
        exercise("07.3", count(4160))
            .mistake(
                count(2080),
                "Esos son los de una capa densa. Maxout tiene dos juegos de pesos y sesgos.",
                "Those are a dense layer's. Maxout has two sets of weights and biases.",
            )
            .mistake(
                count(4128),
                "Cada pieza tiene también sus propios sesgos.",
                "Each piece has biases of its own, too.",
            )
            .mistake(
                count(4096),
                "Faltan los sesgos: uno por unidad y por pieza.",
                "The biases are missing: one per unit and piece.",
            )
            .hint(
                "Una capa densa de 64 a 32 tiene 64·32 pesos y 32 sesgos. ¿Cuántas rectas aprende cada unidad maxout?",
                "A dense layer from 64 to 32 has 64·32 weights and 32 biases. How many linear functions does a maxout unit learn?",
            )
            .why("2·(64·32 + 32) = 4160: dos capas densas en una.", "2·(64·32 + 32) = 4160: two dense layers in one."),
        exercise("07.4", function(|z| vec![if z[0] > 0.0 { 1.0 } else { 0.1 }]))
            .case(&[-2.0])
            .case(&[-0.5])
            .case(&[0.5])
            .case(&[3.0])
            .mistake(
                function(|z| vec![if z[0] > 0.0 { 1.0 } else { 0.0 }]),
                "Esa es la derivada de ReLU: con ella, una unidad con z < 0 no se recupera. ¿Qué pendiente tiene Leaky ReLU ahí?",
                "That is ReLU's derivative: with it a unit at z < 0 does not recover. What slope does Leaky ReLU have there?",
            )
            .mistake(
                function(|z| vec![if z[0] > 0.0 { z[0] } else { 0.1 * z[0] }]),
                "Esa es la función, f(z). Se pide su derivada.",
                "That is the function, f(z). Its derivative is asked for.",
            )
            .mistake(
                function(|z| vec![if z[0] > 0.0 { 1.0 } else { -0.1 }]),
                "La pendiente de la izquierda es positiva: la función crece en toda la recta.",
                "The slope on the left is positive: the function grows everywhere.",
            )
            .hint(
                "Son dos rectas: ¿qué pendiente tiene cada una? En Rust: `if z > 0.0 { … } else { … }`.",
                "It is two straight lines: what is the slope of each? In Rust: `if z > 0.0 { … } else { … }`.",
            )
            .why("1 a la derecha y 0.1 a la izquierda: nunca es 0.", "1 on the right and 0.1 on the left: never 0."),
        exercise("07.5", choice("b"))
            .mistake(
                choice("a"),
                "El signo lo pone δ: con entradas positivas, ∂C/∂w tiene el signo de δ, que aquí es negativo.",
                "δ decides the sign: with positive inputs ∂C/∂w has the sign of δ, which is negative here.",
            )
            .mistake(
                choice("c"),
                "Para que hubiera signos distintos harían falta entradas de signos distintos.",
                "Different signs would need inputs of different signs.",
            )
            .hint("∂C/∂w = a·δ, y todas las a son positivas.", "∂C/∂w = a·δ, and every a is positive.")
            .why(
                "Todas negativas: en este paso suben todos los pesos a la vez.",
                "All negative: in this step all the weights go up together.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
