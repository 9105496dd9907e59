//! The envelopes of lists. Each call has its own dialect; what is not here answers with a bare list.

use serde::Deserialize;

use crate::upstream::lenient;

/// A page by offset, of contracts and of routes. There is no total: walk while there is more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OffsetPage<T> {
    #[serde(rename = "_embedded")]
    embedded: Embedded<T>,
    #[serde(deserialize_with = "lenient::required_flag")]
    has_more: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Embedded<T> {
    #[serde(alias = "contracts", alias = "routes")]
    items: Vec<T>,
}

impl<T> OffsetPage<T> {
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.embedded.items
    }

    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        self.embedded.items
    }

    /// Whether a further page is worth asking for. An empty page ends the list, whatever it says.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more && !self.embedded.items.is_empty()
    }
}

/// A page of the contracts of one route.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RouteContractsPage<T> {
    pub contracts: Vec<T>,
    /// Either the whole count or the count in this answer: the documentation does not decide.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_items: Option<i64>,
}

impl<T> RouteContractsPage<T> {
    /// Whether a further page is worth asking for: only a full page can have one.
    #[must_use]
    pub fn has_more(&self, limit: usize) -> bool {
        !self.contracts.is_empty() && self.contracts.len() >= limit
    }
}

/// A page by number: partners, their employees, their vehicles. The first page is number 1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NumberedPage<T> {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub page: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub page_size: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub page_count: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_items: Option<i64>,
    /// Instead of the counts, where the total is not known.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub has_next_page: Option<bool>,
    #[serde(alias = "partners", alias = "_embedded", alias = "vehicles")]
    pub items: Vec<T>,
}

impl<T> NumberedPage<T> {
    /// The number of the page after this one; `None` at the end of the list.
    #[must_use]
    pub fn next_page(&self) -> Option<i64> {
        let page = self.page?;
        let more = self
            .has_next_page
            .or_else(|| Some(page < self.page_count?))
            .unwrap_or(false);
        (more && !self.items.is_empty()).then(|| page.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn offset_page(value: Value) -> OffsetPage<i64> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn contracts_and_routes_share_an_envelope() {
        for name in ["contracts", "routes"] {
            let page = offset_page(json!({ "_embedded": { name: [1, 2] }, "has_more": true }));
            assert!(page.has_more());
            assert_eq!(page.items(), [1, 2]);
            assert_eq!(page.into_items(), [1, 2]);
        }
    }

    #[test]
    fn an_empty_page_ends_the_list_whatever_it_says() {
        assert!(
            !offset_page(json!({ "_embedded": { "routes": [] }, "has_more": true })).has_more()
        );
        assert!(
            !offset_page(json!({ "_embedded": { "routes": [1] }, "has_more": false })).has_more()
        );
    }

    #[test]
    fn an_answer_without_its_list_is_not_an_empty_page() {
        for answer in [
            json!({}),
            json!({ "has_more": false }),
            json!({ "_embedded": {}, "has_more": false }),
            json!({ "_embedded": null, "has_more": false }),
            json!({ "_embedded": { "routes": [] } }),
        ] {
            assert!(serde_json::from_value::<OffsetPage<i64>>(answer).is_err());
        }
        assert!(
            serde_json::from_value::<RouteContractsPage<i64>>(json!({ "total_items": 0 })).is_err()
        );
        assert!(serde_json::from_value::<NumberedPage<i64>>(json!({ "page": 1 })).is_err());
    }

    #[test]
    fn contracts_of_a_route_go_on_while_pages_are_full() {
        let page: RouteContractsPage<i64> =
            serde_json::from_value(json!({ "contracts": [1, 2], "total_items": 2 })).unwrap();
        assert!(page.has_more(2));
        assert!(!page.has_more(25));
        let empty: RouteContractsPage<i64> =
            serde_json::from_value(json!({ "contracts": [] })).unwrap();
        assert!(!empty.has_more(0));
    }

    #[test]
    fn numbered_pages_end_by_their_count_or_by_their_flag() {
        let next = |value: Value| {
            serde_json::from_value::<NumberedPage<i64>>(value)
                .unwrap()
                .next_page()
        };
        assert_eq!(
            next(json!({ "page": 1, "page_count": 2, "partners": [1] })),
            Some(2)
        );
        assert_eq!(
            next(json!({ "page": 2, "page_count": 2, "_embedded": [1] })),
            None
        );
        assert_eq!(
            next(json!({ "page": 1, "has_next_page": true, "vehicles": [1] })),
            Some(2)
        );
        assert_eq!(
            next(json!({ "page": 1, "has_next_page": false, "vehicles": [1] })),
            None
        );
        assert_eq!(
            next(json!({ "page": 1, "has_next_page": true, "vehicles": [] })),
            None
        );
        assert_eq!(next(json!({ "partners": [1] })), None);
    }
}
