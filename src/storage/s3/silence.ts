import { AppError } from '../../errors.ts';

/** An upload that fails is cleaned up in several steps, one after the other. */
const SILENT_FOR_MS = 10_000;

/**
 * An S3 that does not answer costs each request a minute until it is given up. Who cleans up behind such a failure has somebody waiting for it,
 * so for a few seconds nothing is removed: the sweep does that.
 */
export class Silence {
  #last: { readonly at: number; readonly error: AppError } | undefined;

  /** @returns the failure, as it was told. One that comes from `refuse` is not another silence. */
  note(error: unknown): unknown {
    if (error instanceof AppError && error.params['reason'] === 'silent' && error !== this.#last?.error)
      this.#last = { at: performance.now(), error };
    return error;
  }

  /** @throws AppError STORAGE_UNAVAILABLE: S3 was silent a moment ago */
  refuse(): void {
    if (this.#last !== undefined && performance.now() - this.#last.at < SILENT_FOR_MS) throw this.#last.error;
  }
}
