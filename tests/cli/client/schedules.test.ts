// `sluice schedules …`, over a real API.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveDefinitions } from '../../../src/db/tasks/definitions.ts';
import { add } from '../../../src/tasks/shipped/add.ts';
import { spawnSluice } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { folderForFile } from '../../support/temp-folder.ts';

const FOLDER = folderForFile();
const TASK = { name: 'add', args: { a: 1, b: 2 } };

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [] });
  await saveDefinitions(sluice.database.pool, [add.document]);
});
afterAll(() => sluice.stop());

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawnSluice(['schedules', ...args], {
    env: { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, npm_command: undefined },
    cwd: FOLDER,
  });
  return { code: (await child.exited).code, said: child.output() };
}

function file(name: string, content: unknown): string {
  const path = join(FOLDER, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

it('schedules of a file are made, shown, run, let rest, and deleted', async () => {
  expect(await run('list')).toEqual({ code: 0, said: 'There is no schedule.\n' });
  const path = file('all.json', [
    { name: 'nightly', cron: '30 2 * * *', timeZone: 'Europe/Berlin', task: TASK },
    { name: 'often', every: '15m', task: TASK },
  ]);
  expect((await run('apply', path)).said).toMatch(/^nightly: made; next run: 2.*\noften: made; next run: 2/);
  expect((await run('apply', path)).said).toMatch(/^nightly: as the file says; next run: 2/);
  const listed = (await run('list')).said;
  expect(listed).toMatch(/^NAME +WHEN +TASK +NEXT RUN +LAST RUN\noften +every 15m +add +2/);
  expect(listed).toMatch(/\nnightly +30 2 \* \* \* \(Europe\/Berlin\) +add +2/);

  expect((await run('run', 'nightly')).said).toMatch(/^Task [0-9a-f-]{36} is queued\.\n$/);
  expect((await run('runs', 'nightly')).said).toMatch(/ queued +by hand +2/);
  expect((await run('pause', 'nightly')).said).toBe('It rests.\n');
  expect((await run('list', '--json')).said).toContain('"enabled":false');
  expect((await run('resume', 'nightly')).said).toMatch(/^It goes on; next run: 2/);
  expect(await run('delete', 'nightly')).toEqual({ code: 0, said: 'It is deleted.\n' });
  expect(await run('delete', 'nightly')).toMatchObject({
    code: 1,
    said: expect.stringContaining('There is no schedule "nightly"') as string,
  });
});

it('a preview says when, and what is wrong is told in words', async () => {
  const { code, said } = await run(
    'preview',
    '--cron',
    '30 2 * * *',
    '--time-zone',
    'Europe/Berlin',
    '-n',
    '2',
  );
  expect(code).toBe(0);
  expect(said.trim().split('\n')).toHaveLength(2);
  expect(await run('preview', '--cron', '0 3 * *')).toMatchObject({
    code: 1,
    said: expect.stringContaining('4 fields and needs 5') as string,
  });
  expect(await run('apply', file('bad.json', '{"cron": "* * * * *"}'))).toMatchObject({
    code: 1,
    said: expect.stringContaining('must be an object with a "name"') as string,
  });
  expect(await run('apply', file('no.json', '{'))).toMatchObject({
    code: 1,
    said: expect.stringContaining('no.json') as string,
  });
});
