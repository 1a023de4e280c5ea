use gradus_exercise::{Question, Random, Value, ensure, proptest::strategy::Strategy, record};

fn cut(n: usize, batch: usize) -> Value {
    record! { n: n, batch: batch }
}

/// Fewer examples than this may come out in order by chance.
const FEW: usize = 20;

/// `fn mini_batches(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>>`
pub fn mini_batches(
    f: impl Fn(usize, usize, &mut Random) -> Vec<Vec<usize>> + Send + 'static,
) -> Question {
    Question::new("mini_batches", move |i| {
        let (n, batch) = (i.get("n").count(), i.get("batch").count());
        let mut rng = Random::new(1);
        let first = f(n, batch, &mut rng);
        let second = f(n, batch, &mut rng);
        let mut each: Vec<usize> = first.concat();
        each.sort_unstable();
        // Whole batches of consecutive numbers are not shuffled, whatever the order of the batches.
        let consecutive = first
            .iter()
            .all(|batch| batch.windows(2).all(|pair| pair[1] == pair[0] + 1));
        record! {
            sizes: first.iter().map(Vec::len).collect::<Vec<_>>(),
            each_once: each.into_iter().eq(0..n),
            shuffled: n < FEW || batch < 2 || !consecutive,
            epochs_differ: n < FEW || first != second,
        }
    })
    .case(cut(10, 4))
    .case(cut(100, 32))
    .case(cut(64, 16))
    .case(cut(5, 8))
    .inputs((0_usize..200, 1_usize..50).prop_map(|(n, batch)| cut(n, batch)))
    .property(
        "cada ejemplo aparece exactamente una vez por época",
        "every example appears exactly once per epoch",
        |f, i| {
            let once = f(i).get("each_once").flag();
            ensure(once, "each_once = true", once)
        },
    )
    .property(
        "todos los lotes tienen el mismo tamaño salvo el último, que lleva el resto",
        "all batches have the same size except the last, which has the rest",
        |f, i| {
            let (n, batch) = (i.get("n").count(), i.get("batch").count());
            let mut sizes = vec![batch; n / batch];
            sizes.extend(Some(n % batch).filter(|rest| *rest > 0));
            gradus_exercise::near(f(i).get("sizes"), sizes)
        },
    )
}
