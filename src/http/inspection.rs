//! Whether trusted documents can be executed.

use std::{fmt, sync::Arc};

use async_graphql::parser;
use tokio_util::task::AbortOnDropHandle;

use super::{
    Edge, Execute, TrustedDocuments, manifest::Manifest, prepared::Documents, refusal::Refusal,
    watch::Watch,
};
use crate::metric::Meters;

/// A trusted document that cannot be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Its name in the list.
    pub id: String,
    /// All that is wrong with it.
    pub reason: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.reason)
    }
}

/// The trusted documents of an edge with these settings that could not be executed.
///
/// # Errors
/// The schema's text cannot be parsed.
pub async fn unfit<E: Execute>(execute: E, edge: &Edge) -> Result<Vec<Unfit>, parser::Error> {
    let documents = Documents::new(execute, edge)?;
    Ok(match &edge.trusted {
        Some(trusted) => documents.inspect(&trusted.manifest()).await,
        None => Vec::new(),
    })
}

impl<E: Execute> Documents<E> {
    /// Prepares the documents of a list, which warms the memory for them, and picks those that are
    /// refused.
    async fn inspect(&self, manifest: &Manifest) -> Vec<Unfit> {
        let mut unfit = Vec::new();
        for (id, text) in manifest.listed() {
            if let Err(refusal) = self.prepare(text).await {
                let id = id.clone();
                let reason = describe(&refusal);
                unfit.push(Unfit { id, reason });
            }
            // A long list is no reason to let requests wait.
            tokio::task::yield_now().await;
        }
        unfit
    }
}

fn describe(refusal: &Refusal) -> String {
    let messages = refusal.errors.iter().map(|error| error.message.as_str());
    messages.collect::<Vec<_>>().join(" ")
}

/// Tells of trusted documents that cannot be executed, now and whenever their file changes, until the
/// handle is dropped.
pub(super) fn look_after<E: Execute>(
    documents: &Arc<Documents<E>>,
    edge: &Edge,
) -> Option<AbortOnDropHandle<()>> {
    let trusted = edge.trusted.clone()?;
    let (documents, meters) = (Arc::clone(documents), Arc::clone(&edge.meters));
    let upkeep = async move {
        tell(&documents, &trusted, &meters).await;
        let mut watch = Watch::over("the list of trusted documents");
        loop {
            let refresh = || {
                let outcome = trusted.refresh();
                meters.trusted_file(outcome.is_ok());
                outcome
            };
            if watch.look(refresh).await {
                tell(&documents, &trusted, &meters).await;
            }
        }
    };
    Some(AbortOnDropHandle::new(tokio::spawn(upkeep)))
}

/// Most documents that are named in the log at once.
const LISTED: usize = 20;

async fn tell<E: Execute>(documents: &Documents<E>, trusted: &TrustedDocuments, meters: &Meters) {
    let manifest = trusted.manifest();
    let unfit = documents.inspect(&manifest).await;
    for Unfit { id, reason } in unfit.iter().take(LISTED) {
        tracing::warn!(id, reason, "a trusted document cannot be executed");
    }
    let fit = manifest.listed().len() - unfit.len();
    tracing::info!(fit, unfit = unfit.len(), "trusted documents");
    meters.trusted_documents(fit, unfit.len());
}
