//! Panics over shapes that do not fit, in words: which operation, which shapes, which line of the student's.

use std::backtrace::Backtrace;

use gradus_text::Text;

/// The message of dfdx's panic, which is a failed assertion in its own source at `place`, as a lab's helpers say it.
pub(crate) fn of_dfdx(message: &str, place: &str, trace: &str) -> Option<String> {
    if !place.contains("dfdx-") {
        return None;
    }
    let side = |name: &str| {
        let line = message
            .lines()
            .find_map(|line| line.trim().strip_prefix(name))?;
        Some(line.trim().to_owned())
    };
    let (left, right) = (side("left:")?, side("right:")?);
    if place.contains("matmul") {
        return Some(format!("`matmul`: (_, {left}) and ({right}, _) do not fit"));
    }
    let operations = [("Add", "+"), ("Sub", "-"), ("Mul", "*"), ("Div", "/")];
    let operation = (operations.iter())
        .find(|(name, _)| {
            let module = format!("tensor_ops::{}::", name.to_lowercase());
            trace.contains(&module) || trace.contains(&format!("arith::{name}"))
        })
        // Compiled into one: the line says it.
        .map_or("+ - * /", |(_, sign)| sign);
    Some(format!("`{operation}`: {left} and {right} do not fit"))
}

/// The first line of a student's in the calls that led here, such as `labs/lab1/src/exercises/e6_forward.rs:12`.
pub(crate) fn students_line(trace: &Backtrace) -> Option<String> {
    let trace = trace.to_string();
    let line = (trace.lines()).find(|line| line.replace('\\', "/").contains("src/exercises/"))?;
    let place = line.trim().strip_prefix("at ")?.trim_start_matches("./");
    // Without the column.
    let (place, _) = place.rsplit_once(':')?;
    let at = place.find("labs/").unwrap_or(0);
    Some(place[at..].to_owned())
}

/// The message of a panic over shapes, in the words of the course; `None` for another.
pub(crate) fn in_words(message: &str) -> Option<Text> {
    let (said, rest) = message.split_once(" do not fit")?;
    let (operation, shapes) = said.strip_prefix('`')?.split_once("`: ")?;
    let (one, other) = shapes.split_once(" and ")?;
    Some(Text::new(
        format!("las formas {one} y {other} no cuadran en `{operation}`{rest}"),
        format!("the shapes {one} and {other} do not fit in `{operation}`{rest}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_over_shapes_is_said_in_words() {
        let message =
            "`product`: (4, 3) and (2, 5) do not fit (labs/lab1/src/exercises/e6_forward.rs:12)";
        let text = in_words(message).expect("it is about shapes");
        assert_eq!(
            text.es,
            "las formas (4, 3) y (2, 5) no cuadran en `product` (labs/lab1/src/exercises/e6_forward.rs:12)"
        );
        assert_eq!(in_words("index out of bounds: the len is 2"), None);
    }

    #[test]
    fn what_dfdx_says_becomes_that_message() {
        let message = "assertion `left == right` failed\n  left: (2, 3)\n right: (3, 2)";
        let place = "/home/me/.cargo/registry/src/x/dfdx-0.13.0/src/tensor_ops/utilities/ops.rs:95";
        let trace = "dfdx::tensor_ops::sub::try_sub";
        assert_eq!(
            of_dfdx(message, place, trace).as_deref(),
            Some("`-`: (2, 3) and (3, 2) do not fit")
        );
        assert_eq!(of_dfdx(message, "src/exercises/e1.rs:3", trace), None);
    }
}
