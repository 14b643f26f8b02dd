//! MP4 by the program `ffmpeg`, which gets the pictures through a pipe.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::{Pace, Screen};
use crate::error::UsageError;
use crate::export::{Export, Moment};

const PROGRAM: &str = "ffmpeg";

/// An MP4 film.
#[derive(Debug)]
pub struct Mp4 {
    path: PathBuf,
    screen: Screen,
    fps: f64,
    /// From the first picture on.
    encoder: Option<Encoder>,
}

/// The running encoder and what it complains of.
#[derive(Debug)]
struct Encoder {
    process: Child,
    complaints: File,
}

impl Mp4 {
    /// A film in a new file, no larger than `frame`, px.
    ///
    /// # Errors
    /// There is no ffmpeg, with what to do.
    pub fn new(path: &Path, frame: [u32; 2], pace: Pace) -> anyhow::Result<Self> {
        let mut asked = Command::new(PROGRAM);
        asked
            .arg("-version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        asked.stdin(Stdio::null()).status().map_err(|why| match why.kind() {
            ErrorKind::NotFound => UsageError::new(
                "MP4 films are made by the program ffmpeg, which is not on the PATH; install it (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg), or use --to gif, which needs none",
            ),
            _ => UsageError::new(format!("cannot run ffmpeg, which makes MP4 films: {why}; --to gif needs none")),
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            // The encoder halves the resolution of colours.
            screen: Screen::new(frame, 2),
            fps: pace.fps,
            encoder: None,
        })
    }

    fn begin(&self, [width, height]: [u32; 2]) -> anyhow::Result<Encoder> {
        let complaints = tempfile::tempfile().context("cannot keep what ffmpeg says")?;
        let process = Command::new(PROGRAM)
            .args(["-hide_banner", "-loglevel", "error", "-y"])
            .args(["-f", "rawvideo", "-pix_fmt", "rgb24"])
            .args(["-video_size", &format!("{width}x{height}")])
            .args(["-framerate", &self.fps.to_string(), "-i", "-"])
            // What every browser and slide plays; the index in front, so that it plays while it loads.
            .args([
                "-an", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20",
            ])
            .args(["-movflags", "+faststart", "-f", "mp4"])
            .arg(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(complaints.try_clone()?)
            .spawn()
            .context("cannot start ffmpeg")?;
        Ok(Encoder {
            process,
            complaints,
        })
    }
}

impl Encoder {
    /// Why it ended, if it did not do so well.
    fn end(&mut self) -> anyhow::Result<()> {
        drop(self.process.stdin.take());
        let status = self.process.wait()?;
        if status.success() {
            return Ok(());
        }
        let mut said = String::new();
        self.complaints.rewind()?;
        self.complaints.read_to_string(&mut said)?;
        bail!(
            "ffmpeg failed ({status}): {}",
            said.trim().replace('\n', "; ")
        )
    }
}

impl Export for Mp4 {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let picture = self.screen.picture(moment)?;
        if self.encoder.is_none() {
            self.encoder = Some(self.begin([picture.width(), picture.height()])?);
        }
        let Some(encoder) = &mut self.encoder else {
            return Ok(());
        };
        let Some(pipe) = &mut encoder.process.stdin else {
            bail!("ffmpeg takes no pictures");
        };
        if let Err(why) = pipe.write_all(picture.as_raw()) {
            // Its own words say more than a broken pipe.
            encoder.end()?;
            return Err(why).context("ffmpeg stopped taking pictures");
        }
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        match &mut self.encoder {
            Some(encoder) => encoder.end(),
            None => Ok(()),
        }
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // Of a film that was given up; one that has ended is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
