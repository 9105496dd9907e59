//! Numbers.

use super::Misfit;

/// A number, whole wherever it can be told without a loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Positive(u64),
    Negative(i64),
    Decimal(f64),
}

/// Reads the number that `json` begins with; gives its length, too.
#[inline]
pub(super) fn read(json: &str) -> Result<(Number, usize), Misfit> {
    match short(json.as_bytes()) {
        Some((number, length)) => Ok((Number::Positive(number), length)),
        None => any(json),
    }
}

/// The number that this is, if it is like most.
#[inline(always)]
pub(super) fn whole(json: &[u8]) -> Option<u64> {
    let (number, length) = short(json)?;
    (length == json.len()).then_some(number)
}

/// Reads the number that `json` begins with if it is like most: whole, positive and of few digits.
#[inline(always)]
fn short(json: &[u8]) -> Option<(u64, usize)> {
    /// With so many digits it fits in any case.
    const MAX_DIGITS: usize = 19;
    let length = digits(json);
    let is_one = match json.first() {
        Some(b'0') => length == 1,
        _ => (1..=MAX_DIGITS).contains(&length),
    };
    if !is_one || matches!(json.get(length), Some(b'.' | b'e' | b'E')) {
        return None;
    }
    let add = |number: u64, digit: &u8| number * 10 + u64::from(digit - b'0');
    Some((json[..length].iter().fold(0, add), length))
}

#[cold]
fn any(json: &str) -> Result<(Number, usize), Misfit> {
    let bytes = json.as_bytes();
    let is_negative = bytes.first() == Some(&b'-');
    let start = usize::from(is_negative);
    let whole = start + digits(&bytes[start..]);
    let leading_zero = bytes.get(start) == Some(&b'0') && whole > start + 1;
    if whole == start || leading_zero {
        return Err(Misfit);
    }
    let end = exponent(bytes, fraction(bytes, whole)?)?;
    let text = &json[..end];
    let integer = match (end == whole, is_negative) {
        (true, false) => text.parse().ok().map(Number::Positive),
        // There is a negative zero among the decimals only.
        (true, true) => text
            .parse()
            .ok()
            .filter(|number| *number != 0)
            .map(Number::Negative),
        (false, _) => None,
    };
    let number = match integer {
        Some(number) => number,
        None => Number::Decimal(decimal(text)?),
    };
    Ok((number, end))
}

fn decimal(text: &str) -> Result<f64, Misfit> {
    let number: f64 = text.parse().map_err(|_| Misfit)?;
    number.is_finite().then_some(number).ok_or(Misfit)
}

/// Passes the fraction that may begin at `at`.
fn fraction(bytes: &[u8], at: usize) -> Result<usize, Misfit> {
    match bytes.get(at) {
        Some(b'.') => some_digits(bytes, at + 1),
        _ => Ok(at),
    }
}

/// Passes the exponent that may begin at `at`.
fn exponent(bytes: &[u8], at: usize) -> Result<usize, Misfit> {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'e' | b'E'), Some(b'+' | b'-')) => some_digits(bytes, at + 2),
        (Some(b'e' | b'E'), _) => some_digits(bytes, at + 1),
        _ => Ok(at),
    }
}

fn some_digits(bytes: &[u8], at: usize) -> Result<usize, Misfit> {
    match digits(bytes.get(at..).unwrap_or_default()) {
        0 => Err(Misfit),
        count => Ok(at + count),
    }
}

/// How many digits `bytes` begins with.
#[inline(always)]
pub(super) fn digits(bytes: &[u8]) -> usize {
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    bytes.iter().take_while(is_digit).count()
}
