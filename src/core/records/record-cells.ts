// Records as cells of a workbook: what Excel keeps exactly is a number, a date or a truth value there, all else a text. What an import
// of the dataset reads from them is the value itself.
import type { Field, TableSchema } from '../dataset/types.ts';
import { toSerial } from '../excel/serial-date.ts';
import { booleanCell, emptyTextCell, numberCell, textCell } from '../excel/write-cell.ts';
import { STYLES } from '../excel/write-workbook.ts';
import type { RecordColumn } from './record-shape.ts';
import { rfc3339, type Value } from './write-record.ts';

/** Excel keeps so many digits. */
const MOST_DIGITS = 15;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;

/** The cell of a value as Postgres writes it; nothing for NULL. */
export type WriteCell = (value: Value, row: number, at: number) => string;

export function compileCell(column: RecordColumn, schema: TableSchema): WriteCell {
  const write = compileValue(column, schema);
  return (value, row, at) => (value === null ? '' : write(value, row, at));
}

function compileValue(
  { kind, field }: RecordColumn,
  schema: TableSchema,
): (value: string, row: number, at: number) => string {
  switch (kind) {
    case 'integer':
    case 'number':
      return (value, row, at) =>
        isExactNumber(value)
          ? numberCell(row, at, value)
          : textCell(row, at, declaredNumber(value, field), STYLES.text);
    case 'boolean':
      return (value, row, at) => booleanCell(row, at, value === 't');
    case 'date':
      return (value, row, at) => serialCell(value, row, at, STYLES.date);
    case 'time':
      return (value, row, at) => serialCell(value, row, at, STYLES.time);
    case 'datetime': {
      // Excel knows no zones: an import takes a time in it as one of the zone that the dataset names, of UTC where it names none.
      const isReadInUtc = (field.timeZone ?? schema.timeZone ?? 'UTC') === 'UTC';
      return (value, row, at) => {
        const moment = rfc3339(value);
        return serialCell(isReadInUtc ? moment.replace(/Z$/, '') : moment, row, at, STYLES.moment, moment);
      };
    }
    default:
      return (value, row, at) =>
        value === '' ? emptyTextCell(row, at, STYLES.emptyText) : textCell(row, at, value, STYLES.text);
  }
}

/** A text is read in the notation of its field, a cell that is a number is not. */
function declaredNumber(value: string, { decimalChar = '.' }: Field): string {
  return PLAIN_NUMBER.test(value) ? value.replace('.', decimalChar) : value;
}

/** Whether its values may be longer than a cell takes. */
export function mayBeLong({ kind }: RecordColumn): boolean {
  return kind === 'text' || kind === 'json';
}

function serialCell(text: string, row: number, at: number, style: number, asText = text): string {
  const serial = toSerial(text);
  return serial === undefined ? textCell(row, at, asText, STYLES.text) : numberCell(row, at, serial, style);
}

/** NaN and infinity are none. */
function isExactNumber(text: string): boolean {
  return PLAIN_NUMBER.test(text) && text.replace(/^-?0*\.?0*|\./g, '').length <= MOST_DIGITS;
}
