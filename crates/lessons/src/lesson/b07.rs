//! Lesson 07: activations.

use super::exercise::{Exercise, choice, count, exercise, function, near, number};

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
    vec![
        exercise("07.A", choice("c"))
            .mistake(
                choice("a"),
                "Eso es en z = 5. Cada unidad más divide por e, y de 5 a 10 hay cinco.",
                "That is at z = 5. Each further unit divides by e, and from 5 to 10 there are five.",
            )
            .mistake(
                choice("b"),
                "Lejos de 0, σ'(z) ≈ e⁻ᶻ: en z = 10 eso es 0.000045, y 0.25 entre 0.000045 pasa de 5000.",
                "Far from 0, σ'(z) ≈ e⁻ᶻ: at z = 10 that is 0.000045, and 0.25 over 0.000045 is beyond 5000.",
            )
            .why("0.25 / 0.0000454 ≈ 5500.", "0.25 / 0.0000454 ≈ 5500."),
        exercise("07.B", choice("a"))
            .mistake(
                choice("b"),
                "z sí tiene forma de campana, pero con una desviación de varias unidades: casi toda cae donde σ es plana.",
                "z does have the shape of a bell, but several units wide: most of it falls where σ is flat.",
            )
            .mistake(
                choice("c"),
                "Para que salieran todos por igual, z tendría que caer sobre todo entre -2 y 2; con pesos de desviación 1 se sale mucho más.",
                "For that, z would have to fall mostly between -2 and 2; with weights of deviation 1 it goes much further.",
            )
            .why(
                "Pesos grandes, |z| grande, y ahí σ vale casi 0 o casi 1.",
                "Large weights, large |z|, and there σ is nearly 0 or nearly 1.",
            ),
        exercise("07.C", near(12.0, 1.5)).why(
            "Veinte capas que dividen, cada una, entre cuatro o algo más.",
            "Twenty layers, each of which divides by four or somewhat more.",
        ),
        exercise("07.D", choice("c"))
            .mistake(
                choice("a"),
                "En cada unidad el gradiente se multiplica por w σ'(z), y σ' es como mucho 1/4: con w = 1 queda un cuarto o menos.",
                "In each unit the gradient is multiplied by w σ'(z), and σ' is at most 1/4: with w = 1 a quarter or less is left.",
            )
            .mistake(
                choice("b"),
                "Sería así en z = 0, pero la salida de la sigmoide es positiva: con w = 4 y b = 0 la siguiente z ya no es 0.",
                "At z = 0 it would be so, but what a sigmoid gives is positive: with w = 4 and b = 0 the next z is not 0 any more.",
            )
            .why(
                "Con b = 0 no pasa ni el 1 % con ningún w entre -4 y 4. Con w = 4 y b = -2 la cadena se queda en z = 0, y pasa todo.",
                "With b = 0 not even 1 % gets through with any w from -4 to 4. With w = 4 and b = -2 the chain stays at z = 0, and all of it does.",
            ),
        exercise("07.E", choice("b"))
            .mistake(
                choice("a"),
                "Con la sigmoide todas las a son positivas: en a·δ solo δ puede cambiar el signo, y es el mismo en toda la fila.",
                "With sigmoid every a is positive: in a·δ only δ can turn the sign, and it is the same along the row.",
            )
            .mistake(
                choice("c"),
                "Cada neurona tiene su propio δ: unas filas pueden salir positivas y otras negativas.",
                "Each neuron has a δ of its own: some rows may be positive and others negative.",
            )
            .why("El signo de cada fila es el de su δ.", "The sign of each row is that of its δ."),
        exercise("07.F", choice("b"))
            .mistake(
                choice("a"),
                "Con la mejor η cada uno, las positivas siguen en desventaja: sus pasos solo pueden ir en dos sentidos.",
                "Even with the best η of each, the positive ones are at a disadvantage: their steps go two ways only.",
            )
            .mistake(
                choice("c"),
                "El zigzag cuesta, pero llega: los pasos de un lado y de otro se compensan.",
                "The zigzag costs, but it gets there: the steps to either side make up for each other.",
            )
            .why(
                "Unas 2.5 veces más: una ineficiencia, como dicen las diapositivas, no un muro.",
                "About 2.5 times as many: an inefficiency, as the slides say, not a wall.",
            ),
        exercise("07.G", choice("b"))
            .mistake(
                choice("a"),
                "La derivada de tanh llega a 1, y con Xavier z se queda cerca de 0: tampoco se apaga en veinte capas.",
                "The derivative of tanh reaches 1, and with Xavier z stays near 0: it does not die out in twenty layers either.",
            )
            .mistake(
                choice("c"),
                "El de la sigmoide ya lo hemos medido: 10¹² veces menor.",
                "We have measured the sigmoid's: 10¹² times smaller.",
            )
            .why(
                "La derivada de tanh cerca de 0, y la de ReLU donde está activa, es 1.",
                "The derivative of tanh near 0, and that of ReLU where it is active, is 1.",
            ),
        exercise("07.H", choice("c"))
            .mistake(
                choice("a"),
                "Su gradiente no es 0, pero sí cien veces menor que en el lado activo: en diez épocas no basta.",
                "Its gradient is not 0, but a hundred times smaller than on the active side: ten epochs are not enough.",
            )
            .mistake(
                choice("b"),
                "Ni una de 67: el paso las dejó muy lejos y el gradiente que les llega es cien veces menor.",
                "Not one of 67: the step left them far away, and the gradient that reaches them is a hundred times smaller.",
            )
            .why(
                "Que llegue gradiente no quiere decir que llegue a tiempo.",
                "That a gradient arrives does not mean that it arrives in time.",
            ),
        exercise("07.I", choice("a"))
            .mistake(
                choice("b"),
                "Con las etiquetas buenas memorizar no hace daño: quitar unidades solo quita capacidad.",
                "With the right labels memorising does no harm: fewer units only mean less capacity.",
            )
            .mistake(
                choice("c"),
                "Con etiquetas equivocadas sobra capacidad: es la que memoriza los errores.",
                "With wrong labels there is too much capacity: it is what memorises the mistakes.",
            )
            .why(
                "Menos unidades memorizan menos: es bueno o malo según lo que haya que memorizar.",
                "Fewer units memorise less: good or bad, depending on what there is to memorise.",
            ),
        exercise("07.J", choice("b"))
            .mistake(
                choice("a"),
                "Así era con la misma η para todas. Con la suya, la sigmoide alcanza a ReLU.",
                "So it was with one η for all. With its own, sigmoid catches up with ReLU.",
            )
            .mistake(
                choice("c"),
                "En una red de dos capas, casi todas las diferencias son menores que lo que cambian de una semilla a otra.",
                "In a network of two layers nearly all differences are smaller than what changes from seed to seed.",
            )
            .why(
                "SELU y softplus, por menos de una centésima; ninguna otra.",
                "SELU and softplus, by less than a hundredth; no other one.",
            ),
    ]
}
