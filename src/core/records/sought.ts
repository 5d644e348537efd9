// A record may name the row that a column refers to by its natural key, as a file does: by the name that the file has for it, or as an
// object in the place of the column's own value.
import type { ErrorItem } from '../../errors.ts';
import type { Field } from '../dataset/types.ts';
import type { Value } from './write-record.ts';

/** A natural key, whose row is to be looked up. */
export class Sought {
  readonly value: string;
  /** Where it stands in the request. */
  readonly pointer: string;

  constructor(value: string, pointer: string) {
    this.value = value;
    this.pointer = pointer;
  }
}

/** The fields that a record gives; keys that are sought are not looked up yet. */
export type ReadValues = ReadonlyMap<string, Value | Sought>;

/** The object that gives a natural key: `{"iso2": "JP"}`. @returns its value; undefined when it is none */
export function naturalKeyOf({ lookup }: Field, value: unknown): { readonly value: unknown } | undefined {
  if (lookup === undefined || typeof value !== 'object' || value === null) return undefined;
  const [name, ...more] = Object.keys(value);
  if (name !== lookup.by || more.length > 0) return undefined;
  return { value: (value as Record<string, unknown>)[name] };
}

/** What files call a looked-up column, where that is another name than its own. */
export function nameInFiles({ name, lookup }: Field): string | undefined {
  return lookup?.field === name ? undefined : lookup?.field;
}

export function givenTwice(field: Field, pointer: string): ErrorItem {
  return {
    code: 'unknown-field',
    pointer,
    field: field.name,
    detail: `"${field.name}" and "${nameInFiles(field)}" say the same: give one of them.`,
  };
}
