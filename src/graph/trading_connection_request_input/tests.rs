use async_graphql::Value;
use serde_json::json;

use super::*;
use crate::graph::input::Input;

const FILE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

fn check(change: serde_json::Value) -> Result<NewRequest, Error> {
    let mut input =
        json!({ "organizationName": "Invented Kettles", "primaryContactName": "Ada Example" });
    let members = input.as_object_mut().unwrap();
    members.extend(change.as_object().cloned().unwrap());
    let value = Value::from_json(input).unwrap();
    checked(RequestTradingConnectionInput::read(Some(&value)).unwrap())
}

/// The paths of the refused arguments.
fn blamed(change: serde_json::Value) -> String {
    let path = |error: &Error| match error {
        Error::Argument { argument, .. } => argument.join("."),
        other => panic!("{change} is refused for another reason: {other:?}"),
    };
    let error = check(change.clone()).err();
    let error = error.unwrap_or_else(|| panic!("{change} is accepted"));
    let paths: Vec<_> = error.each().iter().map(path).collect();
    paths.join(" ")
}

#[test]
fn a_short_request_is_accepted_and_blank_texts_are_left_out() {
    let request =
        check(json!({ "primaryContactPhone": " ", "additionalInformation": "" })).unwrap();
    let sent = serde_json::to_value(&request).unwrap();
    let expected =
        json!({ "organization_name": "Invented Kettles", "primary_contact_name": "Ada Example" });
    assert_eq!(sent, expected);
}

#[test]
fn integrations_and_files_are_sent_as_they_are_documented() {
    let request = check(json!({
        "additionalInformation": "first line\nsecond line",
        "integrations": [
            { "type": "ITEM", "updateFrequency": "30 6,12 * * *", "fileLocations": "ftp://USER:PASSWORD@ftp.example.com" },
            { "type": "OTHER", "rules": "None" },
        ],
        "uploadedFiles": [{ "name": "Sample", "uuid": FILE.to_uppercase() }],
    }))
    .unwrap();
    let sent = serde_json::to_value(&request).unwrap();
    assert_eq!(
        sent["integrations"],
        json!([
            { "type": "item", "update_frequency": "30 6,12 * * *", "file_locations": "ftp://USER:PASSWORD@ftp.example.com" },
            { "type": "other", "rules": "None" },
        ])
    );
    assert_eq!(
        sent["uploaded_files"],
        json!([{ "name": "Sample", "uuid": FILE }])
    );
}

#[test]
fn a_refusal_names_the_argument() {
    for (change, path) in [
        (json!({ "organizationName": " " }), "input.organizationName"),
        (
            json!({ "primaryContactName": "Ada\u{7}" }),
            "input.primaryContactName",
        ),
        (
            json!({ "primaryContactPhone": "5".repeat(21) }),
            "input.primaryContactPhone",
        ),
        (
            json!({ "primaryContactEmail": "nobody" }),
            "input.primaryContactEmail",
        ),
        (
            json!({ "primaryContactEmail": format!("{}@example.com", "a".repeat(200)) }),
            "input.primaryContactEmail",
        ),
        (
            json!({ "additionalInformation": "a\u{0}b" }),
            "input.additionalInformation",
        ),
        (
            json!({ "integrations": [{ "type": "ITEM" }, { "type": "ITEM", "updateFrequency": "1\n2" }] }),
            "input.integrations.1.updateFrequency",
        ),
        (
            json!({ "integrations": [{ "type": "ITEM", "updateFrequency": "*".repeat(201) }] }),
            "input.integrations.0.updateFrequency",
        ),
        (
            json!({ "uploadedFiles": [{ "name": "Sample", "uuid": "1" }] }),
            "input.uploadedFiles.0.uuid",
        ),
        (
            json!({ "uploadedFiles": [{ "name": "", "uuid": FILE }] }),
            "input.uploadedFiles.0.name",
        ),
        (
            json!({ "organizationName": " ", "uploadedFiles": [{ "name": "", "uuid": "1" }] }),
            "input.organizationName input.uploadedFiles.0.name input.uploadedFiles.0.uuid",
        ),
    ] {
        assert_eq!(blamed(change), path);
    }
}

#[test]
fn what_was_sent_and_not_stored_is_a_warning() {
    let sent = check(json!({
        "integrations": [{ "type": "ITEM" }],
        "uploadedFiles": [{ "name": "Sample", "uuid": FILE }],
    }))
    .unwrap();
    let stored = |integrations: serde_json::Value| -> ConnectionRequest {
        serde_json::from_value(json!({
            "record_uuid": "r", "integrations": integrations, "uploaded_files": [{ "uuid": FILE }],
        }))
        .unwrap()
    };
    assert_eq!(losses(&sent, &stored(json!([]))), [LOST_INTEGRATIONS]);
    let whole = stored(json!([{ "record_uuid": "i" }]));
    assert_eq!(losses(&sent, &whole), Vec::<&str>::new());
}
