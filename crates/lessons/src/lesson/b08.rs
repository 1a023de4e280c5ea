//! Lesson 08: initialisation.

use super::exercise::{Exercise, choice, count, exercise, function, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("08.1", number(0.0625))
            .mistake(
                number(2.0 / (512.0 + 256.0)),
                "Esa es la varianza de Xavier, 2/(n_in + n_out). He solo mira las entradas, y se pide la desviación típica.",
                "That is Xavier's variance, 2/(n_in + n_out). He looks at the inputs only, and the standard deviation is asked for.",
            )
            .mistake(
                number(2.0 / 512.0),
                "Esa es la varianza; la desviación típica es su raíz cuadrada.",
                "That is the variance; the standard deviation is its square root.",
            )
            .mistake(
                number(0.051_031),
                "Esa es la de Xavier. Con ReLU se usa He: solo cuentan las entradas.",
                "That is Xavier's. With ReLU one uses He: only the inputs count.",
            )
            .mistake(
                number(0.088_388),
                "Has dividido por las neuronas de la capa. En He, n es el número de entradas de cada neurona.",
                "You divided by the neurons of the layer. In He, n is the number of inputs of a neuron.",
            )
            .hint("La varianza de He es 2/n. ¿Qué es n aquí?", "He's variance is 2/n. What is n here?")
            .hint("n = 512, las entradas de cada neurona; falta la raíz cuadrada.", "n = 512, the inputs of each neuron; the square root is still missing.")
            .why("√(2/512) = 1/16.", "√(2/512) equals 1/16."),
        exercise("08.2", function(|n| vec![2.0 / (n[0] + n[1])]))
            .case(&[100.0, 100.0])
            .case(&[400.0, 100.0])
            .case(&[3.0, 7.0])
            .mistake(
                function(|n| vec![1.0 / (n[0] + n[1])]),
                "Falta el 2: el valor está entre 1/n_in y 1/n_out, no en la mitad de eso.",
                "The 2 is missing: the value lies between 1/n_in and 1/n_out, not at half of that.",
            )
            .mistake(
                function(|n| vec![(2.0 / (n[0] + n[1])).sqrt()]),
                "Esa es la desviación típica; se pide la varianza, su cuadrado.",
                "That is the standard deviation; the variance is asked for, its square.",
            )
            .mistake(
                function(|n| vec![2.0 / n[0]]),
                "Esa es la de He, que solo mira las entradas.",
                "That is He's, which looks at the inputs only.",
            )
            .hint("Hacia delante hace falta 1/n_in, hacia atrás 1/n_out.", "Forward needs 1/n_in, backward 1/n_out.")
            .hint("Es la inversa de la media de n_in y n_out.", "It is the inverse of the mean of n_in and n_out.")
            .why("Con n_in = n_out = n es justo 1/n.", "With n_in = n_out = n it is exactly 1/n."),
        exercise("08.3", number(0.25_f64.powi(5)))
            .mistake(number(0.25), "Esa es la varianza tras la primera capa; quedan cuatro.", "That is the variance after the first layer; four more follow.")
            .mistake(number(0.05_f64.powi(10)), "Has olvidado que cada neurona suma 100 entradas.", "You forgot that each neuron adds up 100 inputs.")
            .mistake(number(5.0_f64.powi(5)), "Has usado la desviación típica; en la fórmula va la varianza, 0.05².", "You used the standard deviation; the formula has the variance, 0.05².")
            .hint("Cada capa multiplica la varianza por n · Var(w).", "Each layer multiplies the variance by n · Var(w).")
            .hint("n · Var(w) = 100 · 0.05² = 0.25, y hay cinco capas.", "n · Var(w) = 100 · 0.05² = 0.25, and there are five layers.")
            .why("0.25⁵ ≈ 0.00098: en cinco capas casi no queda señal.", "0.25⁵ ≈ 0.00098: five layers leave almost no signal."),
        exercise("08.4", count(1))
            .mistake(count(32), "¿Qué diferencia habría entre dos de ellas? Reciben el mismo gradiente en cada paso.", "What would make two of them differ? They receive the same gradient at each step.")
            .mistake(count(0), "Las neuronas siguen ahí: calculan, pero todas lo mismo.", "The neurons are still there: they compute, but all the same.")
            .hint("Mira la fila Constant(0.5) de la tabla del principio.", "Look at the row Constant(0.5) of the table at the beginning.")
            .why("Son 32 copias de una sola neurona, se entrene lo que se entrene.", "They are 32 copies of one neuron, however long it trains."),
        exercise("08.5", choice("c"))
            .mistake(choice("a"), "Con todo a 0, las salidas de las capas ocultas son exactamente 0.", "With everything at 0 the outputs of the hidden layers are exactly 0.")
            .mistake(choice("b"), "Con pesos tan pequeños las salidas se amontonan en 0.", "With weights as small as these the outputs pile up at 0.")
            .mistake(choice("d"), "Xavier reparte las salidas entre -1 y 1 sin amontonarlas en los extremos.", "Xavier spreads the outputs between -1 and 1 without piling them up at the ends.")
            .hint("¿Dónde se satura tanh?", "Where does tanh saturate?")
            .why("Pesos grandes, z grande, tanh saturada.", "Large weights, large z, saturated tanh."),
        exercise("08.6", number(0.2))
            .mistake(number(0.115_470), "Esa es la desviación típica, √(2/150); el límite de la uniforme es √3 veces mayor.", "That is the standard deviation, √(2/150); the limit of the uniform form is √3 times larger.")
            .mistake(number(0.346_410), "Esa es la uniforme de He, √(6/50). Glorot es Xavier: cuentan las entradas y las salidas.", "That is He's uniform form, √(6/50). Glorot is Xavier: inputs and outputs count.")
            .mistake(number(0.04), "Falta la raíz cuadrada.", "The square root is missing.")
            .hint("La varianza es 2/(n_in + n_out), y la de la uniforme en [-L, L] es L²/3.", "The variance is 2/(n_in + n_out), and that of the uniform distribution on [-L, L] is L²/3.")
            .why("√(6/150) = 0.2.", "√(6/150) equals 0.2."),
        exercise("08.7", choice("b"))
            .mistake(choice("a"), "Seguirían siendo dos entrenamientos: otra semilla podría dar la vuelta al resultado.", "They would still be two trainings: another seed could turn the result round.")
            .mistake(choice("c"), "La tienen, y por eso la diferencia es dudosa; pero eso no dice si existe.", "They do, which makes the difference doubtful; but that does not say whether it exists.")
            .hint("¿Cuánto cambia el acierto de una semilla a otra?", "How much does the accuracy change from seed to seed?")
            .why("Con semillas emparejadas se ve si la diferencia se repite o es casualidad.", "Paired seeds show whether the difference comes back or is chance."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("08.A", choice("b"))
            .mistake(choice("a"), "Para separarse tendrían que recibir gradientes distintos, y neuronas iguales reciben el mismo.", "To come apart they would have to receive different gradients, and equal neurons receive the same.")
            .mistake(choice("c"), "Las dos clases cambian la salida, pero a cada neurona oculta le llega lo mismo que a las demás.", "The two classes change the output, but each hidden neuron receives the same as the others.")
            .why("Mismos pesos, mismo gradiente, mismo paso: siguen iguales.", "Same weights, same gradient, same step: they stay equal."),
        exercise("08.B", choice("c"))
            .mistake(choice("a"), "No saturarse no basta: cada capa multiplica la varianza por 256 · 0.01², mucho menos que 1.", "Not saturating is not enough: each layer multiplies the variance by 256 · 0.01², much less than 1.")
            .mistake(choice("b"), "Esa es la varianza de los pesos. La de las activaciones se multiplica en cada capa por 0.026, diez veces.", "That is the variance of the weights. That of the activations is multiplied by 0.026 in each layer, ten times.")
            .why("0.026 multiplicado diez veces.", "0.026 multiplied ten times."),
        exercise("08.C", choice("a"))
            .mistake(choice("b"), "La mayoría no lo deja pasar, pero a las que sí las multiplican pesos enormes, y son las que deciden.", "Most do not let it through, but enormous weights multiply what the others let through, and those decide.")
            .mistake(choice("c"), "Haría falta que 256 · E[f'(z)²] fuera justo 1.", "256 · E[f'(z)²] would have to be exactly 1.")
            .why("Saturar no basta para desvanecer: cuenta el producto n · Var(w) · E[f'(z)²].", "Saturating is not enough to vanish: what counts is the product n · Var(w) · E[f'(z)²]."),
        exercise("08.D", choice("c"))
            .mistake(choice("a"), "Esa sería si la media de `x` fuera 0; la de una ReLU es positiva, y en la fórmula (1) va E[x²].", "That would be so if the mean of `x` were 0; that of a ReLU is positive, and formula (1) has E[x²].")
            .mistake(choice("b"), "La ReLU quita la mitad negativa, y con ella la mitad de E[u²].", "The ReLU takes the negative half away, and with it half of E[u²].")
            .why("E[x²] es la mitad de E[u²]: de ahí sale el 2 de He.", "E[x²] is half of E[u²]: that is where He's 2 comes from."),
        exercise("08.E", choice("a"))
            .mistake(choice("b"), "La uniforme se acaba en √3 desviaciones típicas; la normal tiene colas.", "The uniform distribution ends at √3 standard deviations; the normal one has tails.")
            .mistake(choice("c"), "La varianza es la misma, pero no la forma: la normal tiene colas.", "The variance is the same, but not the shape: the normal distribution has tails.")
            .why("La normal tiene colas; la uniforme, un límite.", "The normal distribution has tails; the uniform one has a limit."),
        exercise("08.F", choice("c"))
            .mistake(choice("a"), "Baja despacio: tanh encoge un poco lo que pasa, y el supuesto f(z) ≈ z solo es exacto en 0.", "It falls slowly: tanh shrinks what passes a little, and the assumption f(z) ≈ z is exact only at 0.")
            .mistake(choice("b"), "Falta el 2 de He: cada capa pierde la mitad.", "He's 2 is missing: each layer loses half.")
            .mistake(choice("d"), "Hacia delante engaña; hacia atrás, f' vale como mucho 1/4, y Xavier supone f'(0) = 1.", "Forward it deceives; backward f' is 1/4 at most, and Xavier assumes f'(0) = 1.")
            .why("El 2 de He es justo lo que quita la ReLU, hacia delante y hacia atrás.", "He's 2 is exactly what the ReLU takes away, forward and backward."),
        exercise("08.G", choice("c"))
            .mistake(choice("a"), "Es un factor 2 por capa: en 8 capas, 256.", "It is a factor of 2 a layer: in 8 layers, 256.")
            .mistake(choice("b"), "La señal que llega es 256 veces menor en varianza, no 10¹⁸: basta para empezar a aprender.", "The signal that arrives has 256 times less variance, not 10¹⁸ times: enough to begin to learn.")
            .why("Al principio a las capas de Xavier les llega poca señal, y tardan en arrancar.", "At first little signal reaches Xavier's layers, and they take long to get going."),
        exercise("08.H", choice("b"))
            .mistake(choice("a"), "Con pesos tan pequeños los gradientes son de 10⁻⁶ o menos: en 120 épocas no se mueve nada.", "With weights as small as these the gradients are 10⁻⁶ or less: in 120 epochs nothing moves.")
            .mistake(choice("c"), "Con pesos grandes el gradiente no falta, sobra: el coste empieza muy alto y baja a trompicones.", "With large weights there is no lack of gradient but too much: the cost starts very high and goes down in jolts.")
            .why("Sin gradiente en los pesos, solo aprenden los sesgos de la salida.", "Without a gradient in the weights only the output biases learn."),
        exercise("08.I", choice("c"))
            .mistake(choice("a"), "No se saturan, pero en cuatro capas la señal mengua, y con ella el gradiente: en 120 épocas no llega.", "They do not saturate, but in four layers the signal shrinks, and the gradient with it: in 120 epochs it does not get there.")
            .mistake(choice("b"), "Xavier conserva la varianza; que el coste acabe lo más bajo posible no lo promete. En una red de solo cuatro capas, pesos mayores llegan antes a una frontera tan curva.", "Xavier keeps the variance; that the cost ends as low as it can is no part of the promise. In a network of only four layers larger weights get to so bent a boundary sooner.")
            .why("Las fórmulas protegen a las redes profundas; en esta, de cuatro capas, la zona buena es ancha y está más arriba.", "The formulas protect deep networks; in this one, of four layers, the good zone is wide and lies higher."),
    ]
}
