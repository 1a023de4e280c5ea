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
                "Las multiplicaciones y las sumas son exactamente las mismas en los cinco pasos.",
                "The multiplications and additions are exactly the same in all five steps.",
            )
            .mistake(
                choice("c"),
                "El paso 2 todavía usa un solo núcleo: todos los núcleos llegan con la biblioteca.",
                "Step 2 still uses a single core: all the cores come with the library.",
            )
            .hint(
                "¿Qué números lee, uno detrás de otro, el bucle de dentro?",
                "Which numbers does the innermost loop read, one after another?",
            )
            .why(
                "Con los números seguidos se aprovecha cada línea de la caché, y el compilador puede multiplicar varios a la vez.",
                "With the numbers side by side each line of the cache is used in full, and the compiler can multiply several at once.",
            ),
    ]
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
