// What is found in batches, by tests on bytes, is what is found by looking at each cell of each record.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnEvidence } from '../../../src/core/dataset/infer/column-evidence.ts';
import { CellBatch } from '../../../src/core/dataset/infer/cell-batch.ts';
import { CellEngine } from '../../../src/core/dataset/infer/cell-engine.ts';
import { SOURCE_HASH } from '../../../src/core/dataset/infer/cells-wasm.ts';
import { KeySet } from '../../../src/core/dataset/infer/key-set.ts';
import { readPlaces } from '../../../src/core/csv/records/read-places.ts';
import { inferText, lookAtAll, lookAtSound } from '../../../src/intake/infer/infer-text.ts';
import { LookAtColumns } from '../../../src/intake/infer/look-at-columns.ts';
import { lookAt } from '../../../src/intake/infer/look-at.ts';
import { runs } from '../../support/random.ts';

const DIALECT = { delimiter: ';' };
const COLUMNS = 3;

/** Of one sort mostly, so that a column has a kind, and now and then of another. */
const SORTS = [
  ['1', '22', '-3', '0', '007', '-0', '999999999999999999', '1000000000000000000', '+5', '-'],
  ['1.5', '-0.25', '0.0', '-0.0', '2', '1.', '.5', '1e5', '12345678901234567890.5'],
  ['2024-01-31', '2023-02-29', '0001-01-01', '2024-1-31', '2024-02-29'],
  ['2024-01-31T10:20:30Z', '2024-01-31T10:20:30+09:00', '2024-01-31 10:20Z', '9999-12-31T23:59:59-12:00'],
  [
    '2024-01-31T10:20:30',
    '2024-01-31 10:20',
    '1350-01-31 10:20:30',
    '2567-01-31T24:20:30',
    '2024-01-31T10:20',
  ],
  ['10:20:30', '10:20', '24:00', '23:59:59.5'],
  ['true', 'false', 'True', 'FALSE', 'trues'],
  ['0190a6c2-7b1e-7c3d-9f00-1234567890ab', '0190A6C2-7b1e-7c3d-9f00-1234567890ab'],
  ['a@b.c', 'user1@example.com', '1@example.com', 'é@example.com', 'a@b', '12:@example.com'],
  ['https://example.com/a', 'https://', 'http://a b'],
  ['"a"', '"a""b"', '"a""""b"', 'a"b', 'a""b', '"x;y"', '"x\ny"', '"x\r\ny"', '"\t"', 'é\\', 'a'],
] as const;

const pair = fc.nat({ max: 70 }).map((number) => String(number).padStart(2, '0'));
/** Most of them are days and times, some just not. */
const moment = fc
  .tuple(fc.constantFrom('20', '19', '09', '90', '00'), pair, fc.nat({ max: 13 }), fc.nat({ max: 32 }), pair)
  .map(([century, year, month, day, clock]) => {
    const date = `${century}${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    return [
      date,
      `${date}T${clock}:10:${clock}Z`,
      `${date} 10:${clock}`,
      `${date}T10:${clock}:00+0${clock[1]}:30`,
    ];
  });
const MOMENTS = [0, 1, 2, 3].map((at) => moment.map((forms) => forms[at]!));
/** Longer ones than 16 bytes, which are looked at at once. */
const LONG = [
  fc.stringMatching(/^-?[0-9]{15,20}$/),
  fc.stringMatching(/^-?[0-9]{1,20}\.[0-9]{0,20}$/),
  fc.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-g]{12}$/),
  fc.stringMatching(/^[a-z._+-]{1,20}@[a-z-]{1,9}\.[a-z.]{1,9}$/),
  fc.stringMatching(/^[a-b_@.-]{0,3}@?[a-b.-]{1,3}\.?[a-b_.-]{1,3}$/),
];

/** Each with a number that rises, or mostly does. */
const rising = fc
  .tuple(
    fc.constantFrom('', 'a', 'key-number-', 'user@example.com.x'),
    fc.integer({ min: 0, max: 995 }),
    fc.nat({ max: 40 }),
  )
  .map(([before, from, stumbles]) =>
    Array.from({ length: 60 }, (_, row) => `${before}${row === stumbles ? from : from + row}`),
  );

const listed = fc
  .tuple(fc.constantFrom(...SORTS), fc.integer({ min: 0, max: 3 }))
  .chain(([sort, others]) =>
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...sort) },
        { weight: 4, arbitrary: fc.nat({ max: 99 }).map((each) => `${sort[0].replaceAll('"', '')}${each}`) },
        { weight: 1, arbitrary: fc.constantFrom('', '""') },
        { weight: others, arbitrary: fc.constantFrom(...SORTS.flat()) },
      ),
      { minLength: 60, maxLength: 60 },
    ),
  );
const made = fc
  .constantFrom(...MOMENTS, ...LONG)
  .chain((cells) =>
    fc.array(fc.oneof({ weight: 9, arbitrary: cells }, fc.constant('')), { minLength: 60, maxLength: 60 }),
  );
const column = fc.oneof({ weight: 3, arbitrary: listed }, made, rising);

/** Without quotes that are none. */
const calm = fc.oneof(made, rising);

const textOf = (column: fc.Arbitrary<string[]>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      fc.array(column, { minLength: COLUMNS, maxLength: COLUMNS }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom('', '\n\n', '\ufeff', 'too;few\n'),
      fc.boolean(),
    )
    .map(([columns, rows, end, above, isEnded]) => {
      const records = Array.from({ length: rows }, (_, row) => columns.map((cells) => cells[row]!).join(';'));
      return Buffer.from(above + records.join(end) + (isEnded ? end : ''));
    });

const text = textOf(column);

/** What there is, found the slow way; undefined: the text cannot be cut into records. */
function slowly(bytes: Buffer, keepsTexts: boolean) {
  const evidence = Array.from({ length: COLUMNS }, () => new ColumnEvidence(keepsTexts));
  let records = 0;
  const passedOver: unknown[] = [];
  const stretch = { startByte: 0, endByte: bytes.length, firstRow: 1, firstLine: 2, records: 0 };
  try {
    readPlaces(bytes, stretch, DIALECT, (cells, _row, line) => {
      records++;
      if (cells.ambiguousColumn !== 0 || cells.count !== COLUMNS)
        passedOver.push([line, cells.count, cells.ambiguousColumn]);
      else lookAt(evidence, bytes, cells, line, false);
    });
  } catch (error) {
    if (!String(error).includes('the plan says 0')) return undefined;
  }
  return { records, passedOver, findings: evidence.map(({ findings }) => findings), stretch };
}

describe('inferring in batches', () => {
  it.each([
    ['the loops of JavaScript', undefined],
    ['those of WebAssembly', CellEngine.open(COLUMNS)!],
  ])('%s find what looking at each cell finds', (_, engine) => {
    fc.assert(
      fc.property(text, fc.boolean(), (bytes, keepsTexts) => {
        const slow = slowly(Buffer.from(bytes), keepsTexts);
        fc.pre(slow !== undefined);
        const evidence = Array.from({ length: COLUMNS }, () => new ColumnEvidence(keepsTexts));
        const batch = new CellBatch(COLUMNS, DIALECT, engine);
        const passedOver: unknown[] = [];
        batch.read(
          bytes,
          { ...slow.stretch, records: slow.records },
          () => evidence.forEach((each, at) => each.lookAtBatch(batch, at)),
          (line, cells, ambiguous) => passedOver.push([line, cells, ambiguous]),
        );
        expect(passedOver).toEqual(slow.passedOver);
        expect(evidence.map(({ findings }) => findings)).toEqual(slow.findings);
      }),
      { numRuns: 600 },
    );
  });

  const damage = fc.oneof(
    fc.constantFrom('"', '""', '";', '\r', '\n', '\r\n', '\ufeff', '\f', ';', 'ａ', '\n\n', 'x;y\n'),
    fc.constantFrom(
      '\nname;two;three\n',
      '\n"Name";TWO;three\n',
      '\nTotal;;3\n',
      '\n;;Sum: 3\n',
      '\n"x\ny\nz\n\n";1;2\n',
    ),
  );
  const damaged = fc
    .tuple(fc.oneof(textOf(calm), text), fc.array(fc.tuple(fc.nat(), damage), { maxLength: 2 }))
    .map(([bytes, damages]) =>
      Buffer.from(
        damages.reduce((all, [place, what]) => {
          const at = place % (all.length + 1);
          return all.slice(0, at) + what + all.slice(at);
        }, bytes.toString()),
      ),
    );

  const findingsOf = ({ evidence, records, passedOver, firstPassedOver }: LookAtColumns) => ({
    findings: records > 0 ? evidence!.map(({ findings }) => findings) : undefined,
    records,
    passedOver,
    firstPassedOver,
  });
  const readerOf =
    (bytes: Buffer) =>
    ({ startByte, endByte }: { startByte: number; endByte: number }) =>
      Promise.resolve(Buffer.from(bytes.subarray(startByte, endByte)));

  it('a file without a scan before is what it is with one', async () => {
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(
        damaged,
        fc.constantFrom('lf', 'crlf', 'cr', undefined),
        fc.constantFrom(['name', 'two', 'three'], undefined),
        fc.constantFrom(70, 1000),
        async (bytes, lineEnd, header, maxRecordBytes) => {
          const read = readerOf(bytes);
          const columns = (header ?? []).map((name) => ({ header: name }));
          const dialect = { ...DIALECT, ...(lineEnd && { lineEnd }) } as const;
          const file = { dialect, columns, dataStart: 0, dataLine: 2, dataEnd: bytes.length };
          const look = (): LookAtColumns => new LookAtColumns(dialect, header?.length, false);
          const found = await lookAtSound(file, read, { maxRecordBytes }, look(), 64);
          if (found === false) return;
          looked++;
          expect(findingsOf(found)).toEqual(
            findingsOf(await lookAtAll(file, read, { maxRecordBytes }, look())),
          );
        },
      ),
      { numRuns: 250 },
    );
    expect(looked).toBeGreaterThan(100);
  });

  /** Of one record, or of lines between two. */
  const oddities = [
    'short;1',
    'a;b;c;d',
    '"a"x;b;c',
    '"open;b;c',
    'a"b;c;d',
    '',
    'Total;;3',
    'name;two;three',
    '"x\ny\nz\n\n";1;2',
    `"${'x\n'.repeat(20)}";1;2`,
    `${'y'.repeat(1200)};1;2`,
    'lost;b";3',
  ];

  it('a long file with odd records here and there is what it is with a scan', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 5999 }), fc.constantFrom(...oddities)), { maxLength: 6 }),
        fc.constantFrom(4096, 1024 * 1024),
        fc.constantFrom('plain', 'quoted'),
        async (odd, pieceBytes, how) => {
          const lines = Array.from({ length: 6_000 }, (_, at) => {
            const cells = [`user${at % 7000}@example.com`, String(at), at % 5 === 0 ? '' : `text ${at % 31}`];
            return cells.map((cell) => (how === 'quoted' ? `"${cell}"` : cell)).join(';');
          });
          for (const [at, what] of odd) lines[at] = what;
          const bytes = Buffer.from(`${lines.join('\n')}\n`);
          const columns = ['name', 'two', 'three'].map((header) => ({ header }));
          const dialect = { ...DIALECT, lineEnd: 'lf' } as const;
          const file = { dialect, columns, dataStart: 0, dataLine: 2, dataEnd: bytes.length };
          const look = (): LookAtColumns => new LookAtColumns(dialect, 3, false);
          const limits = { maxRecordBytes: 1000 };
          const read = readerOf(bytes);
          const found = await lookAtSound(file, read, limits, look(), pieceBytes);
          expect(found !== false && findingsOf(found)).toEqual(
            findingsOf(await lookAtAll(file, read, limits, look())),
          );
        },
      ),
      { numRuns: runs(20) },
    );
  });

  it('the module is made of the source that is here', () => {
    const source = readFileSync(new URL('../../../scripts/wasm/cells.ts', import.meta.url));
    expect(createHash('sha256').update(source).digest('hex')).toBe(SOURCE_HASH);
  });

  it('across batches and chunks, with and without a header', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, at) => `${at};user${at % 25_000}@example.com;${at % 7}\n`,
    );
    const head = 'id;mail;seven\n';
    const bytes = Buffer.from(head + lines.join('').repeat(4));
    const read = ({ startByte, endByte }: { startByte: number; endByte: number }) =>
      Promise.resolve(Buffer.from(bytes.subarray(startByte, endByte)));
    const limits = { maxRecordBytes: 1024 };
    const choices = { name: 'd', types: 'detect' } as const;
    const file = { bytes: bytes.length, read, isJoined: false };
    const named = { dialect: DIALECT, header: ['id', 'mail', 'seven'], dataStart: head.length, dataLine: 2 };
    const found = await inferText(file, named, limits, choices);
    expect(found).toMatchObject({
      records: 120_000,
      passedOver: 0,
      columns: [
        { because: 'All 120000 values are whole numbers.', repeated: { line: 30_002, value: '0' } },
        { isUnique: false, repeated: { line: 25_002, value: 'user0@example.com' } },
        { values: 120_000, empty: 0, longestBytes: 1 },
      ],
    });
    const bare = await inferText(file, { ...named, header: undefined }, limits, choices);
    expect(bare.columns.map(({ because }) => because)).toEqual(found.columns.map(({ because }) => because));
  });
});

it('a cell is what it is, whatever stands behind it', () => {
  const evidence = [new ColumnEvidence(false), new ColumnEvidence(false)];
  const bytes = Buffer.from('1@abcd.com;12:30\n');
  const stretch = { startByte: 0, endByte: bytes.length, firstRow: 1, firstLine: 1, records: 1 };
  readPlaces(bytes, stretch, DIALECT, (cells, _row, line) => lookAt(evidence, bytes, cells, line, false));
  expect(evidence.map(({ findings }) => findings.kind)).toEqual(['email', 'time']);
});

it('values in any order differ, or one is there twice', () => {
  const value = fc.oneof(fc.nat({ max: 3000 }).map(String), fc.string({ maxLength: 70 }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), fc.boolean(), (values, isSorted) => {
      const keys = new KeySet();
      const seen = new Set<string>();
      for (const each of isSorted
        ? values.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
        : values) {
        const bytes = Buffer.from(each);
        expect(keys.add(bytes, 0, bytes.length)).toBe(!seen.has(bytes.toString('hex')));
        seen.add(bytes.toString('hex'));
      }
    }),
  );
});
