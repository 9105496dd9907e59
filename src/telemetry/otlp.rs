//! Traces for a collector of OpenTelemetry, by OTLP over HTTP.
//!
//! A span is made of an operation's ledger when the operation has ended: one for the operation and
//! one for each of its calls. So nothing is traced while it happens, and nothing is if nobody wants
//! it. Spans that the collector cannot take are dropped: an answer never waits for its trace.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::HeaderValue;
use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks},
};
use tokio::sync::mpsc;

use crate::{
    config::Otlp,
    ledger::{CallEvent, Ended, Event, Ledger, Tracer},
    trace::Position,
};

/// Most spans that wait for the collector.
const QUEUE: usize = 4096;
/// Most spans of one export.
const BATCH: usize = 512;
/// How long spans wait for company.
const DELAY: Duration = Duration::from_secs(1);
/// Bound on one export.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Makes traces and sends them, if the configuration says where to. It needs a runtime.
///
/// # Errors
/// The exporter cannot be set up.
pub fn start(otlp: &Otlp) -> Result<Option<Arc<dyn Tracer>>, ExporterBuildError> {
    let Some(endpoint) = &otlp.endpoint else {
        return Ok(None);
    };
    let headers: HashMap<_, _> = otlp
        .header_pairs()
        .unwrap_or_default()
        .into_iter()
        .collect();
    // It follows no redirect: the headers are for this collector.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| ExporterBuildError::InternalFailure(error.to_string()))?;
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(endpoint.as_str())
        .with_headers(headers)
        .with_timeout(TIMEOUT)
        .build()?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let service = Resource::builder_empty().with_service_name("haulgraph");
    exporter.set_resource(&service.with_attribute(version).build());
    let (spans, queue) = mpsc::channel(QUEUE);
    tokio::spawn(export(exporter, queue));
    Ok(Some(Arc::new(Otel {
        spans,
        ratio: otlp.sample_ratio.get(),
        scope: InstrumentationScope::builder("haulgraph").build(),
    })))
}

/// Sends what comes, in batches.
async fn export(exporter: SpanExporter, mut queue: mpsc::Receiver<SpanData>) {
    let mut was_refused = false;
    while let Some(first) = queue.recv().await {
        let mut batch = vec![first];
        let full = async {
            while batch.len() < BATCH
                && let Some(span) = queue.recv().await
            {
                batch.push(span);
            }
        };
        // A batch that is not full by then goes as it is.
        let _ = tokio::time::timeout(DELAY, full).await;
        let outcome = exporter.export(batch).await;
        // Once per outage; the text of the error names the collector, not what was sent to it.
        if outcome.is_err() && !was_refused {
            tracing::warn!("the collector of traces does not take them");
        }
        was_refused = outcome.is_err();
    }
}

#[derive(Debug)]
struct Otel {
    spans: mpsc::Sender<SpanData>,
    ratio: f64,
    scope: InstrumentationScope,
}

impl Tracer for Otel {
    fn position(&self, traceparent: Option<&HeaderValue>) -> Position {
        Position::below(traceparent, self.ratio)
    }

    fn record(&self, ledger: &Ledger, ended: &Ended<'_>) {
        let Some(position) = ledger.position().filter(|position| position.sampled) else {
            return;
        };
        let took = ledger.started().elapsed();
        let now = SystemTime::now();
        let began = now.checked_sub(took).unwrap_or(now);
        for event in ledger.events() {
            if let Event::Call(call) = event {
                self.send(self.call(position, began, call));
            }
        }
        self.send(self.operation(position, (began, now), ledger, ended));
    }
}

impl Otel {
    fn send(&self, span: SpanData) {
        // A full queue means that the collector is away or slow: traces are the first to go.
        let _ = self.spans.try_send(span);
    }

    fn operation(
        &self,
        position: &Position,
        (start, end): (SystemTime, SystemTime),
        ledger: &Ledger,
        ended: &Ended<'_>,
    ) -> SpanData {
        let sum = ledger.sum();
        let mut attributes = vec![
            KeyValue::new("graphql.operation.type", ended.ty),
            KeyValue::new("haulgraph.request_id", ended.request_id.to_owned()),
            KeyValue::new("haulgraph.errors", count(ended.errors)),
            KeyValue::new("haulgraph.upstream_calls", count(sum.calls)),
            KeyValue::new("haulgraph.cache_hits", count(sum.hits)),
            KeyValue::new("haulgraph.stale", count(sum.stale)),
        ];
        let name = ended
            .name
            .map(|name| KeyValue::new("graphql.operation.name", name.to_owned()));
        let status = ended.status;
        let status = status.map(|it| KeyValue::new("http.response.status_code", i64::from(it)));
        let caller = ledger
            .caller()
            .map(|it| KeyValue::new("haulgraph.caller", it));
        attributes.extend(name.into_iter().chain(status).chain(caller));
        let is_failed = ended.status.is_none_or(|status| status >= 500);
        SpanData {
            span_kind: SpanKind::Server,
            // Names of operations are the callers': the type keeps the names of spans few.
            name: ended.ty.into(),
            start_time: start,
            end_time: end,
            attributes,
            status: if is_failed {
                Status::error("")
            } else {
                Status::Unset
            },
            parent_span_is_remote: position.parent.is_some(),
            ..self.span(position)
        }
    }

    fn call(&self, operation: &Position, began: SystemTime, call: CallEvent) -> SpanData {
        let position = Position {
            span: call.span.unwrap_or(operation.span),
            parent: Some(operation.span),
            ..*operation
        };
        let start = began + call.start;
        let mut attributes = vec![
            KeyValue::new("haulgraph.upstream", call.service),
            KeyValue::new("http.request.method", call.method.clone()),
            KeyValue::new("url.template", call.path),
            KeyValue::new("haulgraph.outcome", call.outcome),
        ];
        let status = call.status.map(i64::from);
        attributes.extend(status.map(|it| KeyValue::new("http.response.status_code", it)));
        let is_failed = call.outcome != "ok";
        SpanData {
            span_kind: SpanKind::Client,
            name: format!("{} {}", call.method, call.path).into(),
            start_time: start,
            end_time: start + call.took,
            attributes,
            status: if is_failed {
                Status::error(call.outcome)
            } else {
                Status::Unset
            },
            ..self.span(&position)
        }
    }

    /// A span of this place, with nothing in it yet.
    fn span(&self, position: &Position) -> SpanData {
        SpanData {
            span_context: SpanContext::new(
                TraceId::from_bytes(position.trace.0.to_be_bytes()),
                SpanId::from_bytes(position.span.0.to_be_bytes()),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: position.parent.map_or(SpanId::INVALID, |parent| {
                SpanId::from_bytes(parent.0.to_be_bytes())
            }),
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "".into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        }
    }
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
