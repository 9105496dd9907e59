//! The stand-ins of the upstreams, as `haulgraph sandbox` starts them, and what they are told.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::child::{Child, LOAD_CORE, Program};

type Failure = Box<dyn std::error::Error>;

/// The upstreams, as `haulgraph sandbox` prints them and as the gateway's configuration names them.
pub const SERVICES: [(&str, &str); 3] = [
    ("CRO Software", "HAULGRAPH_CRO__BASE_URL"),
    ("Trans.eu", "HAULGRAPH_TRANS_EU__BASE_URL"),
    ("Crux Connect", "HAULGRAPH_CRUX__BASE_URL"),
];

/// Running stand-ins.
pub struct Sandbox {
    child: Child,
    urls: [String; 3],
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct LoggedCall {
    n: u64,
    path: String,
    query: String,
}

impl Sandbox {
    /// Starts stand-ins with so many customers.
    ///
    /// # Errors
    /// The program does not start, or does not say where it listens.
    pub async fn start(program: &Path, customers: u32, logs: &Path) -> Result<Self, Failure> {
        let (child, mut lines) = Program::on_core(LOAD_CORE, program)
            .argument("sandbox")
            .argument("--any-port")
            .argument("--customers")
            .argument(customers.to_string())
            .start_and_read(&logs.join("sandbox.log"))?;
        let mut urls = [const { String::new() }; 3];
        while urls.iter().any(String::is_empty) {
            let line = lines.next_line().await?;
            let line = line.ok_or("`haulgraph sandbox` ended without saying where it listens")?;
            for ((title, _), url) in SERVICES.iter().zip(&mut urls) {
                if let Some(rest) = line.strip_prefix(title) {
                    rest.trim().clone_into(url);
                }
            }
        }
        // It goes on to list its callers, and must not be stopped by a pipe that nobody reads.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            child,
            urls,
            client: reqwest::Client::new(),
        })
    }

    /// Where the three listen, in the order of [`SERVICES`].
    pub fn urls(&self) -> &[String; 3] {
        &self.urls
    }

    /// Makes every answer wait this long.
    ///
    /// # Errors
    /// A stand-in does not answer.
    pub async fn delay(&self, time: Duration) -> Result<(), reqwest::Error> {
        for url in &self.urls {
            let faults = format!("{url}/__sandbox/faults");
            self.client.delete(&faults).send().await?;
            if !time.is_zero() {
                let rule = json!({ "delay_ms": time.as_millis() }).to_string();
                let answer = self.client.post(&faults).body(rule).send().await?;
                answer.error_for_status()?;
            }
        }
        Ok(())
    }

    /// Forgets the calls so far.
    ///
    /// # Errors
    /// A stand-in does not answer.
    pub async fn clear_calls(&self) -> Result<(), reqwest::Error> {
        for url in &self.urls {
            let calls = format!("{url}/__sandbox/calls");
            self.client.delete(calls).send().await?;
        }
        Ok(())
    }

    /// The calls to one of the upstreams: number, and path with query.
    ///
    /// # Errors
    /// The stand-in does not answer, or not as expected.
    pub async fn calls(&self, service: usize) -> Result<Vec<(u64, String)>, Failure> {
        let url = format!("{}/__sandbox/calls", self.urls[service]);
        let body = self.client.get(url).send().await?.bytes().await?;
        let calls: Vec<LoggedCall> = serde_json::from_slice(&body)?;
        let path = |call: &LoggedCall| match call.query.as_str() {
            "" => call.path.clone(),
            query => format!("{}?{query}", call.path),
        };
        Ok(calls.iter().map(|call| (call.n, path(call))).collect())
    }

    /// How many calls all three got since they were cleared.
    ///
    /// # Errors
    /// A stand-in does not answer, or not as expected.
    pub async fn call_count(&self) -> Result<u64, Failure> {
        let mut count = 0;
        for url in &self.urls {
            let url = format!("{url}/__sandbox/calls/count");
            let body = self.client.get(url).send().await?.bytes().await?;
            let body: serde_json::Value = serde_json::from_slice(&body)?;
            count += body["count"].as_u64().ok_or("no count of calls")?;
        }
        Ok(count)
    }

    /// Ends the stand-ins.
    pub async fn end(self) {
        self.child.end().await;
    }
}
