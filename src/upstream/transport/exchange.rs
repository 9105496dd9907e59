//! One exchange with an upstream: a request out, an answer back, each step bounded in time.

use std::{
    pin::{Pin, pin},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderName, StatusCode, header};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    Reach,
    flow::{self, Handover},
    gathering::Gathering,
    redirect,
    request::{Outgoing, X_REQUEST_ID},
    retry_after,
};
use crate::{
    attachments::Unreadable,
    identity::Service,
    upstream::{
        Class, Error, call::Body, error::Progress, error_body::ErrorBody, validation::Validators,
    },
};

/// A success as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) validators: Validators,
}

/// The connections to one upstream.
pub(super) struct Exchange {
    service: Service,
    client: reqwest::Client,
    reach: Reach,
}

impl Exchange {
    pub(super) fn new(service: Service, reach: Reach) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // What is sent again, and when, is decided here and nowhere else.
            .retry(reqwest::retry::never())
            .connect_timeout(reach.connect_timeout)
            .tcp_nodelay(true)
            .user_agent(concat!("haulgraph/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            service,
            client,
            reach,
        })
    }

    pub(super) fn base_url(&self) -> Result<&Url, Arc<Error>> {
        self.reach.base_url.as_ref().ok_or_else(|| {
            let reason = format!("{} is not configured on this gateway.", self.service);
            Error::new(self.service, Class::NotConfigured, reason)
        })
    }

    /// Sends the request once. The answer is whole before `due`, or this is a failure.
    pub(super) async fn run(
        &self,
        request: &mut Outgoing,
        due: Instant,
    ) -> Result<Answer, Arc<Error>> {
        let (builder, mut handover) = self.compose(request);
        let mut sending = pin!(self.send(request, builder));
        let early = match &mut handover {
            None => None,
            Some(handover) => self.hand_over(handover, sending.as_mut(), due).await?,
        };
        // The upstream's time begins when it has everything: how long a file takes to arrive is up to
        // its sender.
        let started = Instant::now();
        let end = due.min(started + self.reach.timeout);
        let begin = end.min(started + self.reach.first_byte_timeout);
        let answer = match early {
            Some(answer) => answer,
            None => timeout_at(begin, sending)
                .await
                .unwrap_or_else(|_| Err(self.late()))?,
        };
        let status = answer.status();
        timeout_at(end, self.read(request, answer))
            .await
            .unwrap_or_else(|_| Err(self.late().answered(status.as_u16())))
    }

    /// The request as it is sent, and its file, which is taken out of it: it flows once.
    fn compose(&self, request: &mut Outgoing) -> (reqwest::RequestBuilder, Option<Handover>) {
        let mut head = reqwest::Request::new(request.endpoint.method.clone(), request.url.clone());
        *head.headers_mut() = request.headers.clone();
        let builder = reqwest::RequestBuilder::from_parts(self.client.clone(), head);
        if let Some(Body::Json(body)) = &request.body {
            return (builder.json(body), None);
        }
        match request.body.take() {
            Some(Body::Form(form)) => {
                let (form, handover) = flow::form(form);
                (builder.multipart(form), Some(handover))
            }
            _ => (builder, None),
        }
    }

    /// Waits until the upstream has the whole file; or has answered before, for which there are reasons.
    async fn hand_over(
        &self,
        handover: &mut Handover,
        sending: Pin<&mut impl Future<Output = Result<reqwest::Response, Arc<Error>>>>,
        due: Instant,
    ) -> Result<Option<reqwest::Response>, Arc<Error>> {
        let handed_over = async {
            tokio::select! {
                biased;
                end = handover.end() => end.map(|()| None).map_err(|why| self.broken_off(why)),
                answer = sending => answer.map(Some),
            }
        };
        let outcome = timeout_at(due, handed_over).await;
        outcome
            .unwrap_or_else(|_| Err(self.late()))
            .map_err(|error| match error.progress {
                Progress::Sent => error.at(Progress::Cut),
                Progress::Held | Progress::Unconnected | Progress::Cut => error,
            })
    }

    async fn send(
        &self,
        request: &Outgoing,
        builder: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, Arc<Error>> {
        let endpoint = request.endpoint;
        let answer = self.exchange(builder).await?;
        match redirect::slashed(endpoint, &request.url, &answer) {
            None => Ok(answer),
            Some(slashed) => {
                let again = self.client.get(slashed).headers(request.headers.clone());
                self.exchange(again).await
            }
        }
    }

    async fn exchange(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, Arc<Error>> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that sends"
        )]
        let answer = request.send().await;
        answer.map_err(|error| self.failure(&error))
    }

    async fn read(
        &self,
        request: &Outgoing,
        mut answer: reqwest::Response,
    ) -> Result<Answer, Arc<Error>> {
        let status = answer.status();
        let broken = |error: Arc<Error>| error.answered(status.as_u16());
        let headers = std::mem::take(answer.headers_mut());
        let announced = answer.content_length().map(usize::try_from);
        let mut body = Gathering::new(announced.and_then(Result::ok));
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| broken(self.failure(&error)))?
        {
            if body.len() + chunk.len() > self.reach.body_limit {
                let reason = format!(
                    "{} answered with a body over the configured limit.",
                    self.service
                );
                let error = Error::new(self.service, Class::InvalidResponse, reason);
                return Err(broken(error));
            }
            body.add(chunk);
        }
        let body = body.end();
        let is_unchanged = status == StatusCode::NOT_MODIFIED && request.is_conditional();
        if status.is_success() || is_unchanged {
            return Ok(Answer {
                status: status.as_u16(),
                body,
                validators: Validators::read(&headers),
            });
        }
        Err(self.refusal(status, &headers, &body))
    }

    /// An answer that is not a success.
    fn refusal(&self, status: StatusCode, headers: &http::HeaderMap, body: &[u8]) -> Arc<Error> {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        Error::from_answer(
            self.service,
            status.as_u16(),
            text(X_REQUEST_ID).map(|id| id.chars().take(128).collect()),
            retry_after::read(headers),
            ErrorBody::read(text(header::CONTENT_TYPE), body),
        )
    }

    fn broken_off(&self, why: Unreadable) -> Arc<Error> {
        Error::new(self.service, Class::BadUserInput, why.to_string()).at(Progress::Cut)
    }

    fn late(&self) -> Arc<Error> {
        let reason = format!("{} did not answer in time.", self.service);
        Error::new(self.service, Class::Timeout, reason).at(Progress::Sent)
    }

    /// The network's failure in words that hold no URL.
    fn failure(&self, error: &reqwest::Error) -> Arc<Error> {
        let service = self.service;
        if error.is_connect() {
            let (class, reason) = if error.is_timeout() {
                (Class::Timeout, format!("{service} did not answer in time."))
            } else {
                (Class::Unavailable, format!("{service} cannot be reached."))
            };
            return Error::new(service, class, reason).at(Progress::Unconnected);
        }
        if error.is_timeout() {
            return self.late();
        }
        let reason = format!("The connection to {service} broke before the answer was complete.");
        Error::new(service, Class::Unavailable, reason).at(Progress::Sent)
    }
}
