//! GIF: every picture with its own 255 colours, and only what has changed since it was drawn.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use quantette::deps::palette::Srgb;
use quantette::{ImageRef, PaletteSize, Pipeline};

use super::{Pace, Screen};
use crate::export::{Export, Moment};

/// How far a colour may move from the one that was last drawn, in the worst of three bytes, before it is drawn anew: less
/// than is seen between neighbouring pixels.
const UNSEEN: u8 = 10;
/// Colours of the first picture, with its legends; one more is transparent.
const FIRST_COLOURS: u8 = 255;
/// Colours of what changes in a later picture: a film of moving cells is a third smaller than with four times as many, and
/// they are chosen anew for every picture.
const LATER_COLOURS: u8 = 31;

/// A GIF film.
pub struct Gif {
    path: PathBuf,
    screen: Screen,
    fps: f64,
    /// From the first picture on: the file, and the colour that each pixel was last drawn for. What the palette made of it
    /// may be farther off, and is not tried again, or still parts would flicker.
    begun: Option<(gif::Encoder<BufWriter<File>>, RgbImage)>,
    n_pictures: u32,
}

impl Gif {
    /// A film in a new file, no larger than `frame`, px.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn new(path: &Path, frame: [u32; 2], pace: Pace) -> anyhow::Result<Self> {
        File::create(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            screen: Screen::new(frame, 1),
            fps: pace.fps,
            begun: None,
            n_pictures: 0,
        })
    }

    /// How long the next picture is shown, 1/100 s: rounded so that no error adds up.
    fn delay(&self) -> u16 {
        let until = |n: u32| (100.0 * f64::from(n) / self.fps).round();
        (until(self.n_pictures + 1) - until(self.n_pictures)) as u16
    }
}

impl Export for Gif {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let picture = self.screen.picture(moment)?;
        let delay = self.delay();
        self.n_pictures += 1;
        let (width, height) = picture.dimensions();
        match &mut self.begun {
            None => {
                let file = BufWriter::new(File::create(&self.path)?);
                let (w, h) = (u16::try_from(width)?, u16::try_from(height)?);
                let mut encoder = gif::Encoder::new(file, w, h, &[])?;
                encoder.set_repeat(gif::Repeat::Infinite)?;
                let mut drawn = RgbImage::new(width, height);
                let area = Area {
                    from: [0, 0],
                    to: [width, height],
                };
                encoder.write_frame(&area.frame(&picture, &mut drawn, delay, true)?)?;
                self.begun = Some((encoder, drawn));
            }
            Some((encoder, drawn)) => {
                let area = Area::changed(&picture, drawn);
                encoder.write_frame(&area.frame(&picture, drawn, delay, false)?)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        if let Some((encoder, _)) = self.begun.take() {
            // Writes the end of the film.
            encoder.into_inner()?.flush()?;
        }
        Ok(())
    }
}

/// A rectangle of a picture, px, `to` excluded.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Area {
    from: [u32; 2],
    to: [u32; 2],
}

fn differs(a: &Rgb<u8>, b: &Rgb<u8>) -> bool {
    (0..3).any(|c| a[c].abs_diff(b[c]) > UNSEEN)
}

impl Area {
    /// What is to be drawn anew: at least one pixel, because a frame has no less.
    fn changed(picture: &RgbImage, drawn: &RgbImage) -> Self {
        let (mut from, mut to) = ([u32::MAX; 2], [0; 2]);
        for (x, y, now) in picture.enumerate_pixels() {
            if differs(now, drawn.get_pixel(x, y)) {
                from = [from[0].min(x), from[1].min(y)];
                to = [to[0].max(x + 1), to[1].max(y + 1)];
            }
        }
        match to {
            [0, 0] => Self {
                from: [0, 0],
                to: [1, 1],
            },
            _ => Self { from, to },
        }
    }

    /// The area in its best colours, where it differs visibly from what was drawn.
    fn frame(
        self,
        picture: &RgbImage,
        drawn: &mut RgbImage,
        delay: u16,
        is_first: bool,
    ) -> anyhow::Result<gif::Frame<'static>> {
        let [width, height] = [0, 1].map(|axis| self.to[axis] - self.from[axis]);
        let mut is_fresh = Vec::with_capacity((width * height) as usize);
        let mut fresh = Vec::new();
        for y in self.from[1]..self.to[1] {
            for x in self.from[0]..self.to[0] {
                let (now, before) = (picture.get_pixel(x, y), drawn.get_pixel_mut(x, y));
                is_fresh.push(is_first || differs(now, before));
                if is_fresh[is_fresh.len() - 1] {
                    fresh.push(Srgb::new(now[0], now[1], now[2]));
                    *before = *now;
                }
            }
        }
        let most = if is_first {
            FIRST_COLOURS
        } else {
            LATER_COLOURS
        };
        let pixels = ImageRef::new(fresh.len() as u32, 1, &fresh);
        let pixels = pixels.map_err(|why| anyhow::anyhow!("a picture has no colours: {why}"))?;
        let (mut colours, places) = Pipeline::new()
            .palette_size(PaletteSize::from_u8_clamped(most))
            .ditherer(None)
            .input_image(pixels)
            .output_srgb8_indexed_image()
            .into_parts();
        let transparent = colours.len() as u8;
        colours.push(Srgb::new(0, 0, 0));
        let mut places = places.into_iter();
        let ix = |is_fresh| match is_fresh {
            true => places.next().unwrap_or(transparent),
            false => transparent,
        };
        Ok(gif::Frame {
            delay,
            dispose: gif::DisposalMethod::Keep,
            transparent: Some(transparent),
            left: self.from[0] as u16,
            top: self.from[1] as u16,
            width: width as u16,
            height: height as u16,
            palette: Some(
                colours
                    .iter()
                    .flat_map(|c| [c.red, c.green, c.blue])
                    .collect(),
            ),
            buffer: is_fresh.into_iter().map(ix).collect::<Vec<u8>>().into(),
            ..gif::Frame::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_does_not_change_costs_a_pixel() {
        let picture = RgbImage::from_fn(8, 5, |x, y| Rgb([20 * x as u8, 30 * y as u8, 7]));
        let mut drawn = picture.clone();
        let area = Area::changed(&picture, &drawn);
        let frame = area.frame(&picture, &mut drawn, 3, false).unwrap();
        assert_eq!((frame.width, frame.height, frame.delay), (1, 1, 3));
        assert_eq!(frame.transparent, Some(frame.buffer[0]));
    }

    #[test]
    fn only_what_changed_is_drawn() {
        let before = RgbImage::from_pixel(8, 5, Rgb([100, 100, 100]));
        let mut picture = before.clone();
        picture.put_pixel(2, 1, Rgb([250, 0, 0]));
        picture.put_pixel(4, 3, Rgb([0, 0, 250]));
        picture.put_pixel(7, 4, Rgb([100, 100 + UNSEEN, 100]));
        let mut drawn = before;
        let area = Area::changed(&picture, &drawn);
        assert_eq!((area.from, area.to), ([2, 1], [5, 4]));
        let frame = area.frame(&picture, &mut drawn, 3, false).unwrap();
        let palette = frame.palette.unwrap();
        let seen = frame
            .buffer
            .iter()
            .map(|&ix| match Some(ix) == frame.transparent {
                true => None,
                false => Some(&palette[3 * ix as usize..][..3]),
            });
        let mut expected = vec![None; 9];
        expected[0] = Some([250, 0, 0].as_slice());
        expected[8] = Some([0, 0, 250].as_slice());
        assert_eq!(seen.collect::<Vec<_>>(), expected);
        assert_eq!(drawn.get_pixel(7, 4), &Rgb([100, 100, 100]));
    }
}
