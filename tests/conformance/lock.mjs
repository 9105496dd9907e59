// Takes the addresses out of the lock file that npm puts there for fund-raising: it names versions and checksums, and
// no host. `npm run lock` does this after an update.

import { readFile, writeFile } from 'node:fs/promises';

const file = new URL('package-lock.json', import.meta.url);
const lock = JSON.parse(await readFile(file, 'utf8'));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
}
const text = `${JSON.stringify(lock, null, 2)}\n`;
await writeFile(file, text);
if (text.includes('://')) {
  console.error('package-lock.json still names a host');
  process.exitCode = 1;
}
