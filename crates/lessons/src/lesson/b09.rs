//! Lesson 09: batch normalisation.

use super::exercise::{Exercise, choice, count, exercise, function, number};

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
                "Has dividido la suma de cuadrados por m - 1. Para normalizar el batch se divide por m.",
                "You divided the sum of squares by m - 1. To normalise the batch, divide by m.",
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
                "Eso sale con ρ = 0.9, la convención de PyTorch. Aquí ρ = 0.99.",
                "That comes out with ρ = 0.9, PyTorch's convention. Here ρ = 0.99.",
            )
            .mistake(
                number(19.899),
                "Has cambiado los papeles: ρ multiplica a lo acumulado y 1 - ρ al batch.",
                "You swapped the roles: ρ multiplies what was there, and 1 - ρ the batch.",
            )
            .hint("Después del primer batch vale 0.99·0 + 0.01·10.", "After the first batch it is 0.99·0 + 0.01·10.")
            .why(
                "0.99·0.1 + 0.01·20 = 0.299: con ρ = 0.99 hacen falta cientos de pasos para acercarse a la media de verdad.",
                "0.99·0.1 + 0.01·20 = 0.299: with ρ = 0.99 it takes hundreds of steps to come near the true mean.",
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
                "Has dividido la suma de cuadrados por m - 1; aquí se divide por m.",
                "You divided the sum of squares by m - 1; here it is divided by m.",
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
    vec![
        exercise("09.A", choice("c"))
            .mistake(
                choice("a"),
                "√30 es lo que difieren las escalas de los dos pesos; los pasos crecen con κ, y hay que dar muchos de ellos.",
                "√30 is how much the scales of the two weights differ; the steps grow with κ, and it takes many of them.",
            )
            .mistake(
                choice("b"),
                "Crecen en proporción a κ, pero con un factor: cada paso solo quita una pequeña parte de lo que falta.",
                "They grow in proportion to κ, but with a factor: each step takes off only a small part of what is left.",
            )
            .why(
                "190: cada paso multiplica la distancia por (κ - 1)/(κ + 1) ≈ 0.94.",
                "190: each step multiplies the distance by (κ - 1)/(κ + 1) ≈ 0.94.",
            ),
        exercise("09.B", choice("b"))
            .mistake(
                choice("a"),
                "Las imágenes no cambian, pero los pesos de las cuatro capas sí.",
                "The images do not change, but the weights of the four layers do.",
            )
            .mistake(
                choice("c"),
                "Al aprender, los pesos crecen, y la dispersión con ellos.",
                "The weights grow as they learn, and the spread with them.",
            )
            .why(
                "Unas 4.3 veces: lo que entra en cada capa depende de las anteriores, que aprenden también.",
                "About 4.3 times: what enters a layer depends on those before it, which learn too.",
            ),
        exercise("09.C", choice("a"))
            .mistake(
                choice("b"),
                "La media sube también 5, y se resta.",
                "The mean goes up by 5 as well, and is subtracted.",
            )
            .mistake(
                choice("c"),
                "La desviación no cambia al sumar una constante, y la media se lleva el 5.",
                "Adding a constant does not change the deviation, and the mean takes the 5 away.",
            )
            .why(
                "Solo queda el redondeo: el sesgo de la capa no sirve para nada.",
                "Only rounding is left: the bias of the layer serves no purpose.",
            ),
        exercise("09.D", choice("b"))
            .mistake(
                choice("a"),
                "Eso sería si μ no dependiera de las z. Subirlas todas a la vez no cambia ẑ.",
                "That would be so if μ did not depend on the z. Raising them all together does not change ẑ.",
            )
            .mistake(
                choice("c"),
                "El término de σ es la media de δ·ẑ, y con δ iguales eso es δ por la media de ẑ: 0.",
                "The term of σ is the mean of δ·ẑ, and with equal δ that is δ times the mean of ẑ: 0.",
            )
            .why(
                "La media de las δ se resta, y no queda nada.",
                "The mean of the δ is subtracted, and nothing is left.",
            ),
        exercise("09.E", choice("c"))
            .mistake(
                choice("a"),
                "Un filtro es el mismo en todas las posiciones: no se normaliza cada una por su lado.",
                "A filter is the same at all positions: they are not normalised one by one.",
            )
            .mistake(
                choice("b"),
                "γ y β no son las mismas para todos los filtros: hay un par por canal.",
                "γ and β are not the same for all filters: there is a pair per channel.",
            )
            .why("Una γ y una β por canal: 2·4 = 8.", "One γ and one β per channel: 2·4 = 8."),
        exercise("09.F", choice("b"))
            .mistake(
                choice("a"),
                "Al normalizar, un paso grande ya no hace crecer los valores de capa en capa.",
                "With normalisation a large step no longer makes the values grow from layer to layer.",
            )
            .mistake(
                choice("c"),
                "Tanto no: con η = 10 tampoco aprende.",
                "Not so much: at η = 10 it does not learn either.",
            )
            .why(
                "De 0.3 a 3, con las seis semillas.",
                "From 0.3 to 3, with all six seeds.",
            ),
        exercise("09.G", choice("c"))
            .mistake(
                choice("a"),
                "Cada capa divide su gradiente por la desviación de sus z, y eso compensa lo que quita σ' en las veinte.",
                "Each layer divides its gradient by the deviation of its z, which makes up for what σ' takes off in all twenty.",
            )
            .mistake(
                choice("b"),
                "No crece ni se apaga: entre la primera y la última hay menos de un factor 2.",
                "It neither grows nor dies out: between the first and the last there is less than a factor of 2.",
            )
            .why(
                "Las veintiuna capas reciben gradientes del mismo orden.",
                "All twenty-one layers get gradients of the same order.",
            ),
        exercise("09.H", choice("b"))
            .mistake(
                choice("a"),
                "En el segundo batch la media es 6.75: el 6 queda por debajo.",
                "In the second batch the mean is 6.75: the 6 is below it.",
            )
            .mistake(
                choice("c"),
                "Las medias móviles empiezan en 0 y 1, y en dos pasos apenas se mueven: casi no normalizan.",
                "The running statistics start at 0 and 1 and hardly move in two steps: they barely normalise.",
            )
            .why(
                "En entrenamiento manda la compañía; en test, unas medias móviles que aún no saben nada.",
                "In training the company decides; at test time, running statistics that know nothing yet.",
            ),
        exercise("09.I", choice("b"))
            .mistake(
                choice("a"),
                "En entrenamiento sí: se restan la media y la desviación del propio batch. En el test se usan las móviles, que aún son las de antes.",
                "In training, yes: the batch's own mean and deviation are taken away. At test time the running ones are used, and those are still the old ones.",
            )
            .mistake(
                choice("c"),
                "La media y la desviación de lo que sale son β y |γ|, sean las que sean las de lo que entra.",
                "The mean and deviation of what comes out are β and |γ|, whatever those of what comes in.",
            )
            .why(
                "Sale siempre con media β y desviación |γ|; en el test, solo cuando las medias móviles se han puesto al día.",
                "It always comes out with mean β and deviation |γ|; at test time only once the running statistics have caught up.",
            ),
        exercise("09.J", choice("c"))
            .mistake(
                choice("a"),
                "A esa le da igual con quién comparte cada ejemplo el batch.",
                "That one does not care who shares the batch with an example.",
            )
            .mistake(
                choice("b"),
                "La que no se normaliza pasa del 80 % con batches de 2.",
                "The one without normalisation passes 80 % with batches of 2.",
            )
            .why(
                "De cada pareja solo le queda cuál era mayor.",
                "Of each pair only which one was larger is left.",
            ),
        exercise("09.K", choice("a"))
            .mistake(
                choice("b"),
                "Con una capa y 100 dígitos el coste sube.",
                "With one layer and 100 digits the cost rises.",
            )
            .mistake(
                choice("c"),
                "Con cuatro capas la diferencia es clara: baja en 15 y en 18 de las 20 semillas.",
                "With four layers the difference is clear: it falls with 15 and 18 of the 20 seeds.",
            )
            .why(
                "Ayuda donde cuesta entrenar; como regularizador, no se ha visto.",
                "It helps where training is hard; as a regulariser it has not been seen.",
            ),
    ]
}
