//! The phases of a GraphQL request, each with its code.

use http::StatusCode;
use serde_json::{Value, json};

use crate::edge::{
    call::{Answer, GRAPHQL, JSON, ask, post, query},
    yard::yard,
};

/// Expects a request error: without data, 400 in the newer type and 200 in JSON.
async fn refused(parameters: Value, code: &str) -> Answer {
    let plain = post(yard(|_| {}), JSON, parameters.to_string()).await;
    assert_eq!(
        (plain.status, plain.has_data()),
        (StatusCode::OK, false),
        "{parameters}"
    );
    let answer = post(yard(|_| {}), GRAPHQL, parameters.to_string()).await;
    assert_eq!(
        (answer.status, answer.has_data()),
        (StatusCode::BAD_REQUEST, false),
        "{parameters}"
    );
    assert_eq!(answer.code(), code, "{}", answer.body);
    answer
}

#[tokio::test]
async fn a_syntax_error_has_a_place_and_does_not_repeat_the_text() {
    let answer = refused(
        json!({ "query": "{\n  hello(name: secret" }),
        "GRAPHQL_PARSE_FAILED",
    )
    .await;
    assert_eq!(answer.body["errors"][0]["locations"][0]["line"], 2);
    assert!(
        answer.message().starts_with("Syntax error: expected "),
        "{}",
        answer.message()
    );
    assert!(!answer.message().contains("secret") && !answer.message().contains('\n'));
}

#[tokio::test]
async fn a_document_that_defines_a_name_twice_does_not_parse() {
    refused(
        json!({ "query": "query A { hello } query A { hello }" }),
        "GRAPHQL_PARSE_FAILED",
    )
    .await;
    refused(
        json!({ "query": "fragment A on Query { hello }" }),
        "GRAPHQL_PARSE_FAILED",
    )
    .await;
}

#[tokio::test]
async fn a_document_that_does_not_fit_the_schema_is_invalid() {
    for document in [
        "{ nothing }",
        "{ hello { name } }",
        "{ again }",
        "{ ...A }",
        "{ hello(name: 7) }",
        "query Q($name: Int) { hello(name: $name) }",
        "query Q($name: Query) { hello }",
        "query Q($name: [Nope] = [1]) { hello }",
        "query A { hello } query B($unused: Nope! = 1) { hello }",
        "{ order(order: { count: 1 }) }",
    ] {
        let answer = ask(
            yard(|_| {}),
            json!({ "query": document, "operationName": null }),
        )
        .await;
        let codes: Vec<_> = answer.body["errors"]
            .as_array()
            .expect(document)
            .iter()
            .map(|error| &error["extensions"]["code"])
            .collect();
        assert_eq!(
            (answer.status, answer.has_data()),
            (StatusCode::BAD_REQUEST, false),
            "{document}"
        );
        assert!(
            codes
                .iter()
                .all(|code| *code == "GRAPHQL_VALIDATION_FAILED"),
            "{document}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn an_operation_is_chosen_by_its_name() {
    let both = "query A { a: hello } query B { b: hello }";
    let answer = ask(yard(|_| {}), json!({ "query": both, "operationName": "B" })).await;
    assert_eq!(answer.body, json!({ "data": { "b": "hello " } }));
    let only = ask(
        yard(|_| {}),
        json!({ "query": "query A { a: hello }", "operationName": "" }),
    )
    .await;
    assert_eq!(only.body, json!({ "data": { "a": "hello " } }));
}

#[tokio::test]
async fn an_operation_that_cannot_be_chosen_is_not_guessed() {
    for parameters in [
        json!({ "query": "query A { hello } query B { hello }" }),
        json!({ "query": "query A { hello }", "operationName": "B" }),
        json!({ "query": "{ hello }", "operationName": "B" }),
        json!({ "query": "subscription { hello }" }),
    ] {
        refused(parameters, "OPERATION_RESOLUTION_FAILURE").await;
    }
}

#[tokio::test]
async fn variables_that_do_not_fit_are_named_and_not_repeated() {
    let order = "query Q($order: Order!) { order(order: $order) }";
    for (document, variables, message) in [
        (
            "query Q($name: String!) { hello(name: $name) }",
            json!({}),
            "Variable \"$name\" of required type \"String!\" was not provided.",
        ),
        (
            "query Q($name: String!) { hello(name: $name) }",
            json!({ "name": null }),
            "Variable \"$name\": expected \"String!\", got null.",
        ),
        (
            "query Q($name: String) { hello(name: $name) }",
            json!({ "name": true }),
            "Variable \"$name\": expected \"String\", got a boolean.",
        ),
        (
            order,
            json!({ "order": { "id": "1", "parts": [{ "id": 1 }, {}] } }),
            "Variable \"$order.parts[1].id\": a value of type \"ID!\" is required.",
        ),
        (
            order,
            json!({ "order": { "id": "1", "size": "HUGE" } }),
            "Variable \"$order.size\": expected \"Size\", got a string that is none.",
        ),
        (
            order,
            json!({ "order": { "id": "1", "day": "soon" } }),
            "Variable \"$order.day\": expected \"Day\", got a string that is none.",
        ),
        (
            order,
            json!({ "order": { "id": "1", "colour": 1 } }),
            "Variable \"$order.colour\": \"Order\" has no such field.",
        ),
    ] {
        let answer = refused(
            json!({ "query": document, "variables": variables }),
            "BAD_USER_INPUT",
        )
        .await;
        assert_eq!(answer.message(), message);
        assert!(answer.body["errors"][0]["locations"][0]["column"].is_number());
    }
}

#[tokio::test]
async fn variables_that_fit_reach_the_field() {
    for (document, variables, data) in [
        (
            "query Q($name: String = \"you\") { hello(name: $name) }",
            json!({}),
            json!({ "hello": "hello you" }),
        ),
        (
            "query Q($name: String) { hello(name: $name) }",
            json!({ "other": [1] }),
            json!({ "hello": "hello " }),
        ),
        (
            "query Q($ids: [ID!]!) { ids(ids: $ids) }",
            json!({ "ids": 7 }),
            json!({ "ids": 1 }),
        ),
        (
            "query Q($order: Order!) { order(order: $order) }",
            json!({ "order": { "id": 7, "size": "LARGE", "parts": { "id": "x" }, "day": "2024-05-17" } }),
            json!({ "order": "7 x2 1" }),
        ),
        (
            "query Q($place: Place!) { place(place: $place) }",
            json!({ "place": { "name": "here" } }),
            json!({ "place": "here" }),
        ),
    ] {
        let answer = ask(
            yard(|_| {}),
            json!({ "query": document, "variables": variables }),
        )
        .await;
        assert_eq!(answer.body, json!({ "data": data }));
    }
}

#[tokio::test]
async fn an_error_of_a_field_is_beside_the_data_and_keeps_its_extensions() {
    for accept in [JSON, GRAPHQL] {
        let answer = post(yard(|_| {}), accept, r#"{"query": "{ missing hello }"}"#).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::OK, "NOT_FOUND")
        );
        assert_eq!(
            answer.body["data"],
            json!({ "missing": null, "hello": "hello " })
        );
        assert_eq!(answer.body["errors"][0]["path"], json!(["missing"]));
    }
}

#[tokio::test]
async fn data_that_an_error_has_nulled_is_still_data() {
    let answer = query(yard(|_| {}), "{ required }").await;
    assert_eq!((answer.status, answer.has_data()), (StatusCode::OK, true));
    assert_eq!(answer.body["data"], Value::Null);
    assert_eq!(answer.code(), "none");
}

#[tokio::test]
async fn a_refusal_lists_so_many_errors_and_no_more() {
    let unknown: String = (0..20).map(|index| format!(" nothing{index}")).collect();
    let router = yard(|edge| edge.max_errors = 3);
    let answer = query(router, &format!("{{{unknown} }}")).await;
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_introspection_of_tools_passes_the_limits() {
    let list = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }";
    let document = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name kind }} types {{ ...FullType }}
            directives {{ name locations args {{ ...InputValue }} }} }} }}
        fragment FullType on __Type {{ kind name specifiedByURL fields(includeDeprecated: true) {{ name
            args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated }}
            inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name }} possibleTypes {{ ...TypeRef }} }}
        fragment InputValue on __InputValue {{ name type {{ ...TypeRef }} defaultValue }}
        fragment TypeRef on __Type {{ {list} }}"
    );
    let answer = query(yard(|edge| edge.limits.depth = 3), &document).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(
        answer.body["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
    let off = query(yard(|edge| edge.introspection = false), &document).await;
    assert_eq!(off.code(), "INTROSPECTION_DISABLED");
}

#[tokio::test]
async fn a_limit_is_told_with_its_numbers() {
    let nested = format!("{{ {}hello{} }}", "again { ".repeat(15), " }".repeat(15));
    let answer = refused(json!({ "query": nested }), "GRAPHQL_VALIDATION_FAILED").await;
    let limit = &answer.body["errors"][0]["extensions"]["limit"];
    assert_eq!(
        *limit,
        json!({ "key": "limits.depth", "max": 15, "actual": 16 })
    );
}

#[tokio::test]
async fn a_deeply_nested_text_is_refused_before_it_is_parsed() {
    for open in ["{ a ", "[", "{ a(b: ["] {
        let answer = refused(
            json!({ "query": open.repeat(500) }),
            "GRAPHQL_VALIDATION_FAILED",
        )
        .await;
        assert_eq!(
            answer.body["errors"][0]["extensions"]["limit"]["key"],
            "limits.nesting"
        );
    }
}
