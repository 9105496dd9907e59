// graphql-eslint's recommended rules and its rules for Relay, over the SDL.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import graphqlEslint from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

// The rules know a page by the ending `Connection`. In this schema two types end so because the domain says so, and
// the pages of haulers therefore have another name. The linter is shown what each of them is.
const STAND_INS = { HaulerConnection: 'HaulerLink', TradingConnection: 'TradingLink', HaulerPage: 'HaulerConnection' };

const SPECIFIED_DIRECTIVES = '/^(include|skip|specifiedBy|deprecated|oneOf)$/';

const RULES = {
  ...graphqlEslint.configs['flat/schema-recommended'].rules,
  ...graphqlEslint.configs['flat/schema-relay'].rules,

  // Recommended are only types and root fields. The directives at the end are those of the specification, whose
  // arguments the printer of SDL does not describe.
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      rootField: true,
      DirectiveDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      EnumValueDefinition: true,
      ignoredSelectors: [`DirectiveDefinition[name.value=${SPECIFIED_DIRECTIVES}] > InputValueDefinition`],
    },
  ],
  // Values such as Money or Period have no identity; contract.mjs checks the ids of those types that have one.
  '@graphql-eslint/strict-id-in-types': 'off',
  // Paging is forward only: none of the upstreams can read a list from its end.
  '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
  // Pages have `nodes` beside `edges`, and short lists are lists. That edges lead to a Node is checked by contract.mjs.
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],

  // Fields keep the upstreams' words: `User.username`, `Job.jobGroupId`.
  '@graphql-eslint/no-typename-prefix': 'off',

  // Not among the recommended ones: a mutation takes one `input` of its own type, and returns an object.
  '@graphql-eslint/input-name': ['error', { checkInputType: true, caseSensitiveInputType: false }],
  '@graphql-eslint/no-scalar-result-type-on-mutation': 'error',
};

export async function lint({ sdl }) {
  const directory = await mkdtemp(join(tmpdir(), 'schema-lint-'));
  try {
    const file = join(directory, 'schema.graphql');
    await writeFile(file, disguise(sdl));
    const [{ messages }] = await new ESLint({
      cwd: directory,
      overrideConfigFile: true,
      overrideConfig: {
        files: ['**/*.graphql'],
        plugins: { '@graphql-eslint': graphqlEslint },
        languageOptions: {
          parser: graphqlEslint.parser,
          parserOptions: { graphQLConfig: { schema: file } },
        },
        rules: RULES,
      },
    }).lintFiles([file]);
    const on = Object.values(RULES).filter((rule) => rule !== 'off').length;
    return { seen: `${on} rules over ${sdl.split('\n').length} lines`, problems: messages.map(problem) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function problem({ line, message, ruleId }) {
  const [rule] = /[^/]*$/.exec(ruleId ?? 'parser');
  return `line ${line}: ${undisguise(message)} [${rule}]`;
}

function disguise(text) {
  return replaceWords(text, STAND_INS);
}

function undisguise(text) {
  return replaceWords(text, Object.fromEntries(Object.entries(STAND_INS).map(([name, standIn]) => [standIn, name])));
}

function replaceWords(text, words) {
  return text.replace(/\w+/g, (word) => (Object.hasOwn(words, word) ? words[word] : word));
}
