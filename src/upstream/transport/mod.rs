//! The way to the upstreams: the only place that sends.
//!
//! A call names an [`Endpoint`](super::Endpoint) and the values of its path; everything else comes from the
//! session: which credential, which tenant, until when. Redirects are not followed (but for one,
//! see [`redirect`]), cookies are not kept, and a value can never add a segment to a path.

mod breaker;
mod bulkhead;
mod decoding;
mod exchange;
mod fair_queue;
mod flow;
mod gathering;
mod line;
mod meters;
mod quota;
mod redirect;
mod request;
mod retry;
mod retry_after;
mod turn;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;
use url::Url;

pub use breaker::BreakerPolicy;
pub use retry::RetryPolicy;

use super::{Call, Endpoint, Error, Session, validation::Validators};
use crate::{
    identity::{Digest, Service},
    ids::TenantId,
    trace::Position,
};
use exchange::Answer;
use line::{Asker, Line};
use quota::Application;
use request::Outgoing;
use turn::{Turn, Urgency};

/// A success as it came.
pub struct Body {
    pub(super) endpoint: &'static Endpoint,
    pub(super) status: u16,
    pub(super) bytes: Bytes,
    pub(super) validators: Validators,
}

impl Body {
    /// The upstream said that what it had answered before still holds.
    pub(super) fn unchanged(self, bytes: Bytes) -> Self {
        Self {
            status: StatusCode::OK.as_u16(),
            bytes,
            ..self
        }
    }

    /// How much memory it may hold, in bytes.
    pub(super) fn memory(&self) -> usize {
        gathering::memory(&self.bytes)
    }

    /// Decodes it.
    ///
    /// # Errors
    /// It does not spell what was asked for.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Reply<T>, Arc<Error>> {
        let value = decoding::decode(self.endpoint, self.status, &self.bytes);
        Ok(Reply {
            value: value.map_err(|error| of_kind(self.endpoint, error))?,
            bytes: self.memory(),
        })
    }
}

/// What a failure means for a read, or for a write that may have been done.
fn of_kind(endpoint: &Endpoint, error: Arc<Error>) -> Arc<Error> {
    match endpoint.is_read {
        true => error,
        false => error.of_write(),
    }
}

/// A success: the decoded body and the memory of its text.
#[derive(Debug)]
pub struct Reply<T> {
    /// The decoded body.
    pub value: T,
    /// How many bytes its texts hold in memory, as long as any of them is kept.
    pub bytes: usize,
}

/// How one upstream is reached; made from the configuration.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Base URL; an upstream without one is off.
    pub base_url: Option<Url>,
    /// Bound on sending a call once: until the last byte of its answer.
    pub timeout: Duration,
    /// Bound on opening a connection.
    pub connect_timeout: Duration,
    /// Bound on the time until an answer begins, connecting included.
    pub first_byte_timeout: Duration,
    /// Calls in flight at once.
    pub concurrency: usize,
    /// Calls that wait for their turn.
    pub queue: usize,
    /// Calls in a second that the upstream grants an application; 0 for no limit.
    pub requests_per_second: u32,
    /// How reads are tried again.
    pub retry: RetryPolicy,
    /// When the upstream is left alone.
    pub breaker: BreakerPolicy,
    /// Largest accepted body in bytes.
    pub body_limit: usize,
}

#[cfg(test)]
impl Reach {
    /// An upstream that is off, with generous bounds.
    pub fn for_tests() -> Self {
        let long = Duration::from_secs(10);
        Self {
            base_url: None,
            timeout: long,
            connect_timeout: long,
            first_byte_timeout: long,
            concurrency: 8,
            queue: 1000,
            requests_per_second: 0,
            retry: RetryPolicy {
                attempts: 1,
                pause: Duration::ZERO,
                budget_percent: 0,
            },
            breaker: BreakerPolicy {
                failure_percent: 100,
                min_calls: 0,
                window: long,
                open_for: long,
            },
            body_limit: 1 << 20,
        }
    }
}

/// The connections to all upstreams, shared by the whole process.
pub struct Transport {
    lines: [Line; 3],
    cro_api_version: Arc<str>,
}

impl Transport {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// The TLS back end cannot be set up.
    pub fn new(
        reach: impl Fn(Service) -> Reach,
        cro_api_version: Arc<str>,
    ) -> Result<Self, reqwest::Error> {
        let line = |service| Line::new(service, reach(service));
        Ok(Self {
            lines: [
                line(Service::Cro)?,
                line(Service::TransEu)?,
                line(Service::Crux)?,
            ],
            cro_api_version,
        })
    }

    /// The API version that is part of `service`'s scopes.
    pub fn api_version(&self, service: Service) -> Arc<str> {
        match service {
            Service::Cro => Arc::clone(&self.cro_api_version),
            // Their versions are in the paths.
            Service::TransEu | Service::Crux => Arc::from(""),
        }
    }

    /// Whether a call can be made for the session's caller at all.
    ///
    /// # Errors
    /// The upstream is not configured, or a credential is missing.
    pub fn check(&self, session: &Session, service: Service) -> Result<(), Arc<Error>> {
        self.line(service).exchange.base_url()?;
        let authorization = session.credentials().authorization(service);
        authorization
            .map(drop)
            .map_err(|header| Error::missing_header(service, header))
    }

    /// Sends `call` for the session's caller; a success is not decoded yet.
    ///
    /// # Errors
    /// A missing credential, a failing network, or an answer that is not a success.
    pub async fn send(&self, session: &Session, call: Call) -> Result<Body, Arc<Error>> {
        let started = Instant::now();
        let endpoint = call.endpoint;
        let meters = &session.upstreams().meters;
        let (service, method) = (endpoint.service.name(), &endpoint.method);
        let open = session.ledger().call(service, method, endpoint.template);
        let answer = self.carry(session, call, open.position()).await;
        let status = match &answer {
            Ok(answer) => Some(answer.status),
            Err(error) => error.status,
        };
        let failure = answer.as_ref().err();
        let outcome = failure.map_or("ok", |error| error.class.name());
        open.close(status, outcome);
        meters.count_call(
            service,
            (method, endpoint.template),
            outcome,
            started.elapsed(),
        );
        tracing::debug!(
            service = %endpoint.service,
            method = %endpoint.method,
            endpoint = endpoint.template,
            status,
            ms = started.elapsed().as_millis(),
            request_id = session.request_id(),
            "upstream call"
        );
        let answer = answer.map_err(|error| of_kind(endpoint, error))?;
        session
            .upstreams()
            .drift
            .look(endpoint, &answer.body, meters);
        Ok(Body {
            endpoint,
            status: answer.status,
            bytes: answer.body,
            validators: answer.validators,
        })
    }

    async fn carry(
        &self,
        session: &Session,
        call: Call,
        position: Option<Position>,
    ) -> Result<Answer, Arc<Error>> {
        let line = self.line(call.endpoint.service);
        let mut request = Outgoing {
            url: request::url(line.exchange.base_url()?, &call)?,
            headers: request::headers(session, &call, position, &self.cro_api_version)?,
            endpoint: call.endpoint,
            body: call.body,
        };
        let asker = SessionAsks {
            transport: self,
            session,
            endpoint: call.endpoint,
            tenant: call.tenant,
        };
        line.carry(&mut request, &asker).await
    }

    fn line(&self, service: Service) -> &Line {
        match service {
            Service::Cro => &self.lines[0],
            Service::TransEu => &self.lines[1],
            Service::Crux => &self.lines[2],
        }
    }
}

/// A call in the name of a session's caller.
struct SessionAsks<'a> {
    transport: &'a Transport,
    session: &'a Session,
    endpoint: &'static Endpoint,
    tenant: Option<TenantId>,
}

impl Asker for SessionAsks<'_> {
    fn application(&self) -> Application {
        self.session
            .credentials()
            .application(self.endpoint.service)
    }

    fn credential(&self) -> Option<Digest> {
        self.session.credentials().stand_in(self.endpoint.service)
    }

    fn turn(&self) -> Turn {
        let service = self.endpoint.service;
        let version = self.transport.api_version(service);
        let credentials = self.session.credentials();
        Turn {
            caller: credentials.scope(service, self.tenant, &version).ok(),
            urgency: match self.endpoint.is_list() {
                true => Urgency::Patient,
                false => Urgency::Soon,
            },
        }
    }

    fn due(&self) -> tokio::time::Instant {
        self.session.due()
    }
}
