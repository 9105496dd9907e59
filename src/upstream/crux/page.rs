//! The envelope of the lists that are paged: requests and suppliers. All others are bare lists.

use serde::Deserialize;

use crate::upstream::lenient;

/// A page by offset.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page<T> {
    #[serde(alias = "requests", alias = "suppliers")]
    pub items: Vec<T>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub pagination: Option<Pagination>,
}

/// Where a page lies in its list. No number of it is to be trusted alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Pagination {
    #[serde(deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub start: Option<i64>,
    /// Documented as the index of the last element, used as the size of a page.
    #[serde(deserialize_with = "lenient::integer")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub next_start_index: Option<i64>,
}

impl<T> Page<T> {
    /// The offset of the page after this one, which was asked for at `start`; `None` at the end of the list.
    ///
    /// Without a total the list ends at an empty page.
    #[must_use]
    pub fn next_start(&self, start: u64) -> Option<u64> {
        let next = start.checked_add(u64::try_from(self.items.len()).ok()?)?;
        let total = self.pagination.as_ref().and_then(|page| page.total_count);
        let at_end =
            total.is_some_and(|total| u64::try_from(total).is_ok_and(|total| next >= total));
        (!self.items.is_empty() && !at_end).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Page;

    fn page(value: Value) -> Page<i64> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn the_walk_goes_on_by_what_was_returned_and_not_by_the_limit() {
        let page = page(
            json!({ "requests": [1, 2], "pagination": { "total_count": 5, "start": 0, "limit": 50 } }),
        );
        assert_eq!(page.next_start(0), Some(2));
        assert_eq!(page.next_start(3), None);
    }

    #[test]
    fn the_walk_survives_absent_numbers() {
        let nulls = json!({ "suppliers": [1], "pagination": { "total_count": 2, "start": null, "limit": null } });
        assert_eq!(page(nulls).next_start(0), Some(1));
        assert_eq!(page(json!({ "suppliers": [1] })).next_start(0), Some(1));
        assert_eq!(page(json!({ "suppliers": [] })).next_start(0), None);
    }

    #[test]
    fn an_answer_without_its_list_is_not_an_empty_page() {
        for answer in [
            json!({}),
            json!({ "pagination": {} }),
            json!({ "requests": null }),
        ] {
            assert!(serde_json::from_value::<Page<i64>>(answer).is_err());
        }
    }
}
