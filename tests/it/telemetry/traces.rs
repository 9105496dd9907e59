//! Traces, as a collector of OpenTelemetry receives them.

use axum::{Router, body::Bytes, extract::State, routing::post};
use haulgraph::{config::Ratio, telemetry::otlp};
use http::HeaderMap;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;
use tokio::{net::TcpListener, sync::mpsc};

use crate::harness::{Api, Caller, World};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

type Export = (HeaderMap, ExportTraceServiceRequest);

/// A collector, and what arrives there.
async fn collector() -> (String, mpsc::UnboundedReceiver<Export>) {
    type Exports = mpsc::UnboundedSender<Export>;
    let (exports, arrived) = mpsc::unbounded_channel();
    let take = |State(exports): State<Exports>, headers: HeaderMap, body: Bytes| async move {
        let export = ExportTraceServiceRequest::decode(body).unwrap();
        exports.send((headers, export)).unwrap();
    };
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(exports);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, arrived)
}

/// A world whose traces go to `url`.
async fn traced(url: &str, ratio: Ratio) -> World {
    let world = World::with(|config| {
        let otlp = &mut config.telemetry.otlp;
        otlp.endpoint = url.parse().ok();
        otlp.headers = Some("x-collector-token=of%20the%20collector".to_owned().into());
        otlp.sample_ratio = ratio;
    })
    .await;
    let tracer = otlp::start(&world.config.telemetry.otlp).unwrap();
    world.traced(tracer)
}

fn spans(export: &ExportTraceServiceRequest) -> Vec<&Span> {
    let resources = export.resource_spans.iter();
    let scopes = resources.flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| &scope.spans).collect()
}

fn text(span: &Span, key: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|it| it.key == key)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

#[tokio::test]
async fn an_operation_and_its_calls_are_spans_of_the_callers_trace() {
    let (url, mut arrived) = collector().await;
    let world = traced(&url, Ratio::NONE).await;
    let caller = Caller::dispatcher().header("traceparent", TRACEPARENT);
    world
        .post(
            &caller,
            "query Yards { locations(first: 2) { nodes { name } } }",
        )
        .await;

    let (headers, export) = arrived.recv().await.unwrap();
    assert_eq!(headers["x-collector-token"], "of the collector");
    let spans = spans(&export);
    let named = |name: &str| *spans.iter().find(|span| span.name == name).unwrap();
    let (operation, call) = (named("query"), named("GET /locations"));
    assert_eq!(spans.len(), 2);
    for span in &spans {
        assert_eq!(
            span.trace_id,
            0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes()
        );
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    }
    assert_eq!(
        operation.parent_span_id,
        0xb7ad_6b71_6920_3331_u64.to_be_bytes()
    );
    assert_eq!(call.parent_span_id, operation.span_id);
    assert_eq!(
        text(operation, "graphql.operation.name").as_deref(),
        Some("Yards")
    );
    assert_eq!(text(call, "url.template").as_deref(), Some("/locations"));
    assert_eq!(
        text(call, "http.response.status_code").as_deref(),
        Some("200")
    );

    let sent = &world.logged_headers(Api::Cro).await[0]["traceparent"];
    let span: String = call
        .span_id
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let expected = format!("00-0af7651916cd43dd8448eb211c80319c-{span}-01");
    assert_eq!(sent.as_str(), Some(expected.as_str()));

    let told = format!("{export:?}");
    for (name, value) in Caller::dispatcher().headers() {
        let token = value.to_str().unwrap().split(' ').next_back().unwrap();
        assert!(token.len() < 6 || !told.contains(token), "{name} is told");
    }
}

#[tokio::test]
async fn what_is_not_sampled_is_not_sent() {
    let (url, mut arrived) = collector().await;
    let world = traced(&url, Ratio::NONE).await;
    world
        .post(&Caller::dispatcher(), "{ tenants { name } }")
        .await;
    let caller = Caller::dispatcher().header("traceparent", TRACEPARENT);
    world
        .post(&caller, "query Sampled { tenants { name } }")
        .await;
    let (_, export) = arrived.recv().await.unwrap();
    let names: Vec<_> = spans(&export)
        .into_iter()
        .filter_map(|span| text(span, "graphql.operation.name"))
        .collect();
    assert_eq!(names, ["Sampled"]);
}

#[tokio::test]
async fn notes_of_tracing_systems_go_on_with_the_trace_that_they_are_of_and_not_without() {
    const NOTES: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";
    let noted = Caller::dispatcher().header("tracestate", NOTES);
    for (caller, sent) in [
        (
            noted.clone().header("traceparent", TRACEPARENT),
            Some(NOTES),
        ),
        (noted.clone(), None),
        (noted.header("traceparent", "00-odd"), None),
    ] {
        let world = World::new().await;
        world.post(&caller, "{ tenants { name } }").await;
        let headers = &world.logged_headers(Api::Cro).await[0];
        assert_eq!(headers["tracestate"].as_str(), sent, "{headers}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_no_answer() {
    let world = traced("http://127.0.0.1:1/v1/traces", Ratio::ALL).await;
    let (_, answer) = world
        .post(&Caller::dispatcher(), "{ tenants { name } }")
        .await;
    assert!(answer["data"]["tenants"][0]["name"].is_string(), "{answer}");
}
