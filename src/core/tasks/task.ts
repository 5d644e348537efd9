// What a task tells about itself besides its status.
import type { TaskErrorCode } from './task-errors.ts';

/** Why a task failed: a code, a sentence, and where it helps the chunk. */
export interface TaskError {
  readonly code: TaskErrorCode;
  readonly message: string;
  readonly chunkNo?: number;
  /** Of a task that threw: where in its code. */
  readonly stack?: string;
  /** The name of the error it threw. */
  readonly type?: string;
}

/** Progress of an import; bytes are of the stored file's data part. Rates are over the run up to the last chunk done. */
export interface ImportProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly rowsDone: number;
  /** Null until the file has been scanned. */
  readonly rowsTotal: number | null;
  readonly chunksDone: number;
  readonly chunksTotal: number | null;
  readonly rowsPerSecond: number | null;
  readonly etaSeconds: number | null;
}

/** What an undo did. `deleted + changed + held + referenced + gone` is what the import had loaded. */
export interface UndoResult {
  readonly deleted: number;
  /** Kept, because they or a row they are linked to were changed since. */
  readonly changed: number;
  /** Kept, because an upsert that has succeeded since found them as its file has them. */
  readonly held: number;
  /** Kept, because a row that stays refers to them, of a table outside the dataset or of the same table. */
  readonly referenced: number;
  /** Were no longer there. */
  readonly gone: number;
  /** The first of those referenced, in file order. */
  readonly references: {
    readonly row: number;
    readonly id: string;
    readonly referencedBy: string;
  }[];
}
