//! The bytes of a connection, with or without TLS, as its [`Pace`] sees them.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::pace::Pace;

/// One type for both kinds, so that the protocols are compiled once.
pub(super) enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

macro_rules! either {
    ($self:expr, $stream:ident => $call:expr) => {
        match $self {
            Transport::Plain($stream) => {
                let $stream = Pin::new($stream);
                $call
            }
            Transport::Tls($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $call
            }
        }
    };
}

/// A connection's bytes, noticed.
pub(super) struct Stream {
    pub(super) transport: Transport,
    pub(super) pace: Arc<Pace>,
}

impl Stream {
    fn note<T>(&self, sending: &Poll<T>) {
        match sending {
            Poll::Pending => self.pace.stuck(),
            Poll::Ready(_) => self.pace.wrote(),
        }
    }
}

/// So many bytes are sooner copied than taken from several places by the system.
const TOGETHER: usize = 1024;

/// All slices in one, if there is room for them.
fn join<'a>(slices: &[IoSlice<'_>], room: &'a mut [u8; TOGETHER]) -> Option<&'a [u8]> {
    let length = slices.iter().map(|slice| slice.len()).sum();
    let joined = room.get_mut(..length)?;
    let mut rest = &mut *joined;
    for slice in slices {
        let (place, behind) = rest.split_at_mut(slice.len());
        place.copy_from_slice(slice);
        rest = behind;
    }
    Some(joined)
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(either!(&mut self.transport, stream => stream.poll_read(context, buffer)))?;
        self.pace.read();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = either!(&mut self.transport, stream => stream.poll_write(context, bytes));
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut together = [0; TOGETHER];
        if let Some(bytes) = join(slices, &mut together) {
            return self.poll_write(context, bytes);
        }
        let written =
            either!(&mut self.transport, stream => stream.poll_write_vectored(context, slices));
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = either!(&mut self.transport, stream => stream.poll_flush(context));
        self.note(&flushed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = either!(&mut self.transport, stream => stream.poll_shutdown(context));
        self.note(&ended);
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_are_one_and_large_ones_stay_apart() {
        let large = [b'x'; TOGETHER];
        let mut room = [0; TOGETHER];
        let mut joined = |pieces: &[&[u8]]| {
            let slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
            join(&slices, &mut room).map(<[u8]>::to_vec)
        };
        assert_eq!(
            joined(&[b"head ", b"", b"body"]),
            Some(b"head body".to_vec())
        );
        assert_eq!(joined(&[&large]), Some(large.to_vec()));
        assert_eq!(joined(&[&large, b"!"]), None);
    }
}
