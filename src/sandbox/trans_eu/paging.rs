//! Two of Trans.eu's paging dialects: `limit` and `offset`, and `page`.

use super::refusal::Refusal;

/// Not documented; a larger limit is taken as this one.
const LARGEST_LIMIT: usize = 100;

/// A slice of a list by `limit` and `offset`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slice {
    limit: usize,
    offset: usize,
}

impl Slice {
    pub(super) fn new(pairs: &[(String, String)], default: usize) -> Result<Self, Refusal> {
        Ok(Self {
            limit: number(pairs, "limit", default, 1)?.min(LARGEST_LIMIT),
            offset: number(pairs, "offset", 0, 0)?,
        })
    }

    /// The items of the slice, and whether more follow.
    pub(super) fn of<'s, T>(&self, items: &'s [T]) -> (&'s [T], bool) {
        let from = self.offset.min(items.len());
        let to = (from + self.limit).min(items.len());
        (&items[from..to], to < items.len())
    }
}

/// The page to show, counted from 1.
pub(super) fn page(pairs: &[(String, String)]) -> Result<usize, Refusal> {
    number(pairs, "page", 1, 1)
}

/// The items of one page and the number of pages.
pub(super) fn page_of<T>(items: &[T], page: usize, size: usize) -> (&[T], usize) {
    let from = ((page - 1) * size).min(items.len());
    let to = (from + size).min(items.len());
    (&items[from..to], items.len().div_ceil(size).max(1))
}

fn number(
    pairs: &[(String, String)],
    name: &str,
    default: usize,
    least: usize,
) -> Result<usize, Refusal> {
    let Some((_, text)) = pairs.iter().find(|(key, _)| key == name) else {
        return Ok(default);
    };
    match text.parse::<usize>() {
        Ok(number) if number >= least => Ok(number),
        Ok(_) => Err(Refusal::malformed(vec![format!(
            "{name} must not be less than {least}"
        )])),
        Err(_) => Err(Refusal::malformed(vec![format!(
            "{name} must be an integer number"
        )])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(pairs: &[(&str, &str)]) -> Result<Slice, Refusal> {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Slice::new(&pairs, 10)
    }

    #[test]
    fn a_limit_is_10_by_default_and_100_at_most() {
        assert_eq!(
            slice(&[]).unwrap(),
            Slice {
                limit: 10,
                offset: 0
            }
        );
        assert_eq!(slice(&[("limit", "5000")]).unwrap().limit, 100);
        assert!(slice(&[("limit", "0")]).is_err());
        assert!(slice(&[("offset", "-1")]).is_err());
    }

    #[test]
    fn a_slice_knows_whether_more_follow() {
        let items: Vec<u32> = (0..25).collect();
        let from = |offset: &str| slice(&[("offset", offset)]).unwrap();
        assert_eq!(from("0").of(&items), (&items[..10], true));
        assert_eq!(from("15").of(&items), (&items[15..], false));
        assert_eq!(from("99").of(&items), (&[][..], false));
    }

    #[test]
    fn a_page_past_the_last_is_empty() {
        let items: Vec<u32> = (0..30).collect();
        assert_eq!(page_of(&items, 2, 25), (&items[25..], 2));
        assert_eq!(page_of(&items, 3, 25), (&[][..], 2));
    }
}
