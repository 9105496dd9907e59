//! Failures: what a client sees of them, and what still answers.

use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

async fn failing(api: Api, path: &str, fault: Value, query: &str) -> Value {
    let world = World::new().await;
    let mut fault = fault;
    fault["match"] = json!({ "path": path });
    world.fault(api, fault).await;
    world.ask(&Caller::dispatcher(), query).await
}

fn codes(answer: &Value) -> Vec<(Value, Value)> {
    let errors = answer["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| (error["path"].clone(), error["extensions"]["code"].clone()))
        .collect()
}

const TENANTS: &str = "{ tenants { name } }";

#[tokio::test]
async fn every_status_has_its_code() {
    for (status, code) in [
        (400, "BAD_USER_INPUT"),
        (401, "UNAUTHENTICATED"),
        (403, "FORBIDDEN"),
        (404, "NOT_FOUND"),
        (409, "CONFLICT"),
        (420, "CONFLICT"),
        (429, "RATE_LIMITED"),
        (500, "UPSTREAM_UNAVAILABLE"),
        (502, "UPSTREAM_UNAVAILABLE"),
        (503, "UPSTREAM_UNAVAILABLE"),
        (504, "UPSTREAM_TIMEOUT"),
    ] {
        let answer = failing(
            Api::Cro,
            "/tenants",
            json!({ "status": status, "body": { "detail": "Said so." } }),
            TENANTS,
        )
        .await;
        assert_eq!(
            codes(&answer),
            [(json!(["tenants"]), json!(code))],
            "{status}"
        );
        let error = &answer["errors"][0];
        assert_eq!(error["message"], json!("Said so."));
        let upstream = &error["extensions"]["upstream"];
        assert_eq!(
            (&upstream["service"], &upstream["status"]),
            (&json!("cro"), &json!(status))
        );
        assert_eq!(answer["data"], json!({ "tenants": null }));
    }
}

#[tokio::test]
async fn every_error_body_becomes_named_keys() {
    let cases = [
        (
            json!({ "field": "ListModel.page_limit", "detail": "Too large.", "explanation": "The resource could not be accessed." }),
            json!({ "field": "ListModel.page_limit", "detail": "Too large.", "explanation": "The resource could not be accessed." }),
        ),
        (
            json!({ "title": "Bad", "detail": "Titled.", "explanation": "x" }),
            json!({ "title": "Bad", "detail": "Titled.", "explanation": "x" }),
        ),
        (json!("Bare text."), json!({ "detail": "Bare text." })),
        (
            json!({ "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "Failed Validation", "service_code": 5404,
                "validation_messages": { "config": { "send_to_carrier": { "equals": "must be equal to true" } } } }),
            json!({ "type": "about:blank", "title": "Unprocessable Entity", "detail": "Failed Validation", "serviceCode": 5404,
                "validationMessages": [{ "path": ["config", "send_to_carrier"], "rule": "equals", "message": "must be equal to true" }] }),
        ),
        (
            json!({ "message": "Only this." }),
            json!({ "detail": "Only this." }),
        ),
        (
            json!({ "error": "invalid_grant", "error_description": "Expired." }),
            json!({ "title": "invalid_grant", "detail": "Expired." }),
        ),
    ];
    for (body, expected) in cases {
        let answer = failing(
            Api::Cro,
            "/tenants",
            json!({ "status": 400, "body": body }),
            TENANTS,
        )
        .await;
        let mut upstream = answer["errors"][0]["extensions"]["upstream"].clone();
        for known in ["service", "status", "requestId"] {
            upstream.as_object_mut().unwrap().remove(known);
        }
        assert_eq!(upstream, expected, "{body}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_answer_are_invalid_responses() {
    for fault in [
        json!({ "status": 200, "body": "<html>Proxy</html>" }),
        json!({ "status": 200, "body": "" }),
        json!({ "status": 200, "body": { "results": 7 } }),
        json!({ "truncate": true }),
    ] {
        let answer = failing(Api::Cro, "/tenants", fault.clone(), TENANTS).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap();
        assert!(
            ["UPSTREAM_INVALID_RESPONSE", "UPSTREAM_UNAVAILABLE"].contains(&code),
            "{fault}: {code}"
        );
        assert_eq!(answer["data"], json!({ "tenants": null }));
    }
}

#[tokio::test]
async fn an_error_shows_no_host_no_token_and_no_stack() {
    for fault in [
        json!({ "drop": true }),
        json!({ "status": 500, "body": "<html>Traceback (most recent call last)</html>" }),
    ] {
        let text = failing(Api::Cro, "/tenants", fault, TENANTS)
            .await
            .to_string();
        for secret in [
            "127.0.0.1",
            "http://",
            "sandbox-dispatcher",
            "Traceback",
            "/tenants",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn a_slow_upstream_costs_its_own_fields_only() {
    let world = World::with(|config| {
        config.cro.concurrency = 8;
        config.cro.timeout = std::time::Duration::from_millis(300);
    })
    .await;
    world
        .fault(
            Api::Cro,
            json!({ "match": { "path": "/tenants" }, "delay_ms": 2000 }),
        )
        .await;
    let answer = world
        .ask(
            &Caller::dispatcher(),
            "{ tenants { name } hauler: haulers(first: 1) { nodes { name } } }",
        )
        .await;
    assert_eq!(
        codes(&answer),
        [(json!(["tenants"]), json!("UPSTREAM_TIMEOUT"))]
    );
    assert_eq!(answer["errors"][0]["extensions"]["retryable"], json!(true));
    assert!(answer["data"]["hauler"]["nodes"][0]["name"].is_string());
}

#[tokio::test]
async fn one_failing_key_fails_its_own_field() {
    let answer = failing(
        Api::Cro,
        "/customers/9",
        json!({ "status": 500 }),
        "{ good: customer(id: 8) { name } bad: customer(id: 9) { name } }",
    )
    .await;
    assert_eq!(
        codes(&answer),
        [(json!(["bad"]), json!("UPSTREAM_UNAVAILABLE"))]
    );
    assert!(answer["data"]["good"]["name"].is_string());
}

#[tokio::test]
async fn a_missing_credential_fails_its_fields_and_names_the_header() {
    let world = World::new().await;
    let caller = Caller::named("driver");
    let answer = world.ask(&caller, "{ tenants { name } routes(first: 1) { nodes { name } } tradingConnections { status } }").await;
    assert!(answer["data"]["tenants"][0]["name"].is_string());
    let headers: Vec<&Value> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["extensions"]["header"])
        .collect();
    assert_eq!(
        headers,
        [
            &json!("X-Trans-Eu-Authorization"),
            &json!("X-Crux-Authorization")
        ]
    );
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("X-Trans-Eu-Authorization")
    );
    assert_eq!(
        world.calls(Api::TransEu).await.len() + world.calls(Api::Crux).await.len(),
        0
    );
}

#[tokio::test]
async fn a_malformed_tenant_header_is_bad_user_input_before_any_call() {
    let world = World::new().await;
    let caller = Caller::dispatcher().header("x-tenant-id", "34/../51");
    let answer = world.ask(&caller, "{ customer(id: 1) { name } }").await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["argument"]),
        (&json!("BAD_USER_INPUT"), &json!(["X-Tenant-Id"]))
    );
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_upstream_without_a_base_url_is_off_and_the_others_work() {
    let world = World::with(|config| config.trans_eu.base_url = None).await;
    let answer = world
        .ask(
            &Caller::dispatcher(),
            "{ tenants { name } routes(first: 1) { nodes { name } } }",
        )
        .await;
    assert_eq!(
        codes(&answer),
        [(json!(["routes"]), json!("UPSTREAM_NOT_CONFIGURED"))]
    );
    assert!(answer["data"]["tenants"][0]["name"].is_string());
}

#[tokio::test]
async fn a_long_list_of_errors_is_capped() {
    let world = World::with(|config| config.limits.errors = 5).await;
    world
        .fault(
            Api::Cro,
            json!({ "match": { "path": "/customers/*" }, "status": 500 }),
        )
        .await;
    let answer = world
        .ask(
            &Caller::dispatcher(),
            "{ customers(first: 20) { nodes { createdAt } } }",
        )
        .await;
    assert_eq!(answer["errors"].as_array().unwrap().len(), 6);
    assert_eq!(
        answer["data"]["customers"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        20
    );
}
