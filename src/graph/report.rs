//! The errors of a whole response: in the order of their paths, each said once, not without end.

use async_graphql::{ErrorExtensionValues, PathSegment, ServerError};
use uuid::Uuid;

use super::error::{Cause, INTERNAL};

/// Orders the errors, says each once per parent, and keeps at most `max`.
pub fn tidy(errors: &mut Vec<ServerError>, max: usize) {
    errors.sort_by_cached_key(|error| error.path.iter().map(order).collect::<Vec<_>>());
    let mut kept: Vec<ServerError> = Vec::with_capacity(errors.len().min(max));
    let mut left_out = 0_usize;
    for error in errors.drain(..) {
        if kept.iter().rev().any(|other| repeats(other, &error)) {
            continue;
        }
        if kept.len() < max {
            kept.push(error);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let mut note = ServerError::new(format!("{left_out} more errors are not listed."), None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", "TOO_MANY_ERRORS");
        note.extensions = Some(extensions);
        kept.push(note);
    }
    kept.iter_mut().for_each(name_mistake);
    *errors = kept;
}

/// Gives a mistake of the gateway's own an id, under which the log has what clients do not get.
fn name_mistake(error: &mut ServerError) {
    let cause = error.source::<Cause>().map(|Cause(why)| why.clone());
    let Some(extensions) = &mut error.extensions else {
        return;
    };
    if extensions.get("code") != Some(&INTERNAL.into()) {
        return;
    }
    let error_id = Uuid::new_v4().to_string();
    let steps: Vec<String> = error.path.iter().map(step).collect();
    let path = steps.join(".");
    tracing::error!(
        error_id,
        path,
        cause,
        "a field failed by a mistake in the gateway"
    );
    extensions.set("errorId", error_id);
}

fn step(segment: &PathSegment) -> String {
    match segment {
        PathSegment::Index(index) => index.to_string(),
        PathSegment::Field(name) => name.clone(),
    }
}

/// Whether both errors are the same failure on fields of the same parent.
fn repeats(one: &ServerError, other: &ServerError) -> bool {
    let parents = |error: &ServerError| error.path.len().checked_sub(1);
    parents(one) == parents(other)
        && parents(one).is_some_and(|end| end > 0 && one.path[..end] == other.path[..end])
        && one.message == other.message
        && one.extensions == other.extensions
}

fn order(segment: &PathSegment) -> (usize, String) {
    match segment {
        PathSegment::Index(index) => (*index, String::new()),
        PathSegment::Field(name) => (0, name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Pos, Value};

    use super::*;
    use crate::graph::error::Error;

    fn error(message: &str, path: &[&str]) -> ServerError {
        let mut error = ServerError::new(message, None);
        error.path = path
            .iter()
            .map(|part| {
                part.parse().map_or_else(
                    |_| PathSegment::Field((*part).to_owned()),
                    PathSegment::Index,
                )
            })
            .collect();
        error
    }

    #[test]
    fn a_mistake_of_the_gateways_own_has_an_id_and_no_cause_for_clients() {
        let mistake = Error::Internal("a link was not loaded");
        let field = |name: &str| vec![PathSegment::Field(name.to_owned())];
        let mut errors = vec![
            mistake.at_field(field("a"), Pos::default()),
            mistake.at_field(field("b"), Pos::default()),
            Error::argument(&[], "wrong").at_field(field("c"), Pos::default()),
        ];
        tidy(&mut errors, 10);
        let ids: Vec<Option<Value>> = errors
            .iter()
            .map(|error| error.extensions.as_ref()?.get("errorId").cloned())
            .collect();
        assert!(ids[0].is_some() && ids[1].is_some() && ids[0] != ids[1]);
        assert_eq!(ids[2], None);
        let told = serde_json::to_string(&errors).unwrap();
        assert!(!told.contains("not loaded"), "{told}");
    }

    #[test]
    fn one_failure_is_said_once_per_parent() {
        let mut errors = vec![
            error("down", &["list", "1", "a"]),
            error("down", &["list", "0", "b"]),
            error("down", &["list", "0", "a"]),
            error("other", &["list", "0", "c"]),
            error("down", &["x"]),
            error("down", &["y"]),
        ];
        tidy(&mut errors, 10);
        let paths: Vec<_> = errors.iter().map(|error| error.path.len()).collect();
        assert_eq!((errors.len(), paths), (5, vec![3, 3, 3, 1, 1]));
    }

    #[test]
    fn a_long_list_of_errors_ends_with_a_count() {
        let mut errors = (0..30)
            .map(|at| error("down", &["list", &at.to_string(), "a"]))
            .collect();
        tidy(&mut errors, 10);
        assert_eq!(errors.len(), 11);
        assert_eq!(errors[10].message, "20 more errors are not listed.");
    }
}
