//! `Node`: every entity by its global id; and how arguments that are ids are read.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::{BoxFuture, join_all};

use super::{
    batch::{Batch, Linked},
    declare::{ArgumentDecl, Call, Erased, Graph, LinkDecl, LinkSource, Source, Target},
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

/// A node's type and its key in that type's global ids.
type NodeKey = (String, String);

impl AnyNode {
    fn key(&self, Id(text): &Id, path: &[&str]) -> Result<NodeKey, Error> {
        let refuse = |why: &dyn ToString| Error::argument(path, why.to_string());
        let id = GlobalId::decode(text).map_err(|why| refuse(&why))?;
        let source = self
            .sources
            .get(id.kind.as_str())
            .ok_or_else(|| refuse(&format!("There is no type {} with global ids.", id.kind)))?;
        source.check(&id.key).map_err(|why| refuse(&why))?;
        Ok((id.kind, id.key))
    }

    fn keys(&self, call: &Call<'_>) -> Result<Vec<Result<NodeKey, Error>>, Error> {
        let ids: Vec<Id> = call.arguments.get("ids")?;
        if ids.len() > MAX_IDS {
            return Err(Error::argument(
                &["ids"],
                format!("At most {MAX_IDS} ids are read at once."),
            ));
        }
        let ids = ids.iter().enumerate();
        let keys = ids.map(|(at, id)| self.key(id, &["ids", &at.to_string()]));
        Ok(keys.collect())
    }

    /// Asks each type for its own.
    async fn load(&self, session: &Arc<Session>, batch: Batch<NodeKey>) -> Linked {
        let (keys, mut wanted) = batch.split();
        let mut kinds: BTreeMap<String, (Vec<usize>, Vec<String>)> = BTreeMap::new();
        for (at, (kind, key)) in keys.into_iter().enumerate() {
            let (places, own) = kinds.entry(kind).or_default();
            places.push(at);
            own.push(key);
        }
        let loads = kinds.into_iter().filter_map(|(kind, (places, own))| {
            let source = self.sources.get(kind.as_str())?;
            Some(async move { (places, source.load(session, own).await) })
        });
        for (keys, linked) in join_all(loads).await {
            for (key, place) in keys.into_iter().zip(&linked.places) {
                let first = linked.first(place).unwrap_or(Ok(None));
                wanted.found(key, first, |value, targets| targets.push(value));
                if let Some(reading) = linked.staleness(place) {
                    wanted.label(key, reading);
                }
            }
        }
        wanted.linked()
    }
}

impl LinkSource for AnyNode {
    fn follow<'a>(
        &'a self,
        parents: &'a [&'a Erased],
        call: &'a Call<'a>,
    ) -> BoxFuture<'a, Linked> {
        let mut batch = Batch::of(parents.len());
        for _ in parents {
            match self.list {
                true => match self.keys(call) {
                    Ok(keys) => batch.add_keys(keys),
                    Err(error) => batch.add_key(Err(error)),
                },
                false => {
                    let id = call.arguments.get("id");
                    batch.add_key(id.and_then(|id| self.key(&id, &["id"])));
                }
            }
        }
        Box::pin(self.load(call.session, batch))
    }
}
