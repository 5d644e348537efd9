// How a CSV file may write a value that a sheet holds as a number, date or truth.
import type { SheetCell } from '../../excel/sheet-cell.ts';
import type { WrittenField } from '../types.ts';
import { writeStrptime } from './readers/write-strptime.ts';

/** The likeliest first. Which of them means the same value is for the field's reader to say. */
export function writtenForms({ kind, value, shown }: SheetCell, field: WrittenField): string[] {
  switch (kind) {
    case 'number':
      return [
        shown,
        value,
        ...[value, plainForm(value)].map((form) => form.replace('.', field.decimalChar ?? '.')),
        exponentForm(value),
      ];
    case 'date': {
      const date = value.replace(/T00:00:00$/, '');
      const written = field.format === undefined ? undefined : writeStrptime(field.format, value);
      const moment = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00` : value;
      const asDay = field.type === 'date' ? [date] : [];
      return [...asDay, shown, value, moment, ...(written === undefined ? [] : [written])];
    }
    case 'boolean':
      return [value, ...((value === 'TRUE' ? field.trueValues : field.falseValues) ?? [])];
    default:
      return [shown];
  }
}

const MOST_ZEROS = 40;

/** 1.5E-7 as 0.00000015. */
function plainForm(value: string): string {
  const [, sign = '', whole = '', decimals = '', said = ''] =
    /^(-?)(\d+)(?:\.(\d+))?E([+-]\d+)$/.exec(value) ?? [];
  const exponent = Number(said);
  if (said === '' || Math.abs(exponent) > MOST_ZEROS) return value;
  const digits = whole + decimals;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, '0');
  return `${sign}${padded.slice(0, point)}${padded.length > point ? `.${padded.slice(point)}` : ''}`;
}

/** 1.234 as 1234E-3: no reader takes its point for something else. */
function exponentForm(value: string): string {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)\.(\d+)$/.exec(value) ?? [];
  return decimals === '' ? `${value}E0` : `${sign}${whole}${decimals}E-${decimals.length}`;
}
