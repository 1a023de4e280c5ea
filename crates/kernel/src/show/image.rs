//! Pictures of image 0.24 and 0.25. One that is large is shown smaller, one of a few pixels larger, both said in its text.

use std::io::Cursor;

use gradus_cell::{show_picture, show_text};
use image::imageops::FilterType;
use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, Rgba};

pub trait Show {
    fn evcxr_display(&self);
}

/// More pixels than this on a side are not shown.
const MOST: u32 = 1024;
/// A picture that is smaller is drawn with larger pixels.
const LEAST: u32 = 64;

impl Show for DynamicImage {
    fn evcxr_display(&self) {
        let (width, height) = (self.width(), self.height());
        let text = format!("{width} × {height}, {:?}", self.color());
        let longest = width.max(height);
        if width.min(height) == 0 {
            return show_text(&text);
        }
        let sized = if longest > MOST {
            self.thumbnail(MOST, MOST)
        } else if longest < LEAST {
            let times = 2 * LEAST / longest;
            self.resize_exact(width * times, height * times, FilterType::Nearest)
        } else {
            self.clone()
        };
        let color = sized.color();
        let plain = match (color.has_color(), color.has_alpha()) {
            (_, true) => DynamicImage::ImageRgba8(sized.to_rgba8()),
            (true, false) => DynamicImage::ImageRgb8(sized.to_rgb8()),
            (false, false) => DynamicImage::ImageLuma8(sized.to_luma8()),
        };
        let mut file = Cursor::new(Vec::new());
        // Whether the library can write a format depends on its features.
        let formats = [(ImageFormat::Png, "image/png"), (ImageFormat::Jpeg, "image/jpeg")];
        let kind = formats.iter().find(|(format, _)| {
            file = Cursor::new(Vec::new());
            plain.write_to(&mut file, *format).is_ok()
        });
        match kind {
            Some((_, kind)) => show_picture(&text, kind, file.get_ref()),
            None => show_text(&text),
        }
    }
}

macro_rules! show_buffers {
    ($($pixel:ty),*) => {
        $(impl Show for ImageBuffer<$pixel, Vec<<$pixel as image::Pixel>::Subpixel>> {
            fn evcxr_display(&self) {
                DynamicImage::from(self.clone()).evcxr_display();
            }
        })*
    };
}

show_buffers!(Luma<u8>, LumaA<u8>, Rgb<u8>, Rgba<u8>, Luma<u16>, LumaA<u16>, Rgb<u16>, Rgba<u16>, Rgb<f32>, Rgba<f32>);
