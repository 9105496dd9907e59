//! What is wrong with an input: all of it at once, so that a form can mark every field.
//!
//! A check reads on after something wrong. What it gives back then is not to be sent, and is not:
//! [`Check::finish`] gives nothing out if anything is wrong.

use std::ops::RangeInclusive;

use super::{error::Error, leaf::Id, node};
use crate::{
    ids::{self, InTenant},
    upstream::Session,
};

/// Collects what is wrong with the parts of an argument, each under its path.
pub struct Check {
    path: Vec<String>,
    wrong: Vec<Error>,
}

impl Check {
    /// A check of the argument `name`, of which nothing wrong is known yet.
    pub fn new(name: &str) -> Self {
        Self {
            path: vec![name.to_owned()],
            wrong: Vec::new(),
        }
    }

    /// Checks what stands below `parts`.
    pub fn within<T>(&mut self, parts: &[&str], check: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.path.len();
        self.path.extend(parts.iter().map(ToString::to_string));
        let checked = check(self);
        self.path.truncate(depth);
        checked
    }

    /// Checks the part `name`, if there is one.
    pub fn part<T, U>(
        &mut self,
        name: &str,
        part: Option<T>,
        check: impl FnOnce(&mut Self, T) -> U,
    ) -> Option<U> {
        part.map(|part| self.within(&[name], |own| check(own, part)))
    }

    /// Checks the items of the list `name`, each under its index.
    pub fn each<T, U>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut check: impl FnMut(&mut Self, T) -> U,
    ) -> Vec<U> {
        let items = items.into_iter().enumerate();
        items
            .map(|(at, item)| self.within(&[name, &at.to_string()], |own| check(own, item)))
            .collect()
    }

    /// Refuses the field `name` unless it is `right`.
    pub fn require(&mut self, name: &str, right: bool, why: impl ToString) {
        if !right {
            self.refuse(name, why);
        }
    }

    /// Refuses the field `name`.
    pub fn refuse(&mut self, name: &str, message: impl ToString) {
        self.within(&[name], |check| check.refuse_all(message));
    }

    /// Refuses the input as a whole. Of one place only the first complaint is told.
    pub fn refuse_all(&mut self, message: impl ToString) {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let error = Error::argument(&path, message);
        self.tell(error);
    }

    fn tell(&mut self, error: Error) {
        let is_same = |told: &Error| match (told, &error) {
            (Error::Argument { argument: told, .. }, Error::Argument { argument, .. }) => {
                told == argument
            }
            _ => false,
        };
        if !self.wrong.iter().any(is_same) {
            self.wrong.push(error);
        }
    }

    /// A text, if there is one, has so many characters; one that needs any is not blank.
    pub fn text(&mut self, name: &str, text: Option<&String>, length: RangeInclusive<usize>) {
        let Some(text) = text else { return };
        let (least, most, count) = (*length.start(), *length.end(), text.chars().count());
        if least > 0 && text.trim().is_empty() {
            self.refuse(name, "This may not be blank.");
        } else if !length.contains(&count) {
            let allowed = match least {
                0 | 1 => format!("At most {most}"),
                least => format!("{least} to {most}"),
            };
            self.refuse(
                name,
                format!("{allowed} characters are allowed here, not {count}."),
            );
        }
    }

    /// A number, if there is one, lies between two bounds.
    pub fn number(&mut self, name: &str, number: Option<f64>, bounds: RangeInclusive<f64>) {
        if number.is_some_and(|number| !bounds.contains(&number)) {
            let (least, most) = (bounds.start(), bounds.end());
            self.refuse(name, format!("This must be between {least} and {most}."));
        }
    }

    /// The value that `read` finds at the path that it is given.
    pub fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&[&str]) -> Result<T, Error>,
    ) -> Option<T> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).chain([name]).collect();
        match read(&path) {
            Ok(value) => Some(value),
            Err(error) => {
                self.tell(error);
                None
            }
        }
    }

    /// As [`Check::take`], with something empty in the place of what is wrong.
    pub fn read<T: Default>(
        &mut self,
        name: &str,
        read: impl FnOnce(&[&str]) -> Result<T, Error>,
    ) -> T {
        self.take(name, read).unwrap_or_default()
    }

    /// A text of one line that is not blank.
    pub fn line(&mut self, name: &str, text: String) -> String {
        self.require(name, !text.trim().is_empty(), "This may not be blank.");
        self.require(
            name,
            !text.chars().any(char::is_control),
            "Control characters and line breaks are not allowed here.",
        );
        text
    }

    /// A text of one line, if there is one.
    pub fn optional_line(&mut self, name: &str, text: Option<String>) -> Option<String> {
        text.map(|text| self.line(name, text))
    }

    /// A text of any number of lines, if there is one; a blank one is none.
    pub fn lines(&mut self, name: &str, text: Option<String>) -> Option<String> {
        let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
        self.require(
            name,
            text.as_ref().is_none_or(|text| !text.chars().any(is_odd)),
            "Control characters other than line breaks and tabs are not allowed here.",
        );
        text.filter(|text| !text.trim().is_empty())
    }

    /// The upstream's word for an item of an open enum; `OTHER` cannot be written.
    pub fn word(&mut self, name: &str, word: Option<&'static str>) -> &'static str {
        let why = "`OTHER` stands for what was read; it cannot be written.";
        self.require(name, word.is_some(), why);
        word.unwrap_or_default()
    }

    /// A currency.
    pub fn currency(&mut self, name: &str, code: String) -> String {
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        let why = "A currency is an ISO 4217 code of three letters, such as `EUR`.";
        self.require(name, is_code, why);
        code
    }

    /// The UUID of something that has no global id, as it is to be sent.
    pub fn uuid(&mut self, name: &str, Id(id): &Id) -> Option<String> {
        self.take(name, |path| {
            let id = ids::uuid(id).map_err(|why| Error::argument(path, why))?;
            Ok(id.to_string())
        })
    }

    /// A choice that says nothing but itself.
    pub fn chosen(&mut self, name: &str, flag: bool) {
        self.require(name, flag, "Give `true`, or another choice.");
    }

    /// The key that the id `name` names: a global id of this `kind`, or CRO's own in the caller's
    /// tenant.
    pub fn key(
        &mut self,
        session: &Session,
        name: &str,
        id: &Id,
        kind: &str,
    ) -> Option<InTenant<i64>> {
        self.take(name, |path| {
            node::read_id_in_tenant(session, id, path, kind)
        })
    }

    /// The integer that an upstream's own id is, for things without a global id.
    pub fn integer(&mut self, name: &str, Id(id): &Id) -> Option<i64> {
        self.take(name, |path| {
            ids::integer(id.trim()).map_err(|why| Error::argument(path, why))
        })
    }

    /// As [`Check::key`], of something in the tenant of `home`.
    pub fn key_beside(
        &mut self,
        session: &Session,
        name: &str,
        id: &Id,
        kind: &str,
        home: Option<InTenant<i64>>,
    ) -> Option<InTenant<i64>> {
        let key = self.key(session, name, id, kind)?;
        if home.is_some_and(|home| home.tenant != key.tenant) {
            self.refuse(name, format!("This {kind} belongs to another tenant."));
            return None;
        }
        Some(key)
    }

    /// Whether nothing wrong is known yet.
    pub fn is_clean(&self) -> bool {
        self.wrong.is_empty()
    }

    /// The checked value, if nothing is wrong.
    ///
    /// # Errors
    /// All that is wrong; or alone what no argument is to blame for, such as a missing header.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Error> {
        let is_argument = |error: &Error| matches!(error, Error::Argument { .. });
        if let Some(other) = self.wrong.iter().position(|error| !is_argument(error)) {
            return Err(self.wrong.swap_remove(other));
        }
        match value {
            Some(value) if self.wrong.is_empty() => Ok(value),
            _ if self.wrong.is_empty() => Err(Error::Internal("a checked value is missing")),
            _ => Err(Error::Arguments(self.wrong)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(error: &Error) -> Vec<String> {
        let path = |error: &Error| match error {
            Error::Argument { argument, .. } => argument.join("."),
            other => panic!("{other:?}"),
        };
        error.each().iter().map(path).collect()
    }

    #[test]
    fn everything_wrong_is_told_under_its_own_path() {
        let mut check = Check::new("input");
        check.text("name", Some(&"x".repeat(65)), 1..=64);
        check.text("note", Some(&String::new()), 0..=64);
        check.within(&["addresses", "1"], |check| {
            check.number("latitude", Some(90.5), -90.0..=90.0);
            check.number("longitude", None, -180.0..=180.0);
        });
        check.refuse_all("Nothing to change.");
        let error = check.finish(Some(())).unwrap_err();
        assert_eq!(
            paths(&error),
            ["input.name", "input.addresses.1.latitude", "input"]
        );
    }

    #[test]
    fn a_text_that_is_needed_is_not_blank() {
        for (text, wrong) in [("", true), (" ", true), ("x", false), ("xyz", true)] {
            let mut check = Check::new("input");
            check.text("name", Some(&text.to_owned()), 1..=2);
            assert_eq!(check.finish(Some(())).is_err(), wrong, "{text:?}");
        }
    }

    #[test]
    fn what_no_argument_is_to_blame_for_is_told_alone() {
        let mut check = Check::new("input");
        check.refuse("name", "Bad.");
        assert_eq!(check.take::<()>("id", |_| Err(Error::Internal("x"))), None);
        assert!(matches!(check.finish(Some(())), Err(Error::Internal("x"))));
    }
}
