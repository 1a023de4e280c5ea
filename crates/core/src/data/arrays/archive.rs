//! Several arrays in one file: `.npz`, a zip of NumPy's arrays, and safetensors.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::npy::{self, Number};
use super::{Array, Kind};
use crate::error::{Error, Result};

/// How arrays are put together.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Npz,
    Safetensors,
}

pub(super) fn read(path: &Path) -> Result<BTreeMap<String, Array>> {
    let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
    if bytes.starts_with(b"PK") {
        read_npz(path, &bytes)
    } else {
        read_safetensors(path, &bytes)
    }
}

fn read_npz(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, Array>> {
    let damaged = |error: &dyn std::fmt::Display| {
        Error::damaged(
            path,
            (
                format!("el .npz está dañado: {error}"),
                format!("the .npz is damaged: {error}"),
            ),
        )
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let mut all = BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).map_err(|e| damaged(&e))?;
        let name = file.name().map_err(|e| damaged(&e))?.into_owned();
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        let length = file.size();
        let sure = file.compressed_size().min(bytes.len() as u64).min(length);
        all.insert(name, npy::read(path, &mut file, length, sure)?);
    }
    Ok(all)
}

fn read_safetensors(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, Array>> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| {
        Error::damaged(
            path,
            (
                format!("no es un archivo .npz ni safetensors: {error}"),
                format!("neither an .npz nor a safetensors file: {error}"),
            ),
        )
    })?;
    let mut all = BTreeMap::new();
    for (name, tensor) in tensors.tensors() {
        let type_name = match tensor.dtype() {
            Dtype::F32 => "<f4",
            Dtype::F64 => "<f8",
            Dtype::U8 => "|u1",
            Dtype::I8 => "|i1",
            Dtype::BOOL => "|b1",
            Dtype::I16 => "<i2",
            Dtype::U16 => "<u2",
            Dtype::I32 => "<i4",
            Dtype::U32 => "<u4",
            Dtype::I64 => "<i8",
            Dtype::U64 => "<u8",
            other => return Err(npy::unknown_type(path, &format!("{other:?}"))),
        };
        let number = Number::of(path, type_name)?;
        let mut values = Vec::with_capacity(tensor.data().len() / number.size);
        (number.read)(tensor.data(), &mut values);
        number.check(path, &values)?;
        let shape = tensor.shape().to_vec();
        let kind = number.kind;
        all.insert(
            name,
            Array {
                shape,
                values,
                kind,
            },
        );
    }
    Ok(all)
}

pub(super) fn write(path: &Path, format: Format, all: &BTreeMap<String, &Array>) -> Result<()> {
    let bytes = match format {
        Format::Npz => npz(all).map_err(|error| Error::io(path, error))?,
        Format::Safetensors => {
            let tensors = all.iter().map(|(name, array)| {
                let kind = match array.kind {
                    Kind::Float => Dtype::F32,
                    Kind::Whole => Dtype::I64,
                    Kind::Byte => Dtype::U8,
                };
                (name, kind, &array.shape, npy::content(array))
            });
            let tensors: Vec<_> = tensors.collect();
            let views = tensors.iter().map(|(name, kind, shape, bytes)| {
                let view = TensorView::new(*kind, shape.to_vec(), bytes)
                    .expect("as many bytes as its numbers have");
                (name, view)
            });
            safetensors::serialize(views, None)
                .map_err(|error| Error::io(path, std::io::Error::other(error)))?
        }
    };
    crate::files::write(path, &bytes)
}

fn npz(all: &BTreeMap<String, &Array>) -> std::io::Result<Vec<u8>> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, array) in all {
        let started = writer.start_file(format!("{name}.npy"), options);
        started.map_err(std::io::Error::other)?;
        writer.write_all(&npy::file(array))?;
    }
    let bytes = writer.finish().map_err(std::io::Error::other)?;
    Ok(bytes.into_inner())
}
