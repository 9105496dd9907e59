//! CRO Software: customers, yards, third-party haulers and the people, trucks and jobs of a yard.
//!
//! Small numeric ids repeat from tenant to tenant, and no answer says which tenant it came from. Whoever made the
//! call knows: types that are unique only inside a tenant have an `in_tenant` method to be called after decoding.

pub mod asset;
pub mod customer;
pub mod hauler;
pub mod job;
pub mod location;
pub mod page;
pub mod staff;
pub mod tenant;
pub mod truck;
pub mod yard;

pub use super::walk::Whole;
