//! Files beside an operation, passed on while they arrive.
//!
//! A form brings its files one after another, and the operation that takes them runs meanwhile. So a
//! file is read by whoever takes it, piece by piece, and at the pace of its reader: nothing is kept,
//! and nobody waits for two files at once. What comes before a file that is taken, and was not, is
//! passed over.

pub mod form;

use std::{collections::HashSet, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::HeaderValue;
use tokio::sync::{Mutex, OwnedMutexGuard};

use self::form::{Form, Head};

/// Why a file cannot be read, or not to its end; in words that are safe to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is none.
    #[error("No file came with the request: send it as multipart/form-data.")]
    Absent,
    /// Somebody else took it, or a later one.
    #[error(
        "The file has gone by. Files are passed on while they arrive: send them in the order in which the operation's fields take them, and one for each field."
    )]
    Gone,
    /// The form says that it comes, and it does not.
    #[error("The form ends without this file.")]
    Missing,
    /// The form brings something else.
    #[error("The form has a part that `map` does not name, or names once only.")]
    Unnamed,
    /// Nothing is in it.
    #[error("The file is empty.")]
    Empty,
    /// All files together are larger than this many bytes.
    #[error("The files are larger than allowed: at most {0} bytes together (crux.upload_limit).")]
    TooLarge(usize),
    /// It is longer or shorter than announced.
    #[error("The file is not as long as its part of the form says.")]
    Misstated,
    /// Its sender took too long.
    #[error("The file did not arrive in time.")]
    Late,
    /// It breaks off.
    #[error("The form could not be read to its end.")]
    Broken,
}

/// A file as it arrives. It has no `Debug`: what is in it is the caller's.
pub struct Attachment {
    /// What the caller's machine calls it.
    pub name: String,
    /// Its media type, as the caller said it.
    pub media_type: Option<HeaderValue>,
    /// Its length in bytes, if the caller said it.
    pub length: Option<usize>,
    /// What is in it; something is. Ends only where the file does.
    pub content: Content,
}

/// The pieces of a file.
pub type Content = Pin<Box<dyn Stream<Item = Result<Bytes, Unreadable>> + Send + Sync>>;

/// The files of a request. Clones are the same.
#[derive(Clone, Default)]
pub struct Attachments(Option<Arc<Sent>>);

struct Sent {
    /// The part that holds a file, by the file's number.
    parts: Vec<String>,
    rest: Arc<Mutex<Rest>>,
}

/// What has not been read of a form.
struct Rest {
    /// The form, or why it is read no further.
    form: Result<Form, Unreadable>,
    /// Parts that are still to come.
    awaited: HashSet<String>,
    /// Bytes that files may have, and those that they may still have.
    limit: usize,
    left: usize,
    /// Bytes that the file at hand must still have, if that was said.
    announced: Option<usize>,
}

impl Attachments {
    /// The files of a form: the part that holds each, by the file's number, and how many bytes all of
    /// them may have.
    pub fn new(form: Form, parts: Vec<String>, limit: usize) -> Self {
        let rest = Rest {
            form: Ok(form),
            awaited: parts.iter().cloned().collect(),
            limit,
            left: limit,
            announced: None,
        };
        Self(Some(Arc::new(Sent {
            parts,
            rest: Arc::new(Mutex::new(rest)),
        })))
    }

    /// Whether any may come.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|sent| sent.parts.is_empty())
    }

    /// Waits until the file with this number begins. Files before it are passed over.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn open(&self, number: usize) -> Result<Attachment, Unreadable> {
        let sent = self.0.as_ref().ok_or(Unreadable::Absent)?;
        let part = sent.parts.get(number).ok_or(Unreadable::Absent)?;
        let mut rest = Arc::clone(&sent.rest).lock_owned().await;
        let head = rest.find(part).await?;
        let first = rest.chunk().await?.ok_or(Unreadable::Empty)?;
        Ok(Attachment {
            name: head.file_name.unwrap_or_default(),
            media_type: head.media_type,
            length: head.length,
            content: content(first, rest),
        })
    }

    /// Reads what nobody took, and throws it away: many a client reads no answer before it has sent
    /// everything.
    pub fn discard(self) {
        let Some(sent) = self.0 else { return };
        tokio::spawn(async move {
            let mut rest = sent.rest.lock().await;
            while rest.next().await.is_ok() {}
        });
    }
}

/// A file from its first piece on. Nobody else reads the form meanwhile.
fn content(first: Bytes, rest: OwnedMutexGuard<Rest>) -> Content {
    let more = stream::try_unfold(rest, |mut rest| async {
        Ok(rest.chunk().await?.map(|chunk| (chunk, rest)))
    });
    Box::pin(stream::iter([Ok(first)]).chain(more))
}

impl Rest {
    /// Goes on to this part.
    async fn find(&mut self, part: &str) -> Result<Head, Unreadable> {
        if !self.awaited.contains(part) {
            return Err(Unreadable::Gone);
        }
        loop {
            let head = self.next().await?;
            if head.name.as_deref() == Some(part) {
                return Ok(head);
            }
        }
    }

    /// Goes on to the next part, past what is left of this one.
    async fn next(&mut self) -> Result<Head, Unreadable> {
        while self.chunk().await?.is_some() {}
        let form = self.form.as_mut().map_err(|why| *why)?;
        let head = match form.next().await {
            Ok(Some(head)) => self.admit(head),
            Ok(None) => Err(Unreadable::Missing),
            Err(why) => Err(why),
        };
        head.map_err(|why| self.end(why))
    }

    fn admit(&mut self, head: Head) -> Result<Head, Unreadable> {
        let name = head.name.as_deref().unwrap_or_default();
        if !self.awaited.remove(name) {
            return Err(Unreadable::Unnamed);
        }
        if head.length.is_some_and(|length| length > self.left) {
            return Err(Unreadable::TooLarge(self.limit));
        }
        self.announced = head.length;
        Ok(head)
    }

    /// More of the file at hand, or nothing at its end.
    async fn chunk(&mut self) -> Result<Option<Bytes>, Unreadable> {
        let form = self.form.as_mut().map_err(|why| *why)?;
        let chunk = match form.chunk().await {
            Ok(chunk) => self.count(chunk.as_ref().map(Bytes::len)).map(|()| chunk),
            Err(why) => Err(why),
        };
        chunk.map_err(|why| self.end(why))
    }

    fn count(&mut self, bytes: Option<usize>) -> Result<(), Unreadable> {
        let Some(bytes) = bytes else {
            return match self.announced.take() {
                None | Some(0) => Ok(()),
                Some(_) => Err(Unreadable::Misstated),
            };
        };
        let over = Unreadable::TooLarge(self.limit);
        self.left = self.left.checked_sub(bytes).ok_or(over)?;
        if let Some(announced) = &mut self.announced {
            *announced = announced.checked_sub(bytes).ok_or(Unreadable::Misstated)?;
        }
        Ok(())
    }

    /// Lets go of the form: nothing of it is read any more.
    fn end(&mut self, why: Unreadable) -> Unreadable {
        self.form = Err(why);
        why
    }
}
