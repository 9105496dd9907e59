//! After a write whose answer was lost: the gateway looks whether it was done.

use serde_json::{Value, json};

use super::with_retries;
use crate::harness::{Api, Caller, World};

const FLEXIBLE: &str = "mutation { createFlexibleContract(input: { routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", carrierCompanyId: 9000202 }) { flexibleContract { upstreamId status } } }";
const FIXED: &str = "mutation { createFixedContract(input: { referenceNumber: \"REF-LOST\", routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", carrierCompanyId: 9000202, sendToCarrier: false, pricing: { byRoute: { price: { amount: 980, currency: \"EUR\" } } }, orderTerms: { paymentPeriodDays: 30, paymentDaysType: WORK }, period: { from: \"2027-01-01T00:00:00+01:00\", timezone: \"Europe/Warsaw\" } }) { fixedContract { upstreamId status } } }";
const ROUTE: &str = "mutation { createRoute(input: { name: \"Lost lane\", uniqueKey: \"LOST-1\", loading: { address: { country: \"pl\" } }, unloading: { address: { country: \"de\" } } }) { route { upstreamId status } } }";
const REQUEST: &str = "mutation { requestTradingConnection(input: { organizationName: \"Lost Kettles\", primaryContactName: \"Ada Example\" }) { requestId warnings tradingConnectionRequest { upstreamId status } } }";

/// The writes, the upstream of each, and where its answer has the object.
const WRITES: [(&str, Api, &str); 4] = [
    (
        FLEXIBLE,
        Api::TransEu,
        "/createFlexibleContract/flexibleContract/upstreamId",
    ),
    (
        FIXED,
        Api::TransEu,
        "/createFixedContract/fixedContract/upstreamId",
    ),
    (ROUTE, Api::TransEu, "/createRoute/route/upstreamId"),
    (
        REQUEST,
        Api::Crux,
        "/requestTradingConnection/tradingConnectionRequest/upstreamId",
    ),
];

async fn lost(api: Api, mutation: &str, fault: Value) -> (Value, usize) {
    let world = World::with(with_retries).await;
    lost_in(&world, api, mutation, fault).await
}

async fn lost_in(world: &World, api: Api, mutation: &str, mut fault: Value) -> (Value, usize) {
    fault["match"] = json!({ "method": "POST" });
    fault["times"] = json!(1);
    world.fault(api, fault).await;
    let answer = world.ask(&Caller::dispatcher(), mutation).await;
    let calls = world.calls(api).await;
    let writes = calls.iter().filter(|call| call.starts_with("POST")).count();
    (answer, writes)
}

#[tokio::test]
async fn a_write_that_was_done_is_found() {
    for (mutation, api, object) in WRITES {
        for fault in [
            json!({ "handled": true, "drop": true }),
            json!({ "handled": true, "status": 504 }),
            json!({ "truncate": true }),
        ] {
            let (answer, writes) = lost(api, mutation, fault.clone()).await;
            let found = answer["data"].pointer(object);
            assert!(found.is_some_and(Value::is_string), "{fault}: {answer}");
            assert_eq!(answer.get("errors"), None);
            assert_eq!(writes, 1);
        }
    }
}

#[tokio::test]
async fn a_write_that_is_not_found_has_an_unknown_outcome() {
    for (mutation, api, _) in WRITES {
        let (answer, writes) = lost(api, mutation, json!({ "drop": true })).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            extensions["code"],
            json!("UPSTREAM_UNAVAILABLE"),
            "{answer}"
        );
        assert_eq!(extensions["outcome"], json!("unknown"));
        assert_eq!(extensions["retryable"], json!(false));
        assert_eq!(writes, 1);
    }
}

#[tokio::test]
async fn of_two_that_may_be_it_none_is_taken() {
    let world = World::with(with_retries).await;
    let first = world.ask(&Caller::dispatcher(), FLEXIBLE).await;
    assert_eq!(first.get("errors"), None);
    world.calls(Api::TransEu).await;
    let fault = json!({ "handled": true, "drop": true });
    let (answer, writes) = lost_in(&world, Api::TransEu, FLEXIBLE, fault).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["outcome"], json!("unknown"), "{answer}");
    assert_eq!(writes, 1);
}

#[tokio::test]
async fn without_a_name_of_its_own_a_write_is_not_looked_for() {
    for (mutation, name) in [
        (FIXED, "referenceNumber: \"REF-LOST\", "),
        (ROUTE, "uniqueKey: \"LOST-1\", "),
    ] {
        let world = World::with(with_retries).await;
        let fault = json!({ "match": { "method": "POST" }, "handled": true, "drop": true });
        world.fault(Api::TransEu, fault).await;
        let answer = world
            .ask(&Caller::dispatcher(), &mutation.replace(name, ""))
            .await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["outcome"], json!("unknown"), "{answer}");
        assert_eq!(world.calls(Api::TransEu).await.len(), 1);
    }
}

#[tokio::test]
async fn a_refused_write_is_not_looked_for() {
    let world = World::with(with_retries).await;
    let fault =
        json!({ "match": { "method": "POST" }, "status": 400, "body": { "detail": "No." } });
    world.fault(Api::TransEu, fault).await;
    let answer = world.ask(&Caller::dispatcher(), FLEXIBLE).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], json!("BAD_USER_INPUT"));
    assert_eq!(extensions["outcome"], Value::Null);
    assert_eq!(world.calls(Api::TransEu).await.len(), 1);
}
