//! Texts of callers, checked before anything is sent. No refusal repeats a text: it may hold a password.

use uuid::Uuid;

use super::{error::Error, leaf::Id};
use crate::ids;

/// Crux documents the two limits for contacts.
pub const MAX_PHONE: usize = 20;
/// See [`MAX_PHONE`].
const MAX_EMAIL: usize = 200;
/// Nothing is documented; a cron expression is far shorter.
pub const MAX_FREQUENCY: usize = 200;

/// A text of one line that cannot be left out.
///
/// # Errors
/// It is blank; or see [`line`].
pub fn required(text: String, path: &[&str]) -> Result<String, Error> {
    line(Some(text), usize::MAX, path)?
        .ok_or_else(|| Error::argument(path, "This may not be blank."))
}

/// A text of one line; a blank one is none.
///
/// # Errors
/// It is too long, or holds control characters.
pub fn line(text: Option<String>, longest: usize, path: &[&str]) -> Result<Option<String>, Error> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    if text.chars().any(char::is_control) {
        return Err(Error::argument(
            path,
            "Control characters and line breaks are not allowed here.",
        ));
    }
    let length = text.chars().count();
    if length > longest {
        let why = format!("At most {longest} characters are allowed here, not {length}.");
        return Err(Error::argument(path, why));
    }
    Ok(Some(text))
}

/// A text of any number of lines; a blank one is none.
///
/// # Errors
/// It holds other control characters than those of lines.
pub fn free(text: Option<String>, path: &[&str]) -> Result<Option<String>, Error> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if text.chars().any(is_odd) {
        return Err(Error::argument(
            path,
            "Control characters other than line breaks and tabs are not allowed here.",
        ));
    }
    Ok(Some(text))
}

/// An e-mail address; a blank one is none.
///
/// # Errors
/// See [`line`]; or it has no @.
pub fn email(text: Option<String>, path: &[&str]) -> Result<Option<String>, Error> {
    let email = line(text, MAX_EMAIL, path)?;
    match &email {
        Some(text) if !text.contains('@') => {
            Err(Error::argument(path, "An e-mail address has an @."))
        }
        _ => Ok(email),
    }
}

/// The UUID that an id is.
///
/// # Errors
/// It is none.
pub fn uuid(Id(id): &Id, path: &[&str]) -> Result<Uuid, Error> {
    ids::uuid(id).map_err(|_| Error::argument(path, "This is not a UUID."))
}
