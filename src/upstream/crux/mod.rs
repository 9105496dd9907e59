//! Crux Connect: connections between retailers and suppliers, and the requests for them.
//!
//! This upstream writes "absent" as `null`, as an empty string or not at all; here all three are `None`.

pub mod connection;
pub mod discovery;
pub mod moment;
pub mod notification;
pub mod page;
pub mod request;
pub mod upload;

/// The key of what the caller's account has one of: its organization, its list of connections.
///
/// A credential belongs to one account, so the scope says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnAccount;

impl std::fmt::Display for OwnAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("own")
    }
}
