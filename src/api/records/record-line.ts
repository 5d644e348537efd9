import { withPlace } from '../../core/imports/error-place.ts';
import { readSentRecords } from '../../core/imports/sent-records.ts';
import { findChunkOfRow } from '../../db/imports/chunks.ts';
import { findImport, type ImportRow } from '../../db/imports/imports.ts';
import type { OriginImport } from '../../db/records/origin.ts';
import { AppError } from '../../errors.ts';
import { uploadReader } from '../../storage/upload-bytes.ts';
import type { ApiDeps } from '../deps.ts';

interface Place {
  /** Null when the file is gone, or numbers its records otherwise. */
  readonly line: number | null;
  /** Of joined files the one that has the record, and the line. */
  readonly entryName?: string;
}

const NOWHERE: Place = { line: null };

/** Where in its file a record begins. */
export async function findPlace(
  { database: { db }, storage, config }: ApiDeps,
  { importId, row }: OriginImport,
): Promise<Place> {
  const imp = row === null ? undefined : await findImport(db, importId);
  if (row === null || imp === undefined || imp.parentId !== null || imp.filesRemovedAt !== null)
    return NOWHERE;
  const chunk = await findChunkOfRow(db, importId, row);
  if (chunk === undefined) return NOWHERE;
  // Each record takes a line at least: as many lines as records are one each, and the file need not be read.
  const { firstRow, firstLine, records, nextLine } = chunk;
  if (nextLine !== null && nextLine - firstLine === records) return placeOf(imp, firstLine + row - firstRow);
  let found = NOWHERE;
  try {
    await readSentRecords(imp, chunk, uploadReader(storage, imp), config, (record) => {
      if (record.row === row) found = placeOf(imp, record.line);
    });
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'FILE_GONE')) throw error;
  }
  return found;
}

function placeOf({ dialect }: ImportRow, at: number): Place {
  const { line, entry } = withPlace({ line: at, column: null }, dialect);
  return { line, ...(entry === undefined ? {} : { entryName: entry }) };
}
