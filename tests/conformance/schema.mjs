// The schema as a product: what linters, client compilers and code generators that nobody here wrote make of it.
//
//   node schema.mjs [schema file]             one line per check; exit code 1 if any of them fails
//   node schema.mjs --release [schema file]   makes this schema the released one, against which later ones are compared
//
// A check is given the subject below and returns `{ seen, problems }`: what it looked at, and one line per objection.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { changes, release } from './schema/changes.mjs';
import { codegen } from './schema/codegen.mjs';
import { contract } from './schema/contract.mjs';
import { documents } from './schema/documents.mjs';
import { lint } from './schema/lint.mjs';
import { operations } from './schema/operations.mjs';
import { relay } from './schema/relay.mjs';

const CHECKS = { lint, contract, changes, operations, relay, codegen };

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { release: { type: 'boolean', default: false } },
});
const schemaFile = positionals[0] ?? here('../../schema.graphql');

// The SDL; the released SDL; the operations of a dispatcher app; the directives of Relay that they use; the app's code.
const subject = {
  sdl: await readFile(schemaFile, 'utf8'),
  releasedFile: here('released.graphql'),
  documents: await documents(),
  clientDirectives: await readFile(here('schema/client.graphql'), 'utf8'),
  appFile: here('schema/dispatcher.ts'),
};

if (options.release) {
  await release(subject);
} else {
  let failed = false;
  for (const [name, check] of Object.entries(CHECKS)) {
    failed = !(await run(name, check)) || failed;
  }
  process.exitCode = failed ? 1 : 0;
}

async function run(name, check) {
  const start = performance.now();
  const { seen, problems } = await check(subject).catch((error) => ({ seen: 'stopped', problems: [error.message] }));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const passed = problems.length === 0;
  const verdict = passed ? `ok ${name}: ${seen}` : `not ok ${name}: ${seen}; ${problems.length} to correct`;
  console.log(`${verdict} (${seconds} s)`);
  for (const problem of problems) {
    console.log(`    ${problem.trim().replaceAll('\n', '\n    ')}`);
  }
  return passed;
}
