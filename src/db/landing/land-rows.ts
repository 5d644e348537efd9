// Lands checked rows: one COPY for each table, and when Postgres refuses, the refused rows are told from the others.
import { landTogether } from './land-together.ts';
import { landStaged } from './land-staged.ts';
import { moveToWaiting, readTarget, stageExisting } from './existing/stage-existing.ts';
import { dropRefused, openRefused, readRefused, type RefusedRow } from './refusals/refused-rows.ts';
import { isLookedUp, stageRows, type RowBatch } from './stage-rows.ts';
import { qualifiedName } from '../identifiers.ts';
import { takePlaces, type ImportPlaces } from './take-places.ts';
import type { Tx } from '../transaction.ts';

export interface LandedRows {
  /** The rows Postgres refused, ascending; all others have landed. */
  readonly refused: RefusedRow[];
  /** Rows of other chunks in whose place rows of the batch stand now, ascending. */
  readonly displaced: RefusedRow[];
}

/**
 * Lands the batch within the caller's transaction.
 * @param places of an import whose other chunks land beside this one
 * @throws anything that is not about the rows themselves
 */
export async function landRows(tx: Tx, batch: RowBatch, places?: ImportPlaces): Promise<LandedRows> {
  if (batch.tables.at(-1)!.existing !== undefined) return landExisting(tx, batch, places);
  const isDone =
    batch.rowCounts.at(-1) === 0 || (!batch.tables.some(isLookedUp) && (await landTogether(tx, [batch])));
  if (isDone) return { refused: [], displaced: [] };
  await openRefused(tx);
  const staged = await stageRows(tx, batch);
  await landStaged(tx, staged);
  const displaced = places === undefined ? [] : await takePlaces(tx, staged, places);
  const refused = await readRefused(tx, 0, Number.MAX_SAFE_INTEGER);
  await tx.$client.query(`DROP TABLE ${staged.map((table) => table.staged).join(', ')}`);
  await dropRefused(tx);
  return { refused, displaced };
}

/** Rows for a table that exists, into it or, of a staged import, to where they wait. */
async function landExisting(tx: Tx, batch: RowBatch, places?: ImportPlaces): Promise<LandedRows> {
  const target = batch.tables[0]!;
  if (batch.rowCounts[0] === 0) return { refused: [], displaced: [] };
  // From now on nobody alters it.
  await tx.$client.query(`LOCK TABLE ${qualifiedName(target.existing!)} IN ROW EXCLUSIVE MODE`);
  await openRefused(tx);
  const existing = await readTarget(tx, target);
  const staged = await stageExisting(tx, batch, existing);
  const isDirect = target.schema === target.existing!.schema && target.table === target.existing!.table;
  if (isDirect) await landStaged(tx, [staged]);
  else await moveToWaiting(tx, staged, target);
  const displaced = isDirect && places !== undefined ? await takePlaces(tx, [staged], places) : [];
  const refused = await readRefused(tx, 0, Number.MAX_SAFE_INTEGER);
  await tx.$client.query(`DROP TABLE ${staged.staged}`);
  await dropRefused(tx);
  return { refused, displaced };
}
