//! Lesson 09: batch normalisation.

use super::exercise::{Exercise, count, exercise, function, number};

pub(super) fn exercises() -> Vec<Exercise> {
    vec![
        exercise("09.1", number(1.603_567))
            .mistake(
                number(3.0 / 3.5),
                "Has dividido por la varianza; se divide por su raíz cuadrada, la desviación típica.",
                "You divided by the variance; divide by its square root, the standard deviation.",
            )
            .mistake(
                number(1.388_730),
                "Has dividido la suma de cuadrados por n - 1. Para normalizar el batch se divide por n.",
                "You divided the sum of squares by n - 1. To normalise the batch, divide by n.",
            )
            .mistake(
                number(3.207_135),
                "Falta restar la media.",
                "The mean has not been subtracted.",
            )
            .hint(
                "La media del batch es 3. ¿Cuánto vale (x - 3)² para cada uno de los cuatro valores?",
                "The mean of the batch is 3. What is (x - 3)² for each of the four values?",
            )
            .hint(
                "La varianza es (4 + 1 + 0 + 9)/4. Falta dividir 6 - 3 por su raíz.",
                "The variance is (4 + 1 + 0 + 9)/4. Divide 6 - 3 by its root.",
            )
            .why("(6 - 3)/√3.5 ≈ 1.604.", "(6 - 3)/√3.5 ≈ 1.604."),
        exercise("09.2", count(938))
            .mistake(
                count(937),
                "Te dejas los 32 ejemplos del último batch, que está incompleto pero también se usa.",
                "You leave out the 32 examples of the last batch: it is not full, but it is used too.",
            )
            .mistake(
                number(937.5),
                "No hay medio batch: el último lleva solo 32 ejemplos, pero es un batch más.",
                "There is no half batch: the last one holds 32 examples only, but it is one more batch.",
            )
            .mistake(
                count(60_000),
                "La media no se calcula por ejemplo, sino por batch.",
                "The mean is not computed for each example but for each batch.",
            )
            .mistake(
                count(1),
                "No es una media de todos los datos: hay una por batch.",
                "It is not one mean of all data: there is one per batch.",
            )
            .hint("¿Cuántos batches hay en una época?", "How many batches are there in an epoch?")
            .why(
                "60000/64 = 937.5: 937 batches completos y uno con 32 ejemplos.",
                "60000/64 = 937.5: 937 full batches and one with 32 examples.",
            ),
        exercise("09.3", count(2474))
            .mistake(
                count(2538),
                "Has contado también la media y la varianza acumuladas: se siguen, pero no se aprenden por gradiente.",
                "You counted the running mean and variance too: they are followed, not learned by gradients.",
            )
            .mistake(
                count(2410),
                "Esos son los de las dos capas densas: faltan los de batch normalization.",
                "Those are the parameters of the two dense layers: batch normalisation's are missing.",
            )
            .mistake(
                count(2442),
                "Cada unidad normalizada tiene dos parámetros, γ y β.",
                "Each normalised unit has two parameters, γ and β.",
            )
            .hint(
                "Una capa densa aprende n_in·n_out pesos y n_out sesgos. ¿Cuántos aprende batch normalization por unidad?",
                "A dense layer learns n_in·n_out weights and n_out biases. How many does batch normalisation learn per unit?",
            )
            .hint("Suma (64·32 + 32), 2·32 y los de la última capa.", "Add (64·32 + 32), 2·32 and those of the last layer.")
            .why(
                "(64·32 + 32) + 2·32 + (32·10 + 10) = 2474. Compruébalo con `.summary()`.",
                "(64·32 + 32) + 2·32 + (32·10 + 10) = 2474. Check it with `.summary()`.",
            ),
        exercise("09.4", number(0.299))
            .mistake(
                number(15.0),
                "Esa es la media de las dos. La media móvil conserva el 99 % de lo que tenía.",
                "That is the mean of the two. The running mean keeps 99 % of what it had.",
            )
            .mistake(
                number(2.9),
                "Eso sale con m = 0.9, la convención de PyTorch. Aquí m = 0.99.",
                "That comes out with m = 0.9, PyTorch's convention. Here m = 0.99.",
            )
            .mistake(
                number(19.899),
                "Has cambiado los papeles: m multiplica a lo acumulado y 1 - m al batch.",
                "You swapped the roles: m multiplies what was there, and 1 - m the batch.",
            )
            .hint("Después del primer batch vale 0.99·0 + 0.01·10.", "After the first batch it is 0.99·0 + 0.01·10.")
            .why(
                "0.99·0.1 + 0.01·20 = 0.299: con m = 0.99 hacen falta cientos de pasos para acercarse a la media de verdad.",
                "0.99·0.1 + 0.01·20 = 0.299: with m = 0.99 it takes hundreds of steps to come near the true mean.",
            ),
        exercise("09.5", function(|z| normalised(z, z.len() as f64, f64::sqrt)))
            .case(&[2.0, 4.0, 6.0, 8.0])
            .case(&[1.0, 2.0, 3.0, 6.0])
            .case(&[-0.5, 0.25, 0.0])
            .mistake(
                function(|z| normalised(z, z.len() as f64, |_| 1.0)),
                "Ya tiene media 0. Falta dividir por la desviación típica.",
                "It has mean 0 now. Divide by the standard deviation, too.",
            )
            .mistake(
                function(|z| normalised(z, z.len() as f64, |variance| variance)),
                "Has dividido por la varianza: falta la raíz cuadrada.",
                "You divided by the variance: the square root is missing.",
            )
            .mistake(
                function(|z| normalised(z, z.len() as f64 - 1.0, f64::sqrt)),
                "Has dividido la suma de cuadrados por n - 1; aquí se divide por n.",
                "You divided the sum of squares by n - 1; here it is divided by n.",
            )
            .mistake(
                function(<[f64]>::to_vec),
                "Has devuelto los mismos números.",
                "You gave back the same numbers.",
            )
            .hint(
                "La varianza es la media de (z - μ)²; calcúlala igual que la media.",
                "The variance is the mean of (z - μ)²; compute it as you compute the mean.",
            )
            .hint("La raíz cuadrada se escribe `variance.sqrt()`.", "The square root is `variance.sqrt()`.")
            .why("Media 0 y varianza 1.", "Mean 0 and variance 1."),
    ]
}

/// `(z - μ) / scale(σ²)`, with `σ²` the sum of squares over `n`.
fn normalised(z: &[f64], n: f64, scale: fn(f64) -> f64) -> Vec<f64> {
    let mean = z.iter().sum::<f64>() / z.len() as f64;
    let variance = z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / n;
    z.iter().map(|z| (z - mean) / scale(variance)).collect()
}

pub(super) fn predictions() -> Vec<Exercise> {
    Vec::new()
}
