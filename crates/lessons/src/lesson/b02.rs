//! Lesson 02: gradient descent.

use super::exercise::{Exercise, choice, exercise, function, list, near, number};

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
            .mistake(list([3.0, 8.0]), "Están al revés: primero respecto a x.", "They are swapped: with respect to x first.")
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
                "Desde otro punto volvería a pasar: el límite depende de la curvatura, no del punto de partida.",
                "From another point it would happen again: the limit depends on the curvature, not on the start.",
            )
            .hint("¿Qué dibujo de esta lección se parece a esos números?", "Which picture of this lesson looks like those numbers?")
            .why("El coste crece sin parar: η pasa del límite.", "The cost grows without end: η is past the limit."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("02.A", choice("b"))
            .mistake(
                choice("a"),
                "Solo el primer paso recorre 1.5. La pendiente se reduce al acercarse, y el paso, que es η por la pendiente, también.",
                "Only the first step covers 1.5. The slope shrinks on the way, and so does the step, which is η times the slope.",
            )
            .mistake(
                choice("c"),
                "Para pasarse, el paso tendría que ser más largo que la distancia que queda; con η = 0.5 es la mitad.",
                "To go past, the step would have to be longer than the distance that is left; with η = 0.5 it is half of it.",
            )
            .why(
                "Cada paso recorre la mitad de lo que queda: w se acerca sin llegar.",
                "Each step covers half of what is left: w comes closer without arriving.",
            ),
        exercise("02.B", choice("c"))
            .mistake(
                choice("a"),
                "La fórmula usa la pendiente del punto de partida para todo el paso. Lejos de allí la pendiente es otra.",
                "The formula takes the slope at the start for the whole step. Far from there the slope is another one.",
            )
            .mistake(
                choice("b"),
                "Ir cuesta abajo solo asegura que el coste baja al principio del paso; un paso largo puede cruzar el valle.",
                "To go downhill ensures only that the cost falls at the beginning of the step; a long step may cross the valley.",
            )
            .why(
                "El paso cruza el valle y trepa por el otro lado.",
                "The step crosses the valley and climbs the other side.",
            ),
        exercise("02.C", choice("a"))
            .mistake(
                choice("b"),
                "Saltar al otro lado no es alejarse: con 1.9 la distancia se multiplica por 0.9 en cada paso; con 0.05, por 0.95.",
                "To jump across is not to go away: with 1.9 each step multiplies the distance by 0.9; with 0.05, by 0.95.",
            )
            .mistake(
                choice("c"),
                "Un paso largo se pasa del mínimo. Con 2.1 cada salto acaba más lejos que el anterior.",
                "A long step goes past the minimum. With 2.1 each jump ends farther away than the last.",
            )
            .why(
                "En cada paso la distancia se multiplica por |1 - η|: 0.5, 0.9, 0.95 y 1.1.",
                "Each step multiplies the distance by |1 - η|: 0.5, 0.9, 0.95 and 1.1.",
            ),
        exercise("02.D", choice("b"))
            .mistake(
                choice("a"),
                "En contra del gradiente y hacia el mínimo no son lo mismo: desde aquí, la pendiente es sobre todo la de y, que es la más curvada.",
                "Against the gradient and towards the minimum are not the same: here the slope is above all that of y, the more curved one.",
            )
            .mistake(
                choice("c"),
                "Cuenta la pendiente, no el camino que queda: ∂C/∂x mide 3.5 y ∂C/∂y, 10.",
                "What counts is the slope, not the way that is left: ∂C/∂x measures 3.5 and ∂C/∂y, 10.",
            )
            .why(
                "A igual longitud, solo cuenta el coseno del ángulo con el gradiente: el menor, -1, va justo en su contra.",
                "For the same length only the cosine of the angle with the gradient counts: the least, -1, goes exactly against it.",
            ),
        exercise("02.E", choice("c"))
            .mistake(
                choice("a"),
                "Con η entre 0.2 y 2, x se acerca, pero y se aleja en cada paso: basta una dirección para divergir.",
                "With η between 0.2 and 2, x comes closer but y goes away at each step: one direction is enough to diverge.",
            )
            .mistake(
                choice("b"),
                "Cada dirección tiene su propio factor, 1 - η k; no se promedian.",
                "Each direction has a factor of its own, 1 - η k; they are not averaged.",
            )
            .why(
                "En y el factor es 1 - 0.19 · 10 = -0.9: cambia de signo en cada paso. En x es 0.81.",
                "In y the factor is 1 - 0.19 · 10 = -0.9: it changes sign at each step. In x it is 0.81.",
            ),
        exercise("02.F", near(11.0, 3.0))
            .mistake(
                near(100.0, 30.0),
                "Los pasos crecen como κ, no como κ².",
                "The steps grow like κ, not like κ².",
            )
            .mistake(
                near(3.0, 1.5),
                "Con √κ sería así, y es lo que logra Momentum; gradient descent necesita un número de pasos proporcional a κ.",
                "It would be so with √κ, and that is what Momentum achieves; gradient descent needs a number of steps proportional to κ.",
            )
            .why(
                "De 24 pasos a 274: con κ grande, los pasos son proporcionales a κ.",
                "From 24 steps to 274: for large κ the number of steps is proportional to κ.",
            ),
        exercise("02.G", choice("b"))
            .mistake(
                choice("a"),
                "La frontera 2/λ_max es la de las direcciones en las que hay algo que recorrer, y aquí en y no hay nada: 0 por cualquier factor es 0.",
                "The border 2/λ_max is that of the directions in which there is a way to go, and here there is none in y: 0 times any factor is 0.",
            )
            .mistake(
                choice("c"),
                "La pendiente en y es 0, pero la de x no: es x, y lleva hasta el mínimo.",
                "The slope in y is 0, but that in x is not: it is x, and it leads to the minimum.",
            )
            .why(
                "Solo queda x, de curvatura 1 y límite 2. Es un equilibrio frágil: con y = 0.1 ya diverge.",
                "Only x is left, with curvature 1 and limit 2. It is a fragile balance: with y = 0.1 it diverges.",
            ),
        exercise("02.H", choice("a"))
            .mistake(
                choice("b"),
                "Cerca de la cima que separa los valles, una diferencia pequeña decide por qué lado se baja.",
                "Near the summit between the valleys a small difference decides on which side one goes down.",
            )
            .mistake(
                choice("c"),
                "Gradient descent no tiene nada de aleatorio: del mismo punto sale siempre el mismo camino.",
                "There is nothing random in gradient descent: from the same point it always takes the same way.",
            )
            .why(
                "Cada punto de partida está en la ladera de otro valle.",
                "Each start is on the side of another valley.",
            ),
        exercise("02.I", choice("b"))
            .mistake(
                choice("a"),
                "Entre 900 redes al azar, la mejor sigue siendo casi al azar: en 640 dimensiones, 900 puntos no llenan nada.",
                "Of 900 random networks the best is still almost random: in 640 dimensions, 900 points fill nothing.",
            )
            .mistake(
                choice("c"),
                "La búsqueda local no empieza de cero cada vez: guarda lo que mejora, y 900 mejoras pequeñas se suman.",
                "Local search does not start afresh each time: it keeps what is better, and small gains add up.",
            )
            .why(
                "Acumular mejoras ya es mucho; saber hacia dónde ir es aún más.",
                "To add up gains is a lot already; to know where to go is more.",
            ),
        exercise("02.J", choice("a"))
            .mistake(
                choice("b"),
                "Entonces el coste seguiría cambiando. Aquí no se mueve: no llega gradiente.",
                "Then the cost would keep changing. Here it does not move: no gradient arrives.",
            )
            .mistake(
                choice("c"),
                "Si distinguiera algún dígito, el coste sería menor que el de contestar siempre las frecuencias, y es el mismo.",
                "If it told any digit apart, the cost would be less than that of always answering the frequencies, and it is the same.",
            )
            .why(
                "Con todas las ReLU a 0 solo aprenden los sesgos de la salida.",
                "With all ReLUs at 0 only the biases of the output learn.",
            ),
    ]
}
