import type { AppError } from '../errors.ts';
import { isQuestion } from './questions.ts';

/** The text up to a question, which ends it as the end of the file does: so what is stored by then stays. */
export class UntilQuestion {
  question: AppError | undefined;
  readonly #pieces: AsyncGenerator<Buffer>;
  readonly #isKept: boolean;

  /** @param isKept false: a question is thrown, and nothing stays */
  constructor(pieces: AsyncGenerator<Buffer>, isKept: boolean) {
    this.#pieces = pieces;
    this.#isKept = isKept;
  }

  async *read(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of this.#pieces) yield piece;
    } catch (error) {
      if (!this.#isKept || !isQuestion(error)) throw error;
      this.question = error;
    }
  }
}
