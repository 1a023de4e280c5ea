//! The trainer of the pages, run by Node, beside the library: the same start, the same steps, the same data.

use std::process::{Command, Stdio};

use gradus::prelude::*;
use serde_json::{Value, json};

/// What Node says to `script`, in which `trainer` is the page's and `input` is this value; nothing where there is no Node.
fn node(script: &str, input: &Value) -> Option<Value> {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("SKIPPED, because there is no Node here");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.js");
    let trainer = include_str!("../src/figure/interactive/trainer.js");
    let formula = include_str!("../src/descent/formula.js");
    let line = include_str!("../src/view/small/line.js");
    let autograd = include_str!("../src/backprop/autograd.js");
    let program = format!(
        "const trainer = ({trainer})();\nconst descent = ({formula})((es, en) => en);\n\
         const line = ({line})(trainer);\n\
         const autograd = ({autograd})();\nconst input = {input};\n\
         const numbers = x => Array.from(x, Number);\n\
         process.stdout.write(JSON.stringify((() => {{ {script} }})()));"
    );
    std::fs::write(&file, program).unwrap();
    let output = Command::new("node")
        .arg(&file)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "node failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn floats(value: &Value) -> Vec<f32> {
    let numbers = value.as_array().expect("a list of numbers").iter();
    numbers
        .map(|v| v.as_f64().map_or(f32::NAN, |v| v as f32))
        .collect()
}

/// The largest difference, beside the size of what is compared.
fn apart(ours: &[f32], page: &[f32]) -> f64 {
    assert_eq!(ours.len(), page.len());
    let size = ours
        .iter()
        .fold(1.0_f64, |most, x| most.max(f64::from(x.abs())));
    let pairs = ours.iter().zip(page);
    pairs.fold(0.0, |most, (a, b)| {
        let apart = (f64::from(*a) - f64::from(*b)).abs() / size;
        if apart.is_nan() {
            f64::INFINITY
        } else {
            most.max(apart)
        }
    })
}

// ---- The combinations: a network, a cost, a rule.

fn dense(units: usize, init: Value, activation: &str) -> Value {
    json!({ "kind": "dense", "units": units, "init": init, "activation": activation })
}

fn named(kind: &str) -> Value {
    json!({ "kind": kind })
}

fn with(mut layer: Value, name: &str, value: impl Into<Value>) -> Value {
    layer[name] = value.into();
    layer
}

/// Two hidden layers of 8.
fn hidden(init: &Value, activation: &str) -> Vec<Value> {
    vec![
        dense(8, init.clone(), activation),
        dense(8, init.clone(), activation),
        dense(2, init.clone(), "linear"),
    ]
}

fn case(name: &str, layers: Vec<Value>, cost: &str, rule: Value) -> Value {
    json!({ "name": name, "data": "moons", "layers": layers, "cost": cost, "rule": rule, "seed": 3 })
}

fn sgd() -> Value {
    json!({ "kind": "Sgd", "eta": 0.3 })
}

fn cases() -> Vec<Value> {
    let (softmax, binary, quadratic) = ("CrossEntropy", "BinaryCrossEntropy", "Quadratic");
    let xavier = named("Xavier");
    let mut all = Vec::new();
    for activation in ["linear", "sigmoid", "tanh", "relu", "leaky"] {
        let init = if activation == "relu" || activation == "leaky" {
            named("He")
        } else {
            xavier.clone()
        };
        all.push(case(activation, hidden(&init, activation), softmax, sgd()));
    }
    for init in [
        named("Zeros"),
        json!({ "kind": "Constant", "value": 0.5 }),
        json!({ "kind": "Normal", "value": 0.01 }),
        json!({ "kind": "Normal", "value": 3.0 }),
        json!({ "kind": "Uniform", "value": 0.4 }),
        named("XavierUniform"),
        named("He"),
        named("HeUniform"),
    ] {
        all.push(case(
            &format!("tanh {init}"),
            hidden(&init, "tanh"),
            softmax,
            sgd(),
        ));
    }
    let one = |activation: &str| {
        let mut layers = hidden(&xavier, "tanh");
        layers[2] = dense(1, xavier.clone(), activation);
        layers
    };
    all.push(case("one logit", one("linear"), binary, sgd()));
    all.push(case("one sigmoid", one("sigmoid"), quadratic, sgd()));
    let mut two = hidden(&xavier, "sigmoid");
    two[2] = dense(2, xavier.clone(), "sigmoid");
    all.push(case("two sigmoids", two, quadratic, sgd()));
    all.push(case(
        "no hidden layer",
        vec![dense(2, xavier.clone(), "linear")],
        softmax,
        sgd(),
    ));
    for rule in [
        json!({ "kind": "Momentum", "eta": 0.05 }),
        json!({ "kind": "Momentum", "eta": 0.05, "mu": 0.5 }),
        json!({ "kind": "Nag", "eta": 0.05 }),
        json!({ "kind": "Adagrad", "eta": 0.1 }),
        json!({ "kind": "RmsProp", "eta": 0.01 }),
        json!({ "kind": "Adadelta", "eta": 1.0 }),
        json!({ "kind": "Adam", "eta": 0.01 }),
        json!({ "kind": "AdamW", "eta": 0.01, "decay": 0.1 }),
    ] {
        all.push(case(
            &format!("{rule}"),
            hidden(&xavier, "tanh"),
            softmax,
            rule.clone(),
        ));
        let mut normal = Vec::new();
        for _ in 0..2 {
            normal.push(dense(8, named("He"), "linear"));
            normal.push(json!({ "kind": "batchNorm", "activation": "relu" }));
        }
        normal.push(dense(2, named("He"), "linear"));
        all.push(case(&format!("batch norm, {rule}"), normal, softmax, rule));
    }
    let mut pytorch = hidden(&xavier, "linear");
    pytorch.insert(1, json!({ "kind": "batchNorm", "activation": "tanh", "keep": 0.9, "epsilon": 1e-5, "unbiased": true }));
    all.push(case("PyTorch's batch norm", pytorch, softmax, sgd()));
    let dropped = |p: f64| {
        let [one, two, three] = <[Value; 3]>::try_from(hidden(&named("He"), "relu")).unwrap();
        let drop = json!({ "kind": "dropout", "p": p });
        vec![one, drop.clone(), two, drop, three]
    };
    for p in [0.1, 0.5] {
        all.push(case(&format!("dropout {p}"), dropped(p), softmax, sgd()));
        all.push(case(
            &format!("dropout {p}, Adam"),
            dropped(p),
            softmax,
            json!({ "kind": "Adam", "eta": 0.01 }),
        ));
    }
    for (l1, l2, exact) in [
        (0.0, 0.01, false),
        (0.01, 0.0, false),
        (0.01, 0.0, true),
        (0.002, 0.005, false),
    ] {
        let layers = hidden(&xavier, "tanh").into_iter();
        let layers =
            layers.map(|layer| with(with(with(layer, "l1", l1), "l2", l2), "exactZeros", exact));
        all.push(case(
            &format!("L1 {l1}, L2 {l2}, {exact}"),
            layers.collect(),
            softmax,
            sgd(),
        ));
    }
    for schedule in [
        json!({ "kind": "step", "every": 20, "factor": 0.5 }),
        json!({ "kind": "exponential", "rate": 0.02 }),
        json!({ "kind": "oneOverT", "rate": 0.05, "warmUp": 5 }),
        json!({ "kind": "cosine", "steps": 80, "floor": 0.1 }),
    ] {
        let decayed = case(
            &format!("{schedule}"),
            hidden(&xavier, "tanh"),
            softmax,
            sgd(),
        );
        all.push(with(decayed, "schedule", schedule));
    }
    let everything = vec![
        with(dense(16, named("He"), "linear"), "l2", 0.001),
        json!({ "kind": "batchNorm", "activation": "relu" }),
        json!({ "kind": "dropout", "p": 0.2 }),
        dense(10, named("XavierUniform"), "linear"),
    ];
    let rule = json!({ "kind": "Adam", "eta": 0.01 });
    all.push(with(
        case("digits, everything", everything, softmax, rule),
        "data",
        "digits",
    ));
    let wide = vec![
        dense(300, named("He"), "relu"),
        dense(10, named("He"), "linear"),
    ];
    all.push(with(
        case(
            "digits, 300 units",
            wide,
            softmax,
            json!({ "kind": "Momentum", "eta": 0.01 }),
        ),
        "data",
        "digits",
    ));
    let spirals = vec![
        dense(12, xavier.clone(), "tanh"),
        dense(3, xavier, "linear"),
    ];
    all.push(with(
        case("three spirals", spirals, softmax, sgd()),
        "data",
        "spirals",
    ));
    all
}

fn number(value: &Value) -> f32 {
    value.as_f64().map_or(0.0, |v| v as f32)
}

fn network(case: &Value, data: &Dataset) -> Sequential {
    let mut net = Sequential::input(data.shape().features());
    let activation = |layer: &Value| match layer["activation"].as_str() {
        Some("sigmoid") => Sigmoid,
        Some("tanh") => Tanh,
        Some("relu") => Relu,
        Some("leaky") => LeakyRelu(0.01),
        _ => Linear,
    };
    for layer in case["layers"].as_array().unwrap() {
        net = match layer["kind"].as_str().unwrap() {
            "dense" => {
                let init = &layer["init"];
                let value = number(&init["value"]);
                let init = match init["kind"].as_str().unwrap() {
                    "Zeros" => Zeros,
                    "Constant" => Constant(value),
                    "Normal" => Normal(value),
                    "Uniform" => Uniform(value),
                    "Xavier" => Xavier,
                    "XavierUniform" => XavierUniform,
                    "He" => He,
                    "HeUniform" => HeUniform,
                    other => panic!("{other}"),
                };
                let penalty = Regularizer {
                    l1: number(&layer["l1"]),
                    l2: number(&layer["l2"]),
                    exact_zeros: layer["exactZeros"] == true,
                };
                let units = layer["units"].as_u64().unwrap() as usize;
                net.dense(units)
                    .init(init)
                    .regularizer(penalty)
                    .activation(activation(layer))
            }
            "batchNorm" if layer["unbiased"] == true => net
                .batch_norm_with(BatchNorm::pytorch())
                .activation(activation(layer)),
            "batchNorm" => net.batch_norm().activation(activation(layer)),
            _ => net.dropout(number(&layer["p"])),
        };
    }
    net.seed(case["seed"].as_u64().unwrap())
}

fn rule(case: &Value) -> Box<dyn Optimizer> {
    let rule = &case["rule"];
    let eta = number(&rule["eta"]);
    match rule["kind"].as_str().unwrap() {
        "Sgd" => Sgd::new(eta).into(),
        "Momentum" if rule["mu"].is_null() => Momentum::new(eta).into(),
        "Momentum" => Momentum::new(eta).momentum(number(&rule["mu"])).into(),
        "Nag" => Nag::new(eta).into(),
        "Adagrad" => Adagrad::new(eta).into(),
        "RmsProp" => RmsProp::new(eta).into(),
        "Adadelta" => Adadelta::new(eta).into(),
        "Adam" => Adam::new(eta).into(),
        "AdamW" => AdamW::new(eta).weight_decay(number(&rule["decay"])).into(),
        other => panic!("{other}"),
    }
}

fn schedule(case: &Value) -> Schedule {
    let schedule = &case["schedule"];
    let number = |name: &str| schedule[name].as_f64().unwrap();
    match schedule["kind"].as_str() {
        Some("step") => Schedule::step(number("every") as u64, number("factor")),
        Some("exponential") => Schedule::exponential(number("rate")),
        Some("oneOverT") => Schedule::one_over_t(number("rate")).warm_up(number("warmUp") as u64),
        Some("cosine") => Schedule::cosine_to(number("steps") as u64, number("floor")),
        _ => Schedule::constant(),
    }
}

fn cost(case: &Value) -> Cost {
    match case["cost"].as_str().unwrap() {
        "CrossEntropy" => CrossEntropy,
        "BinaryCrossEntropy" => BinaryCrossEntropy,
        _ => Quadratic,
    }
}

/// 35 examples: five batches of at most 8, the last of 3.
fn data(name: &str) -> Dataset {
    match name {
        "moons" => Dataset::moons(35, 0.1, 7).unwrap(),
        "spirals" => Dataset::spirals(35, 3, 0.05, 7).unwrap(),
        _ => Dataset::digits()
            .select(&(0..35).collect::<Vec<_>>())
            .unwrap(),
    }
}

fn plain(data: &Dataset) -> Value {
    json!({ "x": data.features(), "labels": data.labels(), "classes": data.classes(), "n": data.len() })
}

/// Steps, the size of a batch, epochs.
const RUNS: [(usize, usize, usize); 3] = [(1, 35, 1), (10, 8, 2), (100, 8, 20)];

#[test]
fn the_page_trains_as_the_library_does() {
    let cases = cases();
    assert!(cases.len() >= 40, "{}", cases.len());
    let sets = ["moons", "spirals", "digits"].map(|name| (name.to_owned(), plain(&data(name))));
    let input = json!({ "cases": cases, "runs": RUNS, "data": serde_json::Map::from_iter(sets) });
    let script = "
        for (const name in input.data) input.data[name].x = Float32Array.from(input.data[name].x);
        return input.cases.map(given => input.runs.map(([steps, batch]) => {
            const data = input.data[given.data];
            const net = trainer.network(data.x.length / data.n, given.layers, given.seed);
            const start = net.parameters().flatMap(p => numbers(p.w));
            const run = trainer.training(net, data, { ...given, batch, seed: 5 });
            const perEpoch = Math.ceil(data.n / batch);
            let loss = 0, seen = 0;
            for (let t = 0; t < steps; t++) {
                if (run.between) loss = seen = 0;
                const { cost, rows } = run.step();
                loss += cost * rows;
                seen += rows;
            }
            const weights = net.parameters().flatMap(p => numbers(p.w));
            const { cost, accuracy } = net.evaluate(data, given.cost);
            const whole = net.gradients(data, given.cost);
            const gradients = net.parameters().flatMap(p => numbers(p.g));
            return { start, weights, gradients, costs: [loss / seen, cost, whole, accuracy], outputs: numbers(net.forward(data.x, data.n).slice(0, data.n * net.outputs)) };
        }));";
    let Some(page) = node(script, &input) else {
        return;
    };
    let mut same = 0;
    for (case, page) in cases.iter().zip(page.as_array().unwrap()) {
        let data = data(case["data"].as_str().unwrap());
        for ((steps, batch, epochs), page) in RUNS.iter().zip(page.as_array().unwrap()) {
            let mut net = network(case, &data);
            let all = |parameters: Vec<gradus::model::Parameter>| -> Vec<f32> {
                parameters.iter().flat_map(|p| p.value.as_vec()).collect()
            };
            let start = all(net.parameters());
            let fit = Fit::epochs(*epochs)
                .batch(*batch)
                .seed(5)
                .schedule(schedule(case))
                .quiet();
            let history = net.fit(&data, cost(case), rule(case), fit).unwrap();
            let seen = net.evaluate(&data, cost(case)).unwrap();
            let (whole, gradients) = net.gradients(&data, cost(case)).unwrap();
            let costs = [
                history.last().loss,
                seen.loss,
                whole,
                seen.accuracy.unwrap(),
            ];
            let ours = [
                ("start", start),
                ("weights", all(net.parameters())),
                ("gradients", all(gradients)),
                ("costs", costs.iter().map(|c| *c as f32).collect()),
                ("outputs", net.predict(&data).unwrap().as_vec()),
            ];
            for (what, ours) in &ours {
                let page = floats(&page[what]);
                let apart = apart(ours, &page);
                let place = ours
                    .iter()
                    .zip(&page)
                    .position(|(a, b)| (a - b).abs() > 1e-4);
                assert!(
                    apart <= 1e-4,
                    "{} after {steps} steps: the {what} are {apart:e} apart, first at {place:?}",
                    case["name"]
                );
            }
            // One number of 32 bits after another.
            same += usize::from(ours[1].1 == floats(&page["weights"]));
        }
    }
    let runs = RUNS.len() * cases.len();
    println!(
        "{} combinations; the weights of {same} of {runs} runs are the same to the last bit",
        cases.len()
    );
}

#[test]
fn the_page_makes_and_splits_the_same_data() {
    let made = [
        ("moons", Dataset::moons(300, 0.1, 1).unwrap()),
        ("circles", Dataset::circles(300, 0.05, 2).unwrap()),
        ("spirals", Dataset::spirals(300, 2, 0.03, 3).unwrap()),
        ("blobs", Dataset::blobs(300, 3, 0.7, 4).unwrap()),
        ("xor", Dataset::xor(300, 0.3, u64::MAX).unwrap()),
    ];
    let script = "
        const settings = [['moons', .1, 1], ['circles', .05, 2], ['spirals', .03, 3], ['blobs', .7, 4], ['xor', .3, 18446744073709551615n]];
        return settings.map(([name, noise, seed]) => {
            const data = trainer.DATA[name](300, noise, seed);
            return [data, ...trainer.split(data, .8, 9)].map(({ x, labels }) => ({ x: numbers(x), labels }));
        });";
    let Some(page) = node(script, &Value::Null) else {
        return;
    };
    for ((name, data), page) in made.iter().zip(page.as_array().unwrap()) {
        let (first, rest) = data.split(0.8, 9).unwrap();
        for (ours, page) in [data, &first, &rest]
            .into_iter()
            .zip(page.as_array().unwrap())
        {
            assert!(apart(ours.features(), &floats(&page["x"])) < 1e-6, "{name}");
            assert_eq!(json!(ours.labels()), page["labels"], "{name}");
        }
    }
}

/// Far into the tail of the normal distribution, where the ziggurat ends.
#[test]
fn a_million_normal_numbers_are_the_same() {
    let ours = Normal(1.0).weights(1000, 1000, 11).unwrap().as_vec();
    let script = "
        const rng = new trainer.Rng(11);
        const all = Float32Array.from({ length: 1e6 }, () => rng.normal());
        let sum = 0;
        for (let i = 0; i < 1e6; i++) sum += all[i] * (i % 101);
        return { sum, some: numbers(all.filter((_, i) => i % 997 === 0)), most: all.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };";
    let Some(page) = node(script, &Value::Null) else {
        return;
    };
    let sum: f64 = ours
        .iter()
        .enumerate()
        .map(|(i, z)| f64::from(*z) * (i % 101) as f64)
        .sum();
    let most = ours.iter().fold(0.0_f32, |most, z| most.max(z.abs()));
    let some: Vec<f32> = ours.iter().copied().step_by(997).collect();
    assert_eq!(some, floats(&page["some"]));
    assert!(
        (sum - page["sum"].as_f64().unwrap()).abs() < 1e-3,
        "{sum} {page}"
    );
    assert!(most > 4.5 && most == number(&page["most"]));
}

const FORMULAS: [&str; 7] = [
    "(x^2 + 20 y²)/2",
    "(1 - x)^2 + 100(y - x²)²",
    "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    "x^2 − y^2 + y⁴/4",
    "(x^2 - 1)^2 + .3x + y*y",
    "(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x*y^3)^2",
    "(x^2 + y^2)/20 - exp(-15((x - 1.2)^2 + y^2)) - 8e-1*exp(-(x + 1)^2 - y^2)",
];

/// Typed by hand, beside the surfaces: value, gradient, and seven descents of 60 steps.
#[test]
fn a_formula_is_the_landscape_and_the_page_goes_down_on_it_alike() {
    let lands: Vec<Landscape> = Landscape::all()
        .into_iter()
        .filter(|land| land.dimensions() == 2)
        .collect();
    assert_eq!(lands.len(), FORMULAS.len());
    let places: Vec<[f64; 2]> = (0..20)
        .map(|i| [0.37 * f64::from(i) - 3.1, 2.0 - 0.29 * f64::from(i)])
        .collect();
    let rules = [
        json!({ "kind": "Sgd", "eta": 0.001 }),
        json!({ "kind": "Momentum", "eta": 0.0005 }),
        json!({ "kind": "Nag", "eta": 0.0005 }),
        json!({ "kind": "Adagrad", "eta": 0.1 }),
        json!({ "kind": "RmsProp", "eta": 0.01 }),
        json!({ "kind": "Adadelta", "eta": 1.0 }),
        json!({ "kind": "Adam", "eta": 0.05 }),
    ];
    let page: Vec<Value> = lands
        .iter()
        .map(|land| json!({ "start": land.start(), "window": land.window() }))
        .collect();
    let input = json!({ "formulas": FORMULAS, "lands": page, "places": places, "rules": rules });
    let script = "
        return input.formulas.map((text, i) => {
            const cost = descent.formula(text), out = [0, 0], { start, window } = input.lands[i];
            const seen = input.places.map(([x, y]) => [cost.value(x, y), (cost.gradient(x, y, out), out[0]), out[1]]);
            const ways = input.rules.map(rule => descent.descend(cost, trainer.rule(rule), start, window, 60));
            return { seen, ways };
        });";
    let Some(page) = node(script, &input) else {
        return;
    };
    for (land, page) in lands.iter().zip(page.as_array().unwrap()) {
        for (place, seen) in places.iter().zip(page["seen"].as_array().unwrap()) {
            let slope = land.gradient(place).unwrap();
            let ours = [land.value(place).unwrap(), slope[0], slope[1]];
            for (ours, page) in ours.iter().zip(seen.as_array().unwrap()) {
                let page = page.as_f64().unwrap();
                assert!(
                    (ours - page).abs() <= 1e-9 * (1.0 + ours.abs()),
                    "{land:?} at {place:?}: {ours} and {page}"
                );
            }
        }
        for (given, way) in rules.iter().zip(page["ways"].as_array().unwrap()) {
            let ours = descend(land, rule(&json!({ "rule": given })), 60).unwrap();
            let points: Vec<f32> = ours.points().iter().flatten().map(|w| *w as f32).collect();
            let page = way["points"].as_array().unwrap().iter();
            let page: Vec<f32> = page.flat_map(floats).collect();
            let apart = apart(&points, &page);
            assert!(apart < 1e-4, "{land:?}, {given}: {apart}");
        }
    }
}

#[test]
fn a_formula_that_cannot_be_read_is_told() {
    let wrong = [
        "x +", "x^2 + z", "(x", "x)", "2 ** x", "sin x", "", "1e999", "foo(x)",
    ];
    let script = "return input.map(text => { try { return String(descent.formula(text).value(1, 1)); } catch (e) { return e.message; } });";
    let Some(told) = node(script, &json!(wrong)) else {
        return;
    };
    for (text, told) in wrong.iter().zip(told.as_array().unwrap()) {
        let told = told.as_str().unwrap();
        assert!(
            told.contains("expected") || told.contains("too soon") || told.contains("not known"),
            "{text}: {told}"
        );
    }
}

/// The bowl's knobs: the points of the way and how many steps it takes, for each `κ` and `η`, below and above the border.
#[test]
fn gradient_descent_in_a_bowl_is_the_librarys() {
    let bowls: Vec<(f64, f64, [f64; 2])> = [1.0, 10.0, 300.0]
        .into_iter()
        .flat_map(|kappa: f64| {
            [0.1, 0.9, 1.0, 1.9, 2.1].map(|part| (kappa, part / kappa, [-3.5, 1.0]))
        })
        .chain([(10.0, 0.5, [-3.5, 0.0])])
        .collect();
    let script = "
        return input.map(([kappa, eta, start]) => {
            const cost = { value: (x, y) => (x * x + kappa * y * y) / 2, gradient(x, y, out) { [out[0], out[1]] = [x, kappa * y]; return this.value(x, y); } };
            const way = descent.gradientDescent(cost, eta, start, [[-4, 4], [-2, 2]], 300);
            return { way, steps: descent.arrival(cost, start, eta, 0, 0, 1e-3, 5000) };
        });";
    let Some(page) = node(script, &json!(bowls)) else {
        return;
    };
    let mut arrived = 0;
    for ((kappa, eta, start), page) in bowls.iter().zip(page.as_array().unwrap()) {
        let bowl = Landscape::bowl(*kappa).unwrap().starting_at(start).unwrap();
        let ours = gradient_descent(&bowl, *eta, 300).unwrap();
        let points: Vec<f32> = ours.points().iter().flatten().map(|w| *w as f32).collect();
        let seen = page["way"]["points"].as_array().unwrap();
        let seen: Vec<f32> = seen.iter().flat_map(floats).collect();
        assert_eq!(points.len(), seen.len(), "κ = {kappa}, η = {eta}");
        assert!(apart(&points, &seen) < 1e-6, "κ = {kappa}, η = {eta}");
        let needed = gradient_descent(&bowl, *eta, 5000)
            .unwrap()
            .first_below(1e-3);
        let steps = page["steps"].as_i64().unwrap();
        assert_eq!(
            needed.map(|t| t as i64),
            (steps >= 0).then_some(steps),
            "κ = {kappa}, η = {eta}"
        );
        arrived += usize::from(needed.is_some());
    }
    assert_eq!(
        arrived, 12,
        "all below the border but the slowest, and the one on the floor of the valley"
    );
}

/// Batches of four sizes on the way to a line, and how far their gradients are from that of all.
#[test]
fn mini_batches_find_the_line_as_the_library_does() {
    let data = Dataset::linear(200, 1.5, -0.5, 0.5, 0).unwrap();
    let (x, y) = (data.features().to_vec(), data.one_hot().as_vec());
    let gradient = |w: &[f32], rows: &[usize]| -> Vec<f32> {
        let mut g = vec![0.0; 2];
        for &i in rows {
            let error = w[0] * x[i] + w[1] - y[i];
            g[0] += error * x[i] / rows.len() as f32;
            g[1] += error / rows.len() as f32;
        }
        g
    };
    let start = [-0.8_f32, 1.5];
    let sizes = [1, 8, 64, 200];
    let input = json!({ "x": x, "y": y, "start": start, "sizes": sizes });
    let script = "
        const points = { x: Float32Array.from(input.x), y: Float32Array.from(input.y) };
        const ways = input.sizes.map(m => line.way(points, input.start, m, 3, 0.2, 7));
        return { ways, spread: line.spread(points, input.start.map(Math.fround), input.sizes, 100, 7) };";
    let Some(page) = node(script, &input) else {
        return;
    };
    let all: Vec<usize> = (0..200).collect();
    let whole = gradient(&start, &all);
    let away = |rows: &[usize]| -> f64 {
        let pairs = gradient(&start, rows).into_iter().zip(&whole);
        pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum()
    };
    for (k, m) in sizes.into_iter().enumerate() {
        let mut batches = sgd::Batches::new(200, m, 7).unwrap();
        let ours = sgd::stochastic_gradient_descent(&start, &mut batches, 3, 0.2, gradient);
        let ours: Vec<f32> = ours.unwrap().concat();
        let seen = page["ways"][k]["points"].as_array().unwrap();
        let seen: Vec<f32> = seen.iter().flat_map(floats).collect();
        assert_eq!(ours, seen, "m = {m}");
        let mut batches = sgd::Batches::new(200, m, 7).unwrap();
        let draws = (0..100).map(|_| away(batches.epoch().next().unwrap()));
        let ours = (draws.sum::<f64>() / 100.0).sqrt();
        let seen = page["spread"]["measured"][k].as_f64().unwrap();
        assert!((ours - seen).abs() < 1e-5, "m = {m}: {ours} and {seen}");
    }
    let sigma = (all.iter().map(|&i| away(&[i])).sum::<f64>() / 200.0).sqrt();
    assert!((sigma - page["spread"]["sigma"].as_f64().unwrap()).abs() < 1e-5);
}

/// One unit's batch normalisation: its batch, its running statistics, its answers at test time.
#[test]
fn batch_normalisation_of_one_unit_is_the_librarys() {
    use gradus::batchnorm::{RunningStatistics, batch_norm, batch_norm_test};
    let z: Vec<f32> = (0..40)
        .map(|i| (i as f32 * 0.37).sin() * 3.0 + 2.0)
        .collect();
    let script = "
        const net = trainer.network(1, [{ kind: 'batchNorm', keep: 0.9 }], 0), z = Float32Array.from(input);
        const outputs = [];
        for (let at = 0; at < 40; at += 8) outputs.push(...net.forward(z.slice(at, at + 8), 8, {}).slice(0, 8));
        const { mean, variance } = net.layers[0];
        return { outputs, running: [mean[0], variance[0]], test: numbers(net.forward(z, 40).slice(0, 40)) };";
    let Some(page) = node(script, &json!(z)) else {
        return;
    };
    let one = || (vector(vec![1.0]).unwrap(), vector(vec![0.0]).unwrap());
    let convention = BatchNorm {
        keep: 0.9,
        ..BatchNorm::default()
    };
    let mut running = RunningStatistics::new(1);
    let mut outputs = Vec::new();
    for rows in z.chunks(8) {
        let (gamma, beta) = one();
        let rows = matrix(rows.to_vec(), 8, 1).unwrap();
        let (out, seen) = batch_norm(rows, gamma, beta, convention.epsilon).unwrap();
        running.follow(&seen, convention).unwrap();
        outputs.extend(out.as_vec());
    }
    assert!(apart(&outputs, &floats(&page["outputs"])) < 1e-5);
    let (gamma, beta) = one();
    let all = matrix(z, 40, 1).unwrap();
    let test = batch_norm_test(&all, &gamma, &beta, &running, convention.epsilon).unwrap();
    assert!(apart(&test.as_vec(), &floats(&page["test"])) < 1e-5);
}

/// What the page of a graph computes, with other inputs: the output and the gradients, of all operations that `Expr` has.
#[test]
fn a_graphs_page_goes_back_as_the_library_does() {
    use gradus::display::Show;
    let formula = |[x, y, z]: [f64; 3]| {
        let [x, y, z] = [("x", x), ("y", y), ("z", z)].map(|(name, v)| Expr::input(name, v));
        let u = (&x * &y - &z).named("u");
        let v = (u.tanh() / (&y * &y + 2.0) + (-&u).sigmoid()).named("v");
        let w = (&v.exp() * &x.sin() + z.relu() * y.cos()).named("w");
        let inside = (&w.powi(2) + 1.5).sqrt().ln();
        (inside + &u.powi(-1) * 0.1 + &x * &x).named("C").backward()
    };
    let start = formula([0.7, -1.2, 0.4]);
    for graph in [start.clone(), start.folded()] {
        let forms = graph.lab("a graph").unwrap().forms();
        let html = &forms.iter().find(|form| form.0 == "text/html").unwrap().1;
        let data = &html[html.find("{\"boxes\":").unwrap()..];
        let mut values = serde_json::Deserializer::from_str(data).into_iter::<Value>();
        let data = values.next().unwrap().unwrap();
        let script = "
            const { nodes, boxes, edges } = input.data, fields = boxes.filter(box => box.input);
            return input.places.map(place => {
                fields.forEach((box, i) => { nodes[box.node].value = place[i]; });
                const { values, gradients, locals } = autograd.run(nodes), own = new Set(boxes.map(box => box.node));
                // What comes back along the edges of a box adds up to its gradient.
                const sums = boxes.map((box, i) => (i === boxes.length - 1 ? 1 : 0));
                for (const { from, to, input } of edges) {
                    const local = input !== null ? locals[boxes[to].node][input] : autograd.back(nodes, locals, boxes[to].node, i => own.has(i))[boxes[from].node];
                    sums[from] += gradients[boxes[to].node] * local;
                }
                return { names: fields.map(box => box.name), value: values.at(-1), gradients: fields.map(box => gradients[box.node]),
                    apart: Math.max(...sums.map((sum, i) => Math.abs(sum - gradients[boxes[i].node]))) };
            });";
        let places = [[0.7, -1.2, 0.4], [-2.0, 0.3, -0.5], [1.5, 2.5, 3.5]];
        let Some(page) = node(script, &json!({ "data": data, "places": places })) else {
            return;
        };
        for (place, page) in places.into_iter().zip(page.as_array().unwrap()) {
            let graph = formula(place);
            let inputs = graph.inputs();
            let names: Vec<&str> = inputs.iter().map(|input| input.0.as_str()).collect();
            assert_eq!(json!(names), page["names"]);
            let near = |a: f64, b: &Value| (a - b.as_f64().unwrap()).abs() < 1e-9 * (1.0 + a.abs());
            assert!(page["apart"].as_f64().unwrap() < 1e-9, "{place:?}: {page}");
            for (k, (name, _, gradient)) in inputs.iter().enumerate() {
                assert!(
                    near(*gradient, &page["gradients"][k]),
                    "{name} at {place:?}: {gradient}, {page}"
                );
            }
            let said = graph.to_string();
            let output = format!("{:.6}", page["value"].as_f64().unwrap());
            assert!(
                said.lines()
                    .any(|line| line.starts_with("C = ") && line.contains(&output)),
                "{said}: {page}"
            );
        }
    }
}
