// The operations of a dispatcher app, which uses Relay: a module each.

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../operations', import.meta.url));

export async function documents() {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(
    names.map(async (name) => ({
      module: name.slice(0, -'.graphql'.length),
      text: await readFile(`${directory}/${name}`, 'utf8'),
    })),
  );
}
