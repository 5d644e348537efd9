// Times without an offset, against Intl and moment-timezone: what is found must be shown by a clock in the zone, and be the only such instant.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileField } from '../../../../src/core/dataset/fields/compile-field.ts';
import { checkTimeZone } from '../../../../src/core/dataset/fields/readers/time-zone.ts';
import type { Field, TableSchema } from '../../../../src/core/dataset/types.ts';
import { reading } from '../../../support/clocks.ts';
import { runs } from '../../../support/random.ts';

const compile = (field: Partial<Field>, schema: Partial<TableSchema> = {}) => {
  const whole: Field = { name: 'f', type: 'datetime', format: 'any', ...field };
  return compileField(whole, { fields: [whole], ...schema });
};
const read = (field: Partial<Field>, text: string) => compile(field).read(text);

/** What clocks in a zone show at an instant: `2024-03-31 03:00:00`. */
function clock(timeZone: string): (instant: number) => string {
  return (instant) => new Date(reading(timeZone, instant)).toISOString().slice(0, 19).replace('T', ' ');
}

/** All instants at which clocks in the zone show a time, asked at every quarter of an hour and second that could be one. */
function instantsOf(local: string, shows: (instant: number) => string): number[] {
  const asUtc = Date.parse(`${local.replace(' ', 'T')}Z`);
  const found = new Set<number>();
  for (let hours = -16; hours <= 16; hours++) {
    const probe = asUtc + hours * 3_600_000;
    // What the clock shows there gives the offset, and that the instant.
    const offset = Date.parse(`${shows(probe).replace(' ', 'T')}Z`) - probe;
    if (shows(asUtc - offset) === local) found.add(asUtc - offset);
  }
  return [...found].sort((a, b) => a - b);
}

const instantOf = (value: string): number => {
  const [, time, sign, hours, minutes, seconds = '0'] =
    /^(.*)([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(value) ?? [];
  const offset =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * (sign === '-' ? -1000 : 1000);
  return Date.parse(`${time}Z`) - offset;
};

describe('a time without an offset', () => {
  const ZONES =
    `Europe/Berlin Europe/London Europe/Moscow Europe/Dublin Africa/Casablanca Africa/Monrovia America/New_York
    America/Sao_Paulo America/St_Johns America/Caracas Asia/Tokyo Asia/Kolkata Asia/Tehran Asia/Manila Asia/Gaza Asia/Pyongyang
    Australia/Lord_Howe Pacific/Apia Pacific/Kwajalein Pacific/Chatham Antarctica/Troll Etc/GMT+9`.split(
      /\s+/,
    );

  it.each(ZONES)('is the one instant at which clocks in %s showed it', (timeZone) => {
    const shows = clock(timeZone);
    const strict = compile({ timeZone });
    const [earlier, later] = (['earlier', 'later'] as const).map((timeZoneOverlap) =>
      compile({ timeZone, timeZoneOverlap }),
    );
    const seconds = fc.integer({ min: Date.UTC(1850, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        const local = shows(second * 1000);
        const instants = instantsOf(local, shows);
        const values = [strict, earlier!, later!].map((reader) => reader.read(local));
        const landed = values.map((value) => (value ? instantOf(value) : undefined));
        const [first, last] = [instants[0], instants.at(-1)];
        expect(landed, local).toEqual([instants.length === 1 ? first : undefined, first, last]);
      }),
      { numRuns: runs(70) },
    );
  });

  it.each<[string, string, number]>([
    ['Europe/Berlin', '2024-03-31 01:59:59', 1],
    ['Europe/Berlin', '2024-03-31 02:00:00', 0],
    ['Europe/Berlin', '2024-03-31 02:59:59', 0],
    ['Europe/Berlin', '2024-03-31 03:00:00', 1],
    ['Europe/Berlin', '2024-10-27 01:59:59', 1],
    ['Europe/Berlin', '2024-10-27 02:00:00', 2],
    ['Europe/Berlin', '2024-10-27 02:59:59', 2],
    ['Europe/Berlin', '2024-10-27 03:00:00', 1],
    ['America/New_York', '2024-11-03 01:30:00', 2],
    ['Australia/Lord_Howe', '2024-04-07 01:45:00', 2],
    ['America/Sao_Paulo', '2018-11-04 00:30:00', 0],
    ['Pacific/Apia', '2011-12-30 12:00:00', 0],
    ['Pacific/Kwajalein', '1993-08-21 12:00:00', 0],
    ['Europe/Berlin', '1893-03-31 23:59:59', 1],
    ['Europe/Berlin', '1893-04-01 00:03:00', 0],
  ])('in %s at %s is %d instants', (timeZone, local, count) => {
    expect(instantsOf(local, clock(timeZone))).toHaveLength(count);
    const { read: strict, explain } = compile({ timeZone });
    expect(strict(local) === undefined).toBe(count !== 1);
    const why = [/no clock in .* showed: clocks were put forward/, /^$/, /showed twice, .*timeZoneOverlap/][
      count
    ]!;
    expect(explain(local)[0]?.message ?? '').toMatch(why);
    for (const timeZoneOverlap of ['earlier', 'later'] as const)
      expect(read({ timeZone, timeZoneOverlap }, local) === undefined).toBe(count === 0);
  });

  it('is read by every format', () => {
    const timeZone = 'America/New_York';
    expect(read({ timeZone, format: 'default' }, '2024-01-31T13:45:00.5')).toBe(
      '2024-01-31T13:45:00.5-05:00',
    );
    expect(read({ timeZone, format: '%d.%m.%Y %H:%M' }, '1.7.2024 9:05')).toBe('2024-07-01T09:05:00-04:00');
    expect(read({ timeZone, format: '%d.%m.%Y %H:%M' }, '10.3.2024 2:30')).toBeUndefined();
    expect(read({ timeZone, format: '%Y-%m-%d %H:%M%z' }, '2024-01-31 13:45+0900')).toBe(
      '2024-01-31T13:45:00+09:00',
    );
    expect(read({ timeZone: '+05:30' }, '2024-01-31 13:45')).toBe('2024-01-31T13:45:00+05:30');
    expect(read({ timeZone: 'UTC' }, '2024-01-31 13:45')).toBe('2024-01-31T13:45:00Z');
  });

  it('is UTC where nobody says a zone; the field’s counts before the schema’s', () => {
    expect(read({}, '2024-01-31 13:45')).toBe('2024-01-31T13:45:00Z');
    const schema = { timeZone: 'Asia/Tokyo' };
    expect(compile({}, schema).read('2024-01-31 13:45')).toBe('2024-01-31T13:45:00+09:00');
    expect(compile({ timeZone: 'UTC' }, schema).read('2024-01-31 13:45')).toBe('2024-01-31T13:45:00Z');
  });

  it('is held against limits as the instant it is', () => {
    const { read: within } = compile({
      timeZone: 'Asia/Tokyo',
      constraints: { minimum: '2024-01-01 00:00' },
    });
    expect(within('2023-12-31T15:00:00Z')).toBe('2023-12-31T15:00:00Z');
    expect(within('2023-12-31T14:59:59Z')).toBeUndefined();
  });
});

describe('an instant outside the years 0001 to 9999', () => {
  it.each<[Partial<Field>, string]>([
    [{ format: 'default' }, '9999-12-31T23:59:59-12:00'],
    [{ format: 'default' }, '0001-01-01T00:00:00+14:00'],
    [{ format: 'default' }, '0001-01-01T00:00:00+00:01'],
    [{}, '9999/12/31 23:59 -00:01'],
    [{}, '0001/1/1 0:59 +01'],
    [{ format: '%d.%m.%Y %H:%M%z' }, '31.12.9999 23:59-0100'],
    [{ timeZone: 'America/New_York' }, '9999-12-31 23:59'],
    [{ timeZone: 'Asia/Tokyo' }, '0001-01-01 00:00'],
    [{ timeZone: '-12:00' }, '9999-12-31 12:00'],
    [{ timeZone: 'Asia/Tokyo', format: 'default' }, '0001-01-01T00:00:00'],
    [{ timeZone: 'Europe/Berlin', format: '%Y-%m-%d %H:%M' }, '0001-01-01 00:30'],
  ])('is a row error: %j %s', (field, text) => {
    const { read: strict, explain } = compile(field);
    expect(strict(text)).toBeUndefined();
    expect(explain(text)[0]!.message).toContain('which in UTC is not in the years 0001 to 9999');
  });

  it.each<[Partial<Field>, string]>([
    [{}, '9999-12-31T23:59:59+00:01'],
    [{}, '9999-12-31T23:59:59.999999Z'],
    [{}, '0001-01-01T00:00:00-00:01'],
    [{}, '0001-01-01T14:00:00+14:00'],
    [{}, '9999-12-31T11:59:59-12:00'],
  ])('is not made of one within: %j %s', (field, text) => expect(read(field, text)).toBe(text));
});

describe('the name of a zone', () => {
  it.each([
    'Europe/Berlin',
    'UTC',
    'Etc/GMT+9',
    'Japan',
    '+09:00',
    '-03:30',
    '+14:00',
    'America/Argentina/Ushuaia',
  ])('%s is taken', (name) => expect(() => checkTimeZone(name)).not.toThrow());

  it.each([
    '',
    'EST',
    'CET',
    'IST',
    'EST5EDT',
    'Berlin',
    'Europe/Berln',
    '+9',
    '+0900',
    '+15:00',
    '+14:01',
    '09:00',
    ' UTC',
  ])('%j is not', (name) =>
    expect(() => checkTimeZone(name)).toThrow(/^must be an IANA time zone such as Europe\/Berlin, or UTC,/),
  );
});
