//! Random operations that the schema allows, mostly: the same from the same seed.

use std::{collections::BTreeMap, fmt::Write};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
};
use haulgraph::{graph::schema, sandbox};
use serde_json::{Map, Value, json};

use crate::harness::{Api, Caller};

pub struct Operations {
    random: Random,
    types: BTreeMap<String, Selectable>,
    scalars: Scalars,
    /// Ids and cursors of answers so far, beside invented ones.
    ids: Vec<String>,
    cursors: Vec<String>,
    /// Of the operation that is being written.
    variables: Vec<(String, Value)>,
    fragments: Vec<(String, String)>,
    names: usize,
}

/// A type with fields.
struct Selectable {
    fields: Vec<FieldDefinition>,
    /// The object types of an interface.
    members: Vec<String>,
    interfaces: Vec<String>,
}

/// The enums, with a value of each.
type Scalars = BTreeMap<String, Vec<String>>;

const DEPTH: usize = 6;

impl Operations {
    pub fn new(seed: u64) -> Self {
        let (types, scalars) = read_schema();
        Self {
            random: Random(seed),
            types,
            scalars,
            ids: ["1", "3", "7", "999999", "x"].map(str::to_owned).to_vec(),
            cursors: vec!["bm8".to_owned()],
            variables: Vec::new(),
            fragments: Vec::new(),
            names: 0,
        }
    }

    /// The next operation, with its variables.
    pub fn next(&mut self) -> (String, Value) {
        self.variables.clear();
        self.fragments.clear();
        self.names = 0;
        let roots = 1 + self.random.below(3);
        let mut selection = String::new();
        for _ in 0..roots {
            let field = self.selection("Query", DEPTH);
            selection = selection + " " + &field;
        }
        let mut text = String::from("query");
        if !self.variables.is_empty() {
            let declared: Vec<&str> = self
                .variables
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            let _ = write!(text, "({})", declared.join(", "));
        }
        let _ = write!(text, " {{{selection} }}");
        for (on, fragment) in &self.fragments {
            let _ = write!(text, " fragment {on} {fragment}");
        }
        let mut values = Map::new();
        for (declared, value) in &self.variables {
            let name = declared.split(':').next().unwrap_or_default();
            if *value != json!("left out") {
                values.insert(name.trim_start_matches('$').to_owned(), value.clone());
            }
        }
        (text, Value::Object(values))
    }

    /// Somebody who asks.
    pub fn caller(&mut self) -> Caller {
        match self.random.below(8) {
            0 => Caller::nobody(),
            1 => Caller::dispatcher().header("x-tenant-id", ""),
            2 => Caller::dispatcher().header("x-trans-eu-authorization", ""),
            3 => {
                let callers = sandbox::callers();
                Caller::named(callers[self.random.below(callers.len())].name)
            }
            _ => Caller::dispatcher(),
        }
    }

    /// What is to go wrong from now on, now and then.
    pub fn fault(&mut self) -> Option<(Api, Value)> {
        let api = [Api::Cro, Api::TransEu, Api::Crux][self.random.below(3)];
        // Whatever is called next, and not the first of several calls at once: which that is depends
        // on the moment.
        let path = [
            "/customers*",
            "/locations*",
            "*/freights*",
            "*/contracts*",
            "/connections*",
            "/organizations*",
        ];
        let path = path[self.random.below(path.len())];
        let fault = match self.random.below(40) {
            0 => {
                json!({ "match": { "path": path }, "status": 403, "body": { "detail": "Not for you." } })
            }
            1 => json!({ "match": { "path": path }, "status": 404, "body": {} }),
            2 => json!({ "match": { "path": path }, "body": "<html>" }),
            _ => return None,
        };
        Some((api, fault))
    }

    /// Remembers the ids and cursors of an answer.
    pub fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let known = match name.trim_end_matches(char::is_numeric) {
                        "id" | "upstreamId" => &mut self.ids,
                        "cursor" | "endCursor" => &mut self.cursors,
                        _ => {
                            self.learn(value);
                            continue;
                        }
                    };
                    if let Value::String(text) = value
                        && known.len() < 500
                    {
                        known.push(text.clone());
                    }
                }
            }
            _ => {}
        }
    }

    /// One selection in a set of the type `on`.
    fn selection(&mut self, on: &str, depth: usize) -> String {
        match self.random.below(12) {
            0 if on != "Query" => format!("__typename{}", self.condition()),
            1 => {
                let inner = self.set(on, depth);
                format!("...{}{inner}", self.condition())
            }
            2 => {
                let target = self.related(on);
                let inner = self.set(&target, depth);
                format!("... on {target}{}{inner}", self.condition())
            }
            3 => {
                let target = self.related(on);
                let inner = self.set(&target, depth);
                let name = self.name("F");
                self.fragments.push((format!("{name} on {target}"), inner));
                // Twice: the second one adds nothing. At the top, async-graphql asks once more.
                let first = format!("...{name}{}", self.condition());
                match on {
                    "Query" => first,
                    _ => format!("{first} ...{name}"),
                }
            }
            _ => self.field(on, depth),
        }
    }

    /// A type that a value of the type `on` may be of.
    fn related(&mut self, on: &str) -> String {
        let ty = &self.types[on];
        let mut others: Vec<&String> = ty.members.iter().chain(&ty.interfaces).collect();
        let on = on.to_owned();
        others.push(&on);
        others[self.random.below(others.len())].clone()
    }

    fn set(&mut self, on: &str, depth: usize) -> String {
        let count = 1 + self.random.below(4);
        let selections: Vec<String> = (0..count).map(|_| self.selection(on, depth)).collect();
        format!(" {{ {} }}", selections.join(" "))
    }

    fn field(&mut self, on: &str, depth: usize) -> String {
        let fields = &self.types[on].fields;
        let leaves_only = depth == 0;
        let usable: Vec<FieldDefinition> = fields
            .iter()
            .filter(|field| !leaves_only || !self.types.contains_key(innermost(&field.ty.node)))
            .cloned()
            .collect();
        if usable.is_empty() {
            return "__typename".to_owned();
        }
        let field = usable[self.random.below(usable.len())].clone();
        let target = innermost(&field.ty.node).to_owned();
        let arguments = self.arguments(&field);
        let is_set = self.types.contains_key(&target);
        // What may differ between two occurrences needs a name of its own.
        let alias = match arguments.is_empty()
            && on != "Query"
            && self.random.below(3) > 0
            && self.is_alike(&field)
        {
            true => String::new(),
            false => self.name(&field.name.node) + ": ",
        };
        let inner = if is_set {
            self.set(&target, depth - 1)
        } else {
            String::new()
        };
        format!(
            "{alias}{}{arguments}{}{inner}",
            field.name.node,
            self.condition()
        )
    }

    /// Whether all types that have a field of this name have it in the same shape.
    fn is_alike(&self, field: &FieldDefinition) -> bool {
        let mut others = self.types.values().flat_map(|ty| &ty.fields);
        others.all(|other| other.name.node != field.name.node || other.ty.node == field.ty.node)
    }

    fn arguments(&mut self, field: &FieldDefinition) -> String {
        let mut written = Vec::new();
        for argument in &field.arguments {
            let (name, ty) = (
                argument.node.name.node.clone(),
                argument.node.ty.node.clone(),
            );
            let is_required = !ty.nullable && argument.node.default_value.is_none();
            if !is_required && self.random.below(3) > 0 {
                continue;
            }
            let Some(value) = self.value(&name, &ty) else {
                if is_required {
                    written.push(format!("{name}: null"));
                }
                continue;
            };
            let value = match self.random.below(3) {
                0 => self.variable(&ty, value),
                _ => literal(&value, &ty),
            };
            written.push(format!("{name}: {value}"));
        }
        match written.is_empty() {
            true => String::new(),
            false => format!("({})", written.join(", ")),
        }
    }

    /// A value for an argument of a type whose values are known here.
    fn value(&mut self, name: &str, ty: &Type) -> Option<Value> {
        if let BaseType::List(item) = &ty.base {
            let count = self.random.below(4);
            return (0..count)
                .map(|_| self.value(name, item))
                .collect::<Option<_>>()
                .map(Value::Array);
        }
        Some(match (innermost(ty), name) {
            ("Int", _) => json!([1, 2, 3, 5, 20, 0, 101][self.random.below(7)]),
            ("Boolean", _) => json!(self.random.below(2) == 0),
            ("ID", _) => json!(self.ids[self.random.below(self.ids.len())]),
            ("String", "after") => json!(self.cursors[self.random.below(self.cursors.len())]),
            (name, _) => match self.scalars.get(name) {
                Some(items) => json!(items[self.random.below(items.len())]),
                None => return None,
            },
        })
    }

    fn variable(&mut self, ty: &Type, value: Value) -> String {
        let name = format!("${}", self.name("v"));
        let value = match ty.nullable && self.random.below(6) == 0 {
            true => [Value::Null, json!("left out")][self.random.below(2)].clone(),
            false => value,
        };
        self.variables.push((format!("{name}: {ty}"), value));
        name
    }

    fn condition(&mut self) -> String {
        let directive = match self.random.below(12) {
            0 => "skip",
            1 => "include",
            _ => return String::new(),
        };
        let holds = self.random.below(2) == 0;
        let condition = match self.random.below(2) {
            0 => holds.to_string(),
            _ => {
                let name = format!("${}", self.name("c"));
                self.variables
                    .push((format!("{name}: Boolean!"), json!(holds)));
                name
            }
        };
        format!(" @{directive}(if: {condition})")
    }

    fn name(&mut self, start: &str) -> String {
        self.names += 1;
        format!("{start}{}", self.names)
    }
}

/// A value as it is written in a document.
fn literal(value: &Value, ty: &Type) -> String {
    let is_enum = !matches!(innermost(ty), "Int" | "Boolean" | "ID" | "String");
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| literal(item, ty)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) if is_enum => text.clone(),
        value => value.to_string(),
    }
}

fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => innermost(item),
    }
}

fn read_schema() -> (BTreeMap<String, Selectable>, Scalars) {
    let (mut types, mut enums) = (BTreeMap::new(), BTreeMap::new());
    for definition in parse_schema(schema::sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        let name = ty.node.name.node.to_string();
        let (fields, interfaces) = match ty.node.kind {
            TypeKind::Object(object) => (object.fields, object.implements),
            TypeKind::Interface(interface) => (interface.fields, interface.implements),
            TypeKind::Enum(values) => {
                let values = values.values.into_iter();
                enums.insert(
                    name,
                    values
                        .map(|value| value.node.value.node.to_string())
                        .collect(),
                );
                continue;
            }
            _ => continue,
        };
        let selectable = Selectable {
            fields: fields.into_iter().map(|field| field.node).collect(),
            members: Vec::new(),
            interfaces: interfaces
                .iter()
                .map(|name| name.node.to_string())
                .collect(),
        };
        types.insert(name, selectable);
    }
    let implemented: Vec<(String, Vec<String>)> = types
        .iter()
        .map(|(name, ty)| (name.clone(), ty.interfaces.clone()))
        .collect();
    for (name, interfaces) in implemented {
        for interface in interfaces {
            if let Some(interface) = types.get_mut(&interface) {
                interface.members.push(name.clone());
            }
        }
    }
    (types, enums)
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap()
    }
}
