// The last part of a record's path: the value of its key. Of a key of several columns the values, each percent-encoded, with commas.
import { readValue } from './operands.ts';
import type { RecordShape } from './record-shape.ts';
import type { Value } from './write-record.ts';

/** @returns undefined for a text that can be no key of the dataset */
export function readKey({ key }: RecordShape, text: string): string[] | undefined {
  const parts = key.length === 1 ? [text] : text.split(',').map(decode);
  const values = key.map((column, at) => readValue(column, parts[at] ?? ''));
  return parts.length === key.length && values.every((value) => value !== undefined) ? values : undefined;
}

/** As it stands in a path. */
export function writeKey(values: readonly Value[]): string {
  return values.map((value) => encodeURIComponent(value ?? '')).join(',');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
