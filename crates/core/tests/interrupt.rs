//! Every loop of the library that can take long ends when somebody asks, with an error that says so.

use std::process::Command;
use std::time::{Duration, Instant};

use gradus::ErrorKind;
use gradus::backprop::gradient_check;
use gradus::descent::{Landscape, gradient_descent};
use gradus::model::gradient_noise;
use gradus::prelude::*;
use gradus::sgd::{Batches, stochastic_gradient_descent};

type Work = Box<dyn Fn() -> Result<()>>;

/// Work that would take minutes, by name.
fn long() -> Vec<(&'static str, Work)> {
    let net = || Sequential::input(64).dense(256).activation(Relu).dense(10);
    vec![
        (
            "fit",
            Box::new(move || {
                let fit = Fit::epochs(100_000).quiet();
                net()
                    .fit(&Dataset::digits(), CrossEntropy, Sgd::new(1e-3), fit)
                    .map(drop)
            }),
        ),
        (
            "descent",
            Box::new(|| {
                let valley = Landscape::rosenbrock();
                gradient_descent(&valley, 1e-6, 1_000_000_000).map(drop)
            }),
        ),
        (
            "sgd",
            Box::new(|| {
                let mut batches = Batches::new(4, 1, 0)?;
                let gradient = |w: &[f32], _: &[usize]| vec![w[0] * 1e-3];
                stochastic_gradient_descent(&[1.0], &mut batches, 1_000_000_000, 0.1, gradient)
                    .map(drop)
            }),
        ),
        (
            "noise",
            Box::new(move || {
                let data = Dataset::digits();
                gradient_noise(&net(), &data, CrossEntropy, &[8], 1_000_000_000, 0).map(drop)
            }),
        ),
        (
            "check",
            Box::new(|| {
                let at = vec![0.5; 20_000];
                let gradient: Vec<f64> = at.iter().map(|w| 2.0 * w).collect();
                gradient_check(|w| w.iter().map(|w| w * w).sum(), &gradient, &at).map(drop)
            }),
        ),
        (
            "flow",
            Box::new(|| signal_flow(100, 900, Tanh, Xavier, 0).map(drop)),
        ),
        (
            "moons",
            Box::new(|| Dataset::moons(100_000_000, 0.1, 0).map(drop)),
        ),
        (
            "evaluate",
            Box::new(|| {
                // Between two looks 1024 examples: without vector instructions they take a while, too.
                let net = Sequential::input(2)
                    .dense(2048)
                    .activation(Tanh)
                    .dense(2048)
                    .dense(2);
                let data = Dataset::classification(vec![0.5; 2_400_000], 2, vec![0; 1_200_000], 2)?;
                net.evaluate(&data, CrossEntropy).map(drop)
            }),
        ),
    ]
}

#[test]
fn every_long_loop_ends_when_somebody_asks() {
    // The wish is a file whose name a process learns once, so the loops run in a process of their own.
    if std::env::var_os("GRADUS_INTERRUPT").is_none() {
        let wish = tempfile::NamedTempFile::new().unwrap();
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .env("GRADUS_INTERRUPT", wish.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    for (name, work) in long() {
        let started = Instant::now();
        let result = work();
        let stopped = matches!(
            result.as_ref().map_err(gradus::Error::kind),
            Err(ErrorKind::Stopped { .. } | ErrorKind::Interrupted { .. })
        );
        assert!(stopped, "{name}: {result:?}");
        // Generous: what matters is that it is not minutes.
        assert!(started.elapsed() < Duration::from_secs(20), "{name}");
    }
}
