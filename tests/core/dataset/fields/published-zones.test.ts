// The rules that come with Sluice, for a Node whose own are older.
import { describe, expect, it } from 'vitest';
import {
  isNewer,
  publishedOffset,
  publishedZone,
  TABLE_TO,
  tableLines,
  TIME_ZONE_RULES,
} from '../../../../src/core/dataset/fields/readers/published-zones.ts';
import { createZone } from '../../../../src/core/dataset/fields/readers/time-zone.ts';
import { TABLE_VERSION } from '../../../../src/core/dataset/fields/readers/zone-table.ts';
import { rulesOf } from '../../../../src/core/dataset/fields/readers/zone-rules.ts';
import { LocalClock } from '../../../../src/core/schedules/local-clock.ts';
import { nextRuns } from '../../../../src/core/schedules/next-run.ts';
import { parseCron } from '../../../../src/core/schedules/cron.ts';
import { zoneTable } from '../../../../scripts/time-zones/zone-table.mjs';
import { reading } from '../../../support/clocks.ts';

const at = (year: number, month: number, day: number, hour: number, minute = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second: 0,
});

/** Seconds since 1970. */
const instant = (text: string): number => Date.parse(text) / 1000;

describe('zones whose rules changed in 2026', () => {
  // Clocks stay as they were in summer, or go to UTC.
  it.each([
    ['America/Vancouver', '-07:00'],
    ['America/Edmonton', '-06:00'],
    ['America/Winnipeg', '-05:00'],
    ['Africa/Casablanca', 'Z'],
  ])('%s is at %s in December', (name, offset) => {
    const written = createZone(name).offsetOf(at(2026, 12, 1, 12));
    expect(written).toBe(offset === 'Z' ? '+00:00' : offset);
    // And behind the table.
    expect(createZone(name).offsetOf(at(2045, 1, 15, 12))).toBe(written);
    // Before the change, and before the table.
    expect(createZone('America/Vancouver').offsetOf(at(2025, 12, 1, 12))).toBe('-08:00');
    expect(createZone('America/Vancouver').offsetOf(at(1960, 12, 1, 12))).toBe('-08:00');
  });

  it('no time is there twice in Vancouver on 1 November 2026', () => {
    expect(rulesOf('America/Vancouver').offsetsOf(at(2026, 11, 1, 1, 30))).toEqual([-25_200]);
    expect(rulesOf('America/New_York').offsetsOf(at(2026, 11, 1, 1, 30))).toEqual([-14_400, -18_000]);
  });

  it('a schedule runs at its hour', () => {
    const rule = {
      kind: 'cron',
      cron: parseCron('0 9 * * *'),
      clock: new LocalClock('America/Vancouver'),
    } as const;
    const runs = nextRuns(rule, Date.UTC(2026, 9, 31, 17), 2).map((run) => new Date(run).toISOString());
    expect(runs).toEqual(['2026-11-01T16:00:00.000Z', '2026-11-02T16:00:00.000Z']);
  });
});

it('the table is made of the moment-timezone that is here', () => {
  const { version, lines } = zoneTable();
  expect(TABLE_VERSION).toBe(version);
  expect(tableLines()).toEqual(lines);
});

it('every zone that Node knows has the offset that another reader of the database finds, around all changes of 1970 to 2499', () => {
  const wrong: string[] = [];
  let asked = 0;
  for (const name of Intl.supportedValuesOf('timeZone')) {
    const zone = publishedZone(name, '');
    // A table that is older than Node may lack a new zone.
    if (zone === undefined && !isNewer(process.versions['tz'])) continue;
    for (const change of zone!.changes.filter((each) => each < TABLE_TO))
      for (const second of [change - 1, change]) {
        asked++;
        const found = publishedOffset(zone!, second, () => NaN);
        if (found !== reading(name, second * 1000) / 1000 - second) wrong.push(`${name} ${second} ${found}`);
      }
  }
  expect(asked).toBeGreaterThan(50_000);
  expect(wrong).toEqual([]);
});

it('rules go on behind the table as they are in it', () => {
  for (const name of [
    'Europe/Berlin',
    'Europe/Chisinau',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Vancouver',
  ])
    for (const [inTable, behind] of [
      ['2126-07-01T00:00Z', '2526-07-01T00:00Z'],
      ['2399-12-31T00:00Z', '9999-12-31T00:00Z'],
    ] as const) {
      const zone = publishedZone(name, '')!;
      const offset = publishedOffset(zone, instant(behind), () => NaN);
      expect(offset).toBe(publishedOffset(zone, instant(inTable), () => NaN));
      if (name !== 'Europe/Chisinau') continue;
      expect(offset).toBe(inTable.includes('-07-') ? 10_800 : 7200);
    }
});

it('are used where they are newer than Node’s', () => {
  expect(publishedZone('Europe/Berlin', TABLE_VERSION)).toBeUndefined();
  expect(publishedZone('Europe/Berlin', '2099a')).toBeUndefined();
  expect(publishedZone('europe/BERLIN', '2025c')).toEqual(publishedZone('Europe/Berlin', undefined));
  expect(publishedZone('Mars/Olympus', '2025c')).toBeUndefined();
  expect(TIME_ZONE_RULES >= (process.versions['tz'] ?? '')).toBe(true);
});
