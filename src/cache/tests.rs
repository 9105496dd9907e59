use std::sync::atomic::{AtomicUsize, Ordering};

use http::HeaderName;

use super::*;
use crate::identity::{Credentials, HeaderMapping};

type TestCache = Arc<Cache<&'static str>>;

fn cache() -> TestCache {
    Arc::new(Cache::new(1 << 20, || "abandoned"))
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
    Group {
        resource: "things",
        scope,
        ttl: Duration::from_secs(60),
        fresh: false,
    }
}

async fn read(cache: &TestCache, group: &Group, calls: &'static AtomicUsize) -> String {
    let pending = cache.read(group, &["k".into()], |positions| async move {
        calls.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let value: Value = Arc::new(format!("value {}", calls.load(Ordering::SeqCst)));
        positions
            .iter()
            .map(|_| {
                Ok(Found {
                    value: Some(Arc::clone(&value)),
                    bytes: 7,
                })
            })
            .collect()
    });
    let value = pending[0].clone().await.unwrap().unwrap();
    value.downcast_ref::<String>().unwrap().clone()
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
    group.ttl = Duration::ZERO;
    let (one, two) = tokio::join!(read(&cache, &group, &CALLS), read(&cache, &group, &CALLS));
    assert_eq!((one.as_str(), two.as_str()), ("value 1", "value 1"));
}

#[tokio::test]
async fn no_cache_reads_past_what_is_kept_and_refreshes_it() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, mut group) = (cache(), group("a", 1));
    read(&cache, &group, &CALLS).await;
    group.fresh = true;
    assert_eq!(read(&cache, &group, &CALLS).await, "value 2");
    group.fresh = false;
    assert_eq!(read(&cache, &group, &CALLS).await, "value 2");
}

#[tokio::test]
async fn a_new_epoch_forgets_the_tenant_for_every_caller_and_no_other_tenant() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let cache = cache();
    for (token, tenant) in [("a", 1), ("b", 1), ("a", 2)] {
        read(&cache, &group(token, tenant), &CALLS).await;
    }
    cache.begin_epoch("things", Service::Cro, Some(TenantId(1)));
    assert_eq!(read(&cache, &group("a", 1), &CALLS).await, "value 4");
    assert_eq!(read(&cache, &group("b", 1), &CALLS).await, "value 5");
    assert_eq!(read(&cache, &group("a", 2), &CALLS).await, "value 3");
}

#[tokio::test]
async fn an_error_reaches_all_who_waited_and_is_not_kept() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (cache, group) = (cache(), group("a", 1));
    let failed = cache.read(&group, &["k".into()], |_| async { vec![Err("broken")] });
    assert_eq!(failed[0].clone().await.err(), Some("broken"));
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}

#[tokio::test]
async fn a_fetch_that_answers_nothing_is_an_error_for_those_who_wait() {
    let (cache, group) = (cache(), group("a", 1));
    let lost = cache.read(&group, &["k".into()], |_| async { vec![] });
    assert_eq!(lost[0].clone().await.err(), Some("abandoned"));
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
    cache.begin_epoch("things", Service::Cro, Some(TenantId(1)));
    primer.keep("k", Arc::new("primed".to_owned()), 7);
    assert_eq!(read(&cache, &group, &CALLS).await, "value 1");
}
