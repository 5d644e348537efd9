// Large chunks go to Postgres in COPY's binary form. What lands, and what is refused, is what text would have given.
import fc from 'fast-check';
import type pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import { BinaryRows } from '../../../src/core/dataset/rows/binary/binary-rows.ts';
import { NotBinary } from '../../../src/core/dataset/rows/binary/writer.ts';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import type { RawUploadOptions } from '../../../src/intake/upload-options.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import '../../support/seed.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf, rejectsOf } from '../../support/staged.ts';
import { expectEqual } from '../../support/expect-equal.ts';

/** A field of each type, some of them in a linked table. */
const ITEMS: Dataset = parseDataset(
  {
    name: 'items',
    schema: {
      fields: [
        { name: 'code', type: 'string', constraints: { required: true, maxLength: 12 } },
        { name: 'count', type: 'integer', groupChar: ' ' },
        { name: 'price', type: 'number' },
        { name: 'sold', type: 'boolean' },
        { name: 'day', type: 'date', format: 'any' },
        { name: 'at', type: 'datetime', format: 'any' },
        { name: 'opens', type: 'time', format: 'any' },
        { name: 'made', type: 'year' },
        { name: 'month', type: 'yearmonth' },
        { name: 'ref', type: 'string', format: 'uuid' },
        { name: 'more', type: 'object' },
        { name: 'tags', type: 'array' },
        { name: 'city', type: 'string' },
        { name: 'area', type: 'number' },
      ],
      primaryKey: ['code'],
    },
    target: { table: 'items', links: [{ table: 'places', column: 'place_id', fields: ['city', 'area'] }] },
  },
  'test',
);
const NAMES = ITEMS.schema.fields.map(({ name }) => name);

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const fileOf = (records: readonly (readonly string[])[]): string =>
  [NAMES.join(','), ...records.map((cells) => cells.map(quoted).join(',')), ''].join('\n');

/** Cells that are taken, cells that are not, and keys that come twice. */
const cellsOf = fc.tuple(
  fc.constantFrom('a', 'b', 'ü\t\\', 'long name', 'd', 'e\nf', ''),
  fc.constantFrom('', '0', '-0', '+7', '12 345', '-9223372036854775808', '123456789012345678', 'x'),
  fc.constantFrom(
    '',
    '0.00',
    '-1.50',
    '12345678.1234',
    '1e-7',
    '3E+20',
    '.5',
    '100000000',
    '12345.000010',
    'y',
  ),
  fc.constantFrom('', 'true', '0', 'no'),
  fc.constantFrom('', '2024-02-29', '1999/12/31', '0001-01-01', '31'),
  fc.constantFrom('', '2024-01-31 13:45', '1600-01-01T00:00:00.000001+05:45', '9999-12-31T23:59:59Z', '?'),
  fc.constantFrom('', '9:30', '23:59:59.999999', '25:00'),
  fc.constantFrom('', '2024', '0001'),
  fc.constantFrom('', '2024-12'),
  fc.constantFrom('', '0190A6C2-7B1E-7C3D-9F00-1234567890AB'),
  fc.constantFrom('', '{"b":[1.10,"é\\n"],"a":null}', '{'),
  fc.constantFrom('', '[1, "ö"]'),
  fc.constantFrom('', '京都'),
  fc.constantFrom('', '827.83', '-0.0'),
);

interface Landed {
  readonly rows: unknown[];
  readonly counts: unknown;
  readonly errors: unknown;
  readonly rejects: unknown;
  readonly isBinary: boolean;
}

async function land(
  { slot, database }: FreshSlot,
  records: readonly (readonly string[])[],
  chunkBytes: number,
  options: RawUploadOptions,
  whileItRuns: (slot: TestSlot) => void = () => undefined,
): Promise<Landed> {
  await database.pool.query('TRUNCATE items, places CASCADE');
  const sized = { ...slot, settings: { ...slot.settings, chunkBytes } };
  await runImport(
    sized,
    await addImport(slot, ITEMS, fileOf([Array<string>(NAMES.length).fill('').with(0, 'a')])),
  );
  const sent = vi.spyOn(slot.client, 'query');
  whileItRuns(sized);
  const id = await addImport(slot, ITEMS, fileOf(records), options);
  await runImport(sized, id);
  const texts = sent.mock.calls.map(([query]) => {
    const { cursorQuery } = query as unknown as { cursorQuery?: { text: string }; text?: string };
    return typeof query === 'string' ? query : (cursorQuery?.text ?? (query as { text?: string }).text ?? '');
  });
  sent.mockRestore();
  const shown = [...NAMES.slice(0, -2), 'p.city', 'p.area'].map((name) =>
    name.startsWith('p.') ? `${name}::text` : `i.${name}::text`,
  );
  const { rows } = await database.pool.query(
    `SELECT ${shown.map((name, at) => `${name} AS c${at}`).join(', ')}, i.import_row::text AS row,
            i.created_by IS NULL AND i.updated_at > now() - interval '1 hour' AS own, i.import_id = $1 AS new
       FROM items i LEFT JOIN places p ON p.id = i.place_id ORDER BY i.code`,
    [id],
  );
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 1000 });
  return {
    rows,
    counts: await countsOf(slot, id),
    errors,
    rejects: await rejectsOf(slot, id),
    isBinary: texts.some((text) => text.includes('FORMAT binary')),
  };
}

const SMALL_CHUNKS = 1500;
const ONE_PART_OF_A_CHUNK = 64 * 1024 * 1024;

/** What may have become of the tables; each is SQL. */
const ALTERED: Readonly<Record<string, string>> = {
  'the tables as they are made': '',
  'a narrow text': 'ALTER TABLE items ALTER code TYPE varchar(4)',
  'a number that is rounded': 'ALTER TABLE items ALTER price TYPE numeric(8, 1)',
  'a check': 'ALTER TABLE items ADD CHECK (count > 5)',
  'a check of the linked table': 'ALTER TABLE places ADD CHECK (area > 0)',
  'a trigger that leaves out': `CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.sold THEN RETURN NULL; END IF; RETURN NEW; END $$;
    CREATE TRIGGER leaves_out BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION leave_out()`,
  'times that nothing fills':
    'ALTER TABLE items ALTER created_at DROP DEFAULT, ALTER updated_at DROP DEFAULT',
};

/** Columns of other types than are planned. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  'a text for numbers': 'ALTER TABLE items ALTER count TYPE text',
  'an approximate number':
    'ALTER TABLE items ALTER price TYPE double precision USING price::double precision',
  'a smaller integer': 'ALTER TABLE items ALTER count TYPE integer',
  'a time without a zone': 'ALTER TABLE items ALTER at TYPE timestamp',
  'a domain': 'CREATE DOMAIN short AS varchar(4); ALTER TABLE items ALTER code TYPE short',
  'in the linked table': 'ALTER TABLE places ALTER area TYPE real',
};

const MODES: readonly RawUploadOptions[] = [{}, { mode: 'upsert' }, { mode: 'replace' }, { dryRun: 'true' }];

describe.each([
  ...Object.entries(ALTERED).map(([what, sql]) => ({ what, sql, isBinary: true, modes: MODES })),
  // They go as text in each mode: two show that they are known.
  ...Object.entries(OTHER_TYPES).map(([what, sql]) => ({
    what,
    sql,
    isBinary: false,
    modes: MODES.slice(0, 2),
  })),
])('of tables with $what', ({ sql, isBinary, modes }) => {
  it('rows land as from text, and the same are refused', async () => {
    const fresh = await freshSlot([ITEMS]);
    try {
      if (sql !== '') await fresh.database.pool.query(sql);
      for (const options of modes) {
        const records = fc.sample(cellsOf, { numRuns: 35, seed: 20261128 });
        const asText = await land(fresh, records, ONE_PART_OF_A_CHUNK, options);
        expect(asText.isBinary).toBe(false);
        expect(asText.rows.length).toBeGreaterThan(0);
        const { isBinary: wasBinary, ...rest } = await land(fresh, records, SMALL_CHUNKS * 16, options);
        expectEqual({ ...rest, isBinary: false }, asText);
        expect(wasBinary, JSON.stringify(options)).toBe(isBinary);
      }
    } finally {
      await fresh.close();
    }
  });
});

it('a value in a form that only Postgres can read makes text of its chunk, and of no other', async () => {
  const fresh = await freshSlot([ITEMS]);
  try {
    const record = (at: number, sold: string): string[] =>
      Array<string>(NAMES.length)
        .fill('')
        .with(0, `n${String(at).padStart(3, '0')}`)
        .with(3, sold);
    const records = Array.from({ length: 60 }, (_, at) => record(at, at === 50 ? 'true' : ''));
    const write = vi.spyOn(BinaryRows.prototype, 'appendBoolean').mockImplementation(() => {
      throw new NotBinary('boolean');
    });
    const { rows, counts, isBinary } = await land(fresh, records, 1000, {});
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
    expect(isBinary).toBe(true);
    expect(counts).toEqual({ records: 60, loaded: 60, inserted: 60 });
    expect(rows.map((row) => (row as { c3: string | null }).c3).indexOf('true')).toBe(51);
  } finally {
    await fresh.close();
  }
});

describe('a column that gets another type while rows for it are made', () => {
  /** Alters the table behind the question for its types. */
  function alterOnce({ client }: TestSlot, pool: pg.Pool, sql: string): void {
    const { query } = Object.getPrototypeOf(client) as { query: (...args: unknown[]) => Promise<unknown> };
    const queries: { query: (...args: unknown[]) => unknown } = client;
    let isDone = false;
    vi.spyOn(queries, 'query').mockImplementation((...args) => {
      const answer = query.apply(client, args);
      if (isDone || typeof args[0] !== 'string' || !args[0].includes('::regtype')) return answer;
      isDone = true;
      return answer.then(async (result) => {
        await pool.query(sql);
        return result;
      });
    });
  }

  it.each([
    ['bytes of one would be a moment', 'ALTER TABLE items ALTER count TYPE timestamptz USING NULL', 0],
    ['bytes of one would be no text', 'ALTER TABLE items ALTER count TYPE text', 40],
  ])('takes no value for another: %s', async (_what, sql, loaded) => {
    const fresh = await freshSlot([ITEMS]);
    try {
      const records = Array.from({ length: 40 }, (_, at) =>
        Array<string>(NAMES.length)
          .fill('')
          .with(0, `n${at}`)
          .with(1, String(1000 + at)),
      );
      const { counts, errors, rows } = await land(fresh, records, 4000, {}, () =>
        alterOnce(fresh.slot, fresh.database.pool, sql),
      );
      expect(counts).toMatchObject({ records: 40, ...(loaded === 0 ? { rejected: 40 } : { loaded }) });
      expect(errors).toHaveLength(40 - loaded);
      const landed = rows.map((row) => (row as { c1: string | null }).c1);
      expect(landed.filter((count) => count !== null).toSorted()).toEqual(
        records.slice(0, loaded).map((cells) => cells[1]),
      );
    } finally {
      await fresh.close();
    }
  });
});
