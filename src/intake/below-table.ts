// What stands at the end of a table and is no record, though nobody has said so: notes, and a total without a word.
import type { ByteRange, FileDialect } from '../core/csv/types.ts';
import { shownText } from '../core/excel/sheet-cell.ts';
import type { Dataset } from '../core/dataset/types.ts';
import { isRejectFile } from '../core/imports/rejects.ts';
import { notesAtEnd } from './notes-at-end.ts';
import { sumAtEnd, type TableOfFile } from './sum-at-end.ts';

/**
 * @param read gives a range of the stored text, good until it is called again
 * @param isJoined of several files, each has an end of its own
 * @param last some bytes of the text's end, where they are known: most texts need not be read again
 */
export async function belowTable(
  dataset: Dataset,
  table: TableOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  isJoined: boolean,
  last?: Buffer,
): Promise<Pick<FileDialect, 'notesBelow' | 'totalOf'>> {
  const { dialect, columns } = table;
  if (dialect.skipFooter !== undefined || isRejectFile(columns)) return {};
  const shown = dialect.sheet === undefined ? (cell: string) => cell : shownText;
  const notes = await notesAtEnd(read, { ...table, columns: columns.length }, shown, last);
  const totalOf = isJoined ? undefined : await sumAtEnd(dataset, table, read, limits, { shown, notes, last });
  return {
    ...(notes === 0 ? {} : { notesBelow: notes }),
    ...(totalOf === undefined ? {} : { totalOf }),
  };
}
