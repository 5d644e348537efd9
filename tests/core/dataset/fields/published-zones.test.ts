// The rules that come with Sluice, for a Node whose own are older.
import { describe, expect, it } from 'vitest';
import {
  isNewer,
  publishedOffset,
  publishedZone,
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

it('every zone that Node knows has the offset that another reader of the database finds, around all changes of 1970 to 2037', () => {
  const names = Intl.supportedValuesOf('timeZone');
  for (const name of names) {
    const zone = publishedZone(name, '');
    // A table that is older than Node may lack a new zone.
    if (zone === undefined && !isNewer(process.versions['tz'])) continue;
    const rules = rulesOf(name);
    for (const change of [instant('1970-01-02T00:00Z'), ...zone!.changes])
      for (const second of [change - 1, change])
        expect(`${name} ${second} ${rules.offsetAt(second)}`).toBe(
          `${name} ${second} ${reading(name, second * 1000) / 1000 - second}`,
        );
  }
});

describe('behind the last year of the table', () => {
  const december = instant('2045-12-01T00:00Z');

  it('every zone goes on as Node has it, or stays', () => {
    for (const name of Intl.supportedValuesOf('timeZone'))
      expect(() => rulesOf(name).offsetAt(december)).not.toThrow();
  });

  it('nobody knows of a zone that has newer rules and puts clocks forward and back', () => {
    const zone = {
      first: 0,
      changes: [instant('2037-04-01T00:00Z'), instant('2037-10-01T00:00Z')],
      offsets: [3600, 0],
    };
    expect(publishedOffset(zone, instant('2037-05-01T00:00Z'), () => 0)).toBe(3600);
    expect(() => publishedOffset(zone, december, () => 0)).toThrow('Run it with a newer Node');
  });
});

it('are used where they are newer than Node’s', () => {
  expect(publishedZone('Europe/Berlin', TABLE_VERSION)).toBeUndefined();
  expect(publishedZone('Europe/Berlin', '2099a')).toBeUndefined();
  expect(publishedZone('europe/BERLIN', '2025c')).toEqual(publishedZone('Europe/Berlin', undefined));
  expect(publishedZone('Mars/Olympus', '2025c')).toBeUndefined();
  expect(TIME_ZONE_RULES >= (process.versions['tz'] ?? '')).toBe(true);
});
