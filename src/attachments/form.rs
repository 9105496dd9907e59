//! A form that is read part by part, while it arrives.

use std::{
    error, mem,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use http::{HeaderValue, header};
use multer::{Field, Multipart};
use tokio::time::{Instant, timeout};

use super::Unreadable;

/// What is read at most, beside a part's content, before the next part begins.
const MAX_HEAD: usize = 64 * 1024;

type Fault = Box<dyn error::Error + Send + Sync>;

/// A form, `multipart/form-data`, of which no more is held than what was not taken of the last piece
/// that arrived.
pub struct Form {
    multipart: Multipart<'static>,
    part: Option<Field<'static>>,
    allowance: Allowance,
    patience: Duration,
}

/// What a form says of a part before its content.
pub struct Head {
    /// The part's name.
    pub name: Option<String>,
    /// What the sender calls the file in it.
    pub file_name: Option<String>,
    /// The media type of its content.
    pub media_type: Option<HeaderValue>,
    /// The length of its content in bytes, if the sender knows it.
    pub length: Option<usize>,
}

impl Form {
    /// The form in a body; its sender may make us wait for `patience` in all.
    pub fn new<E: Into<Fault> + 'static>(
        body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
        boundary: String,
        patience: Duration,
    ) -> Self {
        let allowance = Allowance::default();
        let inlet = Inlet {
            body: body.map_err(Into::into).boxed(),
            allowance: allowance.clone(),
            has_given: false,
        };
        Self {
            multipart: Multipart::new(inlet, boundary),
            part: None,
            allowance,
            patience,
        }
    }

    /// Goes on to the next part. The content of this one must have been read.
    ///
    /// # Errors
    /// The form breaks off, is none, or comes too slowly.
    pub async fn next(&mut self) -> Result<Option<Head>, Unreadable> {
        self.part = None;
        self.allowance.renew();
        self.part = wait(&mut self.patience, self.multipart.next_field()).await?;
        Ok(self.part.as_ref().map(Head::of))
    }

    /// More of the part's content, or nothing at its end.
    ///
    /// # Errors
    /// The form breaks off or comes too slowly.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Unreadable> {
        let Some(part) = &mut self.part else {
            return Ok(None);
        };
        loop {
            self.allowance.renew();
            match wait(&mut self.patience, part.chunk()).await? {
                Some(nothing) if nothing.is_empty() => {}
                chunk => return Ok(chunk),
            }
        }
    }
}

impl Head {
    fn of(part: &Field<'_>) -> Self {
        let header = |name| part.headers().get(name);
        Self {
            name: part.name().map(ToOwned::to_owned),
            file_name: part.file_name().map(ToOwned::to_owned),
            // What is no media type is left out: the reader then makes of the file what it can.
            media_type: part
                .content_type()
                .and_then(|_| header(header::CONTENT_TYPE).cloned()),
            length: header(header::CONTENT_LENGTH)
                .and_then(|length| length.to_str().ok()?.parse().ok()),
        }
    }
}

/// Waits for the sender. Only such time counts: it is not to blame for others who keep it waiting.
async fn wait<T>(
    patience: &mut Duration,
    what: impl Future<Output = multer::Result<T>>,
) -> Result<T, Unreadable> {
    let began = Instant::now();
    let outcome = timeout(*patience, what).await;
    *patience = patience.saturating_sub(began.elapsed());
    match outcome {
        Ok(read) => read.map_err(|_| Unreadable::Broken),
        Err(_) => Err(Unreadable::Late),
    }
}

/// How many bytes may be taken in before one is given out.
#[derive(Clone, Default)]
struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    fn renew(&self) {
        self.0.store(MAX_HEAD, Relaxed);
    }

    fn spend(&self, bytes: usize) {
        self.0
            .store(self.0.load(Relaxed).saturating_sub(bytes), Relaxed);
    }

    fn is_spent(&self) -> bool {
        self.0.load(Relaxed) == 0
    }
}

/// A body as multer gets it. multer takes whatever is there, and searches for the end of a head
/// however long that is; here it gets piece by piece, and no more than it is allowed.
struct Inlet {
    body: BoxStream<'static, Result<Bytes, Fault>>,
    allowance: Allowance,
    has_given: bool,
}

impl Stream for Inlet {
    type Item = Result<Bytes, Fault>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if mem::take(&mut self.has_given) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.allowance.is_spent() {
            return Poll::Ready(Some(Err("a head is too long".into())));
        }
        let piece = ready!(self.body.poll_next_unpin(context));
        if let Some(Ok(bytes)) = &piece {
            self.allowance.spend(bytes.len());
            self.has_given = true;
        }
        Poll::Ready(piece)
    }
}
