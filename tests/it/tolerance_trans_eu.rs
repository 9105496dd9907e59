//! What Trans.eu's documentation leaves open or contradicts, as clients of the graph see it. The
//! stand-in answers with given bodies; the numbers are those of the reference's list of gaps.

mod writes;

use haulgraph::config::{Config, ReplaceMethod};
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

const ROUTE: &str = "cf65d42f-2bd0-4a24-8431-e59389a7b497";
const CONTRACT: &str = "17b5a510-4474-4eaa-9ffc-b5e0796046e2";
const OTHER: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

/// The answer to `query` while calls of `path` are answered with `status` and `body`.
async fn told(method: &str, path: &str, status: u16, body: Value, query: &str) -> Value {
    let (_, answer) = world_told(method, path, status, body, query).await;
    answer
}

async fn world_told(
    method: &str,
    path: &str,
    status: u16,
    body: Value,
    query: &str,
) -> (World, Value) {
    let world = World::new().await;
    let fault =
        json!({ "match": { "method": method, "path": path }, "status": status, "body": body });
    world.fault(Api::TransEu, fault).await;
    let answer = world.ask(&Caller::dispatcher(), query).await;
    (world, answer)
}

/// A contract that Trans.eu answers with these members.
async fn contract(members: Value, selection: &str) -> Value {
    let mut body = json!({
        "id": CONTRACT, "type": "fixed", "status": "accepted", "route": { "id": ROUTE },
        "carrier": { "company": { "id": 9_000_201 } },
        "last_modification_date": "2026-05-05T12:00:00+00:00",
    });
    merge(&mut body, members);
    let query = format!("{{ contract(id: \"{CONTRACT}\") {selection} }}");
    let answer = told("GET", "*/v2/contracts/*", 200, body, &query).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["contract"].clone()
}

/// A route that Trans.eu answers with these members.
async fn route(members: Value, selection: &str) -> Value {
    let mut body = json!({
        "id": ROUTE, "shipper_id": 9_000_101,
        "last_modification_date": "2026-05-05T12:00:00+00:00",
    });
    merge(&mut body, members);
    let query = format!("{{ route(id: \"{ROUTE}\") {selection} }}");
    let answer = told("GET", "*/v2/routes/*", 200, body, &query).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["route"].clone()
}

fn merge(body: &mut Value, members: Value) {
    let Value::Object(members) = members else {
        panic!("members are an object");
    };
    body.as_object_mut().unwrap().extend(members);
}

fn flexible() -> String {
    format!(
        "mutation {{ createFlexibleContract(input: {{ routeId: \"{ROUTE}\", carrierCompanyId: 9000202, currency: \"PLN\" }}) {{
            flexibleContract {{ status pricing {{ price {{ currency rawCurrency }} negotiable }} }} }} }}"
    )
}

fn code(answer: &Value) -> &str {
    let code = &answer["errors"][0]["extensions"]["code"];
    code.as_str().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn g03_a_currency_loses_the_number_of_its_entry_and_keeps_its_raw_form() {
    let summary = json!({ "shipments_summary": { "amount": "2", "price": [
        { "amount": 560, "currency": "1_eur" }, { "amount": null, "currency": null },
    ]}});
    let shown = route(
        summary,
        "{ shipmentsSummary { amount price { currency rawCurrency } } }",
    );
    assert_eq!(
        shown.await,
        json!({ "shipmentsSummary": { "amount": 2, "price": [{ "currency": "EUR", "rawCurrency": "1_eur" }] } })
    );
}

#[tokio::test]
async fn g04_the_counters_of_an_embedded_route_are_never_shown() {
    let embedded = json!({ "route": {
        "id": ROUTE, "name": "Snapshot", "_stats": { "contracts": { "fixed": 77, "flexible": 77 } },
    }});
    let shown = contract(
        embedded,
        "{ route { name stats { contracts { fixed flexible } } } }",
    );
    assert_eq!(
        shown.await["route"],
        json!({ "name": "Snapshot", "stats": { "contracts": { "fixed": 3, "flexible": 2 } } })
    );
}

#[tokio::test]
async fn g05_g06_the_status_line_decides_and_no_service_code() {
    for (status, said, expected) in [
        (409, 400, "CONFLICT"),
        (403, 404, "FORBIDDEN"),
        (500, 422, "UPSTREAM_UNAVAILABLE"),
    ] {
        let body =
            json!({ "title": "Odd", "status": said, "detail": "Odd.", "service_code": 5404 });
        let answer = told("POST", "*/flexible", status, body, &flexible()).await;
        assert_eq!(code(&answer), expected);
        let upstream = &answer["errors"][0]["extensions"]["upstream"];
        assert_eq!(
            (&upstream["status"], &upstream["serviceCode"]),
            (&json!(status), &json!(5404))
        );
    }
}

#[tokio::test]
async fn g07_not_found_is_told_by_words_whatever_the_status() {
    for status in [400, 404, 422] {
        for thing in ["Contracted route", "Route"] {
            let detail = format!("{thing} with ID: {OTHER} not found!");
            let body = json!({ "title": "Bad Request", "detail": detail });
            let answer = told("POST", "*/flexible", status, body, &flexible()).await;
            assert_eq!(code(&answer), "NOT_FOUND", "{status} {thing}");
            let argument = &answer["errors"][0]["extensions"]["argument"];
            assert_eq!(*argument, json!(["input", "routeId"]));
        }
    }
    let body = json!({ "detail": format!("Contract with ID: {OTHER} not found!") });
    let query = format!("{{ contract(id: \"{OTHER}\") {{ id }} }}");
    let answer = told("GET", "*/v2/contracts/*", 400, body, &query).await;
    assert_eq!(answer, json!({ "data": { "contract": null } }));
}

#[tokio::test]
async fn g08_g09_every_body_shape_is_an_error_with_its_words() {
    for (status, body, expected, message) in [
        (
            420,
            json!({ "title": "BalancingTypeException", "detail": "Not allowed." }),
            "CONFLICT",
            "Not allowed.",
        ),
        (
            422,
            json!({ "detail": "Failed Validation", "validation_messages": [{ "isEmpty": "Needed." }] }),
            "BAD_USER_INPUT",
            "Failed Validation",
        ),
        (
            400,
            json!({ "message": ["name must be a string"], "error": "Bad Request", "statusCode": 400 }),
            "BAD_USER_INPUT",
            "name must be a string",
        ),
        (
            400,
            json!({ "message": "Only this." }),
            "BAD_USER_INPUT",
            "Only this.",
        ),
        (
            400,
            json!({ "error": "Bulk limit reached." }),
            "BAD_USER_INPUT",
            "Bulk limit reached.",
        ),
    ] {
        let answer = told("POST", "*/flexible", status, body.clone(), &flexible()).await;
        assert_eq!(
            (code(&answer), answer["errors"][0]["message"].as_str()),
            (expected, Some(message)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn g11_g12_a_status_is_what_was_printed_and_never_a_counter() {
    let stats = json!({ "base_contract": { "registered": 1, "active": 0 } });
    for (printed, shown) in [
        ("active", "ACTIVE"),
        ("finished", "FINISHED"),
        ("suspended_by_shipper", "OTHER"),
    ] {
        let members = json!({ "status": printed, "_stats": stats });
        assert_eq!(
            contract(members, "{ status rawStatus }").await,
            json!({ "status": shown, "rawStatus": printed })
        );
    }
}

fn replacement() -> String {
    format!(
        "mutation {{ replaceFixedContract(input: {{ contractId: \"{CONTRACT}\", routeId: \"{ROUTE}\", carrierCompanyId: 9000202,
            sendToCarrier: false, pricing: {{ byRoute: {{ price: {{ amount: 1, currency: \"EUR\" }} }} }},
            period: {{ from: \"2027-01-01T00:00:00Z\", timezone: \"Europe/Warsaw\" }},
            orderTerms: {{ paymentPeriodDays: 30, paymentDaysType: CALENDAR }} }}) {{ fixedContract {{ id }} }} }}"
    )
}

#[tokio::test]
async fn g17_a_refused_verb_is_not_tried_with_another() {
    let body = json!({ "message": "Method Not Allowed" });
    let (world, answer) = world_told("PUT", "*", 405, body, &replacement()).await;
    assert_eq!(answer["data"], json!({ "replaceFixedContract": null }));
    let calls = world.calls(Api::TransEu).await;
    let put = format!("PUT /ext/contracts-api/v2/contracts/fixed/{CONTRACT} 405");
    assert_eq!(calls, [put]);
}

#[tokio::test]
async fn g17_the_verb_is_configuration() {
    let by_post = |config: &mut Config| config.trans_eu.replace_method = ReplaceMethod::Post;
    let world = World::with(by_post).await;
    world.ask(&Caller::dispatcher(), &replacement()).await;
    // The stand-in believes the heading.
    let post = format!("POST /ext/contracts-api/v2/contracts/fixed/{CONTRACT} 405");
    assert_eq!(world.calls(Api::TransEu).await, [post]);
}

#[tokio::test]
async fn g18_rules_of_pallets_have_two_spellings() {
    for name in ["pallets", "palletes"] {
        let load =
            json!({ "name": "Boxes", name: { "is_stackable": true, "is_exchangeable": false } });
        let shown = route(
            json!({ "loads": [load] }),
            "{ loads { pallets { isStackable } } }",
        );
        assert_eq!(
            shown.await,
            json!({ "loads": [{ "pallets": { "isStackable": true } }] }),
            "{name}"
        );
    }
}

#[tokio::test]
async fn g24_numbers_may_be_texts() {
    let members = json!({
        "percentage_share": "33.5", "planned_shipments": { "value": "48", "unit": "ton" },
        "carrier": { "company": { "id": "9000201" } },
    });
    let shown = contract(members, "{ percentageShare carrier { company { upstreamId } } ... on FixedContract { plannedShipments { value unit } } }").await;
    assert_eq!(
        shown,
        json!({ "percentageShare": 33.5, "carrier": { "company": { "upstreamId": "9000201" } },
            "plannedShipments": { "value": 48.0, "unit": "TON" } })
    );
}

#[tokio::test]
async fn g25_g26_what_is_not_set_is_null_in_all_its_forms() {
    let selection = "{ period { from } shipper { company { upstreamId } } stats { offers { total } } ... on FixedContract { orderTerms { additionalTerms } plannedShipments { value } referenceNumber surcharges { kind } } }";
    let nothing = json!({ "period": null, "shipper": null, "stats": null, "orderTerms": null,
        "plannedShipments": null, "referenceNumber": null, "surcharges": [] });
    let members = |unset: Value| json!({ "period": unset, "_stats": unset, "order_terms": unset, "planned_shipments": unset });
    for members in [
        json!({}),
        members(Value::Null),
        members(json!({})),
        json!({ "period": { "from": null, "to": null }, "shipper": { "company": { "id": null } },
            "planned_shipments": { "type": null, "value": null, "periods": [] } }),
    ] {
        assert_eq!(
            contract(members.clone(), selection).await,
            nothing,
            "{members}"
        );
    }
}

#[tokio::test]
async fn g29_words_are_known_in_any_case() {
    let members = json!({
        "balancing": { "type": "PERCENTAGE_SHARE", "allowed_types": ["manual", "Freight_Limit"] },
        "requirements": { "freight_type": "ftl", "required_ways_of_loading": ["Side", "BACK"] },
    });
    let shown = route(
        members,
        "{ balancing { type allowedTypes } requirements { freightType requiredWaysOfLoading } }",
    );
    assert_eq!(
        shown.await,
        json!({
            "balancing": { "type": "PERCENTAGE_SHARE", "allowedTypes": ["MANUAL", "FREIGHT_LIMIT"] },
            "requirements": { "freightType": "FTL", "requiredWaysOfLoading": ["SIDE", "BACK"] },
        })
    );
}

#[tokio::test]
async fn g01_g02_g33_any_success_counts_and_the_answer_is_shown_not_the_wish() {
    for status in [200, 201, 202] {
        let body = json!({
            "id": OTHER, "type": "flexible", "status": "waiting_for_acceptance",
            "pricing": { "type": "no_rate", "price": { "currency": "eur" } },
            "route": { "id": ROUTE }, "carrier": { "company": { "id": 9_000_202 } },
        });
        let answer = told("POST", "*/flexible", status, body, &flexible()).await;
        assert_eq!(
            answer["data"]["createFlexibleContract"]["flexibleContract"],
            json!({ "status": "WAITING_FOR_ACCEPTANCE",
                "pricing": { "price": { "currency": "EUR", "rawCurrency": "eur" }, "negotiable": null } })
        );
    }
}

#[tokio::test]
async fn g39_a_replacement_may_be_answered_with_a_new_route() {
    let new = "79fec1b7-ea24-44ea-b9c9-0a6294b19e1c";
    let spot = "{ address: { country: \"pl\" } }";
    let query = format!(
        "mutation {{ replaceRoute(input: {{ routeId: \"{ROUTE}\", notifyCarriers: true, name: \"X\", loading: {spot}, unloading: {spot} }}) {{
            isNewRoute route {{ upstreamId name }} }} }}"
    );
    let body = json!({ "id": new, "name": "X", "loads": [], "spots": [] });
    let (world, answer) = world_told("POST", "*/v1/routes/*", 200, body, &query).await;
    assert_eq!(
        answer["data"]["replaceRoute"],
        json!({ "isNewRoute": true, "route": { "upstreamId": new, "name": "Musterstadt to Ukazkov, lane 2" } })
    );
    let calls = world.calls(Api::TransEu).await;
    assert_eq!(calls.len(), 2, "{calls:?}");
}

#[tokio::test]
async fn g40_g41_what_is_unexplained_breaks_nothing() {
    let members = json!({
        "_stats": { "transports": { "cheapest_carrier_offer": { "price": [1] } } },
        "requirements": { "vehicle_size": null, "required_truck_bodies": ["box"] },
        "something_new": [{}],
    });
    let shown = route(
        members,
        "{ requirements { vehicleSize } stats { transports { realized { count } } } }",
    );
    assert_eq!(shown.await["requirements"], json!({ "vehicleSize": null }));
    let members = json!({ "deactivations": [{ "from": "2026-01-01" }], "refusal_reason": "" });
    assert_eq!(
        contract(members, "{ isInForce refusalReason }").await,
        json!({ "isInForce": null, "refusalReason": null })
    );
}
