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
            descend(&bowl, Adadelta::new(1.0), 100)?,
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
    Ok(())
}
