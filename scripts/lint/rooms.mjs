// The rule `sluice/rooms`: which folder of src/ may import which (docs/how-it-works.md has the same table for people).
// An oxlint plugin, because built-in rules match the text of a specifier and cannot tell src/tasks from src/db/tasks.
import path from 'node:path';

const SHARED = ['errors.ts', 'logger.ts', 'lean-start.ts', 'package-files.ts', 'thread-pool.ts', 'tracing'];
const STORES = ['core', 'storage', 'db', 'queue', ...SHARED];

/** Folders of src/ by what they may import of the others. A folder that is not here may import anything: it puts parts together. */
const MAY_IMPORT = {
  core: ['errors.ts'],
  config: ['core', 'errors.ts'],
  storage: ['core', ...SHARED],
  db: ['core', ...SHARED],
  queue: ['core', ...SHARED],
  outside: ['core', ...SHARED],
  tracing: ['errors.ts', 'version.ts'],
  intake: STORES,
  outcome: STORES,
  tasks: [...STORES, 'outside', 'intake', 'outcome'],
  api: [...STORES, 'outside', 'intake', 'outcome'],
  worker: [...STORES, 'outside', 'intake', 'outcome', 'tasks'],
};

/** Of these only types: whoever makes the process reads the settings. */
const TYPES_ONLY = ['config'];

/** core/ is values in, values out. */
const IMPURE =
  /^(node:(?!(buffer|crypto|util|zlib)$)|pg\b|pg-|ioredis|bullmq|fastify|@fastify\/|drizzle-orm)/;

/** Libraries that belong to one folder, so that all that speaks to a server is in one place. */
const HOMES = [
  { library: /^bullmq$/, folders: ['queue', 'worker'] },
  { library: /^(fastify|@fastify\/)/, folders: ['api'] },
  { library: /^@opentelemetry\//, folders: ['tracing'] },
];

/** Files that put the parts of their process together. */
const ENTRIES = new Set(['api/main.ts', 'worker/main.ts', 'worker/slots/slot.ts']);

function problemOf(file, specifier, isType) {
  const room = file.split('/')[0];
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined || ENTRIES.has(file)) return null;
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier).split('/')[0];
    if (target === room || allowed.includes(target)) return null;
    if (TYPES_ONLY.includes(target) && room !== 'core')
      return isType ? null : `src/${room} may import only types of src/${target}.`;
    return `src/${room} may not import src/${target}. It may import: ${allowed.join(', ')}.`;
  }
  if (room === 'core' && IMPURE.test(specifier)) return `src/core is pure: it may not import ${specifier}.`;
  const home = HOMES.find(({ library }) => library.test(specifier));
  if (home === undefined || isType || home.folders.includes(room)) return null;
  return `${specifier} may be imported only in src/${home.folders.join(' and src/')}.`;
}

const rooms = {
  create(context) {
    const [, file] = context.filename
      .split(path.sep)
      .join('/')
      .split(/\/src\/(.*)$/);
    if (file === undefined) return {};
    const look = (node) => {
      if (node.source == null) return;
      const isType =
        node.importKind === 'type' ||
        node.exportKind === 'type' ||
        (node.specifiers?.length > 0 && node.specifiers.every((each) => each.importKind === 'type'));
      const message = problemOf(file, node.source.value, isType);
      if (message !== null) context.report({ node, message });
    };
    return { ImportDeclaration: look, ExportNamedDeclaration: look, ExportAllDeclaration: look };
  },
};

export default { meta: { name: 'sluice' }, rules: { rooms } };
