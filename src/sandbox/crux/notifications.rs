//! Dashboard notifications and their settings.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::super::answer;
use super::Crux;
use super::access::Account;
use super::refusal::{Refusal, object};
use super::state::Setting;
use super::views::Release;

pub(super) async fn list(State(api): State<Arc<Crux>>, _: Account) -> Response {
    answer::ok(&api.store.read().notifications)
}

pub(super) async fn settings(
    State(api): State<Arc<Crux>>,
    _: Account,
    release: Release,
) -> Response {
    let state = api.store.read();
    let shown: Vec<Value> = state
        .settings
        .iter()
        .map(|one| show(one, release))
        .collect();
    answer::ok(&shown)
}

fn show(setting: &Setting, release: Release) -> Value {
    let ways: Vec<Value> = setting
        .ways
        .iter()
        .map(|(via, frequency, enabled)| {
            json!({
                "notification_via": via, "notification_frequency": frequency, "enabled": enabled
            })
        })
        .collect();
    let mut shown = json!({
        "uuid": setting.id,
        "notification_name": setting.name,
        "notification_domain": setting.domain,
        "notification_type": ways,
        "org_user": null,
    });
    if release == Release::Timpanogos {
        shown["notification_display_name"] = Value::from(setting.display_name);
    }
    shown
}

/// `enabled` comes as a boolean or as the text "True".
pub(super) async fn change(
    State(api): State<Arc<Crux>>,
    _: Account,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&headers, &body)?;
    let text = |name: &str| {
        let missing = || Refusal::fields(json!({ name: ["This field is required."] }));
        body.get(name).and_then(Value::as_str).ok_or_else(missing)
    };
    let (id, via, frequency) = (
        text("uuid")?,
        text("notification_via")?,
        text("notification_frequency")?,
    );
    let enabled = match body.get("enabled") {
        Some(Value::Bool(enabled)) => *enabled,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => {
            return Err(Refusal::fields(
                json!({ "enabled": ["This field is required."] }),
            ));
        }
    };
    let mut state = api.store.write();
    let setting = state.settings.iter_mut().find(|setting| setting.id == id);
    let ways = &mut setting.ok_or_else(Refusal::not_found)?.ways;
    ways.retain(|(known, _, _)| !known.eq_ignore_ascii_case(via));
    ways.push((via.to_owned(), frequency.to_owned(), enabled));
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
