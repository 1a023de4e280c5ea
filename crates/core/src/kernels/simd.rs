//! Which vector instructions are used: the widest that the processor has, or fewer where `GRADUS_SIMD` says so.

use std::sync::OnceLock;

use pulp::Arch;

/// What the loops are compiled for on this processor.
pub(crate) fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| {
        let best = Arch::new();
        match std::env::var("GRADUS_SIMD") {
            Ok(asked) => lowered(best, asked.trim()).unwrap_or_else(|| {
                eprintln!(
                    "GRADUS_SIMD={asked}: {} is used; what can be asked for here is {}",
                    name(best),
                    at_most(best).join(", ")
                );
                best
            }),
            Err(_) => best,
        }
    })
}

/// The levels up to this one, from the lowest.
fn at_most(best: Arch) -> Vec<&'static str> {
    let mut names = vec!["scalar"];
    match best {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(_) => names.extend(["avx2", "avx512"]),
        #[cfg(target_arch = "x86_64")]
        Arch::V3(_) => names.push("avx2"),
        Arch::Scalar => {}
        other => names.push(name(other)),
    }
    names
}

/// The level of this name, where the processor has it.
fn lowered(best: Arch, asked: &str) -> Option<Arch> {
    match asked {
        "" => Some(best),
        "scalar" => Some(Arch::Scalar),
        #[cfg(target_arch = "x86_64")]
        "avx2" => pulp::x86::V3::try_new().map(Arch::V3),
        asked => (asked == name(best)).then_some(best),
    }
}

fn name(arch: Arch) -> &'static str {
    match arch {
        Arch::Scalar => "scalar",
        #[cfg(target_arch = "x86_64")]
        Arch::V3(_) => "avx2",
        #[cfg(target_arch = "x86_64")]
        Arch::V4(_) => "avx512",
        _ => "neon",
    }
}

/// The vector instructions that training uses in this process: `avx512`, `avx2`, `neon` or `scalar` (none). The environment
/// variable `GRADUS_SIMD` lowers it before the first use; the results are the same bits with each.
pub fn vector_instructions() -> &'static str {
    name(arch())
}

/// Every level of this processor, for tests that compare them.
#[cfg(test)]
pub(crate) fn levels() -> Vec<Arch> {
    let best = Arch::new();
    let names = at_most(best).into_iter();
    names.filter_map(|name| lowered(best, name)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_says_what_is_used() {
        assert_eq!(
            super::vector_instructions(),
            gradus_machine::vector_instructions()
        );
    }
}
