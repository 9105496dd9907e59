//! The binary itself: its end, and what `check` says of files.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::Arc,
};

use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::{sync::Notify, task::JoinHandle};

use crate::edge::{
    documents::list::List,
    port::{Served, generous},
};

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
        let [rest] = self.after_each([text]);
        rest
    }

    /// The same for several texts, in whatever order they come.
    fn after_each<const N: usize>(&mut self, texts: [&str; N]) -> [String; N] {
        let mut found = [const { String::new() }; N];
        let mut line = String::new();
        while found.iter().any(String::is_empty) {
            line.clear();
            let length = self.log.read_line(&mut line).unwrap();
            assert!(length > 0, "the log ended without all of {texts:?}");
            for (text, found) in texts.iter().zip(&mut found) {
                if let Some((_, rest)) = line.split_once(text) {
                    *found = rest.to_owned();
                }
            }
        }
        found.map(|rest| rest.trim().to_owned())
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
async fn metrics_tell_how_many_connections_are_open_and_how_many_may_be() {
    let upstream = Upstream::new().await;
    let settings = [("HAULGRAPH_SERVER__MAX_CONNECTIONS", "77")];
    let mut gateway = Process::start(&upstream.port.url, &settings);
    let url = gateway.after("listening on ");
    let admin = gateway.after("for operators at ");
    let _waiting = ask(&url);
    upstream.asked.notified().await;
    let metrics = reqwest::get(format!("{admin}/metrics")).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    for line in [
        "haulgraph_connections{port=\"main\"} 1",
        "haulgraph_connections{port=\"admin\"} 1",
        "haulgraph_connections_max{port=\"main\"} 77",
    ] {
        assert!(metrics.lines().any(|it| it == line), "{line}: {metrics}");
    }
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

/// What a command with these trusted documents and no others says, and whether it ends well.
fn run_with(command: &str, manifest: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_haulgraph"))
        .arg(command)
        .env("HAULGRAPH_DOCUMENTS__TRUSTED__MODE", "only")
        .env("HAULGRAPH_DOCUMENTS__TRUSTED__MANIFEST", manifest)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), said)
}

#[test]
fn check_names_the_trusted_documents_that_cannot_be_executed() {
    let good = ("good", "{ tenants { name } }");
    let list = List::relay(&[good, ("bad", "{ nothing }"), ("worse", "{")]);
    let (is_well, said) = run_with("check", list.path());
    assert!(!is_well);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "[documents.trusted] cannot be executed:");
    assert!(lines[1].starts_with("  bad: ") && lines[1].contains("nothing"));
    assert!(lines[2].starts_with("  worse: Syntax error: "), "{said}");
    assert_eq!(lines.len(), 3, "{said}");

    list.write(&[good]);
    assert_eq!(run_with("check", list.path()), (true, String::new()));
}

#[test]
fn neither_check_nor_serve_takes_a_list_that_cannot_be_read() {
    let list = List::relay(&[("1", "{ tenants { name } }")]);
    list.spoil();
    for command in ["check", "serve"] {
        for (file, reason) in [
            (list.path().as_path(), "not a list of documents: "),
            (Path::new("absent.json"), "absent.json: "),
        ] {
            let (is_well, said) = run_with(command, file);
            assert!(!is_well, "{command}");
            let last = said.lines().last().unwrap();
            assert!(last.starts_with("documents.trusted.manifest: "), "{said}");
            assert!(last.contains(reason), "{said}");
        }
    }
}

#[tokio::test]
async fn serve_tells_of_trusted_documents_that_cannot_be_executed_and_serves_the_others() {
    let list = List::relay(&[("good", "{ __typename }"), ("bad", "{ nothing }")]);
    let upstream = Upstream::new().await;
    let settings = [
        ("HAULGRAPH_DOCUMENTS__TRUSTED__MODE", "only"),
        (
            "HAULGRAPH_DOCUMENTS__TRUSTED__MANIFEST",
            list.path().to_str().unwrap(),
        ),
    ];
    let mut gateway = Process::start(&upstream.port.url, &settings);
    let [url, told] = gateway.after_each(["listening on ", "document cannot be executed "]);
    assert!(told.contains("bad") && told.contains("nothing"), "{told}");
    let answer = reqwest::get(format!("{url}/graphql?documentId=good")).await;
    let body: Value = answer.unwrap().json().await.unwrap();
    assert_eq!(body, json!({ "data": { "__typename": "Query" } }));
    gateway.terminate();
    assert!(gateway.end().success());
}
