// graphql-codegen's client preset over the operations, and TypeScript over what comes out of it together with the
// code of an app that uses it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { executeCodegen } from '@graphql-codegen/cli';
import { preset } from '@graphql-codegen/client-preset';
import ts from 'typescript';
import { SCALARS } from './scalars.mjs';

const COMPILER_OPTIONS = {
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts'],
  types: [],
};

export async function codegen({ sdl, documents, clientDirectives, appFile }) {
  // Beside the app, where its imports look for it; nothing is written there.
  const generatedDirectory = join(dirname(appFile), 'generated');
  const files = await generated({ sdl, documents, clientDirectives }, generatedDirectory);
  const program = ts.createProgram([appFile, ...files.keys()], COMPILER_OPTIONS, host(files));
  const problems = ts.getPreEmitDiagnostics(program).map(problem);
  const lines = [...files.values()].reduce((sum, content) => sum + content.split('\n').length, 0);
  return { seen: `${files.size} generated files with ${lines} lines, and ${basename(appFile)}`, problems };
}

async function generated({ sdl, documents, clientDirectives }, into) {
  const directory = await mkdtemp(join(tmpdir(), 'schema-codegen-'));
  try {
    await writeFile(join(directory, 'schema.graphql'), sdl);
    await writeFile(join(directory, 'client.graphql'), clientDirectives);
    for (const { module, text } of documents) {
      await writeFile(join(directory, `${module}.document.graphql`), text);
    }
    const { result, error } = await executeCodegen({
      silent: true,
      schema: [join(directory, 'schema.graphql'), join(directory, 'client.graphql')],
      documents: join(directory, '*.document.graphql'),
      generates: {
        [`${into}/`]: {
          preset,
          presetConfig: { fragmentMasking: { unmaskFunctionName: 'readFragment' } },
          config: { scalars: SCALARS, strictScalars: true, dedupeOperationSuffix: true, useTypeImports: true },
        },
      },
    });
    if (error) throw new Error(error.message.replaceAll(`${directory}/`, ''));
    return new Map(result.map(({ filename, content }) => [filename, content]));
  } finally {
    await rm(directory, { recursive: true });
  }
}

// The file system with the generated files laid over it.
function host(files) {
  const disk = ts.createCompilerHost(COMPILER_OPTIONS);
  return {
    ...disk,
    directoryExists: (path) => disk.directoryExists(path) || [...files.keys()].some((name) => dirname(name) === path),
    fileExists: (name) => files.has(name) || disk.fileExists(name),
    readFile: (name) => files.get(name) ?? disk.readFile(name),
    getSourceFile: (name, ...options) =>
      files.has(name) ? ts.createSourceFile(name, files.get(name), ...options) : disk.getSourceFile(name, ...options),
  };
}

function problem({ file, start, messageText }) {
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (!file) return text;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${basename(file.fileName)}:${line + 1}: ${text}`;
}
