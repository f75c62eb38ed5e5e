//! A proxy: a network between two programs that is slow, crowded, stuck or broken on purpose.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// What a slow network carries at once: about a packet.
const PACKET: usize = 1_400;
/// What a fast one carries at once, so that the proxy itself is not the limit.
const MANY_PACKETS: usize = 16 * 1024;
/// Bits in a second from which on many packets are carried at once.
const FAST: u64 = 20_000_000;
/// What is on its way to a program that does not read, at most.
const WINDOW: usize = 4 * 1024 * 1024;
/// What the kernel may keep of what was not read yet: else it would be a queue that nobody sees.
const KERNEL_BUFFER: u32 = 32 * 1024;
/// Timers are not finer.
const SLACK: Duration = Duration::from_millis(2);

/// One direction of a network, for all connections together. Its parts can change at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// From one end to the other.
    pub delay: Duration,
    /// Up to so much longer, by chance; nothing is overtaken.
    pub jitter: Duration,
    /// Bits in a second; none is as fast as it goes.
    pub rate: Option<u64>,
    /// Bytes that wait for their turn before the sender is held back.
    pub queue: usize,
    /// Whether nothing arrives for now; nothing is lost.
    pub stalled: bool,
}

/// A listener in front of a server.
pub struct Proxy {
    address: SocketAddr,
    orders: watch::Sender<Orders>,
    traffic: [Arc<Traffic>; 2],
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone, Copy)]
struct Orders {
    /// To the server, and back.
    ways: [Way; 2],
    /// Counts the cuts: connections of an earlier number are closed.
    cuts: u64,
    /// Where connections to the server come from.
    from: Ipv4Addr,
    /// Whether new connections are closed at once.
    is_down: bool,
}

/// What one direction carries.
#[derive(Debug, Default)]
struct Traffic {
    carried: AtomicU64,
    queued: AtomicUsize,
    freed: Notify,
}

impl Default for Way {
    fn default() -> Self {
        let (delay, jitter) = (Duration::ZERO, Duration::ZERO);
        Self { delay, jitter, rate: None, queue: 256 * 1024, stalled: false }
    }
}

impl Way {
    /// A way of half a round trip.
    #[must_use]
    pub fn of_round_trip(trip: Duration) -> Self {
        Self { delay: trip / 2, ..Self::default() }
    }

    /// The same with a rate in bits in a second.
    #[must_use]
    pub fn at(self, rate: u64) -> Self {
        Self { rate: Some(rate), ..self }
    }

    /// The same with a queue of so many bytes.
    #[must_use]
    pub fn queues(self, queue: usize) -> Self {
        Self { queue, ..self }
    }
}

impl Proxy {
    /// In front of `server`, both directions alike.
    pub fn to(server: SocketAddr, way: Way) -> Self {
        let ways = [way; 2];
        let orders = Orders { ways, cuts: 0, from: Ipv4Addr::LOCALHOST, is_down: false };
        let (orders, ordered) = watch::channel(orders);
        let traffic: [Arc<Traffic>; 2] = Default::default();
        let (tell, told) = std::sync::mpsc::channel();
        let shared = traffic.clone();
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = listen().expect("a free port");
                tell.send(listener.local_addr().expect("an address")).expect("somebody waits");
                serve(&listener, server, ordered, &shared).await;
            });
        };
        let named = std::thread::Builder::new().name("proxy".to_owned());
        let thread = Some(named.spawn(run).expect("a thread"));
        let address = told.recv().expect("the proxy listens");
        Self { address, orders, traffic, thread }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the way to the server and the way back.
    pub fn set(&self, change: impl FnOnce(&mut Way, &mut Way)) {
        self.orders.send_modify(|orders| {
            let [there, back] = &mut orders.ways;
            change(there, back);
        });
    }

    /// Changes both ways alike.
    pub fn set_both(&self, change: impl Fn(&mut Way)) {
        self.set(|there, back| {
            change(there);
            change(back);
        });
    }

    /// Breaks every connection; new ones are taken.
    pub fn cut(&self) {
        self.orders.send_modify(|orders| orders.cuts += 1);
    }

    /// Breaks every connection and closes new ones at once, until [`Self::come_up`].
    pub fn go_down(&self) {
        self.orders.send_modify(|orders| {
            orders.cuts += 1;
            orders.is_down = true;
        });
    }

    /// Takes connections again.
    pub fn come_up(&self) {
        self.orders.send_modify(|orders| orders.is_down = false);
    }

    /// Breaks every connection, and those that follow reach the server from another address: as
    /// when a laptop goes from one network to another.
    pub fn change_address(&self) {
        self.orders.send_modify(|orders| {
            let [a, b, c, d] = orders.from.octets();
            orders.from = Ipv4Addr::new(a, b, c, d.wrapping_add(1));
            orders.cuts += 1;
        });
    }

    /// Bytes carried to the server and back.
    pub fn carried(&self) -> (u64, u64) {
        let [there, back] = &self.traffic;
        (there.carried.load(Ordering::Relaxed), back.carried.load(Ordering::Relaxed))
    }

    /// Bytes that wait for their turn to the server and back.
    pub fn waiting(&self) -> (usize, usize) {
        let [there, back] = &self.traffic;
        (there.queued.load(Ordering::Relaxed), back.queued.load(Ordering::Relaxed))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let (orders, _) = watch::channel(*self.orders.borrow());
        // The thread ends when nobody can order anything any more.
        drop(std::mem::replace(&mut self.orders, orders));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the proxy panicked");
        }
    }
}

fn listen() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(128)
}

/// What waits for its turn: for whom, and what.
type Waiting = (mpsc::UnboundedSender<(Instant, Vec<u8>)>, Vec<u8>);

async fn serve(
    listener: &TcpListener,
    server: SocketAddr,
    ordered: watch::Receiver<Orders>,
    traffic: &[Arc<Traffic>; 2],
) {
    let mut narrows = Vec::new();
    for (index, traffic) in traffic.iter().enumerate() {
        let (narrow, waiting) = mpsc::unbounded_channel();
        tokio::spawn(squeeze(waiting, index, ordered.clone(), Arc::clone(traffic)));
        narrows.push(narrow);
    }
    let mut watched = ordered.clone();
    loop {
        let near = tokio::select! {
            near = listener.accept() => near,
            over = watched.changed() => match over {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let Ok((near, _)) = near else { continue };
        let orders = *ordered.borrow();
        if orders.is_down {
            continue;
        }
        let pipes = [0, 1].map(|index| Pipe {
            index,
            ordered: ordered.clone(),
            traffic: Arc::clone(&traffic[index]),
            narrow: narrows[index].clone(),
        });
        tokio::spawn(async move {
            let Ok(far) = reach(server, orders.from).await else { return };
            connect(near, far, pipes, orders.cuts).await;
        });
    }
}

async fn reach(server: SocketAddr, from: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    socket.bind((IpAddr::V4(from), 0).into())?;
    socket.connect(server).await
}

/// One direction of one connection.
struct Pipe {
    index: usize,
    ordered: watch::Receiver<Orders>,
    traffic: Arc<Traffic>,
    narrow: mpsc::UnboundedSender<Waiting>,
}

async fn connect(near: TcpStream, far: TcpStream, pipes: [Pipe; 2], cuts: u64) {
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let mut ordered = pipes[0].ordered.clone();
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let [there, back] = pipes;
    let both = async {
        tokio::join!(there.carry(near_in, far_out), back.carry(far_in, near_out));
    };
    tokio::select! {
        () = both => {}
        // Cut, or the proxy is gone.
        _ = ordered.wait_for(|orders| orders.cuts != cuts) => {}
    }
}

impl Pipe {
    /// Carries until the sender's end; what is on its way still arrives.
    async fn carry(self, from: OwnedReadHalf, to: OwnedWriteHalf) {
        let (deliver, delivered) = mpsc::unbounded_channel();
        let on_its_way = Arc::new(AtomicUsize::new(0));
        let arrived = Arc::new(Notify::new());
        let (index, ordered) = (self.index, self.ordered.clone());
        let out = hand_over((index, ordered), delivered, to, (&on_its_way, &arrived));
        let taken = self.take_in(from, deliver, (&on_its_way, &arrived));
        tokio::pin!(out, taken);
        tokio::select! {
            // Nobody is there to take more.
            () = &mut out => return,
            () = &mut taken => {}
        }
        out.await;
    }

    async fn take_in(
        mut self,
        mut from: OwnedReadHalf,
        deliver: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
        (on_its_way, arrived): (&AtomicUsize, &Notify),
    ) {
        let mut buffer = vec![0; MANY_PACKETS];
        loop {
            let index = self.index;
            let moves = self.ordered.wait_for(|orders| !orders.ways[index].stalled).await;
            let Ok(way) = moves.map(|orders| orders.ways[index]) else { return };
            if self.traffic.queued.load(Ordering::Relaxed) >= way.queue {
                // Others may be woken instead: nobody waits for long.
                tokio::select! {
                    () = self.traffic.freed.notified() => {}
                    () = sleep(SLACK) => {}
                }
                continue;
            }
            if on_its_way.load(Ordering::Relaxed) >= WINDOW {
                arrived.notified().await;
                continue;
            }
            let fast = way.rate.is_none_or(|rate| rate >= FAST);
            let most = if fast { MANY_PACKETS } else { PACKET };
            let Ok(length) = from.read(&mut buffer[..most]).await else { return };
            if length == 0 {
                return;
            }
            self.traffic.queued.fetch_add(length, Ordering::Relaxed);
            on_its_way.fetch_add(length, Ordering::Relaxed);
            if self.narrow.send((deliver.clone(), buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    }
}

/// The narrowest place of a direction: one after the other, at its rate.
async fn squeeze(
    mut waiting: mpsc::UnboundedReceiver<Waiting>,
    index: usize,
    ordered: watch::Receiver<Orders>,
    traffic: Arc<Traffic>,
) {
    let mut free = Instant::now();
    let mut chance = 0x9E37_79B9_7F4A_7C15_u64;
    while let Some((deliver, bytes)) = waiting.recv().await {
        let now = Instant::now();
        // What the timer slept too long is made up for.
        free = free.max(now.checked_sub(SLACK * 2).unwrap_or(now));
        let way = ordered.borrow().ways[index];
        if let Some(rate) = way.rate {
            let bits = bytes.len() as u64 * 8;
            free += Duration::from_micros(bits * 1_000_000 / rate.max(1));
            if free > now + SLACK {
                sleep_until(free).await;
            }
        } else {
            free = now;
        }
        traffic.queued.fetch_sub(bytes.len(), Ordering::Relaxed);
        traffic.carried.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        traffic.freed.notify_waiters();
        // An xorshift: the same chances in every run.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let jitter = way.jitter.mul_f64((chance % 1_000) as f64 / 1_000.0);
        let arrives = free.max(now) + way.delay + jitter;
        // Closed meanwhile: it is lost with its connection.
        let _ = deliver.send((arrives, bytes));
    }
}

async fn hand_over(
    (index, mut ordered): (usize, watch::Receiver<Orders>),
    mut delivered: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    (on_its_way, arrived): (&AtomicUsize, &Notify),
) {
    while let Some((arrives, bytes)) = delivered.recv().await {
        sleep_until(arrives).await;
        if ordered.wait_for(|orders| !orders.ways[index].stalled).await.is_err() {
            return;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
        on_its_way.fetch_sub(bytes.len(), Ordering::Relaxed);
        arrived.notify_one();
    }
    // Everything has arrived: so does the end.
    let _ = to.shutdown().await;
}
