//! A keep-alive connection of the load: as little HTTP as it takes to read an answer's end, so
//! that the load costs less than what it loads.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An open connection and what was read from it.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Where the parts of an answer are in the buffer.
struct Head {
    status: u16,
    length: usize,
    framing: Framing,
}

enum Framing {
    Length(usize),
    Chunked,
}

/// An answer, borrowed from the connection.
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came: with the marks of its chunks, if it came in chunks.
    raw: &'a [u8],
    framing: Framing,
}

impl Answer<'_> {
    /// The body's bytes.
    pub fn body(&self) -> Vec<u8> {
        match self.framing {
            Framing::Length(_) => self.raw.to_vec(),
            Framing::Chunked => {
                let mut body = Vec::with_capacity(self.raw.len());
                let mut at = 0;
                while let Some(chunk) = chunk(self.raw, at) {
                    body.extend_from_slice(&self.raw[chunk.from..chunk.to]);
                    at = chunk.next;
                }
                body
            }
        }
    }

    /// The length of the body with the marks of its chunks, which repeats for the same answer.
    pub fn raw_length(&self) -> usize {
        self.raw.len()
    }
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and reads its whole answer.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.more().await?;
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        let end = loop {
            if let Some(end) = end(&self.buffer, &head) {
                break end;
            }
            self.more().await?;
        };
        Ok(Answer {
            status: head.status,
            raw: &self.buffer[head.length..end],
            framing: head.framing,
        })
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.buffer.capacity() - self.buffer.len() < 16 * 1024 {
            self.buffer.reserve(256 * 1024);
        }
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn head(buffer: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let parsed = response
        .parse(buffer)
        .map_err(|error| invalid(error.to_string()))?;
    let httparse::Status::Complete(length) = parsed else {
        return Ok(None);
    };
    let value = |name: &str| {
        let header = response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let framing = match value("content-length") {
        Some(text) => text.parse().map(Framing::Length).ok(),
        None => value("transfer-encoding").map(|_| Framing::Chunked),
    };
    Ok(Some(Head {
        status: response.code.unwrap_or_default(),
        length,
        framing: framing.ok_or_else(|| invalid("the answer does not say where it ends".into()))?,
    }))
}

fn end(buffer: &[u8], head: &Head) -> Option<usize> {
    match head.framing {
        Framing::Length(length) => {
            (buffer.len() >= head.length + length).then_some(head.length + length)
        }
        Framing::Chunked => {
            // The last chunk is `0`, with two ends of a line after it.
            if !buffer.ends_with(b"\r\n\r\n") {
                return None;
            }
            let body = &buffer[head.length..];
            let mut at = 0;
            while let Some(chunk) = chunk(body, at) {
                if chunk.from == chunk.to {
                    return Some(head.length + chunk.next);
                }
                at = chunk.next;
            }
            None
        }
    }
}

struct Chunk {
    from: usize,
    to: usize,
    next: usize,
}

/// The chunk that begins at `at`, if all of it is there.
fn chunk(body: &[u8], at: usize) -> Option<Chunk> {
    let line = body.get(at..)?;
    let digits = line.iter().position(|byte| *byte == b'\r')?;
    let size = std::str::from_utf8(&line[..digits]).ok()?;
    let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
    let from = at + digits + 2;
    let next = from + size + 2;
    (next <= body.len()).then_some(Chunk {
        from,
        to: from + size,
        next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// Answers one request with these pieces, each flushed on its own.
    async fn answered_with(pieces: &'static [&'static str]) -> io::Result<(u16, Vec<u8>)> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let server = async move {
            let (mut stream, _) = listener.accept().await?;
            stream.read_u8().await?;
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
            // Kept open: an answer must not end by the end of its connection.
            io::Result::Ok(stream)
        };
        let client = async {
            let mut connection = Connection::open(address).await?;
            let answer = connection.exchange(b"x").await?;
            Ok((answer.status, answer.body()))
        };
        let (served, answer) = tokio::join!(server, client);
        served?;
        answer
    }

    #[tokio::test]
    async fn an_answer_ends_where_its_length_says() {
        let pieces = &["HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\nhe", "llo"];
        let answer = answered_with(pieces).await.unwrap();
        assert_eq!(answer, (200, b"hello".to_vec()));
    }

    #[tokio::test]
    async fn an_answer_in_chunks_ends_with_the_empty_one() {
        let pieces = &[
            "HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n",
            "5\r\nhe\r\n\r\r\n",
            "A\r\n0123456789\r\n0\r\n",
            "\r\n",
        ];
        let answer = answered_with(pieces).await.unwrap();
        assert_eq!(answer, (503, b"he\r\n\r0123456789".to_vec()));
    }

    #[tokio::test]
    async fn an_answer_without_an_end_is_an_error() {
        assert!(answered_with(&["HTTP/1.1 200 OK\r\n\r\n"]).await.is_err());
    }
}
