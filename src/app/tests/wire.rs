//! A server on a socket, and clients that speak to it byte by byte.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::Router;
use latchkey::http::{Deadlines, Limits, serve};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// The time after which a test has failed: what it waits for does not happen.
const NEVER: Duration = Duration::from_secs(20);

/// Waits for what a test expects to happen.
pub async fn expect<T>(what: &str, event: impl Future<Output = T>) -> T {
    timeout(NEVER, event)
        .await
        .unwrap_or_else(|_| panic!("it does not happen: {what}"))
}

/// Deadlines of which one can await the end.
pub const SHORT: Deadlines = Deadlines {
    first_byte: Duration::from_millis(300),
    head: Duration::from_millis(300),
    body: Duration::from_millis(300),
    whole_body: Duration::from_millis(900),
    answer: Duration::from_millis(300),
    min_rate: 1024 * 1024,
    idle: Duration::from_millis(1500),
    stalled_at_stop: Duration::from_millis(200),
    stop: Duration::from_mins(1),
};

/// The time between two bytes of a client that is slow.
pub const PACE: Duration = Duration::from_millis(20);

/// Deadlines that do not pass in a test.
pub const LONG: Deadlines = Deadlines {
    first_byte: Duration::from_mins(5),
    head: Duration::from_mins(5),
    body: Duration::from_mins(5),
    whole_body: Duration::from_mins(5),
    answer: Duration::from_mins(5),
    min_rate: 1,
    idle: Duration::from_mins(5),
    stalled_at_stop: Duration::from_millis(200),
    stop: Duration::from_mins(1),
};

pub fn within(deadlines: Deadlines) -> Limits {
    Limits {
        deadlines,
        ..Limits::default()
    }
}

pub struct Server {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(serve(listener, router, limits, async {
            stopped.await.ok();
        }));
        Self {
            address,
            stop,
            running,
        }
    }

    pub async fn connect(&self) -> Client {
        self.connect_from(Ipv4Addr::LOCALHOST).await
    }

    /// Connects from another address of this machine.
    pub async fn connect_from(&self, from: Ipv4Addr) -> Client {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind((from, 0).into())
            .expect("an address of this machine");
        Client(socket.connect(self.address).await.expect("a connection"))
    }

    /// Sends bytes on a connection of their own.
    pub async fn send(&self, bytes: impl AsRef<[u8]>) -> Client {
        let mut client = self.connect().await;
        client.send(bytes).await;
        client
    }

    /// What is answered to each of these clients before the server closes its connection. They come
    /// at once.
    pub async fn answers(&self, starts: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
        let mut clients = JoinSet::new();
        for start in starts {
            let mut client = self.send(&start).await;
            clients.spawn(async move { (start, client.rest().await) });
        }
        clients.join_all().await
    }

    /// The same for clients that go on sending these bytes slowly after their start.
    pub async fn trickle(
        &self,
        clients: impl IntoIterator<Item = (String, &'static str)>,
    ) -> Vec<(String, String)> {
        let mut trickling = JoinSet::new();
        for (start, then) in clients {
            let mut client = self.send(&start).await;
            trickling.spawn(async move { (start, client.trickle(then.as_bytes()).await) });
        }
        trickling.join_all().await
    }

    /// Tells the server to stop; it has stopped when the result completes.
    pub fn stop(self) -> impl Future<Output = ()> {
        self.stop.send(()).ok();
        async move {
            self.running
                .await
                .expect("no panic")
                .expect("a listener that works");
        }
    }
}

pub struct Client(pub TcpStream);

impl Client {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // The server may have closed the connection.
        self.0.write_all(bytes.as_ref()).await.ok();
    }

    /// Everything until the server closes the connection.
    pub async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        expect("the connection is closed", async {
            // A reset is an end too.
            self.0.read_to_end(&mut bytes).await.ok();
        })
        .await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Everything until an answer with this end has come.
    pub async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        expect(end, async {
            let mut buffer = [0; 4096];
            while !text.contains(end) {
                let read = self.0.read(&mut buffer).await.expect("bytes");
                assert!(read > 0, "closed after {text}");
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        })
        .await;
        text
    }

    /// Sends the bytes one at a time until the server closes the connection; returns what it sent.
    pub async fn trickle(&mut self, bytes: &[u8]) -> String {
        let (mut reader, mut writer) = self.0.split();
        let mut received = Vec::new();
        let trickle = async {
            for byte in bytes.iter().cycle() {
                if writer.write_all(&[*byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(PACE).await;
            }
            std::future::pending::<()>().await;
        };
        expect("the connection is closed", async {
            tokio::select! {
                _ = reader.read_to_end(&mut received) => {}
                () = trickle => {}
            }
        })
        .await;
        String::from_utf8_lossy(&received).into_owned()
    }
}
