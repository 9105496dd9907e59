//! The integration tests: the gateway over the sandbox, as clients see it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and is a client of its own"
)]

mod architecture;
mod cases;
mod contract_crux;
mod deploy;
mod differential;
mod drift;
mod edge;
mod errors;
mod freight;
mod freshness;
mod gaps;
mod guesses;
mod harness;
mod invalidation;
mod lists;
mod paging;
mod passwords;
mod resilience;
mod samples_trans_eu;
mod schema;
mod shared_cache;
mod sharing;
mod telemetry;
mod tolerance_cro;
mod tolerance_crux;
mod tolerance_trans_eu;
mod uploads;
