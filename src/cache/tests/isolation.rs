//! Random callers, keys, writes, failures and waits, with fetches that stay in the air as long as
//! chance wants: whatever is served was fetched by its reader's own scope, after the last write that
//! the reader can know of, and is as fresh as it says.

use std::sync::atomic::AtomicI64;

use proptest::prelude::*;
use tokio::sync::Semaphore;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// Begins to read, and waits later.
    Read {
        caller: usize,
        tenant: usize,
        key: usize,
        demand: Demand,
        fails: bool,
        composed: bool,
    },
    /// Changes everything in a tenant.
    Write {
        tenant: usize,
    },
    /// Lets so many fetches land.
    Land(usize),
    Wait(Duration),
}

const CALLERS: [&str; 3] = ["a", "b", "ab"];
const KEYS: [&str; 3] = ["k", "l", "kl"];

fn demands() -> impl Strategy<Value = Demand> {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    prop_oneof![
        4 => Just(Demand::default()),
        1 => Just(Demand::FRESH),
        1 => (1u64..90).prop_map(move |age| Demand { max_age: seconds(age), ..Demand::default() }),
        1 => (1u64..90).prop_map(move |late| Demand { max_stale: seconds(late), ..Demand::default() }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let read = (
        0..3usize,
        0..2usize,
        0..3usize,
        demands(),
        any::<bool>(),
        any::<bool>(),
    );
    let read = read.prop_map(
        |(caller, tenant, key, demand, fails, composed)| Step::Read {
            caller,
            tenant,
            key,
            demand,
            fails: fails && !composed,
            composed,
        },
    );
    let step = prop_oneof![
        6 => read,
        1 => (0..2usize).prop_map(|tenant| Step::Write { tenant }),
        3 => (1..4usize).prop_map(Step::Land),
        1 => (1u64..80).prop_map(|seconds| Step::Wait(Duration::from_secs(seconds))),
    ];
    prop::collection::vec(step, 1..60)
}

/// An upstream with two tenants whose contents have a version each.
#[derive(Default)]
struct Upstream {
    versions: [AtomicI64; 2],
}

impl Upstream {
    fn version(&self, tenant: usize) -> i64 {
        self.versions[tenant].load(Ordering::SeqCst)
    }
}

/// What a reader may be told.
struct Expected {
    pending: Pending<&'static str>,
    whose: String,
    /// The version when the reading began.
    version: i64,
}

async fn run(steps: Vec<Step>) {
    let cache = cache();
    let upstream = Arc::new(Upstream::default());
    let air = Arc::new(Semaphore::new(0));
    let mut waiting = Vec::new();
    for step in steps {
        match step {
            Step::Read {
                caller,
                tenant,
                key,
                demand,
                fails,
                composed,
            } => {
                let numbered = i64::try_from(tenant).unwrap();
                let mut group = group(CALLERS[caller], numbered);
                group.demand = demand;
                group.policy.stale_while_revalidate = Duration::from_secs(10);
                group.policy.stale_if_error = Duration::from_secs(100);
                if composed {
                    group.resource = "composed";
                    group.policy = Policy::COMPOSED;
                }
                let whose = format!("{} {tenant} {} {composed}", CALLERS[caller], KEYS[key]);
                let told = whose.clone();
                let (air, source) = (Arc::clone(&air), Arc::clone(&upstream));
                let mut pending = cache.read(&group, &[KEYS[key].into()], |_| async move {
                    let freshness = fresh(POLICY.ttl);
                    air.acquire().await.unwrap().forget();
                    let value: Value = Arc::new((told, source.version(tenant)));
                    vec![match fails {
                        true => Err("broken"),
                        false => Ok(Found {
                            value: Some(value),
                            bytes: Some(1),
                            freshness,
                        }),
                    }]
                });
                let pending = pending.remove(0);
                if let Pending::Landed(Ok(answer)) = &pending {
                    check_age(&answer.freshness, &demand);
                }
                let version = upstream.version(tenant);
                waiting.push(Expected {
                    pending,
                    whose,
                    version,
                });
            }
            Step::Write { tenant } => {
                upstream.versions[tenant].fetch_add(1, Ordering::SeqCst);
                cache.begin_epoch(things_of(i64::try_from(tenant).unwrap()));
            }
            Step::Land(count) => {
                air.add_permits(count);
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
            }
            Step::Wait(time) => tokio::time::advance(time).await,
        }
    }
    air.add_permits(1000);
    for Expected {
        pending,
        whose,
        version,
    } in waiting
    {
        let Ok(answer) = pending.landed(due(), || "late").await else {
            continue;
        };
        let value = answer.value.unwrap();
        let (told, read) = value.downcast_ref::<(String, i64)>().unwrap();
        assert_eq!(*told, whose);
        assert!(*read >= version, "{whose}: version {read} after {version}");
    }
}

/// What is served from memory is as old as its reader allows.
fn check_age(freshness: &Freshness, demand: &Demand) {
    let now = Instant::now();
    let age = now.duration_since(freshness.read_at);
    let late = age.saturating_sub(POLICY.ttl);
    assert!(demand.max_age.is_none_or(|bound| age < bound));
    match freshness.stale {
        None => assert!(now < freshness.fresh_until),
        Some(Reason::Revalidating) => assert!(late < Duration::from_secs(10)),
        Some(Reason::Accepted) => assert!(demand.max_stale.is_some_and(|bound| late < bound)),
        Some(Reason::UpstreamFailed) => panic!("nothing has failed yet"),
    }
}

proptest! {
    #[test]
    fn no_answer_crosses_scopes_or_writes(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(run(steps));
    }
}
