// Apollo Client, with the link that sends hashes and the one that sends the ids of a manifest.

import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import {
  createPersistedQueryManifestVerificationLink,
  generatePersistedQueryIdsFromManifest,
} from '@apollo/persisted-query-lists';
import { CALLER } from './wire.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

function client(wire, persisted, headers = CALLER) {
  const http = new HttpLink({ uri: wire.url, fetch: wire.fetch, headers });
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([new PersistedQueryLink(persisted), http]),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  });
}

const names = async (apollo, query) => {
  const { data } = await apollo.query({ query, variables: { first: 2 } });
  equal(data.customers.nodes.length, 2);
  return data.customers.nodes;
};

// A document that the gateway has not seen, because nobody has.
const fresh = (name) => gql`
  query ${name}($first: Int!) {
    customers(first: $first) {
      nodes {
        id
        name
      }
    }
  }
`;

async function hashesByPost(wire, unique) {
  const query = fresh(`ApolloPost${unique}`);
  const apollo = client(wire, { sha256 });
  const first = await names(apollo, query);
  deepEqual(wire.take(), ['POST hash: PERSISTED_QUERY_NOT_FOUND', 'POST text+hash']);
  deepEqual(await names(apollo, query), first);
  deepEqual(wire.take(), ['POST hash']);
  // A client that knows nothing finds what another has taught.
  deepEqual(await names(client(wire, { sha256 }), query), first);
  deepEqual(wire.take(), ['POST hash']);
}

async function hashesByGet(wire, unique) {
  const query = fresh(`ApolloGet${unique}`);
  const apollo = client(wire, { sha256, useGETForHashedQueries: true });
  const first = await names(apollo, query);
  const [missed] = wire.exchanges;
  equal(missed.status, 200);
  equal(missed.cacheControl, 'private, no-cache, must-revalidate');
  deepEqual(wire.take(), ['GET hash: PERSISTED_QUERY_NOT_FOUND', 'POST text+hash']);
  deepEqual(await names(apollo, query), first);
  match(wire.last.cacheControl, /^private, (max-age=[1-9]|no-cache)/);
  ok(wire.last.etag);
  deepEqual(wire.take(), ['GET hash']);
}

async function mutationsByPost(wire, unique) {
  const query = fresh(`ApolloNames${unique}`);
  const apollo = client(wire, { sha256, useGETForHashedQueries: true });
  const [{ id, name }] = await names(apollo, query);
  wire.take();
  const mutation = gql`
    mutation Apollo${unique}($input: UpdateCustomerInput!) {
      updateCustomer(input: $input) {
        customer {
          name
        }
      }
    }
  `;
  const variables = { input: { customerId: id, name: `${name} again` } };
  const { data } = await apollo.mutate({ mutation, variables });
  equal(data.updateCustomer.customer.name, `${name} again`);
  deepEqual(wire.take(), ['POST hash: PERSISTED_QUERY_NOT_FOUND', 'POST text+hash']);
}

async function idsOfTheManifest(wire, { manifest, documents }) {
  for (const useGETForHashedQueries of [false, true]) {
    const ids = generatePersistedQueryIdsFromManifest({ loadManifest: async () => manifest });
    const apollo = client(wire, { ...ids, useGETForHashedQueries });
    const unlike = [];
    apollo.setLink(
      createPersistedQueryManifestVerificationLink({
        loadManifest: async () => manifest,
        onVerificationFailed: ({ reason }) => unlike.push(reason),
      }).concat(apollo.link),
    );
    const query = gql(documents.CustomerNames + documents.CustomerName);
    const [{ id, name }] = await names(apollo, query);
    deepEqual(wire.take(), [useGETForHashedQueries ? 'GET hash' : 'POST hash']);
    const mutation = gql(documents.RenameCustomer + documents.CustomerName);
    const variables = { input: { customerId: id, name: `${name}.` } };
    const { data } = await apollo.mutate({ mutation, variables });
    equal(data.updateCustomer.customer.name, `${name}.`);
    deepEqual(wire.take(), ['POST hash']);
    // The client's own judgement: it asks for what the manifest says.
    deepEqual(unlike, []);
  }
}

async function nothingElse(wire, { unique, operatorKey }) {
  const query = fresh(`ApolloOther${unique}`);
  await rejects(names(client(wire, { sha256 }), query), /no trusted document/);
  // The client does not go on to send the text.
  deepEqual(wire.take(), ['POST hash: PERSISTED_QUERY_NOT_IN_LIST']);
  const operator = client(wire, { sha256 }, { ...CALLER, 'haulgraph-operator-key': operatorKey });
  await names(operator, query);
  deepEqual(wire.take(), ['POST hash: PERSISTED_QUERY_NOT_FOUND', 'POST text+hash']);
  await rejects(names(client(wire, { sha256 }), query), /no trusted document/);
}

export const automatic = { hashesByPost, hashesByGet, mutationsByPost };
export const trusted = { idsOfTheManifest, nothingElse };
