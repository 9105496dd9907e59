//! Places in a mutation's input: what a check says of an argument, it says of one place.

use super::{error::Error, leaf::Id};
use crate::ids::integer;

/// A place in a mutation's input, such as `input.loads.0.weight`.
#[derive(Clone)]
pub struct Place(Vec<String>);

impl Place {
    /// The input itself.
    pub fn input() -> Self {
        Self(vec!["input".to_owned()])
    }

    /// The field `name` of what is here.
    pub fn field(&self, name: &str) -> Self {
        let mut path = self.0.clone();
        path.push(name.to_owned());
        Self(path)
    }

    /// The `at`th item of what is here.
    pub fn item(&self, at: usize) -> Self {
        self.field(&at.to_string())
    }

    /// The path, for what takes one.
    pub fn path(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// Refuses what is here.
    pub fn refuse(&self, why: impl ToString) -> Error {
        Error::argument(&self.path(), why)
    }

    /// Refuses what is here unless it is `right`.
    pub fn require(&self, right: bool, why: impl ToString) -> Result<(), Error> {
        right.then_some(()).ok_or_else(|| self.refuse(why))
    }

    /// The upstream's key that stands here.
    pub fn integer(&self, Id(text): &Id) -> Result<i64, Error> {
        integer(text.trim()).map_err(|why| self.refuse(why))
    }

    /// A text of one line that is not blank.
    pub fn line(&self, text: String) -> Result<String, Error> {
        self.require(!text.trim().is_empty(), "This may not be blank.")?;
        let is_line = !text.chars().any(char::is_control);
        self.require(
            is_line,
            "Control characters and line breaks are not allowed here.",
        )?;
        Ok(text)
    }

    /// A text of one line, if there is one.
    pub fn optional_line(&self, text: Option<String>) -> Result<Option<String>, Error> {
        text.map(|text| self.line(text)).transpose()
    }

    /// A text of any number of lines, if there is one.
    pub fn free(&self, text: Option<String>) -> Result<Option<String>, Error> {
        let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
        let is_right = text.as_ref().is_none_or(|text| !text.chars().any(is_odd));
        self.require(
            is_right,
            "Control characters other than line breaks and tabs are not allowed here.",
        )?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    /// The upstream's word for an item of an open enum; `OTHER` cannot be written.
    pub fn word(&self, word: Option<&'static str>) -> Result<&'static str, Error> {
        word.ok_or_else(|| self.refuse("`OTHER` stands for what was read; it cannot be written."))
    }

    /// A number from `least` to `most`.
    pub fn within(&self, value: f64, least: f64, most: f64) -> Result<f64, Error> {
        let is_within = (least..=most).contains(&value);
        self.require(
            is_within,
            format!("This is a number from {least} to {most}."),
        )?;
        Ok(value)
    }

    /// A currency.
    pub fn currency(&self, code: String) -> Result<String, Error> {
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        self.require(
            is_code,
            "A currency is an ISO 4217 code of three letters, such as `EUR`.",
        )?;
        Ok(code)
    }

    /// A choice that says nothing but itself.
    pub fn chosen(&self, flag: bool) -> Result<(), Error> {
        self.require(flag, "Give `true`, or another choice.")
    }
}
