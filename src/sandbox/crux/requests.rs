//! Connection requests. The names of a write and of a read differ.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::access::Account;
use super::refusal::{Refusal, object};
use super::state::{Integration, Request, State as World};
use super::views::RequestView;
use super::{Crux, Pairs};

const DEFAULT_LIMIT: usize = 50;
const LARGEST_LIMIT: usize = 100;

pub(super) async fn list(
    State(api): State<Arc<Crux>>,
    account: Account,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let start = number(&pairs, "start")?.unwrap_or(0);
    let limit = number(&pairs, "limit")?
        .unwrap_or(DEFAULT_LIMIT)
        .min(LARGEST_LIMIT);
    let state = api.store.read();
    let own = || {
        state
            .requests
            .iter()
            .filter(|request| request.owner == account.0)
    };
    let page: Vec<RequestView> = own()
        .skip(start)
        .take(limit)
        .map(|request| RequestView {
            state: &state,
            request,
        })
        .collect();
    let pagination = json!({ "total_count": own().count(), "start": start, "limit": limit });
    Ok(answer::ok(&Listed {
        requests: page,
        pagination,
    }))
}

#[derive(serde::Serialize)]
struct Listed<'a> {
    requests: Vec<RequestView<'a>>,
    pagination: Value,
}

fn number(pairs: &[(String, String)], name: &str) -> Result<Option<usize>, Refusal> {
    let Some((_, text)) = pairs.iter().find(|(key, _)| key == name) else {
        return Ok(None);
    };
    let invalid = |_| Refusal::fields(json!({ name: ["A valid integer is required."] }));
    text.parse().map(Some).map_err(invalid)
}

pub(super) async fn get(
    State(api): State<Arc<Crux>>,
    account: Account,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let state = api.store.read();
    let request = &state.requests[find(&state, account, &id)?];
    Ok(answer::ok(&RequestView {
        state: &state,
        request,
    }))
}

fn find(state: &World, account: Account, id: &str) -> Result<usize, Refusal> {
    let own = |request: &Request| request.owner == account.0 && request.id == id;
    state
        .requests
        .iter()
        .position(own)
        .ok_or_else(Refusal::not_found)
}

pub(super) async fn create(
    State(api): State<Arc<Crux>>,
    account: Account,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&headers, &body)?;
    check(&body, &["organization_name", "primary_contact_name"])?;
    let now = Moment::now();
    let mut state = api.store.write();
    let id = state.new_id("connection request");
    let mut request = Request {
        id: id.clone(),
        owner: account.0,
        org_name: String::new(),
        org_contact_full_name: String::new(),
        primary_contact_phone: None,
        primary_contact_email: None,
        account_number: None,
        additional_information: None,
        request_date: now.date(),
        approved_by: None,
        integrations: Vec::new(),
        uploaded_files: json!([]),
    };
    apply(&mut state, &mut request, &body);
    state.requests.push(request);
    let answer = json!({ "request_uuid": id, "request_date": now.spaced() });
    Ok(answer::json(StatusCode::CREATED, &answer))
}

/// Answers 204: the change has to be read back.
pub(super) async fn update(
    State(api): State<Arc<Crux>>,
    account: Account,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&headers, &body)?;
    check(&body, &[])?;
    let mut state = api.store.write();
    let at = find(&state, account, &id)?;
    let mut request = state.requests.remove(at);
    apply(&mut state, &mut request, &body);
    state.requests.insert(at, request);
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Approval is up to the vendor's staff and has no endpoint; this one is part of the sandbox alone.
pub(super) async fn approve(
    State(api): State<Arc<Crux>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let mut state = api.store.write();
    let found = state.requests.iter_mut().find(|request| request.id == id);
    found.ok_or_else(Refusal::not_found)?.approved_by = Some(0);
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Required members and the types of the known ones; unknown members are ignored.
fn check(body: &Map<String, Value>, required: &[&str]) -> Result<(), Refusal> {
    const TEXTS: [&str; 7] = [
        "organization_name",
        "primary_contact_name",
        "primary_contact_phone",
        "primary_contact_email",
        "organization_account_number",
        "retailer_account_number",
        "additional_information",
    ];
    const LISTS: [&str; 2] = ["integrations", "uploaded_files"];
    let mut errors = Map::new();
    for name in required {
        match body.get(*name) {
            None => drop(errors.insert((*name).to_owned(), json!(["This field is required."]))),
            Some(Value::Null) => {
                errors.insert((*name).to_owned(), json!(["This field may not be null."]));
            }
            Some(Value::String(text)) if text.is_empty() => {
                errors.insert((*name).to_owned(), json!(["This field may not be blank."]));
            }
            Some(_) => {}
        }
    }
    for (name, value) in body {
        if TEXTS.contains(&name.as_str()) && !(value.is_string() || value.is_null()) {
            errors.insert(name.clone(), json!(["Not a valid string."]));
        }
        let is_list = value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_object));
        if LISTS.contains(&name.as_str()) && !is_list {
            errors.insert(name.clone(), json!(["Expected a list of objects."]));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Refusal::fields(Value::Object(errors)))
    }
}

/// Writes what is sent, under the names of the text and of the samples.
fn apply(state: &mut World, request: &mut Request, body: &Map<String, Value>) {
    let text = |name: &str| {
        body.get(name)
            .map(|value| value.as_str().map(str::to_owned))
    };
    if let Some(name) = text("organization_name").flatten() {
        request.org_name = name;
    }
    if let Some(name) = text("primary_contact_name").flatten() {
        request.org_contact_full_name = name;
    }
    let slots = [
        ("primary_contact_phone", &mut request.primary_contact_phone),
        ("primary_contact_email", &mut request.primary_contact_email),
        (
            "additional_information",
            &mut request.additional_information,
        ),
    ];
    for (name, slot) in slots {
        if let Some(value) = text(name) {
            *slot = value;
        }
    }
    for name in ["organization_account_number", "retailer_account_number"] {
        if let Some(value) = text(name) {
            request.account_number = value;
        }
    }
    if let Some(files) = body.get("uploaded_files") {
        request.uploaded_files = files.clone();
    }
    if let Some(items) = body.get("integrations").and_then(Value::as_array) {
        let old = std::mem::take(&mut request.integrations);
        request.integrations = items
            .iter()
            .map(|sent| integration(state, &old, sent))
            .collect();
    }
}

/// One integration of a write: a known `record_uuid` changes that one, others are new.
/// The list as a whole replaces the old one.
fn integration(state: &mut World, old: &[Integration], sent: &Value) -> Integration {
    let text = |name: &str| {
        sent.get(name)
            .map(|value| value.as_str().map(str::to_owned))
    };
    let known = text("record_uuid")
        .flatten()
        .and_then(|id| old.iter().find(|one| one.record_uuid == id).cloned());
    let mut integration = known.unwrap_or_else(|| Integration {
        record_uuid: state.new_id("integration"),
        integration_type: "other".to_owned(),
        date_created: Moment::now().date(),
        ..Integration::default()
    });
    if let Some(kind) = text("integration_type").or_else(|| text("type")).flatten() {
        integration.integration_type = read_type(&kind);
    }
    if let Some(cron) = text("update_frequency") {
        integration.update_frequency = cron.map(|cron| read_frequency(&cron));
    }
    if let Some(places) = text("feed_source_file_locations").or_else(|| text("file_locations")) {
        integration.feed_source_file_locations = places;
    }
    if let Some(specs) = text("file_specs") {
        integration.file_specs = specs;
    }
    if let Some(rules) = text("rules") {
        integration.rules = rules;
    }
    integration
}

/// Two kinds are read in the plural, whichever way they were written.
fn read_type(kind: &str) -> String {
    match kind {
        "item" => "items".to_owned(),
        "order" => "orders".to_owned(),
        other => other.to_owned(),
    }
}

/// Five fields of cron are read as six, the seconds in front; anything else as it came.
fn read_frequency(cron: &str) -> String {
    if cron.split_whitespace().count() == 5 {
        format!("* {cron}")
    } else {
        cron.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_by_field() {
        let body = json!({ "primary_contact_name": "" })
            .as_object()
            .cloned()
            .unwrap();
        let refusal = check(&body, &["organization_name", "primary_contact_name"]).unwrap_err();
        assert_eq!(
            refusal.body,
            json!({
                "organization_name": ["This field is required."],
                "primary_contact_name": ["This field may not be blank."],
            })
        );
    }

    #[test]
    fn an_integration_is_read_under_other_names_and_forms() {
        let mut state = super::super::seed::state(1);
        let sent = json!({
            "type": "order", "update_frequency": "15 6 * * 1",
            "file_locations": "ftp://USER:PASSWORD@ftp.example.com/orders",
        });
        let stored = integration(&mut state, &[], &sent);
        assert_eq!(stored.integration_type, "orders");
        assert_eq!(stored.update_frequency.as_deref(), Some("* 15 6 * * 1"));
        assert_eq!(
            stored.feed_source_file_locations.as_deref(),
            Some("ftp://USER:PASSWORD@ftp.example.com/orders")
        );
        let change = json!({ "record_uuid": stored.record_uuid, "rules": "None" });
        let changed = integration(&mut state, std::slice::from_ref(&stored), &change);
        assert_eq!(changed.record_uuid, stored.record_uuid);
        assert_eq!(changed.rules.as_deref(), Some("None"));
        assert_eq!(changed.update_frequency, stored.update_frequency);
    }
}
