//! How JSON spells texts: where they end, and what their escapes stand for.

use wide::u8x16;

/// A text, which is part of what it was read from unless it has escapes.
pub enum Spelled<'de> {
    /// It has none.
    Borrowed(&'de str),
    /// It has some.
    Owned(String),
}

/// The length of a text without escapes whose opening quote was passed, without the closing one. `None` if
/// it is another text, or none.
pub fn plain_length(json: &[u8]) -> Option<usize> {
    let special = find_special(json, 0);
    (json.get(special) == Some(&b'"')).then_some(special)
}

/// Reads a text whose opening quote was passed; gives its length with the closing one, too. `None` if it
/// is no text of JSON.
pub fn read(json: &str) -> Option<(Spelled<'_>, usize)> {
    if let Some(length) = plain_length(json.as_bytes()) {
        return Some((Spelled::Borrowed(&json[..length]), length + 1));
    }
    let mut text = String::with_capacity(find_end(json.as_bytes())?);
    let length = resolve(json, &mut text)?;
    Some((Spelled::Owned(text), length))
}

/// Reads a text whose opening quote was passed, behind which comes nothing else. `None` if it is no text of
/// JSON.
pub fn read_last(json: &str) -> Option<String> {
    let mut text = String::with_capacity(json.len());
    let length = resolve(json, &mut text)?;
    (length == json.len()).then_some(text)
}

/// Adds what a text spells whose opening quote was passed; gives its length with the closing one, too.
fn resolve(json: &str, text: &mut String) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut start = 0;
    loop {
        let special = find_special(bytes, start);
        text.push_str(&json[start..special]);
        match bytes.get(special) {
            Some(b'"') => return Some(special + 1),
            Some(b'\\') => {
                let (letter, length) = unescape(&bytes[special + 1..])?;
                text.push(letter);
                start = special + 1 + length;
            }
            // JSON allows no control characters in texts.
            _ => return None,
        }
    }
}

/// The length of a text whose opening quote was passed, with the closing one. `None` if it does not end.
pub fn find_end(json: &[u8]) -> Option<usize> {
    let mut start = 0;
    loop {
        let special = find_special(json, start);
        match json.get(special) {
            Some(b'"') => return Some(special + 1),
            Some(b'\\') => start = special + 2,
            Some(_) => start = special + 1,
            None => return None,
        }
    }
}

/// How many bytes are looked at together.
const STEP: usize = 16;

/// The first quote, backslash or control character from `start` on; the end if there is none.
fn find_special(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    let (steps, tail) = rest.as_chunks::<STEP>();
    for (number, step) in steps.iter().enumerate() {
        let special = specials(*step);
        if special != 0 {
            return start + number * STEP + special.trailing_zeros() as usize;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let in_tail = tail.iter().position(is_special).unwrap_or(tail.len());
    start + steps.len() * STEP + in_tail
}

/// A bit for each byte that is special.
fn specials(step: [u8; STEP]) -> u32 {
    let bytes = u8x16::new(step);
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    let backslashes = bytes.simd_eq(u8x16::splat(b'\\'));
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (quotes | backslashes | controls).to_bitmask()
}

/// What the escape stands for whose backslash was passed, and its length.
fn unescape(escape: &[u8]) -> Option<(char, usize)> {
    let letter = match escape.first() {
        Some(letter @ (b'"' | b'\\' | b'/')) => char::from(*letter),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return code_point(&escape[1..]),
        _ => return None,
    };
    Some((letter, 1))
}

/// The character of `\uXXXX`, or of two of those, and the length without the first backslash.
fn code_point(digits: &[u8]) -> Option<(char, usize)> {
    let first = unit(digits)?;
    if let Some(letter) = char::from_u32(first.into()) {
        return Some((letter, 5));
    }
    let second = digits[4..].strip_prefix(b"\\u")?;
    match char::decode_utf16([first, unit(second)?]).next() {
        Some(Ok(letter)) => Some((letter, 11)),
        _ => None,
    }
}

/// The number that four hexadecimal digits spell.
fn unit(digits: &[u8]) -> Option<u16> {
    digits.get(..4)?.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_text(json: &str) -> Option<(String, usize)> {
        let (text, length) = read(json)?;
        Some(match text {
            Spelled::Borrowed(text) => (text.to_owned(), length),
            Spelled::Owned(text) => (text, length),
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_spells_is_read(text: String, behind in "[a-z\"\\\\]{1,3}") {
            let json = serde_json::to_string(&text).unwrap();
            let inside = &json[1..];
            prop_assert_eq!(read_text(inside), Some((text.clone(), inside.len())));
            prop_assert_eq!(read_last(inside), Some(text.clone()));
            prop_assert_eq!(find_end(inside.as_bytes()), Some(inside.len()));
            let longer = format!("{inside}{behind}");
            prop_assert_eq!(read_text(&longer), Some((text, inside.len())));
            prop_assert_eq!(read_last(&longer), None);
        }
    }

    #[test]
    fn what_is_no_text_is_not_read() {
        for broken in [
            "",
            "a",
            "a\\",
            "a\\\"",
            "\\x\"",
            "\\ud800\"",
            "\\u12\"",
            "\n\"",
            "ä\\",
        ] {
            assert_eq!(read_text(broken), None, "{broken:?}");
            assert_eq!(read_last(broken), None, "{broken:?}");
        }
    }
}
