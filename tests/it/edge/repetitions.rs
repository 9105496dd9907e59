//! Bodies that come again and again, as programs that poll send them: from the third time on they are not
//! read again.

use axum::{Router, body::Body};
use http::{Request, header};
use serde_json::json;

use crate::edge::{
    call::{Answer, JSON, post, send},
    yard::yard,
};

const TIMES: usize = 5;

async fn post_with(router: &Router, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, JSON);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(
        router.clone(),
        request.body(Body::from(body.to_owned())).unwrap(),
    )
    .await
}

#[tokio::test]
async fn each_request_has_its_own_headers() {
    let router = yard(|_| {});
    let body = json!({ "query": "{ caller }" }).to_string();
    for number in 0..TIMES {
        let (id, agent) = (format!("id-{number}"), format!("agent-{number}"));
        let headers = [("x-request-id", id.as_str()), ("user-agent", &agent)];
        let answer = post_with(&router, &headers, &body).await;
        assert_eq!(answer.body["data"]["caller"], format!("{id} {agent}"));
        assert_eq!(answer.header("x-request-id"), Some(&*id));
    }
}

#[tokio::test]
async fn bodies_that_differ_in_anything_are_told_apart() {
    let router = yard(|_| {});
    let document = "query A($name: String) { hello(name: $name) } query B { hello(name: \"b\") }";
    let bodies = ["one", "two", "b"].map(|name| {
        let operation = if name == "b" { "B" } else { "A" };
        let variables = json!({ "name": name });
        let body = json!({ "query": document, "operationName": operation, "variables": variables });
        (body.to_string(), format!("hello {name}"))
    });
    for _ in 0..TIMES {
        for (body, greeting) in &bodies {
            let answer = post(router.clone(), JSON, body.clone()).await;
            assert_eq!(answer.body["data"]["hello"], *greeting);
        }
    }
}

#[tokio::test]
async fn what_is_refused_is_refused_again() {
    let router = yard(|_| {});
    let declared = "query ($day: Day!) { day(day: $day) }";
    for _ in 0..TIMES {
        for (variables, code) in [
            (json!({}), "BAD_USER_INPUT"),
            (json!({ "day": "now" }), "BAD_USER_INPUT"),
        ] {
            let body = json!({ "query": declared, "variables": variables });
            let answer = post(router.clone(), JSON, body.to_string()).await;
            assert_eq!(answer.code(), code);
        }
    }
}

#[tokio::test]
async fn a_batch_stays_one_and_a_mutation_is_done_each_time() {
    let router = yard(|edge| edge.limits.batch = 1);
    let mutation = json!({ "query": "mutation { build }" });
    for _ in 0..TIMES {
        let answer = post(router.clone(), JSON, json!([mutation]).to_string()).await;
        assert_eq!(answer.body, json!([{ "data": { "build": 1 } }]));
        let answer = post(router.clone(), JSON, mutation.to_string()).await;
        assert_eq!(answer.body["data"]["build"], 1);
    }
}
