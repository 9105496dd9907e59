//! The three tenants, the haulers and their connections.

use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::names;
use super::super::random::{Random, stable_uuid};
use super::haulers::provider_name;
use super::state::{Connection, Hauler, State, Tenant};
use super::{seed_customers, seed_yards};

/// One tenant as the seed plans it.
pub(super) struct Plan {
    pub(super) id: i64,
    code: &'static str,
    name: &'static str,
    truck_limit: Option<i64>,
    pub(super) yards: &'static [&'static str],
    pub(super) customers: i64,
}

const PLANS: [Plan; 3] = [
    Plan {
        id: 34,
        code: "JUNIPER",
        name: "Juniper Ridge Disposal",
        truck_limit: None,
        yards: &[
            "North Yard",
            "Harbor Yard",
            "Mill Street Yard",
            "Airport Yard",
            "Quarry Yard",
            "River Bend Yard",
            "Old Town Yard",
            "East Transfer",
            "Pine Flats Yard",
            "Summit Yard",
            "Lakeside Yard",
            "Closed Annex",
        ],
        customers: 0,
    },
    Plan {
        id: 51,
        code: "SALTMARSH",
        name: "Saltmarsh Roll-Off",
        truck_limit: Some(25),
        yards: &["Dune Yard", "Pier Yard", "Cannery Yard", "Inland Yard"],
        customers: 60,
    },
    Plan {
        id: 77,
        code: "COPPERLINE",
        name: "Copperline Waste Services",
        truck_limit: Some(8),
        yards: &["Smelter Yard", "Depot Yard", "Canyon Yard"],
        customers: 40,
    },
];

const HAULERS: usize = 20;

/// The first tenant has as many customers as asked for.
pub(super) fn state(seed: u64, customers: u32) -> State {
    let haulers: Vec<Hauler> = (0..HAULERS)
        .map(|n| Hauler {
            id: stable_uuid(seed, "hauler", n).to_string(),
            name: hauler_name(n),
        })
        .collect();
    let mut plans = PLANS;
    plans[0].customers = customers.into();
    let tenants: Vec<Tenant> = plans
        .iter()
        .map(|plan| tenant(seed, plan, &haulers))
        .collect();
    let connections = connections(seed, &tenants, &haulers);
    State {
        tenants,
        haulers,
        connections,
    }
}

fn hauler_name(n: usize) -> String {
    const KIND: [&str; 4] = [
        "Hauling",
        "Trucking",
        "Container Service",
        "Roll-Off Transport",
    ];
    let firm = names::firm(n * 7 + 3);
    let first = firm.split(' ').next().unwrap_or_default();
    format!("{first} {}", KIND[n % KIND.len()])
}

fn tenant(seed: u64, plan: &Plan, haulers: &[Hauler]) -> Tenant {
    let (town, zip, _, _) = names::TOWNS[usize::try_from(plan.id).unwrap_or(0) % 8];
    let record = json!({
        "address": format!("{} Synthetic Plaza", plan.id),
        "city": town,
        "code": plan.code,
        "created_on": Moment::on(2018, 1, 15).plus_days(plan.id).plus_seconds(4252).naive(),
        "email": format!("office{}@example.com", plan.id),
        "id": plan.id,
        "is_active": true,
        "name": plan.name,
        "phone": format!("555012{:04}", plan.id),
        "state": "OR",
        "truck_limit": plan.truck_limit,
        "zip": zip,
    });
    let mut tenant = Tenant::new(plan.id, plan.code, plan.name, record);
    seed_yards::fill(&mut tenant, plan);
    seed_customers::fill(&mut tenant, plan, seed);
    seed_yards::fill_work(&mut tenant, seed, haulers);
    tenant
}

/// Each hauler knows three to five yards, of whichever tenant.
fn connections(seed: u64, tenants: &[Tenant], haulers: &[Hauler]) -> Vec<Connection> {
    let mut random = Random::new(seed, "connections");
    let yards: Vec<(&Tenant, i64)> = tenants
        .iter()
        .flat_map(|tenant| tenant.yards.keys().map(move |yard| (tenant, *yard)))
        .collect();
    let mut rows = Vec::new();
    for (n, hauler) in haulers.iter().enumerate() {
        for step in 0..3 + n % 3 {
            // Five is coprime to the number of yards, so a hauler meets no yard twice.
            let (tenant, yard) = yards[(n * 3 + step * 5) % yards.len()];
            let requested = Moment::on(2021, 2, 1)
                .plus_days(random.between(0, 500))
                .plus_seconds(random.between(0, 86_399));
            rows.push(connection(rows.len(), hauler, tenant, yard, requested));
        }
    }
    rows
}

/// Pending, approved and denied in turn; some rows spell their flag as older ones did.
fn connection(
    n: usize,
    hauler: &Hauler,
    tenant: &Tenant,
    yard: i64,
    requested: Moment,
) -> Connection {
    let later = requested.plus_seconds(77_730).plus_micros(120_000).naive();
    // The first rows of the first hauler are approved: a third-party user has something to see.
    let (approved, denied) = (n < 3 || n % 5 < 3, n >= 3 && n % 5 == 3);
    let is_approved = match (approved, n % 11) {
        (true, 4) => Value::from(1),
        (true, 7) => Value::from("True"),
        (true, _) => Value::Bool(true),
        (false, 3) => Value::from("False"),
        (false, 8) => Value::from("0"),
        (false, _) => Value::Bool(false),
    };
    let name = &tenant.yards[&yard].name;
    Connection {
        approved_by: approved.then_some(300 + i64::try_from(n % 9).unwrap_or(0)),
        approved_on: approved.then(|| later.clone()),
        denied_on: denied.then_some(later),
        is_approved,
        location_id: yard,
        provider_id: tenant.id,
        provider_name: provider_name(&tenant.name, name),
        requested_on: requested.plus_micros(691_708).naive(),
        third_party_hauler_id: hauler.id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_state() {
        let (one, other) = (state(5, 500), state(5, 500));
        let shown = |state: &State| serde_json::to_string(&state.connections).unwrap();
        assert_eq!(shown(&one), shown(&other));
        assert_ne!(shown(&one), shown(&state(6, 500)));
    }

    #[test]
    fn connections_come_in_all_three_states_and_every_spelling() {
        let state = state(2026, 500);
        assert!(state.connections.len() >= 60);
        let key = |row: &Connection| {
            (
                row.third_party_hauler_id.clone(),
                row.provider_id,
                row.location_id,
            )
        };
        let keys: HashSet<_> = state.connections.iter().map(key).collect();
        assert_eq!(keys.len(), state.connections.len());
        let flags: HashSet<String> = state
            .connections
            .iter()
            .map(|row| row.is_approved.to_string())
            .collect();
        for flag in ["true", "false", "1", "\"True\"", "\"False\"", "\"0\""] {
            assert!(flags.contains(flag), "{flag}");
        }
        assert!(state.connections.iter().any(|row| row.denied_on.is_some()));
    }

    #[test]
    fn the_first_tenant_has_more_rows_than_one_page_and_no_two_of_a_customer_in_a_row() {
        let state = state(2026, 500);
        let tenant = state.tenant(34).unwrap();
        assert_eq!(tenant.customers.len(), 500);
        assert!(tenant.links.len() > 1000);
        assert!(
            tenant
                .links
                .windows(2)
                .all(|pair| pair[0].customer_id != pair[1].customer_id)
        );
        assert!(
            tenant
                .links
                .windows(2)
                .all(|pair| pair[0].created_on <= pair[1].created_on)
        );
        let parents: HashSet<i64> = tenant
            .customers
            .values()
            .filter_map(|customer| customer.parent_id)
            .collect();
        assert!((50..=70).contains(&parents.len()), "{}", parents.len());
    }

    #[test]
    fn a_customer_has_a_yard_once() {
        let state = state(2026, 500);
        for plan in &PLANS {
            let tenant = state.tenant(plan.id).unwrap();
            let links = tenant.links.iter();
            let yards: HashSet<_> = links
                .map(|link| (link.customer_id, link.location_id))
                .collect();
            assert_eq!(yards.len(), tenant.links.len(), "{}", plan.code);
        }
    }
}
