//! A client of HTTP/2 without a library, which would not misbehave.

use std::collections::HashMap;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub struct Settings {
    pub initial_window: u16,
}

pub const SETTINGS: Settings = Settings { initial_window: 4 };

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RESET: u8 = 3;
const SETTINGS_FRAME: u8 = 4;
const PING: u8 = 6;
pub const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

pub struct Http2 {
    stream: TcpStream,
    /// What the server lets the client send on the connection.
    pub window: i64,
    /// The same for a stream.
    pub stream_windows: HashMap<u32, i64>,
    /// The number of streams that the server lets the client have.
    pub max_streams: u32,
    /// The number of bytes that it lets the client send on a new stream.
    pub initial_window: u32,
    /// Streams that the server has refused or ended.
    pub ended: Vec<u32>,
}

impl Http2 {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            window: 65_535,
            stream_windows: HashMap::new(),
            max_streams: 100,
            initial_window: 65_535,
            ended: Vec::new(),
        }
    }

    /// Sends the preface.
    pub async fn send_settings(&mut self, settings: &[(u16, u32)]) {
        let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        self.stream.write_all(preface).await.expect("a connection");
        let payload: Vec<u8> = settings
            .iter()
            .flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat())
            .collect();
        assert!(self.frame(SETTINGS_FRAME, 0, 0, &payload).await);
    }

    /// Sends a frame, unless the server has closed the connection.
    pub async fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let frame = encode(kind, flags, stream, payload);
        self.stream.write_all(&frame).await.is_ok()
    }

    pub async fn get(&mut self, stream: u32, path: &str) -> bool {
        let head = head(0x82, path);
        self.frame(HEADERS, END_STREAM | END_HEADERS, stream, &head)
            .await
    }

    /// Begins and cancels requests, in one write.
    pub async fn cancelled_gets(&mut self, streams: impl Iterator<Item = u32>, path: &str) {
        let head = head(0x82, path);
        let frames: Vec<u8> = streams
            .flat_map(|stream| {
                let begin = encode(HEADERS, END_STREAM | END_HEADERS, stream, &head);
                [begin, encode(RESET, 0, stream, &[0, 0, 0, 8])].concat()
            })
            .collect();
        self.stream.write_all(&frames).await.ok();
    }

    /// Begins a request whose body follows.
    pub async fn post(&mut self, stream: u32, path: &str) -> bool {
        let head = head(0x83, path);
        self.frame(HEADERS, END_HEADERS, stream, &head).await
    }

    /// Sends a part of a body, as far as the windows allow; returns how much.
    pub async fn part(&mut self, stream: u32, most: usize) -> usize {
        let of_stream = self.stream_windows.entry(stream).or_insert(65_535);
        let allowed = usize::try_from(self.window.min(*of_stream)).unwrap_or(0);
        let length = most.min(allowed).min(16 * 1024);
        if length == 0 {
            return 0;
        }
        let sent = i64::try_from(length).expect("small");
        *of_stream -= sent;
        self.window -= sent;
        self.frame(DATA, 0, stream, &vec![b'x'; length]).await;
        length
    }

    /// Reads a frame and notes what it allows. `None` at the end of the connection.
    pub async fn read(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).await.ok()?;
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
        };
        let length = usize::try_from(number(&head[..3])).ok()?;
        let (kind, flags, stream) = (head[3], head[4], number(&head[5..]) & 0x7fff_ffff);
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.ok()?;
        match kind {
            WINDOW_UPDATE if stream == 0 => self.window += i64::from(number(&payload)),
            WINDOW_UPDATE => {
                *self.stream_windows.entry(stream).or_insert(65_535) += i64::from(number(&payload));
            }
            SETTINGS_FRAME if flags == 0 => {
                for setting in payload.chunks_exact(6) {
                    match number(&setting[..2]) {
                        3 => self.max_streams = number(&setting[2..]),
                        4 => self.initial_window = number(&setting[2..]),
                        _ => {}
                    }
                }
                self.frame(SETTINGS_FRAME, 1, 0, &[]).await;
            }
            PING if flags == 0 => {
                self.frame(PING, 1, 0, &payload).await;
            }
            RESET => self.ended.push(stream),
            HEADERS | DATA if flags & END_STREAM != 0 => self.ended.push(stream),
            _ => {}
        }
        Some((kind, stream, payload))
    }
}

fn encode(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame");
    let mut frame = length.to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A header block without compression: the method by its index, scheme `http`, the path, the
/// authority `a`, a form's content type.
fn head(method: u8, path: &str) -> Vec<u8> {
    let mut block = vec![method, 0x86];
    for (name, value) in [
        (&[0x04][..], path),
        (&[0x01], "a"),
        (&[0x0f, 0x10], "application/x-www-form-urlencoded"),
        (&[0x00, 6, b'o', b'r', b'i', b'g', b'i', b'n'], "http://a"),
    ] {
        block.extend(name);
        block.push(u8::try_from(value.len()).expect("a short value"));
        block.extend(value.bytes());
    }
    block
}
