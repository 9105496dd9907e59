//! The way to the upstreams: the only place that sends.
//!
//! A call names an [`Endpoint`] and the values of its path; everything else comes from the
//! session: which credential, which tenant, until when. Redirects are not followed (but for one,
//! see [`redirect`]), cookies are not kept, and a value can never add a segment to a path.

mod decoding;
mod exchange;
mod redirect;
mod request;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

use super::{Call, Endpoint, Error, Session, error::Class};
use crate::identity::Service;
use exchange::{Answer, Exchange};
use request::Outgoing;

/// A success: the decoded body and its size on the wire.
#[derive(Debug)]
pub struct Reply<T> {
    /// The decoded body.
    pub value: T,
    /// Length of the body in bytes.
    pub bytes: usize,
}

/// How one upstream is reached; made from the configuration.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Base URL; an upstream without one is off.
    pub base_url: Option<Url>,
    /// Bound on a call, from when it is its turn to the last byte of its answer.
    pub timeout: Duration,
    /// Bound on opening a connection.
    pub connect_timeout: Duration,
    /// Bound on the time until an answer begins, connecting included.
    pub first_byte_timeout: Duration,
    /// Calls in flight at once.
    pub concurrency: usize,
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
            body_limit: 1 << 20,
        }
    }
}

/// The way to one upstream.
struct Line {
    service: Service,
    exchange: Exchange,
    permits: Semaphore,
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

    /// Sends `call` for the session's caller, and decodes a success.
    ///
    /// # Errors
    /// A missing credential, a failing network, an answer that is not a success or not readable.
    pub async fn send<T: DeserializeOwned>(
        &self,
        session: &Session,
        call: Call,
    ) -> Result<Reply<T>, Arc<Error>> {
        let started = Instant::now();
        let endpoint = call.endpoint;
        let answer = self.carry(session, call).await;
        let status = match &answer {
            Ok(answer) => Some(answer.status),
            Err(error) => error.status,
        };
        count(endpoint, answer.as_ref().err(), started.elapsed());
        tracing::debug!(
            service = %endpoint.service,
            method = %endpoint.method,
            endpoint = endpoint.template,
            status,
            ms = started.elapsed().as_millis(),
            request_id = session.request_id(),
            "upstream call"
        );
        let answer = answer?;
        let value = decoding::decode(endpoint, answer.status, &answer.body)?;
        Ok(Reply {
            value,
            bytes: answer.body.len(),
        })
    }

    async fn carry(&self, session: &Session, call: Call) -> Result<Answer, Arc<Error>> {
        let line = self.line(call.endpoint.service);
        let request = Outgoing {
            url: request::url(line.exchange.base_url()?, &call)?,
            headers: request::headers(session, &call, &self.cro_api_version)?,
            endpoint: call.endpoint,
            body: call.body,
        };
        let turn = tokio::time::timeout_at(session.due(), line.permits.acquire());
        let Ok(Ok(_permit)) = turn.await else {
            return Err(Error::new(
                line.service,
                Class::Timeout,
                format!("{} did not answer in time.", line.service),
            ));
        };
        line.exchange.run(&request, session.due()).await
    }

    fn line(&self, service: Service) -> &Line {
        match service {
            Service::Cro => &self.lines[0],
            Service::TransEu => &self.lines[1],
            Service::Crux => &self.lines[2],
        }
    }
}

impl Line {
    fn new(service: Service, reach: Reach) -> Result<Self, reqwest::Error> {
        Ok(Self {
            service,
            permits: Semaphore::new(reach.concurrency),
            exchange: Exchange::new(service, reach)?,
        })
    }
}

/// Counts a call by endpoint and outcome; the labels are few and hold nothing of a caller.
fn count(endpoint: &Endpoint, failure: Option<&Arc<Error>>, took: Duration) {
    let service = endpoint.service.name();
    let outcome = failure.map_or("ok", |error| error.class.name());
    metrics::counter!("haulgraph_upstream_calls_total", "service" => service, "endpoint" => endpoint.template, "outcome" => outcome).increment(1);
    metrics::histogram!("haulgraph_upstream_call_seconds", "service" => service)
        .record(took.as_secs_f64());
}
