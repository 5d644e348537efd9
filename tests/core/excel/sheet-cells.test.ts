// Cells on their way: what is written is read again as the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../src/core/dataset/fields/compile-field.ts';
import { compileSheetField } from '../../../src/core/dataset/fields/sheet-field.ts';
import type { Field } from '../../../src/core/dataset/types.ts';
import { cellName, readCellName } from '../../../src/core/excel/cell-name.ts';
import { isNumberAsShown, readNumber } from '../../../src/core/excel/number-text.ts';
import {
  readSheetCell,
  writeBoolean,
  writeDate,
  writeNumber,
  writeText,
} from '../../../src/core/excel/sheet-cell.ts';
import { SheetReader } from '../../../src/core/excel/sheet-reader.ts';
import { BLOCK_BYTES, StringStore } from '../../../src/core/excel/string-store.ts';
import { rowXml, textCell } from '../../../src/core/excel/write-cell.ts';
import { sheetHead, sheetTail } from '../../../src/core/excel/write-workbook.ts';
import { runs, unicodeText } from '../../support/random.ts';

const noScratch = (): never => {
  throw new Error('not needed');
};
const anyText = fc.oneof(
  unicodeText(),
  fc
    .array(
      fc.constantFrom('_', 'x', '000D', '_x0041_', '\r', '\n', ' ', '"', '\ufeff', '\u001f', '&lt;', 'あ'),
    )
    .map((parts) => parts.join('')),
);

describe('texts', () => {
  it('stand on one line without a quote, and come back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const written = writeText(text);
        expect(written).not.toMatch(/[\r\n"\u001f\u001a]|^\ufeff/);
        expect(readSheetCell(written).value).toBe(text);
      }),
    );
  });
  it('come back from a workbook that we give out', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => !text.includes('\0')),
        (text) => {
          const xml = `${sheetHead([])}${rowXml(1, [textCell(1, 1, text)])}${sheetTail()}`;
          let found = '';
          const reader = new SheetReader(
            { strings: new StringStore(0, noScratch), styles: [], dateSystem: 1900, isUncalculated: false },
            {
              row: (_row, { bytes, starts, ends }) => {
                found = readSheetCell(bytes.toString('utf8', starts[1], ends[1])).value;
              },
              hiddenColumns: () => undefined,
              merged: () => undefined,
            },
          );
          reader.push(Buffer.from(xml));
          reader.push(null);
          expect(found).toBe(text);
        },
      ),
    );
  });
});

describe('numbers', () => {
  it('that are copied as they stand are what would be read', () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.stringMatching(/^-?[0-9]{0,17}\.?[0-9]{0,5}$/),
    );
    fc.assert(
      fc.property(numbers, (text) => {
        const bytes = Buffer.from(text);
        const read = readNumber(text);
        return !isNumberAsShown(bytes, 0, bytes.length) || ('text' in read && read.text === text);
      }),
      { numRuns: runs(1000) },
    );
  });
  it('have fifteen digits at most', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const read = readNumber(String(value));
        return 'problem' in read
          ? Math.abs(value) >= 1e15
          : Number(read.text) === Number(value.toPrecision(15));
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe('a reject of a sheet, read as a CSV file', () => {
  const notations: Partial<Field>[] = [
    {},
    { decimalChar: ',' },
    { decimalChar: ',', groupChar: '.' },
    { groupChar: ',' },
    { groupChar: '.', decimalChar: ',', normalize: [{ remove: '.' }] },
  ];
  it('has the same number, or none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...notations),
        fc.constantFrom('number', 'integer'),
        fc.oneof(
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.constantFrom(1.234, 12345.678, -0.5),
        ),
        (notation, type, value) => {
          const number = readNumber(String(value));
          if ('problem' in number) return true;
          const field: Field = { name: 'n', type, ...notation };
          const sheet = compileSheetField(field, { fields: [field] }, false);
          const cell = writeNumber(number.text);
          const typed = sheet.read(cell);
          const text = compileField(field, { fields: [field] }).read(sheet.toText(cell));
          if (typed === undefined || text === undefined) {
            // Very small or large ones may have no form that a notation with groups takes.
            const isUsual = Math.abs(value) > 1e-30 && Math.abs(value) < 1e30;
            return text === undefined && (typed === undefined || !isUsual);
          }
          return Number(text) === Number(typed);
        },
      ),
      { numRuns: runs(1000) },
    );
  });
  it.each([
    [{ type: 'date', format: '%d.%m.%Y' }, writeDate('2024-01-31'), '31.01.2024'],
    [{ type: 'date', format: '%d %b %Y' }, writeDate('2024-01-31T00:00:00'), '31 Jan 2024'],
    [{ type: 'date', format: 'any' }, writeDate('2024-01-31'), '2024-01-31'],
    [
      { type: 'datetime', format: '%d.%m.%Y %I:%M %p' },
      writeDate('2024-01-31T13:45:00'),
      '31.01.2024 01:45 PM',
    ],
    [{ type: 'datetime' }, writeDate('2024-01-31'), '2024-01-31T00:00:00'],
    [
      { type: 'datetime', format: '%d.%m.%Y %H:%M', timeZone: 'Europe/Berlin' },
      writeDate('2024-07-01T13:45:00'),
      '01.07.2024 13:45',
    ],
    [{ type: 'time', format: '%H:%M' }, writeDate('13:45:00'), '13:45'],
    [{ type: 'boolean', trueValues: ['ja'], falseValues: ['nein'] }, writeBoolean(false), 'nein'],
    [{ type: 'string' }, writeNumber('0.5', '50%'), '50%'],
    [{ type: 'yearmonth' }, writeDate('2024-01-01', '2024-01'), '2024-01'],
  ] as [Omit<Field, 'name'>, string, string][])('%j writes %j as %s', (said, cell, text) => {
    const field = { name: 'f', ...said };
    const sheet = compileSheetField(field, { fields: [field] }, false);
    expect(sheet.toText(cell)).toBe(text);
    expect(compileField(field, { fields: [field] }).read(text)).toBe(sheet.read(cell));
  });
  it('a day in a format that loses it is refused, and not another day', () => {
    const field: Field = { name: 'f', type: 'date', format: '%d.%m.%y' };
    const sheet = compileSheetField(field, { fields: [field] }, false);
    expect(sheet.toText(writeDate('2024-01-31'))).toBe('31.01.24');
    expect(
      compileField(field, { fields: [field] }).read(sheet.toText(writeDate('1924-01-31'))),
    ).toBeUndefined();
  });
});

it('strings beyond the memory come back from the scratch file', () => {
  const blocks = new Map<number, Buffer>();
  const store = new StringStore(0, () => ({
    write: (block, bytes) => void blocks.set(block, Buffer.from(bytes)),
    read: (block, into) => void blocks.get(block)!.copy(into),
  }));
  const text = (at: number): string => `${at} ${'é'.repeat((at * 37) % 9000)}`;
  const count = 400;
  for (let at = 0; at < count; at++) store.add(text(at));
  expect(blocks.size).toBeGreaterThan(8);
  for (let at = 0; at < count; at++) {
    const index = (at * 149) % count;
    expect(store.find(index)).toBe(true);
    expect(store.bytes.toString('utf8', store.start, store.end)).toBe(text(index));
  }
  expect(store.find(count)).toBe(false);
  expect(store.find(-1)).toBe(false);
  expect(store.find(NaN)).toBe(false);
  expect(BLOCK_BYTES).toBeGreaterThan(3 * 32_767);
});

it('cells have the names that Excel gives them', () => {
  expect([1, 26, 27, 702, 703, 16_384].map((column) => cellName(1, column))).toEqual([
    'A1',
    'Z1',
    'AA1',
    'ZZ1',
    'AAA1',
    'XFD1',
  ]);
  expect(readCellName('$AB$12')).toEqual({ row: 12, column: 28 });
  expect(readCellName('XFE1')).toBeUndefined();
  expect(readCellName('A1048577')).toBeUndefined();
});
