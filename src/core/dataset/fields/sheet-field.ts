// A field over the cells of a sheet. A number there is a number, whatever notation the field's texts have, and a date is a date;
// all other cells are read as a CSV file's.
import {
  EMPTY_TEXT,
  hasParts,
  LAST_KIND,
  NUMBER,
  readSheetCell,
  type SheetCell,
} from '../../excel/sheet-cell.ts';
import type { NULL_CELL } from '../../csv/records/cell-places.ts';
import { unguard } from '../../imports/spreadsheet-guard.ts';
import type { ByteTest } from './byte-test.ts';
import {
  compileField,
  isRequired,
  missingValuesOf,
  type CellProblem,
  type FieldReader,
} from './compile-field.ts';
import { asSaidInJson } from './json-field.ts';
import type { TableSchema, WrittenField } from '../types.ts';
import { writtenForms } from './written-forms.ts';

export interface SheetFieldReader extends FieldReader {
  /** Says yes to a cell of kind NUMBER whose bytes behind the first are what the field reads from it. */
  readonly takesNumber: ByteTest;
  /** What the cell shows. */
  readonly shown: (cell: string) => string;
  /** The cell as a CSV file would have it: read there, it is the same value, or is refused. */
  readonly toText: (cell: string) => string;
}

const NUMBER_TYPES = ['number', 'integer'];
const DATE_TYPES = ['date', 'datetime', 'time'];

/**
 * @param guarded texts may have the guard of a reject file that comes back
 * @param nullCell what a cell that is NULL is read as, where the file tells it from the empty text
 */
export function compileSheetField(
  field: WrittenField,
  schema: TableSchema,
  guarded: boolean,
  nullCell?: typeof NULL_CELL,
): SheetFieldReader {
  const asText = compileField(field, schema, nullCell);
  const typed = compileField(asTyped(field), schema);
  const asEmpty = compileField(asSaidInJson(field, schema), schema);
  const missing = missingValuesOf(field, schema);
  const required = isRequired(field, schema);
  const isNumber = NUMBER_TYPES.includes(field.type);
  const isDate = DATE_TYPES.includes(field.type);

  /** Which reader a cell goes to, and what it reads. */
  const route = (cell: SheetCell): { reader: FieldReader; text: string } => {
    switch (cell.kind) {
      case 'number':
        return isNumber ? { reader: typed, text: cell.value } : { reader: asText, text: cell.shown };
      case 'date':
        return isDate
          ? { reader: typed, text: asMoment(field.type, cell.value) }
          : { reader: asText, text: cell.shown };
      case 'boolean':
        return { reader: field.type === 'boolean' ? typed : asText, text: cell.value };
      default:
        return { reader: asText, text: guarded ? unguard(cell.value) : cell.value };
    }
  };
  const readError = (cell: SheetCell): null | undefined =>
    missing.has(cell.value) && !required ? null : undefined;
  const read = (text: string): string | null | undefined => {
    const cell = readSheetCell(text);
    if (cell.kind === 'error') return readError(cell);
    if (text === EMPTY_TEXT && !guarded) return asEmpty.read('');
    const { reader, text: told } = route(cell);
    return reader.read(told);
  };
  return {
    read,
    takes:
      asText.takes &&
      ((bytes, start, end, mark) => bytes[start]! > LAST_KIND && asText.takes!(bytes, start, end, mark)),
    takesNumber: numberTest(isNumber ? typed.takes : asText.takes),
    emptyIsNull: asText.emptyIsNull,
    explain(text) {
      const cell = readSheetCell(text);
      if (cell.kind === 'error' && !missing.has(cell.value)) return [errorProblem(cell)];
      if (text === EMPTY_TEXT && !guarded) return asEmpty.explain('');
      const { reader, text: told } = route(cell);
      return reader.explain(told);
    },
    shown: (text) => shownOf(readSheetCell(text), guarded),
    toText(text) {
      const cell = readSheetCell(text);
      if (cell.kind === 'text' || cell.kind === 'error') return shownOf(cell, guarded);
      return chooseForm(writtenForms(cell, field), read(text), asText, isNumber);
    },
  };
}

/** Of the field what is said of its values; how texts write them is left out. */
function asTyped({
  name,
  type,
  constraints,
  missingValues,
  timeZone,
  timeZoneOverlap,
  ...field
}: WrittenField): WrittenField {
  const { format } = field;
  return {
    name,
    type,
    ...(constraints === undefined ? {} : { constraints }),
    ...(missingValues === undefined ? {} : { missingValues }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(timeZoneOverlap === undefined ? {} : { timeZoneOverlap }),
    ...(format === undefined || DATE_TYPES.includes(type) ? {} : { format }),
  };
}

/** Midnight may be a day, and a day midnight. */
function asMoment(type: string, value: string): string {
  if (type === 'date') return value.replace(/T00:00:00$/, '');
  return type === 'datetime' && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00` : value;
}

function shownOf(cell: SheetCell, guarded: boolean): string {
  return guarded && cell.kind === 'text' ? unguard(cell.shown) : cell.shown;
}

function errorProblem({ reason }: SheetCell): CellProblem {
  return { code: 'cell-error', message: reason };
}

function numberTest(takes: ByteTest | undefined): ByteTest {
  if (takes === undefined) return () => false;
  return (bytes, start, end, mark) => !hasParts(bytes, start, end) && takes(bytes, start, end, mark);
}

/** Of numbers with fifteen digits at most: 1E-7 is 0.0000001. */
function isSame(read: string | null | undefined, value: string | null | undefined): boolean {
  return typeof read === 'string' && typeof value === 'string' && Number(read) === Number(value);
}

/** One that is read as the same value, else one that is not read at all. */
function chooseForm(
  forms: readonly string[],
  value: string | null | undefined,
  { read }: Pick<FieldReader, 'read'>,
  isNumber: boolean,
): string {
  const isRight = (form: string): boolean => read(form) === value || (isNumber && isSame(read(form), value));
  const chosen = forms.find(isRight) ?? forms.find((form) => read(form) === undefined);
  return chosen ?? `=${forms[0] ?? ''}`;
}

export function isTypedNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return start < end && bytes[start] === NUMBER;
}
