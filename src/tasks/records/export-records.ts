import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { parseExport } from '../../core/records/parse-query.ts';
import type { ExportFormat } from '../../core/records/record-request.ts';
import { directAddress } from '../../db/connection.ts';
import { openDatabase, type DatabaseClient } from '../../db/client.ts';
import { isUnavailable } from '../../db/errors.ts';
import { recordExport } from '../../db/records/exports.ts';
import { requireShape } from '../../db/records/find-shape.ts';
import { findRequest } from '../../db/records/requests.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../logger.ts';
import { openRecordsFile } from '../../outcome/records/records-file.ts';
import { exportKey } from '../../storage/keys.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { finalIfDeclined } from '../declined.ts';
import { inTaskTransaction } from '../own-transaction.ts';
import { NonRetryable, snooze, type TaskContext } from '../task-context.ts';
import type { ExportSettings } from './export.ts';

export interface ExportArgs {
  readonly dataset: string;
  /** Of the request that is kept. */
  readonly request: string;
  readonly format: ExportFormat;
  readonly raw: boolean;
}

export interface Exported {
  readonly records: number;
  readonly bytes: number;
  /** The path to fetch it from. */
  readonly file: string;
  readonly expiresAt: string;
}

/** While Postgres is away the task is tried again after this. */
const AWAY_AGAIN = '2s';

/** @throws NonRetryable for what another attempt would not mend */
export async function exportRecords(
  settings: ExportSettings,
  args: ExportArgs,
  ctx: TaskContext,
): Promise<Exported> {
  const logger = createLogger(settings, 'worker');
  // Its own, for as long as it lasts: neither the connections of tasks nor other programs behind a pooler must wait for it.
  const database = openDatabase(directAddress(settings), { name: 'export', max: 1, logger });
  const storage = openStorage(settings);
  const key = exportKey(ctx.id, randomUUID());
  try {
    const { stream, records } = await openAsked(database, args);
    const bytes = await storage.write(key, counted(stream, ctx), ctx.signal);
    try {
      ctx.signal.throwIfAborted();
      const { dataset, format } = args;
      const made = { id: ctx.id, dataset, format, key, records: records(), bytes };
      const expiresAt = await inTaskTransaction(ctx, (tx) =>
        recordExport(tx, { ...made, keepHours: settings.exportHours }),
      );
      return {
        records: made.records,
        bytes,
        file: `${settings.basePath}/v1/datasets/${encodeURIComponent(dataset)}/exports/${ctx.id}`,
        expiresAt: expiresAt.toISOString(),
      };
    } catch (error) {
      await storage.remove(key);
      throw error;
    }
  } catch (error) {
    if (isUnavailable(error)) throw snooze(AWAY_AGAIN);
    throw finalIfDeclined(error);
  } finally {
    await database.close();
  }
}

async function openAsked({ db, pool }: DatabaseClient, { dataset, request: id, format, raw }: ExportArgs) {
  const { shape, query } = await inTransaction(db, async (tx) => {
    const request = await findRequest(tx, id, dataset);
    if (request === undefined)
      throw new NonRetryable(
        `What was asked for is not kept under ${id}. Send POST /v1/datasets/${dataset}/records.${format} again.`,
      );
    const found = await requireShape(tx, dataset);
    return { shape: found, query: parseExport(found, request.parameters) };
  });
  return openRecordsFile(pool, shape, query, { format, raw, timeoutMs: Infinity });
}

/** Says how far it is. Whoever stops early ends the source too. */
function counted(source: Readable, ctx: TaskContext): Readable {
  async function* pieces(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const piece of source as AsyncIterable<Buffer>) {
      yield piece;
      bytes += piece.length;
      ctx.progress({ bytes });
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}
