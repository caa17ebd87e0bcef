//! A TCP proxy in front of the database that breaks connections as networks do.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use latchkey_store::ConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::JoinHandle,
};

/// A request with this text is forwarded, but its answer is lost with the connection.
pub const LOSE_ANSWER: &str = "lose the answer";

#[derive(Debug, Clone, Copy, Default)]
struct Path {
    /// Connections up to this number are silent: open, and nothing arrives.
    silent: u64,
    /// Connections up to this number are cut.
    cut: u64,
}

pub struct Proxy {
    port: u16,
    path: watch::Sender<Path>,
    connections: Arc<AtomicU64>,
    open: watch::Sender<usize>,
    requests: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

/// Where the database listens.
#[derive(Clone)]
enum Database {
    Socket(PathBuf),
    Address(String, u16),
}

impl Database {
    async fn connect(
        &self,
    ) -> (
        Box<dyn AsyncRead + Send + Unpin>,
        Box<dyn AsyncWrite + Send + Unpin>,
    ) {
        match self {
            Self::Socket(path) => {
                let (from, to) = UnixStream::connect(path)
                    .await
                    .expect("a socket")
                    .into_split();
                (Box::new(from), Box::new(to))
            }
            Self::Address(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port));
                let (from, to) = stream.await.expect("a server").into_split();
                (Box::new(from), Box::new(to))
            }
        }
    }
}

impl Proxy {
    pub async fn before(options: &ConnectOptions) -> Self {
        let port = options.get_port();
        let database = match options.get_socket() {
            Some(folder) => Database::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            None if options.get_host().starts_with('/') => {
                let folder = PathBuf::from(options.get_host());
                Database::Socket(folder.join(format!(".s.PGSQL.{port}")))
            }
            None => Database::Address(options.get_host().to_owned(), port),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (path, seen) = watch::channel(Path::default());
        let connections = Arc::new(AtomicU64::new(0));
        let accepted = Arc::clone(&connections);
        let (open, _) = watch::channel(0);
        let opened = open.clone();
        let requests = Arc::new(AtomicU64::new(0));
        let sent = Arc::clone(&requests);
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("a client");
                let number = accepted.fetch_add(1, Ordering::SeqCst) + 1;
                let (database, sent) = (database.clone(), Arc::clone(&sent));
                let (seen, opened) = (seen.clone(), opened.clone());
                opened.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    Box::pin(forward(client, database, number, seen, sent)).await;
                    opened.send_modify(|open| *open -= 1);
                });
            }
        });
        Self {
            port,
            path,
            connections,
            open,
            requests,
            accepting,
        }
    }

    /// The way to this database through the proxy.
    pub fn options(&self, options: &ConnectOptions) -> ConnectOptions {
        let database = options.get_database().expect("a name");
        ConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(self.port)
            .username(options.get_username())
            .database(database)
            .ssl_mode(sqlx::postgres::PgSslMode::Disable)
    }

    /// The connections until now.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until no connection is open.
    pub async fn all_closed(&self) {
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open == 0).await.expect("the proxy");
    }

    /// How often the program has sent something until now.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// All connections until now fall silent, without a reset.
    pub fn silence(&self) {
        let silent = self.connections();
        self.path.send_modify(|path| path.silent = silent);
    }

    /// Every connection is silent, and so will be those to come.
    pub fn silence_all(&self) {
        self.path.send_modify(|path| path.silent = u64::MAX);
    }

    /// All connections until now are cut.
    pub fn cut(&self) {
        let cut = self.connections();
        self.path.send_modify(|path| path.cut = cut);
    }

    /// All is well again for connections to come.
    pub fn restore(&self) {
        self.silence();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn forward(
    mut client: TcpStream,
    database: Database,
    number: u64,
    mut path: watch::Receiver<Path>,
    requests: Arc<AtomicU64>,
) {
    let (mut from_database, mut to_database) = database.connect().await;
    let (mut request, mut answer) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        let now = *path.borrow_and_update();
        if number <= now.cut {
            return;
        }
        let is_silent = number <= now.silent;
        tokio::select! {
            changed = path.changed() => if changed.is_err() { return },
            read = client.read(&mut request) => {
                let Ok(read @ 1..) = read else { return };
                requests.fetch_add(1, Ordering::SeqCst);
                if is_silent {
                    continue;
                }
                let sent = &request[..read];
                to_database.write_all(sent).await.ok();
                if contains(sent, LOSE_ANSWER.as_bytes()) {
                    from_database.read_u8().await.ok();
                    return;
                }
            }
            read = from_database.read(&mut answer), if !is_silent => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&answer[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|part| part == text)
}
