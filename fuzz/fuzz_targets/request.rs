//! A document and its variables through everything that comes before execution.
#![no_main]

#[path = "../../tests/it/edge/hostile/subject.rs"]
mod subject;

use std::cell::LazyCell;

use libfuzzer_sys::fuzz_target;

use subject::Subject;

thread_local! {
    static SUBJECT: LazyCell<Subject> = LazyCell::new(Subject::new);
}

fuzz_target!(|input: &str| {
    SUBJECT.with(|subject| {
        let (status, _) = subject.answer(input);
        assert!(!status.is_server_error(), "{status}");
    });
});
