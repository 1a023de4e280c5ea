//! Training takes no more memory the longer it goes on. A file of its own: other tests in this process would be measured too.

use gradus::prelude::*;

/// KiB that this process holds; `None` where the system does not tell.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[test]
fn ten_thousand_steps_take_no_more_memory_than_a_hundred() -> Result<()> {
    let data = Dataset::digits();
    let steps = data.len().div_ceil(16);
    let mut net = Sequential::input([8, 8, 1])
        .conv2d(8, 3)
        .activation(Relu)
        .max_pool2d(2)
        .dense(32)
        .batch_norm()
        .activation(Tanh)
        .dropout(0.2)
        .dense(10);
    let mut fit = |epochs| {
        net.fit(
            &data,
            CrossEntropy,
            Adam::new(1e-3),
            Fit::epochs(epochs).batch(16).quiet(),
        )
    };
    fit(1)?;
    let Some(before) = resident() else {
        eprintln!("skipped: the system does not tell how much memory a process holds");
        return Ok(());
    };
    fit(10_000usize.div_ceil(steps))?;
    let after = resident().unwrap_or(u64::MAX);
    assert!(
        after < before + 1024,
        "{before} KiB after {steps} steps, {after} KiB after 10,000 more"
    );
    Ok(())
}
