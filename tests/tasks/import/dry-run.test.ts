import { beforeEach, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { createLogger } from '../../../src/logger.ts';
import { removeStaging } from '../../../src/worker/upkeep/remove-staging.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf, rejectsOf, stagingTables } from '../../support/staged.ts';

const GOODS: Dataset = {
  name: 'goods',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      { name: 'price', type: 'number' },
      { name: 'ean', type: 'string', constraints: { unique: true } },
      { name: 'shelf', type: 'string' },
    ],
    primaryKey: ['code'],
  },
  target: { table: 'goods', links: [{ table: 'shelves', column: 'shelf_id', fields: ['shelf'] }] },
};

/** New, changed, equal and repeated keys; bad cells, a repeated EAN, one that is taken, one that a check refuses. */
const FILE = `code,price,ean,shelf
a,1,,A1
b,2,,B2
c,33,,C3
c,3,,C9
d,x,,
e,5,e1,E5
f,6,e1,
g,7,taken,
h,-1,,
`;

let database: TestDatabase;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([GOODS], { chunkBytes: 64 });
  ({ database, slot } = fresh);
  await query('ALTER TABLE goods ADD CONSTRAINT not_free CHECK (price >= 0)');
  const before = await addImport(slot, GOODS, 'code,price,ean,shelf\na,1.0,,A1\nb,22,,B2\nz,26,taken,Z26\n');
  await runImport(slot, before);
  return fresh.close;
});

const query = async <Row>(text: string): Promise<Row[]> => (await database.pool.query(text)).rows as Row[];
const everything = () =>
  query(
    'SELECT g.*, g.xmin, g.ctid, s.shelf, s.xmin AS shelf_xmin FROM goods g LEFT JOIN shelves s ON s.id = g.shelf_id ORDER BY code',
  );

async function run(options: Parameters<typeof addImport>[3]): Promise<string> {
  const id = await addImport(slot, GOODS, FILE, options);
  await runImport(slot, id);
  return id;
}

it.each([
  { mode: 'insert' },
  { mode: 'upsert' },
  { mode: 'replace' },
  { mode: 'insert', onError: 'abort', maxErrors: '9' },
  { mode: 'upsert', onError: 'abort', maxErrors: '9' },
])('of $mode $onError says what happens, and nothing does until it happens', async (options) => {
  const before = await everything();
  const dry = await run({ ...options, dryRun: 'true' });
  expect((await findTask(slot.db, dry))?.status).toBe('succeeded');
  expect(await everything()).toEqual(before);
  expect(await query('SELECT FROM sluice.import_matches')).toEqual([]);
  expect(await stagingTables(slot)).toHaveLength(2);
  const said = {
    counts: await countsOf(slot, dry),
    rejects: await rejectsOf(slot, dry),
    errors: (await listRowErrors(slot.db, dry, {}, { limit: 100 })).errors,
  };
  expect(said.counts.rejected).toBeGreaterThan(2);

  const real = await run(options);
  expect({
    counts: await countsOf(slot, real),
    rejects: await rejectsOf(slot, real),
    errors: (await listRowErrors(slot.db, real, {}, { limit: 100 })).errors,
  }).toEqual(said);
});

it('of an upsert counts what it would do', async () => {
  expect(await countsOf(slot, await run({ mode: 'upsert', dryRun: 'true' }))).toEqual({
    records: 9,
    inserted: 2,
    updated: 1,
    unchanged: 1,
    superseded: 1,
    loaded: 4,
    rejected: 4,
    errors: 4,
  });
});

it('that rejects too much fails, as the import would', async () => {
  const id = await run({ mode: 'upsert', onError: 'abort', dryRun: 'true' });
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'failed', error: { code: 'too-many-errors' } });
});

it('keeps what it has staged for the time it is told, then it is swept', async () => {
  const id = await run({ dryRun: 'true' });
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const sweep = removeStaging({ db: slot.db, logger }, { sweepIntervalMs: 1, dryRunHours: 2 });
  await query(`UPDATE sluice.tasks SET finished_at = now() - interval '119 minutes' WHERE id = '${id}'`);
  await sweep.run();
  expect(await stagingTables(slot)).toHaveLength(2);
  await query(`UPDATE sluice.tasks SET finished_at = now() - interval '121 minutes' WHERE id = '${id}'`);
  await sweep.run();
  expect(await stagingTables(slot)).toEqual([]);
});
