//! From the bytes of a PNG or JPEG file to pixels.
//!
//! A damaged file may say anything of its size, so no memory is taken before its length makes the size possible, and of a PNG
//! no more than what has really been unpacked.

use std::io::Cursor;

use gradus_text::say;

/// Pixels of one byte per channel, row after row.
#[derive(Debug)]
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub(super) channels: usize,
    pub(super) bytes: Vec<u8>,
    /// It has pixels that are not opaque, which is not seen here.
    pub(super) transparent: bool,
}

/// Why there are no pixels.
#[derive(Debug)]
pub(super) enum Problem {
    /// The file is broken, in words.
    Broken(String),
    /// It is a JPEG, and this build of the library does not read them.
    #[cfg_attr(feature = "jpeg", expect(dead_code))]
    NeedsJpeg,
}

/// No picture has more pixels.
const MOST_PIXELS: u64 = 100_000_000;
/// Deflate's largest ratio; JPEG stays below it.
const MOST_RATIO: u64 = 1032;

fn broken(spanish: impl Into<String>, english: impl Into<String>) -> Problem {
    Problem::Broken(say(spanish.into(), english.into()))
}

/// The pixels of a file: PNG or JPEG, by what it holds, not by its name.
pub(super) fn decode(file: &[u8]) -> Result<Pixels, Problem> {
    match file {
        [] => Err(broken("está vacío", "it is empty")),
        [0x89, b'P', b'N', b'G', ..] => png(file),
        [0xff, 0xd8, ..] => jpeg(file),
        _ => {
            let kind = match file {
                [b'G', b'I', b'F', b'8', ..] => "GIF",
                [b'B', b'M', ..] => "BMP",
                [
                    b'R',
                    b'I',
                    b'F',
                    b'F',
                    _,
                    _,
                    _,
                    _,
                    b'W',
                    b'E',
                    b'B',
                    b'P',
                    ..,
                ] => "WebP",
                [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "TIFF",
                [_, _, _, _, b'f', b't', b'y', b'p', ..] => "HEIC/AVIF",
                _ => {
                    return Err(broken("no es ni PNG ni JPEG", "it is neither PNG nor JPEG"));
                }
            };
            Err(broken(
                format!("es {kind}; guárdala como PNG o JPEG"),
                format!("it is {kind}; save it as PNG or JPEG"),
            ))
        }
    }
}

/// Refuse a size that no such file can have, or that is too large. `bits` is what a pixel has in the file before it is packed.
fn check_size(width: u64, height: u64, bits: u64, file: &[u8]) -> Result<(), Problem> {
    let pixels = width.saturating_mul(height);
    if pixels == 0 {
        return Err(broken("no tiene píxeles", "it has no pixels"));
    }
    if pixels.saturating_mul(bits) / 8 > MOST_RATIO * file.len() as u64 {
        return Err(broken(
            format!("está cortada: dice medir {width}x{height}"),
            format!("it is cut short: it says that it is {width}x{height}"),
        ));
    }
    if pixels > MOST_PIXELS {
        return Err(broken(
            format!("mide {width}x{height}, más de 100 millones de píxeles; redúcela"),
            format!("it is {width}x{height}, more than 100 million pixels; make it smaller"),
        ));
    }
    Ok(())
}

fn png(file: &[u8]) -> Result<Pixels, Problem> {
    let damaged = |error: png::DecodingError| {
        broken(
            format!("el PNG está dañado: {error}"),
            format!("the PNG is damaged: {error}"),
        )
    };
    let most = 4 * MOST_PIXELS as usize;
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), png::Limits { bytes: most });
    let header = decoder.read_header_info().map_err(damaged)?;
    let bits = header.bits_per_pixel() as u64;
    check_size(header.width.into(), header.height.into(), bits, file)?;
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let samples = reader.output_color_type().0.samples();
    let channels = if samples < 3 { 1 } else { 3 };
    let mut picture = Pixels {
        width,
        height,
        channels,
        bytes: Vec::new(),
        transparent: false,
    };
    if reader.info().interlaced {
        let size = reader.output_buffer_size().unwrap_or(usize::MAX);
        let mut all = Vec::new();
        if size > most || all.try_reserve_exact(size).is_err() {
            return Err(broken("no cabe en la memoria", "it does not fit in memory"));
        }
        all.resize(size, 0);
        reader.next_frame(&mut all).map_err(damaged)?;
        picture.take(&all, samples);
    } else {
        while let Some(row) = reader.next_row().map_err(damaged)? {
            picture.take(row.data(), samples);
        }
    }
    if picture.bytes.len() != width * height * channels {
        return Err(broken("está cortada", "it is cut short"));
    }
    Ok(picture)
}

impl Pixels {
    /// Add pixels of so many samples: those of colour or grey, then perhaps how opaque it is.
    fn take(&mut self, row: &[u8], samples: usize) {
        if samples == self.channels {
            self.bytes.extend_from_slice(row);
            return;
        }
        for pixel in row.chunks_exact(samples) {
            self.bytes.extend_from_slice(&pixel[..self.channels]);
            self.transparent |= pixel[samples - 1] < 255;
        }
    }

    /// Grey as Pillow's `convert("L")` makes it: `0.299 R + 0.587 G + 0.114 B`, with whole numbers of 16 bits.
    pub(super) fn grey(self) -> Pixels {
        if self.channels == 1 {
            return self;
        }
        let level = |p: &[u8]| {
            let [r, g, b] = [p[0], p[1], p[2]].map(u32::from);
            ((r * 19595 + g * 38470 + b * 7471 + (1 << 15)) >> 16) as u8
        };
        Pixels {
            channels: 1,
            bytes: self.bytes.chunks_exact(3).map(level).collect(),
            ..self
        }
    }

    /// Red, green and blue.
    pub(super) fn colour(self) -> Pixels {
        if self.channels == 3 {
            return self;
        }
        Pixels {
            channels: 3,
            bytes: self.bytes.iter().flat_map(|&x| [x; 3]).collect(),
            ..self
        }
    }
}

#[cfg(not(feature = "jpeg"))]
fn jpeg(_file: &[u8]) -> Result<Pixels, Problem> {
    Err(Problem::NeedsJpeg)
}

#[cfg(feature = "jpeg")]
fn jpeg(file: &[u8]) -> Result<Pixels, Problem> {
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::colorspace::ColorSpace;
    use zune_jpeg::zune_core::options::DecoderOptions;

    let damaged = |error: zune_jpeg::errors::DecodeErrors| {
        broken(
            format!("el JPEG está dañado: {error}"),
            format!("the JPEG is damaged: {error}"),
        )
    };
    // Strict: else what is cut off would be grey, without a word.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(damaged)?;
    let (width, height, components) = decoder
        .info()
        .map_or((0, 0, 0), |i| (i.width, i.height, i.components));
    let bits = 8 * u64::from(components);
    check_size(width.into(), height.into(), bits, file)?;
    let (channels, space) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (1, ColorSpace::Luma),
        _ => (3, ColorSpace::RGB),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let bytes = decoder.decode().map_err(damaged)?;
    let (width, height) = (usize::from(width), usize::from(height));
    if bytes.len() != width * height * channels {
        return Err(broken("está cortada", "it is cut short"));
    }
    Ok(Pixels {
        width,
        height,
        channels,
        bytes,
        transparent: false,
    })
}
