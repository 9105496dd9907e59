//! The layers of a configuration: read, checked setting by setting, and merged.
//!
//! Every setting is tried alone, on top of the defaults. That is how all mistakes come out at once:
//! a deserializer stops at the first mistake, so each one gets a document of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Schema;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use toml::{Table, Value};

use super::mistakes::{Mistake, Mistakes, Origin, closest};

pub(super) const PREFIX: &str = "HAULGRAPH_";

/// Names from the top section down to the setting.
type KeyPath = Vec<String>;

/// What the layers said so far.
pub(super) struct Sources {
    schema: Schema,
    accepted: BTreeMap<KeyPath, (Value, Origin)>,
    mistakes: Vec<Mistake>,
}

impl Sources {
    /// The schema must hold its sections inline, as a tree of `properties`.
    pub(super) fn new(schema: Schema) -> Self {
        Self {
            schema,
            accepted: BTreeMap::new(),
            mistakes: Vec::new(),
        }
    }

    pub(super) fn add_file<T: DeserializeOwned>(&mut self, path: &Path) {
        match std::fs::read_to_string(path) {
            Ok(text) => self.add_toml::<T>(path, &text),
            Err(problem) => self.mistakes.push(Mistake {
                key: String::new(),
                origin: Some(file_origin(path, None)),
                problem: format!("the file cannot be read: {problem}"),
            }),
        }
    }

    pub(super) fn add_toml<T: DeserializeOwned>(&mut self, path: &Path, text: &str) {
        let (table, problems) = DeTable::parse_recoverable(text);
        if problems.is_empty() {
            let mut settings = Vec::new();
            collect_settings(&mut settings, &[], table.into_inner());
            for (key, value, start) in settings {
                self.add::<T>(key, value, file_origin(path, Some(line_of(text, start))));
            }
            return;
        }
        // What could be read around a broken place may mean something else than its writer thinks,
        // so nothing of such a file is looked at. Only the messages: the lines may hold a secret.
        for problem in problems {
            let line = problem.span().map(|span| line_of(text, span.start));
            self.mistakes.push(Mistake {
                key: String::new(),
                origin: Some(file_origin(path, line)),
                problem: format!("this is not TOML: {}", problem.message()),
            });
        }
    }

    /// An empty variable counts as not set, unless empty is a value that the setting accepts:
    /// orchestrators pass variables on that nobody filled.
    pub(super) fn add_environment<T: DeserializeOwned>(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) {
        for (name, text) in environment {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let key: KeyPath = rest.split("__").map(str::to_ascii_lowercase).collect();
            if self.find(&key).is_none() && is_service_link(rest, &text) {
                continue;
            }
            if text.is_empty() && self.find(&key).is_some() && self.try_text::<T>(&key, "").is_err()
            {
                continue;
            }
            self.add_text::<T>(key, &text, Origin::Environment { name });
        }
    }

    pub(super) fn add_flag<T: DeserializeOwned>(&mut self, flag: &str, key: &str, text: &str) {
        let origin = Origin::Flag {
            name: flag.to_owned(),
        };
        self.add_text::<T>(key.split('.').map(str::to_owned).collect(), text, origin);
    }

    /// What the accepted settings make together with the defaults.
    pub(super) fn merge<T: DeserializeOwned + Default>(&mut self) -> T {
        let mut document = Table::new();
        for (key, (value, _)) in &self.accepted {
            insert(&mut document, key, value.clone());
        }
        T::deserialize(document).unwrap_or_else(|problem| {
            self.reject("", problem.message().to_owned());
            T::default()
        })
    }

    /// Reports a setting that is well written and still wrong.
    pub(super) fn reject(&mut self, key: &str, problem: String) {
        let path: KeyPath = key.split('.').map(str::to_owned).collect();
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            origin: self.accepted.get(&path).map(|(_, origin)| origin.clone()),
            problem,
        });
    }

    pub(super) fn into_mistakes(mut self) -> Option<Mistakes> {
        self.mistakes.sort_by(|a, b| a.key.cmp(&b.key));
        (!self.mistakes.is_empty()).then_some(Mistakes(self.mistakes))
    }

    fn add_text<T: DeserializeOwned>(&mut self, key: KeyPath, text: &str, origin: Origin) {
        let outcome = self.try_text::<T>(&key, text);
        self.settle(key, outcome, origin);
    }

    fn add<T: DeserializeOwned>(&mut self, key: KeyPath, value: Value, origin: Origin) {
        let outcome = self.try_value::<T>(&key, value);
        self.settle(key, outcome, origin);
    }

    fn settle(&mut self, key: KeyPath, outcome: Result<Value, String>, origin: Origin) {
        match outcome {
            Ok(value) => {
                self.accepted.insert(key, (value, origin));
            }
            Err(problem) => self.mistakes.push(Mistake {
                key: key.join("."),
                origin: Some(origin),
                problem,
            }),
        }
    }

    fn try_text<T: DeserializeOwned>(&self, key: &[String], text: &str) -> Result<Value, String> {
        let schema = self.find(key).ok_or_else(|| self.unknown(key))?;
        self.try_value::<T>(key, value_from_text(schema, text)?)
    }

    fn try_value<T: DeserializeOwned>(
        &self,
        key: &[String],
        value: Value,
    ) -> Result<Value, String> {
        let schema = self.find(key).ok_or_else(|| self.unknown(key))?;
        check_kind(schema, &value)?;
        let mut document = Table::new();
        insert(&mut document, key, value.clone());
        match T::deserialize(document) {
            Ok(_) => Ok(value),
            Err(problem) => Err(problem.message().trim_end().to_owned()),
        }
    }

    fn find(&self, key: &[String]) -> Option<&Schema> {
        key.iter().try_fold(&self.schema, |schema, name| {
            schema.get("properties")?.get(name)
        })
    }

    fn unknown(&self, key: &[String]) -> String {
        match closest(&key.join("."), &known_keys(&self.schema)) {
            Some(right) => format!("there is no such setting; did you mean `{right}`?"),
            None => "there is no such setting".to_owned(),
        }
    }
}

fn file_origin(path: &Path, line: Option<usize>) -> Origin {
    Origin::File {
        path: PathBuf::from(path),
        line,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// Flattens a document into its settings, each with the place of its key. An empty table counts as
/// a setting, so that an unknown section is seen even if nothing stands in it.
fn collect_settings(
    settings: &mut Vec<(KeyPath, Value, usize)>,
    above: &[String],
    table: DeTable<'_>,
) {
    for (name, value) in table {
        let start = name.span().start;
        let key: KeyPath = [above, &[name.into_inner().into_owned()]].concat();
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) if !table.is_empty() => collect_settings(settings, &key, table),
            value => {
                let deserializer = ValueDeserializer::from(Spanned::new(span, value));
                // A parsed value is always a value; a number beyond 64 bits is the one exception.
                let value = Value::deserialize(deserializer)
                    .unwrap_or_else(|_| Value::String("a number out of range".to_owned()));
                settings.push((key, value, start));
            }
        }
    }
}

/// The keys of all settings, in the spelling of the file.
pub(super) fn known_keys(schema: &Schema) -> Vec<String> {
    let mut known = Vec::new();
    collect_keys(&mut known, "", schema);
    known
}

fn collect_keys(known: &mut Vec<String>, above: &str, schema: &Schema) {
    let Some(properties) = schema.get("properties").and_then(Schema::as_object) else {
        known.push(above.to_owned());
        return;
    };
    for (name, property) in properties {
        let dot = if above.is_empty() { "" } else { "." };
        collect_keys(known, &format!("{above}{dot}{name}"), property);
    }
}

fn insert(document: &mut Table, key: &[String], value: Value) {
    match key {
        [] => {}
        [name] => {
            document.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let section = document
                .entry(name.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                insert(section, rest, value);
            }
        }
    }
}

fn kind(schema: &Schema) -> &str {
    schema
        .get("type")
        .and_then(Schema::as_str)
        .unwrap_or("string")
}

/// Reads text as what the setting is: text alone does not tell the number 8 from the string "8".
fn value_from_text(schema: &Schema, text: &str) -> Result<Value, String> {
    match kind(schema) {
        "integer" => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| wrong_kind(schema, &format!("\"{text}\""))),
        "boolean" => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| wrong_kind(schema, &format!("\"{text}\""))),
        "array" => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| value_from_text(&schema["items"], item))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        "object" => Err(wrong_kind(schema, "a value")),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn check_kind(schema: &Schema, value: &Value) -> Result<(), String> {
    match (kind(schema), value) {
        ("integer", Value::Integer(number)) => check_range(schema, *number),
        ("string", Value::String(text)) => check_choice(schema, text),
        ("boolean", Value::Boolean(_))
        | ("array", Value::Array(_))
        | ("object", Value::Table(_)) => Ok(()),
        (_, value) => Err(wrong_kind(schema, article(value.type_str()))),
    }
}

fn check_range(schema: &Schema, number: i64) -> Result<(), String> {
    let bound = |name| schema.get(name).and_then(Schema::as_i64);
    let min = bound("minimum").unwrap_or(i64::MIN);
    let max = bound("maximum").unwrap_or(i64::MAX);
    if (min..=max).contains(&number) {
        Ok(())
    } else {
        Err(format!("must be between {min} and {max}, not {number}"))
    }
}

fn check_choice(schema: &Schema, text: &str) -> Result<(), String> {
    let Some(choices) = schema.get("enum").and_then(Schema::as_array) else {
        return Ok(());
    };
    if choices.iter().any(|choice| choice == text) {
        return Ok(());
    }
    let choices: Vec<String> = choices.iter().map(Schema::to_string).collect();
    Err(format!(
        "must be one of {}, not \"{text}\"",
        choices.join(", ")
    ))
}

fn wrong_kind(schema: &Schema, got: &str) -> String {
    let wanted = match kind(schema) {
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a section with settings of its own",
        _ => "a string",
    };
    format!("must be {wanted}, not {got}")
}

fn article(toml_type: &'static str) -> &'static str {
    match toml_type {
        "integer" => "an integer",
        "array" => "an array",
        "boolean" => "a boolean",
        "string" => "a string",
        "float" => "a float",
        "table" => "a table",
        _ => "a date or time",
    }
}

/// Container platforms describe a neighbouring service called `haulgraph` in variables of these
/// forms (`HAULGRAPH_SERVICE_HOST`, `HAULGRAPH_PORT_8080_TCP_ADDR`): nobody wrote them for us.
fn is_service_link(name: &str, text: &str) -> bool {
    if name.contains("__") {
        return false;
    }
    let numbered_port = name
        .split_once("PORT_")
        .is_some_and(|(_, port)| port.starts_with(|c: char| c.is_ascii_digit()));
    name.ends_with("SERVICE_HOST")
        || name.contains("SERVICE_PORT")
        || numbered_port
        || (name.ends_with("PORT") && text.contains("://"))
}
