//! Assets: the bins and containers of a yard.

use super::{
    declare::{Entity, Graph, Link},
    leaf::Id,
    node::NODE,
    pagination::{PageNames, with_ids},
    scalars::LocalDateTime,
    yard,
};
use crate::{
    ids::{CustomerKey, GlobalId, LocationKey},
    upstream::cro::{
        asset::{Asset, AssetType},
        customer::{CustomerRecords, Customers},
        location::{Location, Locations},
        yard::{YardItem, YardPages},
    },
};

/// The link from a yard to its bins.
pub fn of_location() -> Link<Location, YardPages<Asset>> {
    yard::pages("AssetConnection", |_, _| Ok(()))
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    graph.entity(links(entity()));
    graph.entity(asset_type());
    let names = PageNames {
        connection: "AssetConnection",
        edge: "AssetEdge",
        plural: "bins",
        total: "The number of bins of the yard that the caller sees.",
    };
    yard::declare::<Asset>(graph, names, "Asset");
}

fn entity() -> Entity<Asset> {
    let entity = Entity::<Asset>::new("Asset", "A bin or container, at a customer's or in the yard. Source: CRO `GET /locations/{location_id}/assets`.").implements(NODE);
    with_ids(
        entity,
        |asset| GlobalId::encode("Asset", asset.key()),
        |asset| asset.id.to_string(),
        "CRO's asset id, unique at its yard.",
    )
    .field("number", "What is painted on it.", |asset| {
        asset.number.clone()
    })
    .field(
        "description",
        "Where it stands, or what else is to be known.",
        |asset| asset.description.clone(),
    )
    .optional(
        "assetType",
        "AssetKind",
        "What kind of bin it is.",
        |asset| asset.asset_type.as_ref(),
    )
    .field("quantity", "How many there are.", |asset| {
        asset
            .quantity
            .and_then(|quantity| i32::try_from(quantity).ok())
    })
    .field(
        "cluster",
        "CRO's number of the group of bins that it belongs to.",
        |asset| asset.cluster.map(Id::of),
    )
    .field("latitude", "Degrees north.", |asset| asset.latitude)
    .field("longitude", "Degrees east.", |asset| asset.longitude)
    .field("isReturned", "Whether it is back in the yard.", |asset| {
        asset.is_returned
    })
    .field(
        "dispatchedAt",
        "When it was brought to the customer.",
        |asset| asset.dispatched_on.clone().map(LocalDateTime),
    )
    .field("returnedAt", "When it came back.", |asset| {
        asset.returned_on.clone().map(LocalDateTime)
    })
    .field(
        "lastActivityAt",
        "When something was last done with it.",
        |asset| asset.last_activity_on.clone().map(LocalDateTime),
    )
    .field(
        "lastRentalInvoiceAt",
        "When its rental was last billed.",
        |asset| asset.last_rental_invoice_on.clone().map(LocalDateTime),
    )
}

fn links(entity: Entity<Asset>) -> Entity<Asset> {
    let customer = |asset: &Asset| {
        let id = asset.customer_id?;
        Some(CustomerKey::new(asset.tenant, id))
    };
    entity
        .field(
            "customerId",
            "CRO's id of the customer that has it.",
            |asset| asset.customer_id.map(Id::of),
        )
        .field("locationId", "CRO's id of the yard.", |asset| {
            asset.location_id.map(Id::of)
        })
        .link(
            "customer",
            "The customer that has it; null in the yard.",
            Link::<_, Customers>::to("Customer", move |asset: &Asset, _| Ok(customer(asset)))
                .or_complete::<CustomerRecords>(move |asset: &Asset, _| Ok(customer(asset))),
        )
        .link(
            "location",
            "The yard that it belongs to.",
            Link::<_, Locations>::to("Location", |asset: &Asset, _| {
                let yard = asset.location_id.unwrap_or(asset.yard);
                Ok(Some(LocationKey::new(asset.tenant, yard)))
            }),
        )
}

fn asset_type() -> Entity<AssetType> {
    Entity::<AssetType>::new("AssetKind", "A kind of bin.")
        .field("upstreamId", "CRO's id of the kind.", |kind| {
            Id::of(kind.id)
        })
        .field("name", "What the kind is called.", |kind| kind.name.clone())
        .field("quantity", "How many the yard has.", |kind| {
            kind.quantity
                .and_then(|quantity| i32::try_from(quantity).ok())
        })
        .field(
            "weight",
            "What an empty one weighs. CRO does not say in which unit.",
            |kind| kind.weight,
        )
        .field(
            "isDefault",
            "Whether it is meant where no kind is named.",
            |kind| kind.is_default,
        )
        .field(
            "requireNumbers",
            "Whether every bin of the kind has a number.",
            |kind| kind.require_numbers,
        )
        .field("isDeleted", "Whether the kind was removed.", |kind| {
            kind.deleted
        })
}
