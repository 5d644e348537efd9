// The hot loop: passes over sound records of the usual grammar (cells in quotes, a quote in them doubled, a delimiter of one byte) and
// leaves whatever else there may be, from that byte on, to the loop that knows all of the grammar (record-loop.ts). It looks at four bytes
// at once, and of these only at those that may be a line end or a quote.
import type { HeaderAgain } from '../dialect/header-again.ts';
import { NO_ENDINGS } from '../dialect/header-variants.ts';
import { PAIRS, type Totals } from '../dialect/totals.ts';
import { CR, type Grammar, LF, NO_BYTE } from '../grammar.ts';
import { isEmptyRecord } from '../records/empty-record.ts';
import { MARK_LEADS } from '../text/record-marks.ts';
import { CR_END, CRLF_END, LF_END } from './line-ends.ts';
import { type Bounds, type Reading } from './reading.ts';
import { MAY_BE_EMPTY, MAY_BE_HEADER, MAY_BE_VARIANT, MAY_BE_TOTAL, recordStarts } from './record-starts.ts';

/** Beside what record-starts.ts says: the record is left to the other loop. */
const UNUSUAL = 8;

/** Turns LF, CR and the control characters beside them, but not a tab, into bytes below ENDS_BELOW. */
const ENDS = 0x0f0f0f0f;
const ENDS_BELOW = 0x06060606;
const ONES = 0x01010101;
const HIGHEST_BITS = 0x80808080;
/**
 * The highest bit of each of four bytes that is a line end or the quote; perhaps also that of another control character or of a byte
 * above one of these.
 */
export function hitsOf(word: number, quoteWord: number): number {
  const ends = word ^ ENDS;
  const quotes = word ^ quoteWord;
  return (((ends - ENDS_BELOW) & ~ends) | ((quotes - ONES) & ~quotes)) & HIGHEST_BITS;
}

/**
 * The next word from `index` on that has a hit; `to`: there is none before it. Long cells are passed here, four words at once; it calls
 * nothing, for V8 puts only so much into one function.
 */
function nextHits(words: Int32Array, index: number, to: number, quoteWord: number): number {
  const endsToQuotes = ENDS ^ quoteWord;
  let at = index;
  for (; at + 3 < to; at += 4) {
    const ends0 = words[at]! ^ ENDS;
    const ends1 = words[at + 1]! ^ ENDS;
    const ends2 = words[at + 2]! ^ ENDS;
    const ends3 = words[at + 3]! ^ ENDS;
    const quotes0 = ends0 ^ endsToQuotes;
    const quotes1 = ends1 ^ endsToQuotes;
    const quotes2 = ends2 ^ endsToQuotes;
    const quotes3 = ends3 ^ endsToQuotes;
    const hits =
      ((ends0 - ENDS_BELOW) & ~ends0) |
      ((ends1 - ENDS_BELOW) & ~ends1) |
      ((ends2 - ENDS_BELOW) & ~ends2) |
      ((ends3 - ENDS_BELOW) & ~ends3) |
      ((quotes0 - ONES) & ~quotes0) |
      ((quotes1 - ONES) & ~quotes1) |
      ((quotes2 - ONES) & ~quotes2) |
      ((quotes3 - ONES) & ~quotes3);
    if ((hits & HIGHEST_BITS) !== 0) break;
  }
  for (; at < to; at++) if (hitsOf(words[at]!, quoteWord) !== 0) return at;
  return to;
}

/** Four times the quote; where there is none, a line end. */
export function quoteWordOf({ quote }: Grammar): number {
  return Math.imul(quote === NO_BYTE ? LF : quote, ONES);
}

/** What begins neither with the header again nor with a total, since none is looked for. */
const STARTS_BELOW_TABLE = withUnusual(new Uint8Array(PAIRS));

export class SoundRecords {
  private readonly reading: Reading;
  private readonly headerAgain: HeaderAgain;
  private readonly totals: Totals;
  private readonly starts: Uint8Array;

  private constructor(reading: Reading, headerAgain: HeaderAgain, totals: Totals, skipsEmpty: boolean) {
    this.reading = reading;
    this.headerAgain = headerAgain;
    this.totals = totals;
    const delimiter = skipsEmpty ? reading.grammar.delimiter : undefined;
    this.starts = withUnusual(recordStarts(headerAgain, totals.starts(), delimiter));
  }

  /** Undefined: the grammar is not the usual one. */
  static of(
    reading: Reading,
    headerAgain: HeaderAgain,
    totals: Totals,
    skipsEmpty: boolean,
  ): SoundRecords | undefined {
    const { escape, delimiter2, comment, hasEndMark, skipsBlanks, hasBlankRecords } = reading.grammar;
    const isUsual = [escape, delimiter2, comment].every((byte) => byte === NO_BYTE);
    return isUsual && !hasEndMark && !skipsBlanks && !hasBlankRecords
      ? new SoundRecords(reading, headerAgain, totals, skipsEmpty)
      : undefined;
  }

  /** Reads on to the end of the chunk, or to the first byte that is unusual or the end of the bytes at hand. */
  pass({ fullAt: fullByte, fullRow, tableEnded }: Bounds): 'chunk-full' | 'unusual' {
    const { reading } = this;
    const { maxRecordBytes, oddEnds, fewLines } = reading;
    const { bytes, words, base, length: end } = reading.window;
    const { quote, delimiter } = reading.grammar;
    const starts = tableEnded ? STARTS_BELOW_TABLE : this.starts;
    const endings = tableEnded ? NO_ENDINGS : this.headerAgain.variants.endings;
    const quoteWord = quoteWordOf(reading.grammar);
    const isLfOdd = (oddEnds & LF_END) !== 0;
    const isCrOdd = (oddEnds & CR_END) !== 0;
    const isCrlfOdd = (oddEnds & CRLF_END) !== 0;
    const fullAt = fullByte - base;
    const lastWord = (end + 3) >> 2;
    let at = reading.at - base;
    let recordAt = reading.recordAt - base;
    let { line, recordLine, quoted, records } = reading;
    let result: 'chunk-full' | 'unusual' = 'unusual';
    let index = at >> 2;
    // Those before `at` are not looked at.
    let hits = at < end ? hitsOf(words[index]!, quoteWord) & (-1 << ((at & 3) << 3)) : 0;
    for (;;) {
      // Quoted cells are often short.
      if (quoted) while (hits === 0 && ++index < lastWord) hits = hitsOf(words[index]!, quoteWord);
      else if (hits === 0) {
        index = nextHits(words, index + 1, lastWord, quoteWord);
        if (index < lastWord) hits = hitsOf(words[index]!, quoteWord);
      }
      const hit = hits === 0 ? end : (index << 2) + ((31 - Math.clz32(hits & ~(hits - 1))) >> 3);
      if (hit >= end) {
        at = Math.max(at, end);
        break;
      }
      hits &= hits - 1;
      // The second byte of a line end, or of a doubled quote.
      if (hit < at) continue;
      const byte = bytes[hit]!;
      if (byte === quote) {
        at = hit;
        if (hit - recordAt > maxRecordBytes) break;
        if (quoted) {
          if (hit + 1 === end) break;
          const next = bytes[hit + 1]!;
          // The next cell is quoted too: a short cut, for a file often has all of them so.
          if (
            next === delimiter &&
            bytes[hit + 2] === quote &&
            hit + 2 < end &&
            hit + 2 - recordAt <= maxRecordBytes
          ) {
            at += 3;
            continue;
          }
          if (next === quote || next === delimiter) at += 2;
          else if (next === LF || next === CR) at++;
          else break;
          quoted = next === quote;
        } else if (hit === recordAt || bytes[hit - 1] === delimiter) {
          at++;
          quoted = true;
        } else break;
        continue;
      }
      if (byte !== LF && byte !== CR) continue;
      at = hit;
      if (hit - recordAt > maxRecordBytes) break;
      let next = hit + 1;
      let isOdd = isLfOdd;
      if (byte === CR) {
        if (next === end) break;
        isOdd = isCrOdd;
        if (bytes[next] === LF) {
          next++;
          isOdd = isCrlfOdd;
        }
      }
      if (quoted) {
        if (line + 1 - recordLine >= fewLines) break;
        line++;
        at = next;
        continue;
      }
      if (isOdd) break;
      const startAt = bytes[recordAt] === quote ? recordAt + 1 : recordAt;
      const start = starts[(bytes[startAt]! << 8) | bytes[startAt + 1]!]!;
      if (start !== 0 && this.isUnusual(start, bytes, recordAt, hit)) break;
      const ending = (bytes[hit - 2]! << 8) | bytes[hit - 1]!;
      if (endings[ending] === 1 && this.headerAgain.variants.isRenamedAt(bytes, recordAt, hit)) break;
      records++;
      line++;
      at = recordAt = next;
      recordLine = line;
      if (at >= fullAt || records >= fullRow) {
        result = 'chunk-full';
        break;
      }
    }
    reading.at = at + base;
    reading.recordAt = recordAt + base;
    reading.limitAt = reading.recordAt + maxRecordBytes + 1;
    reading.line = line;
    reading.recordLine = recordLine;
    reading.quoted = quoted;
    reading.records = records;
    return result;
  }

  /** Whether the record that begins with such a byte is to be left to the other loop. */
  private isUnusual(start: number, bytes: Buffer, from: number, to: number): boolean {
    const { headerAgain, totals } = this;
    if ((start & UNUSUAL) !== 0) return true;
    if ((start & MAY_BE_EMPTY) !== 0 && isEmptyRecord(bytes, from, to, this.reading.grammar)) return true;
    if ((start & MAY_BE_TOTAL) !== 0 && totals.isAt(bytes, from, to)) return true;
    if ((start & MAY_BE_VARIANT) !== 0 && headerAgain.variants.at(bytes, from, to) !== undefined) return true;
    if ((start & MAY_BE_HEADER) === 0) return false;
    const last = bytes[to - 1] === this.reading.grammar.quote ? bytes[to - 2]! : bytes[to - 1]!;
    return headerAgain.ends[last] === 1 && headerAgain.mayBeAt(bytes, from, to);
  }
}

/** Those that are unusual in any table. */
function withUnusual(starts: Uint8Array): Uint8Array {
  for (let byte = 0; byte < MARK_LEADS.length; byte++)
    if (MARK_LEADS[byte] === 1 || byte === LF || byte === CR)
      starts.fill(UNUSUAL, byte << 8, (byte + 1) << 8);
  return starts;
}
