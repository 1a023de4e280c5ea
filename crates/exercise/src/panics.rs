//! What Rust says when it stops a program, in the student's language.

use gradus_text::Text;

/// The message of a panic, with its place behind it in parentheses.
pub(crate) fn in_words(message: &str) -> Text {
    let (said, place) = match message.rfind(" (") {
        Some(at) if message.ends_with(')') => message.split_at(at),
        _ => (message, ""),
    };
    let es = spanish(said).unwrap_or_else(|| format!("el código se detuvo con un pánico: {said}"));
    Text::new(
        format!("{es}{place}"),
        format!("the code stopped with a panic: {message}"),
    )
}

fn spanish(said: &str) -> Option<String> {
    let overflows = [
        (
            "attempt to subtract with overflow",
            "una resta de enteros sin signo ha salido negativa: un `usize` no puede bajar de 0",
        ),
        (
            "attempt to add with overflow",
            "una suma de enteros no cabe en su tipo",
        ),
        (
            "attempt to multiply with overflow",
            "un producto de enteros no cabe en su tipo",
        ),
        (
            "attempt to negate with overflow",
            "un entero cambiado de signo no cabe en su tipo",
        ),
        (
            "attempt to divide by zero",
            "se ha dividido un entero entre 0",
        ),
        (
            "attempt to calculate the remainder with a divisor of zero",
            "se ha calculado un resto (`%`) entre 0",
        ),
        (
            "called `Option::unwrap()` on a `None` value",
            "se ha llamado a `unwrap()` y no había ningún valor: era `None`",
        ),
        (
            "chunk size must be non-zero",
            "se ha llamado a `chunks` con tamaño 0",
        ),
        (
            "capacity overflow",
            "se ha pedido una lista demasiado larga",
        ),
        ("explicit panic", "el código ha llamado a `panic!()`"),
    ];
    if let Some((_, es)) = overflows.iter().find(|(en, _)| said == *en) {
        return Some((*es).to_owned());
    }
    if let Some(error) = said.strip_prefix("called `Result::unwrap()` on an `Err` value: ") {
        return Some(format!(
            "se ha llamado a `unwrap()` y había un error: {error}"
        ));
    }
    let numbers = |before: &str, between: &str| {
        let (one, other) = said.strip_prefix(before)?.split_once(between)?;
        let number = |text: &str| text.parse::<u64>().ok();
        number(one).zip(number(other))
    };
    if let Some((len, index)) = numbers("index out of bounds: the len is ", " but the index is ") {
        return Some(format!(
            "se ha pedido el elemento {index} de una lista de {len}: van de 0 a n − 1"
        ));
    }
    for (what, es) in [("end", "acaba"), ("start", "empieza")] {
        let before = format!("range {what} index ");
        if let Some((index, len)) = numbers(&before, " out of range for slice of length ") {
            return Some(format!(
                "se ha pedido un trozo que {es} en {index} de una lista de {len}"
            ));
        }
    }
    let (from, to) = numbers("slice index starts at ", " but ends at ")?;
    Some(format!(
        "se ha pedido un trozo que empieza en {from} y acaba en {to}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Rust says in fact, so that another version of it shows here.
    fn said(run: fn()) -> String {
        let payload = std::panic::catch_unwind(run).expect_err("it panics");
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .expect("a message")
    }

    fn used<T>(_: T) {}

    #[test]
    fn what_rust_says_is_said_in_spanish() {
        use std::hint::black_box;
        let runs: [(fn(), &str); 8] = [
            (
                || used(black_box([1, 2])[black_box(vec![0; 5]).len()]),
                "elemento 5 de una lista de 2",
            ),
            (
                || used(black_box(0_usize).checked_sub(1).unwrap()),
                "era `None`",
            ),
            (
                || used("x".parse::<f64>().unwrap()),
                "había un error: ParseFloatError",
            ),
            (|| used(black_box(3) / black_box(0)), "entre 0"),
            (|| used(black_box(3) % black_box(0)), "resto"),
            (
                || used(black_box(vec![1, 2])[..black_box(4)].to_vec()),
                "acaba en 4 de una lista de 2",
            ),
            (
                || used(black_box(vec![1, 2])[black_box(3)..].to_vec()),
                "empieza en 3 de una lista de 2",
            ),
            (
                || used(black_box(vec![1, 2]).chunks(black_box(0)).count()),
                "`chunks` con tamaño 0",
            ),
        ];
        for (run, es) in runs {
            let said = said(run);
            let text = in_words(&format!("{said} (src/exercises/e1.rs:3)"));
            assert!(text.es.contains(es), "{said}: {}", text.es);
            assert!(text.es.ends_with(" (src/exercises/e1.rs:3)"), "{}", text.es);
            assert!(text.en.contains(&said), "{}", text.en);
        }
        let other = in_words("mine (a.rs:1)");
        assert_eq!(other.es, "el código se detuvo con un pánico: mine (a.rs:1)");
    }
}
