//! Lesson 03: stochastic gradient descent.

use super::exercise::{Exercise, choice, count, exercise, function, near, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("03.1", count(391))
            .mistake(
                count(390),
                "Quedan 80 ejemplos sin ver: forman un último paso más pequeño.",
                "80 examples would remain unseen: they make a last, smaller step.",
            )
            .mistake(
                number(390.625),
                "Los pasos son enteros: redondea hacia arriba.",
                "Steps are whole: round up.",
            )
            .hint("Divide y redondea hacia arriba.", "Divide and round up.")
            .why("⌈50000 / 128⌉: 390 batches completos y uno de 80.", "⌈50000 / 128⌉: 390 full batches and one of 80."),
        exercise("03.2", count(18_760))
            .mistake(count(938), "Esos son los de una época.", "Those are the steps of one epoch.")
            .mistake(
                count(18_750),
                "Cada época redondea hacia arriba: 938 pasos, no 937.5.",
                "Each epoch rounds up: 938 steps, not 937.5.",
            )
            .mistake(
                count(18_740),
                "Falta el último batch de cada época, el de 32.",
                "The last batch of each epoch, that of 32, is missing.",
            )
            .hint("Pasos por época, por épocas.", "Steps per epoch, times epochs.")
            .why("938 · 20 pasos.", "938 · 20 steps."),
        exercise("03.3", count(4))
            .mistake(
                count(16),
                "El tamaño se multiplica por 16, pero el ruido va con la raíz.",
                "The size grows by a factor of 16, but the noise goes with the root.",
            )
            .mistake(
                number(0.25),
                "Se pregunta por cuánto se *divide*.",
                "The question is by what factor it *falls*.",
            )
            .hint("El ruido va con 1/√m.", "The noise goes with 1/√m.")
            .why("√(256/16) = 4, por 16 veces más trabajo.", "√(256/16) = 4, for 16 times the work."),
        exercise("03.4", function(|x| vec![x[0] - x[2] * (x[0] - x[1])]))
            .case(&[0.0, 1.0, 0.5])
            .case(&[2.0, -1.0, 0.1])
            .case(&[1.0, 1.0, 0.3])
            .case(&[-1.0, 3.0, 1.0])
            .mistake(
                function(|x| vec![x[0] + x[2] * (x[0] - x[1])]),
                "El signo: hay que ir *en contra* del gradiente w - x.",
                "The sign: go *against* the gradient w - x.",
            )
            .mistake(
                function(|x| vec![x[0] - x[2] * x[1]]),
                "El gradiente de (w - x)²/2 respecto a w es w - x, no x.",
                "The gradient of (w - x)²/2 with respect to w is w - x, not x.",
            )
            .mistake(
                function(|x| vec![x[0]]),
                "Esa función no da ningún paso: devuelve el mismo w.",
                "That function takes no step: it returns the same w.",
            )
            .hint("El coste de un ejemplo es (w - x)²/2. Deriva respecto a w.", "The cost of an example is (w - x)²/2. Take the derivative with respect to w.")
            .why(
                "Es lo mismo que (1 - η) w + η x: una media que olvida poco a poco.",
                "It is the same as (1 - η) w + η x: a mean that slowly forgets.",
            ),
        exercise("03.5", choice("b"))
            .mistake(
                choice("a"),
                "Puede pasar, pero no hace falta: ocurre también si los dos conjuntos son igual de difíciles.",
                "It may happen, but it is not needed: this occurs even when both sets are equally hard.",
            )
            .mistake(
                choice("c"),
                "Con sobreajuste es al revés: `val_loss` es la mayor.",
                "With overfitting it is the other way round: `val_loss` is the larger one.",
            )
            .hint("¿Con qué pesos se ha medido cada una?", "With which weights was each of them measured?")
            .why(
                "`loss` promedia toda la época, también sus primeros pasos; `val_loss` se mide al final.",
                "`loss` averages the whole epoch, its first steps included; `val_loss` is measured at its end.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("03.A", count(3))
            .mistake(
                count(2),
                "Quedarían dos ejemplos sin ver: forman un último paso más pequeño.",
                "Two examples would remain unseen: they make a last, smaller step.",
            )
            .mistake(number(2.5), "Los pasos son enteros: redondea hacia arriba.", "Steps are whole: round up.")
            .mistake(
                count(10),
                "Eso sería con m = 1: un ejemplo por paso.",
                "That would be with m = 1: an example a step.",
            )
            .why("Dos de cuatro y uno con los dos que sobran.", "Two of four, and one with the two that are left."),
        exercise("03.B", near(2.0, 0.3))
            .mistake(
                near(4.0, 0.3),
                "El trabajo se multiplica por 4, pero el error de una media va con la raíz de m.",
                "The work grows by a factor of 4, but the error of a mean goes with the root of m.",
            )
            .mistake(
                near(16.0, 1.0),
                "Ese es el tamaño nuevo. El ruido va con 1/√m: √(16/4).",
                "That is the new size. The noise goes with 1/√m: √(16/4).",
            )
            .mistake(
                near(1.0, 0.2),
                "Con más ejemplos los errores se compensan unos con otros: el ruido sí baja.",
                "With more examples the errors make up for each other: the noise does fall.",
            )
            .why("√4 = 2.", "√4 = 2."),
        exercise("03.C", choice("b"))
            .mistake(
                choice("a"),
                "Con reposición, 200 elecciones repiten unos datos y se dejan otros: la media de un batch no es la de todos.",
                "With replacement, 200 choices repeat some data and leave others out: the mean of a batch is not that of all.",
            )
            .mistake(
                choice("c"),
                "Sin reposición, un batch de 200 de 200 los contiene todos: su media es la de todos, exactamente.",
                "Without replacement a batch of 200 out of 200 holds them all: its mean is that of all, exactly.",
            )
            .why(
                "Sin repetir, el batch son todos los datos; repitiendo, no.",
                "Without repeats the batch is all the data; with them it is not.",
            ),
        exercise("03.D", choice("c"))
            .mistake(
                choice("a"),
                "El temblor viene de que los ejemplos no están de acuerdo en el mínimo. Si todos están en la recta, ahí sí lo están.",
                "The trembling comes from examples that disagree at the minimum. If they all lie on the line, there they agree.",
            )
            .mistake(
                choice("b"),
                "Lejos del mínimo los gradientes de los ejemplos son distintos, pero cada paso acerca, y cerca de él se hacen todos pequeños.",
                "Far from the minimum the examples' gradients differ, but each step brings it closer, and near it all of them get small.",
            )
            .why(
                "En el mínimo cada ejemplo tiene error 0, y gradiente 0: ninguno lo saca de allí.",
                "At the minimum each example has error 0, and gradient 0: none of them takes it away.",
            ),
        exercise("03.E", near(13.0, 2.5))
            .mistake(
                near(10.0, 0.49),
                "Casi: sería 10 si la fórmula fuera η/2, que solo vale para η pequeñas. 0.5/1.5 entre 0.05/1.95 son 13.",
                "Almost: it would be 10 if the formula were η/2, which holds for small η only. 0.5/1.5 over 0.05/1.95 is 13.",
            )
            .mistake(
                near(100.0, 10.0),
                "La varianza va con η, no con su cuadrado.",
                "The variance goes with η, not with its square.",
            )
            .mistake(
                near(3.2, 0.5),
                "Esa es la desviación típica, más o menos; la varianza es su cuadrado.",
                "That is the standard deviation, roughly; the variance is its square.",
            )
            .why("0.5/1.5 entre 0.05/1.95.", "0.5/1.5 over 0.05/1.95."),
        exercise("03.F", choice("c"))
            .mistake(
                choice("a"),
                "En 10 épocas solo da 10 pasos, y no puede alargarlos sin límite: con η demasiado grande diverge.",
                "In 10 epochs it takes 10 steps only, and it cannot lengthen them without limit: with too large an η it diverges.",
            )
            .mistake(
                choice("b"),
                "Lo sería si un paso pudiera ser tan largo como hiciera falta. Hay un límite para η.",
                "It would be so if a step could be as long as needed. There is a limit to η.",
            )
            .why(
                "Dan muchos más pasos con el mismo trabajo.",
                "They take many more steps for the same work.",
            ),
        exercise("03.G", near(4.0, 0.5))
            .mistake(
                near(2.0, 0.3),
                "Con la raíz se conserva el tamaño del ruido de cada paso, no la velocidad: hay 4 veces menos pasos.",
                "The root keeps the size of the noise of each step, not the speed: there are 4 times fewer steps.",
            )
            .mistake(
                near(1.0, 0.2),
                "Con la misma η y 4 veces menos pasos, en una época se avanza unas 4 veces menos.",
                "With the same η and 4 times fewer steps, an epoch goes about a quarter as far.",
            )
            .mistake(
                near(0.25, 0.05),
                "Al revés: cada época tiene menos pasos, así que cada uno tiene que ser más largo.",
                "The other way round: each epoch has fewer steps, so each of them has to be longer.",
            )
            .why("Lo que cuenta es η/m.", "What counts is η/m."),
        exercise("03.H", choice("c"))
            .mistake(
                choice("a"),
                "Se anulan en la media de todos, pero no en un batch de 20; y en la cresta cualquier desvío crece.",
                "They cancel in the mean of all, but not in a batch of 20; and on the ridge any deviation grows.",
            )
            .mistake(
                choice("b"),
                "El primer batch puede tirar hacia cualquiera de los dos lados.",
                "The first batch may pull to either side.",
            )
            .why(
                "Cualquier empujón la saca de la cresta, y la pendiente hace el resto.",
                "Any push takes it off the ridge, and the slope does the rest.",
            ),
        exercise("03.I", choice("a"))
            .mistake(
                choice("b"),
                "El ruido es el mismo, pero el borde del estrecho está mucho más cerca.",
                "The noise is the same, but the edge of the sharp one is much closer.",
            )
            .mistake(
                choice("c"),
                "La profundidad no es lo único: en el estrecho, el temblor llega al borde.",
                "Depth is not all: in the sharp one the tremor reaches the edge.",
            )
            .why(
                "El temblor llega al borde del estrecho y no al del ancho.",
                "The tremor reaches the edge of the sharp one and not that of the wide one.",
            ),
        exercise("03.J", count(938))
            .mistake(
                count(937),
                "Falta el último batch, el de 32.",
                "The last batch, that of 32, is missing.",
            )
            .mistake(number(937.5), "Los pasos son enteros: redondea hacia arriba.", "Steps are whole: round up.")
            .why("937 batches completos y uno de 32.", "937 full batches and one of 32."),
        exercise("03.K", choice("b"))
            .mistake(
                choice("a"),
                "Eso pasa con una red sobreajustada. En la primera época pesa más que `loss` incluya los primeros pasos, cuando no sabía nada.",
                "That happens with an overfitted network. In the first epoch it weighs more that `loss` includes the first steps, when it knew nothing.",
            )
            .mistake(
                choice("c"),
                "No es la misma: `loss` se mide mientras la red cambia, y `val_loss`, al final.",
                "It is not the same: `loss` is measured while the network changes, and `val_loss` at the end.",
            )
            .why(
                "`loss` promedia toda la época; `val_loss` se mide al final.",
                "`loss` averages the whole epoch; `val_loss` is measured at its end.",
            ),
    ]
}
