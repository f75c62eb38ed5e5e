use super::server::{Painter, Server};
use super::*;
use beckon_desk::clock::uptime;
use pixels::Way;
use x11rb::protocol::xproto::{ConfigureWindowAux, CreateWindowAux, WindowClass};
use x11rb::wrapper::ConnectionExt as _;

const SIDES: (u16, u16) = (320, 200);
const LONG: Duration = Duration::from_secs(5);

struct World {
    server: Server,
    painter: Painter,
    capture: X11Capture,
    monitor: Monitor,
    bell: Bell,
}

impl World {
    fn new(screen: &str, arguments: &[&str]) -> Self {
        let server = Server::start(screen, arguments);
        let painter = server.painter();
        let mut capture = X11Capture::connect(Some(&server.display)).unwrap();
        let monitor = capture.monitors().unwrap().remove(0);
        let bell = Bell::new().unwrap();
        Self { server, painter, capture, monitor, bell }
    }

    fn small() -> Self {
        Self::new("320x200x24", &[])
    }

    fn whole(&mut self) {
        let shot = self.capture.next(&self.monitor, Extent::Whole).unwrap();
        let (width, height) = (self.monitor.width, self.monitor.height);
        assert_eq!(shot.parts.len(), 1);
        assert_eq!(shot.parts[0].rect, Rect { x: 0, y: 0, width, height });
    }

    /// Whether damage is told before a long time is over.
    fn is_told(&mut self) -> bool {
        let until = uptime() + LONG;
        while !self.capture.news().damage && uptime() < until {
            self.capture.wait(&self.bell, until.saturating_sub(uptime())).unwrap();
        }
        self.capture.news().damage
    }
}

/// Blue, green, red of a pixel of the monitor.
fn pixel(shot: &Shot<'_>, x: u32, y: u32) -> [u8; 3] {
    let at = Rect { x, y, width: 1, height: 1 };
    let part = shot.parts.iter().find(|part| part.rect.within(at).area() == 1).unwrap();
    let index = |value: u32| usize::try_from(value).unwrap();
    let from = index(y - part.rect.y) * part.stride + index(x - part.rect.x) * 4;
    part.pixels[from..from + 3].try_into().unwrap()
}

#[test]
fn what_was_painted_is_told_and_captured_and_nothing_else() {
    let mut world = World::small();
    world.whole();
    assert!(!world.capture.news().damage, "nothing has changed since");
    world.painter.fill(0x0012_3456, (10, 20), (5, 5));
    assert!(world.is_told());
    let shot = world.capture.next(&world.monitor, Extent::Changed).unwrap();
    assert_eq!(pixel(&shot, 12, 22), [0x56, 0x34, 0x12]);
    assert!(shot.parts.iter().map(|part| part.rect.area()).sum::<u64>() <= 100);
    assert_eq!(shot.size.pixels(), 320 * 200);
}

#[test]
fn damage_that_is_told_while_damage_is_taken_is_not_forgotten() {
    let mut world = World::small();
    world.whole();
    world.painter.fill(1, (0, 0), (4, 4));
    assert!(world.is_told());
    // As in `next`, with somebody painting between the two halves.
    world.capture.news.damage = false;
    let connection = &world.capture.connection;
    let taken = world.capture.damage.as_ref().unwrap().take(connection).unwrap();
    connection.sync().unwrap();
    world.painter.fill(2, (50, 50), (4, 4));
    assert_eq!(taken.reply().unwrap().rectangles.len(), 1, "only the first");
    assert!(world.is_told(), "the second one is on its way or heard already");
    let shot = world.capture.next(&world.monitor, Extent::Changed).unwrap();
    assert_eq!(pixel(&shot, 51, 51), [2, 0, 0]);
}

#[test]
fn hundreds_of_changes_during_hundreds_of_looks_end_with_the_last_one() {
    let mut world = World::small();
    world.whole();
    let painter = world.server.painter();
    let painting = std::thread::spawn(move || {
        for color in 1..=400 {
            painter.fill(color, (7, 7), (3, 3));
        }
    });
    let (mut last, until) = ([0; 3], uptime() + Duration::from_secs(20));
    while last != [400_u16.to_le_bytes()[0], 1, 0] && uptime() < until {
        assert!(world.is_told(), "the stream froze at {last:?}");
        let shot = world.capture.next(&world.monitor, Extent::Changed).unwrap();
        if !shot.parts.is_empty() {
            last = pixel(&shot, 8, 8);
        }
    }
    painting.join().unwrap();
    assert_eq!(last, [0x90, 1, 0]);
}

#[test]
fn damage_that_came_along_with_an_answer_is_heard_while_the_socket_is_quiet() {
    let mut world = World::small();
    world.whole();
    world.painter.fill(3, (0, 0), (4, 4));
    // The answer comes after the event, and takes it out of the socket.
    world.capture.ping().unwrap();
    let began = uptime();
    world.capture.wait(&world.bell, LONG).unwrap();
    assert!(world.capture.news().damage);
    assert!(uptime().saturating_sub(began) < LONG / 2, "it slept although it could have known");
}

#[test]
fn every_way_brings_the_same_pixels() {
    let world = World::small();
    world.painter.fill(0x00AB_CDEF, (0, 0), SIDES);
    let root = world.capture.screen.root;
    let areas =
        [Rect { x: 0, y: 0, width: 3, height: 2 }, Rect { x: 300, y: 190, width: 20, height: 10 }];
    assert_eq!(world.capture.pixels.way(), Way::Descriptor);
    for way in [Way::Descriptor, Way::SystemV, Way::Socket] {
        let mut pixels = Pixels::by(way);
        let (connection, format) = (&world.capture.connection, &world.capture.format);
        let ranges = pixels.fetch(connection, root, &areas, format).unwrap();
        assert_eq!(pixels.way(), way, "it works without a fallback");
        let bytes = pixels.bytes(format);
        let all: Vec<_> = ranges.into_iter().map(|range| &bytes[range]).collect();
        assert_eq!(all.iter().map(|one| one.len()).collect::<Vec<_>>(), [24, 800]);
        for quad in all.concat().chunks(4) {
            assert_eq!(quad[..3], [0xEF, 0xCD, 0xAB], "{way:?}");
        }
    }
}

#[test]
fn without_shared_memory_and_damage_pictures_come_too() {
    let without = ["-extension", "MIT-SHM", "-extension", "DAMAGE", "-extension", "RANDR"];
    let mut world = World::new("320x200x24", &without);
    assert_eq!(world.capture.pixels.way(), Way::Socket);
    assert!(world.capture.damage.is_none());
    world.whole();
    world.painter.fill(0x00FF_0000, (0, 0), (9, 9));
    assert!(world.is_told(), "by looking again and again");
    let shot = world.capture.next(&world.monitor, Extent::Changed).unwrap();
    assert_eq!(pixel(&shot, 8, 8), [0, 0, 255]);
}

#[test]
fn screens_of_fewer_colours_are_converted() {
    let mut world = World::new("320x200x16", &[]);
    world.painter.fill(0xF800, (0, 0), SIDES);
    let shot = world.capture.next(&world.monitor, Extent::Whole).unwrap();
    assert_eq!((pixel(&shot, 0, 0), pixel(&shot, 319, 199)), ([0, 0, 255], [0, 0, 255]));
    assert_eq!(shot.parts[0].pixels.len(), 320 * 200 * 4);

    let mut world = World::new("320x200x8", &[]);
    let map = world.capture.screen.default_colormap;
    let connection = &world.painter.connection;
    let color = connection.alloc_color(map, 0xFFFF, 0, 0xFFFF).unwrap().reply().unwrap();
    world.painter.fill(color.pixel, (0, 0), SIDES);
    let shot = world.capture.next(&world.monitor, Extent::Whole).unwrap();
    assert_eq!(pixel(&shot, 160, 100), [255, 0, 255]);
}

#[test]
fn a_window_that_moves_tells_by_how_much() {
    let mut world = World::small();
    let Painter { connection, root } = world.server.painter();
    let window = connection.generate_id().unwrap();
    let look = CreateWindowAux::new().override_redirect(1).background_pixel(5);
    let class = WindowClass::INPUT_OUTPUT;
    connection.create_window(0, window, root, 10, 10, 50, 50, 0, class, 0, &look).unwrap();
    connection.map_window(window).unwrap();
    connection.sync().unwrap();
    world.whole();
    let there = ConfigureWindowAux::new().x(37).y(4);
    connection.configure_window(window, &there).unwrap();
    connection.sync().unwrap();
    let shot = world.capture.next(&world.monitor, Extent::Changed).unwrap();
    assert_eq!(shot.shifts, [Shift { dx: 27, dy: -6 }]);
    assert_eq!(pixel(&shot, 40, 10), [5, 0, 0]);
    let shot = world.capture.next(&world.monitor, Extent::Changed).unwrap();
    assert_eq!(shot.shifts, [], "once");
}

#[test]
fn monitors_come_and_go_and_change_their_size() {
    let mut world = World::new("640x480x24", &[]);
    let first = world.monitor.clone();
    assert_eq!((first.width, first.height), (640, 480));
    world.whole();
    world.server.xrandr(&["--setmonitor", "left", "320/80x480/120+0+0", "screen"]);
    world.server.xrandr(&["--setmonitor", "right", "320/80x480/120+320+0", "none"]);
    let until = uptime() + LONG;
    while !world.capture.news().monitors && uptime() < until {
        world.capture.wait(&world.bell, Duration::from_millis(100)).unwrap();
    }
    let mut all = world.capture.monitors().unwrap();
    all.sort_by_key(|monitor| monitor.x);
    let places: Vec<_> = all.iter().map(|one| (one.x, one.y, one.width, one.height)).collect();
    assert_eq!(places, [(0, 0, 320, 480), (320, 0, 320, 480)]);
    world.painter.fill(0x0000_FF00, (320, 0), (10, 10));
    let shot = world.capture.next(&all[1], Extent::Whole).unwrap();
    assert_eq!(pixel(&shot, 9, 9), [0, 255, 0]);
    world.server.xrandr(&["--delmonitor", "right"]);
    let until = uptime() + LONG;
    while !world.capture.news().monitors && uptime() < until {
        world.capture.wait(&world.bell, Duration::from_millis(100)).unwrap();
    }
    assert_eq!(world.capture.monitors().unwrap().len(), 1);
}

#[test]
fn a_screen_that_has_become_smaller_has_changed_and_may_have_no_monitor() {
    let mut world = World::new("640x480x24", &[]);
    world.whole();
    world.server.shrink();
    world.painter.fill(1, (0, 0), (320, 200));
    let shrunk = world.capture.next(&world.monitor, Extent::Whole).map(|shot| shot.parts.len());
    assert_eq!(shrunk, Err(CaptureError::Changed));
    assert!(world.capture.news().monitors);
    assert_eq!(world.capture.monitors(), Err(CaptureError::NoMonitor), "it was turned off");
    world.server.xrandr(&["--setmonitor", "small", "320/80x200/50+0+0", "none"]);
    world.monitor = world.capture.monitors().unwrap().remove(0);
    assert_eq!((world.monitor.width, world.monitor.height), (320, 200));
    world.whole();
}

#[test]
fn the_pointer_is_told_when_it_moves() {
    let mut world = World::small();
    world.capture.place().unwrap();
    assert!(world.capture.shape().unwrap().is_some());
    assert!(!world.capture.news().place && !world.capture.news().shape);
    let Painter { connection, root } = world.server.painter();
    connection.warp_pointer(x11rb::NONE, root, 0, 0, 0, 0, 33, 44).unwrap();
    connection.sync().unwrap();
    world.capture.ping().unwrap();
    assert!(world.capture.news().place, "also when a program puts it elsewhere");
    assert_eq!(world.capture.place().unwrap(), Some((33, 44)));
    let moved = std::process::Command::new("xdotool")
        .env("DISPLAY", &world.server.display)
        .args(["mousemove_relative", "5", "6"])
        .status();
    assert!(moved.unwrap().success());
    let until = uptime() + LONG;
    while !world.capture.news().place && uptime() < until {
        world.capture.wait(&world.bell, Duration::from_millis(100)).unwrap();
    }
    assert!(world.capture.news().place, "an event tells");
    assert_eq!(world.capture.place().unwrap(), Some((38, 50)));
}

#[test]
fn a_server_that_is_gone_is_an_error_and_not_the_end() {
    let World { server, mut capture, bell, .. } = World::small();
    drop(server);
    assert!(matches!(capture.ping(), Err(CaptureError::System(_))));
    assert!(matches!(capture.wait(&bell, LONG), Err(CaptureError::System(_))));
}
