// The operations of a dispatcher app against the schema: validated by graphql-js and by graphql-inspector, and without
// anything that is deprecated.

import { validate as inspect } from '@graphql-inspector/core';
import {
  NoDeprecatedCustomRule,
  Source,
  TypeInfo,
  buildSchema,
  concatAST,
  extendSchema,
  parse,
  specifiedRules,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export async function operations({ sdl, documents, clientDirectives }) {
  const schema = extendSchema(buildSchema(sdl), parse(clientDirectives));
  const sources = documents.map(({ module, text }) => new Source(text, `${module}.graphql`));
  const all = concatAST(sources.map((source) => parse(source)));
  const executable = all.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  const validated = validate(schema, all, [...specifiedRules, NoDeprecatedCustomRule], { maxErrors: Infinity });
  const inspected = inspect(schema, sources).flatMap(({ errors, deprecated }) => [...errors, ...deprecated]);
  // The inspector validates every operation together with its fragments, and finds a fragment's mistakes once for each.
  const known = new Set(validated.map(({ message }) => message));
  const further = inspected.filter(({ message }) => !known.has(message) && known.add(message));
  const problems = [...validated.map(located), ...further.map(({ message }) => message)];
  if (executable.length === 0) problems.push('there are no operations');
  const fragments = all.definitions.length - executable.length;
  const seen = `${executable.length} operations, ${fragments} fragments, ${fields(schema, all)} fields of the schema`;
  return { seen, problems };
}

function fields(schema, document) {
  const used = new Set();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        used.add(`${types.getParentType()}.${types.getFieldDef()?.name}`);
      },
    }),
  );
  return used.size;
}

function located({ message, nodes }) {
  const { source, startToken } = nodes?.[0]?.loc ?? {};
  return startToken ? `${source.name}:${startToken.line}: ${message}` : message;
}
