//! How connections and organizations are read.
//!
//! One call lists all connections of the caller's account, with both parties, their organizations
//! and people. There is no call for a single connection, and none for anybody else's organization:
//! whatever is asked for by id is looked up in that list.

use std::sync::Arc;

use uuid::Uuid;

use super::{Connection, Organization, Party};
use crate::{
    identity::Service,
    upstream::{
        Calls, Endpoint, Error, FetchResult, Fetched, Keep, Resource, Session, crux::OwnAccount,
    },
};

static LIST_CONNECTIONS: Endpoint = Endpoint::get(Service::Crux, "/organizations/connections/");
static GET_ORGANIZATION: Endpoint = Endpoint::get(Service::Crux, "/organizations/");

type Connections = Vec<Arc<Connection>>;

/// All connections of the caller's account.
pub struct TradingConnectionLists;

impl Resource for TradingConnectionLists {
    type Key = OwnAccount;
    type Value = Connections;
    const NAME: &'static str = "trading_connection_lists";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::TradingConnections;
    const CALLS: Calls = Calls::LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<OwnAccount>) -> Vec<FetchResult<Connections>> {
        let reply = session
            .send::<Connections>(LIST_CONNECTIONS.call(&[]))
            .await;
        let result = reply.map(|reply| Some(Fetched::new(reply.value, reply.bytes)));
        // The key has one value, so there is one key.
        keys.iter()
            .zip([result])
            .map(|(_, result)| result)
            .collect()
    }
}

/// Connections by id, from the list.
pub struct TradingConnections;

impl Resource for TradingConnections {
    type Key = Uuid;
    type Value = Connection;
    const NAME: &'static str = "trading_connections";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<Uuid>) -> Vec<FetchResult<Connection>> {
        let all = list(&session).await;
        let find = |key: &Uuid| {
            let all = all.clone()?;
            let found = all.iter().find(|connection| is(&connection.uuid, key));
            Ok(found.map(|connection| Fetched::picked(Arc::clone(connection))))
        };
        keys.iter().map(find).collect()
    }
}

/// The connections in which an organization is one of the two sides, from the list.
pub struct ConnectionsOfOrganization;

impl Resource for ConnectionsOfOrganization {
    type Key = String;
    type Value = Connections;
    const NAME: &'static str = "connections_of_organization";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<String>) -> Vec<FetchResult<Connections>> {
        of_sides(&session, &keys, |side, id| side.organization.uuid == *id).await
    }
}

/// The connections in which a retailer or supplier is one of the two sides, from the list.
///
/// Its id is another one than that of its organization.
pub struct ConnectionsOfParty;

impl Resource for ConnectionsOfParty {
    type Key = String;
    type Value = Connections;
    const NAME: &'static str = "connections_of_party";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<String>) -> Vec<FetchResult<Connections>> {
        of_sides(&session, &keys, |side, id| side.uuid == *id).await
    }
}

async fn of_sides(
    session: &Arc<Session>,
    ids: &[String],
    is: fn(&Party, &String) -> bool,
) -> Vec<FetchResult<Connections>> {
    let all = list(session).await;
    let of = |id: &String| {
        let all = all.clone()?;
        let own = all
            .iter()
            .filter(|connection| is(&connection.retailer, id) || is(&connection.supplier, id));
        Ok(Some(Fetched::new(own.cloned().collect(), 0)))
    };
    ids.iter().map(of).collect()
}

async fn list(session: &Arc<Session>) -> Result<Arc<Connections>, Arc<Error>> {
    let list = session.load::<TradingConnectionLists>(OwnAccount).await?;
    Ok(list.unwrap_or_default())
}

/// Whether an id as this upstream prints it is `key`.
fn is(printed: &str, key: &Uuid) -> bool {
    Uuid::try_parse(printed).is_ok_and(|id| id == *key)
}

/// The organization of the caller's account.
pub struct OwnOrganizations;

impl Resource for OwnOrganizations {
    type Key = OwnAccount;
    type Value = Organization;
    const NAME: &'static str = "own_organizations";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::Organizations;

    async fn fetch(session: Arc<Session>, keys: Vec<OwnAccount>) -> Vec<FetchResult<Organization>> {
        let reply = session
            .send::<Organization>(GET_ORGANIZATION.call(&[]))
            .await;
        let result = reply.map(|reply| Some(Fetched::new(reply.value, reply.bytes)));
        keys.iter()
            .zip([result])
            .map(|(_, result)| result)
            .collect()
    }
}
