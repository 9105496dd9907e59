//! From customers to connections: the way back of `TradingConnection.customer`.
//!
//! It asks the same question, for all connections at once, and turns the answers round. So the two
//! directions agree even where a number names several customers. Each upstream is asked by its own
//! resources, so that no answer is shared between callers who differ at one of them.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::BoxFuture;
use indexmap::IndexSet;

use super::reference;
use crate::{
    graph::{
        declare::{
            Call, Erased, LinkDecl, LinkKey, LinkSource, Shared, Source, Step, Target, Targets,
        },
        error::Error,
    },
    ids::{CustomerKey, TenantId},
    upstream::{
        Calls, Session,
        cro::customer::{Customer, CustomersByReference},
        crux::{
            OwnAccount,
            connection::{Connection, TradingConnectionLists},
        },
    },
};

/// The link from a customer to the connections that share a number with it.
pub fn of_customers() -> Source {
    Source::Link(LinkDecl {
        target: Target::Object("TradingConnection"),
        list: true,
        load: Arc::new(OfCustomer),
        load_complete: None,
        calls: Calls::LIST,
    })
}

struct OfCustomer;

impl LinkSource for OfCustomer {
    fn step(&self, parent: &Erased, call: &Call<'_>) -> Result<Step, Error> {
        let is_on = call
            .session
            .upstreams()
            .cross_links
            .trading_connection_customer;
        let customer = parent.downcast_ref::<Customer>().filter(|_| is_on);
        Ok(customer.map_or(Step::Nothing, |customer| {
            Step::Key(LinkKey::new(CustomerKey::new(customer.tenant, customer.id)))
        }))
    }

    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>> {
        let keys: Vec<CustomerKey> = keys.into_iter().filter_map(LinkKey::downcast).collect();
        Box::pin(async move {
            let all = match session.load::<TradingConnectionLists>(OwnAccount).await {
                Ok(all) => all.unwrap_or_default(),
                Err(error) => {
                    return keys
                        .iter()
                        .map(|_| Err(Arc::clone(&error).into()))
                        .collect();
                }
            };
            let mut tenants = HashMap::new();
            for tenant in keys.iter().map(|key| key.tenant).collect::<IndexSet<_>>() {
                tenants.insert(tenant, by_customer(session, tenant, &all).await);
            }
            let of = |key: &CustomerKey| match tenants.get(&key.tenant) {
                Some(Ok(found)) => {
                    let connections = found.get(&key.id).cloned().unwrap_or_default();
                    Ok(Some(connections.into()))
                }
                Some(Err(error)) => Err(Error::clone(error)),
                None => Ok(None),
            };
            keys.iter().map(of).collect()
        })
    }
}

/// The connections of each customer of `tenant` that shares a number with one.
async fn by_customer(
    session: &Arc<Session>,
    tenant: TenantId,
    all: &[Arc<Connection>],
) -> Result<HashMap<i64, Vec<Shared>>, Error> {
    let (connections, references): (Vec<_>, Vec<_>) = all
        .iter()
        .filter_map(|connection| Some((connection, reference(connection, tenant)?)))
        .unzip();
    let customers = session.load_many::<CustomersByReference>(&references).await;
    let mut found: HashMap<i64, Vec<Shared>> = HashMap::new();
    for (connection, customer) in connections.into_iter().zip(customers) {
        if let Some(customer) = customer? {
            let own = found.entry(customer.id).or_default();
            own.push(Arc::clone(connection) as Shared);
        }
    }
    Ok(found)
}
