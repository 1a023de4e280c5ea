//! The workloads in burn, on its back end `flex`.

use burn::module::Initializer;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{BatchNorm, BatchNormConfig, DropoutConfig, Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, sigmoid};
use gradus_peers::{BATCH, Images, L2, Peer, main as talk, shuffled};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

#[derive(Module, Debug)]
struct Network {
    conv: Vec<Conv2d>,
    dense: Vec<Linear>,
    norm: Vec<BatchNorm>,
}

impl Network {
    fn new(workload: char, device: &Device) -> Network {
        let (channels, sizes): (&[usize], &[usize]) = match workload {
            'A' => (&[], &[784, 30, 10]),
            'B' => (&[], &[784, 1024, 10]),
            'C' => (&[], &[784, 256, 256, 256, 10]),
            'D' => (&[1, 32, 64], &[1600, 128, 10]),
            _ => (&[3, 128, 128, 128], &[86528, 1024, 10]),
        };
        let glorot = Initializer::XavierNormal { gain: 1.0 };
        let he = Initializer::KaimingNormal { gain: 2_f64.sqrt(), fan_out_only: false };
        Network {
            conv: channels
                .windows(2)
                .map(|c| Conv2dConfig::new([c[0], c[1]], [3, 3]).with_initializer(glorot.clone()).init(device))
                .collect(),
            dense: sizes
                .windows(2)
                .map(|s| {
                    let init = if "BC".contains(workload) && s[1] != 10 { &he } else { &glorot };
                    LinearConfig::new(s[0], s[1]).with_initializer(init.clone()).init(device)
                })
                .collect(),
            norm: match workload {
                'C' => (0..3)
                    .map(|_| BatchNormConfig::new(256).with_epsilon(1e-3).with_momentum(0.01).init(device))
                    .collect(),
                _ => Vec::new(),
            },
        }
    }

    fn forward(&self, workload: char, x: Tensor<2>) -> Tensor<2> {
        let mut x = x;
        if !self.conv.is_empty() {
            let n = x.dims()[0];
            let mut image: Tensor<4> = match workload {
                'D' => x.reshape([n, 1, 28, 28]),
                _ => x.reshape([n, 3, 32, 32]),
            };
            for conv in &self.conv {
                image = relu(conv.forward(image));
                if workload == 'D' {
                    image = MaxPool2dConfig::new([2, 2]).init().forward(image);
                }
            }
            x = image.flatten(1, 3);
        }
        let last = self.dense.len() - 1;
        for (i, dense) in self.dense[..last].iter().enumerate() {
            x = dense.forward(x);
            if let Some(norm) = self.norm.get(i) {
                x = norm.forward(x);
            }
            x = if workload == 'A' { sigmoid(x) } else { relu(x) };
            if workload == 'B' {
                x = DropoutConfig::new(0.5).init().forward(x);
            }
        }
        self.dense[last].forward(x)
    }
}

struct Burn {
    workload: char,
    device: Device,
    /// `None` only while the optimiser has it.
    net: Option<Network>,
    optimizer: ModuleOptimizer,
    rng: ChaCha8Rng,
}

fn tensors(data: &Images, rows: &[usize], device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
    let (x, y) = data.gather(rows);
    let y: Vec<i64> = y.into_iter().map(i64::from).collect();
    (
        Tensor::from_data(TensorData::new(x, [rows.len(), data.width]), device),
        Tensor::from_data(TensorData::new(y, [rows.len()]), device),
    )
}

fn right(z: Tensor<2>, y: Tensor<1, Int>) -> i64 {
    z.argmax(1).flatten::<1>(0, 1).equal(y).int().sum().into_scalar()
}

impl Peer for Burn {
    fn new(workload: char, seed: u64) -> Burn {
        let device = Device::flex().autodiff();
        device.seed(seed);
        Burn {
            workload,
            net: Some(Network::new(workload, &device)),
            device,
            optimizer: match workload {
                'A' => SgdConfig::new().init(),
                _ => AdamConfig::new().with_epsilon(1e-7).init(),
            },
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    fn epoch(&mut self, train: &Images, rows: usize) {
        let rate = match self.workload {
            'A' => 0.1,
            'C' | 'D' => 1e-3,
            _ => 1e-4,
        };
        let cross_entropy = CrossEntropyLossConfig::new().init(&self.device);
        let (mut total, mut correct) = (0.0, 0);
        for rows in shuffled(rows, &mut self.rng).chunks(BATCH) {
            let net = self.net.take().expect("the last step put it back");
            let (x, y) = tensors(train, rows, &self.device);
            let z = net.forward(self.workload, x);
            let mut loss = cross_entropy.forward(z.clone(), y.clone());
            if self.workload == 'B' {
                loss = loss + net.dense[0].weight.val().square().sum() * L2;
            }
            let grads = GradientsParams::from_grads(loss.backward(), &net);
            total += loss.into_scalar::<f32>() as f64 * rows.len() as f64;
            correct += right(z.inner(), y);
            self.net = Some(self.optimizer.step(rate, net, grads));
        }
        std::hint::black_box((total, correct));
    }

    fn accuracy(&mut self, test: &Images) -> f64 {
        let net = self.net.as_ref().expect("the last step put it back").valid();
        let device = self.device.clone().inner();
        let all: Vec<usize> = (0..test.len()).collect();
        let hits = all.chunks(1000).map(|rows| {
            let (x, y) = tensors(test, rows, &device);
            right(net.forward(self.workload, x), y)
        });
        hits.sum::<i64>() as f64 / test.len() as f64
    }
}

fn main() {
    talk::<Burn>("burn", "ABCDE");
}
