//! The keys of one link for all values of a level.

use std::{ops::Range, sync::Arc};

use indexmap::IndexMap;

use super::{
    declare::{LinkKey, LinkSource, Shared, Step, Targets},
    error::Error,
};
use crate::upstream::Session;

/// The keys of one link for all values of a level, each key once.
#[derive(Default)]
pub(in crate::graph) struct Batch {
    /// Each key, and the position of its targets.
    keys: IndexMap<LinkKey, usize>,
    here: Vec<Vec<Shared>>,
    pub(in crate::graph) places: Vec<Place>,
    wanted: Vec<Wanted>,
}

/// Where the targets of one value are.
pub(in crate::graph) enum Place {
    Nothing,
    Found(usize),
    Many(Vec<Result<usize, Error>>),
    Refused(Error),
}

/// What stands at one position of a batch's targets.
enum Wanted {
    Here(usize),
    Key(usize),
}

impl Batch {
    pub(in crate::graph) fn add(&mut self, step: Result<Step, Error>) {
        let place = match step {
            Err(error) => Place::Refused(error),
            Ok(Step::Nothing) => Place::Nothing,
            Ok(Step::Here(targets)) => {
                self.here.push(targets);
                self.wanted.push(Wanted::Here(self.here.len() - 1));
                Place::Found(self.wanted.len() - 1)
            }
            Ok(Step::Key(key)) => Place::Found(self.want(key)),
            Ok(Step::Keys(keys)) => Place::Many(
                keys.into_iter()
                    .map(|key| key.map(|key| self.want(key)))
                    .collect(),
            ),
        };
        self.places.push(place);
    }

    /// The position of a key's targets; keys that were met before have theirs.
    fn want(&mut self, key: LinkKey) -> usize {
        let (next, known) = (self.wanted.len(), self.keys.len());
        let position = *self.keys.entry(key).or_insert(next);
        if position == next {
            self.wanted.push(Wanted::Key(known));
        }
        position
    }

    pub(in crate::graph) async fn load(
        &mut self,
        source: &dyn LinkSource,
        session: &Arc<Session>,
    ) -> Vec<Targets> {
        let keys: Vec<LinkKey> = std::mem::take(&mut self.keys).into_keys().collect();
        let mut loaded: Vec<Option<Targets>> = match keys.is_empty() {
            true => Vec::new(),
            false => source
                .load(session, keys)
                .await
                .into_iter()
                .map(Some)
                .collect(),
        };
        let missing = || {
            Err(Error::Internal(
                "a batch answered fewer keys than it was asked",
            ))
        };
        self.wanted
            .iter()
            .map(|wanted| match wanted {
                Wanted::Here(at) => Ok(Some(std::mem::take(&mut self.here[*at]).into())),
                Wanted::Key(at) => loaded
                    .get_mut(*at)
                    .and_then(Option::take)
                    .unwrap_or_else(missing),
            })
            .collect()
    }
}

/// Puts a key's targets into the next level and says where they are.
pub(in crate::graph) fn span(
    targets: Targets,
    shown: &mut Vec<Shared>,
) -> Result<Option<Range<usize>>, Error> {
    targets.map(|found| {
        found.map(|found| {
            let start = shown.len();
            shown.extend(found.targets);
            start..shown.len()
        })
    })
}
