//! W3C trace context: the place of an operation in a trace that may span many systems.

use std::fmt;

use http::HeaderValue;

/// The name of a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

/// The name of a span in its trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SpanId(pub u64);

impl TraceId {
    fn random() -> Self {
        // Version 4 leaves 122 random bits, and is never zero.
        Self(uuid::Uuid::new_v4().as_u128())
    }
}

impl SpanId {
    /// A name that nothing else has.
    pub fn random() -> Self {
        // The half without the version's bits; the variant's bits keep it from being zero.
        Self(uuid::Uuid::new_v4().as_u64_pair().1)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A span of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// The span that it is part of.
    pub parent: Option<SpanId>,
    /// Whether it is recorded.
    pub sampled: bool,
}

impl Position {
    /// A new span in the trace of the caller's `traceparent`, or in a trace of its own. Whether that
    /// is recorded, the caller has decided, else `ratio` does: by the trace's name, so that all who
    /// decide alike record the same traces.
    pub fn below(traceparent: Option<&HeaderValue>, ratio: f64) -> Self {
        let given = traceparent
            .and_then(|value| value.to_str().ok())
            .and_then(read);
        if let Some((trace, parent, sampled)) = given {
            return Self {
                trace,
                span: SpanId::random(),
                parent: Some(parent),
                sampled,
            };
        }
        let trace = TraceId::random();
        Self {
            trace,
            span: SpanId::random(),
            parent: None,
            sampled: is_chosen(trace, ratio),
        }
    }

    /// The header for a call that this span makes.
    pub fn header(&self) -> HeaderValue {
        let text = format!(
            "00-{:?}-{:?}-{:02x}",
            self.trace,
            self.span,
            u8::from(self.sampled)
        );
        HeaderValue::from_str(&text).expect("hexadecimal digits and hyphens are a header value")
    }
}

/// The lowest 53 bits of a random name are a number below one that a float holds exactly.
fn is_chosen(trace: TraceId, ratio: f64) -> bool {
    const BITS: u128 = (1 << 53) - 1;
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let share = (trace.0 & BITS) as f64 / (BITS + 1) as f64;
    share < ratio
}

fn read(text: &str) -> Option<(TraceId, SpanId, bool)> {
    let mut parts = text.split('-');
    let version = hexadecimal(parts.next()?, 2)?;
    let trace = hexadecimal(parts.next()?, 32).filter(|it| *it != 0)?;
    let parent = hexadecimal(parts.next()?, 16).filter(|it| *it != 0)?;
    let flags = hexadecimal(parts.next()?, 2)?;
    let is_known = version == 0 && parts.next().is_none() || (1..0xff).contains(&version);
    let parent = u64::try_from(parent).ok()?;
    is_known.then_some((TraceId(trace), SpanId(parent), flags & 1 == 1))
}

fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let is_lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_hexadecimal = text.len() == digits && text.bytes().all(is_lower);
    is_hexadecimal.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn below(header: &'static str, ratio: f64) -> Position {
        Position::below(Some(&HeaderValue::from_static(header)), ratio)
    }

    #[test]
    fn a_span_of_the_callers_trace_keeps_the_callers_decision() {
        let position = below(GIVEN, 0.0);
        assert_eq!(
            format!("{:?}", position.trace),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert_eq!(position.parent, Some(SpanId(0xb7ad_6b71_6920_3331)));
        assert!(position.sampled);
        let quiet = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        assert!(!below(quiet, 1.0).sampled);
    }

    #[test]
    fn what_is_no_trace_context_begins_a_trace_of_its_own() {
        for wrong in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            let position = below(wrong, 1.0);
            assert_eq!(position.parent, None, "{wrong}");
            assert!(position.sampled, "{wrong}");
        }
        assert!(!Position::below(None, 0.0).sampled);
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more";
        assert!(below(later, 0.0).parent.is_some());
    }

    #[test]
    fn the_header_names_the_span_that_calls() {
        let position = below(GIVEN, 0.0);
        let header = position.header();
        let (trace, span, sampled) = read(header.to_str().unwrap()).unwrap();
        assert_eq!(
            (trace, span, sampled),
            (position.trace, position.span, true)
        );
    }
}
