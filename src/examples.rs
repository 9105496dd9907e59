//! What GraphiQL shows at first: headers to send, and operations that show the graph.

use serde_json::json;

use crate::{
    config::{Config, TrustedMode},
    http::{
        OPERATOR_KEY,
        graphiql::{Page, Tab},
    },
    sandbox,
};

/// The page's settings. With the sandbox the headers are those of its first synthetic caller;
/// otherwise they have the configured names and no values.
pub fn page(config: &Config, with_sandbox: bool) -> Page {
    let mut headers: Vec<_> = match sandbox::callers().first() {
        Some(caller) if with_sandbox => caller
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        _ => names(config)
            .into_iter()
            .map(|name| (name, String::new()))
            .collect(),
    };
    if config.documents.trusted.mode == TrustedMode::Only {
        // What people write here is in no list.
        headers.push((OPERATOR_KEY.to_string(), String::new()));
    }
    let title = if with_sandbox {
        "Haulgraph sandbox"
    } else {
        "Haulgraph"
    };
    Page {
        title: title.to_owned(),
        headers,
        tabs: tabs(with_sandbox),
        explain: config.explain.enabled,
    }
}

fn names(config: &Config) -> Vec<String> {
    let mut names = vec![
        config.cro.identity.authorization.to_string(),
        config.cro.identity.tenant.to_string(),
        config.trans_eu.identity.authorization.to_string(),
        config.trans_eu.identity.api_key.to_string(),
        config.crux.identity.authorization.to_string(),
    ];
    names.dedup();
    names
}

/// Objects of the sandbox that the examples write about; empty for a real installation.
struct Subjects {
    hauler: &'static str,
    tenant_code: &'static str,
    route: &'static str,
    carrier: &'static str,
}

impl Subjects {
    fn of(with_sandbox: bool) -> Self {
        let known = |id| if with_sandbox { id } else { "" };
        Self {
            hauler: known("60509b37-17d4-49d8-8107-d69188a08355"),
            tenant_code: known("JUNIPER+3"),
            route: known("cf65d42f-2bd0-4a24-8431-e59389a7b497"),
            carrier: known("9000201"),
        }
    }
}

fn tabs(with_sandbox: bool) -> Vec<Tab> {
    let subjects = Subjects::of(with_sandbox);
    let tab = |title: &str, query: &str, variables: Option<serde_json::Value>| Tab {
        title: title.to_owned(),
        query: query.trim().to_owned() + "\n",
        variables,
        headers: Vec::new(),
    };
    vec![
        tab(
            "A dispatcher's day",
            include_str!("examples/dispatchers_day.graphql"),
            None,
        ),
        tab(
            "A yard at work",
            include_str!("examples/yard_at_work.graphql"),
            None,
        ),
        tab(
            "A hundred contracts",
            include_str!("examples/hundred_contracts.graphql"),
            None,
        ),
        tab(
            "Freight routes",
            include_str!("examples/freight_routes.graphql"),
            None,
        ),
        tab(
            "Connect a hauler",
            include_str!("examples/connect_hauler.graphql"),
            Some(
                json!({ "input": { "haulerId": subjects.hauler, "tenantCode": subjects.tenant_code } }),
            ),
        ),
        tab(
            "Offer a flexible contract",
            include_str!("examples/flexible_contract.graphql"),
            Some(
                json!({ "input": { "routeId": subjects.route, "carrierCompanyId": subjects.carrier, "currency": "EUR", "negotiable": false } }),
            ),
        ),
        tab(
            "Request a trading connection",
            include_str!("examples/trading_connection.graphql"),
            Some(json!({ "input": {
                "organizationName": "Example Orchard Supply",
                "primaryContactName": "Example Person",
                "primaryContactEmail": "person@example.com",
                "integrations": [{ "type": "ITEM", "updateFrequency": "30 6 * * *", "fileLocations": "ftp://files.example.com/items" }],
            } })),
        ),
        tab(
            "What an error looks like",
            include_str!("examples/an_error.graphql"),
            None,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_offers_the_operators_key_where_nothing_else_lets_documents_through() {
        let offers = |mode| {
            let mut config = Config::default();
            config.documents.trusted.mode = mode;
            let headers = page(&config, true).headers;
            headers.contains(&(OPERATOR_KEY.to_string(), String::new()))
        };
        assert!(offers(TrustedMode::Only));
        assert!(!offers(TrustedMode::Prefer));
    }
}
