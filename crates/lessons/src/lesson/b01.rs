//! Lesson 01: cost functions.

use super::exercise::{Exercise, choice, exercise, function, near, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("01.1", number(0.065))
            .mistake(number(0.13), "Falta el factor 1/2.", "The factor 1/2 is missing.")
            .mistake(
                number(0.0325),
                "Has dividido entre el número de salidas; n es el número de ejemplos, que aquí es 1.",
                "You divided by the number of outputs; n is the number of examples, which is 1 here.",
            )
            .mistake(
                number(0.25),
                "Hay que elevar cada diferencia al cuadrado antes de sumar.",
                "Each difference has to be squared before they are added.",
            )
            .hint("Las diferencias son 0.2 y 0.3.", "The differences are 0.2 and 0.3.")
            .why("(0.2² + 0.3²) / 2 es el resultado.", "(0.2² + 0.3²) / 2 is the result."),
        exercise("01.2", number(2.0 * std::f64::consts::LN_2))
            .mistake(
                number(6.0 * std::f64::consts::LN_2),
                "Esa es la suma; el coste es la media de los tres ejemplos.",
                "That is the sum; the cost is the mean of the three examples.",
            )
            .mistake(
                number(-(0.875_f64 / 3.0).ln()),
                "Has promediado las probabilidades y después has tomado el logaritmo; es al revés.",
                "You averaged the probabilities and then took the logarithm; it is the other way round.",
            )
            .mistake(
                number(2.0),
                "Has usado el logaritmo en base 2; aquí es el natural, `ln`.",
                "You used the logarithm to base 2; here it is the natural one, `ln`.",
            )
            .mistake(
                number(-2.0 * std::f64::consts::LN_2),
                "El logaritmo de una probabilidad es negativo; el coste lleva un signo menos delante.",
                "The logarithm of a probability is negative; the cost has a minus sign in front.",
            )
            .hint(
                "Las tres probabilidades son 1/2, 1/4 y 1/8: sus -ln son múltiplos de ln 2.",
                "The three probabilities are 1/2, 1/4 and 1/8: their -ln are multiples of ln 2.",
            )
            .why("(ln 2 + 2 ln 2 + 3 ln 2) / 3 = 2 ln 2, unos 1.386.", "(ln 2 + 2 ln 2 + 3 ln 2) / 3 = 2 ln 2, about 1.386."),
        exercise("01.3", number(100_f64.ln()))
            .mistake(
                number(10_f64.ln()),
                "Ese es el de diez clases; CIFAR-100 tiene cien.",
                "That is the one for ten classes; CIFAR-100 has a hundred.",
            )
            .mistake(
                number(2.0),
                "Has usado el logaritmo decimal; aquí es el natural, `ln`.",
                "You used the decimal logarithm; here it is the natural one, `ln`.",
            )
            .mistake(
                number(0.01),
                "Esa es la probabilidad de cada clase; el coste es menos su logaritmo.",
                "That is the probability of each class; the cost is minus its logarithm.",
            )
            .hint("¿Qué probabilidad da a cada clase?", "What probability does it give to each class?")
            .why("-ln(1/100) = ln 100: el doble que con diez clases.", "-ln(1/100) = ln 100: twice that of ten classes."),
        exercise("01.4", function(|x| vec![(x[0] - x[1]) / (x[0] * (1.0 - x[0]))]))
            .case(&[0.5, 1.0])
            .case(&[0.2, 0.0])
            .case(&[0.9, 1.0])
            .case(&[0.3, 0.5])
            .mistake(
                function(|x| vec![x[0] - x[1]]),
                "Esa es la derivada respecto a z. Respecto a a falta dividir entre σ'(z) = a (1 - a).",
                "That is the derivative with respect to z. With respect to a, it still has to be divided by σ'(z) = a (1 - a).",
            )
            .mistake(
                function(|x| vec![-x[1] / x[0]]),
                "Solo has derivado el primer término, y ln a; falta el de (1 - y) ln(1 - a).",
                "You took the derivative of the first term only, y ln a; that of (1 - y) ln(1 - a) is missing.",
            )
            .mistake(
                function(|x| vec![-x[1] / x[0] - (1.0 - x[1]) / (1.0 - x[0])]),
                "Cuidado con el signo del segundo término: la derivada de ln(1 - a) es -1 / (1 - a).",
                "Mind the sign of the second term: the derivative of ln(1 - a) is -1 / (1 - a).",
            )
            .hint(
                "Deriva término a término: -y/a + (1 - y)/(1 - a), y ponlo todo sobre a (1 - a).",
                "Term by term: -y/a + (1 - y)/(1 - a); then put it all over a (1 - a).",
            )
            .why(
                "Al multiplicar por σ'(z) = a (1 - a) queda a - y: por eso no se satura.",
                "Times σ'(z) = a (1 - a) it becomes a - y: that is why it does not saturate.",
            ),
        exercise("01.5", choice("b"))
            .mistake(
                choice("a"),
                "Softmax reparte una probabilidad total de 1: si la foto es de playa, le queda menos para «perro».",
                "Softmax shares out a total probability of 1: if the photo shows a beach, less is left for “dog”.",
            )
            .mistake(
                choice("c"),
                "Se podría, pero con salidas sigmoides saturadas que se equivocan aprendería muy despacio.",
                "One could, but with sigmoid outputs that are wrong and saturated it would learn very slowly.",
            )
            .hint("¿Son excluyentes las etiquetas?", "Do the labels exclude each other?")
            .why("Cada etiqueta es un sí o no independiente.", "Each label is a yes or no of its own."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("01.A", choice("c"))
            .mistake(
                choice("a"),
                "Para que una respuesta cambie, un logit tiene que adelantar a otro; con un cambio tan pequeño no ocurre en ninguno de los 1438.",
                "For an answer to change, one logit has to overtake another; with so small a change that happens in none of the 1438.",
            )
            .mistake(
                choice("b"),
                "Podría ocurrir si algún ejemplo estuviera justo en la frontera; lo normal es que el cambio sea 0. Con 0.01 ya cambian 2.",
                "It could happen if an example lay right on the boundary; usually the change is 0. With 0.01 there are 2.",
            )
            .why(
                "El número de errores es una escalera: su derivada es 0 casi en todas partes.",
                "The number of errors is a staircase: its derivative is 0 almost everywhere.",
            ),
        exercise("01.B", number(0.125))
            .mistake(number(0.25), "Falta el factor 1/2.", "The factor 1/2 is missing.")
            .mistake(
                number(0.5),
                "Esa es la suma de los cuadrados: falta dividir entre 2n.",
                "That is the sum of the squares: it still has to be divided by 2n.",
            )
            .mistake(
                number(0.0625),
                "Has dividido también entre las dos salidas; n cuenta ejemplos.",
                "You divided by the two outputs, too; n counts examples.",
            )
            .why("(0 + 0 + 0.25 + 0.25) / (2 · 2).", "(0 + 0 + 0.25 + 0.25) / (2 · 2)."),
        exercise("01.C", choice("a"))
            .mistake(
                choice("b"),
                "El gradiente lleva otro factor, σ'(z), que en la pésima es casi 0: está saturada.",
                "The gradient has another factor, σ'(z), which is almost 0 in the terrible one: it is saturated.",
            )
            .mistake(
                choice("c"),
                "El paso es η por el gradiente, y los gradientes son distintos.",
                "The step is η times the gradient, and the gradients differ.",
            )
            .why(
                "σ'(z) vale 0.15 en la regular y 0.018 en la pésima.",
                "σ'(z) is 0.15 in the middling one and 0.018 in the terrible one.",
            ),
        exercise("01.D", choice("b"))
            .mistake(
                choice("a"),
                "También desde la otra: σ' vale lo mismo en z = 4 que en z = -4. Ahí no se nota, porque ya acierta.",
                "From the other one, too: σ' is the same at z = 4 as at z = -4. There it does no harm, since it is nearly right.",
            )
            .mistake(
                choice("c"),
                "El gradiente lleva el factor σ'(z), que en las dos salidas es 0.018.",
                "The gradient has the factor σ'(z), which is 0.018 at both starts.",
            )
            .why(
                "σ'(4) = σ'(-4) = 0.018: las dos neuronas están saturadas, la que falla y la que acierta.",
                "σ'(4) = σ'(-4) = 0.018: both neurons are saturated, the wrong one and the right one.",
            ),
        exercise("01.E", choice("b"))
            .mistake(
                choice("a"),
                "Si fuera solo la escala, bastaría una η mayor. Pero la η que mueve al descenso en la meseta es demasiado grande en el valle.",
                "If it were the scale only, a larger η would do. But the η that moves the descent on the plateau is too large in the valley.",
            )
            .mistake(
                choice("c"),
                "Las mesetas no son un rincón: ocupan gran parte del mapa.",
                "The plateaus are no corner: they take up much of the map.",
            )
            .why("Con η = 32, desde 4 de los 8.", "With η = 32, from 4 of the 8."),
        exercise("01.F", choice("b"))
            .mistake(
                choice("a"),
                "Con |y - a|, subir a en 0.1 ahorra 0.07 y cuesta 0.03: conviene seguir hasta 1.",
                "With |y - a|, raising a by 0.1 saves 0.07 and costs 0.03: it pays to go on up to 1.",
            )
            .mistake(
                choice("c"),
                "Con a = 1, el 30 % de los ejemplos costaría infinito.",
                "With a = 1, 30 % of the examples would cost infinitely much.",
            )
            .why(
                "Los dos primeros premian decir la frecuencia real; el valor absoluto, exagerar.",
                "The first two reward the real frequency; the absolute value, exaggeration.",
            ),
        exercise("01.G", choice("c"))
            .mistake(
                choice("a"),
                "Usar todos los datos también es dejarse arrastrar por los disparatados, que con Laplace son frecuentes.",
                "To use all the data is also to be carried away by the wild ones, which are frequent with Laplace.",
            )
            .mistake(
                choice("b"),
                "Con ruido gaussiano casi no hay datos disparatados, y la mediana desaprovecha información.",
                "With Gaussian noise there are hardly any wild data, and the median wastes information.",
            )
            .why(
                "Cada una es la mejor constante del coste que va con ese ruido.",
                "Each is the best constant for the cost that goes with that noise.",
            ),
        exercise("01.H", choice("a"))
            .mistake(
                choice("b"),
                "La exponencial convierte sumas en productos: todas se multiplican por el mismo factor, que se va al dividir.",
                "The exponential turns sums into products: all are multiplied by the same factor, which the division takes away.",
            )
            .mistake(
                choice("c"),
                "Lo que cuenta es la diferencia entre logits, no su cociente, y esa no cambia.",
                "What counts is the difference of the logits, not their ratio, and it does not change.",
            )
            .why(
                "Softmax solo mira diferencias; en el ordenador hay que evitar que se desborde.",
                "Softmax looks at differences only; in the computer it must be kept from overflowing.",
            ),
        exercise("01.I", choice("c"))
            .mistake(
                choice("a"),
                "Segura sí, pero de la clase 1, que no es la correcta: el error es entonces el mayor que hay.",
                "Sure it is, but of class 1, which is not the right one: the error is then the largest there is.",
            )
            .mistake(
                choice("b"),
                "Eso es con T muy grande: las tres a valen 1/3, y 1/3 - 1 = -2/3.",
                "That is with a very large T: all three a are 1/3, and 1/3 - 1 = -2/3.",
            )
            .why(
                "Con T pequeña se lo lleva todo el logit mayor: a₂ → 0, y a₂ - 1 → -1.",
                "With a small T the largest logit takes it all: a₂ → 0, and a₂ - 1 → -1.",
            ),
        exercise("01.J", near(2.303, 0.03))
            .mistake(
                near(0.1, 0.01),
                "Esa es la probabilidad de cada clase; el coste es menos su logaritmo.",
                "That is the probability of each class; the cost is minus its logarithm.",
            )
            .mistake(
                near(1.0, 0.01),
                "Ese es el logaritmo decimal; aquí es el natural.",
                "That is the logarithm to base 10; here it is the natural one.",
            )
            .mistake(
                near(0.9, 0.01),
                "Esa es la fracción de errores que cabe esperar, no el coste.",
                "That is the fraction of errors to be expected, not the cost.",
            )
            .why("-ln(1/10) = ln 10.", "-ln(1/10) = ln 10."),
        exercise("01.K", choice("c"))
            .mistake(
                choice("a"),
                "En papel sí. En `f32`, σ(-100) es tan pequeño que hay que apartarlo de 0 antes de tomar su logaritmo.",
                "On paper, yes. In `f32`, σ(-100) is so small that it has to be kept away from 0 before its logarithm is taken.",
            )
            .mistake(
                choice("b"),
                "Sin precauciones saldría infinito; por eso se aparta a de 0 en 1e-7, y el coste se queda en -ln(1e-7).",
                "Without care it would be infinite; that is why a is kept 1e-7 away from 0, and the cost stays at -ln(1e-7).",
            )
            .why(
                "-ln(1e-7) = 16.1, y ahí la función ya es plana.",
                "-ln(1e-7) = 16.1, and there the function is flat.",
            ),
        exercise("01.L", near(0.44, 0.08))
            .mistake(
                near(0.028, 0.02),
                "Así sería si todos costaran lo mismo: 10 de 359.",
                "It would be so if all cost the same: 10 of 359.",
            )
            .mistake(
                near(1.0, 0.1),
                "Los que la red acierta también pagan algo: nunca les da probabilidad 1.",
                "Those that the network gets right pay something, too: it never gives them probability 1.",
            )
            .why(
                "Unos pocos errores cometidos con confianza pesan casi tanto como todo lo demás.",
                "A few errors made with confidence weigh almost as much as all the rest.",
            ),
        exercise("01.M", choice("c"))
            .mistake(
                choice("a"),
                "La saturación inicial explica la desventaja tras diez épocas, pero no la de la primera.",
                "Initial saturation explains the handicap after ten epochs, but not that of the first.",
            )
            .mistake(
                choice("b"),
                "Sin saturación al empezar, nada tiene parado al cuadrático, y en diez épocas alcanza a la otra.",
                "Without saturation at the start nothing holds the quadratic cost back, and in ten epochs it catches up.",
            )
            .why(
                "Arranca más despacio, pero llega al mismo sitio.",
                "It takes off more slowly, but gets to the same place.",
            ),
    ]
}
