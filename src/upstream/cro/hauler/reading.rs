//! How haulers and their connections are read, and how a connection is asked for.

use std::{fmt, sync::Arc};

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::{Hauler, HaulerConnection};
use crate::{
    identity::Service,
    ids::{LocationKey, TenantId},
    upstream::{
        Calls, Endpoint, Error, FetchResult, Fetched, Keep, Loaded, Resource, Session,
        cro::{Whole, page},
        walk::{PagesOf, Plan, ShownInPages, index},
    },
};

static LIST_HAULERS: Endpoint = Endpoint::get(Service::Cro, "/haulers");
static GET_HAULER: Endpoint = Endpoint::get(Service::Cro, "/haulers/{hauler_uuid}");
static LIST_CONNECTIONS: Endpoint =
    Endpoint::get(Service::Cro, "/haulers/{hauler_uuid}/connections");
static CREATE_CONNECTION: Endpoint =
    Endpoint::post(Service::Cro, "/haulers/{hauler_uuid}/connections");

/// All haulers that the caller sees in its tenant.
pub struct HaulerLists;

impl Resource for HaulerLists {
    type Key = Whole;
    type Value = Vec<Arc<Hauler>>;
    const NAME: &'static str = "hauler_lists";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Haulers;
    const CALLS: Calls = Calls::LIST;

    fn tenant(session: &Session, _: &Whole) -> Result<Option<TenantId>, Arc<Error>> {
        session.tenant_if_any()
    }

    async fn fetch(session: Arc<Session>, keys: Vec<Whole>) -> Vec<FetchResult<Vec<Arc<Hauler>>>> {
        let tenant = session.tenant_if_any().ok().flatten();
        let result = page::walk::<Hauler>(&session, || LIST_HAULERS.call(&[]).tenant(tenant))
            .await
            .map(|reply| {
                let haulers = reply.value.into_iter().map(Arc::new).collect();
                Some(Fetched::new(haulers, reply.bytes))
            });
        keys.iter()
            .zip([result])
            .map(|(_, result)| result)
            .collect()
    }
}

/// Haulers by id: one is read by itself, several from the list.
pub struct Haulers;

impl Resource for Haulers {
    type Key = Uuid;
    type Value = Hauler;
    const NAME: &'static str = "haulers";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Haulers;
    const CALLS: Calls = Calls::KEYS_OR_LIST;

    fn tenant(session: &Session, _: &Uuid) -> Result<Option<TenantId>, Arc<Error>> {
        session.tenant_if_any()
    }

    async fn fetch(session: Arc<Session>, keys: Vec<Uuid>) -> Vec<FetchResult<Hauler>> {
        let unread = usize::from(session.find_kept::<HaulerLists>(&Whole).is_none());
        let known = match session.plan::<Self>(keys.len(), Some(unread)) {
            Plan::Walk => session
                .load::<HaulerLists>(Whole)
                .await
                .ok()
                .flatten()
                .unwrap_or_default(),
            Plan::ById => Arc::default(),
        };
        let by_id = index(&known, |hauler| hauler.id);
        // A connection may name a hauler that the tenant's list does not show.
        join_all(keys.iter().map(|key| async {
            match by_id.get(key).copied() {
                Some(hauler) => Ok(Some(Fetched::picked(Arc::clone(hauler)))),
                None => one(&session, *key).await,
            }
        }))
        .await
    }
}

async fn one(session: &Session, key: Uuid) -> FetchResult<Hauler> {
    let call = GET_HAULER.call(&[&key]).tenant(session.tenant_if_any()?);
    let reply = session.find::<Hauler>(call).await?;
    Ok(reply.map(|reply| Fetched::new(reply.value, reply.bytes)))
}

impl ShownInPages for HaulerLists {
    type Item = Hauler;
    const PAGES: &'static str = "hauler_pages";

    fn cursor(hauler: &Hauler) -> String {
        hauler.id.to_string()
    }
}

/// Pages of haulers.
pub type HaulerPages = PagesOf<HaulerLists>;

/// The connections of a hauler. One list each: there is no list of all.
pub struct ConnectionsOfHauler;

impl Resource for ConnectionsOfHauler {
    type Key = Uuid;
    type Value = Vec<Arc<HaulerConnection>>;
    const NAME: &'static str = "connections_of_hauler";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::HaulerConnections;

    fn tenant(session: &Session, _: &Uuid) -> Result<Option<TenantId>, Arc<Error>> {
        session.tenant_if_any()
    }

    async fn fetch(session: Arc<Session>, keys: Vec<Uuid>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|key| connections(&session, *key))).await
    }
}

async fn connections(session: &Session, hauler: Uuid) -> FetchResult<Vec<Arc<HaulerConnection>>> {
    let tenant = session.tenant_if_any()?;
    let walked = page::walk::<HaulerConnection>(session, || {
        LIST_CONNECTIONS.call(&[&hauler]).tenant(tenant)
    })
    .await;
    match walked {
        Ok(reply) => {
            let connections = reply.value.into_iter().map(Arc::new).collect();
            Ok(Some(Fetched::new(connections, reply.bytes)))
        }
        Err(error) if error.class == crate::upstream::Class::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The connections of a yard: those of all haulers, looked through. One call per hauler.
pub struct ConnectionsOfLocation;

impl Resource for ConnectionsOfLocation {
    type Key = LocationKey;
    type Value = Vec<Arc<HaulerConnection>>;
    const NAME: &'static str = "connections_of_location";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LISTS;

    fn tenant(session: &Session, _: &LocationKey) -> Result<Option<TenantId>, Arc<Error>> {
        session.tenant_if_any()
    }

    async fn fetch(session: Arc<Session>, keys: Vec<LocationKey>) -> Vec<FetchResult<Self::Value>> {
        let all = all_connections(&session).await;
        let of = |key: &LocationKey| {
            let all = all.clone()?;
            let own = all
                .iter()
                .filter(|connection| connection.location() == *key)
                .cloned();
            Ok(Some(Fetched::new(own.collect(), 0)))
        };
        keys.iter().map(of).collect()
    }
}

async fn all_connections(session: &Arc<Session>) -> Result<Vec<Arc<HaulerConnection>>, Arc<Error>> {
    let haulers = session
        .load::<HaulerLists>(Whole)
        .await?
        .unwrap_or_default();
    let keys: Vec<Uuid> = haulers.iter().map(|hauler| hauler.id).collect();
    let mut all = Vec::new();
    for connections in session.load_many::<ConnectionsOfHauler>(&keys).await {
        all.extend(connections?.iter().flat_map(|list| list.iter().cloned()));
    }
    Ok(all)
}

/// What names a connection: it has no id of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConnectionKey {
    /// The hauler.
    pub hauler: Uuid,
    /// The yard, in the provider's tenant.
    pub location: LocationKey,
}

impl fmt::Display for ConnectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hauler, self.location)
    }
}

/// Connections by their key, from the hauler's list.
pub struct HaulerConnections;

impl Resource for HaulerConnections {
    type Key = ConnectionKey;
    type Value = HaulerConnection;
    const NAME: &'static str = "hauler_connections";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Never;

    fn tenant(session: &Session, _: &ConnectionKey) -> Result<Option<TenantId>, Arc<Error>> {
        session.tenant_if_any()
    }

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<ConnectionKey>,
    ) -> Vec<FetchResult<HaulerConnection>> {
        let haulers: Vec<Uuid> = keys.iter().map(|key| key.hauler).collect();
        let lists = session.load_many::<ConnectionsOfHauler>(&haulers).await;
        let find = |(key, list): (&ConnectionKey, Loaded<Vec<Arc<HaulerConnection>>>)| {
            let list = list?.unwrap_or_default();
            let connection = list
                .iter()
                .find(|connection| connection.location() == key.location);
            Ok(connection.map(|connection| Fetched::picked(Arc::clone(connection))))
        };
        keys.iter().zip(lists).map(find).collect()
    }
}

/// Asks for a connection of `hauler` to the yard that `tenant_code` names.
///
/// The upstream may answer with a request that already exists.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn create_connection(
    session: &Session,
    hauler: Uuid,
    tenant_code: &str,
) -> Result<HaulerConnection, Arc<Error>> {
    let tenant = session.tenant()?;
    let body = json!({ "tenant_code": tenant_code });
    let call = CREATE_CONNECTION.call(&[&hauler]).tenant(tenant).json(body);
    let reply = session.send::<HaulerConnection>(call).await;
    // Connections can also be read without saying a tenant.
    for tenant in [Some(tenant), None] {
        session.forget::<ConnectionsOfHauler>(tenant);
    }
    Ok(reply?.value)
}
