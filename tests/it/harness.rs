//! A gateway in front of a sandbox of its own, on ports that the system chose.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::Response;
use axum::{
    Router,
    body::{Body, Bytes},
};
use haulgraph::{
    config::{Config, Overrides, SandboxUrls},
    gateway::Gateway,
    http::{CallerParts, Readiness},
    ledger::{Ledger, Tracer},
    sandbox::{self, Sandbox},
};
use http::{HeaderMap, HeaderName, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

/// One of the stand-ins.
#[derive(Debug, Clone, Copy)]
pub enum Api {
    Cro,
    TransEu,
    Crux,
}

/// The gateway under test and its upstreams.
pub struct World {
    pub gateway: Gateway,
    pub config: Config,
    router: Router,
    sandbox: Arc<Sandbox>,
    client: reqwest::Client,
}

impl World {
    /// A world with the configuration of a sandbox run, and calls one after another, so that their
    /// order says something.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// As [`World::new`], with a change of the configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::of(sandbox::Options::ephemeral(), change).await
    }

    /// As [`World::with`], over a sandbox with these options.
    pub async fn of(options: sandbox::Options, change: impl FnOnce(&mut Config)) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        let mut config = Config::load(None, [], &Overrides::default()).unwrap();
        config.use_sandbox(SandboxUrls {
            cro: sandbox.cro_url().parse().unwrap(),
            trans_eu: sandbox.trans_eu_url().parse().unwrap(),
            crux: sandbox.crux_url().parse().unwrap(),
        });
        config.cro.concurrency = 1;
        config.trans_eu.concurrency = 1;
        config.crux.concurrency = 1;
        // Each call of a case is one that the gateway means.
        config.cro.retry.attempts = 1;
        config.trans_eu.retry.attempts = 1;
        config.crux.retry.attempts = 1;
        change(&mut config);
        let gateway = Gateway::new(&config).unwrap();
        Self {
            router: router(&gateway, &config),
            gateway,
            config,
            sandbox: Arc::new(sandbox),
            client: reqwest::Client::new(),
        }
    }

    /// Puts a gateway with another configuration in the place of this world's.
    pub fn change(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.gateway = Gateway::new(&self.config).unwrap();
        self.router = router(&self.gateway, &self.config);
    }

    /// Another gateway before the same upstreams, with a change of the configuration.
    pub fn twin(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        let gateway = Gateway::new(&config).unwrap();
        Self {
            router: router(&gateway, &config),
            gateway,
            config,
            sandbox: Arc::clone(&self.sandbox),
            client: self.client.clone(),
        }
    }

    /// The same gateway behind an edge that grants a request so much time.
    pub fn within(&self, time: Duration) -> Self {
        let mut config = self.config.clone();
        config.server.request_timeout = time;
        Self {
            gateway: self.gateway.clone(),
            router: router(&self.gateway, &config),
            config,
            sandbox: Arc::clone(&self.sandbox),
            client: self.client.clone(),
        }
    }

    /// The same world, whose operations are traced.
    pub fn traced(mut self, tracer: Option<Arc<dyn Tracer>>) -> Self {
        self.gateway = self.gateway.traced(tracer);
        self.router = router(&self.gateway, &self.config);
        self
    }

    /// What `caller` gets for `query`.
    pub async fn ask(&self, caller: &Caller, query: &str) -> Value {
        self.ask_with(caller, query, json!({})).await
    }

    /// What `caller` gets for `query` with variables.
    pub async fn ask_with(&self, caller: &Caller, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.answer(caller, query, variables).await).unwrap()
    }

    /// The whole answer, with its keys in their order.
    pub async fn answer(&self, caller: &Caller, query: &str, variables: Value) -> Response {
        let (_, body) = self.send(caller, query, variables).await;
        serde_json::from_slice(&body).unwrap()
    }

    /// The status that the edge answers to a GET.
    pub async fn get(&self, path: &str) -> StatusCode {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await;
        answer.unwrap().status()
    }

    /// What the edge answers to `caller`'s request over HTTP: status and body.
    pub async fn post(&self, caller: &Caller, query: &str) -> (StatusCode, Value) {
        let (status, body) = self.send(caller, query, json!({})).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn send(&self, caller: &Caller, query: &str, variables: Value) -> (StatusCode, Bytes) {
        let mut request = http::Request::post("/graphql")
            .header("content-type", "application/json")
            .header("x-request-id", "test-request");
        request.headers_mut().unwrap().extend(caller.0.clone());
        let body = json!({ "query": query, "variables": variables });
        let request = request.body(Body::from(body.to_string())).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        (
            status,
            answer.into_body().collect().await.unwrap().to_bytes(),
        )
    }

    /// What the admin port answers: status and text.
    pub async fn admin(&self, path: &str) -> (StatusCode, String) {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let answer = self.gateway.admin_router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The calls that arrived since the last time, in their order: method, target, status.
    pub async fn calls(&self, api: Api) -> Vec<String> {
        let url = format!("{}/__sandbox/calls", self.url(api));
        let calls: Value = self
            .client
            .get(&url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        self.client.delete(&url).send().await.unwrap();
        calls.as_array().unwrap().iter().map(line).collect()
    }

    /// The headers of the calls that arrived, as the stand-in logs them.
    pub async fn logged_headers(&self, api: Api) -> Vec<Value> {
        self.logged(api, "headers").await
    }

    /// The JSON bodies of the calls that arrived; null where there was none.
    pub async fn logged_bodies(&self, api: Api) -> Vec<Value> {
        self.logged(api, "body").await
    }

    async fn logged(&self, api: Api, member: &str) -> Vec<Value> {
        let url = format!("{}/__sandbox/calls", self.url(api));
        let calls: Value = self
            .client
            .get(&url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let calls = calls.as_array().unwrap().iter();
        calls.map(|call| call[member].clone()).collect()
    }

    /// Makes a stand-in misbehave.
    pub async fn fault(&self, api: Api, fault: Value) {
        let url = format!("{}/__sandbox/faults", self.url(api));
        let answer = self.client.post(url).json(&fault).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    /// The base URL of a stand-in.
    pub fn url(&self, api: Api) -> String {
        match api {
            Api::Cro => self.sandbox.cro_url(),
            Api::TransEu => self.sandbox.trans_eu_url(),
            Api::Crux => self.sandbox.crux_url(),
        }
    }
}

fn router(gateway: &Gateway, config: &Config) -> Router {
    gateway.router(config, Readiness::new()).unwrap()
}

fn line(call: &Value) -> String {
    let text = |key: &str| call[key].as_str().unwrap_or_default().to_owned();
    let query = text("query");
    let mark = if query.is_empty() { "" } else { "?" };
    format!(
        "{} {}{mark}{query} {}",
        text("method"),
        text("path"),
        call["status"]
    )
}

/// The headers of somebody who asks.
#[derive(Clone)]
pub struct Caller(HeaderMap);

impl Caller {
    /// One of the sandbox's callers.
    pub fn named(name: &str) -> Self {
        let caller = sandbox::callers().iter().find(|caller| caller.name == name);
        let headers = caller
            .unwrap_or_else(|| panic!("there is no caller {name}"))
            .headers;
        headers
            .iter()
            .fold(Self::nobody(), |caller, (name, value)| {
                caller.header(name, value)
            })
    }

    /// The sandbox's dispatcher, who may do nearly everything.
    pub fn dispatcher() -> Self {
        Self::named("dispatcher")
    }

    /// A request without any header.
    pub fn nobody() -> Self {
        Self(HeaderMap::new())
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0
    }

    /// What the edge would say of the caller.
    pub fn parts(&self) -> CallerParts {
        CallerParts {
            headers: self.0.clone(),
            request_id: "test-request".into(),
            ledger: Ledger::open(false, None),
            deadline: Instant::now() + Duration::from_secs(20),
        }
    }

    /// The same with this header; an empty value takes it away.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.to_ascii_lowercase().parse().unwrap();
        match value {
            "" => drop(self.0.remove(name)),
            value => drop(self.0.insert(name, value.parse().unwrap())),
        }
        self
    }
}
