// A dataset document: a Frictionless Table Schema plus where its rows land (DESIGN 4). Field names follow the standard.

import type { Retention } from './retention.ts';

export const FIELD_TYPES = [
  'string',
  'integer',
  'number',
  'boolean',
  'date',
  'datetime',
  'time',
  'year',
  'yearmonth',
  'object',
  'array',
  'any',
] as const;

export type FieldType = (typeof FIELD_TYPES)[number];

export interface Constraints {
  readonly required?: boolean;
  readonly unique?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: string | number;
  readonly maximum?: string | number;
  /** XML Schema regular expression; matches the whole value. */
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
}

/** Ours: a change made to a cell's text before it is read. Applied in order. */
export type Normalize =
  | 'trim'
  | 'nfkc'
  | 'lowercase'
  | 'uppercase'
  /** One form of characters that can be composed: `e` and U+0301 become `é`. */
  | 'nfc'
  /** Decimal digits of any script become 0 to 9. */
  | 'digits'
  /** Each run of blanks of any kind, line ends among them, becomes one space; those at the ends go. */
  | 'collapseSpaces'
  /** Takes out all but the digits 0 to 9; a text that has none stays as it is. */
  | 'digitsOnly'
  /** Takes off what makes Excel keep a text: `="00123"` and `'00123` are 00123. */
  | 'excelText'
  | { readonly padStart: PadStart }
  /** Takes out every occurrence of a text. */
  | { readonly remove: string }
  /** Puts a text in the place of every occurrence of another. */
  | { readonly replace: Replace };

export interface Replace {
  /** As it is written: no pattern. */
  readonly text: string;
  readonly with: string;
}

/**
 * Fills a text of ASCII digits, and no other, up to a length: spreadsheets drop leading zeros. Only texts of the lengths named are filled,
 * and none that begins with the fill already: it has lost nothing, and is short for another reason.
 */
export interface PadStart {
  readonly length: number;
  readonly from: readonly number[];
  /** One character; `0` when left out. */
  readonly with?: string;
}

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly title?: string;
  readonly description?: string;
  readonly example?: string;
  /** string: default, email, uri, uuid; date, datetime, time: default, any, or a strptime pattern. */
  readonly format?: string;
  /** Ours: other headers that mean this field. */
  readonly aliases?: readonly string[];
  readonly normalize?: readonly Normalize[];
  readonly constraints?: Constraints;
  /** Field-level missingValues win over the schema's (Table Schema v2). */
  readonly missingValues?: readonly string[];
  /** Ours: its values are kept out of row errors, questions and logs. */
  readonly sensitive?: boolean;
  /** Ours: true, false and missing values are known in any case, and with blanks around them. */
  readonly lenientValues?: boolean;
  /** Ours: the file has another key of a row that the column refers to. */
  readonly lookup?: Lookup;
  // number, integer
  readonly decimalChar?: string;
  /** Several: any of them, but one kind in one number. */
  readonly groupChar?: string | readonly string[];
  readonly bareNumber?: boolean;
  /** Ours: how negative numbers are written besides `-5`. */
  readonly negative?: Negative | readonly Negative[];
  /** Ours, number: NaN and the infinities are taken, as Postgres takes them. */
  readonly nonFinite?: boolean;
  /** Ours, integer: `12.0` is 12. */
  readonly zeroFraction?: boolean;
  // array
  /** Ours: each column of the file that means the field is one entry, a text. */
  readonly repeated?: boolean;
  // boolean
  readonly trueValues?: readonly string[];
  readonly falseValues?: readonly string[];
  // datetime
  /** Of times that are written without an offset: an IANA name, `UTC` or `+09:00`; without it UTC. */
  readonly timeZone?: string;
  readonly timeZoneOverlap?: TimeZoneOverlap;
  // date, datetime, time
  /** Ours: the language of names of months, weekdays and parts of the day in a pattern. */
  readonly locale?: string;
  /** Ours: whose years are written; Gregorian when left out. */
  readonly calendar?: Calendar;
  /** Ours: the first of the hundred years that two digits can mean. */
  readonly pivotYear?: number;
  /** Ours: takes `24:00`, the end of the day. */
  readonly hour24?: boolean;
  /** Ours: digits beyond microseconds are cut off. */
  readonly cutFraction?: boolean;
}

/** A foreign key by natural key: the column gets the key of the row of `in` whose `by` is the value of the file. */
export interface Lookup {
  /** What the file calls it; another header that means the field. */
  readonly field?: string;
  /** The table, with its schema before a point where it has another one than the dataset's table. */
  readonly in: string;
  /** A column of that table with a unique index. */
  readonly by: string;
  /**
   * Of a table that Sluice makes: the column of that table whose value the row gets; its primary key when the document leaves it out.
   * Always there when the dataset was applied. Of a table that exists its foreign key says it.
   */
  readonly takes?: string;
  /** The type of that column, read from the catalog when the dataset is applied. */
  readonly type?: LookupType;
}

/** What a column that Sluice makes for a lookup can be: types whose values are equal only when they are the same. */
export const LOOKUP_TYPES = ['uuid', 'smallint', 'integer', 'bigint', 'text'] as const;

export type LookupType = (typeof LOOKUP_TYPES)[number];

export const CALENDARS = ['gregorian', 'japanese', 'buddhist', 'roc'] as const;

export type Calendar = (typeof CALENDARS)[number];

export const NEGATIVES = [
  'trailing',
  'parentheses',
  'drcr',
  'triangle',
  'unicode-minus',
  'before-currency',
] as const;

export type Negative = (typeof NEGATIVES)[number];

/** Which of two to take for a time that clocks show twice, when they are put back. */
export const TIME_ZONE_OVERLAPS = ['earlier', 'later'] as const;

export type TimeZoneOverlap = (typeof TIME_ZONE_OVERLAPS)[number];

export interface TableSchema {
  readonly fields: readonly Field[];
  /** Cell texts that mean null; default `[""]`. */
  readonly missingValues?: readonly string[];
  readonly primaryKey?: readonly string[];
  /** Of fields that declare none, in files whose sender says none. */
  readonly timeZone?: string;
  readonly timeZoneOverlap?: TimeZoneOverlap;
  /** Of fields that say neither. */
  readonly lenientValues?: boolean;
}

/** Fields that land in a table of their own; the dataset's table refers to it by `column` (uuid). */
export interface Link {
  readonly table: string;
  readonly column: string;
  readonly fields: readonly string[];
}

export interface Target {
  /** Postgres schema; default `public`. */
  readonly schema?: string;
  readonly table: string;
  /** Ours: the table is somebody's own, and stays as it is; who brought its rows is noted beside it. */
  readonly existing?: boolean;
  readonly links?: readonly Link[];
}

export interface Dataset {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly schema: TableSchema;
  readonly target: Target;
  /** How long what is known of its imports is kept, where that is not as the settings say. */
  readonly retention?: Retention;
}

/** Who changes a dataset: its file, by `sluice datasets apply`, or the API. */
export const DATASET_MANAGERS = ['file', 'api'] as const;

export type DatasetManager = (typeof DATASET_MANAGERS)[number];

/** The order of year, month and day in a date written in numbers. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/** How a column writes what its field leaves open. */
export interface Notation {
  readonly dateOrder?: DateOrder;
  readonly decimalChar?: string;
  readonly groupChar?: string;
  readonly negative?: readonly Negative[];
  readonly pivotYear?: number;
  readonly timeZone?: string;
  readonly timeZoneOverlap?: TimeZoneOverlap;
  /** Blanks at both ends of its cells are taken off, or (false) are part of them. */
  readonly trim?: boolean;
}

/** A field and the order of its dates in the file at hand. Undefined: dates that do not begin with the year are not read. */
export interface WrittenField extends Field {
  /** Its values are as Postgres writes them, whatever notation the field declares. */
  readonly writtenBy?: 'postgres';
  readonly dateOrder?: DateOrder;
}

/** One column of the file at hand: its header text and the field it feeds (index into schema.fields), null when ignored. */
export interface FileColumn extends Notation {
  readonly header: string;
  readonly fieldIndex: number | null;
}
