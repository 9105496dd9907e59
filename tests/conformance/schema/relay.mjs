// relay-compiler over the operations, as modules of an app that uses Relay.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import compiler from 'relay-compiler';
import { parse } from 'graphql';
import { SCALARS } from './scalars.mjs';

export async function relay({ sdl, documents }) {
  const directory = await mkdtemp(join(tmpdir(), 'schema-relay-'));
  try {
    const definitions = await writeApp(directory, sdl, documents);
    const { failure, output } = await compile(directory);
    const artifacts = failure ? [] : await readdir(join(directory, 'artifacts'));
    const problems = failure ? [output.replaceAll(`${directory}/`, '')] : [];
    // A compiler that found no sources has nothing to object to.
    if (!failure && artifacts.length < definitions) {
      problems.push(`${definitions} definitions gave ${artifacts.length} artifacts`);
    }
    return { seen: `${definitions} operations and fragments, ${artifacts.length} artifacts`, problems };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function writeApp(directory, sdl, documents) {
  const config = {
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
