//! How a request is changed.
//!
//! Whether a list that is sent replaces the stored one or adds to it is not documented. A change of
//! a list is therefore a read, a merge and a write of the whole list: right either way.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{NewFile, RequestPages, RequestRecords, reading::GET_REQUEST};
use crate::{
    identity::Service,
    upstream::{Class, Endpoint, Error, Session, lenient},
};

static UPDATE_REQUEST: Endpoint =
    Endpoint::patch(Service::Crux, "/organizations/connections/request/{uuid}/");

/// A text that can be cleared: `None` leaves it, `Some(None)` clears it.
pub type TextChange = Option<Option<String>>;

/// A change of a request, under the names of the published samples; see
/// [`WriteNames`](super::WriteNames). File locations tend to hold passwords: this has no `Debug`.
#[derive(Default, Serialize)]
pub struct RequestChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_contact_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_contact_phone: TextChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_contact_email: TextChange,
    #[serde(
        rename = "retailer_account_number",
        skip_serializing_if = "Option::is_none"
    )]
    pub account_number: TextChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_information: TextChange,
    #[serde(skip)]
    pub integrations: Vec<IntegrationChange>,
    #[serde(skip)]
    pub added_files: Vec<NewFile>,
}

impl RequestChange {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        let texts = [
            &self.primary_contact_phone,
            &self.primary_contact_email,
            &self.account_number,
            &self.additional_information,
        ];
        self.organization_name.is_none()
            && self.primary_contact_name.is_none()
            && texts.iter().all(|text| text.is_none())
            && self.integrations.is_empty()
            && self.added_files.is_empty()
    }
}

/// A change of one data exchange, or a new one if it has no id.
#[derive(Default, Serialize)]
pub struct IntegrationChange {
    #[serde(rename = "record_uuid", skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// One of the documented words, which are singular.
    #[serde(rename = "integration_type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_frequency: TextChange,
    #[serde(
        rename = "feed_source_file_locations",
        skip_serializing_if = "Option::is_none"
    )]
    pub file_locations: TextChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_specs: TextChange,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: TextChange,
}

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub enum Changed {
    /// The upstream accepted it.
    Sent(SentLists),
    /// There is no such request; nothing was changed.
    UnknownRequest,
    /// The request has no such data exchange: the place in [`RequestChange::integrations`]. Nothing
    /// was sent.
    UnknownIntegration(usize),
}

/// What the lists held that were sent; empty for a list that was not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SentLists {
    /// How many data exchanges were sent, new ones included.
    pub integrations: usize,
    /// The ids of those that had been there before.
    pub known_integrations: Vec<Uuid>,
    /// The ids of the files.
    pub files: Vec<Uuid>,
}

/// The lists of a request as they are stored, passwords included: without them a change would
/// destroy them. It lives for one change, is not kept, and has no `Debug`.
#[derive(Deserialize)]
struct StoredLists {
    #[serde(default, deserialize_with = "lenient::list")]
    integrations: Vec<Map<String, Value>>,
    #[serde(default, deserialize_with = "lenient::list")]
    uploaded_files: Vec<Map<String, Value>>,
}

/// Changes a request: at most one read, and at most one write, which is never repeated.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn update_request(
    session: &Session,
    key: Uuid,
    change: &RequestChange,
) -> Result<Changed, Arc<Error>> {
    let mut body = as_json(change)?;
    let mut sent = SentLists::default();
    if !change.integrations.is_empty() || !change.added_files.is_empty() {
        let Some(stored) = stored(session, key).await? else {
            return Ok(Changed::UnknownRequest);
        };
        if !change.integrations.is_empty() {
            let known = |id: &Uuid| stored.integrations.iter().any(|one| is(one, id));
            let mut ids = change.integrations.iter().map(|one| one.id.as_ref());
            if let Some(at) = ids.position(|id| id.is_some_and(|id| !known(id))) {
                return Ok(Changed::UnknownIntegration(at));
            }
            body["integrations"] = integrations(&stored.integrations, change, &mut sent)?;
        }
        if !change.added_files.is_empty() {
            body["uploaded_files"] = files(stored.uploaded_files, change, &mut sent)?;
        }
    }
    let names = session.upstreams().crux_names;
    let call = UPDATE_REQUEST.call(&[&key]).json(names.of(body));
    let reply = session.send::<Value>(call).await;
    session.forget::<RequestRecords>(None);
    session.forget::<RequestPages>(None);
    match reply {
        Ok(_) => Ok(Changed::Sent(sent)),
        // The status said yes, and what became of it is read back.
        Err(error) if error.is_of_success() => Ok(Changed::Sent(sent)),
        Err(error) if error.class == Class::NotFound => Ok(Changed::UnknownRequest),
        Err(error) => Err(error),
    }
}

async fn stored(session: &Session, key: Uuid) -> Result<Option<StoredLists>, Arc<Error>> {
    let call = GET_REQUEST.call(&[&key]);
    match session.find::<StoredLists>(call).await {
        Ok(reply) => Ok(reply.map(|reply| reply.value)),
        Err(error) if error.status == Some(422) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The members of a stored data exchange that a write takes.
const WRITTEN: [&str; 6] = [
    "record_uuid",
    "integration_type",
    "update_frequency",
    "feed_source_file_locations",
    "file_specs",
    "rules",
];

/// All stored data exchanges with their changes, then the new ones.
fn integrations(
    stored: &[Map<String, Value>],
    change: &RequestChange,
    sent: &mut SentLists,
) -> Result<Value, Arc<Error>> {
    let mut all = Vec::with_capacity(stored.len() + change.integrations.len());
    for one in stored {
        let members = WRITTEN.iter().filter_map(|name| {
            let value = one.get(*name).filter(|value| !value.is_null())?;
            Some(((*name).to_owned(), value.clone()))
        });
        let mut merged: Map<String, Value> = members.collect();
        for own in &change.integrations {
            if own.id.as_ref().is_some_and(|id| is(one, id)) {
                merge(&mut merged, as_json(own)?);
            }
        }
        sent.known_integrations.extend(id(one, "record_uuid"));
        all.push(Value::Object(merged));
    }
    for new in change.integrations.iter().filter(|one| one.id.is_none()) {
        all.push(as_json(new)?);
    }
    sent.integrations = all.len();
    Ok(Value::Array(all))
}

/// All stored files, then those of the new ones that are not among them.
fn files(
    stored: Vec<Map<String, Value>>,
    change: &RequestChange,
    sent: &mut SentLists,
) -> Result<Value, Arc<Error>> {
    sent.files = stored.iter().filter_map(|file| id(file, "uuid")).collect();
    let mut all: Vec<Value> = stored.into_iter().map(Value::Object).collect();
    for file in &change.added_files {
        if !sent.files.contains(&file.uuid) {
            sent.files.push(file.uuid);
            all.push(as_json(file)?);
        }
    }
    Ok(Value::Array(all))
}

fn merge(into: &mut Map<String, Value>, change: Value) {
    if let Value::Object(members) = change {
        let id = into.get("record_uuid").cloned();
        into.extend(members);
        // As the upstream prints it.
        into.extend(id.map(|id| ("record_uuid".to_owned(), id)));
    }
}

fn is(integration: &Map<String, Value>, key: &Uuid) -> bool {
    id(integration, "record_uuid").as_ref() == Some(key)
}

fn id(members: &Map<String, Value>, name: &str) -> Option<Uuid> {
    Uuid::try_parse(members.get(name)?.as_str()?).ok()
}

fn as_json(part: &impl Serialize) -> Result<Value, Arc<Error>> {
    serde_json::to_value(part).map_err(|_| {
        let reason = "The change could not be written as JSON.";
        Error::new(Service::Crux, Class::Internal, reason)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KNOWN: Uuid = Uuid::from_u128(7);

    fn stored(value: Value) -> Vec<Map<String, Value>> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_change_is_sent_under_the_names_of_the_samples() {
        let change = RequestChange {
            organization_name: Some("Invented Kettles".to_owned()),
            account_number: Some(Some("JL-0815".to_owned())),
            additional_information: Some(None),
            ..RequestChange::default()
        };
        assert_eq!(
            as_json(&change).unwrap(),
            json!({
                "organization_name": "Invented Kettles",
                "retailer_account_number": "JL-0815",
                "additional_information": null,
            })
        );
    }

    #[test]
    fn all_integrations_are_sent_with_their_ids_and_what_was_not_changed() {
        let stored = stored(json!([
            { "record_uuid": KNOWN.to_string(), "integration_type": "items", "rules": null, "date_created": "2024-03-05",
              "feed_source_file_locations": "ftp://USER:PASSWORD@ftp.example.com", "update_frequency": "* 45 5 * * *" },
            { "record_uuid": Uuid::from_u128(8).to_string(), "integration_type": "orders", "rules": "None" },
        ]));
        let changed = IntegrationChange {
            id: Some(KNOWN),
            update_frequency: Some(None),
            rules: Some(Some("Skip".to_owned())),
            ..IntegrationChange::default()
        };
        let added = IntegrationChange {
            kind: Some("tracking"),
            ..IntegrationChange::default()
        };
        let change = RequestChange {
            integrations: vec![changed, added],
            ..RequestChange::default()
        };
        let mut sent = SentLists::default();
        let list = integrations(&stored, &change, &mut sent).unwrap();
        assert_eq!(
            list,
            json!([
                { "record_uuid": KNOWN.to_string(), "integration_type": "items", "rules": "Skip", "update_frequency": null,
                  "feed_source_file_locations": "ftp://USER:PASSWORD@ftp.example.com" },
                { "record_uuid": Uuid::from_u128(8).to_string(), "integration_type": "orders", "rules": "None" },
                { "integration_type": "tracking" },
            ])
        );
        let known_integrations = vec![KNOWN, Uuid::from_u128(8)];
        assert_eq!(
            sent,
            SentLists {
                integrations: 3,
                known_integrations,
                files: vec![]
            }
        );
    }

    #[test]
    fn a_file_that_is_there_already_is_not_added_again() {
        let stored = stored(json!([{ "uuid": KNOWN.to_string(), "name": "Layout" }]));
        let file = |number, name: &str| NewFile {
            name: name.to_owned(),
            uuid: Uuid::from_u128(number),
        };
        let change = RequestChange {
            added_files: vec![file(7, "Again"), file(9, "Sample")],
            ..RequestChange::default()
        };
        let mut sent = SentLists::default();
        let list = files(stored, &change, &mut sent).unwrap();
        assert_eq!(list[0]["name"], "Layout");
        assert_eq!(list[1]["name"], "Sample");
        assert_eq!(sent.files, [KNOWN, Uuid::from_u128(9)]);
    }
}
