// What Sluice adds to piscina's pools: none hangs, and none ends the process, when a thread is ended by an error.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { ThreadPool } from '../src/thread-pool.ts';
import { temporaryFolder } from './support/temp-folder.ts';

/** Answers at once, or fails without an answer. */
const THREAD = `
  export default (what) => {
    if (what === 'answer') return what;
    setTimeout(() => { throw new Error('it has failed'); }, 20);
    return new Promise(() => undefined);
  };`;

async function openPool(atStart = '') {
  const filename = join(temporaryFolder(), 'thread.mjs');
  await writeFile(filename, atStart + THREAD);
  const said: string[] = [];
  const logger = pino({}, { write: (line: string) => void said.push(line) });
  const pool = new ThreadPool<string, string>({ filename, maxThreads: 1 }, 'a thread of the test', logger);
  onTestFinished(() => pool.destroy());
  return { pool, said };
}

it('work that waits for a thread that is ended has another one', async () => {
  const { pool } = await openPool();
  // As all who call it: with a signal, and without.
  const { signal } = new AbortController();
  const ended = pool.run('fail');
  const waiting = [pool.run('answer', { signal }), pool.run('answer')];
  await expect(ended).rejects.toThrow('it has failed');
  expect(await Promise.all(waiting)).toEqual(['answer', 'answer']);
});

it('so it is when the work of the thread was given up', async () => {
  const { pool } = await openPool();
  const stop = new AbortController();
  const ended = pool.run('fail', { signal: stop.signal });
  const waiting = pool.run('answer', { signal: new AbortController().signal });
  stop.abort();
  await expect(ended).rejects.toThrow('aborted');
  expect(await waiting).toBe('answer');
});

it('a thread that cannot start is told of and tried again, and ends nothing', async () => {
  const { pool, said } = await openPool(`
    import { existsSync, writeFileSync } from 'node:fs';
    const tried = import.meta.filename + '.tried';
    if (!existsSync(tried)) {
      writeFileSync(tried, '');
      throw new Error('no start this time');
    }`);
  expect(await pool.run('answer')).toBe('answer');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('a thread of the test was ended by an error while it had no work');
  expect(said[0]).toContain('no start this time');
});

it('a program is imported and not required, so that its thread can be ended while it is loaded', async () => {
  const filename = join(temporaryFolder(), 'thread.mjs');
  await writeFile(
    filename,
    `import { createRequire } from 'node:module';
    export default () => import.meta.filename in createRequire(import.meta.url).cache;`,
  );
  const logger = pino({ level: 'silent' });
  const pool = new ThreadPool<null, boolean>({ filename, maxThreads: 1 }, 'a thread of the test', logger);
  onTestFinished(() => pool.destroy());
  expect(await pool.run(null)).toBe(false);
});
