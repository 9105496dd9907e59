use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use proptest::prelude::*;
use tokio::time::advance;

use super::*;
use crate::{
    identity::{Digest, Scope},
    upstream::transport::turn::Urgency,
};

fn after(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

fn turn(caller: u8, urgency: Urgency) -> impl FnOnce() -> Turn {
    move || Turn {
        caller: Some(Scope::for_tests(&caller.to_string())),
        urgency,
    }
}

fn soon(caller: u8) -> impl FnOnce() -> Turn {
    turn(caller, Urgency::Soon)
}

#[test]
fn without_a_limit_there_is_no_broker() {
    assert!(Quota::new(0).is_none());
}

#[tokio::test(start_paused = true)]
async fn what_is_granted_goes_at_once_and_the_rest_a_period_later() {
    let quota = Quota::new(3).unwrap();
    let started = Instant::now();
    let calls = (0..7).map(|_| quota.take(None, Turn::any, after(10)));
    let waits = futures_util::future::join_all(calls).await;
    let waits: Vec<Duration> = waits.into_iter().map(Result::unwrap).collect();
    let [none, one, two] = [Duration::ZERO, PERIOD, PERIOD * 2];
    // The clock of the timer counts in milliseconds.
    let near =
        |wait: &Duration, expected: Duration| wait.abs_diff(expected) <= Duration::from_millis(2);
    for (wait, expected) in waits.iter().zip([none, none, none, one, one, one, two]) {
        assert!(near(wait, expected), "{waits:?}");
    }
    assert!(near(&started.elapsed(), two));
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_served_in_time_is_told_at_once() {
    let quota = Quota::new(1).unwrap();
    quota.take(None, Turn::any, after(1)).await.unwrap();
    let started = Instant::now();
    let refused = quota.take(None, Turn::any, after(1)).await;
    assert_eq!(refused, Err(Exhausted(PERIOD)));
    assert_eq!(Instant::now(), started);
    assert!(quota.take(None, Turn::any, after(2)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_that_of_the_application_that_was_throttled_until_it_has_recovered() {
    let quota = Quota::new(10).unwrap();
    let digest = |key| Some(Digest::for_tests(key));
    quota
        .take(digest("one"), Turn::any, after(1))
        .await
        .unwrap();
    assert_eq!((quota.is_lowered(), quota.limit()), (false, 10));
    quota.throttled(digest("two"), None);
    assert_eq!((quota.is_lowered(), quota.limit()), (true, 5));
    // The pause, and a period for each tenth.
    advance(PERIOD * 3).await;
    assert_eq!((quota.is_lowered(), quota.limit()), (true, 7));
    advance(PERIOD * 3).await;
    assert_eq!(quota.limit(), 10);
    assert!(!quota.is_lowered());
}

#[tokio::test(start_paused = true)]
async fn each_application_has_its_own() {
    let quota = Quota::new(1).unwrap();
    let digest = |key| Some(Digest::for_tests(key));
    for key in ["one", "two"] {
        let wait = quota.take(digest(key), Turn::any, after(1)).await;
        assert_eq!(wait, Ok(Duration::ZERO));
    }
    assert!(
        quota
            .take(digest("one"), Turn::any, after(1))
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn keys_without_number_share_a_bucket_in_the_end() {
    let quota = Quota::new(1).unwrap();
    let take = |n: usize| {
        let application = Some(Digest::for_tests(&n.to_string()));
        quota.take(application, Turn::any, after(1))
    };
    let mut refused = 0;
    for n in 0..MOST_APPLICATIONS + 10 {
        refused += usize::from(take(n).await.is_err());
    }
    assert_eq!(refused, 9);
    assert_eq!(quota.buckets.lock().unwrap().len(), MOST_APPLICATIONS + 1);
    advance(PERIOD).await;
    take(MOST_APPLICATIONS + 100).await.unwrap();
    assert_eq!(quota.buckets.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_greedy_caller_does_not_hold_up_another() {
    let quota = Quota::new(10).unwrap();
    let mut greedy: FuturesUnordered<_> = (0..200)
        .map(|_| quota.take(None, soon(1), after(60)))
        .collect();
    assert!(greedy.next().now_or_never().is_some(), "ten go at once");
    while greedy.next().now_or_never().is_some() {}
    let modest = quota.take(None, soon(2), after(60));
    let others = async { while greedy.next().await.is_some() {} };
    let (wait, ()) = tokio::join!(modest, others);
    assert!(
        wait.unwrap() <= PERIOD + Duration::from_millis(2),
        "{wait:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_goes_before_the_walks_of_lists() {
    let quota = Quota::new(2).unwrap();
    let mut walks: FuturesUnordered<_> = (0..20)
        .map(|_| quota.take(None, turn(1, Urgency::Patient), after(60)))
        .collect();
    while walks.next().now_or_never().is_some() {}
    let write = quota.take(None, turn(1, Urgency::Soon), after(60));
    let others = async { while walks.next().await.is_some() {} };
    let (wait, ()) = tokio::join!(write, others);
    assert!(
        wait.unwrap() <= PERIOD + Duration::from_millis(2),
        "{wait:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_429_pauses_and_halves_and_what_was_given_up_comes_back() {
    let quota = Quota::new(8).unwrap();
    let bucket = quota.bucket(None);
    // Several answers of one burst count once.
    for _ in 0..5 {
        quota.throttled(None, Some(Duration::from_secs(3)));
    }
    assert_eq!(bucket.lock().allowed, 4);
    let refused = quota.take(None, Turn::any, after(2)).await;
    assert_eq!(refused, Err(Exhausted(Duration::from_secs(3))));
    advance(Duration::from_secs(3)).await;
    for _ in 0..4 {
        assert_eq!(
            quota.take(None, Turn::any, after(0)).await,
            Ok(Duration::ZERO)
        );
    }
    assert!(quota.take(None, Turn::any, after(0)).await.is_err());
    advance(PERIOD * 4).await;
    for _ in 0..8 {
        assert_eq!(
            quota.take(None, Turn::any, after(0)).await,
            Ok(Duration::ZERO)
        );
    }
    assert!(quota.take(None, Turn::any, after(0)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_endless_pause_ends() {
    let quota = Quota::new(8).unwrap();
    quota.throttled(None, Some(Duration::from_secs(1 << 40)));
    advance(LONGEST_PAUSE).await;
    assert!(quota.take(None, Turn::any, after(0)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_limit_never_falls_to_nothing() {
    let quota = Quota::new(15).unwrap();
    for _ in 0..20 {
        quota.throttled(None, None);
        advance(PERIOD + Duration::from_millis(1)).await;
    }
    assert!(quota.take(None, Turn::any, after(0)).await.is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the arrivals: no period, wherever it begins, sees more calls than are granted, and
    /// everybody who has time is served.
    #[test]
    fn no_period_sees_more_than_is_granted(
        granted in 1..20_u32,
        arrivals in proptest::collection::vec((0..400_u64, 0..4_u8, any::<bool>()), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let sent: Vec<Instant> = runtime.block_on(async {
            let quota = Quota::new(granted).unwrap();
            let mut calls = FuturesUnordered::new();
            let mut sent = Vec::new();
            for (pause, caller, is_urgent) in arrivals {
                let next = Instant::now() + Duration::from_millis(pause);
                while let Ok(Some(at)) = timeout_at(next, calls.next()).await {
                    sent.push(at);
                }
                sleep_until(next).await;
                let urgency = if is_urgent { Urgency::Soon } else { Urgency::Patient };
                let call = quota.take(None, turn(caller, urgency), after(1000));
                calls.push(async move {
                    call.await.unwrap();
                    Instant::now()
                });
            }
            sent.extend(calls.collect::<Vec<_>>().await);
            sent
        });
        let granted = granted as usize;
        let mut sorted = sent;
        sorted.sort();
        for burst in sorted.windows(granted + 1) {
            prop_assert!(burst[granted] - burst[0] >= Duration::from_secs(1));
        }
    }
}
