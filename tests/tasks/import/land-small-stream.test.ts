import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { landSmallStream } from '../../../src/tasks/import/land-small-stream.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { addImport, openSlot, type TestSlot } from '../../support/slot.ts';
import { addDataset, PEOPLE } from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';

let database: TestDatabase;
let folder: string;
/** Lands; the other takes uploads meanwhile. */
let slot: TestSlot;
let sender: TestSlot;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-small-stream-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  database = await createDatabase();
  await addDataset(database.pool, PEOPLE);
  slot = await openSlot(database.url, folder, { smallFileBytes: 16_384 });
  sender = await openSlot(database.url, folder, { smallFileBytes: 16_384 });
  return async () => {
    await Promise.all([slot.close(), sender.close()]);
    await database.drop();
  };
});

const send = (name: string): Promise<string> => addImport(sender, PEOPLE, `name\n${name}\n`);
const succeeded = (id: string) =>
  waitFor(async () => (await findTask(database.db, id))?.status === 'succeeded', { what: `import ${id}` });

it('lands what waits and what comes while it listens, in one call', async () => {
  const first = await send('Ann');
  const landing = landSmallStream(slot, 5000);
  await succeeded(first);
  const second = await send('Bob');
  await succeeded(second);
  expect(await landing).toEqual([]);

  // It has ended, and listens no more.
  const { rows } = await slot.client.query('SELECT * FROM pg_listening_channels()');
  expect(rows).toEqual([]);
  const late = await send('Dee');
  expect((await findTask(database.db, late))?.status).toBe('queued');
});

it('comes back at once when nothing waits, or with what it cannot end', async () => {
  expect(await landSmallStream(slot)).toEqual([]);
  const first = await send('Ann');
  const landing = landSmallStream(slot, 60_000);
  await succeeded(first);
  const client = await database.pool.connect();
  try {
    await client.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE');
    const locked = await send('Bob');
    expect(await landing).toMatchObject([{ importId: locked }]);
    await client.query('ROLLBACK');
  } finally {
    client.release();
  }
});
