// Random text over a small alphabet: the scanner, papaparse and the plain grammar must agree, however the bytes come in.
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { countQuotes, grammarOf, readShape } from '../../../../src/core/csv/grammar.ts';
import { type ListedChunk, outline, plan, planPieces, readAll, type ReadOptions } from '../reading.ts';
import { runs } from '../../../support/random.ts';

const COMMA = grammarOf({ delimiter: ',' });

const anyText = fc.string({
  unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r', ';', ' ', 'é'),
  maxLength: 60,
});
/** Closer to real files: pieces of records, so that quotes often close. */
const likelyText = fc
  .array(
    fc.constantFrom(
      'a',
      'b,c',
      '"a"',
      '"a',
      'b"',
      '""',
      ',',
      '"b,c"',
      '"x\ny"',
      '\n',
      '\n',
      '\r\n',
      '\r',
      ' ',
      '1,2\n',
      '1,2\r\n',
    ),
    {
      maxLength: 24,
    },
  )
  .map((pieces) => pieces.join(''));
const text = fc.oneof(anyText, likelyText);
const columns = fc.integer({ min: 1, max: 3 });
const maxRecordBytes = fc.constantFrom(4, 9, 1_000_000);

/** The text's records if every one of them is well-formed, and no unquoted cell has an odd quote: that shows a damage. */
function readByGrammar(source: string): string[] | undefined {
  const bytes = Buffer.from(source);
  const records: string[] = [];
  for (let at = 0; at < bytes.length;) {
    let odd = false;
    const shape = readShape(bytes, at, bytes.length, COMMA, (start, end, quoted) => {
      odd ||= !quoted && countQuotes(bytes, start, end, COMMA) % 2 > 0;
    });
    if (odd) return undefined;
    if (shape.problem === 'open-quote' || shape.problem === 'text-after-quote') return undefined;
    if (shape.end > at) records.push(bytes.toString('utf8', at, shape.end));
    at = shape.next;
  }
  return records;
}

/** The cells of one well-formed record, character by character. */
function cellsOf(raw: string): string[] {
  const cells = [''];
  let quoted = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at]!;
    const cell = cells.length - 1;
    if (quoted && char === '"' && raw[at + 1] === '"') cells[cell]! += raw[at++]!;
    else if (quoted && char === '"') quoted = false;
    else if (!quoted && char === ',') cells.push('');
    else if (!quoted && char === '"' && (at === 0 || raw[at - 1] === ',')) quoted = true;
    else cells[cell]! += char;
  }
  return cells;
}

function lineStyles(source: string): string[] {
  return [...new Set(source.match(/\r\n|\r|\n/g) ?? [])];
}

describe('random text', () => {
  it('reads well-formed text of one line-end style as papaparse reads the whole of it', async () => {
    await fc.assert(
      fc.asyncProperty(text, columns, async (source, width) => {
        const raws = readByGrammar(source);
        const [style = '\n', second] = lineStyles(source);
        fc.pre(raws !== undefined && second === undefined);
        const papa = Papa.parse<string[]>(source, {
          delimiter: ',',
          newline: style as '\n',
          quoteChar: '"',
          fastMode: false,
        });
        expect(papa.errors).toEqual([]);
        // Papaparse cannot tell a blank line from a lone quoted empty cell; the grammar can.
        const isBlank = (cells: string[]): boolean => cells.length === 1 && cells[0] === '';
        const loneEmpty = raws.filter((raw) => raw === '""').length;
        const expected = papa.data.filter((cells) => !isBlank(cells));
        const records = (await readAll(source, { columns: width })).map(({ cells }) => cells!);
        expect(records.filter((cells) => !isBlank(cells))).toEqual(expected);
        expect(records.filter(isBlank)).toHaveLength(loneEmpty);
      }),
      { numRuns: runs(500) },
    );
  });

  it('reads well-formed text of mixed line ends without a CR or LF too many', async () => {
    await fc.assert(
      fc.asyncProperty(text, columns, async (source, width) => {
        const raws = readByGrammar(source);
        fc.pre(raws !== undefined);
        const records = await readAll(source, { columns: width });
        expect(records.map(({ cells }) => cells)).toEqual(raws.map(cellsOf));
      }),
      { numRuns: runs(500) },
    );
  });

  it('counts every byte once, rows one by one, and lands nothing of a broken record', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        columns,
        maxRecordBytes,
        fc.constantFrom(1, 7, 1000),
        async (source, width, limit, chunkBytes) => {
          const bytes = Buffer.from(source);
          const options: ReadOptions = {
            columns: width,
            maxRecordBytes: limit,
            chunkBytes,
            startByte: 5,
            startLine: 3,
          };
          const chunks = plan(bytes, options);
          checkPlan(chunks, bytes, 5, 3);
          const records = await readAll(bytes, options);
          expect(records.map(({ row }) => row)).toEqual(records.map((_, index) => index + 1));
          expect(records).toHaveLength(chunks.reduce((sum, chunk) => sum + chunk.records, 0));
          expect(records.filter(({ broken }) => broken !== undefined)).toHaveLength(
            chunks.flatMap(({ broken }) => broken).length,
          );
        },
      ),
      { numRuns: runs(500) },
    );
  });

  it('makes the same plan however the bytes are cut', () => {
    fc.assert(
      fc.property(
        text,
        columns,
        maxRecordBytes,
        fc.constantFrom(1, 7, 1000),
        fc.integer({ min: 1, max: 9 }),
        (source, width, limit, chunkBytes, step) => {
          const bytes = Buffer.from(source);
          const options: ReadOptions = { columns: width, maxRecordBytes: limit, chunkBytes };
          const pieces: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step));
          expect(planPieces(pieces, options)).toEqual(plan(bytes, options));
        },
      ),
      { numRuns: runs(500) },
    );
  });

  it('reads the same records from small chunks as from one', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        columns,
        maxRecordBytes,
        fc.integer({ min: 1, max: 20 }),
        async (source, width, limit, chunkBytes) => {
          const options: ReadOptions = { columns: width, maxRecordBytes: limit };
          expect(await readAll(source, { ...options, chunkBytes })).toEqual(await readAll(source, options));
        },
      ),
      { numRuns: runs(500) },
    );
  });
});

describe('one quote too many at the start of a cell', () => {
  // No numbers: where a column has some by chance, a record without one is taken for text.
  const cell = fc.constantFrom('a', 'bc', '1b', '', '"d"', '"e,f"', '"say ""g"""');
  const records = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 });

  it('costs its own record; all others land, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.nat(),
        fc.nat(2),
        fc.constantFrom('\n', '\r\n'),
        async (rows, pick, column, newline) => {
          const damaged = pick % rows.length;
          fc.pre(!rows[damaged]![column]!.startsWith('"'));
          const lines = rows.map((cells, index) =>
            cells.map((text, at) => (index === damaged && at === column ? `"${text}` : text)).join(','),
          );
          const read = await outline(lines.join(newline), { columns: 3 });
          // A lone quote before a delimiter or line end is a quote that closes, if one is open: nothing can tell it apart.
          fc.pre(!/(?:^|,)"(?:,|$)/m.test(lines[damaged]!));
          const others = rows
            .filter((_, index) => index !== damaged)
            .map((cells) => cellsOf(cells.join(',')));
          expect(read.filter((record) => Array.isArray(record) && record.length === 3)).toEqual(others);
        },
      ),
      { numRuns: runs(500) },
    );
  });
});

/** Chunks lie end to end over the data; broken records lie in order within them; lines are as an editor counts them. */
function checkPlan(
  chunks: readonly ListedChunk[],
  bytes: Buffer,
  startByte: number,
  startLine: number,
): void {
  let at = startByte;
  let row = 1;
  const lineEnds = [...bytes.toString('latin1').matchAll(/\r\n|\r|\n/g)].map(
    ({ 0: end, index }) => startByte + index + end.length,
  );
  const lineAt = (byte: number): number => startLine + lineEnds.filter((end) => end <= byte).length;
  for (const [index, chunk] of chunks.entries()) {
    expect(chunk).toMatchObject({ chunkNo: index, startByte: at, firstRow: row, firstLine: lineAt(at) });
    let from = at;
    for (const broken of chunk.broken) {
      expect(broken.startByte).toBeGreaterThanOrEqual(from);
      expect(broken.endByte).toBeGreaterThan(broken.startByte);
      expect(broken.endByte).toBeLessThanOrEqual(chunk.endByte);
      expect(broken.line).toBe(lineAt(broken.startByte));
      expect(broken.lineEnd).toBe(lineAt(broken.endByte - 1));
      expect(broken.columnIndex).toBeGreaterThan(0);
      from = broken.endByte;
    }
    at = chunk.endByte;
    row += chunk.records;
  }
  expect(at).toBe(startByte + bytes.length);
}
