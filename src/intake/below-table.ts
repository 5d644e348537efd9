// What stands at the end of a table and is no record, though nobody has said so: notes, and a total without a word.
import { countLineEnds } from '../core/csv/grammar.ts';
import type { ByteRange, FileDialect, PartOfFile } from '../core/csv/types.ts';
import { shownText } from '../core/excel/sheet-cell.ts';
import type { Dataset } from '../core/dataset/types.ts';
import { isRejectFile } from '../core/imports/rejects.ts';
import { notesAtEnd } from './notes-at-end.ts';
import type { PartInText } from './part-starts.ts';
import { sumAtEnd, type TableOfFile } from './sum-at-end.ts';

/**
 * @param read gives a range of the stored text, good until it is called again
 * @param parts of several files that were joined, each with an end of its own; empty: it is one
 * @param last some bytes of the text's end, where they are known: most texts need not be read again
 */
export async function belowTable(
  dataset: Dataset,
  table: TableOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  parts: readonly PartInText[],
  last?: Buffer,
): Promise<Pick<FileDialect, 'notesBelow' | 'totalOf' | 'isTotalLikely' | 'parts'>> {
  const { dialect, columns } = table;
  if (dialect.skipFooter !== undefined || isRejectFile(columns)) return {};
  const shown = dialect.sheet === undefined ? (cell: string) => cell : shownText;
  const notes = await notesAtEnd(read, { ...table, columns: columns.length }, shown, last);
  const start = Math.max(table.dataStart, parts.at(-1)?.startByte ?? 0);
  const total = await sumAtEnd(dataset, { ...table, dataStart: start }, read, limits, { shown, notes, last });
  return {
    ...(notes === 0 ? {} : { notesBelow: notes }),
    ...(total === undefined ? {} : { totalOf: total.column }),
    ...(total?.isLikely === true ? { isTotalLikely: true } : {}),
    ...(parts.length < 2
      ? {}
      : { parts: await totalsOfParts(dataset, table, read, limits, parts, { shown }) }),
  };
}

/** All but the last one, whose end is that of the table. */
async function totalsOfParts(
  dataset: Dataset,
  table: TableOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  parts: readonly PartInText[],
  { shown }: { readonly shown: (cell: string) => string },
): Promise<PartOfFile[]> {
  const kept: PartOfFile[] = [];
  for (const [at, { startByte, last, ...part }] of parts.entries()) {
    const next = parts[at + 1];
    const own = next && {
      ...table,
      dataStart: Math.max(table.dataStart, startByte),
      dataEnd: next.startByte,
    };
    const isThere = own !== undefined && own.dataEnd > own.dataStart;
    const total = isThere ? await sumAtEnd(dataset, own, read, limits, { shown, notes: 0, last }) : undefined;
    if (total === undefined) kept.push(part);
    else {
      const { column: of, isLikely } = total;
      const below = await read({ startByte: total.startByte, endByte: own!.dataEnd });
      const line = next!.line - countLineEnds(below, 0, below.length);
      kept.push({ ...part, total: { line, of, ...(isLikely ? { isLikely: true as const } : {}) } });
    }
  }
  return kept;
}
