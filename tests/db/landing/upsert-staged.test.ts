import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRefused, readRefused, type RefusedRow } from '../../../src/db/landing/refusals/refused-rows.ts';
import type { Upsert } from '../../../src/db/landing/upsert-matches.ts';
import { upsertStaged } from '../../../src/db/landing/upsert-staged.ts';
import type { TestDatabase } from '../../support/database.ts';
import { transactionOn } from '../../support/transaction.ts';
import '../../support/seed.ts';
import {
  type Cells,
  commonRules,
  few,
  fewTexts,
  LINKED,
  MAIN,
  openOddDatabase,
  type Outcome,
  SCHEMA,
  triggersOn,
} from './odd-tables.ts';
import { expectEqual } from '../../support/expect-equal.ts';
import { runs } from '../../support/random.ts';

let database: TestDatabase;
let client: pg.PoolClient;

beforeAll(async () => {
  ({ database, client } = await openOddDatabase());
  await client.query(
    'ALTER TABLE sluice.import_matches DROP CONSTRAINT import_matches_import_id_imports_id_fk, ALTER id TYPE bigint USING NULL',
  );
});
afterAll(async () => {
  client.release();
  await database.drop();
});

/** A record. `null` is NULL; `linked` is the only field of its linked row. Rows that are there have `d` and `y` too, the file does not. */
interface Line {
  readonly code: number;
  readonly a: number | null;
  readonly b: number | null;
  readonly c: string | null;
  /** Which record it refers to: see `bossOf`. */
  readonly boss: number | null;
  readonly linked: number | null;
}
interface Old extends Line {
  readonly d: number | null;
  readonly y: number | null;
}

const trigger = triggersOn('INSERT OR UPDATE');

const SYSTEM = 'created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), updated_by uuid';

/** Rules that a table may have; each is SQL that lays it down. */
const RULES = {
  ...commonRules(trigger),
  'nothing more': '',
  'a key with a column that the file lacks': `ALTER TABLE ${MAIN} ADD UNIQUE (b, d)`,
  'a key of an expression that fails': `CREATE UNIQUE INDEX ON ${MAIN} ((6 / b))`,
  'a key of some rows': `CREATE UNIQUE INDEX ON ${MAIN} (b) WHERE "A a" > 1`,
  'an exclusion of ranges': `ALTER TABLE ${MAIN} ADD EXCLUDE USING gist (int4range(b, b + 2) WITH &&)`,
  'a check with a column that the file lacks': `ALTER TABLE ${MAIN} ADD CHECK (b <= d)`,
  'a check that old rows do not keep': `ALTER TABLE ${MAIN} ADD CHECK (d <> 2) NOT VALID`,
  'a check that fails by itself': `ALTER TABLE ${MAIN} ADD CHECK (10 / "A a" > 2)`,
  'a check of the whole row': `ALTER TABLE ${MAIN} ADD CHECK (num_nulls("メイン %I".*) < 8)`,
  'a check of both columns of the linked table': `ALTER TABLE ${LINKED} ADD CHECK (x < y)`,
  'no nulls in the linked table': `ALTER TABLE ${LINKED} ALTER x SET NOT NULL`,
  'a reference': `ALTER TABLE ${MAIN} ADD FOREIGN KEY ("A a") REFERENCES referenced`,
  'a reference that old rows do not keep': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (b) REFERENCES referenced NOT VALID`,
  'a reference of two columns': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (b, d) REFERENCES referenced2 (q, p) DEFERRABLE INITIALLY DEFERRED`,
  'a reference to itself': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (boss) REFERENCES ${MAIN} (code)`,
  'a reference from elsewhere': `ALTER TABLE ${MAIN} ADD UNIQUE ("A a");
    CREATE TABLE referring (a int REFERENCES ${MAIN} ("A a"))`,
  'a trigger that raises after': trigger('AFTER', `IF NEW.b = 1 THEN RAISE 'one'; END IF; RETURN NEW;`),
  'a trigger that leaves out': trigger('BEFORE', `IF NEW.b = 2 THEN RETURN NULL; END IF; RETURN NEW;`),
  'a trigger that writes after': trigger('AFTER', 'INSERT INTO audit VALUES (NEW.code); RETURN NEW;'),
  partitions: `
    DROP TABLE ${MAIN};
    CREATE TABLE ${MAIN} (id int, code int UNIQUE, "A a" int CHECK ("A a" <> 2), b int, c text, d int, boss int REFERENCES ${MAIN} (code),
      linked_id int REFERENCES ${LINKED}, ${SYSTEM}, import_id text, import_row bigint, UNIQUE (b, code)) PARTITION BY RANGE (code);
    CREATE TABLE low PARTITION OF ${MAIN} FOR VALUES FROM (0) TO (5);
    CREATE TABLE middle PARTITION OF ${MAIN} (CHECK (b <= d)) FOR VALUES FROM (5) TO (8);
    CREATE TABLE high PARTITION OF ${MAIN} FOR VALUES FROM (8) TO (12)`,
  'partitions with keys of their own': `
    DROP TABLE ${MAIN};
    CREATE TABLE ${MAIN} (id int, code int UNIQUE, "A a" int, b int, c text, d int, boss int,
      linked_id int REFERENCES ${LINKED}, ${SYSTEM}, import_id text, import_row bigint) PARTITION BY RANGE (code);
    CREATE TABLE low PARTITION OF ${MAIN} (UNIQUE (b)) FOR VALUES FROM (0) TO (8);
    CREATE TABLE high PARTITION OF ${MAIN} FOR VALUES FROM (8) TO (99)`,
  'our own trigger': `CREATE TRIGGER sluice_note_update BEFORE UPDATE ON ${MAIN} FOR EACH ROW EXECUTE FUNCTION sluice.note_update()`,
} as const;
type Rule = keyof typeof RULES;

async function layDown(rules: readonly Rule[]): Promise<void> {
  await client.query(`
    CREATE TABLE referenced (d int PRIMARY KEY); INSERT INTO referenced SELECT generate_series(0, 3000) EXCEPT SELECT 3;
    CREATE TABLE referenced2 (p int, q int, PRIMARY KEY (q, p));
    INSERT INTO referenced2 SELECT p, q FROM generate_series(0, 4) p, generate_series(0, 4) q WHERE p <> q;
    CREATE TABLE audit (code int);
    CREATE TABLE ${LINKED} (id int PRIMARY KEY, x int, y int, ${SYSTEM}, import_id text, import_row bigint);
    CREATE TABLE ${MAIN} (id int PRIMARY KEY, code int UNIQUE, "A a" int, b int, c text, d int, boss int,
      linked_id int REFERENCES ${LINKED}, ${SYSTEM}, import_id text, import_row bigint)`);
  for (const rule of rules) await client.query(RULES[rule]);
}

const FIELDS = ['code', 'A a', 'b', 'c', 'boss'];
const COLUMNS = {
  linked: ['id', 'x', 'import_id', 'import_row'],
  main: ['id', ...FIELDS, 'linked_id', 'import_id', 'import_row'],
};
const UPSERT: Upsert = {
  importId: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10',
  userId: null,
  key: ['code'],
  parts: {
    lookups: [],
    links: [{ schema: SCHEMA, table: 'linked', column: 'linked_id', fields: ['x'], lacking: ['y'] }],
    main: { schema: SCHEMA, table: 'メイン %I', fields: FIELDS },
  },
  tables: [
    { target: { schema: SCHEMA, table: 'linked', columns: COLUMNS.linked }, staged: 'pg_temp.in_linked' },
    { target: { schema: SCHEMA, table: 'メイン %I', columns: COLUMNS.main }, staged: 'pg_temp.in_main' },
  ],
};

interface Staged {
  readonly row: number;
  readonly line: Line;
  readonly boss: number | null;
  readonly linkedId: number | null;
}
const quote = (column: string): string => `"${column}"`;

async function insert(table: string, columns: readonly string[], rows: readonly Cells[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 500) {
    const some = rows.slice(at, at + 500);
    const values = some.map(
      (_, n) => `(${columns.map((_, each) => `$${n * columns.length + each + 1}`).join()})`,
    );
    const { rowCount } = await client.query(
      `INSERT INTO ${table} (${columns.map(quote).join()}) VALUES ${values.join()}`,
      some.flat(),
    );
    if (rowCount !== some.length) throw new Error('left out');
  }
}

/** Does work that may be refused. @returns whether it was done */
async function tried(work: () => Promise<void>): Promise<boolean> {
  await client.query('SAVEPOINT one');
  let isDone = true;
  try {
    await work();
  } catch (error) {
    // Not of the data, so of this test.
    if ((error as pg.DatabaseError).code?.startsWith('42') === true) throw error;
    await client.query('ROLLBACK TO SAVEPOINT one');
    isDone = false;
  }
  await client.query('RELEASE SAVEPOINT one');
  return isDone;
}

/** Rows that are there before, one by one as the rules allow. Some share their linked row with the one before. */
async function addOld(old: readonly Old[]): Promise<void> {
  let shared: number | null = null;
  for (const [at, { code, a, b, c, d, boss, linked, y }] of old.entries()) {
    const id = -1 - at;
    const own = linked === null || (linked === 0 && shared !== null) ? null : id;
    await tried(async () => {
      if (own !== null)
        await insert(LINKED, ['id', 'x', 'y', 'import_id', 'import_row'], [[own, linked, y, 'old', id]]);
      const linkedId = linked === null ? null : (own ?? shared);
      const main = [id, code, a, b, c, d, boss === 0 ? code : null, linkedId, 'old', id];
      await insert(
        MAIN,
        ['id', 'code', 'A a', 'b', 'c', 'd', 'boss', 'linked_id', 'import_id', 'import_row'],
        [main],
      );
      shared = own ?? shared;
    });
  }
}

/** Refers to nothing, itself, a record that stands before it for good, a row that may be there, or one that is not. */
function bossOf(lines: readonly Line[], at: number): number | null {
  const { boss, code } = lines[at]!;
  const last = new Map(lines.map((line, each) => [line.code, each]));
  const before = lines.slice(0, at).filter((line, each) => last.get(line.code) === each);
  return boss === null ? null : [code, ...before.slice(-2).map((line) => line.code), 99, 99][boss]!;
}

function stagedOf(lines: readonly Line[]): Staged[] {
  return lines.map((line, at) => {
    const row = at + 1 + Math.floor(at / 7);
    return { row, line, boss: bossOf(lines, at), linkedId: line.linked === null ? null : row };
  });
}
const mainCells = ({ row, line: { code, a, b, c }, boss, linkedId }: Staged): Cells => [
  row,
  code,
  a,
  b,
  c,
  boss,
  linkedId,
  'new',
  row,
];
const linkedCells = ({ row, line }: Staged): Cells => [row, line.linked, 'new', row];

async function upsertByEngine(records: readonly Staged[]): Promise<RefusedRow[]> {
  for (const { target, staged } of UPSERT.tables)
    await client.query(
      `CREATE TEMP TABLE ${staged.slice(8)} ON COMMIT DROP AS
       SELECT ${target.columns.map(quote).join()} FROM "Odd ""schema"""."${target.table}" WITH NO DATA`,
    );
  await insert('pg_temp.in_main', COLUMNS.main, records.map(mainCells));
  await insert(
    'pg_temp.in_linked',
    COLUMNS.linked,
    records.filter((each) => each.linkedId !== null).map(linkedCells),
  );
  await client.query('ANALYZE pg_temp.in_main; ANALYZE pg_temp.in_linked');
  await openRefused(transactionOn(client));
  await upsertStaged(transactionOn(client), UPSERT);
  return readRefused(transactionOn(client), 0, Number.MAX_SAFE_INTEGER);
}

interface Match {
  id: number;
  linked_id: number | null;
  isShared: boolean;
  isChanged: boolean;
  isLinkedChanged: boolean;
}

/** The last record of each key: first those that have a row update it, one by one in the order of the file, then the others are added. */
async function upsertOneByOne(records: readonly Staged[]): Promise<number[]> {
  const last = [...new Map(records.map((record) => [record.line.code, record])).values()].toSorted(
    (a, b) => a.row - b.row,
  );
  const matches = new Map<Staged, Match>();
  for (const record of last) {
    const { code, a, b, c, linked } = record.line;
    const { rows } = await client.query<Match>(
      `SELECT t.id, t.linked_id, EXISTS (SELECT FROM ${MAIN} o WHERE o.linked_id = t.linked_id AND o.id <> t.id) AS "isShared",
              l.x IS DISTINCT FROM $5::int AS "isLinkedChanged",
              (t."A a", t.b, t.c, t.boss) IS DISTINCT FROM ($2::int, $3::int, $4, $6::int) OR l.x IS DISTINCT FROM $5::int
                OR (l.id IS NULL AND $5::int IS NOT NULL) AS "isChanged"
         FROM ${MAIN} t LEFT JOIN ${LINKED} l ON l.id = t.linked_id WHERE t.code = $1`,
      [code, a, b, c, linked, record.boss],
    );
    if (rows.length > 0) matches.set(record, rows[0]!);
  }
  const refused: number[] = [];
  for (const [record, match] of matches)
    if (match.isChanged && !(await tried(() => updateOne(record, match)))) refused.push(record.row);
  for (const record of last) {
    if (matches.has(record)) continue;
    const isDone = await tried(async () => {
      if (record.linkedId !== null) await insert(LINKED, COLUMNS.linked, [linkedCells(record)]);
      await insert(MAIN, COLUMNS.main, [mainCells(record)]);
    });
    if (!isDone) refused.push(record.row);
  }
  return refused.toSorted((a, b) => a - b);
}

async function updateOne(record: Staged, match: Match): Promise<void> {
  const { a, b, c, linked } = record.line;
  let linkedId = match.linked_id;
  if (match.isLinkedChanged && linkedId !== null && !match.isShared)
    await client.query(`UPDATE ${LINKED} SET x = $2, updated_at = now() WHERE id = $1`, [linkedId, linked]);
  else if (match.isLinkedChanged) {
    if (record.linkedId !== null)
      await client.query(
        `INSERT INTO ${LINKED} (id, x, import_id, import_row, y) SELECT $1::int, $2::int, 'new', $1::int, (SELECT y FROM ${LINKED} WHERE id = $3)`,
        [record.linkedId, linked, linkedId],
      );
    linkedId = record.linkedId;
  }
  const { rowCount } = await client.query(
    `UPDATE ${MAIN} SET "A a" = $2, b = $3, c = $4, boss = $5, linked_id = $6, updated_at = now() WHERE id = $1`,
    [match.id, a, b, c, record.boss, linkedId],
  );
  if (rowCount !== 1) throw new Error('left out');
}

async function look(refused: number[]): Promise<Outcome> {
  const tables = [];
  for (const table of [MAIN, LINKED, 'audit'])
    tables.push(
      (
        await client.query(
          `SELECT to_jsonb(t) - 'updated_at' AS row FROM ${table} t ORDER BY to_jsonb(t) - 'updated_at'`,
        )
      ).rows,
    );
  return { tables, refused };
}

/** What comes of the engine, and of doing it one by one, in the same tables with the same rows in them. */
async function upsertBoth(
  rules: readonly Rule[],
  old: readonly Old[],
  lines: readonly Line[],
): Promise<{ engine: Outcome; oneByOne: Outcome; refused: RefusedRow[] }> {
  await client.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
  try {
    // Rules that hold from now on are broken by none of the rows that are there, but for those that say so.
    await layDown(rules.filter((rule) => !LATE.includes(rule)));
    await addOld(old);
    for (const rule of rules.filter((each) => LATE.includes(each))) await client.query(RULES[rule]);
    if (rules.includes('a reference from elsewhere'))
      await client.query(`INSERT INTO referring SELECT "A a" FROM ${MAIN} WHERE "A a" < 3`);
    await client.query('SET CONSTRAINTS ALL IMMEDIATE; SAVEPOINT before_rows');
    const records = stagedOf(lines);
    const oneByOne = await look(await upsertOneByOne(records));
    await client.query('ROLLBACK TO SAVEPOINT before_rows');
    const refused = await upsertByEngine(records);
    const engine = await look(refused.map(({ row }) => row));
    return { engine, oneByOne, refused };
  } finally {
    await client.query('ROLLBACK');
  }
}
const LATE: readonly Rule[] = ['a check that old rows do not keep', 'a reference that old rows do not keep'];

const line = {
  code: fc.integer({ min: 0, max: 12 }),
  a: few,
  b: few,
  c: fewTexts,
  boss: few,
  linked: few,
};
const anyLine = fc.record<Line>(line);
const anyOld = fc.array(fc.record<Old>({ ...line, d: few, y: few }), { minLength: 3, maxLength: 14 });
const anyRules = fc
  .subarray(
    // A table of partitions has rules of its own.
    (Object.keys(RULES) as Rule[]).filter((rule) => !rule.startsWith('partitions')),
    { maxLength: 4 },
  )
  // Both would be the same constraint.
  .filter((rules) => !(rules.includes('a key') && rules.includes('a reference from elsewhere')));

describe('an upsert does and refuses the same as updating, then inserting, one by one in the order of the file', () => {
  it.each(Object.keys(RULES) as Rule[])('with %s', async (rule) => {
    await fc.assert(
      fc.asyncProperty(anyOld, fc.array(anyLine, { minLength: 1, maxLength: 25 }), async (old, lines) => {
        const { engine, oneByOne } = await upsertBoth([rule], old, lines);
        expectEqual(engine, oneByOne);
      }),
      { numRuns: runs(4) },
    );
  });

  it('with several rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRules,
        anyOld,
        fc.array(anyLine, { minLength: 1, maxLength: 25 }),
        async (rules, old, lines) => {
          const { engine, oneByOne, refused } = await upsertBoth(rules, old, lines);
          expectEqual(engine, oneByOne);
          for (const { error } of refused) expect(error).toMatchObject({ code: /^.{5}$/, message: /./ });
        },
      ),
      { numRuns: runs(30) },
    );
  });

  it('with a few bad ones among many, whose keys go round', async () => {
    const good = (n: number): Old => ({
      code: n + 100,
      a: n + 100,
      b: n + 100,
      c: `c${n}`,
      d: n + 200,
      boss: null,
      linked: n + 100,
      y: n + 2000,
    });
    await fc.assert(
      fc.asyncProperty(
        anyRules.filter(
          (rules) => !rules.includes('a trigger that changes') && !rules.includes('an exclusion of ranges'),
        ),
        fc.integer({ min: 200, max: 500 }),
        fc.constantFrom(-1, 0, 1, 7, 1000),
        fc.array(fc.tuple(fc.nat({ max: 499 }), anyLine), { maxLength: 12 }),
        async (rules, count, shift, bad) => {
          const old = Array.from({ length: count }, (_, n) => good(n));
          const lines: Line[] = old.map((each, n) => ({
            ...each,
            a: ((n + shift + count) % (count + 1)) + 100,
          }));
          for (const [at, { code: _, ...rest }] of bad)
            lines[at % count] = { ...lines[at % count]!, ...rest };
          const { engine, oneByOne } = await upsertBoth(rules, old, lines);
          expectEqual(engine, oneByOne);
        },
      ),
      { numRuns: runs(4) },
    );
  });
});
