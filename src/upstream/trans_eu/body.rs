//! The bodies of writes.

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// What is sent for `value`: nothing for what is not set, whole numbers without a fraction.
pub fn body(value: &impl Serialize) -> Value {
    serde_json::to_value(value)
        .ok()
        .and_then(sent)
        .unwrap_or_else(|| Value::Object(Map::new()))
}

fn sent(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Number(number) => Some(Value::Number(shortest(number))),
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(sent).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) => {
            let members: Map<String, Value> = members
                .into_iter()
                .filter_map(|(name, value)| Some((name, sent(value)?)))
                .collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        other => Some(other),
    }
}

/// Whole numbers are exact in a float up to 2^53.
fn shortest(number: Number) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole and within the bounds"
        )]
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT => {
            Number::from(float as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::body;

    #[test]
    fn what_is_not_set_is_not_sent() {
        let value = json!({
            "name": "A", "note": null, "loads": [], "size": { "min": null, "max": null },
            "spots": [{ "id": null, "type": "loading" }], "flag": false,
        });
        let sent = json!({ "name": "A", "spots": [{ "type": "loading" }], "flag": false });
        assert_eq!(body(&value), sent);
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let value = json!({ "price": 980.0, "rate": 1.35, "count": 7 });
        assert_eq!(
            body(&value).to_string(),
            r#"{"count":7,"price":980,"rate":1.35}"#
        );
    }
}
