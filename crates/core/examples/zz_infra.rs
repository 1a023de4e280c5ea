//! scratch
use gradus::display::Show;
use gradus::lesson;
use gradus::prelude::*;

fn save(name: &str, value: &impl Show) {
    for (mime, text) in value.forms() {
        let ext = match mime {
            "text/html" => "html",
            "image/svg+xml" => "svg",
            _ => "txt",
        };
        std::fs::create_dir_all("/tmp/infra-out").unwrap();
        let text = if ext == "html" {
            format!("<!DOCTYPE html><meta charset=utf-8><body>{text}")
        } else {
            text
        };
        std::fs::write(format!("/tmp/infra-out/{name}.{ext}"), text).unwrap();
    }
}

fn main() -> Result<()> {
    let which: Vec<String> = std::env::args().skip(1).collect();
    let on = |n: &str| which.is_empty() || which.iter().any(|w| w == n);
    if on("check") {
        println!("{}", check("08.1", 0.0));
        println!("{}", check("08.1", 0.0625));
        println!("{}", check("08.9", 0.0625));
        println!("{}", hint("08.1"));
        println!("{:?}", lesson::ids());
        save("verdict", &check("08.1", 0.0));
        save("right", &check("08.1", 0.0625));
        save("hint", &hint("08.1"));
    }
    if on("race") {
        let bowl = Landscape::bowl(20.0)?;
        let runs = [
            descend(&bowl, Sgd::new(0.09), 100)?,
            descend(&bowl, Momentum::new(0.03), 100)?,
            descend(&bowl, Nag::new(0.03), 100)?,
            descend(&bowl, Adagrad::new(0.5), 100)?,
            descend(&bowl, RmsProp::new(0.05), 100)?,
            descend(&bowl, Adadelta::new(), 100)?,
            descend(&bowl, Adam::new(0.2), 100)?,
        ];
        for r in &runs {
            println!(
                "{r}  first<1e-2 {:?} turns {}",
                r.first_below(1e-2),
                r.turns()
            );
        }
        let a = race(&runs)?.animate(60)?;
        save("race", &a);
    }
    if on("play") {
        let t = std::time::Instant::now();
        let net = |init| {
            let mut net = Sequential::input(2);
            for _ in 0..4 {
                net = net.dense(10).init(init).activation(Tanh);
            }
            net.dense(2).init(init)
        };
        let page = plot::playground("tanh, 2-10-10-10-10-2")
            .data("moons", Dataset::moons(200, 0.1, 0)?)
            .data("circles", Dataset::circles(200, 0.05, 0)?)
            .data("spirals", Dataset::spirals(200, 2, 0.03, 0)?)
            .network("zeros", net(Zeros))
            .network("N(0, 0.01)", net(Normal(0.01)))
            .network("N(0, 3)", net(Normal(3.0)))
            .network("Xavier", net(Xavier))
            .network("He", net(He))
            .train(Sgd::new(0.3), 120)?;
        println!("{page}\n{:?}", t.elapsed());
        save("play", &page);
    }
    let (train, test) = Dataset::digits().split(0.8, 42)?;
    let net = || {
        Sequential::input(64)
            .dense(32)
            .init(He)
            .activation(Relu)
            .dense(10)
    };
    if on("train") {
        let mut runs = Vec::new();
        type Make = fn() -> Box<dyn gradus::optim::Optimizer>;
        let rules: [(&str, Make); 7] = [
            ("SGD", || Sgd::new(0.01).into()),
            ("Momentum", || Momentum::new(0.01).into()),
            ("NAG", || Nag::new(0.01).into()),
            ("Adagrad", || Adagrad::new(0.01).into()),
            ("RMSProp", || RmsProp::new(0.01).into()),
            ("Adadelta", || Adadelta::new().into()),
            ("Adam", || Adam::new(0.01).into()),
        ];
        for (name, make) in rules {
            for seed in 0..3 {
                let t = std::time::Instant::now();
                let mut n = net().seed(seed);
                let h = n.fit(
                    &train,
                    CrossEntropy,
                    make(),
                    Fit::epochs(5).batch(64).seed(seed).validate(&test).quiet(),
                )?;
                let e1 = h.epochs()[0];
                println!(
                    "{name:>10} {seed} e1 loss {:.3} acc {:.3}  end loss {:.4} val acc {:.3} {:?}",
                    e1.loss,
                    e1.val_accuracy.unwrap(),
                    h.last().loss,
                    h.last().val_accuracy.unwrap(),
                    t.elapsed()
                );
                if seed == 0 {
                    runs.push((name, h));
                }
            }
        }
        save("compare", &plot::compare(&runs));
    }
    if on("rates") {
        for seed in 0..3 {
            let r = net().seed(seed).compare_learning_rates(
                &train,
                CrossEntropy,
                &[0.001, 0.1, 1.0, 10.0],
                Sgd::new,
                || Fit::epochs(20).batch(64).quiet(),
            )?;
            println!("{r}");
            if seed == 0 {
                save("rates", &r.plot());
            }
        }
    }
    if on("decay") {
        let steps = train.len().div_ceil(64) as u64;
        println!("{steps} steps per epoch");
        for seed in 0..5 {
            for (name, schedule) in [
                ("const", Schedule::constant()),
                ("step", Schedule::step(10 * steps, 0.3)),
                ("exp", Schedule::exponential(0.1 / steps as f64)),
                ("1/t", Schedule::one_over_t(0.2 / steps as f64)),
            ] {
                let mut n = net().seed(seed);
                let h = n.fit(
                    &train,
                    CrossEntropy,
                    Sgd::new(1.0),
                    Fit::epochs(30)
                        .batch(64)
                        .seed(seed)
                        .schedule(schedule)
                        .validate(&test)
                        .quiet(),
                )?;
                println!(
                    "{seed} {name:>6} train {:.5} val loss {:.4} acc {:.3}",
                    h.last().loss,
                    h.last().val_loss.unwrap(),
                    h.last().val_accuracy.unwrap()
                );
            }
        }
    }
    if on("tuned") {
        type Make = fn(f32) -> Box<dyn gradus::optim::Optimizer>;
        let rules: [(&str, Make); 5] = [
            ("SGD", |e| Sgd::new(e).into()),
            ("Momentum", |e| Momentum::new(e).into()),
            ("Adagrad", |e| Adagrad::new(e).into()),
            ("RMSProp", |e| RmsProp::new(e).into()),
            ("Adam", |e| Adam::new(e).into()),
        ];
        for (name, make) in rules {
            for eta in [1e-4_f32, 1e-3, 1e-2, 1e-1, 1.0] {
                let mut a = vec![];
                for seed in 0..5 {
                    let mut n = net().seed(seed);
                    let r = n.fit(
                        &train,
                        CrossEntropy,
                        make(eta),
                        Fit::epochs(10).batch(64).seed(seed).quiet(),
                    );
                    a.push(if r.is_ok() {
                        n.evaluate(&test, CrossEntropy)?.accuracy.unwrap()
                    } else {
                        f64::NAN
                    });
                }
                let m = a.iter().sum::<f64>() / 5.0;
                let sd = (a.iter().map(|x| (x - m).powi(2)).sum::<f64>() / 4.0).sqrt();
                println!("{name:>10} {eta:>6} {m:.3} ± {sd:.3}");
            }
        }
    }
    if on("init") {
        let moons = Dataset::moons(200, 0.15, 0)?;
        for init in [Zeros, Constant(0.5), Normal(0.01), Xavier] {
            let mut n = Sequential::input(2)
                .dense(16)
                .init(init)
                .activation(Tanh)
                .dense(2)
                .init(init);
            n.fit(
                &moons,
                CrossEntropy,
                Sgd::new(0.3),
                Fit::epochs(100).quiet(),
            )?;
            println!(
                "{init:?} {:?} {:?}",
                SymmetryReport::of(&n, &moons, CrossEntropy)?.layers[0],
                n.evaluate(&moons, CrossEntropy)?
            );
        }
        for (f, i) in [(Tanh, Normal(0.01)), (Tanh, Normal(1.0))] {
            println!("{}", signal_flow(10, 256, f, i, 0)?);
        }
        for (f, i) in [
            (Tanh, Normal(0.01)),
            (Tanh, Xavier),
            (Relu, Xavier),
            (Relu, He),
        ] {
            let s = signal_flow(30, 256, f, i, 0)?;
            println!(
                "{} a30 {:e} g1 {:e}",
                s.name(),
                s.activations[29],
                s.gradients[0]
            );
        }
        for init in [Normal(0.01), Xavier, He] {
            for seed in 0..3 {
                let t = std::time::Instant::now();
                let mut n = Sequential::input(64);
                for _ in 0..8 {
                    n = n.dense(64).init(init).activation(Relu);
                }
                let mut n = n.dense(10).init(init).seed(seed);
                n.fit(
                    &train,
                    CrossEntropy,
                    Sgd::new(0.05),
                    Fit::epochs(10).quiet(),
                )?;
                println!(
                    "{init:?} {seed} {:?} {:?}",
                    n.evaluate(&test, CrossEntropy)?,
                    t.elapsed()
                );
            }
        }
    }
    Ok(())
}
