import { describe, expect, it } from 'vitest';
import { builtInFormat, fillMask, readFormat } from '../../../src/core/excel/number-format.ts';

const kindOf = (code: string): string => {
  const format = readFormat(code);
  if (format.kind !== 'date') return format.kind;
  const parts = [
    format.hasDate && 'date',
    format.hasTime && 'time',
    format.isElapsed && 'elapsed',
    format.lacksDay && 'month',
  ];
  return parts.filter((part) => part !== false).join(' ');
};

describe('a format is', () => {
  it.each([
    ['General', 'number'],
    ['0.00', 'number'],
    ['0.00E+00', 'number'],
    ['##0.0E-0', 'number'],
    ['#,##0.00 "EUR (Stand d. M.)"', 'number'],
    ['[$€-407] #,##0.00', 'number'],
    ['[Red][<0]-0;0', 'number'],
    ['_-* #,##0.00_-;-* #,##0.00_-', 'number'],
    ['0\\h', 'number'],
    ['@', 'number'],
    ['0%', 'percent'],
    ['0.00%;-0.00%', 'percent'],
    ['00000', 'mask'],
    ['000\\-0000', 'mask'],
    ['(000) 000-0000', 'mask'],
    ['0', 'number'],
    ['yyyy-mm-dd', 'date'],
    ['dd.mm.yyyy;@', 'date'],
    ['[$-409]d-mmm-yy', 'date'],
    ['[$-F800]dddd, mmmm dd, yyyy', 'date'],
    ['yyyy"年"m"月"d"日"', 'date'],
    ['[$-411]ggge"年"m"月"d"日"', 'date'],
    ['mmm-yy', 'date month'],
    ['yyyy', 'date'],
    ['mmmm', 'date'],
    ['hh:mm', 'time'],
    ['h:mm AM/PM', 'time'],
    ['mm:ss.0', 'time'],
    ['[h]:mm:ss', 'time elapsed'],
    ['[mm]:ss', 'time elapsed'],
    ['yyyy\\-mm\\-dd\\ hh:mm:ss', 'date time'],
    ['dd/mm/yy h:mm', 'date time'],
  ])('%s: %s', (code, kind) => {
    expect(kindOf(code)).toBe(kind);
  });
  it.each([
    [0, 'number'],
    [2, 'number'],
    [9, 'percent'],
    [14, 'date'],
    [22, 'date'],
    [37, 'number'],
    [46, 'date'],
    [49, 'number'],
    [58, 'date'],
  ])('built in %i: %s', (id, kind) => {
    expect(builtInFormat(id).kind).toBe(kind);
  });
});

it('a mask is filled from its end', () => {
  expect(fillMask('00000', '42')).toBe('00042');
  expect(fillMask('000-0000', '1234')).toBe('000-1234');
  expect(fillMask('000-0000', '123456789')).toBe('12345-6789');
  expect(fillMask('00000', '1.5')).toBeUndefined();
});
