//! Health, for whatever starts, watches and drains the gateway.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::{
    StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Whether the gateway takes new requests. All clones are one.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Ready from the start.
    pub fn new() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// Says from now on whether new requests are welcome. Requests that come nevertheless are served.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }

    /// Whether new requests are welcome.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
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

async fn ready(State(readiness): State<Readiness>) -> impl IntoResponse {
    if readiness.get() {
        report(StatusCode::OK, r#"{"status":"ready"}"#)
    } else {
        report(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"draining"}"#)
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
