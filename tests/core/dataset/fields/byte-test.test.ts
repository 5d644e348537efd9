// What a field takes as bytes must be what its reader reads as text; and whole files must land as papaparse reads them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_ASCII, NOT_DIGIT } from '../../../../src/core/csv/records/cell-places.ts';
import { readPlaces } from '../../../../src/core/csv/records/read-places.ts';
import { readStretches } from '../../../../src/core/csv/records/records.ts';
import { compileBytePattern } from '../../../../src/core/dataset/fields/byte-pattern.ts';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import { compileRows } from '../../../../src/core/dataset/rows/compile-rows.ts';
import type { CopyTable } from '../../../../src/core/dataset/tables/landing-parts.ts';
import { escapeCopyText } from '../../../../src/core/dataset/rows/copy-text.ts';
import { explainRecord } from '../../../../src/core/dataset/rows/explain-record.ts';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';
import { compilePattern } from '../../../../src/core/dataset/document/pattern.ts';
import type { Dataset, Field, FileColumn } from '../../../../src/core/dataset/types.ts';
import type { RowError } from '../../../../src/core/imports/row-error.ts';
import { guard, unguard } from '../../../../src/core/imports/spreadsheet-guard.ts';
import { plan, readAll } from '../../csv/reading.ts';
import { AT, countedIds, CUSTOMERS, IMPORT_ID, takeText } from '../customers.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

/** Each field with cells its byte test takes, so that a test which always says no is noticed. */
const FIELDS: readonly [Omit<Field, 'name'>, string[]][] = [
  [{ type: 'string' }, ['a', '山 "x"\\\t\n', "'=1"]],
  [{ type: 'any' }, ['a']],
  [{ type: 'string', missingValues: ['', 'NA', '欠'] }, ['NAAA', 'x', '山山']],
  [{ type: 'string', constraints: { required: true, minLength: 2, maxLength: 3 } }, ['ab', '山𠮷', '𠮷𠮷𠮷']],
  [{ type: 'string', constraints: { pattern: '[0-9]{3}-[0-9]{4}' } }, ['123-4567']],
  [{ type: 'string', constraints: { pattern: '[A-Z_]{2}\\d{1,3}', enum: ['AB1'] } }, []],
  [{ type: 'string', format: 'email', constraints: { maxLength: 20 } }, ['a.b@x-y.example', 'a..@1.2']],
  [{ type: 'string', format: 'uuid' }, ['0190a6c2-7b1e-7c3d-9f00-1234567890ab']],
  [{ type: 'string', format: 'uri' }, []],
  [{ type: 'integer' }, ['0', '-12', '+007', '123456789012345678']],
  [{ type: 'integer', constraints: { minimum: 3, maximum: '1000' } }, ['3', '0999', '1000']],
  [{ type: 'integer', groupChar: ',' }, []],
  [{ type: 'number' }, ['1', '-1.5', '.5', '5.', '+0.0']],
  [{ type: 'number', constraints: { minimum: 1, maximum: 2.5 } }, []],
  [{ type: 'number', constraints: { minimum: 1 } }, ['1', '22']],
  [{ type: 'date' }, ['2024-02-29', '0001-01-01']],
  [{ type: 'date', format: 'any' }, ['2024-02-29']],
  [{ type: 'date', constraints: { minimum: '2024-01-01' } }, []],
  [{ type: 'boolean' }, []],
  [{ type: 'string', normalize: ['trim'] }, ['a b', '=']],
  [{ type: 'string', normalize: ['nfkc', 'lowercase'] }, ['a b', '1-2']],
  [{ type: 'string', normalize: ['uppercase', { remove: '-' }] }, ['AB', '1']],
  [{ type: 'string', normalize: ['nfc', 'digits', 'excelText'] }, ['a', '1']],
  [{ type: 'string', missingValues: ['', 'NA', 'K'], lenientValues: true }, ['NAAA', 'xxxx']],
  [{ type: 'integer', negative: ['trailing', 'parentheses'], zeroFraction: true }, ['12', '-3']],
  [{ type: 'string', normalize: ['collapseSpaces'] }, ['a', 'a b', 'a b c']],
  [{ type: 'string', normalize: ['digitsOnly'] }, ['1', '0123']],
  [{ type: 'string', normalize: [{ replace: { text: 'xy', with: 'z' } }] }, ['a', 'yz']],
  [{ type: 'string', normalize: [{ padStart: { length: 4, from: [2, 3] } }] }, ['1234', '1', 'a', '山']],
];

/** Texts near what fields take, of every kind of byte. */
const cells = fc.oneof(
  fc.constantFrom(
    ...FIELDS.flatMap(([, taken]) => taken),
    '',
    'NA',
    '欠',
    '2023-02-29',
    'TRUE',
    '1,234',
    'AB1',
  ),
  fc.constantFrom(
    '１２',
    '山\u3000',
    '\u00a0a',
    '\ufeffa',
    'a@b',
    'a@山.jp',
    '2.5',
    '2.6',
    '1001',
    '2',
    "'",
    "''=a",
    '="12"',
    "'12",
    '٢٣',
    ' na ',
    'Na',
    'k',
    'K',
    '5-',
    '(5)',
    '12.0',
  ),
  fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 22 }),
  fc.string({ unit: fc.constantFrom(...'+-.0129eE'), maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(...'aA1.-@_ '), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'aZ\\\t\n\r",\'=ａ山𠮷 \u0001\u3000'), maxLength: 6 }),
  fc
    .tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    )
    .map(
      ([year, month, day]) =>
        `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`,
    ),
);

const markOf = (text: string): number =>
  (/[^\0-\x7f]/.test(text) ? NOT_ASCII : 0) | (/[^0-9]/.test(text) ? NOT_DIGIT : 0);

describe.each(FIELDS)('%j', (properties, taken) => {
  const field: Field = { name: 'f', ...properties };
  const { read, takes, emptyIsNull } = compileField(field, { fields: [field] });
  const takesText = (text: string): boolean => {
    const bytes = Buffer.from(`x${text}x`);
    return takes?.(bytes, 1, bytes.length - 1, markOf(text)) ?? false;
  };

  test('takes the common cell', () => expect(taken.filter((text) => !takesText(text))).toEqual([]));

  test('takes no cell that would be read as another text, or not at all', () => {
    expect(emptyIsNull).toBe(read('') === null);
    fc.assert(
      fc.property(cells, (text) => {
        const value = read(text);
        expectEqual(text !== '' && takesText(text) ? value : text, text);
      }),
      { numRuns: runs(1200) },
    );
  });
});

describe('compileBytePattern', () => {
  test.each(['a|b', 'a*', '.', '[^a]', '[a-]', '\\w', '(ab)', 'a{2,}', '[0-9]{1,2}a', '', '[a-z]{65}', '山'])(
    'leaves %s to the regular expression',
    (pattern) => expect(compileBytePattern(pattern)).toBeUndefined(),
  );

  test('says yes to exactly the ASCII that the regular expression matches', () => {
    const atom = fc
      .tuple(
        fc.constantFrom('[0-9]', '\\d', '[a-cX]', '[ab_]', 'a', '-', '[1-2@.]', 'Z'),
        fc.constantFrom('', '{2}', '{1}', '{0}'),
      )
      .map((parts) => parts.join(''));
    const pattern = fc
      .tuple(fc.array(atom, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '[0-2]{0,3}', '\\d{1,2}'))
      .map(([atoms, last]) => atoms.join('') + last);
    fc.assert(
      fc.property(
        pattern,
        fc.array(fc.string({ unit: fc.constantFrom(...'0129abcXZ_-@.'), maxLength: 7 })),
        (source, texts) => {
          const takes = compileBytePattern(source);
          const matches = compilePattern(source);
          for (const text of texts)
            expectEqual(
              takes?.(Buffer.from(text), 0, text.length, markOf(text)) ?? matches(text),
              matches(text),
            );
        },
      ),
      { numRuns: runs(1200) },
    );
  });
});

const ALL_FIELDS = parseDataset(
  {
    name: 'all',
    schema: { fields: FIELDS.map(([field], index) => ({ name: `f${index}`, ...field })) },
    target: { table: 'all', links: [{ table: 'link', column: 'link_id', fields: ['f1', 'f12'] }] },
  },
  'test',
);

const MAX_CELL_BYTES = 20;
interface Landing {
  readonly lines: string[];
  readonly refused: { cells: readonly string[]; errors: readonly RowError[] }[];
}

/** How papaparse and the string readers land a file: plainly, a record at a time. */
async function landByText(
  text: string,
  { dataset, columns, tables, guarded }: Job & { tables: readonly CopyTable[] },
): Promise<Landing> {
  const feeds = columns.flatMap(({ fieldIndex }, cell) => {
    if (fieldIndex === null) return [];
    const field = dataset.schema.fields[fieldIndex]!;
    return { cell, field: field.name, reader: compileField(field, dataset.schema) };
  });
  const landing: Landing = { lines: tables.map(() => ''), refused: [] };
  const nextId = countedIds();
  for (const record of await readAll(text, { columns: columns.length })) {
    if (record.cells === undefined) continue;
    const cells = guarded ? record.cells.map(unguard) : record.cells;
    const errors = explainRecord({ ...record, cells }, columns, feeds, MAX_CELL_BYTES);
    if (errors.length > 0) {
      landing.refused.push({ cells, errors });
      continue;
    }
    const references: string[] = [];
    for (const [at, table] of tables.entries()) {
      const values = table.columns.flatMap((name) => {
        const feed = feeds.find(({ field }) => field === name);
        return feed === undefined ? [] : [feed.reader.read(cells[feed.cell]!) ?? null];
      });
      const isMain = at === tables.length - 1;
      if (!isMain && values.every((value) => value === null)) {
        references.push('\\N');
        continue;
      }
      const id = nextId().toString();
      const own = values.map((value) => (value === null ? '\\N' : escapeCopyText(value)));
      const line = [id, ...own, ...(isMain ? references : []), AT, AT, '\\N', '\\N', IMPORT_ID, record.row];
      landing.lines[at] += `${line.join('\t')}\n`;
      references.push(id);
    }
  }
  return landing;
}

interface Job {
  readonly dataset: Dataset;
  readonly columns: readonly FileColumn[];
  readonly guarded: boolean;
}

async function landByBytes(text: string, job: Job): Promise<Landing & { tables: readonly CopyTable[] }> {
  const bytes = Buffer.from(text);
  const { dataset, columns, guarded } = job;
  const compiler = compileRows(dataset, columns, {
    importId: IMPORT_ID,
    createdBy: null,
    at: AT,
    nextId: countedIds(),
    maxCellBytes: MAX_CELL_BYTES,
    guarded,
  });
  const refused: Landing['refused'] = [];
  const read = async (range: { startByte: number; endByte: number }): Promise<Buffer> =>
    bytes.subarray(range.startByte, range.endByte);
  for (const chunk of plan(text, { columns: columns.length }))
    await readStretches({ dialect: { delimiter: ',' }, columns: [], dataEnd: bytes.length }, chunk, read, {
      stretch: (own, stretch) =>
        readPlaces(own, stretch, { delimiter: ',' }, (places, row, line, lineEnd) => {
          const record = compiler.add(own, places, row, line, lineEnd);
          if (record !== null) refused.push(record);
        }),
      broken() {},
    });
  return { tables: compiler.tables, lines: takeText(compiler), refused };
}

/** Records of acceptable cells, so that most land, and of any cells. */
function records(dataset: Dataset, guarded: boolean): fc.Arbitrary<string> {
  const good = fc.tuple(
    ...FIELDS.map(([, taken]) =>
      taken.length > 0 ? fc.constantFrom(...taken, ...taken, '') : fc.constant(''),
    ),
  );
  const width = dataset.schema.fields.length;
  const any = fc.array(cells, { minLength: width - 1, maxLength: width + 1 });
  const record = dataset === ALL_FIELDS ? fc.oneof(good, good, any) : any;
  return fc
    .array(fc.tuple(record, fc.constantFrom('\n', '\r\n', '\r', '\n\n')), { maxLength: 8 })
    .map((rows) =>
      rows
        .map(([row, end]) => row.map((cell) => quoted(guarded ? guard(cell) : cell)).join(',') + end)
        .join(''),
    );
}

/** So is U+FEFF, which without quotes is no part of a record that begins with it. */
const quoted = (cell: string): string =>
  /[",\r\n1\ufeff]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

describe.each([
  ['every kind of field', ALL_FIELDS],
  ['customers', CUSTOMERS],
])('a file of %s', (_name, dataset) => {
  test.each([false, true])(
    'lands as papaparse and the readers of text have it (guarded: %s)',
    async (guarded) => {
      const columns = dataset.schema.fields.map(({ name }, fieldIndex) => ({ header: name, fieldIndex }));
      const job = { dataset, columns, guarded };
      await fc.assert(
        fc.asyncProperty(records(dataset, guarded), async (text) => {
          const { tables, ...landing } = await landByBytes(text, job);
          expectEqual(landing, await landByText(text, { ...job, tables }));
        }),
        { numRuns: runs(250) },
      );
    },
  );
});
