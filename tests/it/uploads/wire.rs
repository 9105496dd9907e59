//! A client that sends a form piece by piece, and an upstream that takes it piece by piece.

use std::time::Duration;

use haulgraph::{config::Config, http::Readiness};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::timeout,
};

use crate::{
    edge::port::{Client, Served, generous},
    harness::{Caller, World},
};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);
/// Longer than a piece takes that somebody takes.
pub const STUCK: Duration = Duration::from_millis(300);
/// The size of a piece.
pub const PIECE: usize = 64 * 1024;

/// A gateway on a port, before an upstream that a test plays itself.
pub struct Scene {
    pub crux: Crux,
    pub served: Served,
    _world: World,
}

impl Scene {
    pub async fn new(change: impl FnOnce(&mut Config)) -> Self {
        let crux = Crux::open();
        let world = World::with(|config| {
            config.crux.base_url = Some(crux.url.parse().unwrap());
            config.crux.upload_limit = 1 << 30;
            config.crux.concurrency = 4;
            change(config);
        })
        .await;
        let router = world.gateway.router(&world.config, Readiness::new());
        Self {
            crux,
            served: Served::new(router.unwrap(), generous(), None).await,
            _world: world,
        }
    }

    pub async fn connect(&self) -> Sender {
        Sender {
            client: self.served.connect().await,
            caller: Caller::dispatcher(),
            unsent: Vec::new(),
        }
    }

    /// Begins a request: its operation, and what its files stand for.
    pub async fn ask(&self, query: &str, variables: Value, map: Value) -> Sender {
        let mut sender = self.connect().await;
        sender.ask(query, variables, map).await;
        sender
    }
}

/// Somebody who sends a form as slowly as a test wants.
pub struct Sender {
    pub client: Client,
    pub caller: Caller,
    /// What is left of a piece that was begun.
    unsent: Vec<u8>,
}

impl Sender {
    pub async fn ask(&mut self, query: &str, variables: Value, map: Value) {
        let head = "POST /graphql HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\
            Content-Type: multipart/form-data; boundary=edge\r\nApollo-Require-Preflight: true\r\n";
        let caller = self.caller.headers().iter();
        let caller = caller.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
        let caller: String = caller.collect();
        self.client.say(&format!("{head}{caller}\r\n")).await;
        let operations = json!({ "query": query, "variables": variables });
        self.text("operations", &operations).await;
        self.text("map", &map).await;
    }

    async fn text(&mut self, name: &str, content: &Value) {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        self.piece(&format!("--edge\r\n{head}\r\n\r\n{content}\r\n"))
            .await;
    }

    /// Begins a file.
    pub async fn file(&mut self, part: &str) {
        self.file_of(part, "").await;
    }

    /// Begins a file whose part has these headers besides.
    pub async fn file_of(&mut self, part: &str, headers: &str) {
        let head = format!(
            "Content-Disposition: form-data; name=\"{part}\"; filename=\"{part}.csv\"\r\n\
             Content-Type: text/csv\r\n{headers}"
        );
        self.piece(&format!("--edge\r\n{head}\r\n")).await;
    }

    /// Sends a piece of the body.
    pub async fn piece(&mut self, text: &str) {
        self.client.say(&chunk(text)).await;
    }

    /// Sends this many bytes, or fewer where they are not taken for longer than `STUCK`; how many.
    pub async fn push(&mut self, most: usize) -> usize {
        let piece = chunk(&"x".repeat(PIECE));
        let mut sent = 0;
        while sent < most {
            self.unsent = piece.clone().into_bytes();
            while !self.unsent.is_empty() {
                match timeout(STUCK, self.client.0.write(&self.unsent)).await {
                    Ok(count) => drop(self.unsent.drain(..count.unwrap())),
                    Err(_) => return sent,
                }
            }
            sent += PIECE;
        }
        sent
    }

    /// Ends a file, and what it is in.
    pub async fn end(&mut self) {
        self.client.0.write_all(&self.unsent).await.unwrap();
        self.piece("\r\n--edge--\r\n").await;
        self.client.say("0\r\n\r\n").await;
    }

    /// The status and the body of the answer.
    pub async fn answer(&mut self) -> (u16, Value) {
        let text = timeout(LONG, self.client.answer()).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The upstream.
pub struct Crux {
    url: String,
    listener: TcpListener,
}

impl Crux {
    fn open() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // A small buffer, so that what the gateway holds back cannot hide in it.
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(16).unwrap();
        Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            listener,
        }
    }

    /// Waits for a call; each comes on a connection of its own.
    pub async fn accept(&self) -> Call {
        let accepted = timeout(LONG, self.listener.accept()).await;
        let (stream, _) = accepted.expect("a call comes").unwrap();
        let mut call = Call {
            stream,
            seen: String::new(),
            read: 0,
        };
        call.until("\r\n\r\n").await;
        assert!(
            call.seen
                .starts_with("POST /organizations/files/upload/ HTTP/1.1\r\n"),
            "{}",
            call.seen
        );
        call
    }

    /// Whether nobody called.
    pub async fn is_left_alone(&self) -> bool {
        futures_util::FutureExt::now_or_never(self.listener.accept()).is_none()
    }
}

/// A call as it arrives.
pub struct Call {
    stream: TcpStream,
    /// All of it so far.
    pub seen: String,
    /// How much of that was looked at.
    read: usize,
}

impl Call {
    /// Reads on until this has come.
    pub async fn until(&mut self, text: &str) {
        loop {
            if let Some(at) = self.seen[self.read..].find(text) {
                self.read += at + text.len();
                return;
            }
            assert!(self.read().await, "no {text:?} in {}", self.seen);
        }
    }

    /// Reads on until the caller has said everything, or goes away; whether it has.
    pub async fn is_whole(&mut self) -> bool {
        let (_, boundary) = self.seen.split_once("boundary=").unwrap();
        let boundary = boundary.split("\r\n").next().unwrap();
        let is_chunked = self.seen.contains("transfer-encoding: chunked\r\n");
        let end = if is_chunked { "\r\n0\r\n\r\n" } else { "" };
        let end = format!("--{boundary}--\r\n{end}");
        while !self.seen.ends_with(&end) {
            if !self.read().await {
                return false;
            }
        }
        true
    }

    async fn read(&mut self) -> bool {
        let mut bytes = vec![0; 256 * 1024];
        let read = timeout(LONG, self.stream.read(&mut bytes)).await;
        // A connection that is broken off may be reset.
        let count = read.expect("something comes").unwrap_or(0);
        self.seen
            .push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        count > 0
    }

    /// Answers, whatever has come.
    pub async fn answer(&mut self, status: u16, body: Value) {
        let body = body.to_string();
        let answer = format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(answer.as_bytes()).await.unwrap();
    }

    /// Says that it has the file.
    pub async fn accept(&mut self) {
        assert!(self.is_whole().await, "the file broke off");
        let uuid = "00000000-0000-4000-8000-000000000001";
        self.answer(201, json!({ "uuid": uuid })).await;
    }
}
