//! Routes: a lane from a place of loading to a place of unloading, for which contracts are made.

use std::sync::Arc;

use serde::Deserialize;

use super::balancing::{Balancing, PublicationScenario};
use super::code::Code;
use super::contract::{ContractFamilyCounts, CountedByStatus};
use super::measure::{self, Measure, Money, Range};
use crate::{ids::RouteId, upstream::lenient};

/// A route, as far as the call that printed it knows it.
///
/// | printed by | what is missing |
/// |---|---|
/// | the route itself, the list of routes | nothing |
/// | the answer to a create, a scenario, a contract | `shipper_id`, `last_modification_date`, the counters by status |
/// | the answer to an update | besides, everything but name, spots (without ids), loads and requirements |
/// | a contract in the list of a route | everything but the id |
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Route {
    pub id: RouteId,
    pub unique_key: Option<String>,
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub publication_scenario: Option<PublicationScenario>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub spots: Vec<Spot>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub distance: Option<RouteDistance>,
    /// Opaque: it never equals the id of a route.
    pub suggested_calculated_route_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub distance_match: Option<Range>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_roundtrip: Option<bool>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub requirements: Option<Requirements>,
    /// Without the one load of nulls that stands for "no loads".
    #[serde(default, deserialize_with = "loads")]
    pub loads: Vec<Load>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub balancing: Option<Balancing>,
    /// `active` or `archival`.
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub shipments_summary: Option<ShipmentsSummary>,
    /// The place among the routes when a freight is matched. Archival routes have none.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub position: Option<i64>,
    #[serde(rename = "_stats", default, deserialize_with = "lenient::object")]
    pub stats: Option<Arc<RouteStats>>,
    /// The own company.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub shipper_id: Option<i64>,
    pub last_modification_date: Option<String>,
}

impl Route {
    /// Whether the route was read by itself or from the list of routes. Anything else is a partial snapshot,
    /// and its counters contradict the route's own.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.shipper_id.is_some() && self.last_modification_date.is_some()
    }
}

/// What a person said and what the platform computed; the latter comes some time after the creation.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RouteDistance {
    #[serde(deserialize_with = "measure::measure")]
    pub declared: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub calculated: Option<Measure>,
}

/// A place of loading or unloading.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Spot {
    pub id: Option<String>,
    pub name: Option<String>,
    /// `loading` or `unloading`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub place: Option<Place>,
}

impl Spot {
    /// The place's number in the shipper's own system, if it can be a key there.
    #[must_use]
    pub fn foreign_id(&self) -> Option<i64> {
        let address = self.place.as_ref()?.address.as_ref()?;
        address.foreign_id.filter(|id| *id >= 0)
    }
}

/// Where a spot is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Place {
    #[serde(deserialize_with = "lenient::object")]
    pub address: Option<SpotAddress>,
    #[serde(deserialize_with = "lenient::object")]
    pub coordinates: Option<Coordinates>,
}

/// The address of a spot.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SpotAddress {
    pub locality: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, usually in lower case.
    pub country: Option<String>,
    pub street: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub number: Option<String>,
    #[serde(deserialize_with = "lenient::integer")]
    pub location_id: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub detailed_location_id: Option<i64>,
    /// The place's id in the shipper's own system.
    #[serde(deserialize_with = "lenient::integer")]
    pub foreign_id: Option<i64>,
    /// Probably in metres.
    #[serde(deserialize_with = "lenient::decimal")]
    pub radius: Option<f64>,
}

/// A point on the map.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Coordinates {
    #[serde(deserialize_with = "lenient::decimal")]
    pub latitude: Option<f64>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub longitude: Option<f64>,
}

/// What a vehicle must be able to do. The order of the lists means nothing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Requirements {
    #[serde(deserialize_with = "lenient::list")]
    pub required_truck_bodies: Vec<Code>,
    #[serde(deserialize_with = "lenient::texts")]
    pub required_adr_classes: Vec<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub required_ways_of_loading: Vec<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub additional_requirements: Vec<String>,
    pub shipping_remarks: Option<String>,
    pub freight_type: Option<String>,
    pub vehicle_size: Option<Code>,
    #[serde(deserialize_with = "measure::measure")]
    pub width: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub height: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub length: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub volume: Option<Measure>,
    #[serde(deserialize_with = "lenient::object")]
    pub capacity: Option<Range>,
    #[serde(deserialize_with = "lenient::flag")]
    pub exemption_from_adr: Option<bool>,
}

/// A load that the route usually carries.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Load {
    pub name: Option<String>,
    pub type_of_load: Option<Code>,
    #[serde(deserialize_with = "lenient::integer")]
    pub amount: Option<i64>,
    #[serde(deserialize_with = "measure::measure")]
    pub width: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub height: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub length: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub volume: Option<Measure>,
    #[serde(deserialize_with = "lenient::object")]
    pub weight: Option<Range>,
    /// The field table spells it `palletes`.
    #[serde(alias = "palletes", deserialize_with = "lenient::object")]
    pub pallets: Option<PalletRules>,
}

impl Load {
    /// Whether this is the form in which an empty list of loads comes: nothing is set, and the flags of the
    /// pallets, which cannot be unset, are false.
    fn is_blank(&self) -> bool {
        let unset = self.pallets.as_ref().is_none_or(|pallets| {
            pallets.is_stackable != Some(true) && pallets.is_exchangeable != Some(true)
        });
        unset
            && *self
                == Self {
                    pallets: self.pallets.clone(),
                    ..Self::default()
                }
    }
}

/// What may be done with the pallets of a load.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PalletRules {
    #[serde(deserialize_with = "lenient::flag")]
    pub is_stackable: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub is_exchangeable: Option<bool>,
}

fn loads<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Load>, D::Error> {
    let mut loads: Vec<Load> = lenient::list(deserializer)?;
    loads.retain(|load| !load.is_blank());
    Ok(loads)
}

/// What was carried on the route so far.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ShipmentsSummary {
    #[serde(deserialize_with = "lenient::integer")]
    pub amount: Option<i64>,
    #[serde(deserialize_with = "measure::measure")]
    pub weight: Option<Measure>,
    #[serde(deserialize_with = "measure::measure")]
    pub distance: Option<Measure>,
    /// One per currency.
    #[serde(deserialize_with = "measure::amounts")]
    pub price: Vec<Money>,
}

/// Counters of a route. They lag behind.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RouteStats {
    #[serde(deserialize_with = "lenient::object")]
    pub contracts: Option<RouteContractCounts>,
    #[serde(deserialize_with = "lenient::object")]
    pub transports: Option<RouteTransports>,
}

/// Contracts of a route by type and, in a complete route only, by status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RouteContractCounts {
    #[serde(deserialize_with = "lenient::integer")]
    pub fixed: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub flexible: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub registered: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub waiting_for_acceptance: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub waiting_for_initial_carrier_offer: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub waiting_for_shipper_offer: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub waiting_for_carrier_offer: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub refused: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub accepted: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub active: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub finished: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub finished_previously_accepted: Option<i64>,
}

impl CountedByStatus for RouteContractCounts {
    fn by_status(&self) -> ContractFamilyCounts {
        ContractFamilyCounts {
            registered: self.registered,
            waiting_for_acceptance: self.waiting_for_acceptance,
            waiting_for_initial_carrier_offer: self.waiting_for_initial_carrier_offer,
            waiting_for_shipper_offer: self.waiting_for_shipper_offer,
            waiting_for_carrier_offer: self.waiting_for_carrier_offer,
            refused: self.refused,
            accepted: self.accepted,
            active: self.active,
            finished: self.finished,
        }
    }
}

/// Transports on a route.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RouteTransports {
    #[serde(deserialize_with = "lenient::object")]
    pub realized: Option<RealizedTransports>,
    #[serde(deserialize_with = "lenient::object")]
    pub awaiting: Option<AwaitingTransports>,
}

/// Transports that took place.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RealizedTransports {
    #[serde(deserialize_with = "lenient::decimal")]
    pub average_price: Option<f64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub count: Option<i64>,
}

/// Transports to come.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AwaitingTransports {
    #[serde(deserialize_with = "lenient::decimal")]
    pub median_price: Option<f64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub count: Option<i64>,
}

mod reading;
pub mod writing;

pub use reading::{RouteFilter, RoutePages, Routes, RoutesOfPlace};
pub use writing::forget;

#[cfg(test)]
mod tests;
