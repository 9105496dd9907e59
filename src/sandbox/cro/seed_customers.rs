//! Customers, their addresses and contacts, and the yards that serve them.

use serde_json::{Number, Value, json};

use super::super::accounts;
use super::super::clock::Moment;
use super::super::names;
use super::super::random::Random;
use super::seed::Plan;
use super::state::{Address, Contact, Customer, Link, Tenant};

/// How many yards serve the customers, ten by ten: 22 rows for 10 customers.
const LINKS: [usize; 10] = [1, 2, 3, 2, 4, 1, 2, 3, 2, 2];
const EPOCH: Moment = Moment::on(2018, 6, 13).plus_seconds(71_420);
/// Between two rows: 1100 rows fill about four years.
const STEP: i64 = 115_321;

pub(super) fn fill(tenant: &mut Tenant, plan: &Plan, seed: u64) {
    let mut random = Random::new(seed, tenant.code.as_str());
    let mut born = Vec::new();
    for id in 1..=plan.customers {
        let created = EPOCH.plus_seconds(id * STEP).plus_micros(447_000);
        let customer = customer(tenant, &mut random, id, created);
        tenant.customers.insert(id, customer);
        born.push(created);
    }
    let yards = i64::try_from(plan.yards.len()).unwrap_or(1);
    // Round by round, so that the rows of one customer lie far apart.
    for round in 0..4 {
        for id in 1..=plan.customers {
            let n = usize::try_from(id).unwrap_or(0);
            let wanted = LINKS[(n - 1) % LINKS.len()].min(plan.yards.len());
            if round < wanted {
                let step = i64::try_from(round).unwrap_or(0);
                // Seven is coprime to the numbers of yards, so a customer meets no yard twice.
                let yard = (id + step * 7) % yards + 1;
                let created = if round == 0 {
                    born[n - 1].plus_micros(420_000)
                } else {
                    let rows = i64::try_from(tenant.links.len()).unwrap_or(0);
                    EPOCH.plus_seconds((rows + 1) * STEP).plus_micros(223_000)
                };
                let link = link(&mut random, id, yard, created, round);
                tenant.add_link(link);
            }
        }
    }
}

fn customer(tenant: &mut Tenant, random: &mut Random, id: i64, created: Moment) -> Customer {
    let n = usize::try_from(id).unwrap_or(0) + usize::try_from(tenant.id).unwrap_or(0) * 3;
    // Every eighth customer has children: the four after it, minus the last one.
    let parent_id = match id % 8 {
        1..=3 if id > 8 => Some(id - id % 8),
        _ => None,
    };
    let name = match parent_id {
        None => names::firm(n),
        Some(_) => format!("{} - Site {}", names::firm(n), id % 8),
    };
    let addresses = (0..1 + id % 3)
        .map(|step| address(tenant.new_address_id(), random, n, step))
        .collect();
    let contacts = (0..id % 3)
        .map(|step| contact(tenant.new_contact_id(), random, n, step))
        .collect();
    let updated = created.plus_days(random.between(0, 400));
    Customer {
        id,
        name,
        parent_id,
        // A few rows carry milliseconds only.
        created_on: if id % 9 == 0 {
            created.naive_millis()
        } else {
            created.naive()
        },
        last_updated_on: updated.naive(),
        addresses,
        contacts,
    }
}

/// The first address is billing and shipping; the others vary, and some hold nothing at all.
fn address(id: i64, random: &mut Random, n: usize, step: i64) -> Address {
    let (town, postcode, latitude, longitude) = *random.pick(&names::TOWNS);
    let first = step == 0;
    let mut address = Address {
        country: if random.percent(60) {
            Some("US".into())
        } else {
            None
        },
        id,
        is_active: first || !random.percent(20),
        is_billing: first,
        is_physical: random.percent(50),
        is_shipping: first || random.percent(50),
        latitude: degrees(latitude, random),
        line_1: Some(names::street(n + usize::try_from(step).unwrap_or(0) * 13)),
        line_2: random.percent(15).then(|| format!("Suite {}", n % 40 + 1)),
        line_3: None,
        line_4: random.percent(10).then(|| "Sample County".to_owned()),
        locality: Some(town.into()),
        longitude: degrees(longitude, random),
        postcode: Some(postcode.into()),
        region: Some("OR".into()),
    };
    if !first && random.percent(12) {
        address = Address {
            country: None,
            latitude: None,
            line_1: None,
            line_2: None,
            line_4: None,
            locality: None,
            longitude: None,
            postcode: None,
            region: None,
            ..address
        };
    }
    address
}

/// Mostly a fraction, now and then a whole number, as in the samples.
fn degrees(hundredths: i64, random: &mut Random) -> Option<Number> {
    if random.percent(5) {
        return Some(Number::from(hundredths / 100));
    }
    let ten_thousandths = hundredths * 100 + random.between(0, 99);
    let text = format!(
        "{}{}.{:04}",
        if ten_thousandths < 0 { "-" } else { "" },
        ten_thousandths.abs() / 10_000,
        ten_thousandths.abs() % 10_000
    );
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

fn contact(id: i64, random: &mut Random, n: usize, step: i64) -> Contact {
    let who = n * 5 + usize::try_from(step).unwrap_or(0);
    let email = match random.below(10) {
        0 => None,
        1 => Some(format!("{},\n {}", names::mail(who), names::mail(who + 1))),
        2 => Some(format!("{}, night@example.com", names::mail(who))),
        3 => Some(String::new()),
        _ => Some(names::mail(who)),
    };
    Contact {
        email,
        fax: random.percent(15).then(|| names::phone(who + 500)),
        id,
        name: if random.percent(90) {
            Some(names::person(who))
        } else {
            None
        },
        notify_on_acknowledged_request: false,
        notify_on_completed_request: random.percent(50),
        notify_on_dispatched_request: random.percent(50),
        notify_on_failed_request: random.percent(70),
        notify_on_new_request: random.percent(30),
        number: if random.percent(85) {
            Some(names::phone(who))
        } else {
            None
        },
    }
}

fn link(random: &mut Random, customer: i64, yard: i64, created: Moment, round: usize) -> Link {
    const NOTES: [&str; 5] = [
        "Gate code on file",
        "Call before delivery",
        "Exempt from fuel surcharge",
        "Place bin behind the shed",
        "No pickup on Fridays",
    ];
    let numbered = accounts::has_number(customer);
    Link {
        customer_id: customer,
        location_id: yard,
        // The first yard of a customer stays; later ones come and go.
        is_active: if round == 0 {
            !random.percent(4)
        } else {
            !random.percent(25)
        },
        is_commercial: if random.percent(8) {
            None
        } else {
            Some(random.percent(60))
        },
        note: random
            .percent(40)
            .then(|| (*random.pick(&NOTES)).to_owned()),
        // All rows of one customer carry the customer's account number, or none does.
        reference_number: numbered.then(|| accounts::number(customer)),
        renewal_date: random.percent(10).then(|| {
            Moment::on(2030, 1, 1)
                .plus_days(random.between(0, 700))
                .naive()
        }),
        sales_rep: match random.below(4) {
            0 => None,
            1 => Some(String::new()),
            _ => Some(names::person(random.below(12))),
        },
        sales_rep_id: match random.below(8) {
            0 => json!("42"),
            1 => json!(random.between(300, 308)),
            2 => json!("sample_sales"),
            _ => Value::Null,
        },
        suspension_id: random.percent(3).then(|| random.between(1, 40)),
        account_number_1: random.percent(30).then(|| format!("A1-{customer:04}")),
        account_number_2: None,
        created_on: created.naive(),
        last_updated_on: created.plus_days(random.between(0, 300)).naive(),
    }
}
