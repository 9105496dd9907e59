//! Who guesses at a schema that may not be asked about itself learns whether a guess was right, and no
//! other name from what a wrong one is told.
//!
//! The guesses are made of the schema itself, at every type that can be reached, by somebody who knows
//! the way there. Each document guesses one kind of thing, so that no guess hides what another is told.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use async_graphql::parser::{
    parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition,
    },
};
use haulgraph::graph::schema;
use serde_json::{Map, Value, json};

use crate::harness::{Caller, World};

/// The schema as a guesser never sees it.
struct Secrets {
    outputs: BTreeMap<String, Vec<FieldDefinition>>,
    members: BTreeMap<String, Vec<String>>,
    inputs: BTreeMap<String, Vec<InputValueDefinition>>,
    enums: BTreeMap<String, Vec<String>>,
    /// Everything that has a name.
    names: HashSet<String>,
}

/// What every GraphQL service has.
const KNOWN: &[&str] = &[
    "Int", "Float", "String", "Boolean", "ID", "Query", "Mutation", "skip", "include", "if",
];

/// Words of the gateway's sentences that are names as well, by chance.
const ENGLISH: &[&str] = &[
    "address", "code", "cursor", "driver", "from", "id", "input", "location", "number", "position",
    "tenant", "to", "type", "value",
];

impl Secrets {
    fn read() -> Self {
        let mut secrets = Self {
            outputs: BTreeMap::new(),
            members: BTreeMap::new(),
            inputs: BTreeMap::new(),
            enums: BTreeMap::new(),
            names: HashSet::new(),
        };
        for definition in parse_schema(schema::sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(ty) = definition else {
                continue;
            };
            let name = ty.node.name.node.to_string();
            secrets.names.insert(name.clone());
            let (fields, interfaces) = match ty.node.kind {
                TypeKind::Object(object) => (object.fields, object.implements),
                TypeKind::Interface(interface) => (interface.fields, Vec::new()),
                TypeKind::Enum(values) => {
                    let values = values.values.into_iter();
                    let values = values.map(|value| value.node.value.node.to_string());
                    secrets.enums.insert(name, values.collect());
                    continue;
                }
                TypeKind::InputObject(object) => {
                    let fields = object.fields.into_iter().map(|field| field.node);
                    secrets.inputs.insert(name, fields.collect());
                    continue;
                }
                _ => continue,
            };
            for interface in interfaces {
                let members = secrets.members.entry(interface.node.to_string());
                members.or_default().push(name.clone());
            }
            let fields = fields.into_iter().map(|field| field.node);
            secrets.outputs.insert(name, fields.collect());
        }
        let fields = secrets.outputs.values().flatten();
        let arguments = fields.clone().flat_map(|field| &field.arguments);
        let inputs = secrets.inputs.values().flatten();
        let names: Vec<String> = fields
            .map(|field| field.name.node.to_string())
            .chain(arguments.map(|argument| argument.node.name.node.to_string()))
            .chain(inputs.map(|field| field.name.node.to_string()))
            .chain(secrets.enums.values().flatten().cloned())
            .collect();
        secrets.names.extend(names);
        secrets.names.retain(|name| !KNOWN.contains(&name.as_str()));
        secrets
    }

    /// A way to each type: how a document begins that gets there, and how it ends.
    fn ways(&self) -> BTreeMap<String, (String, String)> {
        let mut ways = BTreeMap::new();
        let mut ahead = VecDeque::from([
            ("Query".to_owned(), "{ ".to_owned(), " }".to_owned()),
            (
                "Mutation".to_owned(),
                "mutation { ".to_owned(),
                " }".to_owned(),
            ),
        ]);
        while let Some((ty, begin, end)) = ahead.pop_front() {
            if ways.contains_key(&ty) {
                continue;
            }
            for field in &self.outputs[&ty] {
                let target = innermost(&field.ty.node).to_owned();
                if self.outputs.contains_key(&target) {
                    let arguments = self.required(&field.arguments);
                    let begin = format!("{begin}{}{arguments} {{ ", field.name.node);
                    ahead.push_back((target, begin, format!(" }}{end}")));
                }
            }
            for member in self.members.get(&ty).into_iter().flatten() {
                let begin = format!("{begin}... on {member} {{ ");
                ahead.push_back((member.clone(), begin, format!(" }}{end}")));
            }
            ways.insert(ty, (begin, end));
        }
        ways
    }

    /// The arguments that a field needs, right ones.
    fn required(&self, arguments: &[async_graphql::Positioned<InputValueDefinition>]) -> String {
        let arguments = arguments.iter().map(|argument| &argument.node);
        let needed = arguments.filter(|argument| is_required(argument));
        let written: Vec<String> = needed
            .map(|argument| format!("{}: {}", argument.name.node, self.value(&argument.ty.node)))
            .collect();
        in_brackets(&written)
    }

    /// The smallest value of a type.
    fn value(&self, ty: &Type) -> String {
        let name = match &ty.base {
            BaseType::List(_) => return "[]".to_owned(),
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(values) = self.enums.get(name) {
            return values[0].clone();
        }
        let Some(fields) = self.inputs.get(name) else {
            return match name {
                "Int" | "Float" => "1".to_owned(),
                "Boolean" => "true".to_owned(),
                _ => "\"1\"".to_owned(),
            };
        };
        let needed = fields.iter().filter(|field| is_required(field));
        let written: Vec<String> = needed
            .map(|field| format!("{}: {}", field.name.node, self.value(&field.ty.node)))
            .collect();
        format!("{{{}}}", written.join(", "))
    }

    /// How a field goes on that is selected rightly.
    fn selection(&self, field: &FieldDefinition) -> &'static str {
        match self.outputs.contains_key(innermost(&field.ty.node)) {
            true => " { __typename }",
            false => "",
        }
    }

    /// Guesses at the fields and arguments of a type, a document for each kind.
    fn guesses_at_fields(&self, ty: &str) -> Vec<String> {
        let fields = &self.outputs[ty];
        let each = |write: &dyn Fn(&FieldDefinition) -> String| {
            let fields = fields.iter().enumerate();
            let fields: Vec<String> = fields
                .map(|(index, field)| format!("a{index}: {}", write(field)))
                .collect();
            fields.join(" ")
        };
        let name = |field: &FieldDefinition| field.name.node.to_string();
        let misspelled: Vec<String> = fields.iter().map(|field| misspell(&name(field))).collect();
        let mut guesses: Vec<String> = misspelled.chunks(15).map(|some| some.join(" ")).collect();
        guesses.push(misspelled.join(" "));
        guesses.push(each(&|field| {
            // What is a scalar and what is not.
            let arguments = self.required(&field.arguments);
            match self.selection(field) {
                "" => format!("{}{arguments} {{ guess }}", name(field)),
                _ => format!("{}{arguments}", name(field)),
            }
        }));
        guesses.push(each(&|field| name(field) + self.selection(field)));
        guesses.push(each(&|field| {
            let arguments = field.arguments.iter();
            let mut written: Vec<String> = arguments
                .map(|argument| misspell(&argument.node.name.node) + ": 1")
                .collect();
            written.push("guess: 1".to_owned());
            name(field) + &in_brackets(&written) + self.selection(field)
        }));
        for directive in ["guess", "skip", "include(guess: 1)", "deprecated", "oneOf"] {
            guesses.push(each(&|field| format!("{} @{directive}", name(field))));
        }
        let with = |value: &str| {
            each(&|field| {
                let arguments = field.arguments.iter();
                let written: Vec<String> = arguments
                    .map(|argument| format!("{}: {value}", argument.node.name.node))
                    .collect();
                name(field) + &in_brackets(&written) + self.selection(field)
            })
        };
        guesses.extend(WRONG.iter().map(|value| with(value)));
        let same: Vec<String> = fields
            .iter()
            .map(|field| format!("same: {}", name(field)))
            .collect();
        guesses.push(same.join(" "));
        guesses.push("... on Guess { id } ...Guess ... on Int { id }".to_owned());
        guesses
    }

    /// Guesses at the values of an argument or of a field of an input object: as they are written, and as
    /// JSON. Recurses into input objects, but never into one of those that it is in.
    fn guesses_at_values(&self, ty: &Type, within: &mut Vec<String>) -> Vec<Guess> {
        let mut guesses: Vec<Guess> = WRONG.iter().copied().map(Guess::of).collect();
        let name = innermost(ty).to_owned();
        if let Some(values) = self.enums.get(&name) {
            guesses.push(Guess::of(&misspell(&values[0])));
        }
        let Some(fields) = self.inputs.get(&name).filter(|_| !within.contains(&name)) else {
            return guesses;
        };
        within.push(name);
        for field in fields {
            let key = field.name.node.as_str();
            guesses.push(Guess::of("1").below(&misspell(key)));
            let inner = self.guesses_at_values(&field.ty.node, within);
            guesses.extend(inner.into_iter().map(|guess| guess.below(key)));
        }
        within.pop();
        guesses
    }
}

/// Values that fit next to nothing.
const WRONG: &[&str] = &[
    "-1",
    "1.5",
    "true",
    "GUESS",
    "null",
    "{}",
    "{guess: 1}",
    "[[1]]",
    "$v",
];

/// A value, as it is written in a document and in JSON.
#[derive(Clone)]
struct Guess {
    text: String,
    json: Value,
}

impl Guess {
    fn of(text: &str) -> Self {
        let json = match text {
            "{guess: 1}" => json!({ "guess": 1 }),
            other => serde_json::from_str(other).unwrap_or_else(|_| json!(other)),
        };
        Self {
            text: text.to_owned(),
            json,
        }
    }

    fn below(self, key: &str) -> Self {
        Self {
            text: format!("{{{key}: {}}}", self.text),
            json: json!({ key: self.json }),
        }
    }
}

fn misspell(name: &str) -> String {
    match name.len() {
        0..4 => format!("{name}x"),
        length => name[..length - 1].to_owned(),
    }
}

fn in_brackets(written: &[String]) -> String {
    match written.is_empty() {
        true => String::new(),
        false => format!("({})", written.join(", ")),
    }
}

fn is_required(value: &InputValueDefinition) -> bool {
    !value.ty.node.nullable && value.default_value.is_none()
}

fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => innermost(item),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

/// A gateway that may not be asked about its schema, and what it was made to tell.
struct Oracle {
    world: World,
    secrets: Secrets,
    leaks: BTreeSet<String>,
    told: usize,
}

impl Oracle {
    async fn new() -> Self {
        let world = World::with(|config| {
            config.introspection.enabled = false;
            config.limits.errors = 1000;
            config.limits.root_fields = 10_000;
            config.limits.cost = 1_000_000_000;
        })
        .await;
        Self {
            world,
            secrets: Secrets::read(),
            leaks: BTreeSet::new(),
            told: 0,
        }
    }

    async fn guess(&mut self, document: &str, variables: Value) {
        let sent = format!("{document} {variables}");
        let sent: HashSet<&str> = words(&sent).collect();
        let caller = Caller::dispatcher();
        let answer = self
            .world
            .ask_with(&caller, document, variables.clone())
            .await;
        for error in answer["errors"].as_array().into_iter().flatten() {
            self.told += 1;
            // What an upstream has said is not the schema's.
            let is_ours = error["extensions"]["upstream"].is_null();
            let message = error["message"].as_str().filter(|_| is_ours);
            let mut texts: Vec<String> = message.map(str::to_owned).into_iter().collect();
            for (key, value) in error["extensions"].as_object().into_iter().flatten() {
                if !["code", "upstream"].contains(&key.as_str()) {
                    texts.push(value.to_string());
                }
            }
            let leaked = |word: &&str| self.secrets.names.contains(*word) && !sent.contains(word);
            for piece in texts.iter().flat_map(|text| text.split(['"', '`'])) {
                let is_sentence = piece.contains(' ');
                let leaked: Vec<&str> = words(piece)
                    .filter(leaked)
                    .filter(|word| !is_sentence || !ENGLISH.contains(word))
                    .collect();
                if !leaked.is_empty() {
                    self.leaks.insert(format!("{leaked:?} in {texts:?}"));
                }
            }
        }
    }

    /// Fails with some of what was told.
    fn verdict(self, least: usize) {
        let some: Vec<&String> = self.leaks.iter().take(40).collect();
        assert!(
            some.is_empty(),
            "{} leaks, such as {some:#?}",
            self.leaks.len()
        );
        assert!(self.told > least, "only {} mistakes were told", self.told);
    }
}

#[tokio::test]
async fn a_wrong_guess_at_fields_and_arguments_is_told_no_name() {
    let mut oracle = Oracle::new().await;
    for (ty, (begin, end)) in oracle.secrets.ways() {
        for guess in oracle.secrets.guesses_at_fields(&ty) {
            let document = format!("{begin}{guess}{end}");
            oracle.guess(&document, json!({})).await;
            for variable in ["Guess", "String", "[Int!]"] {
                if guess.contains("$v") && !begin.starts_with("mutation") {
                    let document = format!("query($v: {variable}) {document}");
                    oracle.guess(&document, json!({})).await;
                }
            }
        }
    }
    oracle.verdict(5000);
}

#[tokio::test]
async fn a_wrong_guess_at_values_is_told_no_name() {
    let mut oracle = Oracle::new().await;
    let mut guesses = Vec::new();
    for (kind, root) in [("query", "Query"), ("mutation", "Mutation")] {
        for field in &oracle.secrets.outputs[root] {
            for argument in &field.arguments {
                let (name, ty) = (&argument.node.name.node, &argument.node.ty.node);
                let selection = oracle.secrets.selection(field);
                let field = &field.name.node;
                for guess in oracle.secrets.guesses_at_values(ty, &mut Vec::new()) {
                    let document =
                        format!("{kind} {{ {field}({name}: {}){selection} }}", guess.text);
                    guesses.push((document, Map::new()));
                    let document = format!("{kind}($v: {ty}) {{ {field}({name}: $v){selection} }}");
                    let variables = Map::from_iter([("v".to_owned(), guess.json)]);
                    guesses.push((document, variables));
                }
            }
        }
    }
    for (document, variables) in guesses {
        oracle.guess(&document, Value::Object(variables)).await;
    }
    oracle.verdict(5000);
}
