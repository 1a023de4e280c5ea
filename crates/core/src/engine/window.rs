//! Where the windows of convolutions and poolings stand on an image, and the numbers under them.
//!
//! Images are channels-last, as in Keras: `(height, width, channels)`.

use crate::kernels::Layout;

/// Do something with two runs of one length. Most are as short as a line of the window, and with a length that the compiler knows
/// they take a few instructions instead of a call.
macro_rules! of_length {
    ($to:ident, $from:ident, |$to_:ident, $from_:ident| $body:expr) => {
        of_length!(@ $to $from $to_ $from_ ($body) 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 32 40 48)
    };
    (@ $to:ident $from:ident $to_:ident $from_:ident ($body:expr) $($len:literal)*) => {
        match $to.len() {
            $($len => {
                let $to_: &mut [f32; $len] = $to.try_into().expect("so long");
                let $from_: &[f32; $len] = $from.try_into().expect("as long");
                $body;
            })*
            _ => {
                let ($to_, $from_) = ($to, $from);
                $body;
            }
        }
    };
}

/// Where a window stands on an image: sizes, stride and padding of a convolution or a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Height, width and channels of the image.
    pub(crate) input: (usize, usize, usize),
    /// Height and width of the window.
    pub(crate) size: (usize, usize),
    /// The step from one place to the next, in both directions.
    pub(crate) stride: usize,
    /// Zeros above and on the left.
    pub(crate) padding: (usize, usize),
    /// How many places there are, down and across.
    pub(crate) places: (usize, usize),
}

impl Window {
    /// Numbers of one example.
    pub(crate) fn image(&self) -> usize {
        self.input.0 * self.input.1 * self.input.2
    }

    /// Numbers under the window.
    pub(crate) fn patch(&self) -> usize {
        self.size.0 * self.size.1 * self.input.2
    }

    pub(crate) fn positions(&self) -> usize {
        self.places.0 * self.places.1
    }

    /// How the matrix of patches is stored. A patch is a row; with a single channel, where its runs of numbers would be as
    /// short as the window is wide, the runs go across the places instead.
    pub(crate) fn layout(&self) -> Layout {
        if self.input.2 == 1 && self.stride == 1 {
            Layout::Transposed
        } else {
            Layout::Plain
        }
    }

    /// Call `visit(start in the matrix of patches, start in the image, length)` for each run of numbers that are neighbours
    /// in both.
    #[inline(always)]
    fn runs(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let (height, width, channels) = self.input;
        // The line of the image under a line of the window, where there is one.
        let line_at = |y: usize, line: usize| {
            (y * self.stride + line)
                .checked_sub(self.padding.0)
                .filter(|line| *line < height)
        };
        if self.layout() == Layout::Transposed {
            for line in 0..self.size.0 {
                for column in 0..self.size.1 {
                    let from = self.padding.1.saturating_sub(column);
                    let to = self
                        .places
                        .1
                        .min((width + self.padding.1).saturating_sub(column));
                    if from >= to {
                        continue;
                    }
                    let row = (line * self.size.1 + column) * self.positions();
                    for y in 0..self.places.0 {
                        if let Some(image_line) = line_at(y, line) {
                            visit(
                                row + y * self.places.1 + from,
                                image_line * width + from + column - self.padding.1,
                                to - from,
                            );
                        }
                    }
                }
            }
            return;
        }
        for y in 0..self.places.0 {
            for x in 0..self.places.1 {
                let place = (y * self.places.1 + x) * self.patch();
                // The columns of the window that lie on the image.
                let left = self.padding.1.saturating_sub(x * self.stride);
                let right = self.size.1.min(width + self.padding.1 - x * self.stride);
                if left >= right {
                    continue;
                }
                let from = x * self.stride + left - self.padding.1;
                for line in 0..self.size.0 {
                    if let Some(image_line) = line_at(y, line) {
                        visit(
                            place + (line * self.size.1 + left) * channels,
                            (image_line * width + from) * channels,
                            (right - left) * channels,
                        );
                    }
                }
            }
        }
    }

    /// The numbers under the window at each place (*im2col*): a matrix `(positions, patch)`, stored as [`Window::layout`] says.
    pub(crate) fn patches(&self, image: &[f32], patches: &mut [f32]) {
        if self.padding != (0, 0) || self.cut() {
            patches.fill(0.0);
        }
        self.runs(|at, start, len| {
            let (to, from) = (&mut patches[at..at + len], &image[start..start + len]);
            of_length!(to, from, |to, from| to.copy_from_slice(from));
        });
    }

    /// The patches, in `room` unless the image is what they are.
    pub(crate) fn patches_in<'a>(&self, image: &'a [f32], room: &'a mut [f32]) -> &'a [f32] {
        if self.is_pixel() {
            return image;
        }
        self.patches(image, room);
        room
    }

    /// Whether the patches are the image itself.
    pub(crate) fn is_pixel(&self) -> bool {
        self.size == (1, 1) && self.stride == 1
    }

    /// Whether a window can stand over the right or lower border.
    fn cut(&self) -> bool {
        (self.places.0 - 1) * self.stride + self.size.0 > self.input.0 + self.padding.0
            || (self.places.1 - 1) * self.stride + self.size.1 > self.input.1 + self.padding.1
    }

    /// The transpose of [`Window::patches`]: add each number of the patches where it came from.
    pub(crate) fn add_patches(&self, patches: &[f32], image: &mut [f32]) {
        self.runs(|at, start, len| {
            let (to, from) = (&mut image[start..start + len], &patches[at..at + len]);
            of_length!(
                to,
                from,
                |to, from| for (to, from) in to.iter_mut().zip(from) {
                    *to += from;
                }
            );
        });
    }

    /// Call `visit(start of the place in the output, start of its first pixel in the image)` for each place of a window that
    /// stays on the image.
    #[inline(always)]
    pub(crate) fn each_place(&self, mut visit: impl FnMut(usize, usize)) {
        let (_, width, channels) = self.input;
        for y in 0..self.places.0 {
            for x in 0..self.places.1 {
                let pixel = (y * width + x) * self.stride;
                visit((y * self.places.1 + x) * channels, pixel * channels);
            }
        }
    }

    /// Call `visit(number of the pixel in the window, how far it is from the first)` for each pixel of a window.
    #[inline(always)]
    pub(crate) fn each_pixel(&self, mut visit: impl FnMut(usize, usize)) {
        let (_, width, channels) = self.input;
        for line in 0..self.size.0 {
            for column in 0..self.size.1 {
                visit(
                    line * self.size.1 + column,
                    (line * width + column) * channels,
                );
            }
        }
    }

    /// Whether there are pixels that no window reaches, where the windows touch.
    pub(crate) fn leaves_a_border(&self) -> bool {
        (self.places.0 * self.size.0, self.places.1 * self.size.1) != (self.input.0, self.input.1)
    }
}
