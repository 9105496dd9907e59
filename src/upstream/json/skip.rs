//! Passing over values that nobody reads.
//!
//! A list or an object ends where as many of its kind of brackets were closed as opened, outside of texts.
//! 64 bytes are looked at together. Mostly no such bracket and no backslash is among them, and all there is to
//! note of them is their quotes. Else these are sets of bits, and which of the bytes are inside a text follows
//! from the quotes alone.

use std::mem;

use wide::u8x16;

use super::Misfit;
use crate::spelling;

/// How many bytes are looked at together.
const STEP: usize = 64;

/// The length of the value that `json` begins with.
pub(super) fn length(json: &[u8]) -> Result<usize, Misfit> {
    match json.first() {
        Some(b'"') => spelling::find_end(&json[1..])
            .map(|length| length + 1)
            .ok_or(Misfit),
        Some(b'[') => rest::<b'['>(&json[1..]).map(|length| length + 1),
        Some(b'{') => rest::<b'{'>(&json[1..]).map(|length| length + 1),
        Some(b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => {
            let is_end =
                |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            Ok(json.iter().position(is_end).unwrap_or(json.len()))
        }
        _ => Err(Misfit),
    }
}

/// The length of the list or object whose bracket `OPEN` was passed.
fn rest<const OPEN: u8>(json: &[u8]) -> Result<usize, Misfit> {
    let mut brackets = Brackets::<OPEN> {
        texts: Texts::default(),
        open: 1,
    };
    let (steps, rest) = json.as_chunks::<STEP>();
    for (number, step) in steps.iter().enumerate() {
        if let Some(length) = brackets.pass(step) {
            return Ok(number * STEP + length);
        }
    }
    let mut last = [b' '; STEP];
    last[..rest.len()].copy_from_slice(rest);
    let length = brackets.pass(&last).ok_or(Misfit)?;
    Ok(steps.len() * STEP + length)
}

/// The brackets before the next step.
struct Brackets<const OPEN: u8> {
    texts: Texts,
    /// How many of them are open.
    open: usize,
}

impl<const OPEN: u8> Brackets<OPEN> {
    /// Passes a step; only up to where the last bracket is closed, if it is: then that length is given.
    #[inline]
    fn pass(&mut self, step: &[u8; STEP]) -> Option<usize> {
        let (parts, _) = step.as_chunks::<16>();
        let parts = [0, 1, 2, 3].map(|number| u8x16::new(parts[number]));
        let quotes = parts.map(|bytes| bytes.simd_eq(u8x16::splat(b'"')));
        let brackets = parts.map(near_bracket::<OPEN>);
        // Among the bytes around brackets is the backslash, but not among those around braces.
        let backslashes = match OPEN {
            b'[' => brackets,
            _ => parts.map(is_backslash),
        };
        if self.texts.escaped || any(brackets) || any(backslashes) {
            return self.pass_closely(step, quotes, brackets);
        }
        self.texts.unread ^= quotes[0] ^ quotes[1] ^ quotes[2] ^ quotes[3];
        None
    }

    /// Passes a step in which there may be brackets or escapes.
    fn pass_closely(
        &mut self,
        step: &[u8; STEP],
        quotes: [u8x16; 4],
        brackets: [u8x16; 4],
    ) -> Option<usize> {
        let (parts, _) = step.as_chunks::<16>();
        let backslashes = [0, 1, 2, 3].map(|number| is_backslash(u8x16::new(parts[number])));
        let outside = !self.texts.next(bits(quotes), bits(backslashes));
        let mut brackets = bits(brackets) & outside;
        while brackets != 0 {
            let at = brackets.trailing_zeros() as usize;
            // One more for what opens, one less for what closes. A branch would often be guessed wrong.
            self.open = self.open + 1 - usize::from(step[at] - OPEN);
            if self.open == 0 {
                return Some(at + 1);
            }
            brackets &= brackets - 1;
        }
        None
    }
}

/// The bits up to this one, which is among them.
fn mask_to(bit: u32) -> u64 {
    u64::MAX >> (63 - bit)
}

/// Which bytes are the bracket, the one that closes it, or what stands between these two in ASCII, which no
/// JSON has outside of texts.
#[inline(always)]
fn near_bracket<const OPEN: u8>(bytes: u8x16) -> u8x16 {
    let distance = bytes - u8x16::splat(OPEN);
    distance.min(u8x16::splat(2)).simd_eq(distance)
}

#[inline(always)]
fn is_backslash(bytes: u8x16) -> u8x16 {
    bytes.simd_eq(u8x16::splat(b'\\'))
}

#[inline(always)]
fn any(parts: [u8x16; 4]) -> bool {
    (parts[0] | parts[1] | parts[2] | parts[3]).to_bitmask() != 0
}

/// A bit for each byte of four parts that is set.
fn bits(parts: [u8x16; 4]) -> u64 {
    let bits = parts.map(|part| u64::from(part.to_bitmask()));
    bits[0] | bits[1] << 16 | bits[2] << 32 | bits[3] << 48
}

/// What the steps so far say of the next one.
#[derive(Default)]
struct Texts {
    /// All bits are set if it begins inside a text, but for what is unread.
    inside: u64,
    /// Quotes that were passed: each byte is set if it was a quote an odd number of times.
    unread: u8x16,
    /// Whether its first byte stands behind a backslash.
    escaped: bool,
}

impl Texts {
    /// The bytes of the next step that are inside of texts.
    fn next(&mut self, mut quotes: u64, backslashes: u64) -> u64 {
        let unread = mem::take(&mut self.unread).to_bitmask();
        if unread.count_ones() % 2 == 1 {
            self.inside = !self.inside;
        }
        if backslashes != 0 || self.escaped {
            quotes &= !self.escapes(backslashes);
        }
        // Each quote turns all bits from its own on.
        let mut inside = quotes;
        for distance in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << distance;
        }
        inside ^= self.inside;
        self.inside = 0_u64.wrapping_sub(inside >> 63);
        inside
    }

    /// The bytes that stand behind a backslash which is not behind one itself.
    fn escapes(&mut self, backslashes: u64) -> u64 {
        let mut escaped = u64::from(self.escaped);
        let mut rest = backslashes & !escaped;
        self.escaped = false;
        while rest != 0 {
            let at = rest.trailing_zeros();
            let next = (1_u64 << at) << 1;
            self.escaped = next == 0;
            escaped |= next;
            rest &= !(mask_to(at) | next);
        }
        escaped
    }
}
