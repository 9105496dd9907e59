use async_graphql::Value;
use serde_json::json;
use uuid::Uuid;

use super::{
    comparison::{LOST_FILES, LOST_INTEGRATIONS, MORE_INTEGRATIONS, differences},
    *,
};
use crate::{graph::input::Input, upstream::crux::request::SentLists};

const KNOWN: Uuid = Uuid::from_u128(7);

fn check(change: serde_json::Value) -> Result<RequestChange, Error> {
    let mut input = json!({ "requestId": KNOWN.to_string() });
    let members = input.as_object_mut().unwrap();
    members.extend(change.as_object().cloned().unwrap());
    let value = Value::from_json(input).unwrap();
    let input = UpdateTradingConnectionRequestInput::read(Some(&value)).unwrap();
    checked(input).map(|(_, change)| change)
}

#[test]
fn a_text_is_left_alone_cleared_or_set() {
    let change =
        check(json!({ "primaryContactPhone": null, "additionalInformation": " ", "primaryContactEmail": "a@example.com" }))
            .unwrap();
    assert_eq!(change.primary_contact_phone, Some(None));
    assert_eq!(change.additional_information, Some(None));
    let email = Some(Some("a@example.com".to_owned()));
    assert_eq!(change.primary_contact_email, email);
    assert_eq!(change.account_number, None);
}

#[test]
fn a_refusal_names_the_argument() {
    for (change, path) in [
        (json!({}), "input"),
        (
            json!({ "organizationName": null, "integrations": [] }),
            "input",
        ),
        (json!({ "organizationName": " " }), "input.organizationName"),
        (
            json!({ "primaryContactPhone": "5".repeat(21) }),
            "input.primaryContactPhone",
        ),
        (
            json!({ "integrations": [{ "rules": "None" }] }),
            "input.integrations.0.type",
        ),
        (
            json!({ "integrations": [{ "integrationId": "7" }] }),
            "input.integrations.0.integrationId",
        ),
        (
            json!({ "integrations": [{ "type": "ITEM", "updateFrequency": "1\n2" }] }),
            "input.integrations.0.updateFrequency",
        ),
        (
            json!({ "addedFiles": [{ "name": "Sample", "uuid": "1" }] }),
            "input.addedFiles.0.uuid",
        ),
    ] {
        let error = check(change.clone()).err();
        match error.as_ref().map(Error::each) {
            Some([Error::Argument { argument, .. }]) => assert_eq!(argument.join("."), path),
            _ => panic!("{change} is not refused for one argument"),
        }
    }
}

fn stored(members: serde_json::Value) -> ConnectionRequest {
    let mut request = json!({ "record_uuid": "r" });
    let all = request.as_object_mut().unwrap();
    all.extend(members.as_object().cloned().unwrap());
    serde_json::from_value(request).unwrap()
}

#[test]
fn what_was_stored_as_it_was_sent_is_no_warning() {
    let change = check(json!({
        "primaryContactPhone": null,
        "organizationAccountNumber": "S-1",
        "additionalInformation": "see ftp://USER:PASSWORD@ftp.example.com ",
        "integrations": [{ "integrationId": KNOWN.to_string(), "type": "ITEM", "updateFrequency": "45 5 * * *",
            "fileLocations": "ftp://USER:PASSWORD@ftp.example.com/in" }],
    }))
    .unwrap();
    let sent = SentLists {
        integrations: 1,
        known_integrations: vec![KNOWN],
        files: vec![],
    };
    let stored = stored(json!({
        "supplier_account_number": "S-1", "primary_contact_phone": "",
        "additional_information": "see ftp://USER:PASSWORD@ftp.example.com",
        "integrations": [{ "record_uuid": KNOWN.to_string(), "integration_type": "items", "update_frequency": "* 45 5 * * *",
            "feed_source_file_locations": "ftp://USER:PASSWORD@ftp.example.com/in" }],
    }));
    assert_eq!(differences(&change, &sent, &stored), Vec::<String>::new());
}

#[test]
fn what_was_stored_otherwise_is_named_and_not_repeated() {
    let change = check(json!({
        "organizationName": "Invented Kettles", "primaryContactPhone": null,
        "integrations": [{ "integrationId": KNOWN.to_string(), "type": "ORDER", "rules": "ftp://USER:PASSWORD@ftp.example.com" }],
    }))
    .unwrap();
    let sent = SentLists {
        integrations: 1,
        known_integrations: vec![KNOWN],
        files: vec![Uuid::from_u128(9)],
    };
    let stored = stored(json!({
        "org_name": "Other Kettles", "primary_contact_phone": "555-0100",
        "integrations": [
            { "record_uuid": KNOWN.to_string(), "integration_type": "items", "rules": "None" },
            { "record_uuid": "another" },
        ],
    }));
    let warnings = differences(&change, &sent, &stored);
    let named = ["organizationName", "primaryContactPhone", "type", "rules"];
    for (warning, name) in warnings.iter().zip(named) {
        assert!(warning.contains(&format!("`{name}`")), "{warning}");
    }
    assert_eq!(warnings[4..], [MORE_INTEGRATIONS, LOST_FILES]);
    assert!(!warnings.concat().contains("PASSWORD"));
}

#[test]
fn a_data_exchange_that_is_gone_is_a_warning() {
    let change =
        check(json!({ "integrations": [{ "integrationId": KNOWN.to_string(), "rules": "None" }] }))
            .unwrap();
    let sent = SentLists {
        integrations: 1,
        known_integrations: vec![KNOWN],
        files: vec![],
    };
    let gone = stored(json!({ "integrations": [{ "record_uuid": "another" }] }));
    assert_eq!(differences(&change, &sent, &gone), [LOST_INTEGRATIONS]);
}
