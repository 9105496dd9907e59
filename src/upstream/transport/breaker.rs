//! The circuit breaker: an upstream that fails most calls is left alone for a while.
//!
//! ```text
//!            too many failures                    time is up
//!   closed ────────────────────► open ──────────────────────────► half open
//!     ▲                           ▲                                   │
//!     │                           └──────────── the probe failed ─────┤
//!     └──────────────────────────────────────── the probe succeeded ──┘
//! ```
//!
//! Callers get their error at once instead of after a timeout, and the upstream is not kept down by
//! those who wait for it.
//!
//! A caller who knows how to make an upstream answer 500 must not take it away from everybody. So where
//! all such answers are of one caller, and others fare better, they say something of that caller's requests
//! and nothing of the upstream. That no answer came speaks against the upstream, whoever asked.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::identity::Digest;

/// When the breaker opens, and for how long.
#[derive(Debug, Clone)]
pub struct BreakerPolicy {
    /// The share of failures that opens it, in percent of the calls of the window.
    pub failure_percent: u32,
    /// Fewer calls than this in the window say nothing. With 0 the breaker never opens.
    pub min_calls: u32,
    /// The calls that count: those of this time.
    pub window: Duration,
    /// How long it stays open before one call may try.
    pub open_for: Duration,
}

/// How a call ended, as far as the health of the upstream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It answered, whatever it thinks of the request.
    Healthy,
    /// It answered that it failed.
    Erring,
    /// It did not answer.
    Failing,
    /// The call was given up for other reasons.
    Unknown,
}

/// Whose call it was, by credential: tenants are only names, and make nobody another caller.
pub(super) type Caller = Option<Digest>;

/// The state, as metrics show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Closed = 0,
    HalfOpen = 1,
    Open = 2,
}

pub(super) struct Breaker {
    policy: BreakerPolicy,
    state: Mutex<State>,
}

enum State {
    Closed(Window),
    Open { until: Instant },
    HalfOpen,
}

impl State {
    fn position(&self) -> Position {
        match self {
            Self::Closed(_) => Position::Closed,
            Self::HalfOpen => Position::HalfOpen,
            Self::Open { .. } => Position::Open,
        }
    }
}

/// The leave to make one call. Dropped without a verdict, it says nothing about the upstream.
#[must_use]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
    settled: bool,
}

/// What callers are told to wait while the probe is on its way.
const PROBING: Duration = Duration::from_secs(1);

impl Breaker {
    pub(super) fn new(policy: BreakerPolicy) -> Self {
        let window = Window::new(&policy, Instant::now());
        Self {
            policy,
            state: Mutex::new(State::Closed(window)),
        }
    }

    /// Whether a call makes sense now; else when it may.
    pub(super) fn check(&self) -> Result<(), Duration> {
        match &*self.lock() {
            State::Closed(_) => Ok(()),
            State::HalfOpen => Err(PROBING),
            State::Open { until } => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => Ok(()),
                left => Err(left),
            },
        }
    }

    /// The leave to make a call now; else when there may be one.
    pub(super) fn admit(&self) -> Result<Pass<'_>, Duration> {
        let mut state = self.lock();
        let is_probe = match &*state {
            State::Closed(_) => false,
            State::HalfOpen => return Err(PROBING),
            State::Open { until } => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => true,
                left => return Err(left),
            },
        };
        if is_probe {
            *state = State::HalfOpen;
        }
        Ok(Pass {
            breaker: self,
            is_probe,
            settled: false,
        })
    }

    /// Takes a verdict, and gives the new position if there is one.
    fn settle(&self, is_probe: bool, verdict: Verdict, caller: Caller) -> Option<Position> {
        let now = Instant::now();
        let mut state = self.lock();
        let next = match (&mut *state, verdict) {
            (State::HalfOpen, Verdict::Healthy) if is_probe => {
                State::Closed(Window::new(&self.policy, now))
            }
            (State::HalfOpen, Verdict::Erring | Verdict::Failing) if is_probe => State::Open {
                until: now + self.policy.open_for,
            },
            (State::HalfOpen, Verdict::Unknown) if is_probe => {
                // Nothing was learnt: the next call is the probe.
                *state = State::Open { until: now };
                return None;
            }
            (State::Closed(window), Verdict::Healthy | Verdict::Erring | Verdict::Failing) => {
                window.note(now, verdict, caller);
                if !window.is_bad(&self.policy) {
                    return None;
                }
                State::Open {
                    until: now + self.policy.open_for,
                }
            }
            // An answer to a call from before the breaker opened is too late to say anything.
            _ => return None,
        };
        *state = next;
        Some(state.position())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// Whether the upstream is left alone but for this call.
    pub(super) fn is_probe(&self) -> bool {
        self.is_probe
    }

    /// Says how the caller's call ended, and gives the breaker's new position if it has one by that.
    pub(super) fn settle(mut self, verdict: Verdict, caller: Caller) -> Option<Position> {
        self.settled = true;
        self.breaker.settle(self.is_probe, verdict, caller)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.settle(self.is_probe, Verdict::Unknown, None);
        }
    }
}

const PARTS: usize = 10;

/// Calls and failures of the latest time, in ten parts that are forgotten one by one.
struct Window {
    part: Duration,
    parts: Box<[Part; PARTS]>,
    /// The part that is being filled, and when it began.
    current: usize,
    began: Instant,
}

#[derive(Clone, Copy, Default)]
struct Part {
    calls: u32,
    /// Calls that were not answered.
    failing: u32,
    /// Calls that were answered with a failure.
    erring: u32,
    erring_for: Who,
    healthy_for: Who,
}

/// Whose calls they were.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Who {
    #[default]
    Nobody,
    One(Caller),
    Several,
}

impl Who {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, one) | (one, Self::Nobody) => one,
            (one, other) if one == other => one,
            _ => Self::Several,
        }
    }
}

impl Part {
    fn note(&mut self, verdict: Verdict, caller: Caller) {
        self.calls += 1;
        let one = Who::One(caller);
        match verdict {
            Verdict::Healthy => self.healthy_for = self.healthy_for.and(one),
            Verdict::Erring => {
                self.erring += 1;
                self.erring_for = self.erring_for.and(one);
            }
            Verdict::Failing => self.failing += 1,
            Verdict::Unknown => {}
        }
    }

    fn and(self, other: &Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            failing: self.failing + other.failing,
            erring: self.erring + other.erring,
            erring_for: self.erring_for.and(other.erring_for),
            healthy_for: self.healthy_for.and(other.healthy_for),
        }
    }

    /// Calls that say something of the upstream, and those of them that say something bad.
    fn evidence(&self) -> (u32, u32) {
        let others_fare_better =
            !matches!(self.healthy_for, Who::Nobody) && self.healthy_for != self.erring_for;
        match self.erring_for {
            Who::One(_) if others_fare_better => (self.calls - self.erring, self.failing),
            _ => (self.calls, self.failing + self.erring),
        }
    }
}

impl Window {
    fn new(policy: &BreakerPolicy, now: Instant) -> Self {
        Self {
            part: policy.window / 10,
            parts: Box::new([Part::default(); PARTS]),
            current: 0,
            began: now,
        }
    }

    fn note(&mut self, now: Instant, verdict: Verdict, caller: Caller) {
        let mut over = now.saturating_duration_since(self.began);
        if over >= self.part * 10 {
            *self.parts = [Part::default(); PARTS];
            self.began = now;
            over = Duration::ZERO;
        }
        while over >= self.part {
            over -= self.part;
            self.began += self.part;
            self.current = (self.current + 1) % PARTS;
            self.parts[self.current] = Part::default();
        }
        self.parts[self.current].note(verdict, caller);
    }

    fn is_bad(&self, policy: &BreakerPolicy) -> bool {
        let (calls, failures) = self
            .parts
            .iter()
            .fold(Part::default(), Part::and)
            .evidence();
        let share =
            u64::from(failures) * 100 >= u64::from(calls) * u64::from(policy.failure_percent);
        policy.min_calls > 0 && calls >= policy.min_calls && share
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::time::advance;

    use super::*;

    impl Breaker {
        fn position(&self) -> Position {
            self.lock().position()
        }
    }

    fn policy() -> BreakerPolicy {
        BreakerPolicy {
            failure_percent: 50,
            min_calls: 4,
            window: Duration::from_secs(10),
            open_for: Duration::from_secs(5),
        }
    }

    fn run(breaker: &Breaker, verdicts: &[Verdict]) {
        for verdict in verdicts {
            breaker.admit().unwrap().settle(*verdict, None);
        }
    }

    use Verdict::{Erring, Failing, Healthy, Unknown};

    #[tokio::test(start_paused = true)]
    async fn it_opens_when_enough_calls_failed_and_not_before() {
        let breaker = Breaker::new(policy());
        run(&breaker, &[Failing, Failing, Failing]);
        assert_eq!(breaker.position(), Position::Closed);
        let opened = breaker.admit().unwrap().settle(Failing, None);
        assert_eq!(opened, Some(Position::Open));
        assert_eq!(breaker.check().err(), Some(Duration::from_secs(5)));
        assert_eq!(breaker.admit().err(), Some(Duration::from_secs(5)));
        advance(Duration::from_secs(2)).await;
        assert_eq!(breaker.admit().err(), Some(Duration::from_secs(3)));
    }

    fn caller(name: &str) -> Caller {
        Some(Digest::for_tests(name))
    }

    fn run_for(breaker: &Breaker, calls: &[(&str, Verdict)]) {
        for (name, verdict) in calls {
            breaker.admit().unwrap().settle(*verdict, caller(name));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_caller_who_makes_the_upstream_err_takes_it_away_from_nobody() {
        let breaker = Breaker::new(policy());
        for _ in 0..20 {
            run_for(&breaker, &[("a", Healthy), ("b", Healthy), ("c", Erring)]);
            run_for(&breaker, &[("c", Erring), ("c", Erring), ("c", Erring)]);
        }
        assert_eq!(breaker.position(), Position::Closed);
        // Once it errs for another caller, too, it is the upstream.
        run_for(&breaker, &[("a", Erring)]);
        assert_eq!(breaker.position(), Position::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn errors_of_the_only_caller_open_it_and_so_does_silence_towards_one() {
        for verdicts in [[Erring; 4], [Healthy, Healthy, Erring, Erring]] {
            let breaker = Breaker::new(policy());
            run_for(&breaker, &verdicts.map(|verdict| ("a", verdict)));
            assert_eq!(breaker.position(), Position::Open);
        }
        let breaker = Breaker::new(policy());
        run_for(&breaker, &[("a", Healthy), ("b", Healthy)]);
        run_for(&breaker, &[("c", Failing), ("c", Failing)]);
        assert_eq!(breaker.position(), Position::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_below_the_share_leave_it_closed() {
        let breaker = Breaker::new(policy());
        for _ in 0..100 {
            run(&breaker, &[Healthy, Healthy, Failing]);
        }
        assert_eq!(breaker.position(), Position::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_than_the_window_is_forgotten() {
        let breaker = Breaker::new(policy());
        run(&breaker, &[Failing, Failing, Failing]);
        advance(Duration::from_secs(11)).await;
        run(&breaker, &[Failing]);
        assert_eq!(breaker.position(), Position::Closed);
        // Half of the window later the three are gone, and the one still counts.
        advance(Duration::from_secs(5)).await;
        run(&breaker, &[Failing, Failing]);
        assert_eq!(breaker.position(), Position::Closed);
        run(&breaker, &[Failing]);
        assert_eq!(breaker.position(), Position::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides() {
        for (verdict, position) in [(Healthy, Position::Closed), (Failing, Position::Open)] {
            let breaker = Breaker::new(policy());
            run(&breaker, &[Failing; 4]);
            advance(Duration::from_secs(5)).await;
            assert!(breaker.check().is_ok());
            let probe = breaker.admit().unwrap();
            assert!(breaker.admit().is_err(), "there is only one probe");
            probe.settle(verdict, None);
            assert_eq!(breaker.position(), position);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_was_given_up_makes_room_for_another() {
        let breaker = Breaker::new(policy());
        run(&breaker, &[Failing; 4]);
        advance(Duration::from_secs(5)).await;
        drop(breaker.admit().unwrap());
        breaker.admit().unwrap().settle(Unknown, None);
        breaker.admit().unwrap().settle(Healthy, None);
        assert_eq!(breaker.position(), Position::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_from_before_it_opened_changes_nothing() {
        let breaker = Breaker::new(policy());
        let (late, later) = (breaker.admit().unwrap(), breaker.admit().unwrap());
        run(&breaker, &[Failing; 4]);
        late.settle(Healthy, None);
        assert_eq!(breaker.position(), Position::Open);
        advance(Duration::from_secs(5)).await;
        let probe = breaker.admit().unwrap();
        later.settle(Failing, None);
        assert_eq!(breaker.position(), Position::HalfOpen);
        probe.settle(Healthy, None);
        assert_eq!(breaker.position(), Position::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_number_of_calls_it_never_opens() {
        let breaker = Breaker::new(BreakerPolicy {
            min_calls: 0,
            ..policy()
        });
        run(&breaker, &[Failing; 100]);
        assert_eq!(breaker.position(), Position::Closed);
    }

    proptest! {
        /// Whatever the schedule: it is open only after enough failures, never longer than it should
        /// be, and never more than one call is on its way while it is not closed.
        #[test]
        fn it_is_never_stuck(schedule in proptest::collection::vec((0..4_u8, 0..2_000_u64, any::<bool>()), 1..200)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let outcome: Result<(), TestCaseError> = runtime.block_on(async {
                let breaker = Breaker::new(policy());
                let mut probes: Vec<Pass<'_>> = Vec::new();
                let mut failures = 0;
                for (verdict, ms, keep) in schedule {
                    advance(Duration::from_millis(ms)).await;
                    let before = breaker.position();
                    let verdict = [Healthy, Failing, Unknown, Erring][usize::from(verdict)];
                    match breaker.admit() {
                        Err(wait) => {
                            prop_assert!(before != Position::Closed);
                            prop_assert!(wait <= policy().open_for && !wait.is_zero());
                            prop_assert!(failures >= 2, "opened by {failures} failures");
                        }
                        Ok(pass) if before != Position::Closed && keep => {
                            prop_assert!(probes.is_empty());
                            prop_assert!(breaker.admit().is_err());
                            probes.push(pass);
                        }
                        Ok(pass) => {
                            failures += u32::from(matches!(verdict, Erring | Failing));
                            pass.settle(verdict, None);
                        }
                    }
                    if let (false, Some(probe)) = (keep, probes.pop()) {
                        probe.settle(verdict, None);
                    }
                }
                probes.clear();
                advance(policy().open_for).await;
                prop_assert!(breaker.admit().is_ok());
                Ok(())
            });
            outcome?;
        }
    }
}
