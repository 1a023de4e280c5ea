//! Lesson 00: how this works.

use super::exercise::{Exercise, choice, count, exercise, function, near};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("00.1", count(338_350))
            .mistake(
                count(328_350),
                "Falta el último: `1..100` no incluye el 100; `1..=100`, sí.",
                "The last one is missing: `1..100` does not include 100; `1..=100` does.",
            )
            .mistake(
                count(5050),
                "Has sumado los números, no sus cuadrados.",
                "You added the numbers, not their squares.",
            )
            .hint(
                "Empieza por `(1..=100).map(|i| ...).sum::<i32>()`",
                "Start from `(1..=100).map(|i| ...).sum::<i32>()`",
            )
            .why("`(1..=100).map(|i| i * i).sum::<i32>()` lo calcula.", "`(1..=100).map(|i| i * i).sum::<i32>()` computes it."),
        exercise("00.2", function(|z| vec![z[0].max(0.0)]))
            .case(&[-2.0])
            .case(&[0.0])
            .case(&[3.5])
            .mistake(
                function(|z| vec![z[0]]),
                "Esa función devuelve z sin cambiarla. Falta el caso z < 0.",
                "That function returns z unchanged. The case z < 0 is missing.",
            )
            .mistake(
                function(|z| vec![z[0].abs()]),
                "Ese es el valor absoluto: para z < 0 tiene que dar 0.",
                "That is the absolute value: for z < 0 it must give 0.",
            )
            .mistake(
                function(|z| vec![z[0].min(0.0)]),
                "Al revés: te has quedado con la parte negativa.",
                "The other way round: you kept the negative part.",
            )
            .hint(
                "Los números tienen el método `max`, y `if` también da un valor: `if z > 0.0 { ... } else { ... }`.",
                "Numbers have the method `max`, and `if` gives a value too: `if z > 0.0 { ... } else { ... }`.",
            )
            .why("Es ReLU, la unidad más usada: bloque 7.", "It is ReLU, the unit that is used most: block 7."),
        exercise("00.3", function(|xs| xs.iter().map(|x| 2.0 * x).collect()))
            .case(&[1.0, 2.0, 3.0])
            .case(&[-0.5])
            .case(&[0.0, 10.0])
            .mistake(
                function(|xs| xs.to_vec()),
                "La lista sale como entró: falta multiplicar cada número.",
                "The list comes out as it went in: each number must still be multiplied.",
            )
            .hint(
                "Recorre la lista con `xs.iter()`, transforma con `.map(|x| ...)` y júntalo con `.collect()`.",
                "Go through the list with `xs.iter()`, transform with `.map(|x| ...)` and gather with `.collect()`.",
            )
            .why("Casi todo lo que se hace con listas en el curso tiene esa forma.", "Almost everything that the course does with lists has this form."),
        exercise("00.4", choice("b"))
            .mistake(
                choice("a"),
                "El error seguiría: `net` se ha movido, y repetir la línea no la devuelve.",
                "The error would remain: `net` has moved, and repeating the line does not bring it back.",
            )
            .mistake(
                choice("c"),
                "`mut` permite cambiar un valor, pero no tener dos dueños.",
                "`mut` allows a value to change, but not to have two owners.",
            )
            .hint("¿Cuál de las tres deja a `net` con su dueño?", "Which of the three leaves `net` with its owner?")
            .why("`clone` hace una copia; `net` sigue siendo tuya.", "`clone` makes a copy; `net` remains yours."),
        exercise("00.5", count(2410))
            .mistake(
                count(2368),
                "Has contado los pesos; cada neurona tiene además un sesgo (*bias*).",
                "You counted the weights; each neuron has a bias too.",
            )
            .hint(
                "Pregúntaselo a la red: `Sequential::input(64).dense(32).dense(10).parameter_count()`",
                "Ask the network: `Sequential::input(64).dense(32).dense(10).parameter_count()`",
            )
            .why("64 · 32 + 32 + 32 · 10 + 10: pesos y sesgos.", "64 · 32 + 32 + 32 · 10 + 10: weights and biases."),
        exercise("00.6", function(|xs| xs.windows(2).map(|pair| pair[1] - pair[0]).collect()))
            .case(&[1.0, 4.0, 9.0])
            .case(&[2.0, -1.0])
            .case(&[0.5, 0.5, 3.0, 1.0])
            .mistake(
                function(|xs| xs.windows(2).map(|pair| pair[0]).collect()),
                "Ese es el primero de cada pareja de vecinos; falta restar.",
                "That is the first of each pair of neighbours; the subtraction is missing.",
            )
            .mistake(
                function(|xs| xs.windows(2).map(|pair| pair[0] - pair[1]).collect()),
                "Al revés: cada número menos el anterior.",
                "The other way round: each number minus the one before.",
            )
            .hint("`xs.windows(2)` da parejas de vecinos, `pair[0]` y `pair[1]`.", "`xs.windows(2)` gives pairs of neighbours, `pair[0]` and `pair[1]`.")
            .why("Con `windows` se ve si un coste sube o baja de un paso al siguiente.", "With `windows` one sees whether a cost goes up or down from one step to the next."),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    vec![
        exercise("00.A", choice("c"))
            .mistake(choice("a"), "Eso es en Python. En Rust, entre enteros la división es entera.", "That is Python. In Rust, division between whole numbers gives a whole number.")
            .mistake(choice("b"), "Los dos son enteros, así que no hay nada que convertir: la división es entera.", "Both are whole numbers, so there is nothing to convert: the division gives a whole number.")
            .why("Con decimales, `7.0 / 2.0` da 3.5.", "With decimals, `7.0 / 2.0` gives 3.5."),
        exercise("00.B", choice("b"))
            .mistake(choice("a"), "`copy` se ha movido a `yours`: un valor, un dueño.", "`copy` has moved to `yours`: one value, one owner.")
            .mistake(choice("c"), "`mine` solo se prestó a `total`, y `clone` hizo otra lista: sigue siendo suya.", "`mine` was only lent to `total`, and `clone` made another list: it still owns its own.")
            .why("Al prestar o copiar, el dueño lo sigue siendo; al mover, no.", "Lending and copying leave the owner; moving does not."),
        exercise("00.C", choice("a"))
            .mistake(choice("b"), "Al crearla no sabe con qué datos se va a encontrar.", "When it is created it does not know which data it will meet.")
            .mistake(choice("c"), "Rellenar escondería el fallo: la biblioteca lo dice.", "Filling in would hide the fault: the library says so.")
            .why("El mensaje dice cuántas esperaba y cuántas han llegado.", "The message says how many it expected and how many came."),
        exercise("00.D", choice("b"))
            .mistake(choice("a"), "Eso vale para los números, y `NAN` no lo es: con él, `<` y `>=` dan siempre falso.", "That holds for numbers, and `NAN` is none: with it `<` and `>=` are always false.")
            .mistake(choice("c"), "Comparar con `NAN` no es un error; simplemente da falso.", "Comparing with `NAN` is no error; it simply gives false.")
            .why("Por eso un coste que se ha roto no salta a la vista, y hay que decir con qué orden se busca el menor.", "That is why a broken cost does not catch the eye, and why one must say by which order the smallest is found."),
        exercise("00.E", choice("a"))
            .mistake(choice("b"), "No inventa datos: se para.", "It makes no data up: it stops.")
            .mistake(choice("c"), "No avisa: se para donde acaba la más corta.", "It says nothing: it stops where the shorter one ends.")
            .why("Útil, y peligroso si la longitud está mal.", "Useful, and dangerous where a length is wrong."),
        exercise("00.F", near(99.5, 4.6))
            .why("16 unidades ocultas bastan para una frontera curva: lo verás desde la lección 1.", "16 hidden units are enough for a curved boundary: you will see that from lesson 1 on."),
    ]
}
