// What a task tells about itself besides its status.

/** Why a task failed: a code of errors.ts or of the worker, a sentence, and where it helps the chunk. */
export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly chunkNo?: number;
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
