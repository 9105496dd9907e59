use serde_json::json;

use super::*;

fn text<'a>(manifest: &'a Manifest, name: &str) -> Option<&'a str> {
    manifest.named(name).map(|text| &**text)
}

fn apollo(operations: &Json) -> Json {
    json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations": operations })
}

#[test]
fn both_forms_name_documents_by_their_ids_and_by_their_hashes() {
    let apollo = apollo(&json!([
        { "id": "1", "name": "A", "type": "query", "body": "query A { a }" },
        { "id": "sha256:2", "name": "B", "type": "mutation", "body": "mutation B { b }" },
    ]));
    let relay = json!({ "1": "query A { a }", "sha256:2": "mutation B { b }" });
    for form in [apollo, relay] {
        let manifest = Manifest::read(form.to_string().as_bytes()).unwrap();
        assert_eq!(manifest.listed().len(), 2);
        for name in ["1", &hash_of("query A { a }")] {
            assert_eq!(text(&manifest, name), Some("query A { a }"), "{name}");
        }
        assert_eq!(text(&manifest, "2"), Some("mutation B { b }"));
        assert_eq!(text(&manifest, "3"), None);
        assert!(manifest.worded("query A { a }").is_some());
        assert!(manifest.worded("query A { a } ").is_none());
    }
}

#[test]
fn an_id_that_looks_like_the_hash_of_another_document_is_what_the_file_says() {
    let odd = hash_of("{ b }");
    let list = json!({ "first": "{ b }", odd.as_str(): "{ a }" });
    let manifest = Manifest::read(list.to_string().as_bytes()).unwrap();
    assert_eq!(text(&manifest, &odd), Some("{ a }"));
    assert_eq!(text(&manifest, "first"), Some("{ b }"));
}

#[test]
fn a_document_may_be_listed_twice_and_a_name_may_not_stand_for_two() {
    let twice = json!([{ "id": "1", "body": "{ a }" }, { "id": "1", "body": "{ a }" }]);
    assert!(Manifest::read(apollo(&twice).to_string().as_bytes()).is_ok());
    let two = json!([{ "id": "1", "body": "{ a }" }, { "id": "1", "body": "{ b }" }]);
    let reason = Manifest::read(apollo(&two).to_string().as_bytes());
    assert_eq!(reason.err().unwrap(), "\"1\" stands for two documents");
}

#[test]
fn what_is_no_list_is_refused_with_the_reason() {
    let operation = json!([{ "id": "1", "body": 7 }]);
    for (text, reason) in [
        (String::new(), "EOF"),
        ("{".to_owned(), "EOF"),
        ("[]".to_owned(), "invalid type: sequence"),
        ("{} {}".to_owned(), "trailing"),
        ("{}".to_owned(), "it lists no document"),
        (apollo(&json!([])).to_string(), "it lists no document"),
        (r#"{"1": 7}"#.to_owned(), "expected a string"),
        (apollo(&operation).to_string(), "operations[0].body: "),
        (
            json!({ "format": "other", "version": 1, "operations": [] }).to_string(),
            "it is \"other\" of version 1",
        ),
        (
            apollo(&json!([]))
                .to_string()
                .replace("\"version\":1", "\"version\":2"),
            "of version 2",
        ),
    ] {
        let said = Manifest::read(text.as_bytes()).err().unwrap();
        assert!(said.contains(reason), "{text}: {said}");
    }
}
