//! `Node`: every entity by its global id; and how arguments that are ids are read.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::BoxFuture;

use super::{
    declare::{
        ArgumentDecl, Call, Erased, Graph, LinkDecl, LinkKey, LinkSource, Source, Step, Target,
        Targets,
    },
    error::Error,
    graph,
    leaf::Id,
};
use crate::{
    ids::{GlobalId, InTenant, InvalidId, TenantId, in_tenant, integer},
    upstream::{Calls, Session},
};

/// Name of the interface.
pub const NODE: &str = "Node";

/// Reads the argument `name` as an id of `kind`: a global id, or the upstream's own key, which
/// `own` reads.
///
/// # Errors
/// The text is neither, or a global id of another kind.
pub fn id_argument<K>(
    call: &Call<'_>,
    name: &'static str,
    kind: &[&str],
    global: fn(&str) -> Result<K, InvalidId>,
    own: impl Fn(&str) -> Result<K, Error>,
) -> Result<K, Error> {
    read_id(&call.arguments.get::<Id>(name)?, &[name], kind, global, own)
}

/// As [`id_argument`], for an id that stands at `path` in an input.
///
/// # Errors
/// See [`id_argument`].
pub fn read_id<K>(
    Id(text): &Id,
    path: &[&str],
    kind: &[&str],
    global: fn(&str) -> Result<K, InvalidId>,
    own: impl Fn(&str) -> Result<K, Error>,
) -> Result<K, Error> {
    match GlobalId::decode(text) {
        Ok(id) if kind.contains(&id.kind.as_str()) => {
            global(&id.key).map_err(|why| Error::argument(path, why))
        }
        Ok(id) if graph().nodes.contains_key(id.kind.as_str()) => Err(Error::argument(
            path,
            format!("This is the id of a {}, not of a {}.", id.kind, kind[0]),
        )),
        _ => own(text.trim()).map_err(|error| error.at(path)),
    }
}

/// As [`id_argument`], for a CRO id that is unique inside a tenant; CRO's own id is meant in the
/// caller's tenant.
///
/// # Errors
/// See [`id_argument`]; or the caller names no tenant.
pub fn id_argument_in_tenant(
    call: &Call<'_>,
    name: &'static str,
    kind: &str,
) -> Result<InTenant<i64>, Error> {
    read_id_in_tenant(
        call.session,
        &call.arguments.get::<Id>(name)?,
        &[name],
        kind,
    )
}

/// As [`id_argument_in_tenant`], for an id that stands at `path` in an input.
///
/// # Errors
/// See [`id_argument_in_tenant`].
pub fn read_id_in_tenant(
    session: &Session,
    id: &Id,
    path: &[&str],
    kind: &str,
) -> Result<InTenant<i64>, Error> {
    read_id(id, path, &[kind], in_tenant, |own| {
        let id = integer(own)?;
        Ok(InTenant {
            tenant: own_tenant(session)?,
            id,
        })
    })
}

/// The tenant of the caller's header, for an upstream key that is unique only inside one.
///
/// # Errors
/// The header is missing or malformed.
pub fn own_tenant(session: &Session) -> Result<TenantId, Error> {
    session.tenant().map_err(Error::from)
}

/// Declares `Node` and its root fields, after all entities.
pub fn declare(graph: &mut Graph) {
    graph.interface(NODE, "Anything that has a global id.", &["id"], &[]);
    let sources: Arc<BTreeMap<_, _>> = Arc::new(graph.nodes.clone());
    let field = |list: bool| {
        Source::Link(LinkDecl {
            target: Target::Interface(NODE, object_type),
            list,
            load: Arc::new(AnyNode {
                sources: Arc::clone(&sources),
                list,
            }),
            load_complete: None,
            calls: Calls::PER_KEY,
        })
    };
    let (one, many) = (field(false), field(true));
    graph.query(|query| {
        query
            .add(
                "node",
                "The object with this global id; null if there is none, or none that the caller may see.",
                NODE.to_owned(),
                vec![ArgumentDecl::new::<Id>("id", "A global id: the `id` of any object.")],
                one,
            )
            .add(
                "nodes",
                "The objects with these global ids, in the same order; null where there is none.",
                format!("[{NODE}]!"),
                vec![ArgumentDecl::new::<Vec<Id>>("ids", "Global ids, at most 100.")],
                many,
            )
    });
}

/// The object type of a value that was read by global id.
fn object_type(value: &Erased) -> &'static str {
    let mut nodes = graph().nodes.iter();
    nodes
        .find(|(_, source)| source.is(value))
        .map_or("", |(name, _)| name)
}

/// Most ids of one `nodes` field.
const MAX_IDS: usize = 100;

struct AnyNode {
    sources: Arc<BTreeMap<&'static str, Arc<dyn super::declare::NodeSource>>>,
    list: bool,
}

/// A node's type and its key in that type's own form.
#[derive(PartialEq, Eq, Hash)]
struct NodeKey {
    kind: String,
    key: LinkKey,
}

impl AnyNode {
    fn key(&self, Id(text): &Id, path: &[&str]) -> Result<LinkKey, Error> {
        let refuse = |why: &dyn ToString| Error::argument(path, why.to_string());
        let id = GlobalId::decode(text).map_err(|why| refuse(&why))?;
        let source = self
            .sources
            .get(id.kind.as_str())
            .ok_or_else(|| refuse(&format!("There is no type {} with global ids.", id.kind)))?;
        let key = source.parse(&id.key).map_err(|why| refuse(&why))?;
        Ok(LinkKey::new(NodeKey { kind: id.kind, key }))
    }
}

impl LinkSource for AnyNode {
    fn step(&self, _: &Erased, call: &Call<'_>) -> Result<Step, Error> {
        if !self.list {
            return self.key(&call.arguments.get("id")?, &["id"]).map(Step::Key);
        }
        let ids: Vec<Id> = call.arguments.get("ids")?;
        if ids.len() > MAX_IDS {
            return Err(Error::argument(
                &["ids"],
                format!("At most {MAX_IDS} ids are read at once."),
            ));
        }
        let keys = ids
            .iter()
            .enumerate()
            .map(|(at, id)| self.key(id, &["ids", &at.to_string()]));
        Ok(Step::Keys(keys.collect()))
    }

    fn load<'a>(
        &'a self,
        session: &'a Arc<Session>,
        keys: Vec<LinkKey>,
    ) -> BoxFuture<'a, Vec<Targets>> {
        Box::pin(async move {
            let count = keys.len();
            let mut kinds: BTreeMap<String, (Vec<usize>, Vec<LinkKey>)> = BTreeMap::new();
            for (at, key) in keys
                .into_iter()
                .filter_map(LinkKey::downcast::<NodeKey>)
                .enumerate()
            {
                let (places, own) = kinds.entry(key.kind).or_default();
                places.push(at);
                own.push(key.key);
            }
            let loads = kinds.into_iter().filter_map(|(kind, (places, own))| {
                let source = self.sources.get(kind.as_str())?;
                Some(async move { (places, source.load(session, own).await) })
            });
            let mut all: Vec<Targets> = (0..count).map(|_| Ok(None)).collect();
            for (places, targets) in futures_util::future::join_all(loads).await {
                for (at, found) in places.into_iter().zip(targets) {
                    all[at] = found;
                }
            }
            all
        })
    }
}
