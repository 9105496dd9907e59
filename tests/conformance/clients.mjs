// Real clients against a running gateway with a sandbox: one line per check; exit code 1 if any of them fails.
//
//   node clients.mjs <base url>                              hashes in place of texts
//   node clients.mjs <base url> <manifest> <operator key>    documents of a list, where no others are executed
//
// Each check compares what was really sent, so that a client that falls back to sending texts is seen.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as apollo from './clients/apollo.mjs';
import * as urql from './clients/urql.mjs';
import { Wire } from './clients/wire.mjs';

const [base, manifestFile, operatorKey] = process.argv.slice(2);
if (!base) {
  console.error('usage: node clients.mjs <base url> [<manifest> <operator key>]');
  process.exit(2);
}

// What a gateway has not heard of yet, whoever asked it before.
const unique = () => randomUUID().replaceAll('-', '');
const document = (name) => readFile(new URL(`clients/documents/${name}.graphql`, import.meta.url), 'utf8');

let failed = false;
const manifest = manifestFile && JSON.parse(await readFile(manifestFile, 'utf8'));
if (manifest?.format) {
  const names = ['CustomerNames', 'CustomerName', 'RenameCustomer'];
  const texts = await Promise.all(names.map(document));
  const documents = Object.fromEntries(names.map((name, at) => [name, texts[at]]));
  const subject = () => ({ manifest, documents, operatorKey, unique: unique() });
  await run('Apollo Client', apollo.trusted, subject);
  await run('urql', urql.trusted, subject);
} else if (manifest) {
  await run('urql', urql.trustedOfRelay, () => ({ manifest, operatorKey, unique: unique() }));
} else {
  await run('Apollo Client', apollo.automatic, unique);
  await run('urql', urql.automatic, unique);
}
process.exitCode = failed ? 1 : 0;

async function run(client, checks, subject) {
  for (const [name, check] of Object.entries(checks)) {
    const wire = new Wire(base);
    try {
      await check(wire, subject());
      console.log(`ok ${client}: ${name}`);
    } catch (error) {
      failed = true;
      console.log(`not ok ${client}: ${name}: ${error.stack}`);
      console.log(`    sent and not compared: ${wire.take().join(', ') || 'nothing'}`);
    }
  }
}
