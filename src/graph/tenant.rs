//! Tenants.

use super::{
    customer,
    declare::{Entity, Graph, Link},
    location,
    node::NODE,
    pagination::with_ids,
    scalars::LocalDateTime,
};
use crate::{
    ids::{GlobalId, TenantId, integer},
    upstream::cro::{
        Whole,
        customer::CustomerPages,
        location::LocationPages,
        tenant::{Tenant, TenantLists, Tenants},
    },
};

/// Declares the type and its root fields.
pub fn declare(graph: &mut Graph) {
    let entity = Entity::<Tenant>::new("Tenant", "A hauling company as the CRO Software user sees it: everything of CRO but haulers belongs to one. Source: CRO `GET /tenants`.").implements(NODE);
    let entity = with_ids(entity, |tenant| GlobalId::encode("Tenant", tenant.id), |tenant| tenant.id.to_string(), "CRO's tenant id: the value of the X-Tenant-Id header.")
        .field("code", "The short code that, with a plus sign and a location's id, makes the `tenantCode` of `createHaulerConnection`.", |tenant| tenant.code.clone())
        .field("name", "The company's name.", |tenant| tenant.name.clone())
        .field("isActive", "Whether the tenant is in use.", |tenant| tenant.is_active)
        .field("createdAt", "When the tenant was created.", |tenant| tenant.created_on.clone().map(LocalDateTime))
        .field("email", "The company's e-mail address.", |tenant| tenant.email.clone())
        .field("phone", "The company's telephone number.", |tenant| tenant.phone.clone())
        .field("address", "Street and number.", |tenant| tenant.address.clone())
        .field("city", "Town.", |tenant| tenant.city.clone())
        .field("state", "State.", |tenant| tenant.state.clone())
        .field("zip", "Postal code.", |tenant| tenant.zip.clone())
        .field("truckLimit", "How many trucks the company may have; null means no limit is set.", |tenant| tenant.truck_limit.and_then(|limit| i32::try_from(limit).ok()))
        .link(
            "locations",
            "The company's yards. Null with an error if the caller may not act in this tenant.",
            Link::<_, LocationPages>::to("LocationConnection", |tenant: &Tenant, call| location::page_key(call, TenantId(tenant.id)).map(Some))
                .showing(location::connection)
                .arguments(super::pagination::page_arguments()),
        )
        .link(
            "customers",
            "The company's customers, each once. Null with an error if the caller may not act in this tenant.",
            Link::<_, CustomerPages>::to("CustomerConnection", |tenant: &Tenant, call| customer::page_key(call, TenantId(tenant.id)).map(Some))
                .showing(customer::connection)
                .arguments(customer::page_arguments()),
        );
    graph.entity(entity);
    graph.node::<Tenants>("Tenant", |key| integer(key).map(TenantId), |_| true);
    graph.query(|query| {
        query.link(
            "tenants",
            "The tenants that the caller may act for. Needs no X-Tenant-Id header.",
            Link::<_, TenantLists>::to("Tenant", |(), _| Ok(Some(Whole))).each(Vec::clone),
        )
    });
}
