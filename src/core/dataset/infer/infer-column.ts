// What type a column has, told by a sample of its cells. It is a proposal: nothing is read by it.
import type { DateOrder, FieldType } from '../types.ts';
import { inferDates } from './infer-dates.ts';
import { inferNumbers } from './infer-numbers.ts';

export interface Inferred {
  readonly type: FieldType;
  /** As a field of a dataset would say it. */
  readonly format?: string;
  readonly dateOrder?: DateOrder;
  readonly decimalChar?: string;
  readonly groupChar?: string;
  /** The values can be read in more than one way: day or month first, decimal comma or point. */
  readonly isOpen?: true;
}

export interface InferredColumn extends Inferred {
  /** Of the sample's cells; `empty` ones count apart, and so do those that say that there is no value. */
  readonly values: number;
  readonly empty: number;
  /** Texts beside the values that say that there is none, such as `n/a`; for `missingValues`. */
  readonly missingValues: readonly string[];
  /** Characters of the longest. */
  readonly longest: number;
  /** The first that differ. */
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 3;
const MISSING = /^(?:-+|—|n\/?a|n\.a\.|null|nil|none|\\N|#n\/a)$/i;
const BOOLEAN = /^(?:true|false|yes|no|y|n|t|f)$/i;
const FORMATS: readonly [format: string, pattern: RegExp][] = [
  ['email', /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ['uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['uri', /^https?:\/\/[^\s]+$/i],
];

/** @param cells as they stand in the file */
export function inferColumn(cells: readonly string[]): InferredColumn {
  const texts = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  const values = texts.filter((text) => !MISSING.test(text));
  const inferred = inferType(values);
  // Beside free text a dash is text too.
  const isText = inferred.type === 'string';
  const kept = isText ? texts : values;
  return {
    ...inferred,
    values: kept.length,
    empty: cells.length - texts.length,
    missingValues: isText ? [] : [...new Set(texts.filter((text) => MISSING.test(text)))],
    longest: Math.max(0, ...cells.map((cell) => cell.length)),
    examples: [...new Set(kept)].slice(0, MOST_EXAMPLES),
  };
}

function inferType(values: readonly string[]): Inferred {
  if (values.length === 0) return { type: 'any' };
  if (values.every((value) => BOOLEAN.test(value))) return { type: 'boolean' };
  const inferred = inferNumbers(values) ?? inferDates(values);
  if (inferred !== undefined) return inferred;
  const format = FORMATS.find(([, pattern]) => values.every((value) => pattern.test(value)))?.[0];
  return { type: 'string', ...(format === undefined ? {} : { format }) };
}
