// urql, which asks by GET and adds no header of its own that a page of another site could not send.

import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { CALLER } from './wire.mjs';

function client(wire, { exchanges = [], headers = CALLER, ...options } = {}) {
  return new Client({
    url: wire.url,
    fetch: wire.fetch,
    fetchOptions: { headers },
    exchanges: [...exchanges, fetchExchange],
    requestPolicy: 'network-only',
    ...options,
  });
}

async function names(urql, query) {
  const { data, error } = await urql.query(query, { first: 2 });
  if (error) throw error;
  equal(data.customers.nodes.length, 2);
  return data.customers.nodes;
}

const fresh = (name) => `query ${name}($first: Int!) { customers(first: $first) { nodes { id name } } }`;

async function textsByGet(wire) {
  const urql = client(wire, { headers: {} });
  const { data } = await urql.query('query { __typename }', {});
  deepEqual(data, { __typename: 'Query' });
  deepEqual(wire.last.headers, ['accept']);
  deepEqual(wire.take(), ['GET text']);
}

async function hashesByGet(wire, unique) {
  const persisted = persistedExchange({ preferGetForPersistedQueries: true });
  const urql = client(wire, { exchanges: [persisted] });
  const query = fresh(`UrqlGet${unique}`);
  const first = await names(urql, query);
  deepEqual(wire.take(), ['GET hash: PERSISTED_QUERY_NOT_FOUND', 'GET text+hash']);
  deepEqual(await names(urql, query), first);
  deepEqual(wire.last.headers.sort(), ['accept', ...Object.keys(CALLER)].sort());
  match(wire.last.cacheControl, /^private, (max-age=[1-9]|no-cache)/);
  ok(wire.last.etag);
  deepEqual(wire.take(), ['GET hash']);
}

async function hashesByPost(wire, unique) {
  const persisted = persistedExchange({ preferGetForPersistedQueries: false, enableForMutation: true });
  const urql = client(wire, { exchanges: [persisted] });
  const query = fresh(`UrqlPost${unique}`);
  const [{ id, name }] = await names(urql, query);
  deepEqual(wire.take(), ['POST hash: PERSISTED_QUERY_NOT_FOUND', 'POST text+hash']);
  const mutation = `mutation Urql${unique}($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) { customer { name } }
  }`;
  const { data } = await urql.mutation(mutation, { input: { customerId: id, name: `${name} once more` } });
  equal(data.updateCustomer.customer.name, `${name} once more`);
  deepEqual(wire.take(), ['POST hash: PERSISTED_QUERY_NOT_FOUND', 'POST text+hash']);
}

async function idsOfTheManifest(wire, { manifest }) {
  const id = (name) => manifest.operations.find((operation) => operation.name === name).id;
  // What a build leaves of a document in the client. Only urql in production does without the rest.
  process.env.NODE_ENV = 'production';
  const document = (name) => ({ kind: 'Document', definitions: [], documentId: id(name) });
  const urql = client(wire);
  const [customer] = await names(urql, document('CustomerNames'));
  deepEqual(wire.take(), ['GET id']);
  const { data } = await urql.mutation(document('RenameCustomer'), {
    input: { customerId: customer.id, name: `${customer.name}!` },
  });
  equal(data.updateCustomer.customer.name, `${customer.name}!`);
  deepEqual(wire.take(), ['POST id']);
}

// Relay leaves to the app how it asks, so that urql may stand for it.
async function idsOfRelay(wire, { manifest }) {
  const listed = Object.entries(manifest).filter(([, text]) => text.startsWith('query CustomerListQuery('));
  equal(listed.length, 1);
  const [[documentId]] = listed;
  process.env.NODE_ENV = 'production';
  const document = { kind: 'Document', definitions: [], documentId };
  const { data, error } = await client(wire).query(document, { count: 2 });
  equal(error, undefined);
  equal(data.customers.edges.length, 2);
  deepEqual(wire.take(), ['GET id']);
}

async function nothingElse(wire, { unique, operatorKey }) {
  const query = fresh(`UrqlOther${unique}`);
  const refused = await client(wire).query(query, { first: 2 });
  equal(refused.data, undefined);
  deepEqual(wire.take(), ['GET text: QUERY_NOT_IN_SAFELIST']);
  const hashed = client(wire, { exchanges: [persistedExchange()] });
  ok((await hashed.query(query, { first: 2 })).error);
  // The client does not go on to send the text.
  deepEqual(wire.take(), ['GET hash: PERSISTED_QUERY_NOT_IN_LIST']);
  await names(client(wire, { headers: { ...CALLER, 'haulgraph-operator-key': operatorKey } }), query);
  deepEqual(wire.take(), ['GET text']);
}

export const automatic = { textsByGet, hashesByGet, hashesByPost };
export const trusted = { idsOfTheManifest, nothingElse };
export const trustedOfRelay = { idsOfRelay, nothingElse };
