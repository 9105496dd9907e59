//! Relay pages: `first` and `after` in, a connection out.

use std::sync::{Arc, OnceLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    declare::{ArgumentDecl, Call, Entity, Erased, Graph, LinkTarget},
    error::Error,
    leaf::Id,
};
use crate::{ids::InvalidId, upstream::walk::Page};

/// Page size when the caller names none.
const DEFAULT_FIRST: i32 = 25;
/// Largest page size.
const MAX_FIRST: i32 = 100;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// How many items.
    pub first: usize,
    /// The cursor of the item before the first one, decoded.
    pub after: Option<String>,
}

/// The arguments `first` and `after`.
pub fn page_arguments() -> [ArgumentDecl; 2] {
    [
        ArgumentDecl::new::<Option<i32>>("first", "How many items to return at most: 1 to 100.")
            .default(DEFAULT_FIRST),
        ArgumentDecl::new::<Option<String>>(
            "after",
            "Return the items after this cursor, which is the `endCursor` of the page before.",
        ),
    ]
}

/// Reads the arguments `first` and `after`.
///
/// # Errors
/// `first` is out of bounds, or `after` is no cursor.
pub fn page_request(call: &Call<'_>) -> Result<PageRequest, Error> {
    let first = call.arguments.find::<i32>("first").unwrap_or(DEFAULT_FIRST);
    if !(1..=MAX_FIRST).contains(&first) {
        return Err(Error::argument(
            &["first"],
            format!("`first` must be between 1 and {MAX_FIRST}."),
        ));
    }
    let after = call
        .arguments
        .find::<String>("after")
        .map(|cursor| decode(&cursor))
        .transpose()?;
    Ok(PageRequest {
        first: usize::try_from(first).unwrap_or(1),
        after,
    })
}

/// The page size and the key of the item before the first one, which `read` reads.
///
/// # Errors
/// See [`page_request`]; or the cursor is another list's.
pub fn keyed_request<K>(
    call: &Call<'_>,
    read: fn(&str) -> Result<K, InvalidId>,
) -> Result<(usize, Option<K>), Error> {
    let request = page_request(call)?;
    let after = request
        .after
        .map(|after| read(&after).map_err(|_| not_a_cursor()));
    Ok((request.first, after.transpose()?))
}

/// The page size and the offset of the first item, for lists that are paged by offset.
///
/// # Errors
/// See [`page_request`]; or the cursor is another list's.
pub fn offset_request(call: &Call<'_>) -> Result<(usize, usize), Error> {
    let request = page_request(call)?;
    let offset = match &request.after {
        None => 0,
        Some(after) => after
            .parse::<usize>()
            .map_err(|_| not_a_cursor())?
            .saturating_add(1),
    };
    Ok((request.first, offset))
}

fn decode(cursor: &str) -> Result<String, Error> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("after:").map(str::to_owned))
        .ok_or_else(not_a_cursor)
}

fn encode(cursor: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{cursor}"))
}

/// What is wrong with a cursor that this list did not give out.
pub fn not_a_cursor() -> Error {
    Error::argument(&["after"], "`after` is not a cursor of this list.")
}

/// An edge of a page.
pub struct Edge<T> {
    cursor: String,
    node: Arc<T>,
}

/// A page as the connection types show it. Its cursors are only written for those who select them.
pub struct Connection<T> {
    page: Arc<Page<T>>,
    edges: OnceLock<Vec<Edge<T>>>,
    info: OnceLock<PageInfo>,
}

/// Where a page lies in its list.
pub struct PageInfo {
    start: Option<String>,
    end: Option<String>,
    has_next: bool,
    has_previous: bool,
}

impl<T> Connection<T> {
    /// The connection that shows `page`.
    pub fn of(page: &Arc<Page<T>>) -> Arc<Self> {
        Arc::new(Self {
            page: Arc::clone(page),
            edges: OnceLock::new(),
            info: OnceLock::new(),
        })
    }

    fn edges(&self) -> &[Edge<T>] {
        let edge = |(cursor, node): (String, &Arc<T>)| Edge {
            cursor: encode(&cursor),
            node: Arc::clone(node),
        };
        self.edges.get_or_init(|| {
            let nodes = &self.page.items;
            self.page.cursors().zip(nodes).map(edge).collect()
        })
    }

    fn info(&self) -> &PageInfo {
        let page = &self.page;
        let cursor = |at| page.cursor(at).as_deref().map(encode);
        self.info.get_or_init(|| PageInfo {
            start: cursor(0),
            end: page.items.len().checked_sub(1).and_then(cursor),
            has_next: page.has_next,
            has_previous: page.has_previous,
        })
    }
}

/// What a page type is called and what it holds.
pub struct PageNames {
    /// The connection type, such as `CustomerConnection`.
    pub connection: &'static str,
    /// The edge type, such as `CustomerEdge`.
    pub edge: &'static str,
    /// The plural for descriptions, such as "customers".
    pub plural: &'static str,
    /// When `totalCount` is null.
    pub total: &'static str,
}

/// Declares the connection and edge types over `T`.
pub fn declare_page<T: Send + Sync + 'static>(
    graph: &mut Graph,
    names: PageNames,
    node: &'static str,
) {
    declare_page_of::<T>(graph, names, || node.into());
}

/// As [`declare_page`], for nodes of an interface.
pub fn declare_page_of<T: Send + Sync + 'static>(
    graph: &mut Graph,
    names: PageNames,
    node: impl Fn() -> LinkTarget,
) {
    let describe = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let plural = names.plural;
    graph.entity(
        Entity::<Edge<T>>::new(
            names.edge,
            describe(format!("One of the {plural} of a page, with its cursor.")),
        )
        .field(
            "cursor",
            "Where this item is in the list, for `after`.",
            |edge| edge.cursor.clone(),
        )
        .shared("node", node(), "The item.", |edge| &edge.node),
    );
    graph.entity(
        Entity::<Connection<T>>::new(names.connection, describe(format!("A page of {plural}.")))
            .shared_objects("nodes", node(), "The items of the page.", |page| {
                &page.page.items
            })
            .objects(
                "edges",
                names.edge,
                "The items of the page with their cursors.",
                Connection::edges,
            )
            .object(
                "pageInfo",
                "PageInfo",
                "Where the page lies in the list.",
                Connection::info,
            )
            .field("totalCount", names.total, |page| {
                page.page.total.and_then(|total| i32::try_from(total).ok())
            }),
    );
}

/// Declares `PageInfo`.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<PageInfo>::new(
            "PageInfo",
            "Where a page lies in its list. Pages are read forwards.",
        )
        .field(
            "hasNextPage",
            "Whether there are more items after this page.",
            |info| info.has_next,
        )
        .field(
            "hasPreviousPage",
            "Whether the page was asked for with `after`, so that there are items before it.",
            |info| info.has_previous,
        )
        .field(
            "startCursor",
            "The cursor of the first item; null on an empty page.",
            |info| info.start.clone(),
        )
        .field(
            "endCursor",
            "The cursor of the last item, for the `after` of the next page; null on an empty page.",
            |info| info.end.clone(),
        ),
    );
}

/// An erased value's own type, for tests of declarations.
pub type Value = Erased;

/// Shows `id` and `upstreamId`, which every entity has.
pub fn with_ids<V: Send + Sync + 'static>(
    entity: Entity<V>,
    global: fn(&V) -> String,
    upstream: fn(&V) -> String,
    whose: &'static str,
) -> Entity<V> {
    entity
        .field("id", "Opaque id of this object in the whole graph; `node(id:)` and the root fields by id take it.", move |value| Id(global(value)))
        .field("upstreamId", whose, move |value| Id(upstream(value)))
}
