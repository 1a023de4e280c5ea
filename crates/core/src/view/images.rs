//! Images with what a network answers, and what its first layer looks for.

use dfdx::prelude::HasShape;
use gradus_text::say;
use plotters::style::RGBColor;

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::figure::Figure;
use crate::figure::draw::colour;
use crate::figure::images::{INK, Picture, grid, pictures, rgb};
use crate::model::{Parameter, Sequential};

/// The first `count` images of a data set with what a network answers: blue where it is right; orange where it is wrong, with
/// the class in parentheses.
///
/// # Errors
/// As [`images`](crate::figure::images), or when the data have no classes or do not fit the network.
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
    let title = say(
        format!("{name}: lo que busca cada unidad (peso mayor: {largest:.2})"),
        format!("{name}: what each unit looks for (largest weight {largest:.2})"),
    );
    Ok(pictures(title, images, (height, width)))
}

/// Blue for -1, white for 0, orange for 1.
fn diverging(value: f32) -> RGBColor {
    let end = if value < 0.0 { colour(0) } else { colour(1) };
    let part = value.abs().min(1.0);
    let mix = |end: u8| (255.0 + (f32::from(end) - 255.0) * part).round() as u8;
    RGBColor(mix(end.0), mix(end.1), mix(end.2))
}
