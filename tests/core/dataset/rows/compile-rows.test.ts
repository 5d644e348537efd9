import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, BlockPool } from '../../../../src/core/dataset/rows/block-pool.ts';
import { compileRows } from '../../../../src/core/dataset/rows/compile-rows.ts';
import { BinaryRows } from '../../../../src/core/dataset/rows/binary/binary-rows.ts';
import { escapeCopyText } from '../../../../src/core/dataset/rows/copy-text.ts';
import { TextRows } from '../../../../src/core/dataset/rows/text-rows.ts';
import { SPECIAL } from '../../../../src/core/csv/records/cell-places.ts';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';
import { addCells, AT, CUSTOMERS, IMPORT_ID, land, USER_ID } from '../customers.ts';
import { unicodeText } from '../../../support/random.ts';

const SYSTEM = ['created_at', 'updated_at', 'created_by', 'updated_by', 'import_id', 'import_row'];
const TITLES = CUSTOMERS.schema.fields.map((field) => field.title!);
const GOOD = [
  '山田 太郎',
  'ヤマダ タロウ',
  '1980/4/1',
  'taro@example.jp',
  '9001234567',
  '東京都',
  '千代田区',
  '1-9-1',
  '',
  '1000005',
];

const idOf = (count: number): string => `0190a6c2-0000-7000-8000-${String(count).padStart(12, '0')}`;
const system = (row: number, user = USER_ID): string => [AT, AT, user, user, IMPORT_ID, row].join('\t');

const NOTES = parseDataset(
  {
    name: 'notes',
    schema: { fields: [{ name: 'a' }, { name: 'b' }, { name: 'n', type: 'integer' }] },
    target: { schema: 'x', table: 'notes' },
  },
  'test',
);

const ID = '01a21000-0000-7000-8000-000000000001';
const OTHER_ID = '01a21000-0000-7000-8000-000000000002';

describe('a row of two tables', () => {
  test('lands in the linked table first, and the main row refers to it', () => {
    const { tables, out, errors } = land(CUSTOMERS, [TITLES, GOOD]);
    expect(errors).toEqual([]);
    expect(tables).toEqual([
      {
        schema: 'public',
        table: 'addresses',
        columns: ['id', 'prefecture', 'municipalities', 'house_no', 'other', 'post_no', ...SYSTEM],
      },
      {
        schema: 'public',
        table: 'customers',
        columns: ['id', 'name', 'kana', 'birthday', 'email', 'phone_no', 'address_id', ...SYSTEM],
      },
    ]);
    expect(out).toEqual([
      `${idOf(1)}\t東京都\t千代田区\t1-9-1\t\\N\t1000005\t${system(1)}\n`,
      `${idOf(2)}\t山田 太郎\tヤマダ タロウ\t1980-04-01\ttaro@example.jp\t09001234567\t${idOf(1)}\t${system(1)}\n`,
    ]);
  });

  test('without a value for the link has no linked row', () => {
    const { out } = land(CUSTOMERS, [TITLES, ['山田', ...Array<string>(9).fill('')]], { createdBy: null });
    expect(out).toEqual(['', `${idOf(1)}\t山田\t\\N\t\\N\t\\N\t\\N\t\\N\t${system(1, '\\N')}\n`]);
  });

  test('whose file lacks the link’s columns has no linked table at all', () => {
    const { tables, out } = land(CUSTOMERS, [
      ['メール', '氏名'],
      ['', '山田'],
    ]);
    expect(tables.map(({ table, columns }) => [table, columns.slice(0, -6)])).toEqual([
      ['customers', ['id', 'email', 'name']],
    ]);
    expect(out).toEqual([`${idOf(1)}\t\\N\t山田\t${system(1)}\n`]);
  });

  test('all null lands as a row of nulls', () => {
    expect(
      land(NOTES, [
        ['a', 'b', 'n'],
        ['', '', ''],
      ]).out,
    ).toEqual([`${idOf(1)}\t\\N\t\\N\t\\N\t${system(1)}\n`]);
  });

  test('takes the file’s order and leaves ignored columns out', () => {
    const { tables, out } = land(NOTES, [
      ['n', '備考', '_row', 'A'],
      ['5', 'x', '1', 'y'],
    ]);
    expect(tables[0]!.columns.slice(0, 3)).toEqual(['id', 'n', 'a']);
    expect(out).toEqual([`${idOf(1)}\t5\ty\t${system(1)}\n`]);
  });
});

describe('COPY text', () => {
  test('escapes backslashes, tabs and line ends, and nothing else', () => {
    const records = [
      ['a', 'b', 'n'],
      ['\\.', '\\N', ''],
      ['a\tb\r\nc', '\u0001\u000b"\'', ''],
    ];
    const { out } = land(NOTES, records, { takesNullSign: true });
    expect(out[0]!.split('\n').map((line) => line.split('\t').slice(1, 3))).toEqual([
      ['\\\\.', '\\\\N'],
      ['a\\tb\\r\\nc', '\u0001\u000b"\''],
      [],
    ]);
  });

  test('a text \\N, which databases write for NULL, is refused where nobody has said what it is', () => {
    const records = [
      ['a', 'b', 'n'],
      ['\\N', '1', ''],
      [' \\N', '\\N2', '2'],
    ];
    const { out, errors } = land(NOTES, records);
    expect(errors).toMatchObject([{ row: 1, column: { name: 'a' }, code: 'type-error', value: '\\N' }]);
    expect(errors[0]!.message).toContain('dialect=mysql or dialect=postgres-text');
    expect(out[0]!.split('\n').map((line) => line.split('\t').slice(1, 3))).toEqual([
      [' \\\\N', '\\\\N2'],
      [],
    ]);
    const missing = { ...NOTES, schema: { ...NOTES.schema, missingValues: ['\\N'] } };
    expect(land(missing, records.slice(0, 2)).errors).toMatchObject([{ column: { name: 'n' } }]);
  });

  test('text is always read back as it was', () => {
    const unescaped: Record<string, string> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\\', '\t', '\n', '\r', 'n', 'N', '.', '山', '\u0000') }),
        (text) => {
          const escaped = escapeCopyText(text);
          expect(escaped).not.toMatch(/[\t\n\r]/);
          expect(escaped.replace(/\\(.)/gs, (_, char: string) => unescaped[char]!)).toBe(text);
        },
      ),
    );
  });

  const EMPTY_POOL = (): BlockPool => {
    const pool = new BlockPool();
    pool.giveBack([Buffer.allocUnsafeSlow(BLOCK_BYTES).fill('?').subarray(1)]);
    return pool;
  };
  const uuid = (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex');
  const value = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const int64 = (number: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(number));
    return bytes;
  };

  /** How each kind of rows is made, and what a row of it is in bytes, as Postgres documents it. */
  test.each([
    {
      rows: () => new TextRows(EMPTY_POOL()),
      id: Buffer.from(ID),
      other: Buffer.from(OTHER_ID),
      row: (text: string, plain: string, number: number) => {
        const escaped = escapeCopyText(text);
        return Buffer.from([ID, escaped, escaped, plain, OTHER_ID, '\\N', number].join('\t') + '\n');
      },
    },
    {
      rows: () => new BinaryRows(EMPTY_POOL(), 7),
      id: uuid(ID),
      other: uuid(OTHER_ID),
      row: (text: string, plain: string, number: number) =>
        Buffer.concat([
          Buffer.from([0, 7]),
          value(uuid(ID)),
          value(Buffer.from(text)),
          value(Buffer.from(text)),
          value(Buffer.from(plain)),
          value(uuid(OTHER_ID)),
          Buffer.from([255, 255, 255, 255]),
          value(int64(number)),
        ]),
    },
  ])(
    'all rows come but those taken back, whatever their size: %#',
    ({ rows: make, id, other, row: bytesOf }) => {
      const row = fc.record({
        text: unicodeText({ maxLength: 50 }),
        times: fc.constantFrom(1, 2000),
        plain: fc.string({ unit: fc.constantFrom('a', '山', '9'), maxLength: 150 }),
        /** Bytes of the source behind the plain ones. */
        more: fc.nat({ max: 5 }),
        number: fc.maxSafeNat(),
        lands: fc.boolean(),
      });
      fc.assert(
        fc.property(fc.array(row), (given) => {
          const out = make();
          const cells = given.map((each) => ({ ...each, text: each.text.repeat(each.times) }));
          for (const { text, plain, more, number, lands } of cells) {
            const source = Buffer.from(`${text}${plain}${'x'.repeat(more)}`);
            const plainAt = Buffer.byteLength(text);
            out.beginRow(source);
            out.appendText(text);
            out.appendCell(0, plainAt, SPECIAL);
            out.appendCell(plainAt, source.length - more, 0);
            out.appendId(other);
            out.appendNull();
            out.appendInteger(number);
            if (lands) out.endRow(id);
            else out.dropRow();
          }
          const expected = cells.flatMap(({ text, plain, number, lands }) =>
            lands ? [bytesOf(text, plain, number)] : [],
          );
          expect(out.rows).toBe(expected.length);
          expect(Buffer.concat(out.take()).equals(Buffer.concat(expected))).toBe(true);
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe('a record that does not land', () => {
  test('appends nothing, and tells all that is wrong under the file’s own headers', () => {
    const bad = GOOD.with(0, '').with(2, '不明').with(9, '100-0005');
    const { out, errors } = land(CUSTOMERS, [TITLES.with(9, '〒'), bad]);
    expect(out).toEqual(['', '']);
    expect(errors).toEqual([
      {
        row: 1,
        line: 2,
        column: { index: 1, name: '氏名' },
        code: 'constraint-error',
        constraint: 'required',
        value: '',
        message: 'Column "氏名" is required, but the cell is empty.',
      },
      {
        row: 1,
        line: 2,
        column: { index: 3, name: '生年月日' },
        code: 'type-error',
        value: '不明',
        message:
          'Column "生年月日" expects a date like 2024-12-31, 2024/12/31 or 2024年12月31日, got "不明".',
      },
      {
        row: 1,
        line: 2,
        column: { index: 10, name: '〒' },
        code: 'constraint-error',
        constraint: 'pattern',
        value: '100-0005',
        message: 'Column "〒" expects text that matches [0-9]{7}, got "100-0005".',
      },
    ]);
  });

  test('of fewer or more cells than the header has only that error', () => {
    const { errors } = land(CUSTOMERS, [TITLES, ['', 'x'], [...GOOD, 'a', 'b'], ['']]);
    expect(errors).toEqual([
      {
        row: 1,
        line: 2,
        column: { index: 3, name: '生年月日' },
        code: 'missing-cell',
        value: null,
        message: 'The record has 2 cells, the header 10 columns: column 3 ("生年月日") has no cell.',
      },
      {
        row: 2,
        line: 3,
        column: { index: 11, name: '' },
        code: 'extra-cell',
        value: 'a',
        message: 'The record has 12 cells, the header 10 columns: cell 11 ("a") has no column.',
      },
      {
        row: 3,
        line: 4,
        column: { index: 2, name: 'カナ氏名' },
        code: 'missing-cell',
        value: null,
        message: 'The record has 1 cell, the header 10 columns: column 2 ("カナ氏名") has no cell.',
      },
    ]);
  });

  test('has a cell over the limit, counted in bytes', () => {
    const rows = [
      ['a', 'b', 'n'],
      ['山'.repeat(10), 'x'.repeat(31), '1'],
      ['山'.repeat(10), 'x'.repeat(30), '1'],
    ];
    const { errors, out } = land(NOTES, rows, { maxCellBytes: 30 });
    expect(errors).toEqual([
      {
        row: 1,
        line: 2,
        column: { index: 2, name: 'b' },
        code: 'size-error',
        value: 'x'.repeat(31),
        message: 'Column "b" holds 31 bytes; a cell may have at most 30 (SLUICE_MAX_CELL_BYTES).',
      },
    ]);
    expect(out[0]!.split('\n')).toHaveLength(2);
  });

  test('tells where it ends when that is another line', () => {
    const columns = [{ header: 'n', fieldIndex: 2 }];
    const compiler = compileRows(NOTES, columns, {
      importId: IMPORT_ID,
      createdBy: null,
      at: AT,
      nextId: () => Buffer.alloc(0),
    });
    expect(addCells(compiler, ['a\nb'], { row: 7, line: 9, lineEnd: 10 })!.errors).toMatchObject([
      { row: 7, line: 9, lineEnd: 10 },
    ]);
    expect(addCells(compiler, ['a'], { row: 7, line: 9 })!.errors[0]).not.toHaveProperty('lineEnd');
  });

  test('never goes without an error: what the fast path refuses, the slow path explains', () => {
    const cell = fc.oneof(
      fc.constantFrom(...GOOD, '', '2023-02-29', 'a@b', '１２'),
      fc.string({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(fc.array(cell, { minLength: 9, maxLength: 11 }), (cells) => {
        const { out, errors } = land(CUSTOMERS, [TITLES, cells]);
        expect(errors.length > 0).toBe(out[1] === '');
      }),
      { numRuns: 500 },
    );
  });
});
