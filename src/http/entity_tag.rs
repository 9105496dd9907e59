//! Names of representations, by which a client asks whether what it holds is still right.

use http::{
    HeaderMap,
    header::{HeaderValue, IF_NONE_MATCH},
};

use super::compression::Coding;

/// A strong tag: two bodies have the same one only if they are the same, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EntityTag(String);

impl EntityTag {
    /// The tag of contents that `digest` stands for. Each coding of them is another body.
    pub(super) fn new(digest: &str, coding: Option<Coding>) -> Self {
        match coding {
            Some(coding) => Self(format!("\"{digest}-{}\"", coding.name())),
            None => Self(format!("\"{digest}\"")),
        }
    }

    /// The tag of a body in this coding.
    pub(super) fn of(body: &[u8], coding: Option<Coding>) -> Self {
        Self::new(&blake3::hash(body).to_hex(), coding)
    }

    /// Whether the client holds this representation, by `If-None-Match`'s weak comparison.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        // No tag of ours contains a comma.
        headers
            .get_all(IF_NONE_MATCH)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    /// The value of `ETag`.
    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("digests are hexadecimal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_version_is_recognised_in_a_list_and_when_weakened() {
        let known = |value| {
            let value = HeaderValue::from_static(value);
            EntityTag::new("1", None).is_known(&HeaderMap::from_iter([(IF_NONE_MATCH, value)]))
        };
        for value in ["\"1\"", "\"0\", \"1\"", "W/\"1\"", "*"] {
            assert!(known(value), "{value}");
        }
        for value in ["\"2\"", "1", "\"1-gzip\""] {
            assert!(!known(value), "{value}");
        }
    }

    #[test]
    fn another_body_and_another_coding_have_another_tag() {
        let tag = EntityTag::of(b"one", None);
        assert_eq!(tag, EntityTag::of(b"one", None));
        assert_ne!(tag, EntityTag::of(b"two", None));
        assert_ne!(tag, EntityTag::of(b"one", Some(Coding::Gzip)));
    }
}
