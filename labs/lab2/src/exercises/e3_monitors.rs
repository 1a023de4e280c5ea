//! lab2.3

use crate::given::{Matrix, rows};
#[allow(unused_imports)]
// es: para quien trabaje con los tensores mismos: `a.shape()`, `a.sum()`
// en: for those who work on the tensors themselves: `a.shape()`, `a.sum()`
use dfdx::prelude::*;

/// es: La proporción, de 0 a 1, de activaciones sigmoides menores que `margin` o mayores que 1 − `margin`. a: (n, unidades)
/// en: The share, from 0 to 1, of sigmoid activations below `margin` or above 1 − `margin`. a: (n, units)
pub fn saturated_share(a: &Matrix, margin: f64) -> f64 {
    // BEGIN SOLUTION lab2.3
    let all = rows(a).concat();
    let saturated = all
        .iter()
        .filter(|a| **a < margin || **a > 1.0 - margin)
        .count();
    saturated as f64 / all.len() as f64
    // END SOLUTION
}

/// es: Las unidades ReLU (columnas) que dan 0 en todos los ejemplos, de menor a mayor. a: (n, unidades)
/// en: The ReLU units (columns) that give 0 for every example, in increasing order. a: (n, units)
pub fn dead_units(a: &Matrix) -> Vec<usize> {
    // BEGIN SOLUTION lab2.3
    let rows = rows(a);
    let dead = |unit: &usize| rows.iter().all(|row| row[*unit] <= 0.0);
    let units = rows.first().map_or(0, Vec::len);
    (0..units).filter(dead).collect()
    // END SOLUTION
}
