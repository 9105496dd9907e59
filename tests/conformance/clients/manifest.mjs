// Writes the manifest of the documents beside this, as a build of an Apollo client does:
// node clients/manifest.mjs <file>

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { generatePersistedQueryManifest } from '@apollo/generate-persisted-query-manifest';

const documents = fileURLToPath(new URL('documents/*.graphql', import.meta.url));
const manifest = await generatePersistedQueryManifest({ documents });
await writeFile(process.argv[2], JSON.stringify(manifest, null, 2));
