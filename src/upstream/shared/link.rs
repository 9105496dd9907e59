//! The link to Redis: one connection for questions, one that listens for writes of others.
//!
//! Redis is trusted only while both are up. A gateway that was deaf cannot know what others have
//! written meanwhile, nor whether Redis still knows what it was told, so every new link begins with
//! three steps: it listens, it says again what this gateway has lately written, and it forgets all
//! that was read before. Only then are questions answered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use redis::{
    AsyncConnectionConfig, FromRedisValue, Pipeline,
    aio::{MultiplexedConnection, PubSub},
};
use tokio::{
    sync::Notify,
    time::{self, Instant},
};
use uuid::Uuid;

use crate::{
    cache::{Cache, Partition},
    upstream::Error,
};

/// How one Redis is reached.
#[derive(Clone)]
pub struct Reach {
    /// Its URL; may hold a password.
    pub url: redis::ConnectionInfo,
    /// Begins the name of every key and of the channel.
    pub namespace: String,
    /// Bound on a question.
    pub timeout: Duration,
}

/// So many questions in a row may fail before the link is given up.
const MAX_FAILURES: u32 = 3;
/// How often a gateway says that it is there. Silence for two of these means a broken link.
const BEAT: Duration = Duration::from_secs(2);
/// How long a new link may take.
const CONNECT: Duration = Duration::from_secs(2);
/// Pauses between attempts at a new link.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];
/// For so long a write is said again on every new link: nothing that Redis keeps is older.
pub const MEMORY: Duration = Duration::from_secs(24 * 3600);

/// The link, up or down.
pub struct Link {
    client: redis::Client,
    namespace: String,
    timeout: Duration,
    /// Tells this gateway's messages from others'.
    own: String,
    state: Mutex<State>,
    given_up: Notify,
}

#[derive(Default)]
struct State {
    /// There while the link is up.
    connection: Option<MultiplexedConnection>,
    failures: u32,
    /// What this gateway has written lately, and whether Redis knows.
    written: HashMap<Partition, Written>,
}

struct Written {
    at: Instant,
    is_said: bool,
}

impl Link {
    /// A link that is down until [`Link::keep_up`] runs.
    ///
    /// # Errors
    /// The URL is not one of Redis.
    pub fn new(reach: Reach) -> redis::RedisResult<Self> {
        Ok(Self {
            client: redis::Client::open(reach.url)?,
            namespace: reach.namespace,
            timeout: reach.timeout,
            own: Uuid::new_v4().simple().to_string(),
            state: Mutex::default(),
            given_up: Notify::new(),
        })
    }

    /// The name of a key.
    pub fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{name}", self.namespace)
    }

    /// Whether questions are answered.
    pub fn is_up(&self) -> bool {
        self.lock().connection.is_some()
    }

    /// Asks Redis; `None` if it is away, or does not answer in time.
    pub async fn ask<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Option<T> {
        let mut connection = self.lock().connection.clone()?;
        let answer = time::timeout(self.timeout, pipeline.query_async(&mut connection)).await;
        let is_broken = match answer {
            Ok(Ok(answer)) => {
                self.lock().failures = 0;
                return Some(answer);
            }
            // Redis is there and refuses: it is full, or a copy that must not be written.
            Ok(Err(error)) => error.is_io_error() || error.is_connection_dropped(),
            Err(_) => true,
        };
        if is_broken && self.count_failure() >= MAX_FAILURES {
            self.give_up();
        }
        None
    }

    fn count_failure(&self) -> u32 {
        let mut state = self.lock();
        state.failures += 1;
        state.failures
    }

    /// Notes that a partition was written; Redis is not asked about it until it has been told.
    pub fn note_write(&self, partition: Partition) {
        let (at, is_said) = (Instant::now(), false);
        let mut state = self.lock();
        state
            .written
            .retain(|_, written| written.at.elapsed() < MEMORY);
        state.written.insert(partition, Written { at, is_said });
    }

    /// Whether Redis knows of all writes of this gateway to a partition.
    pub fn is_told(&self, partition: Partition) -> bool {
        let state = self.lock();
        state
            .written
            .get(&partition)
            .is_none_or(|written| written.is_said)
    }

    /// Tells Redis, and through it the other gateways, of the writes that it does not know.
    pub async fn tell(&self) {
        let unsaid = self.written(|written| !written.is_said);
        if unsaid.is_empty() {
            return;
        }
        match self.ask::<()>(&self.announcement(&unsaid)).await {
            Some(()) => Self::note_said(&mut self.lock(), &unsaid),
            // Redis holds what this gateway knows to be old. A new link says it again.
            None => self.give_up(),
        }
    }

    fn written(&self, which: impl Fn(&Written) -> bool) -> Vec<(Partition, Instant)> {
        let state = self.lock();
        let written = state.written.iter().filter(|(_, written)| which(written));
        written
            .map(|(partition, written)| (*partition, written.at))
            .collect()
    }

    /// Notes what Redis knows now, but for what was written once more meanwhile.
    fn note_said(state: &mut State, said: &[(Partition, Instant)]) {
        for (partition, at) in said {
            if let Some(written) = state.written.get_mut(partition)
                && written.at == *at
            {
                written.is_said = true;
            }
        }
    }

    /// New epochs for these partitions, in Redis and in every gateway that listens.
    fn announcement(&self, written: &[(Partition, Instant)]) -> Pipeline {
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        for (partition, _) in written {
            pipeline
                .cmd("SET")
                .arg(self.key("epoch", &partition.to_string()))
                .arg(Uuid::new_v4().simple().to_string())
                .arg("PX")
                .arg(millis(MEMORY))
                .ignore();
            pipeline
                .cmd("PUBLISH")
                .arg(self.channel())
                .arg(format!("{} {partition}", self.own))
                .ignore();
        }
        pipeline
    }

    /// Keeps the link up for as long as it is polled.
    pub async fn keep_up(&self, cache: &Cache<Arc<Error>>) {
        let mut attempt = 0;
        loop {
            match time::timeout(CONNECT, self.connect(cache)).await {
                Ok(Ok(mut listener)) => {
                    attempt = 0;
                    gauge().set(1.0);
                    tracing::info!("the shared cache is linked");
                    self.listen(&mut listener, cache).await;
                    self.give_up();
                    gauge().set(0.0);
                    tracing::warn!("the shared cache is away: working on with own memory");
                }
                Ok(Err(_)) | Err(_) => {
                    // The error may hold the URL, and the URL a password.
                    tracing::debug!("the shared cache cannot be reached");
                    gauge().set(0.0);
                }
            }
            let pause: &Duration = PAUSES.get(attempt).unwrap_or(&PAUSES[PAUSES.len() - 1]);
            #[expect(
                clippy::disallowed_methods,
                reason = "the pause before another attempt"
            )]
            time::sleep(*pause).await;
            attempt += 1;
        }
    }

    async fn connect(&self, cache: &Cache<Arc<Error>>) -> redis::RedisResult<PubSub> {
        let mut listener = self.client.get_async_pubsub().await?;
        listener.subscribe(self.channel()).await?;
        // Its own timeout is off: `ask` has one, and connecting as a whole.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let client = &self.client;
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let written = self.written(|_| true);
        if !written.is_empty() {
            let announcement = self.announcement(&written);
            announcement.query_async::<()>(&mut connection).await?;
        }
        cache.distrust();
        let mut state = self.lock();
        Self::note_said(&mut state, &written);
        state.failures = 0;
        state.connection = Some(connection);
        Ok(listener)
    }

    /// Hears of others' writes until the link breaks.
    async fn listen(&self, listener: &mut PubSub, cache: &Cache<Arc<Error>>) {
        let mut messages = listener.on_message();
        let mut beats = time::interval(BEAT);
        let mut heard = true;
        loop {
            tokio::select! {
                () = self.given_up.notified() => {
                    if self.lock().connection.is_none() {
                        return;
                    }
                }
                message = messages.next() => {
                    let Some(message) = message else { return };
                    heard = true;
                    self.hear(message.get_payload_bytes(), cache);
                }
                _ = beats.tick() => {
                    let mut beat = redis::pipe();
                    beat.cmd("PUBLISH").arg(self.channel()).arg(format!("{} beat", self.own)).ignore();
                    let is_sent = self.ask::<()>(&beat).await.is_some();
                    if !std::mem::take(&mut heard) || !is_sent {
                        return;
                    }
                }
            }
        }
    }

    fn hear(&self, message: &[u8], cache: &Cache<Arc<Error>>) {
        let parts = std::str::from_utf8(message)
            .ok()
            .and_then(|text| text.split_once(' '));
        if let Some((sender, partition)) = parts
            && sender != self.own
            && let Some(partition) = Partition::parse(partition)
        {
            cache.begin_epoch(partition);
        }
    }

    fn give_up(&self) {
        let was_up = self.lock().connection.take().is_some();
        if was_up {
            self.given_up.notify_one();
        }
    }

    fn channel(&self) -> String {
        format!("{}:writes", self.namespace)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gauge() -> metrics::Gauge {
    metrics::gauge!("haulgraph_shared_cache_up")
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
