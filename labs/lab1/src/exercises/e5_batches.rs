//! lab1.5

use gradus_exercise::Random;

/// es: Los números 0, 1, ..., n−1 en orden aleatorio, cortados en batches de `batch`; el último puede ser más corto
/// en: The numbers 0, 1, ..., n−1 in random order, cut into batches of `batch`; the last one may be shorter
pub fn mini_batches(n: usize, batch: usize, rng: &mut Random) -> Vec<Vec<usize>> {
    // BEGIN SOLUTION lab1.5
    let mut order: Vec<usize> = (0..n).collect();
    rng.shuffle(&mut order);
    order.chunks(batch).map(<[usize]>::to_vec).collect()
    // END SOLUTION
}
