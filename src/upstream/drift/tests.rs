use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::{identity::Service, upstream::Endpoint};

static GET_TENANTS: Endpoint = Endpoint::get(Service::Cro, "/tenants");
static GET_CONNECTIONS: Endpoint = Endpoint::get(Service::Crux, "/organizations/connections/");
static LIST_CONTRACTS: Endpoint =
    Endpoint::get(Service::TransEu, "/ext/contracts-api/v2/contracts");

fn departures(endpoint: &Endpoint, body: &Value) -> Vec<(String, Kind)> {
    let documentation = Documentation::of(endpoint.service);
    let shape = documentation.find(endpoint).unwrap();
    let found = comparison::compare(documentation, shape, body.to_string().as_bytes());
    found.into_iter().map(|it| (it.path, it.kind)).collect()
}

fn one(path: &str, kind: Kind) -> Vec<(String, Kind)> {
    vec![(path.to_owned(), kind)]
}

/// Method and path template of a sample, as the code writes them.
fn endpoint_of(service: Service, sample: &Value) -> Option<(Method, String)> {
    let named = match service {
        Service::Crux => format!(
            "{} {}",
            sample["method"].as_str()?,
            sample["path"].as_str()?.trim_start_matches("/timp")
        ),
        Service::Cro | Service::TransEu => sample["endpoint"].as_str()?.to_owned(),
    };
    let (method, path) = named.split_once(' ')?;
    let path = path
        .split('?')
        .next()?
        .replace("{partnerId}", "{partner-id}");
    let steps = path.split('/').map(|step| match step.len() {
        36 => "{uuid}",
        _ => step,
    });
    Some((method.parse().ok()?, steps.collect::<Vec<_>>().join("/")))
}

#[test]
fn no_documented_sample_departs_from_the_documentation() {
    let files = [
        (
            Service::Cro,
            "response_body",
            include_str!("../../../tests/samples/cro.samples.json"),
        ),
        (
            Service::TransEu,
            "body",
            include_str!("../../../tests/samples/trans-eu.samples.json"),
        ),
        (
            Service::Crux,
            "response",
            include_str!("../../../tests/samples/crux.samples.json"),
        ),
    ];
    let mut wrong = Vec::new();
    for (service, body, file) in files {
        let file: Value = serde_json::from_str(file).unwrap();
        let mut compared = 0;
        for (name, sample) in file["samples"].as_object().unwrap() {
            let is_error = name.starts_with("error");
            let Some((method, path)) = endpoint_of(service, sample).filter(|_| !is_error) else {
                continue;
            };
            let endpoint = Endpoint::of(service, method, path.leak());
            if Documentation::of(service).find(&endpoint).is_some() {
                compared += 1;
                let found = departures(&endpoint, &sample[body]);
                wrong.extend(
                    found
                        .into_iter()
                        .map(|(path, kind)| format!("{name} {path} {kind:?}")),
                );
            }
        }
        assert!(compared > 10, "{service}: {compared} samples were compared");
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_member_that_nobody_described_is_named_with_its_place() {
    let body = json!({ "results": [{ "id": 1, "colour": { "r": 1 } }, { "colour": 2 }] });
    assert_eq!(
        departures(&GET_TENANTS, &body),
        one("results[].colour", Kind::Member)
    );
}

#[test]
fn a_word_beyond_the_list_is_counted_and_not_shown() {
    let body = json!([{ "status": "SLEEPING" }, { "status": "ACTIVE" }]);
    assert_eq!(
        departures(&GET_CONNECTIONS, &body),
        one("[].status", Kind::Value)
    );
}

#[test]
fn a_null_departs_only_where_none_is_documented() {
    let body = json!({ "results": [{ "id": 1, "truck_limit": null, "code": null }] });
    assert_eq!(
        departures(&GET_TENANTS, &body),
        one("results[].code", Kind::Null)
    );
}

#[test]
fn another_type_departs_but_a_documented_spelling_does_not() {
    for spelling in [json!(true), json!(0), json!("False"), json!("1")] {
        let body = json!({ "results": [{ "is_active": spelling }] });
        assert_eq!(departures(&GET_TENANTS, &body), []);
    }
    let number = json!({ "results": [{ "is_active": 2 }] });
    assert_eq!(
        departures(&GET_TENANTS, &number),
        one("results[].is_active", Kind::Type)
    );
    let text = json!({ "_embedded": { "contracts": [{ "position": "3" }] }, "has_more": false });
    let path = "_embedded.contracts[].position";
    assert_eq!(departures(&LIST_CONTRACTS, &text), one(path, Kind::Type));
    assert_eq!(
        departures(&GET_CONNECTIONS, &json!({})),
        one("", Kind::Type)
    );
    assert_eq!(departures(&GET_TENANTS, &json!([])), one("", Kind::Type));
}

#[test]
fn a_null_object_is_documented_through_the_model_that_it_names() {
    let contract = |route: Value, pricing: Value| {
        let contract = json!({ "route": route, "pricing": pricing });
        json!({ "_embedded": { "contracts": [contract] }, "has_more": false })
    };
    let documented = contract(
        json!({ "distance": { "declared": null } }),
        json!({ "price": null }),
    );
    assert_eq!(departures(&LIST_CONTRACTS, &documented), []);
    let path = "_embedded.contracts[].route";
    let undocumented = contract(Value::Null, json!({}));
    assert_eq!(
        departures(&LIST_CONTRACTS, &undocumented),
        one(path, Kind::Null)
    );
}

#[test]
fn a_name_that_is_data_is_not_shown() {
    for name in [
        "ann@example.com",
        "6c3c72e1-aba3-43ee-bf0d-03c5f38f2af8",
        "12",
        "Größe",
    ] {
        let body = json!({ "results": [{ name: 1 }] });
        assert_eq!(
            departures(&GET_TENANTS, &body),
            one("results[].*", Kind::Member),
            "{name}"
        );
    }
}

#[test]
fn half_a_body_and_no_json_are_looked_at_without_harm() {
    let documentation = Documentation::of(Service::Cro);
    let shape = documentation.find(&GET_TENANTS).unwrap();
    let seen = |body: &[u8]| comparison::compare(documentation, shape, body);
    assert_eq!(seen(b"<html>"), BTreeSet::new());
    assert_eq!(seen(br#"{"results":[{"colour":1},{"#).len(), 1);
}

#[test]
fn one_body_is_asked_for_so_many_departures_and_no_more() {
    let row: serde_json::Map<String, Value> =
        (0..1000).map(|n| (format!("field{n}"), json!(1))).collect();
    assert_eq!(
        departures(&GET_TENANTS, &json!({ "results": [row] })).len(),
        100
    );
}

fn examined(watch: &Watch) -> (u64, u64) {
    let report = watch.report();
    (report.endpoints[0].bodies, report.endpoints[0].examined)
}

#[test]
fn the_first_bodies_are_examined_and_then_every_so_many() {
    let watch = Watch::new(50);
    for _ in 0..FIRST {
        watch.look(&GET_TENANTS, b"{}", &Meters::default());
    }
    assert_eq!(examined(&watch), (FIRST, FIRST));
    for _ in FIRST..200 {
        watch.look(&GET_TENANTS, b"{}", &Meters::default());
    }
    assert_eq!(examined(&watch), (200, FIRST + 4));
}

#[test]
fn a_watch_that_is_off_sees_nothing() {
    let watch = Watch::new(0);
    watch.look(&GET_TENANTS, br#"{"colour":1}"#, &Meters::default());
    assert!(watch.report().endpoints.is_empty());
}

#[test]
fn departures_are_counted_by_body_up_to_a_bound() {
    let (watch, meters) = (Watch::new(1), Meters::default());
    for body in 0..MOST_KEPT + 5 {
        let body = json!({ format!("field{body}"): 1, "colour": 2 });
        watch.look(&GET_TENANTS, body.to_string().as_bytes(), &meters);
    }
    let report = watch.report();
    let seen = &report.endpoints[0];
    assert_eq!(seen.departures.len(), MOST_KEPT);
    let colour = seen.departures.iter().find(|it| it.path == "colour");
    assert_eq!(colour.unwrap().bodies, (MOST_KEPT + 5) as u64);
    assert_eq!(seen.departures_not_listed, 6);
}
