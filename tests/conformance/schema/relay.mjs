// relay-compiler over the operations, as modules of an app that uses Relay.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import compiler from 'relay-compiler';
import { parse } from 'graphql';
import { SCALARS } from './scalars.mjs';

export function relay(subject) {
  return inApp(subject, {}, async (directory, definitions, problems) => {
    const artifacts = await readdir(join(directory, 'artifacts'));
    // A compiler that found no sources has nothing to object to.
    if (problems.length === 0 && artifacts.length < definitions) {
      problems.push(`${definitions} definitions gave ${artifacts.length} artifacts`);
    }
    return { seen: `${definitions} operations and fragments, ${artifacts.length} artifacts`, problems };
  });
}

// The list of documents that the compiler writes for servers that trust them: texts by their ids.
export function persisted(subject) {
  return inApp(subject, { persistConfig: { file: './persisted.json' } }, async (directory, _, problems) => {
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return readFile(join(directory, 'persisted.json'), 'utf8');
  });
}

// What `look` makes of the compiled app: its directory, the number of its definitions and the compiler's objections.
async function inApp({ sdl, documents }, settings, look) {
  const directory = await mkdtemp(join(tmpdir(), 'schema-relay-'));
  try {
    const definitions = await writeApp(directory, sdl, documents, settings);
    const { failure, output } = await compile(directory);
    return await look(directory, definitions, failure ? [output.replaceAll(`${directory}/`, '')] : []);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function writeApp(directory, sdl, documents, settings) {
  const config = {
    ...settings,
    src: './src',
    schema: './schema.graphql',
    artifactDirectory: './artifacts',
    language: 'typescript',
    customScalarTypes: SCALARS,
    requireCustomScalarTypes: true,
  };
  await mkdir(join(directory, 'src'));
  await mkdir(join(directory, 'artifacts'));
  await writeFile(join(directory, 'relay.config.json'), JSON.stringify(config));
  await writeFile(join(directory, 'schema.graphql'), sdl);
  // The compiler adds to a list, and begins none.
  await writeFile(join(directory, 'persisted.json'), '{}');
  let count = 0;
  for (const { module, text } of documents) {
    const definitions = parse(text).definitions.map(({ loc }) => text.slice(loc.start, loc.end));
    count += definitions.length;
    const tags = definitions.map((definition) => `graphql\`${definition}\`;\n`);
    await writeFile(join(directory, 'src', `${module}.ts`), tags.join('\n'));
  }
  return count;
}

function compile(directory) {
  return new Promise((resolve) => {
    // Without the caller's environment: the compiler would look for watchman and source control.
    const options = { cwd: directory, env: { NO_COLOR: '1' } };
    execFile(compiler, ['--output', 'quiet-with-errors', 'relay.config.json'], options, (failure, stdout, stderr) =>
      resolve({ failure, output: stdout + stderr || failure?.message }),
    );
  });
}
