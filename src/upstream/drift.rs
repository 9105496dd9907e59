//! The drift watch: how answers depart from what their API documents.
//!
//! The gateway reads tolerantly, so an upstream may change for weeks before a field is missed. Some
//! bodies of every endpoint are therefore read a second time, against the documentation as it is
//! written down in `drift/*.shapes`, and what departs from it is counted by endpoint and place. The
//! list is a statement of its own, apart from the structs that decode: those leave out on purpose
//! what nobody asks for. A documented spelling is no departure, and neither is a missing member:
//! older versions leave many out. Values are never kept.

mod comparison;
mod documented;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;

use self::documented::Documentation;
use super::Endpoint;
use crate::metric::Meters;

/// The first bodies of an endpoint are all looked at: a new version shows at once.
const FIRST: u64 = 10;

/// Most departures that are kept of one endpoint; more are only counted.
const MOST_KEPT: usize = 200;

/// What departs from the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A member that nobody has described.
    Member,
    /// A word that is none of those that are listed.
    Value,
    /// A null where none is documented.
    Null,
    /// Another type of JSON: a number as a text, an object for a list.
    Type,
}

impl Kind {
    /// The name in logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Value => "value",
            Self::Null => "null",
            Self::Type => "type",
        }
    }
}

/// One way in which a body departed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Departure {
    path: String,
    kind: Kind,
}

/// Looks at answers. It is one for the whole process.
#[derive(Debug)]
pub struct Watch {
    sample_every: u64,
    endpoints: Mutex<Endpoints>,
}

/// By service, method and path.
type Endpoints = BTreeMap<[&'static str; 3], Observations>;

#[derive(Debug, Default)]
struct Observations {
    bodies: u64,
    examined: u64,
    departures: BTreeMap<Departure, u64>,
    not_kept: u64,
}

/// What was seen so far, for operators.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// After the first ones, every so many bodies of an endpoint are examined; 0 is none at all.
    sample_every: u64,
    endpoints: Vec<EndpointReport>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndpointReport {
    service: &'static str,
    endpoint: String,
    bodies: u64,
    examined: u64,
    departures: Vec<DepartureReport>,
    #[serde(skip_serializing_if = "is_zero")]
    departures_not_listed: u64,
}

#[derive(Debug, Serialize)]
struct DepartureReport {
    path: String,
    kind: Kind,
    bodies: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Watch {
    /// A watch that looks at the first bodies of each endpoint and then at every `sample_every`th;
    /// at none at all if that is zero.
    pub fn new(sample_every: u64) -> Self {
        Self {
            sample_every,
            endpoints: Mutex::default(),
        }
    }

    /// Looks at a body that `endpoint` answered with, if it is the turn of one.
    pub(super) fn look(&self, endpoint: &'static Endpoint, body: &[u8], meters: &Meters) {
        if self.sample_every == 0 || body.is_empty() {
            return;
        }
        let service = endpoint.service.name();
        let key = [service, endpoint.method.as_str(), endpoint.template];
        if !self.is_turn(key) {
            return;
        }
        let documentation = Documentation::of(endpoint.service);
        let Some(shape) = documentation.find(endpoint) else {
            return;
        };
        let departures = comparison::compare(documentation, shape, body);
        for departure in &departures {
            let named = (&endpoint.method, endpoint.template);
            meters.count_drift(service, named, departure.kind.name());
        }
        self.note(key, departures);
    }

    fn is_turn(&self, key: [&'static str; 3]) -> bool {
        let mut endpoints = self.lock();
        let seen = endpoints.entry(key).or_default();
        seen.bodies += 1;
        let is_turn = seen.bodies <= FIRST || seen.bodies.is_multiple_of(self.sample_every);
        seen.examined += u64::from(is_turn);
        is_turn
    }

    fn note(&self, key: [&'static str; 3], departures: impl IntoIterator<Item = Departure>) {
        let mut endpoints = self.lock();
        let seen = endpoints.entry(key).or_default();
        let [service, method, template] = key;
        for departure in departures {
            if let Some(bodies) = seen.departures.get_mut(&departure) {
                *bodies += 1;
            } else if seen.departures.len() < MOST_KEPT {
                tracing::warn!(
                    service,
                    endpoint = format!("{method} {template}"),
                    path = departure.path,
                    kind = departure.kind.name(),
                    "an upstream departs from its documentation"
                );
                seen.departures.insert(departure, 1);
            } else {
                seen.not_kept += 1;
            }
        }
    }

    /// What was seen so far.
    pub fn report(&self) -> Report {
        let endpoints = self.lock();
        let endpoints = endpoints.iter().map(|([service, method, template], seen)| {
            let departures = seen
                .departures
                .iter()
                .map(|(departure, bodies)| DepartureReport {
                    path: departure.path.clone(),
                    kind: departure.kind,
                    bodies: *bodies,
                });
            EndpointReport {
                service,
                endpoint: format!("{method} {template}"),
                bodies: seen.bodies,
                examined: seen.examined,
                departures: departures.collect(),
                departures_not_listed: seen.not_kept,
            }
        });
        Report {
            sample_every: self.sample_every,
            endpoints: endpoints.collect(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Endpoints> {
        self.endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
