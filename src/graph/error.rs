//! Failures of fields, and their one translation into GraphQL errors.
//!
//! A client sees a message, a code and, for an upstream's failure, what the upstream said in named
//! keys. It never sees a URL, a host, a token or a stack: those are not in the types that get
//! here. Where the upstream named a field of its input, `extensions.argument` leads back to the
//! GraphQL argument that it came from.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Name, Value};
use indexmap::IndexMap;

use super::{declare::Blame, input::camel};
use crate::{
    ids::InvalidId,
    upstream::{self, Class},
};

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
        Self::Upstream { error, argument }
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

    /// A mutation's argument that names nothing.
    pub fn not_found(path: &[&str], message: impl ToString) -> Self {
        Self::NotFound {
            message: message.to_string(),
            argument: path.iter().map(ToString::to_string).collect(),
        }
    }

    /// Leads an upstream's failure back to the mutation's arguments: first by the table of names
    /// that differ, else by the input's field of the same name.
    pub fn about_input(self, table: Blame, has_input_field: &dyn Fn(&str) -> bool) -> Self {
        let Self::Upstream {
            error,
            argument: None,
        } = self
        else {
            return self;
        };
        let argument = error.input_paths().into_iter().find_map(|path| {
            let plain = path.join(".");
            let mapped = table.iter().find(|(theirs, _)| plain == *theirs);
            if let Some((_, ours)) = mapped {
                return Some(ours.iter().map(ToString::to_string).collect());
            }
            let last = camel(
                path.iter()
                    .rev()
                    .find(|part| part.parse::<usize>().is_err())?,
            );
            has_input_field(&last).then(|| vec!["input".to_owned(), last])
        });
        Self::Upstream { error, argument }
    }

    /// The error's code, as `extensions.code` has it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Argument { .. } => "BAD_USER_INPUT",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::Internal(_) => "INTERNAL_SERVER_ERROR",
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
                Class::Internal => "INTERNAL_SERVER_ERROR",
            },
        }
    }

    /// The message for clients.
    pub fn message(&self) -> &str {
        match self {
            Self::Argument { message, .. } | Self::NotFound { message, .. } => message,
            Self::Upstream { error, .. } => error.message(),
            Self::Internal(_) => "Internal error.",
        }
    }

    /// The keys beside the message.
    pub fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code());
        let argument = match self {
            Self::Argument { argument, .. } | Self::NotFound { argument, .. } => Some(argument),
            Self::Upstream { argument, .. } => argument.as_ref(),
            Self::Internal(_) => None,
        };
        if let Some(path) = argument {
            let path = path.iter().map(|part| Value::from(part.as_str()));
            extensions.set("argument", Value::List(path.collect()));
        }
        if let Self::Upstream { error, .. } = self {
            extensions.set("upstream", upstream_keys(error));
            extensions.set("retryable", error.retryable());
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
