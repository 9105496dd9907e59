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
        batch::{Batch, Linked},
        declare::{Call, Erased, LinkDecl, LinkSource, Shared, Source, Target},
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
    fn follow<'a>(
        &'a self,
        parents: &'a [&'a Erased],
        call: &'a Call<'a>,
    ) -> BoxFuture<'a, Linked> {
        let links = &call.session.upstreams().cross_links;
        let is_on = links.trading_connection_customer;
        let mut batch = Batch::of(parents.len());
        for parent in parents {
            match parent.downcast_ref::<Customer>().filter(|_| is_on) {
                Some(customer) => {
                    batch.add_key(Ok(CustomerKey::new(customer.tenant, customer.id)));
                }
                None => batch.add_nothing(),
            }
        }
        Box::pin(load(call.session, batch))
    }
}

async fn load(session: &Arc<Session>, batch: Batch<CustomerKey>) -> Linked {
    let (keys, mut wanted) = batch.split();
    if keys.is_empty() {
        return wanted.linked();
    }
    let all = session.load::<TradingConnectionLists>(OwnAccount).await;
    let all = all.map(Option::unwrap_or_default).map_err(Error::from);
    let mut tenants = HashMap::new();
    for tenant in keys.iter().map(|key| key.tenant).collect::<IndexSet<_>>() {
        let found = match &all {
            Ok(all) => by_customer(session, tenant, all).await,
            Err(error) => Err(error.clone()),
        };
        tenants.insert(tenant, found);
    }
    for (at, key) in keys.iter().enumerate() {
        let found = tenants.get(&key.tenant).map(|found| match found {
            Ok(found) => Ok(found.get(&key.id)),
            Err(error) => Err(error.clone()),
        });
        let own = found.transpose().map(|found| Some(found.flatten()));
        wanted.found(at, own, |own, targets| {
            targets.extend(own.into_iter().flatten().cloned());
        });
    }
    wanted.linked()
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
