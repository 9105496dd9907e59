use std::fmt::Write;

use async_graphql::parser::parse_query;

use super::*;

const SDL: &str = "
    interface Contract { id: ID! base: Contract note(size: Int, kind: String): String }
    type Fixed implements Contract {
        id: ID! base: Contract note(size: Int, kind: String): String price: Int! route: Route count: Int
    }
    type Flexible implements Contract {
        id: ID! base: Contract note(size: Int, kind: String): String price: String! route: Route count: Int!
    }
    type Route { id: ID! name: String places: [String!]! contract: Contract list(ids: [Int!]): [Int!]! }
    type Query { contract: Contract fixed: Fixed route(id: ID): Route }
    type Subscription { route: Route }
";

fn messages(document: &str, limits: &Limits) -> Vec<String> {
    let schema = PublishedSchema::parse(SDL, |_, _| true).unwrap();
    match check(&parse_query(document).unwrap(), &schema, limits) {
        Ok(()) => Vec::new(),
        Err(refusal) => refusal
            .errors
            .into_iter()
            .map(|error| error.message)
            .collect(),
    }
}

#[test]
fn fields_that_are_the_same_merge() {
    for document in [
        "{ route { id id } route { id } }",
        "{ route(id: 1) { id } route(id: 1) { name } }",
        "query($x: ID) { route(id: $x) { id } ...F } fragment F on Query { route(id: $x) { name } }",
        "{ contract { note(size: 1, kind: \"a\") ...F } } fragment F on Contract { note(kind: \"a\", size: 1) }",
        "{ contract { ... on Fixed { x: id } ... on Flexible { x: id } } }",
        "{ contract { ... on Fixed { note(size: 1) } ... on Flexible { note(size: 2) } } }",
        "{ contract { ... on Fixed { x: route { id } } ... on Flexible { x: base { id } } } }",
        "{ unknown { a } unknown { b } }",
        "{ ...Unknown route { ... on Nothing { a } } }",
    ] {
        assert_eq!(
            messages(document, &Limits::default()),
            [""; 0],
            "{document}"
        );
    }
}

#[test]
fn fields_that_differ_conflict_however_deep_they_are() {
    for (document, reason) in [
        (
            "{ route { x: id x: name } }",
            "\"id\" and \"name\" are different fields",
        ),
        (
            "{ a: route { x: id } a: route { x: name } }",
            "are different fields",
        ),
        (
            "{ a: route { contract { base { x: id } } } ...F }
             fragment F on Query { a: route { contract { ...G } } }
             fragment G on Contract { base { x: note } }",
            "are different fields",
        ),
        (
            "{ route(id: 1) { id } route(id: 2) { id } }",
            "differing arguments",
        ),
        (
            "{ route(id: 1) { id } route { id } }",
            "differing arguments",
        ),
        (
            "query($x: ID) { route(id: $x) { id } route(id: 1) { id } }",
            "differing arguments",
        ),
        (
            "{ contract { note(size: 1) ... on Fixed { note(size: 2) } } }",
            "differing arguments",
        ),
        (
            "{ contract { ... on Fixed { note(size: 1) ... on Contract { note } } } }",
            "differing arguments",
        ),
        ("{ unknown { x: a x: b } }", "are different fields"),
        (
            "{ __schema { x: types { name } x: directives { name } } }",
            "are different fields",
        ),
    ] {
        let messages = messages(document, &Limits::default());
        assert_eq!(messages.len(), 1, "{document}: {messages:?}");
        assert!(messages[0].contains(reason), "{document}: {messages:?}");
    }
}

#[test]
fn answers_of_different_objects_need_one_type_under_one_name() {
    for (document, types) in [
        (
            "{ contract { ... on Fixed { price } ... on Flexible { price } } }",
            "\"Int!\" and \"String!\"",
        ),
        (
            "{ contract { ... on Fixed { count } ... on Flexible { count } } }",
            "\"Int\" and \"Int!\"",
        ),
        (
            "{ contract { ... on Fixed { x: route { id } } ... on Flexible { x: price } } }",
            "\"Route\" and \"String!\"",
        ),
        (
            "{ contract { ... on Fixed { x: route { y: name } } ... on Flexible { x: route { y: places } } } }",
            "\"String\" and \"[String!]!\"",
        ),
        (
            "{ contract { ... on Fixed { x: price } ... on Flexible { x: __typename } } }",
            "\"Int!\" and \"String!\"",
        ),
    ] {
        let messages = messages(document, &Limits::default());
        assert_eq!(messages.len(), 1, "{document}: {messages:?}");
        assert!(messages[0].contains(types), "{document}: {messages:?}");
    }
}

#[test]
fn a_subscription_has_one_field_at_the_top() {
    assert_eq!(
        messages(
            "subscription { route { id } route { name } }",
            &Limits::default()
        ),
        [""; 0]
    );
    for document in [
        "subscription { route { id } b: route { id } }",
        "subscription { ...F } fragment F on Subscription { route { id } b: route { id } }",
        "subscription { __typename }",
    ] {
        assert_eq!(
            messages(document, &Limits::default()),
            ["A subscription selects exactly one field."]
        );
    }
}

/// Contracts within contracts: on each level a field of the interface merges with those of two
/// object types apart.
fn forks(levels: usize) -> String {
    let mut text = "{ id }".to_owned();
    for level in 0..levels {
        text = format!(
            "{{ base {text} ... on Fixed {{ base {{ a{level}: id }} }} ... on Flexible {{ base {{ b{level}: id }} }} }}"
        );
    }
    format!("{{ contract {text} }}")
}

#[test]
fn comparing_ends_at_its_limit() {
    assert_eq!(messages(&forks(8), &Limits::default()), [""; 0]);
    let refused = messages(&forks(20), &Limits::default());
    assert!(refused[0].contains("(limits.overlaps)"), "{refused:?}");
}

#[test]
fn fields_under_one_name_are_compared_in_steps_that_grow_with_the_text() {
    let document = |count: usize| {
        let mut text = String::new();
        for _ in 0..count {
            write!(text, " route(id: 1) {{ id }} ...F").unwrap();
        }
        format!("{{{text} }} fragment F on Query {{ route(id: 1) {{ name contract {{ id }} }} }}")
    };
    // Two selections each at the top, one below, and the fragment once; for shapes and for values.
    for count in [100, 1000] {
        let limits = |overlaps| Limits {
            overlaps,
            ..Limits::default()
        };
        assert_eq!(messages(&document(count), &limits(6 * count + 20)), [""; 0]);
        assert_eq!(messages(&document(count), &limits(3 * count)).len(), 1);
    }
}
