//! Settings that are well written one by one and do not fit together, and those that fit but
//! deserve a second look.

use std::time::Duration;

use secrecy::ExposeSecret;
use url::{Host, Url};

use super::{Config, TrustedMode};

/// hyper takes no smaller bound for a head.
const SMALLEST_HEAD: usize = 8 * 1024;

impl Config {
    /// What makes the configuration unusable: a key and what is wrong with it.
    pub(super) fn contradictions(&self) -> Vec<(&'static str, String)> {
        let mut found = self.zero_values();
        if self.listen == self.admin.listen && self.listen.port() != 0 {
            let problem = format!(
                "must differ from `listen`, which is {} as well",
                self.listen
            );
            found.push(("admin.listen", problem));
        }
        if self.server.header_limit < SMALLEST_HEAD {
            found.push(("server.header_limit", "must be 8KiB or more".to_owned()));
        }
        match (&self.tls.certificate, &self.tls.key) {
            (Some(_), None) => {
                found.push(("tls.key", "must be given with tls.certificate".to_owned()));
            }
            (None, Some(_)) => {
                found.push(("tls.certificate", "must be given with tls.key".to_owned()));
            }
            _ => {}
        }
        if self.telemetry.otlp.header_pairs().is_none() {
            let problem = "must be `name=value` pairs with commas between them".to_owned();
            found.push(("telemetry.otlp.headers", problem));
        }
        found.extend(self.mixed_headers());
        found.extend(self.unshareable());
        found.extend(self.untrusted());
        found
    }

    /// What works and is probably not meant: one sentence each, with its key first.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let upstreams = self.upstreams();
        if upstreams.iter().all(|upstream| upstream.base_url.is_none()) {
            warnings.push(
                "no upstream has a base_url: every field will answer with an error".to_owned(),
            );
        }
        let trusted = &self.documents.trusted;
        if trusted.mode == TrustedMode::Off && trusted.manifest.is_some() {
            warnings.push(
                "documents.trusted.manifest: not read, because documents.trusted.mode is \"off\""
                    .to_owned(),
            );
        }
        for upstream in upstreams {
            let section = upstream.section;
            if upstream.base_url.is_some_and(is_readable_on_the_way) {
                warnings.push(format!(
                    "{section}.base_url: plain http to another machine: credentials can be read on the way"
                ));
            }
            if upstream.timeout > self.server.request_timeout {
                warnings.push(format!(
                    "{section}.timeout: longer than server.request_timeout, which ends the request first"
                ));
            }
            if upstream.connect_timeout > upstream.timeout {
                warnings.push(format!(
                    "{section}.connect_timeout: longer than {section}.timeout, which ends the call first"
                ));
            }
        }
        warnings
    }

    /// Zero switches a cache off, but a bound of zero would refuse everything.
    fn zero_values(&self) -> Vec<(&'static str, String)> {
        let durations = [
            ("server.request_timeout", self.server.request_timeout),
            ("cache.redis.timeout", self.cache.redis.timeout),
            ("server.body_timeout", self.server.body_timeout),
            ("server.header_timeout", self.server.header_timeout),
            ("server.idle_timeout", self.server.idle_timeout),
            ("server.write_timeout", self.server.write_timeout),
            ("cro.timeout", self.cro.timeout),
            ("cro.connect_timeout", self.cro.connect_timeout),
            ("cro.first_byte_timeout", self.cro.first_byte_timeout),
            ("trans_eu.timeout", self.trans_eu.timeout),
            ("trans_eu.connect_timeout", self.trans_eu.connect_timeout),
            (
                "trans_eu.first_byte_timeout",
                self.trans_eu.first_byte_timeout,
            ),
            ("crux.timeout", self.crux.timeout),
            ("crux.connect_timeout", self.crux.connect_timeout),
            ("crux.first_byte_timeout", self.crux.first_byte_timeout),
            ("cro.breaker.window", self.cro.breaker.window),
            ("trans_eu.breaker.window", self.trans_eu.breaker.window),
            ("crux.breaker.window", self.crux.breaker.window),
        ];
        let sizes = [
            ("server.body_limit", self.server.body_limit),
            ("limits.document_size", self.limits.document_size),
            ("cro.body_limit", self.cro.body_limit),
            ("trans_eu.body_limit", self.trans_eu.body_limit),
            ("crux.body_limit", self.crux.body_limit),
        ];
        let endless = durations
            .into_iter()
            .map(|(key, time)| (key, time == Duration::ZERO));
        let bodiless = sizes.into_iter().map(|(key, bytes)| (key, bytes == 0));
        endless
            .chain(bodiless)
            .filter(|(_, is_zero)| *is_zero)
            .map(|(key, _)| (key, "must be more than zero".to_owned()))
            .collect()
    }

    /// What stands in the way of a shared cache. Secrets are not repeated.
    fn unshareable(&self) -> Vec<(&'static str, String)> {
        let redis = &self.cache.redis;
        let mut found = Vec::new();
        if redis.namespace.is_empty() {
            found.push(("cache.redis.namespace", "must not be empty".to_owned()));
        }
        let Some(url) = &redis.url else {
            return found;
        };
        if redis::Client::open(url.expose_secret()).is_err() {
            let problem = r#"must be a URL such as "redis://127.0.0.1:6379""#.to_owned();
            found.push(("cache.redis.url", problem));
        }
        let length = redis
            .key
            .as_ref()
            .map_or(0, |key| key.expose_secret().len());
        if length < SHORTEST_KEY {
            let problem = format!(
                "must have at least {SHORTEST_KEY} characters: what is shared is encrypted with it"
            );
            found.push(("cache.redis.key", problem));
        }
        found
    }

    /// What is missing for trusted documents.
    fn untrusted(&self) -> Vec<(&'static str, String)> {
        let trusted = &self.documents.trusted;
        let mut found = Vec::new();
        if trusted.mode != TrustedMode::Off && trusted.manifest.is_none() {
            let problem = "must be given where documents.trusted.mode is not \"off\"".to_owned();
            found.push(("documents.trusted.manifest", problem));
        }
        if let Some(key) = &trusted.operator_key
            && key.expose_secret().len() < SHORTEST_KEY
        {
            let problem = format!("must have at least {SHORTEST_KEY} characters");
            found.push(("documents.trusted.operator_key", problem));
        }
        found
    }

    /// A header may feed several upstreams, but only in one role: a token that is also sent as an
    /// application key or a tenant would leave the place it was meant for.
    fn mixed_headers(&self) -> Vec<(&'static str, String)> {
        let feeds = self.identity_feeds();
        let mut found = Vec::new();
        for (position, feed) in feeds.iter().enumerate() {
            let earlier = feeds.iter().take(position);
            let clash = earlier
                .filter(|other| other.header == feed.header)
                .find(|other| other.sent != feed.sent);
            if let Some(other) = clash {
                let problem = format!(
                    "`{}` is already sent as {} by `{}`, so it cannot be sent as {} too",
                    feed.header, other.sent, other.key, feed.sent
                );
                found.push((feed.key, problem));
            }
        }
        found
    }
}

/// Shorter secrets can be guessed.
const SHORTEST_KEY: usize = 32;

/// Plain http beyond this machine.
fn is_readable_on_the_way(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !is_loopback
}
