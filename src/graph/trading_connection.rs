//! Connections between retailers and suppliers, and their two sides.

use super::{
    declare::{ArgumentDecl, Call, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    node::{self, NODE},
    organization::instant,
    pagination::with_ids,
};
use crate::{
    ids::{self, GlobalId, TenantId},
    open_enum,
    upstream::{
        cro::customer::{CustomersByReference, ReferenceKey},
        crux::{
            OwnAccount,
            connection::{Connection, Party, TradingConnectionLists, TradingConnections},
        },
    },
};

open_enum! {
    /// How far a connection is.
    pub enum TradingConnectionStatus {
        /// One side has not confirmed it yet.
        ConfirmationWaiting = "CONFIRMATION WAITING",
        /// The two trade.
        Active = "ACTIVE",
        /// The two trade no longer.
        Deactivated = "DEACTIVATED",
        .. /// A word that this gateway does not know; `rawStatus` has it.
        Other
    }
}

mod of_customer;

pub use of_customer::of_customers;

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    graph.entity(party());
    graph.node::<TradingConnections>("TradingConnection", ids::uuid, |_| true);
    graph.query(|query| {
        query
            .link(
                "tradingConnections",
                "All connections of the caller's account, those included that wait or have ended. One call reads them with both sides. Source: Crux `GET /organizations/connections/`.",
                Link::<_, TradingConnectionLists>::to("TradingConnection", |(), _| Ok(Some(OwnAccount))).each(Vec::clone),
            )
            .link(
                "tradingConnection",
                "A connection by global id or by its Crux id; null if the caller's account has none with it.",
                Link::<_, TradingConnections>::to("TradingConnection", |(), call| {
                    node::id_argument(call, "id", &["TradingConnection"], ids::uuid, |id| Ok(ids::uuid(id)?)).map(Some)
                })
                .argument(ArgumentDecl::new::<Id>("id", "Global id, or Crux's UUID of the connection.")),
            )
    });
}

fn entity() -> Entity<Connection> {
    let entity = Entity::<Connection>::new("TradingConnection", "A retailer and a supplier that trade through Crux, or are about to. Source: Crux `GET /organizations/connections/`.").implements(NODE);
    with_ids(
        entity,
        |connection| GlobalId::encode("TradingConnection", &connection.uuid),
        |connection| connection.uuid.clone(),
        "Crux's id of the connection.",
    )
    .field("status", "How far the connection is.", |connection| connection.status.as_deref().map(TradingConnectionStatus::parse))
    .field("rawStatus", "The status in Crux's own words.", |connection| connection.status.clone())
    .object("retailer", "TradingParty", "The side that buys.", |connection| &*connection.retailer)
    .object("supplier", "TradingParty", "The side that sells.", |connection| &*connection.supplier)
    .shared_object("accountManager", "AccountManager", "The employee of Crux who looks after the connection.", |connection| connection.account_manager.as_ref())
    .field("suppliersRetailerAccountNumber", "Account number of the retailer at the supplier, going by its name; Crux does not explain which side gives it.", |connection| connection.suppliers_retailer_account_number.clone())
    .field("retailersSupplierAccountNumber", "Account number of the supplier at the retailer, going by its name; Crux does not explain which side gives it.", |connection| connection.retailers_supplier_account_number.clone())
    .field("deactivatedAt", "When the connection ended; null as long as it goes on, and where Crux does not tell.", |connection| instant(connection.deactivated_date.as_deref()))
    .link(
        "customer",
        "The CRO customer with whom one of the account numbers is shared: `suppliersRetailerAccountNumber`, else `retailersSupplierAccountNumber`, equals the `referenceNumber` of exactly one customer of the tenant in X-Tenant-Id. A match of numbers, not a fact that either upstream states. Null if no customer or more than one matches, if no tenant is named, and if the operator has not switched this link on. Reads the tenant's whole customer list.",
        Link::<_, CustomersByReference>::to("Customer", customer),
    )
}

/// The customer that the account numbers may name, if the operator wants that looked up.
fn customer(connection: &Connection, call: &Call<'_>) -> Result<Option<ReferenceKey>, Error> {
    if !call
        .session
        .upstreams()
        .cross_links
        .trading_connection_customer
    {
        return Ok(None);
    }
    let tenant = call.session.tenant_if_any()?;
    Ok(tenant.and_then(|tenant| reference(connection, tenant)))
}

/// The customer of `tenant` that the account numbers may name; none if there is no number.
fn reference(connection: &Connection, tenant: TenantId) -> Option<ReferenceKey> {
    let numbers = [
        &connection.suppliers_retailer_account_number,
        &connection.retailers_supplier_account_number,
    ];
    let references: Vec<String> = numbers.into_iter().flatten().cloned().collect();
    (!references.is_empty()).then_some(ReferenceKey { tenant, references })
}

fn party() -> Entity<Party> {
    Entity::<Party>::new("TradingParty", "One side of a connection: an organization in its role as retailer or as supplier. Source: the sides inside Crux `GET /organizations/connections/`.")
        .field("upstreamId", "Crux's id of the retailer or supplier, another one than that of its organization.", |party| Id(party.uuid.clone()))
        .object("organization", "Organization", "The organization.", |party| &*party.organization)
        .optional("contact", "Person", "Whom to reach about the connection.", |party| party.contact.as_ref())
}
