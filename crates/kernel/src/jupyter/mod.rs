//! Jupyter's protocol: the sockets, the requests, and the kernelspec that makes Jupyter find us.

mod code;
mod history;
mod outputs;
mod parent;
mod place;
mod requests;
mod server;
pub mod spec;
mod widgets;

pub use server::serve;

use serde_json::Value;

use crate::Bundle;

/// The forms of a thing that are written here.
fn bundle(data: Value) -> Bundle {
    match data {
        Value::Object(data) => data,
        _ => Bundle::new(),
    }
}
