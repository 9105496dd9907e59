//! The edge from outside: requests in, responses out.

mod batches;
mod browsers;
pub mod call;
mod connections;
mod crowds;
pub mod documents;
mod hostile;
mod keeping;
mod limits;
mod phases;
pub mod port;
mod process;
mod protocol;
mod repetitions;
mod surroundings;
mod tls;
mod yard;
