//! The proxy does what it is told: measured from both of its ends.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use beckon_tests::bench::now;
use beckon_tests::clock::{PATIENCE, within};
use beckon_tests::proxy::{Proxy, Way};

const MS: Duration = Duration::from_millis(1);

/// A server that gives back what comes, and tells from where each connection came.
fn echo() -> (std::net::SocketAddr, mpsc::Receiver<IpAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if tell.send(stream.peer_addr().unwrap().ip()).is_err() {
                return;
            }
            std::thread::spawn(move || {
                let mut out = stream.try_clone().unwrap();
                let _ = std::io::copy(&mut &stream, &mut out);
            });
        }
    });
    (address, told)
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a few bytes and waits until they are back.
fn trip(stream: &mut TcpStream) -> Duration {
    let begun: Instant = now();
    stream.write_all(b"0123456789").unwrap();
    let mut back = [0; 10];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"0123456789");
    begun.elapsed()
}

#[test]
fn bytes_take_the_time_of_both_ways_and_no_longer() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server, Way::of_round_trip(80 * MS));
    let mut stream = connect(&proxy);
    let least = (0..5).map(|_| trip(&mut stream)).min().unwrap();
    assert!((80 * MS..110 * MS).contains(&least), "{least:?}");
    proxy.set(|there, back| (there.delay, back.delay) = (200 * MS, Duration::ZERO));
    let least = (0..3).map(|_| trip(&mut stream)).min().unwrap();
    assert!((200 * MS..230 * MS).contains(&least), "{least:?}");
    proxy.set_both(|way| *way = Way { jitter: 50 * MS, ..Way::default() });
    let trips: Vec<_> = (0..20).map(|_| trip(&mut stream)).collect();
    let (least, most) = (trips.iter().min().unwrap(), trips.iter().max().unwrap());
    assert!(*most > *least + 20 * MS, "it does not jitter: {least:?} to {most:?}");
}

#[test]
fn a_rate_is_shared_by_all_connections_and_kept() {
    const SIZE: usize = 50_000;
    let (server, _told) = echo();
    // Back it goes as fast as it can.
    let proxy = Proxy::to(server, Way::default());
    proxy.set(|there, _| there.rate = Some(1_000_000));
    let begun = now();
    let both: Vec<_> = [connect(&proxy), connect(&proxy)]
        .into_iter()
        .map(|mut stream| {
            std::thread::spawn(move || {
                stream.write_all(&vec![7; SIZE]).unwrap();
                let mut back = vec![0; SIZE];
                stream.read_exact(&mut back).unwrap();
                assert_eq!(back, vec![7; SIZE]);
            })
        })
        .collect();
    for one in both {
        one.join().unwrap();
    }
    // 100,000 bytes at a million bits in a second.
    let took = begun.elapsed();
    assert!((780 * MS..1_200 * MS).contains(&took), "{took:?}");
    assert_eq!(proxy.carried(), (2 * SIZE as u64, 2 * SIZE as u64));
}

#[test]
fn a_fast_network_is_as_fast_as_it_says() {
    const SIZE: usize = 5_000_000;
    let (server, _told) = echo();
    let proxy = Proxy::to(server, Way::of_round_trip(20 * MS).at(100_000_000).queues(1 << 20));
    let mut stream = connect(&proxy);
    let mut reader = stream.try_clone().unwrap();
    let begun = now();
    let reads = std::thread::spawn(move || reader.read_exact(&mut vec![0; SIZE]).unwrap());
    stream.write_all(&vec![7; SIZE]).unwrap();
    reads.join().unwrap();
    let rate = (SIZE * 8) as f64 / begun.elapsed().as_secs_f64() / 1e6;
    assert!((50.0..101.0).contains(&rate), "{rate} Mbit/s");
}

#[test]
fn a_queue_fills_and_then_holds_the_sender_back() {
    let (server, _told) = echo();
    let way = Way::default().at(80_000).queues(20_000);
    let proxy = Proxy::to(server, way);
    let mut stream = connect(&proxy);
    stream.set_write_timeout(Some(300 * MS)).unwrap();
    // More than the kernel keeps on both sides of the socket.
    let held_back = stream.write_all(&vec![7; 16 << 20]).is_err();
    assert!(held_back, "16 MB disappeared in a network that carries 10 KB in a second");
    let (waiting, _) = proxy.waiting();
    assert!((10_000..22_000).contains(&waiting), "{waiting}");
    // What follows waits as long as the queue is: a crowded network.
    proxy.set_both(|way| way.rate = None);
    assert!(within(PATIENCE, || (proxy.waiting() == (0, 0)).then_some(())).is_some());
}

#[test]
fn a_stall_holds_everything_and_loses_nothing() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server, Way::default());
    let mut stream = connect(&proxy);
    trip(&mut stream);
    proxy.set(|_, back| back.stalled = true);
    stream.write_all(b"held").unwrap();
    stream.set_read_timeout(Some(300 * MS)).unwrap();
    let mut back = [0; 4];
    assert!(stream.read_exact(&mut back).is_err(), "nothing arrives");
    proxy.set(|_, back| back.stalled = false);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"held");
}

#[test]
fn a_cut_ends_both_sides_and_the_next_connection_may_come_from_elsewhere() {
    let (server, told) = echo();
    let proxy = Proxy::to(server, Way::default());
    let mut stream = connect(&proxy);
    trip(&mut stream);
    let before = told.recv().unwrap();
    proxy.change_address();
    assert!(matches!(stream.read(&mut [0; 8]), Ok(0) | Err(_)), "it is cut");
    let mut again = connect(&proxy);
    trip(&mut again);
    assert_ne!(told.recv().unwrap(), before);
    proxy.go_down();
    assert!(matches!(again.read(&mut [0; 8]), Ok(0) | Err(_)), "it is cut");
    assert!(matches!(connect(&proxy).read(&mut [0; 8]), Ok(0) | Err(_)), "it is down");
    proxy.come_up();
    trip(&mut connect(&proxy));
}

#[test]
fn the_end_of_one_side_arrives_after_what_was_said_before() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server, Way::of_round_trip(100 * MS));
    let mut stream = connect(&proxy);
    stream.write_all(b"the last words").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut words = String::new();
    stream.read_to_string(&mut words).unwrap();
    assert_eq!(words, "the last words");
}
