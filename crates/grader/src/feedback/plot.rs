//! Figures, as SVG inside of a page.

use std::fmt::Write as _;

use gradus_exercise::Language;

/// The numbers of a list such as `[1, 2.5, -3e-4]`; nothing where it is cut short or has lists in it.
fn numbers(text: &str) -> Option<Vec<f64>> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let numbers: Option<Vec<f64>> = inner
        .split(',')
        .map(|number| number.trim().parse().ok().filter(|x: &f64| x.is_finite()))
        .collect();
    numbers.filter(|numbers| (3..=100).contains(&numbers.len()))
}

/// What was expected and what came, both lists in English, number by number. Nothing where there is nothing to see.
pub(super) fn two_lists(expected: &str, got: &str, lang: Language) -> Option<String> {
    let (expected, got) = (numbers(expected)?, numbers(got)?);
    if expected.len() != got.len() {
        return None;
    }
    let all = || expected.iter().chain(&got).copied();
    let (low, high) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    if high - low < 1e-12 * high.abs().max(1e-300) {
        return None;
    }
    let (left, top, width, height) = (70.0, 12.0, 420.0, 130.0);
    let last = (expected.len() - 1) as f64;
    let x = |k: usize| left + width * k as f64 / last;
    let y = |value: f64| top + height * (high - value) / (high - low);
    let words = lang.pick(("esperado", "obtenido"), ("expected", "got"));
    let mut out = format!(
        "<svg viewBox=\"0 0 520 178\" width=\"520\" role=\"img\" aria-label=\"{} ○, {} ×\">",
        words.0, words.1
    );
    for value in [low, high] {
        let at = y(value);
        let _ = write!(
            out,
            "<line class=\"axis\" x1=\"{left}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left + width,
            left - 8.0,
            at + 4.0,
            shown(value, lang)
        );
    }
    for (k, value) in expected.iter().enumerate() {
        let _ = write!(
            out,
            "<circle class=\"expected\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4.5\"/>",
            x(k),
            y(*value)
        );
    }
    for (k, value) in got.iter().enumerate() {
        let (x, y) = (x(k), y(*value));
        let _ = write!(
            out,
            "<path class=\"got\" d=\"M{:.1} {:.1}l7 7m0-7l-7 7\"/>",
            x - 3.5,
            y - 3.5
        );
    }
    let _ = write!(
        out,
        "<circle class=\"expected\" cx=\"80\" cy=\"168\" r=\"4.5\"/><text x=\"92\" y=\"172\">{}</text>\
         <path class=\"got\" d=\"M180 164l7 7m0-7l-7 7\"/><text x=\"194\" y=\"172\">{}</text></svg>",
        words.0, words.1
    );
    Some(out)
}

/// How many have how many points, in ten steps.
pub(super) fn distribution(shares: &[f64], lang: Language) -> String {
    let mut counts = [0_usize; 10];
    for share in shares {
        counts[((share * 10.0) as usize).min(9)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let label = lang.pick(
        "Cuántos estudiantes hay en cada décima parte de los puntos",
        "How many students there are in each tenth of the points",
    );
    let mut out =
        format!("<svg viewBox=\"0 0 640 220\" width=\"640\" role=\"img\" aria-label=\"{label}\">");
    for (k, count) in counts.iter().enumerate() {
        let height = 150.0 * *count as f64 / most as f64;
        let (x, y) = (30.0 + 60.0 * k as f64, 180.0 - height);
        let _ = write!(
            out,
            "<rect class=\"box\" x=\"{x}\" y=\"{y:.1}\" width=\"50\" height=\"{height:.1}\" rx=\"3\"/>"
        );
        if *count > 0 {
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"middle\">{count}</text>",
                x + 25.0,
                y - 6.0
            );
        }
        let to = if k == 9 {
            "100".to_owned()
        } else {
            format!("{}", 10 * k + 9)
        };
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"198\" text-anchor=\"middle\">{}–{to}</text>",
            x + 25.0,
            10 * k
        );
    }
    let axis = lang.pick("% de los puntos", "% of the points");
    let _ = write!(
        out,
        "<line class=\"axis\" x1=\"25\" x2=\"625\" y1=\"180.5\" y2=\"180.5\"/><text x=\"325\" y=\"216\" text-anchor=\"middle\">{axis}</text></svg>"
    );
    out
}

fn shown(value: f64, lang: Language) -> String {
    let text = match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-3..1e5).contains(&size) => {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => format!("{value:.2e}"),
    };
    lang.pick(text.replace('.', ","), text)
}
