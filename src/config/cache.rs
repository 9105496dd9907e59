//! What the gateway remembers of the upstreams: how much, how long, and how it is served later.

use std::time::Duration;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::notation::{OptionalText, Text};

/// What the gateway remembers of the upstreams, apart for every identity.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cache {
    /// Memory for remembered answers.
    #[serde(with = "Text::<usize>")]
    pub max_bytes: usize,
    /// How long it is remembered that an upstream does not know an id.
    #[serde(with = "Text::<Duration>")]
    pub negative_ttl: Duration,
    pub ttl: Ttl,
    pub stale_while_revalidate: StaleWhileRevalidate,
    pub stale_if_error: StaleIfError,
    pub redis: Redis,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            max_bytes: 64 * 1024 * 1024,
            negative_ttl: Duration::from_secs(5),
            ttl: Ttl::default(),
            stale_while_revalidate: StaleWhileRevalidate::default(),
            stale_if_error: StaleIfError::default(),
            redis: Redis::default(),
        }
    }
}

/// A Redis or Valkey through which several gateways share what they remember.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// Where it is: "redis://host:6379", or "rediss://…" over TLS. It may hold a password: better in
    /// the environment than in a file. Without it every gateway remembers for itself.
    #[serde(
        deserialize_with = "OptionalText::<SecretString>::deserialize",
        skip_serializing
    )]
    #[schemars(with = "OptionalText::<SecretString>")]
    pub url: Option<SecretString>,
    /// What everything there is encrypted with: at least 32 characters that nobody can guess, the
    /// same for all gateways. A secret: better in the environment than in a file.
    #[serde(
        deserialize_with = "OptionalText::<SecretString>::deserialize",
        skip_serializing
    )]
    #[schemars(with = "OptionalText::<SecretString>")]
    pub key: Option<SecretString>,
    /// Begins the name of every key there, so that other systems can use the same Redis.
    pub namespace: String,
    /// Time for one question; after that the gateway asks the upstream.
    #[serde(with = "Text::<Duration>")]
    pub timeout: Duration,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            url: None,
            key: None,
            namespace: "haulgraph".to_owned(),
            timeout: Duration::from_millis(100),
        }
    }
}

/// A section with a time for each kind of record. The defaults, in seconds, are `slow` for master
/// data, which changes rarely, and `fast` for all else.
macro_rules! times {
    ($(#[$doc:meta])* $name:ident, slow: $slow:literal, fast: $fast:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// CRO yards.
            #[serde(with = "Text::<Duration>")]
            pub locations: Duration,
            /// CRO tenants.
            #[serde(with = "Text::<Duration>")]
            pub tenants: Duration,
            /// CRO third-party haulers.
            #[serde(with = "Text::<Duration>")]
            pub haulers: Duration,
            /// CRO customers.
            #[serde(with = "Text::<Duration>")]
            pub customers: Duration,
            /// CRO connections between haulers and yards.
            #[serde(with = "Text::<Duration>")]
            pub hauler_connections: Duration,
            /// CRO users and drivers.
            #[serde(with = "Text::<Duration>")]
            pub staff: Duration,
            /// CRO jobs.
            #[serde(with = "Text::<Duration>")]
            pub jobs: Duration,
            /// CRO trucks and containers.
            #[serde(with = "Text::<Duration>")]
            pub assets: Duration,
            /// Trans.eu freight routes.
            #[serde(with = "Text::<Duration>")]
            pub routes: Duration,
            /// Trans.eu contracts.
            #[serde(with = "Text::<Duration>")]
            pub contracts: Duration,
            /// Trans.eu partners.
            #[serde(with = "Text::<Duration>")]
            pub partners: Duration,
            /// Crux connections between retailers and suppliers.
            #[serde(with = "Text::<Duration>")]
            pub trading_connections: Duration,
            /// Crux requests for such connections.
            #[serde(with = "Text::<Duration>")]
            pub trading_connection_requests: Duration,
            /// Crux organizations.
            #[serde(with = "Text::<Duration>")]
            pub organizations: Duration,
            /// Crux notifications.
            #[serde(with = "Text::<Duration>")]
            pub notifications: Duration,
        }

        impl Default for $name {
            fn default() -> Self {
                let slow = Duration::from_secs($slow);
                let fast = Duration::from_secs($fast);
                Self {
                    locations: slow,
                    tenants: slow,
                    haulers: slow,
                    customers: fast,
                    hauler_connections: fast,
                    staff: fast,
                    jobs: fast,
                    assets: fast,
                    routes: fast,
                    contracts: fast,
                    partners: slow,
                    trading_connections: fast,
                    trading_connection_requests: fast,
                    organizations: slow,
                    notifications: fast,
                }
            }
        }
    };
}

times! {
    /// How long each kind of record may be served from memory as fresh; "0" switches that off.
    Ttl, slow: 300, fast: 15
}

times! {
    /// How long after that a record is still served, and labelled, while a newer one is fetched in
    /// the background; "0" switches that off.
    StaleWhileRevalidate, slow: 60, fast: 0
}

times! {
    /// How long after that a record is still served, and labelled, if the upstream fails; "0"
    /// switches that off.
    StaleIfError, slow: 3600, fast: 300
}
