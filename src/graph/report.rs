//! The errors of a whole response: in the order of their paths, each said once, not without end.

use async_graphql::{ErrorExtensionValues, PathSegment, ServerError};

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
    *errors = kept;
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
    use super::*;

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
