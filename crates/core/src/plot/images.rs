//! Grids of images.

use std::fmt;

use dfdx::prelude::HasShape;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::RGBColor;

use super::draw::{Failure, colour, text, title_height, titled};
use super::{Figure, Panel};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::language::say;
use crate::model::{Parameter, Sequential};

const COLUMNS: usize = 10;
const CELL: (i32, i32) = (74, 92);
const SIDE: i32 = 64;

/// Small pictures with a caption each.
#[derive(Clone, Debug)]
pub(super) struct Images {
    pub(super) title: String,
    images: Vec<Picture>,
    height: usize,
    width: usize,
}

#[derive(Clone, Debug)]
struct Picture {
    pixels: Vec<RGBColor>,
    caption: String,
    /// The colour of the caption.
    ink: RGBColor,
}

const INK: RGBColor = RGBColor(30, 30, 30);

/// The first `count` images of a data set with their labels. Values are drawn from 0 (black) to 1 (white).
///
/// # Errors
/// When the examples are not images of 1 or 3 channels, or `count` is 0.
pub fn images(data: &Dataset, count: usize) -> Result<Figure> {
    let rows: Vec<usize> = (0..count.min(data.len())).collect();
    let caption = |i: usize| {
        let label = data.labels().get(i);
        (
            label.map_or(String::new(), |&label| data.class_name(label)),
            INK,
        )
    };
    grid(data, format!("{data:?}"), &rows, caption)
}

/// The first `count` images of a data set with what a network answers: blue where it is right; orange where it is wrong, with
/// the class in parentheses.
///
/// # Errors
/// As [`images`], or when the data have no classes or do not fit the network.
pub fn predictions(net: &Sequential, data: &Dataset, count: usize) -> Result<Figure> {
    let answers = net.predict_classes(&data.take(count)?)?;
    let rows: Vec<usize> = (0..answers.len()).collect();
    let labels = data.labels().iter();
    let right = labels.zip(&answers).filter(|(l, a)| l == a).count();
    let title = say(
        format!("{right} aciertos de {}", rows.len()),
        format!("{right} of {} are right", rows.len()),
    );
    answered(data, title, &rows, &answers)
}

/// The first `count` images that a network answers wrong, with the answer and, in parentheses, the class.
///
/// # Errors
/// As [`predictions`]; and when the network makes no mistake on these data.
pub fn mistakes(net: &Sequential, data: &Dataset, count: usize) -> Result<Figure> {
    let answers = net.predict_classes(data)?;
    let labels = data.labels().iter().zip(&answers).enumerate();
    let wrong = labels.filter(|(_, (label, answer))| label != answer);
    let mut rows: Vec<usize> = wrong.map(|(i, _)| i).collect();
    if rows.is_empty() && data.classes() > 0 {
        return Err(Error::empty(("la lista de fallos", "the list of mistakes")));
    }
    let title = say(
        format!("{} fallos de {}", rows.len(), data.len()),
        format!("{} of {} are wrong", rows.len(), data.len()),
    );
    rows.truncate(count);
    answered(data, title, &rows, &answers)
}

fn answered(data: &Dataset, title: String, rows: &[usize], answers: &[usize]) -> Result<Figure> {
    let labels = data.labels();
    if labels.is_empty() {
        return Err(Error::misuse((
            format!(
                "las predicciones de clases necesitan etiquetas, pero {data:?} tiene valores objetivo"
            ),
            format!("predictions of classes need labels, but {data:?} has target values"),
        )));
    }
    grid(data, title, rows, |i| {
        if labels[i] == answers[i] {
            (data.class_name(answers[i]), colour(0))
        } else {
            let (answer, label) = (data.class_name(answers[i]), data.class_name(labels[i]));
            (format!("{answer} ({label})"), colour(1))
        }
    })
}

/// The images at `rows` with a caption each, given as text and colour.
fn grid(
    data: &Dataset,
    title: String,
    rows: &[usize],
    caption: impl Fn(usize) -> (String, RGBColor),
) -> Result<Figure> {
    let Some((height, width, channels @ (1 | 3))) = data.shape().image() else {
        return Err(Error::shape(
            ("una cuadrícula de imágenes", "a grid of images"),
            (
                "ejemplos de forma alto x ancho x (1 o 3 canales)",
                "examples of shape height x width x (1 or 3 channels)",
            ),
            data.shape(),
        ));
    };
    if rows.is_empty() {
        return Err(Error::empty((
            "la cuadrícula de imágenes",
            "the image grid",
        )));
    }
    let images = rows
        .iter()
        .map(|&i| {
            let pixels = data.example(i).unwrap_or_default().chunks_exact(channels);
            let (caption, ink) = caption(i);
            Picture {
                pixels: pixels.map(rgb).collect(),
                caption,
                ink,
            }
        })
        .collect();
    Ok(Figure::of(Panel::Images(Images {
        title,
        images,
        height,
        width,
    })))
}

/// The colour of a pixel of 1 or 3 channels, from 0 (black) to 1 (white).
fn rgb(pixel: &[f32]) -> RGBColor {
    let level = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    let [red, green, blue] = match *pixel {
        [red, green, blue] => [red, green, blue],
        _ => [pixel.first().copied().unwrap_or_default(); 3],
    };
    RGBColor(level(red), level(green), level(blue))
}

/// The weights of the first layer, a picture for each of its first `count` units: what each looks for in the image. Weights of
/// images with one channel are blue below 0, white at 0 and orange above, all on one scale; those of three channels are shown as
/// colours.
///
/// # Errors
/// When the network does not take images, has no weights, or `count` is 0.
pub fn first_layer_weights(net: &Sequential, count: usize) -> Result<Figure> {
    let Some((height, width, channels)) = net.input_shape().image() else {
        return Err(Error::shape(
            "plot::first_layer_weights",
            (
                "una red para entradas de forma alto x ancho x canales",
                "a network for inputs of shape height x width x channels",
            ),
            net.input_shape(),
        ));
    };
    let parameters = net.parameters();
    let found = parameters.iter().find(|p| p.name.ends_with(".weight"));
    let Some(Parameter { name, value }) = found else {
        return Err(Error::misuse((
            "la red no tiene ninguna capa con pesos",
            "the network has no layer with weights",
        )));
    };
    let (inputs, units) = *value.shape();
    // A dense layer has a weight for each pixel, a convolution one for each place of its square window.
    let (height, width) = if inputs == height * width * channels {
        (height, width)
    } else {
        let side = (inputs as f64 / channels as f64).sqrt().round() as usize;
        (side, side)
    };
    if inputs != height * width * channels {
        return Err(Error::shape(
            "plot::first_layer_weights",
            (
                "una primera capa que vea la imagen misma",
                "a first layer that sees the image itself",
            ),
            say(
                format!("{name} con {inputs} entradas"),
                format!("{name} with {inputs} inputs"),
            ),
        ));
    }
    if count == 0 {
        return Err(Error::empty((
            "la cuadrícula de pesos",
            "the grid of weights",
        )));
    }
    let weights = value.as_vec();
    let largest = weights.iter().fold(0.0_f32, |m, w| m.max(w.abs()));
    let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
    let pixel = |weights: Vec<f32>| match weights[..] {
        [red, green, blue] => rgb(&[red, green, blue].map(|w| 0.5 + 0.5 * w * scale)),
        _ => {
            let mean = weights.iter().sum::<f32>() / weights.len().max(1) as f32;
            diverging(mean * scale)
        }
    };
    let images = (0..units.min(count))
        .map(|unit| Picture {
            pixels: (0..height * width)
                .map(|place| {
                    let rows = place * channels..(place + 1) * channels;
                    pixel(rows.map(|row| weights[row * units + unit]).collect())
                })
                .collect(),
            caption: unit.to_string(),
            ink: INK,
        })
        .collect();
    Ok(Figure::of(Panel::Images(Images {
        title: say(
            format!("{name}: lo que busca cada unidad (peso mayor: {largest:.2})"),
            format!("{name}: what each unit looks for (largest weight {largest:.2})"),
        ),
        images,
        height,
        width,
    })))
}

/// Blue for -1, white for 0, orange for 1.
fn diverging(value: f32) -> RGBColor {
    let end = if value < 0.0 { colour(0) } else { colour(1) };
    let part = value.abs().min(1.0);
    let mix = |end: u8| (255.0 + (f32::from(end) - 255.0) * part).round() as u8;
    RGBColor(mix(end.0), mix(end.1), mix(end.2))
}

impl Images {
    pub(super) fn size(&self) -> (u32, u32) {
        let rows = self.images.len().div_ceil(COLUMNS) as u32;
        let width = COLUMNS as u32 * CELL.0 as u32 + 20;
        let title = title_height(&self.title, 16, width);
        (width, rows * CELL.1 as u32 + title + 12)
    }

    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
    ) -> Result<(), Failure> {
        let area = titled(area, &self.title, 16)?;
        // Whole pixels per side, so that no seams show.
        let scale = (SIDE / self.height.max(self.width).max(1) as i32).max(1);
        for (i, picture) in self.images.iter().enumerate() {
            let x0 = 10 + (i % COLUMNS) as i32 * CELL.0;
            let y0 = 4 + (i / COLUMNS) as i32 * CELL.1;
            for (row, line) in picture.pixels.chunks_exact(self.width).enumerate() {
                let y = y0 + row as i32 * scale;
                let mut start = 0;
                // Equal neighbours are one rectangle: a third of the size of the file.
                while start < self.width {
                    let end = (start..self.width)
                        .find(|&j| line[j] != line[start])
                        .unwrap_or(self.width);
                    let corners = [
                        (x0 + start as i32 * scale, y),
                        (x0 + end as i32 * scale, y + scale),
                    ];
                    area.draw(&Rectangle::new(corners, line[start].filled()))?;
                    start = end;
                }
            }
            let under = y0 + self.height as i32 * scale + 3;
            let mut style = text(14);
            style.color = picture.ink.to_backend_color();
            area.draw(&Text::new(picture.caption.clone(), (x0 + 2, under), style))?;
        }
        Ok(())
    }
}

impl fmt::Display for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let captions: Vec<&str> = self
            .images
            .iter()
            .map(|picture| picture.caption.as_str())
            .collect();
        write!(
            f,
            "{}\n  {} {}: {}",
            self.title,
            self.images.len(),
            say("imágenes", "images"),
            captions.join(" ")
        )
    }
}
