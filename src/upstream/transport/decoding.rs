//! From the bytes of a success to the value that they spell.

use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::upstream::{Endpoint, Error, json};

/// Reads a body. An empty success stands for `null`: PATCH at Crux answers 204.
pub(super) fn decode<T: DeserializeOwned>(
    endpoint: &Endpoint,
    status: u16,
    body: &Bytes,
) -> Result<T, Arc<Error>> {
    let nothing = Bytes::from_static(b"null");
    let body = if body.is_empty() { &nothing } else { body };
    json::read(body).map_err(|_| {
        // The path names documented fields only; the value itself is the customer's and stays out.
        tracing::warn!(
            service = %endpoint.service,
            endpoint = endpoint.template,
            path = json::find_misfit::<T>(body),
            "upstream body does not fit the documented shape"
        );
        Error::unreadable(endpoint.service).answered(status)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{identity::Service, upstream::Class};

    static CUSTOMER: Endpoint = Endpoint::get(Service::Cro, "/customers/{customer_id}/contacts");

    #[test]
    fn an_unreadable_body_is_an_invalid_response() {
        for body in ["<html>", "{\"a\":", "[1]"] {
            let body = Bytes::from(body);
            let error =
                decode::<std::collections::HashMap<String, u8>>(&CUSTOMER, 200, &body).unwrap_err();
            assert_eq!(
                (error.class, error.status),
                (Class::InvalidResponse, Some(200))
            );
        }
    }
}
