//! The gateway put together: the configuration becomes connections, a cache and a schema.

mod answers;
mod documents;
mod lull;

use std::{
    num::NonZeroU32,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ::http::{HeaderMap, HeaderName, header};
use async_graphql::{ServerError, parser::types::ExecutableDocument};
use axum::routing::get;
use futures_util::future::{BoxFuture, Either, FutureExt, Ready, ready};
use redis::IntoConnectionInfo;
use secrecy::ExposeSecret;
use tokio::time::Instant;
use url::Url;

use crate::{
    cache::{Cache, Demand, Failures},
    config::{self, Config, CruxNames, RateLimit, ReplaceMethod, WebOrigin},
    graph::{
        self, cost,
        plan::{Plan, Plans},
        schema::{self, GraphSchema},
    },
    http::{
        self, Answer, CallerParts, CostTable, Crowd, Edge, Execute, FieldCost, Items, Limits,
        Operation, Rate, Site, health::Readiness,
    },
    identity::{CallerDigest, Credentials, HeaderMapping, Service},
    ledger::{Ledger, Tracer},
    upstream::{
        Class, Error, Keep, Policies, Policy, Session, Transport, Upstreams, Validated,
        cro::page::PageLimit,
        crux::request::WriteNames,
        drift::Watch,
        session::{Caller, CrossLinks},
        shared::{self, Shared},
        transport::{BreakerPolicy, Reach, RetryPolicy},
        walk::ListSizes,
    },
};

use answers::{Answers, Executed, Question};
pub use documents::unfit_documents;
use lull::Lulls;

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
pub enum Unbuildable {
    /// No connections can be made.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] reqwest::Error),
    /// The configuration was not checked.
    #[error("cache.redis.url: {0}")]
    Redis(#[from] redis::RedisError),
    /// There is no list of trusted documents.
    #[error("documents.trusted.manifest: {0}")]
    Manifest(#[from] http::ManifestError),
    /// The schema's own text cannot be read back.
    #[error("the schema: {0}")]
    Schema(#[from] async_graphql::parser::Error),
}

/// A gateway that is ready to execute requests. Clones share everything.
#[derive(Clone)]
pub struct Gateway {
    schema: GraphSchema,
    upstreams: Arc<Upstreams>,
    mapping: Arc<HeaderMapping>,
    api_key: Option<secrecy::SecretString>,
    tracer: Option<Arc<dyn Tracer>>,
    max_errors: usize,
    answers: Arc<Answers>,
    lulls: Arc<Lulls>,
    /// How many documents were prepared.
    documents: Arc<AtomicU64>,
}

impl Gateway {
    /// A gateway with this configuration.
    ///
    /// # Errors
    /// The TLS back end cannot be set up, or the shared cache has no usable URL.
    pub fn new(config: &Config) -> Result<Self, Unbuildable> {
        let version = Arc::from(config.cro.api_version.as_str());
        let cache = Arc::new(Cache::new(config.cache.max_bytes as u64, FAILURES));
        let upstreams = Upstreams {
            transport: Transport::new(|service| reach(config, service), version)?,
            shared: shared(&config.cache.redis, &cache)?,
            validated: Validated::new(config.cache.max_bytes as u64 / 4),
            cache,
            meters: Arc::default(),
            drift: Watch::new(config.drift.sample_every),
            sizes: ListSizes::default(),
            cro_page_limit: PageLimit::default(),
            cro_creates_customers: config.cro.create_customers,
            policies: Policies::new(|keep| policy(&config.cache, keep)),
            trans_eu_page: config.trans_eu.page_limit,
            trans_eu_replaces_by_post: config.trans_eu.replace_method == ReplaceMethod::Post,
            crux_names: match config.crux.write_names {
                CruxNames::Samples => WriteNames::Samples,
                CruxNames::Text => WriteNames::Text,
            },
            fetch_time: config.server.request_timeout,
            cross_links: CrossLinks {
                route_spot_location: config.links.route_spot_location,
                trading_connection_customer: config.links.trading_connection_customer,
            },
        };
        Ok(Self {
            schema: schema::schema(config.introspection.enabled),
            upstreams: Arc::new(upstreams),
            tracer: None,
            mapping: Arc::new(mapping(config)),
            api_key: config.trans_eu.api_key.clone(),
            max_errors: config.limits.errors,
            answers: Arc::new(Answers::new(config.answers.max_bytes)),
            lulls: Arc::default(),
            documents: Arc::default(),
        })
    }

    /// Whether the cache that several gateways share is configured and there.
    pub fn is_shared_cache_up(&self) -> bool {
        let shared = self.upstreams.shared.as_ref();
        shared.is_some_and(|shared| shared.is_up())
    }

    /// The edge around this gateway.
    ///
    /// # Errors
    /// The list of trusted documents cannot be read, or the schema's own text cannot be read back.
    pub fn site(&self, config: &Config, readiness: Readiness) -> Result<Site, Unbuildable> {
        let edge = self.edge(config, readiness)?;
        Ok(http::site(self.clone(), edge)?)
    }

    /// The routes of the edge around this gateway.
    ///
    /// # Errors
    /// The list of trusted documents cannot be read, or the schema's own text cannot be read back.
    pub fn router(
        &self,
        config: &Config,
        readiness: Readiness,
    ) -> Result<axum::Router, Unbuildable> {
        self.site(config, readiness).map(Site::into_router)
    }

    /// What the edge needs to know.
    fn edge(&self, config: &Config, readiness: Readiness) -> Result<Edge, Unbuildable> {
        Ok(Edge {
            scalars: graph::is_valid_scalar,
            introspection: config.introspection.enabled,
            body_limit: config.server.body_limit,
            upload_limit: config.crux.upload_limit,
            uploads: config.crux.uploads,
            request_timeout: config.server.request_timeout,
            body_timeout: config.server.body_timeout,
            crowd: Crowd {
                most: config.server.max_requests,
                wait: config.server.queue_timeout,
            },
            vary: self.mapping.names(),
            compress_from: config
                .compression
                .enabled
                .then_some(config.compression.min_size),
            origins: config.cors.origins.iter().map(WebOrigin::header).collect(),
            rate: rate(&config.rate_limit),
            max_errors: config.limits.errors,
            document_bytes: config.documents.max_bytes,
            persisted_bytes: config.documents.persisted.max_bytes,
            trusted: documents::trusted(&config.documents.trusted)?,
            explain: config.explain.enabled,
            meters: Arc::clone(&self.upstreams.meters),
            tracer: self.tracer.clone(),
            limits: limits(&config.limits),
            costs: costs(),
            readiness,
            ..Edge::new(schema::sdl())
        })
    }
}

/// A document that is ready for execution.
pub struct Prepared {
    /// No two documents of a gateway have the same.
    number: u64,
    plans: Plans,
}

impl Gateway {
    /// The same gateway, whose operations are traced.
    #[must_use]
    pub fn traced(mut self, tracer: Option<Arc<dyn Tracer>>) -> Self {
        self.tracer = tracer;
        self
    }

    /// The pages of the admin port that know the upstreams: `/admin/drift`.
    pub fn admin_router(&self) -> axum::Router {
        let upstreams = Arc::clone(&self.upstreams);
        let report = move || async move { axum::Json(upstreams.drift.report()) };
        axum::Router::new().route("/admin/drift", get(report))
    }
}

impl Execute for Gateway {
    type Prepared = Arc<Prepared>;

    async fn prepare(
        &self,
        document: Arc<ExecutableDocument>,
    ) -> Result<Arc<Prepared>, Vec<ServerError>> {
        Ok(Arc::new(Prepared {
            plans: schema::prepare(&self.schema, document).await?,
            number: self.documents.fetch_add(1, Ordering::Relaxed),
        }))
    }

    fn execute(
        &self,
        document: &Arc<Prepared>,
        operation: Operation,
        caller: CallerParts,
    ) -> impl Future<Output = Answer> {
        self.find_or_begin(document, operation, caller)
    }

    fn identify(&self, headers: &HeaderMap) -> Option<http::Identity> {
        let credentials = self.mapping.credentials_in(headers);
        (!credentials.is_empty()).then(|| http::Identity {
            caller: CallerDigest::of(&self.mapping, headers).bytes(),
            credentials,
        })
    }
}

impl Gateway {
    /// The answer, if it is at hand; else its execution, in a box: answers at hand need less room.
    fn find_or_begin(
        &self,
        document: &Arc<Prepared>,
        operation: Operation,
        caller: CallerParts,
    ) -> Either<Ready<Answer>, BoxFuture<'static, Answer>> {
        let plan = document
            .plans
            .find(operation.name.as_deref(), &operation.variables);
        let is_plain = operation.extensions.is_empty() && !caller.ledger.explains();
        if is_plain && let Some(body) = plan.constant().and_then(OnceLock::get) {
            if caller.ledger.is_read() {
                note_caller(&caller.ledger, &self.credentials(&caller.headers));
            }
            return Either::Left(ready(Answer {
                body: body.clone(),
                errors: 0,
                fresh_for: None,
            }));
        }
        let question = self.question(document.number, &plan, &operation, &caller);
        let cache = &self.upstreams.cache;
        if let Some(question) = &question
            && let Some(answer) = self.answers.find(question, &**cache)
        {
            return Either::Left(ready(answer));
        }
        let (gateway, document) = (self.clone(), Arc::clone(document));
        Either::Right(match question {
            Some(question) => {
                let execution =
                    async move { gateway.run(&document, &plan, operation, caller).await };
                self.answers.share(question, cache, execution).boxed()
            }
            None => async move {
                let executed = gateway.run(&document, &plan, operation, caller).await;
                let answer = executed.answer;
                if is_plain
                    && answer.errors == 0
                    && let Some(constant) = plan.constant()
                {
                    constant.get_or_init(|| answer.body.clone());
                }
                answer
            }
            .boxed(),
        })
    }

    /// What is asked, if its answer may be shared and that saves anything: a query that reads, by somebody
    /// without wishes for the age of what is read, who does not ask how the answer comes about.
    fn question(
        &self,
        document: u64,
        plan: &Plan,
        operation: &Operation,
        caller: &CallerParts,
    ) -> Option<Question> {
        let is_special = caller.ledger.explains()
            || caller.headers.contains_key(header::CACHE_CONTROL)
            || !operation.extensions.is_empty();
        if !plan.is_query() || !plan.loads() || is_special {
            return None;
        }
        let variables = match operation.variables.is_empty() {
            true => Vec::new(),
            false => serde_json::to_vec(&operation.variables).ok()?,
        };
        Some(Question {
            caller: CallerDigest::of(&self.mapping, &caller.headers),
            document,
            operation: operation.name.clone(),
            variables,
        })
    }

    async fn run(
        &self,
        document: &Prepared,
        plan: &Plan,
        operation: Operation,
        caller: CallerParts,
    ) -> Executed {
        let _begun = match plan.loads() {
            true => Some(self.lulls.begin().await),
            false => None,
        };
        let (operation, session) = self.begin(operation, caller);
        let (schema, plans) = (&self.schema, &document.plans);
        let asked = Arc::clone(&session);
        let answer = schema::execute(schema, plans, plan, operation, asked, self.max_errors).await;
        let readings = session.readings().sum();
        Executed {
            answer: Answer {
                body: answer.body.into(),
                errors: answer.errors,
                // Where nothing was read there is nothing that could tell.
                fresh_for: readings
                    .fresh_for(Instant::now())
                    .filter(|_| plan.is_query() && answer.errors == 0),
            },
            touched: readings.freshness.map(|freshness| freshness.touched),
        }
    }

    /// Executes an operation as its document says and not as it was planned: the measure for plans.
    pub async fn interpret(
        &self,
        document: &Prepared,
        operation: Operation,
        caller: CallerParts,
    ) -> Answer {
        let (operation, session) = self.begin(operation, caller);
        let answer = schema::interpret(
            &self.schema,
            &document.plans,
            operation,
            session,
            self.max_errors,
        )
        .await;
        Answer {
            body: answer.body.into(),
            errors: answer.errors,
            fresh_for: None,
        }
    }

    fn begin(
        &self,
        operation: Operation,
        caller: CallerParts,
    ) -> (schema::Operation, Arc<Session>) {
        let headers = &caller.headers;
        let caller = Caller {
            credentials: self.credentials(headers),
            trace_parent: headers.get(TRACEPARENT).cloned(),
            trace_state: headers.get(TRACESTATE).cloned(),
            demand: demand(headers),
            ledger: caller.ledger,
            request_id: caller.request_id,
            deadline: caller.deadline,
            attachments: operation.attachments,
        };
        let operation = schema::Operation {
            name: operation.name,
            variables: operation.variables,
            extensions: operation.extensions,
        };
        if caller.ledger.is_read() {
            note_caller(&caller.ledger, &caller.credentials);
        }
        (operation, Session::new(Arc::clone(&self.upstreams), caller))
    }

    fn credentials(&self, headers: &HeaderMap) -> Credentials {
        Credentials::read(&self.mapping, headers, self.api_key.as_ref())
    }
}

fn note_caller(ledger: &Ledger, credentials: &Credentials) {
    if let Some(digest) = credentials.pseudonym() {
        ledger.note_caller(digest);
    }
}

/// No points per second is no limit.
fn rate(limit: &RateLimit) -> Option<Rate> {
    Some(Rate {
        per_second: NonZeroU32::new(limit.per_second)?,
        burst: NonZeroU32::new(limit.burst)?,
        tenants: NonZeroU32::new(limit.tenants)?,
        callers_per_address: NonZeroU32::new(limit.callers_per_address),
    })
}

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What the cache has to know of upstream errors.
const FAILURES: Failures<Arc<Error>> = Failures {
    abandoned: || {
        Error::new(
            Service::Cro,
            Class::Internal,
            "The read ended without an answer.",
        )
    },
    is_excused: |error| error.retryable() || error.class == Class::InvalidResponse,
};

/// What the caller's `Cache-Control` wants of the age of answers.
fn demand(headers: &HeaderMap) -> Demand {
    let values = headers.get_all(header::CACHE_CONTROL).into_iter();
    Demand::read(values.filter_map(|value| value.to_str().ok()))
}

fn reach(config: &Config, service: Service) -> Reach {
    let [cro, trans_eu, crux] = config.upstreams();
    let upstream = match service {
        Service::Cro => cro,
        Service::TransEu => trans_eu,
        Service::Crux => crux,
    };
    let base_url = upstream.base_url.cloned().map(|url| match service {
        Service::Crux => below(url, config.crux.prefix.as_str()),
        Service::Cro | Service::TransEu => url,
    });
    Reach {
        base_url,
        timeout: upstream.timeout,
        connect_timeout: upstream.connect_timeout,
        first_byte_timeout: upstream.first_byte_timeout,
        concurrency: upstream.concurrency,
        queue: upstream.queue,
        requests_per_second: upstream.requests_per_second,
        body_limit: upstream.body_limit,
        retry: RetryPolicy {
            attempts: upstream.retry.attempts,
            pause: upstream.retry.pause,
            budget_percent: upstream.retry.budget_percent,
        },
        breaker: BreakerPolicy {
            failure_percent: upstream.breaker.failure_percent,
            min_calls: upstream.breaker.min_calls,
            window: upstream.breaker.window,
            open_for: upstream.breaker.open_for,
        },
    }
}

fn below(mut url: Url, prefix: &str) -> Url {
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty()
            .extend(prefix.split('/').filter(|part| !part.is_empty()));
    }
    url
}

fn costs() -> CostTable {
    let fields = cost::costs().map(|(parent, field, cost)| {
        let cost = FieldCost {
            each: cost.calls.each,
            most: cost.calls.most,
            completes: cost.completes,
            items: match cost.items {
                cost::Items::One => Items::One,
                cost::Items::Page => Items::Page,
                cost::Items::Listed(argument) => Items::Listed(argument),
                cost::Items::Several => Items::Several,
            },
        };
        (parent, field, cost)
    });
    fields.collect()
}

fn limits(limits: &config::Limits) -> Limits {
    Limits {
        document_size: limits.document_size,
        tokens: limits.tokens,
        nesting: limits.nesting,
        depth: limits.depth,
        fields: limits.fields,
        root_fields: limits.root_fields,
        aliases: limits.aliases,
        directives: limits.directives,
        arguments: limits.arguments,
        list_length: limits.list_length,
        page_size: limits.page_size,
        overlaps: limits.overlaps,
        introspection_lists: limits.introspection_lists,
        cost: limits.cost,
        batch: limits.batch,
    }
}

fn mapping(config: &Config) -> HeaderMapping {
    HeaderMapping {
        cro_authorization: config.cro.identity.authorization.clone(),
        cro_tenant: config.cro.identity.tenant.clone(),
        trans_eu_authorization: config.trans_eu.identity.authorization.clone(),
        trans_eu_api_key: config.trans_eu.identity.api_key.clone(),
        crux_authorization: config.crux.identity.authorization.clone(),
    }
}

/// The cache that several gateways share, if the configuration names one. Needs a runtime.
fn shared(
    redis: &config::Redis,
    cache: &Arc<Cache<Arc<Error>>>,
) -> Result<Option<Arc<Shared>>, redis::RedisError> {
    let (Some(url), Some(key)) = (&redis.url, &redis.key) else {
        return Ok(None);
    };
    let reach = shared::Reach {
        url: url.expose_secret().into_connection_info()?,
        namespace: redis.namespace.clone(),
        timeout: redis.timeout,
    };
    Shared::new(reach, key, Arc::clone(cache)).map(|shared| Some(Arc::new(shared)))
}

/// The time that a section has for a class.
macro_rules! time {
    ($section:expr, $keep:expr) => {
        match $keep {
            Keep::Locations => $section.locations,
            Keep::Tenants => $section.tenants,
            Keep::Haulers => $section.haulers,
            Keep::Customers => $section.customers,
            Keep::HaulerConnections => $section.hauler_connections,
            Keep::Staff => $section.staff,
            Keep::Jobs => $section.jobs,
            Keep::Assets => $section.assets,
            Keep::Routes => $section.routes,
            Keep::Contracts => $section.contracts,
            Keep::Partners => $section.partners,
            Keep::TradingConnections => $section.trading_connections,
            Keep::TradingConnectionRequests => $section.trading_connection_requests,
            Keep::Organizations => $section.organizations,
            Keep::Notifications => $section.notifications,
            Keep::Never => Duration::ZERO,
        }
    };
}

fn policy(cache: &config::Cache, keep: Keep) -> Policy {
    let ttl = time!(cache.ttl, keep);
    // What is not to be kept is not kept for worse times either.
    let after = |time: Duration| if ttl.is_zero() { ttl } else { time };
    Policy {
        ttl,
        negative_ttl: cache.negative_ttl.min(ttl),
        stale_while_revalidate: after(time!(cache.stale_while_revalidate, keep)),
        stale_if_error: after(time!(cache.stale_if_error, keep)),
        composed: false,
    }
}
