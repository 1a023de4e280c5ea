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
        exercise("10.6", choice("b"))
            .mistake(
                choice("a"),
                "Entre 0.01 y 0.1, A ha subido 7 puntos: nada dice que ahí se acabe la subida.",
                "Between 0.01 and 0.1 A went up by 7 points: nothing says that the rise ends there.",
            )
            .mistake(
                choice("c"),
                "Cada método tiene su escala de η: con las mismas tres, alguno saldría perjudicado.",
                "Each method has its own scale of η: with the same three, one of them would be treated badly.",
            )
            .mistake(
                choice("d"),
                "El peor valor depende de hasta dónde llegue la rejilla, no del método.",
                "The worst value depends on how far the grid goes, not on the method.",
            )
            .hint(
                "Dibuja lo que acierta A en función de η. ¿Dónde está el máximo?",
                "Draw what A gets right as a function of η. Where is the maximum?",
            )
            .why(
                "Hay que ampliar la rejilla de A hasta que su mejor valor quede dentro.",
                "A's grid must be widened until its best value lies inside.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("10.A", choice("c"))
            .mistake(
                choice("a"),
                "El gradiente no apunta al fondo, salvo en un valle redondo: aquí apunta sobre todo a lo largo de y.",
                "The gradient does not point to the bottom, but in a round valley: here it points along y above all.",
            )
            .mistake(
                choice("b"),
                "Al revés: la pendiente en y es la mayor, y domina desde el primer paso.",
                "The other way round: the slope in y is the larger one, and rules from the first step on.",
            )
            .why(
                "En cada paso y se multiplica por 1 - 50·0.038 = -0.9: cambia de lado y apenas se acorta.",
                "In each step y is multiplied by 1 - 50·0.038 = -0.9: it changes sides and hardly gets shorter.",
            ),
        exercise("10.B", choice("b"))
            .mistake(
                choice("a"),
                "La ganancia depende de κ, y κ = 50 da para más.",
                "The gain depends on κ, and κ = 50 allows for more.",
            )
            .mistake(
                choice("c"),
                "κ no desaparece: Momentum lo cambia por su raíz, que aquí vale 7.",
                "κ does not go away: Momentum turns it into its root, which is 7 here.",
            )
            .why(
                "130 pasos frente a 32. A la larga serían 7 veces menos; el arranque gasta el resto.",
                "130 steps against 32. In the long run it would be 7 times fewer; the start uses up the rest.",
            ),
        exercise("10.C", choice("b"))
            .mistake(
                choice("a"),
                "Momentum llega al primer hoyo con velocidad, y le basta para pasar la loma.",
                "Momentum gets to the first hole with velocity, enough to pass the hump.",
            )
            .mistake(
                choice("c"),
                "SGD no tiene velocidad: donde el gradiente es 0, se para.",
                "SGD has no velocity: where the gradient is 0 it stops.",
            )
            .why(
                "La velocidad recuerda la cuesta que acaba de bajar; el gradiente solo ve el suelo que pisa.",
                "Velocity remembers the slope it has just come down; the gradient sees only the ground under it.",
            ),
        exercise("10.D", choice("c"))
            .mistake(
                choice("a"),
                "El entrenamiento mueve mucho los pesos, pero no hacia el mismo sitio: hay muchos que sirven.",
                "Training moves the weights a long way, but not to the same place: there are many that will do.",
            )
            .mistake(
                choice("b"),
                "Pesos distintos no quieren decir respuestas distintas: hay muchas redes que hacen lo mismo.",
                "Different weights do not mean different answers: many networks do the same.",
            )
            .why(
                "Los pesos están tan lejos como dos vectores al azar, y discrepan en 3, 4 o 5 imágenes de 360.",
                "The weights are as far apart as two random vectors, and they disagree on 3, 4 or 5 images of 360.",
            ),
        exercise("10.E", choice("c"))
            .mistake(
                choice("a"),
                "Cerca de la silla su paso es η por un gradiente casi nulo: es el último.",
                "Near the saddle its step is η times a gradient of almost nothing: it is the last one.",
            )
            .mistake(
                choice("b"),
                "Va antes que SGD, pero su velocidad también nace de un gradiente diminuto.",
                "It is before SGD, but its velocity, too, is born of a tiny gradient.",
            )
            .why(
                "RMSProp en 4 pasos, Adam en 11, Momentum en 36 y SGD en 136.",
                "RMSProp in 4 steps, Adam in 11, Momentum in 36 and SGD in 136.",
            ),
        exercise("10.F", near(0.316, 0.01))
            .mistake(
                near(0.1, 0.005),
                "Eso sería con s = g². Pero s empieza en 0, y tras un paso solo vale 0.1·g².",
                "That would be with s = g². But s starts at 0, and after one step it is only 0.1·g².",
            )
            .mistake(
                near(0.3, 0.005),
                "Ese es el paso de SGD, η·g. RMSProp divide por √s.",
                "That is SGD's step, η·g. RMSProp divides by √s.",
            )
            .mistake(
                near(1.0, 0.05),
                "Falta la raíz: se divide por √s, no por s.",
                "The root is missing: one divides by √s, not by s.",
            )
            .why(
                "s = 0.1·g², así que el paso es 0.1·g/(√0.1·g) = 0.316, valga lo que valga g.",
                "s = 0.1·g², so the step is 0.1·g/(√0.1·g) = 0.316, whatever g is.",
            ),
        exercise("10.G", choice("c"))
            .mistake(
                choice("a"),
                "Momentum se lanza por la ladera: su camino es el más largo de los que llegan.",
                "Momentum is flung down the slope: its way is the longest of those that arrive.",
            )
            .mistake(
                choice("b"),
                "Adam también tiene velocidad (m): se pasa del valle y da la vuelta.",
                "Adam has velocity, too (m): it overshoots the valley and hooks back.",
            )
            .why(
                "Adagrad no tiene velocidad y acorta sus pasos: el coste no sube ni una vez.",
                "Adagrad has no velocity and shortens its steps: the cost does not go up once.",
            ),
        exercise("10.H", choice("b"))
            .mistake(
                choice("a"),
                "Pasos más largos bajan antes, pero con batches pequeños el ruido los hace temblar lejos del fondo.",
                "Longer steps get down sooner, but with small batches the noise makes them tremble far from the bottom.",
            )
            .mistake(
                choice("c"),
                "Eso es lo que hace 5, la muy alta. 0.5 todavía baja.",
                "That is what 5 does, the very high one. 0.5 still goes down.",
            )
            .why(
                "Es la forma de la figura de cs231n: la alta gana la salida y pierde la meta.",
                "It is the shape of cs231n's figure: the high one wins the start and loses the finish.",
            ),
        exercise("10.I", choice("a"))
            .mistake(
                choice("b"),
                "La mejor constante, 0.005, llega igual de cerca: lo difícil es acertarla.",
                "The best constant, 0.005, gets as near: the hard part is to hit it.",
            )
            .mistake(
                choice("c"),
                "Con estos ritmos dan pasos de sobra antes de frenarse, y 0.002 no llega a tiempo.",
                "At these paces they take enough steps before they slow down, and 0.002 does not arrive in time.",
            )
            .why(
                "0.005 y las cuatro con decay: a 0.016 milésimas o menos. Con 0.02, 0.28; con 0.002, 5.2.",
                "0.005 and the four with decay: within 0.016 thousandths. With 0.02, 0.28; with 0.002, 5.2.",
            ),
        exercise("10.J", choice("b"))
            .mistake(
                choice("a"),
                "La η manda más que el método: con una diez veces menor se pierde más que entre dos métodos.",
                "η counts for more than the method: one ten times smaller loses more than there is between two methods.",
            )
            .mistake(
                choice("c"),
                "Con su η, ninguno queda tan atrás; y una η diez veces menor se nota, sobre todo con 10 épocas.",
                "With its η none is so far behind; and an η ten times smaller shows, above all with 10 epochs.",
            )
            .why(
                "1.8 puntos entre métodos; 5.9 puntos por una η diez veces menor en SGD, y 85 por una 2.2 veces mayor.",
                "1.8 points between methods; 5.9 points by an η ten times smaller with SGD, and 85 by one 2.2 times larger.",
            ),
        exercise("10.K", choice("b"))
            .mistake(
                choice("a"),
                "Su zona es más ancha con las diez semillas: no es azar.",
                "Its zone is wider with all ten seeds: it is not chance.",
            )
            .mistake(
                choice("c"),
                "Adam también deja de aprender: por debajo de 0.001 y por encima de 0.1.",
                "Adam, too, stops learning: below 0.001 and above 0.1.",
            )
            .why(
                "0.78 décadas más que SGD. Que Momentum, solo 0.2.",
                "0.78 decades more than SGD. More than Momentum, only 0.2.",
            ),
        exercise("10.L", choice("a"))
            .mistake(
                choice("b"),
                "Aquí sí se distingue, porque hay poco tiempo y las palabras raras salen pocas veces.",
                "Here it can be told, because there is little time and the rare words come up seldom.",
            )
            .mistake(
                choice("c"),
                "SGD da el mismo η a todas, y las raras se quedan atrás.",
                "SGD gives all the same η, and the rare ones are left behind.",
            )
            .why(
                "Adagrad divide por lo que cada palabra ha recibido: a las raras les da pasos más largos.",
                "Adagrad divides by what each word has received: the rare ones get longer steps.",
            ),
        exercise("10.M", choice("b"))
            .mistake(
                choice("a"),
                "Estar cerca y ser hondo no basta: con curvatura 30 SGD solo se queda si η < 2/30.",
                "To be near and deep is not enough: with curvature 30 SGD stays only if η < 2/30.",
            )
            .mistake(
                choice("c"),
                "Diverge del agudo, sí; pero lejos de él la curvatura es menor que 2, y ahí η = 0.3 cabe.",
                "It diverges from the sharp one, yes; but far from it the curvature is below 2, and there η = 0.3 fits.",
            )
            .why(
                "2/30 = 0.067 está entre las dos η: la grande solo cabe en el mínimo plano.",
                "2/30 = 0.067 lies between the two η: the large one fits only in the flat minimum.",
            ),
    ]
}
