import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../../src/core/csv/dialect/header.ts';
import {
  MAX_BROKEN_TEXT_BYTES,
  splitBroken,
  wellFormedStretches,
} from '../../../../src/core/csv/records/records.ts';
import type { ByteRange } from '../../../../src/core/csv/types.ts';
import { readRecords, readStretch } from '../papaparse-reference.ts';
import { outline, plan } from '../reading.ts';

const COMMA = { delimiter: ',' } as const;
const FILE = { dialect: COMMA, columns: [{ header: 'a' }, { header: 'b' }], dataEnd: Infinity };

describe('csv-spectrum', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('csv-spectrum'));
  it.each(readdirSync(join(folder, 'csvs')))('%s', async (file) => {
    const bytes = readFileSync(join(folder, 'csvs', file));
    const json: unknown = JSON.parse(
      readFileSync(join(folder, 'json', file.replace('.csv', '.json')), 'utf8'),
    );
    // The one JSON that is not of its CSV: a lone object with another telephone number.
    const expected =
      file === 'location_coordinates.csv'
        ? [{ ...(json as object), 'Contact Phone Number': '2095257564' }]
        : json;
    const dialect = { delimiter: ',' };
    const header = readHeader(bytes, true, dialect, { maxHeaderBytes: 65_536, maxColumns: 100 });
    const records = await outline(bytes.subarray(header.endByte), {
      columns: header.cells.length,
      delimiter: dialect.delimiter,
    });
    const named = records.map((cells) =>
      Object.fromEntries(header.cells.map((name, index) => [name, cells[index]])),
    );
    expect(named).toEqual(expected);
  });
});

describe('readRecords', () => {
  it('asks for a chunk in one read, and not for the middle of a very long broken record', async () => {
    const long = `"${'x'.repeat(2 * MAX_BROKEN_TEXT_BYTES)}`;
    const bytes = Buffer.from(`a,b\n"c"x,d\ne,f\n1,${long}`);
    const [chunk] = plan(bytes, { columns: 2, chunkBytes: 1e9, maxRecordBytes: 1e9 });
    const asked: ByteRange[] = [];
    const read = async (range: ByteRange): Promise<Buffer> => {
      asked.push({ startByte: range.startByte, endByte: range.endByte });
      return bytes.subarray(range.startByte, range.endByte);
    };
    const seen: (string[] | number)[] = [];
    await readRecords(FILE, chunk!, read, {
      record: (cells) => seen.push(cells),
      broken: (_broken, text) => seen.push(text.length),
    });
    expect(seen).toEqual([['a', 'b'], 6, ['e', 'f'], MAX_BROKEN_TEXT_BYTES]);
    expect(asked).toEqual([
      { startByte: 0, endByte: 15 },
      { startByte: 15, endByte: 15 + MAX_BROKEN_TEXT_BYTES },
    ]);
  });

  it('cuts the text of a long broken record between characters', async () => {
    const bytes = Buffer.from(`a"氏${'名'.repeat(MAX_BROKEN_TEXT_BYTES)}`);
    const [chunk] = plan(bytes, { columns: 2, maxRecordBytes: 100 });
    let text = '';
    await readRecords(FILE, chunk!, async (range) => bytes.subarray(range.startByte, range.endByte), {
      record: () => {},
      broken: (_broken, raw) => (text = raw),
    });
    expect(text).toMatch(/^a"氏名+$/);
  });

  it.each(['\n', '\r\n', '\r', 'mixed'])('reads many pieces without quotes, line end %j', async (style) => {
    const ends = style === 'mixed' ? ['\n', '\r\n', '\r', '\n\n'] : [style];
    const rows = Array.from({ length: 30_000 }, (_, index) => [String(index), `名${'x'.repeat(index % 13)}`]);
    const text = rows.map((cells, index) => cells.join(',') + ends[index % ends.length]!).join('');
    expect(await outline(text, { columns: 2, chunkBytes: 150_001 })).toEqual(rows);
  });

  it('reads chunks of many pieces with each line in its place', async () => {
    const line = (index: number): string =>
      index % 1000 === 0
        ? `${index},"two\nlines"\n`
        : index % 7 === 0
          ? `${index},"quoted, ""${index}"""\r\n`
          : `${index},plain\r\n`;
    const text = Array.from({ length: 30_000 }, (_, index) => line(index)).join('');
    const lines: number[] = [];
    for (const chunk of plan(text, { columns: 2, chunkBytes: 200_000 }))
      await readRecords(
        FILE,
        chunk,
        async (range) => Buffer.from(text).subarray(range.startByte, range.endByte),
        {
          record(cells, row, at, end) {
            const index = row - 1;
            if (cells.length !== 2 || cells[0] !== String(index) || cells[1]!.includes('\r'))
              throw new Error(`Row ${row} is ${JSON.stringify(cells)}`);
            if (end - at !== (index % 1000 === 0 ? 1 : 0))
              throw new Error(`Row ${row} spans lines ${at} to ${end}`);
            lines.push(at);
          },
          broken() {
            throw new Error('Nothing is broken here');
          },
        },
      );
    expect(lines).toHaveLength(30_000);
    expect(lines.at(-1)).toBe(30_000 + 30);
  });
});

describe('readStretch', () => {
  it.each([
    ['a record too few', 'a,b\n', 2, 'Bytes 0 to 4 (line 1) hold 1 record; the plan says 2'],
    ['a record too many', 'a,b\nc,"d"\n', 1, 'Bytes 0 to 10 (line 1) hold 2 records; the plan says 1'],
    ['an unclosed quote', 'a,"b\n', 1, 'A quoted cell of the record at line 1 does not end'],
    ['text after a quote', 'a,"b"c\n', 1, 'Text follows a closing quote of the record at line 1'],
  ])('throws when the bytes are not what the plan says: %s', (_name, text, records, message) => {
    const bytes = Buffer.from(text);
    const stretch = { startByte: 0, endByte: bytes.length, firstRow: 1, firstLine: 1, records };
    expect(() => readStretch(bytes, stretch, COMMA, () => {})).toThrow(message);
  });
});

describe('wellFormedStretches', () => {
  it('lie between the broken records', () => {
    const [chunk] = plan('"a"x,b\nc,d\n\n"e"x,f\n"g"x,h\n', { columns: 2 });
    expect(wellFormedStretches(chunk!)).toEqual([
      { startByte: 0, endByte: 0, firstRow: 1, firstLine: 1, records: 0 },
      { startByte: 7, endByte: 12, firstRow: 2, firstLine: 2, records: 1 },
      { startByte: 19, endByte: 19, firstRow: 4, firstLine: 5, records: 0 },
      { startByte: 26, endByte: 26, firstRow: 5, firstLine: 6, records: 0 },
    ]);
  });
});

describe('splitBroken', () => {
  it('cuts at delimiters and keeps quotes and line ends as text', () => {
    expect(splitBroken('1,"b\nc,"d"x', COMMA)).toEqual(['1', '"b\nc', '"d"x']);
  });
});
