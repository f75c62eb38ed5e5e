//! A widget: one thing in a window, as the window itself describes it.

use crate::shot::Place;

/// What a widget is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A window or a dialog of its own.
    Window,
    /// Words.
    Label,
    /// Something to press.
    Button,
    /// A box with a tick or without.
    CheckBox,
    /// One choice of several.
    Radio,
    /// A link.
    Link,
    /// A line or an area to write in.
    Field,
    /// An entry of a menu or a list.
    Item,
    /// A picture.
    Image,
    /// Anything else, by its AT-SPI number.
    Other(u32),
}

impl Role {
    pub(crate) fn from_number(number: u32) -> Self {
        match number {
            16 | 23 | 69 => Self::Window,
            29 | 73 | 83 | 116 => Self::Label,
            43 | 62 | 129 => Self::Button,
            7 | 130 => Self::CheckBox,
            44 => Self::Radio,
            88 => Self::Link,
            40 | 60 | 61 | 79 => Self::Field,
            8 | 31 | 32 | 35 | 37 | 45 => Self::Item,
            26 | 27 => Self::Image,
            other => Self::Other(other),
        }
    }

    /// Whether a person would press it.
    pub fn can_be_pressed(self) -> bool {
        matches!(self, Self::Button | Self::CheckBox | Self::Radio | Self::Link | Self::Item)
    }
}

/// The state bits of AT-SPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct States(u64);

impl States {
    const CHECKED: u32 = 4;
    const FOCUSED: u32 = 12;
    const SENSITIVE: u32 = 24;
    const SHOWING: u32 = 25;

    pub(crate) fn from_words(words: &[u32]) -> Self {
        let word = |at: usize| u64::from(words.get(at).copied().unwrap_or(0));
        Self(word(0) | word(1) << 32)
    }

    fn has(self, bit: u32) -> bool {
        self.0 >> bit & 1 == 1
    }
}

/// One thing in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widget {
    /// What it is for.
    pub role: Role,
    /// What it is called: the words on a button, the label of a field.
    pub name: String,
    /// What is written in it.
    pub text: Option<String>,
    /// Where it stands on the desk.
    pub place: Option<Place>,
    /// How deep it stands in the tree; the program itself is 0.
    pub depth: usize,
    pub(crate) states: States,
}

impl Widget {
    /// Whether it can be used now.
    pub fn is_enabled(&self) -> bool {
        self.states.has(States::SENSITIVE)
    }

    /// Whether it is on the screen.
    pub fn is_showing(&self) -> bool {
        self.states.has(States::SHOWING)
    }

    /// Whether it is ticked.
    pub fn is_ticked(&self) -> bool {
        self.states.has(States::CHECKED)
    }

    /// Whether it has the keyboard.
    pub fn is_focused(&self) -> bool {
        self.states.has(States::FOCUSED)
    }

    /// What a person reads there: what is written in it, else what it is called.
    pub fn words(&self) -> &str {
        self.text.as_deref().filter(|text| !text.is_empty()).unwrap_or(&self.name)
    }
}

impl std::fmt::Display for Widget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:indent$}{:?} “{}”", "", self.role, self.name, indent = self.depth * 2)?;
        if let Some(text) = self.text.as_deref().filter(|text| *text != self.name) {
            write!(f, " = “{text}”")?;
        }
        for (holds, word) in [
            (!self.is_enabled(), " (disabled)"),
            (self.is_ticked(), " (ticked)"),
            (self.is_focused(), " (has the keyboard)"),
        ] {
            f.write_str(if holds { word } else { "" })?;
        }
        Ok(())
    }
}
