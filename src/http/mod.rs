//! The edge: GraphQL over HTTP, health, and what surrounds every request.
//!
//! A request passes `layers`, then `negotiation`, `preflight` and `request` read it as HTTP; `library`
//! has the texts of documents that are only named; `scan`, `document`, `guard`, `positions` and
//! `variables` read it as GraphQL, the text only once for all its repetitions (`prepared`), and all of a
//! body that comes again not at all (`resolution`); [`Execute`] executes it, one or a `batch` of them;
//! `answer` turns the outcome, or the `refusal` of any step, into a response.

mod admission;
mod answer;
mod batch;
mod compression;
mod cost;
mod discretion;
mod document;
mod entity_tag;
mod execute;
mod fields;
pub mod graphiql;
mod graphql;
mod guard;
pub mod health;
mod inspection;
mod layers;
mod library;
mod limits;
pub mod listener;
mod manifest;
mod multipart;
mod negotiation;
mod overlaps;
mod persisted;
mod positions;
mod preflight;
mod prepared;
mod rate;
mod record;
mod refusal;
mod request;
mod resolution;
mod scan;
mod schema;
pub mod service;
mod site;
mod trusted;
mod values;
mod variables;
mod watch;

use std::{sync::Arc, time::Duration};

use async_graphql::parser;
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    middleware,
    routing::{any, get},
};
use futures_util::FutureExt;
use http::{
    HeaderName, Method,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, RETRY_AFTER},
};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use self::{
    admission::Admission, answer::Style, discretion::Discretion, graphql::Endpoint,
    library::Library, prepared::Documents, rate::Purses, resolution::Repetitions, site::Graphql,
};
use crate::{ledger::Tracer, metric::Meters};

pub use self::{
    admission::Crowd,
    cost::{CostTable, FieldCost, Items},
    execute::{Answer, CallerParts, Execute, Operation},
    health::Readiness,
    inspection::{Unfit, unfit},
    limits::Limits,
    rate::{Identity, Rate},
    schema::ScalarCheck,
    site::Site,
    trusted::{ManifestError, OPERATOR_KEY, Others, TrustedDocuments},
};

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
    /// How many requests with files are worked on at once.
    pub uploads: usize,
    /// Time for a whole request.
    pub request_timeout: Duration,
    /// Time for the body of a request to arrive.
    pub body_timeout: Duration,
    /// How many requests are worked on at once.
    pub crowd: Crowd,
    /// Headers of a request that its answer depends on, besides those of HTTP.
    pub vary: Vec<HeaderName>,
    /// The smallest answer that is compressed for clients that can read it so, in bytes.
    pub compress_from: Option<usize>,
    /// Sites whose pages may read answers, exactly as browsers name them. The gateway's own may anyway.
    pub origins: Vec<HeaderValue>,
    /// What callers may ask for; without it everybody may ask for everything.
    pub rate: Option<Rate>,
    /// Most errors that are listed for a request that is refused.
    pub max_errors: usize,
    /// Memory for prepared documents, in bytes; bodies that come again may take as much on top.
    pub document_bytes: usize,
    /// Memory for texts that clients may name by their hash, in bytes; 0 lets them name none.
    pub persisted_bytes: usize,
    /// The documents that the operator trusts; keep a clone to look at their file at other times.
    pub trusted: Option<TrustedDocuments>,
    /// Bounds for what a request may ask for.
    pub limits: Limits,
    /// Whether callers may ask how an answer came about.
    pub explain: bool,
    /// Measures.
    pub meters: Arc<Meters>,
    /// Makes traces, if somebody wants them.
    pub tracer: Option<Arc<dyn Tracer>>,
    /// What the schema's fields cost; without it everything is free.
    pub costs: CostTable,
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
            uploads: 16,
            request_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(20),
            crowd: Crowd {
                most: 1000,
                wait: Duration::from_secs(1),
            },
            vary: Vec::new(),
            compress_from: Some(1024),
            origins: Vec::new(),
            rate: None,
            max_errors: 50,
            document_bytes: 8 * 1024 * 1024,
            persisted_bytes: 4 * 1024 * 1024,
            trusted: None,
            limits: Limits::default(),
            explain: false,
            meters: Arc::default(),
            tracer: None,
            costs: CostTable::default(),
            readiness: Readiness::new(),
        }
    }
}

/// Where operations are sent.
const GRAPHQL: &str = "/graphql";

/// What the edge serves: `/graphql`, `/schema.graphql` (and `.graphqls`) and `/health`. With trusted
/// documents it needs a runtime, and looks at their file for as long as there are routes.
///
/// # Errors
/// The schema's text cannot be parsed.
pub fn site<E: Execute>(execute: E, edge: Edge) -> Result<Site, parser::Error> {
    let documents = Arc::new(Documents::new(execute.clone(), &edge)?);
    let request_timeout = edge.request_timeout;
    let readiness = edge.readiness.clone();
    let schema_text = schema_text(&edge);
    let cross_origin = cross_origin(&edge.origins);
    let endpoint = Arc::new(Endpoint {
        execute,
        discretion: (!edge.introspection).then(|| Discretion::about(documents.schema())),
        library: Library::new(&edge),
        repetitions: Repetitions::new(&edge),
        _upkeep: inspection::look_after(&documents, &edge),
        documents,
        style: Style::new(edge.max_errors, edge.compress_from, &edge.vary),
        admission: Admission::new(edge.crowd, edge.readiness.clone()),
        // That no more files can be taken says nothing of other requests, so nobody is told of it.
        uploads: Admission::new(
            Crowd {
                most: edge.uploads,
                ..edge.crowd
            },
            Readiness::new(),
        ),
        purses: edge.rate.map(Purses::new),
        edge,
    });
    let graphql: Graphql =
        Arc::new(move |request, peer| Arc::clone(&endpoint).answer(request, peer).boxed());
    let operations = Arc::clone(&graphql);
    let route = move |request: Request| {
        let peer = request.extensions().get().copied();
        operations(request, peer)
    };

    // One layer, because each costs every request, and none for operations: they bring it with them.
    // Outermost but for the leave to read the answer, which pages of allowed sites have for errors too.
    let routes = schema_text
        .merge(health::router(readiness))
        .layer(middleware::from_fn_with_state(
            request_timeout,
            layers::surround_route,
        ))
        .route(GRAPHQL, any(route));
    Ok(match cross_origin {
        Some(leave) => routes.layer(leave).into(),
        None => Site::new(routes, Some(graphql)),
    })
}

/// Leave for pages of `origins` to read answers. They may send any header: whom to trust is decided
/// by the origin alone. Cookies are never among them, because none is read here.
fn cross_origin(origins: &[HeaderValue]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([layers::X_REQUEST_ID, ETAG, RETRY_AFTER])
        .max_age(PREFLIGHT_AGE);
    Some(layer)
}

/// How long a browser may remember that it asked: the longest that any of them does.
const PREFLIGHT_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// The schema as text, unless it may not be asked for: for people at `/schema.graphql`, and under the
/// name and the type that generators of client code know at `/schema.graphqls`.
fn schema_text(edge: &Edge) -> Router {
    if !edge.introspection {
        return Router::new();
    }
    let sdl = Bytes::from(edge.sdl.clone());
    let serve = |media_type: &'static str| {
        let headers = [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-cache")];
        let sdl = sdl.clone();
        get(move || async move { (headers, sdl) })
    };
    Router::new()
        .route("/schema.graphql", serve("text/plain; charset=utf-8"))
        .route(
            "/schema.graphqls",
            serve("application/graphql; charset=utf-8"),
        )
}
