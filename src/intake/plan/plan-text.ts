import type { FilePlan } from '../../core/csv/types.ts';
import type { FileHead } from '../file-head.ts';
import type { PlanAhead, Planner } from './planner.ts';

/** Of a smaller text a worker makes the plan as fast. */
const LEAST_BYTES = 1024 * 1024;

/** Has a text planned while it passes by on its way into the storage. */
export class TextPlan {
  readonly #planner: Planner;
  readonly #head: FileHead;
  readonly #expectedBytes: number | undefined;
  readonly #mayPlan: () => boolean;
  /** What has passed by before the plan was begun. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isOver: boolean;
  #plan: PlanAhead | undefined;

  /**
   * @param expectedBytes of the text, roughly; undefined: not known
   * @param mayPlan asked once the head is known
   */
  constructor(planner: Planner, head: FileHead, expectedBytes: number | undefined, mayPlan: () => boolean) {
    this.#planner = planner;
    this.#head = head;
    this.#expectedBytes = expectedBytes;
    this.#mayPlan = mayPlan;
    this.#isOver = expectedBytes !== undefined && expectedBytes < LEAST_BYTES;
  }

  async *follow(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      if (!this.#isOver) await this.#take(piece);
      yield piece;
    }
  }

  /** @returns the plan of all that has passed by; null when a worker has to make it */
  async end(): Promise<FilePlan | null> {
    this.#held = [];
    return (await this.#plan?.end()) ?? null;
  }

  /** Gives it up; to be called in the end, whatever has happened. */
  drop(): void {
    this.#isOver = true;
    this.#held = [];
    this.#plan?.drop();
  }

  async #take(piece: Buffer): Promise<void> {
    if (this.#plan !== undefined) return this.#plan.push(piece);
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes < LEAST_BYTES || !this.#head.isKnown) return;
    const { dialect, columns, header } = this.#head.shape;
    const file = { dialect, columns, dataStart: header.endByte, dataLine: header.endLine };
    // Where its records end is found behind its end.
    if ((dialect.skipFooter ?? 0) === 0 && this.#mayPlan())
      this.#plan = this.#planner.begin(file, this.#expectedBytes);
    const held = this.#held;
    this.#held = [];
    this.#isOver = this.#plan === undefined;
    for (const each of held) await this.#plan?.push(each);
  }
}
