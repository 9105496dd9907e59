//! Files that are passed on while they arrive.

use std::{convert::Infallible, time::Duration};

use axum::body::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    Form, UPLOAD, caller,
    wire::{Call, PIECE, STUCK, Scene, Sender},
};
use crate::harness::Caller;

const MIB: usize = 1 << 20;

/// Two files for two fields.
const TWO: &str = "mutation($a: Upload!, $b: Upload!) {
    a: uploadTradingFile(input: { file: $a }) { file { name } }
    b: uploadTradingFile(input: { file: $b }) { file { name } }
}";

async fn one(scene: &Scene) -> Sender {
    let map = json!({ "0": ["variables.file"] });
    let mut sender = scene.ask(UPLOAD, json!({ "file": null }), map).await;
    sender.file("0").await;
    sender
}

async fn two(scene: &Scene, query: &str) -> Sender {
    let map = json!({ "0": ["variables.a"], "1": ["variables.b"] });
    scene.ask(query, json!({ "a": null, "b": null }), map).await
}

/// A file on its way, of which the upstream has the beginning.
async fn begun() -> (Scene, Sender, Call) {
    let scene = Scene::new(|_| {}).await;
    let mut sender = one(&scene).await;
    sender.piece("the beginning").await;
    let mut call = scene.crux.accept().await;
    call.until("the beginning").await;
    (scene, sender, call)
}

/// The only error: its code, its message and its path.
fn refusal(answer: &Value) -> (&str, &str, &Value) {
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{answer}");
    let code = errors[0]["extensions"]["code"].as_str().unwrap();
    let message = errors[0]["message"].as_str().unwrap();
    (code, message, &errors[0]["path"])
}

#[tokio::test]
async fn a_large_file_reaches_the_upstream_while_it_is_sent() {
    let (_scene, mut sender, mut call) = begun().await;
    let filler = "x".repeat(PIECE);
    for number in 0..8 * MIB / PIECE {
        let mark = format!("piece {number} ");
        sender.piece(&format!("{mark}{filler}")).await;
        call.until(&mark).await;
    }
    sender.end().await;
    call.accept().await;
    let (status, answer) = sender.answer().await;
    assert_eq!((status, &answer["errors"]), (200, &Value::Null));
    let file = &answer["data"]["uploadTradingFile"]["file"];
    assert_eq!(file["name"], "0.csv");
    assert!(call.seen.contains("content-type: text/csv"));
    assert!(
        call.seen
            .to_ascii_lowercase()
            .contains("transfer-encoding: chunked")
    );
}

#[tokio::test]
async fn a_file_goes_on_over_http_2_as_well() {
    let scene = Scene::new(|_| {}).await;
    let (pieces, mut taken) = mpsc::unbounded_channel::<Vec<u8>>();
    let body = stream::poll_fn(move |context| taken.poll_recv(context));
    let body = body.map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from(piece))));
    let client = reqwest::Client::builder().http2_prior_knowledge();
    let request = client
        .build()
        .unwrap()
        .post(format!("{}/graphql", scene.served.url))
        .headers(caller().headers().clone())
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(reqwest::Body::wrap(StreamBody::new(body)));
    let asking = tokio::spawn(request.send());
    let beginning = Form::upload(Value::Null).file("0", b"the beginning").0;
    pieces.send(beginning).unwrap();
    let mut call = scene.crux.accept().await;
    call.until("the beginning").await;
    pieces.send(b"the end\r\n--edge--\r\n".to_vec()).unwrap();
    drop(pieces);
    call.accept().await;
    let answer: Value = asking.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answer["errors"], Value::Null);
}

#[tokio::test]
async fn a_file_that_the_upstream_does_not_take_is_not_taken_from_its_sender() {
    let scene = Scene::new(|_| {}).await;
    let mut sender = one(&scene).await;
    sender.piece("the beginning").await;
    let mut call = scene.crux.accept().await;
    let held = sender.push(64 * MIB).await;
    // The buffers of the system take some of it.
    assert!(held < 32 * MIB, "{held} bytes are on their way");
    drop(sender);
    assert!(!call.is_whole().await);
}

#[tokio::test]
async fn a_file_over_the_limit_breaks_off_and_is_an_error_of_its_field() {
    let scene = Scene::new(|config| config.crux.upload_limit = 1000).await;
    let mut sender = one(&scene).await;
    sender.piece(&"x".repeat(600)).await;
    let mut call = scene.crux.accept().await;
    call.until("xxx").await;
    sender.piece(&"x".repeat(600)).await;
    assert!(!call.is_whole().await);
    let (status, answer) = sender.answer().await;
    assert_eq!(status, 200);
    let (code, message, path) = refusal(&answer);
    assert_eq!(code, "BAD_USER_INPUT");
    assert!(message.contains("at most 1000 bytes") && message.contains("crux.upload_limit"));
    assert_eq!(path, &json!(["uploadTradingFile"]));
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["argument"], json!(["input", "file"]));
    // It is certain that the upstream has no file.
    assert_eq!(extensions["outcome"], Value::Null);
}

#[tokio::test]
async fn a_file_breaks_off_when_its_sender_goes_away() {
    let (_scene, sender, mut call) = begun().await;
    drop(sender);
    assert!(!call.is_whole().await);
}

#[tokio::test]
async fn a_file_breaks_off_when_its_sender_takes_too_long() {
    let scene = Scene::new(|config| {
        config.server.body_timeout = Duration::from_millis(200);
    })
    .await;
    let mut sender = one(&scene).await;
    sender.piece("the beginning").await;
    let mut call = scene.crux.accept().await;
    assert!(!call.is_whole().await);
    let (_, answer) = sender.answer().await;
    let (code, message, _) = refusal(&answer);
    assert_eq!(code, "BAD_USER_INPUT");
    assert_eq!(message, "The file did not arrive in time.");
}

#[tokio::test]
async fn time_in_which_the_upstream_takes_nothing_is_not_the_senders() {
    let scene = Scene::new(|config| {
        config.server.body_timeout = STUCK / 2;
        config.crux.first_byte_timeout = STUCK / 2;
    })
    .await;
    let mut sender = one(&scene).await;
    sender.piece("the beginning").await;
    let mut call = scene.crux.accept().await;
    assert!(sender.push(64 * MIB).await < 64 * MIB);
    tokio::join!(sender.end(), call.accept());
    let (_, answer) = sender.answer().await;
    assert_eq!(answer["errors"], Value::Null);
}

#[tokio::test]
async fn an_upstream_that_has_the_file_and_is_silent_is_late() {
    let scene = Scene::new(|config| {
        config.crux.first_byte_timeout = Duration::from_millis(200);
    })
    .await;
    let mut sender = one(&scene).await;
    sender.piece("all of it").await;
    sender.end().await;
    let mut call = scene.crux.accept().await;
    assert!(call.is_whole().await);
    let (_, answer) = sender.answer().await;
    assert_eq!(refusal(&answer).0, "UPSTREAM_TIMEOUT");
    assert_eq!(answer["errors"][0]["extensions"]["outcome"], "unknown");
}

#[tokio::test]
async fn files_go_on_one_after_another() {
    let scene = Scene::new(|_| {}).await;
    let mut sender = two(&scene, TWO).await;
    sender.file("0").await;
    sender.piece("the first file").await;
    let mut first = scene.crux.accept().await;
    first.until("the first file").await;
    sender.piece("\r\n").await;
    sender.file("1").await;
    first.accept().await;
    sender.piece("the second file").await;
    let mut second = scene.crux.accept().await;
    second.until("the second file").await;
    sender.end().await;
    second.accept().await;
    let (_, answer) = sender.answer().await;
    assert_eq!(
        answer,
        json!({ "data": { "a": { "file": { "name": "0.csv" } }, "b": { "file": { "name": "1.csv" } } } })
    );
}

#[tokio::test]
async fn a_file_that_nobody_takes_is_passed_over() {
    let scene = Scene::new(|_| {}).await;
    let query = TWO.replace("{ file: $a })", "{ file: $a }) @skip(if: true)");
    let mut sender = two(&scene, &query).await;
    sender.file("0").await;
    sender.piece("the first file\r\n").await;
    sender.file("1").await;
    sender.piece("the second file").await;
    sender.end().await;
    let mut call = scene.crux.accept().await;
    call.accept().await;
    assert!(call.seen.contains("the second file") && !call.seen.contains("the first file"));
    let (_, answer) = sender.answer().await;
    assert_eq!(
        answer,
        json!({ "data": { "b": { "file": { "name": "1.csv" } } } })
    );
}

#[tokio::test]
async fn a_file_that_has_gone_by_is_an_error_of_the_field_that_comes_too_late() {
    let scene = Scene::new(|_| {}).await;
    let mut sender = two(&scene, TWO).await;
    sender.file("1").await;
    sender.piece("for b\r\n").await;
    sender.file("0").await;
    sender.piece("for a").await;
    sender.end().await;
    let mut call = scene.crux.accept().await;
    call.accept().await;
    assert!(call.seen.contains("for a"));
    let (_, answer) = sender.answer().await;
    assert_eq!(answer["data"]["a"]["file"]["name"], "0.csv");
    let (code, message, path) = refusal(&answer);
    assert_eq!((code, path), ("BAD_USER_INPUT", &json!(["b"])));
    assert!(message.contains("in the order"), "{message}");
}

#[tokio::test]
async fn an_upstream_may_refuse_a_file_before_it_has_all_of_it() {
    let (_scene, mut sender, mut call) = begun().await;
    call.answer(400, json!({ "file": ["This type of file is not taken."] }))
        .await;
    let (status, answer) = sender.answer().await;
    assert_eq!(status, 200);
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(error["extensions"]["upstream"]["status"], 400);
    assert_eq!(error["extensions"]["argument"], json!(["input", "file"]));
    assert!(!call.is_whole().await);
    // The rest is thrown away, so that the connection is good for more.
    sender.piece(&"x".repeat(MIB)).await;
    sender.end().await;
    sender.client.query("{ __typename }").await;
    assert_eq!(
        sender.answer().await.1,
        json!({ "data": { "__typename": "Query" } })
    );
}

#[tokio::test]
async fn a_file_on_which_the_upstream_hangs_up_is_not_sent_again() {
    let (scene, mut sender, call) = begun().await;
    drop(call);
    let (_, answer) = sender.answer().await;
    assert_eq!(refusal(&answer).0, "UPSTREAM_UNAVAILABLE");
    // The caller may: a part is no file.
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["retryable"], true);
    assert_eq!(extensions["outcome"], Value::Null);
    assert!(scene.crux.is_left_alone().await);
}

#[tokio::test]
async fn nobody_waits_for_the_file_of_an_operation_that_is_wrong() {
    let scene = Scene::new(|_| {}).await;
    let map = json!({ "0": ["variables.file"] });
    for (query, variables, code) in [
        (
            "mutation($file: Upload!) { upload(file: $file) }",
            json!({ "file": null }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (UPLOAD, json!({ "file": null, "name": 7 }), "BAD_USER_INPUT"),
        (
            UPLOAD,
            json!({ "file": null, "name": " " }),
            "BAD_USER_INPUT",
        ),
    ] {
        let mut sender = scene.ask(query, variables, map.clone()).await;
        sender.file("0").await;
        let (_, answer) = sender.answer().await;
        assert_eq!(refusal(&answer).0, code, "{query}");
    }
    let stranger = Caller::dispatcher().header("x-crux-authorization", "");
    let mut sender = scene.connect().await;
    sender.caller = stranger;
    sender.ask(UPLOAD, json!({ "file": null }), map).await;
    sender.file("0").await;
    let (_, answer) = sender.answer().await;
    assert_eq!(refusal(&answer).0, "UNAUTHENTICATED");
    assert!(scene.crux.is_left_alone().await);
}

#[tokio::test]
async fn a_head_of_a_part_is_not_read_without_end() {
    let scene = Scene::new(|_| {}).await;
    let map = json!({ "0": ["variables.file"] });
    let mut sender = scene.ask(UPLOAD, json!({ "file": null }), map).await;
    sender.piece("--edge\r\nX-Endless: ").await;
    sender.piece(&"x".repeat(PIECE)).await;
    let (_, answer) = sender.answer().await;
    assert!(refusal(&answer).1.contains("to its end"), "{answer}");
}

#[tokio::test]
async fn a_length_that_the_sender_knows_is_told_and_held_to() {
    let scene = Scene::new(|config| config.crux.upload_limit = 1000).await;
    let map = json!({ "0": ["variables.file"] });
    for announced in [9, 10, 11] {
        let mut sender = scene
            .ask(UPLOAD, json!({ "file": null }), map.clone())
            .await;
        let length = format!("Content-Length: {announced}\r\n");
        sender.file_of("0", &length).await;
        sender.piece("all ").await;
        let mut call = scene.crux.accept().await;
        assert!(call.seen.contains("content-length: "));
        sender.piece("of it.").await;
        sender.end().await;
        if announced == 10 {
            call.accept().await;
            assert_eq!(sender.answer().await.1["errors"], Value::Null);
        } else {
            assert!(!call.is_whole().await);
            let (_, answer) = sender.answer().await;
            assert!(refusal(&answer).1.contains("not as long"), "{answer}");
        }
    }
    let mut sender = scene.ask(UPLOAD, json!({ "file": null }), map).await;
    sender.file_of("0", "Content-Length: 1001\r\n").await;
    assert!(
        refusal(&sender.answer().await.1)
            .1
            .contains("crux.upload_limit")
    );
    assert!(scene.crux.is_left_alone().await);
}

#[tokio::test]
async fn places_for_files_are_bounded_and_leave_room_for_others() {
    let scene = Scene::new(|config| {
        config.crux.uploads = 1;
        config.server.queue_timeout = Duration::from_millis(50);
    })
    .await;
    let mut first = one(&scene).await;
    first.piece("the beginning").await;
    let mut call = scene.crux.accept().await;
    let mut second = one(&scene).await;
    let (status, answer) = second.answer().await;
    assert_eq!((status, refusal(&answer).0), (503, "OVERLOADED"));
    first.end().await;
    call.accept().await;
    assert_eq!(first.answer().await.1["errors"], Value::Null);
}
