// What inferring does with each cell of a file, for WebAssembly: AssemblyScript, which `npm run wasm` compiles into
// src/core/dataset/infer/cells-wasm.ts. It looks at 16 bytes at once. Each function finds what its namesake in src/core/dataset/infer finds
// (cell-batch.ts, passes.ts, sure-tests.ts, key-set.ts); tests/intake/infer holds the two together.
// All memory is laid out by the caller (cell-engine.ts). Behind the bytes of the file there are PAD zeros.

/** Whether the record between these places, which begins with such a pair of bytes, is left to the scanner. */
declare function isUnusual(start: i32, from: i32, to: i32): i32;
/** Is told of a record of another width. */
declare function passOver(line: i32, cells: i32): void;

const LF: u32 = 0x0a;
const FORM_FEED: u32 = 0x0c;
const CTRL_Z: u32 = 0x1a;
const CR: u32 = 0x0d;
const QUOTE: u32 = 0x22;
const PLUS: u32 = 43;
const MINUS: u32 = 45;
const POINT: u32 = 46;
const ZERO: u32 = 48;
const SIX: u32 = 54;
const NINE: u32 = 57;
const COLON: u32 = 58;
const AT_SIGN: u32 = 64;
const LETTER_T: u32 = 84;
const LETTER_Z: u32 = 90;
const UNDERSCORE: u32 = 95;
const SPACE: u32 = 32;
/** The first two bytes of the byte order mark, and its third. */
const BOM_PAIR: u32 = 0xefbb;
const BOM_LAST: u32 = 0xbf;

const LF_END: u32 = 1;
const CRLF_END: u32 = 2;
const CR_END: u32 = 4;

/** Of `pairs`. */
const MAY_BE_HEADER: i32 = 2;

/** How `findSound` ended. */
const FULL: i32 = 0;
const BYTES: i32 = 1;
const UNUSUAL: i32 = 2;

/** Of the result, in four bytes each. */
const AT: usize = 0;
const LINE: usize = 4;
const KEPT: usize = 8;
const EMPTY: usize = 12;
const LONGEST: usize = 16;
const ORDERED: usize = 20;
const LAST_AT: usize = 24;
const LAST_LENGTH: usize = 28;

let result: usize = 0;
let starts: usize = 0;
let ends: usize = 0;
let lines: usize = 0;
let hashes: usize = 0;
/** By a record's first two bytes, behind its quote. */
let pairs: usize = 0;
/** 1 for each byte that the header may end with, before its quote. */
let headerEnds: usize = 0;
/** A bit of each ASCII character: 1 may stand before the `@`, 2 in a domain label. */
let emailChars: usize = 0;
let last: usize = 0;
let choices: usize = 0;
let columns: i32 = 0;
let most: i32 = 0;
let delimiter: u32 = 0;
let oddEnds: u32 = 0;
let mostLines: i32 = 0;
let mostBytes: i32 = 0;

export function layOut(
  result_: usize,
  starts_: usize,
  ends_: usize,
  lines_: usize,
  hashes_: usize,
  pairs_: usize,
  headerEnds_: usize,
  emailChars_: usize,
  last_: usize,
  choices_: usize,
): void {
  result = result_;
  starts = starts_;
  ends = ends_;
  lines = lines_;
  hashes = hashes_;
  pairs = pairs_;
  headerEnds = headerEnds_;
  emailChars = emailChars_;
  last = last_;
  choices = choices_;
}

export function setUp(
  columns_: i32,
  most_: i32,
  delimiter_: u32,
  oddEnds_: u32,
  mostLines_: i32,
  mostBytes_: i32,
): void {
  columns = columns_;
  most = most_;
  delimiter = delimiter_;
  oddEnds = oddEnds_;
  mostLines = mostLines_;
  mostBytes = mostBytes_;
}

// @ts-ignore: decorator
@inline
function marksOf(at: usize, delimiters: v128): u64 {
  const a = v128.load(at);
  const quotes = i8x16.splat(<i8>QUOTE);
  const lfs = i8x16.splat(<i8>LF);
  const crs = i8x16.splat(<i8>CR);
  return <u64>(<u32>i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(a, delimiters), i8x16.eq(a, quotes)),
      v128.or(i8x16.eq(a, lfs), i8x16.eq(a, crs)),
    ),
  ));
}

/**
 * Finds the cells of sound records, until there are as many as a batch holds.
 * @param isAll the file ends at `to`
 * @returns FULL, BYTES or UNUSUAL; in the result are the first byte and the line of the record that is next
 */
export function findSound(from: i32, to: i32, firstLine: i32, isAll: i32): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  let recordAt = from;
  let cellAt = from;
  let closedAt: i32 = 0;
  let skipTo: i32 = 0;
  let quoted = false;
  let count: i32 = 0;
  let lineEnds: i32 = 0;
  let line = firstLine;
  let kept: i32 = 0;
  let place: usize = 0;
  let outcome = BYTES;
  for (let base = from; base < to; base += 64) {
    let marks =
      marksOf(base, delimiters) |
      (marksOf(base + 16, delimiters) << 16) |
      (marksOf(base + 32, delimiters) << 32) |
      (marksOf(base + 48, delimiters) << 48);
    if (to - base < 64) marks &= ((<u64>1) << (<u64>(to - base))) - 1;
    while (marks != 0) {
      const hit = base + <i32>ctz(marks);
      marks &= marks - 1;
      // The second byte of a line end, or of a doubled quote.
      if (hit < skipTo) continue;
      const byte: u32 = load<u8>(hit);
      if (quoted) {
        if (byte == QUOTE) {
          if (hit + 1 < to) {
            const next: u32 = load<u8>(hit + 1);
            if (next == QUOTE) {
              skipTo = hit + 2;
              continue;
            }
            if (next != delimiter && next != LF && next != CR) return stop(UNUSUAL, recordAt, line, kept);
          } else if (!isAll) return stop(BYTES, recordAt, line, kept);
          quoted = false;
          closedAt = hit;
        } else if (byte != delimiter) {
          if (byte == CR) {
            if (hit + 1 == to && !isAll) return stop(BYTES, recordAt, line, kept);
            if (hit + 1 < to && load<u8>(hit + 1) == LF) skipTo = hit + 2;
          }
          if (++lineEnds >= mostLines) return stop(UNUSUAL, recordAt, line, kept);
        }
        continue;
      }
      if (byte == QUOTE) {
        if (hit != cellAt) return stop(UNUSUAL, recordAt, line, kept);
        quoted = true;
        cellAt = hit + 1;
        continue;
      }
      const end = closedAt != 0 ? closedAt : hit;
      closedAt = 0;
      if (count < columns) {
        store<i32>(starts + place + (<usize>count << 2), cellAt);
        store<i32>(ends + place + (<usize>count << 2), end);
      }
      count++;
      if (byte == delimiter) {
        cellAt = hit + 1;
        continue;
      }
      let next = hit + 1;
      let kind = LF_END;
      if (byte == CR) {
        if (next == to && !isAll) return stop(BYTES, recordAt, line, kept);
        kind = CR_END;
        if (next < to && load<u8>(next) == LF) {
          kind = CRLF_END;
          next++;
          skipTo = next;
        }
      }
      if ((oddEnds & kind) != 0 || hit - recordAt > mostBytes || isOdd(recordAt, hit))
        return stop(UNUSUAL, recordAt, line, kept);
      if (count == columns) {
        store<i32>(lines + (<usize>kept << 2), line);
        kept++;
        place += <usize>columns << 2;
      } else passOver(line, count);
      line += lineEnds + 1;
      lineEnds = 0;
      count = 0;
      recordAt = next;
      cellAt = next;
      if (kept == most) return stop(FULL, recordAt, line, kept);
    }
  }
  if (isAll && recordAt < to) {
    if (quoted || to - recordAt > mostBytes || isOdd(recordAt, to)) return stop(UNUSUAL, recordAt, line, kept);
    if (count < columns) {
      store<i32>(starts + place + (<usize>count << 2), cellAt);
      store<i32>(ends + place + (<usize>count << 2), closedAt != 0 ? closedAt : to);
    }
    count++;
    if (count == columns) {
      store<i32>(lines + (<usize>kept << 2), line);
      kept++;
    } else passOver(line, count);
    line += lineEnds + 1;
    recordAt = to;
  } else if (to - recordAt > mostBytes) outcome = UNUSUAL;
  return stop(outcome, recordAt, line, kept);
}

function stop(outcome: i32, at: i32, line: i32, kept: i32): i32 {
  store<i32>(result + AT, at);
  store<i32>(result + LINE, line);
  store<i32>(result + KEPT, kept);
  return outcome;
}

// @ts-ignore: decorator
@inline
function isOdd(from: i32, to: i32): bool {
  const first: u32 = load<u8>(from);
  // A blank line, a page break, the end of a file that was joined.
  if (first == LF || first == CR || first == FORM_FEED || first == CTRL_Z) return true;
  const at = first == QUOTE ? from + 1 : from;
  const pair = ((<u32>load<u8>(at)) << 8) | load<u8>(at + 1);
  if (pair == BOM_PAIR && load<u8>(at + 2) == BOM_LAST) return true;
  const start: i32 = load<u8>(pairs + pair);
  if (start == 0) return false;
  if (start == MAY_BE_HEADER) {
    const last: u32 = load<u8>(to - 1);
    if (load<u8>(headerEnds + (last == QUOTE ? load<u8>(to - 2) : last)) == 0) return false;
  }
  return isUnusual(start, from, to) != 0;
}

// Kinds, as of cell-engine.ts.
const TEXT: i32 = 0;
const INTEGER: i32 = 1;
const NUMBER: i32 = 2;
const DATE: i32 = 3;
const ISO_DATETIME: i32 = 4;
const LOCAL_DATETIME: i32 = 5;
const UUID: i32 = 6;
const EMAIL: i32 = 7;

const MOST_DIGITS: i32 = 18;
const MOST_EMAIL_CHARS: i32 = 254;
const MOST_NUMBER_CHARS: i32 = 1000;
const LONGEST_KEY_BYTES: i32 = 64;

/**
 * Passes over the cells of a column that are surely of the kind.
 * @returns the first record of which that is not sure, or `to`; in the result are how many were empty, and the longest
 */
export function pass(kind: i32, column: i32, from: i32, to: i32, before: i32): i32 {
  // A loop for each kind.
  switch (kind) {
    case INTEGER:
      return passKind(INTEGER, column, from, to, before);
    case NUMBER:
      return passKind(NUMBER, column, from, to, before);
    case DATE:
      return passKind(DATE, column, from, to, before);
    case ISO_DATETIME:
      return passKind(ISO_DATETIME, column, from, to, before);
    case LOCAL_DATETIME:
      return passKind(LOCAL_DATETIME, column, from, to, before);
    case UUID:
      return passKind(UUID, column, from, to, before);
    case EMAIL:
      return passKind(EMAIL, column, from, to, before);
    default:
      return passKind(TEXT, column, from, to, before);
  }
}

// @ts-ignore: decorator
@inline
function passKind(kind: i32, column: i32, from: i32, to: i32, before: i32): i32 {
  let longest = before;
  let empty: i32 = 0;
  let record = from;
  const step = <usize>columns << 2;
  let place = (<usize>(from * columns + column)) << 2;
  for (; record < to; record++, place += step) {
    const start = load<i32>(starts + place);
    const end = load<i32>(ends + place);
    if (start == end) {
      empty++;
      continue;
    }
    if (!isSure(kind, start, end)) break;
    if (end - start > longest) longest = end - start;
  }
  store<i32>(result + EMPTY, empty);
  store<i32>(result + LONGEST, longest);
  return record;
}

/** Texts that are not longer than those before. */
export function passTexts(column: i32, from: i32, to: i32, longest: i32): i32 {
  let empty: i32 = 0;
  let record = from;
  const step = <usize>columns << 2;
  let place = (<usize>(from * columns + column)) << 2;
  for (; record < to; record++, place += step) {
    const length = load<i32>(ends + place) - load<i32>(starts + place);
    if (length > longest) break;
    if (length == 0) empty++;
  }
  store<i32>(result + EMPTY, empty);
  store<i32>(result + LONGEST, longest);
  return record;
}

/**
 * The hashes of the values of a column, two words each.
 * @param lastLength of the value at `last`; -1: that they come in order does not matter
 * @returns as `pass`; in the result is also how many values each come behind the one before, and where the last of them is
 */
export function passKeys(kind: i32, column: i32, from: i32, to: i32, before: i32, lastLength: i32): i32 {
  switch (kind) {
    case INTEGER:
      return passKeysOf(INTEGER, column, from, to, before, lastLength);
    case UUID:
      return passKeysOf(UUID, column, from, to, before, lastLength);
    case EMAIL:
      return passKeysOf(EMAIL, column, from, to, before, lastLength);
    case TEXT:
      return passKeysOf(TEXT, column, from, to, before, lastLength);
    default:
      // Values of other kinds are no keys: they are looked at.
      store<i32>(result + EMPTY, 0);
      store<i32>(result + LONGEST, before);
      store<i32>(result + ORDERED, 0);
      store<i32>(result + LAST_LENGTH, 0);
      return from;
  }
}

// @ts-ignore: decorator
@inline
function passKeysOf(kind: i32, column: i32, from: i32, to: i32, before: i32, lastLength: i32): i32 {
  let longest = before;
  let empty: i32 = 0;
  let record = from;
  let isInOrder = lastLength >= 0;
  let ordered: i32 = 0;
  let hashAt = hashes;
  let previous: i32 = <i32>last;
  let previousLength = lastLength;
  const step = <usize>columns << 2;
  let place = (<usize>(from * columns + column)) << 2;
  for (; record < to; record++, place += step) {
    const start = load<i32>(starts + place);
    const end = load<i32>(ends + place);
    const length = end - start;
    if (length == 0) {
      empty++;
      continue;
    }
    if (length > LONGEST_KEY_BYTES || !isSure(kind, start, end)) break;
    if (length > longest) longest = length;
    if (isInOrder) {
      if (length > previousLength || (length == previousLength && isBehind(start, previous, length))) {
        previous = start;
        previousLength = length;
        ordered++;
      } else isInOrder = false;
    }
    hash(start, end, hashAt);
    hashAt += 8;
  }
  store<i32>(result + EMPTY, empty);
  store<i32>(result + LONGEST, longest);
  store<i32>(result + ORDERED, ordered);
  store<i32>(result + LAST_AT, previous);
  store<i32>(result + LAST_LENGTH, previousLength);
  return record;
}

// @ts-ignore: decorator
@inline
function isBehind(start: i32, previous: i32, length: i32): bool {
  let at: i32 = 0;
  while (at + 8 <= length && load<u64>(start + at) == load<u64>(previous + at)) at += 8;
  for (; at < length; at++) {
    const one = load<u8>(start + at);
    const other = load<u8>(previous + at);
    if (one != other) return one > other;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function hash(start: i32, end: i32, to: usize): void {
  let one: i32 = end - start;
  let other: i32 = ~one;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = load<i32>(at);
    one = (one ^ word) * <i32>0xcc9e2d51;
    one ^= one >>> 15;
    other = (other + word) * <i32>0x85ebca6b;
    other ^= other >>> 13;
  }
  let rest: i32 = 0;
  for (; at < end; at++) rest = (rest << 8) | load<u8>(at);
  one = (one ^ rest) * <i32>0x1b873593;
  one = (one ^ (one >>> 16)) * <i32>0x85ebca6b;
  one ^= one >>> 13;
  other = (other + rest) * <i32>0xc2b2ae35;
  other = (other ^ (other >>> 15)) * <i32>0xcc9e2d51;
  other ^= other >>> 16;
  store<i32>(to, one);
  store<i32>(to + 4, other == 0 ? 1 : other);
}

/** Of a choice at `choices`: how often it is there, its length, and its bytes. Behind all of them the first choice of each place, from 1. */
const CHOICE_BYTES: usize = 128;
const CHOICE_HEAD: usize = 8;
const MOST_CHOICES: usize = 20;

/** Texts that are choices, and not longer than those before. */
export function passChoices(size: i32, column: i32, from: i32, to: i32, longest: i32): i32 {
  let empty: i32 = 0;
  let record = from;
  const step = <usize>columns << 2;
  const places = choices + MOST_CHOICES * CHOICE_BYTES;
  let place = (<usize>(from * columns + column)) << 2;
  for (; record < to; record++, place += step) {
    const start = load<i32>(starts + place);
    const length = load<i32>(ends + place) - start;
    if (length == 0) {
      empty++;
      continue;
    }
    if (length > longest || (load<u8>(start - 1) == QUOTE && !hasNoQuote(start, start + length))) break;
    const key =
      (length +
        31 * <i32>load<u8>(start) +
        17 * <i32>load<u8>(start + length - 1) +
        7 * <i32>load<u8>(start + (length >> 1))) &
      255;
    const here: usize = load<u8>(places + key);
    if (here == 0) break;
    let choice = choices + (here - 1) * CHOICE_BYTES;
    if (!isChoice(choice, start, length)) {
      choice = choices;
      let at: i32 = 0;
      while (at < size && !isChoice(choice, start, length)) {
        at++;
        choice += CHOICE_BYTES;
      }
      if (at == size) break;
    }
    store<i32>(choice, load<i32>(choice) + 1);
  }
  store<i32>(result + EMPTY, empty);
  store<i32>(result + LONGEST, longest);
  return record;
}

// @ts-ignore: decorator
@inline
function isChoice(choice: usize, start: i32, length: i32): bool {
  if (load<i32>(choice + 4) != length) return false;
  const bytes = choice + CHOICE_HEAD;
  let at: i32 = 0;
  for (; at + 8 <= length; at += 8) if (load<u64>(bytes + at) != load<u64>(start + at)) return false;
  for (; at < length; at++) if (load<u8>(bytes + at) != load<u8>(start + at)) return false;
  return true;
}

function hasNoQuote(start: i32, end: i32): bool {
  for (let at = start; at < end; at++) if (load<u8>(at) == QUOTE) return false;
  return true;
}

// @ts-ignore: decorator
@inline
function isSure(kind: i32, start: i32, end: i32): bool {
  switch (kind) {
    case INTEGER:
      return isInteger(start, end);
    case NUMBER:
      return isNumber(start, end);
    case DATE:
      return end - start == 10 && isDate(start);
    case ISO_DATETIME:
      return isIsoDatetime(start, end);
    case LOCAL_DATETIME:
      return isLocalDatetime(start, end);
    case UUID:
      return isUuid(start, end);
    case EMAIL:
      return isEmail(start, end);
    default:
      return load<u8>(start - 1) != QUOTE || hasNoQuote(start, end);
  }
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u32): bool {
  return byte - ZERO <= 9;
}

/** A bit of each of 16 bytes that is a digit. */
// @ts-ignore: decorator
@inline
function digitsAt(at: i32): u32 {
  const values = i8x16.sub(v128.load(at), i8x16.splat(<i8>ZERO));
  return i8x16.bitmask(i8x16.lt_u(values, i8x16.splat(10)));
}

// @ts-ignore: decorator
@inline
function isInteger(start: i32, end: i32): bool {
  const isNegative = load<u8>(start) == MINUS;
  const wholeAt = isNegative ? start + 1 : start;
  const digits = end - wholeAt;
  if (digits > MOST_DIGITS || digits == 0) return false;
  if (load<u8>(wholeAt) == ZERO && (isNegative || digits > 1)) return false;
  if (digits <= 16) return <i32>ctz(~digitsAt(wholeAt)) >= digits;
  return (
    <i32>ctz(~digitsAt(wholeAt)) >= 16 &&
    isDigit(load<u8>(wholeAt + 16)) &&
    (digits == 17 || isDigit(load<u8>(wholeAt + 17)))
  );
}

// @ts-ignore: decorator
@inline
function isNumber(start: i32, end: i32): bool {
  const isNegative = load<u8>(start) == MINUS;
  const wholeAt = isNegative ? start + 1 : start;
  if (end - wholeAt > 16) return isLongNumber(start, end);
  const length = end - wholeAt;
  if (length == 0) return false;
  // Behind the end there is a bit, so that a whole number ends there.
  const others = (~digitsAt(wholeAt) & ((1 << length) - 1)) | (1 << length);
  const digits = <i32>ctz(others);
  if (digits == 0 || (load<u8>(wholeAt) == ZERO && (isNegative || digits > 1))) return false;
  if (digits == length) return true;
  return (
    load<u8>(wholeAt + digits) == POINT &&
    digits + 1 < length &&
    <i32>ctz(others & (others - 1)) == length
  );
}

function isLongNumber(start: i32, end: i32): bool {
  if (end - start > MOST_NUMBER_CHARS) return false;
  const isNegative = load<u8>(start) == MINUS;
  const wholeAt = isNegative ? start + 1 : start;
  let at = wholeAt;
  while (at < end && isDigit(load<u8>(at))) at++;
  const digits = at - wholeAt;
  if (digits == 0 || (load<u8>(wholeAt) == ZERO && (isNegative || digits > 1))) return false;
  if (at == end) return digits <= MOST_DIGITS;
  if (load<u8>(at) != POINT || at + 1 == end) return false;
  for (at++; at < end; at++) if (!isDigit(load<u8>(at))) return false;
  return true;
}

/** Two digits as a number. */
// @ts-ignore: decorator
@inline
function twoAt(at: i32): u32 {
  return (<u32>load<u8>(at) - ZERO) * 10 + (<u32>load<u8>(at + 1) - ZERO);
}

/** The digits of 2024-12-31, and its hyphens. */
const DATE_DIGITS: u32 = 0b1101101111;
const DATE_CHARS: u32 = 0b1111111111;

// @ts-ignore: decorator
@inline
function isDate(start: i32): bool {
  if ((digitsAt(start) & DATE_CHARS) != DATE_DIGITS) return false;
  if (load<u8>(start + 4) != MINUS || load<u8>(start + 7) != MINUS) return false;
  const day = twoAt(start + 8);
  const month = twoAt(start + 5);
  if (day - 1 >= 31 || month - 1 >= 12) return false;
  const year = twoAt(start) * 100 + twoAt(start + 2);
  if (year == 0) return false;
  if (day <= 28) return true;
  if (month == 2) return day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  // 30 days in April, June, September and November.
  return day <= ((0b101001010000 >> month) & 1 ? 30 : 31);
}

/** The digits of 15:30:59. */
const CLOCK_DIGITS: u32 = 0b11011011;
const CLOCK_CHARS: u32 = 0b11111111;

// @ts-ignore: decorator
@inline
function isClock(at: i32): bool {
  return (
    (digitsAt(at) & CLOCK_CHARS) == CLOCK_DIGITS &&
    load<u8>(at + 2) == COLON &&
    load<u8>(at + 5) == COLON &&
    twoAt(at) < 24 &&
    load<u8>(at + 3) < SIX &&
    load<u8>(at + 6) < SIX
  );
}

/** The digits of 15:30. */
const SHORT_CLOCK_DIGITS: u32 = 0b11011;
const SHORT_CLOCK_CHARS: u32 = 0b11111;

// @ts-ignore: decorator
@inline
function isShortClock(at: i32): bool {
  return (
    (digitsAt(at) & SHORT_CLOCK_CHARS) == SHORT_CLOCK_DIGITS &&
    load<u8>(at + 2) == COLON &&
    twoAt(at) < 24 &&
    load<u8>(at + 3) < SIX
  );
}

/** Of the years 1000 to 8999. */
// @ts-ignore: decorator
@inline
function isMiddleYear(start: i32): bool {
  const first: u32 = load<u8>(start);
  return first != ZERO && first != NINE;
}

// @ts-ignore: decorator
@inline
function isIsoDatetime(start: i32, end: i32): bool {
  const length = end - start;
  if (length == 20) {
    if (load<u8>(end - 1) != LETTER_Z) return false;
  } else if (length != 25 || !isOffset(end - 6)) return false;
  return load<u8>(start + 10) == LETTER_T && isMiddleYear(start) && isDate(start) && isClock(start + 11);
}

function isOffset(at: i32): bool {
  const sign: u32 = load<u8>(at);
  return (
    (sign == MINUS || sign == PLUS) && isShortClock(at + 1) && twoAt(at + 1) < 14
  );
}

// @ts-ignore: decorator
@inline
function isLocalDatetime(start: i32, end: i32): bool {
  const length = end - start;
  if (length != 19 && length != 16) return false;
  const between: u32 = load<u8>(start + 10);
  if ((between != SPACE && between != LETTER_T) || !isMiddleYear(start) || !isDate(start)) return false;
  return length == 19 ? isClock(start + 11) : isShortClock(start + 11);
}

/** A bit of each of 16 bytes that is a small hexadecimal digit. */
// @ts-ignore: decorator
@inline
function hexAt(at: i32): u32 {
  const bytes = v128.load(at);
  const digits = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(<i8>ZERO)), i8x16.splat(10));
  const letters = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(97)), i8x16.splat(6));
  return i8x16.bitmask(v128.or(digits, letters));
}

/** Hyphens at 8, 13, 18 and 23. */
// @ts-ignore: decorator
@inline
function isUuid(start: i32, end: i32): bool {
  return (
    end - start == 36 &&
    hexAt(start) == 0b1101111011111111 &&
    hexAt(start + 16) == 0b1111111101111011 &&
    hexAt(start + 20) == 0b1111111111110111 &&
    load<u8>(start + 8) == MINUS &&
    load<u8>(start + 13) == MINUS &&
    load<u8>(start + 18) == MINUS &&
    load<u8>(start + 23) == MINUS
  );
}

/** A bit of each of 16 bytes that is one byte. */
// @ts-ignore: decorator
@inline
function bitsOf(bytes: v128, byte: u32): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(<i8>byte))));
}

/** A bit of each of 16 bytes that is a letter or a digit of ASCII. */
// @ts-ignore: decorator
@inline
function wordBitsOf(bytes: v128): u64 {
  const digits = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(<i8>ZERO)), i8x16.splat(10));
  const small = v128.or(bytes, i8x16.splat(32));
  const letters = i8x16.lt_u(i8x16.sub(small, i8x16.splat(97)), i8x16.splat(26));
  return <u64>(<u32>i8x16.bitmask(v128.or(digits, letters)));
}

/** Letters, digits, points, hyphens and underscores in 32 bytes at most; all others are left to isAnyEmail. */
// @ts-ignore: decorator
@inline
function isEmail(start: i32, end: i32): bool {
  const length = end - start;
  if (length > 32) return isAnyEmail(start, end);
  // Four or five bytes may be a word.
  if (length <= 5) return false;
  const a = v128.load(start);
  const b = v128.load(start + 16);
  const all = ((<u64>1) << (<u64>length)) - 1;
  const signs = (bitsOf(a, AT_SIGN) | (bitsOf(b, AT_SIGN) << 16)) & all;
  const points = (bitsOf(a, POINT) | (bitsOf(b, POINT) << 16)) & all;
  const hyphens = (bitsOf(a, MINUS) | (bitsOf(b, MINUS) << 16)) & all;
  const lines = (bitsOf(a, UNDERSCORE) | (bitsOf(b, UNDERSCORE) << 16)) & all;
  const words = wordBitsOf(a) | (wordBitsOf(b) << 16);
  const before = signs - 1;
  const isCommon =
    signs > 1 &&
    (signs & before) == 0 &&
    ((words | signs | points | hyphens | (lines & before)) & all) == all;
  if (!isCommon) return isAnyEmail(start, end);
  const inDomain = all & ~before & ~signs;
  const pointsThere = points & inDomain;
  const others = pointsThere | (hyphens & inDomain) | (all + 1);
  const bounds = pointsThere | signs;
  return pointsThere != 0 && ((bounds << 1) & others) == 0 && (((pointsThere | (all + 1)) >> 1) & others) == 0;
}

function isAnyEmail(start: i32, end: i32): bool {
  const length = end - start;
  // Four or five bytes may be a word.
  if (length > MOST_EMAIL_CHARS || length <= 5) return false;
  let at = start;
  while (at < end && (load<u8>(emailChars + load<u8>(at)) & 1) != 0) at++;
  if (at == start || at == end || load<u8>(at) != AT_SIGN) return false;
  let labels: i32 = 0;
  let before = POINT;
  for (at++; at < end; at++) {
    const byte: u32 = load<u8>(at);
    if (byte == POINT) {
      if (before == POINT || before == MINUS) return false;
      labels++;
    } else if ((load<u8>(emailChars + byte) & 2) == 0 || (byte == MINUS && before == POINT)) return false;
    before = byte;
  }
  return labels > 0 && before != POINT && before != MINUS;
}
