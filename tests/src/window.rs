//! A real window: what a person sees in it, and what they do there.

use std::fmt::Write as _;
use std::path::PathBuf;

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, EventMask, MapState,
    Window as WindowId,
};

use crate::clock::{PATIENCE, WATCH, within};
use crate::desk::Desk;
use crate::shot::{Place, Shot};
use crate::widget::{Role, Widget};

/// A window on a desk. Everything that asks waits as long as a person would and then panics with
/// what the window shows instead.
#[derive(Clone, Copy)]
pub struct Window<'d> {
    desk: &'d Desk,
    id: WindowId,
}

impl<'d> Window<'d> {
    pub(crate) fn new(desk: &'d Desk, id: WindowId) -> Self {
        Self { desk, id }
    }

    /// Its title.
    pub fn title(&self) -> String {
        let name = self.desk.atom("_NET_WM_NAME");
        let kind = self.desk.atom("UTF8_STRING");
        let cookie = self.desk.x().get_property(false, self.id, name, kind, 0, 256);
        let reply = cookie.expect("X is there").reply();
        reply.map(|reply| String::from_utf8_lossy(&reply.value).into_owned()).unwrap_or_default()
    }

    /// The process that opened it.
    pub fn pid(&self) -> Option<u32> {
        self.desk.property(self.id, "_NET_WM_PID").pop()
    }

    /// Where it stands on the desk, without the frame of the window manager.
    pub fn place(&self) -> Place {
        let x = self.desk.x();
        let size = x.get_geometry(self.id).expect("X is there").reply();
        let corner = x.translate_coordinates(self.id, self.desk.root(), 0, 0).expect("X is there");
        match (size, corner.reply()) {
            (Ok(size), Ok(corner)) => Place {
                x: i32::from(corner.dst_x),
                y: i32::from(corner.dst_y),
                width: u32::from(size.width),
                height: u32::from(size.height),
            },
            _ => Place { x: 0, y: 0, width: 0, height: 0 },
        }
    }

    /// Whether it is on the screen.
    pub fn is_open(&self) -> bool {
        let cookie = self.desk.x().get_window_attributes(self.id).expect("X is there");
        cookie.reply().is_ok_and(|found| found.map_state == MapState::VIEWABLE)
    }

    /// Whether it is on the screen and stands outside the window manager, as a border does.
    pub fn is_bare(&self) -> bool {
        let cookie = self.desk.x().get_window_attributes(self.id).expect("X is there");
        cookie
            .reply()
            .is_ok_and(|found| found.override_redirect && found.map_state == MapState::VIEWABLE)
    }

    /// Waits until it is gone.
    pub fn closes(&self) {
        if within(PATIENCE, || (!self.is_open()).then_some(())).is_none() {
            self.fail("the window did not close");
        }
    }

    /// Brings it to the front and gives it the keyboard.
    pub fn activate(&self) {
        self.tell("_NET_ACTIVE_WINDOW", [2, 0, 0, 0, 0]);
        let active = || self.desk.property(self.desk.root(), "_NET_ACTIVE_WINDOW") == [self.id];
        if within(PATIENCE, || active().then_some(())).is_none() {
            self.fail("the window did not come to the front");
        }
    }

    /// Presses the cross of its frame.
    pub fn close(&self) {
        self.tell("_NET_CLOSE_WINDOW", [0, 2, 0, 0, 0]);
    }

    /// Moves it, whatever size it has or takes meanwhile.
    pub fn moves_to(&self, (x, y): (i32, i32)) {
        let how = ConfigureWindowAux::new().x(x).y(y);
        let asked = self.desk.x().configure_window(self.id, &how).expect("X is there");
        asked.check().expect("an open window");
    }

    /// Moves and resizes it as the person would by its frame.
    pub fn move_to(&self, place: Place) {
        let how =
            ConfigureWindowAux::new().x(place.x).y(place.y).width(place.width).height(place.height);
        let x = self.desk.x();
        x.configure_window(self.id, &how).expect("X is there").check().expect("an open window");
        let size = || (self.place().width, self.place().height);
        if within(PATIENCE, || (size() == (place.width, place.height)).then_some(())).is_none() {
            self.fail("the window did not take the size");
        }
    }

    /// Everything in it, and in the other windows of the same program, as it is now.
    pub fn widgets(&self) -> Vec<Widget> {
        self.pid().map(|pid| self.desk.accessibility().widgets_of(pid)).unwrap_or_default()
    }

    /// The words in it, in reading order, separated by spaces.
    pub fn text(&self) -> String {
        read_out(&self.widgets())
    }

    /// Waits until these words are to be read in it.
    pub fn sees(&self, words: &str) {
        self.sees_within(PATIENCE, words);
    }

    /// Waits no longer than `limit` for these words.
    pub fn sees_within(&self, limit: std::time::Duration, words: &str) {
        if within(limit, || shows(&self.widgets(), words).then_some(())).is_none() {
            self.fail(&format!("“{words}” is not to be read"));
        }
    }

    /// Waits until these words are no longer to be read in it.
    pub fn sees_no_longer(&self, words: &str) {
        if within(PATIENCE, || (!shows(&self.widgets(), words)).then_some(())).is_none() {
            self.fail(&format!("“{words}” is still to be read"));
        }
    }

    /// Watches for a moment and panics when these words are to be read at any time of it.
    pub fn never_sees(&self, words: &str) {
        if within(WATCH, || shows(&self.widgets(), words).then_some(())).is_some() {
            self.fail(&format!("“{words}” is to be read"));
        }
    }

    /// Waits for a thing to press that is called so.
    pub fn pressable(&self, name: &str) -> Widget {
        self.find(&format!("nothing to press is called “{name}”"), |widget| {
            widget.role.can_be_pressed() && widget.name.trim() == name
        })
    }

    /// Waits until the thing called so can be pressed, and clicks in its middle.
    pub fn click(&self, name: &str) {
        let failure = format!("nothing that can be pressed now is called “{name}”");
        let widget = self.at_rest(&failure, |widget| {
            widget.role.can_be_pressed() && widget.name.trim() == name && widget.is_enabled()
        });
        self.click_on(&widget);
    }

    /// Waits for the thing called so and says whether it can be pressed now.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.pressable(name).is_enabled()
    }

    /// Waits until the thing called so can be pressed, or can no longer be.
    pub fn becomes(&self, name: &str, enabled: bool) {
        let what =
            format!("“{name}” does not become {}", if enabled { "enabled" } else { "disabled" });
        self.find(&what, |widget| {
            widget.role.can_be_pressed()
                && widget.name.trim() == name
                && widget.is_enabled() == enabled
        });
    }

    /// Waits for the box called so and says whether it is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.pressable(name).is_ticked()
    }

    /// Waits for the field called so and says what is written in it.
    pub fn field(&self, name: &str) -> String {
        self.field_widget(name).text.unwrap_or_default()
    }

    /// Writes into the field called so, in place of what was there.
    pub fn fill(&self, name: &str, text: &str) {
        let failure = format!("no field is called “{name}”");
        self.click_on(&self.at_rest(&failure, |widget| is_field(widget, name)));
        self.desk.hand().press(&["ctrl+a", "Delete"]);
        self.desk.hand().write(text);
    }

    /// Clicks in the middle of a widget. The window is brought to the front first.
    pub fn click_on(&self, widget: &Widget) {
        self.activate();
        match widget.place {
            Some(place) if place.area() > 0 => self.desk.hand().click(place.middle()),
            _ => self.fail(&format!("{widget} has no place on the screen")),
        }
    }

    /// The window as it is on the screen; it must stand wholly on the desk.
    pub fn picture(&self) -> Shot {
        self.desk.picture().part(self.place())
    }

    /// Keeps it as `target/shots/<name>.png` and says where.
    pub fn shot(&self, name: &str) -> PathBuf {
        self.picture().keep(name)
    }

    /// Fails the scenario with a sentence, what the window shows and a picture of the desk.
    pub fn fail(&self, sentence: &str) -> ! {
        let mut report =
            format!("{sentence} in “{}” on the desk of {}", self.title(), self.desk.name());
        let picture = self.desk.shot(&format!("failed-{}", self.desk.name()));
        let _ = write!(report, "\npicture: {}\nit shows:", picture.display());
        for widget in self.widgets() {
            let _ = write!(report, "\n  {widget}");
        }
        panic!("{report}");
    }

    fn field_widget(&self, name: &str) -> Widget {
        self.find(&format!("no field is called “{name}”"), |widget| is_field(widget, name))
    }

    /// A widget that stays where it is: nobody clicks at what still moves. A window may be drawn
    /// before the window manager has placed it, and then says that it is elsewhere.
    fn at_rest(&self, failure: &str, is_it: impl Fn(&Widget) -> bool) -> Widget {
        let mut before = None;
        let mut rests = || {
            let (widgets, place) = (self.widgets(), self.place());
            let is_told_elsewhere = widgets.iter().any(|widget| {
                let sized = |told: Place| (told.width, told.height) == (place.width, place.height);
                widget.role == Role::Window
                    && widget.place.is_some_and(|told| sized(told) && told != place)
            });
            let found = widgets.into_iter().find(&is_it).filter(|_| !is_told_elsewhere);
            let rests = found.clone().filter(|widget| before == Some(widget.place));
            before = found.map(|widget| widget.place);
            rests
        };
        within(PATIENCE, &mut rests).unwrap_or_else(|| self.fail(failure))
    }

    fn find(&self, failure: &str, is_it: impl Fn(&Widget) -> bool) -> Widget {
        let found = within(PATIENCE, || self.widgets().into_iter().find(|widget| is_it(widget)));
        found.unwrap_or_else(|| self.fail(failure))
    }

    fn tell(&self, message: &str, words: [u32; 5]) {
        let kind = self.desk.atom(message);
        let event = ClientMessageEvent::new(32, self.id, kind, words);
        let to = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        let x = self.desk.x();
        x.send_event(false, self.desk.root(), to, event).expect("X is there");
        x.flush().expect("X is there");
    }
}

fn is_field(widget: &Widget, name: &str) -> bool {
    widget.role == Role::Field && widget.name.trim() == name
}

fn read_out(widgets: &[Widget]) -> String {
    let words: Vec<_> =
        widgets.iter().flat_map(|widget| widget.words().split_whitespace()).collect();
    words.join(" ")
}

/// A sentence may run over several labels, so the words are looked for in what is read out.
fn shows(widgets: &[Widget], words: &str) -> bool {
    let wanted: Vec<_> = words.split_whitespace().collect();
    read_out(widgets).contains(&wanted.join(" "))
}
