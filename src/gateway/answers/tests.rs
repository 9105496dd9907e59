use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use futures_util::future::{join_all, poll_immediate};
use http::HeaderMap;
use tokio::sync::oneshot;

use std::time::Duration;

use super::*;
use crate::identity::HeaderMapping;

fn caller(authorization: &'static str) -> CallerDigest {
    let name = |name| http::HeaderName::from_static(name);
    let mapping = HeaderMapping {
        cro_authorization: name("authorization"),
        cro_tenant: name("x-tenant-id"),
        trans_eu_authorization: name("x-trans-eu-authorization"),
        trans_eu_api_key: name("api-key"),
        crux_authorization: name("x-crux-authorization"),
    };
    let headers = HeaderMap::from_iter([(
        name("authorization"),
        http::HeaderValue::from_static(authorization),
    )]);
    CallerDigest::of(&mapping, &headers)
}

fn question() -> Question {
    Question {
        caller: caller("Bearer a"),
        document: 1,
        operation: None,
        variables: Vec::new(),
    }
}

/// Questions that differ from [`question`] in one part each.
fn others() -> [Question; 4] {
    [
        Question {
            caller: caller("Bearer b"),
            ..question()
        },
        Question {
            document: 2,
            ..question()
        },
        Question {
            operation: Some("A".to_owned()),
            ..question()
        },
        Question {
            variables: b"{\"id\":1}".to_vec(),
            ..question()
        },
    ]
}

fn answer(text: &'static str, fresh_for: u64) -> Executed {
    Executed {
        answer: Answer {
            body: text.into(),
            errors: 0,
            fresh_for: Some(Duration::from_secs(fresh_for)),
        },
        touched: Some(Touched::default()),
    }
}

/// So many writes, each of which concerns everything.
#[derive(Default)]
struct Written(AtomicU64);

impl Writes for Written {
    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn spared(&self, _: Touched, since: u64) -> bool {
        self.count() == since
    }
}

fn no_writes() -> Arc<Written> {
    Arc::default()
}

fn answers() -> Arc<Answers> {
    Arc::new(Answers::new(1024 * 1024))
}

#[tokio::test]
async fn identical_questions_at_once_are_one_execution() {
    let writes = no_writes();
    let (answers, executions) = (answers(), AtomicUsize::new(0));
    let executions = Arc::new(executions);
    let (begin, begun) = oneshot::channel::<()>();
    let begun = begun.shared();
    let ask = || {
        let (executions, begun) = (Arc::clone(&executions), begun.clone());
        answers.share(question(), &writes, async move {
            executions.fetch_add(1, Ordering::Relaxed);
            let _ = begun.await;
            answer("one", 0)
        })
    };
    let asked = join_all((0..10).map(|_| ask()));
    let begin = async { begin.send(()) };
    let (asked, _) = tokio::join!(asked, begin);
    assert!(asked.iter().all(|answer| answer.body == "one"));
    assert_eq!(executions.load(Ordering::Relaxed), 1);
    assert!(answers.lock().is_empty());
}

#[tokio::test]
async fn an_execution_goes_on_when_the_first_who_asked_goes_away() {
    let writes = no_writes();
    let answers = answers();
    let (begin, begun) = oneshot::channel::<()>();
    let mut first = Box::pin(answers.share(question(), &writes, async move {
        let _ = begun.await;
        answer("one", 0)
    }));
    assert!(poll_immediate(&mut first).await.is_none());
    let mut second = Box::pin(answers.share(question(), &writes, async { answer("two", 0) }));
    assert!(poll_immediate(&mut second).await.is_none());
    drop(first);
    begin.send(()).unwrap();
    assert_eq!(second.await.body, "one");
}

#[tokio::test]
async fn an_execution_that_nobody_waits_for_ends_and_cannot_be_joined() {
    let writes = no_writes();
    let answers = answers();
    let mut first = Box::pin(answers.share(question(), &writes, std::future::pending()));
    assert!(poll_immediate(&mut first).await.is_none());
    drop(first);
    assert!(answers.lock().is_empty());
    let second = answers.share(question(), &writes, async { answer("two", 0) });
    assert_eq!(second.await.body, "two");
}

#[tokio::test]
async fn questions_that_differ_in_anything_share_nothing() {
    let writes = no_writes();
    let answers = answers();
    let mut first = Box::pin(answers.share(question(), &writes, std::future::pending()));
    assert!(poll_immediate(&mut first).await.is_none());
    for other in others() {
        let own = answers
            .share(other, &writes, async { answer("own", 60) })
            .await;
        assert_eq!(own.body, "own");
    }
    assert!(answers.find(&question(), &*writes).is_none());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_given_again_to_the_same_question_while_it_is_fresh() {
    let writes = no_writes();
    let answers = answers();
    answers
        .share(question(), &writes, async { answer("one", 60) })
        .await;
    tokio::time::advance(Duration::from_secs(20)).await;
    let found = answers.find(&question(), &*writes).unwrap();
    assert_eq!(found.body, "one");
    assert_eq!(found.fresh_for, Some(Duration::from_secs(40)));
    assert!(
        others()
            .iter()
            .all(|other| answers.find(other, &*writes).is_none())
    );
    tokio::time::advance(Duration::from_secs(41)).await;
    assert!(answers.find(&question(), &*writes).is_none());
}

#[tokio::test]
async fn failures_and_what_may_be_stale_are_not_kept() {
    let writes = no_writes();
    let answers = answers();
    let mut failed = answer("failed", 60);
    failed.answer.errors = 1;
    let mut unknown = answer("unknown", 60);
    unknown.answer.fresh_for = None;
    let mut untold = answer("untold", 60);
    untold.touched = None;
    for executed in [failed, unknown, untold, answer("stale", 0)] {
        let execution = async { executed };
        answers.share(question(), &writes, execution).await;
        assert!(answers.find(&question(), &*writes).is_none());
    }
}

#[tokio::test]
async fn a_write_ends_answers_and_nobody_joins_an_execution_from_before_it() {
    let (answers, writes) = (answers(), no_writes());
    answers
        .share(question(), &writes, async { answer("before", 60) })
        .await;
    assert!(answers.find(&question(), &*writes).is_some());
    let (begin, begun) = oneshot::channel::<()>();
    let mut old = Box::pin(answers.share(question(), &writes, async move {
        let _ = begun.await;
        answer("old", 60)
    }));
    assert!(poll_immediate(&mut old).await.is_none());
    writes.0.fetch_add(1, Ordering::Relaxed);
    assert!(answers.find(&question(), &*writes).is_none());
    let mut new = Box::pin(answers.share(question(), &writes, std::future::pending()));
    assert!(poll_immediate(&mut new).await.is_none());
    begin.send(()).unwrap();
    assert_eq!(old.await.body, "old");
    assert!(answers.find(&question(), &*writes).is_none());
    assert_eq!(answers.lock().len(), 1);
}

#[tokio::test]
async fn an_answer_that_would_push_out_all_others_is_not_kept() {
    let writes = no_writes();
    let answers = Arc::new(Answers::new(4));
    answers
        .share(question(), &writes, async { answer("one", 60) })
        .await;
    assert!(answers.find(&question(), &*writes).is_none());
}
