//! Every list of the graph is in a case, so that its calls are on record: `tests/cases/**/*.snap`.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
};

use async_graphql::parser::{
    parse_query, parse_schema,
    types::{
        BaseType, DocumentOperations, ExecutableDocument, FieldDefinition, OperationType,
        Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
    },
};
use haulgraph::graph::schema;

/// A field of the schema.
struct Field {
    of: String,
    is_list: bool,
    is_nullable: bool,
}

/// The object and interface types of the schema, with their fields.
#[derive(Default)]
struct Schema {
    fields: HashMap<String, HashMap<String, Field>>,
    /// The types that implement each interface.
    members: HashMap<String, Vec<String>>,
}

impl Schema {
    fn new() -> Self {
        let mut schema = Self::default();
        for definition in parse_schema(schema::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(ty) = definition else {
                continue;
            };
            let name = ty.node.name.node.to_string();
            let (fields, interfaces) = match ty.node.kind {
                TypeKind::Object(object) => (object.fields, object.implements),
                TypeKind::Interface(interface) => (interface.fields, Vec::new()),
                _ => continue,
            };
            for interface in interfaces {
                let members = schema.members.entry(interface.node.to_string());
                members.or_default().push(name.clone());
            }
            let fields = fields.into_iter().map(|field| read(&field.node)).collect();
            schema.fields.insert(name, fields);
        }
        schema
    }

    /// A page stands for the list that it is a page of.
    fn is_page(&self, ty: &str) -> bool {
        let fields = self.fields.get(ty);
        fields.is_some_and(|fields| fields.contains_key("pageInfo"))
    }

    fn is_list(&self, field: &Field) -> bool {
        field.is_list || self.is_page(&field.of)
    }

    /// The lists of the schema, by the name of their field, that `wanted` picks.
    fn lists(&self, wanted: impl Fn(&str, &Field) -> bool) -> BTreeSet<String> {
        let types = self.fields.iter();
        let types = types.filter(|(ty, _)| !self.is_page(ty) && !self.members.contains_key(*ty));
        types
            .flat_map(|(ty, fields)| fields.iter().map(move |(name, field)| (ty, name, field)))
            .filter(|(ty, _, field)| self.is_list(field) && wanted(ty, field))
            .map(|(ty, name, _)| format!("{ty}.{name}"))
            .collect()
    }
}

fn read(field: &FieldDefinition) -> (String, Field) {
    fn inner(ty: &Type) -> (&str, bool) {
        match &ty.base {
            BaseType::Named(name) => (name, false),
            BaseType::List(ty) => (inner(ty).0, true),
        }
    }
    let (of, is_list) = inner(&field.ty.node);
    let field_type = Field {
        of: of.to_owned(),
        is_list,
        is_nullable: field.ty.node.nullable,
    };
    (field.name.node.to_string(), field_type)
}

/// The lists that operations select.
#[derive(Default)]
struct Selected {
    /// At all.
    anywhere: BTreeSet<String>,
    /// Below another list, so for many parents at once.
    of_many: BTreeSet<String>,
}

impl Selected {
    fn in_all_cases(schema: &Schema) -> Self {
        let mut selected = Self::default();
        for entity in fs::read_dir(Path::new("tests/cases")).unwrap() {
            for case in fs::read_dir(entity.unwrap().path()).unwrap() {
                let path = case.unwrap().path();
                if path.extension().is_some_and(|kind| kind == "graphql") {
                    let text = fs::read_to_string(path).unwrap();
                    // Some cases hold documents that are wrong on purpose.
                    let operations = text
                        .split("# then\n")
                        .filter_map(|one| parse_query(one).ok());
                    operations.for_each(|document| selected.add(schema, &document));
                }
            }
        }
        selected
    }

    fn add(&mut self, schema: &Schema, document: &ExecutableDocument) {
        let operations: Vec<_> = match &document.operations {
            DocumentOperations::Single(one) => vec![one],
            DocumentOperations::Multiple(many) => many.values().collect(),
        };
        for operation in operations {
            let root = match operation.node.ty {
                OperationType::Mutation => "Mutation",
                _ => "Query",
            };
            let set = &operation.node.selection_set.node;
            self.walk(schema, document, root, set, false);
        }
    }

    fn walk(
        &mut self,
        schema: &Schema,
        document: &ExecutableDocument,
        ty: &str,
        set: &SelectionSet,
        of_many: bool,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(selected) => {
                    let name = selected.node.name.node.as_str();
                    let field = schema.fields.get(ty).and_then(|fields| fields.get(name));
                    let Some(field) = field else { continue };
                    let is_list = schema.is_list(field);
                    if is_list {
                        self.note(schema, ty, name, of_many);
                    }
                    let below = of_many || is_list;
                    let set = &selected.node.selection_set.node;
                    self.walk(schema, document, &field.of, set, below);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let ty = condition.map_or(ty, |on| on.node.on.node.as_str());
                    let set = &fragment.node.selection_set.node;
                    self.walk(schema, document, ty, set, of_many);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &document.fragments[&spread.node.fragment_name.node].node;
                    let ty = fragment.type_condition.node.on.node.as_str();
                    self.walk(schema, document, ty, &fragment.selection_set.node, of_many);
                }
            }
        }
    }

    fn note(&mut self, schema: &Schema, ty: &str, name: &str, of_many: bool) {
        let members = schema.members.get(ty).into_iter().flatten();
        for ty in members.map(String::as_str).chain([ty]) {
            let field = format!("{ty}.{name}");
            if of_many {
                self.of_many.insert(field.clone());
            }
            self.anywhere.insert(field);
        }
    }
}

#[test]
fn every_list_is_in_a_case() {
    let schema = Schema::new();
    let lists = schema.lists(|_, _| true);
    assert!(lists.contains("Query.customers") && lists.contains("Partner.fleet"));
    let selected = Selected::in_all_cases(&schema);
    let missing: Vec<_> = lists.difference(&selected.anywhere).collect();
    assert!(
        missing.is_empty(),
        "no case shows the calls of {missing:#?}"
    );
}

/// What could be lost is nullable, so a list that is nullable costs calls.
#[test]
fn every_list_that_costs_calls_is_in_a_case_with_many_parents() {
    let schema = Schema::new();
    let one_parent = ["Query", "Mutation"];
    let lists = schema.lists(|ty, field| {
        field.is_nullable && !one_parent.contains(&ty) && !ty.ends_with("Payload")
    });
    assert!(lists.contains("Route.contracts") && !lists.contains("Customer.addresses"));
    let selected = Selected::in_all_cases(&schema);
    let missing: Vec<_> = lists.difference(&selected.of_many).collect();
    assert!(
        missing.is_empty(),
        "no case shows many {missing:#?} at once"
    );
}
