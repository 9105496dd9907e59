// Hive Gateway. Its own REST sources are generated from descriptions that these APIs do not have and
// cannot group the rows of a customer, so it answers with additional resolvers over the same calls.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parse } from 'graphql';
import { createGatewayRuntime } from '@graphql-hive/gateway';
import { context, resolvers } from './resolvers.mjs';

const contexts = new WeakMap();

const contextOf = ({ request }) => {
  let known = contexts.get(request);
  if (!known) {
    known = context(Object.fromEntries(request.headers));
    contexts.set(request, known);
  }
  return known;
};

const over = (resolve) => (parent, args, gateway, info) => resolve(parent, args, contextOf(gateway), info);

const mapped = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));

const gateway = createGatewayRuntime({
  subgraph: () => parse(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8')),
  additionalResolvers: mapped(resolvers, (fields) => mapped(fields, over)),
  logging: false,
  landingPage: false,
  graphiql: false,
});

createServer(gateway).listen(Number(process.env.PORT), '127.0.0.1');
