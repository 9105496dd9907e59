//! What a caller wants of the age of answers.

use std::time::Duration;

/// What a caller wants of the age of answers, beyond what the operator has configured: the request
/// directives of `Cache-Control` (RFC 9111, section 5.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// Only answers younger than this, whatever happens; zero reads past all that is kept.
    pub max_age: Option<Duration>,
    /// Also answers that stopped being fresh less than so long ago.
    pub max_stale: Option<Duration>,
    /// Only answers that are kept: no call may be made for a read.
    pub only_kept: bool,
}

impl Demand {
    /// Nothing that is kept (`no-cache`).
    pub const FRESH: Self = Self {
        max_age: Some(Duration::ZERO),
        max_stale: None,
        only_kept: false,
    };

    /// Reads the values of `Cache-Control`. Directives that say nothing of reading, and those that
    /// make no sense, are passed over.
    pub fn read<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let directives = values.flat_map(|value| value.split(','));
        directives.fold(Self::default(), |mut demand, directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let value = value.trim().trim_matches('"');
            let time = || Some(Duration::from_secs(u64::from(value.parse::<u32>().ok()?)));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-cache" => demand.max_age = Some(Duration::ZERO),
                // The stricter of two.
                "max-age" => demand.max_age = [demand.max_age, time()].into_iter().flatten().min(),
                "max-stale" if value.is_empty() => demand.max_stale = Some(Duration::MAX),
                "max-stale" => demand.max_stale = time(),
                "only-if-cached" => demand.only_kept = true,
                _ => {}
            }
            demand
        })
    }

    /// Whether an answer that was started for another caller is sure to do.
    pub(super) fn joins(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an answer that is started for this caller does for every other one.
    pub(super) fn is_joined(&self) -> bool {
        self.max_stale.is_none() && !self.only_kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Demand {
        Demand::read(values.iter().copied())
    }

    const fn secs(seconds: u64) -> Option<Duration> {
        Some(Duration::from_secs(seconds))
    }

    #[test]
    fn every_directive_about_reading_is_read() {
        assert_eq!(read(&["no-cache"]), Demand::FRESH);
        assert_eq!(read(&["Max-Age=5, max-stale=\"60\""]).max_age, secs(5));
        assert_eq!(read(&["max-age=5", "max-stale=60"]).max_stale, secs(60));
        assert_eq!(read(&["max-stale"]).max_stale, Some(Duration::MAX));
        assert!(read(&["only-if-cached"]).only_kept);
    }

    #[test]
    fn the_strictest_bound_on_the_age_wins() {
        assert_eq!(read(&["max-age=60, max-age=5"]).max_age, secs(5));
        assert_eq!(read(&["no-cache, max-age=60"]).max_age, secs(0));
        assert_eq!(read(&["max-age=60, no-cache"]).max_age, secs(0));
    }

    #[test]
    fn nonsense_demands_nothing() {
        for nonsense in [
            "",
            ",",
            "max-age",
            "max-age=-1",
            "max-age=soon",
            "private=no-cache",
        ] {
            assert_eq!(read(&[nonsense]), Demand::default(), "{nonsense}");
        }
    }
}
