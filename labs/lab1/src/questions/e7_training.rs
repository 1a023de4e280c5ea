use gradus_exercise::{Digits, Gallery, Question, Random, Value, draw, record};

use super::{
    e5_batches::look,
    e6_forward::{draw_network, examples, network},
};
use crate::given::{Data, Network, Training, rows};

/// A network to train. Where `alike`, all examples are the same, so that the result is one for everybody, however they are shuffled.
fn training(seed: u64, n: usize, batch: usize, epochs: usize, eta: f64, alike: bool) -> Value {
    let mut rng = Random::new(seed);
    let net = draw_network(2, 3, 2, &mut rng).rounded(3);
    let different = examples(n, 2, &mut rng);
    let x = (0..n).map(|i| different[if alike { 0 } else { i }].clone());
    let x = Value::from(x.collect::<Vec<_>>()).rounded(3);
    let labels: Vec<_> = (0..n).map(|i| if alike { 1 } else { i % 2 }).collect();
    record! { net: net, x: x, labels: labels, epochs: epochs, batch: batch, eta: eta, seed: 0_usize }
}

/// The whole data set in one batch: then the order of the examples does not matter.
fn full_batch(seed: u64, n: usize, epochs: usize, eta: f64) -> Value {
    training(seed, n, n, epochs, eta, false)
}

/// `fn train(net: Network, data: &Data, epochs: usize, batch: usize, eta: f64, rng: &mut Random) -> Training`
pub fn train(
    f: impl Fn(Network, &Data, usize, usize, f64, &mut Random) -> Training + Send + 'static,
) -> Question {
    fn ask(
        f: Box<dyn Fn(Network, &Data, usize, usize, f64, &mut Random) -> Training + Send>,
    ) -> Question {
        Question::new("train", move |i| {
            let data = Data::new(i.get("x").rows(), i.get("labels").counts());
            let seed = i.get("seed").count() as u64;
            let mut rng = Random::new(seed);
            let trained = f(
                network(i.get("net")),
                &data,
                i.get("epochs").count(),
                i.get("batch").count(),
                i.get("eta").number(),
                &mut rng,
            );
            let net = &trained.net;
            record! {
                batches: data.batches_asked_for(),
                rng_used: rng.uniform() != Random::new(seed).uniform(),
                w1: rows(&net.w1), b1: net.b1.as_vec(), w2: rows(&net.w2), b2: net.b2.as_vec(),
                costs: trained.costs,
            }
        })
        .view(see)
        .word(
            "batches",
            "lotes pedidos con data.batch",
            "batches asked for with data.batch",
        )
        .word("batches_per_epoch", "lotes por época", "batches per epoch")
        .word("sizes", "tamaños de los lotes", "sizes of the batches")
        .word(
            "each_once",
            "cada ejemplo una vez por época",
            "each example once per epoch",
        )
        .word("shuffled", "barajados", "shuffled")
        .word(
            "epochs_differ",
            "cada época tiene otro orden",
            "each epoch has another order",
        )
        .word(
            "rng_used",
            "el azar sale de `rng`",
            "the randomness comes from `rng`",
        )
        .word("costs", "costes, uno por época", "costs, one per epoch")
        .word(
            "last_cost_is_its_own",
            "el último coste es el de la red que se devuelve",
            "the last cost is that of the network that is returned",
        )
        .axes(
            "w1",
            &[("neurona oculta", "hidden neuron"), ("entrada", "input")],
        )
        .axes(
            "w2",
            &[
                ("neurona de salida", "output neuron"),
                ("neurona oculta", "hidden neuron"),
            ],
        )
        .axes("b1", &[("neurona oculta", "hidden neuron")])
        .axes("b2", &[("neurona de salida", "output neuron")])
        .case(full_batch(1, 4, 1, 0.5))
        .case(full_batch(2, 5, 3, 2.0))
        .case(full_batch(3, 4, 0, 0.5))
        .case(full_batch(4, 3, 7, 1.0))
        .case(training(5, 5, 2, 2, 1.0, true))
        .case(training(6, 40, 7, 3, 0.1, false))
        .draws(40)
        .inputs(|rng| {
            let seed = rng.below(1_000_000) as u64;
            let (epochs, eta) = (draw::whole(rng, 0, 12), draw::between(rng, 0.1, 4.0));
            match rng.below(3) {
                0 => full_batch(seed, draw::whole(rng, 1, 6), epochs, eta),
                1 => {
                    let n = draw::whole(rng, 2, 12);
                    training(seed, n, draw::whole(rng, 1, n), epochs, eta, true)
                }
                _ => {
                    let (n, batch) = (draw::whole(rng, 40, 80), draw::whole(rng, 3, 20));
                    training(seed, n, batch, epochs, eta, false)
                }
            }
        })
    }
    ask(Box::new(f))
}

/// The network where it does not depend on the order of the examples, and else how they were dealt.
fn see(i: &Value, given: &Value) -> Value {
    let n = i.get("x").items().len();
    let (batch, epochs) = (i.get("batch").count().max(1), i.get("epochs").count());
    let batches: Vec<Vec<usize>> = given
        .get("batches")
        .items()
        .iter()
        .map(Value::counts)
        .collect();
    let x = i.get("x").rows();
    if batch >= n || x.iter().all(|row| *row == x[0]) {
        return record! {
            batches: batches.len(),
            w1: given.get("w1"), b1: given.get("b1"), w2: given.get("w2"), b2: given.get("b2"),
            costs: given.get("costs"),
        };
    }
    let per_epoch = batches.len() as f64 / epochs.max(1) as f64;
    let dealt: Vec<Vec<Vec<usize>>> = (batches.chunks((per_epoch as usize).max(1)))
        .map(<[Vec<usize>]>::to_vec)
        .collect();
    let seen = look(&dealt, n, batch);
    let is = |name: &str| seen.get(name).flag();
    let costs = given.get("costs").numbers();
    let last = costs.last().copied().unwrap_or(f64::NAN);
    let own = cross_entropy(&scores(given, &x), &i.get("labels").counts());
    record! {
        batches_per_epoch: per_epoch,
        sizes: seen.get("sizes"),
        each_once: !is("repeated") && !is("missing") && !is("beyond"),
        shuffled: !is("in_order") && !is("runs") && !is("trend"),
        epochs_differ: is("epochs_differ"),
        rng_used: epochs == 0 || given.get("rng_used").flag(),
        costs: costs.len(),
        last_cost_is_its_own: epochs == 0 || (last - own).abs() < 1e-6 * (1.0 + own),
    }
}

/// The same function on the digits; what it has trained is run forward where the answer is judged.
pub fn train_digits(
    f: impl Fn(Network, &Data, usize, usize, f64, &mut Random) -> Training + Send + 'static,
) -> Question {
    fn ask(
        f: Box<dyn Fn(Network, &Data, usize, usize, f64, &mut Random) -> Training + Send>,
    ) -> Question {
        let digits = |i: &Value| {
            let mut rng = Random::new(i.get("seed").count() as u64);
            let (seen, held_out) = Digits::all().split(0.8, &mut rng);
            (seen, held_out, rng)
        };
        Question::new("train_digits", move |i| {
            let (seen, _, mut rng) = digits(i);
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
            let data = Data::new(seen.x, seen.labels);
            let Training { net, costs } = f(net, &data, 15, 10, 0.5, &mut rng);
            record! {
                w1: rows(&net.w1), b1: net.b1.as_vec(), w2: rows(&net.w2), b2: net.b2.as_vec(),
                costs: costs,
            }
        })
        .view(move |i, net| {
            let (_, held_out, _) = digits(i);
            record! { held_out_accuracy: held_out.accuracy(&scores(net, &held_out.x)) }
        })
        .gallery(move |i, net| {
            let (_, held_out, _) = digits(i);
            let costs = net.get("costs").numbers();
            Gallery::new(&held_out, &scores(net, &held_out.x)).curve("coste", "cost", &costs)
        })
        .case(record! { seed: 0_usize })
        .case(record! { seed: 1_usize })
    }
    ask(Box::new(f))
}

/// z² of each row of x; a row that does not fit has none, and is never right.
fn scores(net: &Value, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let hidden = layer(net, "w1", "b1", x);
    let sigmoid = |z: &f64| 1.0 / (1.0 + (-z).exp());
    let hidden: Vec<Vec<f64>> = (hidden.iter())
        .map(|row| row.iter().map(sigmoid).collect())
        .collect();
    layer(net, "w2", "b2", &hidden)
}

/// x·Wᵀ + b, row by row.
fn layer(net: &Value, w: &str, b: &str, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (w, b) = (net.get(w).rows(), net.get(b).numbers());
    let neuron =
        |w: &Vec<f64>, b: &f64, x: &[f64]| b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
    let fits = |x: &[f64]| w.len() == b.len() && w.iter().all(|row| row.len() == x.len());
    let outputs = |x: &Vec<f64>| match fits(x) {
        true => w.iter().zip(&b).map(|(w, b)| neuron(w, b, x)).collect(),
        false => Vec::new(),
    };
    x.iter().map(outputs).collect()
}

/// The mean of ln Σ e^z − z of the class. Not lab1.2's: it overflows where scores are large, as those of these networks are not.
fn cross_entropy(z: &[Vec<f64>], labels: &[usize]) -> f64 {
    let one = |(z, label): (&Vec<f64>, &usize)| {
        let sum: f64 = z.iter().map(|z| z.exp()).sum();
        sum.ln() - z.get(*label).copied().unwrap_or(f64::NAN)
    };
    z.iter().zip(labels).map(one).sum::<f64>() / z.len().max(1) as f64
}
