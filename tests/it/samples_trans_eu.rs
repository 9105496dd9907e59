//! Every sample of Trans.eu's answers, served through the graph: whatever a sample says comes out,
//! unless it is listed here as left out.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{
    InterfaceType, ObjectType, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use haulgraph::graph::schema;
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

/// Members of samples that the graph does not show.
const LEFT_OUT: &[&str] = &[
    // Counters of a route's snapshot are wrong; they are read with the route.
    "route._stats",
    // It leads to another contract.
    "base_contract_id",
    // Of an undocumented form.
    "cheapest_carrier_offer",
    "flags",
    "foreign_languages",
    "load_id",
    // The same as another member.
    "updated_at",
    // How the envelope counts.
    "page",
    "page_count",
    "page_size",
    "total_items",
    // Seconds are seconds.
    "publication_time.unit_code",
    "time.unit_code",
    // The route's id, which the payload shows as the route.
    "contracted_route_id",
];

/// Types that a selection does not enter: they are read by calls of their own.
const OTHER_ENTITIES: &[&str] = &["Location", "OwnEmployee", "Partner"];

/// Links to contracts.
const OTHER_CONTRACTS: &[(&str, &str)] = &[
    ("Route", "contracts"),
    ("Route", "flexibleContracts"),
    ("Contract", "baseContract"),
    ("FixedContract", "baseContract"),
    ("FlexibleContract", "baseContract"),
];

struct Types(BTreeMap<String, TypeDefinition>);

impl Types {
    fn read() -> Self {
        let document = async_graphql::parser::parse_schema(schema::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|it| match it {
            TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node)),
            _ => None,
        });
        Self(types.collect())
    }

    /// A selection of everything below `name`, each type once on the way down.
    fn selection(&self, name: &str, above: &[&str]) -> Option<String> {
        let (fields, members) = match &self.0.get(name)?.kind {
            TypeKind::Object(ObjectType { fields, .. }) => (fields, Vec::new()),
            TypeKind::Interface(InterfaceType { fields, .. }) => (fields, self.implementing(name)),
            _ => return Some(String::new()),
        };
        if above.contains(&name) || OTHER_ENTITIES.contains(&name) {
            return None;
        }
        let above: Vec<&str> = above.iter().copied().chain([name]).collect();
        let mut parts: Vec<String> = members
            .iter()
            .filter_map(|member| {
                let inner = self.selection(member, &above)?;
                Some(format!("... on {member} {inner}"))
            })
            .collect();
        for field in fields.iter().map(|field| &field.node) {
            let ty = field.ty.node.to_string();
            let ty = ty.trim_matches(|letter| "[]!".contains(letter));
            // They lead from contract to contract, which no sample does.
            if OTHER_CONTRACTS.contains(&(name, field.name.node.as_str())) {
                continue;
            }
            match self.selection(ty, &above) {
                Some(inner) => parts.push(format!("{} {inner}", field.name.node)),
                None if !self.0.contains_key(ty) => parts.push(field.name.node.to_string()),
                None => {}
            }
        }
        Some(format!("{{ {} }}", parts.join(" ")))
    }

    /// A selection of everything below `name`, which may be a type that others do not enter.
    fn selection_of(&self, name: &str) -> String {
        let TypeKind::Object(object) = &self.0[name].kind else {
            panic!("{name} is no object");
        };
        let parts = object.fields.iter().filter_map(|field| {
            let field = &field.node;
            let ty = field.ty.node.to_string();
            let ty = ty.trim_matches(|letter| "[]!".contains(letter));
            let is_link = name == "Partner"
                && ["details", "employees", "fleet"].contains(&field.name.node.as_str());
            let inner = if self.0.contains_key(ty) {
                self.selection(ty, &[])?
            } else {
                String::new()
            };
            (!is_link).then(|| format!("{} {inner}", field.name.node))
        });
        format!("{{ {} }}", parts.collect::<Vec<_>>().join(" "))
    }

    fn implementing(&self, interface: &str) -> Vec<&str> {
        let types = self.0.iter().filter(|(_, ty)| match &ty.kind {
            TypeKind::Object(object) => object.implements.iter().any(|it| it.node == interface),
            _ => false,
        });
        types.map(|(name, _)| name.as_str()).collect()
    }
}

/// The leaves of an answer or a sample in a form in which both can be compared: without case, the
/// number of a dictionary's entry, and the kind of hyphen.
fn leaves(value: &Value, path: &str, found: &mut BTreeSet<(String, String)>) {
    let plain = |text: &str| {
        let text = text.to_lowercase().replace('-', "_");
        let code = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        match code.strip_prefix('_') {
            Some(code) if code.len() + 1 < text.len() => code.to_owned(),
            _ => text,
        }
    };
    let leaf = match value {
        Value::Null | Value::Bool(_) => return,
        Value::Number(number) => number.as_f64().unwrap().to_string(),
        Value::String(text) => plain(text),
        Value::Array(items) => {
            items.iter().for_each(|item| leaves(item, path, found));
            return;
        }
        Value::Object(members) => {
            for (name, member) in members {
                // A map of marks by subject: its keys are data.
                if path.ends_with("contractors_satisfaction") {
                    found.insert((path.to_owned(), plain(name)));
                }
                leaves(member, &format!("{path}.{name}"), found);
            }
            return;
        }
    };
    found.insert((path.to_owned(), leaf));
}

fn lost(sample: &Value, answer: &Value) -> Vec<(String, String)> {
    let (mut said, mut shown) = (BTreeSet::new(), BTreeSet::new());
    leaves(sample, "", &mut said);
    leaves(answer, "", &mut shown);
    let shown: BTreeSet<String> = shown.into_iter().map(|(_, leaf)| leaf).collect();
    let is_left_out = |path: &str| {
        let path = format!("{path}.");
        LEFT_OUT
            .iter()
            .any(|out| path.contains(&format!(".{out}.")))
    };
    said.into_iter()
        .filter(|(path, leaf)| !leaf.is_empty() && !is_left_out(path) && !shown.contains(leaf))
        .collect()
}

fn samples() -> Value {
    let text = include_str!("../samples/trans-eu.samples.json");
    serde_json::from_str::<Value>(text).unwrap()["samples"].take()
}

/// Answers calls of `path` with the sample and gives back what of it does not come out.
async fn lost_of(sample: &Value, method: &str, path: &str, query: &str) -> Vec<(String, String)> {
    let world = World::new().await;
    let fault = json!({ "match": { "method": method, "path": path }, "body": sample });
    world.fault(Api::TransEu, fault).await;
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(answer["errors"], Value::Null, "{query}");
    lost(sample, &answer["data"])
}

#[tokio::test]
async fn every_sample_of_a_read_comes_out_whole() {
    let (types, samples) = (Types::read(), samples());
    let all = |name: &str| types.selection(name, &[]).unwrap();
    for (name, path, root) in [
        (
            "contracts.get.pallets",
            "*/v2/contracts/*",
            format!("contract(id: $id) {}", all("Contract")),
        ),
        (
            "contracts.get.annexWithSurcharges",
            "*/v2/contracts/*",
            format!("contract(id: $id) {}", all("Contract")),
        ),
        (
            "contracts.get.flexibleAccepted",
            "*/v2/contracts/*",
            format!("contract(id: $id) {}", all("Contract")),
        ),
        (
            "contracts.list",
            "*/v2/contracts",
            format!("contracts {{ nodes {} }}", all("Contract")),
        ),
        (
            "contracts.list.lastPage",
            "*/v2/contracts",
            format!("contracts {{ nodes {} }}", all("Contract")),
        ),
        (
            "routes.get",
            "*/v2/routes/*",
            format!("route(id: $id) {}", all("Route")),
        ),
        (
            "routes.list",
            "*/v2/routes",
            format!("routes {{ nodes {} }}", all("Route")),
        ),
        (
            "companies.employees",
            "*/companies/employees",
            format!("ownEmployees {}", types.selection_of("OwnEmployee")),
        ),
    ] {
        let body = &samples[name]["body"];
        let id = body["id"].as_str().unwrap_or_default();
        let query = format!("{{ {root} }}").replace("$id", &format!("\"{id}\""));
        assert_eq!(lost_of(body, "GET", path, &query).await, [], "{name}");
    }
}

#[tokio::test]
async fn every_sample_of_a_partner_comes_out_whole() {
    let (types, samples) = (Types::read(), samples());
    for partner in samples["partners.list"]["body"]["partners"]
        .as_array()
        .unwrap()
    {
        let page = &samples["partners.list"]["body"];
        let selection = types.selection_of("Partner");
        let company = &partner["company"]["id"];
        let shown = partner_of(company, "*/v1/partners", page, &selection).await;
        assert_eq!(lost(partner, &shown), []);
    }
    for (name, field, ty) in [
        ("partners.get", "details", "PartnerDetails"),
        ("partners.employees", "employees", "PartnerEmployee"),
        ("partners.fleet", "fleet", "PartnerVehicle"),
    ] {
        let body = &samples[name]["body"];
        let selection = format!("{{ {field} {} }}", types.selection_of(ty));
        let shown = partner_of(&json!(9_000_201), "*/v1/partners/*", body, &selection).await;
        assert_eq!(lost(body, &shown), [], "{name}");
    }
}

/// The partner with this company, while calls of `path` are answered with `body`.
async fn partner_of(company: &Value, path: &str, body: &Value, selection: &str) -> Value {
    let id = "17b5a510-4474-4eaa-9ffc-b5e0796046e2";
    let contract =
        json!({ "id": id, "route": { "id": id }, "carrier": { "company": { "id": company } } });
    let world = World::new().await;
    for (path, body) in [("*/v2/contracts/*", &contract), (path, body)] {
        let fault = json!({ "match": { "path": path }, "body": body });
        world.fault(Api::TransEu, fault).await;
    }
    let query = format!("{{ contract(id: \"{id}\") {{ carrier {{ partner {selection} }} }} }}");
    let answer = world.ask(&Caller::dispatcher(), &query).await;
    assert_eq!(answer["errors"], Value::Null, "{query}");
    answer["data"]["contract"]["carrier"]["partner"].clone()
}

#[tokio::test]
async fn every_sample_of_a_write_comes_out_whole() {
    const ROUTE: &str = "routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\"";
    let (types, samples) = (Types::read(), samples());
    let terms = format!(
        "{ROUTE}, carrierCompanyId: 9000202, sendToCarrier: true, pricing: {{ linear: {{ price: {{ amount: 1, currency: \"EUR\" }} }} }},
        period: {{ from: \"2027-01-01T00:00:00Z\", timezone: \"Europe/Warsaw\" }}, orderTerms: {{ paymentPeriodDays: 30, paymentDaysType: WORK }}"
    );
    let spots = "name: \"X\", loading: { address: { country: \"pl\" } }, unloading: { address: { country: \"de\" } }";
    let contract = "contractId: \"17b5a510-4474-4eaa-9ffc-b5e0796046e2\"";
    for (name, field, input) in [
        (
            "contracts.createFlexible",
            "createFlexibleContract",
            format!("{ROUTE}, carrierCompanyId: 9000202"),
        ),
        (
            "contracts.createFixed",
            "createFixedContract",
            terms.clone(),
        ),
        (
            "contracts.updateFixed",
            "replaceFixedContract",
            format!("{contract}, {terms}"),
        ),
        ("routes.create", "createRoute", spots.to_owned()),
        (
            "routes.publicationScenario",
            "setPublicationScenario",
            format!("{ROUTE}, publicationScenario: {{ parallel: true }}"),
        ),
    ] {
        let mut payload = format!("{field}Payload");
        payload[..1].make_ascii_uppercase();
        let query = format!(
            "mutation {{ {field}(input: {{ {input} }}) {} }}",
            types.selection_of(&payload)
        );
        let method = if name == "contracts.updateFixed" {
            "PUT"
        } else {
            "POST"
        };
        let body = &samples[name]["body"];
        let mut lost = lost_of(body, method, "*", &query).await;
        // The counters of a route that was written are read with the route, which the stand-in does
        // not have.
        lost.retain(|(path, _)| !path.contains("._stats."));
        assert_eq!(lost, [], "{name}");
    }
    for (name, balancing) in [
        (
            "routes.balance.freightLimit",
            "freightLimit: { min: 10, max: 60 }",
        ),
        ("routes.balance.percentageShare", "manual: true"),
    ] {
        let body = &samples[name]["body"];
        let query = format!(
            "mutation {{ balanceRoute(input: {{ {ROUTE}, balancing: {{ {balancing} }} }}) {{ rawType freightLimit {{ min max }} }} }}"
        );
        let mut lost = lost_of(body, "POST", "*", &query).await;
        // The name is the route's, which is read anew.
        lost.retain(|(path, _)| path != ".name");
        assert_eq!(lost, [], "{name}");
    }
    let body = &samples["routes.update.v1"]["body"];
    let query = format!(
        "mutation {{ replaceRoute(input: {{ {ROUTE}, notifyCarriers: false, {spots} }}) {{ routeId route {{ name }} }} }}"
    );
    let world = World::new().await;
    let fault = json!({ "match": { "method": "POST" }, "body": body });
    world.fault(Api::TransEu, fault).await;
    let answer = world.ask(&Caller::dispatcher(), &query).await;
    let id = haulgraph::ids::GlobalId::encode("Route", body["id"].as_str().unwrap());
    assert_eq!(
        answer["data"]["replaceRoute"],
        json!({ "routeId": id, "route": null }),
        "the stand-in does not know the sample's route"
    );
}
