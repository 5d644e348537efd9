import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSerial, toSerial } from '../../../src/core/excel/serial-date.ts';

const FORMAT = { kind: 'date', hasDate: true, hasTime: true, lacksDay: false, isElapsed: false } as const;

it.each([
  ['2024-01-31', 45_322],
  ['1900-03-01', 61],
  ['9999-12-31', 2_958_465],
  ['12:00:00', 0.5],
  ['2024-01-31T18:00:00', 45_322.75],
])('%s is the number %d', (text, serial) => expect(toSerial(text)).toBe(serial));

it.each([
  '1900-02-28',
  '0001-01-01',
  '0099-12-31T12:00:00',
  '10000-01-01',
  '24:00:00',
  '12:00:00.5',
  '2024-01-31T12:00:00Z',
  '-infinity',
  '',
])('Excel has no number that reads back as "%s"', (text) => expect(toSerial(text)).toBeUndefined());

it('each date and second that has a number reads back as it was', () => {
  const seconds = fc.integer({
    min: Date.UTC(1900, 2, 1) / 1000,
    max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000,
  });
  fc.assert(
    fc.property(seconds, (second) => {
      const text = new Date(second * 1000).toISOString().slice(0, 19);
      expect(readSerial(toSerial(text)!, FORMAT, 1900)).toEqual({ value: text });
      expect(readSerial(toSerial(text.slice(0, 10))!, { ...FORMAT, hasTime: false }, 1900)).toEqual({
        value: text.slice(0, 10),
      });
      expect(readSerial(toSerial(text.slice(11))!, { ...FORMAT, hasDate: false }, 1900)).toEqual({
        value: text.slice(11),
      });
    }),
  );
});
