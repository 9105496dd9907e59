// Apollo Server 5, standalone, with its cache of parsed documents and nothing that slows it.
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { context, resolvers } from './resolvers.mjs';

const server = new ApolloServer({
  typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  csrfPrevention: false,
  includeStacktraceInErrorResponses: false,
});

await startStandaloneServer(server, {
  context: async ({ req }) => context(req.headers),
  listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
});
