//! Figures that compute in the page: what their pages hold, and what is refused. A browser drives them by
//! `tests/frontends/figures.mjs`, which takes the pages that this writes where `GRADUS_FIGURES` says.

use gradus::Language;
use gradus::display::Show;
use gradus::prelude::*;

fn form(value: &impl Show, mime: &str) -> String {
    let forms = value.forms().into_iter();
    let found = forms.into_iter().find(|form| form.0 == mime);
    found.unwrap_or_else(|| panic!("no {mime}")).1
}

/// What every page has to be, and a file for the browser.
fn page(name: &str, figure: &impl Show) -> String {
    let mimes: Vec<&str> = figure.forms().iter().map(|form| form.0).collect();
    assert_eq!(mimes, ["text/html", "image/svg+xml", "text/plain"]);
    let html = form(figure, "text/html");
    assert!(
        html.contains("<img alt=\""),
        "a picture for those without scripts"
    );
    assert!(
        html.contains("data-lm-suppress-shortcuts"),
        "keys stay here"
    );
    assert_eq!(
        html.matches("</script>").count(),
        1,
        "the data do not end the script"
    );
    let bare = html.replace("http://www.w3.org/2000/svg", "");
    assert!(!bare.contains("http"), "it needs no network");
    let (kind, bytes) = (form(figure, "image/svg+xml"), html.len());
    assert!(kind.starts_with("<svg"));
    println!(
        "{name}: {bytes} bytes, of which {} are the picture",
        kind.len()
    );
    if let Some(folder) = std::env::var_os("GRADUS_FIGURES") {
        let folder = std::path::Path::new(&folder);
        let file = format!(
            "<!DOCTYPE html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{name}</title><style>@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #e8e8e8 }} }}</style><body>{html}</body></html>",
            Language::current().code()
        );
        std::fs::write(folder.join(format!("{name}.html")), file).unwrap();
        std::fs::write(folder.join(format!("{name}.svg")), kind).unwrap();
    }
    html
}

/// Bytes of a page whose data are few.
const MOST: usize = 150_000;

fn net(init: Init, activation: Activation) -> Sequential {
    let net = Sequential::input(2)
        .dense(8)
        .init(init)
        .activation(activation);
    let net = net.dense(8).init(init).activation(activation);
    net.dense(2).init(init)
}

#[test]
fn a_playground_opens_on_two_spirals() {
    let open = plot::playground("Two spirals")
        .validate(0.2)
        .train(Sgd::new(0.3), 150)
        .unwrap();
    let html = page("playground", &open);
    assert!(html.len() < MOST);
    let own = plot::playground("Own </script> data")
        .data("three blobs", Dataset::blobs(90, 3, 0.6, 0).unwrap())
        .network(
            "Xavier",
            Sequential::input(2)
                .dense(6)
                .init(Xavier)
                .activation(Tanh)
                .dense(3)
                .init(Xavier),
        )
        .network(
            "zeros",
            Sequential::input(2)
                .dense(6)
                .init(Zeros)
                .activation(Tanh)
                .dense(3)
                .init(Zeros),
        )
        .train(Momentum::new(0.05), 40)
        .unwrap();
    page("playground-own", &own);
}

#[test]
fn a_playground_says_what_it_cannot_train() {
    fn refused(net: Sequential, rule: impl Into<Box<dyn Optimizer>> + Clone) -> String {
        let page = plot::playground("no").network("this", net).train(rule, 5);
        page.unwrap_err().to_string()
    }
    let sgd = Sgd::new(0.1);
    let uneven = Sequential::input(2).dense(4).activation(Tanh);
    let uneven = uneven.dense(4).activation(Relu).dense(2);
    assert!(refused(uneven, sgd.clone()).contains("single knob"));
    assert!(refused(net(Xavier, Gelu), sgd.clone()).contains("Gelu"));
    assert!(refused(net(Orthogonal, Tanh), sgd.clone()).contains("Orthogonal"));
    let learned = Sequential::input(2).dense(4).prelu().dense(2);
    assert!(refused(learned, sgd.clone()).contains("dense layers"));
    let cut = Sequential::input(2).dense(3).activation(Relu);
    assert!(refused(cut, sgd.clone()).contains("last layer"));
    let slow = Momentum::new(0.1).momentum(0.5);
    assert!(refused(net(Xavier, Tanh), slow).contains("0.5"));
    assert!(refused(Sequential::input(3).dense(2), sgd).contains('3'));
    let digits = plot::playground("64")
        .data("digits", Dataset::digits())
        .train(Sgd::new(0.1), 5);
    assert!(digits.unwrap_err().to_string().contains("2 features"));
    assert!(plot::playground("no").train(Sgd::new(-1.0), 5).is_err());
    assert!(plot::playground("no").train(Sgd::new(0.1), 0).is_err());
    assert!(
        plot::playground("no")
            .validate(1.5)
            .train(Sgd::new(0.1), 5)
            .is_err()
    );
}

#[test]
fn an_optimiser_lab_opens_on_a_valley() {
    let lab = plot::optimiser_lab("Seven ways down").steps(150).unwrap();
    let html = page("optimisers", &lab);
    assert!(html.len() < MOST);
    for name in ["SGD", "Adadelta", "Himmelblau", "Sharp and flat"] {
        assert!(html.contains(name), "{name}");
    }
    let two = plot::optimiser_lab("Two")
        .on(Landscape::saddle().starting_at(&[-1.0, 0.01]).unwrap())
        .run(Sgd::new(0.02))
        .run(Momentum::new(0.02).momentum(0.8))
        .steps(100)
        .unwrap();
    let html = page("optimisers-saddle", &two);
    assert!(html.contains("\"mu\":0.8") && html.contains("[-1.0,0.01]"));
}

#[test]
fn an_optimiser_lab_says_what_it_cannot_run() {
    let lab = || plot::optimiser_lab("no");
    let curve = lab().on(Landscape::parabola()).steps(10).unwrap_err();
    assert!(curve.to_string().contains("formula of"), "{curve}");
    let decayed = lab().run(AdamW::new(0.1)).steps(10).unwrap_err();
    assert!(decayed.to_string().contains("AdamW"), "{decayed}");
    let other = lab()
        .run(Adam::new(0.1).epsilon(0.1))
        .steps(10)
        .unwrap_err();
    assert!(other.to_string().contains("epsilon: 0.1"), "{other}");
    assert!(lab().run(Sgd::new(f32::NAN)).steps(10).is_err());
    assert!(
        lab()
            .on(Landscape::bowl(50.0).unwrap())
            .run(Sgd::new(0.01))
            .steps(10)
            .is_ok()
    );
}

#[test]
fn small_labs_have_a_picture_and_a_text() {
    let softmax = plot::softmax_lab("Softmax").unwrap();
    page("softmax", &softmax);
    assert!(softmax.to_string().contains("z = 0.1"));
    let neuron = plot::neuron_lab("One neuron").unwrap();
    page("neuron", &neuron);
    // The saturated neuron: after 300 epochs the quadratic cost has it at 0.2, cross-entropy below 0.03.
    let text = neuron.to_string();
    assert!(
        text.contains("quadratic: 301 points, from 0.982 to 0.203"),
        "{text}"
    );
    let chain = plot::chain_lab("A chain").unwrap();
    page("chain", &chain);
    let descent = plot::descent_lab("A bowl", 10.0, 0.19).unwrap();
    assert!(page("descent", &descent).len() < MOST);
    assert!(descent.to_string().contains("η = 0.19: "), "{descent}");
    let line = Dataset::linear(200, 1.5, -0.5, 0.5, 0).unwrap();
    let batches = plot::batch_lab("Four sizes", &line, 0.2).unwrap();
    assert!(page("batches", &batches).len() < MOST);
    assert!(
        batches.to_string().contains("m = 64: 13 points"),
        "{batches}"
    );
    let norm = plot::batch_norm_lab("One unit").unwrap();
    assert!(page("batch-norm", &norm).len() < MOST);
    assert!(norm.to_string().contains("2000 values"), "{norm}");
    assert!(
        chain.to_string().contains("ReLU: 21 points, from 1 to 1"),
        "{chain}"
    );
}

#[test]
fn a_graph_can_be_walked_through() {
    let [x, y, z] = [("x", 3.0), ("y", -1.0), ("z", -2.0)].map(|(n, v)| Expr::input(n, v));
    let q = (&x + &y).named("q");
    let graph = (&q * &z).named("f").backward();
    let lab = graph.lab("f = (x + y) z").unwrap();
    assert!(page("graph", &lab).len() < MOST);
    assert!(lab.to_string().contains("∂f/∂z = 2"), "{lab}");
    let [w1, w2, b] = [("w1", 0.5), ("w2", -1.0), ("b", 0.25)].map(|(n, v)| Expr::input(n, v));
    let a = (&w1 * 1.0 + &w2 * 2.0 + &b).sigmoid().named("a");
    let neuron = (0.5 * (&a - 1.0).powi(2)).named("C").backward();
    page("graph-neuron", &neuron.folded().lab("A neuron").unwrap());
    let many = (0..70).fold(x.clone(), |sum, _| sum * &y);
    assert!(many.backward().lab("no").is_err());
}

#[test]
fn small_labs_say_what_they_cannot_show() {
    let range = |condition, eta| {
        plot::descent_lab("no", condition, eta)
            .unwrap_err()
            .to_string()
    };
    assert!(range(0.5, 0.1).contains("condition number"));
    assert!(range(10.0, -1.0).contains("learning rate"));
    let line = Dataset::linear(20, 1.0, 0.0, 0.1, 0).unwrap();
    let digits = plot::batch_lab("no", &Dataset::digits(), 0.1).unwrap_err();
    assert!(digits.to_string().contains("one feature"), "{digits}");
    assert!(plot::batch_lab("no", &line, f32::NAN).is_err());
    // What diverges is left out of the picture.
    let far = plot::batch_lab("far", &line, 1e30).unwrap();
    assert!(!far.to_string().contains("m = 1:"), "{far}");
}
