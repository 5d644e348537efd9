// The byte reader against papaparse: the same cells, rows and lines from the same bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CellPlaces,
  decodeCells,
  DOUBLED,
  NOT_ASCII,
  NOT_DIGIT,
  SPECIAL,
} from '../../../../src/core/csv/records/cell-places.ts';
import { readPlaces } from '../../../../src/core/csv/records/read-places.ts';
import type { Stretch } from '../../../../src/core/csv/types.ts';
import { readStretch } from '../papaparse-reference.ts';
import { wellFormedStretches } from '../../../../src/core/csv/records/records.ts';
import type { Delimiter } from '../../../../src/core/csv/types.ts';
import { plan } from '../reading.ts';
import { runs } from '../../../support/random.ts';

const COMMA = { delimiter: ',' } as const;
type Read = [cells: string[], row: number, line: number, lineEnd: number];

function placed(bytes: Buffer, stretch: Stretch, delimiter: Delimiter): Read[] {
  const records: Read[] = [];
  readPlaces(bytes, stretch, { delimiter }, (cells, row, line, lineEnd) => {
    expectMarks(bytes, cells);
    records.push([decodeCells(bytes, cells), row, line, lineEnd]);
  });
  return records;
}

function parsed(bytes: Buffer, stretch: Stretch, delimiter: Delimiter): Read[] {
  const records: Read[] = [];
  readStretch(bytes, stretch, { delimiter }, (...record) => records.push(record));
  return records;
}

/** A mark may not be missing; of doubled quotes it may also not be there in vain. */
function expectMarks(bytes: Buffer, { count, starts, ends, marks }: CellPlaces): void {
  for (let at = 0; at < count; at++) {
    const cell = bytes.subarray(starts[at], ends[at]);
    const quoted = starts[at]! > 0 && bytes[starts[at]! - 1] === 0x22 && bytes[ends[at]!] === 0x22;
    expect(marks[at]).toBe(
      (cell.some((byte) => byte > 0x7f) ? NOT_ASCII : 0) |
        (/[^0-9]/.test(cell.toString('latin1')) ? NOT_DIGIT : 0) |
        (/[\\\t\r\n]/.test(cell.toString('latin1')) ? SPECIAL : 0) |
        (quoted && cell.includes('""') ? DOUBLED : 0),
    );
  }
}

const delimiters = fc.constantFrom<Delimiter>(',', ';', '\t', '|');
const lineEnds = fc.constantFrom('\n', '\r\n', '\r');

/** Files that a program wrote: each cell quoted where it must be, and now and then where it need not. joined-files.test.ts has BOMs without quotes. */
const written = delimiters.chain((delimiter) => {
  const cell = fc
    .tuple(
      fc.string({
        unit: fc.constantFrom(
          'a',
          '1',
          '"',
          ',',
          ';',
          '\t',
          '|',
          '\n',
          '\r',
          '\\',
          ' ',
          '山',
          '𠮷',
          '\ufeff',
        ),
        maxLength: 6,
      }),
      fc.boolean(),
    )
    .map(([text, always]) =>
      always || /["\r\n\ufeff]/.test(text) || text.includes(delimiter)
        ? `"${text.replaceAll('"', '""')}"`
        : text,
    );
  const record = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(delimiter));
  return fc
    .tuple(fc.array(fc.tuple(fc.oneof(record, fc.constant('')), lineEnds), { maxLength: 30 }), fc.boolean())
    .map(([lines, ended]) => {
      const text = lines.map(([line, end]) => line + end).join('');
      return { delimiter, text: ended ? text : text.replace(/[\r\n]+$/, '') };
    });
});

/** Any arrangement of the bytes that mean something. */
const wild = fc.record({
  delimiter: delimiters,
  text: fc.string({
    unit: fc.constantFrom('a', 'b', '"', '""', ',', ';', '\t', '|', '\n', '\r', '\r\n', '\\', '山'),
    maxLength: 80,
  }),
});

describe('readPlaces', () => {
  it('reads every well-formed stretch as papaparse does', () => {
    fc.assert(
      fc.property(fc.oneof(written, wild), fc.integer({ min: 1, max: 200 }), (file, chunkBytes) => {
        const bytes = Buffer.from(file.text);
        for (const chunk of plan(bytes, { columns: 2, delimiter: file.delimiter, chunkBytes }))
          for (const stretch of wellFormedStretches(chunk)) {
            const own = bytes.subarray(stretch.startByte, stretch.endByte);
            expect(placed(own, stretch, file.delimiter)).toEqual(parsed(own, stretch, file.delimiter));
          }
      }),
      { numRuns: runs(2000) },
    );
  });

  it('reads a record of more cells than any header has', () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index).join(','));
    const stretch = { startByte: 0, endByte: bytes.length, firstRow: 5, firstLine: 7, records: 1 };
    expect(placed(bytes, stretch, ',')).toEqual(parsed(bytes, stretch, ','));
  });

  it.each([
    ['a record too few', 'a,b\n', 2, 'Bytes 0 to 4 (line 1) hold 1 record; the plan says 2'],
    ['a record too many', 'a,b\nc,"d"\n', 1, 'Bytes 0 to 10 (line 1) hold 2 records; the plan says 1'],
    ['an unclosed quote', 'a,"b\n', 1, 'A quoted cell of the record at line 1 does not end'],
    ['text after a quote', 'a,"b"c\n', 1, 'Text follows a closing quote of the record at line 1'],
  ])('throws when the bytes are not what the plan says: %s', (_name, text, records, message) => {
    const bytes = Buffer.from(text);
    const stretch = { startByte: 0, endByte: bytes.length, firstRow: 1, firstLine: 1, records };
    expect(() => readPlaces(bytes, stretch, COMMA, () => {})).toThrow(message);
  });
});
