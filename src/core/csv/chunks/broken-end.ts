// Ends a broken record: where its cell ends further down, above a line inside it that begins a record, or where it can be read no further.
import { countQuotes } from '../grammar.ts';
import type { BrokenRecord } from '../types.ts';
import type { OpenQuote } from './open-quote.ts';
import type { Reading } from './reading.ts';
import {
  findEndOrWayOut,
  findWayOut,
  findWayOutOfLines,
  lookBehindLimit,
  lookFurtherDown,
  type WayOut,
} from './way-out.ts';

type AddBroken = (reason: BrokenRecord['reason'], columnIndex: number) => void;

/** Of each method that gives a number: more bytes are waited for, those from this place on are looked at again. */
export class BrokenEnd {
  readonly #reading: Reading;
  readonly #columns: number;
  readonly #openQuote: OpenQuote;
  readonly #add: AddBroken;

  /** @param add takes the record that ends where reading stands */
  constructor(reading: Reading, columns: number, openQuote: OpenQuote, add: AddBroken) {
    this.#reading = reading;
    this.#columns = columns;
    this.#openQuote = openQuote;
    this.#add = add;
  }

  /** The record is longer than may be; below a quote that was never closed there may be others. */
  endLimit(atEnd: boolean): number | undefined {
    const reading = this.#reading;
    const { limitAt, quoted } = reading;
    if (reading.failure === null) reading.fail(quoted ? 'unclosed-quote' : 'record-too-long', limitAt);
    if (quoted) {
      const way = this.#goOut(findWayOut(reading, limitAt, 'anywhere', this.#columns, atEnd));
      if (way === 'more') return limitAt;
      if (way === true) return undefined;
    }
    lookBehindLimit(reading);
    return undefined;
  }

  /** The broken record closed its last quote and its line; of one that is only too long every quote did close. */
  endHere(atEnd: boolean): number | undefined {
    const reading = this.#reading;
    const { reason } = reading.failure!;
    if (reason === 'record-too-long') {
      this.#end();
      return undefined;
    }
    const way = this.#goOut(findEndOrWayOut(reading, 'with-record', this.#columns, atEnd));
    if (way === 'more') return reading.recordAt;
    // Its quote did close: it is only too long.
    if (way !== true) this.#end(reason === 'unclosed-quote' ? 'record-too-long' : undefined);
    return undefined;
  }

  /** The file ends inside a quoted cell. */
  endWithFile(): void {
    const reading = this.#reading;
    if (this.#goOut(findWayOut(reading, reading.at, 'with-file', this.#columns, true)) !== true) this.#end();
  }

  /** Text follows a quote, and some lines below are read. */
  lookForWayOut(atEnd: boolean): number | undefined {
    const reading = this.#reading;
    const { searchByte } = reading.failure!;
    const way = this.#goOut(findEndOrWayOut(reading, 'anywhere', this.#columns, atEnd));
    if (way === 'more') return searchByte;
    if (way !== true) lookFurtherDown(reading, way === 'undecided');
    return undefined;
  }

  /** A quoted cell has many lines: a quote above may never have been closed. */
  doubtManyLines(atEnd: boolean): number | undefined {
    const reading = this.#reading;
    reading.patientTo = 2 * reading.line - reading.recordLine;
    if (this.#columns === 1) return undefined;
    reading.fail('unclosed-quote', reading.at);
    const way = this.#goOut(findWayOutOfLines(reading, this.#columns, atEnd));
    if (way === true) return undefined;
    reading.failure = null;
    return way === 'more' ? reading.recordAt : undefined;
  }

  /** Ends the broken record where its way out says; true when it did. */
  #goOut(way: WayOut): true | 'more' | 'undecided' | 'none' {
    const reading = this.#reading;
    if (typeof way !== 'object') return way;
    if (way.kind === 'ended') reading.moveTo(way.to);
    else {
      const { at, line } = way.restart;
      const quotes = countQuotes(reading.bytes, reading.recordAt - reading.base, at, reading.grammar);
      reading.at = at + reading.base;
      reading.line = line;
      if (quotes % 2 > 0) this.#openQuote.openAt(reading.at);
    }
    this.#end();
    return true;
  }

  #end(as?: BrokenRecord['reason']): void {
    const { reason, columnIndex } = this.#reading.endFailure();
    this.#add(as ?? reason, columnIndex);
  }
}
