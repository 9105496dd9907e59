//! An open port with the small schema behind it, and clients that speak to it byte by byte.

use std::time::Duration;

use haulgraph::http::{
    Site,
    listener::{Port, Settings, Times, tls::Tls},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

/// Longer than any test waits for something that must not come.
const LONG: Duration = Duration::from_secs(60);

/// Grants everything for long.
pub fn generous() -> Settings {
    Settings {
        name: "test",
        times: Times {
            head: LONG,
            idle: LONG,
            write: LONG,
            request: LONG,
        },
        max_connections: 100,
        max_streams: 100,
        head_limit: 16 * 1024,
    }
}

/// A port that is served until it is told to stop.
pub struct Served {
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    service: JoinHandle<()>,
}

impl Served {
    pub async fn new(site: impl Into<Site>, settings: Settings, tls: Option<Tls>) -> Self {
        let address = "127.0.0.1:0".parse().unwrap();
        let port = Port::open(address, settings, tls).await.unwrap();
        let url = port.url().unwrap();
        let (stop, stopped) = oneshot::channel();
        let service = tokio::spawn(port.serve(site.into(), async {
            let _ = stopped.await;
        }));
        Self {
            url,
            stop: Some(stop),
            service,
        }
    }

    pub async fn connect(&self) -> Client {
        let (_, address) = self.url.split_once("://").unwrap();
        Client(TcpStream::connect(address).await.unwrap())
    }

    /// Tells it to stop.
    pub fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until the last answer is sent.
    pub async fn ended(self) {
        self.service.await.unwrap();
    }
}

/// A client that may be as odd as it likes.
pub struct Client(pub TcpStream);

impl Client {
    pub async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Sends a query in one piece.
    pub async fn query(&mut self, document: &str) {
        let body = serde_json::json!({ "query": document }).to_string();
        let length = body.len();
        self.say(&format!(
            "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
        .await;
    }

    /// Reads one answer; its length must be known.
    pub async fn answer(&mut self) -> String {
        let mut text = String::new();
        loop {
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .unwrap()
                    .parse()
                    .unwrap();
                if body.len() >= length {
                    return text;
                }
            }
            let mut bytes = [0; 1024];
            let count = self.0.read(&mut bytes).await.unwrap();
            assert_ne!(count, 0, "the connection ended after {text:?}");
            text.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
    }

    /// Waits until the gateway ends the connection, whatever comes before.
    pub async fn ended(&mut self) {
        let mut bytes = [0; 1024];
        // A connection that is ended with bytes unread is reset.
        while matches!(self.0.read(&mut bytes).await, Ok(1..)) {}
    }

    /// Everything until the gateway ends the connection.
    pub async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        // A connection that is cut off with bytes unread is reset.
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
