use serde_json::{Value, json};

use super::*;
use crate::upstream::json::{Misfit, read_value};

fn row(value: Value) -> CustomerRow {
    read_value(&value).unwrap()
}

fn link_row(customer: i64, location: i64) -> Value {
    json!({
        "customer_id": customer, "location_id": location, "name": format!("Customer {customer}"),
        "is_active": "True", "sales_rep_id": 12, "created_on": "2021-03-02T16:20:10.867000",
        "last_updated_on": "2022-06-22T17:23:17.363000",
    })
}

fn plain_customer() -> Value {
    json!({
        "id": 501, "name": "Fictional Gravel Co", "created_on": "2021-03-02T16:20:10.447000",
        "locations": [{ "location_id": 7 }, { "customer_id": 501, "location_id": 8 }],
    })
}

#[test]
fn a_customer_read_by_itself_is_complete() {
    let customer: Customer = read_value(&plain_customer()).unwrap();
    assert!(customer.complete);
    assert_eq!(customer.links.unwrap().len(), 2);
}

#[test]
fn a_customer_without_a_list_of_yards_does_not_claim_to_have_none() {
    let customer: Customer = read_value(&json!({ "id": 1 })).unwrap();
    assert!(customer.links.is_none());
    let customer: Customer = read_value(&json!({ "id": 1, "locations": [] })).unwrap();
    assert!(customer.links.is_some_and(|links| links.is_empty()));
}

#[test]
fn the_tenant_reaches_the_links_inside_a_customer() {
    let customer: Customer = read_value(&plain_customer()).unwrap();
    let customer = customer.in_tenant(41);
    assert_eq!(customer.tenant, 41);
    for link in customer.links.unwrap() {
        assert_eq!((link.tenant, link.customer_id), (41, 501));
    }
}

#[test]
fn the_tenant_reaches_both_halves_of_a_row() {
    let row = row(link_row(501, 7)).in_tenant(41);
    assert_eq!(row.customer().tenant, 41);
    assert_eq!(row.link.unwrap().tenant, 41);
}

#[test]
fn a_row_names_its_customer_by_either_key() {
    assert_eq!(
        row(json!({ "customer_id": 501, "location_id": 7 })).customer_id(),
        501
    );
    assert_eq!(
        row(json!({ "id": 501, "location_id": 7 })).customer_id(),
        501
    );
    let both = row(json!({ "id": 9, "customer_id": 501, "location_id": 7 }));
    assert_eq!(both.customer_id(), 501);
    assert_eq!(both.link.unwrap().customer_id, 501);
}

#[test]
fn a_row_without_a_key_is_an_error() {
    let read = read_value::<CustomerRow>(&json!({ "location_id": 7 }));
    assert_eq!(read.err(), Some(Misfit));
}

#[test]
fn the_creation_of_a_row_is_the_links_and_not_the_customers() {
    let row = row(link_row(501, 7));
    assert_eq!(row.customer().created_on(), None);
    assert_eq!(
        row.link.unwrap().created_on().as_deref(),
        Some("2021-03-02T16:20:10.867000")
    );
}

#[test]
fn a_row_knows_only_its_own_yard() {
    let row = row(link_row(501, 7));
    assert_eq!(row.location_id(), Some(7));
    assert!(row.customer().links.is_none());
    assert!(!row.customer().complete);
}

#[test]
fn a_row_without_a_yard_is_a_plain_customer() {
    let row = row(plain_customer());
    assert!(row.link.is_none());
    let customer = row.customer();
    assert!(customer.complete);
    assert_eq!(customer.links.as_ref().unwrap().len(), 2);
    assert_eq!(
        customer.created_on().as_deref(),
        Some("2021-03-02T16:20:10.447000")
    );
}

/// All customers of some rows.
fn grouped(rows: &[CustomerRow], all_rows: bool) -> Vec<Arc<Customer>> {
    let keys: CustomerKeys = rows.iter().map(CustomerRow::key).collect();
    let place = |key: &CustomerKey| keys.get_index_of(key);
    CustomerRow::grouped(rows, (keys.len(), place), all_rows)
}

#[test]
fn rows_are_grouped_by_customer_in_their_order() {
    let rows = [(502, 7), (501, 7), (502, 8), (502, 7)]
        .map(|(customer, location)| row(link_row(customer, location)));
    let customers = grouped(&rows, true);
    let seen: Vec<_> = customers
        .iter()
        .map(|customer| {
            let links = customer.links.as_ref().unwrap();
            (
                customer.id,
                links
                    .iter()
                    .map(|link| link.location_id)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(seen, [(502, vec![7, 8]), (501, vec![7])]);
}

#[test]
fn some_rows_do_not_tell_all_links() {
    let customers = grouped(&[row(link_row(501, 7))], false);
    assert_eq!(customers.len(), 1);
    assert!(customers[0].links.is_none());
}

#[test]
fn equal_ids_of_two_tenants_are_two_customers() {
    let rows = [41, 42].map(|tenant| row(link_row(501, 7)).in_tenant(tenant));
    assert_eq!(grouped(&rows, true).len(), 2);
}

#[test]
fn a_sales_representative_is_named_by_a_number_or_a_text() {
    assert_eq!(
        row(link_row(501, 7))
            .link
            .unwrap()
            .sales_rep_id()
            .as_deref(),
        Some("12")
    );
    let link: LinkSettings =
        read_value(&json!({ "location_id": 7, "sales_rep_id": "b.placeholder" })).unwrap();
    assert_eq!(link.sales_rep_id().as_deref(), Some("b.placeholder"));
}

#[test]
fn an_empty_string_of_this_upstream_is_data() {
    let link: LinkSettings = read_value(&json!({ "location_id": 7, "sales_rep": "" })).unwrap();
    assert_eq!(link.sales_rep().as_deref(), Some(""));
}

#[test]
fn the_mail_addresses_of_a_contact_come_apart() {
    let contact: Contact = serde_json::from_value(
        json!({ "id": 1, "email": "desk@example.com,\n night@example.com, " }),
    )
    .unwrap();
    assert_eq!(
        contact.emails().collect::<Vec<_>>(),
        ["desk@example.com", "night@example.com"]
    );
    let silent: Contact = read_value(&json!({ "id": 1 })).unwrap();
    assert_eq!(silent.emails().count(), 0);
}

#[test]
fn a_link_is_complete_where_its_account_numbers_are_told_or_were_asked_for() {
    let silent = json!({ "customer_id": 1, "location_id": 2, "account_number_1": null });
    let telling = json!({ "customer_id": 1, "location_id": 2, "account_number_1": "A1" });
    let is_complete = |row: &CustomerRow| row.link.as_ref().unwrap().complete;
    assert!(is_complete(&row(telling)));
    let silent = row(silent);
    assert!(!is_complete(&silent) && is_complete(&silent.telling_all()));
}

#[test]
fn filters_that_differ_print_differently() {
    let name = |name: &str| CustomerFilter {
        name: Some(name.to_owned()),
        ..CustomerFilter::default()
    };
    let filters = [
        CustomerFilter::default(),
        CustomerFilter {
            active: Some(true),
            ..CustomerFilter::default()
        },
        CustomerFilter {
            is_parent: Some(true),
            ..CustomerFilter::default()
        },
        CustomerFilter {
            parent_id: Some(1),
            ..CustomerFilter::default()
        },
        CustomerFilter {
            location_id: Some(1),
            ..CustomerFilter::default()
        },
        name("a"),
        name("a\" is_parent=true"),
        CustomerFilter {
            is_parent: Some(true),
            ..name("a")
        },
        CustomerFilter {
            created_since: Some("a".to_owned()),
            ..CustomerFilter::default()
        },
        CustomerFilter {
            updated_since: Some("a".to_owned()),
            ..CustomerFilter::default()
        },
    ];
    let printed: std::collections::BTreeSet<String> =
        filters.iter().map(ToString::to_string).collect();
    assert_eq!(printed.len(), filters.len(), "{printed:?}");
}
