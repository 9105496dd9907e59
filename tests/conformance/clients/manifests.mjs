// Writes lists of trusted documents, as builds of clients do: apollo.json has the documents beside this, relay.json those
// of the dispatcher app.
//
//   node clients/manifests.mjs <directory>

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { generatePersistedQueryManifest } from '@apollo/generate-persisted-query-manifest';
import { documents } from '../schema/documents.mjs';
import { persisted } from '../schema/relay.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const into = process.argv[2];

const apollo = await generatePersistedQueryManifest({ documents: here('documents/*.graphql') });
await writeFile(`${into}/apollo.json`, JSON.stringify(apollo));

const sdl = await readFile(here('../../../schema.graphql'), 'utf8');
await writeFile(`${into}/relay.json`, await persisted({ sdl, documents: await documents() }));
