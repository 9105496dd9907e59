//! The edge from outside: requests in, responses out.

pub mod call;
mod phases;
mod protocol;
mod surroundings;
mod yard;
