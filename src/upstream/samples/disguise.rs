//! Changing answers the way the upstreams do.

use serde_json::{Value, json};

/// Calls a function for each value of a document, the innermost first.
pub(super) fn visit(value: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| visit(element, change)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| visit(member, change)),
        _ => {}
    }
    change(value);
}

/// Each member of each object, as the pointer to the object and the name of the member.
pub(super) fn members(value: &Value) -> Vec<(String, String)> {
    fn collect(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
        match value {
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    collect(element, &format!("{pointer}/{index}"), found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    found.push((pointer.to_owned(), name.clone()));
                    collect(member, &format!("{pointer}/{name}"), found);
                }
            }
            _ => {}
        }
    }

    let mut found = Vec::new();
    collect(value, "", &mut found);
    found
}

pub(super) fn number_to_text(value: &mut Value) {
    if value.is_number() {
        *value = Value::String(value.to_string());
    }
}

pub(super) fn flag_to_text(value: &mut Value) {
    if let Value::Bool(flag) = value {
        *value = json!(if *flag { "True" } else { "FALSE" });
    }
}

pub(super) fn flag_to_number(value: &mut Value) {
    if let Value::Bool(flag) = value {
        *value = json!(u8::from(*flag));
    }
}

pub(super) fn more_members(value: &mut Value) {
    if let Value::Object(members) = value {
        members.insert(
            "added_yesterday".to_owned(),
            json!({ "id": [null, 1.5, "x"] }),
        );
    }
}
