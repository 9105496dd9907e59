//! The binary itself: its end, and what `check` says of files.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::Arc,
};

use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinHandle};

use crate::edge::port::{Served, generous};

/// A gateway as a process of its own, with one upstream.
struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Process {
    fn start(upstream: &str, settings: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_haulgraph"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("HAULGRAPH_ADMIN__LISTEN", "127.0.0.1:0")
            .env("HAULGRAPH_CRO__BASE_URL", upstream)
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// The rest of the first line of the log that has `text`.
    fn after(&mut self, text: &str) -> String {
        let mut line = String::new();
        while self.log.read_line(&mut line).unwrap() > 0 {
            if let Some((_, rest)) = line.split_once(text) {
                return rest.trim().to_owned();
            }
            line.clear();
        }
        panic!("the log ended without {text:?}");
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, reading what is logged until then.
    fn end(&mut self) -> ExitStatus {
        std::io::copy(&mut self.log, &mut std::io::sink()).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An upstream that says when it is asked, and answers when it may.
struct Upstream {
    port: Served,
    asked: Arc<Notify>,
    may_answer: Arc<Notify>,
}

impl Upstream {
    async fn new() -> Self {
        let (asked, may_answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (ask, wait) = (Arc::clone(&asked), Arc::clone(&may_answer));
        let router = Router::new().fallback(move || async move {
            ask.notify_one();
            wait.notified().await;
            StatusCode::FORBIDDEN
        });
        Self {
            port: Served::new(router, generous(), None).await,
            asked,
            may_answer,
        }
    }
}

fn ask(url: &str) -> JoinHandle<reqwest::Result<Value>> {
    let request = reqwest::Client::new()
        .post(format!("{url}/graphql"))
        .header("authorization", "Bearer somebody")
        .header("x-tenant-id", "34")
        .json(&json!({ "query": "{ location(id: \"1\") { name } }" }));
    tokio::spawn(async move { request.send().await?.json().await })
}

#[tokio::test]
async fn a_gateway_that_is_told_to_stop_answers_what_has_begun_and_ends_well() {
    let upstream = Upstream::new().await;
    let mut gateway = Process::start(&upstream.port.url, &[]);
    let url = gateway.after("listening on ");
    let admin = gateway.after("for operators at ");
    let answer = ask(&url);
    upstream.asked.notified().await;

    gateway.terminate();
    gateway.after("draining");
    // Whoever sends requests here learns that it should not.
    let ready = reqwest::get(format!("{admin}/health/ready")).await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(ask(&url).await.unwrap().is_err());

    upstream.may_answer.notify_one();
    let body = answer.await.unwrap().unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(gateway.end().success());
}

#[tokio::test]
async fn a_request_that_takes_longer_than_the_drain_is_given_up() {
    let upstream = Upstream::new().await;
    let settings = [("HAULGRAPH_SERVER__DRAIN_TIMEOUT", "100ms")];
    let mut gateway = Process::start(&upstream.port.url, &settings);
    let url = gateway.after("listening on ");
    let answer = ask(&url);
    upstream.asked.notified().await;
    gateway.terminate();
    gateway.after("given up");
    assert!(gateway.end().success());
    assert!(answer.await.unwrap().is_err());
}

#[test]
fn check_tells_that_a_certificate_cannot_be_read() {
    let output = Command::new(env!("CARGO_BIN_EXE_haulgraph"))
        .arg("check")
        .env("HAULGRAPH_TLS__CERTIFICATE", "absent.crt")
        .env("HAULGRAPH_TLS__KEY", "absent.key")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("[tls] absent.crt: "), "{said}");
}
