import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock, waitForLock, type LockAttempt } from '../../src/embedded/process-lock.ts';
import { startTimeOf } from '../../src/embedded/process-identity.ts';
import { spawnProcess, waitFor } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

test('a held lock says who holds it and what that one wants to be known', async () => {
  const path = join(temporaryFolder(), 'deep', 'lock');
  const first = await takeLock(path);
  if (!first.taken) throw new Error('A new lock must be free.');
  first.lock.setNote('http://127.0.0.1:3000');
  expect(await takeLock(path)).toMatchObject({
    taken: false,
    holder: { pid: process.pid, note: 'http://127.0.0.1:3000' },
  });
});

test('a released lock is free, and releasing twice does not take it from the next holder', async () => {
  const path = join(temporaryFolder(), 'lock');
  const first = await waitForLock(path);
  first.release();
  await waitForLock(path);
  first.release();
  expect(existsSync(path)).toBe(true);
});

test('the lock of a killed process is taken over', async () => {
  const path = join(temporaryFolder(), 'lock');
  const holder = spawnProcess(['sleep', '60']);
  writeFileSync(path, JSON.stringify({ pid: holder.pid, startedAt: startTimeOf(holder.pid), note: '' }));
  expect((await takeLock(path)).taken).toBe(false);
  holder.kill('SIGKILL');
  await holder.exited;
  expect((await takeLock(path)).taken).toBe(true);
});

test('a pid that was given to another process holds nothing', async () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'another time', note: '' }));
  expect((await takeLock(path)).taken).toBe(true);
});

test('of many that find a stale lock at once, one takes it over', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'lock');
  for (let round = 0; round < 20; round++) {
    writeFileSync(path, JSON.stringify({ pid: 0, startedAt: 'never', note: '' }));
    const attempts = await Promise.all(Array.from({ length: 20 }, () => takeLock(path)));
    const winners = attempts.filter((attempt): attempt is LockAttempt & { taken: true } => attempt.taken);
    expect(winners).toHaveLength(1);
    winners[0]?.lock.release();
  }
  await waitFor(() => readdirSync(folder).length === 0, { what: 'no draft to be left' });
});
