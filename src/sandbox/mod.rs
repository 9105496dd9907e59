//! Stand-ins for the three APIs: they state the wire format a second time, on purpose, and
//! use nothing of the gateway. Everything in them is invented; every start with the same
//! seed gives the same data.
//!
//! Each stand-in is an axum router over its own state, served over real HTTP on loopback,
//! with the endpoints of [`control`] beside it under `/__sandbox`.

mod accounts;
mod answer;
mod callers;
mod calls;
mod clock;
mod control;
mod cro;
mod crux;
mod faults;
mod names;
mod prepared;
#[cfg(test)]
mod probe;
mod random;
mod server;
mod store;
mod trans_eu;
mod validators;

use std::time::Duration;

pub use callers::{Caller, callers};

use server::Server;

/// How to start the stand-ins.
pub struct Options {
    /// Port of the CRO Software stand-in; 0 takes a free one.
    pub cro_port: u16,
    /// Port of the Trans.eu stand-in; 0 takes a free one.
    pub trans_eu_port: u16,
    /// Port of the Crux Connect stand-in; 0 takes a free one.
    pub crux_port: u16,
    /// The same seed gives the same data and the same ids.
    pub seed: u64,
    /// Time every answer takes at least, as a stand-in for distance.
    pub delay: Duration,
    /// Trans.eu requests per second; `None` for no limit.
    pub quota: Option<u32>,
    /// Customers of tenant 34.
    pub customers: u32,
}

impl Options {
    /// Free ports, so that any number of sandboxes run side by side.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self {
            cro_port: 0,
            trans_eu_port: 0,
            crux_port: 0,
            seed: 2026,
            delay: Duration::ZERO,
            quota: None,
            customers: 500,
        }
    }

    /// The ports that documentation and frontends name: 4101, 4102 and 4103.
    #[must_use]
    pub fn fixed() -> Self {
        Self {
            cro_port: 4101,
            trans_eu_port: 4102,
            crux_port: 4103,
            ..Self::ephemeral()
        }
    }
}

/// The three running stand-ins. They stop when this is dropped.
pub struct Sandbox {
    cro: Server,
    trans_eu: Server,
    crux: Server,
}

impl Sandbox {
    /// Starts all three.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn start(options: Options) -> std::io::Result<Sandbox> {
        let Options {
            seed, delay, quota, ..
        } = options;
        let customers = options.customers;
        Ok(Sandbox {
            cro: Server::start(options.cro_port, cro::router(seed, delay, customers)).await?,
            trans_eu: Server::start(options.trans_eu_port, trans_eu::router(seed, delay, quota))
                .await?,
            crux: Server::start(options.crux_port, crux::router(seed, delay)).await?,
        })
    }

    /// Base URL of the CRO Software stand-in, without a final slash.
    #[must_use]
    pub fn cro_url(&self) -> String {
        self.cro.url()
    }

    /// Base URL of the Trans.eu stand-in, without a final slash.
    #[must_use]
    pub fn trans_eu_url(&self) -> String {
        self.trans_eu.url()
    }

    /// Base URL of the Crux Connect stand-in, without a final slash.
    #[must_use]
    pub fn crux_url(&self) -> String {
        self.crux.url()
    }

    /// Stops all three and waits for the answers under way, but not for long.
    pub async fn stop(self) {
        tokio::join!(self.cro.stop(), self.trans_eu.stop(), self.crux.stop());
    }
}
