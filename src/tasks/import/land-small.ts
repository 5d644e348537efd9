// Small files, several at a time: those of one shape land in one transaction, with one COPY for each table. What becomes of each
// import is what would become of it alone. Whatever goes wrong with a group is tried for each of its imports by itself; what then
// fails is left to the queue, which counts attempts and says why.
import { isDeepStrictEqual } from 'node:util';
import type { ChunkPlan } from '../../core/csv/types.ts';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { countRecords } from '../../core/imports/import-counts.ts';
import { fillTimes } from '../../db/datasets/dataset-tables.ts';
import { databaseError, isUnavailable } from '../../db/errors.ts';
import {
  claimSmallImports,
  endSmallImports,
  planSmallImports,
  type SmallOutcome,
} from '../../db/imports/small-imports.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { landRows } from '../../db/landing/land-rows.ts';
import type { RefusedRow } from '../../db/landing/refusals/refused-rows.ts';
import { landTogether } from '../../db/landing/land-together.ts';
import { inTransaction, type Tx } from '../../db/transaction.ts';
import type { SlotDeps } from '../work-deps.ts';
import { checkChunk, type CheckedChunk } from './check-chunk.ts';
import { keepRejects } from './load-chunk.ts';
import { scanFile } from './scan-file.ts';

/** Bounds the memory of a group and how long the others wait for its commit. */
const MOST_AT_ONCE = 64;
/** A table that others have locked is left to the queue, so that files for other tables go on. */
const LOCK_WAIT_MS = 200;

/** What came of a call. */
export interface LandedSmall {
  /** Imports that were taken; less than a whole group: there are no more for now. */
  readonly taken: number;
  /** Those that could not be ended here: the queue must be told of them. */
  readonly left: readonly LeftImport[];
}

export interface LeftImport {
  readonly importId: string;
  readonly reason: string;
}

interface SmallFile {
  readonly imp: ImportRow;
  readonly chunk: ChunkPlan;
  readonly records: number;
}

/** Takes small imports that wait, and lands them. Never throws because of one of them. @throws when Postgres is away */
export async function landSmallImports(deps: SlotDeps): Promise<LandedSmall> {
  const claimed = await claimSmallImports(deps.db, MOST_AT_ONCE);
  const left: LeftImport[] = [];
  for (const group of groupsOf(claimed)) {
    const files: SmallFile[] = [];
    for (const imp of group) {
      const { chunks, records, learnt } = await scanFile(deps, imp);
      // One of many chunks, or of too many records, is not small after all.
      if (chunks.length !== 1)
        left.push({ importId: imp.id, reason: 'it has more records than one chunk holds' });
      else
        files.push({ imp: { ...imp, dialect: { ...imp.dialect, ...learnt } }, chunk: chunks[0]!, records });
    }
    left.push(...(await landGroup(deps, files)));
  }
  return { taken: claimed.length, left };
}

/** Imports whose rows can be copied together: of one dataset, as one and the same document has it, from the same columns. */
function groupsOf(claimed: readonly ImportRow[]): ImportRow[][] {
  const groups: ImportRow[][] = [];
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

/** @returns the imports that could not be landed @throws when Postgres is away */
async function landGroup(deps: SlotDeps, files: readonly SmallFile[]): Promise<LeftImport[]> {
  if (files.length === 0 || (await failureOf(deps, files)) === null) return [];
  const left: LeftImport[] = [];
  for (const file of files) {
    const reason = await failureOf(deps, [file]);
    if (reason !== null) left.push({ importId: file.imp.id, reason });
  }
  return left;
}

/** Lands files together. @returns why that could not be done; null: it is done */
async function failureOf(deps: SlotDeps, files: readonly SmallFile[]): Promise<string | null> {
  try {
    await landInOneTransaction(deps, files);
    return null;
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return databaseError(error)?.message ?? (error as Error).message;
  }
}

async function landInOneTransaction(deps: SlotDeps, files: readonly SmallFile[]): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    await tx.$client.query(
      `SET LOCAL lock_timeout = ${LOCK_WAIT_MS}; SET LOCAL synchronous_commit TO DEFAULT`,
    );
    const held = await planSmallImports(
      tx,
      files.map(({ imp, records }) => ({
        importId: imp.id,
        records,
        learnt: imp.dialect.tableEnd === undefined ? {} : { tableEnd: imp.dialect.tableEnd },
      })),
    );
    const mine = files.filter(({ imp }) => held.has(imp.id));
    if (mine.length === 0) return;
    const timesAreFilled = await fillTimes(tx, landingTables(mine[0]!.imp.document));
    const checked: CheckedChunk[] = [];
    for (const { imp, chunk } of mine) checked.push(await checkChunk(deps, tx, imp, chunk, timesAreFilled));
    const refused = await landAll(tx, checked);
    const outcomes: SmallOutcome[] = [];
    for (const [at, { imp, chunk, records }] of mine.entries()) {
      const outcome = await keepRejects(deps, tx, imp, chunk, checked[at]!, refused[at]!);
      const { loaded: landed, rejected, errors } = outcome;
      const counts = countRecords({ ...imp, records, landed, rejected, errors });
      outcomes.push({ importId: imp.id, chunk, outcome, counts });
    }
    await endSmallImports(tx, outcomes);
  });
}

/** @returns for each file the rows that Postgres refused */
async function landAll(tx: Tx, checked: readonly CheckedChunk[]): Promise<RefusedRow[][]> {
  if (await landTogether(tx, checked)) return checked.map(() => []);
  const refused: RefusedRow[][] = [];
  for (const file of checked) refused.push((await landRows(tx, file)).refused);
  return refused;
}
