//! A file on its way through: the upstream gets its pieces as they arrive, when it has room for them.
//!
//! An upstream must never take a part of a file for the whole. So what ends early, for whatever reason,
//! ends with a fault: the connection is broken off before the end of the form was sent.

use std::{
    future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, header};
use hyper::body::{Body, Frame};
use reqwest::multipart::{self, Part};
use tokio::sync::oneshot;

use crate::{
    attachments::{Content, Unreadable},
    upstream::call::Form,
};

/// The form as reqwest sends it, and how its file gets on.
pub(super) fn form(form: Form) -> (multipart::Form, Handover) {
    let (ended, end) = oneshot::channel();
    let (keep, kept) = oneshot::channel();
    let file = form.file;
    let flow = reqwest::Body::wrap(Flow {
        content: file.content,
        ended: Some(ended),
        kept: Some(kept),
    });
    let part = match file.length {
        Some(length) => Part::stream_with_length(flow, length as u64),
        None => Part::stream(flow),
    };
    let media_type = file.media_type.map(|ty| (header::CONTENT_TYPE, ty));
    let headers = HeaderMap::from_iter(media_type);
    let part = part.file_name(form.file_name).headers(headers);
    let texts = form.texts.into_iter();
    let form = texts
        .fold(multipart::Form::new(), |form, (name, text)| {
            form.text(name, text)
        })
        .part(form.part, part);
    (form, Handover { end, _keep: keep })
}

/// The sending side of a file that flows. When it is dropped, the file breaks off.
pub(super) struct Handover {
    end: oneshot::Receiver<Result<(), Unreadable>>,
    _keep: oneshot::Sender<()>,
}

impl Handover {
    /// Resolves when the upstream has all of the file; never, if it wants no more.
    ///
    /// # Errors
    /// There is no more of it.
    pub(super) async fn end(&mut self) -> Result<(), Unreadable> {
        match (&mut self.end).await {
            Ok(end) => end,
            // It has answered or hung up, which shows elsewhere.
            Err(_) => future::pending().await,
        }
    }
}

struct Flow {
    content: Content,
    ended: Option<oneshot::Sender<Result<(), Unreadable>>>,
    /// Resolves when nobody waits for the upstream's answer any more.
    kept: Option<oneshot::Receiver<()>>,
}

impl Body for Flow {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        let is_kept = |kept: &mut oneshot::Receiver<()>| Pin::new(kept).poll(context).is_pending();
        if !self.kept.as_mut().is_some_and(is_kept) {
            self.kept = None;
            return Poll::Ready(Some(Err(Unreadable::Broken)));
        }
        let piece = ready!(self.content.poll_next_unpin(context));
        let end = match &piece {
            Some(Ok(_)) => None,
            Some(Err(why)) => Some(Err(*why)),
            None => Some(Ok(())),
        };
        if let Some(end) = end
            && let Some(ended) = self.ended.take()
        {
            // Nobody may wait for it.
            let _ = ended.send(end);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }
}
