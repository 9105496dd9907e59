//! The one envelope of all lists.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::try_join_all;
use serde::{Deserialize, de::DeserializeOwned};

use crate::upstream::{Call, Class, Error, Reply, Session, json::Apart, lenient};

/// The largest page that the API is documented to give.
const LARGEST: usize = 1000;

/// How large pages are asked for: the largest that were not refused so far.
///
/// An old text says "below 1000" where the others say 1000.
pub struct PageLimit(AtomicUsize);

impl Default for PageLimit {
    fn default() -> Self {
        Self(AtomicUsize::new(LARGEST))
    }
}

/// A page of a list. The first page is number 1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Envelope<T> {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub current_page: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub current_limit: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_pages: Option<i64>,
    /// Counts only rows that the caller may see.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    /// Not optional: an answer without it is no page, and must not pass for an empty list.
    pub results: Vec<T>,
}

impl<T> Envelope<T> {
    /// The number of pages; an envelope that does not say is the only one.
    pub fn pages(&self) -> usize {
        let pages = self
            .total_pages
            .and_then(|pages| usize::try_from(pages).ok());
        pages.unwrap_or_default().max(1)
    }

    /// The number of rows of all pages, if the envelope says it.
    pub fn count(&self) -> Option<usize> {
        usize::try_from(self.total_count?).ok()
    }
}

/// Reads one page.
///
/// # Errors
/// The call failed.
pub async fn page<T: DeserializeOwned>(
    session: &Session,
    call: impl Fn() -> Call,
    number: usize,
) -> Result<Reply<Envelope<T>>, Arc<Error>> {
    let known = &session.upstreams().cro_page_limit.0;
    let of = |limit: usize| {
        let call = call().query("page_index", number);
        session.send(call.query("page_limit", limit))
    };
    let limit = known.load(Ordering::Relaxed);
    match of(limit).await {
        Err(error) if limit == LARGEST && is_about_limit(&error) => {
            known.store(LARGEST - 1, Ordering::Relaxed);
            of(LARGEST - 1).await
        }
        reply => reply,
    }
}

/// Whether the upstream refuses the size of pages, in whichever of its shapes.
fn is_about_limit(error: &Error) -> bool {
    let named = |text: &Option<String>| {
        text.as_ref()
            .is_some_and(|text| text.contains("page_limit"))
    };
    error.class == Class::BadUserInput && (named(&error.body.field) || named(&error.body.detail))
}

/// Reads a whole list: the first page, and then those that it announces side by side. The records are
/// of use by themselves, so none holds on to its page.
///
/// # Errors
/// Any of the calls failed.
pub async fn walk<T: DeserializeOwned>(
    session: &Session,
    call: impl Fn() -> Call,
) -> Result<Reply<Vec<T>>, Arc<Error>> {
    let first = page::<Apart<T>>(session, &call, 1).await?;
    let others = (2..=first.value.pages()).map(|number| page::<Apart<T>>(session, &call, number));
    let mut bytes = first.bytes;
    let mut value = first.value.results;
    for page in try_join_all(others).await? {
        bytes += page.bytes;
        value.extend(page.value.results);
    }
    let value = value.into_iter().map(|Apart(record)| record).collect();
    Ok(Reply { value, bytes })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Envelope;

    #[test]
    fn an_envelope_has_at_least_one_page() {
        for (total, pages) in [
            (json!(6), 6),
            (json!("6"), 6),
            (json!(0), 1),
            (json!(null), 1),
        ] {
            let page: Envelope<i64> =
                serde_json::from_value(json!({ "total_pages": total, "results": [1] })).unwrap();
            assert_eq!(page.pages(), pages);
        }
    }

    #[test]
    fn an_answer_without_results_is_not_an_empty_page() {
        for answer in [
            json!({}),
            json!({ "results": null }),
            json!({ "message": "ok" }),
        ] {
            assert!(serde_json::from_value::<Envelope<i64>>(answer).is_err());
        }
    }
}
