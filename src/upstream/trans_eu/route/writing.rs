//! How routes are written.
//!
//! None of the calls can be repeated or undone: a create has no idempotency key, and a replacement
//! clears what it does not name.

use std::sync::Arc;

use serde::Serialize;

use super::{Route, RoutesOfPlace};
use crate::{
    identity::Service,
    ids::{ContractId, RouteId},
    upstream::{
        Endpoint, Error, Session,
        doubt::{self, Write},
        trans_eu::{
            balancing::BalanceResult,
            body::body,
            contract::{Contract, of_route},
            list::{self, Lists},
        },
        walk::Whole,
    },
};

static CREATE_ROUTE: Endpoint = Endpoint::post(Service::TransEu, "/ext/contracts-api/v2/routes");
/// Only the older version of the API can do this.
static REPLACE_ROUTE: Endpoint =
    Endpoint::post(Service::TransEu, "/ext/contracts-api/v1/routes/{route-id}");
static SET_SCENARIO: Endpoint = Endpoint::post(
    Service::TransEu,
    "/ext/contracts-api/v2/routes/{route-id}/publication-scenario",
);
static BALANCE_ROUTE: Endpoint = Endpoint::post(
    Service::TransEu,
    "/ext/contracts-api/v2/routes/{route-id}/balance",
);

/// A route to be made.
#[derive(Debug, Clone, Serialize)]
pub struct NewRoute {
    /// What a replacement can change too.
    #[serde(flatten)]
    pub lane: NewLane,
    /// The name in the shipper's own system.
    pub unique_key: Option<String>,
    /// What a person says about the length.
    pub distance: Option<NewDistance>,
    /// Whether the vehicle returns to where it began.
    pub is_roundtrip: Option<bool>,
    /// In which order carriers are asked; all at once by default.
    pub publication_scenario: Option<NewScenario>,
}

/// The part of a route that is replaced as a whole.
#[derive(Debug, Clone, Serialize)]
pub struct NewLane {
    /// The name.
    pub name: String,
    /// Where goods are loaded, and where they are unloaded.
    pub spots: [NewSpot; 2],
    /// What a vehicle must be able to do.
    pub requirements: Option<NewRequirements>,
    /// What the route usually carries.
    pub loads: Vec<NewLoad>,
}

/// A spot.
#[derive(Debug, Clone, Serialize)]
pub struct NewSpot {
    /// Of a spot that exists.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// `loading` or `unloading`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it is.
    pub place: NewPlace,
}

/// Where a spot is.
#[derive(Debug, Clone, Serialize)]
pub struct NewPlace {
    /// The address.
    pub address: NewSpotAddress,
    /// The point on the map.
    pub coordinates: Option<NewCoordinates>,
}

/// The address of a spot; see [`super::SpotAddress`].
#[derive(Debug, Clone, Serialize)]
pub struct NewSpotAddress {
    pub country: String,
    pub locality: Option<String>,
    pub postal_code: Option<String>,
    pub street: Option<String>,
    pub number: Option<String>,
    pub location_id: Option<i64>,
    pub detailed_location_id: Option<i64>,
    pub foreign_id: Option<i64>,
    pub radius: Option<f64>,
}

/// A point on the map.
#[derive(Debug, Clone, Serialize)]
pub struct NewCoordinates {
    pub latitude: f64,
    pub longitude: f64,
}

/// A length that a person states.
#[derive(Debug, Clone, Serialize)]
pub struct NewDistance {
    pub declared: NewMeasure,
}

/// A number with its unit.
#[derive(Debug, Clone, Serialize)]
pub struct NewMeasure {
    /// The number.
    pub value: f64,
    /// The unit in the API's words.
    pub unit_code: &'static str,
}

/// A span, open at either end.
#[derive(Debug, Clone, Serialize)]
pub struct NewRange {
    pub min: Option<NewMeasure>,
    pub max: Option<NewMeasure>,
}

/// What a vehicle must be able to do; see [`super::Requirements`].
#[derive(Debug, Clone, Serialize)]
pub struct NewRequirements {
    pub required_truck_bodies: Vec<String>,
    pub required_adr_classes: Vec<String>,
    pub required_ways_of_loading: Vec<&'static str>,
    pub additional_requirements: Vec<String>,
    pub shipping_remarks: Option<String>,
    pub freight_type: Option<&'static str>,
    pub vehicle_size: Option<String>,
    pub width: Option<NewMeasure>,
    pub height: Option<NewMeasure>,
    pub length: Option<NewMeasure>,
    pub volume: Option<NewMeasure>,
    pub capacity: Option<NewRange>,
    pub exemption_from_adr: Option<bool>,
}

/// A load; see [`super::Load`].
#[derive(Debug, Clone, Serialize)]
pub struct NewLoad {
    pub name: Option<String>,
    pub type_of_load: Option<String>,
    pub amount: Option<i32>,
    pub width: Option<NewMeasure>,
    pub height: Option<NewMeasure>,
    pub length: Option<NewMeasure>,
    pub volume: Option<NewMeasure>,
    pub weight: Option<NewRange>,
    /// The field table spells it `palletes`; all samples, and so the gateway, spell it as here.
    pub pallets: Option<NewPalletRules>,
}

/// What may be done with the pallets of a load.
#[derive(Debug, Clone, Serialize)]
pub struct NewPalletRules {
    pub is_stackable: bool,
    pub is_exchangeable: bool,
}

/// In which order the carriers of a route are asked.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum NewScenario {
    /// All at once.
    Parallel,
    /// One after the other.
    InOrder {
        /// How long each has to answer.
        publication_time: NewDuration,
        /// What becomes of those who were asked before.
        order: &'static str,
    },
}

/// A length of time.
#[derive(Debug, Clone, Serialize)]
pub struct NewDuration {
    value: i32,
    unit_code: &'static str,
    user_unit_code: &'static str,
}

impl NewDuration {
    /// So many seconds, which people are shown in hours if there are whole ones, else in minutes.
    #[must_use]
    pub fn of_seconds(seconds: i32) -> Self {
        Self {
            value: seconds,
            unit_code: "s",
            user_unit_code: if seconds % 3600 == 0 { "h" } else { "min" },
        }
    }

    /// How many seconds.
    pub fn seconds(&self) -> i32 {
        self.value
    }
}

/// How freight is shared among the carriers of a route.
#[derive(Debug, Clone, Serialize)]
#[serde(
    tag = "balancing_type",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "snake_case"
)]
pub enum NewBalancing {
    /// By hand.
    Manual,
    /// By what the contracts say.
    ContractCondition,
    /// The cheapest first.
    PriceAscending,
    /// Within a least and a largest share.
    FreightLimit {
        /// The two, in percent.
        freight_limit: NewFreightLimit,
    },
    /// By the share of each contract.
    PercentageShare {
        /// The shares, which make 100 together.
        contracts: Vec<NewShare>,
    },
}

/// A least and a largest share in percent.
#[derive(Debug, Clone, Serialize)]
pub struct NewFreightLimit {
    pub min: i32,
    pub max: i32,
}

/// The share of a contract in percent.
#[derive(Debug, Clone, Serialize)]
pub struct NewShare {
    #[serde(serialize_with = "as_text")]
    pub contract_id: ContractId,
    pub percentage_share: f64,
}

fn as_text<S: serde::Serializer>(id: &ContractId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

/// Makes a route and gives it back. If the answer is lost, it is looked for by its key in the
/// shipper's own system, if it has one.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn create_route(
    session: &Arc<Session>,
    route: &NewRoute,
) -> Result<Arc<Route>, Arc<Error>> {
    let write = Write::begin(&CREATE_ROUTE);
    let call = CREATE_ROUTE.call(&[]).json(body(route));
    let reply = session.send::<Route>(call).await;
    forget(session);
    let created = reply.map(|reply| Arc::new(reply.value));
    let look = async |since| {
        if route.unique_key.is_none() {
            return Ok(None);
        }
        let all = session.load::<Lists<Route>>(Whole).await?;
        let all = all.unwrap_or_default();
        let is_it = |found: &&Arc<Route>| {
            found.unique_key == route.unique_key
                && found.name.as_ref() == Some(&route.lane.name)
                && doubt::is_since(found.last_modification_date.as_deref(), since)
        };
        Ok(doubt::only(all.iter().filter(is_it).cloned()))
    };
    write.end(session, created, look).await
}

/// Replaces a route and says which route it is now: on the platform, a change that is sent to
/// carriers makes a new one. The answer knows so little of it that the route is to be read again.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn replace_route(
    session: &Session,
    route: RouteId,
    lane: &NewLane,
    notify_carriers: bool,
) -> Result<RouteId, Arc<Error>> {
    let mut body = body(lane);
    body["if_send_to_carrier"] = notify_carriers.into();
    let call = REPLACE_ROUTE.call(&[&route]).json(body);
    let reply = session.send::<Route>(call).await;
    forget(session);
    Ok(reply?.value.id)
}

/// Sets in which order the carriers of a route are asked, and gives the route back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn set_publication_scenario(
    session: &Session,
    route: RouteId,
    scenario: &NewScenario,
) -> Result<Route, Arc<Error>> {
    let call = SET_SCENARIO.call(&[&route]).json(body(scenario));
    let reply = session.send::<Route>(call).await;
    forget(session);
    Ok(reply?.value)
}

/// Sets how freight is shared among the carriers of a route. The answer is not the route.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn balance_route(
    session: &Session,
    route: RouteId,
    balancing: &NewBalancing,
) -> Result<BalanceResult, Arc<Error>> {
    let call = BALANCE_ROUTE.call(&[&route]).json(body(balancing));
    let reply = session.send::<BalanceResult>(call).await;
    forget(session);
    Ok(reply?.value)
}

/// Drops what was read of routes and of contracts, which hold their routes and their shares of
/// them, whether the write came through or not.
pub fn forget(session: &Session) {
    list::forget::<Route>(session);
    list::forget::<Contract>(session);
    session.forget::<RoutesOfPlace>(None);
    of_route::forget(session);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_scenario_in_order_has_its_data_and_one_in_parallel_has_none() {
        assert_eq!(body(&NewScenario::Parallel), json!({ "type": "parallel" }));
        let in_order = NewScenario::InOrder {
            publication_time: NewDuration::of_seconds(1800),
            order: "gradually",
        };
        assert_eq!(
            body(&in_order),
            json!({ "type": "in_order", "data": {
                "publication_time": { "value": 1800, "unit_code": "s", "user_unit_code": "min" },
                "order": "gradually",
            }})
        );
    }

    #[test]
    fn balancing_is_in_upper_case_beside_its_settings() {
        assert_eq!(
            body(&NewBalancing::PriceAscending),
            json!({ "balancing_type": "PRICE_ASCENDING" })
        );
        let limit = NewBalancing::FreightLimit {
            freight_limit: NewFreightLimit { min: 10, max: 60 },
        };
        assert_eq!(
            body(&limit),
            json!({ "balancing_type": "FREIGHT_LIMIT", "freight_limit": { "min": 10, "max": 60 } })
        );
        let shares = NewBalancing::PercentageShare {
            contracts: vec![NewShare {
                contract_id: "ecdc9461-27c0-5b0c-8f40-b60e0566c346".parse().unwrap(),
                percentage_share: 100.0,
            }],
        };
        assert_eq!(
            body(&shares),
            json!({ "balancing_type": "PERCENTAGE_SHARE", "contracts": [
                { "contract_id": "ecdc9461-27c0-5b0c-8f40-b60e0566c346", "percentage_share": 100 },
            ]})
        );
    }
}
