//! The stand-in as a client meets it.

mod control;
mod reads;
mod writes;

use std::time::Duration;

use super::super::probe::Probe;
use super::router;

const DISPATCHER: [(&str, &str); 2] = [
    ("authorization", "Bearer sandbox-dispatcher"),
    ("x-tenant-id", "34"),
];

fn probe() -> Probe {
    Probe::new(router(2026, Duration::ZERO, 500), &DISPATCHER)
}

async fn first_hauler(probe: &Probe) -> String {
    probe.get("/haulers").await.body["results"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}
