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
                "You swapped w and x: the derivative of w·x with respect to w is x.",
            )
            .mistake(
                list([3.0, 1.0, 2.0]),
                "Esas son las derivadas locales; falta multiplicarlas por el gradiente que llega, 0.2.",
                "Those are the local derivatives; multiply them by the upstream gradient, 0.2.",
            )
            .mistake(
                list([0.6, 0.2, 0.2]),
                "v llega a z por dos caminos: los gradientes se suman.",
                "v reaches z by two ways: the gradients add up.",
            )
            .hint(
                "El gradiente de cada entrada es el que llega, 0.2, por su derivada local.",
                "The gradient of each input is the upstream gradient, 0.2, times its local derivative.",
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
    vec![
        exercise("06.A", number(12.0))
            .mistake(
                number(4.0),
                "Esa es la pendiente de fuera; falta multiplicarla por la de dentro, 3.",
                "That is the outer slope; it must be multiplied by the inner one, 3.",
            )
            .mistake(
                number(6.0),
                "Has evaluado la de fuera en x = 1; le llega u = 2, así que es 2u = 4.",
                "You evaluated the outer one at x = 1; what reaches it is u = 2, so it is 2u = 4.",
            )
            .mistake(
                number(7.0),
                "Has sumado las pendientes. En una cadena se multiplican.",
                "You added the slopes. In a chain they are multiplied.",
            )
            .why("4 · 3 = 12.", "4 · 3 = 12."),
        exercise("06.B", number(3.0))
            .mistake(
                number(2.0),
                "Ese es el camino del producto; falta el de la suma, que da 1.",
                "That is the path through the product; that of the sum, which gives 1, is missing.",
            )
            .mistake(
                number(1.0),
                "Ese es el camino de la suma; falta el del producto, que da w = 2.",
                "That is the path of the sum; that of the product, which gives w = 2, is missing.",
            )
            .mistake(
                number(6.0),
                "Eso es w·v, un valor. Al gradiente de v le toca w por un camino y 1 por el otro.",
                "That is w·v, a value. The gradient of v gets w along one path and 1 along the other.",
            )
            .why("w + 1 = 2 + 1 = 3.", "w + 1 = 2 + 1 = 3."),
        exercise("06.C", choice("b"))
            .mistake(
                choice("a"),
                "Para llegar a w₁ hay que atravesar además w₂ y la otra sigmoide, que deja a lo sumo la cuarta parte.",
                "To reach w₁ one has to go through w₂ and the other sigmoid, too, which leaves a quarter at most.",
            )
            .mistake(
                choice("c"),
                "Los dos salen de la misma δ₂, pero el de w₁ lleva tres factores más: w₂, a₁(1 - a₁) y x.",
                "Both come from the same δ₂, but that of w₁ has three more factors: w₂, a₁(1 - a₁) and x.",
            )
            .why("0.078 contra 0.021, en valor absoluto.", "0.078 against 0.021, in absolute value."),
        exercise("06.D", choice("a"))
            .mistake(
                choice("b"),
                "Eso llega por la primera salida sola. Por la segunda llega 0.5 · (-1), y se suma.",
                "That is what arrives from the first output alone. From the second comes 0.5 · (-1), and it is added.",
            )
            .mistake(
                choice("c"),
                "Has sumado los errores sin los pesos: por la segunda arista vuelve 0.5 · (-1).",
                "You added the errors without the weights: along the second edge comes 0.5 · (-1).",
            )
            .why(
                "0.5 · 1 + 0.5 · (-1) = 0: lo que mejora una salida empeora la otra.",
                "0.5 · 1 + 0.5 · (-1) = 0: what improves one output makes the other worse.",
            ),
        exercise("06.E", choice("c"))
            .mistake(
                choice("a"),
                "El primer índice es la neurona a la que llega el peso y el segundo, la entrada de la que sale: aquí están al revés.",
                "The first index is the neuron that the weight enters, the second the input that it leaves: here they are swapped.",
            )
            .mistake(
                choice("b"),
                "w¹₁₂ llega a la neurona 1: su z es la de esa neurona, y su δ también.",
                "w¹₁₂ enters neuron 1: its z is that of this neuron, and so is its δ.",
            )
            .why(
                "w¹₁₂ multiplica a x₂ y se suma en z¹₁: ∂C/∂w¹₁₂ = δ¹₁ x₂.",
                "w¹₁₂ multiplies x₂ and is added into z¹₁: ∂C/∂w¹₁₂ = δ¹₁ x₂.",
            ),
        exercise("06.F", choice("b"))
            .mistake(
                choice("a"),
                "La de la clase más probable solo es negativa si además es la correcta; aquí no lo es, y p - 0 es positivo.",
                "That of the most probable class is negative only if it is the right one, too; here it is not, and p - 0 is positive.",
            )
            .mistake(
                choice("c"),
                "Las p suman 1 y las y también: las δ suman 0, y no pueden ser todas negativas.",
                "The p add up to 1 and so do the y: the δ add up to 0, so they cannot all be negative.",
            )
            .why(
                "δ = p - y: solo donde y = 1 es negativa. El descenso sube esa z y baja las otras.",
                "δ = p - y: only where y = 1 is it negative. The descent raises that z and lowers the others.",
            ),
        exercise("06.G", choice("c"))
            .mistake(
                choice("a"),
                "Ya la primera sigmoide deja menos de la cuarta parte, y las veinte se multiplican.",
                "The first sigmoid alone leaves less than a quarter, and the twenty are multiplied.",
            )
            .mistake(
                choice("b"),
                "Una milésima queda ya tras unas cinco: (1/4)⁵ ≈ 0.001.",
                "A thousandth is left after some five already: (1/4)⁵ ≈ 0.001.",
            )
            .why("(1/4)²⁰ es menos de 1e-12.", "(1/4)²⁰ is less than 1e-12."),
    ]
}
