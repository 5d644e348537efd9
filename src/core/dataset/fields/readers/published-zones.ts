// The rules of time zones that come with Sluice, for a Node whose own are older: Node has those of the day on which its version was made,
// and no newer tzdata of the system changes them.
import { inflateRawSync } from 'node:zlib';
import { TABLE_VERSION, ZONE_TABLE } from './zone-table.ts';

/** The table speaks of the years 1970 to 2499. In seconds since 1970. */
const TABLE_FROM = 0;
export const TABLE_TO = Date.UTC(2500, 0, 1) / 1000;
/** The calendar repeats itself after 400 years, weekdays included, and so do rules such as "the last Sunday of March". */
const CYCLE = 146_097 * 86_400;
const QUARTER = 900;

export interface PublishedZone {
  /** Seconds east of UTC, from 1970 until the first change. */
  readonly first: number;
  /** Seconds since 1970 of each change, in order. */
  readonly changes: readonly number[];
  /** What each of them changes to. */
  readonly offsets: readonly number[];
}

/** Of the rules that count: Node's, or those of the table where they are newer. */
export const TIME_ZONE_RULES = isNewer(process.versions['tz'])
  ? TABLE_VERSION
  : (process.versions['tz'] ?? TABLE_VERSION);

/** @param own the release that Node has, such as `2025c` */
export function isNewer(own: string | undefined): boolean {
  return own === undefined || TABLE_VERSION > own;
}

let lines: ReadonlyMap<string, string> | undefined;

/** The rules of a zone where the table's are newer than Node's; undefined where they are not, or the table lacks the zone. */
export function publishedZone(name: string, own = process.versions['tz']): PublishedZone | undefined {
  if (!isNewer(own)) return undefined;
  lines ??= readLines();
  const line = lines.get(name.toLowerCase());
  return line === undefined ? undefined : readZone(line);
}

/**
 * A line for the zones whose clocks are the same since 1970: their names; offsets in seconds east of UTC, the first one that of 1970; the
 * changes, each with the time since the one before (or since 1970) and the place of the new offset among the offsets, in base 36. Times are
 * in seconds; where `q` is the last, in quarters of an hour.
 */
export function tableLines(): string[] {
  return inflateRawSync(Buffer.from(ZONE_TABLE, 'base64')).toString('latin1').split('\n');
}

function readLines(): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of tableLines()) {
    const end = line.indexOf('|');
    for (const name of line.slice(0, end).split(' ')) found.set(name.toLowerCase(), line.slice(end + 1));
  }
  return found;
}

function readZone(line: string): PublishedZone {
  const [offsetTexts = '', changeTexts = ''] = line.split('|');
  const all = offsetTexts.split(' ').map(Number);
  const texts = changeTexts === '' ? [] : changeTexts.split(' ');
  const unit = texts.at(-1) === 'q' ? QUARTER : 1;
  if (unit === QUARTER) texts.pop();
  let at = 0;
  return {
    first: all[0]!,
    changes: texts.map((text) => (at += parseInt(text.slice(0, -1), 36) * unit)),
    offsets: texts.map((text) => all[parseInt(text.slice(-1), 36)]!),
  };
}

/**
 * The offset at an instant. Behind the table its last 400 years come again.
 * @param ask what Node says, for the years before 1970
 */
export function publishedOffset(
  zone: PublishedZone,
  instant: number,
  ask: (instant: number) => number,
): number {
  if (instant < TABLE_FROM) return ask(instant);
  return offsetIn(zone, instant < TABLE_TO ? instant : TABLE_TO - CYCLE + ((instant - TABLE_TO) % CYCLE));
}

function offsetIn({ first, changes, offsets }: PublishedZone, instant: number): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]! <= instant) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? first : offsets[low - 1]!;
}
