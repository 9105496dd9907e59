//! The second half of an execution: the answer is written, field by field, as JSON.
//!
//! Whatever writes a value says whether it wrote one; if not, the value is null and nothing was
//! written, and who asked for it knows what a null means in that place.

use std::ops::Range;

use async_graphql::{PathSegment, Pos, ServerError};

use super::{
    FieldPlan, ObjectPlan, Operation, SourcePlan, TargetPlan,
    load::{Copied, FieldLevel, Level, LinkLevel, ObjectLevel},
};
use crate::graph::{
    batch::Place,
    declare::{Erased, Project, ReadLeaf, Shared},
    error::Error,
    staleness::Label,
};
use crate::upstream::StaleReading;

/// What an operation's answer says.
pub struct Written {
    /// The value of `data`, as JSON.
    pub data: Vec<u8>,
    /// The errors, in no particular order.
    pub errors: Vec<ServerError>,
    /// What in it is stale.
    pub labels: Vec<Label>,
}

/// So many stale values are labelled; a list of more says no more.
const MAX_LABELS: usize = 100;

const NULL: &[u8] = b"null";

/// Writes an answer that is likely to be so long.
pub(super) fn operation(operation: &Operation, level: &ObjectLevel, length: usize) -> Written {
    let mut writer = Writer {
        out: Vec::with_capacity(length),
        ..Writer::default()
    };
    if !writer.object(&operation.root, level, 0, &()) {
        writer.out.extend_from_slice(NULL);
    }
    Written {
        data: writer.out,
        errors: writer.errors,
        labels: writer.labels,
    }
}

#[derive(Default)]
pub(super) struct Writer<'p> {
    out: Vec<u8>,
    /// Where the value stands that is being written.
    path: Vec<Step<'p>>,
    errors: Vec<ServerError>,
    labels: Vec<Label>,
    /// How often something written was taken back.
    cuts: usize,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Field(&'p str),
    Index(usize),
}

impl From<Step<'_>> for PathSegment {
    fn from(step: Step<'_>) -> Self {
        match step {
            Step::Field(name) => Self::Field(name.to_owned()),
            Step::Index(index) => Self::Index(index),
        }
    }
}

impl<'p> Writer<'p> {
    /// The value number `at` of a level.
    fn target(&mut self, plan: &'p TargetPlan, level: &Level, at: usize, value: &Erased) -> bool {
        match (plan, level) {
            (TargetPlan::Object(plan), Level::Object(level)) => self.object(plan, level, at, value),
            (TargetPlan::Object(plan), _) => self.object(plan, ObjectLevel::NOTHING, at, value),
            (TargetPlan::Interface { object_type, types }, level) => {
                let name = object_type(value);
                let Some(ty) = types.iter().position(|(known, _)| *known == name) else {
                    return false;
                };
                let plan = &types[ty].1;
                match level {
                    Level::Interface { places, types } => {
                        self.object(plan, &types[ty], places[at].1, value)
                    }
                    _ => self.object(plan, ObjectLevel::NOTHING, at, value),
                }
            }
        }
    }

    /// An object. A required field without a value makes it null; its other fields still tell
    /// their errors.
    fn object(
        &mut self,
        plan: &'p ObjectPlan,
        level: &ObjectLevel,
        at: usize,
        value: &Erased,
    ) -> bool {
        let start = self.out.len();
        let mut is_null = false;
        for (_, reading) in level.stale.iter().filter(|(value, _)| *value == at) {
            self.label(*reading);
        }
        self.out.push(b'{');
        let mut early = at * plan.early;
        for (number, field) in plan.fields.iter().enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&field.key);
            self.path.push(Step::Field(&field.name));
            let known = self.errors.len();
            let written = field.early.then(|| level.early.find(early)).flatten();
            early += usize::from(field.early);
            let has_value = match written {
                Some(written) => self.copy_early(written),
                None => self.field(field, level, number, at, value),
            };
            if !has_value {
                if field.required {
                    is_null = true;
                    if self.errors.len() == known {
                        let error = Error::Internal("a required field has no value");
                        self.fail(&error, field.pos);
                    }
                } else {
                    self.out.extend_from_slice(NULL);
                }
            }
            self.path.pop();
        }
        self.out.push(b'}');
        if is_null {
            self.cut(start);
        }
        !is_null
    }

    fn field(
        &mut self,
        field: &'p FieldPlan,
        level: &ObjectLevel,
        number: usize,
        at: usize,
        value: &Erased,
    ) -> bool {
        let loaded = level.fields.get(number);
        match (&field.source, loaded) {
            (SourcePlan::Typename(name), _) => {
                self.out.extend_from_slice(name);
                true
            }
            (SourcePlan::Leaf { read, complete }, _) => match level.wholes.get(at) {
                Some(Some(whole)) if *complete => match whole {
                    Ok(Some(whole)) => self.leaf(read, &**whole),
                    Ok(None) => false,
                    Err(error) => self.fail(error, field.pos),
                },
                _ => self.leaf(read, value),
            },
            (
                SourcePlan::Object {
                    project,
                    list,
                    target,
                },
                Some(FieldLevel::Object { starts, level }),
            ) => self.part(field, project, *list, (target, level, starts[at]), value),
            (
                SourcePlan::Object {
                    project,
                    list,
                    target,
                },
                _,
            ) => self.part(field, project, *list, (target, &Level::Nothing, 0), value),
            (SourcePlan::Link { list, target, .. }, Some(FieldLevel::Link(link))) => {
                self.link(field, *list, target, link, at)
            }
            (SourcePlan::Mutation { target, .. }, Some(FieldLevel::Mutation(payload))) => {
                match payload {
                    Ok((payload, level)) => self.target(target, level, 0, &**payload),
                    Err(error) => self.fail(error, field.pos),
                }
            }
            (SourcePlan::Link { .. } | SourcePlan::Mutation { .. }, _) => {
                self.fail(&Error::Internal("a link was not loaded"), field.pos)
            }
        }
    }

    fn leaf(&mut self, read: &ReadLeaf, value: &Erased) -> bool {
        let start = self.out.len();
        let has_value = read.write(value, &mut self.out);
        if !has_value {
            // A list may have begun before the item that makes it null.
            self.cut(start);
        }
        has_value
    }

    /// A part of the value, or several. `parts` is what is selected of them, what was loaded for
    /// them, and where they begin in that.
    fn part(
        &mut self,
        field: &'p FieldPlan,
        project: &Project,
        list: bool,
        (plan, level, first): (&'p TargetPlan, &Level, usize),
        value: &Erased,
    ) -> bool {
        let parts = match project(value) {
            Ok(Some(parts)) => parts,
            Ok(None) => return false,
            Err(error) => return self.fail(&error, field.pos),
        };
        if list {
            return self.list(field, parts.len(), |writer, index| {
                writer.target(plan, level, first + index, parts[index])
            });
        }
        let Some(part) = parts.first() else {
            return false;
        };
        self.target(plan, level, first, *part)
    }

    fn link(
        &mut self,
        field: &'p FieldPlan,
        list: bool,
        plan: &'p TargetPlan,
        link: &LinkLevel,
        at: usize,
    ) -> bool {
        match &link.linked.places[at] {
            Place::Nothing => false,
            Place::Refused(error) => self.fail(error, field.pos),
            Place::Found(span) => self.span(field, list, plan, link, *span),
            Place::Many(elements) => self.list(field, elements.len(), |writer, index| {
                match &elements[index] {
                    Ok(span) => writer.span(field, false, plan, link, *span),
                    Err(error) => writer.fail(error, field.pos),
                }
            }),
        }
    }

    /// The targets of one key: written once, then copied.
    fn span(
        &mut self,
        field: &'p FieldPlan,
        list: bool,
        plan: &'p TargetPlan,
        link: &LinkLevel,
        number: usize,
    ) -> bool {
        let (span, copied) = (&link.linked.spans[number], &link.copies[number]);
        let targets = match &span.targets {
            Ok(Some(targets)) => targets.clone(),
            Ok(None) => return false,
            Err(error) => return self.fail(error, field.pos),
        };
        if let Some(written) = link.early.find(number) {
            return self.copy_early(written);
        }
        if let Some(copy) = copied.get().filter(|copy| copy.cuts == self.cuts) {
            return self.copy(copy);
        }
        let (bytes, errors, labels) = (self.out.len(), self.errors.len(), self.labels.len());
        if let Some(reading) = span.stale {
            self.label(reading);
        }
        let (level, targets) = ((&link.level, targets.start), &link.linked.targets[targets]);
        let has_value = self.targets(field, (list, plan), level, targets);
        copied.set(Some(Copied {
            bytes: (bytes, self.out.len()),
            errors: (errors, self.errors.len()),
            labels: (labels, self.labels.len()),
            depth: self.path.len(),
            cuts: self.cuts,
        }));
        has_value
    }

    /// The targets of one key. `level` is what was loaded for all targets, and where these begin in that.
    pub(super) fn targets(
        &mut self,
        field: &'p FieldPlan,
        (list, plan): (bool, &'p TargetPlan),
        (level, first): (&Level, usize),
        targets: &[Shared],
    ) -> bool {
        let target = |writer: &mut Self, at: usize| {
            let target: &Shared = &targets[at];
            writer.target(plan, level, first + at, &**target)
        };
        if list {
            return self.list(field, targets.len(), target);
        }
        !targets.is_empty() && target(self, 0)
    }

    /// Writes a value by itself, and says where it stands; nothing is written if it has errors.
    pub(super) fn apart(&mut self, write: impl FnOnce(&mut Self) -> bool) -> Option<Range<u32>> {
        let start = self.out.len();
        write(self);
        if !self.errors.is_empty() {
            self.errors.clear();
            self.out.truncate(start);
            return None;
        }
        Some(start.try_into().ok()?..self.out.len().try_into().ok()?)
    }

    /// A field for which nothing is loaded.
    pub(super) fn unloaded(&mut self, field: &'p FieldPlan, value: &Erased) -> bool {
        self.field(field, ObjectLevel::NOTHING, 0, 0, value)
    }

    /// All that was written.
    pub(super) fn written(self) -> Vec<u8> {
        self.out
    }

    fn copy_early(&mut self, written: &[u8]) -> bool {
        self.out.extend_from_slice(written);
        !written.is_empty()
    }

    /// Writes what was written before, and tells its errors again, here.
    fn copy(&mut self, copy: Copied) -> bool {
        let (start, end) = copy.bytes;
        self.out.extend_from_within(start..end);
        for known in copy.errors.0..copy.errors.1 {
            let mut error = self.errors[known].clone();
            let below = error.path.split_off(copy.depth);
            error.path = self.path.iter().map(|step| (*step).into()).collect();
            error.path.extend(below);
            self.errors.push(error);
        }
        for known in copy.labels.0..copy.labels.1 {
            let below = self.labels[known].path[copy.depth..].to_vec();
            let reading = self.labels[known].reading;
            self.label_below(reading, below);
        }
        start < end
    }

    /// A list of `count` items. With a null in it, it is null itself if its items are required.
    fn list(
        &mut self,
        field: &FieldPlan,
        count: usize,
        mut item: impl FnMut(&mut Self, usize) -> bool,
    ) -> bool {
        let start = self.out.len();
        let mut is_null = false;
        self.out.push(b'[');
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(index));
            if !item(self, index) {
                is_null |= field.items_required;
                self.out.extend_from_slice(NULL);
            }
            self.path.pop();
        }
        self.out.push(b']');
        if is_null {
            self.cut(start);
        }
        !is_null
    }

    /// Takes back what was written since `start`.
    fn cut(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.truncate(start);
            self.cuts += 1;
        }
    }

    /// Notes that the value here is stale.
    fn label(&mut self, reading: StaleReading) {
        self.label_below(reading, Vec::new());
    }

    fn label_below(&mut self, reading: StaleReading, below: Vec<PathSegment>) {
        if self.labels.len() < MAX_LABELS {
            let mut path: Vec<PathSegment> = self.path.iter().map(|step| (*step).into()).collect();
            path.extend(below);
            self.labels.push(Label { path, reading });
        }
    }

    /// Tells why the value here is null: an error for each argument that is to blame.
    fn fail(&mut self, error: &Error, pos: Pos) -> bool {
        for error in error.each() {
            let path = self.path.iter().map(|step| (*step).into()).collect();
            self.errors.push(error.at_field(path, pos));
        }
        false
    }
}
