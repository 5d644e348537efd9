// What a record's first two bytes, behind its quote, say of it. The loops over sound records ask it of each record, so most are told by this
// alone: sound-records.ts here, and infer's sound-cells.ts, whose loop in scripts/wasm/cells.ts knows MAY_BE_HEADER too.
import type { HeaderAgain } from '../dialect/header-again.ts';
import { PAIRS } from '../dialect/totals.ts';
import { CR, LF } from '../grammar.ts';

export const MAY_BE_TOTAL = 1;
export const MAY_BE_HEADER = 2;
/** The header, written otherwise. */
export const MAY_BE_VARIANT = 4;
/** A record without a value. */
export const MAY_BE_EMPTY = 16;

/**
 * @param ofTotals the pairs of bytes that a total may begin with
 * @param delimiter that of records without a value, which are left out; undefined: they are records
 * @returns for each pair of bytes, the sum of what a record that begins with it may be
 */
export function recordStarts(
  { starts: ofHeader, variants }: Pick<HeaderAgain, 'starts' | 'variants'>,
  ofTotals: readonly number[],
  delimiter?: number,
): Uint8Array {
  const starts = new Uint8Array(PAIRS);
  for (let first = 0; first < ofHeader.length; first++)
    if (ofHeader[first] === 1) starts.fill(MAY_BE_HEADER, first << 8, (first + 1) << 8);
  for (const pair of ofTotals) starts[pair]! |= MAY_BE_TOTAL;
  for (const pair of variants.pairs) starts[pair]! |= MAY_BE_VARIANT;
  if (delimiter !== undefined)
    for (const second of [delimiter, LF, CR]) starts[(delimiter << 8) | second]! |= MAY_BE_EMPTY;
  return starts;
}
