//! How old an answer is, how long it may still be served, and what a caller accepts.

use std::time::Duration;

use tokio::time::Instant;

use super::{Demand, Touched};

/// Where an answer came from; the later ones cost more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// It was kept in this process.
    Memory,
    /// Another gateway had fetched it, and it was kept for all of them.
    Shared,
    /// It was on its way for somebody else of the same scope.
    Flight,
    /// It was fetched for this read.
    Network,
}

/// Why an answer is served although it is no longer fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A newer one is being fetched meanwhile.
    Revalidating,
    /// The caller accepts older answers.
    Accepted,
    /// The upstream failed to give a newer one.
    UpstreamFailed,
}

impl Reason {
    /// The name in answers and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revalidating => "REVALIDATING",
            Self::Accepted => "ACCEPTED",
            Self::UpstreamFailed => "UPSTREAM_FAILED",
        }
    }
}

/// How fresh an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When the upstream was asked for it; of several parts, for the oldest.
    pub read_at: Instant,
    /// Until when it counts as fresh; of several parts, the first end.
    pub fresh_until: Instant,
    /// Where it came from; of several parts, the most expensive one.
    pub origin: Origin,
    /// Why it is served although it, or a part of it, is not fresh.
    pub stale: Option<Reason>,
    /// What it was read from.
    pub touched: Touched,
}

impl Freshness {
    /// The freshness of what is made of two answers.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            read_at: self.read_at.min(other.read_at),
            fresh_until: self.fresh_until.min(other.fresh_until),
            origin: self.origin.max(other.origin),
            stale: self.stale.max(other.stale),
            touched: self.touched.and(other.touched),
        }
    }
}

/// How long answers of a resource are kept, and how they are served when they are no longer fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long an answer is fresh.
    pub ttl: Duration,
    /// How long the knowledge is fresh that the upstream does not know a key; `ttl` bounds it.
    pub negative_ttl: Duration,
    /// How long after that it is still served while a newer one is fetched.
    pub stale_while_revalidate: Duration,
    /// How long after that it is still served if the upstream fails.
    pub stale_if_error: Duration,
    /// It is made of other answers and never kept itself.
    pub composed: bool,
}

impl Policy {
    /// The policy of what is made of other answers.
    pub const COMPOSED: Self = Self {
        ttl: Duration::ZERO,
        negative_ttl: Duration::ZERO,
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        composed: true,
    };

    /// How long an answer can be of use after it has stopped being fresh.
    pub(super) fn grace(&self) -> Duration {
        self.stale_while_revalidate.max(self.stale_if_error)
    }
}

/// What a kept answer is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is the answer.
    Answer(Option<Reason>),
    /// It is the answer this time, and a newer one should be fetched.
    AnswerAndRefresh,
    /// It is the answer if no newer one can be had.
    IfAllFails,
    /// It is too old.
    Nothing,
}

/// Judges a kept answer. Equal ages count as too old, so that a demand of zero is never met.
pub(super) fn judge(kept: &Freshness, policy: &Policy, demand: &Demand, now: Instant) -> Use {
    let age = now.saturating_duration_since(kept.read_at);
    if demand.max_age.is_some_and(|bound| age >= bound) {
        return Use::Nothing;
    }
    if now < kept.fresh_until {
        return Use::Answer(None);
    }
    let late = now.duration_since(kept.fresh_until);
    if demand.max_stale.is_some_and(|bound| late < bound) {
        Use::Answer(Some(Reason::Accepted))
    } else if late < policy.stale_while_revalidate {
        Use::AnswerAndRefresh
    } else if late < policy.stale_if_error {
        Use::IfAllFails
    } else {
        Use::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const POLICY: Policy = Policy {
        ttl: secs(10),
        negative_ttl: secs(1),
        stale_while_revalidate: secs(5),
        stale_if_error: secs(60),
        composed: false,
    };

    /// What an answer that was fresh for ten seconds is good for at this age.
    fn at_age(age: u64, demand: Demand) -> Use {
        let read_at = Instant::now();
        let kept = Freshness {
            read_at,
            fresh_until: read_at + POLICY.ttl,
            origin: Origin::Network,
            stale: None,
            touched: Touched::default(),
        };
        judge(&kept, &POLICY, &demand, read_at + secs(age))
    }

    #[test]
    fn an_answer_is_fresh_then_refreshed_then_a_last_resort_then_nothing() {
        let at = |age| at_age(age, Demand::default());
        assert_eq!(at(9), Use::Answer(None));
        assert_eq!(at(10), Use::AnswerAndRefresh);
        assert_eq!(at(14), Use::AnswerAndRefresh);
        assert_eq!(at(15), Use::IfAllFails);
        assert_eq!(at(69), Use::IfAllFails);
        assert_eq!(at(70), Use::Nothing);
    }

    #[test]
    fn a_caller_who_accepts_older_answers_gets_them_without_a_refresh() {
        let patient = Demand {
            max_stale: Some(secs(30)),
            ..Demand::default()
        };
        assert_eq!(at_age(9, patient), Use::Answer(None));
        assert_eq!(at_age(39, patient), Use::Answer(Some(Reason::Accepted)));
        assert_eq!(at_age(40, patient), Use::IfAllFails);
    }

    #[test]
    fn a_bound_on_the_age_holds_for_every_use() {
        let strict = Demand {
            max_age: Some(secs(12)),
            max_stale: Some(secs(30)),
            ..Demand::default()
        };
        assert_eq!(at_age(9, strict), Use::Answer(None));
        assert_eq!(at_age(11, strict), Use::Answer(Some(Reason::Accepted)));
        assert_eq!(at_age(12, strict), Use::Nothing);
        assert_eq!(at_age(0, Demand::FRESH), Use::Nothing);
    }

    #[test]
    fn what_is_made_of_two_answers_is_as_old_and_as_short_lived_as_the_worse_of_each() {
        let now = Instant::now();
        let one = Freshness {
            read_at: now,
            fresh_until: now + secs(100),
            origin: Origin::Memory,
            stale: None,
            touched: Touched::default(),
        };
        let other = Freshness {
            read_at: now + secs(1),
            fresh_until: now + secs(50),
            origin: Origin::Network,
            stale: Some(Reason::Accepted),
            touched: Touched::default(),
        };
        let both = one.and(other);
        assert_eq!((both.read_at, both.fresh_until), (now, now + secs(50)));
        assert_eq!(
            (both.origin, both.stale),
            (Origin::Network, Some(Reason::Accepted))
        );
    }
}
