//! How the gateway gets in: tokens, versions, hosts, verbs.

use serde_json::{Value, json};

use super::{code, data, instead};
use crate::harness::{Api, Caller, World};

const CUSTOMER: &str = "{ customer(id: 7) { name } }";

#[tokio::test]
async fn g3_a_token_is_passed_on_whatever_its_form_or_length() {
    let world = World::new().await;
    for scheme in ["bearer", "Bearer", "BEARER"] {
        let token = format!("{scheme} sandbox-dispatcher");
        let caller = Caller::dispatcher().header("authorization", &token);
        data(&world.ask(&caller, CUSTOMER).await);
    }
    world.calls(Api::Cro).await;
    // Longer than documented, and with letters that the documented pattern does not allow.
    let token = format!("Bearer {}~AbC", "x".repeat(400));
    let caller = Caller::dispatcher().header("authorization", &token);
    let answer = world.ask(&caller, CUSTOMER).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED");
    assert_eq!(world.calls(Api::Cro).await, ["GET /customers/7 401"]);
}

#[tokio::test]
async fn g10_the_words_of_the_status_line_are_not_needed() {
    let world = World::new().await;
    instead(&world, "/customers/7", json!({ "status": 400, "body": "" })).await;
    let answer = world.ask(&Caller::dispatcher(), CUSTOMER).await;
    assert_eq!(code(&answer), "BAD_USER_INPUT");
    assert_eq!(
        answer["errors"][0]["message"],
        "cro answered with status 400."
    );
}

#[tokio::test]
async fn g18_a_verb_that_is_not_there_is_told_and_no_other_is_tried() {
    let world = World::new().await;
    instead(&world, "/customers/7", json!({ "status": 405, "body": "" })).await;
    let write = "mutation { updateCustomer(input: { customerId: 7, name: \"Renamed\" }) { customer { name } } }";
    let answer = world.ask(&Caller::dispatcher(), write).await;
    assert_eq!(code(&answer), "INTERNAL_SERVER_ERROR");
    assert_eq!(answer["errors"][0]["extensions"]["retryable"], false);
    assert_eq!(world.calls(Api::Cro).await, ["PATCH /customers/7 405"]);
}

#[tokio::test]
async fn g19_the_gateway_never_logs_in_for_a_caller() {
    let world = World::new().await;
    let stranger = Caller::dispatcher().header("authorization", "Bearer expired");
    let answer = world.ask(&stranger, CUSTOMER).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED");
    assert_eq!(
        world.calls(Api::Cro).await,
        ["GET /customers/7 401"],
        "no token is asked for, and the call is not repeated"
    );
}

#[tokio::test]
async fn g20_the_version_is_sent_with_every_call() {
    let world = World::new().await;
    let query = "{ tenants { name } haulers(first: 1) { nodes { connections { status } } } locations { totalCount } }";
    data(&world.ask(&Caller::dispatcher(), query).await);
    let headers = world.logged_headers(Api::Cro).await;
    assert!(headers.len() >= 4);
    let versions: Vec<_> = headers.iter().map(|sent| &sent["x-api-version"]).collect();
    assert_eq!(versions, vec![&json!("2019/02/08"); headers.len()]);
}

#[tokio::test]
async fn g21_the_base_url_may_have_a_path() {
    for path in ["/v0", "/v0/"] {
        let world = World::with(|config| {
            config.cro.base_url.as_mut().unwrap().set_path(path);
        })
        .await;
        let answer = world.ask(&Caller::dispatcher(), CUSTOMER).await;
        assert_eq!(answer["errors"], Value::Null);
        assert_eq!(world.calls(Api::Cro).await, ["GET /v0/customers/7 404"]);
    }
}
