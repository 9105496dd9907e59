//! What the gateway tells of its work: explanations, metrics and traces.

mod explanations;
mod measures;
mod traces;
