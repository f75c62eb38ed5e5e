//! A picture in a window of Windows, and what is done to it.

use crate::clock::{PATIENCE, within};
use crate::process::Process;
use crate::shot::Shot;
use crate::wine::{Wine, compiled};

/// Where a pointer hides nothing.
const ASIDE: (i32, i32) = (900, 700);

/// A window of a Windows program of its own, closed when dropped.
pub struct Canvas {
    picture: Shot,
    process: Process,
    at: (i32, i32),
}

impl Canvas {
    /// Opens it and waits until the picture is on the desk bit for bit.
    pub fn show(wine: &Wine<'_>, title: &str, (x, y): (i32, i32), picture: Shot) -> Self {
        // Control paints the pointer over the picture.
        wine.desk().hand().point_at(ASIDE);
        let folder = wine.folder("canvas");
        let (program, file) = (folder.join("canvas.exe"), folder.join(format!("{title}.raw")));
        std::fs::copy(compiled("canvas"), &program).expect("the prefix is ours");
        let size = [picture.width(), picture.height()].map(u32::to_le_bytes).concat();
        std::fs::write(&file, [size, picture.to_bgrx()].concat()).expect("the prefix is ours");
        let (program, file) = (wine.calls(&program), wine.calls(&file));
        let place = [x.to_string(), y.to_string()];
        let mut process = wine.start("canvas", &program, &[title, &file, &place[0], &place[1]]);
        process.says("that it is ready", |words| words.contains("ready").then_some(()));
        let desk = wine.desk();
        let find = || desk.picture().find(&picture);
        let (x, y) = within(PATIENCE, find)
            .unwrap_or_else(|| panic!("no picture: {}", desk.shot("no-canvas").display()));
        let at = (x.cast_signed(), y.cast_signed());
        Self { picture, process, at }
    }

    /// The picture that it shows.
    pub fn picture(&self) -> &Shot {
        &self.picture
    }

    /// Where the picture stands on the desk.
    pub fn at(&self) -> (i32, i32) {
        self.at
    }

    /// What was done to it so far, a line each.
    pub fn done(&self) -> Vec<String> {
        self.process.words().lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Waits until this was done to it.
    pub fn notices(&self, what: &str) {
        let seen = || self.done().iter().any(|done| done == what).then_some(());
        let came = within(PATIENCE, seen).is_some();
        assert!(came, "“{what}” did not reach the window: {:#?}", self.done());
    }

    /// Waits until this text has been typed into it.
    pub fn reads(&self, text: &str) {
        let seen = || self.typed().contains(text).then_some(());
        let came = within(PATIENCE, seen).is_some();
        assert!(came, "“{text}” was not typed but “{}”: {:#?}", self.typed(), self.done());
    }

    fn typed(&self) -> String {
        let done = self.done();
        let units = done.iter().filter_map(|line| line.strip_prefix("char "));
        let units: Vec<u16> = units.filter_map(|unit| u16::from_str_radix(unit, 16).ok()).collect();
        String::from_utf16_lossy(&units)
    }
}
