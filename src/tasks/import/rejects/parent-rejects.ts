// The rejects of the import that a retry mends: which records these are, and what is wrong with them.
import { RowSet } from '../../../core/imports/row-set.ts';
import { listRejectKeys } from '../../../db/imports/chunks.ts';
import { readRejects } from '../../../storage/reject-parts.ts';
import type { Tx } from '../../../db/transaction.ts';
import type { SlotDeps } from '../../work-deps.ts';

/** Codes of records that must not land as they were (core/imports/unmended.ts). */
const MARKS = ['[encoding-error]', '[quote-error]', '[size-error]', '[table-error]'];

export interface ParentRejects {
  has(row: number): boolean;
  /** Those of MARKS that the errors of the record hold, for a file that comes back without its column `_errors`. */
  told(row: number): string;
}

/** Reads them from the reject parts, or has them still from the chunk before. @throws AppError FILE_GONE */
export async function readParentRejects(deps: SlotDeps, tx: Tx, importId: string): Promise<ParentRejects> {
  const { lastRejects } = deps.memory;
  if (lastRejects.importId !== importId || lastRejects.rejects === undefined) {
    lastRejects.rejects = await collect(deps, tx, importId);
    lastRejects.importId = importId;
  }
  return lastRejects.rejects;
}

async function collect({ storage }: SlotDeps, tx: Tx, importId: string): Promise<ParentRejects> {
  const rows = new RowSet();
  const marked = MARKS.map((mark) => ({ mark, rows: new RowSet() }));
  for (const key of await listRejectKeys(tx, importId))
    for await (const { row, errors, isFinal } of readRejects(storage, key)) {
      if (isFinal === true) continue;
      rows.add(row);
      for (const each of marked) if (errors.includes(each.mark)) each.rows.add(row);
    }
  return {
    has: (row) => rows.has(row),
    told: (row) => marked.flatMap((each) => (each.rows.has(row) ? each.mark : [])).join(''),
  };
}
