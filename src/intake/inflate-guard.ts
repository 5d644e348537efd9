// Stops a packed file that inflates without end.
import type { Config } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { tooLarge } from './too-large.ts';

export type InflateLimits = Pick<Config, 'maxUploadBytes' | 'maxInflateRatio'>;

/** Small files may be as repetitive as they like. */
const RATIO_FROM_BYTES = 8 * 1024 * 1024;

export class InflateGuard {
  #inflated = 0;
  readonly #what: string;
  readonly #limits: InflateLimits;

  /** @param what is inflated, for the message */
  constructor(what: string, limits: InflateLimits) {
    this.#what = what;
    this.#limits = limits;
  }

  /**
   * @param inflated bytes that came out now
   * @param packed bytes that went in so far, or in all
   * @throws AppError UPLOAD_TOO_LARGE, UPLOAD_INFLATES_TOO_FAR
   */
  count(inflated: number, packed: number): void {
    const { maxUploadBytes, maxInflateRatio } = this.#limits;
    this.#inflated += inflated;
    if (this.#inflated > maxUploadBytes) throw tooLarge(maxUploadBytes, 'inflated');
    if (this.#inflated > RATIO_FROM_BYTES && this.#inflated > packed * maxInflateRatio)
      throw new AppError(
        'UPLOAD_INFLATES_TOO_FAR',
        `The ${this.#what} inflates to more than ${maxInflateRatio} times its size, the limit here (SLUICE_MAX_INFLATE_RATIO). Send it unpacked, or ask the operator for a higher limit. Nothing was kept.`,
        { limit: maxInflateRatio },
      );
  }
}
