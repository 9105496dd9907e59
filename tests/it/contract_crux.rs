//! Every published shape of Crux's answers, served through the graph with every field selected.

use std::{collections::HashMap, fmt::Write};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
};
use haulgraph::graph::schema;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

/// Types that another upstream answers.
const ELSEWHERE: [&str; 1] = ["Customer"];

struct Types(HashMap<String, Vec<FieldDefinition>>);

impl Types {
    fn read() -> Self {
        let document = parse_schema(schema::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(ty) = definition else {
                return None;
            };
            let name = ty.node.name.node.to_string();
            let TypeKind::Object(object) = ty.node.kind else {
                return None;
            };
            let fields = object.fields.into_iter().map(|field| field.node);
            Some((name, fields.collect()))
        });
        Self(types.collect())
    }

    /// All fields of a type, and of what they lead to; each type once on the way down.
    fn select(&self, name: &str, above: &[&str]) -> String {
        let mut selection = String::new();
        for field in &self.0[name] {
            let target = named(&field.ty.node);
            selection.push(' ');
            if !self.0.contains_key(&target) {
                selection.push_str(&field.name.node);
            } else if !above.contains(&target.as_str()) && !ELSEWHERE.contains(&target.as_str()) {
                let above: Vec<&str> = above.iter().copied().chain([name]).collect();
                let below = self.select(&target, &above);
                write!(selection, "{} {{{below} }}", field.name.node).unwrap();
            }
        }
        selection
    }
}

fn named(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named(item),
    }
}

const INPUT: &str = "organizationName: \"Invented Kettles\", primaryContactName: \"Ada Example\"";

#[rstest]
#[case("connection_request.create", &format!("mutation {{ requestTradingConnection(input: {{ {INPUT} }})"), "RequestTradingConnectionPayload")]
#[case("connection_request.create.minimal", &format!("mutation {{ requestTradingConnection(input: {{ {INPUT} }})"), "RequestTradingConnectionPayload")]
#[case("connection_request.create.documented_names", &format!("mutation {{ requestTradingConnection(input: {{ {INPUT} }})"), "RequestTradingConnectionPayload")]
#[case(
    "connection_request.list",
    "{ tradingConnectionRequests(first: 50)",
    "TradingConnectionRequestConnection"
)]
#[case(
    "connection_request.list.empty",
    "{ tradingConnectionRequests(first: 50)",
    "TradingConnectionRequestConnection"
)]
#[case(
    "connection_request.detail.approved",
    "{ tradingConnectionRequest(id: \"bb593192-f895-477c-8b85-cc998c99b182\")",
    "TradingConnectionRequest"
)]
#[case(
    "connection_request.detail.pending",
    "{ tradingConnectionRequest(id: \"6c3c72e1-aba3-43ee-bf0d-03c5f38f2af8\")",
    "TradingConnectionRequest"
)]
#[case(
    "connection_request.update",
    "mutation { updateTradingConnectionRequest(input: { requestId: \"6c3c72e1-aba3-43ee-bf0d-03c5f38f2af8\", primaryContactPhone: \"555-0133\" })",
    "UpdateTradingConnectionRequestPayload"
)]
#[case("connection.list", "{ tradingConnections", "TradingConnection")]
#[case("connection.list.v1", "{ tradingConnections", "TradingConnection")]
#[case("organization.own", "{ ownOrganization", "Organization")]
#[case("organization.own.v1", "{ ownOrganization", "Organization")]
#[case(
    "discovery.suppliers",
    "{ discoverySuppliers",
    "DiscoverySupplierConnection"
)]
#[case(
    "discovery.suppliers.documented_fields",
    "{ discoverySuppliers",
    "DiscoverySupplierConnection"
)]
#[case("notification.list", "{ notifications", "Notification")]
#[case(
    "notification.settings",
    "{ notificationSettings",
    "NotificationSetting"
)]
#[case(
    "notification.settings.v1",
    "{ notificationSettings",
    "NotificationSetting"
)]
#[tokio::test]
async fn a_sample_is_served_whole(#[case] sample: &str, #[case] field: &str, #[case] ty: &str) {
    let samples: Value =
        serde_json::from_str(include_str!("../samples/crux.samples.json")).unwrap();
    let sample = &samples["samples"][sample];
    let path = sample["path"].as_str().unwrap();
    let path = path.split('?').next().unwrap().trim_start_matches("/timp");
    let world = World::new().await;
    let matches = json!({ "method": sample["method"], "path": path });
    let answer =
        json!({ "match": matches, "status": sample["status"], "body": sample["response"] });
    world.fault(Api::Crux, answer).await;

    let query = format!("{field} {{{} }} }}", Types::read().select(ty, &[]));
    let answer = world.ask(&Caller::dispatcher(), &query).await;
    assert_eq!(answer["errors"], Value::Null, "{query}");
    let shown = answer["data"].to_string();
    if sample["method"] == "GET" || path.contains("discovery") {
        let mut missing = Vec::new();
        texts(&sample["response"], &mut |text| {
            // A name may be printed with spaces around it.
            if !shown.contains(text.trim()) {
                missing.push(text.to_owned());
            }
        });
        assert_eq!(missing, Vec::<String>::new(), "{shown}");
    }
}

/// The texts of an answer that are shown as they are: moments have another form, passwords none.
fn texts(value: &Value, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) if text.contains('@') && text.contains("://") => {}
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => {}
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, visit)),
        Value::Object(members) => members.values().for_each(|member| texts(member, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
