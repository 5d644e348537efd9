// Cells and texts as nearly all programs write them are read in one walk over their bytes; the XML reader reads all others. Byte by byte, no
// element is ever whole when it is looked at, so the XML reader reads all of them: both must give the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSharedStringsReader } from '../../../src/core/excel/shared-strings.ts';
import { SheetReader } from '../../../src/core/excel/sheet-reader.ts';
import { StringStore } from '../../../src/core/excel/string-store.ts';
import { builtInFormat } from '../../../src/core/excel/number-format.ts';
import { UsualCell } from '../../../src/core/excel/usual-cell.ts';
import { UsualString } from '../../../src/core/excel/usual-string.ts';
import { XmlProblem } from '../../../src/core/excel/xml-problem.ts';
import { runs, unicodeText } from '../../support/random.ts';

interface Reader {
  push(chunk: Buffer | null): void;
}

function noScratch(): never {
  throw new Error('not needed');
}

/** What `found` gives after the bytes were read, or the problem. */
function outcome(reader: Reader, pieces: readonly Buffer[], found: () => unknown): unknown {
  try {
    for (const piece of [...pieces, null]) reader.push(piece);
    return found();
  } catch (error) {
    if (error instanceof XmlProblem) return error.message;
    throw error;
  }
}

function bytesOf(xml: Buffer): Buffer[] {
  return Array.from({ length: xml.length }, (_, at) => xml.subarray(at, at + 1));
}

function readSheet(pieces: readonly Buffer[]): unknown {
  const strings = new StringStore(0, noScratch);
  for (const text of ['Ann', '', 'Ærø']) strings.add(text);
  const rows: unknown[] = [];
  const styles = [0, 14, 9].map(builtInFormat);
  const reader = new SheetReader(
    { strings, styles, dateSystem: 1900, isUncalculated: true },
    {
      row: (row, { bytes, starts, ends, columns }) =>
        rows.push([
          row,
          columns.map((column) => [column, bytes.toString('latin1', starts[column], ends[column])]),
        ]),
      hiddenColumns: () => undefined,
      merged: () => undefined,
    },
  );
  return outcome(reader, pieces, () => rows);
}

function readStrings(pieces: readonly Buffer[]): unknown {
  const strings = new StringStore(0, noScratch);
  return outcome(createSharedStringsReader(strings), pieces, () =>
    Array.from({ length: strings.size }, (_, at) => {
      strings.find(at);
      return strings.bytes.toString('latin1', strings.start, strings.end);
    }),
  );
}

const value = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '2',
    '7',
    '',
    '-0',
    '1E5',
    '43831',
    '1e400',
    '&#49;',
    ' 1',
    '1\r',
    'x',
    'é',
    '<f/>',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.stringMatching(/^[0-9]{1,45}$/),
);
/** What makes the whole sheet a problem is rare, so that most are read to their end. */
function mostly(usual: readonly string[], odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...usual) }, fc.constantFrom(...odd));
}
const name = mostly(['A1', 'B1', 'C1', 'D1', 'E1'], ['A', '1', 'A2', 'a1', 'XFD1', 'XFE1', '', 'É1']);
const attributes = mostly(
  ['', ' s="1"', ' s="2"', ' t="n"', ' s="2" t="n"'],
  [
    ' t="s"',
    ' s="1" t="s"',
    ' t="s" s="1"',
    ' s="x"',
    ' s=""',
    ' s="12345678901"',
    ' t="str"',
    ' t="b"',
    ' s = "1"',
    " s='1'",
    ' cm="1"',
  ],
);
const content = fc.oneof(
  fc.tuple(attributes, value).map(([more, inside]) => `${more}><v>${inside}</v>`),
  fc.constantFrom('0', '1', '2').map((shared) => ` t="s"><v>${shared}</v>`),
  fc.constant('><f>1-1</f><v>0</v>'),
);
const cell = fc
  .tuple(name, content, fc.constantFrom('', ' ', '<!--c-->'))
  .map(([place, inside, gap]) => `<c r="${place}"${inside}</c>${gap}`);
const text = fc.oneof(
  fc.constantFrom(
    'Ann',
    'Müller',
    '高橋',
    ' a',
    'a ',
    'a b',
    'a"b',
    '_x000D_',
    '&amp;',
    '\ufeffa',
    'a\tb',
    'a\r\nb',
    '',
  ),
  unicodeText({ maxLength: 8 }).map((each) => each.replaceAll('<', '')),
);
const string = fc
  .tuple(
    text,
    fc.constantFrom('<si><t>', '<si><t>', '<si><t xml:space="preserve">', '<si> <t>', '<si><r><t>'),
  )
  .map(([each, opens]) => `${opens}${each}</t>${opens.includes('<r>') ? '</r>' : ''}</si>`);

/** One byte is another one, so that what is nearly usual is met, and bytes that are no UTF-8. */
function spoil(xml: string, at: number, byte: number): Buffer {
  const bytes = Buffer.from(xml);
  if (at < bytes.length) bytes[at] = byte;
  return bytes;
}
const anyPlace = fc.nat({ max: 200 });
const byte = fc.oneof(
  fc.constantFrom(0x20, 0x22, 0x26, 0x2f, 0x3c, 0x3e, 0x41, 0x63, 0x78),
  fc.nat({ max: 255 }),
);

describe('usual cells', () => {
  it.each([
    ['<c r="B12" s="1" t="s"><v>7</v></c>', { style: 1, type: 's' }],
    ['<c r="B12" t="s"><v>7</v></c>', { style: 0, type: 's' }],
    ['<c r="B12" s="3" t="n"><v>7.5</v></c>', { style: 3, type: 'n' }],
    ['<c r="B12"><v>-1E-7</v></c>', { style: 0, type: 'n' }],
  ])('%s needs no XML reader', (xml, wanted) => {
    const usual = new UsualCell();
    const bytes = Buffer.from(`--${xml}<c`);
    expect(usual.read(bytes, 2)).toBe(true);
    expect(usual).toMatchObject({ ...wanted, next: 2 + xml.length });
    expect(bytes.toString('utf8', usual.nameStart, usual.nameEnd)).toBe('B12');
    expect(`<v>${bytes.toString('utf8', usual.start, usual.end)}</v></c>`).toBe(
      xml.slice(xml.indexOf('<v>')),
    );
    for (let length = 0; length < xml.length; length++)
      expect(usual.read(bytes.subarray(2, 2 + length), 0)).toBe(false);
  });
  it('are what the XML reader makes of them', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), anyPlace, byte, (cells, at, other) => {
        const xml = `<worksheet><sheetData><row r="1">${cells.join('')}</row></sheetData></worksheet>`;
        for (const bytes of [Buffer.from(xml), spoil(xml, at, other)])
          expect(readSheet([bytes])).toEqual(readSheet(bytesOf(bytes)));
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('usual texts', () => {
  it.each(['Ann', 'a b', 'Müller', '高橋', "O'Neil; 1,5"])('%s needs no XML reader', (said) => {
    const xml = Buffer.from(`<si><t>${said}</t></si>`);
    const usual = new UsualString();
    expect(usual.read(xml, 0)).toBe(true);
    expect(xml.toString('utf8', usual.start, usual.end)).toBe(said);
    expect(usual.next).toBe(xml.length);
    for (let length = 0; length < xml.length; length++)
      expect(usual.read(xml.subarray(0, length), 0)).toBe(false);
  });
  it('are what the XML reader makes of them', () => {
    fc.assert(
      fc.property(fc.array(string, { minLength: 1, maxLength: 5 }), anyPlace, byte, (strings, at, other) => {
        const xml = `<sst>${strings.join('')}</sst>`;
        for (const bytes of [Buffer.from(xml), spoil(xml, at, other)])
          expect(readStrings([bytes])).toEqual(readStrings(bytesOf(bytes)));
      }),
      { numRuns: runs(300) },
    );
  });
});
