//! Jupyter's protocol: the sockets, the requests, and the kernelspec that makes Jupyter find us.

mod code;
mod history;
mod outputs;
mod parent;
mod requests;
mod server;
pub mod spec;

pub use server::serve;
