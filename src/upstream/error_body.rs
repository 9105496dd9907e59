//! What an upstream says about a failure, read from whatever body it came in.
//!
//! The three upstreams have a dozen shapes between them, a proxy in front adds its HTML, and a broken connection half
//! of any of them. Reading never fails: what is not understood is left out, and the HTTP status (which is not read
//! here) decides. Texts are cut and cleaned, for they are shown to callers and written to logs.

mod validation;

use serde_json::{Map, Value};

use super::lenient::without_credentials;

/// A body above this size is no error message.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// The longest text taken from a JSON body.
const MAX_TEXT_CHARS: usize = 1_000;
/// The longest plain text body that passes for a message.
const MAX_PLAIN_CHARS: usize = 300;

/// The parts of an error body. A part that the body did not have is `None` or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The input that is to blame: `CreateCustomerModel.user_id`.
    pub field: Option<String>,
    /// What happened, in one sentence.
    pub detail: Option<String>,
    pub explanation: Option<String>,
    pub title: Option<String>,
    /// The JSON `type`: a URL that names the kind of problem.
    pub kind: Option<String>,
    /// Names the service and not the error: never to be branched on.
    pub service_code: Option<i64>,
    pub validation_messages: Vec<ValidationMessage>,
    /// The status according to the body. Where it differs from the HTTP status, the latter counts.
    pub status: Option<u16>,
}

/// A complaint about one member of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationMessage {
    /// The path of the member, with the indexes of lists; empty if unknown.
    pub path: Vec<String>,
    /// The name of the broken rule; empty if unknown.
    pub rule: String,
    pub message: String,
}

impl ErrorBody {
    /// Reads an error body of any upstream in any state.
    #[must_use]
    pub fn read(content_type: Option<&str>, body: &[u8]) -> Self {
        if body.len() > MAX_BODY_BYTES {
            return Self::default();
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::from_members(&members),
            Ok(Value::Array(elements)) => Self::from_elements(elements),
            Ok(Value::String(text)) => Self::from_plain_text(&text),
            Ok(_) => Self::default(),
            Err(_) if is_markup(content_type) => Self::default(),
            Err(_) => {
                std::str::from_utf8(body).map_or_else(|_| Self::default(), Self::from_plain_text)
            }
        }
    }

    fn from_members(members: &Map<String, Value>) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).and_then(clean);
        let mut body = Self {
            field: text("field"),
            detail: text("detail"),
            explanation: text("explanation"),
            title: text("title"),
            kind: text("type"),
            service_code: members.get("service_code").and_then(number),
            validation_messages: Vec::new(),
            status: ["status", "statusCode"]
                .iter()
                .find_map(|name| u16::try_from(number(members.get(*name)?)?).ok()),
        };
        body.validation_messages = validation::messages(members);
        body.add_message(members.get("message"));
        body.add_error(text("error"), text("error_description"));
        if body.detail.is_none() {
            body.detail = validation::summary(&body.validation_messages);
        }
        body
    }

    /// `message` is the detail where it is a text. (A list of messages has been read as such.)
    fn add_message(&mut self, message: Option<&Value>) {
        if self.detail.is_none() {
            self.detail = message.and_then(Value::as_str).and_then(clean);
        }
    }

    /// `error` is a short name next to a description or to messages, and the whole message if it is alone.
    fn add_error(&mut self, error: Option<String>, description: Option<String>) {
        if self.detail.is_none() {
            self.detail = description;
        }
        let alone = self.detail.is_none() && self.validation_messages.is_empty();
        let part = if alone {
            &mut self.detail
        } else {
            &mut self.title
        };
        if part.is_none() {
            *part = error;
        }
    }

    fn from_elements(elements: Vec<Value>) -> Self {
        // The same texts that others put into a list under `message`.
        Self::from_members(&Map::from_iter([(
            "message".to_owned(),
            Value::Array(elements),
        )]))
    }

    fn from_plain_text(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim();
        let presentable = !looks_like_markup(text)
            && !text.starts_with(['{', '[', '"'])
            && !text.chars().any(char::is_control);
        Self {
            detail: presentable
                .then(|| clean(text))
                .flatten()
                .map(|text| text.chars().take(MAX_PLAIN_CHARS).collect()),
            ..Self::default()
        }
    }
}

/// A number, or its digits as a string.
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A text fit to be shown: no credentials, no control characters, not endless, not empty.
fn clean(text: &str) -> Option<String> {
    let text: String = without_credentials(text.trim())
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_TEXT_CHARS)
        .collect();
    (!text.is_empty()).then_some(text)
}

fn is_markup(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|content_type| {
        let content_type = content_type.to_ascii_lowercase();
        content_type.contains("html") || content_type.contains("xml")
    })
}

fn looks_like_markup(text: &str) -> bool {
    text.starts_with('<') || text.contains("</") || text.to_ascii_lowercase().contains("<html")
}

#[cfg(test)]
mod tests;
