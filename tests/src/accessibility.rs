//! What windows say about themselves, read as a screen reader reads them.

use zbus::blocking::{Connection, connection::Builder};
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Type, Value};

use crate::clock::eventually;
use crate::shot::Place;
use crate::widget::{Role, States, Widget};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const TEXT: &str = "org.a11y.atspi.Text";
const ROOT: &str = "/org/a11y/atspi/accessible/root";
const MOST_WIDGETS: usize = 5_000;

/// One object on the accessibility bus: who has it, and where.
type Object = (String, OwnedObjectPath);

/// The accessibility bus of a desk, turned on as if a screen reader were in use.
pub struct Accessibility {
    bus: Connection,
}

impl Accessibility {
    /// Turns accessibility on at the message bus of a desk. Programs started later publish what
    /// they show.
    pub fn turn_on(session_bus: &str) -> Self {
        let session = connect(session_bus);
        let on = ("org.a11y.Status", "IsEnabled", Value::from(true));
        session
            .call_method(Some("org.a11y.Bus"), "/org/a11y/bus", Some(PROPERTIES), "Set", &on)
            .unwrap_or_else(|error| panic!("accessibility cannot be turned on: {error}"));
        let address: String = session
            .call_method(
                Some("org.a11y.Bus"),
                "/org/a11y/bus",
                Some("org.a11y.Bus"),
                "GetAddress",
                &(),
            )
            .and_then(|reply| reply.body().deserialize())
            .unwrap_or_else(|error| panic!("the accessibility bus has no address: {error}"));
        let accessibility = Self { bus: connect(&address) };
        eventually("the registry of accessible programs", || accessibility.programs());
        accessibility
    }

    /// Everything that the windows of a process show at this moment, in the order in which it is
    /// read out; nothing when the process has not published any window.
    pub fn widgets_of(&self, pid: u32) -> Vec<Widget> {
        let mut widgets = Vec::new();
        for program in self.programs().unwrap_or_default() {
            if self.pid_of(&program.0) == Some(pid) {
                self.read(&program, 0, &mut widgets);
            }
        }
        widgets
    }

    fn programs(&self) -> Option<Vec<Object>> {
        let registry = "org.a11y.atspi.Registry".to_owned();
        let root = OwnedObjectPath::try_from(ROOT).ok()?;
        self.children(&(registry, root))
    }

    fn pid_of(&self, name: &str) -> Option<u32> {
        let bus = Some("org.freedesktop.DBus");
        let path = "/org/freedesktop/DBus";
        let reply = self.bus.call_method(bus, path, bus, "GetConnectionUnixProcessID", &(name,));
        reply.ok()?.body().deserialize().ok()
    }

    /// What vanishes while it is being read is left out: a window may be redrawn at any moment.
    fn read(&self, object: &Object, depth: usize, into: &mut Vec<Widget>) -> Option<()> {
        assert!(into.len() < MOST_WIDGETS, "a window with more than {MOST_WIDGETS} widgets");
        let role: u32 = self.ask(object, ACCESSIBLE, "GetRole", &())?;
        let states: Vec<u32> = self.ask(object, ACCESSIBLE, "GetState", &())?;
        let interfaces: Vec<String> = self.ask(object, ACCESSIBLE, "GetInterfaces", &())?;
        let has = |name: &str| interfaces.iter().any(|interface| interface == name);
        let name: OwnedValue = self.ask(object, PROPERTIES, "Get", &(ACCESSIBLE, "Name"))?;
        let place = if has(COMPONENT) {
            const OF_THE_SCREEN: u32 = 0;
            let extents: Option<(i32, i32, i32, i32)> =
                self.ask(object, COMPONENT, "GetExtents", &(OF_THE_SCREEN,));
            extents.map(|(x, y, width, height)| Place {
                x,
                y,
                width: width.unsigned_abs(),
                height: height.unsigned_abs(),
            })
        } else {
            None
        };
        let text = if has(TEXT) { self.ask(object, TEXT, "GetText", &(0, -1)) } else { None };
        into.push(Widget {
            role: Role::from_number(role),
            name: String::try_from(name).unwrap_or_default(),
            text,
            place,
            states: States::from_words(&states),
            depth,
        });
        for child in self.children(object)? {
            self.read(&child, depth + 1, into);
        }
        Some(())
    }

    fn children(&self, object: &Object) -> Option<Vec<Object>> {
        self.ask(object, ACCESSIBLE, "GetChildren", &())
    }

    fn ask<B, R>(
        &self,
        (owner, path): &Object,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Option<R>
    where
        B: serde::Serialize + DynamicType,
        R: for<'d> serde::Deserialize<'d> + Type,
    {
        let reply = self.bus.call_method(Some(owner.as_str()), path, Some(interface), method, body);
        reply.ok()?.body().deserialize().ok()
    }
}

fn connect(address: &str) -> Connection {
    Builder::address(address)
        .and_then(Builder::build)
        .unwrap_or_else(|error| panic!("no connection to {address}: {error}"))
}
