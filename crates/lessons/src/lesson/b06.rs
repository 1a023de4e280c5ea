//! Lesson 06: the chain rule.

use super::exercise::{Exercise, choice, exercise, function, list, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("06.1", number(-1.5))
            .mistake(
                number(3.0),
                "Has sumado las pendientes. En una cadena se multiplican.",
                "You added the slopes. In a chain they are multiplied.",
            )
            .mistake(
                number(1.5),
                "El tamaño es correcto; repasa el signo de las tres pendientes.",
                "The size is right; go over the signs of the three slopes.",
            )
            .hint("y' = 2 · (-0.5) · …", "y' = 2 · (-0.5) · …")
            .why("2 · (-0.5) · 1.5 = -1.5.", "2 · (-0.5) · 1.5 = -1.5."),
        exercise("06.2", number(0.589_836))
            .mistake(
                number(0.196_612),
                "Falta la derivada interior: la de 3x - 2 es 3.",
                "The inner derivative is missing: that of 3x - 2 is 3.",
            )
            .mistake(
                number(0.0),
                "Has usado z(1 - z) con z = 1. La derivada de la sigmoide es a(1 - a), con a = σ(z).",
                "You used z(1 - z) with z = 1. The derivative of the sigmoid is a(1 - a), with a = σ(z).",
            )
            .mistake(
                number(2.193_176),
                "Eso es 3·σ(1): falta el factor 1 - σ(1).",
                "That is 3·σ(1): the factor 1 - σ(1) is missing.",
            )
            .hint("Por dentro, z = 3·1 - 2 = 1. ¿Cuánto vale σ(1)?", "Inside, z = 3·1 - 2 = 1. What is σ(1)?")
            .hint("a = σ(1) ≈ 0.7311; la derivada exterior es a(1 - a).", "a = σ(1) ≈ 0.7311; the outer derivative is a(1 - a).")
            .why("0.7311 · 0.2689 · 3 ≈ 0.5899.", "0.7311 · 0.2689 · 3 ≈ 0.5899."),
        exercise("06.3", function(|x| vec![(2.0 * x[0] + x[0] * x[0]) * x[0].exp()]))
            .case(&[0.0])
            .case(&[1.0])
            .case(&[-0.5])
            .case(&[2.0])
            .mistake(
                function(|x| vec![2.0 * x[0] * x[0].exp()]),
                "Has derivado x² y has dejado e^x, pero has multiplicado las derivadas: falta x²·e^x.",
                "You multiplied the derivatives: the term x²·e^x is missing.",
            )
            .mistake(
                function(|x| vec![x[0] * x[0] * x[0].exp()]),
                "Eso es h(x), o la mitad de la regla del producto: falta 2x·e^x.",
                "That is h(x), or one half of the product rule: 2x·e^x is missing.",
            )
            .hint("(p·q)' = p'·q + p·q', con p = x² y q = e^x.", "(p·q)' = p'·q + p·q', with p = x² and q = e^x.")
            .hint("En Rust, e^x es `x.exp()`.", "In Rust, e^x is `x.exp()`.")
            .why("h'(x) = 2x·e^x + x²·e^x: un sumando por cada factor.", "h'(x) = 2x·e^x + x²·e^x: one term for each factor."),
        exercise("06.4", list([0.6, 0.2, 0.4]))
            .mistake(
                list([0.2, 0.6, 0.4]),
                "Has cambiado w por x: la derivada de w·x respecto de w es x.",
                "You swapped w and x: the derivative of w·x by w is x.",
            )
            .mistake(
                list([3.0, 1.0, 2.0]),
                "Esas son las derivadas locales; falta multiplicarlas por el gradiente que llega de arriba.",
                "Those are the local derivatives; multiply them by the gradient that arrives from above.",
            )
            .mistake(
                list([0.6, 0.2, 0.2]),
                "v llega a la salida por dos caminos: los gradientes se suman.",
                "v reaches the output by two ways: the gradients add up.",
            )
            .hint(
                "El gradiente de cada entrada es el que llega de arriba, 0.2, por su derivada local.",
                "The gradient of each input is what arrives from above, 0.2, times its local derivative.",
            )
            .hint("v aparece dos veces: 0.2·1 por cada camino.", "v appears twice: 0.2·1 for each way.")
            .why(
                "0.2·3, 0.2·1 y 0.2·(1 + 1): cuando un valor se usa dos veces, sus gradientes se suman.",
                "0.2·3, 0.2·1 and 0.2·(1 + 1): where a value is used twice, its gradients add up.",
            ),
        exercise("06.5", choice("c"))
            .mistake(
                choice("a"),
                "b₂ se suma después de w₂: el gradiente le llega sin pasar por ese peso.",
                "b₂ is added after w₂: the gradient reaches it without passing through that weight.",
            )
            .mistake(
                choice("b"),
                "Mira la fórmula de δ₁: a la primera capa el gradiente llega a través de un peso.",
                "Look at the formula of δ₁: the gradient reaches the first layer through a weight.",
            )
            .hint(
                "∂C/∂w₁ = (a₂ - y)·σ'(z₂)·w₂·σ'(z₁)·x. ¿Qué factor vale 0?",
                "∂C/∂w₁ = (a₂ - y)·σ'(z₂)·w₂·σ'(z₁)·x. Which factor is 0?",
            )
            .why(
                "Con w₂ = 0 el producto es 0: w₁ no se mueve en ese paso. Es lo que pasa al empezar con todos los pesos a 0 (bloque 8).",
                "With w₂ = 0 the product is 0: w₁ does not move in that step. It is what happens when all weights start at 0 (block 8).",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
