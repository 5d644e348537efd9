// What a cell can be without losing anything: the value that lands gives back its text, or is exactly what the text says. What could be
// read in two ways (03-04-2020, 1,234), or would come back as another text (007, +5, 1E5), is text.
import { DOUBLED, NOT_ASCII, NOT_DIGIT, SPECIAL } from '../../csv/records/cell-places.ts';
import { compileField, type FieldReader } from '../fields/compile-field.ts';
import { takesIsoDate } from '../fields/readers/date.ts';
import type { Field } from '../types.ts';

export const CELL_KINDS = [
  'integer',
  'number',
  'date',
  'isoDatetime',
  'datetime',
  'isoLocalDatetime',
  'localDatetime',
  'isoTime',
  'time',
  'boolean',
  'titleBoolean',
  'upperBoolean',
  'uuid',
  'email',
  'uri',
  'text',
] as const;

export type CellKind = (typeof CELL_KINDS)[number];

type Declared = Pick<Field, 'type' | 'format' | 'timeZone' | 'trueValues' | 'falseValues'>;

interface KindEntry {
  /** How a field of such cells is declared. */
  readonly field: Declared;
  /** What the cells are, in the plural. */
  readonly called: string;
  /** The kinds that are of this one too. */
  readonly holds?: readonly CellKind[];
}

export const KINDS: Readonly<Record<CellKind, KindEntry>> = {
  integer: { field: { type: 'integer' }, called: 'whole numbers' },
  number: { field: { type: 'number' }, called: 'numbers with a decimal point', holds: ['integer'] },
  date: { field: { type: 'date' }, called: 'dates like 2024-12-31' },
  isoDatetime: { field: { type: 'datetime' }, called: 'times with an offset, like 2024-12-31T15:30:59Z' },
  datetime: {
    field: { type: 'datetime', format: 'any' },
    called: 'times with an offset, like 2024-12-31 15:30+09:00',
    holds: ['isoDatetime'],
  },
  isoLocalDatetime: {
    field: { type: 'datetime', timeZone: 'UTC' },
    called: 'times without an offset, like 2024-12-31T15:30:59',
  },
  localDatetime: {
    field: { type: 'datetime', format: 'any', timeZone: 'UTC' },
    called: 'times without an offset, like 2024-12-31 15:30',
    holds: ['isoLocalDatetime'],
  },
  isoTime: { field: { type: 'time' }, called: 'times of the day, like 15:30:59' },
  time: {
    field: { type: 'time', format: 'any' },
    called: 'times of the day, like 15:30',
    holds: ['isoTime'],
  },
  boolean: {
    field: { type: 'boolean', trueValues: ['true'], falseValues: ['false'] },
    called: 'true or false',
  },
  titleBoolean: {
    field: { type: 'boolean', trueValues: ['True'], falseValues: ['False'] },
    called: 'True or False',
  },
  upperBoolean: {
    field: { type: 'boolean', trueValues: ['TRUE'], falseValues: ['FALSE'] },
    called: 'TRUE or FALSE',
  },
  uuid: { field: { type: 'string', format: 'uuid' }, called: 'UUIDs' },
  email: { field: { type: 'string', format: 'email' }, called: 'e-mail addresses' },
  uri: { field: { type: 'string', format: 'uri' }, called: 'URIs' },
  text: { field: { type: 'string' }, called: 'texts' },
};

const readerOf = (field: Declared): FieldReader => compileField({ name: 'f', ...field }, { fields: [] });
const DATETIME = readerOf({ type: 'datetime', format: 'any', timeZone: 'UTC' });
const EMAIL = readerOf(KINDS.email.field);
const URI = readerOf(KINDS.uri.field);

/** bigint has 19 digits, and not all numbers of 19. */
export const MOST_DIGITS = 18;
/** Postgres' numeric has more. */
export const MOST_NUMBER_CHARS = 1000;
const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const POINT = 46;
const COLON = 58;
const UUID_CHARS = 36;
const ISO_UTC_CHARS = 20;
const PLUS = 43;
const LETTER_T = 84;
const LETTER_Z = 90;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DATE_AND_TIME = /^\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(:[0-5]\d(?:\.\d{1,6})?)?$/;
const ISO_OFFSET = /(?:Z|[+-]\d\d:\d\d)$/;

/** The kind of a cell that is not empty. @param mark the cell's, with the bits of cell-places.ts */
export function kindOfCell(bytes: Buffer, start: number, end: number, mark: number): CellKind {
  const length = end - start;
  if ((mark & NOT_DIGIT) === 0)
    return length <= MOST_DIGITS && (length === 1 || bytes[start] !== ZERO) ? 'integer' : 'text';
  if ((mark & (NOT_ASCII | SPECIAL | DOUBLED)) !== 0) return 'text';
  const first = bytes[start]!;
  if (first === MINUS || (first >= ZERO && first <= NINE)) {
    const number = kindOfNumber(bytes, start, end);
    if (number !== 'text') return number;
    if (takesIsoDate(bytes, start, end, mark)) return 'date';
    if (isIsoDatetime(bytes, start, end, mark)) return 'isoDatetime';
    if ((length > 2 && bytes[start + 2] === COLON) || (length > 13 && bytes[start + 13] === COLON))
      return kindOfTime(bytes.toString('latin1', start, end));
  }
  if (length === UUID_CHARS && UUID.test(bytes.toString('latin1', start, end))) return 'uuid';
  if (length === 4 || length === 5) return kindOfWord(bytes.toString('latin1', start, end));
  if (EMAIL.takes?.(bytes, start, end, mark) === true) return 'email';
  if (length > 8 && (first | 0x20) === 0x68 && isWebAddress(bytes.toString('latin1', start, end)))
    return 'uri';
  return 'text';
}

function kindOfNumber(bytes: Uint8Array, start: number, end: number): CellKind {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const wholeAt = at;
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++;
  const digits = at - wholeAt;
  if (digits === 0 || (digits > 1 && bytes[wholeAt] === ZERO)) return 'text';
  const isNegative = wholeAt > start;
  if (at === end) {
    if (isNegative && digits === 1 && bytes[wholeAt] === ZERO) return 'text';
    return digits <= MOST_DIGITS ? 'integer' : 'text';
  }
  if (bytes[at] !== POINT || at + 1 === end || end - start > MOST_NUMBER_CHARS) return 'text';
  let isZero = digits === 1 && bytes[wholeAt] === ZERO;
  for (at++; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) return 'text';
    if (byte !== ZERO) isZero = false;
  }
  // Postgres knows no negative zero.
  return isNegative && isZero ? 'text' : 'number';
}

/** The commonest form alone, `2024-12-31T15:30:59Z` or with an offset; no decides nothing. */
export function isIsoDatetime(bytes: Uint8Array, start: number, end: number, mark: number): boolean {
  const hasZone =
    end - start === ISO_UTC_CHARS ? bytes[end - 1] === LETTER_Z : isOffset(bytes, end - 6, end - start);
  return (
    hasZone &&
    bytes[start + 10] === LETTER_T &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON &&
    // What is near the first and the last year may be outside in UTC.
    bytes[start] !== ZERO &&
    bytes[start] !== NINE &&
    takesIsoDate(bytes, start, start + 10, mark) &&
    isBelow(bytes, start + 11, 24) &&
    isBelow(bytes, start + 14, 60) &&
    isBelow(bytes, start + 17, 60)
  );
}

function isOffset(bytes: Uint8Array, at: number, length: number): boolean {
  const sign = bytes[at];
  return (
    length === ISO_UTC_CHARS + 5 &&
    (sign === MINUS || sign === PLUS) &&
    isBelow(bytes, at + 1, 14) &&
    bytes[at + 3] === COLON &&
    isBelow(bytes, at + 4, 60)
  );
}

/** Two digits that are a smaller number. */
export function isBelow(bytes: Uint8Array, at: number, limit: number): boolean {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 && 10 * tens + ones < limit;
}

function kindOfTime(text: string): CellKind {
  const time = TIME.exec(text);
  if (time !== null) return time[1] === undefined ? 'time' : 'isoTime';
  const [form, between, seconds, offset] = DATE_AND_TIME.exec(text) ?? [];
  if (form === undefined || DATETIME.read(text) === undefined) return 'text';
  const isIso = between === 'T' && seconds !== undefined;
  if (offset === undefined) return isIso ? 'isoLocalDatetime' : 'localDatetime';
  return isIso && ISO_OFFSET.test(text) ? 'isoDatetime' : 'datetime';
}

function kindOfWord(text: string): CellKind {
  switch (text) {
    case 'true':
    case 'false':
      return 'boolean';
    case 'True':
    case 'False':
      return 'titleBoolean';
    case 'TRUE':
    case 'FALSE':
      return 'upperBoolean';
    default:
      return 'text';
  }
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URI.read(text) !== undefined;
}

const REASONS: readonly [form: RegExp, reason: string][] = [
  [/^\s|\s$/u, 'has blanks around it, which only a text keeps'],
  [/^[+-]?0\d[\d.]*$/, 'begins with a zero, which a number would lose'],
  [/^\+/, 'begins with a plus, which a number would lose'],
  [/^-0(?:\.0+)?$/, 'is a negative zero, which Postgres does not keep'],
  [/^-?\d{19,}$/, 'has more digits than a whole number of 64 bits holds for sure'],
  [/^-?[\d.]+[eE][+-]?\d+$/, 'has an exponent: a number would not give it back, and it may be a code'],
  [/^-?(?:\.\d+|\d+\.)$/, 'has a decimal point at one end, which a number would not give back'],
  [
    /^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}/,
    'does not say whether the day or the month comes first, or in which century',
  ],
  [/^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/, 'is no day, or no time, in the form 2024-12-31T15:30:59'],
  [
    /^-?\d[\d.,'’ \u00a0\u202f]*$/u,
    'has groups or a decimal comma, which can be read in two ways; a field can declare them',
  ],
  [
    /^(?:-+|—|n\/?a|n\.a\.|null|nil|none|\\N|#n\/a)$/i,
    'may say that there is no value; a field can declare it in missingValues',
  ],
];

/** Why a cell is a text and nothing else; goes on from the cell. */
export function whyText(text: string): string {
  return REASONS.find(([form]) => form.test(text))?.[1] ?? 'is a text';
}
