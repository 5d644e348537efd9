// A record without a value in any cell: a line of delimiters (`,,,`), as spreadsheets write rows that are empty or only formatted.
import { type Grammar, isLineEnd, NO_BYTE, SPACE } from '../grammar.ts';
import type { Dialect } from '../types.ts';

/** Whether such records of a file are no data where the sender does not say otherwise: in the text of a database each line is a row. */
export function mayHaveEmptyRecords({ delimiter, databaseText = null, json, emptyCells }: Dialect): boolean {
  return databaseText === null && json === undefined && emptyCells === undefined && delimiter.length === 1;
}

/** @param from behind the marks before the record @param to its end, line end included or not */
export function isEmptyRecord(bytes: Buffer, from: number, to: number, grammar: Grammar): boolean {
  const { delimiter, delimiter2, skipsBlanks } = grammar;
  if (delimiter2 !== NO_BYTE) return false;
  let isCut = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === delimiter) isCut = true;
    else if (isLineEnd(byte)) break;
    else if (byte !== SPACE || !skipsBlanks) return false;
  }
  return isCut;
}
