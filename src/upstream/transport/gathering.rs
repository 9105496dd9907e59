//! A body while it comes, in one piece or in many.

use bytes::{Bytes, BytesMut};

/// Memory is taken at once for bodies that announce up to this many bytes; a larger one has to come.
const RESERVED: usize = 4 * 1024 * 1024;

/// A piece of this size or more is kept as it was read from the network. A smaller one would hold a buffer
/// that is many times as large, so it is copied.
const ADOPTED: usize = 128 * 1024;

/// The largest buffer that the HTTP client reads into.
const BUFFER: usize = 408 * 1024;

/// What has come so far.
pub(super) struct Gathering {
    /// As long as nothing else has come.
    only: Bytes,
    all: BytesMut,
    /// How much is announced, up to a bound.
    expected: usize,
}

impl Gathering {
    /// Nothing has come yet of a body that announces its length, or does not.
    pub(super) fn new(announced: Option<usize>) -> Self {
        Self {
            only: Bytes::new(),
            all: BytesMut::new(),
            expected: announced.filter(|length| *length <= RESERVED).unwrap_or(0),
        }
    }

    /// How much has come.
    pub(super) fn len(&self) -> usize {
        self.only.len() + self.all.len()
    }

    /// The next piece.
    pub(super) fn add(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.only = piece;
            return;
        }
        if self.all.is_empty() {
            // A body that grows piece by piece is copied again and again, into ever more memory.
            self.all
                .reserve(self.expected.max(self.only.len() + piece.len()));
            self.all.extend_from_slice(&std::mem::take(&mut self.only));
        }
        self.all.extend_from_slice(&piece);
    }

    /// All of it.
    pub(super) fn end(self) -> Bytes {
        match self.only.len() {
            0 => self.all.freeze(),
            ADOPTED.. => self.only,
            _ => Bytes::copy_from_slice(&self.only),
        }
    }
}

/// How much memory a body may hold, which can be more than its length.
pub(super) fn memory(body: &Bytes) -> usize {
    match body.len() {
        ADOPTED..BUFFER => BUFFER,
        length => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(announced: Option<usize>, pieces: &[&Bytes]) -> Bytes {
        let mut gathering = Gathering::new(announced);
        for piece in pieces {
            gathering.add(Bytes::clone(piece));
        }
        let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        assert_eq!(gathering.len(), length);
        gathering.end()
    }

    #[test]
    fn a_body_is_all_of_its_pieces() {
        let [one, two] = ["one ", "two"].map(Bytes::from);
        for announced in [None, Some(7), Some(usize::MAX)] {
            assert_eq!(gathered(announced, &[]), "");
            assert_eq!(gathered(announced, &[&one]), "one ");
            assert_eq!(gathered(announced, &[&one, &two]), "one two");
            assert_eq!(gathered(announced, &[&Bytes::new(), &two, &one]), "twoone ");
        }
    }

    #[test]
    fn a_large_piece_is_not_copied_and_a_small_one_holds_no_buffer() {
        let buffer = Bytes::from(vec![b'x'; BUFFER]);
        let (large, small) = (buffer.slice(..ADOPTED), buffer.slice(..ADOPTED - 1));
        let is_copied = |piece: &Bytes| gathered(None, &[piece]).as_ptr() != piece.as_ptr();
        assert!(!is_copied(&large));
        assert!(is_copied(&small));
        assert_eq!(
            (memory(&large), memory(&small), memory(&buffer)),
            (BUFFER, small.len(), BUFFER)
        );
    }
}
