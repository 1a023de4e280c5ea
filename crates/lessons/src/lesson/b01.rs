//! Lesson 01: cost functions.

use super::exercise::{Exercise, choice, exercise, function, number};

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
                "That is the derivative by z. By a, it still has to be divided by σ'(z) = a (1 - a).",
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
                "Se podría, pero con salidas sigmoid equivocadas y saturadas aprendería muy despacio.",
                "One could, but with sigmoid outputs that are wrong and saturated it would learn very slowly.",
            )
            .hint("¿Son excluyentes las etiquetas?", "Do the labels exclude each other?")
            .why("Cada etiqueta es un sí o no independiente.", "Each label is a yes or no of its own."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
