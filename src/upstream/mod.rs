//! The wire side: resources of the three REST APIs, and how they are read.
//!
//! A [`Resource`] says what its key is, what a value is, and how many keys are fetched at once.
//! [`Session::load`] is the only way to a value: through the request's loader (which removes
//! duplicates and makes batches), the process's cache (which keeps callers apart and flights
//! single), the resource's own plan, and the transport.

pub mod batch;
mod call;
pub mod cro;
pub mod crux;
mod doubt;
pub mod drift;
pub mod error;
pub mod error_body;
pub mod json;
pub mod lenient;
pub mod readings;
pub mod session;
pub mod shared;
pub mod trans_eu;
pub mod transport;
mod validation;
pub mod walk;

#[cfg(test)]
mod samples;

use std::{fmt, future::Future, hash::Hash, sync::Arc};

pub use call::{Call, Endpoint};
pub use error::{Class, Error};
pub use readings::{Readings, StaleReading};
pub use session::{Session, Upstreams};
pub use transport::{Reply, Transport};
pub use validation::Validated;
pub use walk::Calls;

pub use crate::cache::{Freshness, Policy, Reason, Touched};
use crate::{identity::Service, ids::TenantId};

/// What a key of a resource has to be able to do.
///
/// The `Display` form is the key's canonical text: two keys are equal exactly if it is.
pub trait Key: Clone + Eq + Hash + fmt::Debug + fmt::Display + Send + Sync + 'static {}

impl<K: Clone + Eq + Hash + fmt::Debug + fmt::Display + Send + Sync + 'static> Key for K {}

/// A value that was fetched, and what it takes in the cache.
#[derive(Debug)]
pub struct Fetched<V> {
    /// The value.
    pub value: Arc<V>,
    /// Memory in bytes, roughly what it took on the wire. `None`: it is not kept.
    pub bytes: Option<usize>,
}

impl<V> Fetched<V> {
    /// A value of `bytes`.
    pub fn new(value: V, bytes: usize) -> Self {
        Self {
            value: Arc::new(value),
            bytes: Some(bytes),
        }
    }

    /// A value that was picked from another one. That one is kept, and finds it again without a call.
    pub fn picked(value: Arc<V>) -> Self {
        Self { value, bytes: None }
    }
}

/// What a fetch says of one key: a value, that there is none, or why it failed.
pub type FetchResult<V> = Result<Option<Fetched<V>>, Arc<Error>>;

/// What a load says of one key.
pub type Loaded<V> = Result<Option<Arc<V>>, Arc<Error>>;

/// A kind of thing that can be read by key.
pub trait Resource: Send + Sync + 'static {
    /// What names one of them.
    type Key: Key;
    /// What is read.
    type Value: Send + Sync + 'static;
    /// The name in the cache, in logs and metrics.
    const NAME: &'static str;
    /// The upstream that it is read from.
    const SERVICE: Service;
    /// Which time to live of the configuration applies.
    const KEEP: Keep;
    /// How many calls its keys take.
    const CALLS: Calls = Calls::PER_KEY;

    /// The CRO tenant in which `key` is read; part of the scope.
    ///
    /// # Errors
    /// The caller's tenant header is needed and missing or malformed.
    fn tenant(_session: &Session, _key: &Self::Key) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(None)
    }

    /// Reads `keys`, all of one scope and without duplicates, and answers in their order.
    fn fetch(
        session: Arc<Session>,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Vec<FetchResult<Self::Value>>> + Send;
}

/// The class of freshness of a resource: one configured [`Policy`] each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Yards.
    Locations,
    /// Tenants.
    Tenants,
    /// Haulers.
    Haulers,
    /// Customers, their lists and links.
    Customers,
    /// Hauler connections.
    HaulerConnections,
    /// Users and drivers.
    Staff,
    /// Jobs.
    Jobs,
    /// Trucks and containers.
    Assets,
    /// Routes.
    Routes,
    /// Contracts.
    Contracts,
    /// Trans.eu contractors.
    Partners,
    /// Crux connections.
    TradingConnections,
    /// Crux connection requests.
    TradingConnectionRequests,
    /// Crux organizations, and the directory of suppliers.
    Organizations,
    /// Crux notifications and their settings.
    Notifications,
    /// Not at all: assembled from other resources that are kept themselves.
    Never,
}

impl Keep {
    /// The classes of what is kept.
    pub const KEPT: [Self; 15] = [
        Self::Locations,
        Self::Tenants,
        Self::Haulers,
        Self::Customers,
        Self::HaulerConnections,
        Self::Staff,
        Self::Jobs,
        Self::Assets,
        Self::Routes,
        Self::Contracts,
        Self::Partners,
        Self::TradingConnections,
        Self::TradingConnectionRequests,
        Self::Organizations,
        Self::Notifications,
    ];
}

/// How long answers of each class are kept, as configured.
#[derive(Debug, Clone)]
pub struct Policies([(Keep, Policy); 15]);

impl Policies {
    /// The policies that `of` says.
    pub fn new(of: impl Fn(Keep) -> Policy) -> Self {
        Self(Keep::KEPT.map(|keep| (keep, of(keep))))
    }

    /// How long answers of this class are kept.
    pub fn of(&self, keep: Keep) -> Policy {
        let mut kept = self.0.iter();
        kept.find(|(other, _)| *other == keep)
            .map_or(Policy::COMPOSED, |(_, policy)| *policy)
    }
}
