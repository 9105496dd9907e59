//! Automatic persisted queries: texts that clients name by their hash.
//!
//! A client sends the hash alone, and is told if nobody knows it; then it sends the text with the hash,
//! once for all who come after. So the texts are shared by all callers, unlike everything else here:
//! they say what can be asked, and hold no answer.

use std::sync::Arc;

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// Texts by their SHA-256 in hexadecimal digits.
pub(super) struct PersistedTexts(Cache<String, Arc<str>>);

/// What a text takes in memory beside itself.
const FRAME_BYTES: usize = 256;

impl PersistedTexts {
    /// Room for `max_bytes` of texts; nothing, if that is no room.
    pub(super) fn new(max_bytes: usize) -> Option<Self> {
        if max_bytes == 0 {
            return None;
        }
        let weigh = |_: &String, text: &Arc<str>| {
            u32::try_from(text.len().saturating_add(FRAME_BYTES)).unwrap_or(u32::MAX)
        };
        let texts = Cache::builder()
            .max_capacity(max_bytes as u64)
            .weigher(weigh)
            .build();
        Some(Self(texts))
    }

    /// The text of this hash.
    pub(super) fn find(&self, hash: &str) -> Option<Arc<str>> {
        self.0.get(hash)
    }

    /// Remembers a text, which must be known to be a good document: others will name it, too.
    ///
    /// # Errors
    /// It has another hash.
    pub(super) fn keep(&self, hash: &str, text: &str) -> Result<(), Refusal> {
        let own = hash_of(text);
        if own != hash {
            return Err(Refusal::bad_request(
                "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query` in lower-case hexadecimal digits.",
            ));
        }
        if !self.0.contains_key(&own) {
            self.0.insert(own, text.into());
        }
        Ok(())
    }
}

/// What stands before a hash where a name may be something else.
pub(super) const HASH_PREFIX: &str = "sha256:";

/// The name that clients give a text.
pub(super) fn hash_of(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_one_that_clients_make() {
        // The example of the persisted documents of GraphQL over HTTP.
        assert_eq!(
            hash_of("query($id:ID!){user(id:$id){name}}"),
            "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b"
        );
    }

    #[test]
    fn texts_beyond_the_room_are_not_kept() {
        let texts = PersistedTexts::new(10_000).unwrap();
        for number in 0..100 {
            let text = format!("{{ a{number} }} #{}", "-".repeat(1000));
            texts.keep(&hash_of(&text), &text).unwrap();
        }
        texts.0.run_pending_tasks();
        assert!(texts.0.weighted_size() <= 10_000);
        assert!(texts.0.entry_count() > 0);
        assert!(PersistedTexts::new(0).is_none());
    }
}
