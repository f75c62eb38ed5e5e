//! The keyboard of an X server.

use std::collections::HashMap;
use std::time::Duration;

use beckon_desk::clock;
use beckon_peer::{Key, KeyCode, Press};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::Event;
use x11rb::protocol::xkb::{
    ConnectionExt as _, EventType, GetMapReply, Group, KeySymMap, MapPart, SelectEventsAux, VMod,
};
use x11rb::protocol::xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, ModMask};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::X11Error;
use super::layout::{self, LOCK, Layout, LayoutKey, Way};
use super::pins::{Pins, Place};
use crate::hands::hand::LOOK;
use crate::hands::key_table;

/// X numbers keys from 8 on.
const X_FROM_EVDEV: u16 = 8;
/// The keyboard that the user has before them (`XkbUseCoreKbd`).
const CORE: u16 = 0x100;

/// Types text and presses keys in the user's layout. What the layout does not have is put on
/// spare keys, and taken from them when this is dropped.
pub struct Keyboard {
    x: RustConnection,
    layout: Layout,
    pins: Pins,
    /// The ways of the layout, and for which group and modifiers they hold.
    ways: HashMap<char, Way>,
    ways_for: Option<(u8, u8)>,
    /// INVARIANT: the keys that are pressed and not released.
    down: Vec<u8>,
    /// What was pressed for a symbol of a shortcut.
    chord: Vec<u8>,
    /// Where the keys with names were pressed: the layout may be another one when they come up.
    named: Vec<(Key, u8)>,
}

/// What counts for every key that is pressed.
struct State {
    group: u8,
    /// All modifiers but Caps lock; none that counts for one key only.
    held: u8,
    /// Those of `held` that are locked.
    locked: u8,
    caps_lock: bool,
}

impl Keyboard {
    /// Reads the layout.
    pub fn open(x: RustConnection) -> Result<Self, X11Error> {
        x.extension_information(x11rb::protocol::xkb::X11_EXTENSION_NAME)?
            .ok_or("the X server has no XKB")?;
        let known = x.xkb_use_extension(1, 0)?.reply()?;
        if !known.supported {
            return Err("the X server does not speak this XKB".into());
        }
        let news = EventType::MAP_NOTIFY | EventType::NEW_KEYBOARD_NOTIFY;
        let (none, all) = (EventType::from(0_u16), MapPart::KEY_SYMS | MapPart::KEY_TYPES);
        let how = SelectEventsAux::new();
        x.xkb_select_events(CORE, none, news, all, all, &how)?;
        let mut keyboard = Self {
            x,
            layout: Layout::default(),
            pins: Pins::default(),
            ways: HashMap::new(),
            ways_for: None,
            down: Vec::new(),
            chord: Vec::new(),
            named: Vec::new(),
        };
        keyboard.read_layout()?;
        Ok(keyboard)
    }

    /// The connection.
    pub fn x(&self) -> &RustConnection {
        &self.x
    }

    /// Types `text`, whatever the layout and the locks, while `goes_on` holds.
    pub fn write(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), X11Error> {
        let state = self.look()?;
        self.find_ways(state.group, state.held);
        if state.caps_lock {
            self.set_caps_lock(false)?;
        }
        let written = self.write_all(text, goes_on);
        if state.caps_lock {
            self.set_caps_lock(true)?;
        }
        self.wait()?;
        written
    }

    /// Presses or releases the key with this name.
    pub fn key(&mut self, key: Key, press: Press) -> Result<(), X11Error> {
        let at = self.named.iter().position(|(named, _)| *named == key);
        let code = match (press, at) {
            (Press::Up, Some(at)) => Some(self.named.remove(at).1),
            (Press::Down, Some(at)) => self.named.get(at).map(|(_, code)| *code),
            (Press::Up, None) => self.code_of(key),
            (Press::Down, None) => {
                self.look()?;
                let code = self.code_of(key);
                self.named.extend(code.map(|code| (key, code)));
                code
            }
        };
        let code = code.ok_or("the keyboard does not have this key")?;
        self.press(code, press)?;
        Ok(self.x.flush()?)
    }

    /// Releases what is pressed.
    pub fn release(&mut self) -> Result<(), X11Error> {
        self.named.clear();
        self.chord.clear();
        for code in std::mem::take(&mut self.down).into_iter().rev() {
            self.press(code, Press::Up)?;
        }
        Ok(self.x.flush()?)
    }

    /// The key with this name in the layout, or at its usual place.
    fn code_of(&self, key: Key) -> Option<u8> {
        let placed = key_table::place(key).map(|code| code.number() + X_FROM_EVDEV);
        let placed = placed.and_then(|code| u8::try_from(code).ok());
        self.layout.named(key_table::x11_name(key)).or(placed)
    }

    /// Presses or releases the key at this place.
    pub fn physical(&mut self, code: KeyCode, press: Press) -> Result<(), X11Error> {
        let code = u8::try_from(code.number() + X_FROM_EVDEV)
            .map_err(|_| "an X server does not have this key")?;
        self.press(code, press)?;
        Ok(self.x.flush()?)
    }

    /// Presses or releases the key that carries a symbol, for a shortcut, while `goes_on` holds.
    pub fn symbol(
        &mut self,
        symbol: char,
        press: Press,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), X11Error> {
        if press == Press::Up {
            for code in std::mem::take(&mut self.chord).into_iter().rev() {
                self.press(code, Press::Up)?;
            }
            return Ok(self.x.flush()?);
        }
        let state = self.look()?;
        // Shift belongs to the shortcut: the way is looked for as if it were not held.
        let ways = self.layout.ways(state.group, state.locked);
        let way = if let Some(way) = ways.get(&symbol).copied() {
            way
        } else {
            let physical = || u8::try_from(key_table::american(symbol)? + 8).ok();
            let code = self.layout.elsewhere(symbol).or_else(physical);
            let code = code.map_or_else(|| self.pinned(symbol, goes_on), |code| Ok(Some(code)))?;
            let Some(code) = code else { return Ok(()) };
            Way { code, shift: false, third: false }
        };
        for code in self.held_for(way).into_iter().chain([way.code]) {
            if !self.down.contains(&code) {
                self.press(code, Press::Down)?;
                self.chord.push(code);
            }
        }
        Ok(self.x.flush()?)
    }

    fn write_all(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), X11Error> {
        self.pin_all(text, goes_on)?;
        let mut held: Vec<u8> = Vec::new();
        let mut written = Ok(());
        for symbol in text.chars() {
            if !goes_on() {
                break;
            }
            written = self.write_one(symbol, &mut held, goes_on);
            if written.is_err() {
                break;
            }
        }
        for code in held.into_iter().rev() {
            self.press(code, Press::Up)?;
        }
        written
    }

    /// All symbols that need it are put on spare keys at once: each time every program reads the
    /// layout anew.
    fn pin_all(&mut self, text: &str, goes_on: &dyn Fn() -> bool) -> Result<(), X11Error> {
        for symbol in text.chars() {
            if !self.ways.contains_key(&symbol) && self.pinned(symbol, goes_on)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn write_one(
        &mut self,
        symbol: char,
        held: &mut Vec<u8>,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), X11Error> {
        let (code, wanted) = match self.ways.get(&symbol).copied() {
            Some(way) => (way.code, self.held_for(way)),
            // It carries the symbol with Shift too.
            None => match self.pinned(symbol, goes_on)? {
                Some(code) => (code, Vec::new()),
                None => return Ok(()),
            },
        };
        for code in held.extract_if(.., |code| !wanted.contains(code)).collect::<Vec<_>>() {
            self.press(code, Press::Up)?;
        }
        for code in wanted {
            if !held.contains(&code) && !self.down.contains(&code) {
                self.press(code, Press::Down)?;
                held.push(code);
            }
        }
        self.press(code, Press::Down)?;
        self.press(code, Press::Up)
    }

    fn held_for(&self, way: Way) -> Vec<u8> {
        let shift = self.layout.shift().filter(|_| way.shift);
        let third = self.layout.third().filter(|_| way.third).map(|(code, _)| code);
        shift.into_iter().chain(third).collect()
    }

    /// The spare key that carries `symbol` now; `None` where it does not go on.
    fn pinned(&mut self, symbol: char, goes_on: &dyn Fn() -> bool) -> Result<Option<u8>, X11Error> {
        loop {
            match self.pins.place(symbol, clock::uptime()) {
                Place::Pinned(code) => return Ok(Some(code)),
                Place::Pin(code) => {
                    let name = layout::symbol_of(symbol);
                    self.x.change_keyboard_mapping(1, code, 2, &[name, name])?;
                    return Ok(Some(code));
                }
                Place::Wait(time) => {
                    // What was typed so far is on its way before a key gets another symbol.
                    self.wait()?;
                    if !sleep(time, goes_on) {
                        return Ok(None);
                    }
                }
                Place::None => return Err("the keyboard has no key for foreign symbols".into()),
            }
        }
    }

    fn press(&mut self, code: u8, press: Press) -> Result<(), X11Error> {
        let kind = match press {
            Press::Down => KEY_PRESS_EVENT,
            Press::Up => KEY_RELEASE_EVENT,
        };
        self.x.xtest_fake_input(kind, code, 0, x11rb::NONE, 0, 0, 0)?;
        self.down.retain(|down| *down != code);
        if press == Press::Down {
            self.down.push(code);
        }
        Ok(())
    }

    /// What the keyboard is like now; reads the layout again where it was changed.
    fn look(&mut self) -> Result<State, X11Error> {
        let state = self.x.xkb_get_state(CORE)?.reply()?;
        let mut changed = false;
        while let Some(event) = self.x.poll_for_event()? {
            changed |= matches!(
                event,
                Event::MappingNotify(_) | Event::XkbMapNotify(_) | Event::XkbNewKeyboardNotify(_)
            );
        }
        if changed {
            self.read_layout()?;
        }
        let bits = layout::bits;
        let locked = bits(state.locked_mods);
        if bits(state.latched_mods) != 0 {
            self.unlatch(state.latched_mods)?;
        }
        Ok(State {
            group: u8::from(state.group),
            held: (bits(state.base_mods) | locked) & !LOCK,
            locked: locked & !LOCK,
            caps_lock: locked & LOCK != 0,
        })
    }

    fn find_ways(&mut self, group: u8, held: u8) {
        if self.ways_for != Some((group, held)) {
            self.ways = self.layout.ways(group, held);
            self.ways_for = Some((group, held));
        }
    }

    /// Not by its key: no program sees anything of it.
    fn set_caps_lock(&self, on: bool) -> Result<(), X11Error> {
        let (lock, none) = (ModMask::LOCK, ModMask::from(0_u16));
        let value = if on { lock } else { none };
        self.x.xkb_latch_lock_state(CORE, lock, value, false, Group::M1, none, false, 0)?;
        Ok(())
    }

    /// Sticky keys: what counts for the next key only would count for the first of a text and be
    /// missing from the second on.
    fn unlatch(&self, latched: ModMask) -> Result<(), X11Error> {
        let none = ModMask::from(0_u16);
        self.x.xkb_latch_lock_state(CORE, none, none, false, Group::M1, latched, false, 0)?;
        Ok(())
    }

    /// Until the X server has taken in everything so far.
    fn wait(&self) -> Result<(), X11Error> {
        self.x.get_input_focus()?.reply()?;
        Ok(())
    }

    fn read_layout(&mut self) -> Result<(), X11Error> {
        let full = MapPart::KEY_TYPES | MapPart::KEY_SYMS | MapPart::MODIFIER_MAP;
        let (none, vmods) = (MapPart::from(0_u16), VMod::from(0_u16));
        let cookie = self
            .x
            .xkb_get_map(CORE, full, none, 0, 0, 0, 0, 0, 0, 0, 0, vmods, 0, 0, 0, 0, 0, 0)?;
        self.layout = layout_of(cookie.reply()?);
        let keys = &self.layout.keys;
        let carries = |code| {
            let key = keys.iter().find(|key| key.code == code)?;
            layout::character(*key.symbols.first()?)
        };
        self.pins.keep(carries, &self.layout.spare());
        // What this put there is no part of the layout.
        let pinned: Vec<u8> = self.pins.codes().collect();
        self.layout.keys.retain(|key| !pinned.contains(&key.code));
        self.ways_for = None;
        Ok(())
    }
}

impl Drop for Keyboard {
    /// Leaves the keyboard as it was: nothing pressed, the spare keys empty.
    fn drop(&mut self) {
        drop(self.release());
        // What another layout has put there meanwhile is not ours.
        drop(self.look());
        for code in self.pins.codes() {
            drop(self.x.change_keyboard_mapping(1, code, 1, &[x11rb::NO_SYMBOL]));
        }
        drop(self.wait());
    }
}

/// Sleeps while `goes_on` holds; says whether it still does.
fn sleep(time: Duration, goes_on: &dyn Fn() -> bool) -> bool {
    let until = clock::uptime() + time;
    while goes_on() {
        let left = until.saturating_sub(clock::uptime());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(LOOK));
    }
    false
}

fn layout_of(reply: GetMapReply) -> Layout {
    let first = reply.first_key_sym;
    let key = |(code, of): (u8, KeySymMap)| LayoutKey {
        code,
        groups: of.group_info & 0x0F,
        beyond: ((of.group_info >> 6) & 3, (of.group_info >> 4) & 3),
        width: usize::from(of.width),
        types: of.kt_index,
        symbols: of.syms,
    };
    let modifiers = reply.map.modmap_rtrn.unwrap_or_default();
    Layout {
        keys: (first..=u8::MAX).zip(reply.map.syms_rtrn.unwrap_or_default()).map(key).collect(),
        types: reply.map.types_rtrn.unwrap_or_default(),
        modifiers: modifiers.into_iter().map(|map| (map.keycode, layout::bits(map.mods))).collect(),
    }
}
