// Runs the audits of the reference implementation of GraphQL over HTTP against a running gateway:
// node graphql-http.mjs <base url>
import { auditServer } from 'graphql-http';

const base = process.argv[2];
if (!base) {
  console.error('usage: node graphql-http.mjs <base url>');
  process.exit(2);
}

const results = await auditServer({ url: new URL('/graphql', base).toString(), fetchFn: fetch });
const failures = results.filter(({ status }) => status !== 'ok');
for (const { id, name, reason } of failures) {
  console.log(`${id} ${name}: ${reason}`);
}
console.log(`${results.length - failures.length} of ${results.length} audits passed`);
// A suite that lost its audits has checked nothing.
process.exitCode = failures.length === 0 && results.length >= 61 ? 0 : 1;
