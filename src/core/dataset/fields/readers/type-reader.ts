// What every type's reader gives. A reader knows the form of a value; null, normalizing and constraints are compile-field's.

import type { ByteTest } from '../byte-test.ts';

export interface TypeReader {
  /** The value as Postgres text, or undefined when the text is not a value of this type. Returns `text` itself where it can. */
  readonly read: (text: string) => string | undefined;
  /** Says yes to bytes whose text `read` returns as it is. */
  readonly takes?: ByteTest;
  /** A value of the dataset document (minimum, maximum, enum) as Postgres text, or undefined when it is none. */
  readonly fromJson: (value: unknown) => string | undefined;
  /** What a good cell holds; ends the sentence "expects …". */
  readonly expects: string;
  /** Why a text is refused whose form alone does not tell; a clause after the quoted text ("which …"). */
  readonly why?: (text: string) => string | undefined;
  /** Order of two values; for types that have minimum and maximum. */
  readonly compare?: (a: string, b: string) => number;
  /** The same for equal values ("1.0" and "1"); the value itself when left out. */
  readonly key?: (value: string) => string;
  /** Length in the type's own unit, for minLength and maxLength; characters when left out. */
  readonly size?: (value: string) => number;
}

/** `fromJson` of types that a JSON document writes as a string in the form of a cell. */
export function fromJsonText(read: TypeReader['read']): TypeReader['fromJson'] {
  return (value) => (typeof value === 'string' ? read(value) : undefined);
}

/** Order of texts whose character order is their value's order (fixed-width dates, times, years). */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
