//! What is written of values when they come, and not when all of the answer is there.
//!
//! While an upstream is waited for, other requests push the values that are already there out of the
//! processor's caches. So leaves, and whatever else needs nothing loaded, are written at once, where more than
//! one link is followed; what writes the answer copies them. Where something failed or is stale nothing is
//! written early: then the answer says more than bytes.

use std::ops::Range;

use super::{FieldPlan, ObjectPlan, TargetPlan, load::Level, write::Writer};
use crate::graph::{
    batch::{Linked, Place},
    declare::Erased,
};

/// Values that were written before their place in the answer was known.
#[derive(Default)]
pub(super) struct Early {
    bytes: Vec<u8>,
    /// Where each value stands: nowhere if it is null. None of a value that is written later.
    pieces: Vec<Option<Range<u32>>>,
}

impl Early {
    /// For values of which nothing was written.
    pub(super) const NOTHING: Self = Self {
        bytes: Vec::new(),
        pieces: Vec::new(),
    };

    /// Those fields of `values` that need nothing loaded.
    pub(super) fn of_fields(plan: &ObjectPlan, values: &[&Erased]) -> Self {
        let mut early = Self::default();
        if plan.early == 0 {
            return early;
        }
        let mut writer = Writer::default();
        early.pieces.reserve(values.len() * plan.early);
        for value in values {
            for field in plan.fields.iter().filter(|field| field.early) {
                let piece = writer.apart(|writer| writer.unloaded(field, *value));
                early.pieces.push(piece);
            }
        }
        early.bytes = writer.written();
        early
    }

    /// What the spans of a link lead to, if nothing below it is loaded: a list each, or an element of one.
    pub(super) fn of_spans(
        field: &FieldPlan,
        (list, plan): (bool, &TargetPlan),
        linked: &Linked,
    ) -> Self {
        let is_many = |place: &Place| matches!(place, Place::Many(_));
        let list = list && !linked.places.iter().any(is_many);
        let mut writer = Writer::default();
        let pieces = linked.spans.iter().map(|span| {
            let targets = span.targets.as_ref().ok()?;
            let targets = match (span.stale, targets) {
                (None, Some(targets)) => &linked.targets[targets.clone()],
                (None, None) => &[],
                (Some(_), _) => return None,
            };
            writer
                .apart(|writer| writer.targets(field, (list, plan), (&Level::Nothing, 0), targets))
        });
        let pieces = pieces.collect();
        Self {
            bytes: writer.written(),
            pieces,
        }
    }

    /// The value number `at`, if it was written: nothing, if it is null.
    pub(super) fn find(&self, at: usize) -> Option<&[u8]> {
        let Range { start, end } = self.pieces.get(at)?.as_ref()?;
        self.bytes.get(*start as usize..*end as usize)
    }
}
