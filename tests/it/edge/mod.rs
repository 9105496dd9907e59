//! The edge from outside: requests in, responses out.

mod call;
mod phases;
mod protocol;
mod surroundings;
mod yard;
