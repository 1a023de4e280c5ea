use gradus_exercise::{Question, Random, Value, draw, ensure, record};

fn cut(n: usize, batch: usize, epochs: usize) -> Value {
    record! { n: n, batch: batch, epochs: epochs, seed: 1_usize }
}

/// `fn mini_batches(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>>`
pub fn mini_batches(
    f: impl Fn(usize, usize, &mut Random) -> Vec<Vec<usize>> + Send + 'static,
) -> Question {
    fn ask(f: Box<dyn Fn(usize, usize, &mut Random) -> Vec<Vec<usize>> + Send>) -> Question {
        Question::new("mini_batches", move |i| {
            let (n, batch) = (i.get("n").count(), i.get("batch").count());
            let seed = i.get("seed").count() as u64;
            let mut rng = Random::new(seed);
            let epochs: Vec<_> = (0..i.get("epochs").count())
                .map(|_| f(n, batch, &mut rng))
                .collect();
            record! { epochs: epochs, same_seed: f(n, batch, &mut Random::new(seed)) }
        })
        .view(|i, given| {
            let epochs: Vec<Vec<Vec<usize>>> = (given.get("epochs").items().iter())
                .map(|epoch| epoch.items().iter().map(Value::counts).collect())
                .collect();
            let n = i.get("n").count();
            // Few numbers come in the same order by chance.
            let same_seed =
                n < 12 || given.get("epochs").items().first() == Some(given.get("same_seed"));
            let mut seen = look(&epochs, n, i.get("batch").count());
            if let Value::Record(fields) = &mut seen {
                fields.push(("same_seed_same_order".to_owned(), same_seed.into()));
            }
            seen
        })
        .word("n", "número de ejemplos n", "number of examples n")
        .word("epochs", "épocas seguidas", "epochs in a row")
        .word("seed", "semilla", "seed")
        .word("sizes", "tamaños de los batches", "sizes of the batches")
        .word(
            "repeated",
            "hay números repetidos",
            "some numbers are repeated",
        )
        .word("missing", "faltan números", "some numbers are missing")
        .word(
            "beyond",
            "hay números que no son de 0 a n−1",
            "some numbers are not from 0 to n−1",
        )
        .word("in_order", "salen en orden", "they come in order")
        .word(
            "only_rotated",
            "siguen en orden, desde otro número",
            "they come in order, from another number on",
        )
        .word(
            "same_companions",
            "en cada época, los mismos números en cada batch",
            "in each epoch the same numbers in each batch",
        )
        .word(
            "none_stays",
            "ningún número se queda nunca en su sitio",
            "no number ever stays in its place",
        )
        .word(
            "runs",
            "quedan vecinos juntos (5 al lado de 6)",
            "neighbours stay together (5 next to 6)",
        )
        .word(
            "trend",
            "los primeros números salen antes",
            "the first numbers come earlier",
        )
        .word(
            "epochs_differ",
            "cada época tiene otro orden",
            "each epoch has another order",
        )
        .word(
            "all_orders_alike",
            "todos los órdenes salen igual de a menudo",
            "all orders come equally often",
        )
        .word(
            "same_seed_same_order",
            "con la misma semilla, el mismo orden",
            "the same seed gives the same order",
        )
        .case(cut(10, 4, 3))
        .case(cut(100, 32, 3))
        .case(cut(64, 16, 3))
        .case(cut(5, 8, 3))
        // So often because Knuth's shuffle with all places for each number is nearly fair: χ² grows by 0.03 an epoch.
        .case(cut(4, 2, 6000))
        .inputs(|rng| {
            let seed = rng.below(1_000_000);
            let (n, epochs) = match rng.below(4) {
                // Few numbers and many epochs: whether all orders are equally likely.
                0 => (draw::whole(rng, 4, 8), 300),
                1 => (draw::whole(rng, 0, 20), 3),
                _ => (draw::whole(rng, 20, 80), 10),
            };
            record! { n: n, batch: draw::whole(rng, 1, n.max(2)), epochs: epochs as usize, seed: seed }
        })
        .property(
            "cada ejemplo aparece exactamente una vez por época",
            "every example appears exactly once per epoch",
            |f, i| {
                let n = i.get("n").count();
                let sorted = |epoch: &Value| {
                    let mut each: Vec<usize> = epoch.items().iter().flat_map(Value::counts).collect();
                    each.sort_unstable();
                    each
                };
                let given = f(i);
                let mut epochs = given.get("epochs").items().iter().map(sorted);
                let wrong = epochs.find(|each| !each.iter().copied().eq(0..n));
                let expected = match n {
                    0 => ("ningún batch".to_owned(), "no batch".to_owned()),
                    n => (
                        format!("en orden: 0, 1, ..., {}", n - 1),
                        format!("in order: 0, 1, ..., {}", n - 1),
                    ),
                };
                ensure(wrong.is_none(), expected, wrong.unwrap_or_default())
            },
        )
    }
    ask(Box::new(f))
}

/// What can be said of some epochs of batches, whatever the order of the numbers.
pub(super) fn look(epochs: &[Vec<Vec<usize>>], n: usize, batch: usize) -> Value {
    let sizes = |epoch: &Vec<Vec<usize>>| epoch.iter().map(Vec::len).collect::<Vec<_>>();
    let orders: Vec<Vec<usize>> = epochs.iter().map(|epoch| epoch.concat()).collect();
    let mut wanted = vec![batch; n / batch.max(1)];
    wanted.extend(Some(n % batch.max(1)).filter(|rest| *rest > 0));
    // The first epoch that is cut otherwise, if there is one.
    let odd = epochs.iter().find(|epoch| sizes(epoch) != wanted);
    let has_all = |order: &Vec<usize>| (0..n).all(|k| order.contains(&k));
    let repeats = |order: &Vec<usize>| {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.windows(2).any(|pair| pair[0] == pair[1])
    };
    record! {
        sizes: odd.or(epochs.first()).map_or(vec![], sizes),
        repeated: orders.iter().any(repeats),
        missing: !orders.iter().all(has_all),
        beyond: orders.iter().flatten().any(|k| *k >= n),
        in_order: n >= 12 && orders.iter().any(|order| order.is_sorted()),
        only_rotated: n >= 12 && orders.iter().all(|order| is_rotated(order, n)),
        same_companions: n >= 20 && batch >= 2 && 2 * batch <= n && same_companions(epochs),
        runs: runs(&orders, n),
        trend: trend(&orders, n),
        epochs_differ: n < 8 || orders.len() < 2 || orders.iter().any(|order| *order != orders[0]),
        none_stays: none_stays(&orders, n),
        all_orders_alike: all_alike(&orders, n),
    }
}

/// Whether each number is followed by the next, and the last one by 0.
fn is_rotated(order: &[usize], n: usize) -> bool {
    order.windows(2).all(|pair| pair[1] == (pair[0] + 1) % n)
}

/// Whether in each epoch the same numbers share a batch.
fn same_companions(epochs: &[Vec<Vec<usize>>]) -> bool {
    let sorted = |epoch: &Vec<Vec<usize>>| {
        let mut batches = epoch.clone();
        batches.iter_mut().for_each(|batch| batch.sort_unstable());
        batches.sort_unstable();
        batches
    };
    let Some((first, others)) = epochs.split_first() else {
        return false;
    };
    let first = sorted(first);
    !others.is_empty() && others.iter().all(|epoch| sorted(epoch) == first)
}

/// Whether over many epochs no number ever comes in its own place, which is to happen in two of three.
fn none_stays(orders: &[Vec<usize>], n: usize) -> bool {
    let moves = |order: &Vec<usize>| order.iter().enumerate().all(|(place, k)| place != *k);
    (4..=8).contains(&n) && orders.len() >= 30 * n && orders.iter().all(moves)
}

/// Whether numbers that follow each other stay side by side more often than chance puts them there: about twice per epoch.
fn runs(orders: &[Vec<usize>], n: usize) -> bool {
    let mean = 2.0 * orders.len() as f64;
    let together = |order: &Vec<usize>| {
        order
            .windows(2)
            .filter(|p| p[0].abs_diff(p[1]) == 1)
            .count()
    };
    let count = orders.iter().map(together).sum::<usize>() as f64;
    n >= 10 && count > mean + 8.0 * mean.sqrt() + 3.0
}

/// Whether place and number go together: their correlation is 0 ± 1/√(number of places).
fn trend(orders: &[Vec<usize>], n: usize) -> bool {
    let half = (n as f64 - 1.0) / 2.0;
    let places = (orders.len() * n) as f64;
    let sum: f64 = (orders.iter())
        .flat_map(|order| order.iter().enumerate())
        .map(|(place, k)| (place as f64 - half) * (*k as f64 - half))
        .sum();
    let variance = (n * n) as f64 / 12.0 - 1.0 / 12.0;
    // Only three numbers in one epoch often come in order.
    places >= 100.0 && n >= 4 && (sum / places / variance).abs() > 6.5 / places.sqrt()
}

/// Whether each number comes equally often in each place, and each of few orders equally often: χ² within ten standard deviations.
/// Fewer than four numbers have too few orders for that.
fn all_alike(orders: &[Vec<usize>], n: usize) -> bool {
    if !(4..=8).contains(&n) || orders.len() < 30 * n || orders.iter().any(|order| order.len() != n)
    {
        return true;
    }
    let chi2 = |counts: &[usize], mean: f64| -> f64 {
        counts
            .iter()
            .map(|c| (*c as f64 - mean).powi(2) / mean)
            .sum()
    };
    let near = |chi2: f64, freedom: f64| chi2 < freedom + 10.0 * (2.0 * freedom).sqrt() + 10.0;
    let mut counts = vec![0; n * n];
    for order in orders {
        for (place, k) in order.iter().enumerate() {
            counts[(place * n + k).min(n * n - 1)] += 1;
        }
    }
    let freedom = ((n - 1) * (n - 1)) as f64;
    let places = near(chi2(&counts, orders.len() as f64 / n as f64), freedom);
    if n > 4 {
        return places;
    }
    let number = |order: &Vec<usize>| order.iter().fold(0, |number, k| number * n + k);
    let mut numbers: Vec<usize> = orders.iter().map(number).collect();
    numbers.sort_unstable();
    let kinds: usize = (1..=n).product();
    let mut of_kind: Vec<usize> = numbers
        .chunk_by(|a, b| a == b)
        .map(<[usize]>::len)
        .collect();
    of_kind.resize(kinds.max(of_kind.len()), 0);
    places
        && near(
            chi2(&of_kind, orders.len() as f64 / kinds as f64),
            kinds as f64 - 1.0,
        )
}
