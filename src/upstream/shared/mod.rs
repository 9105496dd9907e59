//! The second level of the cache: Redis or Valkey, through which several gateways behave as one.
//!
//! It keeps bodies of single calls, below the resources, so that nothing of what resources make of
//! them has to be written down. It is only asked when this process has no answer, by one question:
//! is there a body of the current epoch, and if not, may I be the one who fetches it?
//!
//! - A write gives its partitions a new, random epoch *in Redis*, and a body is only good in the
//!   epoch in which its fetch began. No gateway can find what is older than a write that Redis
//!   knows of; an epoch that Redis has lost is replaced by one that nothing was kept under.
//! - Redis tells the other gateways of the write, and they forget what they keep in memory.
//! - A gateway that has written something of which Redis does not know asks nothing about it, and
//!   one that has lost its link asks nothing at all; see [`link`].
//! - Whatever fails, the caller's read goes on to the upstream.

mod link;
mod reading;
mod sealing;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use secrecy::SecretString;
use tokio::time::{self, Instant};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::Error;
use crate::cache::{Cache, Partition};
pub use link::Reach;
use link::{Link, MEMORY, millis};
use sealing::{Address, Sealing};

/// A cache that several gateways share.
pub struct Shared {
    sealing: Sealing,
    link: Arc<Link>,
    /// Ends with this.
    _upkeep: AbortOnDropHandle<()>,
}

/// What is asked for: the body of one call of one caller.
pub struct Question {
    address: Address,
    partition: Partition,
}

/// What is known of it.
pub enum Known {
    /// A body, and for how long it is fresh.
    Body(Bytes, Duration),
    /// Nothing: fetch it, and tell.
    Nothing(Ticket),
    /// Redis is away or must not be asked.
    Away,
}

/// The right to say what a body is: in the epoch in which it was asked for.
pub struct Ticket {
    epoch: String,
    /// Others wait for this one.
    lock: Option<String>,
}

/// Larger bodies are not shared: they would hold up the others' questions.
const MAX_BODY: usize = 1 << 20;
/// How long others wait for one who fetches, at most.
const LOCKED: Duration = Duration::from_secs(2);
/// How often they look.
const POLL: Duration = Duration::from_millis(20);

/// Looks for a body, and hands out the right to fetch it. The epoch stands before the body.
const LOOK: &str = r"
local epoch = redis.pcall('GET', KEYS[1])
if type(epoch) ~= 'string' then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch, 'PX', ARGV[2])
end
local kept = redis.pcall('GET', KEYS[2])
if type(kept) == 'string' and string.sub(kept, 1, #epoch) == epoch then
  return {epoch, 'kept', string.sub(kept, #epoch + 1), redis.call('PTTL', KEYS[2])}
end
if redis.call('SET', KEYS[3], ARGV[3], 'NX', 'PX', ARGV[4]) then
  return {epoch, 'yours', '', 0}
end
return {epoch, 'theirs', '', 0}
";

/// What [`LOOK`] answers: the epoch, the state, the body if there is one, and its time left.
type Looked = (String, String, Vec<u8>, i64);

/// Gives the right back.
const UNLOCK: &str = r"
if redis.pcall('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
";

impl Shared {
    /// Begins to link to Redis, for as long as the value lives; needs a runtime. Everything that is
    /// kept there is hidden by `secret`.
    ///
    /// # Errors
    /// The URL is not one of Redis.
    pub fn new(
        reach: Reach,
        secret: &SecretString,
        cache: Arc<Cache<Arc<Error>>>,
    ) -> redis::RedisResult<Self> {
        let link = Arc::new(Link::new(reach)?);
        let upkeep = Arc::clone(&link);
        let upkeep = tokio::spawn(async move { upkeep.keep_up(&cache).await });
        Ok(Self {
            sealing: Sealing::new(secret),
            link,
            _upkeep: AbortOnDropHandle::new(upkeep),
        })
    }

    /// The question for what is named by these parts; they have to name the caller, too.
    pub fn question(&self, partition: Partition, parts: &[&[u8]]) -> Question {
        Question {
            address: self.sealing.address(parts),
            partition,
        }
    }

    /// The key for digests of credentials that go into questions.
    pub fn digest_key(&self) -> &[u8; 32] {
        self.sealing.digest_key()
    }

    /// Looks for a body. If another gateway is fetching it, waits for that, but not beyond `due`.
    pub async fn look(&self, question: &Question, due: Instant) -> Known {
        let patience = due.min(Instant::now() + LOCKED);
        loop {
            match self.look_once(question).await {
                Known::Nothing(ticket) if ticket.lock.is_none() && Instant::now() < patience => {
                    count("look", "waited");
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "Redis tells nobody that a body is there"
                    )]
                    time::sleep(POLL).await;
                }
                Known::Away => {
                    count("look", "away");
                    return Known::Away;
                }
                known => {
                    let is_hit = matches!(known, Known::Body(..));
                    count("look", if is_hit { "hit" } else { "miss" });
                    return known;
                }
            }
        }
    }

    async fn look_once(&self, question: &Question) -> Known {
        if !self.link.is_told(question.partition) {
            return Known::Away;
        }
        let lock = Uuid::new_v4().simple().to_string();
        let mut asked = redis::pipe();
        asked
            .cmd("EVAL")
            .arg(LOOK)
            .arg(3)
            .arg(self.link.key("epoch", &question.partition.to_string()))
            .arg(self.link.key("body", &question.address.hex()))
            .arg(self.link.key("lock", &question.address.hex()))
            .arg(Uuid::new_v4().simple().to_string())
            .arg(millis(MEMORY))
            .arg(&lock)
            .arg(millis(LOCKED));
        let Some((row,)) = self.link.ask::<(Looked,)>(&asked).await else {
            return Known::Away;
        };
        let (epoch, state, kept, left) = row;
        let opened = match state.as_str() {
            "kept" => self.sealing.open(&question.address, &epoch, &kept),
            "yours" => {
                return Known::Nothing(Ticket {
                    epoch,
                    lock: Some(lock),
                });
            }
            _ => return Known::Nothing(Ticket { epoch, lock: None }),
        };
        match (opened, u64::try_from(left)) {
            (Some(body), Ok(left)) => Known::Body(body.into(), Duration::from_millis(left)),
            // It is no work of a gateway with this secret: replace it.
            _ => {
                count("look", "unreadable");
                Known::Nothing(Ticket {
                    epoch,
                    lock: Some(lock),
                })
            }
        }
    }

    /// Answers a question for others: with a body that is fresh for so long, or by giving up.
    pub async fn answer(
        &self,
        question: &Question,
        ticket: Ticket,
        body: Option<(&[u8], Duration)>,
    ) {
        let mut told = redis::pipe();
        let sealed = body
            .filter(|(body, fresh_for)| body.len() <= MAX_BODY && !fresh_for.is_zero())
            .and_then(|(body, fresh_for)| {
                let sealed = self.sealing.seal(&question.address, &ticket.epoch, body)?;
                Some(([ticket.epoch.as_bytes(), &sealed].concat(), fresh_for))
            });
        if let Some((kept, fresh_for)) = sealed {
            told.cmd("SET")
                .arg(self.link.key("body", &question.address.hex()))
                .arg(kept)
                .arg("PX")
                .arg(millis(fresh_for).max(1))
                .ignore();
        }
        if let Some(lock) = ticket.lock {
            told.cmd("EVAL")
                .arg(UNLOCK)
                .arg(1)
                .arg(self.link.key("lock", &question.address.hex()))
                .arg(lock)
                .ignore();
        }
        if !told.is_empty() {
            let done = self.link.ask::<()>(&told).await;
            count("keep", if done.is_some() { "done" } else { "away" });
        }
    }

    /// Whether Redis is there and believed.
    pub fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// Notes that a partition was written; see [`Shared::tell`].
    pub fn note_write(&self, partition: Partition) {
        self.link.note_write(partition);
    }

    /// Tells the other gateways of what was written. When this returns, they know, or Redis is away
    /// and will not be asked before it knows.
    pub async fn tell(&self) {
        self.link.tell().await;
    }
}

fn count(operation: &'static str, outcome: &'static str) {
    metrics::counter!("haulgraph_shared_cache_total", "operation" => operation, "outcome" => outcome)
        .increment(1);
}
