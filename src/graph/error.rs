//! Failures of fields, and their one translation into GraphQL errors.
//!
//! A client sees a message, a code and, for an upstream's failure, what the upstream said in named
//! keys. It never sees a URL, a host, a token or a stack: those are not in the types that get
//! here. Where the upstream named a field of its input, `extensions.argument` leads back to the
//! GraphQL argument that it came from.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Name, PathSegment, Pos, ServerError, Value};
use indexmap::IndexMap;

use super::{declare::Blame, input::camel};
use crate::{
    ids::InvalidId,
    upstream::{self, Class},
};

/// The code of a mistake of the gateway's own.
pub const INTERNAL: &str = "INTERNAL_SERVER_ERROR";

/// Behind a mistake of the gateway's own, for its log: clients get an id in place of it.
pub struct Cause(pub String);

/// Why a field has no value.
#[derive(Debug, Clone)]
pub enum Error {
    /// An argument is not acceptable; nothing was sent.
    Argument {
        /// What is wrong with it.
        message: String,
        /// The path of the argument.
        argument: Vec<String>,
    },
    /// Several arguments are not acceptable; nothing was sent. See [`Error::each`].
    Arguments(Vec<Self>),
    /// A mutation names something that does not exist, or not for this caller; nothing was sent.
    NotFound {
        /// What was not found.
        message: String,
        /// The path of the argument that names it.
        argument: Vec<String>,
    },
    /// An upstream failed.
    Upstream {
        /// The failure.
        error: Arc<upstream::Error>,
        /// The argument that it is about, if that is known.
        argument: Option<Vec<String>>,
        /// Whether it failed a write, which may have happened all the same.
        write: bool,
    },
    /// The gateway contradicts itself.
    Internal(&'static str),
}

impl From<InvalidId> for Error {
    fn from(why: InvalidId) -> Self {
        Self::argument(&[], why)
    }
}

impl From<Arc<upstream::Error>> for Error {
    fn from(error: Arc<upstream::Error>) -> Self {
        let argument = error.header.clone().map(|header| vec![header]);
        Self::Upstream {
            error,
            argument,
            write: false,
        }
    }
}

impl Error {
    /// An argument that is not acceptable.
    pub fn argument(path: &[&str], message: impl ToString) -> Self {
        Self::Argument {
            message: message.to_string(),
            argument: path.iter().map(ToString::to_string).collect(),
        }
    }

    /// The same error, about the argument at `path` if it is about an argument at all.
    pub fn at(self, path: &[&str]) -> Self {
        match self {
            Self::Argument { message, .. } => Self::argument(path, message),
            Self::NotFound { message, .. } => Self::not_found(path, message),
            other => other,
        }
    }

    /// An upstream's failure that is about the argument at `path`, though its body does not say so.
    pub fn about(mut self, path: &[&str]) -> Self {
        if let Self::Upstream { argument, .. } = &mut self {
            *argument = Some(path.iter().map(ToString::to_string).collect());
        }
        self
    }

    /// A mutation's argument that names nothing.
    pub fn not_found(path: &[&str], message: impl ToString) -> Self {
        Self::NotFound {
            message: message.to_string(),
            argument: path.iter().map(ToString::to_string).collect(),
        }
    }

    /// The same error as that of a mutation, led back to its arguments: by the table of names that
    /// differ, else by the input's field of the same name.
    pub fn of_write(self, table: Blame, has_input_field: &dyn Fn(&str) -> bool) -> Self {
        let Self::Upstream {
            error, argument, ..
        } = self
        else {
            return self;
        };
        let paths = error.input_paths().into_iter();
        let argument = argument.or_else(|| {
            paths
                .map(|path| blamed(&path, table, has_input_field))
                .find_map(|argument| argument)
        });
        Self::Upstream {
            error,
            argument,
            write: true,
        }
    }

    /// Whether the same request may succeed if it is sent again. A mutation may not be: unless it is
    /// certain that the write itself was not done.
    fn retryable(&self) -> bool {
        match self {
            Self::Upstream { error, write, .. } => {
                error.retryable() && (!write || (error.write && !error.leaves_doubt()))
            }
            _ => false,
        }
    }

    /// Whether nobody knows if the write was done.
    fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Upstream { error, write: true, .. } if error.leaves_doubt())
    }

    /// The errors to tell: usually this one, and one each where several arguments are wrong.
    pub fn each(&self) -> &[Self] {
        match self {
            Self::Arguments(errors) => errors,
            one => std::slice::from_ref(one),
        }
    }

    /// The error's code, as `extensions.code` has it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Argument { .. } | Self::Arguments(_) => "BAD_USER_INPUT",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::Internal(_) => INTERNAL,
            Self::Upstream { error, .. } => match error.class {
                Class::Unauthenticated => "UNAUTHENTICATED",
                Class::Forbidden => "FORBIDDEN",
                Class::NotFound => "NOT_FOUND",
                Class::BadUserInput => "BAD_USER_INPUT",
                Class::Conflict => "CONFLICT",
                Class::RateLimited => "RATE_LIMITED",
                Class::Timeout => "UPSTREAM_TIMEOUT",
                Class::Unavailable => "UPSTREAM_UNAVAILABLE",
                Class::InvalidResponse => "UPSTREAM_INVALID_RESPONSE",
                Class::NotConfigured => "UPSTREAM_NOT_CONFIGURED",
                Class::Internal => INTERNAL,
            },
        }
    }

    /// The message for clients.
    pub fn message(&self) -> &str {
        match self {
            Self::Argument { message, .. } | Self::NotFound { message, .. } => message,
            Self::Upstream { error, .. } => error.message(),
            Self::Arguments(_) => "Several arguments are not acceptable.",
            Self::Internal(_) => "Internal error.",
        }
    }

    /// The same as an error of a response: what happened at the field at `path`.
    pub fn at_field(&self, path: Vec<PathSegment>, pos: Pos) -> ServerError {
        let mut error = ServerError::new(self.message(), Some(pos));
        error.path = path;
        error.extensions = Some(self.extensions());
        if self.code() == INTERNAL {
            error.source = Some(Arc::new(Cause(self.cause())));
        }
        error
    }

    /// What the log should know of a mistake of the gateway's own.
    fn cause(&self) -> String {
        match self {
            Self::Internal(why) => (*why).to_owned(),
            Self::Upstream { error, .. } => {
                let status = error.status.map(|status| format!(" {status}"));
                let service = error.service;
                format!(
                    "{service}{}: {}",
                    status.unwrap_or_default(),
                    error.message()
                )
            }
            other => other.message().to_owned(),
        }
    }

    /// The keys beside the message.
    pub fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code());
        let argument = match self {
            Self::Argument { argument, .. } | Self::NotFound { argument, .. } => Some(argument),
            Self::Upstream { argument, .. } => argument.as_ref(),
            Self::Arguments(_) | Self::Internal(_) => None,
        };
        if let Some(path) = argument {
            let path = path.iter().map(|part| Value::from(part.as_str()));
            extensions.set("argument", Value::List(path.collect()));
        }
        if let Self::Upstream { error, .. } = self {
            extensions.set("upstream", upstream_keys(error));
            extensions.set("retryable", self.retryable());
            if self.leaves_doubt() {
                extensions.set("outcome", "unknown");
            }
            if let Some(after) = error.retry_after {
                let ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
                extensions.set("retryAfterMs", ms);
            }
            if let Some(header) = &error.header {
                extensions.set("header", header.as_str());
            }
        }
        extensions
    }
}

/// The argument that the upstream's `path` names: the table's, or the input's field that the path
/// leads through and what is below it.
fn blamed(
    path: &[String],
    table: Blame,
    has_input_field: &dyn Fn(&str) -> bool,
) -> Option<Vec<String>> {
    let plain: Vec<&str> = path
        .iter()
        .map(String::as_str)
        .filter(|part| part.parse::<usize>().is_err())
        .collect();
    if let Some((_, ours)) = table.iter().find(|(theirs, _)| plain.join(".") == *theirs) {
        return Some(ours.iter().map(ToString::to_string).collect());
    }
    let names: Vec<String> = path.iter().map(|part| camel(part)).collect();
    let known = names.iter().position(|name| has_input_field(name))?;
    Some(
        std::iter::once("input".to_owned())
            .chain(names.into_iter().skip(known))
            .collect(),
    )
}

/// What is known of the upstream's answer: only the keys that it had.
fn upstream_keys(error: &upstream::Error) -> Value {
    let body = &error.body;
    let mut keys = IndexMap::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            keys.insert(Name::new(name), value);
        }
    };
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    set("service", Some(error.service.name().into()));
    set("status", error.status.map(Value::from));
    set("requestId", text(&error.request_id));
    set("field", text(&body.field));
    set("detail", text(&body.detail));
    set("explanation", text(&body.explanation));
    set("title", text(&body.title));
    set("type", text(&body.kind));
    set("serviceCode", body.service_code.map(Value::from));
    if !body.validation_messages.is_empty() {
        let messages = body.validation_messages.iter().map(|message| {
            let fields = [
                (
                    "path",
                    Value::List(
                        message
                            .path
                            .iter()
                            .map(|part| part.as_str().into())
                            .collect(),
                    ),
                ),
                ("rule", message.rule.as_str().into()),
                ("message", message.message.as_str().into()),
            ];
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (Name::new(name), value))
                    .collect(),
            )
        });
        set("validationMessages", Some(Value::List(messages.collect())));
    }
    Value::Object(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::error::Progress;

    fn blame(path: &[&str]) -> Option<String> {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        let table: Blame = &[("carrier.company.id", &["input", "carrierCompanyId"])];
        let known = |name: &str| ["routeId", "integrations"].contains(&name);
        blamed(&path, table, &known).map(|argument| argument.join("."))
    }

    #[test]
    fn an_upstreams_field_leads_back_to_the_argument() {
        assert_eq!(
            blame(&["carrier", "company", "id"]).unwrap(),
            "input.carrierCompanyId"
        );
        assert_eq!(blame(&["route_id"]).unwrap(), "input.routeId");
        assert_eq!(
            blame(&["integrations", "0", "update_frequency"]).unwrap(),
            "input.integrations.0.updateFrequency"
        );
        assert_eq!(blame(&["config", "send_to_carrier"]), None);
    }

    #[test]
    fn a_write_that_may_have_happened_is_not_to_be_sent_again() {
        let service = crate::identity::Service::Cro;
        let failure = |progress, is_write| {
            let error = upstream::Error::new(service, Class::Unavailable, "down").at(progress);
            let error = if is_write { error.of_write() } else { error };
            Error::from(error)
        };
        for (progress, is_write, again, doubt) in [
            (Progress::Held, true, true, false),
            (Progress::Unconnected, true, true, false),
            (Progress::Sent, true, false, true),
            // A read within a mutation may come after its write.
            (Progress::Held, false, false, false),
            (Progress::Sent, false, false, false),
        ] {
            let of_write = failure(progress, is_write).of_write(&[], &|_| false);
            assert_eq!(
                (of_write.retryable(), of_write.leaves_doubt()),
                (again, doubt)
            );
            assert!(failure(progress, false).retryable());
        }
    }
}
