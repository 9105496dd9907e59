//! The edge: GraphQL over HTTP, health, and what surrounds every request.
//!
//! A request passes `layers`, then `negotiation`, `preflight` and `request` read it as HTTP; `scan`,
//! `document`, `guard`, `positions` and `variables` read it as GraphQL, the text only once for all its
//! repetitions (`prepared`); [`Execute`] executes it; `answer` turns the outcome, or the `refusal` of any
//! step, into a response.

mod answer;
mod document;
mod execute;
pub mod graphiql;
mod graphql;
mod guard;
pub mod health;
mod layers;
pub mod listener;
mod multipart;
mod negotiation;
mod positions;
mod preflight;
mod prepared;
mod refusal;
mod request;
mod scan;
mod schema;
mod variables;

use std::{sync::Arc, time::Duration};

use async_graphql::parser;
use axum::{
    Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, get},
};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use tower_http::set_header::SetResponseHeaderLayer;

pub use self::{
    execute::{Answer, CallerParts, Execute, Operation},
    guard::Limits,
    health::Readiness,
    schema::ScalarCheck,
};
use self::{graphql::Endpoint, prepared::Documents, schema::PublishedSchema};

/// How the edge is set up.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The schema as text: served at `/schema.graphql`, and the source of the input types.
    pub sdl: String,
    /// Judges values of custom scalars in variables.
    pub scalars: ScalarCheck,
    /// Whether the schema may be asked about itself.
    pub introspection: bool,
    /// Largest request body, in bytes.
    pub body_limit: usize,
    /// Most bytes of all files of a request.
    pub upload_limit: usize,
    /// Time for a whole request.
    pub request_timeout: Duration,
    /// Most errors that are listed for a request that is refused.
    pub max_errors: usize,
    /// Memory for prepared documents, in bytes.
    pub document_bytes: usize,
    /// Bounds for documents.
    pub limits: Limits,
    /// Whether new requests are welcome; keep a clone to change it.
    pub readiness: Readiness,
}

impl Edge {
    /// An edge for this schema, with defaults.
    pub fn new(sdl: impl Into<String>) -> Self {
        Self {
            sdl: sdl.into(),
            scalars: |_, _| true,
            introspection: true,
            body_limit: 1024 * 1024,
            upload_limit: 10 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            max_errors: 50,
            document_bytes: 8 * 1024 * 1024,
            limits: Limits::default(),
            readiness: Readiness::new(),
        }
    }
}

/// The routes of the edge: `/graphql`, `/schema.graphql` and `/health`.
///
/// # Errors
/// The schema's text cannot be parsed.
pub fn router<E: Execute>(execute: E, edge: Edge) -> Result<Router, parser::Error> {
    let published = PublishedSchema::parse(&edge.sdl, edge.scalars)?;
    let Edge {
        body_limit,
        request_timeout,
        ..
    } = edge;
    let readiness = edge.readiness.clone();
    let schema_text = schema_text(&edge);
    let endpoint = Arc::new(Endpoint {
        execute,
        schema: published,
        documents: Documents::new(edge.document_bytes),
        edge,
    });
    let graphql = MethodRouter::new()
        .get(graphql::serve::<E>)
        .post(graphql::serve::<E>)
        .fallback(graphql::other_method)
        // A JSON body is read into memory as a whole; a form has limits for each of its parts.
        .layer(DefaultBodyLimit::max(body_limit))
        .with_state(endpoint);

    // The last layer is the outermost.
    let router = Router::new()
        .route("/graphql", graphql)
        .merge(schema_text)
        .merge(health::router(readiness))
        // A request that nobody waits for any more must not hold on to upstreams and memory.
        .layer(middleware::from_fn_with_state(
            request_timeout,
            layers::time_limit,
        ))
        // A mistake in one field's code ends one request, and the caller still gets GraphQL.
        .layer(middleware::from_fn(layers::catch_panic))
        // A browser must not guess that an answer is a page.
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        // Outermost, so that every log line and every answer carries the id, errors above all.
        .layer(middleware::from_fn(layers::name));
    Ok(router)
}

/// `/schema.graphql`, unless the schema may not be asked for.
fn schema_text(edge: &Edge) -> Router {
    if !edge.introspection {
        return Router::new();
    }
    let sdl = Bytes::from(edge.sdl.clone());
    let serve = move || async move {
        let headers = [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ];
        (headers, sdl)
    };
    Router::new().route("/schema.graphql", get(serve))
}
