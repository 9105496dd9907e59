//! Trusted documents: what the configuration says of them, and whether they fit the schema.

use super::{Gateway, Unbuildable};
use crate::{
    config::{Config, Redis, Trusted, TrustedMode},
    http::{self, ManifestError, Others, TrustedDocuments, Unfit, health::Readiness},
};

/// The list of trusted documents, if the configuration names one.
pub(super) fn trusted(config: &Trusted) -> Result<Option<TrustedDocuments>, ManifestError> {
    let others = match config.mode {
        TrustedMode::Off => return Ok(None),
        TrustedMode::Prefer => Others::Any,
        TrustedMode::Only => Others::None {
            operator_key: config.operator_key.clone(),
        },
    };
    let file = config.manifest.as_deref();
    file.map(|file| TrustedDocuments::read(file, others))
        .transpose()
}

/// The trusted documents that a gateway with this configuration could not execute. No upstream and no
/// Redis is asked.
///
/// # Errors
/// There is no such gateway, or its list cannot be read.
pub async fn unfit_documents(config: &Config) -> Result<Vec<Unfit>, Unbuildable> {
    if config.documents.trusted.mode == TrustedMode::Off {
        return Ok(Vec::new());
    }
    let mut config = config.clone();
    config.cache.redis = Redis::default();
    let gateway = Gateway::new(&config)?;
    let edge = gateway.edge(&config, Readiness::new())?;
    Ok(http::unfit(gateway, &edge).await?)
}
