mod isolation;

use std::sync::atomic::{AtomicUsize, Ordering};

use http::HeaderName;
use tokio::sync::oneshot;

use super::*;
use crate::{
    identity::{Credentials, HeaderMapping, Service},
    ids::TenantId,
};

const POLICY: Policy = Policy {
    ttl: Duration::from_secs(60),
    negative_ttl: Duration::from_secs(5),
    stale_while_revalidate: Duration::ZERO,
    stale_if_error: Duration::ZERO,
    composed: false,
};

type TestCache = Arc<Cache<&'static str>>;

fn cache() -> TestCache {
    let failures = Failures {
        abandoned: || "abandoned",
        is_excused: |error| *error == "broken",
    };
    Arc::new(Cache::new(1 << 20, failures))
}

fn group(token: &str, tenant: i64) -> Group {
    let name = HeaderName::from_static;
    let mapping = Arc::new(HeaderMapping {
        cro_authorization: name("authorization"),
        cro_tenant: name("x-tenant-id"),
        trans_eu_authorization: name("a"),
        trans_eu_api_key: name("b"),
        crux_authorization: name("c"),
    });
    let headers = [(name("authorization"), token.parse().unwrap())]
        .into_iter()
        .collect();
    let scope = Credentials::read(&mapping, &headers, None)
        .scope(Service::Cro, Some(TenantId(tenant)), &"v".into())
        .unwrap();
    Group::new("things", scope, POLICY, Demand::default())
}

impl Reads<&'static str> {
    /// The read of one key, which nobody sees to.
    fn remove(&mut self, at: usize) -> Pending<&'static str> {
        self.attendant = None;
        self.pending.remove(at)
    }
}

impl Pending<&'static str> {
    /// Waits for the outcome until it is `due`.
    async fn landed(
        &self,
        due: Instant,
        late: impl FnOnce() -> &'static str,
    ) -> Outcome<&'static str> {
        if let Some(fetch) = self.fetch() {
            Arc::clone(fetch).over(due).await;
        }
        self.outcome(late)
    }
}

/// Nobody waits that long here.
fn due() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

fn things_of(tenant: i64) -> Partition {
    Partition::new("things", Service::Cro, Some(TenantId(tenant)))
}

fn fresh(ttl: Duration) -> Freshness {
    let read_at = Instant::now();
    Freshness {
        read_at,
        fresh_until: read_at + ttl,
        origin: Origin::Network,
        stale: None,
        touched: Touched::default(),
    }
}

/// Waits when a fetch begins, and again when somebody waits for it.
async fn wait() {
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
}

/// Starts a read of one key whose fetch counts itself and answers `value N`.
fn start(cache: &TestCache, group: &Group, calls: &'static AtomicUsize) -> Pending<&'static str> {
    let ttl = group.policy.ttl;
    let mut pending = cache.read(group, &["k".into()], |positions| async move {
        let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
        wait().await;
        let value: Value = Arc::new(format!("value {call}"));
        let found = |_: &usize| {
            Ok(Found {
                value: Some(Arc::clone(&value)),
                bytes: Some(7),
                freshness: fresh(ttl),
            })
        };
        positions.iter().map(found).collect()
    });
    pending.remove(0)
}

async fn answer(cache: &TestCache, group: &Group, calls: &'static AtomicUsize) -> Answer {
    start(cache, group, calls)
        .landed(due(), || "late")
        .await
        .unwrap()
}

fn text(answer: &Answer) -> String {
    let value = answer.value.as_ref().unwrap();
    value.downcast_ref::<String>().unwrap().clone()
}

async fn read(cache: &TestCache, group: &Group, calls: &'static AtomicUsize) -> String {
    text(&answer(cache, group, calls).await)
}

/// A read whose fetch fails.
async fn fail(cache: &TestCache, group: &Group, error: &'static str) -> Outcome<&'static str> {
    let mut pending = cache.read(group, &["k".into()], |_| async move { vec![Err(error)] });
    pending.remove(0).landed(due(), || "late").await
}

#[tokio::test]
async fn a_second_read_of_one_scope_is_served_from_memory() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}

#[tokio::test]
async fn another_credential_or_tenant_reads_for_itself() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let cache = cache();
    assert_eq!(read(&cache, &group("a", 1), &CALLS).await, "value 1");
    assert_eq!(read(&cache, &group("b", 1), &CALLS).await, "value 2");
    assert_eq!(read(&cache, &group("a", 2), &CALLS).await, "value 3");
}

#[tokio::test]
async fn concurrent_reads_of_one_scope_are_one_fetch() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.ttl = Duration::ZERO;
    let (one, two) = tokio::join!(read(&cache, &group, &CALLS), read(&cache, &group, &CALLS));
    assert_eq!((one.as_str(), two.as_str()), ("value 1", "value 1"));
}

#[tokio::test]
async fn no_cache_reads_past_what_is_kept_and_refreshes_it() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    read(&cache, &group, &CALLS).await;
    group.demand = Demand::FRESH;
    assert_eq!(read(&cache, &group, &CALLS).await, "value 2");
    group.demand = Demand::default();
    assert_eq!(read(&cache, &group, &CALLS).await, "value 2");
}

#[tokio::test]
async fn a_new_epoch_forgets_the_tenant_for_every_caller_and_no_other_tenant() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let cache = cache();
    for (token, tenant) in [("a", 1), ("b", 1), ("a", 2)] {
        read(&cache, &group(token, tenant), &CALLS).await;
    }
    cache.begin_epoch(things_of(1));
    assert_eq!(read(&cache, &group("a", 1), &CALLS).await, "value 4");
    assert_eq!(read(&cache, &group("b", 1), &CALLS).await, "value 5");
    assert_eq!(read(&cache, &group("a", 2), &CALLS).await, "value 3");
}

#[tokio::test]
async fn an_error_reaches_all_who_waited_and_is_not_kept() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    assert_eq!(fail(&cache, &group, "broken").await.err(), Some("broken"));
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}

#[tokio::test]
async fn a_fetch_that_answers_nothing_is_an_error_for_those_who_wait() {
    let (cache, group) = (cache(), group("a", 1));
    let mut lost = cache.read(&group, &["k".into()], |_| async { vec![] });
    assert_eq!(
        lost.remove(0).landed(due(), || "late").await.err(),
        Some("abandoned")
    );
}

#[tokio::test]
async fn what_a_list_told_is_read_from_memory() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let primer = cache.primer(group.clone());
    primer.keep("k", Arc::new("primed".to_owned()), 7);
    assert_eq!(read(&cache, &group, &CALLS).await, "primed");
}

#[tokio::test]
async fn what_a_list_told_before_a_write_is_never_found() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let primer = cache.primer(group.clone());
    cache.begin_epoch(things_of(1));
    primer.keep("k", Arc::new("primed".to_owned()), 7);
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}

#[tokio::test]
async fn every_answer_says_where_it_came_from() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let first = start(&cache, &group, &CALLS);
    let joined = start(&cache, &group, &CALLS);
    let origin = |answer: Outcome<_>| answer.unwrap().freshness.origin;
    assert_eq!(
        origin(first.landed(due(), || "late").await),
        Origin::Network
    );
    assert_eq!(
        origin(joined.landed(due(), || "late").await),
        Origin::Flight
    );
    let kept = answer(&cache, &group, &CALLS).await;
    assert_eq!(kept.freshness.origin, Origin::Memory);
}

#[tokio::test(start_paused = true)]
async fn an_answer_stops_being_fresh_after_its_time_to_live() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let first = answer(&cache, &group, &CALLS).await;
    assert_eq!(first.freshness.fresh_until, Instant::now() + POLICY.ttl);
    tokio::time::advance(POLICY.ttl - Duration::from_secs(1)).await;
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(read(&cache, &group, &CALLS).await, "value 2");
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_served_once_more_while_it_is_fetched_again() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.stale_while_revalidate = Duration::from_secs(10);
    read(&cache, &group, &CALLS).await;
    tokio::time::advance(POLICY.ttl).await;
    let stale = answer(&cache, &group, &CALLS).await;
    assert_eq!(text(&stale), "value 1");
    assert_eq!(stale.freshness.stale, Some(Reason::Revalidating));
    // Reads past the cache wait for the fetch that is under way, or make their own.
    while text(&answer(&cache, &group, &CALLS).await) == "value 1" {
        tokio::task::yield_now().await;
    }
    let refreshed = answer(&cache, &group, &CALLS).await;
    assert_eq!(
        (text(&refreshed).as_str(), refreshed.freshness.stale),
        ("value 2", None)
    );
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_stands_in_for_a_failing_upstream_for_a_while() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.stale_if_error = Duration::from_secs(300);
    read(&cache, &group, &CALLS).await;
    tokio::time::advance(POLICY.ttl).await;
    let stale = fail(&cache, &group, "broken").await.unwrap();
    assert_eq!(text(&stale), "value 1");
    assert_eq!(stale.freshness.stale, Some(Reason::UpstreamFailed));
    assert_eq!(fail(&cache, &group, "refused").await.err(), Some("refused"));
    tokio::time::advance(Duration::from_secs(300)).await;
    assert_eq!(fail(&cache, &group, "broken").await.err(), Some("broken"));
}

#[tokio::test(start_paused = true)]
async fn nothing_from_before_a_write_stands_in_for_a_failing_upstream() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.stale_if_error = Duration::from_secs(300);
    read(&cache, &group, &CALLS).await;
    cache.begin_epoch(things_of(1));
    assert_eq!(fail(&cache, &group, "broken").await.err(), Some("broken"));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_demands_fresh_answers_gets_the_error_and_not_a_stale_one() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.stale_if_error = Duration::from_secs(300);
    read(&cache, &group, &CALLS).await;
    group.demand = Demand::FRESH;
    assert_eq!(fail(&cache, &group, "broken").await.err(), Some("broken"));
}

#[tokio::test(start_paused = true)]
async fn that_a_key_is_unknown_is_kept_briefly_and_never_served_stale() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.stale_if_error = Duration::from_secs(300);
    let unknown = || async {
        let mut pending = cache.read(&group, &["k".into()], |_| async {
            CALLS.fetch_add(1, Ordering::SeqCst);
            let found = Found {
                value: None,
                bytes: Some(0),
                freshness: fresh(POLICY.ttl),
            };
            vec![Ok(found)]
        });
        pending.remove(0).landed(due(), || "late").await.unwrap()
    };
    unknown().await;
    assert!(unknown().await.value.is_none());
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    tokio::time::advance(POLICY.negative_ttl).await;
    assert_eq!(fail(&cache, &group, "broken").await.err(), Some("broken"));
    unknown().await;
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_composed_is_shared_on_its_way_but_not_across_any_write() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy = Policy::COMPOSED;
    let before = start(&cache, &group, &CALLS);
    let joined = start(&cache, &group, &CALLS);
    // A write to one of the parts, which has another name.
    cache.begin_epoch(Partition::new("parts", Service::Cro, None));
    let after = start(&cache, &group, &CALLS);
    let text = |landed: Outcome<_>| text(&landed.unwrap());
    assert_eq!(text(before.landed(due(), || "late").await), "value 1");
    assert_eq!(text(joined.landed(due(), || "late").await), "value 1");
    assert_eq!(text(after.landed(due(), || "late").await), "value 2");
    assert_eq!(read(&cache, &group, &CALLS).await, "value 3");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_for_a_patient_caller_is_shared_with_nobody() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let mut patient = group.clone();
    patient.demand.max_stale = Some(Duration::from_secs(100));
    let own = start(&cache, &patient, &CALLS);
    let other = start(&cache, &group, &CALLS);
    assert_eq!(
        text(&own.landed(due(), || "late").await.unwrap()),
        "value 1"
    );
    assert_eq!(
        text(&other.landed(due(), || "late").await.unwrap()),
        "value 2"
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_fetch_does_not_replace_what_a_later_one_has_brought() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let (release, released) = oneshot::channel::<()>();
    let old = fresh(POLICY.ttl);
    let mut slow = cache.read(&group, &["k".into()], |_| async move {
        released.await.unwrap();
        let value: Value = Arc::new("old".to_owned());
        vec![Ok(Found {
            value: Some(value),
            bytes: Some(3),
            freshness: old,
        })]
    });
    tokio::time::advance(Duration::from_secs(1)).await;
    let mut impatient = group.clone();
    impatient.demand = Demand::FRESH;
    assert_eq!(read(&cache, &impatient, &CALLS).await, "value 1");
    release.send(()).unwrap();
    assert_eq!(
        text(&slow.remove(0).landed(due(), || "late").await.unwrap()),
        "old"
    );
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}

#[tokio::test(start_paused = true)]
async fn one_who_waits_no_longer_gets_an_older_answer_and_the_fetch_goes_on() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    group.policy.stale_if_error = Duration::from_secs(300);
    read(&cache, &group, &CALLS).await;
    tokio::time::advance(POLICY.ttl).await;
    let (release, released) = oneshot::channel::<()>();
    let mut slow = cache.read(&group, &["k".into()], |_| async move {
        released.await.unwrap();
        vec![Err("refused")]
    });
    let slow = slow.remove(0);
    let soon = Instant::now() + Duration::from_secs(1);
    let stale = slow.clone().landed(soon, || "broken").await.unwrap();
    assert_eq!(stale.freshness.stale, Some(Reason::UpstreamFailed));
    release.send(()).unwrap();
    assert_eq!(slow.landed(due(), || "late").await.err(), Some("refused"));
}

#[tokio::test]
async fn what_was_put_together_while_a_part_was_written_is_not_kept() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let part = Partition::new("parts", Service::Cro, None);
    let writer = Arc::clone(&cache);
    let mut torn = cache.read(&group, &["k".into()], |_| async move {
        // Of `things`, nothing is written: only the part that this is made of.
        writer.begin_epoch(part);
        let value: Value = Arc::new("torn".to_owned());
        let mut freshness = fresh(POLICY.ttl);
        freshness.touched = Touched::of(part);
        vec![Ok(Found {
            value: Some(value),
            bytes: Some(4),
            freshness,
        })]
    });
    let torn = torn.remove(0).landed(due(), || "late").await.unwrap();
    assert_eq!(text(&torn), "torn");
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}

#[tokio::test]
async fn a_fetch_goes_on_when_nobody_waits_any_more() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let (begins, goes_on) = oneshot::channel::<()>();
    let mut reads = cache.read(&group, &["k".into()], |_| async move {
        let found = goes_on.await.map(|()| Found {
            value: Some(Arc::new("seen through".to_owned()) as Value),
            bytes: Some(7),
            freshness: fresh(Duration::from_secs(60)),
        });
        vec![found.map_err(|_| "broken")]
    });
    let soon = Instant::now() + Duration::from_millis(1);
    let pending = reads.remove(0);
    assert_eq!(pending.landed(soon, || "late").await.err(), Some("late"));
    drop(pending);
    begins.send(()).unwrap();
    while cache.kept(&group, "k").is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(read(&cache, &group, &CALLS).await, "seen through");
}

#[tokio::test]
async fn a_fetch_goes_on_where_it_is_waited_for() {
    let (cache, group) = (cache(), group("a", 1));
    let caller = tokio::task::try_id();
    let mut reads = cache.read(&group, &["k".into()], |_| async move {
        wait().await;
        assert_eq!(tokio::task::try_id(), caller);
        vec![Err("refused")]
    });
    let attendant = reads.attendant.take();
    let pending = reads.pending.remove(0);
    assert_eq!(
        pending.landed(due(), || "late").await.err(),
        Some("refused")
    );
    drop(attendant);
}

#[tokio::test]
async fn a_fetch_that_panics_is_an_error_and_takes_nobody_along() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    for waits in [false, true] {
        let mut torn = cache.read(&group, &["k".into()], |_| async move {
            if waits {
                wait().await;
            }
            panic!("on purpose")
        });
        let torn = torn.remove(0).landed(due(), || "late").await;
        assert_eq!(torn.err(), Some("abandoned"));
    }
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}
