//! lab1.2

/// C = 1/(2n) · Σ (y − a)²
pub fn quadratic_cost(a: &[f64], y: &[f64]) -> f64 {
    // BEGIN SOLUTION lab1.2
    let sum: f64 = a.iter().zip(y).map(|(a, y)| (y - a).powi(2)).sum();
    sum / (2.0 * a.len() as f64)
    // END SOLUTION
}

/// es: C = −1/n · Σ [ y ln a + (1 − y) ln(1 − a) ], con a = σ(z)
/// en: C = −1/n · Σ [ y ln a + (1 − y) ln(1 − a) ], with a = σ(z)
pub fn binary_cross_entropy(z: &[f64], y: &[f64]) -> f64 {
    // BEGIN SOLUTION lab1.2
    // −ln σ(z) = ln(1 + e^(−z)), and the same with z and −z swapped; the larger of 0 and z is taken out of the logarithm.
    let one = |(z, y): (&f64, &f64)| z.max(0.0) - z * y + (-z.abs()).exp().ln_1p();
    z.iter().zip(y).map(one).sum::<f64>() / z.len() as f64
    // END SOLUTION
}

/// aₖ = e^zₖ / Σⱼ e^zⱼ
pub fn softmax(z: &[f64]) -> Vec<f64> {
    // BEGIN SOLUTION lab1.2
    let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = z.iter().map(|z| (z - max).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
    // END SOLUTION
}

/// es: C = −1/n · Σ ln a_label, con a = softmax(z); una fila de z y una etiqueta por ejemplo
/// en: C = −1/n · Σ ln a_label, with a = softmax(z); one row of z and one label per example
pub fn cross_entropy(z: &[Vec<f64>], labels: &[usize]) -> f64 {
    // BEGIN SOLUTION lab1.2
    let one = |(z, label): (&Vec<f64>, &usize)| {
        let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = z.iter().map(|z| (z - max).exp()).sum();
        sum.ln() + max - z[*label]
    };
    z.iter().zip(labels).map(one).sum::<f64>() / z.len() as f64
    // END SOLUTION
}
