// unprocessed.csv: the records that neither landed nor were rejected, read from the stored file, ready to be sent again.
import { Readable } from 'node:stream';
import { scanChunks } from '../core/csv/chunks/scan-chunks.ts';
import { type ByteRange, type ChunkPlan, type FileDialect, tellsNull } from '../core/csv/types.ts';
import { isDirect } from '../core/imports/import-mode.ts';
import { describeErrors, REJECT_ERRORS_COLUMN, ROW_COLUMN } from '../core/imports/rejects.ts';
import { RowSet } from '../core/imports/row-set.ts';
import { readSentRecords, type SentRecord } from '../core/imports/sent-records.ts';
import { listChunks, type ChunkRow } from '../db/imports/chunks.ts';
import type { ImportRow } from '../db/imports/imports.ts';
import { readKeptRows, readTakenBack } from '../db/landing/take-back.ts';
import { readRejects } from '../storage/reject-parts.ts';
import { createReusedBytes } from '../storage/reused-bytes.ts';
import { uploadReader } from '../storage/upload-bytes.ts';
import type { OutcomeDeps } from './outcome-deps.ts';
import { LinePieces } from './line-pieces.ts';
import { rejectLines } from './reject-lines.ts';

const CHUNKS_PER_QUERY = 100;

/** Gives a range of the stored file, good until it is called again. */
type ReadRange = (range: ByteRange) => Promise<Buffer>;

/** A chunk with records that have not landed, and where its rejects are. */
type UnlandedChunk = ChunkPlan & Pick<ChunkRow, 'status' | 'rejectsKey'>;

type IsLeft = (record: SentRecord) => boolean;

/**
 * Streams the file, a chunk in memory at a time.
 * @param imp has ended
 * @param raw leaves out the guard against spreadsheet formulas
 */
export function streamUnprocessed(deps: OutcomeDeps, imp: ImportRow, raw: boolean): Readable {
  const header = imp.columns.map((column) => column.header);
  const errorsAt = header.indexOf(REJECT_ERRORS_COLUMN);
  const { head, line } = rejectLines(header, raw, tellsNull(imp.dialect));
  const rowAt = imp.parentId === null ? -1 : header.indexOf(ROW_COLUMN);
  const format = ({ row, cells, errors }: SentRecord): string =>
    line(
      // A retry goes by the numbers of the first file.
      cells[rowAt] ?? String(row),
      // What a file of ours said of a record is still true of it when nobody has looked at it since.
      errors.length > 0 ? describeErrors(errors, imp.dialect) : (cells[errorsAt] ?? ''),
      cells,
    );

  const read: ReadRange = uploadReader(deps.storage, imp, createReusedBytes());
  const rowOf = ({ row, cells }: SentRecord): number => (rowAt === -1 ? row : Number(cells[rowAt] ?? 0) || 0);

  async function* pieces(): AsyncGenerator<Buffer> {
    const takenBack = imp.kept === null ? undefined : await takenBackRows(deps, imp);
    const wasTakenBack: IsLeft = (record) => takenBack?.has(rowOf(record)) ?? true;
    const file = imp.plannedAt === null ? { ...imp, dialect: await findTableEnd(deps, imp, read) } : imp;
    // The head goes out together with the first record, so that a file that is gone fails the stream before its first byte.
    const lines = new LinePieces();
    lines.add(head);
    for await (const chunk of unlandedChunks(deps, imp, read)) {
      const isLeft = await leftIn(deps, imp, chunk, wasTakenBack);
      await readSentRecords(file, chunk, read, deps.config, (record) => {
        if (isLeft(record)) lines.add(format(record));
      });
      yield* lines.take();
    }
    yield* lines.take();
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** Planning finds out where another table begins in the file; a file that was never planned is scanned for it. */
async function findTableEnd({ config }: OutcomeDeps, imp: ImportRow, read: ReadRange): Promise<FileDialect> {
  const plan = scanChunks(imp, read, config);
  let step = await plan.next();
  while (step.done !== true) step = await plan.next();
  return { ...imp.dialect, ...step.value };
}

/** Chunks that hold records which did not land, or whose rows were taken back. */
function chunksToRead(imp: ImportRow): 'all' | 'undone' | 'none' {
  if (imp.kept !== null) return 'all';
  if (isDirect(imp)) return 'undone';
  return imp.published === null ? 'all' : 'none';
}

/**
 * Records whose rows Sluice itself has taken out of the table. What other programs have done to a row, or to its `import_id`, does not
 * bring its record here.
 */
async function takenBackRows({ database }: OutcomeDeps, imp: ImportRow): Promise<RowSet> {
  const rows = new RowSet();
  for await (const runs of readTakenBack(database.db, imp.id))
    for (const [first, last] of runs) rows.addRun(first, last);
  for await (const some of readKeptRows(database.db, imp.id)) for (const row of some) rows.remove(row);
  return rows;
}

/** Which records of the chunk neither stand in the table nor are among the rejects. */
async function leftIn(
  deps: OutcomeDeps,
  imp: ImportRow,
  chunk: UnlandedChunk,
  wasTakenBack: IsLeft,
): Promise<IsLeft> {
  const rejected = await rejectedRecords(deps, imp, chunk);
  const isRejected: IsLeft = ({ row, line }) => rejected.has(imp.parentId === null ? row : line);
  switch (chunk.status) {
    case 'waiting':
      return () => true;
    case 'done':
      return (record) => !isRejected(record) && wasTakenBack(record);
    case 'undone':
      // Its rejects do not count any more.
      return (record) => isRejected(record) || wasTakenBack(record);
  }
}

async function* unlandedChunks(
  deps: OutcomeDeps,
  imp: ImportRow,
  read: ReadRange,
): AsyncGenerator<UnlandedChunk> {
  if (imp.plannedAt === null) {
    // The plan that the import would have had.
    const plan = scanChunks(imp, read, deps.config);
    for await (const chunk of plan) yield { ...chunk, status: 'waiting', rejectsKey: null };
    return;
  }
  const which = chunksToRead(imp);
  if (which === 'none') return;
  for (let after = -1; ;) {
    const chunks = await listChunks(deps.database.db, imp.id, which, after, CHUNKS_PER_QUERY);
    yield* chunks;
    if (chunks.length < CHUNKS_PER_QUERY) return;
    after = chunks.at(-1)!.chunkNo;
  }
}

/** By their numbers; of a retry, in which two may claim the same number, by their lines. */
async function rejectedRecords(
  { storage }: OutcomeDeps,
  { parentId }: ImportRow,
  { rejectsKey }: UnlandedChunk,
): Promise<RowSet> {
  const records = new RowSet();
  if (rejectsKey !== null)
    for await (const { row, line = 0 } of readRejects(storage, rejectsKey))
      records.add(parentId === null ? row : line);
  return records;
}
