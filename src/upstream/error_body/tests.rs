use serde_json::json;

use super::*;

fn read(body: &Value) -> ErrorBody {
    ErrorBody::read(Some("application/json"), body.to_string().as_bytes())
}

fn plain(content_type: &str, body: &str) -> ErrorBody {
    ErrorBody::read(Some(content_type), body.as_bytes())
}

fn complaint(path: &[&str], rule: &str, message: &str) -> ValidationMessage {
    ValidationMessage {
        path: path.iter().map(|&part| part.to_owned()).collect(),
        rule: rule.to_owned(),
        message: message.to_owned(),
    }
}

#[test]
fn the_current_shape_of_cro_is_read() {
    let body = read(&json!({
        "field": "CreateCustomerModel.user_id", "detail": "Unknown field.",
        "explanation": "The resource could not be accessed.",
    }));
    assert_eq!(body.field.as_deref(), Some("CreateCustomerModel.user_id"));
    assert_eq!(body.detail.as_deref(), Some("Unknown field."));
    assert_eq!(
        body.explanation.as_deref(),
        Some("The resource could not be accessed.")
    );
    assert_eq!(body.title, None);
    assert!(body.validation_messages.is_empty());
}

#[test]
fn the_titled_shape_of_cro_is_read() {
    let body = read(
        &json!({ "title": "Conflict", "detail": "It exists.", "explanation": "Choose another." }),
    );
    assert_eq!(body.title.as_deref(), Some("Conflict"));
    assert_eq!(body.detail.as_deref(), Some("It exists."));
    assert_eq!(body.explanation.as_deref(), Some("Choose another."));
}

#[test]
fn a_bare_json_string_is_the_detail() {
    assert_eq!(
        read(&json!("Not valid.")).detail.as_deref(),
        Some("Not valid.")
    );
    assert_eq!(read(&json!("<html>no</html>")), ErrorBody::default());
}

#[test]
fn a_problem_is_read() {
    let body = ErrorBody::read(
        Some("application/problem+json"),
        json!({
            "type": "http://problems.example.com/400", "title": "Bad Request", "status": 400,
            "detail": "Route with ID: 1 not found!", "service_code": 5404,
        })
        .to_string()
        .as_bytes(),
    );
    assert_eq!(
        body.kind.as_deref(),
        Some("http://problems.example.com/400")
    );
    assert_eq!(body.title.as_deref(), Some("Bad Request"));
    assert_eq!(body.status, Some(400));
    assert_eq!(body.detail.as_deref(), Some("Route with ID: 1 not found!"));
    assert_eq!(body.service_code, Some(5404));
}

#[test]
fn numbers_of_a_problem_may_be_strings_or_nonsense() {
    let body = read(&json!({ "status": "422", "service_code": "5404" }));
    assert_eq!((body.status, body.service_code), (Some(422), Some(5404)));
    let body = read(&json!({ "status": -1, "statusCode": 400, "service_code": {} }));
    assert_eq!((body.status, body.service_code), (Some(400), None));
    assert_eq!(read(&json!({ "status": 1e99 })).status, None);
}

#[test]
fn nested_validation_messages_are_flattened_at_any_depth() {
    let body = read(&json!({
        "detail": "Failed Validation",
        "validation_messages": {
            "if_send_to_carrier": { "isBoolean": "two" },
            "config": { "send_to_carrier": { "equals": "three" } },
            "publication_scenario": { "data": { "order": { "isEnum": "four" } } },
        },
    }));
    assert_eq!(body.detail.as_deref(), Some("Failed Validation"));
    assert_eq!(
        body.validation_messages,
        [
            complaint(&["config", "send_to_carrier"], "equals", "three"),
            complaint(&["if_send_to_carrier"], "isBoolean", "two"),
            complaint(&["publication_scenario", "data", "order"], "isEnum", "four"),
        ]
    );
}

#[test]
fn several_rules_of_one_member_are_several_messages() {
    let body = read(
        &json!({ "validation_messages": { "capacity": { "value": { "isEmpty": "a", "invalid": "b" } } } }),
    );
    assert_eq!(
        body.validation_messages,
        [
            complaint(&["capacity", "value"], "invalid", "b"),
            complaint(&["capacity", "value"], "isEmpty", "a"),
        ]
    );
}

#[test]
fn members_of_list_elements_have_the_index_in_their_path() {
    let body =
        read(&json!({ "validation_messages": { "spots": [{}, { "type": { "isEnum": "a" } }] } }));
    assert_eq!(
        body.validation_messages,
        [complaint(&["spots", "1", "type"], "isEnum", "a")]
    );
}

#[test]
fn a_list_of_rules_is_read_without_paths() {
    let body = read(&json!({ "validation_messages": [{ "isEmpty": "Value is required" }, "odd"] }));
    assert_eq!(
        body.validation_messages,
        [
            complaint(&[], "isEmpty", "Value is required"),
            complaint(&[], "", "odd")
        ]
    );
}

#[test]
fn sentences_of_the_framework_begin_with_their_path() {
    let body = read(&json!({
        "message": ["name must be a string", "spots.0.type must be a string", "Something went wrong"],
        "error": "Bad Request", "statusCode": 400, "service_code": 5404,
    }));
    assert_eq!(
        body.validation_messages,
        [
            complaint(&["name"], "", "name must be a string"),
            complaint(&["spots", "0", "type"], "", "spots.0.type must be a string"),
            complaint(&[], "", "Something went wrong"),
        ]
    );
    assert_eq!(body.title.as_deref(), Some("Bad Request"));
    assert_eq!((body.status, body.service_code), (Some(400), Some(5404)));
    assert_eq!(
        body.detail.as_deref(),
        Some("name must be a string; spots.0.type must be a string; Something went wrong")
    );
}

#[test]
fn a_body_with_only_a_message_is_read() {
    let body = read(&json!({ "message": "Freight is not published" }));
    assert_eq!(body.detail.as_deref(), Some("Freight is not published"));
    assert!(body.validation_messages.is_empty());
}

#[test]
fn a_body_with_only_an_error_is_read() {
    let body = read(&json!({ "error": "Bulk limit reached" }));
    assert_eq!(body.detail.as_deref(), Some("Bulk limit reached"));
    assert_eq!(body.title, None);
}

#[test]
fn an_oauth_error_is_read() {
    let body = read(
        &json!({ "error": "invalid_grant", "error_description": "refresh token was already used" }),
    );
    assert_eq!(body.title.as_deref(), Some("invalid_grant"));
    assert_eq!(
        body.detail.as_deref(),
        Some("refresh token was already used")
    );
    assert_eq!(
        read(&json!({ "error": "invalid_grant" })).detail.as_deref(),
        Some("invalid_grant")
    );
}

#[test]
fn further_members_of_a_problem_are_ignored() {
    let body = read(
        &json!({ "status": 422, "detail": "Unavailable", "refresh_from": "2026-05-06T10:57:02+01:00", "x": ["y"] }),
    );
    assert_eq!(body.detail.as_deref(), Some("Unavailable"));
    assert!(body.validation_messages.is_empty());
}

#[test]
fn a_detail_alone_is_read() {
    assert_eq!(
        read(&json!({ "detail": "Invalid token." }))
            .detail
            .as_deref(),
        Some("Invalid token.")
    );
}

#[test]
fn texts_by_field_are_complaints_about_the_fields() {
    let body = read(&json!({
        "organization_name": ["This field is required."],
        "integrations": [{}, { "type": ["Not a valid choice."] }],
    }));
    assert_eq!(
        body.validation_messages,
        [
            complaint(&["integrations", "1", "type"], "", "Not a valid choice."),
            complaint(&["organization_name"], "", "This field is required."),
        ]
    );
    assert_eq!(
        body.detail.as_deref(),
        Some(
            "integrations.1.type: Not a valid choice.; organization_name: This field is required."
        )
    );
}

#[test]
fn texts_about_no_field_have_no_path() {
    let body = read(&json!({ "non_field_errors": ["Unable to log in."] }));
    assert_eq!(
        body.validation_messages,
        [complaint(&[], "", "Unable to log in.")]
    );
    assert_eq!(body.detail.as_deref(), Some("Unable to log in."));
}

#[test]
fn a_bare_list_of_texts_is_read() {
    assert_eq!(
        read(&json!(["Not allowed"])).detail.as_deref(),
        Some("Not allowed")
    );
}

#[test]
fn html_is_never_shown() {
    for html in [
        "<html><body>Sample proxy page</body></html>",
        "<!DOCTYPE html><p>no",
        "Oops </p>",
        "\u{feff}<HTML>",
        "see <html>",
    ] {
        assert_eq!(plain("text/plain", html), ErrorBody::default(), "{html}");
        assert_eq!(
            plain("application/json", html),
            ErrorBody::default(),
            "{html}"
        );
    }
    assert_eq!(
        plain("text/html; charset=utf-8", "Bad gateway"),
        ErrorBody::default()
    );
}

#[test]
fn json_is_read_whatever_the_content_type_says() {
    let body = br#"{"detail": "Not found."}"#;
    for content_type in [None, Some("text/plain"), Some("text/html")] {
        assert_eq!(
            ErrorBody::read(content_type, body).detail.as_deref(),
            Some("Not found.")
        );
    }
}

#[test]
fn plain_text_is_the_detail() {
    assert_eq!(
        plain("text/plain", " Bad gateway \n").detail.as_deref(),
        Some("Bad gateway")
    );
    assert_eq!(
        ErrorBody::read(None, b"Bad gateway").detail.as_deref(),
        Some("Bad gateway")
    );
}

#[test]
fn plain_text_is_cut_at_300_characters_and_not_within_one() {
    let detail = plain("text/plain", &"ß".repeat(400)).detail.unwrap();
    assert_eq!(detail, "ß".repeat(300));
}

#[test]
fn plain_text_with_control_characters_is_not_shown() {
    for text in ["two\nlines", "bell\u{7}", "escape \u{1b}[31m", "nul\0"] {
        assert_eq!(plain("text/plain", text), ErrorBody::default(), "{text:?}");
    }
}

#[test]
fn half_a_json_document_says_nothing() {
    for half in [r#"{"detail": "Not fou"#, r#"["a""#, r#""a"#, "{"] {
        assert_eq!(
            plain("application/json", half),
            ErrorBody::default(),
            "{half}"
        );
    }
}

#[test]
fn empty_and_meaningless_bodies_say_nothing() {
    for body in [
        "",
        "  ",
        "null",
        "17",
        "true",
        "{}",
        "[]",
        "[[]]",
        "{\"a\": 1}",
        "\"\"",
        "{\"detail\": \" \"}",
    ] {
        assert_eq!(
            plain("application/json", body),
            ErrorBody::default(),
            "{body}"
        );
    }
    assert_eq!(
        ErrorBody::read(None, &[0xff, 0xfe, 0x41]),
        ErrorBody::default()
    );
}

#[test]
fn a_text_of_a_json_body_is_cleaned_and_cut() {
    let body = read(&json!({
        "detail": "no\r\nftp://user:password@host.example",
        "title": "x".repeat(2_000),
        "validation_messages": { "a\n": { "b\n": "c\n\u{1b}d" } },
    }));
    assert_eq!(body.detail.as_deref(), Some("no  ftp://host.example"));
    assert_eq!(body.title.map(|title| title.len()), Some(MAX_TEXT_CHARS));
    assert_eq!(body.validation_messages, [complaint(&["a"], "b", "c  d")]);
}

#[test]
fn a_flood_of_complaints_is_cut() {
    let flood: Vec<_> = (0..500)
        .map(|number| format!("field{number} must be a string"))
        .collect();
    let body = read(&json!({ "message": flood }));
    assert_eq!(body.validation_messages.len(), 100);
    assert_eq!(body.detail.map(|detail| detail.len()), Some(MAX_TEXT_CHARS));
}

#[test]
fn an_enormous_body_is_not_read() {
    let body = json!({ "detail": "x".repeat(MAX_BODY_BYTES) });
    assert_eq!(read(&body), ErrorBody::default());
}

#[test]
fn a_deeply_nested_body_is_not_read() {
    let deep = format!(
        "{{\"validation_messages\":{}{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    assert_eq!(plain("application/json", &deep), ErrorBody::default());
}

#[test]
fn members_of_unexpected_types_are_left_out() {
    let body = read(&json!({
        "field": 1, "detail": { "a": "b" }, "explanation": [], "title": null, "type": true,
        "validation_messages": { "a": 1, "b": { "c": null } }, "message": { "x": 1 }, "error": ["y"],
    }));
    assert_eq!(body, ErrorBody::default());
}
