// Small files, several at a time: those of one shape land in one transaction, with one COPY for each table. What becomes of each
// import is what would become of it alone. Whatever goes wrong with a group is tried for each of its imports by itself; what then
// fails is left to the queue, which counts attempts and says why.
import { isDeepStrictEqual } from 'node:util';
import type { ChunkPlan, Learnt } from '../../core/csv/types.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import { countRecords } from '../../core/imports/import-counts.ts';
import { databaseError, isUnavailable } from '../../db/errors.ts';
import { isStorageAway } from '../lacks-room.ts';
import {
  claimSmallImports,
  endSmallImports,
  type ClaimedImport,
  type SmallOutcome,
} from '../../db/imports/small-imports.ts';
import { landRows } from '../../db/landing/land-rows.ts';
import type { RefusedRow } from '../../db/landing/refusals/refused-rows.ts';
import { copyBatches } from '../../db/landing/land-together.ts';
import { isLookedUp } from '../../db/landing/stage-rows.ts';
import { isRefusal } from '../../db/landing/refusals/bisect-rows.ts';
import { inTransaction, type Tx } from '../../db/transaction.ts';
import { errorType } from '../../tracing/error-type.ts';
import { processingSpan } from '../../tracing/messaging.ts';
import { currentTracer } from '../../tracing/tracing.ts';
import type { SlotDeps } from '../work-deps.ts';
import { checkChunk, type CheckedChunk } from './check-chunk.ts';
import { keepRejects } from './load-chunk.ts';
import { scanFile } from './scan-file.ts';

/** Takes so many at a time, which bounds their memory and how long the others wait for their commit. */
export const MOST_AT_ONCE = 64;
/** A table that others have locked is left to the queue, so that files for other tables go on. */
const LOCK_WAIT_MS = 200;
const SETTINGS = `SET LOCAL lock_timeout = ${LOCK_WAIT_MS}; SET LOCAL synchronous_commit TO DEFAULT`;

/** What came of a call. */
export interface LandedSmall {
  /** Imports that were taken; fewer than `MOST_AT_ONCE`: there are no more for now. */
  readonly taken: number;
  /** Those that could not be ended here: the queue must be told of them. */
  readonly left: readonly LeftImport[];
}

export interface LeftImport {
  readonly importId: string;
  readonly reason: string;
}

/** A file that was scanned, and is one chunk. */
interface SmallFile {
  readonly imp: ClaimedImport;
  readonly chunk: ChunkPlan;
  readonly learnt: Learnt;
  /** When it was claimed, which becomes the time of its rows. */
  readonly at: string;
}

/** Some of a group were cancelled or planned by another worker while they landed; these are the others. */
class GroupShrunk extends Error {
  readonly ours: ReadonlySet<string>;
  constructor(ours: ReadonlySet<string>) {
    super("small imports are no longer this worker's to land");
    this.ours = ours;
  }
}

/** Takes small imports that wait, and lands them. Never throws because of one of them. @throws when Postgres is away */
export async function landSmallImports(deps: SlotDeps): Promise<LandedSmall> {
  const { imports: claimed, at } = await claimSmallImports(deps.db, MOST_AT_ONCE);
  const left: LeftImport[] = [];
  for (const group of groupsOf(claimed)) {
    const files: SmallFile[] = [];
    for (const imp of group) {
      const { chunks, learnt } = await scanFile(deps, imp);
      // One of many chunks, or of too many records, is not small after all.
      if (chunks.length !== 1)
        left.push({ importId: imp.id, reason: 'it has more records than one chunk holds' });
      else
        files.push({
          imp: { ...imp, dialect: { ...imp.dialect, ...learnt } },
          chunk: chunks[0]!,
          learnt,
          at,
        });
    }
    left.push(...(await landGroup(deps, files)));
  }
  return { taken: claimed.length, left };
}

/** Imports whose rows can be copied together: of one dataset, as one and the same document has it, from the same columns. */
function groupsOf(claimed: readonly ClaimedImport[]): ClaimedImport[][] {
  const groups: ClaimedImport[][] = [];
  for (const imp of claimed) {
    const group = groups.find(
      ([first]) =>
        first!.dataset === imp.dataset &&
        isDeepStrictEqual(first!.document, imp.document) &&
        isDeepStrictEqual(first!.columns, imp.columns),
    );
    if (group === undefined) groups.push([imp]);
    else group.push(imp);
  }
  return groups;
}

/** How checked files land: gives for each the rows that Postgres refused. */
type LandFiles = (tx: Tx, checked: readonly CheckedChunk[]) => Promise<RefusedRow[][]>;

/** Tells the refused rows from the others. */
const eachForItself: LandFiles = async (tx, checked) => {
  const refused: RefusedRow[][] = [];
  for (const file of checked) refused.push((await landRows(tx, file)).refused);
  return refused;
};

/** What most files allow: no row is refused. @throws when one is, which ends the transaction */
const atOnce: LandFiles = async (tx, checked) => {
  const { tables } = checked[0]!;
  // Who brings the rows of a table that exists is noted for each file; what is looked up has no COPY of its own.
  if (tables.at(-1)!.existing !== undefined || tables.some(isLookedUp)) return eachForItself(tx, checked);
  await copyBatches(tx, checked);
  return checked.map(() => []);
};

/** @returns the imports that could not be landed @throws when Postgres is away */
async function landGroup(deps: SlotDeps, files: readonly SmallFile[]): Promise<LeftImport[]> {
  if (files.length === 0) return [];
  return tracedFiles(files, () => landEach(deps, files));
}

/** Each file has a span in its own trace; what they share is in that of the first. */
async function tracedFiles(
  files: readonly SmallFile[],
  land: () => Promise<LeftImport[]>,
): Promise<LeftImport[]> {
  const tracer = currentTracer();
  if (tracer === undefined) return land();
  const spans = files.map(({ imp: { id, traceparent } }) =>
    tracer.begin(
      processingSpan({ ...IMPORT, id }, traceparent, { 'messaging.batch.message_count': files.length }),
    ),
  );
  try {
    const left = await spans[0]!.enter(land);
    for (const [at, { imp }] of files.entries())
      if (left.some(({ importId }) => importId === imp.id)) spans[at]!.fail('left-to-the-queue');
    return left;
  } catch (error) {
    for (const span of spans) span.fail(errorType(error));
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

async function landEach(deps: SlotDeps, files: readonly SmallFile[]): Promise<LeftImport[]> {
  let failure = await failureOf(deps, files, atOnce);
  if (isRefusal(failure)) failure = await failureOf(deps, files, eachForItself);
  if (failure === null) return [];
  const left: LeftImport[] = [];
  for (const file of files) {
    const own = files.length === 1 ? failure : await failureOf(deps, [file], eachForItself);
    if (own !== null)
      left.push({ importId: file.imp.id, reason: databaseError(own)?.message ?? own.message });
  }
  return left;
}

/**
 * Lands files together, less those that are no longer ours.
 * @returns why that could not be done; null: it is done
 * @throws when Postgres is away
 */
async function failureOf(
  deps: SlotDeps,
  files: readonly SmallFile[],
  land: LandFiles,
): Promise<Error | null> {
  for (let ours = files; ours.length > 0;) {
    try {
      await inTransaction(deps.db, (tx) => landFiles(deps, tx, ours, land), SETTINGS);
      return null;
    } catch (error) {
      if (isUnavailable(error) && !isStorageAway(error)) throw error;
      if (!(error instanceof GroupShrunk)) return error as Error;
      ours = ours.filter(({ imp }) => error.ours.has(imp.id));
    }
  }
  return null;
}

/** @throws GroupShrunk */
async function landFiles(
  deps: SlotDeps,
  tx: Tx,
  files: readonly SmallFile[],
  land: LandFiles,
): Promise<void> {
  const checked: CheckedChunk[] = [];
  for (const { imp, chunk, at } of files) checked.push(await checkChunk(deps, tx, imp, chunk, at));
  const refused = await land(tx, checked);
  const outcomes: SmallOutcome[] = [];
  for (const [at, { imp, chunk, learnt }] of files.entries()) {
    const outcome = await keepRejects(deps, tx, imp, chunk, checked[at]!, refused[at]!);
    const { loaded: landed, rejected, errors } = outcome;
    const counts = countRecords({ ...imp, records: chunk.records, landed, rejected, errors });
    outcomes.push({ importId: imp.id, chunk, learnt, outcome, counts });
  }
  const ended = await endSmallImports(tx, outcomes);
  if (ended.size < files.length) throw new GroupShrunk(ended);
}
