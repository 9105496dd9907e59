//! Documents that callers name instead of sending them.

use std::{ops::Deref, sync::Arc};

use super::{
    persisted::PersistedTexts,
    refusal::{Code, Refusal},
    request::Asked,
};
use crate::metric::{DocumentSource, Meters};

/// The texts that the gateway knows by a name.
pub(super) struct Library {
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
    /// A library with room for `persisted_bytes` of what callers teach it; none is no room at all.
    pub(super) fn new(persisted_bytes: usize, meters: Arc<Meters>) -> Self {
        Self {
            persisted: PersistedTexts::new(persisted_bytes),
            meters,
        }
    }

    /// The text that a caller asks for.
    ///
    /// # Errors
    /// It is not known by the name that the caller gives it.
    pub(super) fn find<'a>(&self, asked: &'a Asked) -> Result<Text<'a>, Refusal> {
        let (source, found) = self.look(asked);
        self.meters.count_document(source);
        found
    }

    fn look<'a>(&self, asked: &'a Asked) -> (DocumentSource, Result<Text<'a>, Refusal>) {
        match (asked, &self.persisted) {
            (Asked::Text { text, .. }, _) => (DocumentSource::Text, Ok(Text::Sent(text))),
            (Asked::Hash(hash), Some(persisted)) => match persisted.find(hash) {
                Some(text) => (DocumentSource::Persisted, Ok(Text::Known(text))),
                None => (DocumentSource::Missed, Err(Refusal::unknown_hash())),
            },
            (Asked::Hash(_), None) => (DocumentSource::Refused, Err(Refusal::no_hashes())),
            (Asked::Id(_), _) => (DocumentSource::Refused, Err(unknown_id())),
        }
    }

    /// Remembers the text of a document that is good, if the caller gave it a name.
    ///
    /// # Errors
    /// That name belongs to another text.
    pub(super) fn learn(&self, asked: &Asked) -> Result<(), Refusal> {
        match (asked, &self.persisted) {
            (
                Asked::Text {
                    text,
                    hash: Some(hash),
                },
                Some(persisted),
            ) => persisted.keep(hash, text),
            _ => Ok(()),
        }
    }
}

fn unknown_id() -> Refusal {
    let message = "There is no document of this id.";
    Refusal::at(Code::PersistedQueryNotInList, None, message)
}
