import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { landRows } from '../../../src/db/landing/land-rows.ts';
import type { RefusedRow } from '../../../src/db/landing/refusals/refused-rows.ts';
import type { RowBatch } from '../../../src/db/landing/stage-rows.ts';
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
  triggersOn,
} from './odd-tables.ts';
import { runs } from '../../support/random.ts';

let database: TestDatabase;
let client: pg.PoolClient;

beforeAll(async () => {
  ({ database, client } = await openOddDatabase());
});
afterAll(async () => {
  client.release();
  await database.drop();
});

/** A record: its main row, and its linked row if it has one. `null` is NULL. */
interface Line {
  readonly a: number | null;
  readonly b: number | null;
  readonly c: string | null;
  readonly d: number | null;
  readonly linked: number | null;
  /** Refers to nothing, itself, one of the two records before, or a row that is not there. */
  readonly boss: number | null;
}

const trigger = triggersOn('INSERT');

/** Rules that a table may have; each is SQL that lays it down. */
const RULES = {
  ...commonRules(trigger),
  'a key of some rows': `CREATE UNIQUE INDEX ON ${MAIN} (b) WHERE d > 1`,
  'a check that fails by itself': `ALTER TABLE ${MAIN} ADD CHECK (10 / d > 2)`,
  'a check of the whole row': `ALTER TABLE ${MAIN} ADD CHECK (num_nulls("メイン %I".*) < 5)`,
  'no nulls in a default': `ALTER TABLE ${MAIN} ADD more int NOT NULL DEFAULT 1`,
  'a reference': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (d) REFERENCES referenced`,
  'a reference to rows that are hidden': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (d) REFERENCES referenced;
    ALTER TABLE referenced ENABLE ROW LEVEL SECURITY; ALTER TABLE referenced FORCE ROW LEVEL SECURITY`,
  'a reference to a table of partitions': `
    CREATE TABLE parted (d int PRIMARY KEY) PARTITION BY RANGE (d);
    CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (2);
    CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (2) TO (9999);
    INSERT INTO parted SELECT d FROM referenced; ALTER TABLE ${MAIN} ADD FOREIGN KEY (d) REFERENCES parted`,
  'a reference that can be deferred': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (b, "A a") REFERENCES referenced2 (q, p) DEFERRABLE INITIALLY DEFERRED`,
  'a reference to itself': `ALTER TABLE ${MAIN} ADD FOREIGN KEY (boss) REFERENCES ${MAIN}`,
  partitions: `
    DROP TABLE ${MAIN};
    CREATE TABLE ${MAIN} (id int, "A a" int CHECK ("A a" <> 2), b int, c text, d int REFERENCES referenced, boss int, linked_id int REFERENCES ${LINKED},
      import_id text, import_row bigint, UNIQUE ("A a", b)) PARTITION BY LIST (b);
    CREATE TABLE low PARTITION OF ${MAIN} FOR VALUES IN (0, 1);
    CREATE TABLE two PARTITION OF ${MAIN} (UNIQUE (c), CHECK (d <> 1)) FOR VALUES IN (2);
    CREATE TABLE three PARTITION OF ${MAIN} FOR VALUES IN (3);
    CREATE TABLE none PARTITION OF ${MAIN} FOR VALUES IN (NULL);
    ${trigger('AFTER', `IF NEW.d = 0 THEN RAISE 'none'; END IF; RETURN NEW;`, 'three')}`,
  'a narrow column': `ALTER TABLE ${MAIN} ALTER c TYPE varchar(1)`,
  'a domain': `ALTER TABLE ${MAIN} ALTER "A a" TYPE small`,
  'a trigger that raises after': trigger(
    'AFTER',
    `IF NEW.d = 1 THEN RAISE 'one' USING ERRCODE = 'UX001'; END IF; RETURN NEW;`,
  ),
  'a trigger that leaves out': trigger('BEFORE', `IF NEW.d = 2 THEN RETURN NULL; END IF; RETURN NEW;`),
  'a trigger that writes before': trigger('BEFORE', 'INSERT INTO audit VALUES (NEW.import_row); RETURN NEW;'),
  'a trigger that writes after': trigger('AFTER', 'INSERT INTO audit VALUES (NEW.import_row); RETURN NEW;'),
  'a trigger of the linked table that leaves out': trigger(
    'BEFORE',
    'IF NEW.x = 1 THEN RETURN NULL; END IF; RETURN NEW;',
    LINKED,
  ),
} as const;
type Rule = keyof typeof RULES;

async function layDown(rules: readonly Rule[]): Promise<void> {
  await client.query(`
    CREATE TABLE referenced (d int PRIMARY KEY); INSERT INTO referenced SELECT generate_series(0, 2000) EXCEPT SELECT 3;
    CREATE TABLE referenced2 (p int, q int, PRIMARY KEY (q, p));
    INSERT INTO referenced2 SELECT p, q FROM generate_series(0, 4) p, generate_series(0, 4) q WHERE p <> q;
    INSERT INTO referenced2 SELECT n, n FROM generate_series(100, 2000) n;
    CREATE TABLE audit (import_row bigint);
    CREATE DOMAIN small AS int CHECK (VALUE <> 2);
    CREATE TABLE ${LINKED} (id int PRIMARY KEY, x int, import_id text, import_row bigint);
    CREATE TABLE ${MAIN} (id int PRIMARY KEY, "A a" int, b int, c text, d int, boss int, linked_id int REFERENCES ${LINKED}, import_id text, import_row bigint)`);
  for (const rule of rules) await client.query(RULES[rule]);
}

const TABLES = [
  { schema: 'Odd "schema"', table: 'linked', columns: ['id', 'x', 'import_id', 'import_row'] },
  {
    schema: 'Odd "schema"',
    table: 'メイン %I',
    columns: ['id', 'A a', 'b', 'c', 'd', 'boss', 'linked_id', 'import_id', 'import_row'],
  },
];

/** The cells of a record in each table; row numbers leave some out, as rejected records do. */
function cellsOf(line: Line, at: number, importId: string): { linked: Cells | null; main: Cells } {
  const row = rowOf(at);
  const id = importId === 'old' ? -row : row;
  return {
    linked: line.linked === null ? null : [id, line.linked, importId, row],
    main: [
      id,
      line.a,
      line.b,
      line.c,
      line.d,
      bossOf(line, at, id),
      line.linked === null ? null : id,
      importId,
      row,
    ],
  };
}
const bossOf = ({ boss }: Line, at: number, id: number): number | null =>
  boss === null
    ? null
    : [id, ...[1, 2].map((back) => Math.sign(id) * rowOf(Math.max(at - back, 0))), 9999, 9999][boss]!;
const rowOf = (at: number): number => at + 1 + Math.floor(at / 7);

function batchOf(lines: readonly Line[]): RowBatch {
  const cells = lines.map((line, at) => cellsOf(line, at, 'new'));
  const text = (rows: readonly Cells[]): Buffer[] =>
    rows.length === 0
      ? []
      : [Buffer.from(rows.map((row) => `${row.map((cell) => cell ?? '\\N').join('\t')}\n`).join(''))];
  const linked = cells.flatMap((each) => (each.linked === null ? [] : [each.linked]));
  return {
    tables: TABLES,
    blocks: [text(linked), text(cells.map(({ main }) => main))],
    rowCounts: [linked.length, cells.length],
  };
}

/** Inserts the records one by one, each in a savepoint. @returns the rows that did not land */
async function landOneByOne(lines: readonly Line[], importId: string): Promise<number[]> {
  const refused: number[] = [];
  for (const [at, line] of lines.entries()) {
    const { linked, main } = cellsOf(line, at, importId);
    await client.query('SAVEPOINT one');
    try {
      if (linked !== null) await insert(LINKED, TABLES[0]!.columns, linked);
      await insert(MAIN, TABLES[1]!.columns, main);
    } catch {
      await client.query('ROLLBACK TO SAVEPOINT one');
      refused.push(rowOf(at));
    }
    await client.query('RELEASE SAVEPOINT one');
  }
  return refused;
}

async function insert(table: string, columns: readonly string[], cells: Cells): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO ${table} (${columns.map((name) => `"${name}"`).join(', ')}) VALUES (${cells.map((_, at) => `$${at + 1}`).join(', ')})`,
    [...cells],
  );
  if (rowCount !== 1) throw new Error('left out');
}

async function look(refused: number[]): Promise<Outcome> {
  const tables = [];
  for (const table of [MAIN, LINKED, 'audit'])
    tables.push(
      (await client.query(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY import_row, to_jsonb(t)`)).rows,
    );
  return { tables, refused };
}

/** What comes of landing by the engine, and of landing one by one, in the same tables with the same rows in them. */
async function landBoth(
  rules: readonly Rule[],
  old: readonly Line[],
  lines: readonly Line[],
): Promise<{ engine: Outcome; oneByOne: Outcome; refused: RefusedRow[] }> {
  await client.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
  try {
    await layDown(rules);
    await landOneByOne(old, 'old');
    await client.query('SAVEPOINT before_rows');
    const oneByOne = await look(await landOneByOne(lines, 'new'));
    await client.query('ROLLBACK TO SAVEPOINT before_rows');
    const { refused } = await landRows(transactionOn(client), batchOf(lines));
    const engine = await look(refused.map(({ row }) => row));
    return { engine, oneByOne, refused };
  } finally {
    await client.query('ROLLBACK');
  }
}

const anyLine = fc.record<Line>({
  a: few,
  b: few,
  c: fewTexts,
  d: few,
  linked: few,
  boss: few,
});
/** A table of partitions has rules of its own. */
const anyRules = fc.subarray(
  (Object.keys(RULES) as Rule[]).filter((rule) => rule !== 'partitions'),
  { maxLength: 4 },
);

describe('the engine lands and refuses the same rows as inserting one by one, in order', () => {
  it.each(Object.keys(RULES) as Rule[])('with %s', async (rule) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLine, { maxLength: 5 }),
        fc.array(anyLine, { minLength: 1, maxLength: 25 }),
        async (old, lines) => {
          const { engine, oneByOne } = await landBoth([rule], old, lines);
          expect(engine).toEqual(oneByOne);
        },
      ),
      { numRuns: runs(3) },
    );
  });

  it('with several rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRules,
        fc.array(anyLine, { maxLength: 5 }),
        fc.array(anyLine, { minLength: 1, maxLength: 25 }),
        async (rules, old, lines) => {
          const { engine, oneByOne, refused } = await landBoth(rules, old, lines);
          expect(engine).toEqual(oneByOne);
          for (const { error } of refused) expect(error).toMatchObject({ code: /^.{5}$/, message: /./ });
        },
      ),
      { numRuns: runs(20) },
    );
  });

  it('with a few bad ones among many', async () => {
    const good = (n: number): Line => ({
      a: n + 100,
      b: n + 100,
      c: `c${n}`,
      d: n + 100,
      linked: n + 100,
      boss: n % 3,
    });
    await fc.assert(
      fc.asyncProperty(
        anyRules.filter(
          (rules) => !rules.includes('a narrow column') && !rules.includes('a trigger that changes'),
        ),
        fc.array(anyLine, { maxLength: 5 }),
        fc.integer({ min: 200, max: 700 }),
        fc.array(fc.tuple(fc.nat({ max: 699 }), anyLine), { maxLength: 12 }),
        async (rules, old, count, bad) => {
          const lines = Array.from({ length: count }, (_, n) => good(n));
          for (const [at, line] of bad) lines[at % count] = line;
          const { engine, oneByOne } = await landBoth(rules, old, lines);
          expect(engine).toEqual(oneByOne);
        },
      ),
      { numRuns: runs(4) },
    );
  });
});
