// The loops over the cells of one column in a batch that tell nothing new, one for each sort of column: V8 makes fast code of a loop that
// always calls the same. Each stops at the first cell of which it is not sure.
import { isQuoted, type CellBatch } from './cell-batch.ts';
import type { ChoiceTable } from './choice-table.ts';
import type { KeySet } from './key-set.ts';
import { isSureDate, isSureInteger, isSureNumber, type SureTest } from './sure-tests.ts';

export interface Passed {
  /** The first record that was not passed over; all that there are when none was left. */
  readonly record: number;
  /** Of those that were, the empty ones. */
  readonly empty: number;
  /** Bytes of the longest one so far. */
  readonly longest: number;
}

/** Longer values are no keys. */
export const LONGEST_KEY_BYTES = 64;
/** Of the hashes of one column: some millions of values. */
export const MOST_KEY_BYTES = 64 * 1024 * 1024;
const QUOTE = 0x22;

/** A text in quotes may hold quotes that are doubled, which are none of it. */
export function isPlainText(bytes: Buffer, start: number, end: number): boolean {
  if (!isQuoted(bytes, start)) return true;
  for (let at = start; at < end; at++) if (bytes[at] === QUOTE) return false;
  return true;
}

/** @param longest bytes of the longest value before. One that is longer than all before is looked at: quotes in it may be doubled. */
export function passTexts(
  { starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  longest: number,
): Passed {
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const length = ends[place]! - starts[place]!;
    if (length > longest) break;
    if (length === 0) empty++;
  }
  return { record, empty, longest };
}

export function passIntegers(
  { bytes, starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  before: number,
): Passed {
  let longest = before;
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const start = starts[place]!;
    const end = ends[place]!;
    if (start === end) empty++;
    else if (!isSureInteger(bytes, start, end)) break;
    else if (end - start > longest) longest = end - start;
  }
  return { record, empty, longest };
}

export function passNumbers(
  { bytes, starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  before: number,
): Passed {
  let longest = before;
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const start = starts[place]!;
    const end = ends[place]!;
    if (start === end) empty++;
    else if (!isSureNumber(bytes, start, end)) break;
    else if (end - start > longest) longest = end - start;
  }
  return { record, empty, longest };
}

export function passDates(
  { bytes, starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  before: number,
): Passed {
  let longest = before;
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const start = starts[place]!;
    const end = ends[place]!;
    if (start === end) empty++;
    else if (!isSureDate(bytes, start, end)) break;
    else if (end - start > longest) longest = end - start;
  }
  return { record, empty, longest };
}

/** Kinds that are rarer, or whose test costs more than a call. */
export function passSure(
  isSure: SureTest,
  { bytes, starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  before: number,
): Passed {
  let longest = before;
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const start = starts[place]!;
    const end = ends[place]!;
    if (start === end) empty++;
    else if (!isSure(bytes, start, end)) break;
    else if (end - start > longest) longest = end - start;
  }
  return { record, empty, longest };
}

/** Texts of which there are few so far. A choice with a quote in it may stand for a text with two. */
export function passChoices(
  choices: ChoiceTable,
  { bytes, starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  longest: number,
): Passed {
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const start = starts[place]!;
    const end = ends[place]!;
    if (start === end) empty++;
    else if (end - start > longest || !isPlainText(bytes, start, end) || !choices.count(bytes, start, end))
      break;
  }
  return { record, empty, longest };
}

/** Values that all differ so far. */
export function passKeys(
  keys: KeySet,
  isSure: SureTest,
  { bytes, starts, ends, records, columns }: CellBatch,
  column: number,
  from: number,
  before: number,
): Passed {
  let longest = before;
  let empty = 0;
  let record = from;
  for (let place = from * columns + column; record < records; record++, place += columns) {
    const start = starts[place]!;
    const end = ends[place]!;
    if (start === end) empty++;
    else if (end - start > LONGEST_KEY_BYTES || keys.bytes > MOST_KEY_BYTES || !isSure(bytes, start, end))
      break;
    else if (!keys.add(bytes, start, end)) break;
    else if (end - start > longest) longest = end - start;
  }
  return { record, empty, longest };
}
