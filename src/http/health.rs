//! Health, for whatever starts, watches and drains the gateway.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract, response::IntoResponse, routing::get};
use http::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

/// Whether the gateway takes new requests. All clones are one.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<State>);

#[derive(Debug)]
struct State {
    welcome: AtomicBool,
    began: Instant,
    /// When somebody was turned away for the last time: milliseconds since `began`, and zero is never.
    turned_away: AtomicU64,
}

/// How long a gateway counts as overloaded that turned somebody away. Whoever sends the requests
/// looks every few seconds.
const RECOVERY: Duration = Duration::from_secs(5);

impl Readiness {
    /// Ready from the start.
    pub fn new() -> Self {
        Self(Arc::new(State {
            welcome: AtomicBool::new(true),
            began: Instant::now(),
            turned_away: AtomicU64::new(0),
        }))
    }

    /// Says from now on whether new requests are welcome. Requests that come nevertheless are served.
    pub fn set(&self, ready: bool) {
        self.0.welcome.store(ready, Ordering::Relaxed);
    }

    /// Somebody was turned away: for a while others are better sent elsewhere.
    pub(super) fn overloaded(&self) {
        self.0.turned_away.store(self.now(), Ordering::Relaxed);
    }

    /// Whether new requests are welcome.
    pub fn get(&self) -> bool {
        self.obstacle().is_none()
    }

    /// Why new requests are not welcome.
    fn obstacle(&self) -> Option<&'static str> {
        if !self.0.welcome.load(Ordering::Relaxed) {
            return Some(r#"{"status":"draining"}"#);
        }
        let turned_away = self.0.turned_away.load(Ordering::Relaxed);
        let recovered = turned_away.saturating_add(millis(RECOVERY));
        (turned_away != 0 && self.now() < recovered).then_some(r#"{"status":"overloaded"}"#)
    }

    fn now(&self) -> u64 {
        millis(self.0.began.elapsed()).max(1)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Default for Readiness {
    fn default() -> Self {
        Self::new()
    }
}

/// `/health/live`: the process answers. `/health/ready`: it also takes new requests.
///
/// Neither asks the upstreams: a gateway that is restarted because an upstream is down helps nobody.
pub fn router(readiness: Readiness) -> Router {
    Router::new()
        .route(
            "/health/live",
            get(|| async { report(StatusCode::OK, r#"{"status":"live"}"#) }),
        )
        .route("/health/ready", get(ready))
        .with_state(readiness)
}

async fn ready(extract::State(readiness): extract::State<Readiness>) -> impl IntoResponse {
    match readiness.obstacle() {
        None => report(StatusCode::OK, r#"{"status":"ready"}"#),
        Some(obstacle) => report(StatusCode::SERVICE_UNAVAILABLE, obstacle),
    }
}

fn report(status: StatusCode, body: &'static str) -> impl IntoResponse {
    (
        status,
        [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-store"),
        ],
        body,
    )
}

/// Asks `url`, over plain HTTP, whether it answers with a success. This is the check that a
/// container runs against its own gateway.
///
/// # Errors
/// There is no answer, or not a success.
pub async fn ask(url: &url::Url) -> io::Result<()> {
    let wrong = |what: &str| io::Error::other(format!("{url}: {what}"));
    let address = url.socket_addrs(|| None)?;
    let mut stream = TcpStream::connect(address.as_slice()).await?;
    let host = url.host_str().unwrap_or_default();
    let request = format!("GET {} HTTP/1.0\r\nHost: {host}\r\n\r\n", url.path());
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    let status = answer.split(|byte| *byte == b' ').nth(1);
    match status {
        Some(b"200") => Ok(()),
        Some(other) => Err(wrong(&format!("status {}", String::from_utf8_lossy(other)))),
        None => Err(wrong("no HTTP answer")),
    }
}
