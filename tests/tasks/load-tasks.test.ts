// The operator's tasks: what a folder of SLUICE_TASKS may hold, and what is said of a file that is wrong.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { spawnSluice } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { taskFolder } from '../support/tasks.ts';

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice();
});
afterAll(() => sluice.stop());

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const task = (name: string, more = '') =>
  `import { defineTask, Type } from 'sluice/tasks';\nexport default defineTask({ name: '${name}', args: Type.Object({})${more} }, () => 1);\n`;

async function lastWords(files: Record<string, string>): Promise<string> {
  const folder = await taskFolder(files);
  cleanUps.push(() => folder.remove());
  const worker = spawnSluice(['worker'], { env: { ...sluice.env, SLUICE_TASKS: folder.path } });
  expect((await worker.exited).code).toBe(1);
  return worker.output();
}

it.each([
  [
    'has no task',
    { 'empty.mjs': 'export const a = 1;' },
    /empty\.mjs of SLUICE_TASKS has no task as its default export/,
  ],
  ['is wrong', { 'broken.ts': 'export default {{{' }, /broken\.ts of SLUICE_TASKS cannot be loaded/],
  [
    'takes a name of Sluice',
    { 'add.ts': task('add') },
    /defines the task "add", which is the name of a task of Sluice too/,
  ],
  [
    'takes a name twice',
    { 'a.ts': task('same'), 'b.ts': task('same') },
    /b\.ts of SLUICE_TASKS defines the task "same", which is the name of the task in .*a\.ts too/,
  ],
  ['has a bad queue', { 'q.mjs': task('q', ", queue: 'imports'") }, /The task "q" has the queue "imports"/],
  ['has a bad duration', { 'd.mjs': task('d', ", timeLimit: '5 min'") }, /"5 min" is no duration/],
])('a file that %s keeps the worker from starting, with the reason', async (_what, files, message) => {
  expect(await lastWords(files)).toMatch(message);
});
