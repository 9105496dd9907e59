//! The keys of one link for all values of a level.

use std::{ops::Range, sync::Arc};

use async_graphql::{PathSegment, Pos, Value};
use indexmap::IndexMap;

use super::rendered::{FieldError, Rendered};
use crate::{
    graph::{
        declare::{LinkKey, LinkSource, Shared, Step, Targets},
        error::Error,
    },
    upstream::Session,
};

/// The keys of one link for all values of a level, each key once.
#[derive(Default)]
pub(super) struct Batch {
    /// Each key, and the position of its targets.
    keys: IndexMap<String, (Option<LinkKey>, usize)>,
    here: Vec<Vec<Shared>>,
    pub(super) places: Vec<Place>,
    wanted: Vec<Wanted>,
}

/// Where the targets of one value are.
pub(super) enum Place {
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
    pub(super) fn add(&mut self, step: Result<Step, Error>) {
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
        let next = self.wanted.len();
        let entry = self.keys.entry(key.text.clone());
        let index = entry.index();
        let (_, position) = entry.or_insert((Some(key), next));
        let position = *position;
        if position == next {
            self.wanted.push(Wanted::Key(index));
        }
        position
    }

    pub(super) async fn load(
        &mut self,
        source: &dyn LinkSource,
        session: &Arc<Session>,
    ) -> Vec<Targets> {
        let keys: Vec<LinkKey> = self
            .keys
            .values_mut()
            .filter_map(|(key, _)| key.take())
            .collect();
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
                Wanted::Here(at) => Ok(Some(std::mem::take(&mut self.here[*at]))),
                Wanted::Key(at) => loaded
                    .get_mut(*at)
                    .and_then(Option::take)
                    .unwrap_or_else(missing),
            })
            .collect()
    }

    /// Gives every value the rendered targets that its keys found.
    pub(super) fn distribute(
        &self,
        spans: &[Result<Option<Range<usize>>, Error>],
        rendered: Rendered,
        list: bool,
        pos: Pos,
    ) -> Rendered {
        let mut all = Rendered::default();
        for (value, place) in self.places.iter().enumerate() {
            let mut fail = |error: &Error, path: Vec<PathSegment>| {
                all.errors.push(FieldError {
                    value,
                    path,
                    pos,
                    error: error.clone(),
                });
                Value::Null
            };
            let shown = match place {
                Place::Nothing => Value::Null,
                Place::Refused(error) => fail(error, Vec::new()),
                Place::Found(at) => match &spans[*at] {
                    Err(error) => fail(error, Vec::new()),
                    Ok(None) => Value::Null,
                    Ok(Some(span)) => {
                        rendered.errors_of(span, value, list, 0, &mut all.errors);
                        rendered.show(span, list)
                    }
                },
                Place::Many(elements) => {
                    let elements = elements.iter().enumerate().map(|(index, at)| {
                        match at
                            .as_ref()
                            .map_err(Clone::clone)
                            .and_then(|at| spans[*at].clone())
                        {
                            Err(error) => {
                                all.errors.push(FieldError {
                                    value,
                                    path: vec![PathSegment::Index(index)],
                                    pos,
                                    error,
                                });
                                Value::Null
                            }
                            Ok(None) => Value::Null,
                            Ok(Some(span)) => {
                                rendered.errors_of(&span, value, true, index, &mut all.errors);
                                rendered.show(&span, false)
                            }
                        }
                    });
                    Value::List(elements.collect())
                }
            };
            all.values.push(shown);
        }
        all
    }
}

/// Puts a key's targets into the next level and says where they are.
pub(super) fn span(
    targets: Targets,
    shown: &mut Vec<Shared>,
) -> Result<Option<Range<usize>>, Error> {
    targets.map(|found| {
        found.map(|found| {
            let start = shown.len();
            shown.extend(found);
            start..shown.len()
        })
    })
}
