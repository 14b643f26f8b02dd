//! Films of the pictures of a run: which pictures, how fast and how large.

mod gif;
mod mp4;

use anyhow::ensure;
use image::RgbImage;
use image::imageops::{self, FilterType};

pub use gif::Gif;
pub use mp4::Mp4;

use super::Moment;
use crate::render::palette::PAPER;

/// How long a film is that nobody asks otherwise, s.
const LENGTH_S: f64 = 10.0;
/// The slowest that still moves, pictures a second.
const SLOWEST_FPS: f64 = 4.0;

/// How fast a film is shown, and how large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Every how many pictures one is taken.
    pub stride: usize,
    /// Pictures a second.
    pub fps: f64,
}

impl Pace {
    /// All pictures at a rate; or, where none is asked for, ten seconds of every, every second, every third … picture, so
    /// that there are at most `most_fps` a second.
    pub fn new(n_pictures: usize, asked_fps: Option<f64>, most_fps: f64) -> Self {
        if let Some(fps) = asked_fps {
            return Self { stride: 1, fps };
        }
        let stride = (n_pictures as f64 / (LENGTH_S * most_fps)).ceil().max(1.0);
        let taken = (n_pictures as f64 / stride).ceil();
        Self {
            stride: stride as usize,
            fps: (taken / LENGTH_S).clamp(SLOWEST_FPS, most_fps),
        }
    }
}

/// The largest size of a picture's shape inside a frame, px, each side at least 2 and a multiple of `step`.
fn fitted(picture: [u32; 2], frame: [u32; 2], step: u32) -> [u32; 2] {
    let [w, h] = picture.map(f64::from);
    let scale = (f64::from(frame[0]) / w).min(f64::from(frame[1]) / h);
    // The sum of all roundings is far below a millionth.
    [w, h].map(|side| ((scale * side / f64::from(step) + 1e-6).floor() as u32 * step).max(2))
}

/// The pictures of a film, all of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Screen {
    /// Size that was asked for, px: the largest that a picture may have.
    frame: [u32; 2],
    /// Sides are multiples of this.
    step: u32,
    /// Size of the run's pictures and of the film's, px, once there is one.
    sizes: Option<[[u32; 2]; 2]>,
}

impl Screen {
    fn new(frame: [u32; 2], step: u32) -> Self {
        Self {
            frame,
            step,
            sizes: None,
        }
    }

    /// The next picture of the film.
    fn picture(&mut self, moment: &dyn Moment) -> anyhow::Result<RgbImage> {
        let picture = moment.picture()?;
        let is = [picture.width(), picture.height()];
        let (frame, step) = (self.frame, self.step);
        let [first, size] = *self
            .sizes
            .get_or_insert_with(|| [is, fitted(is, frame, step)]);
        ensure!(
            is == first,
            "the picture at {} h has {is:?} px and the first has {first:?}; all of a film must be of one size",
            moment.hours()
        );
        // Transparent parts, which our own pictures do not have, show paper.
        let mut opaque = RgbImage::new(is[0], is[1]);
        for (into, from) in opaque.pixels_mut().zip(picture.pixels()) {
            let alpha = u32::from(from[3]);
            for c in 0..3 {
                let mixed = u32::from(from[c]) * alpha + u32::from(PAPER[c]) * (255 - alpha);
                into[c] = ((mixed + 127) / 255) as u8;
            }
        }
        if size == is {
            return Ok(opaque);
        }
        Ok(imageops::resize(
            &opaque,
            size[0],
            size[1],
            FilterType::CatmullRom,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_lasts_ten_seconds_unless_asked_otherwise() {
        let pace = |n, asked, most| {
            let Pace { stride, fps } = Pace::new(n, asked, most);
            (stride, fps)
        };
        assert_eq!(pace(241, None, 25.0), (1, 24.1));
        assert_eq!(pace(241, None, 10.0), (3, 8.1));
        assert_eq!(pace(1000, None, 25.0), (4, 25.0));
        assert_eq!(pace(2, None, 25.0), (1, 4.0));
        assert_eq!(pace(1000, Some(7.0), 25.0), (1, 7.0));
    }

    #[test]
    fn a_picture_keeps_its_shape() {
        assert_eq!(fitted([1280, 960], [640, 640], 1), [640, 480]);
        assert_eq!(fitted([1280, 960], [5000, 500], 2), [666, 500]);
        assert_eq!(fitted([1281, 961], [1281, 961], 2), [1280, 960]);
        assert_eq!(fitted([1000, 1], [100, 100], 2), [100, 2]);
    }
}
