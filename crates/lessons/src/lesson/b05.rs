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
            .why("∂f/∂x = y = -3 y ∂f/∂y = x + 1 = 3.", "∂f/∂x = y = -3 and ∂f/∂y = x + 1 = 3."),
        exercise("05.2", number(1.179_672))
            .mistake(
                number(6.0),
                "Falta la derivada local de la sigmoide, a (1 - a).",
                "The local derivative of the sigmoid, a (1 - a), is missing.",
            )
            .mistake(
                number(0.393_224),
                "Hasta z está bien; falta la derivada local de z respecto de w, que es x.",
                "Up to z it is right; the local derivative of z with respect to w, which is x, is missing.",
            )
            .mistake(
                number(4.386_351),
                "La derivada de la sigmoide no es a, sino a (1 - a).",
                "The derivative of the sigmoid is not a, but a (1 - a).",
            )
            .mistake(
                number(0.589_836),
                "Falta el gradiente que llega, 2.",
                "The upstream gradient, 2, is missing.",
            )
            .hint("Son tres factores: el que llega, a (1 - a) y x.", "There are three factors: the upstream one, a (1 - a), and x.")
            .why("2 · 0.1966 · 3 es el producto.", "2 · 0.1966 · 3 is the product."),
        exercise("05.3", list([128.0, 10.0]))
            .mistake(
                list([64.0, 10.0]),
                "Esa es la forma de Δ, que tiene una fila por cada ejemplo.",
                "That is the shape of Δ, which has one row for each example.",
            )
            .mistake(
                list([10.0, 128.0]),
                "Así es con la W de las diapositivas y de los laboratorios, que tiene una fila por neurona: Δᵀ A. Aquí Z = A W + b: W tiene una fila por entrada.",
                "So it is with the W of the slides and of the labs, which has one row per neuron: Δᵀ A. Here Z = A W + b: W has one row per input.",
            )
            .mistake(
                list([64.0, 128.0]),
                "Esa es la forma de la entrada de la capa.",
                "That is the shape of the layer's input.",
            )
            .hint("El gradiente de un parámetro tiene la forma del parámetro.", "The gradient of a parameter has the shape of the parameter.")
            .why("Aᵀ Δ: (128 x 64)(64 x 10), como W. Con una fila por neurona sería Δᵀ A, de 10 x 128.", "Aᵀ Δ: (128 x 64)(64 x 10), the same as W. With one row per neuron it would be Δᵀ A, 10 x 128."),
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
            "Has usado la derivada de la sigmoide; la de tanh es 1 - a².",
            "You used the derivative of the sigmoid; that of tanh is 1 - a².",
        )
        .mistake(
            function(|v| {
                let a = (v[0] * v[1] + v[2]).tanh();
                let dz = (a - v[3]) * (1.0 - a * a);
                vec![dz, dz * v[1]]
            }),
            "Están al revés: primero respecto de w.",
            "They are swapped: first with respect to w.",
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
        exercise("05.6", function(|v| vec![1.0 / v[1], -v[0] / (v[1] * v[1])]))
            .case(&[1.0, 2.0])
            .case(&[-3.0, 0.5])
            .case(&[0.7, -1.5])
            .mistake(
                function(|_| vec![1.0, 1.0]),
                "Esas son las derivadas locales de una suma. ¿Cuánto cambia x / y si se mueve x? ¿Y si se mueve y?",
                "Those are the local derivatives of a sum. How much does x / y change if x moves? And if y moves?",
            )
            .mistake(
                function(|v| vec![1.0 / v[1], v[0] / (v[1] * v[1])]),
                "La primera está bien. A la segunda le falta el signo: si el denominador crece, el cociente baja.",
                "The first is right. The second lacks its sign: if the denominator grows, the quotient falls.",
            )
            .mistake(
                function(|v| vec![1.0 / v[1], v[0]]),
                "Respecto de y no es un producto: la derivada de 1 / y es -1 / y².",
                "With respect to y it is no product: the derivative of 1 / y is -1 / y².",
            )
            .mistake(
                function(|v| vec![v[1], v[0]]),
                "Esas son las derivadas locales de un producto.",
                "Those are the local derivatives of a product.",
            )
            .hint("x / y = x · (1 / y). Respecto de x, 1 / y es una constante.", "x / y = x · (1 / y). With respect to x, 1 / y is a constant.")
            .hint("La derivada de 1 / y es -1 / y²; falta multiplicarla por x.", "The derivative of 1 / y is -1 / y²; times x.")
            .why(
                "1 / y y -x / y²: con dos números por operación, `backward` no ha tenido que cambiar.",
                "1 / y and -x / y²: with two numbers per operation, `backward` did not have to change.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("05.A", choice("c"))
            .mistake(
                choice("a"),
                "A x le llega ∂f/∂q = z = -2, y la suma lo deja pasar tal cual: -2.",
                "What reaches x is ∂f/∂q = z = -2, and the sum passes it on as it is: -2.",
            )
            .mistake(
                choice("b"),
                "La suma da a y lo mismo que a x, ∂f/∂q = z = -2. Que y sea negativo no influye.",
                "The sum gives y the same as x, ∂f/∂q = z = -2. That y is negative does not matter.",
            )
            .mistake(
                choice("d"),
                "El signo de f no es el de sus derivadas: si z crece, q · z crece, porque q es positivo.",
                "The sign of f is not that of its derivatives: if z grows, q · z grows, since q is positive.",
            )
            .why("∂f/∂z = q = 3 - 1 = 2; las otras dos valen z = -2.", "∂f/∂z = q = 3 - 1 = 2; the other two are z = -2."),
        exercise("05.B", number(-1.0))
            .mistake(
                number(2.0),
                "Has sumado también x por la rama de ReLU, pero xz = -6: ahí el máximo es 0 y no cambia al mover z.",
                "You added x through the branch of ReLU, too, but xz = -6: there the maximum is 0 and does not change when z moves.",
            )
            .mistake(
                number(3.0),
                "Has tomado la rama de ReLU, que aquí no deja pasar nada, y no la del producto yz.",
                "You took the branch of ReLU, which lets nothing through here, and not that of the product yz.",
            )
            .mistake(
                number(-3.0),
                "xz = -6 es negativo: por esa rama no vuelve nada, tampoco con signo menos.",
                "xz = -6 is negative: nothing comes back through that branch, not with a minus sign either.",
            )
            .why("De yz le llega y = -1; de max(0, xz), nada.", "Through yz it gets y = -1; through max(0, xz), nothing."),
        exercise("05.C", number(-0.269_109))
            .mistake(
                number(0.269_109),
                "El signo: a - y es negativo, porque a = 0.223 está por debajo de y = 1.",
                "The sign: a - y is negative, since a = 0.223 lies below y = 1.",
            )
            .mistake(
                number(-1.5546),
                "Falta atravesar la sigmoide: a (1 - a) = 0.173.",
                "You still have to go through the sigmoid: a (1 - a) = 0.173.",
            )
            .mistake(
                number(-0.134_554),
                "Eso es ∂C/∂z. Falta la derivada local de z respecto de w2, que es x2 = 2.",
                "That is ∂C/∂z. The local derivative of z with respect to w2, which is x2 = 2, is missing.",
            )
            .why("(a - y) · a (1 - a) · x2 = -0.777 · 0.173 · 2 = -0.269.", "(a - y) · a (1 - a) · x2 = -0.777 · 0.173 · 2 = -0.269."),
        exercise("05.D", choice("b"))
            .mistake(
                choice("a"),
                "El error crece, pero el gradiente lo lleva multiplicado por a (1 - a), que cae mucho más.",
                "The error grows, but the gradient has it times a (1 - a), which falls much more.",
            )
            .mistake(
                choice("c"),
                "El signo lo ponen a - y, que sigue siendo negativo, y x₂, que no ha cambiado.",
                "The sign comes from a - y, which is still negative, and x₂, which has not changed.",
            )
            .why(
                "De -0.269 a -0.0014: la sigmoide está saturada y a (1 - a) vale 0.0007.",
                "From -0.269 to -0.0014: the sigmoid is saturated and a (1 - a) is 0.0007.",
            ),
        exercise("05.E", choice("a"))
            .mistake(
                choice("b"),
                "Para eso habría que sumar lo que llega por los dos lados, y `set` no suma: borra lo anterior.",
                "For that, what arrives from both sides would have to be added, and `set` does not add: it erases what was there.",
            )
            .mistake(
                choice("c"),
                "Lo de la suma llega primero; después llega lo del producto y lo borra.",
                "What comes from the sum arrives first; then that of the product comes and erases it.",
            )
            .why(
                "Queda lo último que llega, y = -4, y se pierde el 1 de la suma.",
                "What arrives last stays, y = -4, and the 1 of the sum is lost.",
            ),
        exercise("05.F", choice("c"))
            .mistake(
                choice("a"),
                "Eso es lo que cuesta con el orden topológico: una por flecha. De camino en camino se repite casi todo.",
                "That is what it costs in topological order: one per arrow. Path by path almost everything is repeated.",
            )
            .mistake(
                choice("b"),
                "Los caminos no crecen con el cuadrado: cada suma los duplica.",
                "The paths do not grow with the square: each sum doubles them.",
            )
            .why(
                "Hay 2²⁰ caminos, más de un millón; flechas, solo 40.",
                "There are 2²⁰ paths, more than a million; of arrows, only 40.",
            ),
        exercise("05.G", choice("b"))
            .mistake(
                choice("a"),
                "Eso costaría moviendo los parámetros de uno en uno. Hacia atrás se comparte casi todo.",
                "That is what moving the parameters one by one would cost. Backward, almost everything is shared.",
            )
            .mistake(
                choice("c"),
                "Con más parámetros tardan más las dos pasadas, la de ida y la de vuelta: el cociente no crece con ellos.",
                "With more parameters both passes take longer, forward and backward: the ratio does not grow with them.",
            )
            .why(
                "Cada arista se recorre una vez en cada sentido, haya las que haya.",
                "Each edge is followed once in each direction, however many there are.",
            ),
        exercise("05.H", choice("a"))
            .mistake(
                choice("b"),
                "La fila 2 de W² son los pesos que entran en la salida 2: sirve hacia delante. Hacia atrás cuentan los que salen de a¹₂.",
                "Row 2 of W² holds the weights that enter output 2: it serves forward. Backward, those that leave a¹₂ count.",
            )
            .mistake(
                choice("c"),
                "Los otros cuatro pesos salen de otras neuronas: mover a¹₂ no pasa por ellos.",
                "The other four weights leave other neurons: moving a¹₂ does not go through them.",
            )
            .why(
                "Los pesos que salen de a¹₂ están en la columna 2 de W², que es la fila 2 de su traspuesta.",
                "The weights that leave a¹₂ stand in column 2 of W², which is row 2 of its transpose.",
            ),
        exercise("05.I", choice("b"))
            .mistake(
                choice("a"),
                "Con h = 0.1 el error de la fórmula, que va como h², aún es de casi una milésima.",
                "With h = 0.1 the error of the formula, which goes as h², is still almost a thousandth.",
            )
            .mistake(
                choice("c"),
                "Con h = 1e-9 ya se restan dos números que coinciden en casi todas sus cifras.",
                "With h = 1e-9 two numbers are subtracted that agree in almost all of their digits.",
            )
            .mistake(
                choice("d"),
                "Con h = 1e-13 la resta deja dos o tres cifras buenas: el redondeo manda.",
                "With h = 1e-13 the subtraction leaves two or three good digits: rounding rules.",
            )
            .why(
                "El error es una V: la fórmula mejora con h pequeño, el redondeo empeora; el fondo está cerca de 1e-5.",
                "The error is a V: the formula gets better with a small h, rounding gets worse; the bottom is near 1e-5.",
            ),
    ]
}
