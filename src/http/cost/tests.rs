use async_graphql::{parser::parse_query, value};

use super::*;
use crate::http::schema::PublishedSchema;

const SDL: &str = "
    interface Node { id: ID! parent: Customer }
    type Customer implements Node {
        id: ID! createdAt: String updatedAt: String parent: Customer
        children(first: Int = 25): CustomerConnection yards: [Yard!] contacts: [Contact!]!
    }
    type Contact { name: String yard: Yard }
    type Yard { id: ID! customers(first: Int = 25): CustomerConnection }
    type CustomerConnection { nodes: [Customer!]! edges: [CustomerEdge!]! count: Int }
    type CustomerEdge { cursor: String node: Customer! }
    type Query {
        customer(id: ID!): Customer
        customers(first: Int = 25): CustomerConnection
        nodes(ids: [ID!]!): [Node]!
    }
    type Mutation { rename(id: ID!): Customer }
";

const PER_KEY: FieldCost = FieldCost {
    each: 1,
    most: u32::MAX,
    completes: false,
    items: Items::One,
};

const PAGE: FieldCost = FieldCost {
    items: Items::Page,
    ..PER_KEY
};

const EMBEDDED: FieldCost = FieldCost {
    each: 0,
    most: 0,
    completes: false,
    items: Items::Several,
};

const FIELDS: &[(&str, &str, FieldCost)] = &[
    ("Query", "customer", PER_KEY),
    ("Query", "customers", PAGE),
    (
        "Query",
        "nodes",
        FieldCost {
            items: Items::Listed("ids"),
            ..PER_KEY
        },
    ),
    ("Mutation", "rename", PER_KEY),
    (
        "Customer",
        "createdAt",
        FieldCost {
            completes: true,
            ..PER_KEY
        },
    ),
    (
        "Customer",
        "updatedAt",
        FieldCost {
            completes: true,
            ..PER_KEY
        },
    ),
    ("Customer", "parent", PER_KEY),
    ("Customer", "children", PAGE),
    (
        "Customer",
        "yards",
        FieldCost {
            each: 1,
            most: 7,
            completes: false,
            items: Items::Several,
        },
    ),
    ("Customer", "contacts", EMBEDDED),
    ("Contact", "yard", PER_KEY),
    ("Yard", "customers", PAGE),
    ("CustomerConnection", "nodes", EMBEDDED),
    ("CustomerConnection", "edges", EMBEDDED),
    ("Node", "parent", PER_KEY),
];

fn estimate(document: &str, variables: Value, limits: &Limits) -> Result<u64, String> {
    let schema = PublishedSchema::parse(SDL, |_, _| true).unwrap();
    let document = parse_query(document).unwrap();
    let costs: CostTable = FIELDS.iter().copied().collect();
    let (_, operation) = document.operations.iter().next().unwrap();
    let Value::Object(variables) = variables else {
        panic!("variables are an object")
    };
    let variables = variables
        .into_iter()
        .fold(Variables::default(), |mut all, (name, value)| {
            all.insert(name, value);
            all
        });
    Estimate::of(&operation.node, &document, &schema, &costs)
        .check(&variables, limits)
        .map_err(|refusal| refusal.errors[0].message.clone())
}

fn predicted(document: &str) -> u64 {
    estimate(document, value!({}), &Limits::default()).unwrap()
}

#[test]
fn what_reads_no_upstream_is_free() {
    assert_eq!(
        predicted("{ __typename __schema { types { name } } unknown { a } }"),
        0
    );
    assert_eq!(predicted("{ customer(id: 1) { id contacts { name } } }"), 1);
}

#[test]
fn a_link_costs_a_call_for_each_value_that_it_is_followed_from() {
    for (document, calls) in [
        ("{ customer(id: 1) { parent { parent { id } } } }", 3),
        ("{ a: customer(id: 1) { id } b: customer(id: 2) { id } }", 2),
        ("{ customers { nodes { parent { id } } } }", 1 + 25),
        (
            "{ customers(first: 7) { count nodes { parent { id } } edges { node { parent { id } } } } }",
            1 + 7 + 7,
        ),
        (
            "{ customers(first: 2) { nodes { children(first: 3) { nodes { parent { id } } } } } }",
            1 + 2 + 6,
        ),
        ("{ customer(id: 1) { contacts { yard { id } } } }", 1 + 10),
        ("mutation { rename(id: 1) { parent { id } } }", 2),
    ] {
        assert_eq!(predicted(document), calls, "{document}");
    }
}

#[test]
fn what_a_list_answers_has_a_most() {
    assert_eq!(
        predicted("{ customers(first: 5) { nodes { yards { id } } } }"),
        1 + 5
    );
    assert_eq!(
        predicted("{ customers(first: 50) { nodes { yards { customers(first: 1) { count } } } } }"),
        1 + 7 + 500
    );
}

#[test]
fn fields_that_need_the_whole_value_share_a_call() {
    assert_eq!(
        predicted(
            "{ customers(first: 4) { nodes { createdAt updatedAt ...F } } } fragment F on Customer { createdAt }"
        ),
        1 + 4
    );
}

#[test]
fn a_list_argument_counts_its_items() {
    assert_eq!(
        predicted("{ nodes(ids: [1, 2, 3]) { id ... on Customer { parent { id } } } }"),
        3 + 3
    );
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { parent { id } } } }";
    let calls = estimate(
        document,
        value!({ "ids": ["1", "2", "3", "4"] }),
        &Limits::default(),
    );
    assert_eq!(calls, Ok(4 + 4));
}

#[test]
fn variables_say_how_long_a_page_is() {
    let document = "query($n: Int = 3) { customers(first: $n) { nodes { parent { id } } } }";
    for (variables, calls) in [
        (value!({ "n": 9 }), 10),
        (value!({}), 4),
        (value!({ "n": (-1) }), 1),
    ] {
        assert_eq!(estimate(document, variables, &Limits::default()), Ok(calls));
    }
    let unset = "query($n: Int) { customers(first: $n) { nodes { parent { id } } } }";
    assert_eq!(estimate(unset, value!({}), &Limits::default()), Ok(26));
}

#[test]
fn pages_and_calls_have_limits() {
    let limits = Limits {
        cost: 100,
        page_size: 50,
        ..Limits::default()
    };
    let document = "query($n: Int) { customers(first: $n) { nodes { parent { id } } } }";
    assert_eq!(estimate(document, value!({ "n": 50 }), &limits), Ok(51));
    for (document, variables, key) in [
        (document, value!({ "n": 51 }), "limits.page_size"),
        (
            "{ customers(first: 51) { count } }",
            value!({}),
            "limits.page_size",
        ),
        (
            "{ customers(first: 50) { nodes { children(first: 1) { nodes { parent { id } } } } } }",
            value!({}),
            "limits.cost",
        ),
    ] {
        let message = estimate(document, variables, &limits).unwrap_err();
        assert!(message.contains(key), "{message}");
    }
}

#[test]
fn a_cost_beyond_numbers_is_only_large() {
    let mut document = "{ id }".to_owned();
    for _ in 0..14 {
        document = format!("{{ children(first: 100) {{ nodes {document} }} }}");
    }
    let message = estimate(
        &format!("{{ customer(id: 1) {document} }}"),
        value!({}),
        &Limits::default(),
    )
    .unwrap_err();
    assert!(message.contains("limits.cost"), "{message}");
}
