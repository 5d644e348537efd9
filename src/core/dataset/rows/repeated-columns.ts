// Several columns of a file that feed one field: their values are a list, in the order of the columns, without those that mean no value.
import { type CellPlaces, decodeCell } from '../../csv/records/cell-places.ts';
import { unguard } from '../../imports/spreadsheet-guard.ts';
import type { FieldReader } from '../fields/compile-field.ts';
import { appendValue, type ValueWriter } from './binary-values.ts';
import type { CopyRows } from './copy-rows.ts';
import { isTooLong } from './too-long.ts';

/** The columns of a list. */
export interface RepeatedColumns {
  /** Their indexes in the record. */
  readonly cells: readonly number[];
  /** Reads the list as JSON; the empty text when it has no value. */
  readonly list: FieldReader;
}

/** What the cells hold, as the field's list is read; undefined when one of them is not acceptable. */
export function listOf(cells: readonly string[], read: FieldReader['read']): string | undefined {
  const values = cells.map(read);
  if (values.includes(undefined)) return undefined;
  const held = values.filter((value) => value !== null);
  return held.length === 0 ? '' : JSON.stringify(held);
}

interface ListContext {
  readonly guarded: boolean;
  readonly maxCellBytes: number;
}

/** Writes the list of a record; false when it, or one of its cells, is not acceptable. */
export function compileList(
  { cells, list }: RepeatedColumns,
  { read }: FieldReader,
  writer: ValueWriter,
  { guarded, maxCellBytes }: ListContext,
): (bytes: Buffer, places: CellPlaces, out: CopyRows) => boolean {
  return (bytes, { starts, ends, marks }, out) => {
    const texts = cells.map((at) => {
      const text = decodeCell(bytes, starts[at]!, ends[at]!, marks[at]!);
      return guarded ? unguard(text) : text;
    });
    if (texts.some((text) => isTooLong(text, maxCellBytes))) return false;
    const json = listOf(texts, read);
    const value = json === undefined ? undefined : list.read(json);
    if (value === undefined) return false;
    if (value === null) out.appendNull();
    else appendValue(out, value, writer);
    return true;
  };
}
