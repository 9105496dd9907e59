// What the project promises about every type and no ready-made rule checks.

import { buildSchema, getNamedType, isInterfaceType, isObjectType, isScalarType, isSpecifiedScalarType } from 'graphql';
import { SCALARS } from './scalars.mjs';

const GLOBAL_ID = 'ID!';

// A Node can be read by its id. These are listed page by page, and no upstream reads a single one.
const PAGED_WITHOUT_ID = ['DiscoverySupplier'];

export async function contract({ sdl }) {
  const schema = buildSchema(sdl);
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const scalars = types.filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
  const nodes = types.filter((type) => isObjectType(type) && implementsNode(type));
  const problems = [
    ...scalars.flatMap(scalarProblems),
    ...types.filter((type) => isObjectType(type) || isInterfaceType(type)).flatMap(idProblems),
    ...types.filter((type) => isObjectType(type) && type.name.endsWith('Edge')).flatMap(edgeProblems),
  ];
  if (scalars.length === 0) problems.push('the schema has no custom scalars');
  if (nodes.length === 0) problems.push('no type implements Node');
  return { seen: `${types.length} types, ${scalars.length} custom scalars, ${nodes.length} nodes`, problems };
}

function scalarProblems({ name, specifiedByURL }) {
  const problems = [];
  if (!/^https:\/\//.test(specifiedByURL ?? '')) problems.push(`scalar ${name} has no @specifiedBy`);
  if (!(name in SCALARS)) problems.push(`scalar ${name} is not in scalars.mjs`);
  return problems;
}

// Clients keep objects by `id`: it has to be there, and global, where and only where a type is a Node. An upstream's
// own key, unique for one kind of object only, must not be called `id`.
function idProblems(type) {
  const id = type.getFields().id;
  if (id && String(id.type) !== GLOBAL_ID) return [`${type.name}.id is ${id.type}, not ${GLOBAL_ID}`];
  if (id && type.name !== 'Node' && !implementsNode(type)) return [`${type.name} has an id and is no Node`];
  return [];
}

function edgeProblems(edge) {
  const node = getNamedType(edge.getFields().node?.type);
  if (!node || implementsNode(node) || PAGED_WITHOUT_ID.includes(node.name)) return [];
  return [`${edge.name}.node is a ${node.name}, which is no Node`];
}

function implementsNode(type) {
  return type.getInterfaces().some(({ name }) => name === 'Node');
}
