//! What a person copies and pastes, with a program of its own on the desk.

use std::fs;
use std::path::PathBuf;

use crate::clock::{PATIENCE, WATCH, within};
use crate::desk::Desk;
use crate::process::Process;
use crate::shot::Shot;

/// The clipboard of a desk, as other programs on it see it.
pub struct Copied<'d> {
    desk: &'d Desk,
    /// The program that has copied last: what it copied vanishes with it.
    owner: Option<Process>,
    files: u32,
}

impl<'d> Copied<'d> {
    /// The clipboard of this desk.
    pub fn on(desk: &'d Desk) -> Self {
        Self { desk, owner: None, files: 0 }
    }

    /// Somebody copies a text.
    pub fn copies(&mut self, text: &str) {
        self.copies_as("UTF8_STRING", text.as_bytes());
    }

    /// Somebody copies a picture.
    pub fn copies_picture(&mut self, picture: &Shot) {
        let path = self.file().with_extension("png");
        let bytes: Vec<u8> = colours(picture).concat();
        let (width, height) = (picture.width(), picture.height());
        image::save_buffer(&path, &bytes, width, height, image::ColorType::Rgb8)
            .expect("the scratch folder can be written");
        let png = fs::read(&path).expect("it was written");
        self.copies_as("image/png", &png);
    }

    /// Somebody copies something of this kind, and the desk knows it.
    pub fn copies_as(&mut self, kind: &str, content: &[u8]) {
        let path = self.file();
        fs::write(&path, content).expect("the scratch folder can be written");
        let path = path.display().to_string();
        let words = ["-selection", "clipboard", "-t", kind, "-quiet", "-i", &path];
        self.owner = Some(self.desk.start("xclip", "xclip", &words));
        let known = || (self.pasted(kind).as_deref() == Some(content)).then_some(());
        assert!(within(PATIENCE, known).is_some(), "it was not copied");
    }

    /// Waits until this text can be pasted.
    pub fn pastes(&self, text: &str) {
        let pasted =
            || (self.pasted("UTF8_STRING").as_deref() == Some(text.as_bytes())).then_some(());
        let is = || self.pasted("UTF8_STRING").map(|bytes| bytes.len());
        let found = within(PATIENCE, pasted).is_some();
        assert!(found, "{} bytes cannot be pasted, but {:?}", text.len(), is());
    }

    /// Waits until this picture can be pasted, pixel for pixel.
    pub fn pastes_picture(&self, picture: &Shot) {
        let size = (picture.width(), picture.height());
        let bytes: Vec<u8> = colours(picture).concat();
        let pasted = || {
            let found = image::load_from_memory(&self.pasted("image/png")?).ok()?.to_rgb8();
            (found.dimensions() == size && found.as_raw() == &bytes).then_some(())
        };
        assert!(within(PATIENCE, pasted).is_some(), "the picture cannot be pasted");
    }

    /// Watches for a moment that nothing but this text can be pasted.
    pub fn keeps(&self, text: &str) {
        let other = || {
            let pasted = self.pasted("UTF8_STRING");
            (pasted.as_deref() != Some(text.as_bytes())).then_some(())
        };
        assert!(within(WATCH, other).is_none(), "something came");
    }

    /// What can be pasted now. An xclip that holds a long text answers one program at a time and
    /// forgets whoever else asks meanwhile: then it is asked again.
    fn pasted(&self, kind: &str) -> Option<Vec<u8>> {
        const NO_ANSWER: Option<i32> = Some(124);
        let ask = || {
            let mut command = self.desk.environment().command("timeout");
            command.args(["3", "xclip", "-selection", "clipboard", "-t", kind, "-o"]);
            command.output().expect("xclip is installed by scripts/setup")
        };
        let mut answers = std::iter::repeat_with(ask).take(5);
        let output = answers.find(|output| output.status.code() != NO_ANSWER)?;
        output.status.success().then_some(output.stdout)
    }

    fn file(&mut self) -> PathBuf {
        self.files += 1;
        self.desk.scratch().folder("tmp").join(format!("copied-{}", self.files))
    }
}

fn colours(picture: &Shot) -> Vec<[u8; 3]> {
    let bytes = picture.to_bgrx();
    bytes.chunks_exact(4).map(|at| [at[2], at[1], at[0]]).collect()
}
