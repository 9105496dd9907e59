//! From the bytes of a success to the value that they spell.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::upstream::{Class, Endpoint, Error, json};

/// Reads a body. An empty success stands for `null`: PATCH at Crux answers 204.
pub(super) fn decode<T: DeserializeOwned>(
    endpoint: &Endpoint,
    status: u16,
    body: &[u8],
) -> Result<T, Arc<Error>> {
    let body = if body.is_empty() { b"null" } else { body };
    json::read(body).map_err(|_| {
        // The path names documented fields only; the value itself is the customer's and stays out.
        tracing::warn!(
            service = %endpoint.service,
            endpoint = endpoint.template,
            path = json::find_misfit::<T>(body),
            "upstream body does not fit the documented shape"
        );
        let service = endpoint.service;
        let reason = format!("{service} sent an answer that could not be read.");
        Error::new(service, Class::InvalidResponse, reason).answered(status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Service;

    static CUSTOMER: Endpoint = Endpoint::get(Service::Cro, "/customers/{customer_id}/contacts");

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
