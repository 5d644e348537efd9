// Undo, retries and commits of dry runs with real processes.
import { writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { spawnSluice } from '../support/processes.ts';
import { peopleFile } from '../support/people.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';
import { sessionsWaitForLock } from '../support/waiting-sessions.ts';

const RECORDS = 5000;
let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: ['bench/people.json'], env: { SLUICE_CHUNK_BYTES: '65536' } });
});
beforeEach(() => sluice.database.pool.query('TRUNCATE people'));
afterAll(() => sluice.stop());

async function importsSent(): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM sluice.imports',
  );
  return rows[0]!.count;
}

async function landed(): Promise<string> {
  const id = ((await (await sluice.send('people', peopleFile(RECORDS, 1000).text)).json()) as { id: string })
    .id;
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded' });
  return id;
}

async function rowsOf(id: string): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ count: string }>(
    'SELECT count(*) FROM people WHERE import_id = $1',
    [id],
  );
  return Number(rows[0]!.count);
}

it('an undo is finished by another worker when the one at it is killed', async () => {
  const worker = await sluice.startWorker();
  const id = await landed();
  const other = await landed();
  const somebody = await sluice.database.pool.connect();
  await somebody.query('BEGIN');
  await somebody.query('SELECT FROM people WHERE import_id = $1 AND import_row = 4001 FOR UPDATE', [id]);
  const asked = await sluice.fetch(`/v1/imports/${id}/undo`, { method: 'POST' });
  expect(asked.status).toBe(202);
  const task = ((await asked.json()) as { id: string }).id;
  expect(asked.headers.get('location')).toBe(`/v1/tasks/${task}`);
  await sessionsWaitForLock(sluice.database.pool);
  expect((await sluice.fetch(`/v1/imports/${id}/undo`, { method: 'POST' })).status).toBe(409);
  worker.kill('SIGKILL');
  await worker.exited;
  expect(await rowsOf(id)).toBe(RECORDS - 5);
  await somebody.query('COMMIT');
  somebody.release();
  await sluice.startWorker();
  const result = { deleted: RECORDS - 5, changed: 0, referenced: 0, gone: 0, references: [] };
  expect(await sluice.ended(task)).toMatchObject({ status: 'succeeded', result });
  expect(await rowsOf(id)).toBe(0);
  expect(await rowsOf(other)).toBe(RECORDS - 5);
  expect(await (await sluice.fetch(`/v1/imports/${id}`)).json()).toMatchObject({
    status: 'succeeded',
    counts: { records: RECORDS, inserted: 0, loaded: 0, rejected: 5, unprocessed: RECORDS - 5 },
    undo: { taskId: task, status: 'succeeded', result, error: null },
  });
});

it('the command goes on watching while the API is away', async () => {
  const file = join(sluice.folder, 'people.csv');
  await writeFile(file, peopleFile(20, 1000).text);
  const before = await importsSent();
  let away = false;
  const proxy = createServer((socket) => {
    if (away) return void socket.destroy();
    const behind = connect(Number(new URL(sluice.url).port), '127.0.0.1');
    socket.pipe(behind).pipe(socket);
    for (const each of [socket, behind]) each.on('error', () => undefined);
    sockets.add(socket);
  });
  const sockets = new Set<Socket>();
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const env = { SLUICE_URL: url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: sluice.folder };
    const sent = spawnSluice(['import', file, '--dataset', 'people', '--watch'], { env });
    await waitFor(async () => (await importsSent()) > before, {
      what: 'the file to be taken',
    });
    away = true;
    for (const socket of sockets) socket.destroy();
    await sent.says(/Asking again/);
    away = false;
    await sluice.startWorker();
    expect(await sent.exited).toMatchObject({ code: 0 });
    expect(sent.output()).toContain('succeeded: 20 records');
  } finally {
    proxy.close();
  }
});

describe('with a worker', () => {
  beforeAll(async () => void (await sluice.startWorker()));

  it('the command sends corrected rejects, and follows them', async () => {
    const id = await landed();
    const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
    const file = join(sluice.folder, 'corrected.csv');
    await writeFile(file, rejects.replaceAll(',1990-02-31,', ',1990-02-28,'));
    const env = { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: sluice.folder };
    const retry = spawnSluice(['retry', id, file, '--watch'], { env });
    expect(await retry.exited).toMatchObject({ code: 0 });
    expect(retry.output()).toContain('succeeded: 5 records, 5');
    const { rows } = await sluice.database.pool.query('SELECT import_row::int AS row FROM people ORDER BY 1');
    expect(rows).toEqual(Array.from({ length: RECORDS }, (_, at) => ({ row: at + 1 })));
    const again = spawnSluice(['retry', id, file, '--watch'], { env });
    expect(await again.exited).toMatchObject({ code: 0 });
    expect(again.output()).toContain('5 rejected');
  });

  it('the command asks for it, waits, and tells what was kept', async () => {
    const id = await landed();
    await sluice.database.pool.query(`UPDATE people SET points = 0 WHERE import_row = 7`);
    const env = { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: sluice.folder };
    const undo = spawnSluice(['undo', id, '--watch'], { env });
    expect(await undo.exited).toMatchObject({ code: 0 });
    expect(undo.output()).toContain(
      `succeeded: ${RECORDS - 6} rows deleted, 0 already gone; kept: 1 changed since, 0 found unchanged by a later upsert, 0 referenced elsewhere`,
    );
    const again = spawnSluice(['undo', id], { env });
    expect(await again.exited).toMatchObject({ code: 1 });
    expect(again.output()).toMatch(
      /^sluice: 409 The rows of this import were taken back already\.\n\(CONFLICT, request [0-9a-f-]{36}\)\n$/,
    );
  });

  it('the command commits a dry run, once', async () => {
    const file = join(sluice.folder, 'people.csv');
    await writeFile(file, peopleFile(RECORDS, 1000).text);
    const env = { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: sluice.folder };
    const tried = spawnSluice(['import', file, '--dataset', 'people', '--dry-run', '--watch'], { env });
    expect(await tried.exited).toMatchObject({ code: 0 });
    const told = /To load it: .*sluice commit (\S+)/.exec(tried.output());
    const dryRun = told?.[1] ?? '';
    expect(await rowsOf(dryRun)).toBe(0);
    const commit = spawnSluice(['commit', dryRun, '--watch'], { env });
    expect(await commit.exited).toMatchObject({ code: 0 });
    expect(commit.output()).toContain(
      `succeeded: ${RECORDS} records, ${RECORDS - 5} loaded, 5 rejected (5 errors)`,
    );
    const { rows } = await sluice.database.pool.query('SELECT count(*)::int AS count FROM people');
    expect(rows).toEqual([{ count: RECORDS - 5 }]);
    const again = spawnSluice(['commit', dryRun], { env });
    expect(await again.exited).toMatchObject({ code: 1 });
    expect(again.output()).toContain('sluice: 409 The dry run was committed already, as import ');
  });

  it('the command takes the options of a file with a retry too', async () => {
    const id = await landed();
    const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
    const file = join(sluice.folder, 'corrected.csv');
    const corrected = rejects.replaceAll(',1990-02-31,', ',1990-02-28,');
    await writeFile(file, Buffer.from(corrected, 'utf16le'));
    const env = { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: sluice.folder };
    const plain = spawnSluice(['retry', id, file], { env });
    expect(await plain.exited).toMatchObject({ code: 1 });
    expect(plain.output()).toMatch(/\? UTF-16LE \(100 %\): --encoding utf-16le reads\n {6}\S/);
    const told = spawnSluice(
      ['retry', id, file, '--encoding', 'utf-16le', '--on-error', 'abort', '--watch'],
      {
        env,
      },
    );
    expect(await told.exited).toMatchObject({ code: 0 });
    expect(told.output()).toContain('succeeded: 5 records, 5');
  });

  it('the command sends a file again whose answer it has not got, and it is taken once', async () => {
    const file = join(sluice.folder, 'people.csv');
    await writeFile(file, peopleFile(20, 1000).text);
    const before = await importsSent();
    let requests = 0;
    const cutting = createServer((socket) => {
      const behind = connect(Number(new URL(sluice.url).port), '127.0.0.1');
      const isFirst = requests++ === 0;
      socket.pipe(behind);
      // The first answer is lost on its way.
      if (isFirst) behind.once('data', () => socket.destroy());
      else behind.pipe(socket);
      for (const each of [socket, behind]) each.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`;
      const env = { SLUICE_URL: url, SLUICE_API_KEY: sluice.key, SLUICE_HOME: sluice.folder };
      const sent = spawnSluice(['import', file, '--dataset', 'people', '--watch'], { env });
      expect(await sent.exited).toMatchObject({ code: 0 });
      expect(sent.output()).toContain('Asking again in 1 s.');
      expect(await importsSent()).toBe(before + 1);
    } finally {
      cutting.close();
    }
  });
});
