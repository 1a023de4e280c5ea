use gradus_exercise::{Question, Random, Value, draw, ensure, near, record};

use crate::given::{Matrix, Network, matrix, rows, vector};

/// A network with weights drawn from N(0, 1), as inputs.
pub(super) fn draw_network(
    inputs: usize,
    hidden: usize,
    outputs: usize,
    rng: &mut Random,
) -> Value {
    let mut numbers = |n: usize| (0..n).map(|_| rng.normal()).collect::<Vec<_>>();
    let mut weights =
        |rows: usize, columns: usize| (0..rows).map(|_| numbers(columns)).collect::<Vec<_>>();
    let (w1, b1) = (weights(hidden, inputs), weights(1, hidden).concat());
    let (w2, b2) = (weights(outputs, hidden), weights(1, outputs).concat());
    record! { w1: w1, b1: b1, w2: w2, b2: b2 }
}

pub(super) fn network(i: &Value) -> Network {
    Network {
        w1: matrix(&i.get("w1").rows()),
        b1: vector(&i.get("b1").numbers()),
        w2: matrix(&i.get("w2").rows()),
        b2: vector(&i.get("b2").numbers()),
    }
}

pub(super) fn examples(n: usize, inputs: usize, rng: &mut Random) -> Vec<Vec<f64>> {
    (0..n)
        .map(|_| (0..inputs).map(|_| rng.uniform()).collect())
        .collect()
}

/// The seed makes the network and the examples, so that a counterexample is short to read.
fn drawn(seed: u64, n: usize, inputs: usize, hidden: usize, outputs: usize) -> Value {
    let mut rng = Random::new(seed);
    let net = draw_network(inputs, hidden, outputs, &mut rng).rounded(3);
    let x = Value::from(examples(n, inputs, &mut rng)).rounded(3);
    record! { net: net, x: x }
}

/// `fn forward(net: &Network, x: Matrix) -> Matrix`
pub fn forward(f: impl Fn(&Network, Matrix) -> Matrix + Send + 'static) -> Question {
    fn ask(f: Box<dyn Fn(&Network, Matrix) -> Matrix + Send>) -> Question {
        Question::new("forward", move |i| {
            rows(&f(&network(i.get("net")), matrix(&i.get("x").rows()))).into()
        })
        .case(record! {
            net: record! {
                w1: vec![vec![1.0, -1.0], vec![0.5, 2.0]], b1: [0.0, 0.5],
                w2: vec![vec![1.0, -2.0], vec![3.0, 0.5]], b2: [-0.5, 0.25],
            },
            x: vec![vec![0.0, 1.0], vec![1.0, 0.5]],
        })
        .case(drawn(1, 1, 2, 3, 2))
        .case(drawn(2, 4, 3, 2, 2))
        .axes(
            "",
            &[
                ("ejemplo", "example"),
                ("neurona de salida", "output neuron"),
            ],
        )
        .inputs(|rng| {
            let mut whole = |high: usize| draw::whole(rng, 1, high);
            let (n, inputs, hidden, outputs) = (whole(6), whole(5), whole(6), whole(4));
            drawn(rng.below(1_000_000) as u64, n, inputs, hidden, outputs)
        })
        .property(
            "hay una fila por ejemplo y una columna por neurona de salida",
            "there is one row per example and one column per output neuron",
            |f, i| {
                let z = f(i).rows();
                let shape = (z.len(), z.first().map_or(0, Vec::len));
                let outputs = i.get("net").get("b2").items().len();
                let wanted = (i.get("x").items().len(), outputs);
                ensure(
                    shape == wanted,
                    format!("{wanted:?}"),
                    format!("{shape:?}").as_str(),
                )
            },
        )
        .property(
            "con W₂ y b₂ al doble, las puntuaciones también son el doble",
            "with W₂ and b₂ doubled the scores double too",
            |f, i| {
                let twice = |name: &str| doubled(i.get("net").get(name));
                let net = record! {
                    w1: i.get("net").get("w1"), b1: i.get("net").get("b1"),
                    w2: twice("w2"), b2: twice("b2"),
                };
                near(f(&record! { net: net, x: i.get("x") }), doubled(&f(i)))
            },
        )
    }
    ask(Box::new(f))
}

fn doubled(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(doubled).collect()),
        number => (2.0 * number.number()).into(),
    }
}
