// What the cells of one column have been so far. It is shown every cell of the file, so it does little with each.
import { decodeCell, DOUBLED, SPECIAL } from '../../csv/records/cell-places.ts';
import { cutValue } from '../../imports/row-error.ts';
import { markOf, type CellBatch } from './cell-batch.ts';
import { kindOfCell, KINDS, whyText, type CellKind } from './cell-kinds.ts';
import { ChoiceTable, LONGEST_CHOICE_BYTES, MOST_CHOICES } from './choice-table.ts';
import { KeySet } from './key-set.ts';
import {
  isPlainText,
  LONGEST_KEY_BYTES,
  MOST_KEY_BYTES,
  passChoices,
  passDates,
  type Passed,
  passIntegers,
  passKeys,
  passNumbers,
  passSure,
  passTexts,
} from './passes.ts';
import { passFast } from './fast-passes.ts';
import { SURE_TESTS } from './sure-tests.ts';

/** The first cell that made a column another one. */
export interface CounterExample {
  /** Physical line, from 1. */
  readonly line: number;
  /** Cut. */
  readonly value: string;
  /** Goes on from the value. */
  readonly reason: string;
}

export interface ColumnFindings {
  /** Undefined: no cell has a value. */
  readonly kind: CellKind | undefined;
  /** Cells with a value. */
  readonly values: number;
  /** Cells that are empty, or NULL. */
  readonly empty: number;
  /** Of these, texts without a character, in a file that tells them from NULL. */
  readonly emptyTexts: number;
  /** Of a text: the cell that made it one, and what the values before it were. */
  readonly counterExample: CounterExample | undefined;
  readonly before: { readonly kind: CellKind; readonly values: number } | undefined;
  /** All that there are, where they are few, with how often each is there. */
  readonly choices: readonly { readonly value: string; readonly count: number }[] | undefined;
  /** All values differ; undefined: they are no keys, or there were too many to tell. */
  readonly isUnique: boolean | undefined;
  /** The first value that is there twice. */
  readonly repeated: Pick<CounterExample, 'line' | 'value'> | undefined;
  /** Of the longest value, in UTF-8. */
  readonly longestBytes: number;
}

/** Kinds of which two values are equal in Postgres when they are in the file, and that keys are of. */
const KEY_KINDS: readonly CellKind[] = ['integer', 'uuid', 'email', 'text'];

export class ColumnEvidence {
  #kind: CellKind | undefined;
  #values = 0;
  #empty = 0;
  #emptyTexts = 0;
  #counterExample: CounterExample | undefined;
  #before: ColumnFindings['before'];
  #choices: ChoiceTable | undefined = new ChoiceTable();
  #keys: KeySet | undefined = new KeySet();
  #isUnique: boolean | undefined = true;
  #repeated: ColumnFindings['repeated'];
  #longestBytes = 0;
  readonly #keepsTexts: boolean;

  /** @param keepsTexts all are texts, whatever they look like */
  constructor(keepsTexts: boolean) {
    this.#keepsTexts = keepsTexts;
    if (keepsTexts) this.#kind = 'text';
  }

  /** @param start -1: the cell is NULL */
  look(bytes: Buffer, start: number, end: number, mark: number, line: number): void {
    if ((mark & DOUBLED) !== 0) {
      const text = Buffer.from(decodeCell(bytes, start, end, mark));
      return this.look(text, 0, text.length, (mark & ~DOUBLED) | SPECIAL, line);
    }
    if (start === end) {
      this.#empty++;
      if (start >= 0) this.#emptyTexts++;
      return;
    }
    this.#values++;
    if (end - start > this.#longestBytes) this.#longestBytes = end - start;
    if (this.#kind !== 'text') {
      const kind = kindOfCell(bytes, start, end, mark);
      if (kind !== this.#kind) this.#become(kind, () => decodeCell(bytes, start, end, mark), line);
    }
    if (this.#choices !== undefined) this.#choose(bytes, start, end);
    if (this.#keys !== undefined) this.#lookUp(bytes, start, end, mark, line);
  }

  /**
   * Looks at all cells of a column in a batch. Most tell nothing that the cells before them have not told: these are passed over in a
   * loop for columns like this one, and `look` sees the others. What is found is the same.
   */
  lookAtBatch(batch: CellBatch, column: number): void {
    const { bytes, starts, ends, lines, records, columns } = batch;
    for (let record = this.#pass(batch, column, 0); record < records;) {
      const place = record * columns + column;
      const [start, end] = [starts[place]!, ends[place]!];
      this.look(bytes, start, end, markOf(bytes, start, end), lines[record]!);
      record = this.#pass(batch, column, record + 1);
    }
  }

  /** @returns the first record from `from` on whose cell is to be looked at */
  #pass(batch: CellBatch, column: number, from: number): number {
    const passed = this.#passOver(batch, column, from);
    if (passed === undefined) return from;
    const { record, empty, longest } = passed;
    this.#empty += empty;
    this.#emptyTexts += empty;
    this.#values += record - from - empty;
    this.#longestBytes = longest;
    return record;
  }

  #passOver(batch: CellBatch, column: number, from: number): Passed | undefined {
    const kind = this.#kind;
    if (kind === undefined) return undefined;
    const choices = this.#choices;
    const keys = this.#keys;
    const isSure = SURE_TESTS[kind];
    const longest = this.#longestBytes;
    if (batch.engine !== undefined && (choices === undefined || keys === undefined)) {
      const passed = passFast(batch.engine, { kind, choices, keys }, batch, column, from, longest);
      if (passed !== undefined) return passed;
    }
    if (choices !== undefined)
      return keys === undefined ? passChoices(choices, batch, column, from, longest) : undefined;
    if (keys !== undefined) return passKeys(keys, isSure ?? isPlainText, batch, column, from, longest);
    switch (kind) {
      case 'text':
        return passTexts(batch, column, from, longest);
      case 'integer':
        return passIntegers(batch, column, from, longest);
      case 'number':
        return passNumbers(batch, column, from, longest);
      case 'date':
        return passDates(batch, column, from, longest);
      default:
        return isSure === undefined ? undefined : passSure(isSure, batch, column, from, longest);
    }
  }

  #become(kind: CellKind, text: () => string, line: number): void {
    const before = this.#kind;
    if (before === undefined) this.#kind = kind;
    else if (KINDS[kind].holds?.includes(before) === true) this.#kind = kind;
    else if (KINDS[before].holds?.includes(kind) !== true) {
      this.#kind = 'text';
      this.#before = { kind: before, values: this.#values - 1 };
    }
    if (this.#kind !== 'text') return;
    const reason =
      kind === 'text'
        ? whyText(text())
        : `is not like the values before it, which are ${KINDS[before!].called}`;
    this.#counterExample = { line, value: cutValue(text()), reason };
  }

  #choose(bytes: Buffer, start: number, end: number): void {
    const choices = this.#choices!;
    if (choices.count(bytes, start, end)) return;
    // Values that were something else before they were texts are no choices.
    const isFew = choices.size < MOST_CHOICES && end - start <= LONGEST_CHOICE_BYTES;
    if (!isFew || this.#kind !== 'text' || this.#before !== undefined) this.#choices = undefined;
    else choices.add(bytes, start, end);
  }

  #lookUp(bytes: Buffer, start: number, end: number, mark: number, line: number): void {
    const isKey = end - start <= LONGEST_KEY_BYTES && KEY_KINDS.includes(this.#kind!);
    if (!isKey || this.#keys!.bytes > MOST_KEY_BYTES) {
      this.#isUnique = undefined;
      this.#keys = undefined;
    } else if (!this.#keys!.add(bytes, start, end)) {
      this.#isUnique = false;
      this.#keys = undefined;
      this.#repeated = { line, value: cutValue(decodeCell(bytes, start, end, mark)) };
    }
  }

  get findings(): ColumnFindings {
    return {
      kind: this.#values === 0 && !this.#keepsTexts ? undefined : this.#kind,
      values: this.#values,
      empty: this.#empty,
      emptyTexts: this.#emptyTexts,
      counterExample: this.#counterExample,
      before: this.#before,
      choices: this.#choices?.all,
      isUnique: this.#values === 0 ? false : this.#isUnique,
      repeated: this.#repeated,
      longestBytes: this.#longestBytes,
    };
  }
}
