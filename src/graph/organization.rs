//! Organizations at Crux Connect.

use super::{
    declare::{Entity, Graph, Link},
    leaf::Id,
    scalars::DateTime,
};
use crate::{
    open_enum,
    upstream::crux::{
        OwnAccount,
        connection::{ConnectionsOfOrganization, Organization, OwnOrganizations},
        moment,
    },
};

open_enum! {
    /// What an organization does.
    pub enum OrganizationType {
        /// It buys from suppliers and sells to consumers.
        Retailer = "RETAILER",
        /// It sells to retailers.
        Supplier = "SUPPLIER",
        .. /// A word that this gateway does not know; `rawType` has it.
        Other
    }
}

open_enum! {
    /// How far an organization is with Crux. Its connections have a status of their own.
    pub enum OrganizationStatus {
        /// It has not been activated yet; its connections may be active all the same.
        Pending = "PENDING",
        /// It uses Crux.
        Active = "ACTIVE",
        /// It has left.
        Deactivated = "DEACTIVATED",
        .. /// A word that this gateway does not know; `rawStatus` has it.
        Other
    }
}

/// Declares the type and its root field.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    graph.query(|query| {
        query.link(
            "ownOrganization",
            "The organization of the caller's account at Crux. Source: Crux `GET /organizations/`.",
            Link::<_, OwnOrganizations>::to("Organization", |(), _| Ok(Some(OwnAccount))),
        )
    });
}

fn entity() -> Entity<Organization> {
    Entity::<Organization>::new("Organization", "A retailer's or supplier's company at Crux. Crux shows only the caller's own and those that it is connected to. Source: Crux `GET /organizations/connections/` and `GET /organizations/`.")
        .field("upstreamId", "Crux's id of the organization, another one than that of the retailer or supplier.", |organization| Id(organization.uuid.clone()))
        .field("name", "The company's name.", |organization| organization.name.clone())
        .field("website", "Address of the website, not always with a scheme.", |organization| organization.website.clone())
        .field("type", "Whether this is a retailer or a supplier.", |organization| organization.org_type.as_deref().map(OrganizationType::parse))
        .field("rawType", "The type in Crux's own word (`org_type`).", |organization| organization.org_type.clone())
        .field("status", "Whether the organization uses Crux.", |organization| organization.status.as_deref().map(OrganizationStatus::parse))
        .field("rawStatus", "The status in Crux's own word.", |organization| organization.status.clone())
        .field("createdAt", "When Crux got to know the organization.", |organization| instant(organization.created_date.as_deref()))
        .field("activeAt", "When the organization was activated; Crux often leaves this out.", |organization| instant(organization.active_date.as_deref()))
        .field("retailerId", "Crux's id of the organization as a retailer: the `upstreamId` of its side of a connection. Null for suppliers, and where Crux does not tell.", |organization| organization.retailer_uuid.clone().map(Id))
        .field("supplierId", "Crux's id of the organization as a supplier: the `upstreamId` of its side of a connection. Null for retailers, and where Crux does not tell.", |organization| organization.supplier_uuid.clone().map(Id))
        .shared_object("accountManager", "AccountManager", "The employee of Crux who looks after the organization; null if there is none.", |organization| organization.account_manager.as_ref())
        .link(
            "tradingConnections",
            "Those connections of the caller's account in which this organization is the retailer or the supplier.",
            Link::<_, ConnectionsOfOrganization>::to("TradingConnection", |organization: &Organization, _| Ok(Some(organization.uuid.clone())))
                .each(Vec::clone),
        )
}

/// An instant that Crux prints.
pub fn instant(text: Option<&str>) -> Option<DateTime> {
    text.and_then(moment::instant).map(DateTime)
}
