//! What students read in a Spanish notebook: this program runs in a folder called `es`.

use gradus::Text;
use gradus::prelude::*;

/// Every test calls it, so that all agree on the folder.
fn in_spanish() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("es");
    std::fs::create_dir_all(&folder).unwrap();
    std::env::set_current_dir(folder).unwrap();
}

#[test]
fn the_same_cell_says_the_spanish_one_of_two_texts() {
    in_spanish();
    assert_eq!(say("coste", "cost"), "coste");
    let pair = Text::from(("paso", "step".to_owned()));
    assert_eq!(pair.into_current(), "paso");
    assert_eq!(Text::from("η").into_current(), "η");
    let chart = plot::curves(
        ("El coste baja", "The cost goes down"),
        ("paso", "step"),
        "C",
        [(("prueba", "test"), [1.0, 0.5])],
    );
    let figure = Figure::from(chart);
    let svg = figure.svg().unwrap();
    for (text, other) in [("El coste baja", "goes down"), ("paso", "step")] {
        assert!(svg.contains(text) && !svg.contains(other), "{text}");
    }
    assert!(figure.to_string().contains("prueba"));
    let titled = figure.panel_titles([("Otro", "Another")]);
    assert!(titled.to_string().starts_with("Otro"), "{titled}");
}

#[test]
fn figures_and_tables_speak_spanish() {
    in_spanish();
    let data = Dataset::digits().take(120).unwrap();
    let mut net = Sequential::input(64)
        .dense(16)
        .activation(Sigmoid)
        .dense(10);
    let fit = Fit::epochs(3).quiet().validate(&data);
    let history = net.fit(&data, CrossEntropy, Sgd::new(0.5), fit).unwrap();
    let saddle = gradient_descent(&Landscape::saddle(), 0.1, 5).unwrap();
    let check = net.check_gradients(&data.take(4).unwrap(), CrossEntropy, 2, 0);
    let rates = net.compare_learning_rates(&data, CrossEntropy, &[0.1, 0.5], Sgd::new, || {
        Fit::epochs(2).quiet()
    });
    let (rates, report) = (rates.unwrap(), net.activations(&data).unwrap());
    let flow = signal_flow(3, 16, Tanh, Xavier, 0).unwrap();
    let noise = gradient_noise(&net, &data, CrossEntropy, &[4, 16], 5, 0).unwrap();
    let x = Expr::input("x", 2.0);
    let graph = (&x * &x).named("y").backward();
    let moons = Dataset::moons(40, 0.1, 0).unwrap();
    let plane = Sequential::input(2).dense(2);
    let plane = plot::decision_boundary(&plane, &moons).unwrap();
    let page = plot::playground("tanh")
        .data(("lunas", "moons"), moons.clone())
        .network(
            ("Ceros", "Zeros"),
            Sequential::input(2).dense(2).init(Zeros),
        )
        .network("He", Sequential::input(2).dense(2).init(He));
    let page = page.train(Sgd::new(0.1), 2).unwrap();
    let forms = gradus::display::Show::forms(&page);
    for shown in ["Ceros", "lunas", "\"language\":\"es\""] {
        assert!(forms[0].1.contains(shown), "{shown}");
    }
    let texts = [
        page.to_string(),
        moons.name().to_owned(),
        data.name().to_owned(),
        history.plot().to_string(),
        history.to_string(),
        plot::compare(&[(("uno", "one"), history)]).to_string(),
        saddle.to_string(),
        saddle.plot().unwrap().to_string(),
        check.unwrap().to_string(),
        rates.plot().to_string(),
        rates.to_string(),
        report.plot().to_string(),
        report.histograms().to_string(),
        report.to_string(),
        net.confusion(&data).unwrap().plot().to_string(),
        plot::mistakes(&net, &data, 5).unwrap().to_string(),
        plot::predictions(&net, &data, 5).unwrap().to_string(),
        net.summary().to_string(),
        flow.plot().to_string(),
        flow.to_string(),
        noise.plot().to_string(),
        noise.to_string(),
        graph.plot().to_string(),
        plane.to_string(),
        format!("{data:?}"),
    ];
    let english = [
        "the",
        "of",
        "at",
        "and",
        "with",
        "from",
        "to",
        "layer",
        "step",
        "steps",
        "points",
        "loss:",
        "train",
        "right",
        "wrong",
        "answer",
        "saturated",
        "dead",
        "mean",
        "epoch",
        "value",
        "examples",
        "Parameters",
        "cost",
        "end",
        "Saddle",
        "moving",
        "worst",
        "units",
    ];
    for text in texts {
        let words = text.split(|c: char| c.is_whitespace() || "(),;".contains(c));
        let found: Vec<&str> = words.filter(|word| english.contains(word)).collect();
        assert!(found.is_empty(), "{found:?} in\n{text}");
        if std::env::var_os("GRADUS_SHOW").is_some() {
            println!("{text}\n");
        }
    }
}

#[test]
fn errors_say_in_spanish_what_to_do_next() {
    in_spanish();
    let moons = Dataset::moons(20, 0.1, 0).unwrap();
    let digits = Sequential::input(64).dense(10);
    let fit = |rate| {
        let mut net = Sequential::input(2).dense(2);
        net.fit(&moons, CrossEntropy, Sgd::new(rate), Fit::epochs(1).quiet())
    };
    for (error, expected) in [
        (
            digits.predict_classes(&moons).unwrap_err(),
            "la entrada de la red: se esperaba «64 características en cada ejemplo» y ha llegado «2 en lunas: 20 ejemplos de \
             2, 2 clases»",
        ),
        (
            fit(-1.0).unwrap_err(),
            "el learning rate debe ser un número finito mayor que 0, no -1",
        ),
        (
            race(&[]).unwrap_err(),
            "la carrera: no hay nada; hace falta al menos un elemento",
        ),
        (
            Sequential::input(2)
                .init(He)
                .dense(2)
                .check_gradients(&moons, CrossEntropy, 1, 0)
                .unwrap_err(),
            "init necesita antes una capa con pesos; llámalo después de dense",
        ),
    ] {
        assert_eq!(error.to_string(), expected);
    }
}
