import { describe, expect, test } from 'vitest';
import { diffTables, type ActualTable } from '../../../../src/core/dataset/tables/diff-tables.ts';
import {
  planTables,
  postgresType,
  type PlannedTable,
} from '../../../../src/core/dataset/tables/table-plan.ts';
import type { Dataset, Field } from '../../../../src/core/dataset/types.ts';
import { CUSTOMERS } from '../customers.ts';

test.each<[Omit<Field, 'name'>, string]>([
  [{ type: 'string' }, 'text'],
  [{ type: 'string', constraints: { maxLength: 255 } }, 'varchar(255)'],
  [{ type: 'string', format: 'uuid' }, 'uuid'],
  [{ type: 'integer' }, 'bigint'],
  [{ type: 'number' }, 'numeric'],
  [{ type: 'boolean' }, 'boolean'],
  [{ type: 'date' }, 'date'],
  [{ type: 'datetime' }, 'timestamptz'],
  [{ type: 'time' }, 'time'],
  [{ type: 'year' }, 'integer'],
  [{ type: 'yearmonth' }, 'varchar(7)'],
  [{ type: 'object', constraints: { maxLength: 3 } }, 'jsonb'],
  [{ type: 'array' }, 'jsonb'],
  [{ type: 'any' }, 'text'],
])('%j is %s', (field, type) => expect(postgresType({ name: 'f', ...field })).toBe(type));

describe('planTables', () => {
  test('linked tables first, then the main one with its references', () => {
    const [addresses, customers] = planTables(CUSTOMERS);
    expect(addresses).toMatchObject({
      schema: 'public',
      name: 'addresses',
      indexes: [{ columns: ['import_id'], kind: 'brin' }],
    });
    expect(
      customers!.columns.map(({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`),
    ).toEqual([
      'id uuid not null',
      'name varchar(255) not null',
      'kana varchar(255)',
      'birthday date',
      'email varchar(255)',
      'phone_no text',
      'address_id uuid',
      'created_at timestamptz not null',
      'updated_at timestamptz not null',
      'created_by uuid',
      'updated_by uuid',
      'import_id uuid',
      'import_row bigint',
    ]);
    expect(customers!.columns[6]!.references).toEqual({ schema: 'public', table: 'addresses', column: 'id' });
    expect(customers!.indexes).toEqual([
      { columns: ['address_id'], kind: 'btree' },
      { columns: ['import_id'], kind: 'brin' },
    ]);
  });

  test('unique fields and the primary key become unique indexes, the key’s fields not null', () => {
    const fields: Field[] = [
      { name: 'a', type: 'integer', constraints: { unique: true } },
      { name: 'b', type: 'integer', constraints: { unique: true } },
    ];
    const plan = (primaryKey: string[]) =>
      planTables({ name: 'd', schema: { fields, primaryKey }, target: { table: 't' } })[0]!;
    const unique = (table: PlannedTable) =>
      table.indexes.filter(({ kind }) => kind === 'unique').map(({ columns }) => columns);
    expect(unique(plan(['a']))).toEqual([['a'], ['b']]);
    expect(unique(plan(['a', 'b']))).toEqual([['a', 'b'], ['a'], ['b']]);
    expect(
      plan(['a'])
        .columns.slice(1, 3)
        .map(({ nullable }) => nullable),
    ).toEqual([false, true]);
  });
});

const dataset = (...fields: Field[]): Dataset => ({ name: 'd', schema: { fields }, target: { table: 't' } });

/** The table as if made from the dataset's plan. */
function actual(from: Dataset, changes: Partial<ActualTable> = {}): ActualTable {
  const { schema, name, columns, indexes } = planTables(from)[0]!;
  return {
    schema,
    name,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      hasDefault: column.default !== undefined,
    })),
    primaryKey: ['id'],
    indexes: indexes.map(({ columns: on, kind }) => ({ columns: on, unique: kind === 'unique' })),
    hasRows: true,
    notesUpdates: true,
    ...changes,
  };
}

function withoutDefaults(table: ActualTable): ActualTable {
  return { ...table, columns: table.columns.map((column) => ({ ...column, hasDefault: false })) };
}

const SHORT: Field = { name: 'f', type: 'string', constraints: { maxLength: 10 } };
const LONG: Field = { name: 'f', type: 'string', constraints: { maxLength: 20 } };
const TEXT: Field = { name: 'f', type: 'string' };
const REQUIRED: Field = { ...TEXT, constraints: { required: true } };
const UNIQUE: Field = { ...TEXT, constraints: { unique: true } };
const G: Field = { name: 'g', type: 'integer' };
const REQUIRED_G: Field = { ...G, constraints: { required: true } };

describe('diffTables', () => {
  test.each<[string, Dataset, ActualTable, string[]]>([
    ['nothing when all fits', dataset(SHORT), actual(dataset(SHORT)), []],
    [
      'a new column',
      dataset(TEXT, G),
      actual(dataset(TEXT)),
      ['ALTER TABLE "public"."t" ADD COLUMN "g" bigint'],
    ],
    [
      'a required one while empty',
      dataset(TEXT, REQUIRED_G),
      actual(dataset(TEXT), { hasRows: false }),
      ['ALTER TABLE "public"."t" ADD COLUMN "g" bigint NOT NULL'],
    ],
    [
      'a longer text',
      dataset(LONG),
      actual(dataset(SHORT)),
      ['ALTER TABLE "public"."t" ALTER COLUMN "f" TYPE varchar(20)'],
    ],
    [
      'an unlimited text',
      dataset(TEXT),
      actual(dataset(SHORT)),
      ['ALTER TABLE "public"."t" ALTER COLUMN "f" TYPE text'],
    ],
    [
      'a shorter text while empty',
      dataset(SHORT),
      actual(dataset(TEXT), { hasRows: false }),
      ['ALTER TABLE "public"."t" ALTER COLUMN "f" TYPE varchar(10)'],
    ],
    [
      'no longer required',
      dataset(TEXT),
      actual(dataset(REQUIRED)),
      ['ALTER TABLE "public"."t" ALTER COLUMN "f" DROP NOT NULL'],
    ],
    [
      'required while empty',
      dataset(REQUIRED),
      actual(dataset(TEXT), { hasRows: false }),
      ['ALTER TABLE "public"."t" ALTER COLUMN "f" SET NOT NULL'],
    ],
    [
      'unique while empty',
      dataset(UNIQUE),
      actual(dataset(TEXT), { hasRows: false }),
      ['CREATE UNIQUE INDEX "t_f_key" ON "public"."t" ("f")'],
    ],
    [
      'a missing index on import_id',
      dataset(TEXT),
      actual(dataset(TEXT), { indexes: [] }),
      ['CREATE INDEX "t_import_id_brin" ON "public"."t" USING brin ("import_id")'],
    ],
    ['fields that were taken out', dataset(TEXT), actual(dataset(TEXT, G)), []],
    [
      'times that the database did not fill',
      dataset(TEXT),
      withoutDefaults(actual(dataset(TEXT))),
      [
        'ALTER TABLE "public"."t" ALTER COLUMN "created_at" SET DEFAULT now()',
        'ALTER TABLE "public"."t" ALTER COLUMN "updated_at" SET DEFAULT now()',
      ],
    ],
  ])('%s', (_, wanted, table, statements) => {
    const diff = diffTables(planTables(wanted), [table]);
    expect(diff).toEqual({
      statements,
      conflicts: [],
      created: [],
      altered: statements.length > 0 ? ['t'] : [],
    });
  });

  test.each<[string, Dataset, ActualTable, RegExp]>([
    [
      'another type',
      dataset({ ...TEXT, type: 'integer' }),
      actual(dataset(TEXT)),
      /^Column "f" of table "t" is text; the dataset needs bigint\./,
    ],
    [
      'another type, even while empty',
      dataset({ ...TEXT, type: 'integer' }),
      actual(dataset(TEXT), { hasRows: false }),
      /needs bigint/,
    ],
    [
      'a shorter text',
      dataset(SHORT),
      actual(dataset(LONG)),
      /is varchar\(20\); the dataset needs varchar\(10\)/,
    ],
    [
      'a new required column',
      dataset(TEXT, REQUIRED_G),
      actual(dataset(TEXT)),
      /has rows and no column "g", which the dataset requires/,
    ],
    [
      'newly required',
      dataset(REQUIRED),
      actual(dataset(TEXT)),
      /Column "f" of table "t" may be null; the dataset requires it/,
    ],
    [
      'newly unique',
      dataset(UNIQUE),
      actual(dataset(TEXT)),
      /no unique index on \(f\).*CREATE UNIQUE INDEX "t_f_key"/,
    ],
    [
      'no id',
      dataset(TEXT),
      { ...actual(dataset(TEXT)), columns: actual(dataset(TEXT)).columns.slice(1) },
      /no column "id"/,
    ],
    [
      'a required column that nothing fills',
      dataset(TEXT),
      {
        ...actual(dataset(TEXT)),
        columns: [
          ...actual(dataset(TEXT)).columns,
          { name: 'x', type: 'text', nullable: false, hasDefault: false },
        ],
      },
      /^Column "x" of table "t" is required, has no default, and no field of the dataset fills it/,
    ],
  ])('conflict: %s', (_, wanted, table, sentence) => {
    const { conflicts } = diffTables(planTables(wanted), [table]);
    expect(conflicts).toHaveLength(1);
    expect(conflicts[0]).toMatch(sentence);
    expect(conflicts[0]).toMatch(/\.$/);
  });

  test('index names stay within 63 characters and apart', () => {
    const long = (end: string): Field => ({
      name: `${'f'.repeat(60)}${end}`,
      type: 'integer',
      constraints: { unique: true },
    });
    const { statements } = diffTables(planTables(dataset(long('a'), long('b'))), []);
    const names = statements.flatMap((statement) => /INDEX "([^"]+)"/.exec(statement)?.[1] ?? []);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(63);
  });
});
