// A storage without room, as a slot and as a worker meet it. A disk is filled only when run as root.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { lacksRoom } from '../../src/tasks/lacks-room.ts';
import { loadChunk } from '../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../src/tasks/import/plan-import.ts';
import { createDatabase } from '../support/database.ts';
import { addImport, openSlot, runImport } from '../support/slot.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { startSluice } from '../support/sluice.ts';
import { addDataset, PEOPLE } from '../support/uploads.ts';
import { waitFor } from '../support/wait-for.ts';

let folder: string;
let disk: SmallDisk | undefined;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-full-'));
  disk = mountSmallDisk(folder);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  disk?.remove();
  await rm(folder, { recursive: true, force: true });
});

function requireDisk({ skip }: TestContext): SmallDisk {
  if (disk === undefined) skip('No small disk can be mounted here.');
  return disk!;
}

/** Every other record is rejected. */
const RECORDS = 40;
const text = `name,age,email,note\n${Array.from({ length: RECORDS }, (_, at) => `n${at},${at % 2 === 0 ? at : 'x'},e${at}@example.jp,\n`).join('')}`;

it('a chunk whose rejects have no room is not counted as begun, however often', async (context) => {
  const full = requireDisk(context);
  const database = await createDatabase();
  cleanUps.push(() => database.drop());
  await addDataset(database.pool, PEOPLE);
  const slot = await openSlot(database.url, folder, { chunkBytes: 300, attempts: 1 });
  cleanUps.push(() => slot.close());
  const starts = async (id: string) =>
    (
      await database.pool.query(
        'SELECT starts FROM sluice.import_chunks WHERE import_id = $1 AND chunk_no = 0',
        [id],
      )
    ).rows;

  const id = await addImport(slot, PEOPLE, text);
  expect(await planImport(slot, id)).toMatchObject({ kind: 'chunks' });
  const only = await addImport(slot, PEOPLE, `${text.slice(0, 60)}\n`);
  await full.fill();
  for (let time = 0; time < 10; time++) await expect(loadChunk(slot, id, 0)).rejects.toSatisfy(lacksRoom);
  for (let time = 0; time < 10; time++)
    await expect(runImport(slot, only)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect([await starts(id), await starts(only)]).toEqual([[{ starts: 0 }], [{ starts: 0 }]]);

  await full.free();
  await runImport(slot, id);
  await runImport(slot, only);
  expect([await starts(id), await starts(only)]).toEqual([[{ starts: 1 }], [{ starts: 1 }]]);
  const { rows } = await database.pool.query(
    'SELECT count(*)::int AS rows FROM people WHERE import_id = $1',
    [id],
  );
  expect(rows).toEqual([{ rows: RECORDS / 2 }]);
});

it('an import waits for room without using up attempts, says so, and goes on', async (context) => {
  const full = requireDisk(context);
  const sluice = await startSluice({
    datasets: [PEOPLE],
    env: {
      SLUICE_STORAGE_DIR: folder,
      SLUICE_ATTEMPTS: '1',
      SLUICE_CHUNK_BYTES: '300',
      SLUICE_LOG_LEVEL: 'debug',
    },
  });
  cleanUps.push(() => sluice.stop());
  const { id } = (await (await sluice.send('people', text)).json()) as { id: string };
  await full.fill();
  const worker = await sluice.startWorker();
  const notices = () =>
    worker.output().match(/A disk is full; jobs wait until it has room again/g)?.length ?? 0;
  await waitFor(() => notices() >= 3, { what: 'the disk to have been found full again and again' });
  expect(await sluice.task(id)).toMatchObject({ status: 'running' });
  expect(worker.output()).toMatch(/"level":40[^\n]*The storage has no room for the file/);
  expect(worker.output().match(/"level":40[^\n]*A disk is full/g)).toHaveLength(1);

  await full.free();
  expect(await sluice.ended(id)).toMatchObject({
    status: 'succeeded',
    result: { loaded: RECORDS / 2, rejected: RECORDS / 2 },
  });
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
  expect(rejects.match(/^\d+,/gm)).toHaveLength(RECORDS / 2);
});
