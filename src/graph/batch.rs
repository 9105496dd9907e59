//! One link for all values of a level.

use std::{hash::Hash, ops::Range};

use indexmap::IndexMap;

use super::{
    declare::{Erased, Shared},
    error::Error,
};
use crate::upstream::StaleReading;

/// Where a link leads from each value of a level.
#[derive(Default)]
pub(in crate::graph) struct Linked {
    /// For each value.
    pub(in crate::graph) places: Vec<Place>,
    pub(in crate::graph) spans: Vec<Span>,
    pub(in crate::graph) targets: Vec<Shared>,
}

/// Where the targets of one value are.
pub(in crate::graph) enum Place {
    Nothing,
    /// In the span of this number, which other values may share.
    Found(usize),
    /// Each element of the list has a span of its own, or is refused.
    Many(Vec<Result<usize, Error>>),
    Refused(Error),
}

/// Where the targets of one key are: none if the upstream does not know it. A link that is no list has at
/// most one.
pub(in crate::graph) struct Span {
    pub(in crate::graph) targets: Result<Option<Range<usize>>, Error>,
    /// They are served although they are no longer fresh.
    pub(in crate::graph) stale: Option<StaleReading>,
}

/// A link on its way: the values are gone through one after another, then what their keys lead to.
pub(in crate::graph) struct Batch<K> {
    /// Each key, and the number of its span. Most keys come from upstreams, so a quick hash will do.
    spans: IndexMap<K, usize, foldhash::fast::RandomState>,
    linked: Linked,
}

impl<K: Hash + Eq> Batch<K> {
    /// A batch for so many values.
    pub(in crate::graph) fn of(values: usize) -> Self {
        let linked = Linked {
            places: Vec::with_capacity(values),
            ..Linked::default()
        };
        Self {
            spans: IndexMap::default(),
            linked,
        }
    }

    /// From the next value the link leads nowhere.
    pub(in crate::graph) fn add_nothing(&mut self) {
        self.linked.places.push(Place::Nothing);
    }

    /// The next value may hold the targets itself: then `put` puts them at the end and says so.
    pub(in crate::graph) fn add_here(
        &mut self,
        put: impl FnOnce(&mut Vec<Shared>) -> bool,
    ) -> bool {
        let Linked {
            places,
            spans,
            targets,
        } = &mut self.linked;
        let start = targets.len();
        let is_here = put(targets);
        if is_here {
            places.push(Place::Found(spans.len()));
            spans.push(Span {
                targets: Ok(Some(start..targets.len())),
                stale: None,
            });
        }
        is_here
    }

    /// The next value's targets have to be loaded; or it is refused.
    pub(in crate::graph) fn add_key(&mut self, key: Result<K, Error>) {
        let place = match key {
            Ok(key) => Place::Found(self.span_of(key)),
            Err(error) => Place::Refused(error),
        };
        self.linked.places.push(place);
    }

    /// The next value has a key for each element of a list.
    pub(in crate::graph) fn add_keys(&mut self, keys: Vec<Result<K, Error>>) {
        let spans = keys.into_iter().map(|key| Ok(self.span_of(key?)));
        let place = Place::Many(spans.collect());
        self.linked.places.push(place);
    }

    /// The number of a key's span; a key that was met before has its own.
    fn span_of(&mut self, key: K) -> usize {
        let spans = &mut self.linked.spans;
        *self.spans.entry(key).or_insert_with(|| {
            spans.push(Span {
                targets: Err(Error::Internal(
                    "a batch answered fewer keys than it was asked",
                )),
                stale: None,
            });
            spans.len() - 1
        })
    }

    /// The keys that have to be loaded, each once, and where to put what they lead to.
    pub(in crate::graph) fn split(self) -> (Vec<K>, Wanted) {
        let (keys, spans) = self.spans.into_iter().unzip();
        let linked = self.linked;
        (keys, Wanted { spans, linked })
    }
}

/// A batch whose keys are being loaded.
pub(in crate::graph) struct Wanted {
    /// The number of each key's span.
    spans: Vec<usize>,
    linked: Linked,
}

impl Wanted {
    /// Notes what the key number `key` leads to: `put` puts the targets of what was found at the end.
    pub(in crate::graph) fn found<V>(
        &mut self,
        key: usize,
        found: Result<Option<V>, Error>,
        put: impl FnOnce(V, &mut Vec<Shared>),
    ) {
        let targets = &mut self.linked.targets;
        let start = targets.len();
        let range = found.map(|found| {
            put(found?, targets);
            Some(start..targets.len())
        });
        if let Some(span) = self.span(key) {
            span.targets = range;
        }
    }

    /// Notes that what the key number `key` leads to is stale.
    pub(in crate::graph) fn label(&mut self, key: usize, reading: StaleReading) {
        if let Some(span) = self.span(key) {
            span.stale = Some(reading);
        }
    }

    /// Where the link leads, once all keys are loaded.
    pub(in crate::graph) fn linked(self) -> Linked {
        self.linked
    }

    fn span(&mut self, key: usize) -> Option<&mut Span> {
        self.linked.spans.get_mut(*self.spans.get(key)?)
    }
}

impl Linked {
    /// All targets.
    pub(in crate::graph) fn values(&self) -> Vec<&Erased> {
        self.targets.iter().map(|target| &**target).collect()
    }

    /// The one target of a value; none if the link leads nowhere from there.
    pub(in crate::graph) fn first(&self, place: &Place) -> Option<Result<Option<Shared>, Error>> {
        let first = |targets: &Option<Range<usize>>| {
            let targets = targets.as_ref()?.clone();
            self.targets.get(targets)?.first().cloned()
        };
        match place {
            Place::Found(span) => Some(match &self.spans[*span].targets {
                Ok(targets) => Ok(first(targets)),
                Err(error) => Err(error.clone()),
            }),
            Place::Refused(error) => Some(Err(error.clone())),
            Place::Nothing | Place::Many(_) => None,
        }
    }

    /// Whether the one target of a value is stale.
    pub(in crate::graph) fn staleness(&self, place: &Place) -> Option<StaleReading> {
        match place {
            Place::Found(span) => self.spans[*span].stale,
            Place::Nothing | Place::Many(_) | Place::Refused(_) => None,
        }
    }
}
