import { parseLossless } from '../../core/records/parse-json.ts';
import { compileRecordReader, isRefused } from '../../core/records/read-record.ts';
import { requireFilter, type RecordRequest } from '../../core/records/record-request.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { audited } from '../../db/records/audited.ts';
import { changeRecords, deleteRecords } from '../../db/records/change-records.ts';
import { invalidRecords } from '../../db/records/create-records.ts';
import { eachMatching } from '../../db/records/each-matching.ts';
import { readFailure } from '../../db/records/errors.ts';
import { lookUpWithin } from '../../db/records/look-up-values.ts';
import { requireShape } from '../../db/records/find-shape.ts';
import type { RecordKey } from '../../db/records/read-records.ts';
import { findRequest } from '../../db/records/requests.ts';
import type { Tx } from '../../db/transaction.ts';
import { askerOf, type Asker } from '../asker.ts';
import { finalIfDeclined } from '../declined.ts';
import { inTaskTransaction } from '../own-transaction.ts';
import { NonRetryable, type TaskContext } from '../task-context.ts';
import type { ChangeSettings } from './change-many.ts';

export interface ChangeArgs {
  readonly dataset: string;
  readonly request: string;
  readonly maxAffected: number;
}

export interface Affected {
  readonly matched: number;
  readonly changed: number;
}

/** How many of the ids of the records the audit log is given to choose from. */
const IDS_KEPT = 100;

interface Work {
  readonly action: 'records.change' | 'records.delete';
  /** @returns how many were changed */
  readonly change: (keys: readonly RecordKey[]) => Promise<number>;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** @throws NonRetryable for what another attempt would not mend */
export function changeMatching(
  { maxCellBytes }: ChangeSettings,
  args: ChangeArgs,
  ctx: TaskContext,
): Promise<Affected> {
  return each(args, ctx, async (tx, shape, by, { body = '' }) => {
    const read = compileRecordReader(shape, maxCellBytes).read(parseLossless(body), '', 'partial');
    if (isRefused(read)) throw invalidRecords(read);
    const values = (await lookUpWithin(tx, shape, [read]))[0]!;
    return {
      action: 'records.change',
      change: async (keys) => (await changeRecords(tx, shape, keys, values, by?.id ?? null)).length,
      details: { fields: [...values.keys()] },
    };
  });
}

/** @throws NonRetryable for what another attempt would not mend */
export function deleteMatching(args: ChangeArgs, ctx: TaskContext): Promise<Affected> {
  return each(args, ctx, (tx, shape) => ({
    action: 'records.delete',
    change: (keys) => deleteRecords(tx, shape, keys),
  }));
}

function each(
  { dataset, request: id, maxAffected }: ChangeArgs,
  ctx: TaskContext,
  begin: (tx: Tx, shape: RecordShape, by: Asker | null, request: RecordRequest) => Work | Promise<Work>,
): Promise<Affected> {
  return inTaskTransaction(ctx, async (tx) => {
    const request = await findRequest(tx, id, dataset);
    if (request === undefined)
      throw new NonRetryable(
        `What was asked for is not kept under ${id}. Send PATCH or DELETE /v1/datasets/${dataset}/records again.`,
      );
    const by = await askerOf(tx.$client, ctx.id);
    const shape = await requireShape(tx, dataset);
    try {
      const work = await begin(tx, shape, by, request);
      let done = 0;
      let changed = 0;
      const ids: RecordKey[] = [];
      const where = requireFilter(shape, request.parameters);
      const matched = await eachMatching(tx, shape, where, maxAffected, async (keys, all) => {
        ctx.signal.throwIfAborted();
        changed += await work.change(keys);
        done += keys.length;
        ids.push(...keys.slice(0, IDS_KEPT - ids.length));
        ctx.progress({ matched: all, done });
      });
      if (changed > 0) {
        const details = { records: matched, ...work.details, changed, task: ctx.id };
        await recordAudit(tx, audited(by, shape, work.action, ids, details));
      }
      return { matched, changed };
    } catch (error) {
      throw readFailure(error, shape, Infinity);
    }
  }).catch((error: unknown) => {
    throw finalIfDeclined(error);
  });
}
