//! Accounts: one user of one organization each, and the login that hands out their tokens.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;
use serde_json::{Value, json};

use super::super::answer;
use super::super::callers::credential;
use super::super::random::stable_uuid;
use super::Crux;
use super::refusal::{Refusal, object};
use super::state::{Kind, Organization};

struct Login {
    username: &'static str,
    token: &'static str,
    account: Account,
}

const PASSWORD: &str = "sandbox-password";

/// Which organization asks: its number in the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Account(pub(super) usize);

static LOGINS: [Login; 2] = [
    Login {
        username: "buyer@example.com",
        token: "sandbox-retailer",
        account: Account(0),
    },
    Login {
        username: "sales@example.com",
        token: "sandbox-supplier",
        account: Account(1),
    },
];

impl FromRequestParts<Arc<Crux>> for Account {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Crux>) -> Result<Self, Refusal> {
        let value = parts
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let Some(token) = value.and_then(|value| credential("token", value)) else {
            let text = "Authentication credentials were not provided.";
            return Err(Refusal::unauthenticated(text));
        };
        LOGINS
            .iter()
            .find(|login| login.token == token)
            .map(|login| login.account)
            .ok_or_else(|| Refusal::unauthenticated("Invalid token."))
    }
}

pub(super) async fn login(
    State(api): State<Arc<Crux>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = object(&headers, &body)?;
    let sent = |name: &str| body.get(name).and_then(Value::as_str);
    let found = LOGINS.iter().find(|login| {
        sent("username") == Some(login.username) && sent("password") == Some(PASSWORD)
    });
    let Some(login) = found else {
        return Err(Refusal::fields(json!({
            "non_field_errors": ["Unable to log in with the given credentials."]
        })));
    };
    let state = api.store.read();
    let organization = &state.organizations[login.account.0];
    Ok(answer::ok(&session(state.seed, login, organization)))
}

fn session(seed: u64, login: &Login, organization: &Organization) -> Value {
    let user = stable_uuid(seed, "crux user", login.account.0).to_string();
    let is_retailer = organization.kind == Kind::Retailer;
    let party = |wanted: bool| {
        if wanted {
            organization.party.as_str()
        } else {
            ""
        }
    };
    let permission = |number: usize, name: &str, text: &str, assigned: bool| {
        json!({
            "assigned": assigned,
            "permission": {
                "uuid": stable_uuid(seed, "permission", number).to_string(),
                "name": name, "display_name": text, "description": text,
                "visibility": "BOTH", "grouping": "ORGUSERS",
            },
        })
    };
    json!({
        "auth_token": login.token,
        "org_uuid": organization.id,
        "user_uuid": user,
        "retailer_uuid": party(is_retailer),
        "supplier_uuid": party(!is_retailer),
        "org_type": organization.kind.name(),
        "permission_assignments": {
            "permissions": [
                permission(0, "view_org_users", "View Users", true),
                permission(1, "edit_org_users", "Edit Users", false),
            ],
            "org_user": { "uuid": user },
        },
    })
}
