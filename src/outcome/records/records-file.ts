// All records of a query as a file, streamed: for a download, and for a file that is kept.
import { pipeline, Readable } from 'node:stream';
import type pg from 'pg';
import type { ExportQuery } from '../../core/records/query.ts';
import type { ExportFormat } from '../../core/records/record-request.ts';
import type { RecordColumn, RecordShape } from '../../core/records/record-shape.ts';
import { compileWriter } from '../../core/records/write-record.ts';
import { readFailure } from '../../db/records/errors.ts';
import { copyRecords, flatColumns, readAll } from '../../db/records/export-records.ts';
import { CsvGuard } from './csv-guard.ts';
import { recordsWorkbook } from './workbook.ts';

export interface RecordsFile {
  /** It holds a connection until it has ended or is destroyed. */
  readonly stream: Readable;
  /** How many it has; known when it has ended. */
  readonly records: () => number;
}

export interface FileOptions {
  readonly format: ExportFormat;
  /** Of a CSV: without the guard against formulas. */
  readonly raw: boolean;
  /** What Postgres may take for a statement, for the message of one that took longer. */
  readonly timeoutMs: number;
}

/** @throws AppError CONFLICT for what no sheet of a workbook holds, before the file has begun */
export async function openRecordsFile(
  pool: pg.Pool,
  shape: RecordShape,
  asked: ExportQuery,
  { format, raw, timeoutMs }: FileOptions,
): Promise<RecordsFile> {
  const query = asInFiles(asked);
  let records = 0;
  const written = (more: number): void => void (records += more);
  switch (format) {
    case 'csv': {
      const copied = await csvStream(pool, shape, query);
      const stream = raw ? copied : guarded(copied, query);
      return { stream, records: () => copied.rowCount };
    }
    case 'xlsx':
      return { stream: await recordsWorkbook(pool, shape, query, written), records: () => records };
    case 'json':
    case 'ndjson': {
      const texts = jsonTexts(pool, shape, query, format, timeoutMs, written);
      return { stream: Readable.from(texts, { objectMode: false }), records: () => records };
    }
  }
}

/** What an import looks up is in a file as an import takes it. */
function asInFiles(query: ExportQuery): ExportQuery {
  const inFile = (column: RecordColumn): RecordColumn => column.inFiles ?? column;
  return {
    ...query,
    select: query.select.map((each) =>
      'column' in each ? { column: inFile(each.column) } : { ...each, columns: each.columns.map(inFile) },
    ),
  };
}

async function* jsonTexts(
  pool: pg.Pool,
  shape: RecordShape,
  query: ExportQuery,
  format: 'json' | 'ndjson',
  timeoutMs: number,
  written: (records: number) => void,
): AsyncGenerator<string> {
  const write = compileWriter(query.select);
  const [open, between, close] = format === 'json' ? ['[\n', ',\n', '\n]\n'] : ['', '\n', '\n'];
  const client = await pool.connect();
  let before = open;
  try {
    for await (const rows of readAll(client, shape, query)) {
      written(rows.length);
      yield before + rows.map(write).join(between);
      before = between;
    }
    if (before === between || format === 'json') yield before === between ? close : `${open}]\n`;
  } catch (error) {
    throw readFailure(error, shape, timeoutMs);
  } finally {
    client.release();
  }
}

/** Numbers, dates and times begin with a sign or a digit, and are no formulas. */
function guarded(csv: Readable, query: ExportQuery): Readable {
  const texts = flatColumns(query.select).map(({ column: { kind } }) => kind === 'text' || kind === 'json');
  // Whoever reads hears of an error, and what is not read to its end is closed.
  return pipeline(csv, new CsvGuard(texts), () => undefined);
}

async function csvStream(
  pool: pg.Pool,
  shape: RecordShape,
  query: ExportQuery,
): ReturnType<typeof copyRecords> {
  const client = await pool.connect();
  try {
    const stream = await copyRecords(client, shape, query);
    let isRead = false;
    stream.once('end', () => (isRead = true));
    // It does not end by itself when Postgres refuses the statement.
    stream.once('error', () => stream.destroy());
    // Of a connection in the midst of a COPY nothing else can be asked.
    stream.once('close', () => {
      if (!isRead) return client.release(true);
      void client.query('ROLLBACK').then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
    });
    return stream;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
