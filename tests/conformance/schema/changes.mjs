// graphql-inspector's comparison with the schema of the last release.

import { readFile, writeFile } from 'node:fs/promises';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const HEADER = `# The schema of the last release, against which the current one is compared.
# Replaced at a release, and only then, by \`node tests/conformance/schema.mjs --release\`.
`;

export async function changes({ sdl, releasedFile }) {
  const released = buildSchema(await readFile(releasedFile, 'utf8'));
  const found = await diff(released, buildSchema(sdl));
  const breaking = found.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  const dangerous = found.filter(({ criticality }) => criticality.level === CriticalityLevel.Dangerous);
  const counts = `${dangerous.length} of them dangerous, ${breaking.length} breaking`;
  return {
    seen: `${found.length} changes since the last release, ${counts}`,
    problems: breaking.map(({ message }) => message),
  };
}

export async function release({ sdl, releasedFile }) {
  buildSchema(sdl);
  await writeFile(releasedFile, HEADER + sdl);
}
