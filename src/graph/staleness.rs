//! What an answer says of its own age: `extensions.freshness`.

use async_graphql::{PathSegment, Value};
use indexmap::IndexMap;

use crate::upstream::{StaleReading, readings::Sum};

/// A part of an answer that is served although it is no longer fresh.
#[derive(Debug, Clone)]
pub struct Label {
    /// Where it stands.
    pub path: Vec<PathSegment>,
    /// How old it is, and why it is served.
    pub reading: StaleReading,
}

/// The value of the extension; `None` if all is fresh.
///
/// What was read on the way to a value, and stands nowhere itself, is told with an empty path.
pub fn extension(mut labels: Vec<Label>, readings: &Sum) -> Option<Value> {
    if labels.is_empty() {
        let oldest = readings.stale.iter().max_by_key(|reading| reading.age);
        labels.extend(oldest.map(|reading| Label {
            path: Vec::new(),
            reading: *reading,
        }));
    }
    let labels: Vec<Value> = labels.iter().map(label).collect();
    (!labels.is_empty()).then_some(Value::List(labels))
}

fn label(Label { path, reading }: &Label) -> Value {
    let path = path.iter().map(|step| match step {
        PathSegment::Field(name) => Value::from(name.as_str()),
        PathSegment::Index(index) => Value::from(*index),
    });
    let members = [
        ("path", Value::List(path.collect())),
        ("age", Value::from(reading.age.as_secs())),
        ("reason", Value::from(reading.reason.name())),
    ];
    let members = members.map(|(name, value)| (async_graphql::Name::new(name), value));
    Value::Object(IndexMap::from(members))
}
