//! Gradient checking: is the gradient that was derived the slope that is measured?
//!
//! The recipe of cs231n, <https://cs231n.github.io/neural-networks-3/#gradcheck>: the central difference
//! `[C(w + h) - C(w - h)] / 2h` in `f64`, whose error falls with `h²`; the relative error `|a - n| / max(|a|, |n|)`; and an eye
//! for kinks, where the two sides have different slopes and no gradient is the right one.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Watch;
use gradus_text::display::{Show, aligned};
use gradus_text::{Text, say};

/// How well two numbers agree, by relative error, in cs231n's bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// At most 1e-7, or a difference that rounding or the step explains: nothing is wrong.
    Excellent,
    /// At most 1e-4: fine for functions with kinks, high for smooth ones in `f64`.
    Good,
    /// At most 1e-2: uncomfortable in `f64`; usual in `f32`, which cannot measure better.
    Doubtful,
    /// A kink lies within the step: the measured slope means nothing here.
    Kink,
    /// Above 1e-2: the gradient is probably wrong.
    Wrong,
}

/// One component of the gradient, derived and measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// The parameter, with the position in it.
    pub name: String,
    /// What was derived.
    pub analytic: f64,
    /// What was measured: the central difference.
    pub numeric: f64,
    /// `|a - n| / max(|a|, |n|)`; 0 where both are 0.
    pub relative_error: f64,
    /// How large a difference rounding alone can make.
    pub rounding: f64,
    /// The verdict.
    pub agreement: Agreement,
}

/// The components that were checked.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// In order of the parameters.
    pub components: Vec<Component>,
    /// `f64` or `f32`: what the function was computed in.
    pub precision: &'static str,
}

/// Check a gradient of any function of `f64` at the point `at`, every component.
///
/// ```
/// use gradus::prelude::*;
/// let f = |w: &[f64]| w[0].powi(2) * w[1].sin();
/// let (x, y) = (1.5_f64, 0.3_f64);
/// let right = gradient_check(f, &[2.0 * x * y.sin(), x * x * y.cos()], &[x, y])?;
/// assert!(right.passes());
/// let wrong = gradient_check(f, &[2.0 * x * y.sin(), -x * x * y.cos()], &[x, y])?;
/// assert!(!wrong.passes() && wrong.to_string().contains("w[1]"));
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When there is no component, the gradient has another length than the point, or a number is not finite: the point, the
/// gradient or the function beside it.
pub fn gradient_check(
    f: impl Fn(&[f64]) -> f64,
    gradient: &[f64],
    at: &[f64],
) -> Result<GradientCheck> {
    if at.is_empty() {
        return Err(Error::empty((
            "el punto de una comprobación del gradiente",
            "the point of a gradient check",
        )));
    }
    if gradient.len() != at.len() {
        return Err(Error::shape(
            "gradient_check",
            (
                format!("un gradiente de {} números, como el punto", at.len()),
                format!("a gradient of {} numbers, like the point", at.len()),
            ),
            gradient.len(),
        ));
    }
    let mut components = Vec::with_capacity(at.len());
    let mut watch = Watch::new();
    for (i, (&w, &analytic)) in at.iter().zip(gradient).enumerate() {
        watch.check(("la comprobación del gradiente", "the gradient check"), i)?;
        finite(
            (
                format!("el gradiente respecto a w[{i}]"),
                format!("the gradient by w[{i}]"),
            ),
            analytic,
        )?;
        finite(format!("w[{i}]"), w)?;
        let h = 1e-5 * w.abs().max(1.0);
        let at_shift = |shift: f64| {
            let mut moved = at.to_vec();
            moved[i] += shift;
            Ok((moved[i], f(&moved)))
        };
        let name = format!("w[{i}]");
        components.push(component(name, analytic, h, f64::EPSILON, false, at_shift)?);
    }
    Ok(GradientCheck {
        components,
        precision: "f64",
    })
}

/// Compare one component with the slope measured by moving it: `at` moves it and returns where it came to and the cost there.
pub(crate) fn component(
    name: String,
    analytic: f64,
    h: f64,
    epsilon: f64,
    fourth_order: bool,
    mut at: impl FnMut(f64) -> Result<(f64, f64)>,
) -> Result<Component> {
    let mut at = |shift: f64| {
        let (position, cost) = at(shift)?;
        finite(
            (
                format!("la función con {name} = {position}"),
                format!("the function with {name} = {position}"),
            ),
            cost,
        )?;
        Ok::<_, Error>((position, cost))
    };
    let slope = |(x0, c0): (f64, f64), (x1, c1): (f64, f64)| (c1 - c0) / (x1 - x0);
    let here = at(0.0)?;
    let (left, right) = (at(-h)?, at(h)?);
    let (near_left, near_right) = (at(-h / 2.0)?, at(h / 2.0)?);
    let (close_left, close_right) = (at(-h / 4.0)?, at(h / 4.0)?);
    let wide = slope(left, right);
    let narrow = slope(near_left, near_right);
    let (numeric, amplified) = if fourth_order {
        ((4.0 * narrow - wide) / 3.0, 3.0)
    } else {
        (wide, 1.0)
    };
    // A cost is a sum of rounded terms; a few units in its last place are the usual loss.
    let rounding = 4.0 * amplified * epsilon * here.1.abs().max(1e-3) / h;

    // Where the function is smooth, the slopes of the two sides differ by h C'': half the step, half the difference.
    let gap = |left, right| (slope(here, right) - slope(left, here)).abs();
    let gaps = [
        gap(left, right),
        gap(near_left, near_right),
        gap(close_left, close_right),
    ];
    let visible = 1e-3 * wide.abs().max(analytic.abs()) + 8.0 * rounding;
    let kink = gaps.windows(2).any(|g| {
        g[0].max(g[1]) > visible && (g[1] - g[0] / 2.0).abs() > 0.1 * g[0] + visible / 2.0
    });

    // A central difference is off by h²/6 of the third derivative, and with half the step by a quarter of that, so the two
    // tell how much. Of the fourth order next to nothing is left, and at a kink there is no such derivative.
    let truncation = match fourth_order || kink {
        true => 0.0,
        false => 2.0 * (wide - narrow).abs(),
    };

    let difference = (analytic - numeric).abs();
    let relative_error = if difference == 0.0 {
        0.0
    } else {
        difference / analytic.abs().max(numeric.abs())
    };
    let agreement = if relative_error <= 1e-7 || difference <= rounding + truncation {
        Agreement::Excellent
    } else if relative_error <= 1e-4 {
        Agreement::Good
    } else if kink {
        Agreement::Kink
    } else if relative_error <= 1e-2 {
        Agreement::Doubtful
    } else {
        Agreement::Wrong
    };
    Ok(Component {
        name,
        analytic,
        numeric,
        relative_error,
        rounding,
        agreement,
    })
}

impl GradientCheck {
    /// Whether no component is wrong and most lie away from kinks. In `f64` none may be doubtful either.
    pub fn passes(&self) -> bool {
        let worst = if self.precision == "f32" {
            Agreement::Doubtful
        } else {
            Agreement::Good
        };
        let kinks = self.count(Agreement::Kink);
        kinks * 2 <= self.components.len()
            && self
                .components
                .iter()
                .all(|c| c.agreement <= worst || c.agreement == Agreement::Kink)
    }

    /// How many components have this verdict.
    pub fn count(&self, agreement: Agreement) -> usize {
        self.components
            .iter()
            .filter(|c| c.agreement == agreement)
            .count()
    }

    /// The component of the worst verdict, and of the largest error among those.
    pub fn worst(&self) -> &Component {
        self.components
            .iter()
            .max_by(|a, b| {
                (a.agreement.cmp(&b.agreement)).then(a.relative_error.total_cmp(&b.relative_error))
            })
            .expect("a check has at least one component")
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Agreement::Excellent => say("excelente", "excellent"),
            Agreement::Good => say("bien", "good"),
            Agreement::Doubtful => say("dudoso", "doubtful"),
            Agreement::Kink => say("esquina", "kink"),
            Agreement::Wrong => say("MAL", "WRONG"),
        })
    }
}

/// A summary, then the worst components, at most twelve.
impl fmt::Display for GradientCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.passes() {
            true => say(
                "comprobación del gradiente superada",
                "gradient check passed",
            ),
            false => say(
                "comprobación del gradiente FALLIDA",
                "gradient check FAILED",
            ),
        };
        let (precision, count) = (self.precision, self.components.len());
        let (within, components) = (say("en", "in"), say("componentes", "components"));
        write!(f, "{verdict} {within} {precision}: {count} {components}")?;
        for agreement in [
            Agreement::Excellent,
            Agreement::Good,
            Agreement::Doubtful,
            Agreement::Kink,
            Agreement::Wrong,
        ] {
            match (self.count(agreement), agreement) {
                (0, _) => {}
                (1, _) | (_, Agreement::Good | Agreement::Wrong) => {
                    write!(f, ", {} {agreement}", self.count(agreement))?;
                }
                (count, _) => {
                    // In Spanish they agree in number.
                    let plural = say("s", "");
                    write!(f, ", {count} {agreement}{plural}")?;
                }
            }
        }
        let mut worst: Vec<&Component> = self.components.iter().collect();
        worst.sort_by(|a, b| {
            (b.agreement.cmp(&a.agreement)).then(b.relative_error.total_cmp(&a.relative_error))
        });
        write!(
            f,
            "\n{:<28} {:>13} {:>13} {:>9} {:>9}",
            say("las peores", "the worst"),
            say("analítico", "analytic"),
            say("numérico", "numeric"),
            say("err.rel.", "rel.error"),
            say("redondeo", "rounding")
        )?;
        for c in worst.into_iter().take(12) {
            write!(
                f,
                "\n{:<28} {:>13.6e} {:>13.6e} {:>9.1e} {:>9.0e}  {}",
                c.name, c.analytic, c.numeric, c.relative_error, c.rounding, c.agreement
            )?;
        }
        Ok(())
    }
}

pub(crate) fn finite(what: impl Into<Text>, value: f64) -> Result<()> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(ErrorKind::NotFinite {
            what: what.into().into_current(),
            value,
        }
        .into())
    }
}

impl Show for GradientCheck {
    fn forms(&self) -> Vec<(&'static str, String)> {
        aligned(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn where_the_slope_vanishes_the_step_itself_is_no_mistake() {
        // The central difference of w³ at 0 is h², not 0; a small gradient there is still wrong.
        let cube = |w: &[f64]| w[0].powi(3);
        assert!(gradient_check(cube, &[0.0], &[0.0]).unwrap().passes());
        assert!(!gradient_check(cube, &[1e-8], &[0.0]).unwrap().passes());
        assert!(!gradient_check(cube, &[2.9], &[1.0]).unwrap().passes());
    }
}
