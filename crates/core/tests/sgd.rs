//! Block 3: full batch, mini-batch and one by one; what a smaller batch costs and gains.

use gradus::prelude::*;
use gradus::sgd::stochastic_gradient_descent;

fn draw(name: &str, figure: &Figure) {
    assert!(figure.svg().unwrap().contains("</svg>"), "{name}");
    if let Some(folder) = std::env::var_os("GRADUS_FIGURES") {
        let path = std::path::Path::new(&folder).join(format!("{name}.svg"));
        figure.save(path).unwrap();
    }
}

/// `y = 2 x + 1` with noise, and the cost of a line `w x + b` on it.
struct Line {
    x: Vec<f32>,
    y: Vec<f32>,
}

impl Line {
    fn new(n: usize) -> Line {
        let data = Dataset::linear(n, 2.0, 1.0, 0.5, 7).unwrap();
        let Targets::Values { values, .. } = data.targets() else {
            panic!("regression has values")
        };
        Line {
            x: data.features().to_vec(),
            y: values.clone(),
        }
    }

    fn cost(&self, w: f64, b: f64) -> f64 {
        let pairs = self.x.iter().zip(&self.y);
        let squares = pairs.map(|(&x, &y)| (w * f64::from(x) + b - f64::from(y)).powi(2));
        squares.sum::<f64>() / (2.0 * self.x.len() as f64)
    }

    fn gradient(&self, w: &[f32], rows: &[usize]) -> Vec<f32> {
        let mut g = vec![0.0; 2];
        for &i in rows {
            let difference = w[0] * self.x[i] + w[1] - self.y[i];
            g[0] += difference * self.x[i] / rows.len() as f32;
            g[1] += difference / rows.len() as f32;
        }
        g
    }

    fn train(&self, size: usize, epochs: usize) -> Vec<(f64, f64)> {
        let mut batches = Batches::new(self.x.len(), size, 1).unwrap();
        let gradient = |w: &[f32], rows: &[usize]| self.gradient(w, rows);
        let way = stochastic_gradient_descent(&[-1.0, -1.0], &mut batches, epochs, 0.1, gradient);
        let way = way.unwrap().into_iter();
        way.map(|w| (f64::from(w[0]), f64::from(w[1]))).collect()
    }
}

#[test]
fn smaller_batches_take_more_and_noisier_steps_for_the_same_work() {
    let line = Line::new(200);
    let epochs = 10;
    let [full, mini, single] = [200, 20, 1].map(|size| line.train(size, epochs));
    assert_eq!([full.len(), mini.len(), single.len()], [11, 101, 2001]);
    // The same number of examples seen: the full batch is still on its way where the others have arrived.
    let cost = |way: &[(f64, f64)]| line.cost(way[way.len() - 1].0, way[way.len() - 1].1);
    assert!(
        cost(&full) > 1.3 * cost(&mini),
        "{} and {}",
        cost(&full),
        cost(&mini)
    );
    // Steps uphill: never with the full batch, often one by one.
    let uphill = |way: &[(f64, f64)]| {
        let costs: Vec<f64> = way.iter().map(|&(w, b)| line.cost(w, b)).collect();
        costs.windows(2).filter(|c| c[1] > c[0]).count() as f64 / (costs.len() - 1) as f64
    };
    let [none, some, many] = [&full, &mini, &single].map(|way| uphill(way));
    assert!(
        none == 0.0 && some < many && many > 0.3,
        "{none} {some} {many}"
    );
    let title = "The smaller the batch, the noisier the way";
    let map = plot::Contour::new(title, |w, b| line.cost(w, b), (-1.5, 3.0), (-1.5, 2.0))
        .labels("w", "b")
        .path("one by one", single.into_iter().take(400))
        .path("batches of 20", mini)
        .path("full batch", full);
    draw("batch_sizes", &map.into());
}

#[test]
fn the_noise_of_the_gradient_falls_like_one_over_the_root_of_the_batch_size() {
    let data = Dataset::digits();
    let net = Sequential::input(64)
        .dense(16)
        .activation(Tanh)
        .dense(10)
        .seed(1);
    let sizes = [1, 4, 16, 64, 256];
    let noise = gradient_noise(&net, &data, CrossEntropy, &sizes, 120, 3).unwrap();
    for (&m, &measured) in sizes.iter().zip(&noise.noise) {
        let expected = noise.expected(m);
        assert!((measured / expected - 1.0).abs() < 0.1, "{noise}");
    }
    // The slope between 1 and 64 on logarithmic axes, where the batch is a small part of the data.
    let slope = (noise.noise[3] / noise.noise[0]).ln() / 64.0_f64.ln();
    assert!((slope + 0.5).abs() < 0.03, "slope {slope}\n{noise}");
    // With all examples there is no noise left but rounding.
    let all = gradient_noise(&net, &data, CrossEntropy, &[data.len()], 2, 3).unwrap();
    assert!(all.noise[0] < 1e-5 * all.norm, "{all}");
    draw("gradient_noise", &noise.plot());
}

#[test]
fn the_loop_of_the_slides_and_fit_take_the_same_steps() {
    let data = Dataset::digits().take(50).unwrap();
    let net = || Sequential::input(64).dense(10).init(Zeros);
    let mut fitted = net();
    let fit = Fit::epochs(3).batch(8).seed(5).quiet();
    fitted.fit(&data, CrossEntropy, Sgd::new(0.2), fit).unwrap();
    let mut moving = net();
    let mut batches = Batches::new(50, 8, 5).unwrap();
    let way = stochastic_gradient_descent(&[0.0; 650], &mut batches, 3, 0.2, |w, rows| {
        moving
            .set_parameter(
                "dense_1.weight",
                &matrix(w[..640].to_vec(), 64, 10).unwrap(),
            )
            .unwrap();
        moving
            .set_parameter("dense_1.bias", &matrix(w[640..].to_vec(), 1, 10).unwrap())
            .unwrap();
        let (_, gradients) = moving
            .gradients(&data.select(rows).unwrap(), CrossEntropy)
            .unwrap();
        gradients.iter().flat_map(|g| g.value.as_vec()).collect()
    })
    .unwrap();
    assert_eq!(way.len(), 1 + 3 * 7);
    let learned: Vec<f32> = fitted
        .parameters()
        .iter()
        .flat_map(|p| p.value.as_vec())
        .collect();
    for (a, b) in way[21].iter().zip(&learned) {
        assert!((a - b).abs() < 1e-5, "{a} and {b}");
    }
}

#[test]
fn a_decaying_learning_rate_ends_lower_than_a_constant_large_one() {
    // Noisy targets: no line fits them all, so one-by-one steps of a constant size never come to rest.
    let data = Dataset::linear(200, 2.0, 1.0, 0.5, 7).unwrap();
    let end = |schedule: Schedule| {
        let mut net = Sequential::input(1).dense(1);
        let fit = Fit::epochs(20).batch(1).schedule(schedule).quiet();
        net.fit(&data, Quadratic, Sgd::new(0.2), fit).unwrap();
        net.evaluate(&data, Quadratic).unwrap().loss
    };
    let constant = end(Schedule::constant());
    for schedule in [
        Schedule::exponential(1e-3),
        Schedule::one_over_t(1e-2),
        Schedule::step(1000, 0.3),
        Schedule::cosine(4000),
    ] {
        let decaying = end(schedule);
        assert!(
            decaying < 0.97 * constant,
            "{schedule:?}: {decaying} and {constant}"
        );
    }
}

#[test]
fn bad_input_is_an_error_with_the_value() {
    let data = Dataset::digits().take(5).unwrap();
    let net = Sequential::input(64).dense(10);
    for (sizes, draws) in [(&[][..], 1), (&[0], 1), (&[6], 1), (&[1], 0)] {
        assert!(gradient_noise(&net, &data, CrossEntropy, sizes, draws, 0).is_err());
    }
    let run = |eta, gradient: Vec<f32>| {
        let mut batches = Batches::new(4, 2, 0).unwrap();
        stochastic_gradient_descent(&[1.0], &mut batches, 2, eta, |_, _| gradient.clone())
    };
    assert!(run(0.0, vec![1.0]).is_err() && run(f32::NAN, vec![1.0]).is_err());
    assert!(run(0.1, vec![]).is_err());
    let text = run(0.1, vec![f32::NAN]).unwrap_err().to_string();
    assert!(text.contains("step 1 of epoch 1"), "{text}");
}
