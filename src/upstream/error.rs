//! What can go wrong on the way to an upstream and back.
//!
//! An upstream's failure becomes one [`Error`] where the answer is read, in the transport, and a
//! GraphQL error in one other place, `graph::error`. In between it travels as a value: an error
//! is shared by every key of a failed batch and by every caller of a shared fetch, so it holds
//! nothing of a single caller's field or argument.
//!
//! The class decides what a caller may conclude; the body says why. Statuses are read before
//! bodies, with the exceptions that the three APIs document: Trans.eu answers 400 for a route that
//! does not exist, and 420 for a rule of its business, which is a conflict and not throttling.

use std::{sync::Arc, time::Duration};

use super::error_body::ErrorBody;
use crate::identity::{MissingHeader, Service};

/// The class of a failure, as clients see it in `extensions.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// No credential, or one that the upstream does not accept.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The thing does not exist, or not for this caller.
    NotFound,
    /// The input is not acceptable.
    BadUserInput,
    /// The state of things forbids it.
    Conflict,
    /// Too many calls.
    RateLimited,
    /// No answer in time.
    Timeout,
    /// The upstream cannot be reached or is failing.
    Unavailable,
    /// The answer could not be read.
    InvalidResponse,
    /// The gateway has no base URL for this upstream.
    NotConfigured,
    /// The gateway itself failed.
    Internal,
}

impl Class {
    /// The name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::BadUserInput => "bad_user_input",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::InvalidResponse => "invalid_response",
            Self::NotConfigured => "not_configured",
            Self::Internal => "internal",
        }
    }
}

/// How far a call got that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It was held back in the gateway.
    Held,
    /// No connection could be opened: nothing was sent.
    Unconnected,
    /// Something was sent, and the upstream can tell that it was not the whole.
    Cut,
    /// Something was sent, and the whole of it may have arrived.
    Sent,
}

/// A failed call, or the reason why none was made.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{service}: {class:?} {status:?} {reason}")]
pub struct Error {
    /// The upstream concerned.
    pub service: Service,
    /// The class of the failure.
    pub class: Class,
    /// How far the call got.
    pub progress: Progress,
    /// Whether the call was to change something.
    pub write: bool,
    /// HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// The upstream's request id, if it sent one.
    pub request_id: Option<String>,
    /// When the upstream asked to try again.
    pub retry_after: Option<Duration>,
    /// What the body said.
    pub body: ErrorBody,
    /// The caller's header that is missing or malformed, if that is the reason.
    pub header: Option<String>,
    /// What happened in the gateway's own words; safe to show to any client.
    pub reason: String,
}

impl Error {
    /// A failure without an answer.
    pub fn new(service: Service, class: Class, reason: impl Into<String>) -> Arc<Self> {
        Arc::new(Self::plain(service, class, reason.into()))
    }

    /// The same failure of a call that got so far.
    pub fn at(self: Arc<Self>, progress: Progress) -> Arc<Self> {
        Arc::new(Self {
            progress,
            ..Self::clone(&self)
        })
    }

    /// The failure of an answer whose status had arrived: a write may have been done.
    pub fn answered(self: Arc<Self>, status: u16) -> Arc<Self> {
        Arc::new(Self {
            progress: Progress::Sent,
            status: Some(status),
            ..Self::clone(&self)
        })
    }

    /// The same failure of a call that was to change something.
    pub fn of_write(self: Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            write: true,
            ..Self::clone(&self)
        })
    }

    /// The same failure, and when it makes sense to try again.
    pub fn retry_after(self: Arc<Self>, after: Duration) -> Arc<Self> {
        Arc::new(Self {
            retry_after: Some(after),
            ..Self::clone(&self)
        })
    }

    /// The caller did not send a header that the upstream needs.
    pub fn missing_header(service: Service, MissingHeader(header): MissingHeader) -> Arc<Self> {
        let reason = format!("The {header} header is missing: {service} needs it.");
        Arc::new(Self {
            header: Some(header),
            ..Self::plain(service, Class::Unauthenticated, reason)
        })
    }

    /// The caller sent a header that cannot be what it should be.
    pub fn malformed_header(service: Service, header: String, why: &str) -> Arc<Self> {
        let reason = format!("The {header} header is malformed: {why}");
        Arc::new(Self {
            header: Some(header),
            ..Self::plain(service, Class::BadUserInput, reason)
        })
    }

    /// A success whose body does not spell what is documented.
    pub fn unreadable(service: Service) -> Arc<Self> {
        let reason = format!("{service} sent an answer that could not be read.");
        Self::new(service, Class::InvalidResponse, reason)
    }

    /// The caller said `only-if-cached`, and the answer is not kept.
    pub fn not_kept(service: Service) -> Arc<Self> {
        let reason = "The answer is not kept, and only kept answers were asked for.";
        Self::new(service, Class::Unavailable, reason)
    }

    /// An answer that is not a success.
    pub fn from_answer(
        service: Service,
        status: u16,
        request_id: Option<String>,
        retry_after: Option<Duration>,
        body: ErrorBody,
    ) -> Arc<Self> {
        Arc::new(Self {
            progress: Progress::Sent,
            write: false,
            status: Some(status),
            request_id,
            retry_after,
            class: classify(service, status, &body),
            reason: format!("{service} answered with status {status}."),
            body,
            service,
            header: None,
        })
    }

    /// The message for clients: the upstream's own words where it had some.
    pub fn message(&self) -> &str {
        let said = self.body.detail.as_deref().or(self.body.title.as_deref());
        said.filter(|text| !text.trim().is_empty())
            .unwrap_or(&self.reason)
    }

    /// The fields of the upstream's input that the body blames, each as a path.
    ///
    /// `CreateCustomerModel.user_id` is the path `user_id`: the model's name is the upstream's own.
    pub fn input_paths(&self) -> Vec<Vec<String>> {
        let is_model = |part: &str| part.starts_with(|letter: char| letter.is_ascii_uppercase());
        let field = self.body.field.iter().map(|field| {
            let parts = field.split('.').skip_while(|part| is_model(part));
            parts.map(str::to_owned).collect()
        });
        let messages = self
            .body
            .validation_messages
            .iter()
            .map(|message| message.path.clone());
        field
            .chain(messages)
            .filter(|path: &Vec<String>| !path.is_empty())
            .collect()
    }

    /// Whether the answer's status said yes, and only its body could not be read.
    pub fn is_of_success(&self) -> bool {
        self.status.is_some_and(|status| status / 100 == 2)
    }

    /// Whether the same read may succeed if it is tried again later.
    pub fn retryable(&self) -> bool {
        matches!(
            self.class,
            Class::RateLimited | Class::Timeout | Class::Unavailable
        )
    }

    /// Whether this is the failure of a write that may have been done all the same. Only an answer
    /// that puts the blame on the request says that it was not.
    pub fn leaves_doubt(&self) -> bool {
        self.write
            && match self.status {
                Some(408) => true,
                Some(status) => !(400..500).contains(&status),
                None => self.progress == Progress::Sent,
            }
    }

    fn plain(service: Service, class: Class, reason: String) -> Self {
        Self {
            service,
            class,
            progress: Progress::Held,
            write: false,
            status: None,
            request_id: None,
            retry_after: None,
            body: ErrorBody::default(),
            header: None,
            reason,
        }
    }
}

fn classify(service: Service, status: u16, body: &ErrorBody) -> Class {
    if service == Service::TransEu && (400..500).contains(&status) && says_not_found(body) {
        return Class::NotFound;
    }
    if service == Service::TransEu && status == 400 && says_not_updatable(body) {
        return Class::Conflict;
    }
    match status {
        401 => Class::Unauthenticated,
        403 => Class::Forbidden,
        404 => Class::NotFound,
        408 | 504 => Class::Timeout,
        409 | 420 => Class::Conflict,
        // Crux documents 422 for an identifier on which the action is impossible; elsewhere it is
        // a failed validation.
        422 if service == Service::Crux => Class::Conflict,
        429 => Class::RateLimited,
        405 | 406 | 415 => Class::Internal,
        400..=499 => Class::BadUserInput,
        500..=599 => Class::Unavailable,
        _ => Class::InvalidResponse,
    }
}

/// What stands against a change is not in its input: the carrier has accepted the contract.
fn says_not_updatable(body: &ErrorBody) -> bool {
    let detail = body.detail.as_deref();
    detail.is_some_and(|detail| detail.ends_with(" is not updatable"))
}

/// `Route with ID: … not found!`, whatever the status.
fn says_not_found(body: &ErrorBody) -> bool {
    body.detail.as_deref().is_some_and(|detail| {
        let named = [
            "Contracted route with ID: ",
            "Route with ID: ",
            "Contract with ID: ",
        ];
        named.iter().any(|start| detail.starts_with(start)) && detail.ends_with(" not found!")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(detail: &str) -> ErrorBody {
        ErrorBody {
            detail: Some(detail.to_owned()),
            ..ErrorBody::default()
        }
    }

    #[test]
    fn a_missing_route_is_not_found_whatever_its_status() {
        let missing =
            body("Contracted route with ID: 3fa85f64-5717-4562-b3fc-2c963f66afa6 not found!");
        for status in [400, 404] {
            assert_eq!(
                classify(Service::TransEu, status, &missing),
                Class::NotFound
            );
        }
        assert_eq!(
            classify(Service::TransEu, 400, &body("Bad Request")),
            Class::BadUserInput
        );
    }

    #[test]
    fn status_420_is_a_conflict_and_not_throttling() {
        assert_eq!(
            classify(Service::TransEu, 420, &ErrorBody::default()),
            Class::Conflict
        );
        assert_eq!(
            classify(Service::TransEu, 429, &ErrorBody::default()),
            Class::RateLimited
        );
    }

    #[test]
    fn every_other_status_has_its_class() {
        for (status, class) in [
            (400, Class::BadUserInput),
            (401, Class::Unauthenticated),
            (403, Class::Forbidden),
            (404, Class::NotFound),
            (409, Class::Conflict),
            (422, Class::BadUserInput),
            (500, Class::Unavailable),
            (503, Class::Unavailable),
            (504, Class::Timeout),
            (302, Class::InvalidResponse),
        ] {
            assert_eq!(
                classify(Service::Cro, status, &ErrorBody::default()),
                class,
                "{status}"
            );
        }
    }

    #[test]
    fn only_a_refusal_and_a_call_that_never_left_say_that_a_write_was_not_done() {
        let answered = |status| Error::from_answer(Service::Cro, status, None, None, body("Said."));
        let silent = |progress| Error::new(Service::Cro, Class::Unavailable, "gone").at(progress);
        for (error, doubt) in [
            (answered(400), false),
            (answered(408), true),
            (answered(409), false),
            (answered(429), false),
            (answered(500), true),
            (answered(503), true),
            (answered(302), true),
            (silent(Progress::Held), false),
            (silent(Progress::Unconnected), false),
            (silent(Progress::Cut), false),
            (silent(Progress::Sent), true),
            (silent(Progress::Sent).answered(200), true),
        ] {
            assert!(!error.leaves_doubt(), "a read: {error}");
            assert_eq!(error.of_write().leaves_doubt(), doubt);
        }
    }

    #[test]
    fn the_message_is_the_upstreams_detail_or_our_own_words() {
        let error = Error::from_answer(Service::Cro, 400, None, None, body("Unknown field."));
        assert_eq!(error.message(), "Unknown field.");
        let silent = Error::from_answer(Service::Cro, 503, None, None, ErrorBody::default());
        assert_eq!(silent.message(), "cro answered with status 503.");
    }
}
