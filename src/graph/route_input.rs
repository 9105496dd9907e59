//! The parts of a route as arguments.

use super::{
    check::Check,
    leaf::Id,
    notation::MeasureUnit,
    quantity_input::{Limits, MeasureInput, MeasureRangeInput},
    route_parts::{FreightType, PublicationOrder, WayOfLoading},
};
use crate::{
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
    pub fn read(self, check: &mut Check) -> NewLane {
        NewLane {
            name: check.line("name", self.name),
            spots: [
                check.within(&["loading"], |check| spot(check, self.loading, "loading")),
                check.within(&["unloading"], |check| {
                    spot(check, self.unloading, "unloading")
                }),
            ],
            requirements: check.part("requirements", self.requirements, read_requirements),
            loads: check.each("loads", self.loads.unwrap_or_default(), load),
        }
    }
}

fn spot(check: &mut Check, spot: RouteSpotInput, kind: &'static str) -> NewSpot {
    NewSpot {
        id: spot.id.and_then(|id| check.uuid("id", &id)),
        name: check.optional_line("name", spot.name),
        kind,
        place: NewPlace {
            address: check.within(&["address"], |check| read_address(check, spot.address)),
            coordinates: check.part("coordinates", spot.coordinates, |check, point| {
                check.number("latitude", Some(point.latitude), -90.0..=90.0);
                check.number("longitude", Some(point.longitude), -180.0..=180.0);
                NewCoordinates {
                    latitude: point.latitude,
                    longitude: point.longitude,
                }
            }),
        },
    }
}

fn read_address(check: &mut Check, address: SpotAddressInput) -> NewSpotAddress {
    let country = address.country;
    let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic());
    let why = "A country is an ISO 3166-1 code of two letters, such as `DE`.";
    check.require("country", is_code, why);
    let is_distance = address.radius.is_none_or(|radius| radius >= 0.0);
    check.require("radius", is_distance, "This is not negative.");
    let mut key = |name, id: Option<Id>| id.and_then(|id| check.integer(name, &id));
    NewSpotAddress {
        country: country.to_ascii_lowercase(),
        location_id: key("locationId", address.location_id),
        detailed_location_id: key("detailedLocationId", address.detailed_location_id),
        foreign_id: key("foreignId", address.foreign_id),
        locality: check.optional_line("locality", address.locality),
        postal_code: check.optional_line("postalCode", address.postal_code),
        street: check.optional_line("street", address.street),
        number: check.optional_line("number", address.number),
        radius: address.radius,
    }
}

/// Words of Trans.eu's dictionaries. Some are printed with the number of their entry, which is
/// never to be sent back.
fn codes(check: &mut Check, name: &str, codes: Option<Vec<String>>) -> Vec<String> {
    let codes = codes.unwrap_or_default().into_iter().enumerate();
    check.within(&[name], |check| {
        codes
            .map(|(at, code)| plain(&check.line(&at.to_string(), code)))
            .collect()
    })
}

fn plain(code: &str) -> String {
    without_prefix(code.trim()).to_owned()
}

const METRES: Limits = Limits::positive(MeasureUnit::M);

fn read_requirements(check: &mut Check, wanted: RouteRequirementsInput) -> NewRequirements {
    let bodies = codes(check, "requiredTruckBodies", wanted.required_truck_bodies);
    let why = "At most 5 bodies are taken.";
    check.require("requiredTruckBodies", bodies.len() <= 5, why);
    let ways = wanted.required_ways_of_loading.unwrap_or_default();
    let ways = check.within(&["requiredWaysOfLoading"], |check| {
        let ways = ways.into_iter().enumerate();
        ways.map(|(at, way)| check.word(&at.to_string(), way.word()))
            .collect()
    });
    let vehicle_size = check.optional_line("vehicleSize", wanted.vehicle_size);
    let freight_type = wanted.freight_type;
    let cubic_metres = Limits::positive(MeasureUnit::M3);
    let tonnes = Limits::positive(MeasureUnit::T);
    let wishes = wanted.additional_requirements;
    NewRequirements {
        required_truck_bodies: bodies,
        required_adr_classes: codes(check, "requiredAdrClasses", wanted.required_adr_classes),
        required_ways_of_loading: ways,
        additional_requirements: codes(check, "additionalRequirements", wishes),
        shipping_remarks: check.lines("shippingRemarks", wanted.shipping_remarks),
        freight_type: freight_type.map(|kind| check.word("freightType", kind.word())),
        vehicle_size: vehicle_size.map(|size| plain(&size)),
        width: METRES.optional(check, "width", wanted.width.as_ref()),
        height: METRES.optional(check, "height", wanted.height.as_ref()),
        length: METRES.optional(check, "length", wanted.length.as_ref()),
        volume: cubic_metres.optional(check, "volume", wanted.volume.as_ref()),
        capacity: tonnes.range(check, "capacity", wanted.capacity.as_ref()),
        exemption_from_adr: wanted.exemption_from_adr,
    }
}

fn load(check: &mut Check, load: RouteLoadInput) -> NewLoad {
    let metres = |most| Limits::new(MeasureUnit::M, 0.01, most);
    let volumes = Limits::new(MeasureUnit::M3, 0.01, 10_000.0);
    let weights = Limits::new(MeasureUnit::T, 0.001, 100_000.0);
    let is_some = load.amount.is_none_or(|amount| amount > 0);
    check.require("amount", is_some, "An amount is more than 0.");
    let kind = check.optional_line("typeOfLoad", load.type_of_load);
    NewLoad {
        name: check.optional_line("name", load.name),
        type_of_load: kind.map(|kind| plain(&kind)),
        amount: load.amount,
        width: metres(10.0).optional(check, "width", load.width.as_ref()),
        height: metres(10.0).optional(check, "height", load.height.as_ref()),
        length: metres(100.0).optional(check, "length", load.length.as_ref()),
        volume: volumes.optional(check, "volume", load.volume.as_ref()),
        weight: weights.range(check, "weight", load.weight.as_ref()),
        pallets: load.pallets.map(|rules| NewPalletRules {
            is_stackable: rules.is_stackable,
            is_exchangeable: rules.is_exchangeable,
        }),
    }
}

/// The scenario to send.
pub fn scenario(check: &mut Check, scenario: PublicationScenarioInput) -> NewScenario {
    match scenario {
        PublicationScenarioInput::Parallel(flag) => {
            check.chosen("parallel", flag);
            NewScenario::Parallel
        }
        PublicationScenarioInput::InOrder(in_order) => check.within(&["inOrder"], |check| {
            let seconds = in_order.publication_time_seconds;
            let is_time = (300..=432_000).contains(&seconds);
            let why = "A time is from 300 to 432000 seconds.";
            check.require("publicationTimeSeconds", is_time, why);
            NewScenario::InOrder {
                publication_time: NewDuration::of_seconds(seconds),
                order: check.word("order", in_order.order.word()),
            }
        }),
    }
}
