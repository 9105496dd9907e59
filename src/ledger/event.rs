//! What happens while an operation is answered.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::trace::SpanId;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A call of its own.
    Network,
    /// The call of somebody else in the same scope, which was on its way.
    Shared,
    /// The memory of this gateway.
    Memory,
    /// The memory that several gateways share.
    Redis,
    /// Memory, although no longer fresh.
    Stale,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Network,
        Self::Shared,
        Self::Memory,
        Self::Redis,
        Self::Stale,
    ];

    /// The name in metrics and explanations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Shared => "shared",
            Self::Memory => "memory",
            Self::Redis => "redis",
            Self::Stale => "stale",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum Event {
    /// A call to an upstream.
    Call(CallEvent),
    /// Keys of a resource were read.
    #[serde(rename_all = "camelCase")]
    Read {
        /// When the read began, since the operation began.
        #[serde(rename = "startMs", serialize_with = "milliseconds")]
        start: Duration,
        /// How long it took.
        #[serde(rename = "ms", serialize_with = "milliseconds")]
        took: Duration,
        /// Name of the resource.
        resource: &'static str,
        /// Where the answers came from.
        source: Source,
        /// How many keys.
        keys: usize,
    },
    /// It was decided how the missing keys of a list are read.
    #[serde(rename_all = "camelCase")]
    Plan {
        /// When, since the operation began.
        #[serde(rename = "startMs", serialize_with = "milliseconds")]
        start: Duration,
        /// Name of the resource.
        resource: &'static str,
        /// `WALK` or `BY_ID`.
        plan: &'static str,
        /// How many keys were missing.
        keys: usize,
        /// What the decision rests on.
        why: String,
    },
}

/// A call to an upstream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallEvent {
    /// When it began, since the operation began.
    #[serde(rename = "startMs", serialize_with = "milliseconds")]
    pub start: Duration,
    /// How long it took, the wait for its turn included.
    #[serde(rename = "ms", serialize_with = "milliseconds")]
    pub took: Duration,
    /// Name of the upstream.
    pub service: &'static str,
    /// HTTP method.
    pub method: String,
    /// The path as the reference prints it, with `{placeholders}`.
    pub path: &'static str,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    /// `ok`, or the class of the failure.
    pub outcome: &'static str,
    /// Always [`Source::Network`]: a call is never served from elsewhere.
    pub source: Source,
    /// Its name in the trace.
    #[serde(skip)]
    pub span: Option<SpanId>,
}

/// With a precision of microseconds.
pub(super) fn milliseconds<S: Serializer>(
    time: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}
