//! Trusted documents: those that the operator lists in a file, which may change while the gateway runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use http::{HeaderMap, HeaderName};
use secrecy::{ExposeSecret, SecretString};

use super::{manifest::Manifest, request::Asked, watch::Current};

/// Why there is no list of trusted documents. The message names the file.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("{}: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file is none of the known forms, or contradicts itself.
    #[error("{}: not a list of documents: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Which documents are executed beside those of the list.
#[derive(Clone, Debug)]
pub enum Others {
    /// All that callers send.
    Any,
    /// None, unless this secret comes with the request, if there is one.
    None {
        /// What operators send in `haulgraph-operator-key`.
        operator_key: Option<SecretString>,
    },
}

/// The header that lets operators ask for what they like.
pub const OPERATOR_KEY: HeaderName = HeaderName::from_static("haulgraph-operator-key");

/// A list of trusted documents, from a file. Clones are one.
#[derive(Clone, Debug)]
pub struct TrustedDocuments(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    others: Others,
    current: Current<Manifest>,
}

impl TrustedDocuments {
    /// Reads the list. Whether its documents fit the schema shows later.
    ///
    /// # Errors
    /// The file cannot be read, or is no list.
    pub fn read(file: &Path, others: Others) -> Result<Self, ManifestError> {
        let (digest, json) = read(file)?;
        let current = Current::new(digest, parse(file, &json)?);
        let file = file.to_owned();
        Ok(Self(Arc::new(Inner {
            file,
            others,
            current,
        })))
    }

    /// Reads the file again; whether it lists something else from now on.
    ///
    /// # Errors
    /// As [`TrustedDocuments::read`]; the list is then the one of before.
    pub fn refresh(&self) -> Result<bool, ManifestError> {
        let Inner { file, current, .. } = &*self.0;
        let (digest, json) = read(file)?;
        current.refresh(digest, || parse(file, &json))
    }

    /// The list as it is now.
    pub(super) fn manifest(&self) -> Arc<Manifest> {
        self.0.current.get()
    }

    /// The text of a document of the list, by a name of it or word for word.
    pub(super) fn find(&self, asked: &Asked) -> Option<Arc<str>> {
        let manifest = self.manifest();
        let text = match asked {
            Asked::Text { text, .. } => manifest.worded(text),
            Asked::Hash(name) | Asked::Id(name) => manifest.named(name),
        };
        text.cloned()
    }

    /// Whether the sender of these headers may have nothing but what is in the list.
    pub(super) fn binds(&self, headers: &HeaderMap) -> bool {
        match &self.0.others {
            Others::Any => false,
            Others::None { operator_key: None } => true,
            Others::None {
                operator_key: Some(key),
            } => !is_key(key, headers),
        }
    }
}

/// Whether the operators' key is among the headers, in a time that tells nothing of it.
fn is_key(key: &SecretString, headers: &HeaderMap) -> bool {
    let digest = |bytes: &[u8]| blake3::hash(bytes);
    // Digests are compared in constant time.
    headers
        .get(OPERATOR_KEY)
        .is_some_and(|given| digest(given.as_bytes()) == digest(key.expose_secret().as_bytes()))
}

fn read(file: &Path) -> Result<(blake3::Hash, Vec<u8>), ManifestError> {
    let json = std::fs::read(file).map_err(|error| ManifestError::Unreadable {
        file: file.to_owned(),
        error,
    })?;
    Ok((blake3::hash(&json), json))
}

fn parse(file: &Path, json: &[u8]) -> Result<Manifest, ManifestError> {
    Manifest::read(json).map_err(|reason| ManifestError::Malformed {
        file: file.to_owned(),
        reason,
    })
}
