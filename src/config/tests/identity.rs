use super::*;

#[test]
fn secrets_appear_in_no_debug_output_and_in_no_mistake() {
    let file = "trans_eu.api_key = \"hush-hush\"
        documents.trusted.operator_key = \"hush-hush-of-more-than-32-letters\"";
    let config = load(file, &[]).unwrap();
    assert!(!format!("{config:#?}").contains("hush"));
    assert!(!config.identity_report().contains("hush"));
    assert!(!serde_json::to_string(&config).unwrap().contains("hush"));

    let environment = [
        ("HAULGRAPH_TRANS_EU__API_KEY", "hush hush"),
        (
            "HAULGRAPH_CRO__BASE_URL",
            "https://user:hush@cro.example.com",
        ),
        (
            "HAULGRAPH_CRUX__BASE_URL",
            "https://user:hush@crux.example.com:port",
        ),
    ];
    let found = load(file, &environment).unwrap_err();
    assert_eq!(found.0.len(), 3);
    assert!(!format!("{found} {found:?}").contains("hush"), "{found}");
}

#[test]
fn the_identity_report_says_where_each_header_goes() {
    let config = load("[trans_eu]\nbase_url = \"https://t.example.com\"", &[]).unwrap();
    assert_eq!(
        config.identity_report(),
        "\
caller's header           upstream      sent as
authorization             CRO Software  Authorization
x-tenant-id               CRO Software  x-tenant-id    with x-api-version 2019/02/08
x-trans-eu-authorization  Trans.eu      Authorization
api-key                   Trans.eu      Api-key        no trans_eu.api_key to fall back to
x-crux-authorization      Crux Connect  Authorization
CRO Software is off: no cro.base_url
Crux Connect is off: no crux.base_url
"
    );
}

#[test]
fn one_identity_provider_for_all_upstreams_is_allowed_and_reported() {
    let environment = [
        (
            "HAULGRAPH_TRANS_EU__IDENTITY__AUTHORIZATION",
            "authorization",
        ),
        ("HAULGRAPH_CRUX__IDENTITY__AUTHORIZATION", "Authorization"),
    ];
    let report = load("", &environment).unwrap().identity_report();
    let note = "note: `authorization` is one credential for CRO Software, Trans.eu, Crux Connect\n";
    assert!(report.ends_with(note), "{report}");
}

#[test]
fn a_credential_cannot_be_sent_on_in_two_roles() {
    assert_eq!(
        mistakes("[cro.identity]\ntenant = \"X-Crux-Authorization\"", &[]),
        [
            "crux.identity.authorization: `x-crux-authorization` is already sent as x-tenant-id by `cro.identity.tenant`, so it cannot be sent as Authorization too"
        ]
    );
    let api_key = [("HAULGRAPH_TRANS_EU__IDENTITY__API_KEY", "authorization")];
    assert_eq!(mistakes("", &api_key).len(), 1);
}
