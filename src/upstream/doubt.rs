//! Writes whose end nobody saw.
//!
//! None of the three APIs knows idempotency keys, so a write whose answer was lost is never sent
//! again. Where the reference names a way, the gateway looks whether it was done: in the list, read
//! past everything that is kept. An item is taken for the written one only if it says what was
//! written, is not older than the write, and is the only one of which both is true. Otherwise the
//! failure stands, and says that the outcome is unknown: a list in which the item is not yet is no
//! proof that it will not be.

use std::{future::Future, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{Endpoint, Error, Session};

/// Clocks differ: what the upstream says was made so much before the write may be what it made.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// A write that is under way.
pub struct Write {
    endpoint: &'static Endpoint,
    began: Timestamp,
}

impl Write {
    /// A write to `endpoint` that begins now.
    pub fn begin(endpoint: &'static Endpoint) -> Self {
        Self {
            endpoint,
            began: Timestamp::now(),
        }
    }

    /// How the write ended. If `outcome` leaves that open, `look` may find what was written: it is
    /// given the moment before which nothing can be it. Call it after what was kept is forgotten.
    ///
    /// # Errors
    /// The write failed, or nobody knows.
    pub async fn end<T, F>(
        self,
        session: &Session,
        outcome: Result<T, Arc<Error>>,
        look: impl FnOnce(Timestamp) -> F,
    ) -> Result<T, Arc<Error>>
    where
        F: Future<Output = Result<Option<T>, Arc<Error>>>,
    {
        let error = match outcome {
            Err(error) if error.leaves_doubt() => error,
            known => return known,
        };
        session.forget_loaded().await;
        let found = look(self.began - SKEW).await.unwrap_or_default();
        let (service, endpoint) = (self.endpoint.service.name(), self.endpoint.template);
        let outcome = if found.is_some() { "found" } else { "unknown" };
        metrics::counter!("haulgraph_upstream_doubtful_writes_total", "service" => service, "endpoint" => endpoint, "outcome" => outcome).increment(1);
        tracing::warn!(
            service,
            endpoint,
            outcome,
            request_id = session.request_id(),
            "the answer to a write was lost"
        );
        found.ok_or(error)
    }
}

/// The item, if there is exactly one.
pub fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

/// Whether `text`, a moment with its zone, is not before `since`.
pub fn is_since(text: Option<&str>, since: Timestamp) -> bool {
    text.and_then(|text| text.parse::<Timestamp>().ok())
        .is_some_and(|moment| moment >= since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_item_is_the_one() {
        assert_eq!(only([1].into_iter()), Some(1));
        assert_eq!(only([1, 2].into_iter()), None);
        assert_eq!(only(std::iter::empty::<u8>()), None);
    }

    #[test]
    fn what_has_no_readable_moment_is_too_old() {
        let since: Timestamp = "2026-04-23T09:07:13Z".parse().unwrap();
        assert!(is_since(Some("2026-04-23T11:07:13+02:00"), since));
        assert!(!is_since(Some("2026-04-23T09:07:12+00:00"), since));
        for text in [None, Some(""), Some("yesterday"), Some("2026-04-23")] {
            assert!(!is_since(text, since));
        }
    }
}
