//! `:fmt`, `:efmt` and `:types`: how values and errors are shown.

use crate::Language;

/// How the value of a cell is shown, and what a `?` returns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Format {
    /// `{:#?}` and the like, instead of `{:?}`.
    value: Option<String>,
    /// Which of [`OF_ERRORS`], if one was chosen.
    error: Option<usize>,
    /// The type is shown too.
    pub(crate) types: bool,
}

/// What an error can be shown as.
const OF_ERRORS: [&str; 3] = ["{}", "{:?}", "{:#?}"];

impl Format {
    pub(crate) fn set(&mut self, format: &str) -> Result<(), String> {
        if !format.is_empty() && placeholder(format).is_none() {
            let words = Language::current().pick(
                "el formato lleva un solo par de llaves sin nombre, por ejemplo `:fmt {:#?}` o `:fmt {:.3?}`",
                "the format has one pair of braces without a name, for example `:fmt {:#?}` or `:fmt {:.3?}`",
            );
            return Err(words.to_owned());
        }
        self.value = (!format.is_empty()).then(|| format.to_owned());
        Ok(())
    }

    pub(crate) fn set_for_errors(&mut self, format: &str) -> Result<(), String> {
        self.error = OF_ERRORS.iter().position(|known| *known == format);
        if self.error.is_none() && !format.is_empty() {
            let words = Language::current()
                .pick("los formatos de errores son", "the formats of errors are");
            return Err(format!("{words} {}", OF_ERRORS.join(", ")));
        }
        Ok(())
    }

    /// The number of the format of errors, if one was chosen.
    pub(crate) fn of_errors(&self) -> Option<usize> {
        self.error
    }

    /// A trait `gradus_show::ShowFormatted` for a cell, which shows values so; `None` when they are shown as usual.
    pub(crate) fn code(&self) -> Option<String> {
        if self.value.is_none() && !self.types {
            return None;
        }
        let format = self.value.as_deref().unwrap_or("{:?}");
        let bound = placeholder(format).map_or("Debug", bound);
        let shown = format!("::std::format!({format:?}, self)");
        let shown = if self.types {
            format!(
                "&::std::format!(\": {{}} = {{}}\", ::gradus_cell::short_type_name::<T>(), {shown})"
            )
        } else {
            format!("&{shown}")
        };
        Some(format!(
            "mod gradus_show {{ pub trait ShowFormatted {{ fn evcxr_display(&self); }}\n\
             impl<T: ::std::fmt::{bound} + ?Sized> ShowFormatted for &T {{ \
             fn evcxr_display(&self) {{ ::gradus_cell::show_text({shown}); }} }} }}"
        ))
    }
}

/// What stands between the braces of a format with one pair of them.
fn placeholder(format: &str) -> Option<&str> {
    let plain = format.replace("{{", "").replace("}}", "");
    let is_one = plain.matches('{').count() == 1 && plain.matches('}').count() == 1;
    let start = format
        .find('{')
        .filter(|_| is_one && format.len() == plain.len())?;
    let inside = format[start + 1..].split_once('}')?.0;
    (inside.is_empty() || inside.starts_with(':')).then_some(inside)
}

/// The trait that a placeholder asks for.
fn bound(placeholder: &str) -> &'static str {
    match placeholder.chars().next_back() {
        Some('?') => "Debug",
        Some('x') => "LowerHex",
        Some('X') => "UpperHex",
        Some('o') => "Octal",
        Some('b') => "Binary",
        Some('e') => "LowerExp",
        Some('E') => "UpperExp",
        _ => "Display",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_asks_for_its_trait() {
        let mut format = Format::default();
        assert!(format.code().is_none());
        for (text, bound) in [
            ("{:#?}", "Debug"),
            ("{:.3}", "Display"),
            ("= {:08.3e}", "LowerExp"),
            ("{}", "Display"),
            ("{:#x}", "LowerHex"),
        ] {
            format.set(text).unwrap();
            let code = format.code().unwrap();
            assert!(
                code.contains(&format!("::{bound} +")) && code.contains(text),
                "{code}"
            );
        }
        for wrong in ["x", "{} {}", "{x}", "{", "{:?", "{{}}"] {
            assert!(format.set(wrong).is_err(), "{wrong}");
        }
        format.set("").unwrap();
        assert!(format.code().is_none());
        assert!(format.set_for_errors("{:x}").is_err());
    }
}
