//! Lesson 14: a fast layer, from the inside.

use super::exercise::{Exercise, choice, count, exercise};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("14.1", count(160_000))
            .mistake(
                count(5_000),
                "Esas son las de un solo ejemplo.",
                "Those are the ones for a single example.",
            )
            .mistake(
                count(320_000),
                "Has contado también las sumas: se piden las multiplicaciones.",
                "You counted the additions as well: only the multiplications are asked for.",
            )
            .mistake(
                count(182),
                "Esos números se multiplican, no se suman: cada ejemplo usa cada peso.",
                "Those numbers are multiplied, not added: each example uses each weight.",
            )
            .hint(
                "Para un ejemplo y una neurona hacen falta 100. ¿Cuántas parejas de ejemplo y neurona hay?",
                "One example and one neuron need 100. How many pairs of example and neuron are there?",
            )
            .why("32 · 100 · 50.", "32 · 100 · 50."),
        exercise("14.2", choice("b"))
            .mistake(
                choice("a"),
                "Las multiplicaciones y las sumas son exactamente las mismas en todos los pasos.",
                "The multiplications and additions are exactly the same in every step.",
            )
            .mistake(
                choice("c"),
                "El paso 2 todavía usa un solo núcleo: los hilos llegan en el paso 8.",
                "Step 2 still uses a single core: threads come in step 8.",
            )
            .hint(
                "¿Qué números lee, uno detrás de otro, el bucle de dentro?",
                "Which numbers does the innermost loop read, one after another?",
            )
            .why(
                "Con los números seguidos se aprovecha cada línea de la caché; con una W que cabe en la caché, el giro apenas gana.",
                "With the numbers side by side each line of the cache is used in full; with a W that fits into the cache, turning gains little.",
            ),
        exercise("14.3", choice("b"))
            .mistake(
                choice("a"),
                "El intervalo dirá que las 10 veces no son casualidad, pero no a cuál de los dos cambios se deben.",
                "The interval will say that the 10 times are no accident, but not which of the two changes they come from.",
            )
            .mistake(
                choice("c"),
                "En otro procesador también habrán cambiado las dos cosas a la vez.",
                "On another processor both things will have changed at once, too.",
            )
            .hint("¿Qué dos versiones se diferencian solo en el tipo?", "Which two versions differ in the type only?")
            .why("Entre esas dos solo cambia el tipo: lo que ganen se debe a él.", "Between those two only the type changes: what they gain comes from it."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("14.A", choice("c"))
            .mistake(
                choice("a"),
                "Los bucles son los mismos, pero los datos están en otro sitio: si cada línea que llega sigue en la caché cuando vuelve a hacer falta, el desorden apenas cuesta.",
                "The loops are the same, but the data are elsewhere: if each line that comes is still in the cache when it is needed again, disorder costs little.",
            )
            .mistake(
                choice("b"),
                "Lo que va mejor con la W pequeña es sobre todo la versión en desorden, así que la ventaja del giro se encoge.",
                "What gains from the small W is above all the version out of order, so the advantage of turning shrinks.",
            )
            .why("El giro gana donde las líneas vienen de lejos: la causa estaba en la memoria.", "Turning gains where the lines come from far away: the cause was in memory."),
        exercise("14.B", choice("b"))
            .mistake(
                choice("a"),
                "Las operaciones son las mismas, pero antes cada suma esperaba a la anterior; ahora hay cuatro cadenas que avanzan a la vez.",
                "The operations are the same, but before each addition waited for the one before; now four chains go on at once.",
            )
            .mistake(
                choice("c"),
                "Con cuatro cadenas la espera no puede bajar de la cuarta parte.",
                "With four chains the wait cannot go below a quarter.",
            )
            .why("Cuatro cadenas a la vez: la cota es 4, y antes de llegar a ella manda otra cosa.", "Four chains at once: the bound is 4, and before it is reached something else rules."),
        exercise("14.C", choice("a"))
            .mistake(
                choice("b"),
                "En la girada cada suma espera a la anterior, y la espera es la misma en `f32`: leer la mitad no ayuda si no era la lectura lo que frenaba.",
                "In the turned one each addition waits for the one before, and the wait is the same in `f32`: reading half does not help where reading was not the brake.",
            )
            .mistake(
                choice("c"),
                "Al revés: la girada está atada a su cadena de sumas, que tarda lo mismo en `f32`.",
                "The other way round: the turned one is tied to its chain of additions, which takes as long in `f32`.",
            )
            .why("Un cambio solo ayuda donde quita lo que frena.", "A change only helps where it takes away what holds things up."),
        exercise("14.D", choice("b"))
            .mistake(
                choice("a"),
                "Hay la mitad de instrucciones de cálculo, pero calcular ya no es lo único que frena.",
                "There are half as many instructions that calculate, but calculating is no longer the only brake.",
            )
            .mistake(
                choice("c"),
                "Vectorizaba, pero para el procesador más antiguo: 4 números por instrucción. En un procesador sin AVX2, en cambio, acertarías.",
                "It did, but for the oldest processor: 4 numbers an instruction. On a processor without AVX2, though, you would be right.",
            )
            .why("Cuando calcular cuesta menos, pesa más todo lo que no ha cambiado.", "When calculating costs less, all that has not changed weighs more."),
        exercise("14.E", choice("c"))
            .mistake(
                choice("a"),
                "El primero también cambia cómo se recorre W y cuántas sumas van a la vez: lo que ahorra no lo compensa.",
                "The first one also changes how W is gone through and how many sums go at once: what it saves does not make up for that.",
            )
            .mistake(
                choice("b"),
                "Una fila de sumas cabe en la caché más cercana, y leerla y escribirla cuesta menos de lo que parece.",
                "A row of sums fits into the nearest cache, and reading and writing it costs less than it seems.",
            )
            .why("Cada número de W que se lee sirve para 4 ejemplos en lugar de para uno.", "Each number of W that is read serves 4 examples instead of one."),
        exercise("14.F", choice("a"))
            .mistake(
                choice("c"),
                "El trabajo se reparte, pero crear los hilos cuesta más que todo el trabajo de 2 ejemplos.",
                "The work is shared, but making the threads costs more than all the work of 2 examples.",
            )
            .mistake(
                choice("b"),
                "Crear los hilos tiene un precio fijo, y con 2 ejemplos es mayor que lo que se reparte.",
                "Making the threads has a fixed price, and with 2 examples it is more than what is shared.",
            )
            .why("El precio de los hilos es fijo: solo lo devuelve un trabajo largo.", "The price of threads is fixed: only long work pays it back."),
        exercise("14.G", choice("c"))
            .mistake(
                choice("a"),
                "En coma flotante, sumar los mismos números en otro orden redondea de otra manera.",
                "In floating point, adding the same numbers in another order rounds differently.",
            )
            .mistake(
                choice("b"),
                "`f32` tiene unas 7 cifras: otro orden cambia las últimas, no la tercera.",
                "`f32` has some 7 digits: another order changes the last ones, not the third.",
            )
            .why("Otro orden de las sumas, otro redondeo.", "Another order of the sums, another rounding."),
    ]
}
