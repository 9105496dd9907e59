//! Moments in time and the five ways the three APIs spell them.
//!
//! Seeded records have fixed moments, so that a test can compare them; only what a
//! request creates asks the system clock.

use std::time::{SystemTime, UNIX_EPOCH};

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// Microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

struct Calendar {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
}

impl Moment {
    pub(crate) fn now() -> Self {
        // A clock before 1970 is the only failure, and then any moment will do.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    pub(crate) const fn on(year: i64, month: i64, day: i64) -> Self {
        // Days from civil, counting years from March so that the leap day comes last.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year - era * 400;
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self((era * 146_097 + day_of_era - 719_468) * DAY * MICROS)
    }

    pub(crate) const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days * DAY)
    }

    pub(crate) const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * MICROS)
    }

    pub(crate) const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0 + micros)
    }

    fn calendar(self) -> Calendar {
        let days = self.0.div_euclid(DAY * MICROS);
        let rest = self.0.rem_euclid(DAY * MICROS);
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Calendar {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: rest / (3600 * MICROS),
            minute: rest / (60 * MICROS) % 60,
            second: rest / MICROS % 60,
            micros: rest % MICROS,
        }
    }

    /// CRO: no zone, six digits of fraction, `2020-10-19T04:06:50.733000`.
    pub(crate) fn naive(self) -> String {
        let c = self.calendar();
        format!("{}T{}.{:06}", self.date(), c.time(), c.micros)
    }

    /// CRO now and then prints three digits.
    pub(crate) fn naive_millis(self) -> String {
        let c = self.calendar();
        format!("{}T{}.{:03}", self.date(), c.time(), c.micros / 1000)
    }

    /// Trans.eu: `2026-04-23T09:07:13+00:00`.
    pub(crate) fn zoned(self) -> String {
        format!("{}T{}+00:00", self.date(), self.calendar().time())
    }

    /// Trans.eu partner pages: `2026-05-05T13:19:06.000Z`.
    pub(crate) fn zulu_millis(self) -> String {
        let c = self.calendar();
        format!("{}T{}.{:03}Z", self.date(), c.time(), c.micros / 1000)
    }

    /// Crux records: `Z`, and a fraction only when there is one.
    pub(crate) fn zulu(self) -> String {
        let c = self.calendar();
        if c.micros == 0 {
            format!("{}T{}Z", self.date(), c.time())
        } else {
            format!("{}T{}.{:06}Z", self.date(), c.time(), c.micros)
        }
    }

    /// Crux create answers: a space instead of `T`, `2024-03-05 14:07:09.123456+00:00`.
    pub(crate) fn spaced(self) -> String {
        let c = self.calendar();
        format!("{} {}.{:06}+00:00", self.date(), c.time(), c.micros)
    }

    /// `2024-03-05`.
    pub(crate) fn date(self) -> String {
        let c = self.calendar();
        format!("{:04}-{:02}-{:02}", c.year, c.month, c.day)
    }
}

impl Calendar {
    fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_spelled_as_each_api_spells_it() {
        let moment = Moment::on(2024, 2, 29)
            .plus_seconds(14 * 3600 + 7 * 60 + 9)
            .plus_micros(123_456);
        assert_eq!(moment.naive(), "2024-02-29T14:07:09.123456");
        assert_eq!(moment.naive_millis(), "2024-02-29T14:07:09.123");
        assert_eq!(moment.zoned(), "2024-02-29T14:07:09+00:00");
        assert_eq!(moment.zulu(), "2024-02-29T14:07:09.123456Z");
        assert_eq!(moment.spaced(), "2024-02-29 14:07:09.123456+00:00");
        assert_eq!(Moment::on(2024, 3, 1).zulu(), "2024-03-01T00:00:00Z");
    }

    #[test]
    fn the_calendar_counts_from_1970() {
        assert_eq!(Moment::on(1970, 1, 1), Moment(0));
        assert_eq!(Moment::on(2000, 3, 1).plus_days(-1).date(), "2000-02-29");
        assert_eq!(Moment::on(2100, 3, 1).plus_days(-1).date(), "2100-02-28");
    }
}
