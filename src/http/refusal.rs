//! A request that is answered without being executed.
//!
//! The phases before execution refuse early and all in the same way: with a code that says which
//! phase it was, a message that is safe to show, and a status. async-graphql gives its own errors no
//! codes, so the edge runs the phases itself and codes them here.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};
use http::{StatusCode, header::HeaderValue};

/// The `extensions.code` of the errors that the edge itself gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// The HTTP request is not a GraphQL request.
    BadRequest,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema, or is larger than allowed.
    ValidationFailed,
    /// The document asks the schema about itself, and that is switched off.
    IntrospectionDisabled,
    /// There is no such operation in the document, or it cannot be chosen.
    OperationResolutionFailure,
    /// The variables do not fit the operation.
    BadUserInput,
    /// The client sent a hash that nobody knows. Clients send the document once they read this.
    PersistedQueryNotFound,
    /// The client sent a hash, and none is taken. Clients send documents from then on.
    PersistedQueryNotSupported,
    /// There is no document of the name that the client sent, and sending its text would not help.
    PersistedQueryNotInList,
    /// Only trusted documents are executed, and the one that the client sent is none.
    QueryNotInSafelist,
    /// The caller asks for more than it may.
    RateLimited,
    /// The gateway is asked for more than it can do.
    Overloaded,
    /// The time for the request is over.
    UpstreamTimeout,
    /// A mistake in the gateway.
    InternalServerError,
}

impl Code {
    const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::PersistedQueryNotInList => "PERSISTED_QUERY_NOT_IN_LIST",
            Self::QueryNotInSafelist => "QUERY_NOT_IN_SAFELIST",
            Self::RateLimited => "RATE_LIMITED",
            Self::Overloaded => "OVERLOADED",
            Self::UpstreamTimeout => "UPSTREAM_TIMEOUT",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }
}

/// How a refusal shows in the status line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// As HTTP: with this status, whatever media type was asked for.
    Http(StatusCode),
    /// As GraphQL: the request was well-formed, so the media type decides between 400 and 200.
    Graphql,
    /// As a step of the protocol of persisted queries, in which clients look for 200 in whatever media
    /// type.
    Hash,
}

/// Why a request is not executed.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) refused: Refused,
    pub(super) errors: Vec<ServerError>,
    /// The methods that are allowed, if the method was the problem.
    pub(super) allow: Option<HeaderValue>,
    /// How long to wait before the same request is worth another try.
    pub(super) retry_after: Option<Duration>,
}

impl Refusal {
    /// Refuses what is not a GraphQL request.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::http(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// Refuses with `status`, whatever media type was asked for.
    pub(super) fn http(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self {
            refused: Refused::Http(status),
            errors: vec![coded(code, ServerError::new(message, None))],
            allow: None,
            retry_after: None,
        }
    }

    /// Refuses a hash that nobody knows, in the exact words that clients look for: they answer with
    /// the text.
    pub(super) fn unknown_hash() -> Self {
        Self {
            refused: Refused::Hash,
            ..Self::at(Code::PersistedQueryNotFound, None, "PersistedQueryNotFound")
        }
    }

    /// Refuses all hashes, in the exact words that clients look for: they send texts from then on.
    pub(super) fn no_hashes() -> Self {
        Self {
            refused: Refused::Hash,
            ..Self::at(
                Code::PersistedQueryNotSupported,
                None,
                "PersistedQueryNotSupported",
            )
        }
    }

    /// Says when the same request is worth another try.
    pub(super) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        // Not too early by a part of a millisecond.
        self.with("retryable", true)
            .with("retryAfterMs", ms.saturating_add(1))
    }

    /// Refuses what is over a limit.
    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::http(StatusCode::PAYLOAD_TOO_LARGE, Code::BadRequest, message)
    }

    /// Refuses what does not arrive.
    pub(super) fn slow_body() -> Self {
        Self::http(
            StatusCode::REQUEST_TIMEOUT,
            Code::BadRequest,
            "The body did not arrive in time.",
        )
    }

    /// Refuses a method and names the right ones.
    pub(super) fn method(allow: &'static str, message: impl Into<String>) -> Self {
        Self {
            allow: Some(HeaderValue::from_static(allow)),
            ..Self::http(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, message)
        }
    }

    /// Refuses a well-formed request in one of the phases before execution.
    pub(super) fn graphql(code: Code, errors: impl IntoIterator<Item = ServerError>) -> Self {
        Self {
            refused: Refused::Graphql,
            errors: errors.into_iter().map(|error| coded(code, error)).collect(),
            allow: None,
            retry_after: None,
        }
    }

    /// Refuses a well-formed request for one reason at one place of the document.
    pub(super) fn at(code: Code, pos: Option<Pos>, message: impl Into<String>) -> Self {
        Self::graphql(code, [ServerError::new(message, pos)])
    }

    /// Adds an extension to all errors.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        for error in &mut self.errors {
            extensions(error).set(name, value.clone());
        }
        self
    }
}

fn coded(code: Code, mut error: ServerError) -> ServerError {
    extensions(&mut error).set("code", code.as_str());
    error
}

fn extensions(error: &mut ServerError) -> &mut ErrorExtensionValues {
    error.extensions.get_or_insert_default()
}
