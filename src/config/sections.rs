//! The sections of the gateway itself; those of the upstreams have a file of their own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::notation::{OptionalText, Text, WebOrigin};

/// The port for operators: metrics and health.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// Address of the admin port.
    #[serde(with = "Text::<SocketAddr>")]
    pub listen: SocketAddr,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            listen: loopback(9090),
        }
    }
}

/// What the gateway grants its clients, and itself to serve them.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Time for one request, upstream calls included.
    #[serde(with = "Text::<Duration>")]
    pub request_timeout: Duration,
    /// Largest request body.
    #[serde(with = "Text::<usize>")]
    pub body_limit: usize,
    /// Time for the body of a request to arrive.
    #[serde(with = "Text::<Duration>")]
    pub body_timeout: Duration,
    /// Most requests that are worked on at once; as many again wait for their turn.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_requests: usize,
    /// Time that a request waits for its turn; then it is refused, with 503.
    #[serde(with = "Text::<Duration>")]
    pub queue_timeout: Duration,
    /// Time for the head of a request, and for a TLS handshake.
    #[serde(with = "Text::<Duration>")]
    pub header_timeout: Duration,
    /// Largest head of a request, with its address; at least 8 KiB.
    #[serde(with = "Text::<usize>")]
    pub header_limit: usize,
    /// Time that a connection stays open without a request.
    #[serde(with = "Text::<Duration>")]
    pub idle_timeout: Duration,
    /// Time that a client may go without taking anything of its answer.
    #[serde(with = "Text::<Duration>")]
    pub write_timeout: Duration,
    /// Most connections at once on each port; more of them wait.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: usize,
    /// Most requests at once on one HTTP/2 connection.
    #[schemars(range(min = 1, max = 10_000))]
    pub max_streams: u32,
    /// Time for requests in flight after the signal to stop.
    #[serde(with = "Text::<Duration>")]
    pub drain_timeout: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(30),
            body_limit: 1024 * 1024,
            body_timeout: Duration::from_secs(20),
            max_requests: 1000,
            queue_timeout: Duration::from_secs(1),
            header_timeout: Duration::from_secs(10),
            header_limit: 64 * 1024,
            // Longer than the minute that proxies keep theirs, so that they end them first.
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            max_connections: 10_000,
            max_streams: 128,
            drain_timeout: Duration::from_secs(10),
        }
    }
}

/// TLS on the main port. Without it the port speaks plain HTTP, for a proxy in front.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// File with the certificate and those that vouch for it, the gateway's own first, in PEM form.
    #[serde(
        with = "OptionalText::<PathBuf>",
        skip_serializing_if = "Option::is_none"
    )]
    pub certificate: Option<PathBuf>,
    /// File with the key of the certificate, in PEM form.
    #[serde(
        with = "OptionalText::<PathBuf>",
        skip_serializing_if = "Option::is_none"
    )]
    pub key: Option<PathBuf>,
}

/// Answers in fewer bytes, for clients that can read zstd, br or gzip.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compression {
    /// Whether answers are compressed; a proxy in front may do it as well.
    pub enabled: bool,
    /// Smallest answer that is compressed.
    #[serde(with = "Text::<usize>")]
    pub min_size: usize,
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            enabled: true,
            min_size: 1024,
        }
    }
}

/// Which pages of other sites may ask and read answers. The gateway's own page may anyway.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// The sites, exactly as browsers name them, such as "https://app.example.com".
    pub origins: Vec<WebOrigin>,
}

/// How much one caller may ask for, in points: a request costs one for each upstream call that it is
/// predicted to cause, and one at least. Whoever sends credentials is limited by them and the tenant,
/// everybody else by address.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// Points that come back each second; 0 switches the limit off.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub per_second: u32,
    /// Points that can be saved up. A request that costs more than all of them costs all.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub burst: u32,
    /// One credential may spend as much as so many callers, in whatever tenants it says.
    #[schemars(range(min = 1, max = 1000))]
    pub tenants: u32,
    /// One address may spend as much as so many callers, whatever credentials it sends; 0 for no such
    /// limit, behind a proxy.
    #[schemars(range(min = 0, max = 1000))]
    pub callers_per_address: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            per_second: 0,
            burst: 2000,
            tenants: 10,
            callers_per_address: 0,
        }
    }
}

/// The page for trying queries at `/graphiql`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Graphiql {
    /// Whether the page is served.
    pub enabled: bool,
}

impl Default for Graphiql {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Whether the schema can be asked about itself. GraphiQL needs it.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Introspection {
    /// Whether `__schema` and `__type` answer.
    pub enabled: bool,
}

impl Default for Introspection {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Whole answers, kept for the caller who got them while all that they were made from is fresh.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// Memory for whole answers; "0" keeps none.
    #[serde(with = "Text::<usize>")]
    pub max_bytes: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            max_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Links between records of different upstreams. They hold only where the operator keeps the keys
/// of one system in the other, so they are off until somebody says so.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// The spots of Trans.eu routes carry ids of CRO yards as their foreign id.
    pub route_spot_location: bool,
    /// The account numbers of Crux connections are reference numbers of CRO customers.
    pub trading_connection_customer: bool,
}

/// The log, written to standard error.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// How a line looks: for people or for machines.
    pub format: LogFormat,
    /// The least important lines that are still written.
    pub level: LogLevel,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        })
    }
}

pub(super) const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}
