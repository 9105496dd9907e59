//! Whose turn a call waits for.

use crate::identity::Scope;

pub(super) use super::fair_queue::Urgency;

/// A caller, as far as fairness goes: one identity in one tenant.
pub(super) type Caller = Option<Scope>;

/// What a queue has to know of a call.
pub(super) struct Turn {
    pub(super) caller: Caller,
    pub(super) urgency: Urgency,
}

#[cfg(test)]
impl Turn {
    /// A call of nobody in particular.
    pub(super) fn any() -> Self {
        Self {
            caller: None,
            urgency: Urgency::Soon,
        }
    }
}
