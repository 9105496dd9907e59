//! How a connection is asked for.

use std::sync::Arc;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{CreatedRequest, RequestPages, RequestRecords};
use crate::{
    identity::Service,
    upstream::{Class, Endpoint, Error, Reply, Session, shape::Exact},
};

static CREATE_REQUEST: Endpoint =
    Endpoint::post(Service::Crux, "/organizations/connections/request/");

/// A request to be made, under the names of the create call. File locations tend to hold
/// passwords: this has no `Debug`.
#[derive(Serialize)]
pub struct NewRequest {
    pub organization_name: String,
    pub primary_contact_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_contact_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_contact_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_account_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_information: Option<String>,
    /// The text of the documentation says `requested_integrations`; its samples, which were sent
    /// for real, say this, and so do reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub integrations: Vec<NewIntegration>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uploaded_files: Vec<NewFile>,
}

/// A data exchange to be asked for.
#[derive(Serialize)]
pub struct NewIntegration {
    /// One of the documented words, which are singular.
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_frequency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_locations: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_specs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
}

/// A file that was uploaded before.
#[derive(Serialize)]
pub struct NewFile {
    pub name: String,
    pub uuid: Uuid,
}

/// Asks for a connection. The same request twice makes two, so this is never repeated.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn create_request(
    session: &Session,
    request: &NewRequest,
) -> Result<CreatedRequest, Arc<Error>> {
    let body = serde_json::to_value(request).map_err(|_| {
        let reason = "The request could not be written as JSON.";
        Error::new(Service::Crux, Class::Internal, reason)
    })?;
    let reply = session
        .send::<Value>(CREATE_REQUEST.call(&[]).json(body))
        .await;
    session.forget::<RequestRecords>(None);
    session.forget::<RequestPages>(None);
    created(reply)
}

/// Reads the answer. After a success the request exists, whatever the body says of it.
fn created(reply: Result<Reply<Value>, Arc<Error>>) -> Result<CreatedRequest, Arc<Error>> {
    match reply {
        Ok(reply) => Ok(CreatedRequest::deserialize(Exact(reply.value)).unwrap_or_default()),
        // 201 is said by nobody but the API; 200 with an unreadable body may be a proxy's.
        Err(error) if error.status == Some(201) => Ok(CreatedRequest::default()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_sent_under_the_names_of_the_samples() {
        let request = NewRequest {
            organization_name: "Invented Kettles".to_owned(),
            primary_contact_name: "Ada Example".to_owned(),
            primary_contact_phone: None,
            primary_contact_email: None,
            organization_account_number: Some("JL-1".to_owned()),
            additional_information: None,
            integrations: vec![NewIntegration {
                kind: "order",
                update_frequency: Some("33 * * * *".to_owned()),
                file_locations: None,
                file_specs: None,
                rules: None,
            }],
            uploaded_files: Vec::new(),
        };
        let sent = serde_json::to_value(&request).unwrap();
        let expected = json!({
            "organization_name": "Invented Kettles", "primary_contact_name": "Ada Example",
            "organization_account_number": "JL-1",
            "integrations": [{ "type": "order", "update_frequency": "33 * * * *" }],
        });
        assert_eq!(sent, expected);
    }

    fn answered(value: Value) -> Result<Reply<Value>, Arc<Error>> {
        Ok(Reply { value, bytes: 0 })
    }

    #[test]
    fn a_success_is_a_success_whatever_its_body() {
        let full = created(answered(json!({ "request_uuid": "a" }))).unwrap();
        assert_eq!(full.uuid(), Some("a"));
        for body in [json!(null), json!([1]), json!({ "request_uuid": [] })] {
            assert_eq!(created(answered(body)).unwrap(), CreatedRequest::default());
        }
    }

    #[test]
    fn a_broken_answer_is_a_success_only_with_status_201() {
        let broken = |class, status| {
            let error = Error::new(Service::Crux, class, "broken");
            let status = Some(status);
            created(Err(Arc::new(Error {
                status,
                ..Error::clone(&error)
            })))
        };
        for class in [Class::InvalidResponse, Class::Unavailable] {
            assert_eq!(broken(class, 201).unwrap(), CreatedRequest::default());
            assert!(broken(class, 200).is_err());
        }
    }
}
