//! Whether an answer is ours: the same JSON, however it is written.

use serde_json::Value;

/// Reads an answer that has data and no errors.
///
/// # Errors
/// It is no JSON, or has errors, or no data.
pub fn data(body: &[u8]) -> Result<Value, String> {
    let shown = || {
        String::from_utf8_lossy(body)
            .chars()
            .take(300)
            .collect::<String>()
    };
    let mut answer: Value =
        serde_json::from_slice(body).map_err(|error| format!("{error}: {}", shown()))?;
    if answer.get("errors").is_some() || !answer["data"].is_object() {
        return Err(format!("it has errors or no data: {}", shown()));
    }
    Ok(answer["data"].take())
}

/// Where two answers differ first; `None` if they are the same.
pub fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    differ(ours, theirs, "data")
}

fn differ(ours: &Value, theirs: &Value, at: &str) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.keys().chain(theirs.keys()).find_map(|key| {
                let null = &Value::Null;
                let (ours, theirs) = (ours.get(key), theirs.get(key));
                let at = format!("{at}.{key}");
                if ours.is_some() != theirs.is_some() {
                    return Some(format!("{at} is not in both"));
                }
                differ(ours.unwrap_or(null), theirs.unwrap_or(null), &at)
            })
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => ours
            .iter()
            .zip(theirs)
            .enumerate()
            .find_map(|(index, (ours, theirs))| differ(ours, theirs, &format!("{at}[{index}]"))),
        _ => (ours != theirs).then(|| {
            let shown = |value: &Value| value.to_string().chars().take(80).collect::<String>();
            format!(
                "{at} is {} for us and {} for it",
                shown(ours),
                shown(theirs)
            )
        }),
    }
}

/// The objects in an answer: what the size of an answer is counted in.
pub fn nodes(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(nodes).sum::<usize>(),
        Value::Array(items) => items.iter().map(nodes).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_is_no_difference_and_that_of_rows_is() {
        let ours = json!({ "a": [{ "b": 1, "c": null }, 2] });
        assert_eq!(
            difference(&ours, &json!({ "a": [{ "c": null, "b": 1 }, 2] })),
            None
        );
        let swapped = difference(&ours, &json!({ "a": [2, { "b": 1, "c": null }] }));
        assert!(swapped.unwrap().starts_with("data.a[0] is"));
        let missing = difference(&ours, &json!({ "a": [{ "b": 1 }, 2] })).unwrap();
        assert_eq!(missing, "data.a[0].c is not in both");
        assert!(difference(&ours, &json!({ "a": [] })).is_some());
    }

    #[test]
    fn an_answer_with_an_error_is_none() {
        assert!(data(br#"{"data":{"a":1}}"#).is_ok());
        assert!(data(br#"{"data":{"a":null},"errors":[{"message":"x"}]}"#).is_err());
        assert!(data(br#"{"data":null}"#).is_err());
        assert!(data(b"<html>").is_err());
    }

    #[test]
    fn nodes_are_objects() {
        assert_eq!(
            nodes(&json!({ "a": [{ "b": {} }, { "b": null }], "c": 1 })),
            4
        );
    }
}
