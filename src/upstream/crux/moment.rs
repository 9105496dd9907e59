//! Times as this upstream prints them: in three forms, of which none is announced.
//!
//! Creating answers with `2024-03-05 14:07:09.123456+00:00`, reads give `2024-03-05` or
//! `2024-03-05T14:07:09.123456Z`. A time without an offset is UTC. What is none of these is `None`:
//! an odd time must not cost the record that it stands in.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// The instant in RFC 3339, in UTC. A bare date is none.
#[must_use]
pub fn instant(text: &str) -> Option<String> {
    timestamp(text).map(|instant| instant.to_string())
}

/// The calendar date, that of UTC where there is a time with it.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    let date = match timestamp(text) {
        Some(instant) => instant.to_zoned(TimeZone::UTC).date(),
        None => text.trim().parse::<Date>().ok()?,
    };
    Some(date.to_string())
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    // A bare date would be read as its midnight.
    let has_time = text.contains(':');
    let civil = text.parse::<DateTime>().ok().filter(|_| has_time)?;
    civil
        .to_zoned(TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_from_every_form_that_tells_a_time() {
        for text in [
            "2024-03-05 14:07:09.120000+00:00",
            "2024-03-05T14:07:09.12Z",
            "2024-03-05 14:07:09.12",
            " 2024-03-05T15:07:09.12+01:00 ",
        ] {
            let read = instant(text);
            assert_eq!(read.as_deref(), Some("2024-03-05T14:07:09.12Z"), "{text}");
        }
    }

    #[test]
    fn a_bare_date_is_a_date_and_no_instant() {
        assert_eq!(instant("2024-03-05"), None);
        assert_eq!(date("2024-03-05").as_deref(), Some("2024-03-05"));
    }

    #[test]
    fn the_date_of_a_time_is_that_of_utc() {
        for (text, day) in [
            ("2024-03-05 23:30:00.000001+00:00", "2024-03-05"),
            ("2024-03-05T23:30:00-02:00", "2024-03-06"),
        ] {
            assert_eq!(date(text).as_deref(), Some(day), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_absent() {
        for text in [
            "",
            "soon",
            "2024-13-05",
            "05.03.2024",
            "2024-03-05T25:00:00Z",
        ] {
            assert_eq!((instant(text), date(text)), (None, None), "{text}");
        }
    }
}
