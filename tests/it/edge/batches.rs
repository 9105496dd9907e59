//! Several requests in one body.

use std::{num::NonZeroU32, time::Duration};

use axum::Router;
use haulgraph::http::{Edge, Rate, Readiness};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    edge::{
        call::Answer,
        port::{Served, generous},
        yard::{fresh_yard, yard, yard_with_gate},
    },
    harness::{Api, Caller, World},
};

/// What a port with this edge behind it answers.
async fn post(router: Router, body: Value) -> Answer {
    let served = Served::new(router, generous(), None).await;
    let client = reqwest::Client::new();
    let request = client.post(format!("{}/graphql", served.url));
    let accept = "application/graphql-response+json, application/json;q=0.9";
    let answer = request.header("accept", accept).json(&body).send().await;
    let answer = answer.unwrap();
    Answer {
        status: answer.status(),
        headers: answer.headers().clone(),
        body: answer.json().await.unwrap(),
    }
}

fn up_to(most: usize) -> impl FnOnce(&mut Edge) {
    move |edge| edge.limits.batch = most
}

fn query(document: &str) -> Value {
    json!({ "query": document })
}

#[tokio::test]
async fn batches_are_switched_off_by_default() {
    let answer = post(yard(|_| {}), json!([query("{ hello }")])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let error = &answer.body["errors"][0];
    assert!(error["message"].as_str().unwrap().contains("limits.batch"));
    assert_eq!(error["extensions"]["code"], "BAD_REQUEST");
    let limit = json!({ "key": "limits.batch", "max": 0, "actual": 1 });
    assert_eq!(error["extensions"]["limit"], limit);
}

#[tokio::test]
async fn each_request_is_answered_on_its_own_and_in_its_place() {
    let batch = json!([
        { "query": "query($n: String) { hello(name: $n) }", "variables": { "n": "one" } },
        query("{"),
        7,
        query("{ missing }"),
        query("subscription { x }"),
        query("{ hello(name: \"two\") }"),
    ]);
    let answer = post(yard(up_to(6)), batch).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let code = |at: usize| answer.body[at]["errors"][0]["extensions"]["code"].clone();
    assert_eq!(answer.body[0], json!({ "data": { "hello": "hello one" } }));
    assert_eq!(code(1), "GRAPHQL_PARSE_FAILED");
    assert_eq!(code(2), "BAD_REQUEST");
    assert_eq!(answer.body[3]["data"], json!({ "missing": null }));
    assert_eq!(code(3), "NOT_FOUND");
    assert_eq!(code(4), "OPERATION_RESOLUTION_FAILURE");
    assert_eq!(answer.body[5], json!({ "data": { "hello": "hello two" } }));
    assert_eq!(answer.body.as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_batch_has_one_request_at_least_and_no_more_than_allowed() {
    let answer = post(yard(up_to(2)), json!([])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let three = json!([query("{ hello }"), query("{ hello }"), query("{ hello }")]);
    let answer = post(yard(up_to(2)), three.clone()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let limit = &answer.body["errors"][0]["extensions"]["limit"];
    assert_eq!(
        *limit,
        json!({ "key": "limits.batch", "max": 2, "actual": 3 })
    );
    let answer = post(yard(up_to(3)), three).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_batch_may_be_kept_for_as_long_as_each_of_its_answers() {
    let fresh = || fresh_yard(Some(Duration::from_secs(30)), up_to(2));
    let answer = post(
        fresh(),
        json!([query("{ hello }"), query("{ again { hello } }")]),
    )
    .await;
    assert_eq!(answer.header("cache-control"), Some("private, max-age=30"));
    assert_eq!(answer.header("etag"), None);
    for other in ["{ missing }", "mutation { build }", "{"] {
        let answer = post(fresh(), json!([query("{ hello }"), query(other)])).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{other}");
    }
}

#[tokio::test]
async fn each_request_of_a_batch_pays() {
    let router = yard(|edge| {
        edge.limits.batch = 5;
        edge.rate = Some(Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(3).unwrap(),
            tenants: NonZeroU32::MIN,
            callers_per_address: None,
        });
    });
    let hello = query("{ hello }");
    let answer = post(router, json!([hello, hello, hello])).await;
    assert_eq!(answer.body[1]["data"]["hello"], "hello ");
    let limited = &answer.body[2]["errors"][0]["extensions"];
    assert_eq!(limited["code"], "RATE_LIMITED");
    assert!(limited["retryAfterMs"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn no_more_than_four_of_a_batch_are_executed_at_once() {
    let (router, gate) = yard_with_gate(up_to(9));
    let batch: Value = vec![query("{ gated }"); 9].into();
    let answer = tokio::spawn(post(router, batch));
    let mut passed = gate.passed.subscribe();
    for gone in 0..9 {
        let most = (gone + 4).min(9);
        let now = passed.wait_for(|now| now.1 == gone && now.0 >= most).await;
        assert_eq!(now.unwrap().0, most);
        gate.may_leave.notify_one();
    }
    assert_eq!(answer.await.unwrap().body.as_array().unwrap().len(), 9);
}

#[tokio::test]
async fn a_mutation_in_a_batch_comes_after_all_before_it_and_before_all_after_it() {
    let world = World::with(|config| {
        config.limits.batch = 10;
        config.cro.concurrency = 8;
    })
    .await;
    let router = world.gateway.router(&world.config, Readiness::new());
    let served = Served::new(router.unwrap(), generous(), None).await;
    let read = query("{ customer(id: \"7\") { name } }");
    let rename = |name: &str| {
        let input = format!("{{ customerId: \"7\", name: \"{name}\" }}");
        query(&format!(
            "mutation {{ updateCustomer(input: {input}) {{ customer {{ name }} }} }}"
        ))
    };
    let batch = json!([
        rename("One"),
        read,
        read,
        rename("Two"),
        rename("Three"),
        read
    ]);
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", served.url))
        .headers(Caller::dispatcher().headers().clone())
        .json(&batch);
    let answers: Value = request.send().await.unwrap().json().await.unwrap();
    let names: Vec<_> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| {
            let data = &answer["data"];
            let written = &data["updateCustomer"]["customer"]["name"];
            written
                .as_str()
                .or(data["customer"]["name"].as_str())
                .unwrap_or("none")
                .to_owned()
        })
        .collect();
    assert_eq!(
        names,
        ["One", "One", "One", "Two", "Three", "Three"],
        "{answers}"
    );
    let calls = world.calls(Api::Cro).await;
    let writes = calls.iter().filter(|call| !call.starts_with("GET")).count();
    assert_eq!(writes, 3, "{calls:?}");
}

#[tokio::test]
async fn a_batch_has_no_files() {
    let served = Served::new(yard(up_to(5)), generous(), None).await;
    let form = [
        "--b",
        "content-disposition: form-data; name=\"operations\"",
        "",
        "[{\"query\":\"{ hello }\"}]",
        "--b--",
        "",
    ]
    .join("\r\n");
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", served.url))
        .header("content-type", "multipart/form-data; boundary=b")
        .header("apollo-require-preflight", "true")
        .body(form);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = answer.json().await.unwrap();
    assert!(
        body["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("batch"),
        "{body}"
    );
}
