//! A look at the text of a document before anybody parses it.
//!
//! The parser recurses once per bracket and keeps everything it reads, so the text is measured first:
//! once through, byte by byte, without recursion. What counts as a string or a comment here must be
//! one for the parser too, or brackets could hide in it: what is neither is refused.

use async_graphql::Pos;

use super::{
    limits::{Limit, Limits},
    refusal::{Code, Refusal},
};

/// Measures a document's text.
///
/// # Errors
/// It is longer or nested deeper than allowed, or a string in it does not end.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), Refusal> {
    limits.check(Limit::DocumentSize, text.len())?;
    let mut scan = Scan::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = scan
            .step(&bytes[at..])
            .ok_or_else(|| unterminated(&text[..at]))?;
        at += length;
    }
    limits.check(Limit::Tokens, scan.tokens)?;
    limits.check(Limit::Nesting, scan.deepest)
}

#[derive(Default)]
struct Scan {
    tokens: usize,
    nesting: usize,
    deepest: usize,
}

impl Scan {
    /// The length of what `rest` begins with; none for a string without an end.
    fn step(&mut self, rest: &[u8]) -> Option<usize> {
        let length = match rest[0] {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => return Some(1),
            b'#' => return Some(run(rest, |byte| !matches!(byte, b'\r' | b'\n'))),
            b'"' if rest.starts_with(BLOCK) => block_string(rest)?,
            b'"' => string(rest)?,
            b'{' | b'[' | b'(' => {
                self.nesting += 1;
                self.deepest = self.deepest.max(self.nesting);
                1
            }
            b'}' | b']' | b')' => {
                self.nesting = self.nesting.saturating_sub(1);
                1
            }
            byte if is_word(byte) => run(rest, is_word),
            b'.' => run(&rest[..rest.len().min(3)], |byte| byte == b'.'),
            _ => 1,
        };
        self.tokens += 1;
        Some(length)
    }
}

const BLOCK: &[u8] = b"\"\"\"";

fn is_word(byte: u8) -> bool {
    // A character outside of ASCII is at least two bytes and no token at all: it stops the parser.
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .position(|byte| !belongs(*byte))
        .unwrap_or(bytes.len())
}

fn string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\r' | b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn block_string(bytes: &[u8]) -> Option<usize> {
    let mut at = BLOCK.len();
    loop {
        match bytes.get(at..)? {
            rest if rest.starts_with(b"\\\"\"\"") => at += 4,
            rest if rest.starts_with(BLOCK) => return Some(at + BLOCK.len()),
            [] => return None,
            _ => at += 1,
        }
    }
}

fn unterminated(before: &str) -> Refusal {
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let pos = Pos {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    };
    Refusal::at(
        Code::ParseFailed,
        Some(pos),
        "Syntax error: a string does not end",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str) -> Option<(usize, usize)> {
        let mut scan = Scan::default();
        let mut at = 0;
        while at < text.len() {
            at += scan.step(&text.as_bytes()[at..])?;
        }
        Some((scan.tokens, scan.deepest))
    }

    #[test]
    fn tokens_and_nesting_are_counted() {
        assert_eq!(measure("{ a(b: [1, 2]) ...F @x }"), Some((15, 3)));
        assert_eq!(measure("query Q($id: ID!) { a }"), Some((12, 1)));
        assert_eq!(measure(" ,\n\t"), Some((0, 0)));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(measure("{ a # [[[[\n}"), Some((3, 1)));
        assert_eq!(measure(r#"{ a(b: "[[[\"[[") }"#), Some((8, 2)));
        assert_eq!(measure(r#"{ a(b: """[[ " "" \""" [[""") }"#), Some((8, 2)));
        assert_eq!(measure(r#"{ a(b: "") }"#), Some((8, 2)));
        assert_eq!(measure("\"[\u{1f3c3}\" ["), Some((2, 1)));
    }

    #[test]
    fn a_string_without_an_end_hides_nothing() {
        for text in [
            "\"[[[",
            "\"[[\n\"",
            "\"\"\"[[[\"",
            "\"\"\"[[\\\"\"\"",
            "\"\\",
        ] {
            assert_eq!(measure(text), None, "{text}");
        }
    }

    #[test]
    fn the_place_of_a_string_without_an_end_is_told() {
        let refusal = check("{\n  ä(b: \"x\n) }", &Limits::default()).unwrap_err();
        assert_eq!(refusal.errors[0].locations, [Pos { line: 2, column: 8 }]);
    }

    #[test]
    fn each_limit_of_the_text_holds() {
        let limits = Limits {
            document_size: 20,
            tokens: 5,
            nesting: 2,
            ..Limits::default()
        };
        assert!(
            check(
                "{ a { b } }",
                &Limits {
                    tokens: 6,
                    ..limits
                }
            )
            .is_ok()
        );
        for (text, limit) in [
            ("{ aaaaaaaaaaaaaaaaaaaaaa }", "document_size"),
            ("{ a b c d }", "tokens"),
            ("[[[", "nesting"),
        ] {
            let refusal = check(text, &limits).unwrap_err();
            assert!(
                refusal.errors[0].message.contains(limit),
                "{}",
                refusal.errors[0].message
            );
        }
    }
}
