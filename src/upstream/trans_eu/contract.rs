//! Contracts between a shipper and a carrier about a route.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::party::{self, Party};
use super::pricing::Pricing;
use super::route::Route;
use super::surcharge::Surcharge;
use super::terms::{OrderTerms, Period, PlannedShipments};
use crate::{ids::ContractId, upstream::lenient};

/// A contract, fixed or flexible. The list of a route's contracts prints less: no `type`, no `status`, no shipper,
/// no counters, and of the route nothing but its id.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Contract {
    pub id: ContractId,
    /// The contract to which this one is an annex, or this contract itself.
    pub base_contract_id: Option<ContractId>,
    /// `fixed` or `flexible`; see [`Contract::is_flexible`].
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub position: Option<i64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub percentage_share: Option<f64>,
    /// A partial snapshot of the route; see [`Route`].
    pub route: Arc<Route>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub period: Option<Period>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub pricing: Option<Pricing>,
    pub status: Option<String>,
    pub carrier: Arc<Party>,
    #[serde(default, deserialize_with = "party::party")]
    pub shipper: Option<Arc<Party>>,
    /// Of an undocumented type; only ever seen empty.
    #[serde(default, deserialize_with = "lenient::list")]
    pub deactivations: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub order_terms: Option<OrderTerms>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub planned_shipments: Option<PlannedShipments>,
    pub reference_number: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub refusal_reason: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub surcharges: Vec<Surcharge>,
    pub updated_at: Option<String>,
    pub last_modification_date: Option<String>,
    #[serde(rename = "_meta", default, deserialize_with = "lenient::object")]
    pub meta: Option<ContractMeta>,
    #[serde(rename = "_stats", default, deserialize_with = "lenient::object")]
    pub stats: Option<ContractStats>,
}

impl Contract {
    /// Whether the contract was read. The answer to a write lacks the times, the surcharges of a flexible contract
    /// and the reason of a refusal.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.last_modification_date.is_some()
    }

    /// The contract to which this one is an annex.
    #[must_use]
    pub fn amended(&self) -> Option<ContractId> {
        self.base_contract_id.filter(|base| *base != self.id)
    }

    /// Whether the contract was in force at the instant `now`: accepted, and `now` is within its period. Not known if
    /// the status or an instant is in no form that is known, or if there are suspensions, whose form is not.
    #[must_use]
    pub fn is_in_force(&self, now: jiff::Timestamp) -> Option<bool> {
        let is_accepted = match self.status.as_deref()?.to_ascii_lowercase().as_str() {
            // The API seems to print `accepted` for what it counts as `active`.
            "accepted" | "active" => true,
            "registered"
            | "waiting_for_acceptance"
            | "waiting_for_initial_carrier_offer"
            | "waiting_for_shipper_offer"
            | "waiting_for_carrier_offer"
            | "refused"
            | "finished"
            | "finished_previously_accepted" => false,
            _ => return None,
        };
        if !is_accepted {
            return Some(false);
        }
        let end = |pick: fn(&Period) -> Option<&String>| match self.period.as_ref().and_then(pick) {
            None => Some(None),
            Some(text) => text.parse::<jiff::Timestamp>().ok().map(Some),
        };
        let (from, to) = (
            end(|period| period.from.as_ref())?,
            end(|period| period.to.as_ref())?,
        );
        let is_within = from.is_none_or(|from| from <= now) && to.is_none_or(|to| now < to);
        match (is_within, self.deactivations.is_empty()) {
            (true, false) => None,
            (is_within, _) => Some(is_within),
        }
    }

    /// The upstream's word for the kind of contract, or the one that the pricing stands for.
    #[must_use]
    pub fn kind(&self) -> &str {
        let derived = if self.is_flexible() {
            "flexible"
        } else {
            "fixed"
        };
        self.kind.as_deref().unwrap_or(derived)
    }

    /// Whether the contract has no rate. Where the type is not printed, the kind of the pricing tells.
    #[must_use]
    pub fn is_flexible(&self) -> bool {
        match &self.kind {
            Some(kind) => kind.eq_ignore_ascii_case("flexible"),
            None => self
                .pricing
                .as_ref()
                .and_then(|pricing| pricing.kind.as_ref())
                .is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("no_rate")),
        }
    }
}

/// Where the contract stands in its family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContractMeta {
    #[serde(deserialize_with = "lenient::flag")]
    pub has_been_sent_to_carrier: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub is_copy: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub is_parent: Option<bool>,
}

/// Counters of a contract. They lag behind the status.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContractStats {
    #[serde(deserialize_with = "lenient::object")]
    pub transports: Option<ContractTransports>,
    #[serde(deserialize_with = "lenient::object")]
    pub offers: Option<ContractOffers>,
    /// The contract and all its annexes, by status.
    #[serde(deserialize_with = "lenient::object")]
    pub base_contract: Option<ContractFamilyCounts>,
}

/// Transports under a contract.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContractTransports {
    #[serde(deserialize_with = "lenient::integer")]
    pub realized: Option<i64>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub average_per_month: Option<f64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub awaiting: Option<i64>,
}

/// Offers made to the carrier. Whether the rate is a count or a ratio is not documented.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContractOffers {
    #[serde(deserialize_with = "lenient::integer")]
    pub accepted: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub total: Option<i64>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub acceptance_rate: Option<f64>,
}

/// A contract and its annexes by status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContractFamilyCounts {
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
}

/// Contracts counted by status: an annex family, or all on a route.
pub trait CountedByStatus: Send + Sync + 'static {
    /// The counters.
    fn by_status(&self) -> ContractFamilyCounts;
}

impl CountedByStatus for ContractFamilyCounts {
    fn by_status(&self) -> ContractFamilyCounts {
        self.clone()
    }
}

pub mod fixed;
pub mod of_route;
mod reading;
mod writing;

pub use of_route::ContractsOfRoute;
pub use reading::{ContractFilter, ContractPages, Contracts};
pub use writing::{NewFlexibleContract, create_flexible_contract};

#[cfg(test)]
mod tests;
