import { describe, expect, test } from 'vitest';
import { ignoredColumns, matchHeader } from '../../../src/core/dataset/match-header.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { AppError } from '../../../src/errors.ts';

const DATASET: Dataset = {
  name: 'people',
  schema: {
    fields: [
      {
        name: 'name',
        type: 'string',
        title: '氏名',
        aliases: ['Full Name'],
        constraints: { required: true },
      },
      { name: 'phone', type: 'string', title: '電話番号', aliases: ['ﾃﾞﾝﾜ'] },
      { name: 'code', type: 'string' },
    ],
    primaryKey: ['code'],
  },
  target: { table: 'people' },
};

const fieldIndexes = (header: string[], unknownColumns: 'refuse' | 'ignore' = 'refuse') =>
  matchHeader(DATASET, header, { unknownColumns }).map(({ fieldIndex }) => fieldIndex);

function mismatch(header: string[], unknownColumns: 'refuse' | 'ignore' = 'refuse'): AppError {
  try {
    matchHeader(DATASET, header, { unknownColumns });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the header was taken');
}

describe('a header that fits', () => {
  test.each<[string[], (number | null)[]]>([
    [
      ['name', 'phone', 'code'],
      [0, 1, 2],
    ],
    [
      ['CODE', '氏名', '電話番号'],
      [2, 0, 1],
    ],
    [
      ['  ｎａｍｅ　', 'デンワ', 'Code'],
      [0, 1, 2],
    ],
    [
      ['full \t name', 'code'],
      [0, 2],
    ],
    [
      ['\uFEFFname', 'code'],
      [0, 2],
    ],
    [
      ['_row', '_errors', 'name', 'code'],
      [null, null, 0, 2],
    ],
  ])('%j', (header, indexes) => expect(fieldIndexes(header)).toEqual(indexes));

  test('keeps the file’s own text, and tells what is ignored', () => {
    const columns = matchHeader(DATASET, [' 氏名 ', 'x', 'code', 'x', '__proto__', '_row'], {
      unknownColumns: 'ignore',
    });
    expect(columns[0]).toEqual({ header: ' 氏名 ', fieldIndex: 0 });
    expect(ignoredColumns(columns)).toEqual(['x', 'x', '__proto__', '_row']);
  });
});

describe('a header that does not fit', () => {
  test('is told everything at once', () => {
    const error = mismatch(['name', '', 'Full Name', 'phnoe', 'phnoe', '__proto__', 'constructor']);
    expect(error.code).toBe('HEADER_MISMATCH');
    expect(error.errors).toEqual([
      { code: 'blank-label', column: 2, detail: 'Column 2 has no header; name it, or remove the column.' },
      {
        code: 'duplicate-label',
        column: 3,
        header: 'Full Name',
        detail: 'Columns 1 ("name") and 3 ("Full Name") both mean field "name".',
      },
      {
        code: 'duplicate-label',
        column: 5,
        header: 'phnoe',
        detail: 'Columns 4 ("phnoe") and 5 ("phnoe") have the same header.',
      },
      ...[4, 5].map((column) => ({
        code: 'extra-label',
        column,
        header: 'phnoe',
        suggestion: '電話番号',
        detail: `Column ${column} ("phnoe") fits no field of dataset "people". Did you mean "電話番号"?`,
      })),
      {
        code: 'extra-label',
        column: 6,
        header: '__proto__',
        detail: 'Column 6 ("__proto__") fits no field of dataset "people".',
      },
      {
        code: 'extra-label',
        column: 7,
        header: 'constructor',
        detail: 'Column 7 ("constructor") fits no field of dataset "people".',
      },
      { code: 'missing-label', field: 'code', detail: 'The required column "code" is missing.' },
    ]);
    expect(error.params).toMatchObject({
      missing: ['code'],
      unknown: [{ index: 4, header: 'phnoe' }, { index: 5, header: 'phnoe' }, { index: 6 }, { index: 7 }],
      duplicate: [
        { index: 3, header: 'Full Name' },
        { index: 5, header: 'phnoe' },
      ],
      blank: [2],
    });
    expect(error.message).toBe(
      `The header does not fit dataset "people": 8 problems. The first: ${error.errors![0]!.detail}`,
    );
  });

  test.each<[string, string[], string[]]>([
    [
      'two headers of one field, ignoring unknown ones',
      ['氏名', 'NAME', 'code', 'x', 'x'],
      ['duplicate-label'],
    ],
    ['an empty header, ignoring unknown ones', ['氏名', 'code', ' '], ['blank-label']],
    ['nothing but data', ['山田', '090'], ['missing-label', 'missing-label']],
  ])('%s', (_, header, codes) =>
    expect(mismatch(header, 'ignore').errors!.map(({ code }) => code)).toEqual(codes),
  );

  test('even when no field is required, one column at least must fit', () => {
    const dataset = { ...DATASET, schema: { fields: [{ name: 'phone', type: 'string' as const }] } };
    expect(() => matchHeader(dataset, ['090'], { unknownColumns: 'ignore' })).toThrow(
      'No column fits dataset "people"',
    );
  });
});
