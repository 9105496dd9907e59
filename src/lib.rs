//! Haulgraph: one GraphQL graph over three REST APIs.
#![recursion_limit = "256"]

pub mod arguments;
pub mod attachments;
pub mod cache;
pub mod config;
pub mod examples;
pub mod gateway;
pub mod graph;
pub mod http;
pub mod identity;
pub mod ids;
pub mod ledger;
pub mod metric;
pub mod sandbox;
pub mod spelling;
pub mod telemetry;
pub mod trace;
pub mod turns;
pub mod upstream;
pub mod visits;
