//! What is wrong with a configuration, said to the person who wrote it.

use std::fmt;
use std::path::PathBuf;

/// Everything that is wrong with a configuration, in the order of the keys.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {}:{}", Count(.0.len()), List(.0))]
pub struct Mistakes(pub Vec<Mistake>);

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    /// The key as the file spells it, such as `cro.base_url`; empty when a file cannot be read at all.
    pub key: String,
    /// Where the value stands, unless nobody wrote it.
    pub origin: Option<Origin>,
    /// What is wrong and what would be right; never shows the value of a secret.
    pub problem: String,
}

/// Where a value stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    File { path: PathBuf, line: Option<usize> },
    Environment { name: String },
    Flag { name: String },
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.problem)?;
        match &self.origin {
            Some(origin) => write!(f, " ({origin})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::File {
                path,
                line: Some(line),
            } => write!(f, "{}, line {line}", path.display()),
            Self::Environment { name } | Self::Flag { name } => f.write_str(name),
        }
    }
}

struct Count(usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("a mistake"),
            count => write!(f, "{count} mistakes"),
        }
    }
}

struct List<'a>(&'a [Mistake]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

/// The known key that a wrong one was probably meant to be.
pub(super) fn closest<'a>(wrong: &str, known: &'a [String]) -> Option<&'a str> {
    let last = |key: &str| key.rsplit('.').next().map(str::to_owned);
    let by_typing = known
        .iter()
        .map(|right| (typing_errors(wrong, right), right))
        .min_by_key(|(errors, _)| *errors)
        .filter(|(errors, _)| *errors <= 3);
    // A right name in the wrong section is the other common mistake, if only one section has it.
    let mut elsewhere = known.iter().filter(|right| last(right) == last(wrong));
    let moved = elsewhere.next().filter(|_| elsewhere.next().is_none());
    by_typing
        .map(|(_, right)| right)
        .or(moved)
        .map(String::as_str)
}

/// Levenshtein's distance: insertions, deletions and replacements between two words.
fn typing_errors(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            left = (diagonal + usize::from(from != *to))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
