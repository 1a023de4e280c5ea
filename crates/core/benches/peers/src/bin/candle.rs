//! The workloads in candle.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{
    AdamW, BatchNorm, BatchNormConfig, Conv2d, Init, Linear, Module, ModuleT, Optimizer, ParamsAdamW, SGD, VarBuilder,
    VarMap, batch_norm, loss::cross_entropy, ops,
};
use gradus_peers::{BATCH, Images, L2, Peer, main as talk, shuffled};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

enum Rule {
    Sgd(SGD),
    Adam(AdamW),
}

struct Candle {
    workload: char,
    conv: Vec<Conv2d>,
    dense: Vec<Linear>,
    norm: Vec<BatchNorm>,
    rule: Rule,
    rng: ChaCha8Rng,
}

fn build(workload: char, seed: u64) -> Result<Candle> {
    let (channels, sizes): (&[usize], &[usize]) = match workload {
        'A' => (&[], &[784, 30, 10]),
        'B' => (&[], &[784, 1024, 10]),
        'C' => (&[], &[784, 256, 256, 256, 10]),
        'D' => (&[1, 32, 64], &[1600, 128, 10]),
        _ => (&[3, 128, 128, 128], &[86528, 1024, 10]),
    };
    let variables = VarMap::new();
    let builder = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let normal = |fan: usize| Init::Randn { mean: 0.0, stdev: (2.0 / fan as f64).sqrt() };
    let mut conv = Vec::new();
    for (i, c) in channels.windows(2).enumerate() {
        let weight = builder.get_with_hints((c[1], c[0], 3, 3), &format!("conv{i}.w"), normal(9 * (c[0] + c[1])))?;
        let bias = builder.get_with_hints(c[1], &format!("conv{i}.b"), Init::Const(0.0))?;
        conv.push(Conv2d::new(weight, Some(bias), Default::default()));
    }
    let (mut dense, mut norm) = (Vec::new(), Vec::new());
    for (i, s) in sizes.windows(2).enumerate() {
        let he = "BC".contains(workload) && s[1] != 10;
        let fan = if he { s[0] } else { s[0] + s[1] };
        let weight = builder.get_with_hints((s[1], s[0]), &format!("dense{i}.w"), normal(fan))?;
        let bias = builder.get_with_hints(s[1], &format!("dense{i}.b"), Init::Const(0.0))?;
        dense.push(Linear::new(weight, Some(bias)));
        if workload == 'C' && s[1] != 10 {
            let config = BatchNormConfig { eps: 1e-3, momentum: 0.01, ..Default::default() };
            norm.push(batch_norm(s[1], config, builder.pp(format!("norm{i}")))?);
        }
    }
    let rule = match workload {
        'A' => Rule::Sgd(SGD::new(variables.all_vars(), 0.1)?),
        _ => Rule::Adam(AdamW::new(
            variables.all_vars(),
            ParamsAdamW {
                lr: if "CD".contains(workload) { 1e-3 } else { 1e-4 },
                weight_decay: 0.0,
                ..Default::default()
            },
        )?),
    };
    Ok(Candle { workload, conv, dense, norm, rule, rng: ChaCha8Rng::seed_from_u64(seed) })
}

impl Candle {
    fn forward(&self, x: Tensor, train: bool) -> Result<Tensor> {
        let mut x = x;
        if !self.conv.is_empty() {
            let n = x.dim(0)?;
            x = match self.workload {
                'D' => x.reshape((n, 1, 28, 28))?,
                _ => x.reshape((n, 3, 32, 32))?,
            };
            for conv in &self.conv {
                x = conv.forward(&x)?.relu()?;
                if self.workload == 'D' {
                    x = x.max_pool2d(2)?;
                }
            }
            x = x.flatten_from(1)?;
        }
        let last = self.dense.len() - 1;
        for (i, dense) in self.dense[..last].iter().enumerate() {
            x = dense.forward(&x)?;
            if let Some(norm) = self.norm.get(i) {
                x = norm.forward_t(&x, train)?;
            }
            x = if self.workload == 'A' { ops::sigmoid(&x)? } else { x.relu()? };
            if self.workload == 'B' && train {
                x = ops::dropout(&x, 0.5)?;
            }
        }
        self.dense[last].forward(&x)
    }

    fn train(&mut self, train: &Images, rows: usize) -> Result<(f64, u32)> {
        let (mut total, mut correct) = (0.0, 0);
        for rows in shuffled(rows, &mut self.rng).chunks(BATCH) {
            let (x, y) = tensors(train, rows)?;
            let z = self.forward(x, true)?;
            let mut loss = cross_entropy(&z, &y)?;
            if self.workload == 'B' {
                loss = (loss + (self.dense[0].weight().sqr()?.sum_all()? * L2)?)?;
            }
            match &mut self.rule {
                Rule::Sgd(sgd) => sgd.backward_step(&loss)?,
                Rule::Adam(adam) => adam.backward_step(&loss)?,
            }
            total += f64::from(loss.to_scalar::<f32>()?) * rows.len() as f64;
            correct += right(&z.detach(), &y)?;
        }
        Ok((total, correct))
    }

    fn test(&self, test: &Images) -> Result<f64> {
        let all: Vec<usize> = (0..test.len()).collect();
        let mut hits = 0;
        for rows in all.chunks(1000) {
            let (x, y) = tensors(test, rows)?;
            hits += right(&self.forward(x, false)?, &y)?;
        }
        Ok(f64::from(hits) / test.len() as f64)
    }
}

fn tensors(data: &Images, rows: &[usize]) -> Result<(Tensor, Tensor)> {
    let (x, y) = data.gather(rows);
    Ok((
        Tensor::from_vec(x, (rows.len(), data.width), &Device::Cpu)?,
        Tensor::from_vec(y, rows.len(), &Device::Cpu)?,
    ))
}

fn right(z: &Tensor, y: &Tensor) -> Result<u32> {
    z.argmax(D::Minus1)?.eq(y)?.to_dtype(DType::U32)?.sum_all()?.to_scalar()
}

impl Peer for Candle {
    fn new(workload: char, seed: u64) -> Candle {
        build(workload, seed).expect("the shapes of the workloads fit")
    }

    fn epoch(&mut self, train: &Images, rows: usize) {
        std::hint::black_box(self.train(train, rows).expect("the shapes of the workloads fit"));
    }

    fn accuracy(&mut self, test: &Images) -> f64 {
        self.test(test).expect("the shapes of the workloads fit")
    }
}

fn main() {
    talk::<Candle>("candle", "ABCDE");
}
