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
