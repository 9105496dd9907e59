//! How the directory of suppliers is read: in pages, by a POST that changes nothing.

use std::{fmt, sync::Arc};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::DiscoverySupplier;
use crate::{
    identity::Service,
    upstream::{Endpoint, FetchResult, Fetched, Keep, Resource, Session, crux::page, walk::Page},
};

static SEARCH_SUPPLIERS: Endpoint = Endpoint::search(Service::Crux, "/discovery/suppliers/");

/// Pages of the suppliers that a retailer may find.
pub struct DiscoveryPages;

/// Which page of suppliers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DiscoveryPageKey {
    /// The offset of the first supplier.
    pub start: usize,
    /// How many, at most 100.
    pub limit: usize,
    /// The letter that names begin with, or `#` for any digit.
    pub initial: Option<char>,
    /// Only suppliers that published something in so many days.
    pub recent_days: Option<u32>,
    /// The order, if not the API's own.
    pub order: Option<SkuOrder>,
}

/// An order by the number of articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SkuOrder {
    /// The fewest first.
    Ascending,
    /// The most first.
    Descending,
}

impl DiscoveryPageKey {
    /// The search as the published sample sends it; its text has the two numbers on the top level.
    fn body(&self) -> Value {
        let mut body = json!({ "pagination": { "start": self.start, "limit": self.limit } });
        if let Some(initial) = self.initial {
            body["initial_character"] = initial.to_string().into();
        }
        if let Some(days) = self.recent_days {
            body["recent"] = days.into();
        }
        if let Some(order) = self.order {
            let direction = match order {
                SkuOrder::Ascending => "asc",
                SkuOrder::Descending => "desc",
            };
            body["sort"] = json!({ "key": "number_of_skus", "dir": direction });
        }
        body
    }
}

impl fmt::Display for DiscoveryPageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Resource for DiscoveryPages {
    type Key = DiscoveryPageKey;
    type Value = Page<DiscoverySupplier>;
    const NAME: &'static str = "discovery_supplier_pages";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Organizations;

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<DiscoveryPageKey>,
    ) -> Vec<FetchResult<Page<DiscoverySupplier>>> {
        join_all(keys.iter().map(|key| page(&session, key))).await
    }
}

async fn page(session: &Session, key: &DiscoveryPageKey) -> FetchResult<Page<DiscoverySupplier>> {
    let call = SEARCH_SUPPLIERS.call(&[]).json(key.body());
    let reply = session.send::<page::Page<DiscoverySupplier>>(call).await?;
    let page = reply.value.at(key.start, key.limit)?;
    Ok(Some(Fetched::new(page, reply.bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_only_what_was_asked_for() {
        let plain = DiscoveryPageKey {
            start: 50,
            limit: 25,
            initial: None,
            recent_days: None,
            order: None,
        };
        assert_eq!(
            plain.body(),
            json!({ "pagination": { "start": 50, "limit": 25 } })
        );
        let full = DiscoveryPageKey {
            initial: Some('#'),
            recent_days: Some(30),
            order: Some(SkuOrder::Descending),
            ..plain
        };
        assert_eq!(
            full.body(),
            json!({
                "pagination": { "start": 50, "limit": 25 },
                "initial_character": "#", "recent": 30,
                "sort": { "key": "number_of_skus", "dir": "desc" },
            })
        );
    }
}
