//! What goes out: the URL of a call, and the headers that say for whom it is.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    identity::Service,
    trace::Position,
    upstream::{Call, Class, Endpoint, Error, Session, call::Body, validation::Validators},
};

const X_API_VERSION: HeaderName = HeaderName::from_static("x-api-version");
const X_TENANT_ID: HeaderName = HeaderName::from_static("x-tenant-id");
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const API_KEY: HeaderName = HeaderName::from_static("api-key");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// A request, ready to be sent. It has no `Debug`: it holds a credential, and passwords perhaps.
pub(super) struct Outgoing {
    pub(super) endpoint: &'static Endpoint,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
}

impl Outgoing {
    /// Whether it asks if something still holds.
    pub(super) fn is_conditional(&self) -> bool {
        let asks = |name| self.headers.contains_key(name);
        asks(header::IF_NONE_MATCH) || asks(header::IF_MODIFIED_SINCE)
    }
}

/// The URL of `call` under `base`.
pub(super) fn url(base: &Url, call: &Call) -> Result<Url, Arc<Error>> {
    let wrong = |reason| Error::new(call.endpoint.service, Class::Internal, reason);
    let mut url = base.clone();
    let mut values = call.path.iter();
    {
        let mut path = url
            .path_segments_mut()
            .map_err(|()| wrong("The base URL cannot carry a path."))?;
        path.pop_if_empty();
        for part in call.endpoint.template.trim_start_matches('/').split('/') {
            if !part.starts_with('{') {
                path.push(part);
                continue;
            }
            // `push` percent-encodes a slash, and drops `.` and `..`: an empty or dotted value
            // would call another endpoint.
            match values.next().map(String::as_str) {
                None | Some("" | "." | "..") => return Err(wrong("A path value is missing.")),
                Some(value) => path.push(value),
            };
        }
    }
    if !call.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&call.query);
    }
    Ok(url)
}

/// The headers of `call`: the caller's credential for this upstream and for no other.
pub(super) fn headers(
    session: &Session,
    call: &Call,
    position: Option<Position>,
    cro_api_version: &str,
) -> Result<HeaderMap, Arc<Error>> {
    let service = call.endpoint.service;
    let missing = |header| Error::missing_header(service, header);
    let mut headers = HeaderMap::new();
    headers.extend(call.validators.iter().flat_map(Validators::conditions));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let token = session
        .credentials()
        .authorization(service)
        .map_err(missing)?;
    headers.insert(header::AUTHORIZATION, sensitive(service, token)?);
    match service {
        Service::Cro => {
            headers.insert(X_API_VERSION, plain(cro_api_version));
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
    // Where nothing is traced here, the caller's own context goes on as it came.
    let trace = position.map(|position| position.header());
    if let Some(trace) = trace.or_else(|| session.trace_parent().cloned()) {
        headers.insert(TRACEPARENT, trace);
    }
    // A span of ours is in the caller's trace, so what was noted of that holds for it, too.
    headers.extend(
        session
            .trace_state()
            .map(|state| (TRACESTATE, state.clone())),
    );
    Ok(headers)
}

fn plain(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

fn sensitive(service: Service, secret: &SecretString) -> Result<HeaderValue, Arc<Error>> {
    let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| {
        let reason = "The credential is not a valid header value.";
        Error::new(service, Class::Unauthenticated, reason)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    static CUSTOMER: Endpoint = Endpoint::get(Service::Cro, "/customers/{customer_id}/contacts");

    fn at(base: &str, call: &Call) -> Option<String> {
        url(&base.parse().unwrap(), call).ok().map(String::from)
    }

    #[test]
    fn a_value_cannot_steer_the_path() {
        let at = |value| at("http://host", &CUSTOMER.call(&[&value]));
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
                at(base, &CUSTOMER.call(&[&"7"])).unwrap(),
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
                assert_eq!(at(base, &call).unwrap(), format!("{base_path}{path}"));
            }
        }
    }
}
