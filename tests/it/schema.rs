//! The schema as a file and as a product.

use async_graphql::parser::types::{InterfaceType, ObjectType, TypeKind, TypeSystemDefinition};
use haulgraph::graph::schema;

use crate::harness::{Caller, World};

#[test]
fn the_schema_file_is_what_the_code_says() {
    let file = std::fs::read_to_string("schema.graphql").unwrap();
    assert!(
        file == schema::sdl(),
        "schema.graphql has drifted: `cargo run -- schema > schema.graphql` and read the difference"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    let sdl = schema::sdl();
    let document = async_graphql::parser::parse_schema(&sdl).unwrap();
    let mut bare = Vec::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        let (name, ty) = (ty.node.name.node.to_string(), ty.node);
        let mut check = |part: &str, description: Option<&str>| {
            if description.is_none_or(|text| text.trim().is_empty()) {
                bare.push(format!("{name}{part}"));
            }
        };
        check("", ty.description.as_ref().map(|text| text.node.as_str()));
        match ty.kind {
            TypeKind::Object(ObjectType { fields, .. })
            | TypeKind::Interface(InterfaceType { fields, .. }) => {
                for field in fields {
                    let field = field.node;
                    check(
                        &format!(".{}", field.name.node),
                        field.description.as_ref().map(|text| text.node.as_str()),
                    );
                    for argument in field.arguments {
                        let part = format!(".{}({})", field.name.node, argument.node.name.node);
                        check(
                            &part,
                            argument
                                .node
                                .description
                                .as_ref()
                                .map(|text| text.node.as_str()),
                        );
                    }
                }
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    check(
                        &format!(".{}", field.node.name.node),
                        field
                            .node
                            .description
                            .as_ref()
                            .map(|text| text.node.as_str()),
                    );
                }
            }
            TypeKind::Enum(values) => {
                for value in values.values {
                    check(
                        &format!(".{}", value.node.value.node),
                        value
                            .node
                            .description
                            .as_ref()
                            .map(|text| text.node.as_str()),
                    );
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    assert_eq!(bare, Vec::<String>::new());
}

#[test]
fn page_types_do_not_take_the_domains_words() {
    let sdl = schema::sdl();
    assert!(sdl.contains("type HaulerConnection implements Node"));
    assert!(sdl.contains("type HaulerPage "));
}

#[tokio::test]
async fn the_schema_can_be_asked_about_itself() {
    let world = World::new().await;
    let query = "{ __schema { queryType { name } mutationType { name } types { name } } __type(name: \"Customer\") { kind interfaces { name } } }";
    let answer = world.ask(&Caller::nobody(), query).await;
    assert_eq!(answer["errors"], serde_json::Value::Null);
    assert_eq!(
        answer["data"]["__schema"]["mutationType"]["name"],
        "Mutation"
    );
    assert_eq!(answer["data"]["__type"]["interfaces"][0]["name"], "Node");
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let world = World::with(|config| config.introspection.enabled = false).await;
    let (_, answer) = world
        .post(&Caller::nobody(), "{ __schema { queryType { name } } }")
        .await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "INTROSPECTION_DISABLED"
    );
}

#[tokio::test]
async fn the_examples_of_graphiql_answer_without_errors() {
    let world = World::new().await;
    let page = haulgraph::examples::page(&haulgraph::config::Config::default(), true);
    assert!(page.tabs.len() >= 6);
    for tab in page.tabs {
        let variables = tab.variables.unwrap_or_default();
        let answer = world
            .ask_with(&Caller::dispatcher(), &tab.query, variables)
            .await;
        let expected = if tab.title.contains("error") { 2 } else { 0 };
        let errors = answer["errors"].as_array().map_or(0, Vec::len);
        assert_eq!(errors, expected, "{}: {answer}", tab.title);
    }
}
