// What a cell of an OpenDocument spreadsheet holds, by its value type (ODF 1.3 part 3, 19.389).
import type { DateFormat, NumberFormat } from '../number-format.ts';
import { formatNumber, readNumber } from '../number-text.ts';
import { readSerial, type DateText } from '../serial-date.ts';
import { writeCellText } from '../shared-strings.ts';
import { writeBoolean, writeDate, writeError, writeNumber } from '../sheet-cell.ts';
import { hasNoResult } from '../typed-cell.ts';

export interface OdsCell {
  /** Undefined: the cell is empty, or a program has left it out. */
  readonly type: string | undefined;
  /** In the attribute that goes with the type. */
  readonly value: string | undefined;
  readonly hasFormula: boolean;
  /** LibreOffice says so beside the type that other programs know. */
  readonly isError: boolean;
}

/** What the cell shows; undefined: it has no paragraph. */
type Shown = string | undefined;

/** The attribute that has the value of a type. */
export const VALUE_OF = new Map([
  ['float', 'office:value'],
  ['currency', 'office:value'],
  ['percentage', 'office:value'],
  ['date', 'office:date-value'],
  ['time', 'office:time-value'],
  ['boolean', 'office:boolean-value'],
  ['string', 'office:string-value'],
]);

const DAY_MS = 86_400_000;
const ERROR_NAMES =
  /^(?:#(?:N\/A|DIV\/0!|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!)|(?:Err|Fehler|Erreur):\d{3})$/i;
/** Of a formula whose value is a number it shows an error in any language. */
const ERROR_OF_NUMBER = /^(?:#\S|\p{L}+:\d{3}$)/u;
const DATE = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?Z?$/;
const TIME = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/;

/** @returns '' for a cell without a value */
export function writeOdsCell(cell: OdsCell, shown: Shown, format: NumberFormat): string {
  const { type, value } = cell;
  if (isError(cell, shown)) return errorCell(shown ?? '');
  switch (type) {
    case undefined:
    case 'void':
      if (shown === undefined) return cell.hasFormula ? hasNoResult() : '';
      return writeCellText(shown);
    case 'string':
      return writeCellText(value ?? shown ?? '');
    case 'float':
    case 'currency':
    case 'percentage':
      return value === undefined ? withoutValue(cell) : numberCell(cell, value, shown, format);
    case 'date':
      return value === undefined ? withoutValue(cell) : dateCell(value, readOdsDate(value, format));
    case 'time':
      return value === undefined ? withoutValue(cell) : dateCell(value, readOdsTime(value, format));
    case 'boolean':
      if (value === 'true' || value === 'false') return writeBoolean(value === 'true');
      return writeError('#BOOLEAN', 'holds a logical value that is neither TRUE nor FALSE; type it again');
    default:
      return writeError('#TYPE', `is of a kind that cannot be read (${type.slice(0, 20)}); type it again`);
  }
}

function isError({ type, hasFormula, isError: isSaid }: OdsCell, shown: Shown): boolean {
  if (isSaid) return true;
  if (!hasFormula || shown === undefined) return false;
  return ERROR_NAMES.test(shown) || (type === 'float' && ERROR_OF_NUMBER.test(shown));
}

function errorCell(shown: string): string {
  const error = shown.trim() === '' ? '#ERROR' : shown.trim().slice(0, 40);
  return writeError(error.startsWith('#') ? error : `#${error}`, `holds the error ${error}, not a value`);
}

function withoutValue({ hasFormula, type }: OdsCell): string {
  if (hasFormula) return hasNoResult();
  return writeError('#VALUE', `says that it holds a ${type}, and holds none; type it again`);
}

function numberCell({ type, hasFormula }: OdsCell, raw: string, shown: Shown, format: NumberFormat): string {
  const number = readNumber(raw);
  if ('problem' in number) return writeError(`#${raw.trim().slice(0, 40)}`, number.problem);
  const { text, value } = number;
  if (type === 'percentage')
    return writeNumber(text, `${formatNumber(Number((value * 100).toPrecision(15)))}%`);
  // The result of a formula that is true or false is kept as a number.
  if (hasFormula && (shown === 'TRUE' || shown === 'FALSE') && Number(shown === 'TRUE') === value)
    return writeBoolean(shown === 'TRUE');
  const isMasked = format.kind === 'mask' && /^\d+$/.test(text) && /^[\d\- ()/]+$/.test(shown ?? '');
  return isMasked ? writeNumber(text, shown) : writeNumber(text);
}

function dateCell(raw: string, date: DateText | { readonly problem: string }): string {
  return 'problem' in date
    ? writeError(`#${raw.slice(0, 40)}`, date.problem)
    : writeDate(date.value, date.shown);
}

const NO_DATE = { problem: 'holds a date that cannot be read, or one beyond the year 9999; type it again' };
const NO_TIME = { problem: 'holds a time that cannot be read; type it again' };

/** To the millisecond, as dates of Excel. */
function readOdsDate(raw: string, format: NumberFormat): DateText | { readonly problem: string } {
  const [, day, hours = '00', minutes = '00', seconds = '00'] = DATE.exec(raw.trim()) ?? [];
  if (day === undefined) return NO_DATE;
  const start = Date.parse(`${day}T00:00:00Z`);
  const time = Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day || time > DAY_MS)
    return NO_DATE;
  const text = new Date(start + time).toISOString();
  if (text.length !== 24 || day.startsWith('0000')) return NO_DATE;
  const date = text.slice(0, 10);
  const { hasTime, lacksDay } = format.kind === 'date' ? format : { hasTime: false, lacksDay: false };
  if (hasTime || !text.endsWith('T00:00:00.000Z'))
    return { value: text.endsWith('.000Z') ? text.slice(0, 19) : text.slice(0, 23) };
  return lacksDay && date.endsWith('-01') ? { value: date, shown: date.slice(0, 7) } : { value: date };
}

const CLOCK: DateFormat = { kind: 'date', hasDate: false, hasTime: true, lacksDay: false, isElapsed: false };

/** A time of the day; what is longer is a duration. */
function readOdsTime(raw: string, format: NumberFormat): DateText | { readonly problem: string } {
  const found = TIME.exec(raw.trim());
  if (found === null) return NO_TIME;
  const [days, hours, minutes] = found.slice(2, 5).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
  ];
  const seconds = Number((found[5] ?? '0').replace(',', '.'));
  const ms = Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
  const isElapsed = ms >= DAY_MS || (format.kind === 'date' && format.isElapsed);
  if (found[1] === '-' && ms > 0) return { problem: 'holds a time below zero; type it again' };
  return readSerial(ms / DAY_MS, { ...CLOCK, isElapsed }, 1900);
}
