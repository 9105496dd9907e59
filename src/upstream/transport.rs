//! The way to the upstreams: the only place that sends.
//!
//! A call names an [`Endpoint`] and the values of its path; everything else comes from the
//! session: which credential, which tenant, until when. Redirects are not followed (but for one,
//! see [`redirect`]), cookies are not kept, and a value can never add a segment to a path.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

use super::{
    Call, Endpoint, Error, Session,
    call::{Body, form},
    error::Class,
    error_body::ErrorBody,
    redirect,
    shape::{self, Exact},
};
use crate::identity::Service;

/// A success: the decoded body and its size on the wire.
#[derive(Debug)]
pub struct Reply<T> {
    /// The decoded body.
    pub value: T,
    /// Length of the body in bytes.
    pub bytes: usize,
}

/// How one upstream is reached; made from the configuration.
#[derive(Debug)]
pub struct Reach {
    /// Base URL; an upstream without one is off.
    pub base_url: Option<Url>,
    /// Bound on a whole call.
    pub timeout: Duration,
    /// Bound on opening a connection.
    pub connect_timeout: Duration,
    /// Calls in flight at once.
    pub concurrency: usize,
    /// Largest accepted body in bytes.
    pub body_limit: usize,
}

struct Line {
    client: reqwest::Client,
    reach: Reach,
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
        let line = |service| {
            let reach = reach(service);
            let client = reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(reach.connect_timeout)
                .tcp_nodelay(true)
                .user_agent(concat!("haulgraph/", env!("CARGO_PKG_VERSION")))
                .build()?;
            let permits = Semaphore::new(reach.concurrency);
            Ok(Line {
                client,
                reach,
                permits,
            })
        };
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

    /// Sends `call` once, for the session's caller, and decodes a success.
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
        let answer = self.exchange(session, call).await;
        let status = match &answer {
            Ok((status, _)) => Some(*status),
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
        let (status, body) = answer?;
        let value = decode(endpoint, status, &body)?;
        Ok(Reply {
            value,
            bytes: body.len(),
        })
    }

    async fn exchange(&self, session: &Session, call: Call) -> Result<(u16, Bytes), Arc<Error>> {
        let service = call.endpoint.service;
        let line = self.line(service);
        let url = line.url(&call)?;
        let headers = self.headers(session, &call)?;
        let left = session.time_left().min(line.reach.timeout);
        let timeout = || {
            Error::new(
                service,
                Class::Timeout,
                format!("{service} did not answer in time."),
            )
        };
        tokio::time::timeout(left, async {
            let _permit = line.permits.acquire().await.map_err(|_| timeout())?;
            let mut request = line
                .client
                .request(call.endpoint.method.clone(), url.clone())
                .headers(headers.clone());
            request = match call.body {
                None => request,
                Some(Body::Json(body)) => request.json(&body),
                Some(Body::Form(parts)) => request.multipart(form(parts)),
            };
            let mut answer = line.send(service, request).await?;
            if let Some(slashed) = redirect::slashed(call.endpoint, &url, &answer) {
                let again = line.client.get(slashed).headers(headers);
                answer = line.send(service, again).await?;
            }
            line.read(service, answer).await
        })
        .await
        .unwrap_or_else(|_| Err(timeout()))
    }

    fn line(&self, service: Service) -> &Line {
        match service {
            Service::Cro => &self.lines[0],
            Service::TransEu => &self.lines[1],
            Service::Crux => &self.lines[2],
        }
    }

    fn headers(&self, session: &Session, call: &Call) -> Result<HeaderMap, Arc<Error>> {
        let service = call.endpoint.service;
        let missing = |header| Error::missing_header(service, header);
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let token = session
            .credentials()
            .authorization(service)
            .map_err(missing)?;
        headers.insert(header::AUTHORIZATION, sensitive(service, token)?);
        match service {
            Service::Cro => {
                headers.insert(X_API_VERSION, plain(&self.cro_api_version));
                if let Some(tenant) = call.tenant {
                    headers.insert(X_TENANT_ID, HeaderValue::from(tenant.0));
                }
            }
            Service::TransEu => {
                let key = session.credentials().api_key().map_err(missing)?;
                headers.insert(API_KEY, sensitive(service, key)?);
            }
            Service::Crux => {}
        }
        headers.insert(X_REQUEST_ID, plain(session.request_id()));
        if let Some(trace) = session.trace_parent() {
            headers.insert(TRACEPARENT, trace.clone());
        }
        Ok(headers)
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

const X_API_VERSION: HeaderName = HeaderName::from_static("x-api-version");
const X_TENANT_ID: HeaderName = HeaderName::from_static("x-tenant-id");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_KEY: HeaderName = HeaderName::from_static("api-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

impl Line {
    async fn send(
        &self,
        service: Service,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, Arc<Error>> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that sends"
        )]
        let answer = request.send().await;
        answer.map_err(|error| self.failure(service, &error))
    }

    fn url(&self, call: &Call) -> Result<Url, Arc<Error>> {
        let service = call.endpoint.service;
        let base = self.reach.base_url.as_ref().ok_or_else(|| {
            let reason = format!("{service} is not configured on this gateway.");
            Error::new(service, Class::NotConfigured, reason)
        })?;
        let mut url = base.clone();
        let mut values = call.path.iter();
        {
            let wrong = || {
                Error::new(
                    service,
                    Class::Internal,
                    "The base URL cannot carry a path.",
                )
            };
            let mut path = url.path_segments_mut().map_err(|()| wrong())?;
            path.pop_if_empty();
            for part in call.endpoint.template.trim_start_matches('/').split('/') {
                if !part.starts_with('{') {
                    path.push(part);
                    continue;
                }
                // `push` percent-encodes a slash, and drops `.` and `..`: an empty or dotted value
                // would call another endpoint.
                match values.next().map(String::as_str) {
                    None | Some("" | "." | "..") => {
                        return Err(Error::new(
                            service,
                            Class::Internal,
                            "A path value is missing.",
                        ));
                    }
                    Some(value) => path.push(value),
                };
            }
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }

    async fn read(
        &self,
        service: Service,
        mut answer: reqwest::Response,
    ) -> Result<(u16, Bytes), Arc<Error>> {
        let status = answer.status();
        let headers = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| answered(status.as_u16(), &self.failure(service, &error)))?
        {
            if body.len() + chunk.len() > self.reach.body_limit {
                let reason = format!("{service} answered with a body over the configured limit.");
                let error = Error::new(service, Class::InvalidResponse, reason);
                return Err(answered(status.as_u16(), &error));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return Ok((status.as_u16(), body.freeze()));
        }
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        Err(Error::from_answer(
            service,
            status.as_u16(),
            text(X_REQUEST_ID).map(|id| id.chars().take(128).collect()),
            text(header::RETRY_AFTER)
                .and_then(|after| after.trim().parse().ok())
                .map(Duration::from_secs),
            ErrorBody::read(text(header::CONTENT_TYPE), &body),
        ))
    }

    /// The network's failure in words that hold no URL.
    fn failure(&self, service: Service, error: &reqwest::Error) -> Arc<Error> {
        let (class, reason) = if error.is_timeout() {
            (Class::Timeout, format!("{service} did not answer in time."))
        } else if error.is_connect() {
            (Class::Unavailable, format!("{service} cannot be reached."))
        } else {
            (
                Class::Unavailable,
                format!("The connection to {service} broke before the answer was complete."),
            )
        };
        Error::new(service, class, reason)
    }
}

fn plain(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

fn sensitive(service: Service, secret: &SecretString) -> Result<HeaderValue, Arc<Error>> {
    let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| {
        Error::new(
            service,
            Class::Unauthenticated,
            "The credential is not a valid header value.",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn decode<T: DeserializeOwned>(
    endpoint: &Endpoint,
    status: u16,
    body: &[u8],
) -> Result<T, Arc<Error>> {
    // An empty success stands for `null`: PATCH at Crux answers 204.
    let json = if body.is_empty() { b"null" } else { body };
    shape::read(json).map_err(|_| {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let misfit = serde_path_to_error::deserialize::<_, T>(Exact(&mut reader)).err();
        // The path names documented fields only; the value itself is the customer's and stays out.
        tracing::warn!(
            service = %endpoint.service,
            endpoint = endpoint.template,
            path = misfit.map(|error| error.path().to_string()),
            "upstream body does not fit the documented shape"
        );
        let service = endpoint.service;
        let reason = format!("{service} sent an answer that could not be read.");
        answered(status, &Error::new(service, Class::InvalidResponse, reason))
    })
}

/// The failure of an answer whose status had arrived: a write may have been done.
fn answered(status: u16, error: &Error) -> Arc<Error> {
    Arc::new(Error {
        status: Some(status),
        ..error.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    static CUSTOMER: Endpoint = Endpoint::get(Service::Cro, "/customers/{customer_id}/contacts");

    fn url(base: &str, value: &str) -> Option<String> {
        line(base)
            .url(&CUSTOMER.call(&[&value]))
            .ok()
            .map(String::from)
    }

    fn line(base: &str) -> Line {
        Line {
            client: reqwest::Client::new(),
            reach: Reach {
                base_url: Some(base.parse().unwrap()),
                timeout: Duration::ZERO,
                connect_timeout: Duration::ZERO,
                concurrency: 1,
                body_limit: 0,
            },
            permits: Semaphore::new(1),
        }
    }

    #[test]
    fn a_value_cannot_steer_the_path() {
        let at = |value| url("http://host", value);
        assert_eq!(at("7").unwrap(), "http://host/customers/7/contacts");
        assert_eq!(at("a/b").unwrap(), "http://host/customers/a%2Fb/contacts");
        assert_eq!(
            at("7?x=1#y").unwrap(),
            "http://host/customers/7%3Fx=1%23y/contacts"
        );
        for escape in ["", ".", ".."] {
            assert_eq!(at(escape), None);
        }
    }

    #[test]
    fn a_base_url_may_carry_a_path_prefix() {
        for base in ["http://host/v0", "http://host/v0/"] {
            assert_eq!(
                url(base, "7").unwrap(),
                "http://host/v0/customers/7/contacts"
            );
        }
    }

    #[test]
    fn a_final_slash_of_a_template_is_kept() {
        static LIST: Endpoint = Endpoint::get(Service::Crux, "/requests/");
        static ONE: Endpoint = Endpoint::get(Service::Crux, "/requests/{uuid}/");
        for base in ["http://host", "http://host/", "http://host/timp/"] {
            let base_path = base.trim_end_matches('/');
            let list = LIST.call(&[]).query("start", 0);
            for (call, path) in [
                (list, "/requests/?start=0"),
                (ONE.call(&[&"a"]), "/requests/a/"),
            ] {
                let url = line(base).url(&call).unwrap();
                assert_eq!(url.as_str(), format!("{base_path}{path}"));
            }
        }
    }

    #[test]
    fn an_unreadable_body_is_an_invalid_response() {
        for body in [&b"<html>"[..], b"{\"a\":", b"[1]"] {
            let error =
                decode::<std::collections::HashMap<String, u8>>(&CUSTOMER, 200, body).unwrap_err();
            assert_eq!(
                (error.class, error.status),
                (Class::InvalidResponse, Some(200))
            );
        }
    }
}
