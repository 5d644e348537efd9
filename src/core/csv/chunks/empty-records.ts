// Records without a value that were left out, as far as lines below may still show that they are lines of a damaged record.
import type { Reading } from './reading.ts';

/** Below so many in a row, no other table is looked for. */
const MOST_IN_A_ROW = 64;

export class EmptyRecords {
  /** All that were left out. */
  count = 0;
  /** Where those begin that are not settled. */
  #unsettled: number[] = [];
  #inARow = 0;
  #end = -1;

  /** The record that ends where reading stands. @returns whether another table may begin below, as below a blank line */
  add({ recordAt, at }: Reading): boolean {
    this.count++;
    this.#unsettled.push(recordAt);
    this.#inARow = this.#end === recordAt ? this.#inARow + 1 : 1;
    this.#end = at;
    return this.#inARow <= MOST_IN_A_ROW;
  }

  /** What stands above the place is settled. */
  settle(byte: number): void {
    if (this.#unsettled.length > 0) this.#unsettled = this.#unsettled.filter((at) => at >= byte);
  }

  /** Those from the place on are lines of a damaged record. @returns how many */
  takeBack(from: number): number {
    const kept = this.#unsettled.filter((at) => at < from);
    const taken = this.#unsettled.length - kept.length;
    this.#unsettled = kept;
    this.count -= taken;
    return taken;
  }
}
