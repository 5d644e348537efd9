// The guard against formulas (core/imports/spreadsheet-guard.ts), put into the CSV that Postgres writes, as it comes by. Postgres would look
// at each text with an expression, which takes longer than the export; here a byte costs about a nanosecond.
import { Transform, type TransformCallback } from 'node:stream';
import { guard, MAY_BE_WITHIN, MAY_BEGIN } from '../../core/imports/spreadsheet-guard.ts';

const QUOTE = 0x22;
const DELIMITER = 0x2c;
const LF = 0x0a;

const ENDS_CELL = 1;
const IS_QUOTE = 2;
const SUSPECT_WITHIN = 4;
const SUSPECT_FIRST = 8;

/** What a byte may mean in a cell. Of characters that take several bytes the first one counts. */
const KINDS = new Uint8Array(256);
for (const char of MAY_BEGIN) KINDS[Buffer.from(char)[0]!]! |= SUSPECT_FIRST;
for (const char of MAY_BE_WITHIN) KINDS[Buffer.from(char)[0]!]! |= SUSPECT_WITHIN;
KINDS[DELIMITER]! |= ENDS_CELL;
KINDS[LF]! |= ENDS_CELL;
KINDS[QUOTE]! |= IS_QUOTE;

/** Where in a cell reading stands; a piece of the file may end anywhere. */
const AT_START = 0;
const UNQUOTED = 1;
/** Behind the quote that opens the cell. */
const OPENED = 2;
const QUOTED = 3;
/** Behind a quote that closes the cell, unless another one follows. */
const MAY_BE_CLOSED = 4;

/** Takes CSV as `COPY … (FORMAT csv, HEADER)` writes it, in UTF-8. */
export class CsvGuard extends Transform {
  readonly #isGuarded: readonly boolean[];
  #place = AT_START;
  /** Of the cell being read; in the header nothing is guarded. */
  #column = 0;
  #isHeader = true;
  #isSuspect = false;
  /** Pieces of the cell being read that came before. */
  #held: Buffer[] = [];

  /** @param isGuarded for each column; numbers begin with a sign and are no formulas */
  constructor(isGuarded: readonly boolean[]) {
    super();
    this.#isGuarded = isGuarded;
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#read(piece);
    done();
  }

  override _flush(done: TransformCallback): void {
    for (const piece of this.#held) this.push(piece);
    done();
  }

  #read(bytes: Buffer): void {
    const kinds = KINDS;
    const end = bytes.length;
    let place = this.#place;
    let isSuspect = this.#isSuspect;
    let cellAt = 0;
    /** Up to here all is passed on. */
    let passedTo = 0;
    for (let at = 0; at < end; at++) {
      if (place === AT_START) {
        cellAt = at;
        isSuspect = false;
        place = bytes[at] === QUOTE ? OPENED : UNQUOTED;
        if (place === OPENED) continue;
        // An empty cell ends with the byte it begins with.
        isSuspect = (kinds[bytes[at]!]! & (SUSPECT_FIRST | ENDS_CELL)) === SUSPECT_FIRST;
      } else if (place === OPENED) {
        isSuspect = (kinds[bytes[at]!]! & SUSPECT_FIRST) !== 0;
        place = QUOTED;
      }
      if (place === UNQUOTED) {
        let seen = 0;
        while (at < end && (kinds[bytes[at]!]! & ENDS_CELL) === 0) seen |= kinds[bytes[at++]!]!;
        isSuspect ||= (seen & SUSPECT_WITHIN) !== 0;
        if (at === end) break;
      } else if (place === QUOTED) {
        let seen = 0;
        while (at < end && (kinds[bytes[at]!]! & IS_QUOTE) === 0) seen |= kinds[bytes[at++]!]!;
        isSuspect ||= (seen & SUSPECT_WITHIN) !== 0;
        if (at < end) place = MAY_BE_CLOSED;
        continue;
      } else if (bytes[at] === QUOTE) {
        place = QUOTED;
        continue;
      }
      // The cell ends here.
      if (isSuspect && !this.#isHeader && this.#isGuarded[this.#column] === true) {
        const cell = guardedCell(Buffer.concat([...this.#held, bytes.subarray(cellAt, at)]));
        if (cellAt > passedTo) this.push(bytes.subarray(passedTo, cellAt));
        this.push(cell);
        passedTo = at;
      } else for (const held of this.#held) this.push(held);
      this.#held = [];
      this.#column++;
      if (bytes[at] === LF) {
        this.#column = 0;
        this.#isHeader = false;
      }
      place = AT_START;
      cellAt = at + 1;
    }
    const heldFrom = place === AT_START ? end : Math.max(cellAt, passedTo);
    if (heldFrom > passedTo) this.push(bytes.subarray(passedTo, heldFrom));
    if (heldFrom < end) this.#held.push(bytes.subarray(heldFrom));
    this.#place = place;
    this.#isSuspect = isSuspect;
  }
}

/** @param cell as it stands in the file. @returns it with its guards */
function guardedCell(cell: Buffer): string {
  const isQuoted = cell[0] === QUOTE;
  if (!isQuoted) return guard(cell.toString());
  const text = cell.toString('utf8', 1, cell.length - 1).replaceAll('""', '"');
  return `"${guard(text).replaceAll('"', '""')}"`;
}
