//! What is sent to Trans.eu where its documentation contradicts itself, and what is never sent.

use haulgraph::graph::schema;
use serde_json::{Value, json};

use super::{CONTRACT, OTHER, ROUTE, code, flexible};
use crate::harness::{Api, Caller, World};

const PERIOD: &str = "period: { from: \"2027-01-01T00:00:00Z\", timezone: \"Europe/Warsaw\" }";
const TERMS: &str =
    "orderTerms: { paymentPeriodDays: 30, paymentDaysType: WORK, monitoringRequired: true }";
const PRICE: &str = "price: { amount: 980, currency: \"EUR\" }";

fn create(pricing: &str, period: &str, terms: &str) -> String {
    format!(
        "mutation {{ createFixedContract(input: {{ routeId: \"{ROUTE}\", carrierCompanyId: 9000202, sendToCarrier: false,
            pricing: {pricing}, {period}, {terms} }}) {{ fixedContract {{ status }} }} }}"
    )
}

/// The bodies of the calls that `write` makes, and the answer.
async fn sent(write: &str) -> (Vec<Value>, Value) {
    let world = World::new().await;
    let answer = world.ask(&Caller::dispatcher(), write).await;
    (world.logged_bodies(Api::TransEu).await, answer)
}

#[tokio::test]
async fn g16_what_no_answer_tells_has_to_be_said() {
    let pricing = format!("{{ byRoute: {{ {PRICE} }} }}");
    for (period, terms, missing) in [
        (
            "period: { from: \"2027-01-01T00:00:00Z\" }",
            TERMS,
            "timezone",
        ),
        (
            PERIOD,
            "orderTerms: { paymentPeriodDays: 30 }",
            "paymentDaysType",
        ),
    ] {
        let (bodies, answer) = sent(&create(&pricing, period, terms)).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(missing), "{message}");
        assert_eq!(bodies, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn g19_g20_g21_terms_are_sent_as_the_samples_show_them() {
    let pricing = format!("{{ byRoute: {{ {PRICE} }} }}");
    let (bodies, answer) = sent(&create(&pricing, PERIOD, TERMS)).await;
    assert_eq!(answer["errors"], Value::Null);
    let terms = bodies[0]["order_terms"].as_object().unwrap();
    assert_eq!(terms["monitoring"], json!({ "required": true }));
    assert!(
        !terms.contains_key("silent_confirmation"),
        "it is sent only if it is given"
    );
    let pricing = bodies[0]["pricing"].as_object().unwrap();
    assert!(
        !pricing.contains_key("settlement_basis"),
        "only `km` and `ton` have one"
    );
}

#[tokio::test]
async fn g21_a_basis_that_does_not_fit_is_refused_before_it_is_sent() {
    for (pricing, field) in [("byKm", "LOADING"), ("byTon", "DISTANCE_FROM_GPS")] {
        let pricing = format!("{{ {pricing}: {{ {PRICE}, settlementBasis: {field} }} }}");
        let (bodies, answer) = sent(&create(&pricing, PERIOD, TERMS)).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT");
        assert_eq!(bodies, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn g22_of_two_limits_the_least_comes_first() {
    let limit = |min: u8, max: u8| {
        format!(
            "mutation {{ balanceRoute(input: {{ routeId: \"{ROUTE}\", balancing: {{ freightLimit: {{ min: {min}, max: {max} }} }} }}) {{ type }} }}"
        )
    };
    let (bodies, answer) = sent(&limit(60, 10)).await;
    assert_eq!((code(&answer), bodies.len()), ("BAD_USER_INPUT", 0));
    let (bodies, _) = sent(&limit(10, 60)).await;
    assert_eq!(bodies[0]["freight_limit"], json!({ "min": 10, "max": 60 }));
}

#[tokio::test]
async fn g35_a_balance_is_sent_under_the_names_of_its_own_page() {
    let write = format!(
        "mutation {{ balanceRoute(input: {{ routeId: \"{ROUTE}\", balancing: {{ percentageShare: [
            {{ contractId: \"{CONTRACT}\", percentageShare: 40 }}, {{ contractId: \"{OTHER}\", percentageShare: 60 }}] }} }}) {{ type }} }}"
    );
    let (bodies, _) = sent(&write).await;
    assert_eq!(
        bodies[0],
        json!({ "balancing_type": "PERCENTAGE_SHARE", "contracts": [
            { "contract_id": CONTRACT, "percentage_share": 40 },
            { "contract_id": OTHER, "percentage_share": 60 },
        ] })
    );
}

#[tokio::test]
async fn g36_a_token_is_opaque_and_never_renewed_here() {
    let world = World::new().await;
    let token = format!("Bearer {}.{}.", "e".repeat(900), "y".repeat(900));
    let caller = Caller::dispatcher().header("x-trans-eu-authorization", &token);
    let answer = world.ask(&caller, &flexible()).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED");
    let calls = world.calls(Api::TransEu).await;
    assert_eq!(calls, ["POST /ext/contracts-api/v2/contracts/flexible 401"]);
}

#[test]
fn g30_g31_g32_nothing_is_offered_that_no_endpoint_can_do() {
    let sdl = schema::sdl();
    let mutations = sdl.split("type Mutation {").nth(1).unwrap();
    let mutations = mutations.split("\n}").next().unwrap();
    assert!(mutations.contains("\n  createFixedContract("));
    for word in [
        "accept",
        "refuse",
        "negotiate",
        "finish",
        "suspend",
        "delete",
    ] {
        assert!(!mutations.contains(&format!("\n  {word}")), "{word}");
    }
    assert!(
        !sdl.contains("\n  freights"),
        "no datum links a freight to a route"
    );
    assert!(!sdl.contains("Subscription"), "nothing tells of changes");
}
