import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { waitFor } from './support/wait-for.ts';

it('a process whose log nobody reads any more ends all the same', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stop-when-told.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
    await waitFor(() => log.includes('"ready"'), { what: 'it to be ready' });
    child.kill('SIGTERM');
    await waitFor(() => log.includes('"stopping"'), { what: 'it to stop' });
    child.stdout.destroy();
    const exit = once(child, 'exit');
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

it.each(['throw', 'reject'])(
  'a process that ends by what nobody catches (%s) says why, and exits with 1',
  async (way) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'stop-when-told.mjs'), way], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
    expect(await once(child, 'close')).toEqual([1, null]);
    const fatal = log.split('\n').find((line) => line.includes('"level":60'));
    expect(JSON.parse(fatal!)).toMatchObject({
      part: 'test',
      err: {
        type: 'RangeError',
        message: 'nobody catches this',
        stack: expect.stringContaining('stop-when-told') as string,
      },
      msg: 'stopping after an error that nobody expected',
    });
  },
);

it.each(['SIGSEGV', 'SIGABRT'] as const)('a process that crashes (%s) ends at once', async (signal) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stop-when-told.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  await waitFor(() => log.includes('"ready"'), { what: 'it to be ready' });
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([null, signal]);
  expect(log).not.toContain('stopping');
});

it('a process that fails while it stops says so, and exits with 1', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stop-when-told.mjs'), 'throw-later'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  await waitFor(() => log.includes('"ready"'), { what: 'it to be ready' });
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(log).toMatch(/"level":60.*"nobody catches this".*while stopping/);
});
