//! Connections: slow clients, idle ones, too many of them, both protocols, and their end.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, routing::get};
use haulgraph::http::listener::{Settings, Times};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, oneshot},
};

use crate::edge::{
    port::{Client, Served, generous},
    yard::{yard_site, yard_with_gate},
};

/// Short enough to wait for, and for nothing else that a test does.
const SHORT: Duration = Duration::from_millis(150);

async fn served(change: impl FnOnce(&mut Settings)) -> Served {
    let mut settings = generous();
    change(&mut settings);
    Served::new(yard_site(|_| {}), settings, None).await
}

fn times(change: impl FnOnce(&mut Times)) -> impl FnOnce(&mut Settings) {
    |settings| change(&mut settings.times)
}

#[tokio::test]
async fn a_connection_answers_one_request_after_another() {
    let port = served(|_| {}).await;
    let mut client = port.connect().await;
    for _ in 0..2 {
        client.query("{ hello }").await;
        let answer = client.answer().await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.ends_with(r#"{"data":{"hello":"hello "}}"#),
            "{answer}"
        );
    }
}

/// The answer to this request, without its date and with its headers in order.
async fn told(port: &Served, request: &str) -> (Vec<String>, String) {
    let mut client = port.connect().await;
    client.say(request).await;
    let answer = client.answer().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut head: Vec<String> = head.lines().map(str::to_owned).collect();
    head.retain(|line| !line.starts_with("date: "));
    head[1..].sort();
    (head, body.to_owned())
}

#[tokio::test]
async fn operations_are_answered_as_their_route_answers_them() {
    let site = yard_site(|edge| edge.body_limit = 100);
    let short = Served::new(site.clone(), generous(), None).await;
    let routed = Served::new(site.into_router(), generous(), None).await;
    let post =
        "POST /graphql HTTP/1.1\r\nHost: gateway\r\nX-Request-Id: r-1\r\nConnection: close\r\n";
    let json = "Content-Type: application/json\r\n";
    let query = "Content-Length: 21\r\n\r\n{\"query\":\"{ hello }\"}";
    let chunks =
        "Transfer-Encoding: chunked\r\n\r\nB\r\n{\"query\":\"{\r\nA\r\n hello }\"}\r\n0\r\n\r\n";
    let long = format!("Content-Length: 101\r\n\r\n{}", " ".repeat(101));
    for (request, status) in [
        (format!("{post}{json}{query}"), 200),
        (format!("{post}{json}{chunks}"), 200),
        (format!("{post}{json}Accept: text/html\r\n{query}"), 406),
        (format!("{post}{query}"), 415),
        (format!("{post}{json}{long}"), 413),
        (format!("{post}{json}Content-Length: 2\r\n\r\n{{}}"), 400),
    ] {
        let answer = told(&short, &request).await;
        assert!(
            answer.0[0].starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer:?}"
        );
        assert!(
            answer.0.contains(&"x-request-id: r-1".to_owned()),
            "{answer:?}"
        );
        assert_eq!(answer, told(&routed, &request).await);
    }
}

#[tokio::test]
async fn http_2_is_spoken_to_those_who_begin_with_it() {
    let port = served(|_| {}).await;
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .build()
        .unwrap();
    let answers = (0..50).map(|_| {
        let request = client
            .post(format!("{}/graphql", port.url))
            .json(&json!({ "query": "{ hello }" }));
        async { request.send().await.unwrap() }
    });
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.version(), http::Version::HTTP_2);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "data": { "hello": "hello " } }));
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut_off() {
    let port = served(times(|times| times.head = SHORT)).await;
    assert_eq!(port.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off_however_alive_its_client_is() {
    let port = served(times(|times| times.head = SHORT)).await;
    for begin in ["", "PRI * HTTP/2.0\r\n"] {
        let mut client = port.connect().await;
        client.say(begin).await;
        drip(client).await;
    }
    // The second head on a connection as well.
    let mut client = port.connect().await;
    client.query("{ hello }").await;
    client.answer().await;
    client.say("POST /graphql HTTP/1.1\r\n").await;
    drip(client).await;
}

/// Sends one byte after another, and panics if the gateway takes a thousand of them.
async fn drip(client: Client) {
    let (mut reader, mut writer) = client.0.into_split();
    let mut drops = tokio::time::interval(Duration::from_millis(10));
    let dripping = async {
        for _ in 0..1000 {
            drops.tick().await;
            if writer.write_all(b"x").await.is_err() {
                return;
            }
        }
        panic!("the gateway waited for the end of a head");
    };
    let mut heard = Vec::new();
    tokio::select! {
        _ = reader.read_to_end(&mut heard) => {}
        () = dripping => {}
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let port = served(times(|times| times.idle = SHORT)).await;
    let mut client = port.connect().await;
    client.query("{ hello }").await;
    client.answer().await;
    assert_eq!(client.rest().await, "");
}

/// A route with an endless answer, and what resolves when the answer is given up.
fn endless() -> (Router, oneshot::Receiver<()>) {
    let (held, gone) = oneshot::channel();
    let held = Arc::new(Mutex::new(Some(held)));
    let route = move || async move {
        let held = held.lock().unwrap().take();
        Body::from_stream(futures_util::stream::repeat_with(move || {
            let _ = &held;
            Ok::<_, io::Error>(vec![0; 64 * 1024])
        }))
    };
    (Router::new().route("/", get(route)), gone)
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_cut_off() {
    let (router, gone) = endless();
    let mut settings = generous();
    settings.times.write = SHORT;
    let port = Served::new(router, settings, None).await;
    let mut client = port.connect().await;
    client.say("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n").await;
    gone.await.unwrap_err();
}

#[tokio::test]
async fn a_stream_that_is_not_read_is_cut_off_though_its_connection_is_alive() {
    let (router, gone) = endless();
    let mut settings = generous();
    settings.times.request = SHORT;
    settings.times.write = SHORT;
    let port = Served::new(router, settings, None).await;
    let client = reqwest::Client::builder().http2_prior_knowledge();
    let answer = client.build().unwrap().get(&port.url).send().await;
    gone.await.unwrap_err();
    assert!(answer.is_ok());
}

#[tokio::test]
async fn a_connection_over_the_bound_waits_for_another_to_end() {
    let port = served(|settings| settings.max_connections = 1).await;
    let mut first = port.connect().await;
    first.query("{ hello }").await;
    first.answer().await;
    let mut second = port.connect().await;
    second.query("{ hello }").await;
    first.query("{ hello }").await;
    first.answer().await;
    drop(first);
    assert!(second.answer().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_head_over_the_bound_is_refused() {
    let port = served(|settings| settings.head_limit = 8 * 1024).await;
    let mut client = port.connect().await;
    client
        .say(&format!(
            "GET / HTTP/1.1\r\nX-Long: {}\r\n\r\n",
            "x".repeat(16 * 1024)
        ))
        .await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");

    let client = reqwest::Client::builder().http2_prior_knowledge();
    let request = client.build().unwrap().get(&port.url);
    let answer = request.header("x-long", "x".repeat(16 * 1024)).send().await;
    assert!(answer.is_err() || answer.unwrap().status().as_u16() == 431);
}

#[tokio::test]
async fn at_the_end_idle_connections_are_closed_and_requests_in_flight_answered() {
    let gate = Arc::new((Notify::new(), Notify::new()));
    let waiting = Arc::clone(&gate);
    let route = move || async move {
        waiting.0.notify_one();
        waiting.1.notified().await;
        "late"
    };
    let router = yard_site(|_| {}).merge(Router::new().route("/", get(route)));
    let mut port = Served::new(router, generous(), None).await;
    let mut idle = port.connect().await;
    idle.query("{ hello }").await;
    idle.answer().await;
    let mut busy = port.connect().await;
    busy.say("GET / HTTP/1.1\r\nHost: gateway\r\n\r\n").await;
    gate.0.notified().await;

    port.stop();
    assert_eq!(idle.rest().await, "");
    gate.1.notify_one();
    let answer = busy.rest().await;
    assert!(answer.ends_with("late"), "{answer}");
    let address = port.url.replace("http://", "");
    port.ended().await;
    assert!(TcpStream::connect(address).await.is_err());
}

/// Frames of HTTP/2, as a client writes them that has no patience.
mod frames {
    pub const PREFACE: &[u8] =
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        frame
    }

    /// A whole GET request for `path`.
    pub fn get(stream: u32, path: &str) -> Vec<u8> {
        // `:method: GET` and `:scheme: http` of the static table, then `:path` with a text of its own.
        let mut head = vec![0x82, 0x86, 0x04, u8::try_from(path.len()).unwrap()];
        head.extend(path.as_bytes());
        frame(1, 0x5, stream, &head)
    }

    /// Takes a request back.
    pub fn cancel(stream: u32) -> Vec<u8> {
        frame(3, 0, stream, &8_u32.to_be_bytes())
    }
}

/// The ids of a client's streams.
fn streams() -> impl Iterator<Item = u32> {
    (1..).step_by(2)
}

#[tokio::test]
async fn a_flood_of_requests_that_are_taken_back_unseen_ends_its_connection_and_no_other() {
    let port = served(|_| {}).await;
    let mut other = port.connect().await;
    other.query("{ hello }").await;
    other.answer().await;

    let mut client = port.connect().await;
    let mut flood = frames::PREFACE.to_vec();
    for stream in streams().take(5000) {
        flood.extend(frames::get(stream, "/graphql?query=%7Bhello%7D"));
        flood.extend(frames::cancel(stream));
    }
    // It may be ended while it still floods.
    let _ = client.0.write_all(&flood).await;
    client.ended().await;

    other.query("{ hello }").await;
    assert!(other.answer().await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_flood_of_requests_that_are_taken_back_while_they_are_worked_on_ends_its_connection() {
    let (router, gate) = yard_with_gate(|_| {});
    let port = Served::new(router, generous(), None).await;
    let mut client = port.connect().await;
    client.0.write_all(frames::PREFACE).await.unwrap();
    let mut taken_back = 0;
    for stream in streams().take(400) {
        let request = frames::get(stream, "/graphql?query=%7Bgated%7D");
        if client.0.write_all(&request).await.is_err() {
            break;
        }
        tokio::select! {
            () = gate.entered.notified() => {}
            // It was ended meanwhile: no request gets in any more.
            () = client.ended() => break,
        }
        if client.0.write_all(&frames::cancel(stream)).await.is_err() {
            break;
        }
        taken_back += 1;
    }
    assert!((100..400).contains(&taken_back), "{taken_back}");
}
