// What Postgres and MySQL write as text comes back as the values that they had, in any chunks and cut at any byte.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAll, NULL_CELL } from '../../../../src/core/csv/records/cell-places.ts';
import { readPlaces } from '../../../../src/core/csv/records/read-places.ts';
import { wellFormedStretches } from '../../../../src/core/csv/records/records.ts';
import type { Dialect } from '../../../../src/core/csv/types.ts';
import { planPieces, type ListedChunk } from '../reading.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

const POSTGRES: Dialect = { delimiter: '\t', databaseText: 'postgres-text' };
const MYSQL: Dialect = { delimiter: '\t', databaseText: 'mysql' };
const POSTGRES_CSV: Dialect = { delimiter: ',', databaseText: 'postgres-csv' };
const ONE_COLUMN: Dialect = { ...POSTGRES_CSV, blankLines: 'null' };
const MYSQL_QUOTED: Dialect = { delimiter: ',', databaseText: 'mysql', quote: '"' };

type Value = string | null;

/** As COPY … TO writes it: control characters by letter, a newline never as itself. */
function asPostgres(value: Value): string {
  if (value === null) return '\\N';
  const letters: Record<string, string> = {
    '\b': 'b',
    '\f': 'f',
    '\n': 'n',
    '\r': 'r',
    '\t': 't',
    '\v': 'v',
  };
  return value.replace(/[\\\b\f\n\r\t\v]/g, (char) => `\\${letters[char] ?? char}`);
}

/** As INTO OUTFILE writes it: the backslash goes before the very characters that end a cell or a line. */
function asMysql(value: Value): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n]/g, (char) => `\\${char}`);
}

/** With FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"'. */
function asMysqlQuoted(value: Value): string {
  return value === null ? '\\N' : `"${value.replace(/["\\\n]/g, (char) => `\\${char}`)}"`;
}

function read(text: string | Buffer, dialect: Dialect, chunkBytes = 1000, columns = 3): (Value[] | string)[] {
  const bytes = Buffer.from(text);
  return readPlan(bytes, planPieces([bytes], { columns, dialect, chunkBytes }), dialect);
}

function readPlan(bytes: Buffer, chunks: readonly ListedChunk[], dialect: Dialect): (Value[] | string)[] {
  expectEqual(
    chunks.flatMap(({ broken }) => broken),
    [],
  );
  const records: (Value[] | string)[] = [];
  for (const stretch of chunks.flatMap(wellFormedStretches)) {
    const own = Buffer.from(bytes.subarray(stretch.startByte, stretch.endByte));
    readPlaces(own, stretch, dialect, (cells) =>
      records.push(
        cells.refusal !== null
          ? `column ${cells.refusal.columnIndex} is no text`
          : decodeAll(own, cells).map((cell) => (cell === NULL_CELL ? null : cell)),
      ),
    );
  }
  return records;
}

/** As COPY … TO writes it in its CSV format. */
function asPostgresCsv(value: Value): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** MySQL leaves a CR as it is, which ends a line here: a file with one is rejected there, not read. */
const value = (chars: string): fc.Arbitrary<Value> =>
  fc.option(
    fc.array(fc.constantFrom(...chars, '\\N', 'é', '漢'), { maxLength: 6 }).map((parts) => parts.join('')),
  );

describe.each([
  { by: 'Postgres', dialect: POSTGRES, write: asPostgres, chars: 'aN\\.x01"\',\t\n\r\b\v\f', end: '\n' },
  {
    by: 'Postgres as CSV',
    dialect: POSTGRES_CSV,
    write: asPostgresCsv,
    chars: 'aN\\."\',\t\n\r ',
    end: '\n',
  },
  {
    by: 'Postgres as CSV of one column',
    dialect: ONE_COLUMN,
    write: asPostgresCsv,
    chars: 'aN\\."\',\t\n\r ',
    end: '\n',
    columns: 1,
  },
  { by: 'MySQL', dialect: MYSQL, write: asMysql, chars: 'aNn0Z\\."\',\t\n', end: '\n' },
  { by: 'MySQL, quoted', dialect: MYSQL_QUOTED, write: asMysqlQuoted, chars: 'aNn0\\"\',\t\n', end: '\r\n' },
])('tables that $by writes', ({ dialect, write, chars, end, columns = 3 }) => {
  const record = fc.array(value(chars), { minLength: columns, maxLength: columns });
  const table = fc.array(record, { minLength: 1, maxLength: 6 });
  const textOf = (rows: readonly Value[][]): string =>
    rows.map((row) => row.map(write).join(dialect.delimiter) + end).join('');

  it('come back as they were, in any chunks', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(1, 7, 1000), (rows, chunkBytes) => {
        expectEqual(read(textOf(rows), dialect, chunkBytes, columns), rows);
      }),
      { numRuns: runs(300) },
    );
  });

  it('have the same plan cut at each byte', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const bytes = Buffer.from(textOf(rows));
        const options = { columns, dialect, chunkBytes: 5 };
        const whole = planPieces([bytes], options);
        for (let at = 1; at < bytes.length; at++)
          expectEqual(planPieces([bytes.subarray(0, at), bytes.subarray(at)], options), whole);
        expect(readPlan(bytes, whole, dialect)).toEqual(rows);
      }),
      { numRuns: runs(40) },
    );
  });
});

describe('escapes of a database', () => {
  it.each([
    [
      'a byte by octal or hexadecimal digits',
      POSTGRES,
      'a\\101b\\x41\\x4a1\\1\t\\303\\251\t\\7',
      ['aAbAJ1\u0001', 'é', '\u0007'],
    ],
    ['a letter that stands for itself', POSTGRES, '\\q\\N\ta\\N\tN', ['qN', 'aN', 'N']],
    ['those of MySQL alone', MYSQL, 'a\\Zb\t\\f\\v\t\\101', ['a\u001ab', 'fv', '101']],
    ['a doubled quote', MYSQL_QUOTED, '"a""b","\\N",\\N', ['a"b', 'N', null]],
    ['a delimiter before a quote', MYSQL_QUOTED, 'a\\,"b",c,d', ['a,"b"', 'c', 'd']],
    ['a CRLF', MYSQL, 'a\\\r\nb\tc\td', ['a\r\nb', 'c', 'd']],
  ])('%s', (_name, dialect, text, cells) => {
    expect(read(text, dialect)).toEqual([cells]);
  });

  it('that stand for no text are told with their column', () => {
    expect(read('a\t\\000\tb\n', POSTGRES)).toEqual(['column 2 is no text']);
    expect(read('a\tb\t\\377\nc\td\te\n', POSTGRES)).toEqual(['column 3 is no text', ['c', 'd', 'e']]);
    expect(read('a\\0b\tb\tc\n', MYSQL)).toEqual(['column 1 is no text']);
  });

  it('and the line \\. is no record of Postgres', () => {
    expect(read('a\tb\tc\n\\.\n', POSTGRES)).toEqual([['a', 'b', 'c']]);
    expect(read('a\tb\tc\n\\.', POSTGRES)).toEqual([['a', 'b', 'c']]);
  });
});

it('a cell of Postgres’ CSV that holds a whole file stays one cell', () => {
  const cell = Array.from({ length: 5000 }, (_, at) => `${at},a,b`).join('\n');
  const rows = [
    ['1', cell, 'z'],
    ['2', null, ''],
  ];
  const text = rows.map((row) => `${row.map(asPostgresCsv).join(',')}\n`).join('');
  expect(read(text, POSTGRES_CSV)).toEqual(rows);
});
