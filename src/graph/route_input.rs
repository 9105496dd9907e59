//! The parts of a route as arguments.

use super::{
    error::Error,
    leaf::Id,
    notation::MeasureUnit,
    place::Place,
    quantity_input::{Limits, MeasureInput, MeasureRangeInput},
    route_parts::{FreightType, PublicationOrder, WayOfLoading},
};
use crate::{
    ids::uuid,
    input_object, one_of_input,
    upstream::{
        lenient::without_prefix,
        trans_eu::route::writing::{
            NewCoordinates, NewDuration, NewLane, NewLoad, NewPalletRules, NewPlace,
            NewRequirements, NewScenario, NewSpot, NewSpotAddress,
        },
    },
};

input_object! {
    /// A place of loading or unloading of a route.
    pub struct RouteSpotInput {
        /// Trans.eu's id of a spot that exists, a UUID; a new spot has none.
        id: Option<Id>,
        /// The spot's name.
        name: Option<String>,
        /// The address.
        address: SpotAddressInput,
        /// The point on the map.
        coordinates: Option<CoordinatesInput>,
    }
}

input_object! {
    /// The address of a spot.
    pub struct SpotAddressInput {
        /// Country as ISO 3166-1 alpha-2.
        country: String,
        /// Town.
        locality: Option<String>,
        /// Postal code.
        postal_code: Option<String>,
        /// Street.
        street: Option<String>,
        /// House number; may hold letters.
        number: Option<String>,
        /// Trans.eu's id of the town in its gazetteer, a number.
        location_id: Option<Id>,
        /// Trans.eu's id of the exact place in its gazetteer, a number.
        detailed_location_id: Option<Id>,
        /// The place's id in the shipper's own system, a number. If the operator has joined routes and yards, CRO's id of the yard.
        foreign_id: Option<Id>,
        /// How far from the place still counts; probably in metres, Trans.eu does not say.
        radius: Option<f64>,
    }
}

input_object! {
    /// A point on the map, in WGS 84.
    pub struct CoordinatesInput {
        /// Degrees north, from -90 to 90.
        latitude: f64,
        /// Degrees east, from -180 to 180.
        longitude: f64,
    }
}

input_object! {
    /// What a vehicle must be and be able to do.
    pub struct RouteRequirementsInput {
        /// Bodies that will do, at most 5, in the words of Trans.eu's dictionary: `curtainsider`, `cooler`, … They must fit `vehicleSize`.
        required_truck_bodies: Option<Vec<String>>,
        /// Classes of dangerous goods for which the vehicle must be fit: `adr_3`, …
        required_adr_classes: Option<Vec<String>>,
        /// From which sides it must be possible to load the vehicle.
        required_ways_of_loading: Option<Vec<WayOfLoading>>,
        /// Further wishes, in the words of Trans.eu's dictionary: `adr`, `lift`, …
        additional_requirements: Option<Vec<String>>,
        /// Remarks in free text.
        shipping_remarks: Option<String>,
        /// How much of a vehicle is needed.
        freight_type: Option<FreightType>,
        /// The size of the vehicle, in the words of Trans.eu's dictionary.
        vehicle_size: Option<String>,
        /// Width of the loading space, in `M`.
        width: Option<MeasureInput>,
        /// Height of the loading space, in `M`.
        height: Option<MeasureInput>,
        /// Length of the loading space, in `M`.
        length: Option<MeasureInput>,
        /// Volume of the loading space, in `M3`.
        volume: Option<MeasureInput>,
        /// What weight the vehicle must carry, in `T`.
        capacity: Option<MeasureRangeInput>,
        /// Whether the dangerous goods are so few that the rules for them do not apply; means something only beside the requirement `adr`.
        exemption_from_adr: Option<bool>,
    }
}

input_object! {
    /// A load that a route usually carries.
    pub struct RouteLoadInput {
        /// What it is.
        name: Option<String>,
        /// How it is packed, in the words of Trans.eu's dictionary: `europalette`, …
        type_of_load: Option<String>,
        /// How many pieces.
        amount: Option<i32>,
        /// Width of a piece: 0.01 to 10 `M`.
        width: Option<MeasureInput>,
        /// Height of a piece: 0.01 to 10 `M`.
        height: Option<MeasureInput>,
        /// Length of a piece: 0.01 to 100 `M`.
        length: Option<MeasureInput>,
        /// Volume: 0.01 to 10000 `M3`.
        volume: Option<MeasureInput>,
        /// Weight: 0.001 to 100000 `T`.
        weight: Option<MeasureRangeInput>,
        /// What may be done with the pallets.
        pallets: Option<PalletRulesInput>,
    }
}

input_object! {
    /// What may be done with the pallets of a load.
    pub struct PalletRulesInput {
        /// Whether they may be stacked.
        is_stackable: bool,
        /// Whether they are exchanged for empty ones.
        is_exchangeable: bool,
    }
}

one_of_input! {
    /// Whom a freight is offered to, and when: exactly one of the two.
    pub enum PublicationScenarioInput {
        /// `true`: all carriers of the route at once.
        Parallel(bool),
        /// One carrier after the other.
        InOrder(InOrderInput),
    }
}

input_object! {
    /// How carriers are asked one after the other.
    pub struct InOrderInput {
        /// How long each carrier has to answer, in seconds: 300 to 432000, which is 5 minutes to 5 days.
        publication_time_seconds: i32,
        /// What happens when the time is over.
        order: PublicationOrder,
    }
}

/// The part of a route that is replaced as a whole, from an input whose fields are named so.
pub struct LaneInput {
    /// `name`.
    pub name: String,
    /// `loading`.
    pub loading: RouteSpotInput,
    /// `unloading`.
    pub unloading: RouteSpotInput,
    /// `requirements`.
    pub requirements: Option<RouteRequirementsInput>,
    /// `loads`.
    pub loads: Option<Vec<RouteLoadInput>>,
}

impl LaneInput {
    /// Checks everything that Trans.eu documents.
    pub fn read(self, place: &Place) -> Result<NewLane, Error> {
        let loads = self.loads.unwrap_or_default().into_iter().enumerate();
        let requirements = self.requirements;
        Ok(NewLane {
            name: place.field("name").line(self.name)?,
            spots: [
                spot(self.loading, "loading", &place.field("loading"))?,
                spot(self.unloading, "unloading", &place.field("unloading"))?,
            ],
            requirements: requirements
                .map(|wanted| read_requirements(wanted, &place.field("requirements")))
                .transpose()?,
            loads: loads
                .map(|(at, item)| load(item, &place.field("loads").item(at)))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn spot(spot: RouteSpotInput, kind: &'static str, place: &Place) -> Result<NewSpot, Error> {
    let id = |Id(text): Id| {
        let id = uuid(&text).map_err(|why| place.field("id").refuse(why))?;
        Ok::<_, Error>(id.to_string())
    };
    let point = |point: CoordinatesInput| {
        let place = place.field("coordinates");
        Ok::<_, Error>(NewCoordinates {
            latitude: place
                .field("latitude")
                .within(point.latitude, -90.0, 90.0)?,
            longitude: place
                .field("longitude")
                .within(point.longitude, -180.0, 180.0)?,
        })
    };
    Ok(NewSpot {
        id: spot.id.map(id).transpose()?,
        name: place.field("name").optional_line(spot.name)?,
        kind,
        place: NewPlace {
            address: read_address(spot.address, &place.field("address"))?,
            coordinates: spot.coordinates.map(point).transpose()?,
        },
    })
}

fn read_address(address: SpotAddressInput, place: &Place) -> Result<NewSpotAddress, Error> {
    let country = address.country;
    let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
    place.field("country").require(
        is_code,
        "A country is an ISO 3166-1 code of two letters, such as `DE`.",
    )?;
    let line = |name, text| place.field(name).optional_line(text);
    let key = |name: &str, id: Option<Id>| id.map(|id| place.field(name).integer(&id)).transpose();
    let radius = address
        .radius
        .map(|radius| place.field("radius").within(radius, 0.0, f64::MAX));
    Ok(NewSpotAddress {
        country: country.to_ascii_lowercase(),
        locality: line("locality", address.locality)?,
        postal_code: line("postalCode", address.postal_code)?,
        street: line("street", address.street)?,
        number: line("number", address.number)?,
        location_id: key("locationId", address.location_id)?,
        detailed_location_id: key("detailedLocationId", address.detailed_location_id)?,
        foreign_id: key("foreignId", address.foreign_id)?,
        radius: radius.transpose()?,
    })
}

/// Words of Trans.eu's dictionaries. Some are printed with the number of their entry, which is
/// never to be sent back.
fn codes(codes: Option<Vec<String>>, place: &Place) -> Result<Vec<String>, Error> {
    let codes = codes.unwrap_or_default().into_iter().enumerate();
    codes
        .map(|(at, code)| place.item(at).line(code).map(|code| plain(&code)))
        .collect()
}

fn plain(code: &str) -> String {
    without_prefix(code.trim()).to_owned()
}

const METRES: Limits = Limits::positive(MeasureUnit::M);

fn read_requirements(
    wanted: RouteRequirementsInput,
    place: &Place,
) -> Result<NewRequirements, Error> {
    let bodies = place.field("requiredTruckBodies");
    let required_truck_bodies = codes(wanted.required_truck_bodies, &bodies)?;
    bodies.require(
        required_truck_bodies.len() <= 5,
        "At most 5 bodies are taken.",
    )?;
    let ways = wanted.required_ways_of_loading.unwrap_or_default();
    let ways_place = place.field("requiredWaysOfLoading");
    let ways = ways
        .into_iter()
        .enumerate()
        .map(|(at, way)| ways_place.item(at).word(way.word()));
    let freight_type = wanted
        .freight_type
        .map(|kind| place.field("freightType").word(kind.word()));
    let metres = |measure: &Option<MeasureInput>, name| {
        METRES.optional(measure.as_ref(), &place.field(name))
    };
    let cubic_metres = Limits::positive(MeasureUnit::M3);
    let tonnes = Limits::positive(MeasureUnit::T);
    Ok(NewRequirements {
        required_truck_bodies,
        required_adr_classes: codes(
            wanted.required_adr_classes,
            &place.field("requiredAdrClasses"),
        )?,
        required_ways_of_loading: ways.collect::<Result<_, _>>()?,
        additional_requirements: codes(
            wanted.additional_requirements,
            &place.field("additionalRequirements"),
        )?,
        shipping_remarks: place
            .field("shippingRemarks")
            .free(wanted.shipping_remarks)?,
        freight_type: freight_type.transpose()?,
        vehicle_size: place
            .field("vehicleSize")
            .optional_line(wanted.vehicle_size)?
            .map(|size| plain(&size)),
        width: metres(&wanted.width, "width")?,
        height: metres(&wanted.height, "height")?,
        length: metres(&wanted.length, "length")?,
        volume: cubic_metres.optional(wanted.volume.as_ref(), &place.field("volume"))?,
        capacity: tonnes.range(wanted.capacity.as_ref(), &place.field("capacity"))?,
        exemption_from_adr: wanted.exemption_from_adr,
    })
}

fn load(load: RouteLoadInput, place: &Place) -> Result<NewLoad, Error> {
    let size = |measure: &Option<MeasureInput>, most, name| {
        let limits = Limits::new(MeasureUnit::M, 0.01, most);
        limits.optional(measure.as_ref(), &place.field(name))
    };
    let volumes = Limits::new(MeasureUnit::M3, 0.01, 10_000.0);
    let weights = Limits::new(MeasureUnit::T, 0.001, 100_000.0);
    place.field("amount").require(
        load.amount.is_none_or(|amount| amount > 0),
        "An amount is more than 0.",
    )?;
    Ok(NewLoad {
        name: place.field("name").optional_line(load.name)?,
        type_of_load: place
            .field("typeOfLoad")
            .optional_line(load.type_of_load)?
            .map(|kind| plain(&kind)),
        amount: load.amount,
        width: size(&load.width, 10.0, "width")?,
        height: size(&load.height, 10.0, "height")?,
        length: size(&load.length, 100.0, "length")?,
        volume: volumes.optional(load.volume.as_ref(), &place.field("volume"))?,
        weight: weights.range(load.weight.as_ref(), &place.field("weight"))?,
        pallets: load.pallets.map(|rules| NewPalletRules {
            is_stackable: rules.is_stackable,
            is_exchangeable: rules.is_exchangeable,
        }),
    })
}

/// The scenario at `place`.
pub fn scenario(scenario: PublicationScenarioInput, place: &Place) -> Result<NewScenario, Error> {
    match scenario {
        PublicationScenarioInput::Parallel(flag) => {
            place.field("parallel").chosen(flag)?;
            Ok(NewScenario::Parallel)
        }
        PublicationScenarioInput::InOrder(in_order) => {
            let place = place.field("inOrder");
            let seconds = in_order.publication_time_seconds;
            place.field("publicationTimeSeconds").require(
                (300..=432_000).contains(&seconds),
                "A time is from 300 to 432000 seconds.",
            )?;
            Ok(NewScenario::InOrder {
                publication_time: NewDuration::of_seconds(seconds),
                order: place.field("order").word(in_order.order.word())?,
            })
        }
    }
}
