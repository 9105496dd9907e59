//! Complaints about single members of a request: four ways to print them.

use serde_json::{Map, Value};

use super::{ValidationMessage, clean};

/// More complaints than this are not read.
const MAX_MESSAGES: usize = 100;
/// Members that are no complaints about a member of that name.
const PROBLEM_MEMBERS: [&str; 12] = [
    "detail",
    "error",
    "error_description",
    "explanation",
    "field",
    "message",
    "service_code",
    "status",
    "statusCode",
    "title",
    "type",
    "validation_messages",
];
/// The name under which complaints about no particular member come.
const NO_FIELD: &str = "non_field_errors";

/// All complaints of a body.
pub(super) fn messages(members: &Map<String, Value>) -> Vec<ValidationMessage> {
    let mut messages = Messages(Vec::new());
    if let Some(nested) = members.get("validation_messages") {
        messages.add_nested(nested, &mut Vec::new());
    } else if let Some(Value::Array(texts)) = members.get("message") {
        for text in texts.iter().filter_map(Value::as_str) {
            messages.add_sentence(text);
        }
    } else if !members
        .keys()
        .any(|name| PROBLEM_MEMBERS.contains(&name.as_str()))
    {
        for (field, complaints) in members.iter().filter(|(_, value)| !value.is_string()) {
            let mut path = Vec::new();
            if field != NO_FIELD {
                path.push(field.clone());
            }
            messages.add_nested(complaints, &mut path);
        }
    }
    messages.0
}

/// The complaints in one text, for bodies that have no text besides.
pub(super) fn summary(messages: &[ValidationMessage]) -> Option<String> {
    let sentences: Vec<String> = messages
        .iter()
        .map(|complaint| {
            let field = complaint.path.join(".");
            // Sentences of the framework's validator begin with the path anyway.
            if field.is_empty() || complaint.message.contains(&field) {
                complaint.message.clone()
            } else {
                format!("{field}: {}", complaint.message)
            }
        })
        .collect();
    clean(&sentences.join("; "))
}

struct Messages(Vec<ValidationMessage>);

impl Messages {
    fn push(&mut self, path: &[String], rule: &str, message: &str) {
        if let (Some(message), true) = (clean(message), self.0.len() < MAX_MESSAGES) {
            self.0.push(ValidationMessage {
                path: path.iter().filter_map(|part| clean(part)).collect(),
                rule: clean(rule).unwrap_or_default(),
                message,
            });
        }
    }

    /// Objects nested by path, whose innermost keys are the names of rules. How deep they go varies. The depth is
    /// bounded by the JSON reader.
    fn add_nested(&mut self, value: &Value, path: &mut Vec<String>) {
        match value {
            Value::String(message) => self.push(path, "", message),
            Value::Object(members) => {
                for (name, member) in members {
                    if let Value::String(message) = member {
                        self.push(path, name, message);
                    } else {
                        self.add_below(member, name.clone(), path);
                    }
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    // A list at the top, and a list of texts, holds several complaints about the same thing.
                    if path.is_empty() || !element.is_object() {
                        self.add_nested(element, path);
                    } else {
                        self.add_below(element, index.to_string(), path);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_below(&mut self, value: &Value, part: String, path: &mut Vec<String>) {
        path.push(part);
        self.add_nested(value, path);
        path.pop();
    }

    /// A sentence that begins with a dotted path: `spots.0.type must be a string`.
    fn add_sentence(&mut self, sentence: &str) {
        let path: Vec<String> = path_of(sentence)
            .into_iter()
            .flat_map(|path| path.split('.').map(str::to_owned))
            .collect();
        self.push(&path, "", sentence);
    }
}

/// The path at the beginning of a sentence. A capital letter begins a sentence without a path.
fn path_of(sentence: &str) -> Option<&str> {
    let path = sentence.split(' ').next()?;
    let is_name = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    (path.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && path.split('.').all(is_name))
        .then_some(path)
}
