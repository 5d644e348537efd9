// Of equal keys the first in file order stands, whichever chunk was quicker.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf, rejectsOf } from '../../support/staged.ts';
import { SHOPS } from '../../support/uploads.ts';
import '../../support/seed.ts';
import { runs } from '../../support/random.ts';

const FILE = (codes: readonly string[]): string =>
  `code,size,city\n${codes.map((code, at) => `${code},${at + 1},city ${at + 1}\n`).join('')}`;

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeEach(async () => {
  // About two records to a chunk.
  const fresh = await freshSlot([SHOPS], { chunkBytes: 30 });
  ({ database, folder, slot } = fresh);
  return fresh.close;
});

const query = async <Row>(text: string): Promise<Row[]> => (await database.pool.query(text)).rows as Row[];

/** Loads an import's chunks in the order given, of those named; then the rest. */
async function load(text: string, order: 'last first' | readonly number[]): Promise<string> {
  const id = await addImport(slot, SHOPS, text);
  const plan = await planImport(slot, id);
  if (plan.kind === 'chunks')
    for (const chunkNo of order === 'last first' ? plan.chunkNos.toReversed() : order)
      await loadChunk(slot, id, plan.chunkNos[chunkNo % plan.chunkNos.length]!);
  await runImport(slot, id);
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'succeeded' });
  return id;
}

/** All that tells of an import, without ids and times. */
async function outcomeOf(id: string) {
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 1000 });
  return {
    rows: await query(
      `SELECT s.import_row, s.code, s.size, p.city FROM shops s LEFT JOIN places p ON p.id = s.place_id AND p.import_row = s.import_row
        WHERE s.import_id = '${id}' ORDER BY 1`,
    ),
    places: await query(`SELECT import_row, city FROM places WHERE import_id = '${id}' ORDER BY 1`),
    counts: await countsOf(slot, id),
    rejects: (await rejectsOf(slot, id)).map(({ row, line, cells, errors }) => ({
      row,
      line,
      cells,
      errors,
    })),
    errors,
    chunks: await query(
      `SELECT chunk_no, status, loaded, rejected, errors FROM sluice.import_chunks WHERE import_id = '${id}' ORDER BY 1`,
    ),
  };
}
async function forget(): Promise<void> {
  await database.pool.query(
    'TRUNCATE shops, places; DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors',
  );
}

describe('of records with equal keys in several chunks', () => {
  it('the first stands, and the others are rejected as they are where chunks come in order', async () => {
    const text = FILE(['a', 'b', 'c', 'a', 'd', 'b', 'a', 'e']);
    const inOrder = await outcomeOf(await load(text, []));
    expect(inOrder.rows.map((row) => (row as { import_row: string }).import_row)).toEqual([
      '1',
      '2',
      '3',
      '5',
      '8',
    ]);
    expect(inOrder.errors).toMatchObject([
      { row: 4, line: 5, code: 'unique-error', column: { index: 1, name: 'code' }, value: 'a' },
      { row: 6 },
      { row: 7, message: expect.stringContaining('Key (code)=(a) already exists.') },
    ]);
    await forget();
    expect(await outcomeOf(await load(text, 'last first'))).toEqual(inOrder);
  });

  it('it is so in whatever order they come, and whatever else is wrong with them', async () => {
    const record = fc.record({
      code: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      size: fc.constantFrom('1', '2', '7', 'x', ''),
      city: fc.constantFrom('p', 'q', ''),
    });
    await database.pool.query('ALTER TABLE shops ADD CHECK (size <> 7)');
    await database.pool.query(`INSERT INTO shops (id, code) VALUES (gen_random_uuid(), 'f')`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 4, maxLength: 14 }),
        fc.array(fc.nat(20), { maxLength: 8 }),
        async (records, order) => {
          const text = `code,size,city\n${records.map(({ code, size, city }) => `${code},${size},${city}\n`).join('')}`;
          const outcomes = [];
          for (const each of [[], 'last first', order] as const) {
            await database.pool.query(
              'DELETE FROM shops WHERE import_id IS NOT NULL; DELETE FROM places; DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors',
            );
            outcomes.push(await outcomeOf(await load(text, each)));
          }
          expect(outcomes[1]).toEqual(outcomes[0]);
          expect(outcomes[2]).toEqual(outcomes[0]);
        },
      ),
      { numRuns: runs(3) },
    );
  }, 120_000);

  it('it is so when they are loaded at the same time', async () => {
    const codes = Array.from({ length: 100 }, (_, at) => `k${(at * 7) % 30}`);
    const inOrder = await outcomeOf(await load(FILE(codes), []));
    await forget();
    const id = await addImport(slot, SHOPS, FILE(codes));
    const plan = await planImport(slot, id);
    const waiting = plan.kind === 'chunks' ? plan.chunkNos.toReversed() : [];
    const slots = await Promise.all(
      [1, 2, 3, 4].map(() => openSlot(database.url, folder, { chunkBytes: 30 })),
    );
    await Promise.all(
      slots.map(async (each) => {
        for (
          let chunkNo = waiting.pop();
          chunkNo !== undefined;
          chunkNo = waiting.splice(-3, 1)[0] ?? waiting.pop()
        )
          await loadChunk(each, id, chunkNo);
      }),
    );
    await runImport(slot, id);
    expect(await outcomeOf(id)).toEqual(inOrder);
    await Promise.all(slots.map((each) => each.close()));
  }, 60_000);

  it('a key of the linked table counts too, and an exclusion', async () => {
    await database.pool.query(
      'ALTER TABLE places ADD UNIQUE (city); ALTER TABLE shops ADD EXCLUDE USING gist (int4range(size::int, size::int + 2) WITH &&)',
    );
    const text = 'code,size,city\na,10,x\nb,20,y\nc,11,z\nd,30,x\ne,40,x\n';
    const id = await load(text, 'last first');
    expect((await outcomeOf(id)).rows).toMatchObject([
      { code: 'a', city: 'x' },
      { code: 'b', city: 'y' },
    ]);
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2, rejected: 3 });
    expect((await outcomeOf(id)).places).toHaveLength(2);
  });

  it.each([
    ['changed since', `UPDATE shops SET size = 99 WHERE code = 'a'`],
    ['referred to', `INSERT INTO orders SELECT id FROM shops WHERE code = 'a'`],
    ['linked to a row that was changed since', `UPDATE places SET city = 'x' WHERE city = 'city 5'`],
    [
      'linked to a row that another refers to',
      `INSERT INTO visits SELECT id FROM places WHERE city = 'city 5'`,
    ],
  ])('a row that was %s keeps its place', async (_, statement) => {
    await database.pool.query(
      'CREATE TABLE orders (shop uuid REFERENCES shops ON DELETE CASCADE); CREATE TABLE visits (place uuid REFERENCES places ON DELETE CASCADE)',
    );
    const id = await addImport(slot, SHOPS, FILE(['a', 'b', 'c', 'd', 'a', 'f']));
    const plan = await planImport(slot, id);
    const chunkNos = plan.kind === 'chunks' ? plan.chunkNos : [];
    for (const chunkNo of chunkNos.slice(1).toReversed()) await loadChunk(slot, id, chunkNo);
    await database.pool.query(statement);
    await runImport(slot, id);
    expect(await query(`SELECT import_row FROM shops WHERE code = 'a'`)).toEqual([{ import_row: '5' }]);
    expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([1]);
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 5, rejected: 1, errors: 1 });
    expect((await query('SELECT FROM orders UNION ALL SELECT FROM visits')).length).toBeLessThanOrEqual(1);
  });

  it('rows that refer to the key stay, and so does what a cascade would take', async () => {
    await database.pool.query('ALTER TABLE shops ADD parent text DEFAULT NULL REFERENCES shops (code)');
    await database.pool.query(
      `CREATE FUNCTION child() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.code = 'z' THEN NEW.parent := 'a'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER child BEFORE INSERT ON shops FOR EACH ROW EXECUTE FUNCTION child()`,
    );
    const id = await load(FILE(['a', 'b', 'a', 'z']), 'last first');
    expect((await outcomeOf(id)).rows).toMatchObject([
      { import_row: '1' },
      { import_row: '2' },
      { code: 'z' },
    ]);
  });

  it('a limit of errors counts those that were displaced', async () => {
    const id = await addImport(slot, SHOPS, FILE(['a', 'b', 'c', 'd', 'a', 'b', 'c']), { maxErrors: '2' });
    const plan = await planImport(slot, id);
    const chunkNos = plan.kind === 'chunks' ? plan.chunkNos : [];
    for (const chunkNo of chunkNos.toReversed()) await loadChunk(slot, id, chunkNo);
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'failed',
      error: { code: 'too-many-errors' },
    });
  });
});
