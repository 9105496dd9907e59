//! Conditional requests: asking an upstream whether what it last said still holds.
//!
//! An upstream that sends validators (`ETag`, `Last-Modified`) answers 304 without a body if nothing
//! has changed. The body of then is kept for that, apart for every caller; it is never served without
//! asking. Nothing is looked up for endpoints that have never sent a validator.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{Call, Error, Session, transport::Body};
use crate::{cache::Store, identity::Scope};

/// How long a version may be asked about: as long as there is room.
const USEFUL: Duration = Duration::from_secs(24 * 60 * 60);

/// What an upstream said of the version of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// Takes them out of an answer's headers.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        Self {
            etag: headers.get(header::ETAG).cloned(),
            last_modified: headers.get(header::LAST_MODIFIED).cloned(),
        }
    }

    /// The headers that ask whether the version still holds.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let etag = self.etag.clone().map(|tag| (header::IF_NONE_MATCH, tag));
        let since = self.last_modified.clone();
        let since = since.map(|moment| (header::IF_MODIFIED_SINCE, moment));
        etag.into_iter().chain(since)
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A call and its caller, in full.
#[derive(PartialEq, Eq, Hash)]
struct CallKey {
    scope: Scope,
    template: &'static str,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
}

#[derive(Clone)]
struct Known {
    validators: Validators,
    bytes: Bytes,
}

/// Bodies whose upstream can say whether they still hold.
pub struct Validated {
    bodies: Store<CallKey, Known>,
    /// The endpoints that send validators.
    endpoints: RwLock<HashSet<&'static str>>,
}

impl Validated {
    /// Keeps at most `max_bytes` of bodies.
    pub fn new(max_bytes: u64) -> Self {
        Self {
            bodies: Store::new(max_bytes),
            endpoints: RwLock::default(),
        }
    }

    /// Sends a read; where something is known, as the question whether that still holds.
    ///
    /// # Errors
    /// See [`super::Transport::send`].
    pub(super) async fn send(&self, session: &Session, mut call: Call) -> Result<Body, Arc<Error>> {
        let template = call.endpoint.template;
        let key = match self.sends_validators(template) {
            true => Some(key(session, &call)?),
            false => None,
        };
        let known = key.as_ref().and_then(|key| self.bodies.get(key));
        call.validators = known.as_ref().map(|known| known.validators.clone());
        let body = session.upstreams().transport.send(session, call).await?;
        if let Some(known) = known
            && body.status == StatusCode::NOT_MODIFIED
        {
            metrics::counter!("haulgraph_unchanged_answers_total").increment(1);
            return Ok(body.unchanged(known.bytes));
        }
        if !body.validators.is_empty() {
            match key {
                Some(key) => self.keep(key, &body),
                None => self.note_endpoint(template),
            }
        }
        Ok(body)
    }

    fn keep(&self, key: CallKey, body: &Body) {
        let known = Known {
            validators: body.validators.clone(),
            bytes: body.bytes.clone(),
        };
        self.bodies.insert(key, known, body.memory(), USEFUL);
    }

    fn sends_validators(&self, template: &'static str) -> bool {
        let endpoints = self.endpoints.read();
        let endpoints = endpoints.unwrap_or_else(PoisonError::into_inner);
        endpoints.contains(template)
    }

    fn note_endpoint(&self, template: &'static str) {
        let endpoints = self.endpoints.write();
        let mut endpoints = endpoints.unwrap_or_else(PoisonError::into_inner);
        endpoints.insert(template);
    }
}

fn key(session: &Session, call: &Call) -> Result<CallKey, Arc<Error>> {
    let service = call.endpoint.service;
    let version = session.upstreams().transport.api_version(service);
    let credentials = session.credentials();
    let scope = credentials
        .scope(service, call.tenant, &version)
        .map_err(|header| Error::missing_header(service, header))?;
    Ok(CallKey {
        scope,
        template: call.endpoint.template,
        path: call.path.clone(),
        query: call.query.clone(),
    })
}
