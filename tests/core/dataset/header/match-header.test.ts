import { describe, expect, test } from 'vitest';
import {
  headerFingerprint,
  parseMapping,
  type ColumnMapping,
} from '../../../../src/core/dataset/header/mapping.ts';
import {
  ignoredColumns,
  matchHeader,
  matchPlaces,
} from '../../../../src/core/dataset/header/match-header.ts';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';
import { foldHeader } from '../../../../src/core/dataset/header/mapping.ts';
import type { Dataset } from '../../../../src/core/dataset/types.ts';
import { AppError } from '../../../../src/errors.ts';

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
      ['\u200Bna\u00ADme\u200E\u2060', 'co\uFEFFde'],
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

test.each([
  ['İSİM', 'isim'],
  ['e\u2011mail\u200F', 'e\u2010mail'],
  ['Ｅ－Ｍａｉｌ\u200D', 'e-mail'],
  ['\u200B', ''],
])('%j is compared as %j', (header, folded) => expect(foldHeader(header)).toBe(folded));

describe('a header that does not fit', () => {
  test('is told everything at once', () => {
    const error = mismatch(['name', '', 'Full Name', 'phnoe', 'phnoe', '__proto__', 'constructor']);
    expect(error.code).toBe('HEADER_MISMATCH');
    expect(error.errors).toEqual([
      {
        code: 'blank-label',
        column: { index: 2, name: '' },
        detail:
          'Column 2 has no header; give it a name, remove the column, or say in a mapping which field it feeds ("#2", null to ignore it).',
      },
      {
        code: 'duplicate-label',
        column: { index: 3, name: 'Full Name' },
        detail: 'Columns 1 ("name") and 3 ("Full Name") both mean field "name".',
      },
      {
        code: 'duplicate-label',
        column: { index: 5, name: 'phnoe' },
        detail: 'Columns 4 ("phnoe") and 5 ("phnoe") have the same header.',
      },
      ...[4, 5].map((index) => ({
        code: 'extra-label',
        column: { index, name: 'phnoe' },
        suggestion: '電話番号',
        detail: `Column ${index} ("phnoe") fits no field of dataset "people". Did you mean "電話番号"?`,
      })),
      {
        code: 'extra-label',
        column: { index: 6, name: '__proto__' },
        detail: 'Column 6 ("__proto__") fits no field of dataset "people".',
      },
      {
        code: 'extra-label',
        column: { index: 7, name: 'constructor' },
        detail: 'Column 7 ("constructor") fits no field of dataset "people".',
      },
      { code: 'missing-label', field: 'code', detail: 'The required column "code" is missing.' },
    ]);
    expect(error.params).toMatchObject({
      missing: ['code'],
      unknown: [{ index: 4, name: 'phnoe' }, { index: 5, name: 'phnoe' }, { index: 6 }, { index: 7 }],
      duplicate: [
        { index: 3, name: 'Full Name' },
        { index: 5, name: 'phnoe' },
      ],
      blank: [{ index: 2, name: '' }],
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
    ['nothing but data', ['山田', '090'], ['missing-label', 'missing-label']],
  ])('%s', (_, header, codes) =>
    expect(mismatch(header, 'ignore').errors!.map(({ code }) => code)).toEqual(codes),
  );

  test('a column without a name is none of the problems when unknown ones are ignored, or it holds nothing', () => {
    const header = ['氏名', 'code', ' '];
    expect(matchHeader(DATASET, header, { unknownColumns: 'ignore' }).at(-1)).toEqual({
      header: ' ',
      fieldIndex: null,
    });
    expect(matchHeader(DATASET, header, { unknownColumns: 'refuse', emptyColumns: [2] })).toHaveLength(3);
    expect(() => matchHeader(DATASET, header, { unknownColumns: 'refuse', emptyColumns: [0] })).toThrow(
      'no header',
    );
  });

  test('even when no field is required, one column at least must fit', () => {
    const dataset = { ...DATASET, schema: { fields: [{ name: 'phone', type: 'string' as const }] } };
    expect(() => matchHeader(dataset, ['090'], { unknownColumns: 'ignore' })).toThrow(
      'No column fits dataset "people"',
    );
  });
});

describe('a mapping', () => {
  const map = (header: string[], mapping: ColumnMapping, unknownColumns: 'refuse' | 'ignore' = 'refuse') =>
    matchHeader(DATASET, header, { unknownColumns, mapping }).map(({ fieldIndex }) => fieldIndex);
  const refused = (header: string[], mapping: ColumnMapping): AppError => {
    try {
      map(header, mapping);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('the mapping was taken');
  };

  test.each<[string, string[], ColumnMapping, (number | null)[]]>([
    ['by header, the rest by name', ['Who', 'Tel', 'code'], { Who: 'name', Tel: 'phone' }, [0, 1, 2]],
    ['by folded header', ['ＷＨＯ  is', 'code'], { 'who is': 'name' }, [0, 2]],
    ['null ignores a column', ['name', 'memo', 'code'], { memo: null }, [0, null, 2]],
    ['null ignores one that would fit', ['name', 'phone', 'code'], { phone: null }, [0, null, 2]],
    [
      'by place, of equal headers',
      ['name', 'x', 'x', 'code'],
      { '#2': null, '#3': 'phone' },
      [0, null, 1, 2],
    ],
    ['by place, of no header', ['', '', 'code'], { '#1': 'name', '#2': null }, [0, null, 2]],
    ['exchanges two names', ['name', 'code'], { name: 'code', code: 'name' }, [2, 0]],
    [
      'counts no column of ours in a reject file',
      ['_row', '_errors', 'Who', 'code'],
      { '#1': 'name' },
      [null, null, 0, 2],
    ],
    [
      'a header like an object’s own',
      ['__proto__', 'code'],
      JSON.parse('{"__proto__":"name"}') as ColumnMapping,
      [0, 2],
    ],
  ])('%s', (_what, header, mapping, fieldIndexes) => {
    expect(map(header, mapping)).toEqual(fieldIndexes);
  });

  test.each<[string, string[], ColumnMapping, Record<string, unknown>]>([
    [
      'an unknown column',
      ['Who', 'code'],
      { Woh: 'name' },
      { code: 'mapping-column', key: 'Woh', suggestion: 'Who' },
    ],
    [
      'an unknown field',
      ['Who', 'code'],
      { Who: 'nmae' },
      { code: 'mapping-field', key: 'Who', suggestion: 'name' },
    ],
    ['a field by its title', ['Who', 'code'], { Who: '氏名' }, { code: 'mapping-field', suggestion: 'name' }],
    [
      'a header of two columns',
      ['x', 'X', 'code'],
      { x: 'name' },
      { code: 'mapping-column', detail: expect.stringContaining('"#1", "#2"') },
    ],
    [
      'a place that is not there',
      ['name', 'code'],
      { '#3': null },
      { code: 'mapping-column', detail: expect.stringContaining('has 2') },
    ],
    [
      'a place that is also another header',
      ['name', 'code', '#1'],
      { '#1': 'phone' },
      { code: 'mapping-column', suggestion: '#3' },
    ],
    [
      'a column named twice',
      ['Who', 'code'],
      { Who: 'name', '#1': 'phone' },
      { code: 'mapping-column', detail: expect.stringContaining('twice') },
    ],
    [
      'two columns for one field',
      ['Who', 'name', 'code'],
      { Who: 'name' },
      { code: 'duplicate-label', column: { index: 2, name: 'name' } },
    ],
    [
      'two columns for one field, both mapped',
      ['a', 'b', 'code'],
      { a: 'name', b: 'name' },
      { code: 'duplicate-label', column: { index: 2, name: 'b' } },
    ],
    ['a required field left out', ['name', 'code'], { name: null }, { code: 'missing-label', field: 'name' }],
    [
      'a column that fits nothing',
      ['name', 'code', 'memo'],
      { name: 'name' },
      { code: 'extra-label', column: { index: 3, name: 'memo' } },
    ],
  ])('is refused: %s', (_what, header, mapping, problem) => {
    const error = refused(header, mapping);
    expect(error.code).toBe('HEADER_MISMATCH');
    expect(error.errors).toContainEqual(expect.objectContaining(problem));
  });

  test('a header that does not fit comes with one to begin with, which can be sent as it is', () => {
    const header = ['Nmae', 'code', '', 'memo', 'Memo', '#1'];
    const { params } = mismatch(header);
    expect(params['suggestedMapping']).toEqual({
      Nmae: 'name',
      code: 'code',
      '#3': null,
      '#4': null,
      '#5': null,
      '#6': null,
    });
    expect(map(header, params['suggestedMapping'] as ColumnMapping)).toEqual([0, 2, null, null, null, null]);
  });

  test('a header has one fingerprint, folded, also as that of its rejects; of two datasets two', () => {
    const of = (header: string[], dataset = DATASET) => headerFingerprint(dataset, header);
    expect(of(['Tel', '氏名'])).toBe(of(['ＴＥＬ ', '氏名']));
    expect(of(['Tel', '氏名'])).toBe(of(['_row', '_errors', 'tel', '氏名']));
    expect(of(['Tel', '氏名'])).not.toBe(of(['氏名', 'Tel']));
    expect(of(['Tel'])).not.toBe(of(['Tel'], { ...DATASET, name: 'others' }));
  });

  test('without a header it names every column by its place', () => {
    expect(matchPlaces(DATASET, { '#3': 'code', '#1': 'name', '#2': null }, 10)).toEqual([
      { header: '氏名', fieldIndex: 0 },
      { header: '#2', fieldIndex: null },
      { header: 'code', fieldIndex: 2 },
    ]);
    const refusedPlaces = (mapping: ColumnMapping) => () => matchPlaces(DATASET, mapping, 10);
    expect(refusedPlaces({ '#1': 'name', '#3': 'code' })).toThrow(/Column 2 .*"#2"/);
    expect(refusedPlaces({ name: 'name', '#2': 'code' })).toThrow(/by their places/);
    expect(refusedPlaces({ '#1': 'name', '#11': 'code' })).toThrow(/11 columns; the limit is 10/);
  });

  test.each(['', 'x', '[]', '{}', 'null', '"saved"', '{"a":1}', '{"a":["name"]}'])('%j is none', (text) => {
    expect(() => parseMapping(text)).toThrow(/JSON object/);
  });

  test('a column named twice is not the last one silently', () => {
    expect(() => parseMapping('{"Tel":"name","Tel" : "code"}')).toThrow(/more than once/);
    expect(() => parseMapping('{"a\\"b":"name","a\\u0022b":null}')).toThrow(/more than once/);
    const odd = { 'a": "b': 'x": "y', '\\': '\\": ', c: null };
    expect(parseMapping(JSON.stringify(odd))).toEqual(odd);
  });
});

describe('columns of a repeated field', () => {
  const CONTACTS = parseDataset(
    {
      name: 'contacts',
      schema: {
        fields: [
          { name: 'phones', type: 'array', repeated: true, aliases: ['Phone', 'Tel'] },
          { name: 'phone_2', title: 'Second' },
          { name: 'mail', aliases: ['Email'] },
        ],
      },
      target: { table: 'contacts' },
    },
    'test',
  );
  const fed = (header: string[], mapping?: Record<string, string | null>) =>
    matchHeader(CONTACTS, header, { unknownColumns: 'refuse', mapping }).map(({ fieldIndex }) => fieldIndex);

  test.each<[string, string[], Record<string, string | null> | undefined, (number | null)[]]>([
    ['equal headers', ['Phone', 'PHONE', 'phones'], undefined, [0, 0, 0]],
    [
      'numbers behind them',
      ['Phone 1', 'tel_02', 'Phone.1', 'Tel(3)', 'Phone #4', 'phones5'],
      undefined,
      [0, 0, 0, 0, 0, 0],
    ],
    ['another field of that very name', ['Phone 1', 'phone_2'], undefined, [0, 1]],
    ['a mapping by place', ['Phone', 'Phone', 'x', 'Email'], { '#2': null, x: 'phones' }, [0, null, 0, 2]],
    ['a mapping that chooses one of two', ['Email', 'Email'], { '#1': null, '#2': 'mail' }, [null, 2]],
  ])('%s', (_what, header, mapping, fields) => {
    expect(fed(header, mapping)).toEqual(fields);
  });

  test.each([[['Phone x']], [['Phone', 'Email 1']], [['Phone', 'Email', 'Email']], [['2']]])(
    'are none of %j',
    (header) => {
      expect(() => fed(header)).toThrow(/fits no field|both mean field|No column fits/);
    },
  );
});
