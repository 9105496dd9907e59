//! The sections of the gateway itself; those of the upstreams have a file of their own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::notation::Text;

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

/// What the gateway grants one request of a caller.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Time for one request, upstream calls included.
    #[serde(with = "Text::<Duration>")]
    pub request_timeout: Duration,
    /// Largest request body.
    #[serde(with = "Text::<usize>")]
    pub body_limit: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(30),
            body_limit: 1024 * 1024,
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

/// Documents that callers send again and again.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Documents {
    /// Memory for documents that are ready for execution: parsed, validated and within the limits.
    /// "0" prepares each anew.
    #[serde(with = "Text::<usize>")]
    pub max_bytes: usize,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            max_bytes: 8 * 1024 * 1024,
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

/// Bounds for what a caller may ask and get.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Most errors in one response; the rest is counted, not listed.
    #[schemars(range(min = 1, max = 1000))]
    pub errors: usize,
    /// Deepest nesting of a query's fields; introspection is exempt.
    #[schemars(range(min = 1, max = 100))]
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            errors: 50,
            depth: 15,
        }
    }
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
