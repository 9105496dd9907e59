//! Creating a customer at a yard, with its addresses and contacts, unless it is a duplicate.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Map, Value};

use super::super::answer;
use super::super::clock::Moment;
use super::access::Seat;
use super::addresses::{self, CREATE_ADDRESS};
use super::contacts::{self, CREATE_CONTACT};
use super::customers::check_parent;
use super::links;
use super::model::{Kind, Model, as_bool, optional, required};
use super::query::{Params, path_id};
use super::refusal::Refusal;
use super::state::{Customer, Link, Sight, Tenant};
use super::views::Row;
use super::{Cro, Pairs};

const CREATE: Model = Model {
    name: "CreateCustomerModel",
    fields: &[
        required("name", Kind::Text(1, 64)),
        required("addresses", Kind::List(&CREATE_ADDRESS)),
        required("contacts", Kind::List(&CREATE_CONTACT)),
        optional("account_number_1", Kind::Text(0, 128)),
        optional("account_number_2", Kind::Text(0, 128)),
        optional("is_commercial", Kind::Boolean),
        optional("note", Kind::Text(0, 2048)),
        optional("parent_id", Kind::Integer),
        optional("reference_number", Kind::Text(1, 256)),
        optional("renewal_date", Kind::Datetime),
        optional("sales_rep", Kind::Text(1, 64)),
        optional("sales_rep_id", Kind::Text(0, 64)),
        optional("suspension_id", Kind::Integer),
    ],
};

pub(super) async fn create(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(yard): Path<String>,
    Query(pairs): Query<Pairs>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let yard = path_id("location_id", &yard)?;
    let params = Params::new(
        "CreateCustomerQueryParamsModel",
        pairs,
        &["max_address_edit_distance"],
    )?;
    let distance = params.integer("max_address_edit_distance")?.unwrap_or(0);
    let body = CREATE.read(&body)?;
    let mut state = api.store.write();
    let tenant = state.tenant_mut(seat.tenant)?;
    tenant.yard(yard, &Sight::Everything)?;
    if let Some(parent) = body.get("parent_id").and_then(Value::as_i64) {
        check_parent(tenant, None, parent, "CreateCustomerModel.parent_id")?;
    }
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    check_addresses(tenant, name, &body, usize::try_from(distance).unwrap_or(0))?;
    let id = add(tenant, name, &body);
    let now = Moment::now().naive();
    let mut link = Link {
        customer_id: id,
        location_id: yard,
        is_active: true,
        is_commercial: Some(false),
        created_on: now.clone(),
        last_updated_on: now,
        ..Link::default()
    };
    links::apply(&mut link, &body);
    tenant.add_link(link);
    let customer = tenant.customer(id, &Sight::Everything)?;
    Ok(answer::ok(&Row::new(
        customer,
        tenant.link(id, yard)?,
        seat.version,
    )))
}

/// There is a billing and a shipping address, and no customer of that name has one of them.
fn check_addresses(
    tenant: &Tenant,
    name: &str,
    body: &Map<String, Value>,
    distance: usize,
) -> Result<(), Refusal> {
    let addresses = objects(body, "addresses");
    let has = |flag: &str| {
        addresses
            .iter()
            .any(|one| one.get(flag).and_then(as_bool) == Some(true))
    };
    if !(has("is_billing") && has("is_shipping")) {
        let detail = "A billing and a shipping address are required.";
        return Err(Refusal::invalid("CreateCustomerModel.addresses", detail));
    }
    if is_duplicate(tenant, name, &addresses, distance) {
        return Err(Refusal::conflict(
            "A customer with this name and address exists.",
        ));
    }
    Ok(())
}

/// Stores the customer itself and gives its id.
fn add(tenant: &mut Tenant, name: &str, body: &Map<String, Value>) -> i64 {
    let id = tenant
        .customers
        .last_key_value()
        .map_or(1, |(last, _)| last + 1);
    let addresses = objects(body, "addresses")
        .into_iter()
        .map(|one| addresses::created(tenant.new_address_id(), one))
        .collect();
    let contacts = objects(body, "contacts")
        .into_iter()
        .map(|one| contacts::created(tenant.new_contact_id(), one))
        .collect();
    let now = Moment::now().naive();
    let customer = Customer {
        id,
        name: name.to_owned(),
        parent_id: body.get("parent_id").and_then(Value::as_i64),
        created_on: now.clone(),
        last_updated_on: now,
        addresses,
        contacts,
    };
    tenant.customers.insert(id, customer);
    id
}

fn objects<'a>(body: &'a Map<String, Value>, name: &str) -> Vec<&'a Map<String, Value>> {
    let items = body
        .get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    items.iter().filter_map(Value::as_object).collect()
}

/// The same name, and an address that differs by no more than so many letters.
fn is_duplicate(
    tenant: &Tenant,
    name: &str,
    addresses: &[&Map<String, Value>],
    distance: usize,
) -> bool {
    let lines: Vec<&str> = addresses
        .iter()
        .filter_map(|one| one.get("line_1").and_then(Value::as_str))
        .collect();
    tenant
        .customers
        .values()
        .filter(|customer| customer.name.eq_ignore_ascii_case(name))
        .any(|customer| {
            customer
                .addresses
                .iter()
                .filter_map(|address| address.line_1.as_deref())
                .any(|known| {
                    lines
                        .iter()
                        .any(|line| edit_distance(known, line) <= distance)
                })
        })
}

/// Levenshtein's, row by row.
fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, left) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edit_distance_counts_changed_added_and_lost_letters() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
        assert_eq!(edit_distance("", "abc"), 3);
    }
}
