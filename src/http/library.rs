//! Documents that callers name instead of sending them.

use std::{ops::Deref, sync::Arc};

use http::HeaderMap;

use super::{
    Edge, TrustedDocuments,
    persisted::PersistedTexts,
    refusal::{Code, Refusal},
    request::Asked,
};
use crate::metric::{DocumentSource, Meters};

/// The texts that the gateway knows by a name.
pub(super) struct Library {
    /// Those of the operator's list, if there is one.
    trusted: Option<TrustedDocuments>,
    /// Those that callers have taught it, if they may.
    persisted: Option<PersistedTexts>,
    meters: Arc<Meters>,
}

/// The text of a document.
pub(super) enum Text<'a> {
    Sent(&'a str),
    Known(Arc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Sent(text) => text,
            Self::Known(text) => text,
        }
    }
}

impl Library {
    /// The library of an edge with these settings.
    pub(super) fn new(edge: &Edge) -> Self {
        Self {
            trusted: edge.trusted.clone(),
            persisted: PersistedTexts::new(edge.persisted_bytes),
            meters: Arc::clone(&edge.meters),
        }
    }

    /// Whether everybody may send any text, now and later.
    pub(super) fn is_open(&self) -> bool {
        self.trusted.is_none()
    }

    /// Counts a document whose text was sent, and not looked for because all of it is known.
    pub(super) fn count_sent(&self) {
        self.meters.count_document(DocumentSource::Text);
    }

    /// The text that a caller asks for.
    ///
    /// # Errors
    /// It is not known by the name that the caller gives it, or the caller may not ask for it.
    pub(super) fn find<'a>(
        &self,
        asked: &'a Asked,
        headers: &HeaderMap,
    ) -> Result<Text<'a>, Refusal> {
        let (source, found) = self.look(asked, headers);
        self.meters.count_document(source);
        found
    }

    fn look<'a>(
        &self,
        asked: &'a Asked,
        headers: &HeaderMap,
    ) -> (DocumentSource, Result<Text<'a>, Refusal>) {
        if let Some(trusted) = &self.trusted {
            if let Some(text) = trusted.find(asked) {
                return (DocumentSource::Trusted, Ok(Text::Known(text)));
            }
            if trusted.binds(headers) {
                return (DocumentSource::Refused, Err(not_in_list(asked)));
            }
        }
        match (asked, &self.persisted) {
            (Asked::Text { text, .. }, _) => (DocumentSource::Text, Ok(Text::Sent(text))),
            (Asked::Hash(hash), Some(persisted)) => match persisted.find(hash) {
                Some(text) => (DocumentSource::Persisted, Ok(Text::Known(text))),
                None => (DocumentSource::Missed, Err(Refusal::unknown_hash())),
            },
            (Asked::Hash(_), None) => (DocumentSource::Refused, Err(Refusal::no_hashes())),
            (Asked::Id(_), _) => (DocumentSource::Refused, Err(not_in_list(asked))),
        }
    }

    /// Remembers the text of a document that is good, if the caller gave a name to one that has none.
    ///
    /// # Errors
    /// That name belongs to another text.
    pub(super) fn learn(&self, asked: &Asked, text: &Text<'_>) -> Result<(), Refusal> {
        match (asked, text, &self.persisted) {
            (
                Asked::Text {
                    hash: Some(hash), ..
                },
                Text::Sent(text),
                Some(persisted),
            ) => persisted.keep(hash, text),
            _ => Ok(()),
        }
    }
}

/// The names of the codes are those of Apollo's router.
fn not_in_list(asked: &Asked) -> Refusal {
    let (code, message) = match asked {
        Asked::Text { .. } => (
            Code::QueryNotInSafelist,
            "Only trusted documents are executed here, and this is none of them.",
        ),
        Asked::Hash(_) | Asked::Id(_) => (
            Code::PersistedQueryNotInList,
            "There is no trusted document of this id.",
        ),
    };
    Refusal::at(code, None, message)
}
