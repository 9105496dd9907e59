//! Files beside an operation: from a form at the edge to a form at the upstream.

mod streaming;
mod wire;

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::{Variables, parser::parse_query};
use axum::body::Body;
use futures_util::stream;
use haulgraph::{
    attachments::{self, Attachments},
    http::{Execute, Operation, Readiness},
};
use http::{Request, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    edge::call::{Answer, send},
    harness::{Api, Caller, World},
};

const UPLOAD: &str = "mutation($file: Upload!, $name: String) { uploadTradingFile(input: { file: $file, name: $name }) { file { name uuid } } }";

/// A form, part by part.
struct Form(Vec<u8>);

impl Form {
    fn new() -> Self {
        Self(Vec::new())
    }

    /// The operation with these variables, and which of them stand for files.
    fn operation(query: &str, variables: Value, map: Value) -> Self {
        let operations = json!({ "query": query, "variables": variables });
        Self::new()
            .text("operations", &operations.to_string())
            .text("map", &map.to_string())
    }

    /// The upload of one file.
    fn upload(name: Value) -> Self {
        let variables = json!({ "file": null, "name": name });
        Self::operation(UPLOAD, variables, json!({ "0": ["variables.file"] }))
    }

    fn text(self, name: &str, text: &str) -> Self {
        self.part(&format!("name=\"{name}\""), text.as_bytes())
    }

    fn file(self, name: &str, content: &[u8]) -> Self {
        let head = format!("name=\"{name}\"; filename=\"items.csv\"\r\nContent-Type: text/csv");
        self.part(&head, content)
    }

    fn part(mut self, head: &str, content: &[u8]) -> Self {
        let head = format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"--edge--\r\n");
        self.0
    }
}

async fn small() -> World {
    World::with(|config| {
        config.crux.upload_limit = 1000;
        config.server.body_limit = 4000;
    })
    .await
}

/// What the dispatcher gets for this body.
async fn post(world: &World, body: Vec<u8>) -> Answer {
    post_as(world, &caller(), body).await
}

fn caller() -> Caller {
    Caller::dispatcher().header("apollo-require-preflight", "true")
}

/// What the dispatcher gets for one small file.
pub async fn upload_one(world: &World) -> Answer {
    post(world, Form::upload(Value::Null).file("0", b"x").end()).await
}

async fn post_as(world: &World, caller: &Caller, body: Vec<u8>) -> Answer {
    let router = world
        .gateway
        .router(&world.config, Readiness::new())
        .unwrap();
    let mut request = Request::post("/graphql").body(Body::from(body)).unwrap();
    *request.headers_mut() = caller.headers().clone();
    let form = "multipart/form-data; boundary=edge".parse().unwrap();
    request.headers_mut().insert("content-type", form);
    send(router, request).await
}

#[tokio::test]
async fn a_file_is_uploaded_once_and_its_id_goes_into_a_request() {
    let world = World::new().await;
    let body = Form::upload(Value::Null)
        .file("0", b"sku;title\n7;Kettle\n")
        .end();
    let answer = post(&world, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["errors"], Value::Null);
    let file = answer.body["data"]["uploadTradingFile"]["file"].clone();
    assert_eq!(file["name"], "items.csv");
    assert_eq!(
        world.calls(Api::Crux).await,
        ["POST /organizations/files/upload/ 201"]
    );

    let query = "mutation($files: [UploadedFileInput!]) { requestTradingConnection(input: {
        organizationName: \"Invented Kettles\", primaryContactName: \"Ada Example\", uploadedFiles: $files
    }) { warnings tradingConnectionRequest { uploadedFiles { name uuid } } } }";
    let answer = world
        .ask_with(&caller(), query, json!({ "files": [file] }))
        .await;
    let payload = &answer["data"]["requestTradingConnection"];
    assert_eq!(
        payload["tradingConnectionRequest"]["uploadedFiles"],
        json!([file])
    );
    assert_eq!(payload["warnings"], json!([]));
}

#[tokio::test]
async fn a_file_gets_the_name_that_the_caller_gives_it() {
    let world = World::new().await;
    let body = Form::upload(json!("Price list")).file("0", b"x").end();
    let answer = post(&world, body).await;
    let file = &answer.body["data"]["uploadTradingFile"]["file"];
    assert_eq!(file["name"], "Price list");
}

#[tokio::test]
async fn several_files_are_several_uploads() {
    let world = World::new().await;
    let query = "mutation($a: Upload!, $b: Upload!) { a: uploadTradingFile(input: { file: $a }) { file { uuid } } b: uploadTradingFile(input: { file: $b, name: \"Again\" }) { file { uuid } } }";
    let map = json!({ "0": ["variables.a"], "1": ["variables.b"] });
    let body = Form::operation(query, json!({ "a": null, "b": null }), map)
        .file("0", b"x")
        .file("1", b"y")
        .end();
    let answer = post(&world, body).await;
    assert_eq!(answer.body["errors"], Value::Null);
    assert_eq!(world.calls(Api::Crux).await.len(), 2);
}

#[tokio::test]
async fn both_executors_pass_files_on() {
    let world = World::new().await;
    let document = Arc::new(parse_query(UPLOAD).unwrap());
    let prepared = world.gateway.prepare(document).await.unwrap();
    let variables = json!({ "file": "#__graphql_file__:0" });
    let operation = || {
        let form = Form::new().file("0", b"x").end();
        let form = stream::iter([Ok::<_, Infallible>(form.into())]);
        let form = attachments::form::Form::new(form, "edge".to_owned(), Duration::MAX);
        Operation {
            name: None,
            variables: Variables::from_json(variables.clone()),
            attachments: Attachments::new(form, vec!["0".to_owned()], 1),
            extensions: Default::default(),
        }
    };
    let (gateway, parts) = (&world.gateway, caller().parts());
    let planned = gateway.execute(&prepared, operation(), parts.clone()).await;
    let interpreted = gateway.interpret(&prepared, operation(), parts).await;
    for answer in [planned, interpreted] {
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        let file = &answer["data"]["uploadTradingFile"]["file"];
        assert_eq!(file["name"], "items.csv", "{answer}");
    }
    assert_eq!(world.calls(Api::Crux).await.len(), 2);
}

#[tokio::test]
async fn a_file_is_for_one_field() {
    let world = World::new().await;
    let query = "mutation($a: Upload!) { a: uploadTradingFile(input: { file: $a }) { file { uuid } } b: uploadTradingFile(input: { file: $a }) { file { uuid } } }";
    let map = json!({ "0": ["variables.a"] });
    let body = Form::operation(query, json!({ "a": null }), map)
        .file("0", b"x")
        .end();
    let answer = post(&world, body).await;
    assert!(answer.body["data"]["a"]["file"]["uuid"].is_string());
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(answer.body["errors"][0]["path"], json!(["b"]));
    assert_eq!(world.calls(Api::Crux).await.len(), 1);
}

#[rstest]
#[case(200, json!({ "uuid": "00000000-0000-4000-8000-000000000001" }), None)]
#[case(202, json!({ "uuid": "00000000-0000-4000-8000-000000000001" }), None)]
#[case(201, json!({ "name": "items.csv" }), Some("UPSTREAM_INVALID_RESPONSE"))]
#[case(400, json!({ "file": ["The submitted file is empty."] }), Some("BAD_USER_INPUT"))]
#[case(413, json!("<html>Too large</html>"), Some("BAD_USER_INPUT"))]
#[case(503, json!(""), Some("UPSTREAM_UNAVAILABLE"))]
#[tokio::test]
async fn g10_any_success_with_an_id_is_one_and_no_upload_is_repeated(
    #[case] status: u16,
    #[case] body: Value,
    #[case] code: Option<&str>,
) {
    let world = World::new().await;
    let matches = json!({ "method": "POST", "path": "*/upload/" });
    let fault = json!({ "match": matches, "status": status, "body": body });
    world.fault(Api::Crux, fault).await;
    let answer = post(&world, Form::upload(Value::Null).file("0", b"x").end()).await;
    match code {
        None => assert!(answer.body["data"]["uploadTradingFile"]["file"]["uuid"].is_string()),
        Some(code) => assert_eq!(answer.code(), code),
    }
    assert_eq!(world.calls(Api::Crux).await.len(), 1);
}

#[tokio::test]
async fn a_form_without_a_proof_of_a_preflight_is_refused() {
    let world = World::new().await;
    let body = || Form::upload(Value::Null).file("0", b"x").end();
    let answer = post_as(&world, &Caller::dispatcher(), body()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.message().contains("apollo-require-preflight"));
    assert_eq!(world.calls(Api::Crux).await, Vec::<String>::new());
    for proof in ["x-apollo-operation-name", "graphql-require-preflight"] {
        let caller = Caller::dispatcher().header(proof, "Upload");
        let answer = post_as(&world, &caller, body()).await;
        assert_eq!(answer.status, StatusCode::OK, "{proof}");
    }
}

#[tokio::test]
async fn what_is_over_a_limit_is_too_large() {
    let world = small().await;
    let six: Value = (0..6)
        .map(|at| (at.to_string(), json!([])))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let variables = || json!({ "file": null, "name": null });
    for (what, body) in [
        (
            "the number of files",
            Form::operation(UPLOAD, variables(), six).end(),
        ),
        (
            "the operations",
            Form::operation(
                &format!("{UPLOAD}{}", " ".repeat(4000)),
                variables(),
                json!({}),
            )
            .end(),
        ),
        (
            "the map",
            Form::operation(UPLOAD, variables(), json!({ "0": ["x".repeat(17_000)] })).end(),
        ),
        (
            "the body",
            Form::upload(Value::Null)
                .file("0", &vec![b'x'; 200_000])
                .end(),
        ),
    ] {
        let answer = post(&world, body).await;
        assert_eq!(
            answer.status,
            StatusCode::PAYLOAD_TOO_LARGE,
            "{what}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn all_files_of_a_form_are_as_large_as_the_limit_together() {
    let world = small().await;
    let query = "mutation($a: Upload!, $b: Upload!) { a: uploadTradingFile(input: { file: $a }) { file { name } } b: uploadTradingFile(input: { file: $b }) { file { name } } }";
    for (second, fits) in [(400, true), (401, false)] {
        let map = json!({ "0": ["variables.a"], "1": ["variables.b"] });
        let body = Form::operation(query, json!({ "a": null, "b": null }), map)
            .file("0", &[b'x'; 600])
            .file("1", &vec![b'x'; second])
            .end();
        let answer = post(&world, body).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body["data"]["a"]["file"]["name"].is_string());
        assert_eq!(answer.body["data"]["b"]["file"]["name"].is_string(), fits);
        if !fits {
            assert_eq!(answer.code(), "BAD_USER_INPUT");
            assert!(answer.message().contains("larger than allowed"));
        }
    }
}

#[tokio::test]
async fn a_form_of_another_shape_is_a_bad_request() {
    let world = small().await;
    let variables = || json!({ "file": null });
    let operations = json!({ "query": UPLOAD, "variables": { "file": null } }).to_string();
    for (what, body) in [
        ("nothing", Form::new().end()),
        ("no map", Form::new().text("operations", &operations).end()),
        ("files first", Form::new().file("0", b"x").end()),
        (
            "the map first",
            Form::new()
                .text("map", "{}")
                .text("operations", &operations)
                .end(),
        ),
        (
            "a batch",
            Form::new()
                .text("operations", &format!("[{operations}]"))
                .text("map", "{}")
                .end(),
        ),
        (
            "a map that is a list",
            Form::operation(UPLOAD, variables(), json!([])).end(),
        ),
        (
            "a path to nowhere",
            Form::operation(UPLOAD, variables(), json!({ "0": ["variables.files.0"] }))
                .file("0", b"x")
                .end(),
        ),
        (
            "a path to the query",
            Form::operation(UPLOAD, variables(), json!({ "0": ["query"] }))
                .file("0", b"x")
                .end(),
        ),
        ("half a form", Form::upload(Value::Null).0),
    ] {
        let answer = post(&world, body).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{what}: {}",
            answer.body
        );
    }
    assert_eq!(world.calls(Api::Crux).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_does_not_come_as_it_should_is_an_error_of_its_field() {
    let world = small().await;
    let upload = || Form::upload(Value::Null);
    let mut head = upload().0;
    head.extend_from_slice(b"--edge\r\nX-Endless: ");
    for (what, body, message) in [
        ("no file", upload().end(), "ends without"),
        ("half a file", upload().file("0", b"x").0, "to its end"),
        ("half a head", head, "to its end"),
        (
            "another file",
            upload().file("1", b"x").end(),
            "`map` does not name",
        ),
        ("an empty file", upload().file("0", b"").end(), "is empty"),
    ] {
        let answer = post(&world, body).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{what}");
        assert!(
            answer.message().contains(message),
            "{what}: {}",
            answer.body
        );
        let argument = &answer.body["errors"][0]["extensions"]["argument"];
        assert_eq!(*argument, json!(["input", "file"]), "{what}");
    }
}

#[rstest]
#[case(json!(null))]
#[case(json!("items.csv"))]
#[case(json!("#__graphql_file__:x"))]
#[case(json!("#__graphql_file__:0"))]
#[case(json!("#__graphql_file__:18446744073709551615"))]
#[case(json!({ "name": "items.csv" }))]
#[tokio::test]
async fn a_variable_without_a_file_is_bad_user_input(#[case] file: Value) {
    let world = World::new().await;
    let router = world
        .gateway
        .router(&world.config, Readiness::new())
        .unwrap();
    let body = json!({ "query": UPLOAD, "variables": { "file": file } });
    let mut request = Request::post("/graphql")
        .body(Body::from(body.to_string()))
        .unwrap();
    *request.headers_mut() = caller().headers().clone();
    let json = "application/json".parse().unwrap();
    request.headers_mut().insert("content-type", json);
    let answer = send(router, request).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT", "{}", answer.body);
    assert_eq!(world.calls(Api::Crux).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_empty_file_or_a_blank_name_sends_nothing() {
    let world = World::new().await;
    for (name, content, argument) in [
        (Value::Null, &b""[..], json!(["input", "file"])),
        (json!(" "), b"x", json!(["input", "name"])),
        (json!("a\u{7}"), b"x", json!(["input", "name"])),
    ] {
        let answer = post(&world, Form::upload(name).file("0", content).end()).await;
        let error = &answer.body["errors"][0]["extensions"];
        assert_eq!(error["argument"], argument);
    }
    assert_eq!(world.calls(Api::Crux).await, Vec::<String>::new());
}
