// accepted.csv: the records that stand in the table, and the ids of their rows.
import { Readable } from 'node:stream';
import type pg from 'pg';
import { formatCsvRecord } from '../core/csv/records/writer.ts';
import { MatchesRemoved, readAcceptedRows } from '../db/imports/accepted-rows.ts';
import type { ImportRow } from '../db/imports/imports.ts';
import { AppError } from '../errors.ts';

/**
 * Streams the file over a connection of `downloads`, which it gives back when it ends. Before its first byte it fails with AppError
 * FILE_GONE for an upsert whose files are past their retention: which rows it had found is removed with them.
 */
export function streamAccepted(downloads: pg.Pool, imp: ImportRow): Readable {
  async function* texts(): AsyncGenerator<string> {
    const client = await downloads.connect();
    try {
      let before = formatCsvRecord(['_row', '_id']);
      for await (const rows of readAcceptedRows(client, imp)) {
        yield before + rows.map(({ row, id }) => formatCsvRecord([row ?? '', id])).join('');
        before = '';
      }
      if (before !== '') yield before;
    } catch (error) {
      if (!(error instanceof MatchesRemoved)) throw error;
      throw new AppError(
        'FILE_GONE',
        'Which rows this upsert has updated or found unchanged was removed together with its files (SLUICE_FILE_RETENTION_DAYS, or the retention of the dataset). Those it has inserted have its id in "import_id".',
        {},
        { cause: error },
      );
    } finally {
      client.release();
    }
  }
  return Readable.from(texts(), { objectMode: false });
}
