//! Networks in files: safetensors, with the architecture in the metadata.
//!
//! Python opens the same file with `safetensors.numpy.load_file("net.safetensors")`: a dictionary of arrays under the names
//! that [`Sequential::parameters`] gives, weights as `(n_in, n_out)`.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::layer::Config;
use super::{Parameter, Sequential};
use crate::activation::Function;
use crate::cost::Cost;
use crate::custom::CustomLayer;
use crate::data::{Preparation, Shape};
use crate::error::{Error, Result};
use crate::init::Weight;
use crate::registry::Custom;
use crate::tensor::matrix;
use gradus_text::say;

/// The key of the metadata under which the architecture stands.
const KEY: &str = "gradus";

#[derive(Serialize, Deserialize)]
struct Architecture {
    input: Shape,
    seed: u64,
    layers: Vec<Config>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    classes: Vec<String>,
    /// One of somebody's own is not needed to use the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preparation: Option<Preparation>,
}

impl Sequential {
    /// Save the network: architecture, parameters, running statistics, names of the classes, preparation of the data.
    ///
    /// # Errors
    /// When the network was built with a mistake or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        use dfdx::prelude::HasShape;
        self.check_built()?;
        let path = path.as_ref();
        let architecture = Architecture {
            input: self.input.clone(),
            seed: self.seed,
            layers: self.layers.iter().map(|layer| *layer.config()).collect(),
            classes: self.classes.clone(),
            cost: self.cost.filter(|cost| !matches!(cost, Cost::Custom(_))),
            preparation: self.prepared.as_deref().cloned(),
        };
        let architecture = serde_json::to_string(&architecture).map_err(|error| {
            Error::misuse((
                format!("no se puede guardar la red: {error}"),
                format!("the network cannot be saved: {error}"),
            ))
        })?;
        let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = self
            .parameters()
            .into_iter()
            .chain(self.statistics())
            .map(|Parameter { name, value }| {
                let (rows, columns) = *value.shape();
                let bytes = value
                    .as_vec()
                    .iter()
                    .flat_map(|x| x.to_le_bytes())
                    .collect();
                (name, vec![rows, columns], bytes)
            })
            .collect();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes)
                .expect("four bytes for each number of the shape");
            (name, view)
        });
        let metadata = HashMap::from([(KEY.to_owned(), architecture)]);
        let bytes = safetensors::serialize(views, Some(metadata)).map_err(|error| {
            Error::misuse((
                format!("no se puede guardar la red: {error}"),
                format!("the network cannot be saved: {error}"),
            ))
        })?;
        crate::files::write(path, &bytes)
    }

    /// Load a network that [`Sequential::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or was not written by Gradus.
    pub fn load(path: impl AsRef<Path>) -> Result<Sequential> {
        let path = path.as_ref();
        let damaged = |reason: String| Error::damaged(path, reason);
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        let not_safetensors = |error| {
            damaged(say(
                format!("no es un archivo safetensors: {error}"),
                format!("not a safetensors file: {error}"),
            ))
        };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(not_safetensors)?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(not_safetensors)?;
        let architecture = metadata
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get(KEY))
            .ok_or_else(|| {
                damaged(
                    say(
                        "sus metadatos no contienen ninguna red de Gradus",
                        "its metadata hold no network of Gradus",
                    )
                    .to_owned(),
                )
            })?;
        let unreadable = |error| {
            damaged(say(
                format!("no se puede leer su arquitectura: {error}"),
                format!("its architecture cannot be read: {error}"),
            ))
        };
        let architecture: serde_json::Value =
            serde_json::from_str(architecture).map_err(unreadable)?;
        check_known(&architecture)?;
        let architecture: Architecture =
            serde_json::from_value(architecture).map_err(unreadable)?;
        let mut net = Sequential::input(architecture.input.sizes()).seed(architecture.seed);
        for layer in architecture.layers {
            net = net.push(layer);
        }
        net.check_built()
            .map_err(|error| damaged(error.to_string()))?;
        for Parameter { name, .. } in net.parameters().into_iter().chain(net.statistics()) {
            let tensor = tensors.tensor(&name).map_err(|_| {
                damaged(say(
                    format!("no tiene el tensor {name}"),
                    format!("it has no tensor {name}"),
                ))
            })?;
            let (Dtype::F32, [rows, columns]) = (tensor.dtype(), tensor.shape()) else {
                return Err(damaged(say(
                    format!("{name} no es una matriz de números de 32 bits"),
                    format!("{name} is not a matrix of 32-bit floats"),
                )));
            };
            let numbers = tensor
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            matrix(numbers, *rows, *columns)
                .and_then(|value| net.set_parameter(&name, &value))
                .map_err(|error| damaged(error.to_string()))?;
        }
        net.classes = architecture.classes;
        net.cost = architecture.cost;
        net.prepared = architecture.preparation.map(std::sync::Arc::new);
        Ok(net)
    }
}

/// The first custom part that a network in a file asks for and nobody has made, as an error that says how.
pub(crate) fn check_known(architecture: &serde_json::Value) -> Result<()> {
    fn check(value: &serde_json::Value, key: &str) -> Result<()> {
        match value {
            serde_json::Value::Array(values) => values.iter().try_for_each(|v| check(v, key)),
            serde_json::Value::Object(fields) => {
                for (field, value) in fields {
                    let Some(name) = value.as_str().filter(|_| field == "Custom") else {
                        check(value, field)?;
                        continue;
                    };
                    let (known, how) = match key {
                        "activation" | "Activation" => (
                            Custom::<Function>::find(name).is_some(),
                            "Activation::custom",
                        ),
                        "init" => (Custom::<Weight>::find(name).is_some(), "Init::custom"),
                        _ => (
                            Custom::<CustomLayer>::find(name).is_some(),
                            "CustomLayer::new",
                        ),
                    };
                    if !known {
                        return Err(Error::misuse((
                            format!(
                                "la red usa «{name}», que no es parte de Gradus: créala antes de cargar la red, con \
                                 {how}(\"{name}\", …)"
                            ),
                            format!(
                                "the network uses \"{name}\", which is no part of Gradus: make it before loading the network, with \
                                 {how}(\"{name}\", …)"
                            ),
                        )));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
    check(architecture, "")
}
