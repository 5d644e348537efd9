// How a CSV file may write a value that a sheet holds as a number, date or truth.
import type { SheetCell } from '../../excel/sheet-cell.ts';
import type { WrittenField } from '../types.ts';
import { writeStrptime } from './readers/write-strptime.ts';

/** The likeliest first. Which of them means the same value is for the field's reader to say. */
export function writtenForms({ kind, value, shown }: SheetCell, field: WrittenField): string[] {
  switch (kind) {
    case 'number':
      return [shown, value, value.replace('.', field.decimalChar ?? '.'), exponentForm(value)];
    case 'date': {
      const date = value.replace(/T00:00:00$/, '');
      const written = field.format === undefined ? undefined : writeStrptime(field.format, value);
      return [
        ...(field.type === 'date' ? [date] : []),
        shown,
        value,
        ...(written === undefined ? [] : [written]),
      ];
    }
    case 'boolean':
      return [value, ...((value === 'TRUE' ? field.trueValues : field.falseValues) ?? [])];
    default:
      return [shown];
  }
}

/** 1.234 as 1234E-3: no reader takes its point for something else. */
function exponentForm(value: string): string {
  const [, sign = '', whole = '', decimals = ''] = /^(-?)(\d+)\.(\d+)$/.exec(value) ?? [];
  return decimals === '' ? `${value}E0` : `${sign}${whole}${decimals}E-${decimals.length}`;
}
