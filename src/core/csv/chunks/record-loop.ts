// The loops that read records: one over sound ones of the usual grammar, as fast as can be, and one that knows all of the grammar and
// stops where something is to be dealt with. The second one is the authority; the first one leaves to it whatever is unusual.
import { type HeaderAgain, NO_STARTS } from '../dialect/header-again.ts';
import { Totals } from '../dialect/totals.ts';
import { CR, escapedBytes, type Grammar, isEndMark, isLineEnd, LF, NO_BYTE, SPACE } from '../grammar.ts';
import { isEmptyRecord } from '../records/empty-record.ts';
import { behindMarks } from '../text/record-marks.ts';
import { CR_END, CRLF_END, LF_END } from './line-ends.ts';
import { type Bounds, FEW_LINES, type Reading } from './reading.ts';
import { hitsOf, quoteWordOf, SoundRecords } from './sound-records.ts';

/** Lines of one quoted cell, until it is asked whether they are records; then twice as many each time. */
const MANY_LINES = 64;

/** Why a record is looked at when it ends. */
const FAILED = 8;
export const HAS_STRAY_QUOTE = 16;
const HAS_LINES = 32;
export const MAY_BEGIN_TABLE = 64;

/**
 * Why the loop stopped. `bytes`: it needs more. `ended`: a broken record did. `lines`: enough is read to choose the way out, or a
 * quoted cell has many. `suspect`: a record ends that must be looked at. `header-again`: a record ended that is the header, perhaps
 * written otherwise. `no-value`: one ended that is to be left out.
 */
export type Stop =
  | 'bytes'
  | 'chunk-full'
  | 'text-after-quote'
  | 'too-long'
  | 'lines'
  | 'ended'
  | 'suspect'
  | 'header-again'
  | 'no-value';

/** 1 for each byte the loop looks at. */
function stopsOf({ quote, escape }: Grammar): Uint8Array {
  const stops = new Uint8Array(256);
  for (const byte of [LF, CR, quote, escape]) if (byte !== NO_BYTE) stops[byte] = 1;
  return stops;
}

export class RecordLoop {
  private readonly reading: Reading;
  private readonly headerAgain: HeaderAgain;
  private readonly stops: Uint8Array;
  private readonly totals: Totals;
  private readonly sound: SoundRecords | undefined;
  private readonly skipsEmpty: boolean;

  /** @param skipsEmpty records without a value are left out */
  constructor(reading: Reading, headerAgain: HeaderAgain, skipsEmpty: boolean) {
    this.reading = reading;
    this.headerAgain = headerAgain;
    this.stops = stopsOf(reading.grammar);
    this.totals = new Totals(reading.grammar);
    this.skipsEmpty = skipsEmpty;
    this.sound = SoundRecords.of(reading, headerAgain, this.totals, skipsEmpty);
  }

  /** Reads to the next stop. */
  run(bounds: Bounds): Stop {
    const { reading, sound } = this;
    for (;;) {
      if (sound !== undefined && reading.failure === null && reading.oddities === 0) {
        if (sound.pass(bounds) === 'chunk-full') return 'chunk-full';
      }
      const stop = this.readOn(bounds);
      if (stop !== 'sound') return stop;
    }
  }

  /** `sound`: a record ended, and the next ones may be. */
  private readOn({ fullAt: fullByte, fullRow, tableEnded, atEnd }: Bounds): Stop | 'sound' {
    const { reading, stops, headerAgain, totals, skipsEmpty } = this;
    const { failure, maxRecordBytes, oddEnds } = reading;
    const fewLines = failure === null ? reading.fewLines : FEW_LINES;
    const { bytes, words, base, length: end } = reading.window;
    const { quote, escape, escapesAll, hasEndMark, delimiter, delimiter2, comment, skipsBlanks } =
      reading.grammar;
    const { hasBlankRecords, markLeads } = reading.grammar;
    const headerStarts = tableEnded ? NO_STARTS : headerAgain.starts;
    const inComment = failure?.inComment === true;
    const mayBeginTable = tableEnded ? 0 : MAY_BEGIN_TABLE;
    const oddLf = oddEnds & LF_END;
    const oddCr = oddEnds & CR_END;
    const oddCrlf = oddEnds & CRLF_END;
    const patientTo = failure === null ? reading.patientTo : failure.decideAtLine;
    const mostLines = failure === null ? MANY_LINES : 0;
    const passedAt = reading.passedAt - base;
    const titleAt = reading.titleAt - base;
    const quoteWord = quoteWordOf(reading.grammar);
    const mayBeSound = this.sound !== undefined;
    let oddities = failure === null ? reading.oddities : FAILED;
    const fullAt = fullByte - base;
    let at = reading.at - base;
    let recordAt = reading.recordAt - base;
    let limitAt = reading.limitAt - base;
    let { line, recordLine, quoted, records } = reading;
    let stop: Stop | 'sound' = 'bytes';
    /** Behind the last byte that an escape made text, where it escapes all: no quote begins a cell there. */
    let escapedAt = -1;
    while (at < end) {
      if ((at & 3) === 0 && escape === NO_BYTE) {
        while (at + 4 <= end && hitsOf(words[at >> 2]!, quoteWord) === 0) at += 4;
        if (at >= end) break;
      }
      const byte = bytes[at]!;
      if (stops[byte] === 0) {
        at++;
        continue;
      }
      if (at >= limitAt) {
        stop = 'too-long';
        break;
      }
      if (byte === escape && escapesAll) {
        // A CRLF is escaped as a whole.
        const isCut = at + 1 === end || (bytes[at + 1] === CR && at + 2 === end);
        if (isCut && !atEnd) break;
        if (at + 1 < end && isLineEnd(bytes[at + 1])) line++;
        at += 1 + escapedBytes(bytes, at, end);
        escapedAt = at;
        continue;
      }
      if (byte === escape) {
        if (quoted && at + 1 === end && !atEnd) break;
        const isEscaped = quoted && at + 1 < end && (bytes[at + 1] === quote || bytes[at + 1] === escape);
        at += isEscaped ? 2 : 1;
        continue;
      }
      if (byte === quote) {
        if (!quoted) {
          const lead = bytes[recordAt];
          const start = markLeads[lead!] === 1 ? behindMarks(bytes, recordAt, end, markLeads) : recordAt;
          let cellAt = at;
          if (skipsBlanks) while (cellAt > start && bytes[cellAt - 1] === SPACE) cellAt--;
          const behindDelimiter =
            delimiter2 === NO_BYTE
              ? bytes[cellAt - 1] === delimiter
              : bytes[cellAt - 1] === delimiter2 && bytes[cellAt - 2] === delimiter && cellAt - 2 >= recordAt;
          quoted =
            (cellAt === start || (behindDelimiter && cellAt !== escapedAt)) &&
            bytes[start] !== comment &&
            !inComment;
          if (!quoted) oddities |= HAS_STRAY_QUOTE;
        } else {
          if (at + 1 === end && !atEnd) break;
          const next = at + 1 === end ? LF : bytes[at + 1];
          if (next === quote && (escape === NO_BYTE || escapesAll)) at++;
          else if (next === LF || next === CR) quoted = false;
          else if (next === delimiter && delimiter2 !== NO_BYTE && at + 2 === end && !atEnd) break;
          else if (
            next === delimiter &&
            (delimiter2 === NO_BYTE || (at + 2 < end && bytes[at + 2] === delimiter2))
          )
            quoted = false;
          else if (failure === null) {
            stop = 'text-after-quote';
            break;
          }
        }
        at++;
        continue;
      }
      let isTitle = false;
      let odd = oddities | oddLf;
      if (byte === CR) {
        if (at + 1 === end && !atEnd) break;
        odd = oddities | oddCr;
        if (at + 1 < end && bytes[at + 1] === LF) {
          odd = oddities | oddCrlf;
          at++;
        }
      }
      at++;
      line++;
      if (quoted) {
        if (line - recordLine < fewLines) continue;
        oddities |= HAS_LINES;
        if (line - recordLine < mostLines || line < patientTo) continue;
        stop = 'lines';
        break;
      }
      if (odd !== 0) {
        if (failure !== null) {
          stop = 'ended';
          break;
        }
        const endsAt = byte === CR && bytes[at - 1] === LF ? at - 2 : at - 1;
        // A blank line is nothing to look at.
        if (endsAt !== passedAt && endsAt !== recordAt) {
          at = endsAt;
          line--;
          stop = 'suspect';
          break;
        }
        isTitle = endsAt === titleAt;
        oddities = 0;
      }
      const lead = bytes[recordAt];
      const start = markLeads[lead!] === 1 ? behindMarks(bytes, recordAt, end, markLeads) : recordAt;
      const first = bytes[start];
      if (
        (hasBlankRecords || !isLineEnd(first)) &&
        first !== comment &&
        !(hasEndMark && isEndMark(bytes, start, at))
      ) {
        if (
          headerStarts[first === quote ? bytes[start + 1]! : first!] === 1 &&
          headerAgain.isAt(bytes, recordAt, at)
        ) {
          stop = 'header-again';
          break;
        }
        if (mayBeginTable !== 0 && headerAgain.variants.at(bytes, start, at) !== undefined) {
          stop = 'header-again';
          break;
        }
        if (skipsEmpty && !tableEnded && isEmptyRecord(bytes, start, at, reading.grammar)) {
          stop = 'no-value';
          break;
        }
        records++;
        if (mayBeginTable !== 0 && (isTitle || totals.isAt(bytes, start, at))) oddities = mayBeginTable;
      } else if (first !== comment) oddities = mayBeginTable;
      recordAt = at;
      recordLine = line;
      limitAt = at + maxRecordBytes + 1;
      if (at >= fullAt || records >= fullRow) {
        stop = 'chunk-full';
        break;
      }
      if (mayBeSound && oddities === 0) {
        stop = 'sound';
        break;
      }
    }
    if (stop === 'bytes' && at >= limitAt) stop = 'too-long';
    reading.at = at + base;
    reading.recordAt = recordAt + base;
    reading.limitAt = limitAt + base;
    reading.line = line;
    reading.recordLine = recordLine;
    reading.quoted = quoted;
    reading.records = records;
    reading.oddities = oddities;
    return stop;
  }
}
