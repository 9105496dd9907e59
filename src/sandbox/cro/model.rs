//! Request bodies: each documented model as a table of fields, checked in one place.

use serde_json::{Map, Value};

use super::query::is_naive_datetime;
use super::refusal::Refusal;

pub(super) struct Model {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
}

pub(super) enum Kind {
    Integer,
    Boolean,
    /// A number between two bounds.
    Number(f64, f64),
    /// A text of so many characters.
    Text(usize, usize),
    Datetime,
    List(&'static Model),
}

#[derive(PartialEq, Eq)]
pub(super) enum Need {
    Optional,
    /// The key must be there; null will do.
    Present,
    Required,
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        need: Need::Optional,
    }
}

pub(super) const fn present(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        need: Need::Present,
    }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        need: Need::Required,
    }
}

impl Model {
    /// The body as an object whose every field is known and well-formed.
    pub(super) fn read(&self, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => self.check(&object).map(|()| object),
            Ok(_) => Err(Refusal::invalid(self.name, "Not a JSON object.")),
            Err(_) => Err(Refusal::invalid(self.name, "Not valid JSON.")),
        }
    }

    fn check(&self, object: &Map<String, Value>) -> Result<(), Refusal> {
        let known = |name: &String| self.fields.iter().any(|field| field.name == name.as_str());
        if let Some(unknown) = object.keys().find(|name| !known(name)) {
            return self.refuse(unknown, "Unknown field.");
        }
        for field in self.fields {
            match object.get(field.name) {
                None if field.need == Need::Optional => {}
                None => return self.refuse(field.name, "Missing."),
                Some(Value::Null) if field.need != Need::Required => {}
                Some(value) => self.check_value(field, value)?,
            }
        }
        Ok(())
    }

    fn check_value(&self, field: &Field, value: &Value) -> Result<(), Refusal> {
        let name = field.name;
        match &field.kind {
            Kind::Integer if value.is_i64() => Ok(()),
            Kind::Integer => self.refuse(name, "Not a valid integer."),
            Kind::Boolean if as_bool(value).is_some() => Ok(()),
            Kind::Boolean => self.refuse(name, "Not a valid boolean."),
            Kind::Number(low, high) => match value.as_f64() {
                Some(number) if (*low..=*high).contains(&number) => Ok(()),
                Some(_) => self.refuse(name, &format!("Must be between {low} and {high}.")),
                None => self.refuse(name, "Not a valid number."),
            },
            Kind::Text(least, most) => match value.as_str().map(|text| text.chars().count()) {
                Some(length) if (*least..=*most).contains(&length) => Ok(()),
                Some(_) => {
                    self.refuse(name, &format!("Must be {least} to {most} characters long."))
                }
                None => self.refuse(name, "Not a valid string."),
            },
            Kind::Datetime if value.as_str().is_some_and(is_naive_datetime) => Ok(()),
            Kind::Datetime => self.refuse(name, "Not a valid datetime."),
            Kind::List(model) => {
                let Some(items) = value.as_array() else {
                    return self.refuse(name, "Not a valid array.");
                };
                items.iter().try_for_each(|item| match item {
                    Value::Object(object) => model.check(object),
                    _ => Err(Refusal::invalid(model.name, "Not a JSON object.")),
                })
            }
        }
    }

    fn refuse(&self, field: &str, detail: &str) -> Result<(), Refusal> {
        Err(Refusal::invalid(format!("{}.{field}", self.name), detail))
    }
}

/// JSON booleans, 0 and 1, and the words in any case.
pub(super) fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.to_lowercase().as_str() {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: Model = Model {
        name: "ChildModel",
        fields: &[optional("latitude", Kind::Number(-90.0, 90.0))],
    };
    const MODEL: Model = Model {
        name: "TestModel",
        fields: &[
            required("name", Kind::Text(1, 5)),
            present("country", Kind::Text(2, 2)),
            optional("parent_id", Kind::Integer),
            optional("flag", Kind::Boolean),
            optional("children", Kind::List(&CHILD)),
        ],
    };

    fn refused(body: &str) -> (String, String) {
        let body = MODEL.read(body.as_bytes()).unwrap_err().body;
        (
            body["field"].as_str().unwrap().into(),
            body["detail"].as_str().unwrap().into(),
        )
    }

    #[test]
    fn a_refusal_names_model_and_field() {
        let of = |field: &str, detail: &str| (field.to_owned(), detail.to_owned());
        assert_eq!(
            refused(r#"{"name":"a","country":null,"user_id":1}"#),
            of("TestModel.user_id", "Unknown field.")
        );
        assert_eq!(
            refused(r#"{"country":null}"#),
            of("TestModel.name", "Missing.")
        );
        assert_eq!(
            refused(r#"{"name":"a"}"#),
            of("TestModel.country", "Missing.")
        );
        assert_eq!(
            refused(r#"{"name":"abcdef","country":null}"#),
            of("TestModel.name", "Must be 1 to 5 characters long.")
        );
        assert_eq!(
            refused(r#"{"name":"a","country":null,"parent_id":"1"}"#),
            of("TestModel.parent_id", "Not a valid integer.")
        );
        assert_eq!(
            refused(r#"{"name":"a","country":null,"children":[{"latitude":91}]}"#),
            of("ChildModel.latitude", "Must be between -90 and 90.")
        );
        assert_eq!(refused("[]"), of("TestModel", "Not a JSON object."));
        assert_eq!(refused("{"), of("TestModel", "Not valid JSON."));
    }

    #[test]
    fn types_are_strict_but_booleans_are_not() {
        assert_eq!(
            refused(r#"{"name":7,"country":null}"#).1,
            "Not a valid string."
        );
        for flag in ["true", "0", "\"False\""] {
            let body = format!(r#"{{"name":"é","country":"US","flag":{flag}}}"#);
            assert!(MODEL.read(body.as_bytes()).is_ok(), "{flag}");
        }
        assert_eq!(
            refused(r#"{"name":"a","country":null,"flag":"yes"}"#).1,
            "Not a valid boolean."
        );
    }
}
