//! What errors may tell where the schema may not be asked about itself: no name of it that the caller
//! did not send. Whoever guesses names would else be handed the next ones: the type of a field, the fields
//! that an input needs.
//!
//! This works on finished errors, so that no phase can forget it. All of them write names between
//! quotation marks or backticks, alone.

use std::collections::HashSet;

use async_graphql::{Name, Value, Variables};
use axum::body::Bytes;
use indexmap::IndexMap;
use serde_json::{Value as Json, value::RawValue};

use super::{Answer, refusal::Refusal, schema::PublishedSchema};

/// Keeps the names of a schema.
pub(super) struct Discretion {
    names: HashSet<Name>,
}

/// Stands for a name that is not told.
const UNTOLD: &str = "…";

impl Discretion {
    pub(super) fn about(schema: &PublishedSchema) -> Self {
        let mut names: HashSet<Name> = schema.names().cloned().collect();
        for known in KNOWN {
            names.remove(known);
        }
        Self { names }
    }

    /// A refusal that tells no name which is neither in the document nor a key of the variables.
    pub(super) fn redact(&self, mut refusal: Refusal, document: &str, keys: &[Name]) -> Refusal {
        let teller = self.teller(document, keys);
        for error in &mut refusal.errors {
            error.message = teller.message(&error.message);
        }
        refusal
    }

    /// The same for the errors in an answer.
    pub(super) fn redact_answer(&self, answer: &mut Answer, document: &str, keys: &[Name]) {
        if answer.errors > 0
            && let Some(body) = self.teller(document, keys).body(&answer.body)
        {
            answer.body = body;
        }
    }

    fn teller<'a>(&'a self, document: &'a str, keys: &'a [Name]) -> Teller<'a> {
        let mut sent: HashSet<&str> = words(document).collect();
        sent.extend(keys.iter().map(Name::as_str));
        Teller {
            names: &self.names,
            sent,
        }
    }
}

/// What every GraphQL service has.
const KNOWN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// The keys of objects in variables.
pub(super) fn keys(variables: &Variables) -> Vec<Name> {
    let mut keys = Vec::new();
    for value in variables.values() {
        collect_keys(value, &mut keys);
    }
    keys
}

/// Recurses as deep as the JSON nests, which its parser has bounded.
fn collect_keys(value: &Value, keys: &mut Vec<Name>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        Value::Object(fields) => {
            for (key, value) in fields {
                keys.push(key.clone());
                collect_keys(value, keys);
            }
        }
        _ => {}
    }
}

/// Tells one caller what that caller knows.
struct Teller<'a> {
    names: &'a HashSet<Name>,
    sent: HashSet<&'a str>,
}

impl Teller<'_> {
    /// A response with errors that tell no other names; nothing if it is none.
    fn body(&self, body: &[u8]) -> Option<Bytes> {
        let mut members: IndexMap<String, Box<RawValue>> = serde_json::from_slice(body).ok()?;
        let errors = members.get_mut("errors")?;
        let mut told: Vec<IndexMap<String, Json>> = serde_json::from_str(errors.get()).ok()?;
        for error in &mut told {
            if let Some(Json::String(message)) = error.get_mut("message") {
                *message = self.message(message);
            }
            let extensions = error.get_mut("extensions");
            if let Some(Json::Array(path)) = extensions.and_then(|all| all.get_mut("argument")) {
                for step in path.iter_mut() {
                    if step.as_str().is_some_and(|name| self.is_secret(name)) {
                        *step = UNTOLD.into();
                    }
                }
            }
        }
        *errors = serde_json::value::to_raw_value(&told).ok()?;
        serde_json::to_vec(&members).ok().map(Bytes::from)
    }

    fn message(&self, message: &str) -> String {
        // A caller's own text may hold such marks, so none is known to open or to close. What stands
        // between two of them and has no space is a name, a path of names, or a type; sentences have spaces.
        let mut told = String::with_capacity(message.len());
        for piece in message.split_inclusive(['"', '`']) {
            if piece.contains(char::is_whitespace) {
                told.push_str(piece);
            } else {
                self.names(piece, &mut told);
            }
        }
        told
    }

    fn names(&self, mut piece: &str, told: &mut String) {
        while let Some(word) = words(piece).next() {
            let (before, after) = piece.split_once(word).unwrap_or((piece, ""));
            told.push_str(before);
            told.push_str(if self.is_secret(word) { UNTOLD } else { word });
            piece = after;
        }
        told.push_str(piece);
    }

    fn is_secret(&self, word: &str) -> bool {
        self.names.contains(word) && !self.sent.contains(word)
    }
}

/// The words of a text that may be names.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn discretion() -> Discretion {
        let sdl = "type Query { yard(ids: [ID!], size: Size): Yard } type Yard { gate: Gate }
            type Gate { id: ID } enum Size { SMALL } input Input { at: Int }";
        let schema = PublishedSchema::parse(sdl, |_, _| true).unwrap();
        Discretion::about(&schema)
    }

    #[test]
    fn names_that_were_not_sent_are_not_told() {
        let discretion = discretion();
        let keys = [Name::new("ids")];
        let teller = discretion.teller("{ yard { gtae } }", &keys);
        for (message, told) in [
            (
                "Unknown field \"gtae\" on type \"Yard\".",
                "Unknown field \"gtae\" on type \"…\".",
            ),
            (
                "Variable \"$v[2].ids.at\": a value of type \"[[Gate!]!]\" is required.",
                "Variable \"$v[2].ids.…\": a value of type \"[[…!]!]\" is required.",
            ),
            (
                "expected \"Int\", got a gate",
                "expected \"Int\", got a gate",
            ),
            (
                "the value \"gtae\" \" yard\"\"Gate\" is no `size`, but `SMALL`",
                "the value \"gtae\" \" yard\"\"…\" is no `…`, but `…`",
            ),
            ("`ids.id.size_id`", "`ids.….size_id`"),
        ] {
            assert_eq!(teller.message(message), told);
        }
    }

    #[test]
    fn an_answer_keeps_everything_but_names_in_its_errors() {
        let mut answer = Answer {
            body: Bytes::from_static(
                br#"{"data":{"z":1.50,"a":"gate"},"errors":[{"message":"Give a `size`.","path":["yard"],"extensions":{"code":"X","argument":["yard","size",0]}}],"extensions":{"b":[ ]}}"#,
            ),
            errors: 1,
            fresh_for: None,
        };
        discretion().redact_answer(&mut answer, "{ yard }", &[]);
        assert_eq!(
            answer.body,
            r#"{"data":{"z":1.50,"a":"gate"},"errors":[{"message":"Give a `…`.","path":["yard"],"extensions":{"argument":["yard","…",0],"code":"X"}}],"extensions":{"b":[ ]}}"#
        );
    }

    #[test]
    fn keys_are_found_wherever_they_are() {
        let mut variables = Variables::default();
        variables.insert(
            Name::new("v"),
            value!({ "a": [{ "b": 1 }], "c": { "d": null } }),
        );
        assert_eq!(keys(&variables), ["a", "b", "c", "d"]);
    }
}
