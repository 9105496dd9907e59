//! What is measured: the names of all metrics, and the labels that they carry.
//!
//! Labels come from enums, from resources and from endpoints as the code lists them, never from a
//! caller or from an answer. So the number of series is bounded by the code.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

/// Operations, by `type` and `outcome`.
pub const OPERATIONS: &str = "haulgraph_operations_total";
/// Time from an operation's first byte to its answer, by `type`.
pub const OPERATION_SECONDS: &str = "haulgraph_operation_seconds";
/// The part of that time in which no upstream was waited for: the gateway's own.
pub const OVERHEAD_SECONDS: &str = "haulgraph_overhead_seconds";
/// Operations that are being answered.
pub const OPERATIONS_IN_FLIGHT: &str = "haulgraph_operations_in_flight";
/// Documents that were asked for, by `source`.
pub const DOCUMENTS: &str = "haulgraph_documents_total";
/// Documents in the list of trusted ones, by `state`.
pub const TRUSTED_DOCUMENTS: &str = "haulgraph_trusted_documents";
/// Whether the file of the trusted documents could be read when it was looked at last.
pub const TRUSTED_FILE_UP: &str = "haulgraph_trusted_file_up";
/// Calls to upstreams, by `service`, `endpoint` (with its method) and `outcome`.
pub const UPSTREAM_CALLS: &str = "haulgraph_upstream_calls_total";
/// Time of a call, by `service`.
pub const UPSTREAM_CALL_SECONDS: &str = "haulgraph_upstream_call_seconds";
/// Keys that were read, by `resource` and `source`.
pub const READS: &str = "haulgraph_reads_total";
/// Departures of answers from their documentation, by `service`, `endpoint` and `kind`.
pub const DRIFT: &str = "haulgraph_drift_total";
/// Connections that are open, by `port`.
pub const CONNECTIONS: &str = "haulgraph_connections";
/// Most connections at once, by `port`.
pub const CONNECTIONS_MAX: &str = "haulgraph_connections_max";

/// Time that a call waited for the quota of its application, by `service`.
pub const QUOTA_WAIT_SECONDS: &str = "haulgraph_upstream_quota_wait_seconds";

/// Buckets for what people wait for, in seconds.
pub const LATENCY_BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Buckets for the gateway's own time, in seconds.
pub const OVERHEAD_BUCKETS: &[f64] = &[
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5,
];

/// The histograms and their buckets.
pub const HISTOGRAMS: &[(&str, &[f64])] = &[
    (OPERATION_SECONDS, LATENCY_BUCKETS),
    (OVERHEAD_SECONDS, OVERHEAD_BUCKETS),
    (UPSTREAM_CALL_SECONDS, LATENCY_BUCKETS),
    (QUOTA_WAIT_SECONDS, LATENCY_BUCKETS),
];

/// What an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationType {
    /// It reads.
    Query,
    /// It writes.
    Mutation,
    /// It was refused before that was known.
    Unknown,
}

impl OperationType {
    const COUNT: usize = Self::Unknown as usize + 1;

    /// The label's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer without errors.
    Ok,
    /// An answer with errors.
    Errors,
    /// It was not executed.
    Refused,
    /// Nobody waited for its end.
    Abandoned,
}

impl Outcome {
    const COUNT: usize = Self::Abandoned as usize + 1;

    /// The label's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Errors => "errors",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
        }
    }
}

/// Where the text of a document comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentSource {
    /// The operator's list of trusted documents has it.
    Trusted,
    /// The caller sent it.
    Text,
    /// The caller named it by a hash that is known.
    Persisted,
    /// The caller named it by a hash that is not known, and may send it next.
    Missed,
    /// It may not be asked for in this way.
    Refused,
}

impl DocumentSource {
    const COUNT: usize = Self::Refused as usize + 1;

    /// The label's value.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Text => "text",
            Self::Persisted => "persisted",
            Self::Missed => "missed",
            Self::Refused => "refused",
        }
    }
}

/// Handles by their labels: made at the first use, then at hand.
struct Handles<L, H>(RwLock<HashMap<L, H>>);

impl<L: Eq + Hash, H: Clone> Handles<L, H> {
    fn new() -> Self {
        Self(RwLock::default())
    }

    fn get(&self, labels: L, make: impl FnOnce() -> H) -> H {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = known.get(&labels) {
            return handle.clone();
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(labels).or_insert_with(make).clone()
    }
}

/// The metrics of what happens for every operation. The recorder must be there before them.
pub struct Meters {
    operations: [[OnceLock<Counter>; Outcome::COUNT]; OperationType::COUNT],
    durations: [OnceLock<Histogram>; OperationType::COUNT],
    overhead: Histogram,
    in_flight: Gauge,
    documents: [OnceLock<Counter>; DocumentSource::COUNT],
    calls: Handles<(&'static str, http::Method, &'static str, &'static str), Counter>,
    call_durations: Handles<&'static str, Histogram>,
    reads: Handles<(&'static str, &'static str), Counter>,
}

impl Default for Meters {
    fn default() -> Self {
        describe();
        Self {
            operations: Default::default(),
            durations: Default::default(),
            overhead: histogram!(OVERHEAD_SECONDS),
            in_flight: gauge!(OPERATIONS_IN_FLIGHT),
            documents: Default::default(),
            calls: Handles::new(),
            call_durations: Handles::new(),
            reads: Handles::new(),
        }
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}

impl Meters {
    /// An operation begins; it lasts until the guard is dropped.
    pub fn begin_operation(&self) -> InFlight {
        InFlight::new(self.in_flight.clone())
    }

    /// An operation has ended after `took`, of which `waited` were spent on upstreams.
    pub fn count_operation(
        &self,
        ty: OperationType,
        outcome: Outcome,
        took: Duration,
        waited: Duration,
    ) {
        let count = || counter!(OPERATIONS, "type" => ty.name(), "outcome" => outcome.name());
        let operations = &self.operations[ty as usize][outcome as usize];
        operations.get_or_init(count).increment(1);
        let duration = || histogram!(OPERATION_SECONDS, "type" => ty.name());
        self.durations[ty as usize]
            .get_or_init(duration)
            .record(took);
        // A waiting nobody took part in is not the gateway's time.
        if outcome != Outcome::Abandoned {
            self.overhead.record(took.saturating_sub(waited));
        }
    }

    /// A document was asked for.
    pub fn count_document(&self, source: DocumentSource) {
        let count = || counter!(DOCUMENTS, "source" => source.name());
        self.documents[source as usize]
            .get_or_init(count)
            .increment(1);
    }

    /// The list of trusted documents has so many that can be executed, and so many that cannot. That
    /// is rare: no handle is kept.
    pub fn trusted_documents(&self, fit: usize, unfit: usize) {
        for (state, count) in [("fit", fit), ("unfit", unfit)] {
            #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
            gauge!(TRUSTED_DOCUMENTS, "state" => state).set(count as f64);
        }
    }

    /// The file of the trusted documents was looked at.
    pub fn trusted_file(&self, is_up: bool) {
        gauge!(TRUSTED_FILE_UP).set(f64::from(u8::from(is_up)));
    }

    /// A call to an upstream has ended.
    pub fn count_call(
        &self,
        service: &'static str,
        (method, template): (&http::Method, &'static str),
        outcome: &'static str,
        took: Duration,
    ) {
        let count = || {
            let endpoint = format!("{method} {template}");
            counter!(UPSTREAM_CALLS, "service" => service, "endpoint" => endpoint, "outcome" => outcome)
        };
        let labels = (service, method.clone(), template, outcome);
        self.calls.get(labels, count).increment(1);
        let duration = || histogram!(UPSTREAM_CALL_SECONDS, "service" => service);
        self.call_durations.get(service, duration).record(took);
    }

    /// So many keys of a resource were answered from `source`.
    pub fn count_reads(&self, resource: &'static str, source: &'static str, keys: usize) {
        let count = || counter!(READS, "resource" => resource, "source" => source);
        self.reads
            .get((resource, source), count)
            .increment(keys as u64);
    }

    /// One body departed from its documentation in this way. That is rare: no handle is kept.
    pub fn count_drift(
        &self,
        service: &'static str,
        (method, template): (&http::Method, &'static str),
        kind: &'static str,
    ) {
        let endpoint = format!("{method} {template}");
        counter!(DRIFT, "service" => service, "endpoint" => endpoint, "kind" => kind).increment(1);
    }
}

/// The connections of one port.
pub struct Connections(Gauge);

impl Connections {
    /// Those of the port of this name, which takes `max` of them.
    pub fn of(port: &'static str, max: usize) -> Self {
        describe_gauge!(CONNECTIONS, "Connections that are open.");
        describe_gauge!(
            CONNECTIONS_MAX,
            "Most connections at once; more of them wait."
        );
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        gauge!(CONNECTIONS_MAX, "port" => port).set(f64::from(max));
        Self(gauge!(CONNECTIONS, "port" => port))
    }

    /// A connection is open until the guard is dropped.
    pub fn begin(&self) -> InFlight {
        InFlight::new(self.0.clone())
    }
}

/// Something that is under way, as long as this is not dropped.
pub struct InFlight(Gauge);

impl InFlight {
    fn new(gauge: Gauge) -> Self {
        gauge.increment(1);
        Self(gauge)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

fn describe() {
    describe_counter!(OPERATIONS, "Operations, by type and outcome.");
    describe_histogram!(
        OPERATION_SECONDS,
        Unit::Seconds,
        "Time from an operation's first byte to its answer."
    );
    describe_histogram!(
        OVERHEAD_SECONDS,
        Unit::Seconds,
        "The part of an operation's time in which no upstream was waited for."
    );
    describe_gauge!(OPERATIONS_IN_FLIGHT, "Operations that are being answered.");
    describe_counter!(
        DOCUMENTS,
        "Documents that were asked for, by where their text is from."
    );
    describe_gauge!(
        TRUSTED_DOCUMENTS,
        "Trusted documents, by whether they can be executed."
    );
    describe_gauge!(
        TRUSTED_FILE_UP,
        "1 while the file of the trusted documents can be read; else the list is an older one."
    );
    describe_counter!(
        UPSTREAM_CALLS,
        "Calls to upstreams, by endpoint and outcome."
    );
    describe_histogram!(
        UPSTREAM_CALL_SECONDS,
        Unit::Seconds,
        "Time of a call to an upstream, the wait for its turn included."
    );
    describe_counter!(READS, "Keys that were read, by resource and source.");
    describe_counter!(DRIFT, "Departures of answers from their documentation.");
}
