//! Configuration: the only reader of the configuration file and of the environment.
//!
//! Three layers, each stronger than the one before it: a TOML file, environment variables with the
//! prefix `HAULGRAPH_` (nesting by `__`, so `cro.base_url` is `HAULGRAPH_CRO__BASE_URL`), and
//! command-line flags. A key that nobody knows is a mistake in every layer, and all mistakes are
//! reported together: whoever deploys the gateway should need one attempt, not one per typing error.
//!
//! The structs below are the single description of the configuration: the JSON Schema, the known
//! keys, the types that environment variables are read as and the defaults all come from them.

mod cache;
mod check;
mod documents;
mod identity;
mod limits;
mod mistakes;
mod notation;
mod resilience;
mod sections;
mod source;
mod telemetry;
#[cfg(test)]
mod tests;
mod upstreams;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use url::Url;

pub use cache::{Cache, Redis, StaleIfError, StaleWhileRevalidate, Ttl};
pub use documents::{Documents, Persisted, Trusted, TrustedMode};
pub use limits::Limits;
pub use mistakes::{Mistake, Mistakes, Origin};
use notation::Text;
pub use notation::{Ratio, WebOrigin, parse_duration};
pub use resilience::{Breaker, Retry};
pub use sections::{
    Admin, Answers, Compression, Cors, Graphiql, Introspection, Links, Log, LogFormat, LogLevel,
    RateLimit, Server, Tls,
};
use source::Sources;
pub use telemetry::{Drift, Explain, Otlp, Telemetry};
pub use upstreams::{
    Cro, CroApiVersion, CroIdentity, Crux, CruxIdentity, CruxNames, CruxPrefix, ReplaceMethod,
    TransEu, TransEuIdentity, Upstream,
};

/// The configuration of the Haulgraph gateway.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Haulgraph configuration")]
pub struct Config {
    /// Address of the main port: GraphQL, GraphiQL and health.
    #[serde(with = "Text::<SocketAddr>")]
    pub listen: SocketAddr,
    pub admin: Admin,
    pub server: Server,
    pub tls: Tls,
    pub compression: Compression,
    pub cors: Cors,
    pub rate_limit: RateLimit,
    pub graphiql: Graphiql,
    pub introspection: Introspection,
    pub cro: Cro,
    pub trans_eu: TransEu,
    pub crux: Crux,
    pub cache: Cache,
    pub answers: Answers,
    pub documents: Documents,
    pub drift: Drift,
    pub links: Links,
    pub limits: Limits,
    pub log: Log,
    pub explain: Explain,
    pub telemetry: Telemetry,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: sections::loopback(8080),
            admin: Admin::default(),
            server: Server::default(),
            tls: Tls::default(),
            compression: Compression::default(),
            cors: Cors::default(),
            rate_limit: RateLimit::default(),
            graphiql: Graphiql::default(),
            introspection: Introspection::default(),
            cro: Cro::default(),
            trans_eu: TransEu::default(),
            crux: Crux::default(),
            cache: Cache::default(),
            answers: Answers::default(),
            documents: Documents::default(),
            drift: Drift::default(),
            links: Links::default(),
            limits: Limits::default(),
            log: Log::default(),
            explain: Explain::default(),
            telemetry: Telemetry::default(),
        }
    }
}

/// What command-line flags say over the file and the environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--listen`
    pub listen: Option<SocketAddr>,
}

/// Where the embedded stand-ins of the three upstreams listen.
#[derive(Clone, Debug)]
pub struct SandboxUrls {
    pub cro: Url,
    pub trans_eu: Url,
    pub crux: Url,
}

impl Config {
    /// Reads all layers; the environment usually comes from [`environment`].
    ///
    /// # Errors
    /// Every mistake of every layer at once.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &Overrides,
    ) -> Result<Self, Mistakes> {
        let mut sources = Sources::new(Self::json_schema());
        if let Some(path) = file {
            sources.add_file::<Self>(path);
        }
        Self::from_sources(sources, environment, flags)
    }

    fn from_sources(
        mut sources: Sources,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &Overrides,
    ) -> Result<Self, Mistakes> {
        sources.add_environment::<Self>(environment);
        if let Some(listen) = flags.listen {
            sources.add_flag::<Self>("--listen", "listen", &listen.to_string());
        }
        let config: Self = sources.merge();
        for (key, problem) in config.contradictions() {
            sources.reject(key, problem);
        }
        sources.into_mistakes().map_or(Ok(config), Err)
    }

    /// The JSON Schema of the configuration file.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            // One plain tree: editors show it as well, and the known keys are read from it.
            settings.inline_subschemas = true;
        });
        let schema = settings.into_generator().into_root_schema_for::<Self>();
        schema.to_value()
    }

    /// Points the gateway at the stand-ins. The links are on there, because the sandbox's data
    /// carries the keys of one system in the other, and no calls are counted, because the stand-ins
    /// grant any number, and answers are explained to who asks.
    pub fn use_sandbox(&mut self, urls: SandboxUrls) {
        self.cro.base_url = Some(urls.cro);
        self.trans_eu.base_url = Some(urls.trans_eu);
        self.crux.base_url = Some(urls.crux);
        self.trans_eu.requests_per_second = 0;
        self.explain.enabled = true;
        self.links = Links {
            route_spot_location: true,
            trading_connection_customer: true,
        };
    }

    /// Where `haulgraph health` asks when it is not told: this machine's own main port, or with TLS
    /// on that one the operators' port, which has none.
    #[must_use]
    pub fn health_url(&self) -> String {
        let port = if self.tls.certificate.is_some() {
            self.admin.listen
        } else {
            self.listen
        };
        let ip = match port.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let address = SocketAddr::new(ip, port.port());
        format!("http://{address}/health/live")
    }
}

/// The gateway's variables in the environment of this process. Text that is not Unicode is replaced
/// by marks, so that it fails as the value that it is and not as a variable nobody set.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let variables = std::env::vars_os();
    variables.filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        name.starts_with(source::PREFIX)
            .then(|| (name, value.to_string_lossy().into_owned()))
    })
}
