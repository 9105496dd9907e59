//! How a connection is asked for.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{ConnectionRequest, CreatedRequest, RequestPageKey, RequestPages, RequestRecords};
use crate::{
    identity::Service,
    upstream::{
        Class, Endpoint, Error, Reply, Session,
        crux::moment,
        doubt::{self, Write},
        json,
    },
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
    /// See [`WriteNames`](super::WriteNames).
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

/// Asks for a connection. The same request twice makes two, so this is never repeated; if the answer
/// is lost, the request is looked for by what it says.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn create_request(
    session: &Arc<Session>,
    request: &NewRequest,
) -> Result<CreatedRequest, Arc<Error>> {
    let body = serde_json::to_value(request).map_err(|_| {
        let reason = "The request could not be written as JSON.";
        Error::new(Service::Crux, Class::Internal, reason)
    })?;
    let names = session.upstreams().crux_names;
    let write = Write::begin(&CREATE_REQUEST);
    let reply = session
        .send::<Value>(CREATE_REQUEST.call(&[]).json(names.of(body)))
        .await;
    session.forget::<RequestRecords>(None);
    session.forget::<RequestPages>(None);
    let look = async |since| find_created(session, request, since).await;
    settled(write.end(session, reply.map(created), look).await)
}

/// The request as the list shows it. No order is documented, so the newest are on the first page or
/// on the last.
async fn find_created(
    session: &Arc<Session>,
    sent: &NewRequest,
    since: Timestamp,
) -> Result<Option<CreatedRequest>, Arc<Error>> {
    let first = RequestPageKey::of_walk(0);
    let mut pages = vec![session.load::<RequestPages>(first).await?];
    let count = session.find_size::<RequestPages>(&first).unwrap_or(1);
    if count > 1 {
        let last = RequestPageKey::of_walk(count - 1);
        pages.push(session.load::<RequestPages>(last).await?);
    }
    let listed = pages.iter().flatten().flat_map(|page| &page.items);
    // A list tells the day only.
    let day = since.to_zoned(TimeZone::UTC).date().to_string();
    let found = doubt::only(listed.filter(|listed| is_what_was_sent(listed, sent, &day)));
    Ok(found.map(|found| CreatedRequest {
        record_uuid: Some(found.record_uuid.clone()),
        ..CreatedRequest::default()
    }))
}

/// Free texts are not compared: what may be a password in them is gone on reads.
fn is_what_was_sent(listed: &ConnectionRequest, sent: &NewRequest, day: &str) -> bool {
    let date = listed.request_date.as_deref().and_then(moment::date);
    let account = listed.retailer_account_number.as_ref();
    date.is_some_and(|date| date.as_str() >= day)
        && listed.org_name.as_ref() == Some(&sent.organization_name)
        && listed.org_contact_full_name.as_ref() == Some(&sent.primary_contact_name)
        && listed.primary_contact_phone == sent.primary_contact_phone
        && listed.primary_contact_email == sent.primary_contact_email
        && account.or(listed.supplier_account_number.as_ref())
            == sent.organization_account_number.as_ref()
        && listed.integrations.len() == sent.integrations.len()
}

/// Reads the answer to a write that was done, whatever the body says of it.
fn created(reply: Reply<Value>) -> CreatedRequest {
    json::read(&reply.value.to_string().into()).unwrap_or_default()
}

/// A request that was not found exists all the same if 201 was said: nobody but the API says that,
/// while 200 with an unreadable body may be a proxy's.
fn settled(ended: Result<CreatedRequest, Arc<Error>>) -> Result<CreatedRequest, Arc<Error>> {
    match ended {
        Err(error) if error.status == Some(201) => Ok(CreatedRequest::default()),
        ended => ended,
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

    #[test]
    fn a_success_is_a_success_whatever_its_body() {
        let answered = |value| created(Reply { value, bytes: 0 });
        let full = answered(json!({ "request_uuid": "a" }));
        assert_eq!(full.uuid(), Some("a"));
        for body in [json!(null), json!([1]), json!({ "request_uuid": [] })] {
            assert_eq!(answered(body), CreatedRequest::default());
        }
    }

    #[test]
    fn a_broken_answer_is_a_success_only_with_status_201() {
        let broken = |class, status| {
            let error = Error::new(Service::Crux, class, "broken");
            settled(Err(error.answered(status)))
        };
        for class in [Class::InvalidResponse, Class::Unavailable] {
            assert_eq!(broken(class, 201).unwrap(), CreatedRequest::default());
            assert!(broken(class, 200).is_err());
        }
    }
}
