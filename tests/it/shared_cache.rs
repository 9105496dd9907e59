//! Several gateways that share a Redis: a real one, started here on a free port.

use std::{
    future::Future,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::future::join_all;
use haulgraph::config::Config;
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

const TENANTS: &str = "{ tenants { name } }";
const CUSTOMER: &str = "{ customer(id: 7) { name } }";

/// A Redis of this test's own; it ends with the value.
struct Redis {
    port: u16,
    child: Child,
}

impl Redis {
    async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self::on(port).await
    }

    async fn on(port: u16) -> Self {
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is installed: `apt-get install redis-server`");
        let redis = Self { port, child };
        eventually("Redis answers", || async {
            redis.connection().await.is_some()
        })
        .await;
        redis
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn connection(&self) -> Option<redis::aio::MultiplexedConnection> {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.ok()
    }

    /// Ends it without a word, and says where it was.
    fn kill(mut self) -> u16 {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.port
    }

    /// Everything that is kept in texts: names and values.
    async fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let mut connection = self.connection().await.unwrap();
        let names: Vec<String> = redis::cmd("KEYS")
            .arg("*")
            .query_async(&mut connection)
            .await
            .unwrap();
        let mut contents = Vec::new();
        for name in names {
            let mut get = redis::cmd("GET");
            // Locks come and go meanwhile.
            let value: Option<Vec<u8>> = get.arg(&name).query_async(&mut connection).await.unwrap();
            contents.extend(value.map(|value| (name, value)));
        }
        contents
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds that will hold soon.
async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let all = async {
        while !holds().await {
            ticks.tick().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), all).await;
    assert!(in_time.is_ok(), "{what}");
}

fn sharing(redis: &Redis) -> impl FnOnce(&mut Config) {
    let url = redis.url();
    move |config| {
        config.cache.redis.url = Some(url.into());
        config.cache.redis.key = Some("an-example-key-of-32-characters!".to_owned().into());
        // The machine that runs tests may be busy.
        config.cache.redis.timeout = Duration::from_secs(2);
    }
}

async fn is_linked(world: &World, up: bool) {
    let what = format!("the link is up: {up}");
    eventually(&what, || async { world.gateway.is_shared_cache_up() == up }).await;
}

/// Two gateways before one sandbox.
async fn two_gateways(redis: &Redis) -> (World, World) {
    let one = World::with(sharing(redis)).await;
    let other = one.twin(|_| {});
    is_linked(&one, true).await;
    is_linked(&other, true).await;
    (one, other)
}

/// Waits until what a gateway says in the background has been said.
async fn kept(redis: &Redis, count: usize) {
    eventually("the bodies are kept", || async {
        let contents = redis.contents().await;
        let bodies = contents.iter().filter(|(name, _)| name.contains(":body:"));
        bodies.count() >= count
    })
    .await;
}

async fn rename(world: &World, name: &str) {
    let write = format!(
        "mutation {{ updateCustomer(input: {{customerId: 7, name: \"{name}\"}}) {{ customer {{ name }} }} }}"
    );
    let answer = world.ask(&Caller::dispatcher(), &write).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
}

async fn name(world: &World) -> Value {
    let answer = world.ask(&Caller::named("admin"), CUSTOMER).await;
    answer["data"]["customer"]["name"].clone()
}

#[tokio::test]
async fn what_one_gateway_has_read_the_other_does_not_ask_for() {
    let redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    let read = one.ask(&Caller::dispatcher(), TENANTS).await;
    kept(&redis, 1).await;
    one.calls(Api::Cro).await;
    assert_eq!(other.ask(&Caller::dispatcher(), TENANTS).await, read);
    assert_eq!(one.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn another_caller_or_tenant_is_never_given_what_is_shared() {
    let redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    one.ask(&Caller::dispatcher(), CUSTOMER).await;
    kept(&redis, 1).await;
    one.calls(Api::Cro).await;
    let neighbour = Caller::dispatcher().header("x-tenant-id", "51");
    for caller in [Caller::named("admin"), neighbour] {
        other.ask(&caller, CUSTOMER).await;
        assert_eq!(one.calls(Api::Cro).await.len(), 1);
    }
}

#[tokio::test]
async fn gateways_that_ask_at_the_same_time_make_one_call() {
    let redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    let slow = json!({ "match": { "path": "/*" }, "delay_ms": 300 });
    one.fault(Api::Cro, slow).await;
    let caller = Caller::dispatcher();
    let (here, there) = tokio::join!(one.ask(&caller, TENANTS), other.ask(&caller, TENANTS));
    assert_eq!(here, there);
    assert_eq!(one.calls(Api::Cro).await.len(), 1);
}

#[tokio::test]
async fn a_write_through_one_gateway_is_read_through_the_other() {
    let redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    for round in 0..3 {
        name(&one).await;
        name(&other).await;
        let newer = format!("Newer Works {round}");
        rename(&one, &newer).await;
        assert_eq!(name(&one).await, json!(newer));
        eventually("the other gateway has heard", || async {
            name(&other).await == json!(newer)
        })
        .await;
    }
}

#[tokio::test]
async fn without_redis_every_gateway_goes_on_with_its_own_memory() {
    let redis = Redis::start().await;
    let (one, _) = two_gateways(&redis).await;
    redis.kill();
    is_linked(&one, false).await;
    let read = one.ask(&Caller::dispatcher(), TENANTS).await;
    assert_eq!(read.get("errors"), None);
    one.calls(Api::Cro).await;
    assert_eq!(one.ask(&Caller::dispatcher(), TENANTS).await, read);
    assert_eq!(one.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_write_while_redis_was_away_is_known_to_all_when_it_is_back() {
    let redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    name(&one).await;
    name(&other).await;
    let port = redis.kill();
    is_linked(&one, false).await;
    is_linked(&other, false).await;
    rename(&one, "Written Alone").await;
    assert_eq!(name(&one).await, json!("Written Alone"));
    let _redis = Redis::on(port).await;
    is_linked(&one, true).await;
    is_linked(&other, true).await;
    assert_eq!(name(&other).await, json!("Written Alone"));
    assert_eq!(name(&one).await, json!("Written Alone"));
}

#[tokio::test]
async fn a_gateway_with_another_key_shares_writes_and_nothing_else() {
    let redis = Redis::start().await;
    let (one, _) = two_gateways(&redis).await;
    let stranger = one.twin(|config| {
        config.cache.redis.key = Some("another-key-of-at-least-32-characters".to_owned().into());
    });
    is_linked(&stranger, true).await;
    let before = name(&one).await;
    kept(&redis, 1).await;
    one.calls(Api::Cro).await;
    assert_eq!(name(&stranger).await, before);
    assert_eq!(one.calls(Api::Cro).await.len(), 1);
    rename(&stranger, "By a Stranger").await;
    eventually("the write was heard", || async {
        name(&one).await == json!("By a Stranger")
    })
    .await;
}

#[tokio::test]
async fn what_others_write_over_an_answer_is_not_believed() {
    let redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    let read = one.ask(&Caller::dispatcher(), TENANTS).await;
    kept(&redis, 1).await;
    let mut connection = redis.connection().await.unwrap();
    for (key, value) in redis.contents().await {
        // The epoch in front stays: what follows is no work of a gateway.
        let garbage = [&value[..value.len().min(32)], b"[{\"id\": 1}]"].concat();
        if key.contains(":body:") {
            let mut set = redis::cmd("SET");
            let set = set.arg(&key).arg(garbage).arg("PX").arg(60_000);
            set.query_async::<()>(&mut connection).await.unwrap();
        }
    }
    one.calls(Api::Cro).await;
    assert_eq!(other.ask(&Caller::dispatcher(), TENANTS).await, read);
    assert_eq!(one.calls(Api::Cro).await.len(), 1);
}

#[tokio::test]
async fn redis_holds_neither_tokens_nor_customers_in_the_clear() {
    let redis = Redis::start().await;
    let (one, _) = two_gateways(&redis).await;
    let shown = name(&one).await;
    one.ask(&Caller::dispatcher(), TENANTS).await;
    rename(&one, "Synthetic Gravel").await;
    kept(&redis, 2).await;
    let contents = redis.contents().await;
    assert!(!contents.is_empty());
    for (name, value) in contents {
        let everything = [name.as_bytes(), &value].concat();
        for secret in [
            "sandbox-",
            "Bearer",
            "name",
            "customers",
            shown.as_str().unwrap(),
        ] {
            let shows = everything
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!shows, "{name} shows {secret}");
        }
    }
}

#[tokio::test]
async fn redis_may_come_and_go_under_load() {
    let mut redis = Redis::start().await;
    let (one, other) = two_gateways(&redis).await;
    let query = "{ customers(first: 5) { nodes { name } } tenants { name } }";
    for _ in 0..3 {
        let callers = (0..10).map(|number| {
            let token = format!("Bearer sandbox-dispatcher.{number}");
            let caller = Caller::dispatcher().header("authorization", &token);
            let world = if number % 2 == 0 { &one } else { &other };
            async move {
                for _ in 0..5 {
                    let answer = world.ask(&caller, query).await;
                    assert_eq!(answer.get("errors"), None, "{answer}");
                }
            }
        });
        let load = join_all(callers);
        let restart = async { Redis::on(redis.kill()).await };
        let ((), again) = tokio::join!(async { drop(load.await) }, restart);
        redis = again;
    }
    is_linked(&one, true).await;
    is_linked(&other, true).await;
}
