//! Trans.eu: freight routes, the contracts on them, and the carriers.

pub mod balancing;
mod body;
pub mod code;
pub mod contract;
pub mod list;
pub mod measure;
pub mod page;
pub mod partner;
pub mod party;
pub mod pricing;
pub mod route;
pub mod surcharge;
pub mod terms;
