//! Where the caller's headers go.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderName;

use super::{Config, Upstream};

/// One header of the caller that is sent on to one upstream.
pub(super) struct Feed<'a> {
    /// The setting that maps it.
    pub(super) key: &'static str,
    pub(super) header: &'a HeaderName,
    pub(super) upstream: &'static str,
    pub(super) sent: Sent,
}

/// The role in which an upstream gets a header.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Sent {
    Authorization,
    Tenant,
    ApiKey,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Authorization => "Authorization",
            Self::Tenant => "x-tenant-id",
            Self::ApiKey => "Api-key",
        })
    }
}

impl Config {
    pub(super) fn identity_feeds(&self) -> [Feed<'_>; 5] {
        let [cro, trans_eu, crux] = self.upstreams().map(|upstream| upstream.title);
        [
            Feed {
                key: "cro.identity.authorization",
                header: &self.cro.identity.authorization,
                upstream: cro,
                sent: Sent::Authorization,
            },
            Feed {
                key: "cro.identity.tenant",
                header: &self.cro.identity.tenant,
                upstream: cro,
                sent: Sent::Tenant,
            },
            Feed {
                key: "trans_eu.identity.authorization",
                header: &self.trans_eu.identity.authorization,
                upstream: trans_eu,
                sent: Sent::Authorization,
            },
            Feed {
                key: "trans_eu.identity.api_key",
                header: &self.trans_eu.identity.api_key,
                upstream: trans_eu,
                sent: Sent::ApiKey,
            },
            Feed {
                key: "crux.identity.authorization",
                header: &self.crux.identity.authorization,
                upstream: crux,
                sent: Sent::Authorization,
            },
        ]
    }

    /// A table that says, for each header of the caller, which upstream gets it and as what.
    #[must_use]
    pub fn identity_report(&self) -> String {
        let feeds = self.identity_feeds();
        let rows = feeds.iter().map(|feed| {
            let header = feed.header.as_str();
            let note = self.identity_note(feed);
            [
                header.to_owned(),
                feed.upstream.to_owned(),
                feed.sent.to_string(),
                note,
            ]
        });
        let head = ["caller's header", "upstream", "sent as", ""].map(str::to_owned);
        let table: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
        let off = self
            .upstreams()
            .into_iter()
            .filter(|upstream| upstream.base_url.is_none())
            .map(|Upstream { title, section, .. }| {
                format!("{title} is off: no {section}.base_url\n")
            });
        let shared = shared_headers(&feeds)
            .into_iter()
            .map(|(header, upstreams)| {
                format!("note: `{header}` is one credential for {upstreams}\n")
            });
        std::iter::once(aligned(&table))
            .chain(off)
            .chain(shared)
            .collect()
    }

    fn identity_note(&self, feed: &Feed<'_>) -> String {
        match feed.sent {
            Sent::ApiKey if self.trans_eu.api_key.is_some() => "else trans_eu.api_key".to_owned(),
            Sent::ApiKey => "no trans_eu.api_key to fall back to".to_owned(),
            Sent::Tenant => format!("with x-api-version {}", self.cro.api_version),
            Sent::Authorization => String::new(),
        }
    }
}

fn shared_headers(feeds: &[Feed<'_>]) -> Vec<(String, String)> {
    let mut upstreams: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for feed in feeds {
        upstreams
            .entry(feed.header.as_str())
            .or_default()
            .push(feed.upstream);
    }
    upstreams
        .into_iter()
        .filter(|(_, upstreams)| upstreams.len() > 1)
        .map(|(header, upstreams)| (header.to_owned(), upstreams.join(", ")))
        .collect()
}

/// Pads every column but the last to its widest cell.
fn aligned(table: &[[String; 4]]) -> String {
    let width = |column: usize| table.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let [first, second, third] = [0, 1, 2].map(width);
    table
        .iter()
        .map(|[a, b, c, d]| {
            format!("{a:first$}  {b:second$}  {c:third$}  {d}")
                .trim_end()
                .to_owned()
                + "\n"
        })
        .collect()
}
