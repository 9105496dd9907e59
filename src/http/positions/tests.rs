use async_graphql::parser::parse_query;

use super::*;

const SDL: &str = "
    input Order { id: ID!, count: Int! = 2, parts: [Order!] }
    input Place @oneOf { id: ID, name: String }
    interface Node { text(value: String): Node }
    type Query implements Node {
        text(value: String): Node
        need(value: String!): Query
        default(value: String! = \"a\"): Query
        list(values: [String!]): [Query!]!
        order(order: Order): Query
        place(place: Place): Query
    }
    type Mutation { text(value: Int): Query }
";

fn messages(document: &str) -> Vec<String> {
    let schema = PublishedSchema::parse(SDL, |_, _| true).unwrap();
    match check(&parse_query(document).unwrap(), &schema) {
        Ok(()) => Vec::new(),
        Err(refusal) => refusal
            .errors
            .into_iter()
            .map(|error| error.message)
            .collect(),
    }
}

#[test]
fn a_variable_stands_where_its_type_fits() {
    for document in [
        "query($x: String) { text(value: $x) { __typename } }",
        "query($x: String!) { text(value: $x) { __typename } }",
        "query($x: String = \"a\") { need(value: $x) { __typename } }",
        "query($x: String) { default(value: $x) { __typename } }",
        "query($x: [String!]!) { list(values: $x) { __typename } }",
        "query($x: String!) { list(values: [$x]) { __typename } }",
        "query($x: Int) { order(order: { id: 1, count: $x }) { __typename } }",
        "query($x: ID!) { order(order: { id: 1, parts: { id: $x } }) { __typename } }",
        "query($x: ID!) { place(place: { id: $x }) { __typename } }",
        "query($x: Boolean!) { text @include(if: $x) { __typename } }",
        "mutation($x: Int) { text(value: $x) { __typename } }",
        "query { nothing(value: $y) { more(value: $y) } }",
        "query($x: Int) { text(nothing: $x) { __typename } }",
    ] {
        assert_eq!(messages(document), [""; 0], "{document}");
    }
}

/// Documents, each with the type of `$x` and the type that its place takes.
const MISPLACED: &[(&str, &str, &str)] = &[
    (
        "query($x: Int) { text(value: $x) { __typename } }",
        "Int",
        "String",
    ),
    (
        "query($x: String) { need(value: $x) { __typename } }",
        "String",
        "String!",
    ),
    (
        "query($x: String = null) { need(value: $x) { __typename } }",
        "String",
        "String!",
    ),
    (
        "query($x: Int = 1) { need(value: $x) { __typename } }",
        "Int",
        "String!",
    ),
    (
        "query($x: [String]) { list(values: $x) { __typename } }",
        "[String]",
        "[String!]",
    ),
    (
        "query($x: String!) { list(values: $x) { __typename } }",
        "String!",
        "[String!]",
    ),
    (
        "query($x: String) { list(values: [$x]) { __typename } }",
        "String",
        "String!",
    ),
    (
        "query($x: ID) { order(order: { id: 1, parts: [{ id: $x }] }) { __typename } }",
        "ID",
        "ID!",
    ),
    (
        "query($x: Boolean) { text @skip(if: $x) { __typename } }",
        "Boolean",
        "Boolean!",
    ),
    (
        "mutation($x: String) { text(value: $x) { __typename } }",
        "String",
        "Int",
    ),
    (
        "query($x: Int) { text { ... on Query { list { text(value: $x) { __typename } } } } }",
        "Int",
        "String",
    ),
    (
        "query($x: Int) { text { text(value: $x) { __typename } } }",
        "Int",
        "String",
    ),
];

#[test]
fn a_variable_elsewhere_is_refused() {
    for (document, given, wanted) in MISPLACED {
        let message = format!(
            "Variable \"$x\" of type \"{given}\" used in position expecting type \"{wanted}\"."
        );
        assert_eq!(messages(document), [message], "{document}");
    }
}

#[test]
fn a_nullable_variable_is_not_the_one_of_an_input() {
    let found = messages("query($x: ID) { place(place: { id: $x }) { __typename } }");
    assert_eq!(
        found,
        ["Variable \"$x\" of type \"ID\" must not be nullable in a @oneOf input."]
    );
}

#[test]
fn fragments_are_judged_by_each_operation_that_reaches_them() {
    let fragments =
        "fragment A on Query { ...B } fragment B on Query { text(value: $x) { __typename } }";
    assert_eq!(
        messages(&format!("query($x: String) {{ ...A ...A }} {fragments}")),
        [""; 0]
    );
    assert_eq!(
        messages(&format!("query($x: Int) {{ ...A ...B }} {fragments}")).len(),
        1
    );
    let two =
        "query One($x: Int) { ...A } query Two($x: Boolean) { ...B } query Three { __typename }";
    assert_eq!(messages(&format!("{two} {fragments}")).len(), 2);
}

#[test]
fn a_type_that_is_no_input_type_is_named() {
    for (ty, name) in [("Query", "Query"), ("[Nope!] = [1]", "Nope")] {
        let found = messages(&format!(
            "query A {{ __typename }} query B($x: {ty}) {{ __typename }}"
        ));
        assert_eq!(
            found,
            [format!(
                "Variable \"$x\" is of type \"{name}\", which is no input type."
            )]
        );
    }
}

#[test]
fn a_value_around_a_variable_is_judged_without_it() {
    for (value, why) in [
        (
            "place: { nothing: $x }",
            "nothing: \"Place\" has no such field",
        ),
        (
            "place: { id: $x, name: \"a\" }",
            "\"Place\" takes exactly one of its fields, and not null",
        ),
        (
            "order: { parts: { id: $x } }",
            "id: a value of type \"ID!\" is required",
        ),
        (
            "order: { id: $x, count: \"2\" }",
            "count: expected \"Int\", got a string that is none",
        ),
        (
            "order: { id: 1, parts: [{ id: $x, size: 3 }] }",
            "parts[0].size: \"Order\" has no such field",
        ),
    ] {
        let (argument, _) = value.split_once(':').unwrap();
        let document = format!(
            "query($x: ID!) {{ {argument}({value}) {{ ...F }} }} fragment F on Query {{ __typename }}"
        );
        let message = format!("Invalid value for argument \"{argument}\", {why}.");
        assert_eq!(messages(&document), [message], "{document}");
    }
}

#[test]
fn a_value_around_a_variable_is_judged_once_in_a_fragment() {
    let document = "query A($x: ID!) { ...F } query B($x: ID!) { ...F }
        fragment F on Query { order(order: { parts: { id: $x } }) { __typename } }";
    assert_eq!(
        messages(document),
        ["Invalid value for argument \"order\", id: a value of type \"ID!\" is required."]
    );
}
