//! How the gateway treats an upstream that fails: the parts that all three sections have.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::notation::Text;

/// How reads are tried again. Writes never are.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// How often a read is sent at most; with 1 nothing is tried again.
    #[schemars(range(min = 1, max = 10))]
    pub attempts: u32,
    /// The first pause; each further one is twice as long, and a random part is added.
    #[serde(with = "Text::<Duration>")]
    pub pause: Duration,
    /// Retries are at most this share of all calls, in percent, and one a second besides.
    #[schemars(range(min = 0, max = 100))]
    pub budget_percent: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 3,
            pause: Duration::from_millis(100),
            budget_percent: 20,
        }
    }
}

/// When an upstream that fails is left alone.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// The share of failures that opens the breaker, in percent.
    #[schemars(range(min = 1, max = 100))]
    pub failure_percent: u32,
    /// Fewer calls than this say nothing; with 0 the breaker never opens.
    #[schemars(range(min = 0, max = 100_000))]
    pub min_calls: u32,
    /// The calls that count: those of this time.
    #[serde(with = "Text::<Duration>")]
    pub window: Duration,
    /// How long it stays open before one call may try.
    #[serde(with = "Text::<Duration>")]
    pub open_for: Duration,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failure_percent: 50,
            min_calls: 20,
            window: Duration::from_secs(10),
            open_for: Duration::from_secs(5),
        }
    }
}
