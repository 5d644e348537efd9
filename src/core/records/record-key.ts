// A record's key as one text, which a path has as its last part. Of a key of several columns: the values, each percent-encoded, with commas.
import { readValue } from './operands.ts';
import type { RecordShape } from './record-shape.ts';
import type { Value } from './write-record.ts';

/** @returns undefined for a text that can be no key of the dataset */
export function readKey({ key }: RecordShape, text: string): string[] | undefined {
  const parts = key.length === 1 ? [text] : text.split(',').map(decode);
  const values = key.map((column, at) => readValue(column, parts[at] ?? ''));
  return parts.length === key.length && values.every((value) => value !== undefined) ? values : undefined;
}

/** The same text; in a path it stands as `keyInPath` writes it. */
export function writeKey(values: readonly Value[]): string {
  return values.length === 1
    ? (values[0] ?? '')
    : values.map((value) => encodeURIComponent(value ?? '')).join(',');
}

export function keyInPath(values: readonly Value[]): string {
  return encodeURIComponent(writeKey(values)).replaceAll('%2C', ',');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
