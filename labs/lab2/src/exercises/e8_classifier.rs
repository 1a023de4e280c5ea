//! lab2.8

use dfdx::prelude::*;
use gradus_exercise::{Digits, Random};

use super::{
    adam, dense_backward, dropout, early_stopping, he, inverse_time_decay, l2, relu_prime, xavier,
};
use crate::given::{
    Adam, Classifier, Decision, EarlyStopping, Matrix, Vector, matrix, repeat, rows, vector,
};

/// es: Entrena una red a tu elección con estos dígitos; toda la aleatoriedad sale de la semilla
/// en: Trains a network of your choice on these digits; all randomness comes from the seed
pub fn classifier(train: &Digits, seed: u64) -> Classifier {
    // BEGIN SOLUTION lab2.8
    let mut rng = Random::new(seed);
    let (seen, validation) = train.split(0.9, &mut rng);
    let mut net = Net {
        w1: he(HIDDEN, 64, &mut rng),
        b1: vector(&[0.0; HIDDEN]),
        w2: xavier(10, HIDDEN, &mut rng),
        b2: vector(&[0.0; 10]),
    };
    let count = 64 * HIDDEN + HIDDEN + HIDDEN * 10 + 10;
    let mut optimizer = Adam {
        eta: 3e-3,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        m: vec![0.0; count],
        v: vec![0.0; count],
        t: 0,
    };
    let mut stopping = EarlyStopping {
        patience: 8,
        min_delta: 1e-4,
        best: f64::INFINITY,
        best_epoch: 0,
        waited: 0,
    };
    let mut best = net.clone();
    let eta0 = optimizer.eta;
    for epoch in 0..60 {
        optimizer.eta = inverse_time_decay(eta0, 0.05, epoch);
        let mut order: Vec<usize> = (0..seen.len()).collect();
        rng.shuffle(&mut order);
        for indices in order.chunks(32) {
            net.step(&seen.pick(indices), seen.len(), &mut optimizer, &mut rng);
        }
        let loss = net.loss(&validation);
        match early_stopping(&mut stopping, epoch, loss) {
            Decision::Improved => best = net.clone(),
            Decision::Wait => {}
            Decision::Stop => break,
        }
    }
    Box::new(move |x| best.scores(x))
    // END SOLUTION
}

// BEGIN SOLUTION lab2.8 stub:
const HIDDEN: usize = 64;

/// One hidden layer of ReLU with dropout, L2 on the weights.
#[derive(Clone)]
struct Net {
    w1: Matrix,
    b1: Vector,
    w2: Matrix,
    b2: Vector,
}

impl Net {
    fn hidden(&self, x: &Matrix) -> Matrix {
        let n = x.shape().0;
        x.clone().matmul(self.w1.clone().permute()) + repeat(&self.b1, n)
    }

    fn output(&self, a: Matrix) -> Matrix {
        let n = a.shape().0;
        a.matmul(self.w2.clone().permute()) + repeat(&self.b2, n)
    }

    fn scores(&self, x: &Matrix) -> Matrix {
        self.output(self.hidden(x).relu())
    }

    fn loss(&self, digits: &Digits) -> f64 {
        let scores = rows(&self.scores(&matrix(&digits.x)));
        let one = |(row, label): (&Vec<f64>, &usize)| {
            let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            max + row.iter().map(|z| (z - max).exp()).sum::<f64>().ln() - row[*label]
        };
        let sum: f64 = scores.iter().zip(&digits.labels).map(one).sum();
        sum / digits.len() as f64
    }

    fn step(&mut self, batch: &Digits, n_train: usize, optimizer: &mut Adam, rng: &mut Random) {
        let n = batch.len();
        let x = matrix(&batch.x);
        let z1 = self.hidden(&x);
        let mask: Vec<Vec<f64>> = (0..n)
            .map(|_| dropout(&[1.0; HIDDEN], 0.2, true, rng))
            .collect();
        let mask = matrix(&mask);
        let a1 = z1.clone().relu() * mask.clone();
        let mut dz2 = rows(&self.output(a1.clone()).softmax::<Axis<1>>());
        for (row, label) in dz2.iter_mut().zip(&batch.labels) {
            row[*label] -= 1.0;
        }
        let dz2 = matrix(&dz2) / n as f64;
        let second = dense_backward(&a1, &self.w2, &dz2);
        let slope: Vec<f64> = z1.as_vec().iter().map(|z| relu_prime(*z)).collect();
        let slope: Vec<Vec<f64>> = slope.chunks(HIDDEN).map(<[f64]>::to_vec).collect();
        let dz1 = second.dx * mask * matrix(&slope);
        let first = dense_backward(&x, &self.w1, &dz1);

        let decay = |w: &Matrix, dw: Matrix| {
            let (_, extra) = l2(&w.as_vec(), 1.0, n_train);
            let both = dw.as_vec().iter().zip(&extra).map(|(g, e)| g + e).collect();
            (w.as_vec(), both)
        };
        let parts: [(Vec<f64>, Vec<f64>); 4] = [
            decay(&self.w1, first.dw),
            (self.b1.as_vec(), first.db.as_vec()),
            decay(&self.w2, second.dw),
            (self.b2.as_vec(), second.db.as_vec()),
        ];
        let mut w: Vec<f64> = parts.iter().flat_map(|(w, _)| w.clone()).collect();
        let g: Vec<f64> = parts.iter().flat_map(|(_, g)| g.clone()).collect();
        adam(optimizer, &mut w, &g);

        let mut rest = w.as_slice();
        let mut take = |n: usize| {
            let (part, others) = rest.split_at(n);
            rest = others;
            part.to_vec()
        };
        let table = |numbers: Vec<f64>, width: usize| {
            matrix(
                &numbers
                    .chunks(width)
                    .map(<[f64]>::to_vec)
                    .collect::<Vec<_>>(),
            )
        };
        self.w1 = table(take(64 * HIDDEN), 64);
        self.b1 = vector(&take(HIDDEN));
        self.w2 = table(take(HIDDEN * 10), HIDDEN);
        self.b2 = vector(&take(10));
    }
}
// END SOLUTION
