//! Routes and contracts as the second version of the API shows them, borrowed from the state.

use serde::Serialize;
use serde_json::{Number, Value, json};

use super::state::{Contract, Route, State};

/// The day on which the seeded world stands: accepted contracts that began are "active" by then.
const TODAY: &str = "2026-05-06";

const ALL_TYPES: &[&str] = &[
    "manual",
    "contract_condition",
    "freight_limit",
    "percentage_share",
    "price_ascending",
];
const WITHOUT_PRICES: &[&str] = &["manual", "freight_limit", "percentage_share"];

#[derive(Serialize)]
pub(super) struct RouteView<'a> {
    id: &'a str,
    unique_key: Option<&'a str>,
    name: &'a str,
    publication_scenario: &'a Value,
    spots: &'a Value,
    distance: &'a Value,
    suggested_calculated_route_id: Option<&'a str>,
    distance_match: &'a Value,
    is_roundtrip: bool,
    requirements: &'a Value,
    loads: &'a Value,
    balancing: Balancing,
    status: &'static str,
    shipments_summary: &'a Value,
    position: Option<i64>,
    _stats: RouteStats<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipper_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modification_date: Option<&'a str>,
}

#[derive(Serialize)]
struct Balancing {
    r#type: &'static str,
    allowed_types: &'static [&'static str],
    data: Value,
}

#[derive(Serialize)]
struct RouteStats<'a> {
    contracts: RouteCounts,
    transports: &'a Value,
}

#[derive(Serialize, Default)]
struct RouteCounts {
    fixed: usize,
    flexible: usize,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    statuses: Option<RouteStatuses>,
}

#[derive(Serialize)]
struct RouteStatuses {
    #[serde(flatten)]
    counts: Counts,
    finished_previously_accepted: usize,
}

impl RouteCounts {
    fn of(state: &State, route: usize, with_statuses: bool) -> Self {
        let contracts = || {
            let indices = state.contracts_on(route).iter();
            indices.map(|at| &state.contracts[*at])
        };
        let flexible = contracts().filter(|contract| contract.is_flexible).count();
        Self {
            fixed: contracts().count() - flexible,
            flexible,
            statuses: with_statuses.then(|| RouteStatuses {
                counts: Counts::of(contracts()),
                finished_previously_accepted: 0,
            }),
        }
    }
}

/// How many contracts stand where. A status that nobody listed counts nowhere.
#[derive(Serialize, Default)]
struct Counts {
    registered: usize,
    waiting_for_acceptance: usize,
    waiting_for_initial_carrier_offer: usize,
    waiting_for_shipper_offer: usize,
    waiting_for_carrier_offer: usize,
    refused: usize,
    accepted: usize,
    active: usize,
    finished: usize,
}

impl Counts {
    fn of<'a>(contracts: impl Iterator<Item = &'a Contract>) -> Self {
        let mut counts = Self::default();
        for contract in contracts {
            let began = contract.period["from"]
                .as_str()
                .is_some_and(|from| from < TODAY);
            let slot = match contract.status.as_str() {
                "registered" => &mut counts.registered,
                "waiting_for_acceptance" => &mut counts.waiting_for_acceptance,
                "waiting_for_initial_carrier_offer" => {
                    &mut counts.waiting_for_initial_carrier_offer
                }
                "waiting_for_shipper_offer" => &mut counts.waiting_for_shipper_offer,
                "waiting_for_carrier_offer" => &mut counts.waiting_for_carrier_offer,
                "refused" => &mut counts.refused,
                "accepted" if began => &mut counts.active,
                "accepted" => &mut counts.accepted,
                "active" => &mut counts.active,
                "finished" => &mut counts.finished,
                _ => continue,
            };
            *slot += 1;
        }
        counts
    }
}

/// Where a route is shown decides how much of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// `GET` of one or of the list: everything.
    Read,
    /// The answer to a write: no owner, no date, two counters.
    Written,
    /// Inside a contract: as `Written`, and the counters lag behind at zero.
    Embedded,
}

impl<'a> RouteView<'a> {
    pub(super) fn new(state: &'a State, index: usize, place: Where) -> Self {
        let route: &Route = &state.routes[index];
        let counts = RouteCounts::of(state, index, place == Where::Read);
        let has_flexible = counts.flexible > 0;
        let contracts = if place == Where::Embedded {
            RouteCounts::default()
        } else {
            counts
        };
        let (min, max) = route.freight_limit;
        Self {
            id: &route.id,
            unique_key: route.unique_key.as_deref(),
            name: &route.name,
            publication_scenario: &route.publication_scenario,
            spots: &route.spots,
            distance: &route.distance,
            suggested_calculated_route_id: route.suggested.as_deref(),
            distance_match: &route.distance_match,
            is_roundtrip: route.is_roundtrip,
            requirements: &route.requirements,
            loads: &route.loads,
            balancing: Balancing {
                r#type: route.balancing,
                allowed_types: allowed_types(has_flexible),
                data: json!({ "freight_limit": { "min": min, "max": max } }),
            },
            status: if route.is_active {
                "active"
            } else {
                "archival"
            },
            shipments_summary: &route.summary,
            position: route.position,
            _stats: RouteStats {
                contracts,
                transports: &route.transports,
            },
            shipper_id: (place == Where::Read).then_some(route.shipper),
            last_modification_date: (place == Where::Read).then_some(route.modified.as_str()),
        }
    }
}

/// Balancing by price needs a price, and a flexible contract has none.
pub(super) fn allowed_types(has_flexible: bool) -> &'static [&'static str] {
    if has_flexible {
        WITHOUT_PRICES
    } else {
        ALL_TYPES
    }
}

#[derive(Serialize)]
pub(super) struct ContractView<'a> {
    id: &'a str,
    base_contract_id: &'a str,
    r#type: &'static str,
    position: Option<i64>,
    percentage_share: &'a Number,
    route: RouteView<'a>,
    period: &'a Value,
    pricing: &'a Value,
    status: &'a str,
    carrier: &'a Value,
    shipper: &'a Value,
    deactivations: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    order_terms: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    planned_shipments: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference_number: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surcharges: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modification_date: Option<&'a str>,
    _stats: ContractStats,
    _meta: Meta,
}

#[derive(Serialize)]
struct ContractStats {
    transports: Value,
    offers: Value,
    base_contract: Counts,
}

#[derive(Serialize)]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    is_copy: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_parent: Option<bool>,
    has_been_sent_to_carrier: bool,
}

impl<'a> ContractView<'a> {
    /// A contract that is read.
    pub(super) fn read(state: &'a State, index: usize) -> Self {
        let contract = &state.contracts[index];
        Self {
            surcharges: Some(&contract.surcharges),
            updated_at: Some(&contract.modified),
            last_modification_date: Some(&contract.modified),
            refusal_reason: contract.refusal_reason.as_deref(),
            ..Self::of(state, contract, Where::Embedded)
        }
    }

    /// The answer to a write: no timestamps; a flexible one has no surcharges either.
    pub(super) fn written(state: &'a State, index: usize) -> Self {
        let contract = &state.contracts[index];
        Self {
            surcharges: (!contract.is_flexible).then_some(&contract.surcharges),
            ..Self::of(state, contract, Where::Written)
        }
    }

    fn of(state: &'a State, contract: &'a Contract, place: Where) -> Self {
        let fixed = !contract.is_flexible;
        let is_annex = contract.base_id != contract.id;
        Self {
            id: &contract.id,
            base_contract_id: &contract.base_id,
            r#type: if fixed { "fixed" } else { "flexible" },
            position: contract.position,
            percentage_share: &contract.percentage_share,
            route: RouteView::new(state, contract.route, place),
            period: &contract.period,
            pricing: &contract.pricing,
            status: &contract.status,
            carrier: &contract.carrier,
            shipper: &contract.shipper,
            deactivations: [],
            order_terms: fixed.then_some(&contract.order_terms),
            planned_shipments: fixed.then_some(&contract.planned_shipments),
            reference_number: fixed.then_some(contract.reference_number.as_deref()),
            refusal_reason: None,
            surcharges: None,
            updated_at: None,
            last_modification_date: None,
            _stats: ContractStats {
                transports: json!({
                    "realized": null, "average_per_month": null, "awaiting": null
                }),
                offers: json!({ "accepted": null, "total": null, "acceptance_rate": null }),
                base_contract: Counts::of(state.family(&contract.base_id)),
            },
            _meta: Meta {
                is_copy: fixed.then_some(is_annex),
                is_parent: fixed.then_some(false),
                has_been_sent_to_carrier: contract.is_sent,
            },
        }
    }
}
