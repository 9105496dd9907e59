//! The two limits that nothing can pass: a server that answers with prebuilt bytes, and one that
//! makes the upstream calls that the gateway makes and hands on the bytes that it gets.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::plan::{Call, Steps};
use crate::workload::WORKLOAD_HEADER;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the limits need to know of a workload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Known {
    /// The gateway's answer.
    pub answer: String,
    /// The gateway's upstream calls.
    pub steps: Steps,
}

/// What the limits need to know, by the name of the workload.
pub type Knowledge = HashMap<String, Known>;

/// Which limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Limit {
    /// Prebuilt bytes.
    Prebuilt,
    /// The gateway's upstream calls, and their bytes.
    PassThrough,
}

struct Server {
    limit: Limit,
    answers: HashMap<String, (Bytes, Steps)>,
    urls: [String; 3],
    client: reqwest::Client,
}

/// Serves until it is ended.
///
/// # Errors
/// What is known cannot be read, or the address is taken.
pub async fn serve(
    limit: Limit,
    address: SocketAddr,
    knowledge: &Path,
    urls: [String; 3],
) -> Result<(), Failure> {
    let knowledge: Knowledge = serde_json::from_slice(&std::fs::read(knowledge)?)?;
    let answers = knowledge
        .into_iter()
        .map(|(name, known)| (name, (Bytes::from(known.answer), known.steps)))
        .collect();
    let server = Arc::new(Server {
        limit,
        answers,
        urls,
        client: reqwest::Client::builder().tcp_nodelay(true).build()?,
    });
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let server = Arc::clone(&server);
                async move { Ok::<_, Infallible>(server.answer(request).await) }
            });
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
            // A client that goes away is no failure of the server.
            drop(served);
        });
    }
}

impl Server {
    async fn answer(&self, request: Request<Incoming>) -> Response<Pieces> {
        let workload = request.headers().get(WORKLOAD_HEADER);
        let workload = workload.and_then(|name| name.to_str().ok());
        let Some((answer, steps)) = workload.and_then(|name| self.answers.get(name)) else {
            return status(StatusCode::NOT_FOUND);
        };
        match self.limit {
            Limit::Prebuilt => ok(VecDeque::from([answer.clone()])),
            Limit::PassThrough => {
                let headers: Arc<[HeaderMap; 3]> =
                    Arc::new([0, 1, 2].map(|service| identity(request.headers(), service)));
                match self.pass_through(steps, headers).await {
                    Ok(pieces) => ok(pieces),
                    Err(_) => status(StatusCode::BAD_GATEWAY),
                }
            }
        }
    }

    async fn pass_through(
        &self,
        steps: &Steps,
        headers: Arc<[HeaderMap; 3]>,
    ) -> Result<VecDeque<Bytes>, Failure> {
        let mut pieces = VecDeque::new();
        for step in steps {
            if let [call] = step.as_slice() {
                pieces.push_back(self.call(call, &headers).await?.bytes().await?);
                continue;
            }
            let mut calls = JoinSet::new();
            for (at, call) in step.iter().enumerate() {
                let sent = self.call(call, &headers);
                calls.spawn(
                    async move { Ok::<_, reqwest::Error>((at, sent.await?.bytes().await?)) },
                );
            }
            let mut answers = vec![Bytes::new(); step.len()];
            while let Some(answer) = calls.join_next().await {
                let (at, bytes) = answer??;
                answers[at] = bytes;
            }
            pieces.extend(answers);
        }
        Ok(pieces)
    }

    fn call(
        &self,
        call: &Call,
        headers: &[HeaderMap; 3],
    ) -> impl Future<Output = Result<reqwest::Response, reqwest::Error>> + use<> {
        let url = format!("{}{}", self.urls[call.service], call.path);
        let headers = headers[call.service].clone();
        let sent = self.client.get(url).headers(headers).send();
        async move { sent.await?.error_for_status() }
    }
}

/// The headers that the gateway sends to an upstream for this caller.
fn identity(caller: &HeaderMap, service: usize) -> HeaderMap {
    const FORWARDED: [&[(&str, &str)]; 3] = [
        &[
            ("authorization", "authorization"),
            ("x-tenant-id", "x-tenant-id"),
        ],
        &[
            ("x-trans-eu-authorization", "authorization"),
            ("api-key", "api-key"),
        ],
        &[("x-crux-authorization", "authorization")],
    ];
    let mut headers = HeaderMap::new();
    for (from, to) in FORWARDED[service] {
        if let Some(value) = caller.get(*from) {
            headers.insert(*to, value.clone());
        }
    }
    if service == 0 {
        headers.insert("x-api-version", HeaderValue::from_static("2019/02/08"));
    }
    headers.insert("accept", HeaderValue::from_static("application/json"));
    headers
}

fn ok(pieces: VecDeque<Bytes>) -> Response<Pieces> {
    let mut response = Response::new(Pieces(pieces));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn status(status: StatusCode) -> Response<Pieces> {
    let mut response = Response::new(Pieces(VecDeque::new()));
    *response.status_mut() = status;
    response
}

/// A body in several pieces that were never copied together.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_goes_to_its_upstream_only() {
        let mut caller = HeaderMap::new();
        for name in [
            "authorization",
            "x-trans-eu-authorization",
            "x-crux-authorization",
        ] {
            let value = HeaderValue::from_str(&format!("of {name}")).unwrap();
            caller.insert(name, value);
        }
        let sent = |service| identity(&caller, service)["authorization"].clone();
        assert_eq!(sent(0), "of authorization");
        assert_eq!(sent(1), "of x-trans-eu-authorization");
        assert_eq!(sent(2), "of x-crux-authorization");
        assert!(identity(&caller, 1).get("x-tenant-id").is_none());
    }
}
