//! One retailer, its suppliers, a few other retailers, and everything between them.

use serde_json::{Value, json};

use super::super::accounts;
use super::super::clock::Moment;
use super::super::names;
use super::super::random::{Random, stable_uuid};
use super::state::{
    Connection, Integration, Kind, Manager, Organization, Person, Request, Setting, State,
};

const SUPPLIERS: usize = 40;
const OTHER_RETAILERS: usize = 3;
const MANAGERS: usize = 4;
const REQUESTS: usize = 160;
const SUPPLIER_REQUESTS: usize = 6;
const DISCOVERABLE: usize = 120;
const EPOCH: Moment = Moment::on(2024, 1, 9);
/// The retailer's own number, and where the suppliers begin.
const RETAILER: usize = 0;
const FIRST_SUPPLIER: usize = 1;

pub(super) fn state(seed: u64) -> State {
    let mut organizations = vec![organization(seed, 0, Kind::Retailer)];
    organizations.extend((1..=SUPPLIERS).map(|n| organization(seed, n, Kind::Supplier)));
    organizations.extend(
        (SUPPLIERS + 1..=SUPPLIERS + OTHER_RETAILERS)
            .map(|n| organization(seed, n, Kind::Retailer)),
    );
    let discovery = (0..DISCOVERABLE)
        .map(|n| discoverable(seed, n, &organizations))
        .collect();
    State {
        seed,
        created: 0,
        managers: (0..MANAGERS).map(|n| manager(seed, n)).collect(),
        connections: connections(seed),
        requests: requests(seed),
        discovery,
        notifications: notifications(seed),
        settings: settings(seed),
        uploads: Vec::new(),
        organizations,
    }
}

fn id(seed: u64, kind: &str, n: usize) -> String {
    stable_uuid(seed, kind, n).to_string()
}

fn days(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(0)
}

fn firm(n: usize) -> String {
    let name = names::maker(n);
    if n % 5 == 2 {
        format!("{name}, Ltd")
    } else {
        name
    }
}

fn organization(seed: u64, n: usize, kind: Kind) -> Organization {
    let name = firm(n);
    let host = format!("{}.example.com", names::host(&name));
    let created = EPOCH.plus_days(days(n * 3)).plus_seconds(30_615);
    Organization {
        id: id(seed, "organization", n),
        party: id(seed, "party", n),
        kind,
        website: if n % 3 == 1 {
            format!("https://www.{host}")
        } else {
            host
        },
        name,
        status: if n % 9 == 8 { "PENDING" } else { "ACTIVE" },
        created_date: if n.is_multiple_of(4) {
            created.zulu()
        } else {
            created.plus_micros(120_934).zulu()
        },
        manager: (n % 3 != 2).then_some(n % MANAGERS),
        contact: person(
            seed,
            n * 3 + 7,
            if n.is_multiple_of(2) {
                Some("Buyer")
            } else {
                None
            },
        ),
    }
}

fn person(seed: u64, n: usize, job_title: Option<&'static str>) -> Person {
    // A few have no name, or one with a stray space.
    let (first, last) = match n % 17 {
        5 => (String::new(), String::new()),
        8 => (format!("{} ", names::given(n)), names::family(n).to_owned()),
        _ => (names::given(n).to_owned(), names::family(n).to_owned()),
    };
    Person {
        uuid: id(seed, "person", n),
        first_name: first,
        last_name: last,
        email: names::mail(n),
        phone: match n % 4 {
            0 => None,
            1 => Some(format!("({}", names::phone(n).replacen('-', ")555-", 1))),
            2 => Some(format!("1-555-{}x40", names::phone(n))),
            _ => Some(names::phone(n)),
        },
        job_title,
    }
}

fn manager(seed: u64, n: usize) -> Manager {
    Manager {
        uuid: id(seed, "manager", n),
        person: person(seed, n + 1000, Some("Account Manager")),
    }
}

/// The retailer knows all suppliers; the supplier account also serves the other retailers.
fn connections(seed: u64) -> Vec<Connection> {
    let own = (0..SUPPLIERS).map(|n| (RETAILER, FIRST_SUPPLIER + n));
    let others = (1..=OTHER_RETAILERS).map(|n| (SUPPLIERS + n, FIRST_SUPPLIER));
    own.chain(others)
        .enumerate()
        .map(|(n, (retailer, supplier))| Connection {
            id: id(seed, "connection", n),
            retailer,
            supplier,
            status: match n % 8 {
                6 => "CONFIRMATION WAITING",
                7 => "DEACTIVATED",
                _ => "ACTIVE",
            },
            manager: n % MANAGERS,
            suppliers_retailer_account_number: account_number(n),
            retailers_supplier_account_number: match n % 3 {
                0 => Some(format!("RS-{:03}", n + 90)),
                1 => Some(String::new()),
                _ => None,
            },
        })
        .collect()
}

/// Every other one is the account number of a customer in the CRO stand-in's first tenant.
fn account_number(n: usize) -> Option<String> {
    match n % 4 {
        0 | 2 => {
            let customer = days(n) * 6 + 1;
            let customer = (customer..)
                .find(|it| accounts::has_number(*it))
                .unwrap_or(customer);
            Some(accounts::number(customer))
        }
        1 => Some(String::new()),
        _ => None,
    }
}

fn requests(seed: u64) -> Vec<Request> {
    let mut random = Random::new(seed, "connection requests");
    (0..REQUESTS + SUPPLIER_REQUESTS)
        .map(|n| {
            let owner = if n < REQUESTS {
                RETAILER
            } else {
                FIRST_SUPPLIER
            };
            request(seed, &mut random, n, owner)
        })
        .collect()
}

fn request(seed: u64, random: &mut Random, n: usize, owner: usize) -> Request {
    let date = EPOCH.plus_days(days(n) * 2).date();
    // The first ones ask for suppliers that are connected by now.
    let name = if n < SUPPLIERS {
        firm(FIRST_SUPPLIER + n)
    } else {
        names::maker(n + 200)
    };
    let count = random.below(4);
    let integrations = (0..count)
        .map(|step| integration(seed, n * 4 + step, &date))
        .collect();
    let files: Vec<Value> = (0..random.below(3))
        .map(|step| {
            let name = if step == 0 {
                "Sample item feed"
            } else {
                "Order layout"
            };
            json!({ "name": name, "uuid": id(seed, "file", n * 2 + step) })
        })
        .collect();
    Request {
        id: id(seed, "connection request", n),
        owner,
        org_name: name,
        org_contact_full_name: names::person(n * 5 + 2),
        primary_contact_phone: (n % 6 != 5).then(|| names::phone(n + 300)),
        primary_contact_email: (n % 7 != 6).then(|| names::mail(n * 5 + 2)),
        account_number: match n % 3 {
            0 => Some(format!("JL-{:04}", 4700 + n)),
            1 => Some(String::new()),
            _ => None,
        },
        additional_information: match n % 4 {
            0 => Some("Layout is described at https://docs.example.com/layout".to_owned()),
            1 => Some("See ftp://USER:PASSWORD@ftp.example.com/specs for samples".to_owned()),
            2 => Some(String::new()),
            _ => None,
        },
        request_date: date,
        approved_by: (n < SUPPLIERS || random.percent(40)).then_some(n % MANAGERS),
        integrations,
        uploaded_files: Value::Array(files),
    }
}

/// Some hold credentials, on purpose: placeholders for tests of redaction.
fn integration(seed: u64, n: usize, date: &str) -> Integration {
    const KINDS: [&str; 6] = [
        "items",
        "orders",
        "other",
        "allocation",
        "tracking",
        "invoices",
    ];
    const SECRET: &str = "ftp://USER:PASSWORD@ftp.example.com/misc";
    Integration {
        record_uuid: id(seed, "integration", n),
        integration_type: KINDS[n % KINDS.len()].to_owned(),
        update_frequency: match n % 5 {
            0 => None,
            1 => Some(SECRET.to_owned()),
            _ => Some("* 15 6 * * 1".to_owned()),
        },
        feed_source_file_locations: match n % 4 {
            0 => None,
            1 => Some(SECRET.to_owned()),
            2 => Some("https://files.example.com/orders/".to_owned()),
            _ => Some("file_locations".to_owned()),
        },
        file_specs: n
            .is_multiple_of(3)
            .then(|| "Tab separated, UTF-8".to_owned()),
        rules: n
            .is_multiple_of(2)
            .then(|| "Skip discontinued rows".to_owned()),
        date_created: date.to_owned(),
    }
}

/// The first suppliers in discovery are the connected ones, under their supplier ids.
fn discoverable(seed: u64, n: usize, organizations: &[Organization]) -> Value {
    let known = organizations
        .get(FIRST_SUPPLIER + n)
        .filter(|it| it.kind == Kind::Supplier);
    let name = known.map_or_else(
        || {
            if n % 20 == 19 {
                format!("{n} Corners Supply")
            } else {
                names::maker(n + 400)
            }
        },
        |organization| organization.name.clone(),
    );
    let party = known.map_or_else(|| id(seed, "party", n + 1000), |it| it.party.clone());
    let mut record = json!({
        "uuid": party,
        "website": format!("{}.example.com", names::host(&name)),
        "name": name,
        "description": if n.is_multiple_of(3) { Value::Null } else { json!("Sample goods of many kinds") },
        "fulfillment_percentage": if n.is_multiple_of(4) { json!(0) } else { json!(97.25) },
        "number_of_skus": n * 37 % 900,
        "contact": person(seed, n * 3 + 2000, n.is_multiple_of(2).then_some("Sales")),
    });
    // Documented, absent from the samples: some have it.
    if n.is_multiple_of(5) {
        record["shipping_origin_country_name"] = json!("Canada");
    }
    json!({ "record": record, "days": n * 5 })
}

fn notifications(seed: u64) -> Vec<Value> {
    const TITLES: [&str; 3] = [
        "API Errors",
        "New supplier in your category",
        "Order delayed",
    ];
    (0..12)
        .map(|n| {
            let created = Moment::on(2024, 3, 6)
                .plus_days(days(n))
                .plus_seconds(74_462);
            json!({
                "uuid": id(seed, "notification", n),
                "title": TITLES[n % TITLES.len()],
                "created_at": created.plus_micros(497_923).zulu(),
                "type": "Dashboard",
            })
        })
        .collect()
}

fn settings(seed: u64) -> Vec<Setting> {
    const NAMES: [(&str, &str, &str); 4] = [
        ("orders/created", "Order Created", "Orders"),
        ("invoice/due", "Invoice Due", "Billing"),
        ("inventory/low", "Low Inventory", "Inventory"),
        ("api/errors", "API Errors", "Miscellaneous"),
    ];
    NAMES
        .into_iter()
        .enumerate()
        .map(|(n, (name, display_name, domain))| Setting {
            id: id(seed, "notification setting", n),
            name,
            display_name,
            domain,
            ways: if n == 0 {
                Vec::new()
            } else {
                vec![
                    ("Dashboard".to_owned(), "Daily".to_owned(), n % 2 == 0),
                    ("email".to_owned(), "Twice a day".to_owned(), true),
                ]
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_requests_and_connections_of_every_kind() {
        let state = state(2026);
        let own = state
            .requests
            .iter()
            .filter(|request| request.owner == RETAILER);
        assert!(own.clone().count() >= 150);
        assert!(own.clone().any(|request| request.approved_by.is_some()));
        assert!(own.clone().any(|request| request.approved_by.is_none()));
        assert!(
            own.clone()
                .any(|request| request.account_number.as_deref() == Some(""))
        );
        for status in ["ACTIVE", "CONFIRMATION WAITING", "DEACTIVATED"] {
            assert!(
                state.connections.iter().any(|it| it.status == status),
                "{status}"
            );
        }
        assert_eq!(state.discovery.len(), DISCOVERABLE);
    }

    #[test]
    fn some_account_numbers_belong_to_customers() {
        let numbers: Vec<String> = (0..SUPPLIERS).filter_map(account_number).collect();
        let customers: Vec<String> = (1..=500)
            .filter(|id| accounts::has_number(*id))
            .map(accounts::number)
            .collect();
        let shared = numbers
            .iter()
            .filter(|number| customers.contains(number))
            .count();
        assert_eq!(shared, 20);
    }
}
