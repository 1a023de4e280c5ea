//! Workloads A to C in dfdx as its examples write them. Its convolutions need a nightly compiler older than what the rest
//! needs, so D and E are missing.

use dfdx::optim::{Adam, AdamConfig, Sgd, SgdConfig};
use dfdx::prelude::*;
use gradus_peers::{BATCH, Images, L2, Peer, main as talk, shuffled};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

type NetA = (Linear<784, 30>, Sigmoid, Linear<30, 10>);
type NetB = (Linear<784, 1024>, ReLU, DropoutOneIn<2>, Linear<1024, 10>);
type Block<const M: usize> = (Linear<M, 256>, BatchNorm1D<256>, ReLU);
type NetC = (Block<784>, Block<256>, Block<256>, Linear<256, 10>);

type Built<N> = <N as BuildOnDevice<Cpu, f32>>::Built;

enum Net {
    A(Built<NetA>, Sgd<Built<NetA>, f32, Cpu>),
    B(Built<NetB>, Adam<Built<NetB>, f32, Cpu>),
    C(Built<NetC>, Adam<Built<NetC>, f32, Cpu>),
}

struct Dfdx {
    dev: Cpu,
    net: Net,
    rng: ChaCha8Rng,
}

type Batch = Tensor<(usize, Const<784>), f32, Cpu>;
type Outputs<T> = Tensor<(usize, Const<10>), f32, Cpu, T>;

fn tensors(dev: &Cpu, data: &Images, rows: &[usize]) -> (Batch, Outputs<NoneTape>, Vec<u32>) {
    let (x, labels) = data.gather(rows);
    let mut y = vec![0.0; rows.len() * 10];
    for (i, &label) in labels.iter().enumerate() {
        y[i * 10 + label as usize] = 1.0;
    }
    (
        dev.tensor_from_vec(x, (rows.len(), Const)),
        dev.tensor_from_vec(y, (rows.len(), Const)),
        labels,
    )
}

fn right(z: &[f32], labels: &[u32]) -> usize {
    let hits = z.chunks_exact(10).zip(labels).filter(|(z, y)| {
        let best = (0..10).max_by(|&i, &j| z[i].total_cmp(&z[j]));
        best == Some(**y as usize)
    });
    hits.count()
}

/// An epoch of any of the networks; `penalty` adds what the loss has besides the cross-entropy.
fn train<M, O>(
    dev: &Cpu,
    (net, rule): (&mut M, &mut O),
    data: &Images,
    order: &[usize],
    penalty: impl Fn(&M, Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>>) -> Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>>,
) -> (f64, usize)
where
    M: TensorCollection<f32, Cpu>
        + ModuleMut<Tensor<(usize, Const<784>), f32, Cpu, OwnedTape<f32, Cpu>>, Output = Outputs<OwnedTape<f32, Cpu>>>
        + ZeroGrads<f32, Cpu>,
    M::Error: std::fmt::Debug,
    O: Optimizer<M, Cpu, f32>,
{
    let (mut total, mut correct) = (0.0, 0);
    let mut grads = net.alloc_grads();
    for rows in order.chunks(BATCH) {
        let (x, y, labels) = tensors(dev, data, rows);
        let z = net.forward_mut(x.traced(grads));
        correct += right(&z.as_vec(), &labels);
        let loss = penalty(net, cross_entropy_with_logits_loss(z, y));
        total += f64::from(loss.array()) * rows.len() as f64;
        grads = loss.backward();
        rule.update(net, &grads).expect("every parameter is used");
        net.zero_grads(&mut grads);
    }
    (total, correct)
}

impl Peer for Dfdx {
    fn new(workload: char, seed: u64) -> Dfdx {
        let dev = Cpu::seed_from_u64(seed);
        dev.enable_cache();
        dfdx::flush_denormals_to_zero();
        let adam = |lr| AdamConfig { lr, ..Default::default() };
        let net = match workload {
            'A' => {
                let net = dev.build_module::<NetA, f32>();
                let rule = Sgd::new(&net, SgdConfig { lr: 0.1, ..Default::default() });
                Net::A(net, rule)
            }
            'B' => {
                let net = dev.build_module::<NetB, f32>();
                let rule = Adam::new(&net, adam(1e-4));
                Net::B(net, rule)
            }
            _ => {
                let net = dev.build_module::<NetC, f32>();
                let rule = Adam::new(&net, adam(1e-3));
                Net::C(net, rule)
            }
        };
        Dfdx { dev, net, rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn epoch(&mut self, data: &Images, rows: usize) {
        let order = shuffled(rows, &mut self.rng);
        let sums = match &mut self.net {
            Net::A(net, rule) => train(&self.dev, (net, rule), data, &order, |_, loss| loss),
            Net::B(net, rule) => train(&self.dev, (net, rule), data, &order, |net, loss| {
                let (loss, tape) = loss.split_tape();
                let weight = net.0.weight.clone().put_tape(tape);
                weight.square().sum() * L2 as f32 + loss
            }),
            Net::C(net, rule) => train(&self.dev, (net, rule), data, &order, |_, loss| loss),
        };
        std::hint::black_box(sums);
    }

    fn accuracy(&mut self, test: &Images) -> f64 {
        let all: Vec<usize> = (0..test.len()).collect();
        let hits = all.chunks(1000).map(|rows| {
            let (x, _, labels) = tensors(&self.dev, test, rows);
            let z = match &self.net {
                Net::A(net, _) => net.forward(x).as_vec(),
                Net::B(net, _) => net.forward(x).as_vec(),
                Net::C(net, _) => net.forward(x).as_vec(),
            };
            right(&z, &labels)
        });
        hits.sum::<usize>() as f64 / test.len() as f64
    }
}

fn main() {
    talk::<Dfdx>("dfdx", "ABC");
}
