//! Query parameters and the paged envelope that every list answers with.

use serde::Serialize;
use serde_json::Value;

use super::super::clock::Moment;
use super::refusal::Refusal;

const DEFAULT_LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 1000;
const LAST_PAGE: usize = 10_000;

/// The parameters of one call, named after the model that documents them.
pub(super) struct Params {
    model: &'static str,
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Refuses parameters that are not among `allowed`; paging is always allowed.
    pub(super) fn new(
        model: &'static str,
        pairs: Vec<(String, String)>,
        allowed: &[&str],
    ) -> Result<Self, Refusal> {
        let unknown = pairs.iter().find(|(name, _)| {
            name != "page_index" && name != "page_limit" && !allowed.contains(&name.as_str())
        });
        match unknown {
            Some((name, _)) => Err(Refusal::invalid(
                format!("{model}.{name}"),
                "Unknown field.",
            )),
            None => Ok(Self { model, pairs }),
        }
    }

    fn refuse<T>(&self, name: &str, detail: &str) -> Result<T, Refusal> {
        Err(Refusal::invalid(format!("{}.{name}", self.model), detail))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.text(name).map(str::parse) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => self.refuse(name, "Not a valid integer."),
        }
    }

    /// One of 0, 1, true, false in any case.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name).map(str::to_lowercase).as_deref() {
            None => Ok(None),
            Some("1" | "true") => Ok(Some(true)),
            Some("0" | "false") => Ok(Some(false)),
            Some(_) => self.refuse(name, "Not a valid boolean."),
        }
    }

    /// A zone-less datetime that lies in the past.
    pub(super) fn past(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        if !is_naive_datetime(text) {
            return self.refuse(name, "Not a valid datetime.");
        }
        if text > Moment::now().naive().as_str() {
            return self.refuse(name, "Must be in the past.");
        }
        Ok(Some(text))
    }

    pub(super) fn page(&self) -> Result<Page, Refusal> {
        Ok(Page {
            index: self.bounded("page_index", 1, LAST_PAGE)?,
            limit: self.bounded("page_limit", DEFAULT_LIMIT, LARGEST_LIMIT)?,
        })
    }

    fn bounded(&self, name: &str, default: usize, most: usize) -> Result<usize, Refusal> {
        match self.integer(name)? {
            None => Ok(default),
            Some(number) => match usize::try_from(number) {
                Ok(number) if (1..=most).contains(&number) => Ok(number),
                _ => self.refuse(name, &format!("Must be between 1 and {most}.")),
            },
        }
    }
}

/// `2020-10-19T04:06:50` with up to six digits of fraction, or a date alone.
pub(super) fn is_naive_datetime(text: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fits = |(byte, shape): (u8, &u8)| {
        if *shape == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == *shape
        }
    };
    (whole.len() == SHAPE.len() || whole.len() == 10)
        && whole.bytes().zip(SHAPE).all(fits)
        && fraction.len() <= 6
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    index: usize,
    limit: usize,
}

/// Field order as in the vendor's samples.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    current_limit: usize,
    current_page: usize,
    results: Vec<T>,
    total_count: usize,
    total_pages: usize,
}

impl Page {
    /// Counts all rows and keeps those of this page.
    pub(super) fn of<T>(self, rows: impl Iterator<Item = T>) -> Envelope<T> {
        let from = (self.index - 1) * self.limit;
        let mut total_count = 0;
        let mut results = Vec::new();
        for row in rows {
            if (from..from + self.limit).contains(&total_count) {
                results.push(row);
            }
            total_count += 1;
        }
        Envelope {
            current_limit: self.limit,
            current_page: self.index,
            results,
            total_count,
            total_pages: total_count.div_ceil(self.limit),
        }
    }
}

/// A path parameter that must be an integer.
pub(super) fn path_id(name: &str, text: &str) -> Result<i64, Refusal> {
    text.parse()
        .map_err(|_| Refusal::invalid(name, "Not a valid integer."))
}

/// One page of rows that are kept as they are shown.
pub(super) fn page_of<'a>(
    pairs: Vec<(String, String)>,
    rows: impl Iterator<Item = &'a Value>,
) -> Result<Envelope<&'a Value>, Refusal> {
    let params = Params::new("PagingQueryParamsModel", pairs, &[])?;
    Ok(params.page()?.of(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Result<Params, Refusal> {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Params::new("TestModel", pairs, &["active", "created_on_gte"])
    }

    #[test]
    fn a_page_holds_its_rows_and_the_totals() {
        let page = Page { index: 2, limit: 3 };
        let envelope = page.of(1..=7);
        assert_eq!(envelope.results, [4, 5, 6]);
        assert_eq!((envelope.total_count, envelope.total_pages), (7, 3));
    }

    #[test]
    fn a_page_past_the_end_is_empty() {
        let envelope = Page { index: 9, limit: 3 }.of(1..=7);
        assert!(envelope.results.is_empty());
        assert_eq!(envelope.total_pages, 3);
        assert_eq!(Page { index: 1, limit: 3 }.of(0..0).total_pages, 0);
    }

    #[test]
    fn page_limits_outside_1_to_1000_are_refused_by_name() {
        for limit in ["0", "1001", "-1", "many"] {
            let refusal = params(&[("page_limit", limit)])
                .unwrap()
                .page()
                .unwrap_err();
            assert_eq!(refusal.body["field"], "TestModel.page_limit");
        }
        let page = params(&[("page_limit", "1000")]).unwrap().page().unwrap();
        assert_eq!(
            page,
            Page {
                index: 1,
                limit: 1000
            }
        );
    }

    #[test]
    fn unknown_parameters_are_refused() {
        let refusal = params(&[("customer_ids", "1,2")]).err().unwrap();
        assert_eq!(refusal.body["field"], "TestModel.customer_ids");
        assert_eq!(refusal.body["detail"], "Unknown field.");
    }

    #[test]
    fn booleans_come_in_four_spellings() {
        for (text, value) in [("TRUE", true), ("1", true), ("False", false), ("0", false)] {
            let params = params(&[("active", text)]).unwrap();
            assert_eq!(params.boolean("active").unwrap(), Some(value));
        }
        assert!(
            params(&[("active", "yes")])
                .unwrap()
                .boolean("active")
                .is_err()
        );
    }

    #[test]
    fn datetimes_with_a_zone_or_in_the_future_are_refused() {
        let past = |text: &str| {
            let params = params(&[("created_on_gte", text)]).unwrap();
            params
                .past("created_on_gte")
                .map(|value| value.map(str::to_owned))
        };
        assert!(past("2020-10-19T04:06:50.733").is_ok());
        assert!(past("2020-10-19").is_ok());
        assert!(past("2020-10-19T04:06:50Z").is_err());
        assert!(past("2020-10-19T04:06:50+02:00").is_err());
        assert!(past("2999-01-01T00:00:00").is_err());
    }
}
