//! A small schema with something to go wrong in each way, and the edge around it.

use std::{future, sync::Arc, time::Duration};

use async_graphql::{
    EmptySubscription, Enum, Error, ErrorExtensions, ID, InputObject, Object, OneofObject, Request,
    Schema, ServerError, Value, parser::types::ExecutableDocument, scalar,
};
use axum::Router;
use haulgraph::{
    graph::validation::{Validated, Validation, validate},
    http::{Answer, CallerParts, Edge, Execute, Identity, Operation, Site, site},
};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};

#[derive(Serialize, Deserialize)]
pub struct Day(String);
scalar!(Day);

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum Size {
    Small,
    Large,
}

#[derive(InputObject)]
pub struct Order {
    pub id: ID,
    #[graphql(default = 2)]
    pub count: i32,
    pub size: Option<Size>,
    pub parts: Option<Vec<Order>>,
    pub day: Option<Day>,
}

#[derive(OneofObject)]
pub enum Place {
    Id(ID),
    Name(String),
}

/// Where the field `gated` waits.
#[derive(Default)]
pub struct Gate {
    /// Told when somebody is in.
    pub entered: Notify,
    /// Lets one out.
    pub may_leave: Notify,
    /// How many have come, and how many have gone.
    pub passed: watch::Sender<(usize, usize)>,
}

pub struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_default())
    }
    async fn again(&self) -> Query {
        Query
    }
    async fn place(&self, place: Place) -> String {
        match place {
            Place::Id(id) => id.to_string(),
            Place::Name(name) => name,
        }
    }
    async fn order(&self, order: Order) -> String {
        let parts = order.parts.map_or(0, |parts| parts.len());
        format!("{} x{} {}", order.id.as_str(), order.count, parts)
    }
    async fn ids(&self, ids: Vec<ID>) -> usize {
        ids.len()
    }
    async fn day(&self, day: Day) -> String {
        day.0
    }
    async fn missing(&self) -> Option<Result<i32, Error>> {
        Some(Err(
            Error::new("no such yard").extend_with(|_, values| values.set("code", "NOT_FOUND"))
        ))
    }
    async fn required(&self) -> Result<i32, Error> {
        Err(Error::new("it had to be there"))
    }
    async fn broken(&self) -> i32 {
        let empty: Vec<i32> = Vec::new();
        empty[std::hint::black_box(7)]
    }
    async fn gated(&self, context: &async_graphql::Context<'_>) -> bool {
        let gate = context.data_unchecked::<Arc<Gate>>();
        gate.entered.notify_one();
        gate.passed.send_modify(|(come, _)| *come += 1);
        gate.may_leave.notified().await;
        gate.passed.send_modify(|(_, gone)| *gone += 1);
        true
    }
    async fn endless(&self) -> i32 {
        future::pending().await
    }
    async fn caller(&self, context: &async_graphql::Context<'_>) -> Option<String> {
        let caller = context.data_unchecked::<CallerParts>();
        let agent = caller.headers.get("user-agent")?.to_str().ok()?;
        Some(format!("{} {agent}", caller.request_id))
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn build(&self) -> i32 {
        1
    }
}

#[derive(Clone)]
pub struct Yard {
    schema: Schema<Query, Mutation, EmptySubscription>,
    fresh_for: Option<Duration>,
}

impl Execute for Yard {
    type Prepared = Arc<ExecutableDocument>;

    async fn prepare(
        &self,
        document: Arc<ExecutableDocument>,
    ) -> Result<Self::Prepared, Vec<ServerError>> {
        validate(&self.schema, &document).await?;
        Ok(document)
    }

    async fn execute(
        &self,
        document: &Self::Prepared,
        operation: Operation,
        caller: CallerParts,
    ) -> Answer {
        let mut request = Request::new("").variables(operation.variables);
        request.operation_name = operation.name;
        request.set_parsed_query(ExecutableDocument::clone(document));
        let response = self
            .schema
            .execute(request.data(Validated).data(caller))
            .await;
        Answer {
            body: serde_json::to_vec(&response).unwrap().into(),
            errors: response.errors.len(),
            fresh_for: self.fresh_for,
        }
    }

    fn identify(&self, headers: &HeaderMap) -> Option<Identity> {
        let name = headers.get("authorization")?.as_bytes();
        let digest = std::array::from_fn(|at| name.get(at).copied().unwrap_or_default());
        Some(Identity {
            caller: digest,
            credentials: vec![digest],
        })
    }
}

/// The edge around the schema, with changed settings.
pub fn yard(change: impl FnOnce(&mut Edge)) -> Router {
    fresh_yard(None, change)
}

/// The same, with answers that are fresh for this time.
pub fn fresh_yard(fresh_for: Option<Duration>, change: impl FnOnce(&mut Edge)) -> Router {
    build(fresh_for, change).0.into_router()
}

/// The same, and the gate of its field `gated`.
pub fn yard_with_gate(change: impl FnOnce(&mut Edge)) -> (Router, Arc<Gate>) {
    let (site, gate) = build(None, change);
    (site.into_router(), gate)
}

/// The same as a port serves it.
pub fn yard_site(change: impl FnOnce(&mut Edge)) -> Site {
    build(None, change).0
}

fn build(fresh_for: Option<Duration>, change: impl FnOnce(&mut Edge)) -> (Site, Arc<Gate>) {
    let gate = Arc::new(Gate::default());
    let schema = Schema::build(Query, Mutation, EmptySubscription)
        .data(Arc::clone(&gate))
        .extension(Validation)
        .finish();
    let mut edge = Edge::new(schema.sdl());
    edge.request_timeout = Duration::from_secs(5);
    edge.scalars =
        |scalar, value| scalar != "Day" || matches!(value, Value::String(day) if day.len() == 10);
    change(&mut edge);
    (site(Yard { schema, fresh_for }, edge).unwrap(), gate)
}
