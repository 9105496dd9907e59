//! One connection, from its first byte to its last: HTTP/1.1 or HTTP/2, as the client begins it.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use http::Request;
use hyper::{
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpStream, sync::watch, time::timeout};
use tokio_rustls::TlsAcceptor;

use super::{
    Settings,
    pace::{End, Pace, Passage},
    stream::{Stream, Transport},
};
use crate::http::site::{Front, Site};

/// The address that a request came from: of the client, or of a proxy in front.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What all connections of a port share.
pub(super) struct Host {
    protocols: auto::Builder<TokioExecutor>,
    front: Front,
    tls: Option<TlsAcceptor>,
    settings: Settings,
}

impl Host {
    pub(super) fn new(site: Site, settings: Settings, tls: Option<TlsAcceptor>) -> Self {
        Self {
            protocols: protocols(&settings),
            front: Front::of(site),
            tls,
            settings,
        }
    }

    /// Serves a connection to its end, or until `stop` and what has begun by then is answered.
    pub(super) async fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        stop: watch::Receiver<()>,
    ) {
        // Answers are written whole, so nothing is won by waiting for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "a connection ended before it began");
            return;
        }
        match self.secure(stream).await {
            Ok(transport) => self.talk(transport, peer, stop).await,
            Err(reason) => tracing::debug!(%peer, %reason, "no TLS connection"),
        }
    }

    async fn secure(&self, stream: TcpStream) -> Result<Transport, String> {
        let Some(tls) = &self.tls else {
            return Ok(Transport::Plain(stream));
        };
        match timeout(self.settings.times.head, tls.accept(stream)).await {
            Ok(Ok(stream)) => Ok(Transport::Tls(Box::new(stream))),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the handshake took too long".to_owned()),
        }
    }

    async fn talk(&self, transport: Transport, peer: SocketAddr, mut stop: watch::Receiver<()>) {
        let pace = Pace::new();
        let stream = Stream {
            transport,
            pace: Arc::clone(&pace),
        };
        let (front, paced) = (self.front.clone(), Arc::clone(&pace));
        let service = service_fn(move |request: Request<Incoming>| {
            let mut passage = paced.begin(request.version());
            let answer = front.answer(request, Peer(peer));
            async move {
                let answer = answer.await;
                passage.answer();
                Ok::<_, Infallible>(answer.map(|body| Sent { body, passage }))
            }
        });
        let connection = self
            .protocols
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let times = &self.settings.times;
        // They are polled when they are woken, which is rare, and not whenever the connection is.
        let mut ends = FuturesUnordered::new();
        ends.push(pace.end(times).boxed());
        ends.push(stop.changed().map(|_| End::Leave).boxed());
        let mut leaving = false;
        loop {
            let end = tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, %error, "a connection broke");
                    }
                    return;
                }
                Some(end) = ends.next() => end,
            };
            if leaving || end == End::Cut {
                tracing::debug!(%peer, "a connection was cut off");
                return;
            }
            connection.as_mut().graceful_shutdown();
            pace.leave();
            leaving = true;
            ends.clear();
            ends.push(pace.end(times).boxed());
        }
    }
}

/// Streams that the client may reset before anybody has seen them. Those that were seen, the pace counts.
const MOST_RESET_UNSEEN: usize = 20;
/// Streams that were reset here because the client broke the protocol on them.
const MOST_RESET_FOR_ERRORS: usize = 100;

fn protocols(settings: &Settings) -> auto::Builder<TokioExecutor> {
    let mut protocols = auto::Builder::new(TokioExecutor::new());
    protocols
        .http1()
        // The pace sees to that, for both protocols and before the first byte.
        .header_read_timeout(None)
        .max_buf_size(settings.head_limit);
    protocols
        .http2()
        .max_concurrent_streams(settings.max_streams)
        .max_pending_accept_reset_streams(MOST_RESET_UNSEEN)
        .max_local_error_reset_streams(Some(MOST_RESET_FOR_ERRORS))
        .max_header_list_size(u32::try_from(settings.head_limit).unwrap_or(u32::MAX));
    protocols
}

/// An answer that is on its way until its last byte.
struct Sent {
    body: Body,
    passage: Passage,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        // With its end the passage ends.
        if !self.body.is_end_stream() {
            self.passage.go_on();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
