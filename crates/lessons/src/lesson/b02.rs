//! Lesson 02: gradient descent.

use super::exercise::{Exercise, choice, exercise, function, list, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("02.1", number(4.4))
            .mistake(
                number(5.6),
                "Has ido cuesta arriba: el paso va en contra de la derivada, w - η C'(w).",
                "You went uphill: the step goes against the derivative, w - η C'(w).",
            )
            .mistake(
                number(4.7),
                "La derivada de (w - 2)² es 2 (w - 2): falta el 2.",
                "The derivative of (w - 2)² is 2 (w - 2): the 2 is missing.",
            )
            .mistake(
                number(4.1),
                "Has usado el coste, C(5) = 9, en lugar de la derivada, C'(5).",
                "You used the cost, C(5) = 9, instead of the derivative, C'(5).",
            )
            .hint("Primero la derivada: C'(w) = 2 (w - 2). ¿Cuánto vale en 5?", "First the derivative: C'(w) = 2 (w - 2). What is it at 5?")
            .why("C'(5) = 6, y 5 - 0.1 · 6 es el nuevo w.", "C'(5) = 6, and 5 - 0.1 · 6 is the new w."),
        exercise("02.2", number(0.2))
            .mistake(
                number(0.4),
                "La curvatura es la segunda derivada, C''(w) = 10, no el coeficiente 5.",
                "The curvature is the second derivative, C''(w) = 10, not the coefficient 5.",
            )
            .mistake(
                number(0.1),
                "Esa es la η que llega de un salto, 1/k; el límite es el doble.",
                "That is the η that arrives in one jump, 1/k; the limit is twice that.",
            )
            .mistake(
                number(2.0),
                "Ese es el límite de w²/2, cuya curvatura es 1.",
                "That is the limit for w²/2, whose curvature is 1.",
            )
            .hint("El límite es 2 / C''(w). Deriva dos veces.", "The limit is 2 / C''(w). Take the derivative twice.")
            .why("C''(w) = 10, y 2/10 es el límite.", "C''(w) = 10, and 2/10 is the limit."),
        exercise("02.3", list([8.0, 3.0]))
            .mistake(list([3.0, 8.0]), "Están al revés: primero respecto a x.", "They are swapped: by x first.")
            .mistake(
                list([2.0, 3.0]),
                "En ∂C/∂x, el término 3xy también depende de x: aporta 3y.",
                "In ∂C/∂x, the term 3xy depends on x too: it gives 3y.",
            )
            .hint("∂C/∂x = 2x + 3y. ¿Y ∂C/∂y?", "∂C/∂x = 2x + 3y. And ∂C/∂y?")
            .why("(2x + 3y, 3x) en (1, 2).", "(2x + 3y, 3x) at (1, 2)."),
        exercise("02.4", function(|w| vec![4.0 * w[0].powi(3) - 6.0 * w[0] + 1.0]))
            .case(&[0.0])
            .case(&[1.0])
            .case(&[-2.0])
            .case(&[0.5])
            .mistake(
                function(|w| vec![4.0 * w[0].powi(3) - 6.0 * w[0]]),
                "Falta la derivada del último término, w.",
                "The derivative of the last term, w, is missing.",
            )
            .mistake(
                function(|w| vec![w[0].powi(4) - 3.0 * w[0].powi(2) + w[0]]),
                "Ese es el coste; se pide su derivada.",
                "That is the cost; its derivative is asked for.",
            )
            .hint("La derivada de wⁿ es n wⁿ⁻¹, término a término.", "The derivative of wⁿ is n wⁿ⁻¹, term by term.")
            .why("Es 4w³ - 6w + 1; `powi(3)` es el cubo.", "It is 4w³ - 6w + 1; `powi(3)` is the cube."),
        exercise("02.5", function(|w| vec![0.9 * w[0], 0.0 * w[1]]))
            .case(&[-3.5, 1.0])
            .case(&[2.0, -0.5])
            .case(&[1.0, 4.0])
            .mistake(
                function(|w| vec![1.1 * w[0], 2.0 * w[1]]),
                "Has sumado el gradiente: hay que restarlo.",
                "You added the gradient: it has to be subtracted.",
            )
            .mistake(
                function(|w| vec![0.9 * w[0], 0.9 * w[1]]),
                "Has usado la misma curvatura en las dos direcciones: ∂C/∂y = 10 y.",
                "You used the same curvature in both directions: ∂C/∂y = 10 y.",
            )
            .mistake(
                function(<[f64]>::to_vec),
                "Esa función no da ningún paso: devuelve el mismo punto.",
                "That function takes no step: it returns the same point.",
            )
            .hint("El gradiente es (x, 10 y). Resta 0.1 veces cada uno.", "The gradient is (x, 10 y). Subtract 0.1 times each.")
            .why(
                "Con η = 1/10, la dirección de curvatura 10 llega de un salto y la otra solo avanza un 10 %.",
                "With η = 1/10 the direction of curvature 10 arrives in one jump, and the other moves on by just 10 %.",
            ),
        exercise("02.6", choice("b"))
            .mistake(
                choice("a"),
                "Con más pasos iría aún más lejos: está divergiendo.",
                "More steps would take it even farther away: it diverges.",
            )
            .mistake(
                choice("c"),
                "Al revés: los saltos ya son demasiado largos.",
                "The other way round: the jumps are too long already.",
            )
            .mistake(
                choice("d"),
                "Desde otro punto volvería a pasar: el límite depende de la curvatura, no de la salida.",
                "From another point it would happen again: the limit depends on the curvature, not on the start.",
            )
            .hint("¿Qué dibujo de esta lección se parece a esos números?", "Which picture of this lesson looks like those numbers?")
            .why("El coste crece sin parar: η pasa del límite.", "The cost grows without end: η is past the limit."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("02.A", choice("b"))
            .mistake(choice("a"), "es a", "en a")
            .mistake(choice("c"), "es c", "en c")
            .why("porque sí", "because"),
    ]
}
