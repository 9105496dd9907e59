//! Passing over values that nobody reads.
//!
//! A list or an object ends where as many brackets were closed as opened, outside of texts. That is found
//! for 64 bytes at once: the quotes, backslashes and brackets among them are sets of bits, and which of
//! the bytes are inside a text follows from the quotes alone.

use wide::u8x16;

use super::{Misfit, spelling};

/// How many bytes are looked at together.
const STEP: usize = 64;

/// The length of the value that `json` begins with.
pub(super) fn length(json: &[u8]) -> Result<usize, Misfit> {
    match json.first() {
        Some(b'"') => spelling::find_end(&json[1..]).map(|length| length + 1),
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
    let mut depth = 0_usize;
    let mut texts = Texts::default();
    let (steps, rest) = json.as_chunks::<STEP>();
    let mut last = [b' '; STEP];
    last[..rest.len()].copy_from_slice(rest);
    for (number, step) in steps.iter().chain([&last]).enumerate() {
        let found = Found::of(step);
        let outside = !texts.next(&found);
        let opened = found.opening & outside;
        let mut closing = found.closing & outside;
        let mut closed = 0;
        while closing != 0 {
            let at = closing.trailing_zeros();
            closed += 1;
            if depth + (opened & mask_to(at)).count_ones() as usize == closed {
                return Ok(number * STEP + at as usize + 1);
            }
            closing &= closing - 1;
        }
        depth += opened.count_ones() as usize;
        depth -= closed;
    }
    Err(Misfit)
}

/// The bits up to this one, which is among them.
fn mask_to(bit: u32) -> u64 {
    u64::MAX >> (63 - bit)
}

/// Where in a step the bytes are that matter: a bit for each.
struct Found {
    quotes: u64,
    backslashes: u64,
    opening: u64,
    closing: u64,
}

impl Found {
    fn of(step: &[u8; STEP]) -> Self {
        let mut found = Self {
            quotes: 0,
            backslashes: 0,
            opening: 0,
            closing: 0,
        };
        let (parts, _) = step.as_chunks::<16>();
        for (number, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            // Brackets and braces differ in this bit only.
            let braces = bytes | u8x16::splat(0x20);
            let bits = |equal: u8x16| u64::from(equal.to_bitmask()) << (number * 16);
            found.quotes |= bits(bytes.simd_eq(u8x16::splat(b'"')));
            found.backslashes |= bits(bytes.simd_eq(u8x16::splat(b'\\')));
            found.opening |= bits(braces.simd_eq(u8x16::splat(b'{')));
            found.closing |= bits(braces.simd_eq(u8x16::splat(b'}')));
        }
        found
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
