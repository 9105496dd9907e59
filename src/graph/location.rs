//! Locations: a hauling company's own yards.

use std::sync::Arc;

use super::{
    asset, customer,
    declare::{Call, Entity, Graph, Link},
    driver,
    error::Error,
    job,
    node::{self, NODE},
    pagination::{self, Connection, PageNames, declare_page, keyed_request, with_ids},
    truck, user,
};
use crate::{
    ids::{GlobalId, LocationKey, TenantId, in_tenant, integer},
    upstream::{
        cro::{
            customer::CustomerPages,
            hauler::ConnectionsOfLocation,
            location::{Location, LocationAddress, LocationContact, LocationPages, Locations},
            tenant::Tenants,
        },
        trans_eu::route::RoutesOfPlace,
        walk::{Page, PageKey},
    },
};

/// The key of the page of `tenant`'s yards that the arguments ask for.
pub fn page_key(call: &Call<'_>, tenant: TenantId) -> Result<PageKey<TenantId>, Error> {
    let (first, after) = keyed_request(call, integer)?;
    Ok(PageKey {
        list: tenant,
        first,
        after: after.map(|id| id.to_string()),
    })
}

/// A page of yards as the schema shows it.
pub fn connection(page: &Arc<Page<Location>>) -> Option<Arc<Connection<Location>>> {
    Some(Connection::of(page))
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    graph.entity(address());
    graph.entity(contact());
    declare_page::<Location>(
        graph,
        PageNames {
            connection: "LocationConnection",
            edge: "LocationEdge",
            plural: "locations",
            total: "The number of yards of the tenant that the caller sees.",
        },
        "Location",
    );
    graph.node::<Locations>("Location", in_tenant, |_| true);
    graph.query(|query| {
        query
            .link(
                "location",
                "A yard by global id, or by its CRO id in the caller's tenant; null if there is none.",
                Link::<_, Locations>::to("Location", |(), call| node::id_argument_in_tenant(call, "id", "Location").map(Some)).argument(super::declare::ArgumentDecl::new::<super::leaf::Id>("id", "Global id, or CRO's location id.")),
            )
            .link(
                "locations",
                "The yards of the caller's tenant.",
                Link::<_, LocationPages>::to("LocationConnection", |(), call| page_key(call, node::own_tenant(call.session)?).map(Some))
                    .showing(connection)
                    .arguments(pagination::page_arguments()),
            )
    });
}

fn entity() -> Entity<Location> {
    let entity = Entity::<Location>::new("Location", "A yard: an operating site of a hauling company, from which it serves customers. (A customer's premises are addresses of the customer.) Source: CRO `GET /locations`.").implements(NODE);
    let entity = with_ids(
        entity,
        |yard| GlobalId::encode("Location", LocationKey::new(yard.tenant, yard.id)),
        |yard| yard.id.to_string(),
        "CRO's location id, unique inside the tenant only.",
    );
    work(links(messages(rules(labels(entity)))))
}

/// Who and what works at the yard.
fn work(entity: Entity<Location>) -> Entity<Location> {
    entity
        .link(
            "users",
            "Those who may log in and act at this yard.",
            user::of_location(),
        )
        .link("drivers", "The drivers of this yard.", driver::of_location())
        .link("trucks", "The trucks of this yard.", truck::of_location())
        .link("jobs", "The jobs of this yard.", job::of_location())
        .link(
            "assets",
            "The bins and containers of this yard, in it or at customers. CRO does not show them to third-party dispatchers.",
            asset::of_location(),
        )
}

fn links(entity: Entity<Location>) -> Entity<Location> {
    entity
        .unread_object("address", "LocationAddress", "Where the yard is.", Location::address)
        .unread_object("contact", "LocationContact", "How to reach the yard.", Location::contact)
        .link(
            "tenant",
            "The company that owns the yard; null if it is none of the caller's tenants.",
            Link::<_, Tenants>::to("Tenant", |yard: &Location, _| Ok(Some(TenantId(yard.tenant)))),
        )
        .link(
            "customers",
            "The customers that this yard serves.",
            Link::<_, CustomerPages>::to("CustomerConnection", |yard: &Location, call| {
                let mut key = customer::page_key(call, TenantId(yard.tenant))?;
                key.filter.location_id = Some(yard.id);
                Ok(Some(key))
            })
            .showing(customer::connection)
            .arguments(customer::page_arguments()),
        )
        .link(
            "haulerConnections",
            "The connections of third-party haulers to this yard. CRO lists connections by hauler only, so this reads the connections of every hauler that the caller sees: one call per hauler.",
            Link::<_, ConnectionsOfLocation>::to("HaulerConnection", |yard: &Location, _| Ok(Some(LocationKey::new(yard.tenant, yard.id)))).each(Vec::clone),
        )
        .link(
            "routes",
            "The Trans.eu routes that begin or end here: those with a spot whose `address.foreignId` is this yard's id. A reading of that number, not a fact that either upstream states. The list of all routes is read once, for however many yards. Null if the yard is not in the tenant in X-Tenant-Id, and if the operator has not switched this link on.",
            Link::<_, RoutesOfPlace>::to("Route", own_number).each(Vec::clone),
        )
}

/// The number that spots of routes may have for the yard. It means a yard of the caller's tenant.
fn own_number(yard: &Location, call: &Call<'_>) -> Result<Option<i64>, Error> {
    let is_on = call.session.upstreams().cross_links.route_spot_location;
    let tenant = call.session.tenant_if_any()?;
    Ok((is_on && tenant == Some(TenantId(yard.tenant))).then_some(yard.id))
}

fn labels(entity: Entity<Location>) -> Entity<Location> {
    entity
        .field("name", "The yard's name.", |yard| yard.name.clone())
        .field("isActive", "Whether the yard is in use.", |yard| {
            yard.is_active
        })
        .field(
            "mainInventoryName",
            "Name of the yard's main inventory.",
            |yard| yard.main_inventory_name.clone(),
        )
        .field(
            "barCodeType",
            "Kind of bar code on the yard's assets.",
            |yard| yard.bar_code_type.clone(),
        )
        .field(
            "distanceLabel",
            "The unit in which the yard shows distances.",
            |yard| yard.distance_label.clone(),
        )
        .field(
            "distanceFactor",
            "Factor from CRO's distances to `distanceLabel`.",
            |yard| yard.distance_factor,
        )
        .field(
            "serviceDisclaimer",
            "Text that is printed on the yard's service forms.",
            |yard| yard.service_disclaimer.clone(),
        )
        .field(
            "deliveryName",
            "The yard's own word for a delivery job.",
            |yard| yard.delivery_name.clone(),
        )
        .field(
            "dropoffName",
            "The yard's own word for a drop-off job.",
            |yard| yard.dropoff_name.clone(),
        )
        .field(
            "exchangeName",
            "The yard's own word for an exchange job.",
            |yard| yard.exchange_name.clone(),
        )
        .field(
            "pickupName",
            "The yard's own word for a pick-up job.",
            |yard| yard.pickup_name.clone(),
        )
        .field(
            "serviceName",
            "The yard's own word for a service job.",
            |yard| yard.service_name.clone(),
        )
        .field(
            "deliveryHidden",
            "Whether delivery jobs are hidden.",
            |yard| yard.delivery_hidden,
        )
        .field(
            "dropoffHidden",
            "Whether drop-off jobs are hidden.",
            |yard| yard.dropoff_hidden,
        )
        .field(
            "exchangeHidden",
            "Whether exchange jobs are hidden.",
            |yard| yard.exchange_hidden,
        )
        .field("pickupHidden", "Whether pick-up jobs are hidden.", |yard| {
            yard.pickup_hidden
        })
        .field(
            "serviceHidden",
            "Whether service jobs are hidden.",
            |yard| yard.service_hidden,
        )
}

fn rules(entity: Entity<Location>) -> Entity<Location> {
    entity
        .field(
            "leedEnabled",
            "Whether LEED recycling reports are made.",
            |yard| yard.leed_enabled,
        )
        .field(
            "allowNewAssetNumbers",
            "Whether drivers may enter asset numbers that are not known yet.",
            |yard| yard.allow_new_asset_numbers,
        )
        .field(
            "assetNumberRequired",
            "Whether a job needs an asset number.",
            |yard| yard.asset_number_required,
        )
        .field(
            "autoBillingSetup",
            "Whether billing is set up automatically.",
            |yard| yard.auto_billing_setup,
        )
        .field(
            "autoCompleteDumps",
            "Whether dumps are completed automatically.",
            |yard| yard.auto_complete_dumps,
        )
        .field(
            "autoRolloverEnabled",
            "Whether open jobs move to the next day by themselves.",
            |yard| yard.auto_rollover_enabled,
        )
        .field(
            "billingAccountsGlobal",
            "Whether billing accounts are shared by all yards of the company.",
            |yard| yard.billing_accounts_global,
        )
        .field(
            "doShareDrivers",
            "Whether drivers are shared with other yards.",
            |yard| yard.do_share_drivers,
        )
        .field(
            "driverSelfAssignment",
            "Whether drivers may assign jobs to themselves.",
            |yard| yard.driver_self_assignment,
        )
        .field(
            "dttEnabled",
            "CRO's `dtt_enabled` setting, which its documentation does not explain.",
            |yard| yard.dtt_enabled,
        )
        .field(
            "requireReasonFailDelay",
            "Whether a failed or delayed job needs a reason.",
            |yard| yard.require_reason_fail_delay,
        )
        .field(
            "requireReferenceNumber",
            "Whether a job needs a reference number.",
            |yard| yard.require_reference_number,
        )
        .field(
            "requireSignature",
            "Whether a job needs a signature.",
            |yard| yard.require_signature,
        )
        .field(
            "useAdditionalItems",
            "Whether jobs may have additional items.",
            |yard| yard.use_additional_items,
        )
}

fn messages(entity: Entity<Location>) -> Entity<Location> {
    entity
        .field(
            "notifyOnAcknowledgedJob",
            "Whether a message is sent when a job is acknowledged.",
            |yard| yard.notify_on_acknowledged_job,
        )
        .field(
            "notifyOnCompletedJob",
            "Whether a message is sent when a job is completed.",
            |yard| yard.notify_on_completed_job,
        )
        .field(
            "notifyOnDispatchedJob",
            "Whether a message is sent when a job is dispatched.",
            |yard| yard.notify_on_dispatched_job,
        )
        .field(
            "notifyOnFailedJob",
            "Whether a message is sent when a job fails.",
            |yard| yard.notify_on_failed_job,
        )
}

fn address() -> Entity<LocationAddress> {
    Entity::new("LocationAddress", "The address of a yard.")
        .field("line1", "First line.", |address: &LocationAddress| {
            address.line_1.clone()
        })
        .field("line2", "Second line.", |address| address.line_2.clone())
        .field("line3", "Third line.", |address| address.line_3.clone())
        .field("line4", "Fourth line.", |address| address.line_4.clone())
        .field("locality", "Town.", |address| address.locality.clone())
        .field("region", "State or province.", |address| {
            address.region.clone()
        })
        .field("postcode", "Postal code.", |address| {
            address.postcode.clone()
        })
        .field("latitude", "Degrees north.", |address| address.latitude)
        .field("longitude", "Degrees east.", |address| address.longitude)
}

fn contact() -> Entity<LocationContact> {
    Entity::new("LocationContact", "How to reach a yard.")
        .field(
            "name",
            "Name of the person or desk.",
            |contact: &LocationContact| contact.name.clone(),
        )
        .field("email", "E-mail address.", |contact| contact.email.clone())
        .field("number", "Telephone number.", |contact| {
            contact.number.clone()
        })
}
