import { describe, expect, test } from 'vitest';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';
import { AppError } from '../../../../src/errors.ts';
import { CUSTOMERS } from '../customers.ts';

type Json = Record<string, unknown>;
const GOOD = {
  name: 'd',
  schema: { fields: [{ name: 'a' }, { name: 'b', type: 'integer' }] },
  target: { table: 't' },
};

const withField = (field: unknown, schema: Json = {}): Json => ({
  ...GOOD,
  schema: { fields: [{ name: 'z' }, field], ...schema },
});
const withTarget = (target: Json): Json => ({ ...GOOD, target: { table: 't', ...target } });
const link = (changes: Json = {}): Json => ({ table: 'l', column: 'l_id', fields: ['a'], ...changes });

function problemsOf(document: unknown): string[] {
  try {
    parseDataset(document, 'd.json');
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || !error.message.startsWith('d.json is not a valid dataset document.'))
      throw error;
    return error.errors!.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  }
}

const matching = (problem: string | RegExp): unknown =>
  typeof problem === 'string' ? problem : expect.stringMatching(problem);

const keeping = (retention: unknown): Json => ({ ...GOOD, retention });

test('a retention in days is a duration; others stay as they are', () => {
  const { retention } = parseDataset(
    keeping({ files: 7, rowErrors: 'P1Y6M', imports: 'forever', exports: 'PT12H' }),
    'd',
  );
  expect(retention).toEqual({ files: 'P7D', rowErrors: 'P1Y6M', imports: 'forever', exports: 'PT12H' });
});

test.each<[Json, string | RegExp]>([
  [keeping({ file: 7 }), /^\/retention\/file: The property "file" is not known here. Did you mean "files"\?/],
  [keeping(7), '/retention: must be an object, not 7.'],
  ...[
    0,
    -1,
    1.5,
    36_501,
    '30',
    'P',
    'PT',
    'P0D',
    'P1.5D',
    'P1H',
    '1 day',
    'P101Y',
    'Forever',
    null,
    ['P1D'],
  ].map(
    (files) =>
      [
        keeping({ files }),
        /^\/retention\/files: must be a whole number of days, or an ISO 8601 duration/,
      ] as [Json, RegExp],
  ),
  [keeping({ exports: 'forever' }), /^\/retention\/exports: must be .* 36500 days at most, not "forever"\.$/],
  [withTarget({ existing: 'yes' }), /^\/target\/existing: must be true/],
  [
    withTarget({ existing: false, table: 'shop.t' }),
    /^\/target\/existing: is false, and a table that is named/,
  ],
  [{ name: 'd', target: { table: 't', existing: false } }, /^\/target\/existing: is false, and the document/],
  [withTarget({ table: 'a.b.c' }), /^\/target\/table: "a.b.c" has two points/],
  [withTarget({ schema: 'shop', table: 'shop.t' }), /^\/target\/table: "shop.t" names a schema, and so does/],
  [withTarget({ table: '.t' }), /^\/target\/schema: must be a name/],
  [withTarget({ table: 'sluice.tasks' }), /^\/target\/schema: "sluice" belongs to Postgres or Sluice/],
  [withTarget({ existing: true, links: [] }), /^\/target\/links: Links are for tables that Sluice makes/],
  [withTarget({ existing: true, schema: 'pg_catalog' }), /^\/target\/schema: .* belongs to Postgres/],
  [
    withTarget({ existing: true, table: 'a\0b' }),
    /^\/target\/table: (must be a name as Postgres has it|holds a NUL)/,
  ],
  [withTarget({ existing: true, table: 'あ'.repeat(22) }), /63 bytes at most/],
  [{ ...withTarget({ existing: true }), schema: { fields: [{ name: 'import_row' }] } }, /Sluice's own/],
  [
    withField({ name: 'b', lookup: { in: 'public.t', by: 'x' } }),
    /lookup\/in: "public.t" is a table of this dataset itself/,
  ],
  [
    { ...withTarget({ existing: true }), schema: { fields: [{ name: 'b', lookup: { in: 't2' } }] } },
    /lookup: must have the property "by"/,
  ],
  [withField({ name: 'b', normalize: [{ replace: { text: '' } }] }), /must be \{"replace"/],
])('what is said of a table that exists, and of steps, must be so: %#', (document, problem) => {
  expect(problemsOf(document)).toEqual([matching(problem)]);
});

describe('a valid document', () => {
  test('gets what the standard leaves out', () => {
    const dataset = parseDataset({ ...GOOD, schema: { ...GOOD.schema, primaryKey: 'a' } }, 'd.json');
    expect(dataset.schema).toEqual({
      fields: [
        { name: 'a', type: 'string' },
        { name: 'b', type: 'integer' },
      ],
      primaryKey: ['a'],
    });
  });

  test('of a table that exists needs no schema, and takes names as others have given them', () => {
    const target = { schema: 'Shop', table: 'Order "lines"', existing: true };
    expect(parseDataset({ name: 'd', target }, 'd.json').schema).toEqual({ fields: [] });
    const fields = [
      { name: 'id', type: 'integer' },
      { name: 'OrderNo', lookup: { field: 'no', in: 'orders', by: 'no' } },
      { name: 'created_at', type: 'datetime' },
    ];
    expect(problemsOf({ name: 'd', target, schema: { fields } })).toEqual([]);
  });

  test('customers.json', () => {
    expect(CUSTOMERS.schema.fields.map(({ name }) => name)).toEqual([
      'name',
      'kana',
      'birthday',
      'email',
      'phone_no',
      'prefecture',
      'municipalities',
      'house_no',
      'other',
      'post_no',
    ]);
  });

  test.each<Json>([
    {
      name: 'f',
      type: 'date',
      format: '%d/%m/%Y',
      example: '31/12/2024',
      constraints: { minimum: '01/01/1900' },
    },
    {
      name: 'f',
      type: 'number',
      decimalChar: ',',
      groupChar: '.',
      bareNumber: false,
      constraints: { minimum: 1.5, enum: ['1', 2] },
    },
    { name: 'f', type: 'boolean', trueValues: ['はい'], falseValues: ['いいえ'] },
    {
      name: 'f',
      normalize: [
        'trim',
        'nfkc',
        'lowercase',
        'uppercase',
        { padStart: { length: 7, from: [5, 6], with: '0' } },
        { remove: '-' },
      ],
      aliases: ['F 1'],
      rdfType: 'x',
    },
    { name: 'f', type: 'datetime', format: 'any', timeZone: 'Asia/Tokyo', timeZoneOverlap: 'later' },
    { name: 'f', type: 'number', negative: 'trailing', groupChar: [',', ' '], lenientValues: true },
    { name: 'f', type: 'integer', negative: ['drcr', 'triangle'], zeroFraction: true, decimalChar: ',' },
    { name: 'f', normalize: ['nfc', 'digits', 'excelText'] },
    { name: 'f', type: 'date', format: '%d %b %Y', locale: 'pt-BR', calendar: 'gregorian', pivotYear: 1950 },
    { name: 'f', type: 'date', format: '%y/%m/%d', calendar: 'roc', pivotYear: 50 },
    {
      name: 'f',
      type: 'datetime',
      format: 'epochMilliseconds',
      cutFraction: true,
      constraints: { minimum: 0 },
    },
    { name: 'f', type: 'time', format: 'any', hour24: true, cutFraction: false },
    { name: 'f', type: 'array', constraints: { minLength: 0, maxLength: 3, unique: true } },
    {
      name: 'f',
      constraints: { pattern: '(?:([0-9]+)+-)*[0-9]+', minLength: 1, maxLength: 10 },
      missingValues: ['', 'NA'],
      example: 'NA',
    },
  ])('field %j', (field) => expect(problemsOf(withField(field))).toEqual([]));
});

test.each<[unknown, string[]]>([
  [null, [': must be an object, not null.']],
  [[], [': must be an object, not [].']],
  [
    {},
    [
      ': must have the property "name".',
      ': must have the property "schema".',
      ': must have the property "target".',
    ],
  ],
  [{ ...GOOD, titel: 'x' }, ['/titel: The property "titel" is not known here. Did you mean "title"?']],
  [{ ...GOOD, 'a/b~c': 1 }, ['/a~1b~0c: The property "a/b~c" is not known here.']],
  [
    { ...GOOD, name: 'Äpfel' },
    [
      '/name: must be a name of a-z, 0-9, _ and - that begins with a letter, 63 characters at most, not "Äpfel".',
    ],
  ],
  [{ ...GOOD, schema: { fields: [] } }, ['/schema/fields: must hold one field or more.']],
  [{ ...GOOD, schema: { ...GOOD.schema, timeZone: 9 } }, ['/schema/timeZone: must be a text, not 9.']],
  [{ ...GOOD, schema: { fields: 'a' } }, ['/schema/fields: must be a list, not "a".']],
  [
    { ...GOOD, schema: { ...GOOD.schema, missingValues: ['', 1, ''] } },
    ['/schema/missingValues/1: must be a text, not 1.', '/schema/missingValues/2: "" is in the list twice.'],
  ],
  [
    { ...GOOD, schema: { ...GOOD.schema, primaryKey: ['aa'] } },
    ['/schema/primaryKey/0: There is no field "aa". Did you mean "a"?'],
  ],
  [
    { ...GOOD, schema: { ...GOOD.schema, foreignKeys: [] } },
    ['/schema/foreignKeys: The property "foreignKeys" is not known here.'],
  ],
])('the document %j', (document, problems) => expect(problemsOf(document)).toEqual(problems));

test.each<[unknown, (string | RegExp)[]]>([
  ['a', ['/schema/fields/1: must be an object, not "a".']],
  [{}, ['/schema/fields/1: must have the property "name".']],
  [{ name: 'Name' }, [/fields\/1\/name: must be a name of a-z, 0-9 and _/]],
  [{ name: 'a'.repeat(64) }, [/63 characters at most/]],
  [
    { name: 'id' },
    [
      '/schema/fields/1/name: "id" is a column of Sluice\'s own; choose another name (a title or alias may still be "id").',
    ],
  ],
  [{ name: 'import_row' }, [/a column of Sluice's own/]],
  [{ name: '_errors' }, [/a column of Sluice's own/]],
  [{ name: 'z' }, ['/schema/fields/1/name: There are two fields "z".']],
  [{ name: 'f', title: 'Ｚ' }, ['/schema/fields/1: The header "Ｚ" would mean both "z" and "f".']],
  [{ name: 'f', type: 'int' }, [/fields\/1\/type: must be one of string, integer, .*, not "int"\./]],
  [{ name: 'f', type: 'integr' }, [/Did you mean "integer"\?$/]],
  [
    { name: 'f', typ: 'integer' },
    ['/schema/fields/1/typ: The property "typ" is not known here. Did you mean "type"?'],
  ],
  [
    { name: 'f', format: 'mail' },
    ['/schema/fields/1/format: must be one of default, email, uri, uuid, not "mail".'],
  ],
  [
    { name: 'f', type: 'integer', format: 'any' },
    ['/schema/fields/1/format: does not apply to type integer; leave it out.'],
  ],
  [
    { name: 'f', type: 'date', format: '%d/%m' },
    ['/schema/fields/1/format: has only a part of a date; it needs year, month and day.'],
  ],
  [{ name: 'f', type: 'date', format: 'DD/MM/YYYY' }, ['/schema/fields/1/format: has no directive like %Y.']],
  [{ name: 'f', type: 'date', format: '%Q' }, [/fields\/1\/format: has "%Q", which is not one of %Y/]],
  [
    { name: 'f', type: 'date', format: '%Y-%m-%d %H' },
    ['/schema/fields/1/format: must name year, month and day, and no time.'],
  ],
  [
    { name: 'f', type: 'date', format: '%Y %y-%m-%d' },
    ['/schema/fields/1/format: has the same part twice (%Y, %y).'],
  ],
  [{ name: 'f', type: 'time', format: '%M:%S' }, [/minutes or seconds without hours/]],
  [{ name: 'f', type: 'time', format: '%I:%M' }, [/%I and %p together/]],
  [{ name: 'f', type: 'datetime', format: '%H:%M' }, [/must name a date and a time/]],
  [
    { name: 'f', decimalChar: ',' },
    ['/schema/fields/1/decimalChar: "decimalChar" does not apply to type string. Remove it.'],
  ],
  [
    { name: 'f', type: 'number', decimalChar: '1' },
    [/decimalChar: must be one character and neither digit nor sign/],
  ],
  [
    { name: 'f', type: 'number', groupChar: '.' },
    ['/schema/fields/1/groupChar: must not be the decimal character, ".".'],
  ],
  [
    { name: 'f', type: 'datetime', timeZone: 'EST', timeZoneOverlap: 'first' },
    [
      '/schema/fields/1/timeZone: must be an IANA time zone such as Europe/Berlin, or UTC, or an offset such as +09:00, not "EST".',
      '/schema/fields/1/timeZoneOverlap: must be "earlier" or "later", not "first".',
    ],
  ],
  [
    { name: 'f', type: 'number', negative: ['trailing', 'minus'], groupChar: [',', '5'] },
    [
      '/schema/fields/1/groupChar: must be one character and neither digit nor sign, not "5".',
      /^\/schema\/fields\/1\/negative: must be "trailing" or "parentheses" or .*, not "minus"\.$/,
    ],
  ],
  [
    { name: 'f', type: 'number', negative: [], groupChar: [] },
    [/groupChar: must name one/, /negative: must name one/],
  ],
  [
    { name: 'f', type: 'number', decimalChar: '’', groupChar: [' ', "'"] },
    ['/schema/fields/1/groupChar: must not be the decimal character, "’".'],
  ],
  [
    { name: 'f', type: 'integer', decimalChar: ',' },
    [/decimalChar: is for whole numbers with zeros behind it/],
  ],
  [
    { name: 'f', type: 'boolean', trueValues: ['Ja'], falseValues: ['JA '], lenientValues: true },
    ['/schema/fields/1: "Ja" means both true and false; give trueValues and falseValues.'],
  ],
  [
    { name: 'f', type: 'date', format: '%d %b %Y', locale: 'xx', calendar: 'lunar', pivotYear: '50' },
    [
      '/schema/fields/1/locale: must be a language such as de, pt-BR or ja, not "xx".',
      '/schema/fields/1/calendar: must be "gregorian" or "japanese" or "buddhist" or "roc", not "lunar".',
      /pivotYear: must be a whole year from 1000 to 9900, .*, not "50"\.$/,
    ],
  ],
  [
    { name: 'f', type: 'date', format: 'any', locale: 'de' },
    [/format: must be a pattern such as %d %B %Y where a locale/],
  ],
  [
    { name: 'f', type: 'date', calendar: 'roc' },
    [/format: must be any or a pattern where the calendar is roc/],
  ],
  [{ name: 'f', type: 'time', format: '%A %H:%M' }, [/format: has a weekday without a date/]],
  [
    { name: 'f', type: 'date', timeZone: 'UTC' },
    ['/schema/fields/1/timeZone: "timeZone" does not apply to type date. Remove it.'],
  ],
  [
    { name: 'f', type: 'boolean', trueValues: ['0'] },
    ['/schema/fields/1: "0" means both true and false; give trueValues and falseValues.'],
  ],
  [
    {
      name: 'f',
      normalize: [
        'strip',
        { padStart: [11, '0'] },
        { padStart: { length: 5, from: [5] } },
        { remove: '' },
        {},
      ],
    },
    [/0: must be "trim"/, /1: must be {"padStart": {"length": 11/, /2: must/, /3: must/, /4: must/],
  ],
  [
    { name: 'f', constraints: { requird: true } },
    [
      '/schema/fields/1/constraints/requird: The property "requird" is not known here. Did you mean "required"?',
    ],
  ],
  [
    { name: 'f', constraints: { required: 'yes', maxLength: 0, minLength: 1.5, enum: [] } },
    [
      /required: must be true or false, not "yes"\./,
      /minLength: must be a whole number/,
      /maxLength: must be a whole number from 1/,
      /enum: must be a list/,
    ],
  ],
  [
    { name: 'f', constraints: { minimum: 1 } },
    [
      '/schema/fields/1/constraints/minimum: "minimum" is not a constraint of type string; it has required, unique, enum, minLength, maxLength, pattern.',
    ],
  ],
  [
    { name: 'f', type: 'integer', constraints: { maxLength: 1 } },
    [/"maxLength" is not a constraint of type integer/],
  ],
  [{ name: 'f', constraints: { pattern: '[a-' } }, [/pattern: is not a regular expression/]],
  [
    { name: 'f', constraints: { pattern: '([a-z]+)*(?=x).*' } },
    [/pattern: can take forever on some texts because of \(\?=x\) .* write it without looking ahead/],
  ],
  [{ name: 'f', constraints: { pattern: '[a-z-[aeiou]]' } }, [/pattern: uses .* class subtraction/]],
  [
    { name: 'f', constraints: { minLength: 5, maxLength: 4 } },
    [/minLength \(5\) is more than maxLength \(4\)/],
  ],
  [
    { name: 'f', type: 'date', constraints: { minimum: '2024-02-30' } },
    ['/schema/fields/1/constraints/minimum: must be a date like 2024-12-31, not "2024-02-30".'],
  ],
  [
    { name: 'f', type: 'integer', constraints: { minimum: 2, maximum: 1 } },
    [/minimum \(2\) is greater than maximum \(1\)/],
  ],
  [
    { name: 'f', type: 'integer', constraints: { enum: [1, 'x'] } },
    [/enum: must be a whole number like 1234, not "x"/],
  ],
  [{ name: 'f', type: 'integer', constraints: { maximum: 1e300 } }, [/maximum: is a number beyond 2\^53/]],
  [
    { name: 'f', type: 'date', example: '31/12/2024' },
    [
      /example: is not valid: the field expects a date like 2024-12-31, got "31\/12\/2024", which is written otherwise; declare /,
    ],
  ],
])('the field %j', (field, problems) => {
  expect(problemsOf(withField(field))).toEqual(problems.map(matching));
});

test('values that differ in case mean one thing where the schema says that case does not matter', () => {
  const field = { name: 'f', type: 'boolean', trueValues: ['Ja'], falseValues: ['JA'] };
  expect(problemsOf(withField(field))).toEqual([]);
  expect(problemsOf(withField({ ...field, lenientValues: false }, { lenientValues: true }))).toEqual([]);
  expect(problemsOf(withField(field, { lenientValues: true }))).toEqual([
    '/schema/fields/1: "Ja" means both true and false; give trueValues and falseValues.',
  ]);
});

test.each<[Json, (string | RegExp)[]]>([
  [{ table: 'a-b' }, [/^\/target\/table: must be a name/]],
  [{ schema: 'sluice' }, [/^\/target\/schema: "sluice" belongs to Postgres or Sluice/]],
  [{ schema: 'pg_temp' }, [/belongs to Postgres or Sluice/]],
  [{ links: [link({ table: 't' })] }, [/Table "t" is named twice/]],
  [{ links: [link({ column: 'b' })] }, [/"b" is a field of the table already/]],
  [{ links: [link({ column: 'id' })] }, [/a column of Sluice's own/]],
  [{ links: [link({ fields: ['x'] })] }, ['/target/links/0/fields/0: There is no field "x".']],
  [{ links: [link({ fields: ['a', 'a'] })] }, [/is in the list twice/]],
  [{ links: [link(), link({ table: 'm', column: 'm_id' })] }, [/Field "a" is in two links/]],
  [{ links: [link({ fields: ['a', 'b'] })] }, [/Leave at least one/]],
  [{ links: [link({ fields: [] })] }, [/must name one field or more/]],
  [
    { links: [{ table: 'l', fields: ['a'], colum: 'x' }] },
    [/The property "colum" is not known here. Did you mean "column"\?/, /must have the property "column"/],
  ],
])('the target %j', (target, problems) => {
  expect(problemsOf(withTarget(target))).toEqual(problems.map(matching));
});

test('a key does not lie in a linked table', () => {
  const document = { ...withTarget({ links: [link()] }), schema: { ...GOOD.schema, primaryKey: ['a'] } };
  expect(problemsOf(document)).toEqual([
    '/schema/primaryKey: Field "a" lands in a linked table and cannot be part of the key.',
  ]);
});

test('every problem is told at once, by one expected failure', () => {
  const document = { name: 'X', schema: { fields: [{ name: 'id' }, { name: 'b', type: 'x' }] }, target: {} };
  expect(problemsOf(document)).toHaveLength(4);
  expect(() => parseDataset(document, 'd.json')).toThrow(
    expect.objectContaining({ code: 'DATASET_INVALID' }),
  );
});

test.each<[string, Json, Json]>([
  ['named with its schema', { table: 'Shop.Orders' }, { schema: 'Shop', table: 'Orders' }],
  ['that says so too', { table: 'public.t', existing: true }, { schema: 'public', table: 't' }],
  ['without a schema', { table: 't' }, { table: 't' }],
  [
    'whose name has a point',
    { schema: 'public', table: 'a.b', existing: true },
    { schema: 'public', table: 'a.b' },
  ],
])('a table that exists, %s, is kept in one form', (_, target, kept) => {
  const { schema, target: parsed } = parseDataset({ name: 'd', target }, 'test');
  expect([schema, parsed]).toEqual([{ fields: [] }, { ...kept, existing: true }]);
});
