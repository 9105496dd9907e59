//! The parts of a route.

use super::{
    declare::{Call, Entity, Graph, Link},
    error::Error,
    leaf::Id,
};
use crate::{
    ids::LocationKey,
    open_enum,
    upstream::cro::location::Locations,
    upstream::trans_eu::{
        balancing::{Balancing, FreightLimit, PublicationScenario},
        code::Code,
        route::{Coordinates, Load, PalletRules, Requirements, RouteDistance, Spot, SpotAddress},
    },
};

open_enum! {
    /// What is done at a place or on a day.
    pub enum OperationType {
        /// Goods are put on the vehicle.
        Loading = "loading",
        /// Goods are taken off the vehicle.
        Unloading = "unloading",
        .. /// Something that this schema does not know; see the raw field.
        Other,
    }
}

open_enum! {
    /// Whom a freight is offered to at first.
    pub enum PublicationScenarioType {
        /// All carriers of the route at once.
        Parallel = "parallel",
        /// One carrier after the other.
        InOrder = "in_order",
        .. /// A scenario that this schema does not know; see `rawType`.
        Other,
    }
}

open_enum! {
    /// What becomes of the carriers that were asked already.
    pub enum PublicationOrder {
        /// They stay in the game: each time, one more carrier is asked.
        Gradually = "gradually",
        /// They are out: the next carrier is asked instead.
        NextRecipient = "next_recipient",
        .. /// An order that this schema does not know; see `rawOrder`.
        Other,
    }
}

open_enum! {
    /// How freight is shared among carriers.
    pub enum BalancingType {
        /// By hand.
        Manual = "manual",
        /// By what the contracts say.
        ContractCondition = "contract_condition",
        /// Within a least and a largest share.
        FreightLimit = "freight_limit",
        /// By the share of each contract.
        PercentageShare = "percentage_share",
        /// The cheapest first. Not on a route with a flexible contract, which has no price.
        PriceAscending = "price_ascending",
        .. /// A way that this schema does not know; see the raw field.
        Other,
    }
}

open_enum! {
    /// How much of a vehicle a freight takes.
    pub enum FreightType {
        /// The whole vehicle.
        Ftl = "FTL",
        /// A part of it.
        Ltl = "LTL",
        /// Several whole vehicles.
        MultiFtl = "MULTI_FTL",
        .. /// A type that this schema does not know; see `rawFreightType`.
        Other,
    }
}

open_enum! {
    /// The side from which a vehicle is loaded.
    pub enum WayOfLoading {
        /// From behind.
        Back = "back",
        /// From the side.
        Side = "side",
        /// From above.
        Top = "top",
        .. /// A way that this schema does not know; see the raw field.
        Other,
    }
}

/// Declares the types.
pub fn declare(graph: &mut Graph) {
    places(graph);
    order(graph);
    graph.entity(requirements());
    loads(graph);
}

fn places(graph: &mut Graph) {
    graph.entity(
        Entity::<Spot>::new("RouteSpot", "A place of loading or unloading of a route.")
            .field("upstreamId", "Trans.eu's id of the spot, a UUID.", |spot| {
                spot.id.as_ref().map(Id::of)
            })
            .text("name", "The spot's name.", |spot| spot.name.as_ref())
            .word(
                ["type", "rawType"],
                "What is done here.",
                |spot| spot.kind.as_deref(),
                OperationType::parse,
            )
            .optional("address", "SpotAddress", "The address.", |spot| {
                spot.place.as_ref()?.address.as_ref()
            })
            .optional(
                "coordinates",
                "Coordinates",
                "The point on the map.",
                |spot| spot.place.as_ref()?.coordinates.as_ref(),
            )
            .link(
                "location",
                "The CRO yard that the spot is: `address.foreignId`, the shipper's own number of the place, taken for the id of a yard of the tenant in X-Tenant-Id. A reading of that number, not a fact that either upstream states. Null if the spot has no such number or the tenant no such yard, if no tenant is named, and if the operator has not switched this link on.",
                Link::<_, Locations>::to("Location", yard),
            ),
    );
    graph.entity(
        Entity::<SpotAddress>::new("SpotAddress", "The address of a spot.")
            .text("locality", "Town.", |address| address.locality.as_ref())
            .text("postalCode", "Postal code.", |address| {
                address.postal_code.as_ref()
            })
            .field(
                "country",
                "Country as ISO 3166-1 alpha-2, in upper case.",
                |address| address.country.as_deref().map(str::to_ascii_uppercase),
            )
            .text("street", "Street.", |address| address.street.as_ref())
            .text("number", "House number; may hold letters.", |address| {
                address.number.as_ref()
            })
            .key(
                "locationId",
                "Trans.eu's id of the town in its gazetteer.",
                |address| address.location_id,
            )
            .key(
                "detailedLocationId",
                "Trans.eu's id of the exact place in its gazetteer.",
                |address| address.detailed_location_id,
            )
            .key(
                "foreignId",
                "The place's id in the shipper's own system.",
                |address| address.foreign_id,
            )
            .field(
                "radius",
                "How far from the place still counts; probably in metres, Trans.eu does not say.",
                |address| address.radius,
            ),
    );
    measures(graph);
}

/// The yard that a spot may be, if the operator wants that looked up.
fn yard(spot: &Spot, call: &Call<'_>) -> Result<Option<LocationKey>, Error> {
    let is_on = call.session.upstreams().cross_links.route_spot_location;
    let Some(id) = spot.foreign_id().filter(|_| is_on) else {
        return Ok(None);
    };
    let tenant = call.session.tenant_if_any()?;
    Ok(tenant.map(|tenant| LocationKey { tenant, id }))
}

fn measures(graph: &mut Graph) {
    graph.entity(
        Entity::<Coordinates>::new("Coordinates", "A point on the map, in WGS 84.")
            .field("latitude", "Degrees north.", |point| point.latitude)
            .field("longitude", "Degrees east.", |point| point.longitude),
    );
    graph.entity(
        Entity::<RouteDistance>::new("RouteDistance", "The length of a route.")
            .optional("declared", "Measure", "What a person said.", |distance| {
                distance.declared.as_ref()
            })
            .optional(
                "calculated",
                "Measure",
                "What Trans.eu computed; null for some time after the creation.",
                |distance| distance.calculated.as_ref(),
            ),
    );
}

fn order(graph: &mut Graph) {
    graph.entity(
        Entity::<PublicationScenario>::new(
            "PublicationScenario",
            "In which order a freight is offered to carriers.",
        )
        .word(
            ["type", "rawType"],
            "All at once, or one after the other.",
            |scenario| scenario.kind.as_deref(),
            PublicationScenarioType::parse,
        )
        .optional(
            "publicationTime",
            "Duration",
            "How long each carrier has to answer, 5 minutes to 5 days; only of `IN_ORDER`.",
            |scenario| scenario.data.as_ref()?.publication_time.as_ref(),
        )
        .word(
            ["order", "rawOrder"],
            "What happens when the time is over; only of `IN_ORDER`.",
            |scenario| scenario.data.as_ref()?.order.as_deref(),
            PublicationOrder::parse,
        ),
    );
    graph.entity(
        Entity::<Balancing>::new(
            "RouteBalancing",
            "How freight is shared among the carriers of a route.",
        )
        .word(
            ["type", "rawType"],
            "The way of sharing.",
            |balancing| balancing.kind.as_deref(),
            BalancingType::parse,
        )
        .words(
            ["allowedTypes", "rawAllowedTypes"],
            "The ways that may be chosen; a flexible contract on the route makes them less.",
            |balancing| &balancing.allowed_types,
            BalancingType::parse,
        )
        .optional(
            "freightLimit",
            "FreightLimit",
            "The limits of `FREIGHT_LIMIT`; null if none are set.",
            |balancing| balancing.data.as_ref()?.freight_limit.as_ref(),
        ),
    );
    graph.entity(
        Entity::<FreightLimit>::new(
            "FreightLimit",
            "The least and the largest share of the freight that a carrier gets.",
        )
        .count("min", "The least share, in percent.", |limit| limit.min)
        .count("max", "The largest share, in percent.", |limit| limit.max),
    );
}

fn requirements() -> Entity<Requirements> {
    Entity::<Requirements>::new("RouteRequirements", "What a vehicle must be and be able to do. The order of the lists means nothing.")
        .field("requiredTruckBodies", "Bodies of which the vehicle must have one, in the words of Trans.eu's dictionary: `tent`, `cooler`, … At most 5.", |wanted| wanted.required_truck_bodies.iter().map(|code| code.as_str().to_owned()).collect::<Vec<_>>())
        .field("requiredAdrClasses", "Classes of dangerous goods for which the vehicle must be fit.", |wanted| wanted.required_adr_classes.clone())
        .words(["requiredWaysOfLoading", "rawRequiredWaysOfLoading"], "From which sides it must be possible to load the vehicle.", |wanted| &wanted.required_ways_of_loading, WayOfLoading::parse)
        .field("additionalRequirements", "Further wishes, in the words of Trans.eu's dictionary: `adr`, `lift`, …", |wanted| wanted.additional_requirements.clone())
        .text("shippingRemarks", "Remarks in free text.", |wanted| wanted.shipping_remarks.as_ref())
        .word(["freightType", "rawFreightType"], "How much of a vehicle is needed.", |wanted| wanted.freight_type.as_deref(), FreightType::parse)
        .field("vehicleSize", "The size of the vehicle, in the words of Trans.eu's dictionary.", |wanted| word(wanted.vehicle_size.as_ref()))
        .optional("width", "Measure", "Width of the loading space.", |wanted| wanted.width.as_ref())
        .optional("height", "Measure", "Height of the loading space.", |wanted| wanted.height.as_ref())
        .optional("length", "Measure", "Length of the loading space.", |wanted| wanted.length.as_ref())
        .optional("volume", "Measure", "Volume of the loading space.", |wanted| wanted.volume.as_ref())
        .optional("capacity", "MeasureRange", "What weight the vehicle must carry.", |wanted| wanted.capacity.as_ref())
        .field("exemptionFromAdr", "Whether the dangerous goods are so few that the rules for them do not apply; means something only beside the requirement `adr`.", |wanted| wanted.exemption_from_adr)
}

fn word(code: Option<&Code>) -> Option<String> {
    code.map(|code| code.as_str().to_owned())
}

fn loads(graph: &mut Graph) {
    graph.entity(
        Entity::<Load>::new("RouteLoad", "A load that a route usually carries.")
            .text("name", "What it is.", |load| load.name.as_ref())
            .field(
                "typeOfLoad",
                "How it is packed, in the words of Trans.eu's dictionary: `europalette`, …",
                |load| word(load.type_of_load.as_ref()),
            )
            .count("amount", "How many pieces.", |load| load.amount)
            .optional("width", "Measure", "Width of a piece.", |load| {
                load.width.as_ref()
            })
            .optional("height", "Measure", "Height of a piece.", |load| {
                load.height.as_ref()
            })
            .optional("length", "Measure", "Length of a piece.", |load| {
                load.length.as_ref()
            })
            .optional("volume", "Measure", "Volume.", |load| load.volume.as_ref())
            .optional("weight", "MeasureRange", "Weight.", |load| {
                load.weight.as_ref()
            })
            .optional(
                "pallets",
                "PalletRules",
                "What may be done with the pallets.",
                |load| load.pallets.as_ref(),
            ),
    );
    graph.entity(
        Entity::<PalletRules>::new(
            "PalletRules",
            "What may be done with the pallets of a load.",
        )
        .field("isStackable", "Whether they may be stacked.", |rules| {
            rules.is_stackable
        })
        .field(
            "isExchangeable",
            "Whether they are exchanged for empty ones.",
            |rules| rules.is_exchangeable,
        ),
    );
}
