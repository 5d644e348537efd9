// accepted.csv: the records that stand in the table, and the ids of their rows.
import { Readable } from 'node:stream';
import type pg from 'pg';
import { formatCsvRecord } from '../core/csv/records/writer.ts';
import { readAcceptedRows } from '../db/imports/accepted-rows.ts';
import type { ImportRow } from '../db/imports/imports.ts';

/** Streams the file over a connection of `downloads`, which it gives back when it ends. */
export function streamAccepted(downloads: pg.Pool, imp: ImportRow): Readable {
  async function* texts(): AsyncGenerator<string> {
    const client = await downloads.connect();
    try {
      let before = formatCsvRecord(['_row', '_id']);
      for await (const rows of readAcceptedRows(client, imp)) {
        yield before + rows.map(({ row, id }) => formatCsvRecord([row, id])).join('');
        before = '';
      }
      if (before !== '') yield before;
    } finally {
      client.release();
    }
  }
  return Readable.from(texts(), { objectMode: false });
}
