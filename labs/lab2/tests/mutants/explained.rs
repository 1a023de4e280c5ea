//! What students get wrong, and what they are told: the name of the explanation, or nothing.

use gradus_exercise::proof::Mutants;

pub fn mutants() -> Mutants {
    vec![]
}
