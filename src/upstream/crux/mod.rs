//! Crux Connect: connections between retailers and suppliers, and the requests for them.
//!
//! This upstream writes "absent" as `null`, as an empty string or not at all; here all three are `None`.

pub mod connection;
pub mod discovery;
pub mod notification;
pub mod page;
pub mod request;
