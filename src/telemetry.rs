//! Logs (one line per operation, one per upstream call at `debug`, on standard error) and metrics.

use std::io::IsTerminal;

use axum::{Router, routing::get};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder};
use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

use crate::config::{Log, LogFormat};

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

/// Starts counting, and serves what was counted at `/metrics`.
///
/// # Errors
/// Something in this process counts already.
pub fn metrics_router() -> Result<Router, BuildError> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    Ok(Router::new().route("/metrics", get(move || async move { handle.render() })))
}
