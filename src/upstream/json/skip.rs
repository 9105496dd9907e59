//! Passing over values that nobody reads.
//!
//! A list or an object ends where as many brackets were closed as opened, outside of texts. That is found
//! for 64 bytes at once: the quotes, backslashes and brackets among them are sets of bits, and which of
//! the bytes are inside a text follows from the quotes alone.

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
        Some(b'{' | b'[') => nested(json),
        Some(b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => {
            let is_end =
                |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            Ok(json.iter().position(is_end).unwrap_or(json.len()))
        }
        _ => Err(Misfit),
    }
}

/// The length of the list or object that `json` begins with.
fn nested(json: &[u8]) -> Result<usize, Misfit> {
    let mut brackets = Brackets::default();
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
#[derive(Default)]
struct Brackets {
    texts: Texts,
    /// How many of them are open.
    depth: usize,
}

impl Brackets {
    /// Passes a step; only up to where the last bracket is closed, if it is: then that length is given.
    #[inline]
    fn pass(&mut self, step: &[u8; STEP]) -> Option<usize> {
        let found = Found::of(step);
        let outside = !self.texts.next(&found);
        let mut brackets = found.brackets & outside;
        while brackets != 0 {
            let at = brackets.trailing_zeros() as usize;
            // The one bit is in those that open, the other in those that close; other bytes have both or
            // none of them. A branch would often be guessed wrong.
            let (opens, closes) = (step[at] >> 1 & 1, step[at] >> 2 & 1);
            self.depth = self.depth + usize::from(opens) - usize::from(closes);
            if self.depth == 0 {
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

/// Where in a step the bytes are that matter: a bit for each.
struct Found {
    quotes: u64,
    backslashes: u64,
    /// All brackets and braces, and `Y`, `_`, `y` and DEL: no such byte stands outside of texts.
    brackets: u64,
}

impl Found {
    fn of(step: &[u8; STEP]) -> Self {
        let (parts, _) = step.as_chunks::<16>();
        let parts = [0, 1, 2, 3].map(|number| u8x16::new(parts[number]));
        // What brackets and braces have in common is left of them, and of few other bytes.
        let alike = parts.map(|bytes| bytes | u8x16::splat(b'[' ^ b']' | b'[' ^ b'{'));
        let brackets = alike.map(|bytes| bytes.simd_eq(u8x16::splat(b'[' | b']' | b'{')));
        let backslashes = parts.map(|bytes| bytes.simd_eq(u8x16::splat(b'\\')));
        Self {
            quotes: bits(parts.map(|bytes| bytes.simd_eq(u8x16::splat(b'"')))),
            backslashes: rare_bits(backslashes),
            brackets: bits(brackets),
        }
    }
}

/// A bit for each byte of four parts that is set.
fn bits(parts: [u8x16; 4]) -> u64 {
    let bits = parts.map(|part| u64::from(part.to_bitmask()));
    bits[0] | bits[1] << 16 | bits[2] << 32 | bits[3] << 48
}

/// The same, where mostly none is set.
fn rare_bits(parts: [u8x16; 4]) -> u64 {
    let any = parts[0] | parts[1] | parts[2] | parts[3];
    match any.to_bitmask() {
        0 => 0,
        _ => bits(parts),
    }
}

/// What the steps so far say of the next one.
#[derive(Default)]
struct Texts {
    /// All bits are set if it begins inside a text.
    inside: u64,
    /// Whether its first byte stands behind a backslash.
    escaped: bool,
}

impl Texts {
    /// The bytes of the next step that are inside of texts.
    fn next(&mut self, found: &Found) -> u64 {
        let mut quotes = found.quotes;
        if found.backslashes != 0 || self.escaped {
            quotes &= !self.escapes(found.backslashes);
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
