// A dataset that is inferred from a file gives every cell of it back: its text, or exactly its value.
import '../../../support/seed.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPlaces } from '../../../../src/core/csv/records/read-places.ts';
import { formatCsvRecord } from '../../../../src/core/csv/records/writer.ts';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import { ColumnEvidence } from '../../../../src/core/dataset/infer/column-evidence.ts';
import { fieldNames } from '../../../../src/core/dataset/infer/field-names.ts';
import { inferDataset, type InferredDataset } from '../../../../src/core/dataset/infer/infer-dataset.ts';
import { matchHeader } from '../../../../src/core/dataset/header/match-header.ts';
import type { FieldType } from '../../../../src/core/dataset/types.ts';
import { lookAt } from '../../../../src/intake/infer/look-at.ts';
import { runs } from '../../../support/random.ts';

function infer(
  header: readonly string[],
  records: readonly (readonly string[])[],
  types: 'detect' | 'text' = 'detect',
): InferredDataset {
  const bytes = Buffer.from(records.map((record) => formatCsvRecord(record)).join(''));
  const columns = header.map(() => new ColumnEvidence(types === 'text'));
  const stretch = { startByte: 0, endByte: bytes.length, firstRow: 1, firstLine: 2, records: records.length };
  readPlaces(bytes, stretch, { delimiter: ',' }, (cells, _row, line) =>
    lookAt(columns, bytes, cells, line, false),
  );
  return inferDataset(
    header,
    columns.map(({ findings }) => findings),
    { name: 'd', types },
  );
}

/** Of one column. */
function fieldOf(...cells: string[]) {
  const { dataset, columns } = infer(
    ['x', 'y'],
    cells.map((cell) => [cell, 'y']),
  );
  return { field: dataset.schema.fields[0]!, column: columns[0]! };
}

describe('types', () => {
  it.each<[string, readonly string[], object]>([
    ['whole numbers', ['0', '-5', '123456789012345678'], { type: 'integer' }],
    ['decimals', ['1', '1.50', '-0.001'], { type: 'number' }],
    ['days', ['2024-02-29', '1999-12-31'], { type: 'date' }],
    ['times with an offset', ['2024-02-29T10:00:00Z', '2024-02-29T10:00:00.5+09:00'], { type: 'datetime' }],
    [
      'times without one',
      ['2024-02-29 10:00:00', '2024-02-29 10:30'],
      { type: 'datetime', format: 'any', timeZone: 'UTC' },
    ],
    ['times of the day', ['10:00:00', '23:59'], { type: 'time', format: 'any' }],
    ['true and false', ['true', 'false'], { type: 'boolean' }],
    ['e-mail addresses', ['a@example.com', 'b.c@example.org'], { type: 'string', format: 'email' }],
    ['UUIDs', ['0190a6c2-7b1e-7c3d-9f00-1234567890ab'], { type: 'string', format: 'uuid' }],
    ['web addresses', ['https://example.com/a?b=c'], { type: 'string', format: 'uri' }],
    ['nothing', ['', ''], { type: 'string' }],
  ])('%s', (_, cells, field) => expect(fieldOf(...cells).field).toMatchObject(field));

  it.each<[cell: string, reason: RegExp]>([
    ['007', /begins with a zero/],
    ['09012345678', /begins with a zero/],
    ['+81312345678', /begins with a plus/],
    ['9007199254740993000', /more digits/],
    ['1E5', /has an exponent/],
    ['03-04-2020', /day or the month comes first/],
    ['2024-02-30', /is no day/],
    ['1,234', /can be read in two ways/],
    ['1.', /decimal point at one end/],
    ['-0', /negative zero/],
    ['-0.00', /negative zero/],
    [' 12', /blanks around it/],
    ['n/a', /missingValues/],
    ['yes', /is a text/],
    ['True', /is not like the values before it|is a text/],
    ['0190A6C2-7B1E-7C3D-9F00-1234567890AB', /is a text/],
    ['2024-02-29T23:59:60Z', /is no day, or no time/],
  ])('%s stays a text, and says why', (cell, reason) => {
    const { field, column } = fieldOf('12', '13', cell);
    expect(field.type).toBe('string');
    expect(column.counterExample).toEqual({ line: 4, value: cell, reason: expect.stringMatching(reason) });
    expect(column.because).toContain('The 2 values before it are whole numbers.');
  });

  it('types=text keeps all as texts, without constraints', () => {
    const { dataset } = infer(['a', 'b'], [['1', 'true']], 'text');
    expect(dataset.schema).toEqual({
      fields: [
        { name: 'a', type: 'string' },
        { name: 'b', type: 'string' },
      ],
    });
  });
});

describe('constraints', () => {
  it('few texts become choices, a column without empty cells is required, and the first key is the primary key', () => {
    const records = Array.from({ length: 60 }, (_, at) => [
      String(at),
      ['open', 'closed'][at % 2]!,
      at === 7 ? '' : 'x',
    ]);
    const { dataset, columns } = infer(['no', 'state', 'memo'], records);
    expect(dataset.schema).toEqual({
      fields: [
        { name: 'no', type: 'integer', constraints: { required: true } },
        { name: 'state', type: 'string', constraints: { required: true, enum: ['open', 'closed'] } },
        { name: 'memo', type: 'string', constraints: { enum: ['x'] } },
      ],
      primaryKey: ['no'],
    });
    expect(columns[1]).toMatchObject({
      isUnique: false,
      repeated: { line: 4, value: 'open' },
      choices: [
        { value: 'open', count: 30 },
        { value: 'closed', count: 30 },
      ],
    });
    expect(columns[2]!.required).toBe('1 record of 60 have none.');
  });
});

describe('names', () => {
  it.each<[readonly string[], readonly string[]]>([
    [
      ['Full name', 'Größe (cm)', '1st'],
      ['full_name', 'grosse_cm', 'c_1st'],
    ],
    [
      ['氏名', '電話番号', ''],
      ['column_1', 'column_2', 'column_3'],
    ],
    [
      ['id', 'created_at', 'xmin'],
      ['id_2', 'created_at_2', 'xmin_2'],
    ],
    [
      ['a b', 'a_b', 'A B'],
      ['a_b_2', 'a_b', 'a_b_3'],
    ],
    [
      ['select', 'column_1', ''],
      ['select', 'column_1', 'column_3'],
    ],
    [
      [`${'n'.repeat(70)}1`, `${'n'.repeat(70)}2`],
      ['n'.repeat(63), `${'n'.repeat(61)}_2`],
    ],
  ])('%j are %j', (headers, names) => expect(fieldNames(headers)).toEqual(names));
});

const CELLS = fc.oneof(
  fc.constantFrom(
    '',
    'true',
    'False',
    'n/a',
    '-',
    '1E5',
    '03-04-2020',
    '0',
    '-0',
    '00',
    'NULL',
    '\\N',
    'NaN',
    'Infinity',
  ),
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }).map(String),
  fc.double().map(String),
  fc.tuple(fc.integer(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(11, 16)),
  fc.uuid(),
  fc.emailAddress(),
  fc.webUrl(),
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[-+0-9.,:TZ eE/]{1,20}$/),
);

/** Cells of one sort, mostly. */
const COLUMN = fc.oneof(
  fc.array(CELLS, { minLength: 1, maxLength: 30 }),
  CELLS.chain((cell) => fc.array(fc.constantFrom(cell, '', cell), { minLength: 1, maxLength: 30 })),
  fc.array(fc.integer().map(String), { minLength: 1, maxLength: 30 }),
  fc.array(fc.stringMatching(/^-?[0-9]{1,25}(\.[0-9]{1,9})?$/), { minLength: 1, maxLength: 30 }),
  fc.array(fc.stringMatching(/^20[0-9]{2}-[01][0-9]-[0-3][0-9]$/), { minLength: 1, maxLength: 5 }),
  fc.array(
    fc.stringMatching(
      /^20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?(Z|[+-][01][0-9]:?[0-5][0-9])?$/,
    ),
    {
      minLength: 1,
      maxLength: 5,
    },
  ),
);

describe('whatever the column', () => {
  it('each cell lands, and gives back its text or its exact value', () => {
    fc.assert(
      fc.property(COLUMN, fc.string({ unit: 'grapheme', minLength: 1 }), (cells, title) => {
        const records = cells.map((cell) => [cell.replaceAll('\0', ''), 'y']);
        const { dataset: document } = infer([title.replaceAll('\0', 'n'), 'y'], records);
        const dataset = parseDataset(JSON.parse(JSON.stringify(document)), 'd');
        const field = dataset.schema.fields[0]!;
        const reader = compileField(field, dataset.schema);
        for (const [cell] of records) {
          const landed = reader.read(cell!);
          expect([cell, landed, isGivenBack(cell!, landed, field.type)]).toEqual([cell, landed, true]);
        }
      }),
      { numRuns: runs(1000) },
    );
  });

  it('the document is sound, and its header fits, whatever the headers', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 8 }), (texts) => {
        const headers = texts.map((text) => text.replaceAll('\0', ''));
        const { dataset: document, mapping } = infer(headers, [headers.map(() => 'x')]);
        const dataset = parseDataset(JSON.parse(JSON.stringify(document)), 'd');
        const columns = matchHeader(dataset, headers, { unknownColumns: 'refuse', mapping });
        expect(columns.map(({ fieldIndex }) => fieldIndex)).toEqual(headers.map((_, at) => at));
      }),
      { numRuns: runs(500) },
    );
  });
});

/** Whether what lands is the cell's text, or exactly its value. */
function isGivenBack(cell: string, landed: string | null | undefined, type: FieldType): boolean {
  if (landed === undefined) return false;
  if (landed === null) return cell === '';
  switch (type) {
    case 'datetime':
      return instantOf(landed) === instantOf(cell);
    case 'boolean':
      return landed === (cell.toLowerCase() === 'true' ? 't' : 'f');
    case 'time':
      return landed.startsWith(cell);
    default:
      return landed === cell;
  }
}

/** Microseconds since 1970; of a text without an offset, in UTC. */
function instantOf(text: string): bigint {
  const [, day, time, fraction = '', offset = 'Z'] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text)!;
  const zone = /^[+-]\d\d$/.test(offset) ? `${offset}:00` : offset.replace(/(\d\d)(\d\d)$/, '$1:$2');
  const seconds = Date.parse(`${day}T${time!.length === 5 ? `${time}:00` : time}${zone}`);
  return BigInt(seconds) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
