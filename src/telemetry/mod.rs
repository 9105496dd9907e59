//! Logs (one line per operation, one per upstream call at `debug`, on standard error), metrics and
//! traces: how they leave the process. What they are made of, others say.

pub mod otlp;

use std::{io::IsTerminal, time::Duration};

use axum::{Router, routing::get};
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

use crate::{
    config::{Log, LogFormat},
    metric,
};

/// Starts logging as configured.
pub fn start(log: &Log) {
    // The level is for the gateway's own events; libraries speak up only when something is wrong.
    let filter = EnvFilter::new(format!("warn,haulgraph={}", log.level));
    let stderr = std::io::stderr;
    let logs = fmt()
        .with_env_filter(filter)
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    match log.format {
        LogFormat::Text => logs.finish().init(),
        LogFormat::Json => logs.json().finish().init(),
    }
}

/// What was counted in this process.
#[derive(Clone, Debug)]
pub struct Metrics(PrometheusHandle);

/// How often what histograms have gathered is put into their buckets, if nobody asks for it.
const UPKEEP: Duration = Duration::from_secs(5);

impl Metrics {
    /// Starts counting. What makes handles of metrics has to come after it.
    ///
    /// # Errors
    /// Something in this process counts already.
    pub fn start() -> Result<Self, BuildError> {
        let mut builder = PrometheusBuilder::new();
        for (name, buckets) in metric::HISTOGRAMS {
            builder = builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), buckets)?;
        }
        builder.install_recorder().map(Self)
    }

    /// What was counted, in Prometheus's text format.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Serves it at `/metrics`.
    pub fn router(&self) -> Router {
        let metrics = self.clone();
        let serve = move || async move {
            let headers = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
            (headers, metrics.render())
        };
        Router::new().route("/metrics", get(serve))
    }

    /// Keeps what histograms gather from growing, for as long as it is polled.
    pub async fn upkeep(self) {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            self.0.run_upkeep();
        }
    }
}
