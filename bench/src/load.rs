//! A bounded run of load against one target, and what it measured.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use crate::connection::Connection;
use crate::meter;
use crate::workload::{Callers, Template};

/// How long and how hard.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections that ask one thing after another.
    pub connections: usize,
    /// Time before anything counts.
    pub warm_up: Duration,
    /// Time that counts.
    pub duration: Duration,
    /// Who asks.
    pub callers: Callers,
}

/// What is loaded.
#[derive(Debug, Clone, Copy)]
pub struct Aim {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whose processor time counts.
    pub pid: u32,
    /// The length of the answer that was checked: any other is a failure.
    pub length: usize,
}

/// What a run measured.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// Answers within the time that counts.
    pub completed: u64,
    /// That time.
    pub elapsed: Duration,
    /// Processor time of the target in it.
    pub processor: Duration,
    /// Times from request to answer, sorted.
    pub latencies: Vec<Duration>,
    /// All answers, those of the warming up included.
    pub answered: u64,
}

/// Credentials are never used twice, not even by two runs.
#[derive(Debug, Default)]
pub struct CallerNumbers(Cell<u64>);

impl CallerNumbers {
    /// A number that no caller has had.
    pub fn next(&self) -> u64 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
}

struct Run {
    length: usize,
    callers: Callers,
    numbers: Rc<CallerNumbers>,
    counts: Cell<bool>,
    stopped: Cell<bool>,
    answered: Cell<u64>,
    latencies: RefCell<Vec<Duration>>,
    failure: RefCell<Option<io::Error>>,
}

impl Load {
    /// Loads `aim` with requests from `template`.
    ///
    /// # Errors
    /// A connection failed, or an answer was not the one that was checked.
    pub async fn run(
        self,
        aim: Aim,
        template: &Template,
        numbers: &Rc<CallerNumbers>,
    ) -> io::Result<Measurement> {
        let run = Rc::new(Run {
            length: aim.length,
            callers: self.callers,
            numbers: Rc::clone(numbers),
            counts: Cell::new(false),
            stopped: Cell::new(false),
            answered: Cell::new(0),
            latencies: RefCell::default(),
            failure: RefCell::default(),
        });
        let local = LocalSet::new();
        let measured = local
            .run_until(async {
                let mut tasks = Vec::with_capacity(self.connections);
                for _ in 0..self.connections {
                    let connection = Connection::open(aim.address).await?;
                    let (run, template) = (Rc::clone(&run), template.clone());
                    tasks.push(tokio::task::spawn_local(async move {
                        if let Err(error) = run.ask(connection, template).await {
                            run.failure.borrow_mut().get_or_insert(error);
                        }
                    }));
                }
                tokio::time::sleep(self.warm_up).await;
                let before = meter::processor_time(aim.pid)?;
                let (from, started) = (run.answered.get(), Instant::now());
                run.counts.set(true);
                tokio::time::sleep(self.duration).await;
                run.counts.set(false);
                let elapsed = started.elapsed();
                let completed = run.answered.get() - from;
                let processor = meter::processor_time(aim.pid)?.saturating_sub(before);
                run.stopped.set(true);
                for task in tasks {
                    // A task only ends by itself; a panic in it has said so already.
                    drop(task.await);
                }
                io::Result::Ok((completed, elapsed, processor))
            })
            .await;
        if let Some(failure) = run.failure.take() {
            return Err(failure);
        }
        let (completed, elapsed, processor) = measured?;
        let mut latencies = run.latencies.take();
        latencies.sort_unstable();
        Ok(Measurement {
            completed,
            elapsed,
            processor,
            latencies,
            answered: run.answered.get(),
        })
    }
}

impl Run {
    async fn ask(&self, mut connection: Connection, mut template: Template) -> io::Result<()> {
        while !self.stopped.get() {
            let number = match self.callers {
                Callers::OneEach => self.numbers.next(),
                Callers::Same => 0,
            };
            let started = Instant::now();
            let answer = connection.exchange(template.of(number)).await?;
            if answer.status != 200 || answer.raw_length() != self.length {
                let text = String::from_utf8_lossy(&answer.body())
                    .chars()
                    .take(300)
                    .collect::<String>();
                let status = answer.status;
                return Err(io::Error::other(format!(
                    "answered {status} differently: {text}"
                )));
            }
            self.answered.set(self.answered.get() + 1);
            // Whatever ends in the time that counts, counts: slow answers began before it.
            if self.counts.get() {
                self.latencies.borrow_mut().push(started.elapsed());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers every request of every connection with `body`.
    async fn server(body: &'static str) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    let length = body.len();
                    let answer =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
                    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                        drop(stream.write_all(answer.as_bytes()).await);
                    }
                });
            }
        });
        address
    }

    async fn load(body: &'static str, callers: Callers) -> (io::Result<Measurement>, u64) {
        let load = Load {
            connections: 3,
            warm_up: Duration::ZERO,
            duration: Duration::from_millis(20),
            callers,
        };
        let aim = Aim {
            address: server(body).await,
            pid: std::process::id(),
            length: 2,
        };
        let numbers = Rc::new(CallerNumbers::default());
        let measured = load.run(aim, &Template::new("x", "{ a }"), &numbers).await;
        (measured, numbers.next())
    }

    #[tokio::test]
    async fn every_answer_is_counted_and_every_request_has_a_caller_of_its_own() {
        let (measured, next) = load("ok", Callers::OneEach).await;
        let measured = measured.unwrap();
        assert!(measured.completed > 0);
        assert_eq!(measured.latencies.len() as u64, measured.completed);
        assert!(measured.latencies.is_sorted());
        assert_eq!(next, measured.answered + 1);
    }

    #[tokio::test]
    async fn one_caller_needs_no_numbers() {
        let (measured, next) = load("ok", Callers::Same).await;
        assert!(measured.is_ok());
        assert_eq!(next, 1);
    }

    #[tokio::test]
    async fn an_answer_of_another_length_ends_the_run() {
        let failure = load("not this", Callers::Same).await.0.unwrap_err();
        assert!(failure.to_string().contains("not this"), "{failure}");
    }
}
