//! Every synthetic sample of the upstream references is decoded, as it is and in the disguises that the upstreams use.

mod answers;
mod disguise;

use serde_json::Value;

use self::answers::{Upstream, cro, crux, decode, trans_eu};
use self::disguise::{flag_to_number, flag_to_text, members, more_members, number_to_text, visit};
use super::cro::customer::{Customer, CustomerRow};
use super::cro::hauler::{ConnectionState, HaulerConnection};
use super::cro::page::Envelope;
use super::error_body::ErrorBody;
use super::trans_eu::contract::Contract;
use super::trans_eu::route::Route;
use crate::ids::CustomerKey;

impl Upstream {
    fn assert_every_sample_is_accounted_for(&self) {
        for name in self.samples.keys() {
            let is_decoded = self.decoders.iter().any(|(decoded, _)| decoded == name);
            let is_other = self.others.iter().any(|&other| {
                name == other || (other.ends_with(['.', '_']) && name.starts_with(other))
            });
            assert!(
                is_decoded != is_other,
                "{name} is neither decoded nor left out, or both"
            );
        }
    }

    fn assert_every_answer_is_decoded(&self) {
        for (name, body, decoder) in self.answers() {
            decoder(body).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    /// Changes all values of each answer alike; what is decoded must stay the same.
    fn assert_unchanged_by(&self, disguise: fn(&mut Value)) {
        for (name, body, decoder) in self.answers() {
            let mut disguised = body.clone();
            visit(&mut disguised, &mut |value| disguise(value));
            assert_eq!(decoder(&disguised), decoder(body), "{name}");
        }
    }

    /// Takes each member away in turn, in every way to be absent: all must decode to the same.
    fn assert_members_may_be_absent(&self) {
        for (name, body, decoder) in self.answers() {
            for (object, member) in members(body) {
                if self.required.contains(&member.as_str()) {
                    continue;
                }
                let mut body = body.clone();
                let mut decode_with = |replacement: Option<Value>| {
                    let object = body.pointer_mut(&object).and_then(Value::as_object_mut);
                    match replacement {
                        Some(value) => object.unwrap().insert(member.clone(), value),
                        None => object.unwrap().remove(&member),
                    };
                    decoder(&body)
                };
                let place = format!("{name}: {object}/{member}");
                let missing = decode_with(None);
                assert!(missing.is_ok(), "{place} missing: {missing:?}");
                assert_eq!(decode_with(Some(Value::Null)), missing, "{place} null");
                if let Some(empty) = (self.empty)(&self.value(name, &object, &member)) {
                    assert_eq!(decode_with(Some(empty)), missing, "{place} empty");
                }
            }
        }
    }

    fn value(&self, name: &str, object: &str, member: &str) -> Value {
        let body = &self.samples[name][self.body];
        body.pointer(object).unwrap()[member].clone()
    }
}

#[test]
fn every_sample_is_decoded_or_left_out_knowingly() {
    for upstream in [cro(), trans_eu(), crux()] {
        upstream.assert_every_sample_is_accounted_for();
        upstream.assert_every_answer_is_decoded();
    }
}

#[test]
fn numbers_and_flags_may_be_printed_in_any_way() {
    for upstream in [cro(), trans_eu(), crux()] {
        upstream.assert_unchanged_by(number_to_text);
        upstream.assert_unchanged_by(flag_to_text);
        upstream.assert_unchanged_by(flag_to_number);
    }
}

#[test]
fn unknown_members_are_ignored() {
    for upstream in [cro(), crux()] {
        upstream.assert_unchanged_by(more_members);
    }
    // A map of subjects has no unknown members: its keys are data.
    let mut trans_eu = trans_eu();
    let partner = &mut trans_eu.samples["partners.get"]["body"];
    partner["contractors_satisfaction"].take();
    trans_eu.assert_unchanged_by(more_members);
}

#[test]
fn every_member_but_a_key_may_be_absent_in_every_way() {
    for upstream in [cro(), trans_eu(), crux()] {
        upstream.assert_members_may_be_absent();
    }
}

#[test]
fn no_credentials_of_the_samples_survive_decoding() {
    let crux = crux();
    let raw = crux.samples["connection_request.list"]["response"].to_string();
    assert!(
        raw.contains("USER:PASSWORD@"),
        "the sample has credentials to begin with"
    );
    for (name, body, decoder) in crux.answers() {
        assert!(!decoder(body).unwrap().contains("PASSWORD"), "{name}");
    }
}

#[test]
fn the_connections_of_the_sample_hauler_are_pending_approved_and_denied() {
    let page: Envelope<HaulerConnection> =
        decode(&cro().samples["hauler_connection_list"]["response_body"]).unwrap();
    let states: Vec<_> = page.results.iter().map(HaulerConnection::status).collect();
    assert_eq!(
        states,
        [
            ConnectionState::Pending,
            ConnectionState::Approved,
            ConnectionState::Denied
        ]
    );
}

#[test]
fn the_rows_of_a_walk_make_the_customer_that_is_read_by_itself() {
    let samples = cro().samples;
    let rows = ["customer_list_page1", "customer_list_page2"]
        .into_iter()
        .flat_map(|page| {
            let page: Envelope<CustomerRow> = decode(&samples[page]["response_body"]).unwrap();
            page.results
        });
    let rows: Vec<CustomerRow> = rows.map(|row| row.in_tenant(41)).collect();
    let place = |key: &CustomerKey| (key.id == 501).then_some(0);
    let walked = CustomerRow::grouped(&rows, (1, place), true);
    let [walked] = walked.as_slice() else {
        panic!("the customer is in the rows");
    };
    let read: Customer = decode(&samples["customer_get"]["response_body"]).unwrap();
    let read = read.in_tenant(41);

    assert_eq!(walked.name(), read.name());
    assert_eq!(walked.addresses().unwrap(), read.addresses().unwrap());
    assert_eq!(walked.contacts().unwrap(), read.contacts().unwrap());
    let links = |customer: &Customer| -> Vec<_> {
        let links = customer.links.as_ref().unwrap().iter();
        links
            .map(|link| {
                (
                    link.tenant,
                    link.customer_id,
                    link.location_id,
                    link.is_active,
                    link.note(),
                )
            })
            .collect()
    };
    assert_eq!(links(walked), links(&read));
}

#[test]
fn a_contract_knows_its_route_carrier_and_price() {
    let contract: Contract =
        decode(&trans_eu().samples["contracts.get.annexWithSurcharges"]["body"]).unwrap();
    assert_ne!(contract.base_contract_id.as_ref(), Some(&contract.id));
    assert!(!contract.is_flexible());
    assert!(!contract.route.is_complete());
    assert_eq!(contract.route.spots.len(), 2);
    assert!(contract.route.loads.is_empty());
    assert_eq!(contract.carrier.company.id, 9_000_303);
    let price = contract.pricing.unwrap().price.unwrap();
    assert_eq!(
        (price.amount, price.currency.as_deref()),
        (Some(31.2), Some("EUR"))
    );
    let saturday = contract.surcharges[1].schedules[0].data.as_ref().unwrap();
    assert_eq!(saturday.week_days[0].id.as_deref(), Some("6_saturday"));
    assert_eq!(saturday.currency.as_deref(), Some("EUR"));
}

#[test]
fn a_route_read_by_itself_is_complete_and_its_prices_are_in_iso_currencies() {
    let route: Route = decode(&trans_eu().samples["routes.get"]["body"]).unwrap();
    assert!(route.is_complete());
    assert_eq!(route.loads.len(), 1);
    let prices = route.shipments_summary.unwrap().price;
    assert_eq!(prices[0].currency.as_deref(), Some("EUR"));
    assert_eq!(prices[0].raw_currency.as_deref(), Some("1_eur"));
}

/// All answers with an error body, as bytes.
fn error_bodies() -> Vec<(String, Vec<u8>)> {
    let mut bodies = Vec::new();
    for (upstream, prefix) in [
        (cro(), "error_"),
        (trans_eu(), "errors."),
        (crux(), "error."),
    ] {
        for (name, sample) in upstream
            .samples
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
        {
            let bytes = match &sample[upstream.body] {
                Value::Null => Vec::new(),
                Value::String(page) if page.starts_with('<') => page.clone().into_bytes(),
                body => body.to_string().into_bytes(),
            };
            bodies.push((name.clone(), bytes));
        }
    }
    bodies
}

#[test]
fn every_sample_of_an_error_says_something_unless_it_is_html_or_empty() {
    for (name, bytes) in error_bodies() {
        let body = ErrorBody::read(None, &bytes);
        let is_silent = bytes.is_empty() || bytes.starts_with(b"<");
        assert_eq!(body.detail.is_none(), is_silent, "{name}: {body:?}");
    }
}

#[test]
fn half_of_an_error_and_an_error_with_a_broken_byte_are_read_without_a_panic() {
    for (name, bytes) in error_bodies() {
        for length in 0..bytes.len() {
            let half = ErrorBody::read(None, &bytes[..length]);
            assert_eq!(half, ErrorBody::default(), "{name} cut at {length}");
            for byte in [0x00, 0x22, 0x5b, 0x7b, 0xff] {
                let mut broken = bytes.clone();
                broken[length] = byte;
                let _ = ErrorBody::read(None, &broken);
            }
        }
    }
}
