//! Figures one after the other.

use std::collections::HashMap;
use std::fmt;

use serde_json::{Value, json};

use super::Page;
use crate::error::{Error, Result};
use crate::figure::Figure;
use gradus_text::display::Show;
use gradus_text::{Language, Text};

/// Puts the lines of a frame together again: `frames` holds, for each frame, pairs of a first line and how many follow. A line is
/// its text, or the number of an earlier one, how much of that to take, and the rest.
const DRAW: &str = "(data, frame) => {
  data.whole = data.whole || data.lines.reduce((all, line) => {
    all.push(typeof line === 'string' ? line : all[line[0]].slice(0, line[1]) + line[2]);
    return all;
  }, []);
  const runs = data.frames[frame];
  let svg = '';
  for (let i = 0; i < runs.length; i += 2) svg += data.whole.slice(runs[i], runs[i] + runs[i + 1]).join('\\n') + '\\n';
  return svg;
}";

/// A line is compared with this many before it, and shortened when it starts with so many of the same letters.
const NEAR: usize = 200;
const SHARED: usize = 80;

/// Figures that follow one another, with a slider, play, pause, step and reset.
#[derive(Clone)]
pub struct Animation {
    page: Page,
    frames: usize,
}

/// Show figures one after the other, each with a caption. Where pages are not shown, the last one stands for all.
///
/// ```
/// use gradus::prelude::*;
/// let frames = (1..=20).map(|k| {
///     let wave = plot::functions("A wave and its sum", 0.0, 6.0, &[("wave", &|x| (k as f32 * x).sin())]);
///     (format!("k = {k}"), wave)
/// });
/// let animation = plot::animation("Waves of growing frequency", frames)?;
/// assert_eq!(animation.frames(), 20);
/// # Ok::<(), gradus::Error>(())
/// ```
///
/// # Errors
/// When there are no frames, one of them has nothing to draw, or all together are more than 1 MiB.
pub fn animation(
    title: impl Into<Text>,
    frames: impl IntoIterator<Item = (impl Into<Text>, impl Into<Figure>)>,
) -> Result<Animation> {
    let title = title.into().into_current();
    let frames: Vec<(String, Figure)> = frames
        .into_iter()
        .map(|(caption, figure)| (caption.into().into_current(), figure.into()))
        .collect();
    let Some((caption, last)) = frames.last() else {
        return Err(Error::empty(("la animación", "the animation")));
    };
    // Most lines of the SVG stay the same from frame to frame, so each is kept once.
    let mut lines: Vec<String> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut runs: Vec<Vec<usize>> = Vec::with_capacity(frames.len());
    for (_, figure) in &frames {
        let mut run: Vec<usize> = Vec::new();
        for line in figure.svg()?.lines() {
            let at = *known.entry(line.to_owned()).or_insert_with(|| {
                lines.push(line.to_owned());
                lines.len() - 1
            });
            match run.as_mut_slice() {
                [.., first, count] if *first + *count == at => *count += 1,
                _ => run.extend([at, 1]),
            }
        }
        runs.push(run);
    }
    let texts: Vec<&String> = frames.iter().map(|(caption, _)| caption).collect();
    let about: Vec<String> = frames
        .iter()
        .map(|(_, figure)| figure.moment().unwrap_or_else(|| figure.to_string()))
        .collect();
    let same = about.iter().all(|text| *text == about[0]);
    let details: Vec<String> = match same {
        true => Vec::new(),
        false => texts
            .iter()
            .zip(&about)
            .map(|(caption, text)| format!("{caption}. {text}"))
            .collect(),
    };
    let data = json!({
        "delay": (6000 / frames.len()).clamp(60, 600),
        "lines": (0..lines.len()).map(|i| shortened(&lines, i)).collect::<Vec<_>>(),
        "frames": runs,
        "texts": texts,
        "details": details,
        "about": if same { about[0].as_str() } else { "" },
    });
    let text = format!("{title}\n{caption}\n{last}");
    Ok(Animation {
        page: Page::new(&title, data, DRAW, last.svg()?, text)?,
        frames: frames.len(),
    })
}

/// The line as the page holds it: a way that has grown by a step starts like the one before it.
fn shortened(lines: &[String], i: usize) -> Value {
    let line = &lines[i];
    let shared = |other: &String| {
        let pairs = line.bytes().zip(other.bytes());
        pairs.take_while(|(a, b)| a == b && a.is_ascii()).count()
    };
    let near = (i.saturating_sub(NEAR)..i).map(|j| (shared(&lines[j]), j));
    match near.max() {
        Some((letters, j)) if letters >= SHARED => json!([j, letters, &line[letters..]]),
        _ => line.as_str().into(),
    }
}

impl Figure {
    /// The figure as it grows: its named lines and ways from their first point to their last, in `frames` steps. Axes and
    /// everything else stay as they are.
    ///
    /// # Errors
    /// As [`animation`], and when no line of it has two points.
    pub fn animate(&self, frames: usize) -> Result<Animation> {
        let points = self.longest_series();
        if points < 2 || frames == 0 {
            return Err(Error::empty((
                "lo que crece en la animación",
                "what grows in the animation",
            )));
        }
        let frames = frames.min(points);
        let shown = |i: usize| 1 + i * (points - 1) / (frames - 1).max(1);
        let title = self
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let language = Language::current();
        let caption = |step: usize, last: usize| {
            language.pick(
                format!("Paso {step} de {last}"),
                format!("Step {step} of {last}"),
            )
        };
        let frames = (0..frames).map(|i| (caption(shown(i) - 1, points - 1), self.up_to(shown(i))));
        animation(title, frames)
    }
}

impl Animation {
    /// How many frames it has.
    pub fn frames(&self) -> usize {
        self.frames
    }
}

impl Show for Animation {
    fn forms(&self) -> Vec<(&'static str, String)> {
        self.page.forms()
    }
}

// Thousands of numbers help nobody: the text says what is to be seen.
impl fmt::Debug for Animation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The text alternative of the last frame.
impl fmt::Display for Animation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.page.text)
    }
}
