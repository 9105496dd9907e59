use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use async_graphql::parser::parse_query;

use super::*;

/// The limit that a document breaks under `limits`, with its actual value.
fn broken(text: &str, limits: &Limits) -> Option<(String, u64)> {
    let document = parse_query(text).unwrap();
    let refusal = check(&document, limits, true).err()?;
    let errors = serde_json::to_value(&refusal.errors).unwrap();
    assert_eq!(errors[0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    let limit = &errors[0]["extensions"]["limit"];
    Some((
        limit["key"].as_str()?.strip_prefix("limits.")?.to_owned(),
        limit["actual"].as_u64()?,
    ))
}

fn none() -> Limits {
    let no = usize::MAX;
    Limits {
        document_size: no,
        tokens: no,
        nesting: no,
        depth: no,
        fields: no,
        root_fields: no,
        aliases: no,
        directives: no,
        arguments: no,
        list_length: no,
        page_size: no,
        overlaps: no,
        introspection_lists: no,
        cost: no,
        batch: no,
    }
}

/// `length` fragments, each of which spreads the next one twice.
fn bomb(length: usize) -> String {
    let mut text = "{ ...F0 }".to_owned();
    for index in 0..length {
        let next = index + 1;
        write!(
            text,
            " fragment F{index} on Query {{ ...F{next} ...F{next} }}"
        )
        .unwrap();
    }
    write!(text, " fragment F{length} on Query {{ a }}").unwrap();
    text
}

#[test]
fn forty_fragments_that_spread_the_next_one_twice_are_refused_at_once() {
    let text = bomb(40);
    let started = Instant::now();
    let limits = Limits::default();
    let (limit, actual) = broken(&text, &limits).unwrap();
    assert!(
        started.elapsed() < Duration::from_millis(50),
        "{:?}",
        started.elapsed()
    );
    assert_eq!((limit.as_str(), actual), ("fields", u64::from(u32::MAX)));
}

#[test]
fn a_bomb_of_unknown_fragments_or_in_an_unused_fragment_is_one_too() {
    let unknown = bomb(40).replace("{ a }", "{ ...Missing }");
    assert_eq!(broken(&unknown, &Limits::default()).unwrap().0, "fields");
    let unused = bomb(40).replace("{ ...F0 }", "{ a }");
    assert_eq!(broken(&unused, &Limits::default()).unwrap().0, "fields");
}

#[test]
fn a_chain_of_fragments_nests() {
    let mut text = "{ ...F0 }".to_owned();
    for index in 0..1000 {
        write!(text, " fragment F{index} on Query {{ ...F{} }}", index + 1).unwrap();
    }
    assert_eq!(
        broken(&text, &Limits::default()),
        Some(("nesting".to_owned(), 1001))
    );
}

#[test]
fn fragments_in_a_circle_are_refused() {
    for text in [
        "{ ...A } fragment A on Query { ...A }",
        "{ a } fragment A on Query { b { ...B } } fragment B on Query { ... { ...A } }",
        "{ ...C } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A } fragment C on Query { ...A }",
    ] {
        let refusal = check(&parse_query(text).unwrap(), &none(), true).unwrap_err();
        let message = &refusal.errors[0].message;
        assert!(message.contains("circle that fragment \"A\""), "{message}");
    }
}

#[test]
fn fragments_count_where_they_are_spread() {
    let text = "{ ...F x: b { ...F } } fragment F on Query { c d: e @include(if: true) }";
    let counts = [
        (
            Limits {
                fields: 0,
                ..none()
            },
            "fields",
            8,
        ),
        (
            Limits {
                aliases: 0,
                ..none()
            },
            "aliases",
            3,
        ),
        (
            Limits {
                directives: 0,
                ..none()
            },
            "directives",
            2,
        ),
        (
            Limits {
                root_fields: 0,
                ..none()
            },
            "root_fields",
            3,
        ),
        (Limits { depth: 0, ..none() }, "depth", 2),
        (
            Limits {
                nesting: 0,
                ..none()
            },
            "nesting",
            3,
        ),
    ];
    for (limits, name, actual) in counts {
        assert_eq!(broken(text, &limits), Some((name.to_owned(), actual)));
    }
}

#[test]
fn operations_add_up_but_are_as_wide_as_the_widest() {
    let text = "query A @x { a b } query B($i: Int @y) { c d e }";
    assert_eq!(
        broken(
            text,
            &Limits {
                fields: 0,
                ..none()
            }
        ),
        Some(("fields".to_owned(), 7))
    );
    assert_eq!(
        broken(
            text,
            &Limits {
                directives: 0,
                ..none()
            }
        ),
        Some(("directives".to_owned(), 2))
    );
    assert_eq!(
        broken(
            text,
            &Limits {
                root_fields: 0,
                ..none()
            }
        ),
        Some(("root_fields".to_owned(), 3))
    );
}

#[test]
fn a_limit_is_the_largest_that_is_allowed() {
    let text = "{ a { b { c } } }";
    assert_eq!(
        broken(
            text,
            &Limits {
                depth: 3,
                ..Limits::default()
            }
        ),
        None
    );
    assert_eq!(
        broken(
            text,
            &Limits {
                depth: 2,
                ..Limits::default()
            }
        ),
        Some(("depth".to_owned(), 3))
    );
}

#[test]
fn introspection_is_exempt_from_depth_but_not_from_lists_in_lists() {
    let tools =
        "{ __schema { types { fields { type { ofType { ofType { ofType { name } } } } } } } }";
    assert_eq!(
        broken(
            tools,
            &Limits {
                depth: 1,
                ..Limits::default()
            }
        ),
        None
    );
    let circular = "{ __schema { types { ...T } } }
        fragment T on __Type { fields { type { fields { type { interfaces { name } } } } } }";
    assert_eq!(
        broken(circular, &Limits::default()),
        Some(("introspection_lists".to_owned(), 3))
    );
    // The same names outside of an introspection are only fields.
    assert_eq!(
        broken(
            "{ fields { fields { fields { fields } } } }",
            &Limits::default()
        ),
        None
    );
}

#[test]
fn introspection_can_be_switched_off() {
    let limits = Limits::default();
    for text in [
        "{ __schema { __typename } }",
        "{ ...F } fragment F on Query { x: __type(name: \"A\") { name } }",
    ] {
        let refusal = check(&parse_query(text).unwrap(), &limits, false).unwrap_err();
        let errors = serde_json::to_value(&refusal.errors).unwrap();
        assert_eq!(errors[0]["extensions"]["code"], "INTROSPECTION_DISABLED");
    }
    assert!(check(&parse_query("{ __typename }").unwrap(), &limits, false).is_ok());
}
