// Every dialect, not only the usual one: the scanner and the readers against a reader of a few lines that goes character by character,
// and against papaparse where it knows the dialect.
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { decodeCells } from '../../../../src/core/csv/records/cell-places.ts';
import { readPlaces } from '../../../../src/core/csv/records/read-places.ts';
import { readStretch } from '../papaparse-reference.ts';
import { wellFormedStretches } from '../../../../src/core/csv/records/records.ts';
import type { Dialect } from '../../../../src/core/csv/types.ts';
import { type ListedChunk, planPieces } from '../reading.ts';
import { runs } from '../../../support/random.ts';

type Read = [cells: string[], row: number, line: number, lineEnd: number];

const dialect: fc.Arbitrary<Dialect> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', ' ', ':', ', ', '|~', ',\t'),
    quote: fc.constantFrom('"' as const, "'" as const, null),
    escape: fc.constantFrom(undefined, '\\' as const, '"' as const),
    comment: fc.constantFrom(null, '#'),
  })
  .map(({ escape, ...rest }) => ({ ...rest, ...(escape && rest.quote !== null && { escape }) }));

/** Pieces that mean something in some dialect, so that quotes and escapes often come out right. */
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'é',
      ' ',
      ',',
      ', ',
      ';',
      '\t',
      '|~',
      '|',
      ':',
      '#',
      '\\',
      '"',
      "'",
      '""',
      "''",
      '\\"',
      "\\'",
      '\\\\',
      '"x"',
      "'x'",
      '"a,b; c"',
      "'a,b; c'",
      '"x\ny"',
      "'x\r\ny'",
      '\n',
      '\n',
      '\r\n',
      '\r',
      '1,2\n',
      '1;2\r\n',
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''));

/** What the grammar says, in the plainest way. Undefined when some record is not well-formed. */
function readSimply(
  source: string,
  { delimiter, quote = '"', escape, comment = null }: Dialect,
): Read[] | undefined {
  const records: Read[] = [];
  const before = escape ?? quote;
  let line = 1;
  let at = 0;
  const lineEndAt = (place: number): string =>
    /^(?:\r\n|\r|\n)/.exec(source.slice(place, place + 2))?.[0] ?? '';
  while (at < source.length) {
    const firstLine = line;
    if (comment !== null && source[at] === comment) {
      while (at < source.length && lineEndAt(at) === '') at++;
      at += lineEndAt(at).length;
      line++;
      continue;
    }
    const cells: string[] = [];
    const from = at;
    for (;;) {
      let cell = '';
      if (quote !== null && source[at] === quote) {
        at++;
        for (;;) {
          if (at >= source.length) return undefined;
          const next = source[at + 1];
          if (source[at] === before && (next === quote || (before !== quote && next === before))) {
            cell += next;
            at += 2;
          } else if (source[at] === quote) break;
          else {
            if (source[at] === '\n' || (source[at] === '\r' && next !== '\n')) line++;
            cell += source[at++]!;
          }
        }
        at++;
        if (at < source.length && lineEndAt(at) === '' && !source.startsWith(delimiter, at)) return undefined;
      } else
        while (at < source.length && lineEndAt(at) === '' && !source.startsWith(delimiter, at))
          cell += source[at++]!;
      cells.push(cell);
      if (!source.startsWith(delimiter, at)) break;
      at += delimiter.length;
    }
    if (at > from) records.push([cells, records.length + 1, firstLine, line]);
    at += lineEndAt(at).length;
    line++;
  }
  return records;
}

function readChunks(
  bytes: Buffer,
  chunks: readonly ListedChunk[],
  used: Dialect,
): { placed: Read[]; parsed: Read[] } {
  const placed: Read[] = [];
  const parsed: Read[] = [];
  for (const stretch of chunks.flatMap(wellFormedStretches)) {
    const part = bytes.subarray(stretch.startByte, stretch.endByte);
    readStretch(part, stretch, used, (...record) => parsed.push(record));
    const own = Buffer.from(part);
    readPlaces(own, stretch, used, (cells, ...place) => placed.push([decodeCells(own, cells), ...place]));
  }
  return { placed, parsed };
}

describe('any dialect', () => {
  it('is read as the grammar says, in any chunks', () => {
    let wellFormed = 0;
    fc.assert(
      fc.property(text, dialect, fc.constantFrom(1, 7, 1000), (source, used, chunkBytes) => {
        const expected = readSimply(source, used);
        fc.pre(expected !== undefined);
        wellFormed++;
        const bytes = Buffer.from(source);
        // A header of one column gives no evidence that a quote is more than text.
        const chunks = planPieces([bytes], { columns: 1, dialect: used, chunkBytes });
        expect(chunks.flatMap(({ broken }) => broken)).toEqual([]);
        const { placed, parsed } = readChunks(bytes, chunks, used);
        expect(placed).toEqual(expected);
        expect(parsed).toEqual(expected);
      }),
      { numRuns: runs(1500) },
    );
    expect(wellFormed).toBeGreaterThan(1000);
  });

  it('has the same plan cut at each byte, and every byte in it once', () => {
    fc.assert(
      fc.property(text, dialect, fc.constantFrom(3, 9, 1000), (source, used, maxRecordBytes) => {
        const bytes = Buffer.from(source);
        const options = { columns: 2, dialect: used, chunkBytes: 5, maxRecordBytes };
        const whole = planPieces([bytes], options);
        for (let at = 1; at < bytes.length; at++)
          expect(planPieces([bytes.subarray(0, at), bytes.subarray(at)], options)).toEqual(whole);
        const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
        expect(planPieces(single, options)).toEqual(whole);
        expect(whole.map(({ startByte }) => startByte)).toEqual(
          [0, ...whole.map(({ endByte }) => endByte)].slice(0, whole.length),
        );
        expect(whole.at(-1)?.endByte ?? 0).toBe(bytes.length);
        readChunks(bytes, whole, used);
      }),
      { numRuns: 500 },
    );
  });

  it('is read as papaparse reads it, where papaparse knows it', () => {
    const known = dialect.filter(
      ({ quote, escape, comment }) => quote !== null && escape === undefined && comment === null,
    );
    fc.assert(
      fc.property(text, known, (source, used) => {
        const lines = new Set(source.match(/\r\n|\r|\n/g) ?? []);
        fc.pre(lines.size < 2 && readSimply(source, used) !== undefined);
        const { data, errors } = Papa.parse<string[]>(source, {
          delimiter: used.delimiter,
          newline: ([...lines][0] ?? '\n') as '\n',
          quoteChar: used.quote ?? '"',
          fastMode: false,
        });
        expect(errors).toEqual([]);
        const bytes = Buffer.from(source);
        const { placed } = readChunks(bytes, planPieces([bytes], { columns: 1, dialect: used }), used);
        // Papaparse cannot tell a blank line from a lone quoted empty cell.
        const isBlank = (cells: string[]): boolean => cells.length === 1 && cells[0] === '';
        expect(placed.map(([cells]) => cells).filter((cells) => !isBlank(cells))).toEqual(
          data.filter((cells) => !isBlank(cells)),
        );
      }),
      { numRuns: runs(1000) },
    );
  });
});
