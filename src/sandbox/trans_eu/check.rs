//! Checks a request body by dotted paths and collects the framework's texts.

use serde_json::Value;
use uuid::Uuid;

use super::refusal::Refusal;

pub(super) struct Check<'a> {
    body: &'a Value,
    messages: Vec<String>,
}

/// The value at a dotted path; array elements go by their index.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => value.get(step),
    })
}

pub(super) fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    at(value, path).and_then(Value::as_str)
}

/// The body as JSON, or the framework's complaint.
pub(super) fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::malformed(vec![format!("body is not JSON: {error}")]))
}

/// An id from a path. En dashes and other look-alikes of a hyphen are no part of a UUID.
pub(super) fn uuid(name: &str, text: &str) -> Result<String, Refusal> {
    match Uuid::parse_str(text) {
        Ok(id) if text.len() == 36 => Ok(id.to_string()),
        _ => Err(Refusal::malformed(vec![format!("{name} must be a UUID")])),
    }
}

impl<'a> Check<'a> {
    pub(super) fn new(body: &'a Value) -> Self {
        Self {
            body,
            messages: Vec::new(),
        }
    }

    pub(super) fn done(self) -> Result<(), Refusal> {
        if self.messages.is_empty() {
            Ok(())
        } else {
            Err(Refusal::malformed(self.messages))
        }
    }

    fn value(&self, path: &str) -> Option<&'a Value> {
        at(self.body, path).filter(|value| !value.is_null())
    }

    /// A member that must be there and be right.
    fn require(&mut self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) {
        if !self.value(path).is_some_and(fits) {
            self.messages.push(format!("{path} must be {what}"));
        }
    }

    /// A member that may be missing or null.
    fn allow(&mut self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) {
        if self.value(path).is_some_and(|value| !fits(value)) {
            self.messages.push(format!("{path} must be {what}"));
        }
    }

    pub(super) fn object(&mut self, path: &str) {
        if self.value(path).is_none() {
            self.messages.push(format!("{path} should not be empty"));
        } else {
            self.require(path, "an object", Value::is_object);
        }
    }

    pub(super) fn integer(&mut self, path: &str) {
        self.require(path, "an integer number", Value::is_i64);
    }

    pub(super) fn number(&mut self, path: &str) {
        self.require(path, "a number", Value::is_number);
    }

    pub(super) fn boolean(&mut self, path: &str) {
        self.require(path, "a boolean value", Value::is_boolean);
    }

    pub(super) fn string(&mut self, path: &str) {
        self.require(path, "a string", Value::is_string);
    }

    pub(super) fn array(&mut self, path: &str) {
        self.require(path, "an array", Value::is_array);
    }

    pub(super) fn uuid(&mut self, path: &str) {
        self.require(path, "a UUID", |value| {
            value.as_str().is_some_and(|text| uuid(path, text).is_ok())
        });
    }

    /// An ISO 8601 datetime with a zone, roughly.
    pub(super) fn datetime(&mut self, path: &str) {
        self.require(path, "a valid ISO 8601 date string", is_zoned);
    }

    pub(super) fn optional_datetime(&mut self, path: &str) {
        self.allow(path, "a valid ISO 8601 date string", is_zoned);
    }

    pub(super) fn optional_boolean(&mut self, path: &str) {
        self.allow(path, "a boolean value", Value::is_boolean);
    }

    pub(super) fn optional_string(&mut self, path: &str) {
        self.allow(path, "a string", Value::is_string);
    }

    pub(super) fn optional_integer(&mut self, path: &str) {
        self.allow(path, "an integer number", Value::is_i64);
    }

    pub(super) fn optional_array(&mut self, path: &str) {
        self.allow(path, "an array", Value::is_array);
    }

    /// A member that must be one of some words. A missing one is reported twice, as it is there.
    pub(super) fn one_of(&mut self, path: &str, words: &[&str]) {
        if self.value(path).is_none() {
            self.messages.push(format!("{path} should not be empty"));
        }
        let what = format!("one of the following values: {}", words.join(", "));
        self.require(path, &what, |value| {
            value.as_str().is_some_and(|it| words.contains(&it))
        });
    }

    /// The length of an array; 0 for anything else.
    pub(super) fn len(&self, path: &str) -> usize {
        self.value(path)
            .and_then(Value::as_array)
            .map_or(0, Vec::len)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.value(path).is_some()
    }
}

fn is_zoned(value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let is_date = date.len() == 10 && date.split('-').all(|part| part.parse::<u16>().is_ok());
    let zone = time.get(8..).unwrap_or_default();
    is_date && (zone.ends_with('Z') || zone.contains(['+', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_begin_with_the_dotted_path() {
        let body = json!({"carrier": {"company": {"id": "7"}}, "spots": [{"type": 1}]});
        let mut check = Check::new(&body);
        check.integer("carrier.company.id");
        check.string("spots.0.type");
        check.object("route");
        let refusal = check.done().unwrap_err();
        assert_eq!(refusal.status, 400);
        assert_eq!(
            refusal.body["message"],
            json!([
                "carrier.company.id must be an integer number",
                "spots.0.type must be a string",
                "route should not be empty"
            ])
        );
        assert_eq!(refusal.body["statusCode"], 400);
        assert_eq!(refusal.body["service_code"], 5404);
    }

    #[test]
    fn an_id_with_en_dashes_is_no_uuid() {
        assert!(uuid("id", "3fa85f64-5717-4562-b3fc-2c963f66afa6").is_ok());
        assert!(uuid("id", "3fa85f64-5717\u{2013}4562-b3fc-2c963f66afa6").is_err());
        assert!(uuid("id", "3fa85f6457174562b3fc2c963f66afa6").is_err());
    }

    #[test]
    fn datetimes_need_a_zone() {
        assert!(is_zoned(&json!("2027-01-01T00:00:00.000Z")));
        assert!(is_zoned(&json!("2027-01-01T00:00:00+02:00")));
        assert!(!is_zoned(&json!("2027-01-01T00:00:00")));
        assert!(!is_zoned(&json!("2027-01-01")));
        assert!(!is_zoned(&json!(7)));
    }
}
