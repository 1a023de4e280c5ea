use gradus_exercise::{Digits, Question, Random, Value, record};

use super::e6_forward::{draw_network, examples, network};
use crate::given::{Data, Matrix, Network, matrix, rows};

/// The whole data set in one batch: then the order of the examples does not matter, and the result is one for everybody.
fn full_batch(seed: u64, n: usize, epochs: usize, eta: f64) -> Value {
    let mut rng = Random::new(seed);
    let net = draw_network(2, 3, 1, &mut rng).rounded(3);
    let x = Value::from(examples(n, 2, &mut rng)).rounded(3);
    let y: Vec<_> = (0..n).map(|i| vec![(i % 2) as f64]).collect();
    record! { net: net, x: x, y: y, epochs: epochs, batch: n, eta: eta }
}

/// `fn train(net: Network, data: &Data, epochs: usize, batch: usize, eta: f64, rng: &mut Random) -> Network`
pub fn train(
    f: impl Fn(Network, &Data, usize, usize, f64, &mut Random) -> Network + Send + 'static,
) -> Question {
    Question::new("train", move |i| {
        let data = Data {
            x: i.get("x").rows(),
            y: i.get("y").rows(),
        };
        let net = f(
            network(i.get("net")),
            &data,
            i.get("epochs").count(),
            i.get("batch").count(),
            i.get("eta").number(),
            &mut Random::new(0),
        );
        record! { w1: rows(&net.w1), b1: net.b1.as_vec(), w2: rows(&net.w2), b2: net.b2.as_vec() }
    })
    .case(full_batch(1, 4, 1, 0.5))
    .case(full_batch(2, 5, 3, 2.0))
    .case(full_batch(3, 4, 0, 0.5))
}

/// The same function on the digits: `fn train(net: Network, data: &Data, ...) -> Network`; with what it has trained run forward.
pub fn train_digits(
    f: impl Fn(Network, &Data, usize, usize, f64, &mut Random) -> Network + Send + 'static,
    forward: impl Fn(&Network, Matrix) -> Matrix + Send + 'static,
) -> Question {
    Question::new("train_digits", move |i| {
        let mut rng = Random::new(i.get("seed").count() as u64);
        let (seen, held_out) = Digits::all().split(0.8, &mut rng);
        // Weights of standard deviation 1/√n_in keep the sigmoids away from saturation at the start.
        let mut weights = |outputs: usize, inputs: usize| -> Vec<Vec<f64>> {
            let scale = 1.0 / (inputs as f64).sqrt();
            (0..outputs)
                .map(|_| (0..inputs).map(|_| rng.normal() * scale).collect())
                .collect()
        };
        let net = network(&record! {
            w1: weights(30, 64), b1: [0.0; 30], w2: weights(10, 30), b2: [0.0; 10],
        });
        let net = f(net, &Data::from_digits(&seen), 15, 10, 3.0, &mut rng);
        let scores = rows(&forward(&net, matrix(&held_out.x)));
        record! { held_out_accuracy: held_out.accuracy(&scores) }
    })
    .case(record! { seed: 0_usize })
    .case(record! { seed: 1_usize })
}
