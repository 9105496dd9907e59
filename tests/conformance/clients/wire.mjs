// What a client really sends, and what it is answered.

import { equal } from 'node:assert/strict';

// A caller of the sandbox, with the headers that carry its identity.
export const CALLER = { authorization: 'Bearer sandbox-dispatcher', 'x-tenant-id': '34' };

// A `fetch` that goes to the gateway at `base` and notes every exchange.
export class Wire {
  exchanges = [];

  constructor(base) {
    this.url = new URL('/graphql', base).toString();
  }

  fetch = async (url, options = {}) => {
    const response = await fetch(url, options);
    const method = options.method ?? 'GET';
    const parameters = method === 'GET' ? fromUrl(url) : JSON.parse(options.body);
    this.exchanges.push({
      kind: `${method} ${named(parameters)}`,
      headers: [...new Headers(options.headers).keys()],
      status: response.status,
      cacheControl: response.headers.get('cache-control'),
      etag: response.headers.get('etag'),
      code: (await response.clone().json()).errors?.[0]?.extensions?.code,
    });
    return response;
  };

  // Forgets what was exchanged, and gives it as lines.
  take() {
    return this.exchanges.splice(0).map(({ kind, code }) => (code ? `${kind}: ${code}` : kind));
  }

  get last() {
    return this.exchanges.at(-1);
  }
}

function fromUrl(url) {
  const parameters = Object.fromEntries(new URL(url).searchParams);
  return { ...parameters, extensions: JSON.parse(parameters.extensions ?? '{}') };
}

// By what a request says which document it means: text, hash, id.
function named({ query, documentId, extensions }) {
  const { version, sha256Hash } = extensions?.persistedQuery ?? {};
  if (sha256Hash) equal(version, 1);
  const names = { text: query, hash: sha256Hash, id: documentId };
  return Object.keys(names)
    .filter((name) => names[name])
    .join('+');
}
