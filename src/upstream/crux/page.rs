//! The envelope of the lists that are paged: requests and suppliers. All others are bare lists.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    identity::Service,
    upstream::{Class, Error, lenient, walk},
};

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

impl<T> Page<T> {
    /// The answer as the page of its list that was asked for.
    ///
    /// Where a GET takes its offset is not documented beyond a sample, so the echo is compared.
    ///
    /// # Errors
    /// The answer says that it is another page: going on would show the same items again and again.
    pub fn at(self, start: usize, limit: usize) -> Result<walk::Page<T>, Arc<Error>> {
        let pagination = self.pagination.clone().unwrap_or_default();
        let whole = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
        let elsewhere = whole(pagination.start).is_some_and(|echo| echo != start);
        if elsewhere && !self.items.is_empty() {
            let reason = "crux answered with another page than the one asked for.";
            return Err(Error::new(Service::Crux, Class::InvalidResponse, reason));
        }
        let has_more = u64::try_from(start).is_ok_and(|start| self.next_start(start).is_some());
        let has_next = self.items.len() > limit || has_more;
        let items: Vec<_> = self.items.into_iter().take(limit).map(Arc::new).collect();
        Ok(walk::Page {
            cursors: walk::Cursors::Places(start),
            has_next,
            has_previous: start > 0,
            total: whole(pagination.total_count),
            items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Page;

    fn answer(count: i64, pagination: &Value) -> Page<i64> {
        let items: Vec<_> = (0..count).collect();
        page(json!({ "requests": items, "pagination": pagination }))
    }

    #[test]
    fn a_page_lies_where_it_was_asked_for() {
        let middle = json!({ "total_count": 7, "start": 4, "limit": 2 });
        let page = answer(2, &middle).at(4, 2).unwrap();
        assert_eq!(page.cursors().collect::<Vec<_>>(), ["4", "5"]);
        assert_eq!((page.has_next, page.has_previous), (true, true));
        assert_eq!(page.total, Some(7));
        let last = json!({ "total_count": 7, "start": 6, "limit": 2 });
        assert!(!answer(1, &last).at(6, 2).unwrap().has_next);
    }

    #[test]
    fn another_page_than_the_one_asked_for_is_refused() {
        let first = json!({ "total_count": 7, "start": 0, "limit": 2 });
        assert!(answer(2, &first).at(4, 2).is_err());
        let beyond = json!({ "total_count": 3, "start": 3, "limit": 2 });
        assert!(!answer(0, &beyond).at(4, 2).unwrap().has_next);
    }

    #[test]
    fn more_than_was_asked_for_is_left_for_the_next_page() {
        let page = answer(3, &json!({ "total_count": 7 })).at(4, 2).unwrap();
        assert_eq!((page.items.len(), page.has_next), (2, true));
    }

    #[test]
    fn a_page_without_numbers_has_no_total() {
        let page = answer(1, &Value::Null).at(4, 2).unwrap();
        assert_eq!((page.total, page.has_next), (None, true));
    }

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
