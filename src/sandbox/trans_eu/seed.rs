//! The companies: two shippers, forty carriers, and who is whose partner.

use serde_json::{Value, json};

use super::super::names;
use super::super::random::stable_uuid;
use super::state::{Company, Employee, Partner, State};
use super::{seed_contracts, seed_routes};

pub(super) const SHIPPER: i64 = 9_000_101;
pub(super) const OTHER_SHIPPER: i64 = 9_000_102;
const FIRST_CARRIER: i64 = 9_000_201;
const CARRIERS: i64 = 40;

pub(super) fn state(seed: u64) -> State {
    let mut state = State::new(seed);
    for (id, name) in [
        (SHIPPER, "Brightwater Forwarding"),
        (OTHER_SHIPPER, "Tallgrass Freight"),
    ] {
        state
            .companies
            .insert(id, company(seed, id, name.to_owned(), "pl", 4));
    }
    for n in 0..CARRIERS {
        let id = FIRST_CARRIER + n;
        let number = usize::try_from(n).unwrap_or(0);
        let country = ["pl", "de", "cz", "lt"][number % 4];
        let company = company(seed, id, carrier_name(number), country, 3);
        state.companies.insert(id, company);
    }
    // The last ten carriers have contracts and yet are nobody's partner.
    for n in 0..30 {
        add_partner(&mut state, SHIPPER, FIRST_CARRIER + n);
    }
    for n in 0..6 {
        add_partner(&mut state, OTHER_SHIPPER, FIRST_CARRIER + n * 5);
    }
    seed_routes::fill(&mut state, seed);
    seed_contracts::fill(&mut state, seed);
    state
}

/// The id of the `n`th carrier, round and round.
pub(super) fn carrier(n: usize) -> i64 {
    FIRST_CARRIER + i64::try_from(n).unwrap_or(0) % CARRIERS
}

fn carrier_name(n: usize) -> String {
    const KIND: [&str; 4] = [
        "Trucking sp. z o.o.",
        "Haulage GmbH",
        "Transport s.r.o.",
        "Lines UAB",
    ];
    let firm = names::firm(n * 11 + 5);
    format!(
        "{} {}",
        firm.split(' ').next().unwrap_or_default(),
        KIND[n % KIND.len()]
    )
}

fn company(seed: u64, id: i64, name: String, country: &'static str, people: i64) -> Company {
    let employees = (1..=people)
        .map(|n| {
            let number = usize::try_from(id % 1000 * 10 + n).unwrap_or(0);
            let account_id = 800_000 + id % 1000 * 10 + n;
            Employee {
                contact_id: stable_uuid(seed, "contact person", number).to_string(),
                id: account_id + 100_000,
                account_id,
                given_name: names::given(number),
                family_name: names::family(number),
                trans_id: format!("{id}-{n}"),
                email: names::mail(number),
                telephone: (n != 2).then(|| format!("(0049) 555 {number:06}")),
            }
        })
        .collect();
    let vat_id = format!("{}{:09}", country.to_uppercase(), id % 1_000_000);
    Company {
        id,
        name,
        country,
        vat_id,
        employees,
    }
}

pub(super) fn add_partner(state: &mut State, owner: i64, company: i64) {
    let seed = state.seed;
    let Some(firm) = state.companies.get(&company) else {
        return;
    };
    let number = usize::try_from(company % 1000 + owner % 10 * 1000).unwrap_or(0);
    let id = stable_uuid(seed, "partner", number).to_string();
    let status = if number % 7 == 3 {
        "SUSPENDED"
    } else {
        "ACTIVE"
    };
    let record = partner_record(seed, number, &id, firm, status);
    state.partners.push(Partner {
        owner,
        id,
        company,
        status,
        record,
    });
}

/// A partner as the list shows it; the company in it has odd members on purpose.
fn partner_record(seed: u64, number: usize, id: &str, firm: &Company, status: &str) -> Value {
    let groups = if number.is_multiple_of(3) {
        let group = stable_uuid(seed, "partner group", 0).to_string();
        json!([{ "id": group, "name": "Reefers", "description": null }])
    } else {
        json!([])
    };
    // A house number is a text, a number or nothing.
    let house = match number % 3 {
        0 => json!(null),
        1 => json!(17),
        _ => json!("9a"),
    };
    json!({
        "id": id,
        "company": {
            "id": firm.id,
            "name": firm.name,
            "vat_id": firm.vat_id,
            "email": format!("office{}@example.com", firm.id),
            "telephone": format!("0049 555 {:06}", firm.id % 1_000_000),
            "fax": null,
            "address": {
                "country": firm.country, "locality": "Musterstadt", "number": house,
                "postal_code": "00001", "street": "Beispielweg",
            },
            "roles": if number.is_multiple_of(5) { json!(["CARRIER", "FORWARDER"]) } else { json!(["CARRIER"]) },
            "status": status,
            "financial_verification_status":
                if number.is_multiple_of(4) { json!("POSITIVE") } else { json!(null) },
            "flags": [],
            "permissions": {
                "is_authorized": true, "is_blocked": status == "SUSPENDED",
                "was_authorized_at_least_once": true,
            },
        },
        "groups": groups,
        "notes": if number % 4 == 1 { json!(["prefers e-mail"]) } else { json!([]) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn there_are_sixty_routes_and_three_hundred_contracts_of_every_kind() {
        let state = state(2026);
        let own = state.routes.iter().filter(|route| route.shipper == SHIPPER);
        assert_eq!(own.clone().count(), 60);
        assert!(own.clone().any(|route| !route.is_active));
        assert!(
            own.clone()
                .any(|route| !route.spots[0]["place"]["address"]["foreign_id"].is_null())
        );
        let contracts: Vec<_> = state
            .contracts_of(SHIPPER)
            .iter()
            .map(|index| &state.contracts[*index])
            .collect();
        assert_eq!(contracts.len(), 300);
        let statuses: HashSet<&str> = contracts
            .iter()
            .map(|contract| contract.status.as_str())
            .collect();
        for status in [
            "registered",
            "waiting_for_acceptance",
            "waiting_for_initial_carrier_offer",
            "waiting_for_shipper_offer",
            "waiting_for_carrier_offer",
            "refused",
            "accepted",
            "active",
            "finished",
            "suspended_by_shipper",
        ] {
            assert!(statuses.contains(status), "{status}");
        }
        let kinds: HashSet<&str> = contracts
            .iter()
            .filter_map(|it| it.pricing["type"].as_str())
            .collect();
        assert_eq!(kinds.len(), 6, "{kinds:?}");
        assert!(
            contracts
                .iter()
                .any(|contract| contract.base_id != contract.id)
        );
    }

    #[test]
    fn some_carriers_are_partners_and_some_are_not() {
        let state = state(2026);
        let own = state
            .partners
            .iter()
            .filter(|partner| partner.owner == SHIPPER);
        let companies: HashSet<i64> = own.map(|partner| partner.company).collect();
        assert!(companies.contains(&carrier(0)));
        assert!(!companies.contains(&carrier(39)));
    }
}
