//! Lesson 16: the training doctor.

use super::exercise::{Exercise, choice, exercise, near, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("16.1", number(100_f64.ln()))
            .mistake(
                number(10_f64.ln()),
                "Ese es el de 10 clases.",
                "That is the one for 10 classes.",
            )
            .mistake(
                number(0.01),
                "Esa es la probabilidad de cada clase; el coste es menos su logaritmo.",
                "That is the probability of each class; the cost is minus its logarithm.",
            )
            .hint(
                "Sin preferir ninguna, cada clase tiene probabilidad 1/100.",
                "With no preference each class has probability 1/100.",
            )
            .why("-ln(1/100) = ln 100.", "-ln(1/100) = ln 100."),
        exercise("16.2", number((1.0 + (-1_f64).exp()).ln()))
            .mistake(
                number(0.0),
                "Eso se puede con un solo softmax: con dos, las entradas del segundo están entre 0 y 1.",
                "That can be reached with a single softmax: with two, what goes into the second is between 0 and 1.",
            )
            .mistake(
                number(1.461_17),
                "Ese es el de 10 clases: en el denominador hay e + 9. ¿Y con 2?",
                "That is the one for 10 classes, with e + 9 below. And with 2?",
            )
            .hint(
                "Lo mejor que puede dar el primer softmax es (1, 0). Aplícale el segundo.",
                "The best that the first softmax can give is (1, 0). Apply the second to it.",
            )
            .why(
                "-ln(e / (e + 1)) = ln(1 + 1/e).",
                "-ln(e / (e + 1)) = ln(1 + 1/e).",
            ),
        exercise("16.3", choice("b"))
            .mistake(
                choice("a"),
                "Las otras capas van bien, y la mitad de 2 sigue siendo demasiado.",
                "The other layers are fine, and half of 2 is still too much.",
            )
            .mistake(
                choice("c"),
                "Más unidades no cambian lo grande que es el paso al lado del peso.",
                "More units do not change how large the step is beside the weight.",
            )
            .mistake(
                choice("d"),
                "Con pasos del doble del peso no va a mejorar con el tiempo.",
                "With steps twice the size of the weight time does not mend it.",
            )
            .hint(
                "El cociente tiene dos partes. ¿Cuál es rara solo en esa capa?",
                "The ratio has two parts. Which is odd in that layer alone?",
            )
            .why(
                "Si η es la misma y solo una capa se sale, lo raro son sus pesos: mira con qué se inició.",
                "With the same η and one layer out of line, its weights are what is odd: look at how they started.",
            ),
        exercise("16.4", near(0.95, 0.05))
            .hint(
                "Una unidad muere cuando todo lo que le entra es negativo. ¿Qué capa centra lo que le entra, sean los pesos los que sean?",
                "A unit dies when all that goes into it is negative. Which layer centres what goes in, whatever the weights are?",
            )
            .hint(
                "Prueba `batch_norm()` delante de la ReLU.",
                "Try `batch_norm()` before the ReLU.",
            )
            .why(
                "Con las entradas de la ReLU centradas en cada batch, un paso enorme no apaga las unidades para siempre. (Con tanh no basta: se satura.)",
                "With the ReLU's inputs centred in each batch, a huge step does not switch the units off for ever. (tanh is not enough: it saturates.)",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("16.A", choice("c"))
            .mistake(choice("a"), "Con 32 unidades la red sana llega al 95 %.", "With 32 units the healthy network reaches 95 %.")
            .mistake(choice("b"), "Con las unidades muertas el coste estaría quieto, y este baja sin parar.", "With dead units the cost would stand still, and this one goes down all the time.")
            .mistake(choice("d"), "La curva de entrenamiento tampoco baja: la validación no tiene la culpa.", "The training curve does not go down either: validation is not to blame.")
            .why("Baja recto porque cada paso es demasiado corto.", "It goes straight down because every step is too short."),
        exercise("16.B", choice("a"))
            .mistake(choice("b"), "El mínimo está muy por debajo: la red sana baja de 0.3.", "The minimum is far below: the healthy network gets under 0.3.")
            .mistake(choice("c"), "Con sobreajuste acertaría mucho en entrenamiento, y no acierta.", "With overfitting it would be right in training, and it is not.")
            .mistake(choice("d"), "Entonces bajaría despacio, pero sin parar.", "Then it would go down slowly, but steadily.")
            .why("Un coste quieto en ln 10 es el de una salida que no depende de la entrada.", "A cost that stands at ln 10 is that of an output that does not depend on the input."),
        exercise("16.C", choice("b"))
            .mistake(choice("a"), "La misma red con tanh y Xavier aprende bien.", "The same network with tanh and Xavier learns well.")
            .mistake(choice("c"), "Unos pesos iguales tampoco aprenden, pero estos son aleatorios, con σ = 3.", "Equal weights do not learn either, but these are random, with σ = 3.")
            .mistake(choice("d"), "El batch es de 64, el de la red sana.", "The batch is of 64, that of the healthy network.")
            .why("Con σ = 3 casi todas las tanh empiezan cerca de ±1, donde su derivada es casi 0.", "With σ = 3 nearly all tanhs begin near ±1, where their slope is almost 0."),
        exercise("16.D", choice("d"))
            .mistake(choice("a"), "Con sobreajuste corriente se acierta con datos nuevos mucho más que al azar.", "With ordinary overfitting new data are right far more often than by chance.")
            .mistake(choice("b"), "Con esa misma η la red con etiquetas buenas pasa del 93 %.", "With the same η the network with good labels passes 93 %.")
            .mistake(choice("c"), "La misma red, con las etiquetas en su sitio, aprende.", "The same network learns when the labels are in their place.")
            .why("Cada etiqueta era la de la imagen anterior.", "Each label was that of the image before."),
        exercise("16.E", choice("a"))
            .mistake(choice("b"), "El sobreajuste no baja hasta el 1 %: echando a suertes se acierta un 10 %.", "Overfitting does not go down to 1 %: drawing lots gets 10 %.")
            .mistake(choice("c"), "Son 359, suficientes: el fallo no es ruido.", "There are 359, enough: the failure is no noise.")
            .mistake(choice("d"), "Con los mismos datos barajados, Adam acierta más del 93 %.", "With the same data shuffled, Adam gets more than 93 % right.")
            .why("Los ochos y los nueves solo están en la validación, y nadie acierta una clase que no ha visto.", "The eights and nines are in validation only, and nobody is right about a class never seen."),
        exercise("16.F", choice("d"))
            .mistake(choice("a"), "La red sana tiene las mismas capas.", "The healthy network has the same layers.")
            .mistake(choice("b"), "El batch es el de la red sana.", "The batch is that of the healthy network.")
            .mistake(choice("c"), "Son los de He, como en la red sana.", "They are He's, as in the healthy network.")
            .why("Todo lo que sale de la primera capa es 255 veces mayor, y el primer paso también.", "All that comes out of the first layer is 255 times as large, and so is the first step."),
        exercise("16.G", choice("b"))
            .mistake(choice("a"), "Con la misma η y un solo softmax el coste baja de 0.1.", "With the same η and a single softmax the cost gets below 0.1.")
            .mistake(choice("c"), "Acierta el 97 % o más: las etiquetas son buenas.", "It gets 97 % or more right: the labels are good.")
            .mistake(choice("d"), "Las ReLU no saturan así, y la red acierta.", "ReLUs do not saturate like that, and the network is right.")
            .why("Las probabilidades que salen del primer softmax están entre 0 y 1: para el segundo todas son casi iguales.", "The probabilities of the first softmax are between 0 and 1: to the second they all look alike."),
        exercise("16.H", choice("c"))
            .mistake(choice("a"), "La red sana, con ocho veces más datos, no llega al 100 %.", "The healthy network, with eight times the data, does not reach 100 %.")
            .mistake(choice("b"), "Una red demasiado grande sobreajusta: en validación acertaría menos, no más.", "A network that is too large overfits: it would do worse in validation, not better.")
            .mistake(choice("d"), "Con una η demasiado grande aprendería peor.", "With an η too large it would learn worse.")
            .why("La validación era la mitad del propio entrenamiento.", "The validation data were half of the training data."),
        exercise("16.I", choice("d"))
            .mistake(choice("a"), "Con batches de 32 funciona con la misma ReLU.", "With batches of 32 it works with the same ReLU.")
            .mistake(choice("b"), "Con una fuga acertaría tanto en un sitio como en el otro.", "With a leak it would be as right in one place as in the other.")
            .mistake(choice("c"), "Con unidades muertas acertaría poco también en validación.", "With dead units it would do badly in validation, too.")
            .why("Durante el entrenamiento cada ejemplo se normaliza con uno solo más.", "In training each example is normalised with just one other."),
        exercise("16.J", choice("b"))
            .mistake(choice("a"), "La curva da saltos: los pasos no son cortos.", "The curve jumps: the steps are not short.")
            .mistake(choice("c"), "Con etiquetas equivocadas la validación no pasaría del azar.", "With wrong labels validation would not get past chance.")
            .mistake(choice("d"), "En entrenamiento acierta lo mismo de poco que en validación.", "It is as seldom right in training as in validation.")
            .why("Pesos iguales reciben gradientes iguales, y así siguen.", "Equal weights get equal gradients, and stay so."),
    ]
}
