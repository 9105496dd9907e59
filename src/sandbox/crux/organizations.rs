//! The own organization, its connections, and the discovery of suppliers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::super::answer;
use super::Crux;
use super::access::Account;
use super::refusal::{Refusal, object};
use super::state::Kind;
use super::views::{ConnectionView, OrganizationView, Release};

const DEFAULT_LIMIT: u64 = 50;
const LARGEST_LIMIT: u64 = 100;

pub(super) async fn own(
    State(api): State<Arc<Crux>>,
    account: Account,
    release: Release,
) -> Response {
    let state = api.store.read();
    let organization = &state.organizations[account.0];
    let with_website = release == Release::Timpanogos;
    answer::ok(&OrganizationView {
        state: &state,
        organization,
        release,
        with_website,
    })
}

/// All connections in which the account's organization is one of the two sides.
pub(super) async fn connections(
    State(api): State<Arc<Crux>>,
    account: Account,
    release: Release,
) -> Response {
    let state = api.store.read();
    let rows: Vec<ConnectionView> = state
        .connections
        .iter()
        .filter(|it| it.retailer == account.0 || it.supplier == account.0)
        .map(|connection| ConnectionView {
            state: &state,
            connection,
            release,
        })
        .collect();
    answer::ok(&rows)
}

pub(super) async fn discover(
    State(api): State<Arc<Crux>>,
    account: Account,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&headers, &body)?;
    let state = api.store.read();
    if state.organizations[account.0].kind != Kind::Retailer {
        return Err(Refusal::wrong_account());
    }
    let initial = body.get("initial_character").and_then(Value::as_str);
    let initial = initial.and_then(|text| text.chars().next());
    let recent = body.get("recent").and_then(Value::as_u64);
    let mut found: Vec<&Value> = state
        .discovery
        .iter()
        .filter(|it| initial.is_none_or(|letter| begins(&it["record"]["name"], letter)))
        .filter(|it| recent.is_none_or(|days| it["days"].as_u64() <= Some(days)))
        .map(|it| &it["record"])
        .collect();
    sort(&mut found, &body);
    let (start, limit) = (paging(&body, "start"), paging(&body, "limit"));
    let from = usize::try_from(start.unwrap_or(0))
        .unwrap_or(usize::MAX)
        .min(found.len());
    let limit = limit.map(|limit| limit.min(LARGEST_LIMIT));
    let most = usize::try_from(limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(0);
    let page: Vec<&Value> = found.iter().skip(from).take(most).copied().collect();
    // What was not asked for is echoed as null.
    Ok(answer::ok(&json!({
        "suppliers": page,
        "pagination": { "total_count": found.len(), "start": start, "limit": limit },
    })))
}

/// Nested as in the sample, or flat as in the text.
fn paging(body: &Map<String, Value>, name: &str) -> Option<u64> {
    let nested = body.get("pagination").and_then(|paging| paging.get(name));
    nested.or_else(|| body.get(name)).and_then(Value::as_u64)
}

/// `#` stands for a digit; case does not count.
fn begins(name: &Value, letter: char) -> bool {
    let first = name.as_str().and_then(|name| name.chars().next());
    first.is_some_and(|first| {
        if letter == '#' {
            first.is_ascii_digit()
        } else {
            first.eq_ignore_ascii_case(&letter)
        }
    })
}

fn sort(found: &mut [&Value], body: &Map<String, Value>) {
    let Some(key) = body.get("sort").and_then(|sort| sort["key"].as_str()) else {
        return;
    };
    match key {
        "number_of_skus" => found.sort_by_key(|one| one[key].as_u64()),
        "name" => found.sort_by_key(|one| one[key].as_str().map(str::to_owned)),
        _ => return,
    }
    if body["sort"]["dir"] == "desc" {
        found.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_matches_in_any_case_and_a_hash_any_digit() {
        assert!(begins(&json!("Nimbus"), 'n'));
        assert!(begins(&json!("3 Kettles"), '#'));
        assert!(!begins(&json!("Nimbus"), '#'));
        assert!(!begins(&json!(""), 'n'));
    }

    #[test]
    fn paging_is_read_nested_or_flat() {
        let body = |value: Value| value.as_object().cloned().unwrap();
        assert_eq!(
            paging(&body(json!({"pagination": {"start": 5}})), "start"),
            Some(5)
        );
        assert_eq!(paging(&body(json!({"start": 7})), "start"), Some(7));
        assert_eq!(paging(&body(json!({})), "start"), None);
    }
}
