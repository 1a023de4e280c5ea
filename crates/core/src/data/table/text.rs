//! From the bytes of a file to text: byte order marks, the encodings of spreadsheets, files that are no text at all.

use std::borrow::Cow;
use std::path::Path;

use crate::error::{Error, Result};

/// How the bytes stood for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    /// What spreadsheets write in Western Europe.
    Windows1252,
}

/// The text of a file, and how it was encoded.
pub(super) fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<(Cow<'a, str>, Encoding)> {
    if let Some(what) = other_format(bytes) {
        return Err(Error::damaged(path, what));
    }
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
    };
    let (text, encoding) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] if std::str::from_utf8(rest).is_ok() => {
            return decode(path, rest);
        }
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes).into(), Encoding::Utf16),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes).into(), Encoding::Utf16),
        _ if bytes.contains(&0) => {
            return Err(Error::damaged(
                path,
                (
                    "contiene bytes nulos: no es un archivo de texto; guárdalo como CSV UTF-8",
                    "it has null bytes: it is not a text file; save it as CSV UTF-8",
                ),
            ));
        }
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::from(text), Encoding::Utf8),
            Err(_) => {
                let text: String = bytes.iter().map(|&byte| windows_1252(byte)).collect();
                (text.into(), Encoding::Windows1252)
            }
        },
    };
    // The line ends of old Macs.
    let text = match text.contains('\r') && !text.contains('\n') {
        true => text.replace('\r', "\n").into(),
        false => text,
    };
    Ok((text, encoding))
}

/// What a file is whose first bytes say that it is no table of text, and what to do.
fn other_format(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match bytes {
        [b'P', b'K', 3, 4, ..] => (
            "es un libro de hojas de cálculo o un zip, no un CSV; ábrelo y elige «Guardar como… CSV»",
            "it is a spreadsheet or a zip, not CSV; open it and choose “Save as… CSV”",
        ),
        [0x1f, 0x8b, ..] => (
            "está comprimido con gzip; descomprímelo antes: `gunzip archivo.csv.gz`",
            "it is compressed with gzip; unpack it first: `gunzip file.csv.gz`",
        ),
        [b'P', b'A', b'R', b'1', ..] => (
            "es un archivo Parquet, no un CSV; expórtalo como CSV",
            "it is a Parquet file, not CSV; export it as CSV",
        ),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => (
            "es un array de NumPy; léelo con `Dataset::npy(…, …)?`",
            "it is a NumPy array; read it with `Dataset::npy(…, …)?`",
        ),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => (
            "es una hoja de cálculo antigua (.xls), no un CSV; ábrela y elige «Guardar como… CSV»",
            "it is an old spreadsheet (.xls), not CSV; open it and choose “Save as… CSV”",
        ),
        _ => return None,
    })
}

fn windows_1252(byte: u8) -> char {
    // Where it differs from Latin-1.
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    match byte {
        0x80..=0x9f => HIGH.chars().nth(usize::from(byte - 0x80)).unwrap_or('?'),
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_spreadsheets_come_out_whatever_their_encoding() {
        let path = Path::new("a.csv");
        let utf16: Vec<u8> = "\u{feff}año;€"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, encoding) in [
            ("año;€".as_bytes().to_vec(), Encoding::Utf8),
            ("\u{feff}año;€".as_bytes().to_vec(), Encoding::Utf8),
            (utf16, Encoding::Utf16),
            (b"a\xf1o;\x80".to_vec(), Encoding::Windows1252),
        ] {
            let (text, found) = decode(path, &bytes).unwrap();
            assert_eq!((&*text, found), ("año;€", encoding));
        }
        for bytes in [&b"PK\x03\x04rest"[..], b"1,2\0,3", b"\x93NUMPY\x01\0"] {
            assert!(decode(path, bytes).is_err());
        }
    }
}
