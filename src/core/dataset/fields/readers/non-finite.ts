// Numbers that are no finite ones: what columns of floating numbers hold besides, in the words of Table Schema (`INF`) and of Postgres.
import { compareDecimals } from './decimal.ts';
import type { TypeReader } from './type-reader.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['nan', 'NaN'],
  ['inf', 'Infinity'],
  ['+inf', 'Infinity'],
  ['-inf', '-Infinity'],
  ['infinity', 'Infinity'],
  ['+infinity', 'Infinity'],
  ['-infinity', '-Infinity'],
]);
/** As Postgres orders them: NaN is larger than all others. */
const ORDER: ReadonlyMap<string, number> = new Map([
  ['-Infinity', -1],
  ['Infinity', 1],
  ['NaN', 2],
]);

/** The reader of a number that takes these too, in any case. */
export function withNonFinite(reader: TypeReader): TypeReader {
  const { read, key, compare = compareDecimals } = reader;
  return {
    ...reader,
    read: (text) => read(text) ?? WORDS.get(text.toLowerCase()),
    compare: (a, b) =>
      ORDER.has(a) || ORDER.has(b) ? (ORDER.get(a) ?? 0) - (ORDER.get(b) ?? 0) : compare(a, b),
    ...(key === undefined ? {} : { key: (value: string) => (ORDER.has(value) ? value : key(value)) }),
  };
}
