//! Rendered values, the errors beside them, and how a level's go into the level above.

use std::ops::Range;

use async_graphql::{Name, PathSegment, Pos, Value};
use indexmap::IndexMap;

use super::Selections;
use crate::graph::{
    batch::{Linked, Place},
    declare::FieldDecl,
    error::Error,
};

/// An error of one value of a level. The path grows outwards, so it is kept in reverse.
#[derive(Clone)]
pub(super) struct FieldError {
    pub(super) value: usize,
    pub(super) path: Vec<PathSegment>,
    pub(super) pos: Pos,
    pub(super) error: Error,
}

/// What a level gives: a rendered value per value, and the errors on the way.
#[derive(Default)]
pub(super) struct Rendered {
    pub(super) values: Vec<Value>,
    pub(super) errors: Vec<FieldError>,
}

impl Rendered {
    /// Values without errors.
    pub(super) fn of(values: Vec<Value>) -> Self {
        Self {
            values,
            errors: Vec::new(),
        }
    }

    /// No value for any of `count`, and no error.
    pub(super) fn nulls(count: usize) -> Self {
        Self::of(vec![Value::Null; count])
    }

    pub(super) fn show(&self, span: &Range<usize>, list: bool) -> Value {
        if list {
            return Value::List(self.values[span.clone()].to_vec());
        }
        self.values[span.clone()]
            .first()
            .cloned()
            .unwrap_or_default()
    }

    /// The errors of the targets in `span`, as errors of the parent `value`.
    pub(super) fn errors_of(
        &self,
        span: &Range<usize>,
        value: usize,
        list: bool,
        first_index: usize,
        errors: &mut Vec<FieldError>,
    ) {
        // Errors are rare, so looking through them for every parent costs nothing in the end.
        for error in self
            .errors
            .iter()
            .filter(|error| span.contains(&error.value))
        {
            let mut error = error.clone();
            if list {
                error
                    .path
                    .push(PathSegment::Index(first_index + error.value - span.start));
            }
            error.value = value;
            errors.push(error);
        }
    }
}

pub(super) fn ranges(lengths: impl Iterator<Item = Option<usize>>) -> Vec<Option<Range<usize>>> {
    let mut start = 0;
    lengths
        .map(|length| {
            length.map(|length| {
                start += length;
                start - length..start
            })
        })
        .collect()
}

pub(super) fn distribute(
    ranges: &[Option<Range<usize>>],
    rendered: Rendered,
    list: bool,
) -> Rendered {
    let mut all = Rendered::default();
    for (value, range) in ranges.iter().enumerate() {
        all.values.push(
            range
                .as_ref()
                .map_or(Value::Null, |range| rendered.show(range, list)),
        );
        if let Some(range) = range {
            rendered.errors_of(range, value, list, 0, &mut all.errors);
        }
    }
    all
}

/// Turns columns into objects. A required field without a value makes its object null, and the
/// level above decides whether that is allowed there.
pub(super) fn assemble(count: usize, selected: Selections<'_>, columns: Vec<Rendered>) -> Rendered {
    let mut objects: Vec<Option<IndexMap<Name, Value>>> =
        vec![Some(IndexMap::with_capacity(columns.len())); count];
    let mut errors = Vec::new();
    for ((key, selected), column) in selected.into_iter().zip(columns) {
        let required = selected.decl.is_some_and(|decl| decl.ty.ends_with('!'));
        let before = errors.len();
        errors.extend(column.errors.into_iter().map(|mut error| {
            error.path.push(PathSegment::Field(key.to_string()));
            error
        }));
        for (at, value) in column.values.into_iter().enumerate() {
            let value = without_null_items(value, selected.decl);
            if required && value == Value::Null {
                objects[at] = None;
                let explained = errors[before..].iter().any(|error| error.value == at);
                if !explained {
                    let path = vec![PathSegment::Field(key.to_string())];
                    let error = Error::Internal("a required field has no value");
                    errors.push(FieldError {
                        value: at,
                        path,
                        pos: selected.field.pos,
                        error,
                    });
                }
            } else if let Some(object) = &mut objects[at] {
                object.insert(key.clone(), value);
            }
        }
    }
    let values = objects
        .into_iter()
        .map(|object| object.map_or(Value::Null, Value::Object))
        .collect();
    Rendered { values, errors }
}

/// A list whose items are required cannot hold a null: it becomes null itself.
pub(super) fn without_null_items(value: Value, decl: Option<&FieldDecl>) -> Value {
    let required = decl.is_some_and(|decl| decl.ty.trim_end_matches('!').ends_with("!]"));
    match value {
        Value::List(items) if required && items.contains(&Value::Null) => Value::Null,
        value => value,
    }
}

/// Gives every value the rendered targets that its keys found.
pub(super) fn distribute_link(
    linked: &Linked,
    rendered: Rendered,
    list: bool,
    pos: Pos,
) -> Rendered {
    let mut all = Rendered::default();
    for (value, place) in linked.places.iter().enumerate() {
        let mut fail = |error: &Error, path: Vec<PathSegment>| {
            all.errors.push(FieldError {
                value,
                path,
                pos,
                error: error.clone(),
            });
            Value::Null
        };
        let shown = match place {
            Place::Nothing => Value::Null,
            Place::Refused(error) => fail(error, Vec::new()),
            Place::Found(at) => match &linked.spans[*at].targets {
                Err(error) => fail(error, Vec::new()),
                Ok(None) => Value::Null,
                Ok(Some(span)) => {
                    rendered.errors_of(span, value, list, 0, &mut all.errors);
                    rendered.show(span, list)
                }
            },
            Place::Many(elements) => {
                let elements = elements.iter().enumerate().map(|(index, at)| {
                    match at
                        .as_ref()
                        .map_err(Clone::clone)
                        .and_then(|at| linked.spans[*at].targets.clone())
                    {
                        Err(error) => {
                            all.errors.push(FieldError {
                                value,
                                path: vec![PathSegment::Index(index)],
                                pos,
                                error,
                            });
                            Value::Null
                        }
                        Ok(None) => Value::Null,
                        Ok(Some(span)) => {
                            rendered.errors_of(&span, value, true, index, &mut all.errors);
                            rendered.show(&span, false)
                        }
                    }
                });
                Value::List(elements.collect())
            }
        };
        all.values.push(shown);
    }
    all
}
