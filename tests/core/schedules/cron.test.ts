import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/core/schedules/cron.ts';
import type { AppError } from '../../../src/errors.ts';
import { ruleOf, runsOf } from './rule-of.ts';

const runs = (cron: string, after: string, count = 4) => runsOf(ruleOf({ cron }), after, count);
const days = (cron: string, after = '2026-01-01T12:00:00Z', count = 4) =>
  runs(cron, after, count).map((run) => run.slice(0, 10));

function failure(work: () => unknown): AppError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error as AppError;
  }
}

describe('fields', () => {
  it.each([
    ['*/20 * * * *', ['00:00', '00:20', '00:40', '01:00']],
    ['5,10-12 3 * * *', ['03:05', '03:10', '03:11', '03:12']],
    ['0-30/15 22 * * *', ['22:00', '22:15', '22:30', '22:00']],
    ['0 */6 * * *', ['00:00', '06:00', '12:00', '18:00']],
    ['  7   9 * * * ', ['09:07', '09:07', '09:07', '09:07']],
    ['@hourly', ['00:00', '01:00', '02:00', '03:00']],
    ['@Daily', ['00:00', '00:00', '00:00', '00:00']],
  ])('%s', (cron, times) => {
    expect(runs(cron, '2025-12-31T23:59:59Z').map((run) => run.slice(11, 16))).toEqual(times);
  });

  it('a first field of six is the second', () => {
    expect(runs('*/25 59 23 * * *', '2026-01-01T00:00:00Z')).toEqual([
      '2026-01-01T23:59Z',
      '2026-01-01T23:59:25.000Z',
      '2026-01-01T23:59:50.000Z',
      '2026-01-02T23:59Z',
    ]);
  });

  it('months and days of the week have names; 0 and 7 are Sunday', () => {
    expect(days('0 0 1 feb,JUL-Aug *')).toEqual(['2026-02-01', '2026-07-01', '2026-08-01', '2027-02-01']);
    // 2026-01-04 is a Sunday.
    for (const sunday of ['0', '7', 'SUN', 'sun'])
      expect(days(`0 0 * * ${sunday}`, undefined, 2)).toEqual(['2026-01-04', '2026-01-11']);
    expect(days('0 0 * * FRI-SUN')).toEqual(['2026-01-02', '2026-01-03', '2026-01-04', '2026-01-09']);
    expect(days('0 0 * * 5-7')).toEqual(days('0 0 * * FRI-SUN'));
    expect(days('0 0 * * SUN-TUE')).toEqual(['2026-01-04', '2026-01-05', '2026-01-06', '2026-01-11']);
    expect(days('0 0 * * */3')).toEqual(['2026-01-03', '2026-01-04', '2026-01-07', '2026-01-10']);
  });
});

describe('days of months', () => {
  it('a month without a 31st has no run', () => {
    expect(days('0 0 31 * *')).toEqual(['2026-01-31', '2026-03-31', '2026-05-31', '2026-07-31']);
  });

  it('29 February comes in leap years, and not in 2100', () => {
    expect(days('0 0 29 2 *', '2091-01-01T00:00:00Z', 3)).toEqual(['2092-02-29', '2096-02-29', '2104-02-29']);
  });

  it('L is the last day, and L-3 three days before it', () => {
    expect(days('0 0 L * *')).toEqual(['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']);
    expect(days('0 0 L 2 *', '2027-06-01T00:00:00Z', 1)).toEqual(['2028-02-29']);
    expect(days('0 0 L-3 * *', undefined, 2)).toEqual(['2026-01-28', '2026-02-25']);
    expect(days('0 0 L-30 * *', undefined, 3)).toEqual(['2026-03-01', '2026-05-01', '2026-07-01']);
    expect(days('0 0 15,L * *', undefined, 3)).toEqual(['2026-01-15', '2026-01-31', '2026-02-15']);
  });

  it('W is the nearest weekday of the same month', () => {
    // Sundays: 1 February, 1 March and 31 May; 1 August is a Saturday.
    expect(days('0 0 1W 2,8 *', undefined, 2)).toEqual(['2026-02-02', '2026-08-03']);
    expect(days('0 0 31W 5 *', undefined, 1)).toEqual(['2026-05-29']);
    expect(days('0 0 30W 2,6 *', undefined, 1)).toEqual(['2026-06-30']);
    expect(days('0 0 LW * *', undefined, 3)).toEqual(['2026-01-30', '2026-02-27', '2026-03-31']);
    expect(days('0 0 10W 1 *', undefined, 1)).toEqual(['2026-01-09']);
  });

  it('# counts days of the week, and L behind one is its last', () => {
    expect(days('0 0 * * 5#2')).toEqual(['2026-01-09', '2026-02-13', '2026-03-13', '2026-04-10']);
    expect(days('0 0 * * FRI#5', undefined, 3)).toEqual(['2026-01-30', '2026-05-29', '2026-07-31']);
    expect(days('0 0 * * 1L', undefined, 3)).toEqual(['2026-01-26', '2026-02-23', '2026-03-30']);
    expect(days('0 0 * * 7#1', undefined, 2)).toEqual(['2026-01-04', '2026-02-01']);
    expect(days('0 0 * * MON#1,friL', undefined, 4)).toEqual([
      '2026-01-05',
      '2026-01-30',
      '2026-02-02',
      '2026-02-27',
    ]);
  });

  it('a day of month and a day of week: either, as in cron', () => {
    expect(days('0 0 13 * FRI', '2026-01-08T12:00:00Z', 4)).toEqual([
      '2026-01-09',
      '2026-01-13',
      '2026-01-16',
      '2026-01-23',
    ]);
    expect(days('0 0 L * 0', '2026-01-26T00:00:00Z', 2)).toEqual(['2026-01-31', '2026-02-01']);
  });

  it('a field that begins with a star restricts the other, as in Vixie cron', () => {
    // Mondays that are odd days of their month.
    expect(days('0 0 */2 * MON')).toEqual(['2026-01-05', '2026-01-19', '2026-02-09', '2026-02-23']);
    // The 13th, if it is one of Sunday, Wednesday and Saturday.
    expect(days('0 0 13 * */3', undefined, 2)).toEqual(['2026-05-13', '2026-06-13']);
  });
});

describe('what is refused says why, and what to write', () => {
  it.each([
    ['', /it has 0 fields and needs 5/],
    ['0 3 * *', /it has 4 fields and needs 5/],
    ['0 0 0 1 1 * 2026', /it has 7 fields; a year cannot be given.*"endAt"/],
    ['1 2 3 4 5 6 7 8', /it has 8 fields/],
    ['H 3 * * *', /the minute "H" is a hashed value/],
    ['H/15 3 * * *', /the minute "H" is a hashed value/],
    ['H(0-29)/10 * * * *', /is a hashed value/],
    ['0 0 31 2 *', /no day ever matches/],
    ['0 0 31 4,6,9,11 *', /no day ever matches/],
    ['0 0 30W 2 *', /no day ever matches/],
    ['60 * * * *', /the minute must be 0 to 59, not "60"/],
    ['0 24 * * *', /the hour must be 0 to 23, not "24"/],
    ['0 0 0 * *', /the day of month must be 1 to 31, not "0"/],
    ['0 0 * 13 *', /the month must be 1 to 12, or JAN to DEC, not "13"/],
    ['0 0 * * 8', /the day of week must be 0 to 7, or SUN to SAT, not "8"/],
    ['0 0 * JANUARY *', /not "JANUARY"/],
    ['-5 * * * *', /the minute must be/],
    ['1.5 * * * *', /the minute must be/],
    ['1e1 * * * *', /the minute must be/],
    ['*/90 * * * *', /the minute "\*\/90" has a step that is longer.*"every"/],
    ['*/0 * * * *', /write a number of 1 or more/],
    ['*/ * * * *', /write a number of 1 or more/],
    ['5/15 * * * *', /write 5-59\/15, or only 5/],
    ['*/5/5 * * * *', /has two steps/],
    ['0 22-4 * * *', /runs backwards; write two ranges, as in 22-23,0-4/],
    ['0 0 * * SAT-MON', /runs backwards/],
    ['1,,2 * * * *', /has a comma with nothing/],
    ['1, * * * *', /has a comma with nothing/],
    ['1-2-3 * * * *', /is no range/],
    ['0 0 ? * MON', /the day of month "\?" is of Quartz/],
    ['0 0 * * L', /the day of week "L" is read as Saturday by some/],
    ['0 0 * * 5#6', /must have 1 to 5 behind the #/],
    ['0 0 * * 5#', /must have 1 to 5 behind the #/],
    ['0 0 L-31 * *', /write L-30 at most/],
    ['0 0 1-5W * *', /"1-5W" cannot be read/],
    ['0 0 32W * *', /the day of month must be 1 to 31/],
    ['L * * * *', /the minute must be/],
    ['@reboot', /"@reboot" is not known/],
    ['@every 5m', /use "every"/],
  ])('%j', (cron, says) => {
    expect(() => parseCron(cron)).toThrow(says);
  });

  it('all that is wrong is told at once, with pointers', () => {
    const parse = () =>
      ruleOf({
        cron: '0 3 * *',
        every: '1M',
        timeZone: 'Mars/Base',
        startAt: new Date(2),
        endAt: new Date(1),
      });
    const { code, errors } = failure(parse)!;
    expect(code).toBe('SCHEDULE_INVALID');
    expect(errors!.map((each) => each.pointer)).toEqual(['', '/timeZone', '/cron', '/every', '/endAt']);
    expect(() => ruleOf({})).toThrow(/one of cron, every and at, and this has none/);
    expect(() => ruleOf({ cron: '0 0 * * *', timeZone: 'EST' })).toThrow(/IANA time zone/);
  });
});

it('never takes what it is not sure of, and never throws but with a reason', () => {
  const part = fc.constantFrom(
    '*',
    '0',
    '5',
    '1-5',
    '*/2',
    '1-9/3',
    'L',
    '3W',
    '1#2',
    '5L',
    'MON',
    'JAN',
    'H',
    '99',
  );
  const field = fc.array(part, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(','));
  fc.assert(
    fc.property(fc.array(field, { minLength: 4, maxLength: 7 }), (fields) => {
      const rule = () => ruleOf({ cron: fields.join(' ') });
      const refused = failure(rule);
      if (refused !== undefined) return refused.code === 'SCHEDULE_INVALID';
      const [first, second] = runsOf(rule(), '2026-02-27T00:00:00Z', 2);
      return Date.parse(second!) > Date.parse(first!);
    }),
    { numRuns: 2000 },
  );
});
