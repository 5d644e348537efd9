// The command as a client: over a real API and a real worker.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { spawnSluice, type TestProcess } from '../../support/processes.ts';
import { folderForFile } from '../../support/temp-folder.ts';
import { readMetrics } from '../../../src/cli/client/read-metrics.ts';

const FOLDER = folderForFile();
const STOCK = {
  name: 'stock',
  schema: {
    fields: [
      { name: 'code', type: 'string', constraints: { required: true } },
      { name: 'amount', type: 'integer' },
    ],
  },
  target: { table: 'stock' },
} as const;

let sluice: Sluice;
let worker: TestProcess;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [STOCK], env: { SLUICE_LOCK_WAIT_MS: '200' } });
  worker = await sluice.startWorker();
}, 60_000);
afterAll(() => sluice.stop());

function file(name: string, content: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, content);
  return path;
}

async function run(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = start(args);
  return { code: (await child.exited).code, said: child.output() };
}

function start(args: readonly string[], url = sluice.url): TestProcess {
  return spawnSluice(args, {
    env: { SLUICE_URL: url, SLUICE_API_KEY: sluice.key, npm_command: undefined },
    cwd: FOLDER,
  });
}

const lines = <T>(text: string): T[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly counts: { readonly loaded: number; readonly rejected: number };
}

/** An import with one good record and one that is rejected. */
async function halfGood(name: string): Promise<Shown> {
  const path = file(name, `code,amount\n${name},1\n"\u001b[31mred",many\n`);
  const { code, said } = await run('import', path, '-d', 'stock', '--watch', '--json');
  expect(code).toBe(0);
  return lines<Shown>(said)[0]!;
}

it('import says how to follow it, and what to do with the rejects', async () => {
  const path = file('a.csv', 'code,amount\na,1\n,2\nb,x\n');
  const sent = await run('import', path, '-d', 'stock');
  const [, follow, id] = /Follow it: sluice (show (\S+) --watch)/.exec(sent.said)!;
  const shown = await run(...follow!.split(' '));
  expect(shown.code).toBe(0);
  expect(shown.said).toContain('succeeded: 3 records, 1 loaded, 2 rejected (2 errors)');
  expect(shown.said).toContain(`sluice rejects ${id} -o rejects.csv`);
  expect(shown.said).not.toContain('http');
});

it('exit codes: 0 in spite of rejects, 3 with --fail-on-rejects, 1 when it fails', async () => {
  const bad = file('bad.csv', 'code,amount\nok,1\nx,many\n');
  expect((await run('import', bad, '-d', 'stock', '--watch')).code).toBe(0);
  expect((await run('import', bad, '-d', 'stock', '--fail-on-rejects')).code).toBe(3);
  const good = file('good.csv', 'code,amount\nok,1\n');
  expect((await run('import', good, '-d', 'stock', '--fail-on-rejects')).code).toBe(0);
  expect((await run('import', bad, '-d', 'stock', '--watch', '--on-error', 'abort')).code).toBe(1);
  expect(await run('import', good, '-d', 'nothing')).toMatchObject({ code: 1 });
  expect(await run('import', 'not-there.csv', '-d', 'stock')).toEqual({
    code: 1,
    said: expect.stringMatching(/^sluice: The file not-there\.csv cannot be read: ENOENT.*\n$/) as string,
  });
});

it('list shows the newest first, filtered, as a table or a JSON document a line', async () => {
  const one = await halfGood('list-1.csv');
  const two = await halfGood('list-2.csv');
  const table = (await run('list', '--limit', '2')).said.split('\n');
  expect(table[0]).toMatch(/^ID +STATUS +DATASET +RECORDS +LOADED +REJECTED +SENT +FILE$/);
  expect(table[1]).toMatch(
    new RegExp(`^${two.id} +succeeded +stock +2 +1 +1 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +list-2.csv$`),
  );
  expect(table.join('\n')).toContain('There are more');
  const json = lines<Shown>((await run('list', '-n', '2', '-d', 'stock', '-s', 'succeeded', '--json')).said);
  expect(json.map(({ id }) => id)).toEqual([two.id, one.id]);
  expect((await run('list', '-d', 'nothing')).said).toBe('There is no such import.\n');
});

it('show, errors and rejects tell of one import, and no cell steers the terminal', async () => {
  const { id } = await halfGood('show.csv');
  const shown = (await run('show', id)).said;
  expect(shown).toMatch(/dataset +stock\n/);
  expect(shown).toMatch(/file +show\.csv, \d+ bytes, utf-8\n/);
  expect(lines<Shown>((await run('show', id, '--json')).said)[0]).toMatchObject({
    id,
    counts: { rejected: 1 },
  });

  expect((await run('errors', id)).said).toMatch(
    /^line 3 \(record 2\): Column "amount" .*"many".* \[type-error\]\n$/,
  );
  expect(lines((await run('errors', id, '--json')).said)).toMatchObject([{ row: 2, value: 'many' }]);
  expect((await run('errors', id, '--column', 'code')).said).toBe('There is no such error.\n');
  expect((await run('show', '0198c0de-0000-7000-8000-000000000000')).code).toBe(1);

  const csv = await run('rejects', id);
  expect(csv.said).toContain('_row,_errors,code,amount');
  const path = join(FOLDER, 'saved rejects.csv');
  expect((await run('rejects', id, '-o', path)).code).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(csv.said);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeFileSync(path, 'an hour of work');
  expect(await run('rejects', id, '-o', path)).toMatchObject({ code: 1 });
  expect(readFileSync(path, 'utf8')).toBe('an hour of work');
  expect((await run('rejects', id, '-o', path, '--force')).code).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe(csv.said);
});

it('errors stop at the limit, and say so', async () => {
  const path = file('many.csv', `code,amount\n${'x,many\n'.repeat(250)}`);
  const [{ id }] = lines<Shown>((await run('import', path, '-d', 'stock', '--watch', '--json')).said) as [
    Shown,
  ];
  const cut = (await run('errors', id)).said.trim().split('\n');
  expect(cut).toHaveLength(101);
  expect(cut.join('\n')).toContain('There are more: --limit 1000 shows them.');
  expect(lines((await run('errors', id, '--limit', '1000', '--json')).said)).toHaveLength(250);
});

it('status tells of the API, its parts and the tasks; 1 when nobody answers', async () => {
  const { code, said } = await run('status');
  expect(code).toBe(0);
  expect(said).toMatch(/^API +http:\/\/127\.0\.0\.1:\d+: ready\npostgres +ok\n/);
  expect(said).toMatch(/^tasks .*\d+ succeeded/m);
  expect(lines((await run('status', '--json')).said)).toMatchObject([
    { status: 'ready', parts: { postgres: 'ok', redis: 'ok', storage: 'ok' } },
  ]);
  const nobody = start(['status'], 'http://127.0.0.1:1');
  expect((await nobody.exited).code).toBe(1);
  expect(nobody.output()).toMatch(/^sluice: Nobody answers at http:\/\/127\.0\.0\.1:1 \(SLUICE_URL\): /);
});

it('a watch says what the work waits for', async () => {
  const holder = await sluice.database.pool.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE stock IN ACCESS EXCLUSIVE MODE');
    const watched = start(['import', file('locked.csv', 'code,amount\nl,1\n'), '-d', 'stock', '--watch']);
    await watched.says(/It waits for a lock on stock, held by pid \d+/);
    await holder.query('ROLLBACK');
    expect((await watched.exited).code).toBe(0);
    expect(watched.output().match(/It waits for/g)).toHaveLength(1);
  } finally {
    holder.release();
  }
}, 60_000);

// Last of those that need a worker: one that is started in a test ends with it.
it('a watch says when no worker takes the work, and goes on when one comes; cancel ends what waits', async () => {
  worker.kill();
  await worker.exited;
  const watched = start(['import', file('wait.csv', 'code,amount\nw,1\n'), '-d', 'stock', '--watch']);
  await watched.says(/No worker has taken the work for 5 s.*sluice worker/);
  const [waiting] = lines<Shown>((await run('list', '-s', 'queued', '--json')).said);
  const other = lines<Shown>(
    (await run('import', file('no.csv', 'code,amount\nn,1\n'), '-d', 'stock', '--json')).said,
  )[0]!;
  const cancelled = await run('cancel', other.id, '--rows', 'rollback');
  expect(cancelled).toEqual({
    code: 0,
    said: 'The import is cancelled. Rows that have landed are taken back.\n',
  });
  expect((await run('cancel', other.id)).code).toBe(1);
  expect((await run('show', other.id, '--watch')).code).toBe(1);

  await sluice.startWorker();
  expect((await watched.exited).code).toBe(0);
  expect(watched.output()).toContain('succeeded: 1 record, 1 loaded');
  expect(lines<Shown>((await run('show', waiting!.id, '--json')).said)[0]?.status).toBe('succeeded');
}, 60_000);

it('reads the numbers of the Prometheus format', () => {
  expect(readMetrics('# HELP a b\na{x="y",z="1,\\"2\\""} 3\nb 4.5\nc NaN\nnonsense\n')).toEqual([
    { name: 'a', labels: { x: 'y', z: '1,\\"2\\"' }, value: 3 },
    { name: 'b', labels: {}, value: 4.5 },
  ]);
});
